//! The directives `reliable_change` and `missing_data`.

use super::support::directive::{Memory, category, check_sound, frame, ids, number, text, value};
use super::support::expected::{Data, Expected};
use proptest::prelude::*;
use trialbook::analysis::Outcome;
use trialbook::artefact::{Artefact, Cell};

fn at(outcome: &Outcome, id: &str) -> f64 {
    value(outcome, id).unwrap_or_else(|| panic!("no value of {id}"))
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|f| f.code.as_str()).collect()
}

/// The pairs of `changes_fall_into_four_categories`, as people of two arms at two visits, and one without a second score.
fn people() -> Memory {
    let pairs = [
        ("A", 30.0, Some(12.0)),
        ("A", 30.0, Some(17.0)),
        ("A", 30.0, Some(21.0)),
        ("A", 30.0, Some(39.4)),
        ("A", 30.0, None),
        ("B", 30.0, Some(20.0)),
        ("B", 16.0, Some(2.0)),
        ("B", 18.0, Some(16.0)),
        ("B", 30.0, Some(39.2)),
    ];
    let (mut id, mut arm, mut visit, mut y) = (vec![], vec![], vec![], vec![]);
    for (i, (group, before, after)) in pairs.iter().enumerate() {
        for (name, score) in [("pre", Some(*before)), ("post", *after)] {
            id.push(Some(i as f64));
            arm.push(Some(*group));
            visit.push(Some(name));
            y.push(score);
        }
    }
    Memory::new(frame(
        "t@1",
        vec![
            number("id", &id),
            category("arm", &["A", "B"], &arm),
            category("visit", &["pre", "post", "late"], &visit),
            number("y", &y),
        ],
    ))
}

const KEYS: &str =
    "data = \"t@1\"\nby = \"arm\"\nid = \"id\"\nvisit = \"visit\"\nbefore = \"pre\"\n";
const MEASURE: &str = "[[measure]]\nvariable = \"y\"\nreliability = 0.8\nbetter = \"lower\"\n";

#[test]
fn everybody_is_counted_once() {
    let body = format!("{KEYS}after = \"post\"\n{MEASURE}sd = 7.5\ncut_off = 17\n");
    let outcome = people().run("reliable_change", "tbl-c", &body).unwrap();
    check_sound(&outcome);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    let n = |arm: &str, change: &str| {
        at(
            &outcome,
            &format!("tbl-c/y/{change}/visit=post/arm={arm}/n"),
        )
    };
    let all = ["recovered", "improved", "unchanged", "deteriorated"];
    assert_eq!(all.map(|c| n("A", c)), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(all.map(|c| n("B", c)), [0.0, 2.0, 2.0, 0.0]);
    assert_eq!(at(&outcome, "tbl-c/y/visit=post/arm=A/N"), 4.0);
    assert_eq!(at(&outcome, "tbl-c/y/visit=post/arm=A/N_miss"), 1.0);
    let least = 1.96 * 7.5 * (2.0_f64 * 0.2).sqrt();
    assert!((at(&outcome, "tbl-c/y/reliable") - least).abs() < 1e-12);
    // (1, 1, 1, 1) against (0, 2, 2, 0): X² = 2.6667 with 3 degrees of freedom.
    assert!((at(&outcome, "tbl-c/y/visit=post/statistic") - 8.0 / 3.0).abs() < 1e-12);
    assert_eq!(at(&outcome, "tbl-c/y/visit=post/parameter"), 3.0);
    let uses: Vec<u64> = outcome.rows.iter().map(|u| u.used.len()).collect();
    assert_eq!(uses, [9, 16, 8, 8]);
    let Some(Artefact::Table(table)) = &outcome.artefact else {
        panic!("no table");
    };
    assert_eq!((table.columns.len(), table.rows.len()), (4, 6));
    let recovered = &table.rows[2];
    assert_eq!(recovered.label.text, "Recovered");
    assert!(matches!(recovered.cells[2], Cell::Empty));
}

#[test]
fn cut_offs_come_from_populations() {
    let run = |cut_off: &str| {
        let body = format!("{KEYS}after = [\"post\", \"late\"]\n{MEASURE}{cut_off}\n");
        people().run("reliable_change", "tbl-c", &body).unwrap()
    };
    let scores = [30.0, 30.0, 30.0, 30.0, 30.0, 30.0, 16.0, 18.0, 30.0_f64];
    let mean = scores.iter().sum::<f64>() / 9.0;
    let sd = (scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / 8.0).sqrt();
    let norm = "functional = { mean = 10, sd = 5 }";
    for (text, cut_off) in [
        ("cut_off = \"a\"", mean - 2.0 * sd),
        (&format!("cut_off = \"b\"\n{norm}"), 20.0),
        (
            &format!("cut_off = \"c\"\n{norm}"),
            (5.0 * mean + sd * 10.0) / (5.0 + sd),
        ),
    ] {
        let outcome = run(text);
        check_sound(&outcome);
        assert!((at(&outcome, "tbl-c/y/cut.off") - cut_off).abs() < 1e-12);
        assert!((at(&outcome, "tbl-c/y/sd") - sd).abs() < 1e-12);
        // Nobody came to the late visit.
        assert_eq!(at(&outcome, "tbl-c/y/visit=late/arm=B/N"), 0.0);
        assert_eq!(value(&outcome, "tbl-c/y/visit=late/p.value"), None);
    }
    let wrong = run("cut_off = \"c\"\nfunctional = { mean = 60, sd = 5 }");
    assert_eq!(codes(&wrong), ["reliable-change"]);
}

/// The counts of the four categories in an arm after treatment.
fn categories(outcome: &Outcome, label: &str, arm: &str) -> [f64; 4] {
    ["recovered", "improved", "unchanged", "deteriorated"]
        .map(|c| at(outcome, &format!("{label}/y/{c}/visit=post/arm={arm}/n")))
}

#[test]
fn publications_count_otherwise() {
    let run = |keys: &str| {
        let body = format!("{KEYS}after = \"post\"\n{keys}{MEASURE}sd = 7.5\ncut_off = 17\n");
        people().run("reliable_change", "c", &body).unwrap()
    };
    // The least reliable change is 9.3. Of arm B, 30 → 20 improves; 16 → 2 does so too, and began functional; 18 → 16
    // becomes functional and 30 → 39.2 worse, neither reliably. Of arm A, 30 → 39.4 is reliably worse.
    let usual = run("");
    assert!(usual.artefact.is_none());
    assert_eq!(categories(&usual, "c", "A"), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(categories(&usual, "c", "B"), [0.0, 2.0, 2.0, 0.0]);
    let explicit = run("start = \"dysfunctional\"\ndeteriorated = \"reliable\"\n");
    assert_eq!(explicit.statistics, usual.statistics);
    let anywhere = run("start = \"any\"\n");
    assert_eq!(categories(&anywhere, "c", "A"), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(categories(&anywhere, "c", "B"), [1.0, 1.0, 2.0, 0.0]);
    let any_worse = run("deteriorated = \"any\"\n");
    assert_eq!(categories(&any_worse, "c", "A"), [1.0, 1.0, 1.0, 1.0]);
    assert_eq!(categories(&any_worse, "c", "B"), [0.0, 2.0, 1.0, 1.0]);
    let both = run("deteriorated = \"any\"\nstart = \"any\"\n");
    assert_eq!(categories(&both, "c", "B"), [1.0, 1.0, 1.0, 1.0]);
    // The same counts in both arms: X² is 0.
    assert_eq!(at(&both, "c/y/visit=post/statistic"), 0.0);
}

#[test]
fn a_figure_shows_a_bar_an_arm() {
    let body = format!(
        "{KEYS}after = [\"post\", \"late\"]\n{MEASURE}label = \"Stress\"\nsd = 7.5\ncut_off = 17\n"
    );
    let outcome = people().run("reliable_change", "fig-c", &body).unwrap();
    check_sound(&outcome);
    let Some(Artefact::Bars(plot)) = &outcome.artefact else {
        panic!("no figure");
    };
    let names = ["Recovered", "Improved", "Unchanged", "Deteriorated"];
    assert_eq!(plot.categories, names);
    assert_eq!((plot.columns.len(), plot.sections.len()), (2, 1));
    let section = &plot.sections[0];
    assert_eq!(section.label.text, "Stress");
    let visits = section
        .groups
        .iter()
        .map(|g| &g.label.as_ref().unwrap().text);
    assert_eq!(visits.collect::<Vec<_>>(), ["post", "late"]);
    let bar = &section.groups[0].bars[1];
    assert_eq!(bar.label.text, "B");
    assert_eq!(bar.total.as_str(), "fig-c/y/visit=post/arm=B/N");
    let drawn = bar.segments.iter().map(|s| s.p.as_str());
    let wanted = ["recovered", "improved", "unchanged", "deteriorated"]
        .map(|c| format!("fig-c/y/{c}/visit=post/arm=B/p"));
    assert_eq!(drawn.collect::<Vec<_>>(), wanted);
    // One of arm A lacks a score after treatment, and all lack one later: each visit has its note.
    let marks = section
        .groups
        .iter()
        .map(|g| &g.label.as_ref().unwrap().notes);
    let marks: Vec<_> = marks.collect();
    assert!(marks[0].len() == 1 && marks[1].len() == 1 && marks[0] != marks[1]);
    let note = plot
        .notes
        .iter()
        .find(|n| n.key.as_ref() == marks[0].first());
    let note = note.unwrap();
    assert!(note.text.ends_with("A, "), "{}", note.text);
    assert_eq!(note.numbers.len(), 2);
    assert_eq!(note.numbers[0].after, "; B, ");
    // No test is possible where nobody came; its numbers say why.
    assert_eq!(value(&outcome, "fig-c/y/visit=late/statistic"), None);
    // An exact test has no statistic, and bars may print counts.
    let body = format!("{}\n{body}", "test = \"fisher\"\nvalues = \"count\"");
    let outcome = people().run("reliable_change", "fig-c", &body).unwrap();
    check_sound(&outcome);
    let Some(Artefact::Bars(plot)) = &outcome.artefact else {
        panic!("no figure");
    };
    assert_eq!(plot.columns.len(), 1);
    assert!(!ids(&outcome).iter().any(|id| id.ends_with("statistic")));
    let body = body.replace("count", "counts");
    let found = people().complaints("reliable_change", "fig-c", &body);
    assert_eq!(found.len(), 1, "{found:?}");
    let body = body.replace("counts", "count");
    let found = people().complaints("reliable_change", "tbl-c", &body);
    assert_eq!(found, ["no-figure: \"count\""]);
}

#[test]
fn mistakes_in_reliable_change() {
    let data = people();
    for (after, measure, complaint) in [
        (
            "after = \"pre\"",
            MEASURE.to_owned() + "cut_off = 1",
            "repeated: \"pre\"",
        ),
        (
            "after = \"pots\"",
            MEASURE.to_owned() + "cut_off = 1",
            "unknown-level: \"pots\"",
        ),
        (
            "after = \"post\"",
            MEASURE.replace("0.8", "1") + "cut_off = 1",
            "out-of-range: 1",
        ),
        (
            "after = \"post\"",
            MEASURE.to_owned() + "cut_off = 1\nsd = 0",
            "out-of-range: 0",
        ),
        (
            "after = \"post\"",
            MEASURE.replace("\"y\"", "\"arm\"") + "cut_off = 1",
            "wrong-kind: \"arm\"",
        ),
    ] {
        let body = format!("{KEYS}{after}\n{measure}\n");
        let found = data.complaints("reliable_change", "tbl-c", &body);
        assert_eq!(found, [complaint], "{body}");
    }
    let body = format!("{KEYS}after = \"post\"\n{MEASURE}");
    let found = data.complaints("reliable_change", "tbl-c", &body);
    assert!(
        found.len() == 1 && found[0].starts_with("missing-key"),
        "{found:?}"
    );
    let mut twice = people();
    twice.frame.columns[0] = number("id", &[Some(1.0); 18]);
    let body = format!("{KEYS}after = \"post\"\n{MEASURE}cut_off = 1\n");
    let outcome = twice.run("reliable_change", "tbl-c", &body).unwrap();
    check_sound(&outcome);
    assert_eq!(codes(&outcome), ["repeated-visit"]);
}

#[test]
fn missing_values_are_counted_by_visit() {
    let body = "data = \"t@1\"\ncolumns = [\"y\", \"arm\"]\nvisit = \"visit\"\n";
    let outcome = people().run("missing_data", "tbl-m", body).unwrap();
    check_sound(&outcome);
    assert_eq!(at(&outcome, "tbl-m/y/missing/visit=post/n"), 1.0);
    assert_eq!(at(&outcome, "tbl-m/y/missing/visit=post/N"), 9.0);
    assert_eq!(at(&outcome, "tbl-m/y/missing/n"), 1.0);
    assert!((at(&outcome, "tbl-m/y/missing/p") - 1.0 / 18.0).abs() < 1e-15);
    assert_eq!(value(&outcome, "tbl-m/y/missing/visit=late/p"), None);
    assert_eq!(at(&outcome, "tbl-m/arm/missing/n"), 0.0);
    assert!(!ids(&outcome).iter().any(|id| id.contains("MCAR")));
    for (keys, complaint) in [
        ("columns = [\"y\", \"y\"]\n", "repeated: \"y\""),
        ("columns = [\"yy\"]\n", "unknown-column: \"yy\""),
        ("columns = \"y\"\nvisit = \"y\"\n", "wrong-kind: \"y\""),
        ("columns = \"y\"\nmcar = [\"arm\"]\n", "wrong-kind: \"arm\""),
    ] {
        let body = format!("data = \"t@1\"\n{keys}");
        assert_eq!(
            people().complaints("missing_data", "tbl-m", &body),
            [complaint]
        );
    }
}

#[test]
fn littles_test_is_that_of_the_reference() {
    let expected = Expected::load("reliability");
    for case in ["mcar_airquality", "mcar_trial"] {
        let file = Data::load(case);
        let names = file.names();
        let columns = names.iter().map(|n| number(n, &file.numbers(n)));
        let data = Memory::new(frame("t@1", columns.collect()));
        let body =
            |more: &str| format!("data = \"t@1\"\ncolumns = {names:?}\nmcar = {names:?}\n{more}");
        let outcome = data.run("missing_data", "tbl-m", &body("")).unwrap();
        check_sound(&outcome);
        for (key, stat) in [
            ("statistic", "statistic"),
            ("df", "parameter"),
            ("p", "p.value"),
            ("patterns", "patterns"),
            ("rows", "nobs"),
        ] {
            let found = at(&outcome, &format!("tbl-m/MCAR/{stat}"));
            expected.number(&format!("mcar.{case}.{key}"), found);
        }
        let body = body("covariance = \"unbiased\"\n");
        let outcome = data.run("missing_data", "m", &body).unwrap();
        assert!(outcome.artefact.is_none());
        let found = at(&outcome, "m/MCAR/statistic");
        expected.number(&format!("mcar.{case}.unbiased"), found);
    }
    expected.finish_part();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever stands in the data, an outcome is sound.
    #[test]
    fn any_data_are_counted(
        rows in prop::collection::vec(
            (prop::option::of(0..6u8), prop::option::of(0..2u8), prop::option::of(0..3u8), prop::option::of(-5..6i32)),
            0..30,
        ),
    ) {
        let arms = ["A", "B"];
        let visits = ["pre", "post", "late"];
        let pick = |names: &[&'static str], i: Option<u8>| i.map(|i| names[usize::from(i)]);
        let names: Vec<Option<String>> = rows.iter().map(|r| r.0.map(|i| format!("p{i}"))).collect();
        let names: Vec<Option<&str>> = names.iter().map(Option::as_deref).collect();
        let data = Memory::new(frame("t@1", vec![
            text("id", &names),
            category("arm", &arms, &rows.iter().map(|r| pick(&arms, r.1)).collect::<Vec<_>>()),
            category("visit", &visits, &rows.iter().map(|r| pick(&visits, r.2)).collect::<Vec<_>>()),
            number("y", &rows.iter().map(|r| r.3.map(f64::from)).collect::<Vec<_>>()),
            number("z", &rows.iter().map(|r| r.3.filter(|v| v % 2 == 0).map(|v| f64::from(v * v))).collect::<Vec<_>>()),
        ]));
        let body = format!("{KEYS}after = [\"post\", \"late\"]\n{MEASURE}cut_off = \"a\"\n");
        for label in ["tbl-c", "fig-c"] {
            check_sound(&data.run("reliable_change", label, &body).unwrap());
        }
        let body = "data = \"t@1\"\ncolumns = [\"y\", \"id\"]\nvisit = \"visit\"\nmcar = [\"y\", \"z\"]\n";
        check_sound(&data.run("missing_data", "tbl-m", body).unwrap());
    }
}
