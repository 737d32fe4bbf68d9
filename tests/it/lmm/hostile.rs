//! What authors and data get wrong, many outcomes, references, and the tables.

use super::super::support::directive::{
    Memory, category, check_sound, frame, ids, number, text, value,
};
use super::super::support::expected::Expected;
use super::memory;
use proptest::prelude::*;
use trialbook::artefact::{Artefact, RowKind};

const RIGHT: &str = "data = \"t@1\"\nformula = \"arm * visit + (1 | id)\"\n";

/// Twelve people at three visits; the arm is coded 0 and 1.
fn small() -> Memory {
    let n = 36;
    let people: Vec<String> = (0..n).map(|i| format!("person {}", i / 3)).collect();
    let ids: Vec<Option<&str>> = people.iter().map(|p| Some(p.as_str())).collect();
    let arms: Vec<Option<&str>> = (0..n).map(|i| Some(["0", "1"][i / 3 % 2])).collect();
    let visits: Vec<Option<&str>> = (0..n).map(|i| Some(["1", "2", "3"][i % 3])).collect();
    let noise = |i: usize, k: usize| ((i * k * 37 + i * i * 11) % 29) as f64 / 7.0;
    let y: Vec<Option<f64>> = (0..n).map(|i| Some((i / 3) as f64 + noise(i, 3))).collect();
    let z: Vec<Option<f64>> = (0..n)
        .map(|i| (i != 5).then(|| (i / 3 % 5) as f64 - noise(i, 5)))
        .collect();
    let mut arm = category("arm", &["0", "1"], &arms);
    arm.field.levels[0].label = "WL".to_owned();
    arm.field.levels[1].label = "CCT".to_owned();
    Memory::new(frame(
        "t@1",
        vec![
            text("id", &ids),
            arm,
            category("visit", &["1", "2", "3"], &visits),
            category("one", &["a", "b"], &vec![Some("a"); n]),
            number("y", &y),
            number("z", &z),
            number("same", &vec![Some(4.0); n]),
            number("nothing", &vec![None; n]),
        ],
    ))
}

#[test]
fn many_outcomes_are_rows_and_terms_are_blocks() {
    let body = format!(
        "{RIGHT}reference = {{ arm = \"CCT\" }}\n[[group]]\nlabel = \"First\"\noutcomes = [\"z\"]\n\
         [[group]]\nlabel = \"Second\"\noutcomes = [\"y\"]\n"
    );
    let outcome = small().run("lmm", "tbl-effects", &body).unwrap();
    check_sound(&outcome);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    assert!(value(&outcome, "tbl-effects/z/arm[0]:visit[2]/estimate").is_some());
    assert_eq!(value(&outcome, "tbl-effects/z/nobs"), Some(35.0));
    assert_eq!(value(&outcome, "tbl-effects/y/nobs"), Some(36.0));
    assert_eq!(value(&outcome, "tbl-effects/y/ngroups"), Some(12.0));
    let sd = "tbl-effects/y/group=id/sd__(Intercept)";
    assert!(value(&outcome, sd).is_some());
    let left: Vec<&str> = outcome.rows[0]
        .left_out
        .iter()
        .map(|l| l.reason.as_str())
        .collect();
    assert_eq!(left, ["z is missing"]);
    assert_eq!(outcome.models[0].formula, "z ~ arm * visit + (1 | id)");
    let Some(Artefact::Table(table)) = &outcome.artefact else {
        panic!("no table");
    };
    assert_eq!(table.columns.len(), 5 * 2);
    assert_eq!(table.spanners.len(), 5);
    assert_eq!(table.spanners[0].label.text, "WL");
    assert_eq!(table.spanners[3].label.text, "WL × 2");
    let kinds: Vec<RowKind> = table.rows.iter().map(|r| r.kind).collect();
    let wanted = [
        RowKind::Section,
        RowKind::Item,
        RowKind::Section,
        RowKind::Item,
    ];
    assert_eq!(kinds, wanted);
}

#[test]
fn one_outcome_is_a_table_of_terms() {
    let body = "data = \"t@1\"\nformula = \"log(y + 1) ~ arm + visit + (1 | id)\"\n";
    let outcome = small().run("lmm", "tbl-one", body).unwrap();
    check_sound(&outcome);
    let Some(Artefact::Table(table)) = &outcome.artefact else {
        panic!("no table");
    };
    let labels: Vec<&str> = table.rows.iter().map(|r| r.label.text.as_str()).collect();
    assert_eq!(
        labels,
        ["Intercept", "arm", "WL", "CCT", "visit", "1", "2", "3"]
    );
    assert!(ids(&outcome)[0].starts_with("tbl-one/log(y + 1)/(Intercept)/"));
    let body = format!("{body}terms = \"arm[2]\"\n");
    let outcome = small().run("lmm", "tbl-one", &body).unwrap();
    assert_eq!(outcome.findings[0].code, "unknown-term");
}

#[test]
fn mistakes_are_named_with_their_places() {
    let data = small().with_arms("arm", &[("0", "Waiting"), ("1", "CCT")]);
    let model = |formula: &str, more: &str| {
        let body = format!("data = \"t@1\"\nformula = \"{formula}\"\n{more}");
        data.complaints("lmm", "effects", &body)
    };
    let y = "outcomes = [\"y\"]\n";
    for (formula, more, complaint) in [
        ("arm * vsit + (1 | id)", y, "unknown-column: vsit"),
        ("arm + (1 | idd)", y, "unknown-column: idd"),
        ("arm + visit", y, "no-random-effect: \"arm + visit\""),
        ("arm + + (1 | id", y, "formula: ("),
        ("arm + (1 | id) ~ y ~", "", "formula: ~"),
        ("id + (1 | id)", y, "wrong-kind: id"),
        (
            "arm + (1 | id)",
            "outcomes = [\"y\", \"y\"]\n",
            "repeated: \"y\"",
        ),
        (
            "arm + (1 | id)",
            "outcomes = [\"arm\"]\n",
            "wrong-kind: \"arm\"",
        ),
        (
            "z + (1 | id)",
            "outcomes = [\"z\"]\n",
            "outcome-predicts: \"z\"",
        ),
        ("y ~ arm + (1 | id)", y, "two-outcomes: \"y\""),
        (
            "arm + (1 | id)",
            "outcomes = [\"yy\"]\n",
            "unknown-column: \"yy\"",
        ),
        (
            "arm + (1 | id)",
            "outcomes = \"y\"\nreference = { arm = \"1\" }\n",
            "two-references: \"1\"",
        ),
        (
            "arm + (1 | id)",
            "outcomes = \"y\"\nreference = { visit = \"1\" }\n",
            "not-in-formula: visit",
        ),
        (
            "visit + (1 | id)",
            "outcomes = \"y\"\nreference = { visit = \"9\" }\n",
            "unknown-level: \"9\"",
        ),
        (
            "arm + (1 | id)",
            "outcomes = \"y\"\nestimation = \"ML\"\ndf = \"kenward-roger\"\n",
            "needs-reml: \"kenward-roger\"",
        ),
        (
            "arm + (1 | id)",
            "outcomes = \"y\"\ndraws = 500\n",
            "no-effect: 500",
        ),
    ] {
        let found = model(formula, more);
        assert_eq!(found, [complaint], "{formula} {more}");
    }
    let missing = model("arm + (1 | id)", "");
    assert!(missing.len() == 1 && missing[0].starts_with("missing-key"));
}

#[test]
fn models_that_do_not_exist_are_errors_all_at_once() {
    let body = format!("{RIGHT}outcomes = [\"y\", \"same\", \"nothing\"]\n");
    let outcome = small().run("lmm", "tbl-effects", &body).unwrap();
    check_sound(&outcome);
    let codes: Vec<&str> = outcome.findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["model", "model"]);
    assert!(outcome.statistics.is_empty());
    let body = "data = \"t@1\"\nformula = \"y ~ one + (1 | id)\"\n";
    let outcome = small().run("lmm", "effects", body).unwrap();
    assert_eq!(outcome.findings[0].code, "model");
    assert!(outcome.findings[0].message.contains("one"));
}

#[test]
fn singular_and_rank_deficient_fits_say_so() {
    let expected = Expected::load("mixed_fit");
    for (case, code) in [("singular", "singular"), ("trial_rank", "aliased")] {
        let key = format!("fits.{case}");
        let data = memory(&expected, &super::first(&expected, &format!("{key}.data")));
        let body = super::body(
            &expected,
            &key,
            "tests = \"type3\"\ninterval = \"profile\"\n",
        );
        let outcome = data.run("lmm", "tbl-effects", &body).unwrap();
        check_sound(&outcome);
        let codes: Vec<&str> = outcome.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, [code]);
        let singular = super::of_model(&outcome, "singular");
        assert!((singular - f64::from(u8::from(code == "singular"))).abs() < f64::EPSILON);
        assert!(outcome.artefact.is_some());
    }
    expected.finish_part();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Whatever stands in the data, an outcome is sound: numbers or reasons, errors instead of panics.
    #[test]
    fn any_data_give_a_sound_outcome(
        rows in prop::collection::vec(
            (prop::option::of(0..4u8), prop::option::of(0..3u8), prop::option::of(-3..4i32), prop::option::of(-1e3..1e3f64)),
            0..40,
        ),
        choice in 0..4usize,
    ) {
        let ids: Vec<Option<f64>> = rows.iter().map(|r| r.0.map(f64::from)).collect();
        let levels = ["a", "b", "c"];
        let f: Vec<Option<&str>> = rows.iter().map(|r| r.1.map(|i| levels[usize::from(i)])).collect();
        let y: Vec<Option<f64>> = rows.iter().map(|r| r.2.map(f64::from)).collect();
        let x: Vec<Option<f64>> = rows.iter().map(|r| r.3).collect();
        let data = Memory::new(frame("t@1", vec![
            number("id", &ids), category("f", &levels, &f), number("y", &y), number("x", &x),
        ]));
        let (right, more) = [
            ("f + (1 | id)", ""),
            ("f * x + (1 | id)", "interval = \"profile\"\n"),
            ("x + (1 + x | id)", "df = \"z\"\n"),
            ("f + (1 | id)", "df = \"kenward-roger\"\ntests = \"type3\"\n"),
        ][choice];
        let model = format!("data = \"t@1\"\nformula = \"{right}\"\noutcomes = \"y\"\n{more}");
        let outcome = data.run("lmm", "tbl-l", &model).unwrap();
        check_sound(&outcome);
        if right.starts_with('f') {
            let data = data.with_other("tbl-l", "lmm", &model);
            let body = "from = \"tbl-l\"\nof = \"f\"\ncontrasts = \"pairwise\"\n";
            check_sound(&data.run("emmeans", "tbl-e", body).unwrap());
        }
    }
}
