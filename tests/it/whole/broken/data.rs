//! Data that no analysis can be made of.

use super::*;

const OUTCOMES: &str = "```{outcomes #tbl-outcomes}\ndata = \"trial@1.0.0\"\ncaption = \"Outcome\"\n\
[[visit]]\nvariable = \"post\"\n```\n";

/// The small trial with only the rows of which this is true.
fn only(keep: impl Fn(&str) -> bool) -> String {
    let rows = rows();
    let (head, body) = rows.split_once('\n').unwrap();
    let kept = body.lines().filter(|l| keep(l)).map(|l| format!("{l}\n"));
    format!("{head}\n{}", kept.collect::<String>())
}

#[test]
fn data_that_cannot_be_read_or_break_their_codebook_are_errors() {
    let said = Cases::new()
        .rows(
            "not a number",
            "1,Control,female,19,",
            "1,Control,female,NaN,",
        )
        .rows(
            "infinite",
            "1,Control,female,19,27.5,",
            "1,Control,female,19,Inf,",
        )
        .rows(
            "too large for a number",
            "1,Control,female,19,27.5,",
            "1,Control,female,19,1e999,",
        )
        .rows("an unknown category", "1,Control,", "1,Contrl,")
        .rows(
            "a cell too few",
            "1,Control,female,19,",
            "1,Control,female,",
        )
        .rows("a column twice", "id,arm,sex", "id,arm,arm")
        .rows("a column that is gone", "sex,age", "sex,years")
        .rows("an unclosed quotation mark", "1,Control,", "1,\"Control,")
        .project("no bytes", Trial::new().with_data("trial", ""))
        .project(
            "a head and no rows",
            Trial::new().with_data("trial", "id,arm,sex,age,pre,post\n"),
        )
        .project(
            "no CSV at all",
            Trial::new().with_data("trial", "\u{0}\u{1}\u{2}"),
        )
        .project(
            "a codebook that is no TOML",
            Trial::new().with_codebook("[[fields]\nname"),
        )
        .project(
            "a codebook of wrong types",
            Trial::new().with_codebook("[[fields]]\nname = 3\ntype = \"colour\"\n"),
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn arms_that_cannot_be_compared_are_said_and_never_give_a_false_number() {
    let one = only(|l| l.contains("Control") || l.starts_with("2,"));
    let none = only(|l| l.contains("Control"));
    for (what, csv) in [
        ("one participant in an arm", one),
        ("nobody in an arm", none),
    ] {
        let trial = Trial::new()
            .with_data("trial", &csv)
            .with_report(&report(&format!("{BASELINE}\n{OUTCOMES}")));
        let outcomes = trial.outcomes();
        let mut statistics = outcomes.values().flat_map(|o| &o.statistics);
        assert!(statistics.any(|s| s.value.is_none()), "{what}");
        for outcome in outcomes.values() {
            for statistic in &outcome.statistics {
                let value = statistic.value;
                assert!(value.is_none_or(f64::is_finite), "{what}: {statistic:?}");
                assert!(
                    value.is_some() || !statistic.warnings.is_empty(),
                    "{what}: {statistic:?}"
                );
            }
            let difference = outcome.statistics.iter().find(|s| s.key.stat == "p.value");
            assert!(
                difference.is_none_or(|d| d.value.is_none()),
                "{what}: {difference:?}"
            );
        }
    }
}

#[test]
fn populations_and_columns_without_values_are_said() {
    let nobody = "[populations]\nnobody = \"age > 200\"\n";
    let of_nobody = BASELINE.replace("caption", "population = \"nobody\"\ncaption");
    let of_nobody_outcomes = OUTCOMES.replace("caption", "population = \"nobody\"\ncaption");
    let mut empty = String::from("id,arm,sex,age,pre,post\n");
    for line in rows().lines().skip(1) {
        writeln!(empty, "{},", line.rsplit_once(',').unwrap().0).unwrap();
    }
    let all_missing = |body: &str| {
        Trial::new()
            .with_data("trial", &empty)
            .with_report(&report(body))
    };
    let listing = directive("listing", "columns = [\"age\"]\npopulation = \"nobody\"");
    let said = Cases::new()
        .front("an empty population in table1", nobody, &of_nobody)
        .front(
            "an empty population in outcomes",
            nobody,
            &of_nobody_outcomes,
        )
        .front("an empty population in a listing", nobody, &listing)
        .project(
            "an outcome of which all is missing, in a trajectory",
            all_missing(&directive(
                "trajectory",
                "x = \"Visit\"\ny = \"Score\"\n[[visit]]\nvariable = \"post\"\nat = 1",
            )),
        )
        .project(
            "an outcome of which all is missing, in a model",
            all_missing(&directive("model", "formula = \"post ~ arm + age\"")),
        )
        .errors();
    insta::assert_snapshot!(said);
}
