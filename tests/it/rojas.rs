//! The report on Rojas et al (2023): what its paper prints beside what the authors' data say. Skipped where the data are
//! not there, which are not in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::support::expected::Expected;

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
    // 23 outcomes, 5 terms, 4 numbers each.
    assert_eq!(verdicts("Fig 2"), [442, 6, 12, 0]);
    assert_eq!(count("Results, Compassion", "reproduced"), 5);
    let known = claims.iter().filter(|c| c["verdict"] == "contradicted");
    assert!(known.clone().all(|c| c["misprint"].is_string()));
    assert_eq!(known.count(), 14);
    agrees_with_r(claims);
}

/// Every claimed number of the models is that of lme4 and emmeans; limits to a hundred-thousandth of a standard error.
fn agrees_with_r(claims: &[serde_json::Value]) {
    const TERMS: [&str; 5] = [
        "arm[CCT]",
        "time[post]",
        "time[follow-up]",
        "arm[CCT]:time[post]",
        "arm[CCT]:time[follow-up]",
    ];
    const CELLS: [(&str, &str); 4] = [
        ("post", "WL"),
        ("follow-up", "WL"),
        ("post", "CCT"),
        ("follow-up", "CCT"),
    ];
    let expected = Expected::load("rojas");
    let values: BTreeMap<&str, f64> = claims
        .iter()
        .filter_map(|c| Some((c["statistic"].as_str()?, c["value"].as_f64()?)))
        .collect();
    let of = |outcome: &str, stat: &str| {
        TERMS.map(|term| values[format!("tbl-effects/{outcome}/{term}/{stat}").as_str()])
    };
    let mut compared = 0;
    for outcome in expected.keys("outcomes") {
        let key = |part: &str| format!("outcomes.{outcome}.{part}");
        if outcome != "covid" {
            expected.numbers(&key("estimate"), &of(&outcome, "estimate"));
            expected.numbers(&key("se"), &of(&outcome, "std.error"));
            for (part, stat) in [("low", "conf.low"), ("high", "conf.high")] {
                let errors = expected.list(&key("se"));
                let limits = expected.list(&key(part)).into_iter().zip(errors);
                for ((limit, error), own) in limits.zip(of(&outcome, stat)) {
                    let distance = (own - limit).abs() / error;
                    assert!(distance < 1e-5, "{outcome} {stat}: {own}, not {limit}");
                }
            }
        }
        let label = if outcome == "covid" {
            "posthoc-covid"
        } else {
            "tbl-posthoc"
        };
        for ((time, arm), p) in CELLS.into_iter().zip(expected.list(&key("p"))) {
            let id = format!("{label}/{outcome}/time[{time}] - time[pre]/arm={arm}/p.adjusted");
            if let Some(own) = values.get(id.as_str()) {
                assert!((own - p).abs() < 1e-6 * p, "{id}: {own}, not {p}");
                compared += 1;
            }
        }
    }
    // Those that the paper prints.
    assert_eq!(compared, 44);
    expected.finish_part();
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
