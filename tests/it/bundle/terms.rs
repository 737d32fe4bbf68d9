//! What stays out, what is marked, and what the keys must be.

use super::{RICH, bundle, rich, text, unpacked};
use crate::it::whole::trial::{REPORT, Trial};

#[test]
fn restricted_and_external_data_stay_out_byte_by_byte() {
    let (trial, _, files, ended) = &*RICH;
    for name in ["closed", "far"] {
        let path = format!("data/{name}/data.csv");
        let own = trial.read(&path);
        // The row that only this file has.
        let row = own.lines().last().unwrap();
        for (name, bytes) in files {
            assert!(
                !String::from_utf8_lossy(bytes).contains(row),
                "{name} holds {row}"
            );
        }
        assert!(!files.contains_key(&format!("data/{path}")));
        assert!(files.contains_key(&format!("data/data/{name}/codebook.toml")));
    }
    assert!(
        ended
            .out
            .contains("closed@1.0.0 is restricted and not in it"),
        "{}",
        ended.out
    );
    assert!(
        ended.out.contains("far@1.0.0 is external and not in it"),
        "{}",
        ended.out
    );
    let fetch = text(files, "fetch.txt");
    let length = trial.read("data/far/data.csv").len();
    assert_eq!(
        fetch,
        format!("https://example.org/far.csv {length} data/data/far/data.csv\n")
    );
    assert!(files.contains_key("data/data/made/data.csv"));
}

#[test]
fn external_data_go_in_on_request_and_restricted_never_do() {
    let trial = rich();
    let listing = "```{listing #tbl-rows}\ndata = \"closed@1.0.0\"\ncaption = \"Rows\"\n[[column]]\nvariable = \"age\"\n```\n";
    let report = trial.read(REPORT);
    trial.write(REPORT, format!("{report}\n{listing}").as_bytes());
    let (ended, zip) = bundle(&trial, &["--include-external"], &[]);
    let files = unpacked(&zip);
    assert!(files.contains_key("data/data/far/data.csv"));
    assert!(!files.contains_key("data/data/closed/data.csv"));
    assert!(!files.contains_key("fetch.txt"));
    assert!(!ended.out.contains("far@1.0.0"), "{}", ended.out);
    // The report shows rows itself: that is its author's to decide, knowingly.
    ended.saying("`tbl-rows` may show single rows of closed@1.0.0, which is restricted");
}

#[test]
fn every_page_and_description_says_that_data_are_simulated() {
    let (_, _, files, _) = &*RICH;
    let banner = "Simulated data: made@1.0.0. Not measured in patients.";
    assert!(text(files, "data/build/small/page.typ").contains(banner));
    assert!(text(files, "data/README.md").contains("nobody measured them in patients"));
    let crate_ = text(files, "data/ro-crate-metadata.json");
    assert!(
        crate_.contains("Simulated data. Drawn from a normal distribution."),
        "{crate_}"
    );
    let trial = Trial::new();
    trial.run(&["build"]).with_status(0);
    assert!(
        !trial
            .read("build/small/report.typ")
            .contains("Simulated data:")
    );
    // The example that `new` writes is made up, and says so.
    trial.run(&["new", "fresh"]).with_status(0);
    trial.run(&["build", "fresh"]).with_status(0);
    let typst = trial.read("build/fresh/page.typ");
    assert!(
        typst.contains("Simulated data: fresh-example@1.0.0."),
        "{typst}"
    );
}

#[test]
fn a_version_says_otherwise_than_its_dataset() {
    let trial = rich();
    let version = "path = \"data/closed/data.csv\"\n";
    trial.edit(
        "data-manifest.toml",
        version,
        &format!("{version}access = \"open\"\n"),
    );
    let version = "path = \"data/made/data.csv\"\n";
    trial.edit(
        "data-manifest.toml",
        version,
        &format!("{version}simulated = false\n"),
    );
    let (_, zip) = bundle(&trial, &[], &[]);
    let files = unpacked(&zip);
    assert!(files.contains_key("data/data/closed/data.csv"));
    assert!(!text(&files, "data/build/small/page.typ").contains("Simulated"));
}

#[test]
fn a_report_waits_for_data_that_are_not_there_while_others_are_built() {
    let trial = rich();
    std::fs::remove_file(trial.path("data/closed/data.csv")).unwrap();
    std::fs::remove_file(trial.path("data/far/data.csv")).unwrap();
    trial.run(&["new", "other"]).with_status(0);
    let ended = trial.run(&["build"]).with_status(0);
    let ended = ended.printing("wrote build/other/report.pdf");
    let ended = ended.printing("small: waits: closed@1.0.0 is restricted, and its file is not there; how to apply for it: Write to data@example.org.");
    let ended = ended.printing("small: waits: far@1.0.0 is external, and its file is not there; `trialbook data fetch far` gets it from https://example.org/far.csv, `trialbook data add far FILE` takes it from disk");
    drop(ended);
    // What was asked for by name and can't be built is an error.
    let ended = trial.run(&["build", "small"]).with_status(1);
    ended
        .saying("then put it at data/closed/data.csv")
        .saying("absent-data");
    trial
        .run(&["bundle", "small"])
        .with_status(1)
        .saying("absent-data");
    assert!(!trial.path("build/small.bundle.zip").exists());
}

/// What is said of a manifest in which `trial` has those keys.
fn said(keys: &str) -> String {
    let trial = Trial::new();
    let name = "name = \"trial\"\n";
    trial.edit("data-manifest.toml", name, &format!("{name}{keys}\n"));
    super::super::whole::trial::shown(&trial.check())
}

#[test]
fn mistakes_in_the_manifest_say_what_to_write() {
    for (keys, words) in [
        (
            "access = \"restrictd\"",
            vec!["unknown-choice", "did you mean `restricted`?"],
        ),
        ("access = 1", vec!["wrong-type"]),
        (
            "access = \"restricted\"",
            vec!["no-apply", "nothing says how to apply", "write `apply"],
        ),
        ("access = \"restricted\"\napply = \" \"", vec!["empty-text"]),
        ("access = \"external\"", vec!["no-source", "write `source"]),
        (
            "apply = \"Ask.\"",
            vec!["unused-apply", "access = \"restricted\""],
        ),
        ("simulated = 1", vec!["wrong-type", "simulated = true"]),
        ("simulated = \"\"", vec!["empty-text"]),
        (
            "simulted = true",
            vec!["unknown-key", "did you mean `simulated`?"],
        ),
        (
            "homepage = \"https://example.org/a b\"",
            vec!["bad-url", "%20"],
        ),
        ("homepage = \"https://example.org/\\n\"", vec!["bad-url"]),
    ] {
        let said = said(keys);
        for word in words {
            assert!(said.contains(word), "{keys}: no {word} in\n{said}");
        }
        assert_eq!(
            said.matches("error[").count() + said.matches("warning[").count(),
            1,
            "{said}"
        );
    }
    for keys in [
        "access = \"open\"",
        "access = \"restricted\"\napply = \"Ask.\"",
        "access = \"external\"\nhomepage = \"https://example.org/\"",
        "simulated = true",
        "simulated = false",
    ] {
        assert_eq!(said(keys), "", "{keys}");
    }
}

#[test]
fn mistakes_in_the_statement_on_sharing_say_what_to_write() {
    for (table, word) in [
        ("available = \"maybe\"", "there is `no`, `undecided`, `yes`"),
        ("available = true", "wrong-type"),
        ("data = \"\"", "empty-text"),
        ("when = 2026-01-01", "wrong-type"),
        ("with_who = \"All\"", "did you mean `with_whom`?"),
    ] {
        let trial = Trial::new();
        trial.edit(
            REPORT,
            "\n[arms]",
            &format!("\n[sharing]\n{table}\n\n[arms]"),
        );
        let said = super::super::whole::trial::shown(&trial.check());
        assert!(said.contains(word), "{table}: no {word} in\n{said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
}
