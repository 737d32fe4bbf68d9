//! Careless and hostile names, places and texts.

use std::fs;

use super::{bundle, text, unpacked};
use crate::it::whole::trial::{REPORT, Trial};

#[test]
fn the_output_is_written_whole_or_not_at_all() {
    let trial = Trial::new();
    fs::create_dir(trial.path("folder")).unwrap();
    let ended = trial
        .run(&["bundle", "small", "--output", "folder"])
        .with_status(2);
    ended.saying("folder is a folder");
    // Below a file there can be no folder, whoever runs this.
    let ended = trial.run(&[
        "bundle",
        "small",
        "--output",
        "reports/small/report.md/x.zip",
    ]);
    ended
        .with_status(3)
        .saying("can't write reports/small/report.md/x.zip");
    let entries = fs::read_dir(trial.root()).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        ["build", "data", "data-manifest.toml", "folder", "reports"]
    );
    // What was there stays when the report has a mistake.
    trial.write("kept.zip", b"old");
    trial.edit(REPORT, "\"age\"", "\"agee\"");
    trial
        .run(&["bundle", "small", "--output", "kept.zip"])
        .with_status(2);
    assert_eq!(trial.read("kept.zip"), "old");
    trial.edit(REPORT, "\"agee\"", "\"age\"");
    trial
        .run(&["bundle", "small", "--output", "new/deep/b.zip"])
        .with_status(0);
    assert!(trial.path("new/deep/b.zip").is_file());
}

#[cfg(unix)]
#[test]
fn the_default_place_can_be_read_by_all_and_links_are_replaced_not_followed() {
    use std::os::unix::fs::PermissionsExt as _;
    let trial = Trial::new();
    trial.write("precious", b"precious");
    fs::create_dir_all(trial.path("build")).unwrap();
    let place = trial.path("build/small.bundle.zip");
    std::os::unix::fs::symlink(trial.path("precious"), &place).unwrap();
    let ended = trial.run(&["bundle", "small"]).with_status(0);
    ended
        .printing("small: wrote build/small.bundle.zip (")
        .quietly();
    assert_eq!(trial.read("precious"), "precious");
    assert_eq!(
        fs::symlink_metadata(place).unwrap().permissions().mode() & 0o777,
        0o644
    );
}

#[test]
fn only_reports_that_exist_are_bundled() {
    let trial = Trial::new();
    trial.run(&["bundle"]).with_status(2);
    let ended = trial.run(&["bundle", "smal"]).with_status(2);
    ended.saying("did you mean `small`?");
    trial
        .run(&["bundle", "../small"])
        .with_status(2)
        .saying("unknown-report");
    trial
        .run(&["bundle", "reports/small/", "--output", "b.zip"])
        .with_status(0);
}

/// A trial whose data lie at another path.
fn with_data_at(path: &str) -> Trial {
    let trial = Trial::new();
    trial.write(path, trial.read("data/trial/data.csv").as_bytes());
    trial.edit("data-manifest.toml", "data/trial/data.csv", path);
    trial
}

#[test]
fn names_that_no_other_system_could_unpack_are_refused() {
    let ended = with_data_at("data/\u{202e}vsc.csv").run(&["bundle", "small"]);
    let ended = ended.with_status(2).saying("unportable-name");
    assert!(
        !ended.err.lines().next().unwrap().contains('\u{202e}'),
        "{}",
        ended.err
    );
    let ended = with_data_at("Data/a.csv")
        .run(&["bundle", "small"])
        .with_status(2);
    ended.saying("in case alone");
}

#[test]
fn files_in_the_place_of_the_bundles_own_are_refused() {
    let trial = Trial::new();
    let codebook = trial.read("data/trial/codebook.toml");
    trial.write("codecheck.yml", codebook.as_bytes());
    trial.edit(
        "data-manifest.toml",
        "data/trial/codebook.toml",
        "codecheck.yml",
    );
    trial
        .run(&["bundle", "small"])
        .with_status(2)
        .saying("name-taken");
    let trial = with_data_at("build/small/results.csv");
    trial
        .run(&["bundle", "small"])
        .with_status(2)
        .saying("name-taken");
}

#[test]
fn names_with_spaces_letters_and_percent_signs_come_through() {
    let trial = with_data_at("data/Müller 100% (1).csv");
    let (_, zip) = bundle(&trial, &[], &[]);
    let files = unpacked(&zip);
    assert!(files.contains_key("data/data/Müller 100% (1).csv"));
    let manifest = text(&files, "manifest-sha256.txt");
    assert!(
        manifest.contains("  data/data/Müller 100%25 (1).csv\n"),
        "{manifest}"
    );
    let crate_ = text(&files, "data/ro-crate-metadata.json");
    assert!(
        crate_.contains("data/M%C3%BCller%20100%25%20%281%29.csv"),
        "{crate_}"
    );
    assert!(text(&files, "data/README.md").contains("`data/Müller 100% (1).csv`"));
}

#[test]
fn a_report_with_an_odd_name_has_a_bundle_and_one_with_an_impossible_name_has_none() {
    let trial = Trial::new();
    let source = trial.read(REPORT);
    trial.write("reports/it's ours/report.md", source.as_bytes());
    let out = ["bundle", "it's ours", "--output", "b.zip"];
    trial.run(&out).with_status(0);
    let bytes = fs::read(trial.path("b.zip")).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut file = zip.by_name("it's ours/data/README.md").unwrap();
    let mut readme = String::new();
    std::io::Read::read_to_string(&mut file, &mut readme).unwrap();
    assert!(
        readme.contains("trialbook build 'it'\\''s ours'"),
        "{readme}"
    );
    #[cfg(unix)]
    {
        trial.write("reports/line\nbreak/report.md", source.as_bytes());
        let ended = trial.run(&["bundle", "line\nbreak"]).with_status(2);
        ended.saying("unportable-name");
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_out_of_the_project_and_unused_files_stay_out() {
    let trial = Trial::new();
    let outside = tempfile::TempDir::new().unwrap();
    fs::write(
        outside.path().join("secret.bib"),
        "@misc{a, title = {Secret words}}",
    )
    .unwrap();
    let bib = trial.path("reports/small/references.bib");
    std::os::unix::fs::symlink(outside.path().join("secret.bib"), &bib).unwrap();
    trial
        .run(&["bundle", "small"])
        .with_status(2)
        .saying("leads out of the project");
    fs::remove_file(&bib).unwrap();
    // A link that nothing uses is nobody's business; notes beside the report are not the report's.
    std::os::unix::fs::symlink(outside.path(), trial.path("reports/small/link")).unwrap();
    trial.write("reports/small/notes.txt", b"private");
    let (_, zip) = bundle(&trial, &[], &[]);
    let reports: Vec<String> = unpacked(&zip)
        .into_keys()
        .filter(|p| p.starts_with("data/reports/"))
        .collect();
    assert_eq!(reports, ["data/reports/small/report.md"]);
}

#[test]
fn texts_of_authors_stay_texts() {
    let trial = Trial::new();
    trial.edit(
        REPORT,
        "title = \"A small trial\"",
        "title = \"\"\"A # \\\"<b>bold</b>\\\" | title: {{x}}\n---\n- x: *y*\"\"\"",
    );
    let (_, zip) = bundle(&trial, &[], &[]);
    let files = unpacked(&zip);
    let readme = text(&files, "data/README.md");
    let first = readme.lines().next().unwrap();
    assert!(
        first.starts_with("# A \\# \"\\<b\\>bold\\</b\\>\" \\| title:"),
        "{first}"
    );
    assert!(first.ends_with("--- - x: \\*y\\*"), "{first}");
    let draft = text(&files, "data/codecheck.yml");
    assert!(
        draft.contains("title: \"A # \\\"<b>bold</b>\\\" | title: {{x}} --- - x: *y*\"\n"),
        "{draft}"
    );
    let info = text(&files, "bag-info.txt");
    assert!(
        info.contains("External-Description: A # \"<b>bold</b>\" | title: {{x}} --- - x: *y*\n"),
        "{info}"
    );
}
