//! Broken reports: front matter, prose, labels, values.

use super::*;

fn with_prose(prose: &str) -> String {
    format!("{prose}\n\n{BASELINE}")
}

#[test]
fn every_mistake_of_front_matter_has_its_place() {
    let said = Cases::new()
        .text("nothing", "")
        .text("no front matter", BASELINE)
        .text("front matter without an end", "+++\ntitle = \"T\"\n")
        .text("neither title nor date", format!("+++\n+++\n{BASELINE}"))
        .text(
            "a day that does not exist",
            report(BASELINE).replace("2026-01-31", "2026-02-30"),
        )
        .text(
            "a date that is text",
            report(BASELINE).replace("2026-01-31", "\"today\""),
        )
        .text(
            "no text",
            b"+++\ntitle = \"T\xff\"\ndate = 2026-01-31\n+++\n",
        )
        .text(
            "an unknown key",
            report(BASELINE).replace("[arms]", "sytle = \"jama\"\n[arms]"),
        )
        .text(
            "an unknown style",
            report(BASELINE).replace("[arms]", "style = \"lancett\"\n[arms]"),
        )
        .text(
            "a style that leads elsewhere",
            report(BASELINE).replace("[arms]", "style = \"../../etc\"\n[arms]"),
        )
        .text(
            "a negative seed",
            report(BASELINE).replace("[arms]", "seed = -1\n[arms]"),
        )
        .text(
            "an unknown column of arms",
            report(BASELINE).replace("\"arm\"", "\"amr\""),
        )
        .text(
            "an unknown reference",
            report(BASELINE).replace("\"Control\"", "\"control\""),
        )
        .front(
            "an unknown level in labels",
            "labels = { Actve = \"New\" }\n",
            BASELINE,
        )
        .front(
            "derived columns in a circle",
            "[derive]\na = \"b + 1\"\nb = \"a + 1\"\n",
            &BASELINE.replace("\"age\"", "\"a\""),
        )
        .front(
            "a derived column of itself",
            "[derive]\na = \"a + 1\"\n",
            &BASELINE.replace("\"age\"", "\"a\""),
        )
        .front(
            "a derived column of an unknown one",
            "[derive]\na = \"aeg + 1\"\n",
            &BASELINE.replace("\"age\"", "\"a\""),
        )
        .front(
            "a derived column with the name of another",
            "[derive]\nage = \"age + 1\"\n",
            BASELINE,
        )
        .front(
            "a derived column that is no SQL",
            "[derive]\na = \"age +\"\n",
            &BASELINE.replace("\"age\"", "\"a\""),
        )
        .front(
            "a condition that is no truth value",
            "[populations]\nall = \"age + 1\"\n",
            &BASELINE.replace("caption", "population = \"all\"\ncaption"),
        )
        .front(
            "a condition with a second statement",
            "[populations]\nall = \"age > 1; drop table self\"\n",
            &BASELINE.replace("caption", "population = \"all\"\ncaption"),
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn every_mistake_of_prose_has_its_place() {
    let said = Cases::new()
        .body("an unclosed fence", BASELINE.trim_end_matches("```\n"))
        .body(
            "an unclosed value",
            &with_prose("It was {{ tbl-baseline.age.mean and so on."),
        )
        .body("an empty value", &with_prose("It was {{ }}."))
        .body(
            "an unknown label in a value",
            &with_prose("It was {{ tbl-basline.age.mean }}."),
        )
        .body(
            "an unknown statistic",
            &with_prose("It was {{ tbl-baseline.age.maen }}."),
        )
        .body(
            "an unknown level",
            &with_prose("It was {{ tbl-baseline.age[\"arm=Actve\"].mean }}."),
        )
        .body(
            "an unknown filter",
            &with_prose("It was {{ tbl-baseline.age.mean | mean_sdd }}."),
        )
        .body(
            "a filter that does not fit",
            &with_prose("It was {{ tbl-baseline.age.mean | est_ci }}."),
        )
        .body(
            "digits out of bounds",
            &with_prose("It was {{ tbl-baseline.age.mean | mean_sd(digits=99) }}."),
        )
        .body("a reference to nothing", &with_prose("See @tbl-nothing."))
        .body(
            "a citation without a bibliography",
            &with_prose("As known [@nobody]."),
        )
        .body(
            "HTML",
            &with_prose("It was <b>so</b>. <script>alert(1)</script>"),
        )
        .body("an image", &with_prose("![x](https://example.org/x.png)"))
        .body(
            "a link to a file",
            &with_prose("[x](file:///etc/passwd) [y](javascript:alert(1))"),
        )
        .body(
            "a footnote that is not there",
            &with_prose("It was so.[^1]"),
        )
        .body(
            "a formula that is none",
            &with_prose("$\\frac{1$ and $\\nosuch{x}$"),
        )
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn a_citation_of_an_unknown_key_is_an_error() {
    let trial = Trial::new().with_report(&report(&with_prose("As known [@nobdy].")));
    trial.write(
        "reports/small/references.bib",
        b"@article{nobody, title = {T}, author = {A, B}, date = {2024}, journaltitle = {J}}",
    );
    let spoiled = Trial::new().with_report(&report(&with_prose("As known [@nobody].")));
    spoiled.write(
        "reports/small/references.bib",
        b"@article{nobody, title = {T",
    );
    let said = Cases::new()
        .project("an unknown key", trial)
        .project("a bibliography that is none", spoiled)
        .errors();
    insta::assert_snapshot!(said);
}

#[test]
fn what_is_remarkable_is_a_warning() {
    let said = Cases::new()
        .front(
            "an unused population",
            "[populations]\nadults = \"age >= 18\"\n",
            BASELINE,
        )
        .front(
            "an unused derived column",
            "[derive]\ngain = \"pre - post\"\n",
            BASELINE,
        )
        .body(
            "no caption",
            &BASELINE.replace("caption = \"Characteristics at baseline\"\n", ""),
        )
        .body(
            "a number typed by hand into results",
            &format!("# Results {{.results}}\n\nThe mean was 17.3 years.\n\n{BASELINE}"),
        )
        .warnings();
    insta::assert_snapshot!(said);
}

#[test]
fn several_mistakes_are_said_at_once_in_the_order_of_their_places() {
    let body = "See @tbl-nothing.\n\n```{tabel1 #tbl-one}\ncaption = \"One\"\n```\n\n\
        ```{table1 #tbl-two}\ndata = \"trail@1.0.0\"\ncaption = \"Two\"\n[[row]]\nvariable = \"age\"\n```\n\n\
        ```{table1 #tbl-three}\ndata = \"trial@1.0.0\"\ncaption = \"Three\"\nsdm = true\n[[row]]\nvariable = \"agee\"\n\
        [[row]]\nvariable = \"sexx\"\n```\n\nIt was {{ tbl-four.age.mean }} and {{ tbl-three.age | nofilter }}.\n";
    let trial =
        Trial::new().with_report(&report(body).replace("[arms]", "sytle = \"jama\"\n[arms]"));
    trial.edit(
        "data-manifest.toml",
        "name = \"Small\"",
        "name = \"Small\"\ncolour = 1",
    );
    let said = Cases::new().project("nine mistakes", trial).errors();
    insta::assert_snapshot!(said);
}
