//! `file://` sources.

use std::fs;

use trialbook::fetch::Fetched;

use super::{Room, data};

#[test]
fn a_file_of_this_machine_is_copied() {
    let bytes = data(5000);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("the trial's data.csv");
    fs::write(&file, &bytes).unwrap();
    let source = format!("file://{}", file.display()).replace(' ', "%20");
    let room = Room::new(&bytes, &source);
    // What is left of an earlier attempt is not trusted.
    room.write(&format!("data/.fetch/{}.part", room.sha256), b"id,");
    assert!(matches!(room.fetch_well(&bytes), Fetched::Put { .. }));
    assert!(fs::read(&file).unwrap() == bytes);
}

#[test]
fn other_files_are_refused() {
    let bytes = data(50);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("file://{}/{name}", folder.path().display());
    let mut other = bytes.clone();
    other[3] = b'X';
    fs::write(folder.path().join("other"), &other).unwrap();
    fs::write(
        folder.path().join("longer"),
        [bytes.as_slice(), b"x"].concat(),
    )
    .unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    for (name, code) in [
        ("other", "changed-source"),
        ("longer", "changed-source"),
        ("absent", "missing-source"),
        ("folder", "not-a-file"),
        ("a%00b", "bad-url"),
    ] {
        let room = Room::new(&bytes, &at(name));
        room.fetch_badly(code);
    }
    let room = Room::new(&bytes, "file:///dev/zero");
    room.fetch_badly("not-a-file");
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|s| s.success()) {
        return;
    }
    let room = Room::new(&data(5), &format!("file://{}", pipe.display()));
    room.fetch_badly("not-a-file");
}
