//! Directives on data with a row for each participant and visit: `consort` and `measures`, and tables of several models.

use trialbook::analysis::Outcome;
use trialbook::artefact::{Artefact, Cell, Table};

use super::support::directive::{Memory, category, check_sound, frame, number, text, value};

/// Five people of two arms: the last of arm A has no row after `pre`, one of arm B none of the score at `post`.
fn people() -> Memory {
    people_with(|_| {})
}

type Person = (&'static str, &'static str, &'static str, Option<f64>);

fn people_with(change: impl Fn(&mut Vec<Person>)) -> Memory {
    let mut rows: Vec<Person> = vec![
        ("a1", "A", "pre", Some(1.0)),
        ("a1", "A", "post", Some(3.0)),
        ("b1", "B", "pre", Some(2.0)),
        ("b1", "B", "post", None),
        ("a2", "A", "pre", Some(2.0)),
        ("b2", "B", "pre", Some(5.0)),
        ("b2", "B", "post", Some(6.0)),
        ("b3", "B", "pre", Some(8.0)),
        ("b3", "B", "post", Some(8.5)),
    ];
    change(&mut rows);
    let some = |pick: fn(&Person) -> &'static str| rows.iter().map(|r| Some(pick(r))).collect();
    let (id, arm, visit): (Vec<_>, Vec<_>, Vec<_>) = (some(|r| r.0), some(|r| r.1), some(|r| r.2));
    let score: Vec<Option<f64>> = rows.iter().map(|r| r.3).collect();
    let other: Vec<Option<f64>> = rows.iter().map(|r| r.3.map(|v| 10.0 - v)).collect();
    let why: Vec<Option<&str>> = rows
        .iter()
        .map(|r| r.3.is_none().then_some("Moved"))
        .collect();
    Memory::new(frame(
        "t@1",
        vec![
            text("id", &id),
            category("arm", &["A", "B"], &arm),
            category("visit", &["pre", "post"], &visit),
            number("y", &score),
            number("z", &other),
            text("why", &why),
        ],
    ))
    .with_arms("arm", &[("A", "Active"), ("B", "Control")])
}

fn at(outcome: &Outcome, id: &str) -> f64 {
    value(outcome, id).unwrap_or_else(|| panic!("no value of {id}"))
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|f| f.code.as_str()).collect()
}

fn table(outcome: &Outcome) -> &Table {
    match &outcome.artefact {
        Some(Artefact::Table(table)) => table,
        other => panic!("no table: {other:?}"),
    }
}

const FLOW: &str = "data = \"t@1\"\nid = \"id\"\nvisit_column = \"visit\"\n\
    [[withdrawn]]\narm = \"Active\"\nlabel = \"Withdrew\"\nn = 3\nreason = \"Calendar\"\nsource = \"key\"\n\
    [[visit]]\nat = \"pre\"\ncolumn = \"y\"\n\
    [[visit]]\nat = \"post\"\ncolumn = \"y\"\nreason = \"why\"\n\
    [analysis]\ncolumns = [\"y\"]\n";

#[test]
fn a_flow_counts_people_not_rows() {
    let outcome = people().run("consort", "fig-c", FLOW).unwrap();
    assert_eq!(codes(&outcome), [""; 0]);
    check_sound(&outcome);
    for (id, wanted) in [
        ("randomised/n", 8.0),
        ("allocated/arm=A/n", 5.0),
        ("allocated/arm=B/n", 3.0),
        ("withdrawn/Withdrew/arm=A/n", 3.0),
        ("withdrawn/Calendar/arm=A/n", 3.0),
        ("y/measured/visit=pre/arm=A/n", 2.0),
        ("y/measured/visit=post/arm=A/n", 1.0),
        ("y/missing/visit=post/arm=A/n", 1.0),
        ("y/measured/visit=post/arm=B/n", 2.0),
        ("y/missing/visit=post/arm=B/n", 1.0),
        ("y/missing: Moved/visit=post/arm=B/n", 1.0),
        ("y/missing: Reason not recorded/visit=post/arm=A/n", 1.0),
        ("analysed/arm=A/n", 2.0),
        ("analysed/arm=B/n", 3.0),
    ] {
        let found = at(&outcome, &format!("fig-c/{id}"));
        assert!((found - wanted).abs() < 1e-12, "{id}: {found}");
    }
    let quoted = |id: &str| {
        let found = outcome.statistics.iter().find(|s| s.id().as_str() == id);
        found.unwrap().clone()
    };
    assert_eq!(
        quoted("fig-c/withdrawn/Withdrew/arm=A/n").context,
        "quoted from key"
    );
    let warnings = quoted("fig-c/allocated/arm=A/n").warnings;
    assert_eq!(
        warnings,
        ["3 of them quoted from key, of whom there are no rows"]
    );
    assert!(quoted("fig-c/allocated/arm=B/n").warnings.is_empty());
}

#[test]
fn a_flow_says_where_its_rows_are() {
    let outcome = people().run("consort", "fig-c", FLOW).unwrap();
    let of = |stats: &str, groups: &[&str]| {
        let found = outcome.rows.iter().find(|r| {
            let own: Vec<&str> = r.groups.iter().map(|g| g.level.as_str()).collect();
            r.stats.as_str() == stats && own == groups
        });
        let found = found.unwrap_or_else(|| panic!("no rows of {stats} {groups:?}"));
        let left_out: u64 = found.left_out.iter().map(|l| l.rows.len()).sum();
        (
            found.used.iter().collect::<Vec<u64>>(),
            found.used.len() + left_out,
        )
    };
    // Whatever is counted, each of the nine rows is used or left out.
    assert_eq!(of("fig-c/y/measured", &["pre", "A"]), (vec![1, 5], 9));
    assert_eq!(of("fig-c/y/measured", &["post", "B"]), (vec![7, 9], 9));
    assert_eq!(of("fig-c/y/missing", &["post", "B"]), (vec![4], 9));
    assert_eq!(of("fig-c/analysed", &["A"]), (vec![1, 2, 5], 9));
}

#[test]
fn careless_long_data_are_refused() {
    let run = |data: Memory| {
        let outcome = data.run("consort", "fig-c", FLOW).unwrap();
        codes(&outcome).join(" ")
    };
    let twice = people_with(|rows| rows.push(("a1", "A", "post", Some(4.0))));
    assert_eq!(run(twice), "repeated-visit");
    let two_arms = people_with(|rows| rows.push(("a2", "B", "post", Some(4.0))));
    assert_eq!(run(two_arms), "two-arms");
    let complaints = |body: &str| people().complaints("consort", "fig-c", body).join(" ");
    for (from, to, wanted) in [
        ("id = \"id\"\n", "", "no-effect"),
        ("at = \"pre\"\n", "", "missing-key"),
        ("at = \"pre\"", "at = \"before\"", "unknown-level"),
        ("arm = \"Active\"", "arm = \"Aktive\"", "unknown-level"),
        ("n = 3", "n = -3", "out-of-range"),
        ("visit_column = \"visit\"\n", "", "no-effect"),
        (
            "visit_column = \"visit\"",
            "visit_column = \"y\"",
            "wrong-kind",
        ),
    ] {
        let found = complaints(&FLOW.replacen(from, to, 1));
        assert!(found.contains(wanted), "{to}: {found}");
    }
}

const SCALES: &str = "data = \"t@1\"\nid = \"id\"\nvisit = \"visit\"\nlabels = { pre = \"Before\" }\n\
    [[scale]]\nlabel = \"Scale\"\nreliability = 0.85\nsource = \"key\"\nvariables = [\"y\", \"z\"]\n";

#[test]
fn measures_are_summarised_by_visit_and_arm() {
    let outcome = people().run("measures", "tbl-m", SCALES).unwrap();
    assert_eq!(codes(&outcome), [""; 0]);
    check_sound(&outcome);
    for (id, wanted) in [
        ("Scale/alpha", 0.85),
        ("y/visit=pre/arm=B/N", 3.0),
        ("y/visit=pre/arm=B/mean", 5.0),
        ("y/visit=pre/arm=B/sd", 3.0),
        ("y/visit=post/arm=B/N_miss", 1.0),
        ("z/visit=post/arm=B/mean", 2.75),
        ("y/visit=post/arm=A/N", 1.0),
    ] {
        let found = at(&outcome, &format!("tbl-m/{id}"));
        assert!((found - wanted).abs() < 1e-12, "{id}: {found}");
    }
    // One value has no standard deviation.
    assert_eq!(value(&outcome, "tbl-m/y/visit=post/arm=A/sd"), None);
    let table = table(&outcome);
    let labels: Vec<&str> = table
        .spanners
        .iter()
        .map(|s| s.label.text.as_str())
        .collect();
    assert_eq!(labels, ["Before", "post"]);
    // The head, two scores, and one row of numbers for both.
    assert_eq!(table.rows.len(), 4);
    assert!(table.rows.iter().all(|row| row.cells.len() == 5));
}

#[test]
fn careless_measures_are_refused() {
    let complaints = |body: &str| people().complaints("measures", "tbl-m", body).join(" ");
    for (from, to, wanted) in [
        ("id = \"id\"\n", "", "missing-key"),
        ("source = \"key\"\n", "", "missing-key"),
        ("reliability = 0.85", "reliability = 8.5", "out-of-range"),
        ("[\"y\", \"z\"]", "[\"y\", \"y\"]", "repeated"),
        ("[\"y\", \"z\"]", "[]", "missing-key"),
        ("[\"y\", \"z\"]", "[\"why\"]", "wrong-kind"),
        ("visit = \"visit\"\n", "visits = [\"pre\"]\n", "no-effect"),
        (
            "visit = \"visit\"\n",
            "visit = \"visit\"\nvisits = [\"never\"]\n",
            "unknown-level",
        ),
    ] {
        let found = complaints(&SCALES.replacen(from, to, 1));
        assert!(found.contains(wanted), "{to}: {found}");
    }
}

/// Eight people with three visits and two scores.
fn course() -> Memory {
    let (mut id, mut arm, mut visit, mut y, mut z) = (vec![], vec![], vec![], vec![], vec![]);
    for person in 0..8_u32 {
        for (k, name) in ["pre", "mid", "post"].into_iter().enumerate() {
            let noise = f64::from((person * 7 + 5 * u32::try_from(k).unwrap()) % 11) / 3.0;
            id.push(Some(f64::from(person)));
            arm.push(Some(if person % 2 == 0 { "A" } else { "B" }));
            visit.push(Some(name));
            y.push(Some(f64::from(person) + noise + k as f64));
            z.push(Some(f64::from(person) * 2.0 - noise));
        }
    }
    Memory::new(frame(
        "t@1",
        vec![
            number("id", &id),
            category("arm", &["A", "B"], &arm),
            category("visit", &["pre", "mid", "post"], &visit),
            number("y", &y),
            number("z", &z),
        ],
    ))
}

const MODELS: &str = "data = \"t@1\"\nformula = \"arm * visit + (1 | id)\"\n\
    terms = [\"arm[B]:visit[mid]\", \"arm[B]:visit[post]\"]\n\
    [[group]]\nlabel = \"Both\"\noutcomes = [\"y\", \"z\"]\n";

#[test]
fn a_stacked_table_has_a_line_for_each_thing_shown() {
    let stacked = format!("stacked = true\n{MODELS}");
    let outcome = course().run("lmm", "tbl-l", &stacked).unwrap();
    let found = table(&outcome);
    let labels: Vec<&str> = found.rows.iter().map(|r| r.label.text.as_str()).collect();
    assert_eq!(labels, ["Both", "y", "", "z", ""]);
    assert_eq!(found.columns.len(), 2);
    let plain = course().run("lmm", "tbl-l", MODELS).unwrap();
    assert_eq!(outcome.statistics, plain.statistics);
    assert_eq!(table(&plain).columns.len(), 4);
    let single = "data = \"t@1\"\nformula = \"y ~ arm + (1 | id)\"\nstacked = true\n";
    let complaints = course().complaints("lmm", "tbl-l", single).join(" ");
    assert!(complaints.contains("no-effect"), "{complaints}");
}

#[test]
fn a_wide_table_of_contrasts_has_a_row_for_each_level() {
    let data = course().with_other("effects", "lmm", MODELS);
    let body =
        "from = \"effects\"\nof = \"visit\"\nby = \"arm\"\ncontrasts = \"reverse pairwise\"\n";
    let terms = "terms = [\"visit[post] - visit[pre]\", \"visit[mid] - visit[pre]\"]\n";
    let wide = format!("{body}wide = true\n{terms}");
    let wide = data.run("emmeans", "tbl-e", &wide).unwrap();
    let long = data.run("emmeans", "tbl-e", body).unwrap();
    assert_eq!(wide.statistics, long.statistics);
    let found = table(&wide);
    assert_eq!((found.columns.len(), found.spanners.len()), (4, 2));
    let labels: Vec<&str> = found.rows.iter().map(|r| r.label.text.as_str()).collect();
    assert_eq!(labels, ["Both", "y", "A", "B", "z", "A", "B"]);
    let first = &found.rows[2].cells[0];
    let id = "tbl-e/y/visit[post] - visit[pre]/arm=A/estimate";
    assert!(
        matches!(first, Cell::Number { quantity, .. } if quantity.form.stats()[0].as_str() == id)
    );
    // Every contrast has a row in the long table: two outcomes, two arms, three contrasts.
    let rows = table(&long).rows.iter().filter(|r| !r.cells.is_empty());
    assert_eq!(rows.count(), 12);
    let unknown = format!("{body}terms = [\"visit[post]\"]\n");
    let unknown = data.run("emmeans", "tbl-e", &unknown).unwrap();
    assert_eq!(codes(&unknown), ["unknown-term"]);
}
