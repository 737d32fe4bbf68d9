//! The same inputs give the same bytes, wherever, whenever and by whomever they are built.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::trial::{BASELINE, Ended, Trial, report};

/// What the build writes, without the log of the run; the environment is changed as named.
fn built(
    trial: &Trial,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> BTreeMap<String, Arc<[u8]>> {
    let mut command = trial.command(&[&["build"], arguments].concat());
    let output = command.envs(environment.iter().copied()).output().unwrap();
    Ended::of(&output).with_status(0);
    let mut files = trial.files("build/small");
    assert!(files.remove("run-log.json").is_some());
    files
}

fn assert_same(one: &BTreeMap<String, Arc<[u8]>>, other: &BTreeMap<String, Arc<[u8]>>) {
    let names = |files: &BTreeMap<String, Arc<[u8]>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(one), names(other));
    for (name, bytes) in one {
        assert!(*bytes == other[name], "{name} differs");
    }
}

/// A sentence, a table and a comparison.
fn trial() -> Trial {
    let body = format!(
        "The mean was {{{{ tbl-baseline.age.mean }}}}, of {{{{ tbl-baseline[\"arm=Active\"].N }}}}.\n\n{BASELINE}\n\
         ```{{outcomes #tbl-outcomes}}\ndata = \"trial@1.0.0\"\ncaption = \"Outcome\"\nadjust = [\"pre\"]\n\
         [[visit]]\nvariable = \"post\"\n```\n"
    );
    Trial::new().with_report(&report(&body))
}

/// One build that several tests look at.
static BUILT: LazyLock<(Trial, BTreeMap<String, Arc<[u8]>>)> = LazyLock::new(|| {
    let trial = trial();
    let alice = [("TZ", "UTC"), ("USER", "alice"), ("HOME", "/home/alice")];
    let files = built(&trial, &["--jobs", "1"], &alice);
    (trial, files)
});

#[test]
fn another_folder_user_time_zone_and_number_of_threads_change_no_byte() {
    let (here, one) = &*BUILT;
    let there = trial();
    // 1769817600 is midnight of 2026-01-31, the report's date.
    let other = built(
        &there,
        &["--jobs", "2"],
        &[
            ("TZ", "Pacific/Auckland"),
            ("USER", "bob"),
            ("HOME", "/nonexistent"),
            ("LANG", "de_DE.UTF-8"),
            ("SOURCE_DATE_EPOCH", "1769817600"),
        ],
    );
    assert_same(one, &other);
    for (name, bytes) in one {
        let text = String::from_utf8_lossy(bytes);
        for secret in ["alice", &here.root().to_string_lossy()] {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}

#[test]
fn the_time_inside_is_the_one_that_was_given() {
    let (_, by_date) = &*BUILT;
    let given = built(&trial(), &[], &[("SOURCE_DATE_EPOCH", "86400")]);
    assert!(by_date["report.pdf"] != given["report.pdf"]);
    assert!(by_date["results.json"] == given["results.json"]);
    let crate_text =
        String::from_utf8_lossy(&given["provenance/ro-crate-metadata.json"]).into_owned();
    assert!(crate_text.contains("1970-01-02"), "{crate_text}");
    assert!(!crate_text.contains("2026-01-31T"), "{crate_text}");
}

#[test]
fn results_are_valid_unique_and_hold_every_number_that_is_shown() {
    let (_, files) = &*BUILT;
    let text = std::str::from_utf8(&files["results.json"]).unwrap();
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    let json: Value = serde_json::from_str(text).unwrap();
    assert_eq!(json["schema"], "trialbook-results/1");
    assert_eq!(json["report"], "small");
    let statistics = json["statistics"].as_array().unwrap();
    let ids: BTreeSet<&str> = statistics
        .iter()
        .map(|s| s["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), statistics.len());
    for id in [
        "tbl-baseline/age/mean",
        "tbl-baseline/age/arm=Active/mean",
        "tbl-baseline/age/arm=Active/sd",
        "tbl-baseline/arm=Active/N",
        "tbl-outcomes/post/arm=Active/mean",
        "tbl-outcomes/post/adjusted/arm=Active/estimate",
        "tbl-outcomes/post/adjusted/arm=Active/conf.low",
        "tbl-outcomes/post/adjusted/arm=Active/p.value",
    ] {
        assert!(ids.contains(id), "{id} is not among {ids:#?}");
    }
    for statistic in statistics {
        let why = statistic["warnings"].as_array().unwrap();
        assert!(
            !statistic["value"].is_null() || !why.is_empty(),
            "{statistic}"
        );
    }
    // The same numbers as a table, a line each.
    let csv = std::str::from_utf8(&files["results.csv"]).unwrap();
    assert_eq!(csv.lines().count(), statistics.len() + 1);
}
