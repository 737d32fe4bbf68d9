//! The same input gives the same bytes, and the payload makes the same outputs again.

use std::io::Cursor;

use super::{RICH, bundle, rich, text, unpacked, write_all};
use crate::it::whole::trial::Ended;

#[test]
fn another_folder_user_time_zone_and_number_of_threads_change_no_byte() {
    let (_, one, _, _) = &*RICH;
    let there = rich();
    let environment = [
        ("TZ", "Pacific/Auckland"),
        ("USER", "bob"),
        ("LANG", "de_DE.UTF-8"),
    ];
    // Outputs that are there already, made by another build, don't matter.
    there.run(&["build"]).with_status(0);
    let (_, other) = bundle(&there, &["--jobs", "2"], &environment);
    assert!(*one == other, "the zip differs");
    let (_, again) = bundle(&there, &[], &[]);
    assert!(*one == again, "the zip differs on repetition");
}

#[test]
fn the_zip_says_nothing_of_clock_and_machine() {
    let (trial, zip, files, _) = &*RICH;
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut names = Vec::new();
    for i in 0..archive.len() {
        let file = archive.by_index(i).unwrap();
        let time = file.last_modified().unwrap();
        let parts = (
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.second(),
        );
        assert_eq!(parts, (2026, 1, 31, 0, 0), "{}", file.name().unwrap());
        assert_eq!(
            file.unix_mode(),
            Some(0o100_644),
            "{}",
            file.name().unwrap()
        );
        assert_eq!(
            file.extra_data().unwrap_or_default(),
            b"",
            "{}",
            file.name().unwrap()
        );
        names.push(file.name().unwrap().into_owned());
    }
    assert!(names.is_sorted(), "{names:?}");
    let secrets = [
        "alice".to_owned(),
        trial.root().to_string_lossy().into_owned(),
    ];
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        for secret in &secrets {
            assert!(!text.contains(secret), "{name} holds {secret}");
        }
    }
}

#[test]
fn the_time_inside_is_the_one_that_was_given() {
    let trial = rich();
    // 1970-01-02 lies before the time that a zip can hold.
    let (_, zip) = bundle(&trial, &[], &[("SOURCE_DATE_EPOCH", "86400")]);
    let mut archive = zip::ZipArchive::new(Cursor::new(&zip)).unwrap();
    assert_eq!(
        archive.by_index(0).unwrap().last_modified().unwrap().year(),
        1980
    );
    let files = unpacked(&zip);
    assert!(text(&files, "bag-info.txt").contains("Bagging-Date: 1970-01-02\n"));
    let readme = text(&files, "data/README.md");
    assert!(
        readme.contains("SOURCE_DATE_EPOCH=86400 trialbook build small"),
        "{readme}"
    );
}

#[test]
fn the_payload_is_a_project_that_makes_the_same_outputs() {
    // With the external data, and the restricted ones put where the README says.
    let trial = rich();
    let (_, zip) = bundle(&trial, &["--include-external"], &[]);
    let files = unpacked(&zip);
    let folder = tempfile::TempDir::new().unwrap();
    write_all(&files, folder.path());
    let data = folder.path().join("data");
    std::fs::remove_dir_all(data.join("build")).unwrap();
    let closed = "data/closed/data.csv";
    std::fs::copy(trial.path(closed), data.join(closed)).unwrap();
    let mut command = trial.command(&["build", "small"]);
    Ended::of(&command.current_dir(&data).output().unwrap()).with_status(0);
    let outputs = files
        .iter()
        .filter(|(path, _)| path.starts_with("data/build/small/"));
    let mut count = 0;
    for (path, bytes) in outputs {
        let made = std::fs::read(folder.path().join(path)).unwrap_or_default();
        assert!(made == *bytes, "{path} differs");
        count += 1;
    }
    assert!(count > 10, "{count}");
}

#[test]
fn it_is_said_where_the_build_folder_has_something_else() {
    let trial = rich();
    trial.run(&["build"]).with_status(0);
    let (ended, _) = bundle(&trial, &[], &[]);
    assert!(
        !ended.out.contains("built from something else"),
        "{}",
        ended.out
    );
    trial.write("build/small/results.csv", b"old");
    let (ended, zip) = bundle(&trial, &[], &[]);
    let ended = ended.printing("build/small/results.csv was built from something else");
    assert!(ended.err.is_empty(), "{}", ended.err);
    assert!(unpacked(&zip)["data/build/small/results.csv"] != b"old");
    // It is not for `bundle` to put that right.
    assert_eq!(trial.read("build/small/results.csv"), "old");
}

#[test]
fn the_log_and_the_source_go_in_on_request_alone() {
    let (_, _, without, _) = &*RICH;
    let trial = rich();
    let (_, zip) = bundle(
        &trial,
        &["--with-run-log", "--source"],
        &[("USER", "carol")],
    );
    let files = unpacked(&zip);
    let log = text(&files, "data/build/small/run-log.json");
    for key in ["started", "carol", "architecture", "processor"] {
        assert!(log.contains(key), "{log}");
    }
    let own = format!("data/trialbook-{}/", trialbook::program::VERSION);
    let wanted = [
        "Cargo.toml",
        "Cargo.lock",
        "LICENSE",
        "build.rs",
        "src/lib.rs",
        "src/main.rs",
    ];
    for name in wanted
        .into_iter()
        .chain(["templates/jama/page.typ", "src/project/scaffold/report.md"])
    {
        let here = std::fs::read(format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!(files[&format!("{own}{name}")] == here, "{name}");
    }
    assert!(text(&files, "data/README.md").contains("cargo build --locked --release"));
    assert!(text(&files, "data/README.md").contains("run-log.json"));
    let only_on_request = |path: &&String| path.contains("run-log") || path.contains("trialbook-");
    assert_eq!(without.keys().find(only_on_request), None);
    // Everything else is the same but for the descriptions and what covers them.
    for (path, bytes) in without {
        let about = [
            "README.md",
            "ro-crate-metadata.json",
            "info.txt",
            "sha256.txt",
        ];
        if path.starts_with("data/build/") || !about.iter().any(|end| path.ends_with(end)) {
            assert!(*bytes == files[path], "{path}");
        }
    }
}
