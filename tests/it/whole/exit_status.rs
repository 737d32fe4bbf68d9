//! 0 done, 1 something does not hold, 2 the input is wrong, 3 the machine failed.

use std::fs;

use super::trial::{BASELINE, REPORT, Trial, report};

#[test]
fn a_changed_byte_in_the_data_ends_with_1() {
    let trial = Trial::new();
    trial.edit(
        "data/trial/data.csv",
        "1,Control,female,19",
        "1,Control,female,18",
    );
    for command in [&["build"][..], &["check"], &["data", "check"]] {
        trial
            .run(command)
            .with_status(1)
            .saying("changed-data")
            .saying("data-manifest.toml:");
    }
    assert!(!trial.path("build/small").exists());
}

#[test]
fn a_missing_data_file_ends_with_1() {
    let trial = Trial::new();
    fs::remove_file(trial.path("data/trial/data.csv")).unwrap();
    for command in [&["build"][..], &["check"], &["data", "check"]] {
        trial.run(command).with_status(1).saying("missing-file");
    }
    assert!(!trial.path("build/small").exists());
}

#[test]
fn mistakes_of_a_report_end_with_2() {
    let trial = Trial::new();
    trial.edit(REPORT, "variable = \"age\"", "variable = \"agee\"");
    for command in ["build", "check"] {
        trial
            .run(&[command])
            .with_status(2)
            .saying("reports/small/report.md:")
            .saying("did you mean `age`");
    }
    assert!(!trial.path("build/small").exists());
}

#[test]
fn mistakes_of_the_manifest_end_with_2_also_where_the_report_is_sound() {
    let trial = Trial::new();
    trial.edit(
        "data-manifest.toml",
        "name = \"Small\"",
        "name = \"Small\"\ncolour = \"red\"",
    );
    for command in [&["check"][..], &["data", "list"], &["build"]] {
        trial
            .run(command)
            .with_status(2)
            .saying("data-manifest.toml:4:1");
    }
    assert!(!trial.path("build/small").exists());
}

#[test]
fn a_report_that_is_not_there_ends_with_2() {
    Trial::new()
        .run(&["build", "smal"])
        .with_status(2)
        .saying("did you mean `small`");
    Trial::new()
        .run(&["check", "../../etc"])
        .with_status(2)
        .saying("there is no report");
    let trial = Trial::new();
    fs::remove_dir_all(trial.path("reports")).unwrap();
    trial.run(&["build"]).with_status(2).saying("trialbook new");
}

#[test]
fn no_manifest_ends_with_2() {
    let trial = Trial::new();
    fs::remove_file(trial.path("data-manifest.toml")).unwrap();
    for command in ["build", "check"] {
        trial
            .run(&["--root", ".", command])
            .with_status(2)
            .saying("data-manifest.toml");
    }
    let nowhere = tempfile::TempDir::new().unwrap();
    let mut command = trial.command(&["check"]);
    let output = command.current_dir(nowhere.path()).output().unwrap();
    super::trial::Ended::of(&output)
        .with_status(2)
        .saying("there is no data-manifest.toml");
}

#[test]
fn the_nearest_manifest_upwards_is_the_projects() {
    let trial = Trial::new();
    let output = trial
        .command(&["check"])
        .current_dir(trial.path("reports/small"))
        .output()
        .unwrap();
    super::trial::Ended::of(&output)
        .with_status(0)
        .printing("small: no errors");
}

#[test]
fn arguments_that_nobody_understands_end_with_2() {
    let trial = Trial::new();
    for wrong in [
        &[][..],
        &["biuld"],
        &["build", "--explian"],
        &["build", "--jobs", "0"],
        &["build", "--jobs", "many"],
        &["check", "--message-format", "xml"],
        &["completions", "tcl"],
        &["directives", "table"],
        &["data", "check", "nothing"],
        &["data", "check", "trial@9.9.9"],
        &["--root"],
    ] {
        let ended = trial.run(wrong).with_status(2);
        assert!(!ended.err.is_empty(), "{wrong:?}");
        assert_eq!(ended.out, "", "{wrong:?}");
    }
}

#[test]
fn a_time_that_is_none_ends_with_2() {
    let trial = Trial::new();
    for wrong in ["yesterday", "", "1e9", "99999999999999999999"] {
        let mut command = trial.command(&["build"]);
        let output = command.env("SOURCE_DATE_EPOCH", wrong).output().unwrap();
        super::trial::Ended::of(&output)
            .with_status(2)
            .saying("SOURCE_DATE_EPOCH");
    }
    assert!(!trial.path("build").exists());
}

#[test]
fn a_build_folder_that_cannot_be_one_ends_with_3() {
    let trial = Trial::new();
    trial.write("build", b"a file");
    trial.run(&["build"]).with_status(3).saying("can't write");
    assert_eq!(trial.read("build"), "a file");
}

#[cfg(unix)]
#[test]
fn a_build_folder_without_permission_ends_with_3() {
    use std::os::unix::fs::PermissionsExt as _;
    let trial = Trial::new();
    let build = trial.path("build");
    fs::create_dir(&build).unwrap();
    fs::set_permissions(&build, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(build.join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write everywhere");
        return;
    }
    trial.run(&["build"]).with_status(3).saying("can't write");
}

#[test]
fn the_gravest_fault_decides() {
    let trial = Trial::new();
    trial.write(
        "reports/other/report.md",
        report(&BASELINE.replace("age", "agee")).as_bytes(),
    );
    trial.edit(
        "data/trial/data.csv",
        "1,Control,female,19",
        "1,Control,female,18",
    );
    trial.write("reports/third/report.md", report("[@nobody]").as_bytes());
    trial.run(&["check"]).with_status(2).saying("changed-data");
}

#[test]
fn a_report_that_fails_keeps_no_other_from_being_built() {
    let trial = Trial::new();
    trial.write("reports/aaa/report.md", b"no front matter");
    trial.write("reports/small/report.md", report("Words.").as_bytes());
    trial
        .run(&["build"])
        .with_status(2)
        .printing("small: no analyses; wrote build/small/report.pdf");
    assert!(!trial.path("build/aaa").exists());
}

#[test]
fn a_build_ends_with_0_and_a_failed_one_leaves_its_outputs() {
    let trial = Trial::new();
    trial
        .run(&["build"])
        .with_status(0)
        .quietly()
        .printing("small: ran 1 of 1 analyses, 0 fresh; wrote build/small/report.pdf");
    let before = trial.files("build/small");
    for expected in [
        "provenance/ro-crate-metadata.json",
        "report.pdf",
        "report.typ",
        "results.csv",
        "results.json",
        "run-log.json",
    ] {
        assert!(before.contains_key(expected), "{expected}");
    }
    let sound = trial.read(REPORT);
    let spoiled = [
        sound.replace("\"age\"", "\"agee\""),
        sound.replace("```{table1", "{{ tbl-baseline.nobody }}\n\n```{table1"),
        sound.replace("date = 2026-01-31", "date = 2026-02-31"),
        String::new(),
    ];
    for text in spoiled {
        trial.write(REPORT, text.as_bytes());
        trial.run(&["build"]).with_status(2);
        assert!(trial.files("build/small") == before, "{text}");
    }
    trial.write(REPORT, sound.as_bytes());
    trial.edit(
        "data/trial/data.csv",
        "1,Control,female,19",
        "1,Control,female,18",
    );
    trial.run(&["build"]).with_status(1);
    assert!(trial.files("build/small") == before);
    let names: Vec<_> = fs::read_dir(trial.path("build"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .filter(|n| n.to_string_lossy().starts_with(".new"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}
