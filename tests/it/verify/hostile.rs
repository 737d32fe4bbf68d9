//! Bundles that are sealed well and made to do harm: refused, or stopped within their limits.

use std::fs;
use std::time::{Duration, Instant};

use super::codes;
use super::sealed::{Sealed, verify, write};
use super::trial::{Ended, Trial, shown};

const PAGE: &str = "data/templates/jama/page.typ";
const REPORT: &str = "data/reports/small/report.md";

/// Runs the program on a bundle whose promises are made good.
fn run(bundle: &mut Sealed, arguments: &[&str]) -> Ended {
    bundle.seal();
    let trial = Trial::new();
    trial.write("small.zip", &bundle.zipped());
    let began = Instant::now();
    let ended = trial.run(&[&["verify", "small.zip"], arguments].concat());
    assert!(began.elapsed() < Duration::from_mins(5), "{ended:?}");
    ended
}

/// The bundle with a page template that ends with that.
fn with_page(text: &str) -> Sealed {
    let mut bundle = Sealed::new();
    let page = format!("{}\n{text}\n", bundle.text(PAGE));
    bundle.0.insert(PAGE.to_owned(), page.into_bytes());
    bundle
}

#[test]
fn templates_reach_nothing_outside() {
    for reach in [
        "#read(\"/etc/passwd\")",
        "#read(\"../../../../../../etc/passwd\")",
        "#import \"@preview/cetz:0.3.0\": *",
        "#include \"/data-manifest.toml\"",
        "{% include \"/etc/passwd\" %}",
        "{{ get_env(name=\"HOME\") }}",
    ] {
        run(&mut with_page(reach), &[])
            .with_status(2)
            .saying("error[");
    }
}

#[test]
fn templates_that_never_end_are_stopped() {
    // The engine itself gives up on these.
    for endless in ["#while true {}", "#{ let f(x) = f(x + 1); f(0) }"] {
        run(&mut with_page(endless), &[])
            .with_status(2)
            .saying("error[");
    }
    let loops = "#for i in range(100000) { for j in range(100000) { let k = i * j } }";
    run(&mut with_page(loops), &["--max-time", "5"])
        .with_status(2)
        .saying("error[time-over]: the work was stopped after 5 s, while")
        .saying("--max-time");
    let tera =
        "{% for i in range(end=100000) %}{% for j in range(end=100000) %}{% endfor %}{% endfor %}";
    run(&mut with_page(tera), &["--max-time", "5"])
        .with_status(2)
        .saying("error[");
}

#[test]
fn templates_that_want_all_memory_do_not_get_it() {
    for greedy in [
        "#let x = range(4000000000)",
        "#{ let s = \"aaaaaaaa\"; for i in range(60) { s = s + s } }",
        "{% for i in range(end=4000000000) %}{% endfor %}",
    ] {
        run(
            &mut with_page(greedy),
            &["--max-memory", "1500", "--max-time", "60"],
        )
        .with_status(2)
        .saying("error[");
    }
}

#[test]
fn paths_that_lead_out_are_refused() {
    for (from, to) in [
        (
            "path = \"data/trial/data.csv\"",
            "path = \"../../../../etc/passwd\"",
        ),
        ("path = \"data/trial/data.csv\"", "path = \"/etc/passwd\""),
        (
            "codebook = \"data/trial/codebook.toml\"",
            "codebook = \"../../../../etc/passwd\"",
        ),
    ] {
        let mut bundle = Sealed::slim();
        bundle.edit("data/data-manifest.toml", from, to);
        bundle.seal();
        let (_, found) = bundle.verify();
        assert!(
            codes(&found).contains(&"bad-path".to_owned()),
            "{}",
            shown(&found)
        );
    }
    let mut bundle = Sealed::slim();
    bundle.edit(
        REPORT,
        "date = 2026-01-31",
        "date = 2026-01-31\nstyle = \"../../../etc\"",
    );
    bundle.seal();
    let (_, found) = bundle.verify();
    assert!(
        codes(&found).contains(&"unknown-style".to_owned()),
        "{}",
        shown(&found)
    );
}

#[test]
fn texts_that_are_too_long_are_refused() {
    for path in [
        REPORT,
        "data/data/trial/codebook.toml",
        "data/templates/jama/style.toml",
    ] {
        let mut bundle = Sealed::slim();
        bundle.0.insert(path.to_owned(), vec![b'#'; 9 << 20]);
        bundle.seal();
        let (_, found) = bundle.verify();
        assert_eq!(codes(&found), ["too-large"], "{}", shown(&found));
    }
    let mut bundle = Sealed::slim();
    bundle
        .0
        .insert("data/data-manifest.toml".to_owned(), vec![b'#'; 9 << 20]);
    bundle.seal();
    let (_, found) = bundle.verify();
    assert_eq!(codes(&found)[0], "too-large", "{}", shown(&found));
}

#[test]
fn records_that_lie_or_are_none_are_refused() {
    let tell = |edit: fn(&mut Sealed)| {
        let mut bundle = Sealed::slim();
        edit(&mut bundle);
        let (verification, found) = bundle.verify();
        assert!(found.has_errors() && verification.numbers.is_none());
        shown(&found)
    };
    for (edit, why) in [
        (
            (|b: &mut Sealed| {
                b.edit_json(
                    "data/build/small/provenance/ro-crate-metadata.json",
                    |json| {
                        let graph = json["@graph"].as_array_mut().unwrap();
                        let run = graph.iter_mut().find(|e| e["@id"] == "#run").unwrap();
                        run["endTime"] = serde_json::json!("2026-02-30T00:00:00Z");
                    },
                );
                b.seal();
            }) as fn(&mut Sealed),
            "endTime",
        ),
        (
            |b| {
                b.edit_json("data/ro-crate-metadata.json", |json| {
                    let graph = json["@graph"].as_array_mut().unwrap();
                    let file = graph
                        .iter_mut()
                        .find(|e| e.get("sha256").is_some())
                        .unwrap();
                    file["@id"] = serde_json::json!("../../../etc/passwd");
                });
                b.seal();
            },
            "no sound path or digest",
        ),
        (
            |b| {
                b.edit("data/data-manifest.toml", "bytes = ", "bytes = 1");
                b.seal();
            },
            "is not the file of trial@1.0.0",
        ),
        (
            |b| {
                let report = b.0["data/reports/small/report.md"].clone();
                b.0.insert("data/reports/other/report.md".to_owned(), report);
                b.seal();
            },
            "2 reports",
        ),
    ] {
        let said = tell(edit);
        assert!(said.contains(why), "no {why} in:\n{said}");
    }
}

#[test]
fn hostile_folders_are_refused() {
    #[cfg(unix)]
    {
        let folder = Sealed::slim().folder();
        let place = folder.path().join("data/README.md");
        fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", &place).unwrap();
        let (_, found) = verify(folder.path());
        assert_eq!(codes(&found), ["not-a-file"], "{}", shown(&found));
        fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink(".", &place).unwrap();
        let (_, found) = verify(folder.path());
        assert_eq!(codes(&found), ["not-a-file"], "{}", shown(&found));
    }
    let folder = Sealed::slim().folder();
    write(folder.path(), "data/readme.md", b"");
    let (_, found) = verify(folder.path());
    assert_eq!(codes(&found), ["colliding-names"], "{}", shown(&found));
}

#[test]
fn manifests_that_lie_are_refused() {
    for (path, text, why) in [
        ("manifest-sha256.txt", "x", "line 1"),
        ("manifest-sha256.txt", "../../etc/passwd", "a part `..`"),
        ("manifest-sha256.txt", "bagit.txt", "not its own to list"),
        (
            "tagmanifest-sha256.txt",
            "data/README.md",
            "not its own to list",
        ),
        (
            "tagmanifest-sha256.txt",
            "tagmanifest-sha256.txt",
            "not its own to list",
        ),
        ("tagmanifest-sha256.txt", "bagit.txt", "twice"),
    ] {
        let mut bundle = Sealed::slim();
        let line = match text {
            "x" => "x\n".to_owned(),
            path => format!("{}  {path}\n", "0".repeat(64)),
        };
        let text = match line.as_str() {
            "x\n" => line,
            line => format!("{}{line}", bundle.text(path)),
        };
        bundle.0.insert(path.to_owned(), text.into_bytes());
        let (_, found) = bundle.verify();
        let said = shown(&found);
        assert!(
            said.contains(why) && said.contains(path),
            "no {why} in:\n{said}"
        );
    }
    let mut bundle = Sealed::slim();
    bundle.0.insert(
        "fetch.txt".to_owned(),
        b"https://example.org/x 12 ../../x\n".to_vec(),
    );
    let (_, found) = bundle.verify();
    assert!(shown(&found).contains("a part `..`"), "{}", shown(&found));
}

#[test]
fn nothing_that_a_terminal_would_obey_is_printed() {
    let mut bundle = Sealed::new();
    bundle.edit_json("data/build/small/results.json", |json| {
        let all = json["statistics"].as_array_mut().unwrap();
        let mut more = all[0].clone();
        more["id"] = serde_json::json!("a\u{1b}[2Jb\u{202e}c");
        all.push(more);
    });
    bundle.edit(
        REPORT,
        "title = \"A small trial\"",
        "title = \"A small \\u001b[2Jtrial\"",
    );
    let ended = run(&mut bundle, &[]);
    assert_ne!(ended.status, 0);
    for text in [&ended.out, &ended.err] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}
