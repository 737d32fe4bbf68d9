//! The commands besides `build`: what they print, and where.

use std::fs;

use serde_json::Value;

use super::trial::{REPORT, Trial};

#[test]
fn diagnostics_as_json_are_one_object_a_line_on_standard_error() {
    let trial = Trial::new();
    trial.edit(
        REPORT,
        "variable = \"age\"",
        "variable = \"agee\"\nsumary = \"n\"",
    );
    let ended = trial
        .run(&["check", "--message-format", "json"])
        .with_status(2);
    assert_eq!(ended.out, "");
    let objects: Vec<Value> = ended
        .err
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}")))
        .collect();
    assert_eq!(objects.len(), 2, "{}", ended.err);
    for object in &objects {
        assert_eq!(object["severity"], "error");
        for key in ["code", "message", "help", "place"] {
            assert!(!object[key].is_null(), "{key}: {object}");
        }
    }
    insta::assert_snapshot!(ended.err);
}

#[test]
fn messages_for_people_have_no_colours_in_a_file_unless_asked_for() {
    let trial = Trial::new();
    trial.edit(REPORT, "variable = \"age\"", "variable = \"agee\"");
    assert!(!trial.run(&["check"]).err.contains('\u{1b}'));
    assert!(
        trial
            .run(&["check", "--color", "always"])
            .err
            .contains('\u{1b}')
    );
    assert!(
        !trial
            .run(&["check", "--color", "never"])
            .err
            .contains('\u{1b}')
    );
}

#[test]
fn check_writes_nothing() {
    let trial = Trial::new();
    trial
        .run(&["check"])
        .with_status(0)
        .quietly()
        .printing("small: no errors");
    assert!(!trial.path("build").exists());
}

#[test]
fn data_list_has_a_line_for_each_version() {
    let trial = Trial::new().with_data("other", "id,arm\n1,Active\n");
    let ended = trial.run(&["data", "list"]).with_status(0).quietly();
    let lines: Vec<&str> = ended.out.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ended.out);
    assert!(
        lines[0].starts_with("other@1.0.0  sha256:"),
        "{}",
        ended.out
    );
    assert!(
        lines[1].starts_with("trial@1.0.0  sha256:"),
        "{}",
        ended.out
    );
}

#[test]
fn data_check_says_what_was_verified() {
    Trial::new()
        .run(&["data", "check", "trial"])
        .with_status(0)
        .quietly()
        .printing("trial@1.0.0: 16 rows, 6 columns; sha256 ");
}

#[test]
fn data_check_names_the_row_and_value_that_break_the_codebook() {
    let trial = Trial::new();
    trial.edit(
        "data/trial/codebook.toml",
        "name = \"age\"\ntype = \"integer\"",
        "name = \"age\"\ntype = \"integer\"\nconstraints = { maximum = 40 }",
    );
    trial
        .run(&["data", "check"])
        .with_status(2)
        .saying("40")
        .saying("row");
}

#[test]
fn a_new_report_builds_at_once() {
    let trial = Trial::new();
    trial
        .run(&["new", "my-trial"])
        .with_status(0)
        .quietly()
        .printing("wrote reports/my-trial/report.md");
    trial.run(&["data", "check"]).with_status(0);
    trial
        .run(&["check"])
        .with_status(0)
        .printing("my-trial: no errors");
    let manifest = trial.read("data-manifest.toml");
    assert!(
        manifest.starts_with("# A comment to be kept.\n"),
        "{manifest}"
    );
}

#[test]
fn a_new_report_never_takes_the_place_of_another() {
    let trial = Trial::new();
    let before = trial.files("");
    trial
        .run(&["new", "small"])
        .with_status(2)
        .saying("already");
    assert!(trial.files("") == before);
    trial.run(&["new", "twice"]).with_status(0);
    let before = trial.files("");
    trial
        .run(&["new", "twice"])
        .with_status(2)
        .saying("already");
    assert!(trial.files("") == before);
    // The report is gone, its example data are still there and in the manifest.
    fs::remove_dir_all(trial.path("reports/twice")).unwrap();
    trial.run(&["new", "twice"]).with_status(0);
    trial.run(&["check"]).with_status(0);
}

#[test]
fn a_new_report_takes_no_foreign_file_for_its_data() {
    let trial = Trial::new();
    trial.write("data/fresh-example/1.0.0/example.csv", b"mine\n1\n");
    let ended = trial.run(&["new", "fresh"]);
    assert_eq!(
        trial.read("data/fresh-example/1.0.0/example.csv"),
        "mine\n1\n"
    );
    ended
        .with_status(2)
        .saying("data/fresh-example/1.0.0/example.csv");
    assert!(!trial.path("reports/fresh").exists());
}

#[test]
fn names_that_are_none_are_refused() {
    let trial = Trial::new();
    let before = trial.files("");
    let long = "a".repeat(65);
    for name in [
        "", "../evil", "a/b", "A", "-a", ".", "a b", "ä", "a\n", &long,
    ] {
        trial.run(&["new", "--", name]).with_status(2);
    }
    assert!(trial.files("") == before);
}

#[test]
fn completions_name_the_commands() {
    let nowhere = Trial::new();
    fs::remove_file(nowhere.path("data-manifest.toml")).unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = nowhere
            .run(&["completions", shell])
            .with_status(0)
            .quietly();
        for command in ["build", "check", "directives", "completions"] {
            assert!(ended.out.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn directives_are_listed_and_have_manuals() {
    let trial = Trial::new();
    let list = trial.run(&["directives"]).with_status(0).quietly().out;
    for entry in trialbook::analysis::registry() {
        let line = list.lines().find(|l| l.starts_with(entry.name));
        let line = line.unwrap_or_else(|| panic!("{}:\n{list}", entry.name));
        let summary = line[entry.name.len()..].trim();
        assert!(summary.len() > 20, "{line}");
        trial
            .run(&["directives", entry.name])
            .with_status(0)
            .quietly()
            .printing("## Syntax");
    }
    trial
        .run(&["directives", "table"])
        .with_status(2)
        .saying("`table1`");
}

#[test]
fn help_names_every_command_and_exit_status() {
    let trial = Trial::new();
    let ended = trial.run(&["--help"]).with_status(0).quietly();
    for part in [
        "new",
        "check",
        "build",
        "data",
        "directives",
        "--root",
        "--message-format",
    ] {
        assert!(ended.out.contains(part), "{part}:\n{}", ended.out);
    }
    ended
        .printing("Exit status: 0 done; 1 something does not hold")
        .printing("trialbook build my-trial --explain");
    trial
        .run(&["build", "--help"])
        .with_status(0)
        .quietly()
        .printing("SOURCE_DATE_EPOCH");
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let trial = Trial::new();
    let mut child = trial
        .command(&["directives", "table1"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!err.contains("panicked"), "{err}");
    assert_ne!(output.status.code(), Some(101));
}
