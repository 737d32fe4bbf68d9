//! CSV and TSV: cells, quotes, headers, lines, and what columns without a codebook become.

use insta::assert_snapshot;
use trialbook::dataset::{ColumnData, Kind};

use crate::it::support::project::{complaints, csv, read, rendered};

fn texts(text: &str) -> Vec<Option<String>> {
    let frame = csv(text).frame(None, &[], &["a".to_owned()]).unwrap();
    match &frame.columns[0].data {
        ColumnData::Text(values) => values.clone(),
        other => panic!("{other:?}"),
    }
}

fn some(texts: &[&str]) -> Vec<Option<String>> {
    texts.iter().map(|t| Some((*t).to_owned())).collect()
}

#[test]
fn cells_are_what_rfc_4180_says() {
    assert_eq!(
        texts("a,b\n\"x, y\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n"),
        some(&["x, y", "say \"hi\"", "two\nlines"])
    );
    assert_eq!(texts("a,b\r\nx,1\r\ny ,2"), some(&["x", "y "]));
    assert_eq!(texts("a\rx\ry\r"), some(&["x", "y"]));
    assert_eq!(texts("\u{feff}a,b\nx,1\n\n\n"), some(&["x"]));
    assert_eq!(
        texts("a,b\n\"\",1\n,2\nNA,3\né,4\n\"\"\"\",5\n")[3..],
        some(&["é", "\""])
    );
    assert_eq!(
        texts("a\nx\n\ny\n"),
        [Some("x".into()), None, Some("y".into())]
    );
}

#[test]
fn tabs_separate_the_cells_of_a_tsv() {
    let (dataset, diagnostics) = read("data/trial.TSV", b"a\tb c\nx,y\t1\nx,y\t2\n", None);
    assert!(diagnostics.is_empty());
    let schema = dataset.unwrap().schema().clone();
    assert_eq!(schema.names().collect::<Vec<_>>(), ["a", "b c"]);
    assert_eq!(schema.field("a").unwrap().levels[0].value, "x,y");
}

#[test]
fn another_delimiter_stands_in_the_codebook() {
    let codebook =
        "[dialect]\ndelimiter = \";\"\n[[fields]]\nname = \"a\"\n[[fields]]\nname = \"b\"\n";
    let (dataset, diagnostics) = read("x.csv", b"a;b\n1,5;2\n", Some(codebook));
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    assert_eq!(dataset.unwrap().schema().fields.len(), 2);
}

#[test]
fn columns_are_typed_by_all_of_their_values() {
    let trial = csv("number,word,id,truth,day,code,empty,small,spaced\n\
         1,a,P1,true,2020-02-29,007,,1e-3, 1\n\
         2.50,b,P2,FALSE,1999-12-31,008,NA,2.5,2 \n\
         -3e2,a,P3,True,2020-03-01,009,,3,3\n");
    let kinds: Vec<_> = trial.schema().fields.iter().map(|f| f.kind).collect();
    let wanted = [
        Kind::Number,
        Kind::Category,
        Kind::Text,
        Kind::Boolean,
        Kind::Date,
        Kind::Text,
        Kind::Number,
        Kind::Number,
        Kind::Number,
    ];
    assert_eq!(kinds, wanted);
    let decimals = |name: &str| trial.schema().field(name).unwrap().decimals;
    assert_eq!(
        ["number", "empty", "small", "spaced", "word"].map(decimals),
        [Some(2), Some(0), Some(3), Some(0), None]
    );
    let columns = ["number".to_owned(), "day".to_owned(), "truth".to_owned()];
    let frame = trial.frame(None, &[], &columns).unwrap();
    assert_eq!(
        frame.columns[0].data,
        ColumnData::Number(vec![Some(1.0), Some(2.5), Some(-300.0)])
    );
    assert_eq!(
        frame.columns[1].data,
        ColumnData::Date(vec![Some(18321), Some(10956), Some(18322)])
    );
    assert_eq!(
        frame.columns[2].data,
        ColumnData::Boolean(vec![Some(true), Some(false), Some(true)])
    );
}

#[test]
fn numbers_are_read_exactly() {
    let trial =
        csv("x\n0.1\n9007199254740992\n1.7976931348623157e308\n5e-324\n123456789.123456789\n");
    let frame = trial.frame(None, &[], &["x".to_owned()]).unwrap();
    let wanted = [
        0.1,
        9_007_199_254_740_992.0,
        f64::MAX,
        5e-324,
        123_456_789.123_456_79,
    ];
    assert_eq!(
        frame.columns[0].data,
        ColumnData::Number(wanted.map(Some).into())
    );
    assert_eq!(frame.columns[0].field.decimals, Some(6));
}

#[test]
fn every_mistake_in_a_file_has_its_line() {
    let cases = [
        ("", "empty"),
        ("a,b\n", "header only"),
        ("a,b,a,,\n1,2,3,4,5\n", "headers"),
        ("a,b\n1,2\n3\n\n4,5,6\n7,8\n", "ragged"),
        ("a,b\n1\n2\n3\n4\n5\n6\n7\n", "ragged everywhere"),
        ("a\n1\n1;2\n1,2\n", "one column"),
        ("a,b\n1,x\"y\"\n", "stray quote"),
        ("a,b\n1,\"x\"y\n", "text after quote"),
        ("a,b\n1,\"x\n2,y\n", "open quote"),
        ("a,b\n1,\0\n", "NUL"),
        ("x\n1\nNaN\n3\n-inf\n1e999\n", "not finite"),
        ("x\n1\n9007199254740993\n", "beyond 2^53"),
    ];
    let all = cases.map(|(text, name)| format!("# {name}\n{}", complaints(text, None)));
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn other_encodings_are_named() {
    let cases: [&[u8]; 3] = [b"a,b\n1,2\n3,\xe9\n", b"\xff\xfea\0", b"\xfe\xff\0a"];
    let all = cases.map(|bytes| rendered(&read("data/trial.csv", bytes, None).1));
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_few_words_among_numbers_are_pointed_out() {
    let numbers: Vec<String> = (0..20).map(|i| format!("{i}.5")).collect();
    let text = format!("x\n{}\nabc\n<2\n", numbers.join("\n"));
    assert_snapshot!(complaints(&text, None));
}
