//! `data fetch`, as it is called.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use super::server::{Server, raw, send, send_range};
use super::{FOLDER, PLACE, Room, data};

fn run(room: &Room, arguments: &[&str]) -> (i32, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "fetch"])
        .args(arguments)
        .current_dir(room.root.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn it_says_what_it_did() {
    let bytes = data(50);
    let server = Server::of(bytes.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let (status, out, err) = run(&room, &["trial"]);
    assert_eq!((status, err.as_str()), (0, ""));
    let digest = &room.sha256[..12];
    let wanted = format!(
        "trial@1.0.0: fetched, {} bytes, sha256 {digest} verified, {PLACE}\n",
        bytes.len()
    );
    assert_eq!(out, wanted);
    let (status, out, _) = run(&room, &[]);
    assert_eq!(status, 0);
    assert_eq!(out, format!("trial@1.0.0: is there, {PLACE}\n"));
}

#[test]
fn its_status_says_what_kind_of_thing_went_wrong() {
    let bytes = data(50);
    let server = Server::new(move |request, stream| match request.path.as_str() {
        "/wrong" => send(stream, "200 OK", "", &vec![b'x'; data(50).len()]),
        _ => send(stream, "404 Not Found", "", b""),
    });
    for (source, status, says) in [
        (server.at("/wrong"), 1, "its SHA-256 is"),
        (server.at("/absent"), 2, "answers 404 Not Found"),
        ("http://127.0.0.1:1/x".to_owned(), 3, "can't be reached"),
    ] {
        let room = Room::new(&bytes, &source);
        let (found, out, err) = run(&room, &["trial@1.0.0"]);
        assert_eq!(found, status, "{err}");
        assert!(err.contains(says), "{err}");
        assert_eq!(out, "");
    }
    let room = Room::new(&bytes, &server.at("/absent"));
    let (status, _, err) = run(&room, &["trail"]);
    assert_eq!(status, 2);
    assert!(err.contains("did you mean `trial`"), "{err}");
}

#[test]
fn passwords_in_addresses_are_refused_and_not_shown() {
    let bytes = data(50);
    let room = Room::new(&bytes, "https://me:hunter2@example.org/trial.csv");
    let (status, out, err) = run(&room, &["trial"]);
    assert_eq!(status, 2);
    assert!(err.contains("secret-in-url"), "{err}");
    assert!(!format!("{out}{err}").contains("hunter2"), "{err}");
}

#[test]
fn a_version_without_a_source_says_how_to_get_it() {
    let room = Room::new(&data(5), "https://example.org/x");
    let manifest = room.path("data-manifest.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace(
        "source = \"https://example.org/x\"",
        "access = \"restricted\"\napply = \"Write to data@example.org.\"",
    );
    fs::write(&manifest, text).unwrap();
    for name in ["trial@1.0.0", "trial"] {
        let (status, _, err) = run(&room, &[name]);
        assert_eq!(status, 2, "{err}");
        assert!(err.contains("no-source"), "{err}");
    }
    let (_, _, err) = run(&room, &["trial@1.0.0"]);
    assert!(err.contains("Write to data@example.org."), "{err}");
    assert_eq!(run(&room, &[]).0, 0);
}

/// Starts `data fetch` and does not wait for it.
fn start(room: &Room) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_trialbook"))
        .args(["data", "fetch", "trial"])
        .current_dir(room.root.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn one_that_is_killed_is_taken_up_by_the_next() {
    let bytes = data(50_000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", sent.len());
            raw(stream, head.as_bytes());
            raw(stream, &sent[..200_000]);
            // Silent until the other side is gone.
            thread::sleep(Duration::from_secs(20));
        }
        _ => send_range(request, stream, "\"t\"", &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let mut child = start(&room);
    let have = || fs::metadata(room.part()).map_or(0, |m| m.len());
    for _ in 0..1000 {
        if have() == 200_000 {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(have(), 200_000);
    child.kill().unwrap();
    child.wait().unwrap();
    let (status, out, err) = run(&room, &["trial"]);
    assert_eq!(status, 0, "{err}");
    assert!(
        out.contains("(200000 of them from an earlier attempt)"),
        "{out}"
    );
    assert_eq!(server.requests().last().unwrap().from(), Some(200_000));
    assert!(fs::read(room.path(PLACE)).unwrap() == bytes);
    assert!(!room.path(FOLDER).exists());
}

#[test]
fn processes_at_once_take_turns() {
    let bytes = data(20_000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| {
        thread::sleep(Duration::from_millis(300));
        send_range(request, stream, "\"t\"", &sent);
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let children: Vec<_> = (0..4).map(|_| start(&room)).collect();
    let said: Vec<String> = children
        .into_iter()
        .map(|child| {
            let ended = child.wait_with_output().unwrap();
            assert_eq!(ended.status.code(), Some(0));
            String::from_utf8(ended.stdout).unwrap()
        })
        .collect();
    let fetched = said.iter().filter(|s| s.contains("fetched")).count();
    assert_eq!(fetched, 1, "{said:?}");
    assert_eq!(server.requests().len(), 1);
    assert!(fs::read(room.path(PLACE)).unwrap() == bytes);
}
