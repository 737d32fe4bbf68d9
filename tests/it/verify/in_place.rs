//! Reports in place: `build/` against the data and sources beside it.

use std::fs;
use std::sync::LazyLock;

use serde_json::{Value, json};
use trialbook::diagnostic::Diagnostics;
use trialbook::verify::{Options, OutputState, Sameness, Verdict, Verification, verify_report};

use super::codes;
use super::trial::{BASELINE, Trial, report, shown};

const RESULTS: &str = "build/small/results.json";
const RECORD: &str = "build/small/provenance/ro-crate-metadata.json";

/// A report that shows its numbers in a sentence and in a table; some of its numbers are shown nowhere.
fn text() -> String {
    report(&format!(
        "The mean was {{{{ tbl-baseline.age.mean }}}}.\n\n{BASELINE}\n\
         ```{{model #fit}}\ndata = \"trial@1.0.0\"\nformula = \"post ~ arm + pre\"\n```\n"
    ))
}

/// The files of a project that was built once.
static BUILT: LazyLock<Trial> = LazyLock::new(|| {
    let trial = Trial::new().with_report(&text());
    trial.run(&["build"]).with_status(0);
    trial
});

/// A copy of the built project.
fn built() -> Trial {
    let copy = Trial::new();
    for (path, bytes) in BUILT.files("") {
        copy.write(&path, &bytes);
    }
    copy
}

fn verify(trial: &Trial, options: &Options) -> (Verification, Diagnostics) {
    verify_report(&trial.open(), "small", options, &|_| {})
}

fn edit_json(trial: &Trial, path: &str, edit: impl FnOnce(&mut Value)) {
    let mut json: Value = serde_json::from_str(&trial.read(path)).unwrap();
    edit(&mut json);
    let mut text = serde_json::to_string_pretty(&json).unwrap();
    text.push('\n');
    trial.write(path, text.as_bytes());
}

/// The statistic of an id in the recorded results.
fn statistic<'a>(results: &'a mut Value, id: &str) -> &'a mut Value {
    let all = results["statistics"].as_array_mut().unwrap();
    all.iter_mut().find(|s| s["id"] == id).unwrap()
}

/// Makes the record say that another program made the build.
fn of_another_program(trial: &Trial) {
    let digest = trialbook::program::source_digest();
    trial.edit(RECORD, digest, &"0".repeat(64));
}

#[test]
fn what_was_built_is_verified() {
    let trial = built();
    trial
        .run(&["verify"])
        .with_status(0)
        .quietly()
        .printing("numbers: ")
        .printing("identical: every number and every byte came out again");
    let (verification, found) = verify(&trial, &Options::default());
    assert!(found.is_empty(), "{}", shown(&found));
    assert_eq!(verification.verdict, Verdict::Identical);
    assert!(verification.numbers.unwrap().identical > 10);
}

#[test]
fn numbers_that_were_changed_are_named_the_largest_difference_first() {
    let trial = built();
    let hidden = "fit/post/arm[Active]/std.error";
    edit_json(&trial, RESULTS, |results| {
        let all = results["statistics"].as_array_mut().unwrap();
        let mut added = all[0].clone();
        added["id"] = json!("tbl-baseline/made/up");
        all.push(added);
        statistic(results, "tbl-baseline/age/mean")["value"] = json!(35.5);
        let number = statistic(results, "tbl-baseline/age/sd")["value"]
            .as_f64()
            .unwrap();
        let next = f64::from_bits(number.to_bits() + 1);
        statistic(results, "tbl-baseline/age/sd")["value"] = json!(next);
        let ids: Vec<String> = results["statistics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].to_string())
            .collect();
        assert!(ids.iter().any(|id| id.contains(hidden)), "{ids:#?}");
        let number = statistic(results, hidden)["value"].as_f64().unwrap();
        statistic(results, hidden)["value"] = json!(number * (1.0 + 1e-6));
    });
    let (verification, found) = verify(&trial, &Options::default());
    assert_eq!(verification.verdict, Verdict::Different);
    assert_eq!(
        codes(&found),
        ["changed-file", "numbers-differ", "files-differ"]
    );
    let numbers = verification.numbers.as_ref().unwrap();
    let named: Vec<(&str, Sameness)> = numbers
        .differences
        .iter()
        .map(|d| (d.id.as_str(), d.sameness))
        .collect();
    assert_eq!(
        named,
        [
            ("tbl-baseline/made/up", Sameness::Different),
            ("tbl-baseline/age/mean", Sameness::Different),
            (hidden, Sameness::Different),
            ("tbl-baseline/age/sd", Sameness::Printed),
        ]
    );
    let places = &numbers.differences[1].places;
    assert_eq!(places[0].recorded, "35.5", "{places:#?}");
    assert_eq!(places[0].recomputed, "34.0");
    let changed: Vec<&str> = verification
        .files
        .iter()
        .filter(|f| f.state != OutputState::Identical)
        .map(|f| f.path.as_str())
        .collect();
    assert_eq!(changed, ["results.json"]);
    insta::assert_snapshot!(verification.to_text());
}

#[test]
fn another_program_may_write_other_last_bits_but_not_other_numbers() {
    let trial = built();
    of_another_program(&trial);
    edit_json(&trial, RESULTS, |results| {
        let number = statistic(results, "tbl-baseline/age/sd")["value"]
            .as_f64()
            .unwrap();
        let next = f64::from_bits(number.to_bits() + 1);
        statistic(results, "tbl-baseline/age/sd")["value"] = json!(next);
    });
    // The record's own digest of the results goes with them.
    let digest = trialbook::program::sha256(trial.read(RESULTS).as_bytes());
    let bytes = trial.read(RESULTS).len().to_string();
    edit_json(&trial, RECORD, |record| {
        let graph = record["@graph"].as_array_mut().unwrap();
        let file = graph.iter_mut().find(|e| e["@id"] == RESULTS).unwrap();
        file["sha256"] = json!(digest);
        file["contentSize"] = json!(bytes);
    });
    let (verification, found) = verify(&trial, &Options::default());
    assert_eq!(verification.verdict, Verdict::Printed, "{}", shown(&found));
    assert!(!found.has_errors(), "{}", shown(&found));
    assert_eq!(found.len(), 1);
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    let (verification, found) = verify(&trial, &strict);
    assert_eq!(verification.verdict, Verdict::Different);
    assert_eq!(codes(&found), ["files-differ"]);
}

#[test]
fn what_was_changed_after_the_build_is_named() {
    let trial = built();
    trial.edit("reports/small/report.md", "The mean was", "Its mean was");
    fs::remove_file(trial.path("build/small/results.csv")).unwrap();
    let (verification, found) = verify(&trial, &Options::default());
    assert_eq!(
        codes(&found),
        ["changed-file", "changed-file", "files-differ"]
    );
    let said = shown(&found);
    assert!(
        said.contains("reports/small/report.md is not the file"),
        "{said}"
    );
    assert!(
        said.contains("build/small/results.csv, which the record"),
        "{said}"
    );
    assert_eq!(verification.verdict, Verdict::Different);
}

#[test]
fn one_changed_cell_is_named_with_the_numbers_that_depend_on_it() {
    let trial = built();
    let path = trial
        .open()
        .manifest()
        .all()
        .next()
        .unwrap()
        .version
        .path
        .value
        .clone();
    trial.edit(&path, "\n2,Active,female,21,", "\n2,Active,female,29,");
    trial
        .run(&["verify"])
        .with_status(1)
        .saying("changed-data")
        .saying("numbers come out different")
        .printing("not the promised data: trial@1.0.0")
        .printing("tbl-baseline/age/mean");
    // The data themselves, and the manifest that promises others, are as they were.
    trial.run(&["data", "check"]).with_status(1);
    trial.run(&["build"]).with_status(1);
}

#[test]
fn what_can_not_be_compared_is_said() {
    Trial::new()
        .run(&["verify"])
        .with_status(2)
        .saying("`small` has not been built")
        .saying("trialbook build small");
    Trial::new()
        .run(&["verify", "smal"])
        .with_status(2)
        .saying("did you mean `small`");
    let trial = built();
    trial.write(
        RESULTS,
        b"{\"schema\": \"trialbook-results/9\", \"report\": \"small\", \"statistics\": []}",
    );
    trial
        .run(&["verify", "small"])
        .with_status(2)
        .saying("trialbook-results/9");
    trial.write(RESULTS, b"[");
    trial
        .run(&["verify", "small"])
        .with_status(2)
        .saying("bad-results");
    trial.write(RECORD, b"{\"@graph\": []}");
    trial
        .run(&["verify", "reports/small"])
        .with_status(2)
        .saying("bad-record")
        .saying("endTime");
    fs::remove_file(trial.path(RECORD)).unwrap();
    trial
        .run(&["verify", "small"])
        .with_status(2)
        .saying("missing-file");
}

#[test]
fn the_outcome_is_told_to_programs_too() {
    let trial = built();
    edit_json(&trial, RESULTS, |results| {
        statistic(results, "tbl-baseline/age/mean")["value"] = Value::Null;
    });
    let ended = trial.run(&["verify", "--format", "json"]).with_status(1);
    let json: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(json["schema"], "trialbook-verify/1");
    assert_eq!(json["verdict"], "different");
    assert_eq!(json["report"], "small");
    assert_eq!(json["made_by"], json["running"]);
    assert_eq!(json["numbers"]["different"], 1);
    assert_eq!(json["differences"][0]["id"], "tbl-baseline/age/mean");
    assert_eq!(json["differences"][0]["recorded"], "missing");
    assert_eq!(json["differences"][0]["recomputed"]["number"], 34.0);
    assert_eq!(json["problems"].as_array().unwrap().len(), 3);
    let states: Vec<&Value> = json["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["state"])
        .collect();
    assert!(states.iter().any(|s| *s == "different") && states.iter().any(|s| *s == "identical"));
}
