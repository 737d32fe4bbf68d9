//! Codebooks: what they say, what is wrong with them, and data that breaks them.

use insta::assert_snapshot;
use trialbook::dataset::{Codebook, ColumnData, Kind};
use trialbook::diagnostic::Source;

use crate::it::support::project::{complaints, read, rendered};

const CODEBOOK: &str = r#"
missingValues = ["NA", "999", "NaN"]
primaryKey = ["id", "visit"]

[[fields]]
name = "id"
type = "string"
constraints = { required = true, pattern = "P[0-9]+" }

[[fields]]
name = "visit"
type = "integer"
unit = "mo"
title = "Visit"
constraints = { enum = [0, 6, 12] }

[[fields]]
name = "sex"
type = "integer"
categories = [{ value = 1, label = "Male" }, { value = 2, label = "Female" }]

[[fields]]
name = "score"
type = "number"
constraints = { minimum = 0, maximum = 10.5 }

[[fields]]
name = "born"
type = "date"
format = "%d/%m/%Y"
constraints = { minimum = 1950-01-01 }

[[fields]]
name = "smoker"
type = "boolean"
trueValues = ["yes"]
falseValues = ["no"]

[[fields]]
name = "arm"
type = "string"
missingValues = ["-"]
constraints = { enum = ["B", "A"] }
"#;

const HEADER: &str = "id,visit,sex,score,born,smoker,arm";

#[test]
fn a_codebook_types_its_columns() {
    let text = format!(
        "{HEADER}\nP1,0,1,9.50,03/02/1961,yes,A\nP1,6,2.0,NaN,999,no,-\nP2,12,NA,10.5,1/1/1950,NA,B\n"
    );
    let (dataset, diagnostics) = read("data/trial.csv", text.as_bytes(), Some(CODEBOOK));
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    let dataset = dataset.unwrap();
    let names: Vec<String> = HEADER.split(',').map(str::to_owned).collect();
    let frame = dataset.frame(None, &[], &names).unwrap();
    let data: Vec<_> = frame.columns.iter().map(|c| &c.data).collect();
    assert_eq!(
        data[1],
        &ColumnData::Number(vec![Some(0.0), Some(6.0), Some(12.0)])
    );
    assert_eq!(data[2], &ColumnData::Category(vec![Some(0), Some(1), None]));
    assert_eq!(
        data[3],
        &ColumnData::Number(vec![Some(9.5), None, Some(10.5)])
    );
    assert_eq!(
        data[4],
        &ColumnData::Date(vec![Some(-3254), None, Some(-7305)])
    );
    assert_eq!(
        data[5],
        &ColumnData::Boolean(vec![Some(true), Some(false), None])
    );
    assert_eq!(data[6], &ColumnData::Category(vec![Some(1), None, Some(0)]));
    let sex = &frame.columns[2].field;
    assert_eq!(
        (sex.levels[1].value.as_str(), sex.levels[1].label.as_str()),
        ("2", "Female")
    );
    assert_eq!(frame.columns[3].field.decimals, Some(2));
    assert_eq!(frame.columns[1].field.unit.as_deref(), Some("mo"));
    // SQL sees the codes of a category as the numbers that they are.
    let women = dataset.frame(Some("sex = 2"), &[], &names).unwrap();
    assert_eq!(women.rows, [2]);
}

#[test]
fn everything_that_breaks_it_is_listed_with_rows_and_values() {
    let text = format!(
        "{HEADER}\n\
         P1,0,3,-1,30/02/1961,maybe,C\n\
         P1,0,1,11,01/01/1949,yes,A\n\
         ,1.5,x,abc,1961-02-03,no,A\n\
         Q7,7,2,inf,,no,\n"
    );
    assert_snapshot!(complaints(&text, Some(CODEBOOK)));
}

#[test]
fn long_lists_are_cut() {
    let codebook = "[[fields]]\nname = \"x\"\ntype = \"integer\"\nconstraints = { unique = true, maximum = 3 }\n";
    let mut text = "x\n".to_owned();
    for _ in 0..4 {
        text.push_str("3\n4\n");
    }
    assert_snapshot!(complaints(&text, Some(codebook)));
}

#[test]
fn columns_that_only_one_of_both_has_are_named() {
    let codebook = "[[fields]]\nname = \"age\"\n[[fields]]\nname = \"heigth\"\n";
    assert_snapshot!(complaints("age,height,weight\n1,2,3\n", Some(codebook)));
}

#[test]
fn a_column_of_the_wrong_type_is_said_once() {
    let codebook = "[[fields]]\nname = \"x\"\ntype = \"date\"\n";
    let mut text = "x\n".to_owned();
    text.push_str(&"12\n".repeat(100));
    assert_snapshot!(complaints(&text, Some(codebook)));
}

const MISTAKES: &str = r#"
titel = "x"
missingValues = "NA"
primaryKey = ["nobody"]

[dialect]
delimiter = "||"
encoding = "UTF-61"
sheet = ""

[[fields]]
name = "a"
type = "int"
format = "%Y"
categories = []
constraints = { minimum = 5, maximum = 3, requierd = true }

[[fields]]
name = "a"
type = "date"
format = "%d.%m"
categories = ["x", "x", { label = "no value" }, { value = "y", lable = "Y" }, [1]]
constraints = { minimum = "yesterday", enum = "x" }

[[fields]]
name = "b"
missingValues = ["x", 9, { value = "x", label = "again" }, { label = "no value" }]
labels = [{ value = 0 }, { value = 1, label = "one" }, { value = 1.0, label = "uno" }]

[[fields]]
name = "c"
categories = ["x"]
labels = [{ value = "x", label = "X" }]

[[fields]]
title = "no name"
"#;

#[test]
fn every_mistake_in_a_codebook_is_reported_at_once() {
    let (_, diagnostics) = Codebook::parse(&Source::new("data/codebook.toml", MISTAKES));
    assert_snapshot!(rendered(&diagnostics));
}

#[test]
fn a_bad_pattern_is_the_codebooks_mistake() {
    let codebook =
        "[[fields]]\nname = \"x\"\ntype = \"string\"\nconstraints = { pattern = \"[a-\" }\n";
    assert_snapshot!(complaints("x\nab\n", Some(codebook)));
}

#[test]
fn a_string_without_listed_levels_is_a_category_if_it_looks_like_one() {
    let codebook = "[[fields]]\nname = \"id\"\ntype = \"string\"\n[[fields]]\nname = \"arm\"\ntype = \"string\"\n";
    let (dataset, _) = read("x.csv", b"id,arm\n1,b\n2,a\n3,b\n", Some(codebook));
    let schema = dataset.unwrap().schema().clone();
    let kinds: Vec<_> = schema.fields.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [Kind::Text, Kind::Category]);
    let levels: Vec<_> = schema.fields[1]
        .levels
        .iter()
        .map(|l| l.value.as_str())
        .collect();
    assert_eq!(levels, ["a", "b"]);
}

#[test]
fn a_dialect_is_read_in_any_case() {
    use trialbook::dataset::codebook::Encoding;
    let text = "[dialect]\nencoding = \"Latin-1\"\nsheet = \"Visits\"\ndelimiter = \"|\"\n";
    let (codebook, diagnostics) = Codebook::parse(&Source::new("c.toml", text));
    assert_eq!(rendered(&diagnostics), "");
    assert_eq!(codebook.dialect().encoding, Some(Encoding::Latin1));
    assert_eq!(
        codebook.dialect().encoding.map(Encoding::name),
        Some("iso-8859-1")
    );
    assert_eq!(codebook.dialect().sheet.as_deref(), Some("Visits"));
    assert_eq!(codebook.dialect().delimiter, Some('|'));
}

#[test]
fn missing_values_may_say_why() {
    let text = r#"
missingValues = ["NA", { value = 99, label = "Refused" }]
[[fields]]
name = "pain"
type = "integer"
labels = [{ value = 0, label = "none" }, { value = 10, label = "worst" }]
"#;
    let (codebook, diagnostics) = Codebook::parse(&Source::new("c.toml", text));
    assert_eq!(rendered(&diagnostics), "");
    assert_eq!(codebook.fields[0].labels[1].label, "worst");
    let (dataset, _) = read("x.csv", b"pain\n1\n99\nNA\n", Some(text));
    let frame = dataset
        .expect("a dataset")
        .frame(None, &[], &["pain".to_owned()])
        .expect("a frame");
    assert_eq!(
        frame.columns[0].data,
        ColumnData::Number(vec![Some(1.0), None, None])
    );
}
