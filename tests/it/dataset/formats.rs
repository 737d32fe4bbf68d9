//! Files of SPSS, Stata and SAS become datasets. What their readers hand on, value by value, is tested beside them.

use std::fs;
use std::path::Path;

use crate::it::support::project::{read, rendered};

fn reference(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data/formats");
    fs::read(folder.join(name)).unwrap()
}

#[test]
fn a_real_trial_in_spss() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cct-medical-students.sav");
    let Ok(bytes) = fs::read(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let (dataset, diagnostics) = read("cct.sav", &bytes, None);
    let dataset = dataset.unwrap_or_else(|| panic!("{}", rendered(&diagnostics)));
    assert_eq!(dataset.height(), 120);
    assert_eq!(dataset.schema().fields.len(), 30);
    let rows = |condition| {
        let frame = dataset.frame(Some(condition), &[], &[]);
        frame.unwrap_or_else(|e| panic!("{e:?}")).height()
    };
    assert_eq!(rows("\"Group\" = 0") + rows("\"Group\" = 1"), 120);
}

#[test]
fn every_file_is_a_dataset() {
    for name in [
        "spss-byte.sav",
        "spss-none.sav",
        "spss-zsav.zsav",
        "many.sav",
        "many.zsav",
        "stata-8.dta",
        "stata-15.dta",
        "many.dta",
        "sas-v5.xpt",
        "sas-v8.xpt",
        "many.xpt",
        "sas.sas7bdat",
        "many.sas7bdat",
    ] {
        let (dataset, diagnostics) = read(name, &reference(name), None);
        let dataset = dataset.unwrap_or_else(|| panic!("{name}: {}", rendered(&diagnostics)));
        let rows = if name.starts_with("many") { 5000 } else { 12 };
        assert_eq!(dataset.height(), rows, "{name}");
    }
}
