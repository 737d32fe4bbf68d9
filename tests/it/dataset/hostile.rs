//! Files that were cut, mixed up, or made to do harm: each gives a diagnostic, and nothing panics.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use polars::prelude::{NamedFrom, Series};
use proptest::prelude::*;
use trialbook::dataset::Dataset;
use zip::write::SimpleFileOptions;

use super::parquet::parquet;
use crate::it::support::project::{complaints, csv, read, rendered};
use crate::it::support::watched::{self, Random};

fn file(path: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// Uses a dataset as far as it can be used.
pub(super) fn exercise(dataset: Option<Dataset>) {
    let Some(dataset) = dataset else { return };
    let names: Vec<String> = dataset
        .schema()
        .names()
        .take(50)
        .map(str::to_owned)
        .collect();
    let frame = dataset.frame(Some("1 = 1"), &[], &names).unwrap();
    assert_eq!(frame.height(), dataset.height());
    let _ = dataset.query("SELECT * FROM self LIMIT 3", &[]);
}

#[test]
fn a_hundred_thousand_columns() {
    let names: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
    let cells: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    let trial = csv(&format!("{}\n{}\n", names.join(","), cells.join(",")));
    assert_eq!(trial.schema().fields.len(), 100_000);
    let frame = trial
        .frame(Some("c99999 > 5"), &[], &["c7".to_owned()])
        .unwrap();
    assert_eq!(frame.height(), 1);
    let doubled = complaints(&format!("{}\n1\n", vec!["x"; 100_000].join(",")), None);
    assert!(doubled.len() < 2000, "{}", doubled.len());
}

#[test]
fn a_line_of_fifty_megabytes() {
    let long = "x".repeat(50 << 20);
    let trial = csv(&format!("a,b\n{long},1\n"));
    assert_eq!(trial.height(), 1);
    let ragged = complaints(&format!("a,b\n{long}\n"), None);
    assert!(ragged.len() < 2000);
    let quoted = complaints(&format!("a,b\n\"{long}\n"), None);
    assert!(quoted.len() < 2000);
    let codebook = "[[fields]]\nname = \"a\"\ntype = \"integer\"\n[[fields]]\nname = \"b\"\n";
    let wrong = complaints(&format!("a,b\n{long},1\n"), Some(codebook));
    assert!(wrong.len() < 2000, "{wrong}");
}

#[test]
fn columns_with_names_that_mean_something_to_polars() {
    let (dataset, _) = read(
        "x.csv",
        b"^a.*$,*,literal,len,\"a\"\"b\",__row,condition,select,\xc3\xa9\n1,2,3,4,5,6,7,8,9\n",
        None,
    );
    let dataset = dataset.unwrap();
    let names: Vec<String> = dataset.schema().names().map(str::to_owned).collect();
    let frame = dataset
        .frame(Some("condition = 7 AND \"len\" = 4"), &[], &names)
        .unwrap();
    assert_eq!(frame.columns.len(), 9);
    assert_eq!(
        dataset
            .frame(Some("\"select\" = 8 AND é = 9"), &[], &[])
            .unwrap()
            .rows,
        [1]
    );
    assert_eq!(
        dataset
            .frame(Some("\"a\"\"b\" = 5"), &[], &[])
            .unwrap()
            .rows,
        [1]
    );
    assert!(dataset.frame(Some("\"^a.*$\" = 1"), &[], &[]).is_err());
    exercise(Some(dataset));
}

#[test]
fn parquet_cut_at_any_place() {
    let bytes = file("data/btheb/2.0.0/btheb.parquet");
    for length in (0..bytes.len()).step_by(97) {
        let (dataset, diagnostics) = read("x.parquet", &bytes[..length], None);
        assert!(dataset.is_none());
        assert!(diagnostics.has_errors(), "{}", rendered(&diagnostics));
    }
}

#[test]
fn one_format_under_the_name_of_another() {
    let (dataset, diagnostics) = read("x.csv", &file("data/btheb/2.0.0/btheb.parquet"), None);
    assert!(dataset.is_none() && diagnostics.has_errors());
    let (dataset, diagnostics) = read("x.parquet", &file("data/btheb/1.0.0/btheb.csv"), None);
    assert!(dataset.is_none() && diagnostics.has_errors());
}

fn small_parquet() -> Vec<u8> {
    let values: Vec<Option<f64>> = (0..60)
        .map(|i| (i % 7 != 0).then_some(f64::from(i) / 4.0))
        .collect();
    let texts: Vec<String> = (0..60).map(|i| format!("t{}", i % 5)).collect();
    parquet(vec![
        Series::new("n".into(), values),
        Series::new("t".into(), texts),
    ])
}

/// A damaged Parquet file, or bytes at random with Parquet's marks around them.
fn damaged_parquet(case: u64) -> Vec<u8> {
    let mut random = Random::new(case);
    if random.below(8) > 0 {
        return random.damage(small_parquet());
    }
    let bytes: Vec<u8> = (0..random.below(200)).map(|_| random.byte()).collect();
    [b"PAR1", &bytes[..], b"PAR1"].concat()
}

#[test]
fn damaged_parquet_files_are_refused_or_read() {
    let worker = "it::dataset::hostile::damaged_parquet_worker";
    let cases = watched::cases(worker, 10_000, Duration::from_secs(20));
    // The reader may die of a length that a file lies about; whoever runs the program is told so.
    assert!(cases.died.len() as u64 * 100 <= cases.run, "{cases:?}");
    for case in cases.died.iter().take(3) {
        let (status, said) = data_check(&damaged_parquet(*case));
        // One may only have gone beyond this test's limit of memory.
        assert!(matches!(status, Some(0 | 2)), "case {case}: {said}");
    }
}

#[test]
fn a_reader_that_dies_is_reported_with_its_file() {
    // This file asks for 2^61 bytes.
    let (status, said) = data_check(&damaged_parquet(2821));
    assert_eq!(status, Some(2), "{said}");
    let died = "error[died]: the program died while reading `data/x.parquet`";
    assert!(said.contains(died), "{said}");
}

#[test]
#[ignore = "run by damaged_parquet_files_are_refused_or_read"]
fn damaged_parquet_worker() {
    watched::work(|case| exercise(read("x.parquet", &damaged_parquet(case), None).0));
}

/// Whether the cases of a worker go well: the reader may die of a length that a file lies about, but rarely.
fn mostly_survives(worker: &str) {
    let worker = format!("it::dataset::hostile::{worker}");
    let cases = watched::cases(&worker, 10_000, Duration::from_secs(12));
    assert!(cases.died.len() as u64 * 100 <= cases.run, "{cases:?}");
}

/// A workbook with damage, in most cases within one of its parts, which is packed again so that a reader gets to it.
fn damaged_workbook(case: u64) -> Vec<u8> {
    let mut random = Random::new(case);
    let name = ["trial.xlsx", "mac.xlsx", "wrong.xlsx", "several.xlsx"][random.below(4)];
    let bytes = super::xlsx::workbook(name);
    if random.below(4) == 0 {
        return random.damage(bytes);
    }
    let mut old = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let chosen = random.below(old.len());
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut entry = old.by_index(index).unwrap();
        let mut part = Vec::new();
        entry.read_to_end(&mut part).unwrap();
        if index == chosen {
            part = random.damage(part);
        }
        new.start_file(entry.name().unwrap(), SimpleFileOptions::default())
            .unwrap();
        new.write_all(&part).unwrap();
    }
    new.finish().unwrap().into_inner()
}

#[test]
fn damaged_workbooks_are_refused_or_read() {
    mostly_survives("damaged_workbook_worker");
}

#[test]
#[ignore = "run by damaged_workbooks_are_refused_or_read"]
fn damaged_workbook_worker() {
    let codebook = "[dialect]\nsheet = \"computed\"\n";
    watched::work(|case| {
        let bytes = damaged_workbook(case);
        exercise(read("x.xlsx", &bytes, None).0);
        exercise(read("x.xlsx", &bytes, Some(codebook)).0);
    });
}

#[test]
fn damaged_arrow_files_are_refused_or_read() {
    mostly_survives("damaged_arrow_worker");
}

#[test]
#[ignore = "run by damaged_arrow_files_are_refused_or_read"]
fn damaged_arrow_worker() {
    watched::work(|case| {
        let mut random = Random::new(case);
        let names = [
            "plain.arrow",
            "lz4.arrow",
            "zstd.arrow",
            "stream.arrows",
            "stream-zstd.arrows",
        ];
        let bytes = super::arrow::file(names[random.below(names.len())]);
        exercise(read("x.arrow", &random.damage(bytes), None).0);
    });
}

/// How `data check` of a project with that file ends, and what it says.
fn data_check(bytes: &[u8]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "[project]\nname = \"x\"\n[[dataset]]\nname = \"x\"\n[[dataset.version]]\nversion = \"1.0.0\"\n\
         path = \"data/x.parquet\"\nsha256 = \"{}\"\nbytes = {}\n",
        trialbook::dataset::digest(bytes),
        bytes.len()
    );
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("data/x.parquet"), bytes).unwrap();
    fs::write(folder.path().join("data-manifest.toml"), manifest).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "check"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    (ended.status.code(), said)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mutated_csv(edits in prop::collection::vec((0..2989_usize, any::<u8>(), 0..4_u8), 1..12)) {
        let mut bytes = file("data/btheb/1.0.0/btheb.csv");
        for (at, byte, kind) in edits {
            let at = at % bytes.len().max(1);
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes[at] = b"\",\n\r;NaI-e."[usize::from(byte) % 11],
            }
        }
        let codebook = String::from_utf8(file("data/btheb/codebook.toml")).unwrap();
        exercise(read("x.csv", &bytes, None).0);
        exercise(read("x.csv", &bytes, Some(&codebook)).0);
    }

    #[test]
    fn any_text_as_condition(text in "[-a-z0-9_ '\"().,=<>+*/]{0,40}") {
        let trial = csv("a,b\n1,x\n2,x\n");
        let _ = trial.frame(Some(&text), &[("c".to_owned(), text.clone())], &["c".to_owned()]);
        let _ = trial.query(&format!("SELECT {text} FROM self"), &[]);
    }
}

/// A file of one line that is far longer than any record may be, and the memory that its refusal takes.
#[test]
#[cfg(target_os = "linux")]
fn a_line_of_a_gibibyte_takes_little_memory() {
    use sha2::{Digest as _, Sha256};
    use std::io::Write as _;

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let mut file = fs::File::create(folder.path().join("data/x.csv")).unwrap();
    let mut hash = Sha256::new();
    let mut write = |bytes: &[u8]| {
        hash.update(bytes);
        file.write_all(bytes).unwrap();
        bytes.len()
    };
    let part = "x".repeat(1 << 20);
    let mut length = write(b"a,b\n1,2\n");
    for _ in 0..1 << 10 {
        length += write(part.as_bytes());
    }
    let digest = trialbook::dataset::Digest::from(<[u8; 32]>::from(hash.finalize()));
    let manifest = format!(
        "[project]\nname = \"x\"\n[[dataset]]\nname = \"x\"\n[[dataset.version]]\nversion = \"1.0.0\"\n\
         path = \"data/x.csv\"\nsha256 = \"{digest}\"\nbytes = {length}\n"
    );
    fs::write(folder.path().join("data-manifest.toml"), manifest).unwrap();
    let ended = Command::new("sh")
        .args(["-c", "ulimit -v 2000000; exec \"$0\" data check"])
        .arg(env!("CARGO_BIN_EXE_trialbook"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("line 3 is longer than 64 MiB"), "{said}");
}
