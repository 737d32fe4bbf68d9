//! The report on Rojas et al (2023): what its paper prints beside what the authors' data say. Skipped where the data are
//! not there, which are not in the repository.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const DATA: &str = "../shared/data/cct-medical-students.sav";

/// What the report needs, in a folder of its own, with the data if they are there.
fn project() -> Option<TempDir> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = own.join(DATA);
    if !data.is_file() {
        eprintln!("skipped: there is no {}", data.display());
        return None;
    }
    let root = bare(own);
    let place = root.path().join("data/cct/1.0.0/cct-medical-students.sav");
    fs::create_dir_all(place.parent()?).ok()?;
    fs::copy(data, place).ok()?;
    Some(root)
}

fn bare(own: &Path) -> TempDir {
    let root = TempDir::new().unwrap();
    fs::copy(
        own.join("data-manifest.toml"),
        root.path().join("data-manifest.toml"),
    )
    .unwrap();
    for folder in ["templates", "data", "reports/rojas-2023"] {
        for entry in walkdir::WalkDir::new(own.join(folder)) {
            let entry = entry.unwrap();
            let target: PathBuf = root.path().join(entry.path().strip_prefix(own).unwrap());
            if entry.file_type().is_dir() {
                fs::create_dir_all(target).unwrap();
            } else if entry.path().extension().is_none_or(|e| e != "sav") {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    root
}

fn run(root: &TempDir, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(arguments)
        .current_dir(root.path())
        .env_remove("SOURCE_DATE_EPOCH")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_published_figure_comes_out_again() {
    let Some(root) = project() else { return };
    let (status, stdout, stderr) = run(&root, &["claims", "rojas-2023", "--format", "json"]);
    assert_eq!(status, Some(0), "{stderr}");
    let file: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let claims = file["claims"].as_array().unwrap();
    let count = |place: &str, verdict: &str| {
        let of = claims
            .iter()
            .filter(|c| c["place"].as_str().unwrap().starts_with(place) && c["verdict"] == verdict);
        of.count()
    };
    let verdicts = |place: &str| {
        ["reproduced", "last-digit", "contradicted", "not-computable"].map(|v| count(place, v))
    };
    // 23 outcomes, 5 terms, 4 numbers each; the same verdicts as by lme4 1.1-37.
    assert_eq!(verdicts("Fig 2"), [442, 6, 12, 0]);
    assert_eq!(count("Results, Compassion", "reproduced"), 5);
    let known = claims.iter().filter(|c| c["verdict"] == "contradicted");
    assert!(known.clone().all(|c| c["misprint"].is_string()));
    assert_eq!(known.count(), 14);
    let stress = claims
        .iter()
        .find(|c| c["statistic"] == "tbl-effects/DASS_Stress/arm[CCT]:time[post]/conf.low");
    let low = stress.unwrap()["value"].as_f64().unwrap();
    assert!((low + 5.150_475).abs() < 1e-4, "{low}");
}

#[test]
fn without_the_data_the_report_waits() {
    let root = bare(Path::new(env!("CARGO_MANIFEST_DIR")));
    let (_, stdout, stderr) = run(&root, &["build", "rojas-2023"]);
    let said = format!("{stdout}{stderr}");
    let line = said.lines().find(|l| l.starts_with("rojas-2023: waits"));
    let line = line.unwrap_or_else(|| panic!("{said}"));
    assert!(line.contains("cct@1.0.0"), "{line}");
    assert!(line.contains("data fetch cct"), "{line}");
}
