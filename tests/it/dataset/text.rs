//! CSV and TSV: cells, quotes, headers, lines, and what columns without a codebook become.

use insta::assert_snapshot;
use polars::prelude::{NamedFrom, Series};
use trialbook::dataset::{ColumnData, Kind};

use super::parquet::parquet;
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
fn bytes_that_are_no_utf8_are_pointed_out() {
    let cases: [&[u8]; 2] = [b"a,b\n1,2\n3,\xe9\n", b"a,b\n1,\xe2\x82"];
    let all = cases.map(|bytes| rendered(&read("data/trial.csv", bytes, None).1));
    assert_snapshot!(all.join("\n\n"));
}

const NAMES: &str = "name,n\n\"José €\",1\nŽofie,2\n";

fn texts_of(bytes: &[u8], encoding: Option<&str>) -> Result<Vec<Option<String>>, String> {
    let codebook = encoding.map(|e| {
        format!(
            "[dialect]\nencoding = \"{e}\"\n[[fields]]\nname = \"name\"\n[[fields]]\nname = \"n\"\n"
        )
    });
    let (dataset, diagnostics) = read("data/trial.csv", bytes, codebook.as_deref());
    let Some(dataset) = dataset else {
        return Err(rendered(&diagnostics));
    };
    let frame = dataset.frame(None, &[], &["name".to_owned()]).unwrap();
    match frame.columns.into_iter().next().unwrap().data {
        ColumnData::Text(texts) => Ok(texts),
        other => panic!("{other:?}"),
    }
}

#[test]
fn utf16_is_known_by_its_mark() {
    let wanted = vec![Some("José €".to_owned()), Some("Žofie".to_owned())];
    let little = NAMES.encode_utf16().flat_map(u16::to_le_bytes);
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(little).collect();
    let big = NAMES.encode_utf16().flat_map(u16::to_be_bytes);
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(big).collect();
    assert_eq!(texts_of(&little, None).unwrap(), wanted);
    assert_eq!(texts_of(&big, Some("UTF-16")).unwrap(), wanted);
    assert_eq!(texts_of(NAMES.as_bytes(), None).unwrap(), wanted);
    let marked = [b"\xef\xbb\xbf", NAMES.as_bytes()].concat();
    assert_eq!(texts_of(&marked, Some("utf-8")).unwrap(), wanted);
}

#[test]
fn one_byte_encodings_must_be_declared() {
    let windows = b"name,n\n\"Jos\xe9 \x80\",1\n\x8eofie,2\n";
    let wanted = vec![Some("José €".to_owned()), Some("Žofie".to_owned())];
    assert_eq!(texts_of(windows, Some("windows-1252")).unwrap(), wanted);
    let latin = b"name,n\nJos\xe9,1\nZo\xeb,2\n";
    let wanted = vec![Some("José".to_owned()), Some("Zoë".to_owned())];
    assert_eq!(texts_of(latin, Some("Latin-1")).unwrap(), wanted);
    assert!(texts_of(latin, None).unwrap_err().contains("not-utf8"));
}

#[test]
fn a_wrong_encoding_is_no_wrong_text() {
    let little = NAMES.encode_utf16().flat_map(u16::to_le_bytes);
    let unmarked: Vec<u8> = little.clone().collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(little).collect();
    let cases: [(&[u8], Option<&str>); 8] = [
        (b"name,n\n\"Jos\xe9 \x80\",1\n", Some("latin-1")),
        (b"name,n\nx,1\n\x81,2\n", Some("windows-1252")),
        (b"\xef\xbb\xbfname,n\nx,1\n", Some("latin-1")),
        (&marked, Some("windows-1252")),
        (&unmarked, Some("utf-16")),
        (&unmarked, None),
        (&marked[..marked.len() - 1], None),
        (b"\xff\xfen\0,\0n\0\n\0\x00\xd8,\0\n\0", None),
    ];
    let all = cases.map(|(bytes, encoding)| texts_of(bytes, encoding).unwrap_err());
    assert_snapshot!(all.join("\n\n"));
}

#[test]
fn a_few_words_among_numbers_are_pointed_out() {
    let numbers: Vec<String> = (0..20).map(|i| format!("{i}.5")).collect();
    let text = format!("x\n{}\nabc\n<2\n", numbers.join("\n"));
    assert_snapshot!(complaints(&text, None));
}

#[test]
fn na_is_a_text_where_the_file_has_types() {
    let cells = [Some("NA"), Some("US"), None, Some("NA")];
    let bytes = parquet(vec![Series::new("country".into(), cells)]);
    let (dataset, _) = read("data/trial.parquet", &bytes, None);
    let frame = dataset
        .unwrap()
        .frame(None, &[], &["country".to_owned()])
        .unwrap();
    let wanted = ColumnData::Category(vec![Some(0), Some(1), None, Some(0)]);
    assert_eq!(frame.columns[0].data, wanted);
    let typed = csv("country\nNA\nUS\nUS\n");
    let frame = typed.frame(None, &[], &["country".to_owned()]).unwrap();
    let wanted = ColumnData::Category(vec![None, Some(0), Some(0)]);
    assert_eq!(frame.columns[0].data, wanted);
}
