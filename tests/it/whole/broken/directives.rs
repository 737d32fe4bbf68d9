//! Broken directives.

use super::*;

#[test]
fn every_mistake_of_a_directive_has_its_place() {
    let again = format!("{BASELINE}\n{BASELINE}");
    let said = Cases::new()
        .body(
            "an unknown directive",
            &BASELINE.replace("{table1", "{tabel1"),
        )
        .body("no label", &BASELINE.replace(" #tbl-baseline", ""))
        .body(
            "a label with another prefix",
            &BASELINE.replace("tbl-baseline", "fig-baseline"),
        )
        .body(
            "a label that is none",
            &BASELINE.replace("tbl-baseline", "tbl baseline/é"),
        )
        .body("a label used twice", &again)
        .body("no data", &BASELINE.replace("data = \"trial@1.0.0\"\n", ""))
        .body("no TOML", &BASELINE.replace("caption =", "caption"))
        .body(
            "a key twice",
            &BASELINE.replace("caption", "data = \"trial@1.0.0\"\ncaption"),
        )
        .body("an unknown dataset", &BASELINE.replace("trial@", "tiral@"))
        .body(
            "a dataset without a version",
            &BASELINE.replace("@1.0.0", ""),
        )
        .body("an unknown version", &BASELINE.replace("@1.0.0", "@1.0.1"))
        .body(
            "an unknown population",
            &BASELINE.replace("caption", "population = \"all\"\ncaption"),
        )
        .directive(
            "an unknown key",
            "table1",
            "sdm = true\n[[row]]\nvariable = \"age\"",
        )
        .directive("an unknown column", "table1", "[[row]]\nvariable = \"aeg\"")
        .directive(
            "an unknown level",
            "table1",
            "[[row]]\nvariable = \"sex\"\nlevel = \"Male\"",
        )
        .directive(
            "an unknown summary",
            "table1",
            "[[row]]\nvariable = \"age\"\nsummary = \"mean (se)\"",
        )
        .directive(
            "a wrong type",
            "table1",
            "smd = \"yes\"\n[[row]]\nvariable = [\"age\"]",
        )
        .directive(
            "P values at baseline",
            "table1",
            "p = true\n[[row]]\nvariable = \"age\"",
        )
        .directive("no rows", "table1", "")
        .directive(
            "a variable twice",
            "table1",
            "[[row]]\nvariable = \"age\"\n[[row]]\nvariable = \"age\"",
        )
        .directive("a table for a text", "table1", "row = \"age\"")
        .directive(
            "a listing too long",
            "listing",
            "columns = [\"age\"]\nlimit = 3",
        )
        .directive("a listing of nothing", "listing", "columns = []")
        .directive(
            "a formula that is none",
            "model",
            "formula = \"post ~ arm * (age\"",
        )
        .directive(
            "a formula of unknown columns",
            "model",
            "formula = \"post ~ arn + age\"",
        )
        .directive(
            "a formula with one variable on both sides",
            "model",
            "formula = \"post ~ post + age\"",
        )
        .directive(
            "categories of numbers",
            "frequencies",
            "variables = [\"age\"]",
        )
        .directive(
            "a comparison of one visit twice",
            "outcomes",
            "[[visit]]\nvariable = \"post\"\n[[visit]]\nvariable = \"post\"",
        )
        .directive(
            "an unknown comparison",
            "outcomes",
            "by = \"age\"\n[[visit]]\nvariable = \"post\"",
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn queries_that_could_do_more_than_ask_are_refused() {
    let query = |sql: &str| directive("query", &format!("sql = {sql:?}"));
    let said = Cases::new()
        .body(
            "two statements",
            &query("SELECT age FROM trial; SELECT pre FROM trial"),
        )
        .body("a file", &query("SELECT * FROM read_csv('/etc/passwd')"))
        .body("another table", &query("SELECT * FROM passwords"))
        .body("no query", &query("DROP TABLE trial"))
        .body("an unknown column", &query("SELECT aeg FROM trial"))
        .body("no SQL", &query("SELEC age"))
        .body("nothing", &query(""))
        .body("no rows", &query("SELECT age FROM trial WHERE age > 1000"))
        .body("a draw", &query("SELECT random() AS r FROM trial"))
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn what_builds_on_others_must_have_them() {
    let forest = |label: &str, from: &str| {
        format!(
            "```{{forest #{label}}}\ncaption = \"F\"\naxis = \"A\"\neffect = \"E\"\n[[section]]\nfrom = \"{from}\"\n\
             estimate = \"adjusted\"\n```\n\n"
        )
    };
    let outcomes = directive("outcomes", "[[visit]]\nvariable = \"post\"");
    let said = Cases::new()
        .body(
            "a label that is not there",
            &format!("{outcomes}{}", forest("fig-a", "tbl-itt")),
        )
        .body(
            "a directive that gives no effects",
            &format!("{BASELINE}{}", forest("fig-a", "tbl-baseline")),
        )
        .body("itself", &forest("fig-a", "fig-a"))
        .body(
            "a circle",
            &format!("{}{}", forest("fig-a", "fig-b"), forest("fig-b", "fig-a")),
        )
        .body(
            "an estimate that is not there",
            &format!("{outcomes}{}", forest("fig-a", "tbl-it")),
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn quoted_counts_must_add_up() {
    let flow = |assessed: u32, excluded: u32| {
        let keys = format!(
            "[enrollment]\nassessed = {assessed}\nsource = \"kiser\"\n[[enrollment.excluded]]\nreason = \"Declined\"\n\
             n = {excluded}\n[[visit]]\ncolumn = \"post\"\nlabel = \"Assessed\""
        );
        let trial = Trial::new().with_report(&report(&directive("consort", &keys)));
        trial.write(
            "reports/small/references.bib",
            b"@article{kiser, title = {T}, author = {A, B}, date = {2024}, journaltitle = {J}}",
        );
        trial
    };
    let said = Cases::new()
        .project("more than there are", flow(20, 3))
        .project("fewer than there are", flow(10, 3))
        .errors();
    insta::assert_snapshot!(said);
}
