//! Files of SPSS, Stata and SAS that were cut, mixed up, or made to do harm: each gives a diagnostic or is read, nothing
//! dies, and nothing takes more memory than its length allows.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::hostile::exercise;
use crate::it::support::project::{read, rendered};
use crate::it::support::watched::{self, Random};

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data/formats");
    fs::read(folder.join(name)).unwrap()
}

/// A file with something wrong; in half of the cases where it describes itself.
fn damaged(case: u64, names: &[&'static str]) -> (&'static str, Vec<u8>) {
    let mut random = Random::new(case);
    let name = names[random.below(names.len())];
    let mut head = file(name);
    let at = if random.below(2) == 0 {
        4000
    } else {
        head.len()
    };
    let rest = head.split_off(at.min(head.len()));
    let mut bytes = random.damage(head);
    bytes.extend(rest);
    (name, bytes)
}

fn survives(worker: &str) {
    let worker = format!("it::dataset::hostile_formats::{worker}");
    let cases = watched::cases(&worker, 10_000, Duration::from_secs(12));
    assert!(cases.run > 0 && cases.died.is_empty(), "{cases:?}");
}

fn work(names: &[&'static str]) {
    watched::work(|case| {
        let (name, bytes) = damaged(case, names);
        let (dataset, diagnostics) = read(name, &bytes, None);
        assert!(dataset.is_some() || diagnostics.has_errors());
        let said = rendered(&diagnostics);
        assert!(!said.contains("internal error"), "{said}");
        exercise(dataset);
    });
}

#[test]
fn damaged_spss_files_are_refused_or_read() {
    survives("damaged_spss_worker");
}

#[test]
#[ignore = "run by damaged_spss_files_are_refused_or_read"]
fn damaged_spss_worker() {
    work(&["spss-byte.sav", "spss-none.sav", "spss-zsav.zsav"]);
}

#[test]
fn damaged_stata_files_are_refused_or_read() {
    survives("damaged_stata_worker");
}

#[test]
#[ignore = "run by damaged_stata_files_are_refused_or_read"]
fn damaged_stata_worker() {
    work(&[
        "stata-8.dta",
        "stata-12.dta",
        "stata-13.dta",
        "stata-15.dta",
    ]);
}

#[test]
fn damaged_transport_files_are_refused_or_read() {
    survives("damaged_transport_worker");
}

#[test]
#[ignore = "run by damaged_transport_files_are_refused_or_read"]
fn damaged_transport_worker() {
    work(&["sas-v5.xpt", "sas-v8.xpt"]);
}

#[test]
fn damaged_sas_files_are_refused_or_read() {
    survives("damaged_sas_worker");
}

#[test]
#[ignore = "run by damaged_sas_files_are_refused_or_read"]
fn damaged_sas_worker() {
    // Here the crate may fail on its own; the guard then says so.
    watched::work(|case| {
        let (name, bytes) = damaged(
            case,
            &[
                "sas.sas7bdat",
                "compressed-rle.sas7bdat",
                "compressed-rdc.sas7bdat",
            ],
        );
        let (dataset, diagnostics) = read(name, &bytes, None);
        assert!(dataset.is_some() || diagnostics.has_errors());
        exercise(dataset);
    });
}

#[test]
fn files_cut_at_any_place_are_refused() {
    let names = [
        "spss-byte.sav",
        "spss-none.sav",
        "spss-zsav.zsav",
        "stata-13.dta",
        "stata-14.dta",
        "sas-v5.xpt",
        "sas-v8.xpt",
        "sas.sas7bdat",
    ];
    for name in names {
        let bytes = file(name);
        for length in (0..bytes.len()).step_by(bytes.len() / 97 + 1) {
            let (dataset, diagnostics) = read(name, &bytes[..length], None);
            let refused = dataset.is_none() && diagnostics.has_errors();
            assert!(refused, "{name} at {length}");
        }
    }
}

#[test]
fn one_format_under_the_name_of_another() {
    for of in [
        "spss-byte.sav",
        "stata-14.dta",
        "sas-v5.xpt",
        "sas.sas7bdat",
    ] {
        for name in [
            "x.sav",
            "x.zsav",
            "x.dta",
            "x.xpt",
            "x.sas7bdat",
            "x.csv",
            "x.parquet",
        ] {
            if of.rsplit('.').next() == name.rsplit('.').next()
                || (of, name) == ("spss-byte.sav", "x.zsav")
            {
                continue;
            }
            let (dataset, diagnostics) = read(name, &file(of), None);
            assert!(
                dataset.is_none() && diagnostics.has_errors(),
                "{of} as {name}"
            );
        }
    }
}

#[test]
fn a_deflated_bomb_is_refused() {
    // The list at the end says of every block how long it is; here the first one is said to have 2^31 - 1 bytes.
    let mut bytes = file("many.zsav");
    let count = bytes.len();
    bytes[count - 8..count - 4].copy_from_slice(&i32::MAX.to_le_bytes());
    let (dataset, diagnostics) = read("many.zsav", &bytes, None);
    let said = rendered(&diagnostics);
    assert!(dataset.is_none() && said.contains("block"), "{said}");
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_row() {
    let mut bytes = file("many.sav");
    // The text of row 5, `t27`, stands nowhere before.
    let at = bytes.windows(3).position(|w| w == b"t27").unwrap();
    bytes[at + 1] = 0xff;
    let (dataset, diagnostics) = read("many.sav", &bytes, None);
    let said = rendered(&diagnostics);
    assert!(dataset.is_none(), "{said}");
    assert!(
        said.contains("bad-text") && said.contains("row 5"),
        "{said}"
    );
}
