//! The tamper test: whatever is changed, dropped, added or swapped in a bundle is found and named.

use std::fs;
use std::path::Path;

use serde_json::json;
use trialbook::bundle::bag;
use trialbook::verify::{OutputState, Sameness, Verdict};

use super::codes;
use super::sealed::{Sealed, verify, write, zip};
use super::trial::{Ended, Trial, rows, shown};

/// Asserts that a bundle is not taken for what it was, and that the file is named.
#[track_caller]
fn names(bundle: &Path, path: &str) {
    let (verification, found) = verify(bundle);
    let said = shown(&found);
    assert!(
        verification.numbers.is_none(),
        "{path} was not found:\n{said}"
    );
    let codes = codes(&found);
    let known = [
        "changed-file",
        "missing-file",
        "added-file",
        "unsafe-name",
        "not-a-bundle",
    ];
    assert!(
        codes.iter().all(|c| known.contains(&c.as_str())),
        "{path}:\n{said}"
    );
    assert!(
        said.contains(&format!("`{path}`")),
        "{path} is not named:\n{said}"
    );
}

#[test]
fn a_bundle_is_verified_as_a_zip_and_as_a_folder() {
    let trial = Trial::new();
    trial.write("small.bundle.zip", zip());
    // Somewhere without a project.
    fs::remove_file(trial.path("data-manifest.toml")).unwrap();
    trial
        .run(&["verify", "small.bundle.zip"])
        .with_status(0)
        .quietly()
        .printing("small.bundle.zip: the report small")
        .printing("identical: every number and every byte came out again");
    let around = tempfile::TempDir::new().unwrap();
    for (path, bytes) in &Sealed::new().0 {
        write(&around.path().join("small"), path, bytes);
    }
    let (verification, found) = verify(around.path());
    assert!(found.is_empty(), "{}", shown(&found));
    assert_eq!(verification.verdict, Verdict::Identical);
    // Nothing is written into it.
    assert!(!around.path().join("small/data/build/.store").exists());
}

#[test]
fn every_changed_byte_is_found() {
    let bundle = Sealed::slim();
    let folder = bundle.folder();
    for (path, bytes) in &bundle.0 {
        let middle = bytes.len() / 2;
        for at in [0, middle, bytes.len() - 1] {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            write(folder.path(), path, &bytes);
            names(folder.path(), path);
        }
        let mut longer = bytes.clone();
        longer.push(b'\n');
        write(folder.path(), path, &longer);
        names(folder.path(), path);
        write(folder.path(), path, &bytes[1..]);
        names(folder.path(), path);
        write(folder.path(), path, b"");
        names(folder.path(), path);
        write(folder.path(), path, bytes);
    }
}

#[test]
fn no_byte_of_what_no_digest_covers_can_be_changed() {
    let bundle = Sealed::slim();
    let folder = bundle.folder();
    let path = bag::TAG_MANIFEST;
    let bytes = &bundle.0[path];
    for at in 0..bytes.len() {
        for flip in [1, 0x20] {
            let mut bytes = bytes.clone();
            bytes[at] ^= flip;
            write(folder.path(), path, &bytes);
            let (verification, found) = verify(folder.path());
            assert!(
                verification.numbers.is_none() && found.has_errors(),
                "byte {at}"
            );
        }
    }
}

#[test]
fn every_dropped_file_is_found() {
    let bundle = Sealed::slim();
    let folder = bundle.folder();
    for (path, bytes) in &bundle.0 {
        fs::remove_file(folder.path().join(path)).unwrap();
        names(folder.path(), path);
        write(folder.path(), path, bytes);
    }
}

#[test]
fn every_added_file_is_found() {
    let bundle = Sealed::slim();
    let folder = bundle.folder();
    let mut added: Vec<String> = bundle
        .0
        .keys()
        .map(|path| match path.rsplit_once('/') {
            Some((above, _)) => format!("{above}/added.txt"),
            None => "added.txt".to_owned(),
        })
        .collect();
    added.dedup();
    added.extend([
        "data/deep/er/added".to_owned(),
        "data/.hidden".to_owned(),
        "manifest-md5.txt".to_owned(),
    ]);
    for path in added {
        write(folder.path(), &path, b"");
        names(folder.path(), &path);
        fs::remove_file(folder.path().join(&path)).unwrap();
        let _ = fs::remove_dir(folder.path().join("data/deep/er"));
        let _ = fs::remove_dir(folder.path().join("data/deep"));
    }
    fs::create_dir(folder.path().join("data/empty")).unwrap();
    names(folder.path(), "data/empty/");
}

#[test]
fn every_swap_is_found() {
    let bundle = Sealed::slim();
    let folder = bundle.folder();
    let files: Vec<(&String, &Vec<u8>)> = bundle.0.iter().collect();
    for (i, (one, bytes)) in files.iter().enumerate() {
        let (other, others) = files[(i + 1) % files.len()];
        write(folder.path(), one, others);
        write(folder.path(), other, bytes);
        let (_, found) = verify(folder.path());
        let said = shown(&found);
        for path in [*one, other] {
            assert!(
                said.contains(&format!("`{path}`")),
                "{one} and {other}:\n{said}"
            );
        }
        if one.starts_with("data/") && other.starts_with("data/") {
            assert!(
                said.contains(&format!("`{one}` holds what `{other}` should hold")),
                "{said}"
            );
        }
        write(folder.path(), one, bytes);
        write(folder.path(), other, others);
    }
}

#[test]
fn the_same_is_found_in_a_zip() {
    let slim = Sealed::slim();
    let around = tempfile::TempDir::new().unwrap();
    let path = around.path().join("small.zip");
    let paths: Vec<String> = slim
        .0
        .keys()
        .filter(|p| !p.contains("/fonts/"))
        .cloned()
        .collect();
    for (i, named) in paths.iter().enumerate() {
        let mut bundle = slim.clone();
        match i % 3 {
            0 => bundle.0.get_mut(named).unwrap()[0] ^= 1,
            1 => drop(bundle.0.remove(named)),
            _ => {
                let other = &paths[i - 1];
                let (one, two) = (bundle.0[named].clone(), bundle.0[other].clone());
                bundle.0.insert(named.clone(), two);
                bundle.0.insert(other.clone(), one);
            }
        }
        fs::write(&path, bundle.zipped()).unwrap();
        names(&path, named);
    }
    let mut bundle = slim;
    bundle.0.insert("data/added.txt".to_owned(), vec![]);
    fs::write(&path, bundle.zipped()).unwrap();
    names(&path, "data/added.txt");
}

#[test]
fn a_file_that_only_the_bag_knows_is_found() {
    let mut bundle = Sealed::slim();
    bundle
        .0
        .insert("data/added.txt".to_owned(), b"hello".to_vec());
    bundle.seal();
    let (_, found) = bundle.verify();
    assert_eq!(codes(&found), ["added-file"], "{}", shown(&found));
    let mut bundle = Sealed::slim();
    bundle.0.remove("data/README.md");
    bundle.seal();
    let (_, found) = bundle.verify();
    assert_eq!(codes(&found), ["missing-file"], "{}", shown(&found));
}

#[test]
fn one_changed_cell_is_found_though_all_promises_are_made_good() {
    let mut bundle = Sealed::new();
    let data = rows();
    let cell = "\n2,Active,female,21,";
    assert!(data.contains(cell));
    bundle.set_data(&data.replace(cell, "\n2,Active,female,29,"));
    bundle.seal();
    let (verification, found) = bundle.verify();
    let said = shown(&found);
    assert!(
        codes(&found).contains(&"numbers-differ".to_owned()),
        "{said}"
    );
    assert_eq!(verification.verdict, Verdict::Different);
    let numbers = verification.numbers.unwrap();
    let named: Vec<&str> = numbers.differences.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(
        named,
        [
            "tbl-baseline/age/arm=Active/min",
            "tbl-baseline/age/arm=Active/sd",
            "tbl-baseline/age/p25",
            "tbl-baseline/age/sd",
            "tbl-baseline/age/arm=Active/p25",
            "tbl-baseline/age/arm=Active/mean",
            "tbl-baseline/age/mean",
        ]
    );
    assert!(
        numbers
            .differences
            .iter()
            .all(|d| d.sameness == Sameness::Different)
    );
    assert!(numbers.identical > 0);
}

#[test]
fn one_changed_cell_is_named_with_the_numbers_that_depend_on_it() {
    let mut bundle = Sealed::new();
    bundle.edit(
        "data/data/trial/data.csv",
        "\n2,Active,female,21,",
        "\n2,Active,female,29,",
    );
    let (verification, found) = bundle.verify();
    let said = shown(&found);
    assert!(said.contains("data/data/trial/data.csv"), "{said}");
    let codes = codes(&found);
    assert!(codes.contains(&"changed-file".to_owned()), "{said}");
    assert!(codes.contains(&"numbers-differ".to_owned()), "{said}");
    assert_eq!(verification.verdict, Verdict::Different);
    let told = verification.to_text();
    assert!(
        told.contains("not the promised data: trial@1.0.0"),
        "{told}"
    );
    let numbers = verification.numbers.unwrap();
    let named: Vec<&str> = numbers.differences.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(named.len(), 7);
    assert!(named.contains(&"tbl-baseline/age/mean"));

    // Where the report was changed as well, the numbers would tell nothing.
    bundle.edit(
        "data/reports/small/report.md",
        "The mean was",
        "Its mean was",
    );
    let (verification, found) = bundle.verify();
    assert!(
        shown(&found).contains("was not made again"),
        "{}",
        shown(&found)
    );
    assert_eq!(verification.numbers, None);
    assert_eq!(verification.verdict, Verdict::NotReExecuted);
}

#[test]
fn changed_outputs_are_found_though_all_promises_are_made_good() {
    let mut bundle = Sealed::new();
    bundle.edit_json("data/build/small/results.json", |json| {
        let all = json["statistics"].as_array_mut().unwrap();
        let mean = all
            .iter_mut()
            .find(|s| s["id"] == "tbl-baseline/age/mean")
            .unwrap();
        mean["value"] = json!(34.5);
    });
    let pdf = bundle.0.get_mut("data/build/small/report.pdf").unwrap();
    let at = pdf.len() / 2;
    pdf[at] ^= 1;
    bundle.seal();
    let (verification, found) = bundle.verify();
    assert_eq!(
        codes(&found),
        ["numbers-differ", "files-differ"],
        "{}",
        shown(&found)
    );
    let numbers = verification.numbers.unwrap();
    assert_eq!(numbers.differences.len(), 1);
    assert_eq!(numbers.differences[0].id.as_str(), "tbl-baseline/age/mean");
    let differing: Vec<_> = verification
        .files
        .iter()
        .filter(|f| f.state != OutputState::Identical)
        .collect();
    let pdf = differing.iter().find(|f| f.path == "report.pdf").unwrap();
    match pdf.state {
        OutputState::Different {
            first_difference, ..
        } => assert_eq!(first_difference, at as u64),
        ref other => panic!("{other:?}"),
    }
    // The record of the build has the digests of both.
    let paths: Vec<&str> = differing.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "provenance/ro-crate-metadata.json",
            "report.pdf",
            "results.json"
        ]
    );
}

#[test]
fn restricted_data_are_asked_for() {
    let trial = Trial::new();
    trial.edit(
        "data-manifest.toml",
        "codebook =",
        "access = \"restricted\"\napply = \"Write to the trial's office.\"\ncodebook =",
    );
    trial
        .run(&["bundle", "small", "--with-run-log", "--output", "small.zip"])
        .with_status(0);
    trial
        .run(&["verify", "small.zip"])
        .with_status(1)
        .saying("trial@1.0.0 is restricted, and not in the bundle")
        .saying(&trialbook::program::sha256(rows().as_bytes()))
        .saying("Write to the trial's office")
        .saying("--data trial@1.0.0=FILE")
        .printing("not made again");
    let ended = trial.run(&[
        "verify",
        "small.zip",
        "--data",
        "trial@1.0.0=data/trial/data.csv",
    ]);
    ended
        .with_status(0)
        .quietly()
        .printing("identical: every number");
    // Other data are not taken.
    trial.write("other.csv", rows().replace("19", "20").as_bytes());
    trial
        .run(&["verify", "small.zip", "--data", "trial@1.0.0=other.csv"])
        .with_status(1)
        .saying("changed-data");
    // The folder into which it was unpacked may be completed.
    let unpacked = trial.path("unpacked");
    let mut zip = zip::ZipArchive::new(fs::File::open(trial.path("small.zip")).unwrap()).unwrap();
    zip.extract(&unpacked).unwrap();
    let place = "unpacked/small/data/data/trial/data.csv";
    trial.write(place, rows().replace("19", "20").as_bytes());
    trial
        .run(&["verify", "unpacked"])
        .with_status(1)
        .saying("added-file");
    trial.write(place, rows().as_bytes());
    trial
        .run(&["verify", "./unpacked"])
        .with_status(0)
        .quietly();
}

#[test]
fn what_an_argument_names_is_decided_clearly() {
    let trial = Trial::new();
    fs::create_dir(trial.path("small")).unwrap();
    let bundle = Sealed::slim();
    for (path, bytes) in &bundle.0 {
        write(&trial.path("small"), path, bytes);
    }
    trial
        .run(&["verify", "small"])
        .with_status(2)
        .saying("`small` is a report of this project, and a folder with a bundle")
        .saying("`reports/small` or `./small`");
    trial
        .run(&["verify", "reports/small"])
        .with_status(2)
        .saying("has not been built");
    trial.write("small/data/added.txt", b"");
    trial
        .run(&["verify", "./small"])
        .with_status(1)
        .saying("`data/added.txt`");
    trial
        .run(&["verify", "reports"])
        .with_status(2)
        .saying("there is no `bagit.txt`");
    trial
        .run(&["verify", "nothing.zip"])
        .with_status(2)
        .saying("there is no report and no file `nothing.zip`");
    trial.write("text.zip", b"hello");
    trial
        .run(&["verify", "text.zip"])
        .with_status(2)
        .saying("it is not a zip");
    let ended = Ended::of(
        &trial
            .command(&["verify"])
            .current_dir("/")
            .output()
            .unwrap(),
    );
    ended
        .with_status(2)
        .saying("there is no data-manifest.toml");
}
