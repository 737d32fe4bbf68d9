//! `data describe`: against computations that take their time, and as it is printed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use serde_json::Value;
use trialbook::dataset::{Column, ColumnData, Field, Kind, Level, Reasons};
use trialbook::describe::{Axis, Groups, Part, Values, describe, sparkline};
use trialbook::stats::summary::{QuantileType, Summary, quantiles, quantiles_in_place};

use crate::it::support::project::Project;

fn column(kind: Kind, data: ColumnData, levels: usize) -> Column {
    let level = |i: usize| Level {
        value: i.to_string(),
        label: format!("level {i}"),
    };
    Column {
        field: Field {
            name: "x".to_owned(),
            kind,
            title: "X".to_owned(),
            unit: None,
            levels: (0..levels).map(level).collect(),
            decimals: None,
            labels: Vec::new(),
            missing: vec![level(98), level(99)],
        },
        data,
        reasons: Reasons::default(),
    }
}

fn groups(codes: &[Option<u32>]) -> Groups {
    let column = column(Kind::Category, ColumnData::Category(codes.to_vec()), 3);
    Groups::of(&column).unwrap()
}

/// The rows of each group: all, then each level, then those without one if there are any.
fn rows(codes: &[Option<u32>]) -> Vec<Vec<usize>> {
    let of = |group: Option<u32>| -> Vec<usize> {
        (0..codes.len()).filter(|i| codes[*i] == group).collect()
    };
    let mut all = vec![
        (0..codes.len()).collect(),
        of(Some(0)),
        of(Some(1)),
        of(Some(2)),
    ];
    let none = of(None);
    if !none.is_empty() {
        all.push(none);
    }
    all
}

fn close(found: Option<f64>, wanted: Option<f64>) -> bool {
    match (found, wanted) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * b.abs().max(1e-300),
        (a, b) => a.is_none() == b.is_none(),
    }
}

fn parts(described: &trialbook::describe::Description) -> Vec<&Part> {
    std::iter::once(&described.all)
        .chain(&described.groups)
        .collect()
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (-50_i32..50).prop_map(f64::from),
        3 => -1e6..1e6_f64,
        1 => prop::num::f64::NORMAL.prop_map(|v| v / 1e10),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn numbers_are_summarised_as_one_by_one(
        cells in prop::collection::vec((prop::option::weighted(0.8, value()), prop::option::weighted(0.9, 0_u32..3)), 0..60),
    ) {
        let values: Vec<Option<f64>> = cells.iter().map(|c| c.0).collect();
        let codes: Vec<Option<u32>> = cells.iter().map(|c| c.1).collect();
        let mut column = column(Kind::Number, ColumnData::Number(values.clone()), 0);
        let missing: Vec<usize> = (0..values.len()).filter(|i| values[*i].is_none()).collect();
        column.reasons = Reasons(missing.iter().step_by(2).map(|i| (*i, u32::from(i % 3 == 0))).collect());
        let described = describe(&column, None, Some(&groups(&codes)));
        let rows = rows(&codes);
        prop_assert_eq!(described.groups.len() + 1, rows.len());
        for (part, rows) in parts(&described).into_iter().zip(&rows) {
            let own: Vec<Option<f64>> = rows.iter().map(|i| values[*i]).collect();
            let wanted = Summary::of(&own, QuantileType::Linear).unwrap();
            prop_assert_eq!((part.n, part.missing), (wanted.n, wanted.n_missing));
            let Values::Numbers(found) = part.values else { panic!() };
            for (found, wanted) in [
                (found.mean, wanted.mean), (found.sd, wanted.sd), (found.min, wanted.min), (found.p25, wanted.p25),
                (found.median, wanted.median), (found.p75, wanted.p75), (found.max, wanted.max),
            ] {
                prop_assert!(close(found, wanted.clone().ok()), "{:?} {:?}", found, wanted);
            }
            let reasons: Vec<usize> = (0..2).map(|r| {
                rows.iter().filter(|i| column.reasons.at(**i) == Some(r)).count()
            }).collect();
            prop_assert_eq!(&part.reasons, &reasons);
            prop_assert_eq!(part.bins.iter().sum::<usize>(), part.n);
        }
        // The same without groups.
        let alone = describe(&column, None, None);
        prop_assert_eq!(&alone.all, &described.all);
    }

    #[test]
    fn selected_quantiles_are_the_sorted_ones(
        values in prop::collection::vec(value(), 1..50),
        at in prop::collection::vec(0.0..=1.0_f64, 1..6),
        kind in 1_u8..=9,
    ) {
        let kind = QuantileType::from_number(kind).unwrap();
        let sorted = quantiles(&values, &at, kind).unwrap();
        let mut values = values;
        prop_assert_eq!(quantiles_in_place(&mut values, &at, kind).unwrap(), sorted);
    }

    #[test]
    fn categories_texts_and_days_are_counted_as_one_by_one(
        cells in prop::collection::vec((prop::option::weighted(0.8, 0_u32..5), prop::option::weighted(0.9, 0_u32..3)), 0..60),
    ) {
        let codes: Vec<Option<u32>> = cells.iter().map(|c| c.1).collect();
        let own = |rows: &[usize]| -> Vec<u32> { rows.iter().filter_map(|i| cells[*i].0).collect() };
        let grouped = groups(&codes);
        let rows = rows(&codes);

        let category = column(Kind::Category, ColumnData::Category(cells.iter().map(|c| c.0).collect()), 5);
        let found = describe(&category, None, Some(&grouped));
        for (part, rows) in parts(&found).into_iter().zip(&rows) {
            let own = own(rows);
            let counts = (0..5).map(|l| own.iter().filter(|c| **c == l).count()).collect();
            prop_assert_eq!(&part.values, &Values::Levels(counts));
        }

        let text = |c: Option<u32>| c.map(|c| "é".repeat(c as usize + 1));
        let texts = column(Kind::Text, ColumnData::Text(cells.iter().map(|c| text(c.0)).collect()), 0);
        let found = describe(&texts, None, Some(&grouped));
        for (part, rows) in parts(&found).into_iter().zip(&rows) {
            let own = own(rows);
            let Values::Texts(summary) = part.values else { panic!() };
            let different: BTreeSet<u32> = own.iter().copied().collect();
            prop_assert_eq!(summary.distinct, different.len());
            let single = different.iter().filter(|d| own.iter().filter(|o| o == d).count() == 1).count();
            prop_assert_eq!(summary.single, single);
            prop_assert_eq!(summary.longest, own.iter().max().map_or(0, |m| *m as usize + 1));
            prop_assert_eq!(summary.shortest, own.iter().min().map_or(0, |m| *m as usize + 1));
        }

        let day = |c: Option<u32>| c.map(|c| i32::try_from(c).unwrap() * 1000 - 2000);
        let days = column(Kind::Date, ColumnData::Date(cells.iter().map(|c| day(c.0)).collect()), 0);
        let found = describe(&days, None, Some(&grouped));
        for (part, rows) in parts(&found).into_iter().zip(&rows) {
            let mut own: Vec<i32> = own(rows).into_iter().map(|c| day(Some(c)).unwrap()).collect();
            own.sort_unstable();
            let Values::Dates(summary) = &part.values else { panic!() };
            prop_assert_eq!(summary.is_some(), !own.is_empty());
            if let Some(summary) = summary {
                prop_assert_eq!((summary.first, summary.last), (own[0], own[own.len() - 1]));
                prop_assert_eq!(summary.median, own[(own.len() - 1) / 2]);
            }
        }

        let truth = |c: Option<u32>| c.map(|c| c % 2 == 1);
        let booleans = column(Kind::Boolean, ColumnData::Boolean(cells.iter().map(|c| truth(c.0)).collect()), 2);
        let found = describe(&booleans, None, Some(&grouped));
        for (part, rows) in parts(&found).into_iter().zip(&rows) {
            let yes = own(rows).iter().filter(|c| *c % 2 == 1).count();
            prop_assert_eq!(&part.values, &Values::Levels(vec![part.n - yes, yes]));
        }
    }

    #[test]
    fn every_value_has_its_bin(values in prop::collection::vec(value(), 1..50), whole in any::<bool>()) {
        let values: Vec<f64> = if whole { values.iter().map(|v| v.round()).collect() } else { values };
        let (min, max) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
        let axis = Axis::new(min, max, whole);
        let counts = axis.counts(&values);
        prop_assert_eq!(counts.len(), axis.bins);
        prop_assert!(axis.bins <= 16);
        prop_assert_eq!(counts.iter().sum::<usize>(), values.len());
        prop_assert!(counts[0] > 0 && counts[axis.bins - 1] > 0);
        for value in &values {
            let bin = axis.bin(*value) as f64;
            if axis.single {
                prop_assert_eq!(min + bin, *value);
            } else if axis.bins > 1 {
                let width = max / 16.0 - min / 16.0;
                prop_assert!(*value >= min + bin * width - 1e-9 * width.abs().max(min.abs()));
            }
        }
    }
}

#[test]
fn the_widest_and_the_narrowest_ranges_have_bins() {
    let axis = Axis::new(-f64::MAX, f64::MAX, false);
    assert_eq!(
        axis.counts(&[-f64::MAX, 0.0, f64::MAX])
            .iter()
            .sum::<usize>(),
        3
    );
    assert_eq!(
        (axis.bin(-f64::MAX), axis.bin(0.0), axis.bin(f64::MAX)),
        (0, 8, 15)
    );
    assert_eq!(Axis::new(2.5, 2.5, false).counts(&[2.5, 2.5]), [2]);
    assert_eq!(Axis::new(3.0, 3.0, true).counts(&[3.0]), [1]);
    let tiny = f64::from_bits(1);
    assert_eq!(
        Axis::new(0.0, tiny, false)
            .counts(&[0.0, tiny])
            .iter()
            .sum::<usize>(),
        2
    );
}

#[test]
fn a_sparkline_is_as_high_as_its_counts() {
    assert_eq!(sparkline(&[1, 0, 4, 8]), "▁ ▄█");
    assert_eq!(sparkline(&[1, 1000]), "▁█");
    assert_eq!(sparkline(&[0, 0]), "  ");
    assert_eq!(sparkline(&[]), "");
}

fn run(root: &Path, arguments: &[&str]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "describe"])
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        ended.status.code().unwrap(),
        text(ended.stdout),
        text(ended.stderr),
    )
}

fn shipped(arguments: &[&str]) -> String {
    let (status, out, err) = run(Path::new(env!("CARGO_MANIFEST_DIR")), arguments);
    assert_eq!((status, err.as_str()), (0, ""));
    for line in out.lines().filter(|_| !out.starts_with('{')) {
        assert!(line.chars().count() <= 100, "{line}");
    }
    out
}

#[test]
fn the_shipped_dataset_is_described() {
    insta::assert_snapshot!(shipped(&["btheb@1.0.0"]));
    insta::assert_snapshot!(shipped(&[
        "btheb@1.0.0",
        "--by",
        "treatment",
        "--columns",
        "drug,bdi.2m"
    ]));
    // A name alone is its newest version.
    assert!(shipped(&["btheb"]).starts_with("btheb@2.0.0  "));
}

#[test]
fn json_has_the_same_numbers_in_full() {
    let out = shipped(&[
        "btheb@1.0.0",
        "--format",
        "json",
        "--by",
        "treatment",
        "--columns",
        "bdi.2m,length",
    ]);
    let book: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(book["schema"], "trialbook-describe/1");
    assert_eq!(book["dataset"]["rows"], 100);
    assert_eq!(book["by"]["groups"][1]["value"], "BtheB");
    let bdi = &book["columns"][0];
    assert_eq!(bdi["all"]["n"], 97);
    // The mean of all is that of the groups, weighted.
    let mean = |part: &Value| part["numbers"]["mean"].as_f64().unwrap();
    let (tau, btheb) = (&bdi["groups"][0], &bdi["groups"][1]);
    let n = |part: &Value| part["n"].as_f64().unwrap();
    let pooled = (mean(tau) * n(tau) + mean(btheb) * n(btheb)) / 97.0;
    assert!((mean(&bdi["all"]) - pooled).abs() < 1e-12);
    assert_eq!(
        book["columns"][1]["all"]["levels"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn what_can_not_be_described_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (arguments, says) in [
        (
            &["btheb", "--by", "participant"][..],
            "`participant` makes no groups: its values are numbers",
        ),
        (&["btheb@1.0.0", "--columns", "durg"], "did you mean `drug`"),
        (&["btheb@1.0.0", "--by", "arms"], "has no column `arms`"),
        (&["bhteb"], "did you mean `btheb`"),
        (&["btheb@9.0.0"], "has no version `9.0.0`"),
    ] {
        let (status, out, err) = run(root, arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(says), "{err}");
    }
}

#[test]
fn odd_data_are_described() {
    let csv = "text,empty,large,few,evil,day,flag\n\
               Anna Example,,1e300,a,\u{1b}[31mred,2024-02-29,true\n\
               Bert Example,,-1e300,a,\"two\nlines\",2023-01-01,false\n\
               Cora Example,,5e-324,b,\u{202e}txt,,\n";
    let folder = Project::new(csv.as_bytes());
    let (status, out, err) = run(folder.path(), &["trial"]);
    assert_eq!(status, 0, "{err}");
    assert!(!out.contains("Example"), "texts may identify: {out}");
    assert!(!out.contains('\u{1b}') && !out.contains('\u{202e}'));
    insta::assert_snapshot!(out.replace(
        &trialbook::dataset::digest(csv.as_bytes()).to_string()[..12],
        "DIGEST"
    ));
    let (status, out, err) = run(
        folder.path(),
        &["trial", "--by", "flag", "--format", "json"],
    );
    assert_eq!(status, 0, "{err}");
    let book: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(book["by"]["groups"][2]["value"], Value::Null);
    assert_eq!(book["columns"][5]["all"]["dates"]["first"], "2023-01-01");
    // Many levels, and a header without rows.
    let mut many = String::from("level,n\n");
    for i in 0..60 {
        writeln!(many, "L{},{i}", i % 30).unwrap();
    }
    let folder = Project::new(many.as_bytes());
    let (_, out, _) = run(folder.path(), &["trial", "--by", "level"]);
    assert!(out.contains("and 18 more levels"), "{out}");
    let folder = Project::new(b"a,b\n");
    let (_, out, _) = run(folder.path(), &["trial"]);
    assert!(out.contains("0 rows") || out.is_empty(), "{out}");
}

#[test]
fn missing_values_are_counted_by_their_reasons() {
    let book = "[[fields]]\nname = \"x\"\ntype = \"integer\"\nlabels = [{ value = 0, label = \"never\" }]\n\
                missingValues = [{ value = \"99\", label = \"Refused\" }, { value = \"98\", label = \"Not asked\" }]\n\
                [[fields]]\nname = \"arm\"\ncategories = [\"A\", \"B\"]\n";
    let (dataset, found) = crate::it::support::project::read(
        "data/trial.csv",
        b"x,arm\n5,A\n99,A\n,A\n98,B\n99,B\n0,B\n",
        Some(book),
    );
    assert!(found.is_empty());
    let dataset = dataset.unwrap();
    let columns = dataset.columns(&["arm", "x"]).unwrap();
    let groups = Groups::of(&columns[0]).unwrap();
    let described = describe(&columns[1], None, Some(&groups));
    let reasons: Vec<(usize, &[usize])> = parts(&described)
        .iter()
        .map(|p| (p.missing, &p.reasons[..]))
        .collect();
    assert_eq!(reasons, [(4, &[2, 1][..]), (2, &[1, 0]), (2, &[1, 1])]);
}
