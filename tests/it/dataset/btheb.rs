//! The two versions of the Beat the Blues data.

use std::path::Path;

use trialbook::dataset::{ColumnData, Dataset, Frame, Kind};
use trialbook::manifest::Manifest;

fn open(reference: &str) -> Dataset {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (manifest, diagnostics) = Manifest::load(root).unwrap();
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let resolved = manifest.resolve(reference, None).unwrap();
    let (dataset, diagnostics) = Dataset::open(root, &resolved);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    dataset.unwrap()
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|c| (*c).to_owned()).collect()
}

fn numbers(frame: &Frame, name: &str) -> Vec<Option<f64>> {
    match &frame.column(name).unwrap().data {
        ColumnData::Number(values) => values.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

fn categories(frame: &Frame, name: &str) -> Vec<Option<u32>> {
    match &frame.column(name).unwrap().data {
        ColumnData::Category(values) => values.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn wide_version_is_typed_by_its_codebook() {
    let wide = open("btheb@1.0.0");
    assert_eq!(wide.height(), 100);
    let kinds: Vec<_> = wide.schema().fields.iter().map(|f| f.kind).collect();
    let mut wanted = vec![Kind::Number];
    wanted.extend([Kind::Category; 3]);
    wanted.extend([Kind::Number; 5]);
    assert_eq!(kinds, wanted);
    let treatment = wide.schema().field("treatment").unwrap();
    let levels: Vec<_> = treatment
        .levels
        .iter()
        .map(|l| (l.value.as_str(), l.label.as_str()))
        .collect();
    assert_eq!(
        levels,
        [("TAU", "Treatment as usual"), ("BtheB", "Beat the Blues")]
    );
    assert_eq!(wide.schema().field("bdi.pre").unwrap().decimals, Some(0));
    assert_eq!(
        wide.schema().field("bdi.pre").unwrap().title,
        "BDI-II at baseline"
    );
}

#[test]
fn long_version_agrees_with_the_wide_one() {
    let (wide, long) = (open("btheb@1.0.0"), open("btheb@2.0.0"));
    assert_eq!(long.height(), 400);
    for (visit, column) in [(2, "bdi.2m"), (3, "bdi.3m"), (5, "bdi.5m"), (8, "bdi.8m")] {
        let columns = names(&["participant", "drug", "length", "treatment", "bdi.pre"]);
        let wide = wide.frame(None, &[], &[&columns[..], &names(&[column])[..]].concat());
        let condition = format!("visit = {visit}");
        let long = long.frame(
            Some(&condition),
            &[],
            &[&columns[..], &names(&["bdi"])[..]].concat(),
        );
        let (wide, long) = (wide.unwrap(), long.unwrap());
        assert_eq!(numbers(&wide, column), numbers(&long, "bdi"));
        for name in ["participant", "bdi.pre"] {
            assert_eq!(numbers(&wide, name), numbers(&long, name));
        }
        for name in ["drug", "length", "treatment"] {
            assert_eq!(categories(&wide, name), categories(&long, name));
            assert_eq!(
                wide.column(name).unwrap().field,
                long.column(name).unwrap().field
            );
        }
    }
}

#[test]
fn populations_keep_their_rows_and_leave_out_what_is_missing() {
    let wide = open("btheb@1.0.0");
    let derive = [
        ("better".to_owned(), "change <= -5".to_owned()),
        ("change".to_owned(), "\"bdi.2m\" - \"bdi.pre\"".to_owned()),
        (
            "severe".to_owned(),
            "CASE WHEN \"bdi.pre\" >= 29 THEN 'yes' ELSE 'no' END".to_owned(),
        ),
        ("arm".to_owned(), "treatment".to_owned()),
        ("half".to_owned(), "participant / 2".to_owned()),
    ];
    let columns = names(&["participant", "change", "better", "severe", "arm", "half"]);
    let frame = wide
        .frame(Some("change < 0 AND drug = 'Yes'"), &derive, &columns)
        .unwrap();
    let participants: Vec<f64> = numbers(&frame, "participant")
        .into_iter()
        .flatten()
        .collect();
    let rows: Vec<f64> = frame.rows.iter().map(|r| *r as f64).collect();
    assert_eq!(participants, rows);
    assert!(numbers(&frame, "change").iter().all(|c| c.unwrap() < 0.0));
    let half = numbers(&frame, "half");
    assert!(
        participants
            .iter()
            .zip(half)
            .all(|(p, h)| p / 2.0 == h.unwrap())
    );
    assert_eq!(frame.column("half").unwrap().field.decimals, Some(1));
    assert_eq!(frame.column("better").unwrap().field.kind, Kind::Boolean);
    assert_eq!(frame.column("arm").unwrap().field.title, "Treatment");
    assert_eq!(
        frame.column("arm").unwrap().field.levels[0].label,
        "Treatment as usual"
    );
    let severe = &frame.column("severe").unwrap().field;
    // In the order of the branches, not of the alphabet.
    let levels: Vec<&str> = severe.levels.iter().map(|l| l.value.as_str()).collect();
    assert_eq!((severe.kind, levels), (Kind::Category, vec!["yes", "no"]));

    let (schema, errors) = wide.schema_with(&derive);
    assert_eq!(errors, []);
    let derived: Vec<_> = schema.names().skip(9).collect();
    assert_eq!(derived, ["better", "change", "severe", "arm", "half"]);
}

#[test]
fn queries_come_in_the_same_order_every_time() {
    let wide = open("btheb@1.0.0");
    let sql = "SELECT drug, length, COUNT(*) AS n, AVG(\"bdi.pre\") AS mean FROM btheb GROUP BY drug, length";
    let first = wide.query(sql, &[]).unwrap();
    assert_eq!(first.height, 4);
    assert_eq!(
        first.column("drug").unwrap().field.title,
        "Taking antidepressants"
    );
    for _ in 0..20 {
        assert_eq!(wide.query(sql, &[]).unwrap(), first);
    }
}
