//! What authors and data get wrong, and how it is told.

use super::super::support::directive::{
    Memory, category, check_sound, frame, ids, number, text, value,
};
use proptest::prelude::*;
use trialbook::analysis::{Finding, Outcome};
use trialbook::artefact::{Artefact, RowKind};
use trialbook::diagnostic::Severity;
use trialbook::reader::KeyStep;

const VISITS: [&str; 3] = ["2", "4", "12"];

/// Fourteen people at three visits.
fn small() -> Memory {
    let n = 42;
    let people: Vec<String> = (0..n).map(|i| format!("person {}", i / 3)).collect();
    let subjects: Vec<Option<&str>> = people.iter().map(|p| Some(p.as_str())).collect();
    let arms: Vec<Option<&str>> = (0..n).map(|i| Some(["0", "1"][i / 3 % 2])).collect();
    let changing: Vec<Option<&str>> = (0..n).map(|i| Some(["a", "b"][i % 2])).collect();
    let visits: Vec<Option<&str>> = (0..n).map(|i| Some(VISITS[i % 3])).collect();
    let noise = |i: usize, k: usize| ((i * k * 37 + i * i * 11) % 29) as f64 / 7.0;
    let y: Vec<f64> = (0..n).map(|i| (i / 3) as f64 + noise(i, 3)).collect();
    let y_where = |known: &dyn Fn(usize) -> bool| -> Vec<Option<f64>> {
        (0..n).map(|i| known(i).then(|| y[i])).collect()
    };
    let weeks: Vec<Option<f64>> = (0..n).map(|i| Some([2.0, 4.0, 12.0][i % 3])).collect();
    let tied: Vec<Option<f64>> = (0..n)
        .map(|i| Some(y[i / 3 * 3] * [1.0, 2.0, 3.0][i % 3]))
        .collect();
    let mut arm = category("arm", &["0", "1"], &arms);
    arm.field.levels[0].label = "Usual".to_owned();
    arm.field.levels[1].label = "Active".to_owned();
    Memory::new(frame(
        "t@1",
        vec![
            text("id", &subjects),
            arm,
            category("visit", &VISITS, &visits),
            category("changing", &["a", "b"], &changing),
            category("one", &["a", "b"], &vec![Some("a"); n]),
            number("week", &weeks),
            number("y", &y_where(&|_| true)),
            number("later", &y_where(&|i| i % 3 > 0)),
            number("once", &y_where(&|i| i % 3 == 0)),
            number(
                "never",
                &y_where(&|i| i % 3 == 1 || (i % 3 == 0) == (i / 3 % 4 < 2)),
            ),
            number("some", &y_where(&|i| i != 4 && i != 20)),
            number("tied", &tied),
            number("same", &vec![Some(4.0); n]),
            number("nothing", &vec![None; n]),
        ],
    ))
}

const KEYS: &str = "data = \"t@1\"\nsubject = \"id\"\nvisit = \"visit\"\n";
const RIGHT: &str = "formula = \"arm * visit\"\n";

fn run(data: &Memory, more: &str) -> Outcome {
    let outcome = data.run("mmrm", "tbl-m", &format!("{KEYS}{more}")).unwrap();
    check_sound(&outcome);
    outcome
}

#[test]
fn many_outcomes_are_rows_and_visits_keep_their_names() {
    let data = small().with_arms("arm", &[("1", "Active"), ("0", "Usual")]);
    let body = format!(
        "{RIGHT}covariance = \"ar1h\"\ncovariance_by = \"arm\"\n[[group]]\nlabel = \"First\"\noutcomes = [\"y\"]\n\
         [[group]]\nlabel = \"Second\"\noutcomes = [\"some\"]\n"
    );
    let outcome = run(&data, &body);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    for id in [
        "tbl-m/y/arm[0]:visit[12]/estimate",
        "tbl-m/some/arm=1/sd__12",
        "tbl-m/some/arm=0/cor__2.12",
    ] {
        assert!(value(&outcome, id).is_some(), "{id}");
    }
    assert_eq!(value(&outcome, "tbl-m/y/nobs"), Some(42.0));
    assert_eq!(value(&outcome, "tbl-m/some/nobs"), Some(40.0));
    assert_eq!(value(&outcome, "tbl-m/some/ngroups"), Some(14.0));
    assert_eq!(outcome.rows[1].left_out[0].reason, "some is missing");
    assert_eq!(outcome.models[0].formula, "y ~ arm * visit");
    assert!(
        outcome.models[0]
            .method
            .contains("heterogeneous autoregressive")
    );
    let Some(Artefact::Table(table)) = &outcome.artefact else {
        panic!("no table");
    };
    assert_eq!(table.spanners.len(), 5);
    assert_eq!(table.spanners[0].label.text, "Usual");
    let kinds: Vec<RowKind> = table.rows.iter().map(|r| r.kind).collect();
    let (section, item) = (RowKind::Section, RowKind::Item);
    assert_eq!(kinds, [section, item, section, item]);
}

/// The reference of the visits stands first in the formula; the order of time is another matter.
#[test]
fn a_reference_does_not_change_the_order_of_visits() {
    let plain = run(
        &small(),
        "formula = \"y ~ arm * visit\"\ncovariance = \"ar1\"\n",
    );
    let other = run(
        &small(),
        "formula = \"y ~ arm * visit\"\ncovariance = \"ar1\"\nreference = { visit = \"4\" }\n",
    );
    for stat in ["criterion", "cor__2.4", "cor__2.12", "sd__12"] {
        let id = format!("tbl-m/y/{stat}");
        let (a, b) = (value(&plain, &id).unwrap(), value(&other, &id).unwrap());
        assert!((a - b).abs() < 1e-6, "{stat}: {a} {b}");
    }
    assert!(value(&other, "tbl-m/y/visit[2]/estimate").is_some());
}

#[test]
fn mistakes_are_named_with_their_places() {
    let data = small();
    let y = "outcomes = \"y\"\n";
    let complaints = |more: &str| data.complaints("mmrm", "m", &format!("{KEYS}{more}"));
    for (more, complaint) in [
        (
            "formula = \"y ~ arm + (1 | id)\"\n",
            "random-effects: 1 | id",
        ),
        ("formula = \"y ~ amr\"\n", "unknown-column: amr"),
        (
            "formula = \"y ~ arm\"\ncovariance = \"usn\"\n",
            "unknown-choice: \"usn\"",
        ),
        (
            "formula = \"y ~ arm\"\ncovariance = \"sp_exp\"\n",
            "wrong-kind: \"visit\"",
        ),
        (
            "formula = \"y ~ arm\"\ncovariance_by = \"visit\"\n",
            "same-column: \"visit\"",
        ),
        (
            "formula = \"y ~ arm\"\ncovariance_by = \"week\"\n",
            "wrong-kind: \"week\"",
        ),
        (
            "formula = \"y ~ arm\"\nweights = \"arm\"\n",
            "wrong-kind: \"arm\"",
        ),
        (
            "formula = \"y ~ arm\"\nestimation = \"ML\"\ndf = \"kenward-roger\"\n",
            "needs-reml: \"kenward-roger\"",
        ),
        (
            "formula = \"y ~ arm\"\nvcov = \"empirical\"\ndf = \"kenward-roger\"\n",
            "wrong-vcov: \"empirical\"",
        ),
        (
            "formula = \"y ~ arm\"\ninformation = \"expected\"\ndf = \"residual\"\n",
            "no-effect: \"expected\"",
        ),
        ("formula = \"id ~ arm\"\n", "wrong-kind: id"),
        (
            "formula = \"y ~ arm\"\nreference = { arm = \"7\" }\n",
            "unknown-level: \"7\"",
        ),
    ] {
        assert_eq!(complaints(more), [complaint], "{more}");
    }
    let without = |keys: &str| {
        let found = data.complaints("mmrm", "m", &format!("data = \"t@1\"\n{keys}{RIGHT}{y}"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("missing-key"), "{found:?}");
    };
    without("subject = \"id\"\n");
    without("visit = \"visit\"\n");
    let week = "data = \"t@1\"\nsubject = \"id\"\nvisit = \"week\"\nformula = \"y ~ arm\"\n";
    assert_eq!(data.complaints("mmrm", "m", week), ["wrong-kind: \"week\""]);
    let (_, told) = data.prepare(
        "mmrm",
        "m",
        &format!("{KEYS}{RIGHT}{y}covariance = \"toeplitz\"\n"),
    );
    assert!(format!("{told:?}").contains("toep"), "{told:?}");
}

fn key(finding: &Finding) -> String {
    let steps = finding.key.0.iter().map(|step| match step {
        KeyStep::Key(key) => key.clone(),
        KeyStep::Index(i) => i.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

/// The only finding of a model that can't be fitted, with a part of its message and its key.
fn refused(data: &Memory, more: &str, message: &str, place: &str) {
    let outcome = run(data, more);
    assert_eq!(outcome.findings.len(), 1, "{more}: {:?}", outcome.findings);
    let finding = &outcome.findings[0];
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.message.contains(message), "{}", finding.message);
    assert_eq!(key(finding), place, "{finding:?}");
    assert!(outcome.statistics.is_empty());
}

#[test]
fn models_that_do_not_exist_say_why_and_where() {
    let data = small();
    for (more, message, place) in [
        (
            "formula = \"same ~ arm * visit\"\n",
            "the same in every row",
            "formula",
        ),
        (
            "formula = \"y ~ one + visit\"\n",
            "only the level `a`",
            "formula",
        ),
        (
            "formula = \"nothing ~ arm\"\n",
            "no row has a value",
            "formula",
        ),
        (
            "formula = \"once ~ arm\"\n",
            "there is nothing repeated",
            "subject",
        ),
        (
            "formula = \"never ~ arm\"\n",
            "no subject has both visits `2` and `12`",
            "covariance",
        ),
        (
            "formula = \"y ~ arm\"\ncovariance_by = \"changing\"\n",
            "is in the groups `a` and `b`",
            "covariance_by",
        ),
        (
            "formula = \"tied ~ visit\"\n",
            "can't be estimated",
            "covariance",
        ),
    ] {
        refused(&data, more, message, place);
    }
    // All at once, each where it stands.
    let body = format!("{RIGHT}outcomes = [\"y\", \"same\", \"nothing\"]\n");
    let outcome = run(&data, &body);
    let keys: Vec<String> = outcome.findings.iter().map(key).collect();
    assert_eq!(keys, ["outcomes.1", "outcomes.2"]);
}

#[test]
fn two_rows_for_a_visit_are_named_by_the_row_of_the_dataset() {
    let mut data = small();
    // The rows that a population left, as the dataset numbers them.
    data.frame.rows = (101..=142).collect();
    if let trialbook::dataset::ColumnData::Category(codes) = &mut data.frame.columns[2].data {
        codes[5] = codes[4];
    }
    let body = "formula = \"y ~ arm\"\n";
    let message = "subject `person 1` has visit `4` twice (the second in row 106)";
    refused(&data, body, message, "visit");
    // Thousands are told by a few.
    if let trialbook::dataset::ColumnData::Category(codes) = &mut data.frame.columns[2].data {
        codes.fill(Some(0));
    }
    let outcome = run(&data, body);
    assert!(outcome.findings[0].message.len() < 700);
    assert!(outcome.findings[0].message.contains("and 23 more"));
}

#[test]
fn a_visit_without_values_is_no_part_of_the_model() {
    let outcome = run(&small(), "formula = \"later ~ arm * visit\"\n");
    assert_eq!(outcome.findings.len(), 1);
    let finding = &outcome.findings[0];
    assert_eq!(finding.code, "visit-without-rows");
    assert!(
        finding.message.contains("no visit `2`"),
        "{}",
        finding.message
    );
    assert!(!ids(&outcome).iter().any(|id| id.contains("sd__2")));
    assert!(value(&outcome, "tbl-m/later/cor__4.12").is_some());
}

#[test]
fn what_the_data_cannot_tell_has_no_value_and_the_reason() {
    let outcome = run(
        &small(),
        "formula = \"y ~ arm + visit + I(week * 2) + week\"\ncovariance = \"cs\"\ntests = \"type3\"\n",
    );
    let codes: Vec<&str> = outcome.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["aliased"]);
    assert_eq!(value(&outcome, "tbl-m/y/week/estimate"), None);
    assert_eq!(value(&outcome, "tbl-m/y/type3: arm/p.value"), None);
}

/// The differences at each visit, as rows of a figure that the visits name.
#[test]
fn a_forest_shows_differences_by_visit() {
    let data = small().with_arms("arm", &[("0", "Usual"), ("1", "Active")]);
    let model = format!("{KEYS}formula = \"y ~ arm * visit\"\n");
    let means = "from = \"m\"\nof = \"arm\"\nby = \"visit\"\ncontrasts = \"reference\"\nadjust = \"none\"\n";
    let mut data = data.with_other("m", "mmrm", &model);
    let figure = |data: &Memory, labels: &str| {
        let body = format!(
            "axis = \"Difference\"\n[[section]]\nfrom = \"tbl-d\"\nestimate = \"arm[1] - arm[0]\"\n{labels}"
        );
        let outcome = data.run("forest", "fig-f", &body).unwrap();
        let Some(Artefact::Forest(plot)) = outcome.artefact else {
            panic!("{:?}", outcome.findings);
        };
        let labels: Vec<String> = plot.rows.iter().map(|r| r.label.text.clone()).collect();
        labels
    };
    let outcome = data.run("emmeans", "tbl-d", means).unwrap();
    check_sound(&outcome);
    data = data.with_other("tbl-d", "emmeans", means);
    data.upstream
        .insert("tbl-d".to_owned(), std::sync::Arc::new(outcome));
    assert_eq!(figure(&data, ""), ["2", "4", "12"]);
    let named = "labels = { \"2\" = \"Week 2\", \"4\" = \"Week 4\", \"12\" = \"Week 12\" }\n";
    assert_eq!(figure(&data, named), ["Week 2", "Week 4", "Week 12"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever the values, visits and structure: an outcome or findings, never a panic.
    #[test]
    fn any_data_give_numbers_or_reasons(
        values in proptest::collection::vec(proptest::option::of(-1e6..1e6_f64), 42),
        visits in proptest::collection::vec(proptest::option::of(0..3_u32), 42),
        kind in proptest::sample::select(vec!["us", "cs", "csh", "ar1", "ar1h", "toep", "toeph", "ad", "adh"]),
    ) {
        let mut data = small();
        let columns = &mut data.frame.columns;
        columns[2].data = trialbook::dataset::ColumnData::Category(visits);
        columns[6].data = trialbook::dataset::ColumnData::Number(values);
        let outcome = run(&data, &format!("formula = \"y ~ arm * visit\"\ncovariance = \"{kind}\"\n"));
        prop_assert!(outcome.has_errors() != outcome.artefact.is_some());
    }
}
