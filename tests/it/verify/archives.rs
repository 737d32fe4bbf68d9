//! Archives that are not what they seem: each is refused with its reason, before anything of it is written.

use std::fs;
use std::path::Path;

use trialbook::verify::{Limits, Options, verify_bundle};

use super::craft::{Entry, Zip};
use super::trial::shown;

const BAGIT: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A file that every archive here begins with.
fn bagit() -> Entry {
    Entry::new("small/bagit.txt", BAGIT)
}

/// What is said of an archive.
fn said(bytes: &[u8], limits: Limits) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("small.zip");
    fs::write(&path, bytes).unwrap();
    said_of(&path, limits)
}

fn said_of(path: &Path, limits: Limits) -> String {
    let options = Options {
        limits,
        ..Options::default()
    };
    let (verification, found) = verify_bundle(path, "small.zip", &options, &|_| {});
    assert!(found.has_errors());
    assert!(verification.numbers.is_none());
    shown(&found)
}

#[track_caller]
fn refused(zip: Zip, code: &str, why: &str) {
    let said = said(&zip.bytes(), Limits::default());
    assert!(said.starts_with(&format!("error[{code}]")), "{said}");
    assert!(said.contains(why), "no {why} in:\n{said}");
}

/// An archive with one more entry.
fn with(entry: Entry) -> Zip {
    Zip::of([bagit(), entry])
}

fn file(name: impl AsRef<[u8]>) -> Entry {
    Entry::new(name, b"some bytes")
}

#[test]
fn a_true_archive_is_unpacked() {
    // It goes on to what a bag must have.
    refused(
        with(file("small/data/a.txt")),
        "missing-file",
        "`manifest-sha256.txt` is not there",
    );
    refused(
        with(Entry::zeros("small/data/a.txt", 100_000).with(|e| e.crc = 0x5642_9a4d)),
        "unsafe-archive",
        "checksum",
    );
    // Folders, as other tools write them, and lengths that follow the data.
    let folder = Entry::new("small/", b"");
    let after = file("small/data/a.txt").with(|e| {
        e.flags |= 8;
        e.after = [0x0807_4b50, e.crc, 10, 10]
            .iter()
            .flat_map(|n: &u32| n.to_le_bytes())
            .collect();
    });
    let after = after.locally(|e| (e.crc, e.packed, e.bytes) = (0, 0, 0));
    refused(
        Zip::of([folder, bagit(), after]),
        "missing-file",
        "`manifest-sha256.txt` is not there",
    );
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK", b"hello", &[0; 22], &[7; 4096]] {
        let said = said(bytes, Limits::default());
        assert!(
            said.contains("not-a-bundle") && said.contains("it is not a zip"),
            "{said}"
        );
    }
    let said = said_of(Path::new("/nonexistent/small.zip"), Limits::default());
    assert!(said.contains("can't be read"), "{said}");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for (name, why) in [
        ("../evil", "a part `..`"),
        ("small/../../evil", "a part `..`"),
        ("/etc/passwd", "absolute"),
        ("//server/share", "absolute"),
        ("C:/windows", "absolute"),
        ("c:evil", "absolute"),
        ("small\\evil", "backslash"),
        ("small/..\\evil", "backslash"),
        ("small/./a", "a part `.`"),
        ("small//a", "an empty part"),
        ("small/a\0b", "invisible character \\u{0}"),
        ("small/a\nb", "invisible character \\u{a}"),
        ("small/\u{1b}[2J", "invisible character \\u{1b}"),
        ("small/\u{202e}txt.exe", "invisible character \\u{202e}"),
        ("small/a\u{200b}", "invisible character \\u{200b}"),
        ("small/e\u{301}", "normal form C"),
        ("small/\u{212a}", "normal form C"),
        ("small/a:stream", "not all systems allow"),
        ("small/a.", "full stop"),
        ("small/a ", "space"),
        ("", "empty"),
    ] {
        refused(with(file(name)), "unsafe-name", why);
    }
    refused(
        with(file(format!("small/{}", "a".repeat(256)))),
        "unsafe-name",
        "255 bytes",
    );
    refused(
        with(file(format!("small/{}", "abc/".repeat(150) + "x"))),
        "unsafe-name",
        "512 bytes",
    );
    refused(
        with(file(format!("small/{}x", "a/".repeat(40)))),
        "unsafe-name",
        "within each other",
    );
    refused(with(file(b"small/\xff\xfe")), "unsafe-archive", "not UTF-8");
    refused(
        with(file("small/é").with(|e| e.flags = 0)),
        "unsafe-archive",
        "does not say that it is UTF-8",
    );
}

#[test]
fn names_that_can_not_stand_together_are_refused() {
    let two = |one: &str, other: &str| Zip::of([bagit(), file(one), file(other)]);
    refused(
        two("small/a", "small/a"),
        "duplicate-name",
        "`small/a` is there twice",
    );
    refused(
        two("small/a", "small/A"),
        "colliding-names",
        "upper and lower case",
    );
    refused(
        two("small/x/a", "small/X/b"),
        "colliding-names",
        "upper and lower case",
    );
    refused(
        two("small/é", "small/É"),
        "colliding-names",
        "upper and lower case",
    );
    refused(
        two("small/a", "small/a/b"),
        "colliding-names",
        "a file and a folder",
    );
    refused(
        two("small/a/b", "small/a"),
        "colliding-names",
        "a file and a folder",
    );
    refused(two("small/a", "beside"), "added-file", "`beside`");
    let folder = || Entry::new("small/a/", b"");
    refused(
        Zip::of([bagit(), folder(), folder()]),
        "duplicate-name",
        "`small/a` is there twice",
    );
}

#[test]
fn links_and_devices_are_refused() {
    for (mode, what) in [
        (0o120_777, "a link"),
        (0o020_644, "a device"),
        (0o060_644, "a device"),
        (0o010_644, "a device"),
        (0o140_644, "a device"),
        (0o040_755, "a file and a folder"),
    ] {
        let special = file("small/a").with(|e| e.attributes = mode << 16);
        refused(with(special), "not-a-file", what);
    }
    let full = Entry::new("small/a/", b"x");
    refused(with(full), "unsafe-archive", "a folder with content");
}

#[test]
fn what_two_readers_could_understand_differently_is_refused() {
    let wrong = |change: fn(&mut Entry), why| {
        refused(with(file("small/a").with(change)), "unsafe-archive", why);
    };
    wrong(|e| e.flags = 1, "encrypted");
    wrong(|e| e.flags = 1 << 6, "flags");
    wrong(|e| e.flags = 1 << 13, "flags");
    wrong(|e| e.method = 12, "compressed in a way");
    wrong(|e| e.method = 99, "compressed in a way");
    wrong(|e| e.comment = b"hidden".to_vec(), "comment");
    wrong(|e| e.bytes = 11, "two lengths");
    wrong(|e| (e.bytes, e.packed) = (u32::MAX, u32::MAX), "zip64");
    wrong(|e| e.header = Some(u32::MAX), "zip64");
    wrong(
        |e| e.extra = vec![1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        "changes its name or size",
    );
    wrong(
        |e| e.extra = vec![0x75, 0x70, 0, 0],
        "changes its name or size",
    );
    wrong(|e| e.extra = vec![1, 2, 9, 0, 0], "cut off");
    wrong(|e| e.extra = vec![1], "cut off");
    wrong(|e| e.after = b"hidden".to_vec(), "don't end where");
    wrong(|e| e.crc ^= 1, "not what its checksum says");
    wrong(|e| e.method = 8, "can't be unpacked");
    let disagree = |change: fn(&mut Entry)| {
        let why = "its header and the directory say different things";
        refused(with(file("small/a").locally(change)), "unsafe-archive", why);
    };
    disagree(|e| e.name = b"small/b".to_vec());
    disagree(|e| e.name = b"small/longer".to_vec());
    disagree(|e| e.method = 8);
    disagree(|e| e.flags = 8);
    disagree(|e| e.crc ^= 1);
    disagree(|e| e.bytes = 9);
    disagree(|e| e.packed = 9);
}

#[test]
fn an_archive_has_nothing_before_between_or_after_its_files() {
    let zip = || with(file("small/a"));
    let changed = |change: fn(&mut Zip), why| {
        let mut zip = zip();
        change(&mut zip);
        refused(zip, "unsafe-archive", why);
    };
    changed(
        |z| z.before = b"#!/bin/sh\n".to_vec(),
        "something stands before",
    );
    changed(|z| z.after = b"junk".to_vec(), "something follows");
    changed(|z| z.comment = b"PK".to_vec(), "something follows");
    changed(|z| z.count = Some(1), "longer than its entries");
    changed(|z| z.count = Some(3), "fewer entries");
    changed(|z| z.count = Some(u16::MAX), "");
    let bytes = zip().bytes();
    for end in [bytes.len() - 1, bytes.len() - 22, bytes.len() / 2] {
        let said = said(&bytes[..end], Limits::default());
        assert!(said.contains("cut off"), "{said}");
    }
    let between = Zip::of([bagit().with(|e| e.after = vec![0; 7]), file("small/a")]);
    refused(
        between,
        "unsafe-archive",
        "`small/a` has something before it",
    );
    let second = zip().entries[1].clone();
    let inside = second.clone().with(|e| {
        e.name = b"small/b".to_vec();
        e.header = Some(3);
        e.placed = false;
    });
    refused(with(inside), "unsafe-archive", "overlaps");
}

#[test]
fn entries_that_share_their_bytes_are_refused() {
    // Every entry names the same place (Fifield 2019 has them quote each other's headers; the place gives both away).
    let shared = (0..500).map(|i| {
        Entry::zeros(&format!("small/{i:03}"), 100_000).with(|e| {
            e.header = Some(0);
            e.placed = i == 0;
        })
    });
    refused(Zip::of(shared), "unsafe-archive", "overlaps");
}

#[test]
fn bombs_are_refused_before_anything_is_written() {
    let declared =
        |bytes: u32| with(file("small/zeros").with(|e| (e.method, e.bytes) = (8, bytes)));
    refused(declared(u32::MAX - 1), "too-large", "unpacks to more than");
    refused(declared(1 << 30), "zip-bomb", "packed into 10");
    let three = (0..3)
        .map(|i| file(format!("small/{i}")).with(|e| (e.method, e.bytes) = (8, u32::MAX - 1)));
    refused(Zip::of(three), "too-large", "unpacks to more than");
    // What declares less than it holds is stopped there.
    for bytes in [1000, 1 << 20] {
        let lie = Entry::zeros("small/zeros", 1 << 26).with(|e| e.bytes = bytes);
        refused(with(lie), "unsafe-archive", "`small/zeros`");
    }
    let more = Entry::zeros("small/zeros", 1000).with(|e| e.bytes = 1001);
    refused(with(more), "unsafe-archive", "`small/zeros`");
}

#[test]
fn bytes_behind_the_end_of_the_compressed_data_are_found() {
    for length in [1, 40, 100_000] {
        let hidden = vec![7; length];
        let entry = Entry::zeros("small/zeros", 100_000).with(|e| {
            e.data.extend(&hidden);
            e.packed += u32::try_from(hidden.len()).unwrap();
        });
        refused(
            with(entry),
            "unsafe-archive",
            "something hidden behind its data",
        );
    }
}

#[test]
fn a_million_entries_are_not_read() {
    let mut zip = with(file("small/a"));
    zip.repeated = 1_000_000;
    // No end can say so many; what it says is too few, and their directory too long.
    zip.count = Some(16_961);
    refused(zip, "too-large", "directory has");
    let mut zip = with(file("small/a"));
    zip.repeated = 60_000;
    zip.count = Some(60_002);
    refused(zip, "too-many-files", "60002 entries");
}

#[test]
fn limits_are_kept() {
    let many = Zip::of((0..30).map(|i| file(format!("small/{i}"))));
    let few = Limits {
        entries: 20,
        ..Limits::default()
    };
    let told = said(&many.bytes(), few);
    assert!(told.contains("too-many-files"), "{told}");
    let nested = Zip::of((0..10).map(|i| file(format!("small/{i}/a/b"))));
    let few = Limits {
        entries: 20,
        ..Limits::default()
    };
    let told = said(&nested.bytes(), few);
    assert!(told.contains("too-many-files"), "{told}");
    let small = Limits {
        total: 100,
        ..Limits::default()
    };
    let told = said(&many.bytes(), small.clone());
    assert!(told.contains("unpacks to more than 100 bytes"), "{told}");
    let told = said(
        &many.bytes(),
        Limits {
            archive: 100,
            ..small
        },
    );
    assert!(told.contains("the archive has"), "{told}");
    let directory = Limits {
        directory: 100,
        ..Limits::default()
    };
    let told = said(&many.bytes(), directory);
    assert!(told.contains("directory"), "{told}");
}
