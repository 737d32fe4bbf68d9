//! `data diff`: what it finds gives the second version when it is applied to the first; and as it is printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;
use trialbook::dataset::{Codebook, Dataset, DatasetId, digest};
use trialbook::diagnostic::Source;
use trialbook::diff::{Diff, Key, Value, diff};

use crate::it::support::project::{Project, rendered};

const CODEBOOK: &str = r#"
primaryKey = ["id", "visit"]
[[fields]]
name = "id"
type = "integer"
[[fields]]
name = "visit"
type = "string"
categories = ["pre", "post"]
[[fields]]
name = "score"
type = "number"
[[fields]]
name = "arm"
type = "string"
categories = ["TAU", "Active", "Wait"]
[[fields]]
name = "note"
type = "string"
constraints = { pattern = ".*" }
[[fields]]
name = "flag"
type = "boolean"
[[fields]]
name = "day"
type = "date"
"#;

const COLUMNS: [&str; 5] = ["score", "arm", "note", "flag", "day"];

/// A row's values as a program would write them; `None` is missing.
type Cells = [Option<String>; 5];

/// A table: the values by id and visit.
type Model = BTreeMap<(u32, bool), Cells>;

fn cells() -> impl Strategy<Value = Cells> {
    let maybe = |s: BoxedStrategy<String>| prop::option::weighted(0.85, s);
    (
        maybe(
            (-20_i32..20)
                .prop_map(|v| (f64::from(v) / 4.0).to_string())
                .boxed(),
        ),
        maybe(
            prop::sample::select(vec!["TAU", "Active", "Wait"])
                .prop_map(str::to_owned)
                .boxed(),
        ),
        maybe("[a-zé]{1,3}".boxed()),
        maybe(any::<bool>().prop_map(|b| b.to_string()).boxed()),
        maybe((10_u32..29).prop_map(|d| format!("2024-02-{d}")).boxed()),
    )
        .prop_map(|(a, b, c, d, e)| [a, b, c, d, e])
}

fn model() -> impl Strategy<Value = Model> {
    // A file has a row at least: this one stays.
    prop::collection::btree_map((0_u32..12, any::<bool>()), cells(), 0..20).prop_map(|mut model| {
        model.insert((99, true), Cells::default());
        model
    })
}

/// What may happen to a table.
#[derive(Debug, Clone)]
enum Edit {
    Remove(Index),
    Add((u32, bool), Cells),
    Change(Index, usize, Cells),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        any::<Index>().prop_map(Edit::Remove),
        ((0_u32..16, any::<bool>()), cells()).prop_map(|(k, c)| Edit::Add(k, c)),
        (any::<Index>(), 0_usize..5, cells()).prop_map(|(i, c, v)| Edit::Change(i, c, v)),
    ];
    prop::collection::vec(edit, 0..8)
}

fn edited(model: &Model, edits: &[Edit]) -> Model {
    let mut model = model.clone();
    for edit in edits {
        let at = |index: &Index, model: &Model| {
            let others = model.len() - 1;
            (others > 0).then(|| *model.keys().nth(index.index(others)).unwrap())
        };
        match edit {
            Edit::Remove(index) => {
                if let Some(key) = at(index, &model) {
                    model.remove(&key);
                }
            }
            Edit::Add(key, cells) => {
                model.insert(*key, cells.clone());
            }
            Edit::Change(index, column, cells) => {
                if let Some(key) = at(index, &model) {
                    model.get_mut(&key).unwrap()[*column] = cells[*column].clone();
                }
            }
        }
    }
    model
}

/// The table as a file: its rows and columns in an order that `seed` says, numbers written in several ways.
fn csv(model: &Model, seed: usize) -> String {
    let mut columns: Vec<usize> = (0..5).collect();
    columns.rotate_left(seed % 5);
    let mut text = String::from("id,visit");
    for column in &columns {
        write!(text, ",{}", COLUMNS[*column]).unwrap();
    }
    text.push('\n');
    let mut rows: Vec<_> = model.iter().collect();
    let turn = seed % rows.len().max(1);
    rows.rotate_left(turn);
    for (i, ((id, visit), cells)) in rows.into_iter().enumerate() {
        write!(text, "{id},{}", if *visit { "post" } else { "pre" }).unwrap();
        for column in &columns {
            let cell = cells[*column].clone().unwrap_or_default();
            // The same number in another notation.
            let cell = match (column, (i + seed) % 3, cell.contains('.')) {
                (0, 1, true) => format!("{cell}0"),
                (0, 2, false) if !cell.is_empty() => format!("{cell}.00"),
                _ => cell,
            };
            write!(text, ",{cell}").unwrap();
        }
        text.push('\n');
    }
    text
}

fn dataset(version: &str, path: &str, text: &str, codebook: Option<&str>) -> Dataset {
    let id = DatasetId {
        name: "trial".to_owned(),
        version: version.to_owned(),
    };
    let codebook = codebook.map(|c| Codebook::parse(&Source::new("codebook.toml", c)).0);
    let (dataset, found) = Dataset::from_bytes(id, path, text.as_bytes(), codebook);
    dataset.unwrap_or_else(|| panic!("{}\n{text}", rendered(&found)))
}

fn pair(a: &str, b: &str) -> (Dataset, Dataset) {
    let of = |version, text| dataset(version, "a.csv", text, Some(CODEBOOK));
    (of("1.0.0", a), of("2.0.0", b))
}

fn place(column: &str) -> Option<usize> {
    COLUMNS.iter().position(|c| *c == column)
}

fn written(value: &Value) -> Option<String> {
    (!matches!(value, Value::Missing(_))).then(|| value.text())
}

/// What the diff makes of the first table.
fn applied(model: &Model, diff: &Diff) -> Model {
    let mut model = model.clone();
    let key = |key: &[String]| (key[0].parse::<u32>().unwrap(), key[1] == "post");
    for row in &diff.removed {
        let removed = model.remove(&key(&row.key)).unwrap();
        for (column, value) in &row.values {
            if let Some(i) = place(column) {
                assert_eq!(written(value), removed[i]);
            }
        }
    }
    for change in &diff.changes {
        let cells = model.get_mut(&key(&change.key)).unwrap();
        let cell = &mut cells[place(&change.column).unwrap()];
        assert_eq!(*cell, written(&change.from));
        *cell = written(&change.to);
    }
    for row in &diff.added {
        let mut cells = Cells::default();
        for (column, value) in &row.values {
            if let Some(i) = place(column) {
                cells[i] = written(value);
            }
        }
        assert!(model.insert(key(&row.key), cells).is_none());
    }
    model
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn applied_to_the_first_it_gives_the_second(
        before in model(), edits in edits(), seed in 0_usize..30, limit in 0_usize..4,
    ) {
        let after = edited(&before, &edits);
        let (a, b) = pair(&csv(&before, 0), &csv(&after, seed));
        let key = Key::of(&a, &b).unwrap();
        let found = diff(&a, &b, &key, None).unwrap();
        prop_assert_eq!(applied(&before, &found), after.clone());
        let kept = before.keys().filter(|k| after.contains_key(k)).count();
        prop_assert_eq!(found.rows.removed, before.len() - kept);
        prop_assert_eq!(found.rows.added, after.len() - kept);
        let changed = before.iter().filter(|(k, c)| after.get(k).is_some_and(|d| d != *c)).count();
        prop_assert_eq!(found.rows.changed, changed);
        prop_assert_eq!(found.cell_count(), found.changes.len());
        prop_assert_eq!(found.columns.reordered.is_some(), !seed.is_multiple_of(5));
        // The other way round, everything is turned round.
        let back = diff(&b, &a, &key, None).unwrap();
        prop_assert_eq!((back.rows.added, back.rows.removed), (found.rows.removed, found.rows.added));
        prop_assert_eq!(back.cell_count(), found.cell_count());
        prop_assert_eq!(applied(&after, &back), before);
        // A limit keeps the first, and counts all.
        let short = diff(&a, &b, &key, Some(limit)).unwrap();
        prop_assert_eq!((&short.rows, &short.cells), (&found.rows, &found.cells));
        prop_assert_eq!(&short.changes[..], &found.changes[..limit.min(found.changes.len())]);
        prop_assert_eq!(&short.added[..], &found.added[..limit.min(found.added.len())]);
    }

    #[test]
    fn nothing_differs_from_itself(model in model(), seed in 0_usize..30) {
        let (a, b) = pair(&csv(&model, seed), &csv(&model, seed));
        for key in [Key::of(&a, &b).unwrap(), Key::Row] {
            let found = diff(&a, &b, &key, None).unwrap();
            prop_assert!(found.is_empty(), "{:?}", found);
        }
    }
}

fn plain(version: &str, path: &str, text: &str) -> Dataset {
    dataset(version, path, text, None)
}

fn by(names: &[&str]) -> Key {
    Key::Columns(names.iter().map(|n| (*n).to_owned()).collect())
}

#[test]
fn numbers_are_compared_as_values_across_formats() {
    let a = plain("1.0.0", "a.csv", "id,x,y\n1,1,0\n2,2.5,1e3\n10,-0,3\n");
    let b = plain(
        "2.0.0",
        "b.tsv",
        "id\tx\ty\n10\t0\t3.000\n1\t1.0\t-0.0\n2\t2.50\t1000\n",
    );
    let found = diff(&a, &b, &by(&["id"]), None).unwrap();
    assert!(found.rows.reordered);
    assert_eq!(
        (found.cell_count(), found.rows.added, found.rows.removed),
        (0, 0, 0)
    );
    // The next number is another.
    let c = plain(
        "3.0.0",
        "a.csv",
        "id,x,y\n1,1.0000000000000002,0\n2,2.5,1e3\n10,-0,3\n",
    );
    let found = diff(&a, &c, &by(&["id"]), None).unwrap();
    assert_eq!(found.changes[0].to, Value::Number(1.000_000_000_000_000_2));
}

#[test]
fn columns_of_another_type_are_compared_by_what_they_mean() {
    let a = plain("1.0.0", "a.csv", "id,x\n1,5\n2,6\n3,7\n");
    let b = plain("2.0.0", "a.csv", "id,x\nP1,5\nP2,6\nP3,seven\n");
    let found = diff(&a, &b, &Key::Row, None).unwrap();
    let changed: Vec<(usize, &str)> = found
        .changes
        .iter()
        .map(|c| (c.from_row, c.column.as_str()))
        .collect();
    assert_eq!(changed, [(1, "id"), (2, "id"), (3, "id"), (3, "x")]);
    let types: Vec<_> = found
        .columns
        .changed
        .iter()
        .filter(|c| c.what == "type")
        .collect();
    assert_eq!(types.len(), 2, "{types:?}");
    // A key may change its type, too.
    let c = plain("3.0.0", "a.csv", "id,x\n2.0,6\n1,5\nthree,7\n");
    let found = diff(&a, &c, &by(&["id"]), None).unwrap();
    assert_eq!(
        (found.rows.added, found.rows.removed, found.rows.changed),
        (1, 1, 0)
    );
    assert_eq!(found.removed[0].key, ["3"]);
    assert_eq!(found.added[0].key, ["three"]);
}

fn refusal(a: &Dataset, b: &Dataset, key: &Key) -> String {
    rendered(&diff(a, b, key, None).unwrap_err())
}

#[test]
fn keys_that_tell_no_rows_apart_are_errors_with_their_rows() {
    let a = plain("1.0.0", "a.csv", "id,x\n1,5\n1,6\n2,7\n");
    let b = plain("2.0.0", "a.csv", "id,x\n1,5\n,6\n2,7\n");
    let text = refusal(&a, &b, &by(&["id"]));
    assert!(
        text.contains("trial@1.0.0 has keys (id) that are there more than once: 1 in rows 1, 2"),
        "{text}"
    );
    assert!(
        text.contains("trial@2.0.0 has rows without a key (id): 2"),
        "{text}"
    );
    let text = refusal(&a, &b, &by(&["idd"]));
    assert_eq!(text.matches("did you mean `id`").count(), 2, "{text}");
    assert!(diff(&a, &a, &by(&["id", "x"]), None).unwrap().is_empty());
    assert_eq!(Key::of(&a, &b).unwrap_err().code, "no-key");
    let c = dataset(
        "3.0.0",
        "a.csv",
        "id,x\n1,1\n",
        Some("primaryKey = \"id\"\n[[fields]]\nname = \"id\"\n[[fields]]\nname = \"x\"\n"),
    );
    let text = Key::of(&a, &c).unwrap_err().render(false);
    assert!(
        text.contains("different primary keys: none and `id`"),
        "{text}"
    );
}

/// A project with `trial@1.0.0` and `trial@1.1.0`, each with a codebook of its own.
fn versions(before: (&str, &str), after: (&str, &str)) -> Project {
    let folder = Project::new(b"x\n1\n");
    let mut manifest =
        String::from("[project]\nname = \"Test\"\n\n[[dataset]]\nname = \"trial\"\n");
    for (version, (csv, codebook)) in [("1.0.0", before), ("1.1.0", after)] {
        folder.write(&format!("data/{version}.csv"), csv.as_bytes());
        folder.write(&format!("data/{version}.toml"), codebook.as_bytes());
        write!(
            manifest,
            "\n[[dataset.version]]\nversion = \"{version}\"\npath = \"data/{version}.csv\"\ncodebook = \
             \"data/{version}.toml\"\nsha256 = \"{}\"\nbytes = {}\n",
            digest(csv.as_bytes()),
            csv.len()
        )
        .unwrap();
    }
    fs::write(folder.path().join("data-manifest.toml"), manifest).unwrap();
    folder
}

fn run(folder: &Project, arguments: &[&str]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "diff", "trial"])
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        ended.status.code().unwrap(),
        text(ended.stdout),
        text(ended.stderr),
    )
}

fn trial() -> Project {
    let before = "id,arm,score,note\n1,TAU,4,fine\n2,CCT,5.5,\n3,TAU,,late\n4,CCT,7,x\n5,TAU,8,y\n";
    let after = "id,score,arm,site,note\n1,4.0,TAU,A,fine\n3,2,TAU,A,late\n2,5.5,CCT,B,\"said \"\"no\"\"\"\n\
                 4,7,Other,B,x\n6,1,CCT,C,new\n";
    let book = |arm: &str, title: &str, more: &str| {
        format!(
            "primaryKey = \"id\"\n[[fields]]\nname = \"id\"\ntype = \"integer\"\n[[fields]]\nname = \"arm\"\n\
             categories = [{arm}]\n[[fields]]\nname = \"score\"\ntype = \"number\"\n{title}\n[[fields]]\n\
             name = \"note\"\ntype = \"string\"\n{more}"
        )
    };
    versions(
        (before, &book("\"TAU\", \"CCT\"", "title = \"Score\"", "")),
        (
            after,
            &book(
                "\"TAU\", { value = \"CCT\", label = \"Training\" }, \"Other\"",
                "title = \"Total score\"\nunit = \"1\"\nconstraints = { minimum = 0 }",
                "[[fields]]\nname = \"site\"\n",
            ),
        ),
    )
}

#[test]
fn what_changed_is_printed_with_the_summary_first() {
    let folder = trial();
    let (status, out, err) = run(&folder, &["1.0.0", "1.1.0"]);
    assert_eq!(status, 1, "{err}");
    assert!(err.contains("trial@1.0.0 and trial@1.1.0 differ"), "{err}");
    insta::assert_snapshot!(out);
    let (status, out, err) = run(&folder, &["1.0.0", "1.0.0"]);
    assert_eq!((status, err.as_str()), (0, ""));
    insta::assert_snapshot!(out);
    let (_, out, _) = run(&folder, &["1.0.0", "1.1.0", "--limit", "1"]);
    assert!(out.contains("and 2 more; --limit 0 shows all"), "{out}");
    let (_, out, _) = run(&folder, &["1.0.0", "1.1.0", "--key", "row"]);
    assert!(
        out.contains("rows matched by position") && out.contains("  row 2: id 2 → 3; "),
        "{out}"
    );
}

#[test]
fn json_has_values_as_what_they_are() {
    let (status, out, _) = run(&trial(), &["1.0.0", "1.1.0", "--format", "json"]);
    assert_eq!(status, 1);
    let found: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(found["schema"], "trialbook-diff/1");
    assert_eq!(found["same"], false);
    assert_eq!(found["key"], serde_json::json!(["id"]));
    assert_eq!(found["rows"]["changed"], 3);
    let change = found["changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|c| c["column"] == "score")
        .unwrap();
    assert_eq!(
        (&change["from"], &change["to"]),
        (&Json::Null, &serde_json::json!(2.0))
    );
    assert_eq!(found["added"][0]["values"].as_array().unwrap().len(), 5);
    assert_eq!(
        found["columns"]["added"],
        serde_json::json!([{"name": "site", "type": "category"}])
    );
}

#[test]
fn what_can_not_be_compared_is_said() {
    let folder = trial();
    for (arguments, status, says) in [
        (&["1.0.0", "3.0.0"][..], 2, "has no version `3.0.0`"),
        (
            &["1.0.0", "1.1.0", "--key", "site"],
            2,
            "trial@1.0.0 has no column `site`",
        ),
        (&["1.0.0", "1.1.0", "--key", "arm"], 2, "more than once"),
    ] {
        let (found, out, err) = run(&folder, arguments);
        assert_eq!((found, out.as_str()), (status, ""), "{err}");
        assert!(err.contains(says), "{err}");
    }
    let folder = versions(("a,b\n1,2\n", ""), ("a,b\n1,2\n", ""));
    let (status, _, err) = run(&folder, &["1.0.0", "1.1.0"]);
    assert_eq!(status, 2);
    assert!(err.contains("no-key") && err.contains("--key row"), "{err}");
    assert_eq!(run(&folder, &["1.0.0", "1.1.0", "--key", "row"]).0, 0);
}

#[test]
fn values_can_not_steer_a_terminal() {
    let book = "primaryKey = \"id\"\n[[fields]]\nname = \"id\"\n[[fields]]\nname = \"x\"\n";
    let folder = versions(
        ("id,x\n1,a\n2,b\n", book),
        ("id,x\n1,\u{1b}[2J\n2,\u{202e}c\n", book),
    );
    let (_, out, _) = run(&folder, &["1.0.0", "1.1.0"]);
    assert!(
        !out.contains('\u{1b}') && !out.contains('\u{202e}'),
        "{out}"
    );
}

#[test]
fn another_reason_for_a_missing_value_is_a_change() {
    let book = "primaryKey = \"id\"\n[[fields]]\nname = \"id\"\ntype = \"integer\"\n[[fields]]\nname = \"x\"\n\
                type = \"integer\"\nmissingValues = [{ value = \"99\", label = \"Refused\" }, { value = \"98\", label = \
                \"Not asked\" }]\n";
    let folder = versions(
        ("id,x\n1,99\n2,99\n3,\n4,1\n", book),
        ("id,x\n1,98\n2,99\n3,99\n4,\n", book),
    );
    let (status, out, err) = run(&folder, &["1.0.0", "1.1.0"]);
    assert_eq!(status, 1, "{err}");
    for line in [
        "  id 1 (row 1): x missing (99) → missing (98)",
        "  id 3 (row 3): x missing → missing (99)",
        "  id 4 (row 4): x 1 → missing",
    ] {
        assert!(out.lines().any(|l| l == line), "{out}");
    }
    assert!(out.contains("cells    3 changed: x (3)"), "{out}");
    let (_, out, _) = run(&folder, &["1.0.0", "1.1.0", "--format", "json"]);
    let found: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(
        found["changes"][0]["from"],
        serde_json::json!({"missing": "99"})
    );
}
