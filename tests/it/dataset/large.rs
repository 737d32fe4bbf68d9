//! Files that are not kept in memory: they are read again, piece by piece, and give what they give in memory.

use std::fmt::Write as _;

use polars::prelude::{NamedFrom, Series};
use trialbook::dataset::{ColumnData, Dataset};

use super::parquet::parquet;
use crate::it::support::project::{Project, rendered};

const ROWS: u32 = 150_000;

/// A trial of so many rows that its file has several pieces.
fn rows() -> String {
    let mut text = "id,arm,age,site,visit,note\n".to_owned();
    for i in 0..ROWS {
        let arm = ["control", "active"][(i % 2) as usize];
        let age = if i % 97 == 0 {
            "NA".to_owned()
        } else {
            format!("{}.{}", 20 + i % 60, i % 10)
        };
        let note = if i % 5 == 0 {
            "\"a \"\"b\"\",\nc\""
        } else {
            ""
        };
        let day = 1 + i % 28;
        let site = i % 12;
        writeln!(text, "{i},{arm},{age},{site},2024-02-{day:02},{note}").unwrap();
    }
    text
}

const CODEBOOK: &str = "missingValues = [\"NA\"]\nprimaryKey = \"id\"\n\
    [[fields]]\nname = \"id\"\ntype = \"integer\"\nconstraints = { required = true, unique = true }\n\
    [[fields]]\nname = \"arm\"\ncategories = [\"control\", \"active\"]\n\
    [[fields]]\nname = \"age\"\nconstraints = { minimum = 18, maximum = 90 }\n\
    [[fields]]\nname = \"site\"\n[[fields]]\nname = \"visit\"\ntype = \"date\"\n[[fields]]\nname = \"note\"\n";

fn project(bytes: &[u8]) -> Project {
    let project = Project::new(bytes);
    project.write("data/codebook.toml", CODEBOOK.as_bytes());
    project.edit_manifest(
        "name = \"trial\"",
        "name = \"trial\"\ncodebook = \"data/codebook.toml\"",
    );
    project
}

fn both(project: &Project) -> [Dataset; 2] {
    [project.open(), project.open_large()].map(|(dataset, diagnostics)| {
        assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
        dataset.unwrap()
    })
}

fn names(dataset: &Dataset) -> Vec<String> {
    dataset.schema().names().map(str::to_owned).collect()
}

#[test]
fn a_csv_read_again_gives_what_it_gives_in_memory() {
    let [kept, again] = both(&project(rows().as_bytes()));
    assert_eq!(kept.height(), ROWS as usize);
    assert_eq!(kept.schema(), again.schema());
    assert_eq!(kept.sha256(), again.sha256());
    let all = names(&kept);
    assert_eq!(
        kept.frame(None, &[], &all).unwrap(),
        again.frame(None, &[], &all).unwrap()
    );
    let derive = [
        ("old".to_owned(), "age > 60.5".to_owned()),
        ("twice".to_owned(), "age * 2 + \"site\"".to_owned()),
        ("one".to_owned(), "1".to_owned()),
    ];
    assert_eq!(kept.schema_with(&derive), again.schema_with(&derive));
    let wanted = ["twice", "arm", "note", "one", "arm"].map(str::to_owned);
    let condition = Some("old AND arm = 'active' AND visit > '2024-02-10'::date");
    let condition = condition.map(|c| c.replace("'2024-02-10'::date", "DATE('2024-02-10')"));
    let of = |d: &Dataset| d.frame(condition.as_deref(), &derive, &wanted);
    assert_eq!(of(&kept).unwrap(), of(&again).unwrap());
    assert!(of(&kept).unwrap().height() > 1000);
    for sql in [
        "SELECT arm, COUNT(*) AS n, AVG(age) AS mean FROM self GROUP BY arm",
        "SELECT * FROM trial WHERE id < 3",
        "SELECT twice FROM self WHERE \"site\" = 3 LIMIT 5",
        "SELECT COUNT(*) AS n FROM self",
    ] {
        let of = |d: &Dataset| d.query(sql, &derive);
        assert_eq!(of(&kept).unwrap(), of(&again).unwrap(), "{sql}");
    }
    let unknown = ["nobody".to_owned()];
    assert!(again.frame(None, &[], &unknown).is_err());
}

#[test]
fn columns_of_a_large_file_are_read_on_their_own() {
    let [_, again] = both(&project(rows().as_bytes()));
    assert_eq!(again.together(2 * 16 * ROWS as usize), 2);
    assert_eq!(again.together(0), 1);
    let found = again.columns(&["visit", "arm"]).unwrap();
    assert_eq!(found[0].field.name, "visit");
    assert_eq!(found[1].field.name, "arm");
    assert_eq!(found[1].data.len(), ROWS as usize);
}

#[test]
fn a_parquet_file_read_again_gives_what_it_gives_in_memory() {
    let n = 600_000_u32;
    let number = |i: u32| (!i.is_multiple_of(13)).then(|| f64::from(i % 1000) / 4.0);
    let bytes = parquet(vec![
        Series::new("id".into(), (0..n).collect::<Vec<_>>()),
        Series::new("x".into(), (0..n).map(number).collect::<Vec<_>>()),
        Series::new(
            "arm".into(),
            (0..n)
                .map(|i| ["a", "b"][(i % 2) as usize])
                .collect::<Vec<_>>(),
        ),
    ]);
    let project = Project::new(&bytes);
    project.edit_manifest("trial.csv", "trial.parquet");
    project.write("data/trial.parquet", &bytes);
    let [kept, again] = both(&project);
    assert_eq!(kept.schema(), again.schema());
    let all = names(&kept);
    let frame = again.frame(None, &[], &all).unwrap();
    assert_eq!(frame, kept.frame(None, &[], &all).unwrap());
    let ColumnData::Number(x) = &frame.columns[1].data else {
        panic!("x is a number");
    };
    assert!((0..n).zip(x).all(|(i, x)| *x == number(i)));
    let of = |d: &Dataset| d.frame(Some("x > 200 AND arm = 'b'"), &[], &all).unwrap();
    assert_eq!(of(&kept), of(&again));
}

#[test]
fn mistakes_far_down_a_large_file_have_their_rows() {
    let mut text = rows();
    text.push_str(
        "7,other,17.5,1,2024-02-30,\n7,active,95,1,2024-02-03,\n,active,30,1,2024-02-03,\n",
    );
    let project = project(text.as_bytes());
    let (kept, small) = project.open();
    let (again, large) = project.open_large();
    assert!(kept.is_none() && again.is_none());
    assert_eq!(rendered(&small), rendered(&large));
    insta::assert_snapshot!(rendered(&large));
}

#[test]
fn a_file_that_changes_after_it_was_opened_is_noticed() {
    let mut text = rows();
    let project = project(text.as_bytes());
    let (dataset, _) = project.open_large();
    let dataset = dataset.unwrap();
    // The same length, and a value that the codebook allows.
    let place = text.rfind("active").unwrap();
    text.replace_range(place..place + 6, "passiv");
    project.write("data/trial.csv", text.as_bytes());
    let errors = dataset.frame(None, &[], &["age".to_owned()]).unwrap_err();
    assert!(
        errors[0].message.contains("changed while it was read"),
        "{errors:?}"
    );
}
