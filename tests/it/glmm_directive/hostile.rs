//! What authors and data get wrong, and how it is told.

use super::super::support::directive::{
    Memory, boolean, category, check_sound, frame, number, text, value,
};
use proptest::prelude::*;
use trialbook::analysis::Outcome;
use trialbook::artefact::{Artefact, Cell, Scale};
use trialbook::dataset::ColumnData;
use trialbook::diagnostic::Severity;
use trialbook::reader::KeyStep;

/// Twenty people at three visits.
fn small() -> Memory {
    let n = 60;
    let people: Vec<String> = (0..n).map(|i| format!("person {}", i / 3)).collect();
    let subjects: Vec<Option<&str>> = people.iter().map(|p| Some(p.as_str())).collect();
    let arms: Vec<Option<&str>> = (0..n).map(|i| Some(["0", "1"][i / 3 % 2])).collect();
    let visits: Vec<Option<&str>> = (0..n).map(|i| Some(["1", "2", "3"][i % 3])).collect();
    let event = |i: usize| (i * i + 3 * i / 7 + (i / 3) * 5) % 7 < 3;
    let all = |value: &dyn Fn(usize) -> f64| -> Vec<Option<f64>> {
        (0..n).map(|i| Some(value(i))).collect()
    };
    let yes: Vec<Option<&str>> = (0..n)
        .map(|i| Some(if event(i) { "Yes" } else { "No" }))
        .collect();
    let three: Vec<Option<&str>> = (0..n).map(|i| Some(["a", "b", "c"][i % 3])).collect();
    let truth: Vec<Option<bool>> = (0..n).map(|i| Some(event(i))).collect();
    let bit = |i: usize| f64::from(u8::from(event(i)));
    let count = |i: usize| ((i * i + 5 * (i / 3)) % 9) as f64;
    let mut negative = all(&count);
    negative[41] = Some(-1.0);
    let mut two = all(&bit);
    two[17] = Some(2.0);
    let mut short = all(&|i| count(i) + 1.0);
    short[30] = Some(0.0);
    Memory::new(frame(
        "t@1",
        vec![
            text("id", &subjects),
            category("arm", &["0", "1"], &arms),
            category("visit", &["1", "2", "3"], &visits),
            category("yes", &["No", "Yes"], &yes),
            category("three", &["a", "b", "c"], &three),
            boolean("truth", &truth),
            number("bit", &all(&bit)),
            number("count", &all(&count)),
            number("size", &all(&|i| count(i) + 2.0)),
            number("months", &all(&|i| 1.0 + (i % 5) as f64)),
            number("negative", &negative),
            number("half", &all(&|i| count(i) + 0.5)),
            number("two", &two),
            number("short", &short),
            number("same", &vec![Some(1.0); n]),
            number("of_arm", &all(&|i| f64::from(u8::from(i / 3 % 2 == 1)))),
            number("nothing", &vec![None; n]),
        ],
    ))
}

const KEYS: &str = "data = \"t@1\"\n";
const LOGISTIC: &str = "family = \"binomial\"\n";
const POISSON: &str = "family = \"poisson\"\n";

fn run(data: &Memory, more: &str) -> Outcome {
    let outcome = data.run("glmm", "tbl-m", &format!("{KEYS}{more}")).unwrap();
    check_sound(&outcome);
    outcome
}

/// A category with its event, a truth value, and 0 and 1 are one outcome.
#[test]
fn an_outcome_may_be_a_category_a_truth_value_or_a_number() {
    let right = "formula = \"arm + visit + (1 | id)\"\noutcomes = [\"yes\", \"truth\", \"bit\"]\nevent = \"Yes\"\n";
    let data = small();
    let body = format!("{KEYS}{LOGISTIC}{right}");
    // A truth value has no level `Yes`.
    assert_eq!(
        data.complaints("glmm", "m", &body),
        ["unknown-level: \"Yes\""]
    );
    let fit = |outcome: &str, more: &str| {
        let body = format!("{LOGISTIC}formula = \"{outcome} ~ arm + visit + (1 | id)\"\n{more}");
        let found = run(&data, &body);
        let id = format!("tbl-m/{outcome}/arm[1]/estimate");
        value(&found, &id).unwrap()
    };
    let bit = fit("bit", "");
    assert!((fit("yes", "event = \"Yes\"\n") - bit).abs() < 1e-9);
    assert!((fit("yes", "event = \"No\"\n") + bit).abs() < 1e-5);
    assert!((fit("truth", "") - bit).abs() < 1e-9);
    assert!((fit("truth", "event = \"false\"\n") + bit).abs() < 1e-5);
}

#[test]
fn ratios_have_their_heads_and_references() {
    let data = small().with_arms("arm", &[("0", "Usual"), ("1", "Active")]);
    let body = format!("{POISSON}formula = \"count ~ arm + (1 | id)\"\nexposure = \"months\"\n");
    let logs = run(&data, &body);
    let ratios = run(&data, &format!("{body}exponentiate = true\n"));
    let of = |outcome, stat: &str| value(outcome, &format!("tbl-m/count/arm[1]/{stat}")).unwrap();
    for stat in ["estimate", "conf.low", "conf.high"] {
        assert!((of(&logs, stat).exp() - of(&ratios, stat)).abs() < 1e-12);
    }
    assert!((of(&logs, "p.value") - of(&ratios, "p.value")).abs() < 1e-15);
    let Some(Artefact::Table(table)) = &ratios.artefact else {
        panic!("no table");
    };
    assert_eq!(table.columns[0].label.text, "Rate ratio");
    let reference = |cell: &Cell| matches!(cell, Cell::Reference { ratio: true });
    assert!(table.rows.iter().any(|r| r.cells.iter().any(reference)));
    let statistic = ratios.statistics.iter().find(|s| s.key.stat == "estimate");
    assert_eq!(statistic.unwrap().context, "glmm: rate ratio");
    assert_eq!(statistic.unwrap().measured, None);
}

/// Ratios lie on a logarithmic axis, where a box's area goes by the error of the logarithm.
#[test]
fn a_forest_shows_odds_ratios() {
    let model =
        "formula = \"bit ~ arm * visit + (1 | id)\"\nfamily = \"binomial\"\ndata = \"t@1\"\n";
    let means = "from = \"m\"\nof = \"arm\"\nby = \"visit\"\ncontrasts = \"reference\"\nadjust = \"none\"\ntype = \"response\"\n";
    let mut data = small().with_other("m", "glmm", model);
    let outcome = data.run("emmeans", "tbl-d", means).unwrap();
    check_sound(&outcome);
    let link = data
        .run("emmeans", "tbl-d", &means.replace("response", "link"))
        .unwrap();
    let errors: Vec<f64> = link
        .statistics
        .iter()
        .filter(|s| s.key.stat == "std.error" && s.key.level.as_ref().unwrap().contains(" - "))
        .map(|s| s.value.unwrap())
        .collect();
    data = data.with_other("tbl-d", "emmeans", means);
    data.upstream
        .insert("tbl-d".to_owned(), std::sync::Arc::new(outcome));
    let body = "axis = \"Odds ratio\"\nscale = \"ratio\"\n[[section]]\nfrom = \"tbl-d\"\nestimate = \"arm[1] / arm[0]\"\n";
    let outcome = data.run("forest", "fig-f", body).unwrap();
    let Some(Artefact::Forest(plot)) = outcome.artefact else {
        panic!("{:?}", outcome.findings);
    };
    assert_eq!(plot.scale, Scale::Ratio);
    let weights: Vec<f64> = plot
        .rows
        .iter()
        .map(|r| r.effect.as_ref().unwrap().weight.unwrap())
        .collect();
    for (weight, error) in weights.iter().zip(&errors) {
        let ratio = weight * error * error / (weights[0] * errors[0] * errors[0]);
        assert!((ratio - 1.0).abs() < 1e-9, "{weights:?} {errors:?}");
    }
}

#[test]
fn mistakes_are_named_with_their_places() {
    let data = small();
    let complaints = |more: &str| data.complaints("glmm", "m", &format!("{KEYS}{more}"));
    for (keys, formula, more, complaint) in [
        (LOGISTIC, "bit ~ arm", "", "no-random-effect: \"bit ~ arm\""),
        (LOGISTIC, "yes ~ arm + (1 | id)", "", "no-event: yes"),
        (
            LOGISTIC,
            "yes ~ arm + (1 | id)",
            "event = \"Yse\"\n",
            "unknown-level: \"Yse\"",
        ),
        (
            LOGISTIC,
            "bit ~ arm + (1 | id)",
            "event = \"Yes\"\n",
            "no-effect: \"Yes\"",
        ),
        (
            LOGISTIC,
            "three ~ arm + (1 | id)",
            "event = \"a\"\n",
            "not-two-levels: three",
        ),
        (LOGISTIC, "id ~ arm + (1 | visit)", "", "wrong-kind: id"),
        (
            LOGISTIC,
            "I(bit * 1) ~ arm + (1 | id)",
            "",
            "expression-outcome: formula",
        ),
        (
            LOGISTIC,
            "bit ~ arm + (1 | id)",
            "exposure = \"months\"\n",
            "no-effect: \"months\"",
        ),
        (
            POISSON,
            "count ~ arm + (1 | id)",
            "trials = \"size\"\n",
            "no-effect: \"size\"",
        ),
        (
            POISSON,
            "count ~ arm + (1 | id)",
            "exposure = \"arm\"\n",
            "wrong-kind: \"arm\"",
        ),
        (POISSON, "yes ~ arm + (1 | id)", "", "wrong-kind: yes"),
        (
            POISSON,
            "count ~ arm + (1 | id)",
            "nagq = 0\n",
            "out-of-range: 0",
        ),
        (
            "family = \"normal\"\n",
            "count ~ arm + (1 | id)",
            "",
            "unknown-choice: \"normal\"",
        ),
        (
            POISSON,
            "count ~ arm + (1 | id)",
            "exponentiate = true\nshow = [\"estimate (se)\"]\n",
            "errors-of-logarithms: show",
        ),
    ] {
        let found = complaints(&format!("{keys}formula = \"{formula}\"\n{more}"));
        assert_eq!(found, [complaint], "{formula} {more}");
    }
    let missing = complaints("formula = \"bit ~ arm + (1 | id)\"\n");
    assert!(
        missing.len() == 1 && missing[0].starts_with("missing-key"),
        "{missing:?}"
    );
    // Only models with a link have two scales.
    let lmm = "data = \"t@1\"\nformula = \"count ~ arm + (1 | id)\"\n";
    let data = data.clone().with_other("m", "lmm", lmm);
    let found = data.complaints(
        "emmeans",
        "d",
        "from = \"m\"\nof = \"arm\"\ntype = \"response\"\n",
    );
    assert_eq!(found, ["no-effect: \"response\""]);
}

fn refused(more: &str, message: &str, place: &str) {
    let outcome = run(&small(), more);
    assert_eq!(outcome.findings.len(), 1, "{more}: {:?}", outcome.findings);
    let finding = &outcome.findings[0];
    assert_eq!(finding.severity, Severity::Error);
    assert!(finding.message.contains(message), "{}", finding.message);
    assert_eq!(
        finding.key.0,
        [KeyStep::Key(place.to_owned())],
        "{finding:?}"
    );
    assert!(outcome.statistics.is_empty());
}

#[test]
fn models_that_do_not_exist_say_why_and_where() {
    for (family, formula, more, message, place) in [
        (
            LOGISTIC,
            "two ~ arm + (1 | id)",
            "",
            "`two` is 2 in row 18, which is neither 0 nor 1",
            "formula",
        ),
        (
            POISSON,
            "negative ~ arm + (1 | id)",
            "",
            "`negative` is -1 in row 42, which is no count",
            "formula",
        ),
        (
            POISSON,
            "half ~ arm + (1 | id)",
            "",
            "which is no count",
            "formula",
        ),
        (
            LOGISTIC,
            "count ~ arm + (1 | id)",
            "trials = \"short\"\n",
            "row 31 has ",
            "formula",
        ),
        (
            POISSON,
            "count ~ arm + (1 | id)",
            "exposure = \"short\"\n",
            "the exposure `short` is 0 in row 31",
            "exposure",
        ),
        (
            LOGISTIC,
            "same ~ arm + (1 | id)",
            "",
            "the same in every row",
            "formula",
        ),
        (
            LOGISTIC,
            "nothing ~ arm + (1 | id)",
            "",
            "no row has a value",
            "formula",
        ),
        (
            LOGISTIC,
            "of_arm ~ arm + visit + (1 | id)",
            "",
            "without error",
            "formula",
        ),
        (
            LOGISTIC,
            "bit ~ arm + (1 | id) + (1 | visit)",
            "nagq = 5\n",
            "one random effect",
            "nagq",
        ),
    ] {
        refused(
            &format!("{family}formula = \"{formula}\"\n{more}"),
            message,
            place,
        );
    }
    let body = format!(
        "{LOGISTIC}formula = \"arm + (1 | id)\"\noutcomes = [\"bit\", \"same\", \"two\"]\n"
    );
    let outcome = run(&small(), &body);
    assert_eq!(outcome.findings.len(), 2);
}

#[test]
fn a_singular_fit_is_a_warning() {
    let mut data = small();
    // Alternating outcomes: less variance between people than chance would give.
    data.frame.columns[6].data = ColumnData::Number(
        (0..60)
            .map(|i| Some(f64::from(u8::from((i + i / 3) % 2 == 0))))
            .collect(),
    );
    let outcome = run(
        &data,
        &format!("{LOGISTIC}formula = \"bit ~ arm + (1 | id)\"\n"),
    );
    let codes: Vec<&str> = outcome.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["singular"]);
    assert_eq!(value(&outcome, "tbl-m/bit/singular"), Some(1.0));
    assert_eq!(
        value(&outcome, "tbl-m/bit/group=id/sd__(Intercept)"),
        Some(0.0)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    /// Whatever the values: an outcome or findings, never a panic.
    #[test]
    fn any_data_give_numbers_or_reasons(
        values in proptest::collection::vec(proptest::option::of(0..4_u8), 60),
        sizes in proptest::collection::vec(proptest::option::of(0.0..5.0_f64), 60),
        body in proptest::sample::select(vec![
            "family = \"poisson\"\n",
            "family = \"poisson\"\nexposure = \"months\"\n",
            "family = \"binomial\"\n",
            "family = \"binomial\"\ntrials = \"months\"\n",
        ]),
    ) {
        let mut data = small();
        let columns = &mut data.frame.columns;
        columns[7].data = ColumnData::Number(values.iter().map(|v| v.map(f64::from)).collect());
        columns[9].data = ColumnData::Number(sizes);
        let outcome = run(&data, &format!("{body}formula = \"count ~ arm + (1 | id)\"\ntests = \"lrt\"\n"));
        prop_assert!(outcome.has_errors() != outcome.artefact.is_some());
    }
}
