//! Traces of a small trial: populations, derived columns, models, queries, and rows written out.

use std::collections::BTreeSet;

use trialbook::project::Content;
use trialbook::trace::{Found, Reads, by_name, by_text, rows_csv, text, traces_json};

use super::{content, id, read, steady, trace};
use crate::it::whole::trial::{Trial, report_with, rows};

pub const TABLES: &str =
    "[populations]\nadults = \"age > 25\"\n[derive]\nchange = \"post - pre\"\n";

pub const BODY: &str = r#"# Results {.results}

The mean age was {{ tbl-baseline.age.mean }}, the change {{ effects.change["arm[Active]"].estimate | est_ci }}
({{ effects.change["arm[Active]"].p.value | p }}), of {{ counts.n["sex=male"].value | int }} men and
{{ effects.change.nobs }} people.

```{table1 #tbl-baseline}
data = "trial@1.0.0"
caption = "Characteristics at baseline"
overall = true
[[row]]
variable = "age"
[[row]]
variable = "sex"
```

```{model #effects}
data = "trial@1.0.0"
population = "adults"
formula = "change ~ arm + pre"
vcov = "HC3"
```

```{query #counts}
data = "trial@1.0.0"
sql = "SELECT sex, COUNT(id) AS n FROM trial GROUP BY sex ORDER BY sex"
key = "sex"
```

```{outcomes #tbl-outcomes}
data = "trial@1.0.0"
caption = "Outcome"
[[visit]]
variable = "post"
```

```{forest #fig-forest}
caption = "Differences"
axis = "Difference"
[[section]]
from = "tbl-outcomes"
estimate = "difference"
```

```{listing #tbl-people}
data = "trial@1.0.0"
population = "adults"
caption = "People"
columns = ["age", "post"]
```
"#;

pub fn trial() -> Trial {
    Trial::new().with_report(&report_with(TABLES, BODY))
}

fn with_content(look: impl FnOnce(&Content)) {
    let trial = trial();
    let project = trial.open();
    let prepared = project.prepare("small");
    look(&content(&project, &prepared));
}

const EFFECT: &str = "effects/change/arm[Active]/estimate";

#[test]
fn the_text_names_population_derived_columns_and_model() {
    with_content(|content| {
        let trace = trace(content, EFFECT);
        insta::assert_snapshot!(steady(&text(&trace), &trace));
    });
}

#[test]
fn the_json_holds_the_same() {
    with_content(|content| {
        let trace = trace(content, EFFECT);
        let json = traces_json("small", std::slice::from_ref(&trace));
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read["schema"], "trialbook-trace/1");
        let one = &read["traces"][0];
        assert_eq!(one["value"].as_f64(), trace.statistic.value);
        assert_eq!(one["model"]["formula"], "change ~ arm + pre");
        assert_eq!(
            one["model"]["method"],
            "linear model, least squares, covariance HC3"
        );
        assert_eq!(
            one["steps"][0]["inputs"][0]["reads"]["condition"],
            "age > 25"
        );
        assert_eq!(
            one["steps"][0]["inputs"][0]["reads"]["derived"][0][1],
            "post - pre"
        );
        assert_eq!(one["shown"][0]["rule"]["form"], "estimate-ci");
        insta::assert_snapshot!(steady(&json, &trace));
    });
}

#[test]
fn who_is_outside_the_population_is_left_out() {
    with_content(|content| {
        let trace = trace(content, EFFECT);
        let data = read(&rows());
        let old = |n: &u64| {
            data[usize::try_from(*n).unwrap() - 1]["age"]
                .parse::<u32>()
                .unwrap()
                > 25
        };
        let (inside, outside): (Vec<u64>, Vec<u64>) = (1..=16).partition(old);
        assert_eq!(trace.rows[0].used.iter().collect::<Vec<_>>(), inside);
        let left_out = &trace.rows[0].left_out[0];
        assert_eq!(left_out.reason, "outside the population adults");
        assert_eq!(left_out.rows.iter().collect::<Vec<_>>(), outside);
    });
}

#[test]
fn a_directive_is_named_with_its_line() {
    with_content(|content| {
        let report = report_with(TABLES, BODY);
        let line = 1 + report
            .lines()
            .position(|l| l.contains("{model #effects}"))
            .unwrap();
        let trace = trace(content, EFFECT);
        assert_eq!(
            (trace.steps[0].file.as_str(), trace.steps[0].line),
            ("reports/small/report.md", line)
        );
        assert!(trace.steps[0].text.starts_with("```{model #effects}\n"));
    });
}

#[test]
fn a_query_says_that_its_sql_decides() {
    with_content(|content| {
        let trace = trace(content, r#"counts.n["sex=male"].value"#);
        assert!(trace.rows[0].queried);
        assert_eq!(trace.rows[0].used.0, [(1, 16)]);
        assert!(
            matches!(&trace.steps[0].inputs[0].reads, Reads::Query { sql } if sql.starts_with("SELECT"))
        );
        let text = text(&trace);
        assert!(
            text.contains("whose SQL says which of them count"),
            "{text}"
        );
        assert!(text.contains("GROUP BY sex"), "{text}");
    });
}

#[test]
fn a_line_of_a_listing_is_of_its_row() {
    with_content(|content| {
        let trace = trace(content, "tbl-people/age/row=7/value");
        assert_eq!(trace.rows[0].used.0, [(7, 7)]);
    });
}

#[test]
fn what_a_step_builds_on_is_named() {
    with_content(|content| {
        let material = content.material();
        let found = trialbook::document::shown(material.document);
        let in_figure = found
            .iter()
            .find(|(_, place)| place.to_string() == "fig-forest");
        let (id, _) = in_figure.unwrap();
        let trace = material.trace(id).unwrap();
        assert_eq!(trace.steps[0].label, "tbl-outcomes");
        let forest = content
            .record
            .steps
            .iter()
            .find(|s| s.step.label == "fig-forest");
        assert_eq!(forest.unwrap().step.upstream, ["tbl-outcomes"]);
    });
}

#[test]
fn missing_values_are_counted_over_all_rows_of_the_arm() {
    let csv = rows().replacen(",23,", ",,", 1);
    let trial = trial().with_data("trial", &csv);
    let project = trial.open();
    let prepared = project.prepare("small");
    let content = content(&project, &prepared);
    let of = |name: &str| trace(&content, name).rows[0].used.len();
    assert_eq!(of("tbl-baseline/age/arm=Control/N_miss"), 8);
    assert_eq!(of("tbl-baseline/age/arm=Control/mean"), 7);
    assert_eq!(of("tbl-baseline/age/N_miss"), 16);
    assert_eq!(of("tbl-baseline/age/mean"), 15);
    assert_eq!(of("tbl-baseline/arm=Active/N"), 8);
}

#[test]
fn rows_come_with_derived_columns_and_what_they_are_made_of() {
    let trial = trial();
    let project = trial.open();
    let prepared = project.prepare("small");
    let content = content(&project, &prepared);
    let csv = rows_csv(&trace(&content, EFFECT), prepared.library()).unwrap();
    let data = read(&rows());
    for (row, raw) in read(&csv).iter().zip(&data) {
        let number = |name: &str| raw[name].parse::<f64>().unwrap();
        let inside = number("age") > 25.0;
        assert_eq!(row["used"], if inside { "yes" } else { "no" });
        assert_eq!(row["age"], raw["age"]);
        assert_eq!(row["arm"], raw["arm"]);
        let change: f64 = row["change"].parse().unwrap();
        assert!((change - (number("post") - number("pre"))).abs() < 1e-12);
    }
}

#[test]
fn a_name_can_be_an_id_a_path_or_the_beginning_of_both() {
    with_content(|content| {
        let results = content.material().results;
        let one = Found::One(id(EFFECT));
        for name in [
            EFFECT,
            r#"effects.change["arm[Active]"].estimate"#,
            r#"{{ effects.change["arm[Active]"].estimate | est_ci }}"#,
            r#" effects["change"]['arm[Active]'].estimate "#,
        ] {
            assert_eq!(by_name(results, name).unwrap(), one, "{name}");
        }
        let p = by_name(results, r#"effects.change["arm[Active]"].p.value"#).unwrap();
        assert_eq!(p, Found::One(id("effects/change/arm[Active]/p.value")));
        for name in ["effects", "effects/change", "effects.change", "effects/"] {
            let Found::Several(ids) = by_name(results, name).unwrap() else {
                panic!("{name}");
            };
            let labels: BTreeSet<String> = ids.iter().map(|id| id.parts().remove(0)).collect();
            assert_eq!(labels.len(), 1, "{name}");
            assert!(ids.contains(&id(EFFECT)), "{name}");
        }
        // Whole parts only.
        assert!(by_name(results, "effe").is_err());
    });
}

#[test]
fn hostile_names_are_refused_quickly() {
    with_content(|content| {
        let material = content.material();
        let huge = "x".repeat(3_000_000);
        let huge_path = "a.".repeat(500_000);
        let brackets = "[".repeat(100_000);
        for name in [
            "",
            " ",
            ".",
            "/",
            "[",
            "]",
            "[\"",
            "a[\"b",
            "\\",
            "{{",
            "{{ }}",
            "|",
            ".*",
            "(?:)",
            "^$",
            "a b",
            "'; DROP TABLE",
            "\"",
            "\u{202e}",
            "\0",
            "%s",
            "é",
            huge.as_str(),
            huge_path.as_str(),
            brackets.as_str(),
        ] {
            let found = by_name(material.results, name);
            let said = found.unwrap_err();
            assert!(said.message.len() < 500, "{}", said.message.len());
            let _ = by_text(&material, name);
        }
        assert!(by_text(&material, "").is_err());
        assert!(by_text(&material, "\u{2009}").is_err());
        let said = by_text(&material, &huge).unwrap_err();
        assert!(said.message.len() < 500);
        assert!(by_text(&material, ".*").is_err());
        assert!(
            by_text(&material, "(").is_ok_and(|found| !found.is_empty())
                || by_text(&material, "(").is_err()
        );
    });
}

#[test]
fn levels_with_signs_of_ids_and_paths_are_found() {
    let csv = rows().replace("Active", "A/b~\"c'.d");
    let codebook = "[[fields]]\nname = \"arm\"\ntype = \"string\"\ncategories = [\"Control\", \"A/b~\\\"c'.d\"]\n";
    let body = "```{table1 #tbl-baseline}\ndata = \"trial@1.0.0\"\ncaption = \"B\"\n[[row]]\nvariable = \"age\"\n```\n";
    let csv = csv.replace("A/b~\"c'.d", "\"A/b~\"\"c'.d\"");
    let trial = Trial::new()
        .with_data("trial", &csv)
        .with_codebook(codebook)
        .with_report(&report_with("", body));
    let project = trial.open();
    let prepared = project.prepare("small");
    let content = content(&project, &prepared);
    let by_id = trace(&content, "tbl-baseline/age/arm=A~1b~0\"c'.d/mean");
    let by_path = trace(&content, r#"tbl-baseline.age["arm=A/b~\"c'.d"].mean"#);
    assert_eq!(by_id.id(), by_path.id());
    assert_eq!(by_id.rows[0].used.len(), 8);
}
