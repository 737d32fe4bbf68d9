//! Files of SPSS, Stata and SAS become datasets. What their readers hand on, value by value, is tested beside them.

use std::fs;
use std::path::Path;

use trialbook::dataset::Dataset;

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

#[test]
fn codes_and_tags_are_missing_values_with_their_reasons() {
    let open = |name| read(name, &reference(name), None).0.unwrap();
    let missing = |dataset: &Dataset, name: &str| {
        let frame = dataset.frame(Some(&format!("\"{name}\" IS NULL")), &[], &[]);
        let field = dataset.schema().field(name).unwrap();
        // Without a codebook, `NA` means a missing value in any format.
        let own = field.missing.iter().filter(|l| l.value != "NA");
        let reasons: Vec<_> = own.map(|l| (l.value.clone(), l.label.clone())).collect();
        (frame.unwrap().height(), reasons)
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(v, l)| ((*v).to_owned(), (*l).to_owned()))
            .collect()
    };
    let spss = open("spss-byte.sav");
    let codes = pairs(&[("-99", "not asked"), ("-98", "refused"), ("9", "9")]);
    assert_eq!(missing(&spss, "codes"), (4, codes));
    assert_eq!(missing(&spss, "letters").0, 6);
    // SPSS keeps 8 bytes of a missing value: `refused `, which is not `refused to say`.
    assert_eq!(missing(&spss, "words").0, 3);
    assert_eq!(missing(&spss, "range").0, 3);
    let stata = open("stata-14.dta");
    let tags = pairs(&[(".a", "not done"), (".b", "refused"), (".z", ".z")]);
    assert_eq!(missing(&stata, "tagged"), (5, tags));
    let sas = open("sas-v8.xpt");
    assert_eq!(missing(&sas, "tagged").0, 5);
    let group = spss.schema().field("group").unwrap();
    assert_eq!(group.title, "Arm");
    let labels: Vec<_> = group
        .levels
        .iter()
        .chain(&group.labels)
        .map(|l| l.label.as_str())
        .collect();
    assert_eq!(labels, ["Warteliste", "Training (μ)"]);
}
