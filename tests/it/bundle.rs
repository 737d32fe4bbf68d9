//! Bundles: the same bytes for the same input, everything in them that they promise, nothing that was to stay out.

mod determinism;
mod hostile;
mod records;
mod terms;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;
use std::sync::LazyLock;

use super::whole::trial::{BASELINE, Ended, Trial, report_with};

/// The files of a bundle by path, without its top folder.
pub type Files = BTreeMap<String, Vec<u8>>;

const PEOPLE: &str = r#"
[sharing]
available = "yes"
data = "The data behind tables & figures."
when = "On publication, for 5 years"
purpose = "Meta-analyses"

[[authors]]
name = "Jo Careful"

[[authors]]
name = "Josiah Carberry"
orcid = "0000-0002-1825-0097"
affiliation = "Brown University"
email = "jo@example.org"
corresponding = true
"#;

/// The keys that make a dataset what it is called in the manifest.
const TERMS: [(&str, &str); 3] = [
    (
        "closed",
        "access = \"restricted\"\napply = \"Write to data@example.org.\"\nlicense = \"Own terms\"\n",
    ),
    (
        "far",
        "access = \"external\"\nhomepage = \"https://example.org/\"\nlicense = \"CC-BY-4.0\"\n",
    ),
    (
        "made",
        "simulated = \"Drawn from a normal distribution.\"\n",
    ),
];

/// A trial with an open, a restricted, an external and a simulated dataset, and an outcome beside the baselines.
pub fn rich() -> Trial {
    let mut trial = Trial::new();
    for (i, (name, _)) in TERMS.iter().enumerate() {
        // Each file has bytes of its own.
        let row = format!("{},Active,male,{},33.5,{}\n", 90 + i, 61 + i, 7 + i);
        let csv = super::whole::trial::rows() + &row;
        trial.set_data(name, &csv);
    }
    for (name, terms) in TERMS {
        let named = format!("name = \"{name}\"\n");
        trial.edit("data-manifest.toml", &named, &format!("{named}{terms}"));
    }
    let path = "path = \"data/far/data.csv\"\n";
    let source = "source = \"https://example.org/far.csv\"\n";
    trial.edit("data-manifest.toml", path, &format!("{path}{source}"));
    let mut body = format!(
        "The mean was {{{{ tbl-baseline.age.mean }}}}.\n\n{BASELINE}\n```{{outcomes #tbl-outcomes}}\ndata = \"trial@1.0.0\"\n\
         caption = \"Outcome\"\nadjust = [\"pre\"]\n[[visit]]\nvariable = \"post\"\n```\n\n\
         ```{{forest #fig-effects}}\ncaption = \"Effects\"\naxis = \"Difference\"\n[[section]]\n\
         from = \"tbl-outcomes\"\nestimate = \"adjusted\"\n```\n"
    );
    for (name, _) in TERMS {
        let table = BASELINE.replace("tbl-baseline", &format!("tbl-{name}"));
        body.push('\n');
        body.push_str(&table.replace("trial@1.0.0", &format!("{name}@1.0.0")));
    }
    trial.with_report(&report_with(PEOPLE, &body))
}

/// Bundles the trial's report; gives what was said and the zip.
pub fn bundle(trial: &Trial, arguments: &[&str], environment: &[(&str, &str)]) -> (Ended, Vec<u8>) {
    let to = trial.path("out.zip");
    let mut command = trial.command(&["bundle", "small", "--output", "out.zip"]);
    command.args(arguments).envs(environment.iter().copied());
    let ended = Ended::of(&command.output().unwrap()).with_status(0);
    (ended, fs::read(to).unwrap())
}

/// What a zip holds below its only folder, which is `small`.
pub fn unpacked(zip: &[u8]) -> Files {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files = Files::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let name = name.strip_prefix("small/").unwrap().to_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert!(files.insert(name, bytes).is_none());
    }
    files
}

/// Writes files below a folder.
pub fn write_all(files: &Files, folder: &Path) {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// The rich trial's bundle, at which several tests look.
pub static RICH: LazyLock<(Trial, Vec<u8>, Files, Ended)> = LazyLock::new(|| {
    let trial = rich();
    let (ended, zip) = bundle(
        &trial,
        &["--jobs", "1"],
        &[("USER", "alice"), ("TZ", "UTC")],
    );
    let files = unpacked(&zip);
    (trial, zip, files, ended)
});

/// A file's text.
pub fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    let bytes = files.get(path).unwrap_or_else(|| panic!("no {path}"));
    std::str::from_utf8(bytes).unwrap()
}
