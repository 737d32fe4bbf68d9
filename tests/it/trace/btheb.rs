//! Traces of the report on Beat the Blues, against an independent reading of its data.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use trialbook::project::{Content, Project};
use trialbook::statistic::Statistic;
use trialbook::trace::{Trace, by_text, rows_csv, text, traces_json};

use super::{content, read, steady, trace};

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Project::open(Some(root), root).0.unwrap()
});

static CONTENT: LazyLock<Content> = LazyLock::new(|| {
    let prepared = PROJECT.prepare("beat-the-blues");
    content(&PROJECT, &prepared)
});

fn data() -> Vec<std::collections::BTreeMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/btheb/1.0.0/btheb.csv");
    read(&std::fs::read_to_string(path).unwrap())
}

const ADJUSTED: &str = r#"tbl-outcomes["bdi.2m"].adjusted["treatment=BtheB"].estimate"#;

fn used(trace: &Trace) -> BTreeSet<usize> {
    let rows = trace.rows.iter().flat_map(|r| r.used.iter());
    rows.map(|row| usize::try_from(row).unwrap()).collect()
}

/// The numbers of the rows that a test picks, from 1.
fn picked(keep: impl Fn(&std::collections::BTreeMap<String, String>) -> bool) -> BTreeSet<usize> {
    let data = data();
    (1..=data.len()).filter(|n| keep(&data[n - 1])).collect()
}

#[test]
fn a_trace_says_how_a_number_came_about() {
    let trace = trace(&CONTENT, ADJUSTED);
    insta::assert_snapshot!(steady(&text(&trace), &trace));
}

#[test]
fn as_json_it_holds_all_rows_and_components() {
    let trace = trace(
        &CONTENT,
        "fig-forest/bdi.2m/drug=Yes/treatment=BtheB/estimate",
    );
    let json = traces_json("beat-the-blues", std::slice::from_ref(&trace));
    insta::assert_snapshot!(steady(&json, &trace));
}

#[test]
fn a_model_is_of_the_rows_that_have_all_its_columns() {
    let trace = trace(&CONTENT, ADJUSTED);
    let complete = picked(|row| row["bdi.2m"] != "NA");
    assert_eq!(used(&trace), complete);
    assert_eq!(trace.rows[0].left_out[0].reason, "bdi.2m is missing");
    let model = trace.model.unwrap();
    assert_eq!(
        model.formula,
        "bdi.2m ~ treatment + bdi.pre + drug + length"
    );
}

#[test]
fn a_number_of_an_arm_is_of_the_rows_of_that_arm() {
    let mean = r#"tbl-outcomes["bdi.5m"]["treatment=BtheB"].mean"#;
    let trace = trace(&CONTENT, mean);
    let expected = picked(|row| row["treatment"] == "BtheB" && row["bdi.5m"] != "NA");
    assert_eq!(used(&trace), expected);
    let left_out: Vec<(&str, u64)> = trace.rows[0]
        .left_out
        .iter()
        .map(|l| (l.reason.as_str(), l.rows.len()))
        .collect();
    let others = picked(|row| row["treatment"] != "BtheB").len() as u64;
    let lost = picked(|row| row["treatment"] == "BtheB" && row["bdi.5m"] == "NA").len() as u64;
    assert_eq!(
        left_out,
        [
            ("treatment is not BtheB", others),
            ("bdi.5m is missing", lost)
        ]
    );
}

#[test]
fn every_row_of_the_data_is_used_or_left_out_once() {
    let material = CONTENT.material();
    for statistic in material.results {
        let trace = material.trace(&statistic.id()).unwrap();
        assert!(!trace.rows.is_empty(), "{} has no rows", trace.id());
        for rows in &trace.rows {
            let left_out = rows.left_out.iter().flat_map(|l| l.rows.iter());
            let mut all: Vec<u64> = rows.used.iter().chain(left_out).collect();
            all.sort_unstable();
            assert_eq!(all, (1..=100).collect::<Vec<u64>>(), "{}", trace.id());
        }
    }
}

/// Whether a statistic is the count of the rows that it comes from.
fn counts_its_rows(statistic: &Statistic) -> bool {
    let stat = statistic.key.stat.as_str();
    let label = statistic.key.label.as_str();
    stat == "nobs" || stat == "n" && matches!(label, "fig-flow" | "fig-course" | "fig-forest")
}

#[test]
fn means_and_counts_come_out_of_the_rows_that_are_named() {
    let data = data();
    let mut checked = (0, 0);
    for statistic in &CONTENT.results {
        let trace = CONTENT.material().trace(&statistic.id()).unwrap();
        let rows = used(&trace);
        if statistic.key.stat == "mean" {
            let variable = statistic.key.variable.as_deref().unwrap();
            let values = rows
                .iter()
                .map(|n| data[n - 1][variable].parse::<f64>().unwrap());
            let mean = values.sum::<f64>() / rows.len() as f64;
            let value = statistic.value.unwrap();
            assert!((mean - value).abs() < 1e-9, "{}: {mean}", statistic.id());
            checked.0 += 1;
        } else if counts_its_rows(statistic) {
            assert_eq!(
                Some(rows.len() as f64),
                statistic.value,
                "{}",
                statistic.id()
            );
            checked.1 += 1;
        }
    }
    assert!(checked.0 >= 20 && checked.1 >= 20, "{checked:?}");
}

#[test]
fn rows_are_written_with_their_values_as_the_file_has_them() {
    let prepared = PROJECT.prepare("beat-the-blues");
    let trace = trace(&CONTENT, ADJUSTED);
    let csv = rows_csv(&trace, prepared.library()).unwrap();
    let rows = read(&csv);
    let data = data();
    assert_eq!(rows.len(), data.len());
    for (number, (row, raw)) in rows.iter().zip(&data).enumerate() {
        assert_eq!(row["row"], (number + 1).to_string());
        assert_eq!(row["dataset"], "btheb@1.0.0");
        let missing = raw["bdi.2m"] == "NA";
        assert_eq!(row["used"], if missing { "no" } else { "yes" });
        assert_eq!(
            row["reason"],
            if missing { "bdi.2m is missing" } else { "" }
        );
        for column in ["treatment", "bdi.2m", "bdi.pre", "drug", "length", "bdi.8m"] {
            let value = if raw[column] == "NA" {
                ""
            } else {
                &raw[column]
            };
            assert_eq!(row[column], value, "row {}", number + 1);
        }
    }
}

#[test]
fn text_as_printed_leads_to_the_numbers_that_are_printed_so() {
    let material = CONTENT.material();
    let ids = |text: &str| -> Vec<String> {
        let found = by_text(&material, text).unwrap_or_default();
        found.iter().map(ToString::to_string).collect()
    };
    let estimate = "tbl-outcomes/bdi.2m/adjusted/treatment=BtheB/estimate";
    // A hyphen for the minus sign, and blanks of any kind.
    for text in [
        "-3.0 (95% CI, -6.6 to 0.6)",
        "−3.0 (95% CI, −6.6 to 0.6)",
        "\u{2013}3.0 (95%\u{a0}CI, −6.6\u{2009}to 0.6)",
    ] {
        assert_eq!(ids(text), [estimate], "{text}");
    }
    // A part of it is the limit, not the estimate.
    let low = "tbl-outcomes/bdi.2m/adjusted/treatment=BtheB/conf.low";
    assert!(ids("-6.6").contains(&low.to_owned()), "{:?}", ids("-6.6"));
    assert!(!ids("-6.6").contains(&estimate.to_owned()));
    // What is within a longer number is not that number.
    assert!(ids("6.6").iter().all(|id| id != low));
    assert!(ids(".6").is_empty());
}

#[test]
fn what_is_printed_alike_is_found_together() {
    let material = CONTENT.material();
    let found = by_text(&material, "52").unwrap();
    let labels: BTreeSet<String> = found.iter().map(|id| id.parts().remove(0)).collect();
    assert!(
        labels.contains("fig-flow") && labels.contains("tbl-baseline"),
        "{found:?}"
    );
}

#[test]
fn every_text_that_is_printed_leads_back_to_its_number() {
    let material = CONTENT.material();
    for showing in trialbook::document::showings(material.document) {
        let Some(printing) = &showing.printing else {
            continue;
        };
        let found = by_text(&material, &printing.text).unwrap();
        assert!(found.contains(&showing.stats[0]), "{}", printing.text);
    }
}

#[test]
fn an_adjusted_p_value_comes_from_the_rows_of_all_its_family() {
    let p = r#"tbl-outcomes["bdi.8m"].adjusted["treatment=BtheB"].p.adjusted"#;
    let family = picked(|row| {
        ["bdi.2m", "bdi.3m", "bdi.5m", "bdi.8m"]
            .iter()
            .any(|v| row[*v] != "NA")
    });
    assert_eq!(used(&trace(&CONTENT, p)), family);
    let own = r#"tbl-outcomes["bdi.8m"].adjusted["treatment=BtheB"].p.value"#;
    assert_eq!(
        used(&trace(&CONTENT, own)),
        picked(|row| row["bdi.8m"] != "NA")
    );
}
