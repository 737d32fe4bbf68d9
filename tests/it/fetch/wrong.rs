//! Servers that send what was not promised, or lead nowhere.

use std::fs;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use trialbook::fetch::Limits;

use super::server::{Server, raw, send};
use super::{FOLDER, PLACE, Room, data, limits};
use crate::it::support::watched::Random;

#[test]
fn other_bytes_are_not_put_in_place() {
    let bytes = data(50);
    let mut wrong = bytes.clone();
    wrong[20] ^= 1;
    let server = Server::of(wrong.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let text = room.fetch_badly("changed-source");
    let found = trialbook::dataset::digest(&wrong).to_string();
    assert!(
        text.contains(&found) && text.contains(&room.sha256),
        "{text}"
    );
    assert!(!room.path(FOLDER).exists(), "the wrong bytes are deleted");
    let diagnostic = room.fetch().unwrap_err();
    assert_eq!(diagnostic.fault, trialbook::diagnostic::Fault::Broken);
}

#[test]
fn lies_about_the_length_are_found_out() {
    let bytes = data(50);
    // (what the server says, what it sends): all wrong, or without end.
    let mut longer = bytes.clone();
    longer.extend_from_slice(b"more");
    let cases: [(usize, &[u8], &str); 3] = [
        (bytes.len() - 1, &bytes[..bytes.len() - 1], "changed-source"),
        (bytes.len() + 4, &longer, "changed-source"),
        // It says what was promised, and never sends it.
        (bytes.len(), &bytes[..10], "network"),
    ];
    for (says, sends, code) in cases {
        let sends = sends.to_vec();
        let server = Server::new(move |_, stream| {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {says}\r\n\r\n");
            raw(stream, head.as_bytes());
            raw(stream, &sends);
        });
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let text = room.fetch_badly(code);
        assert!(text.contains("bytes"), "{text}");
    }
    // More than it says is not read.
    let server = Server::new(move |_, stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            longer.len() - 4
        );
        raw(stream, head.as_bytes());
        raw(stream, &longer);
    });
    Room::new(&bytes, &server.at("/trial.csv")).fetch_well(&bytes);
}

#[test]
fn a_length_that_is_no_number_is_refused() {
    let bytes = data(50);
    for header in [
        "Content-Length: many",
        "Content-Length: -5",
        "Content-Length: 99999999999999999999999",
        "Content-Length: 5\r\nContent-Length: 6",
    ] {
        let server = Server::new(move |_, stream| {
            raw(
                stream,
                format!("HTTP/1.1 200 OK\r\n{header}\r\n\r\n").as_bytes(),
            );
        });
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let diagnostic = room.fetch().unwrap_err();
        assert!(
            !room.path(PLACE).exists(),
            "{header}: {}",
            diagnostic.render(false)
        );
    }
}

#[test]
fn a_body_without_end_is_left_at_the_first_byte_too_many() {
    let bytes = data(50);
    let sent = Arc::new(AtomicUsize::new(0));
    for chunked in [false, true] {
        let count = Arc::clone(&sent);
        let server = Server::new(move |_, stream| {
            let kind = if chunked {
                "Transfer-Encoding: chunked"
            } else {
                "Connection: close"
            };
            raw(
                stream,
                format!("HTTP/1.1 200 OK\r\n{kind}\r\n\r\n").as_bytes(),
            );
            let mut piece = vec![b'x'; 4096];
            if chunked {
                piece.splice(0..0, *b"1000\r\n");
                piece.extend_from_slice(b"\r\n");
            }
            while stream.write_all(&piece).is_ok() {
                count.fetch_add(piece.len(), Ordering::Relaxed);
            }
        });
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let text = room.fetch_badly("changed-source");
        assert!(text.contains("it has more bytes, not"), "{text}");
        let kept = fs::metadata(room.part()).map_or(0, |m| m.len());
        assert_eq!(kept, 0);
    }
    // What the system buffers, at most.
    assert!(sent.load(Ordering::Relaxed) < 64 << 20);
}

#[test]
fn a_whole_answer_that_is_too_short_is_not_asked_for_again() {
    let bytes = data(50);
    let server = Server::new(move |_, stream| {
        raw(
            stream,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n\r\n",
        );
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let text = room.fetch_badly("changed-source");
    assert!(text.contains("it has 5 bytes, not"), "{text}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_comes_compressed_is_explained() {
    let bytes = data(50);
    let mut packed = b"\x1f\x8b".to_vec();
    packed.resize(bytes.len(), 7);
    let server = Server::new(move |_, stream| {
        send(stream, "200 OK", "Content-Encoding: gzip\r\n", &packed);
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let text = room.fetch_badly("changed-source");
    assert!(text.contains("it came encoded as gzip"), "{text}");
    // A file that is compressed itself may be labelled so, and is the promised one.
    let server = Server::new(move |_, stream| {
        send(
            stream,
            "200 OK",
            "Content-Encoding: x-gzip\r\n",
            b"\x1f\x8bpacked",
        );
    });
    Room::new(b"\x1f\x8bpacked", &server.at("/a.csv.gz")).fetch_well(b"\x1f\x8bpacked");
}

#[test]
fn a_web_page_in_place_of_the_file_is_explained() {
    let bytes = data(50);
    let server = Server::new(move |_, stream| {
        send(
            stream,
            "200 OK",
            "Content-Type: text/html; charset=utf-8\r\n",
            b"<html>Log in",
        );
    });
    let text = Room::new(&bytes, &server.at("/trial.csv")).fetch_badly("changed-source");
    assert!(text.contains("what came is a web page"), "{text}");
}

#[test]
fn redirects_are_followed() {
    let bytes = data(50);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.path.as_str() {
        "/a/trial.csv" => send(
            stream,
            "301 Moved",
            "Location: ../b?token=secret\r\n",
            b"moved",
        ),
        "/b?token=secret" => send(stream, "302 Found", "Location: /c%20d#part\r\n", b""),
        "/c%20d" => send(stream, "307 Temporary", "Location: e f\r\n", b""),
        "/e%20f" => send(stream, "308 Permanent", "Location: last\r\n", b""),
        _ => send(stream, "200 OK", "", &sent),
    });
    let room = Room::new(&bytes, &server.at("/a/trial.csv"));
    room.fetch_well(&bytes);
    let paths: Vec<_> = server.requests().iter().map(|r| r.path.clone()).collect();
    assert_eq!(
        paths,
        [
            "/a/trial.csv",
            "/b?token=secret",
            "/c%20d",
            "/e%20f",
            "/last"
        ]
    );
}

#[test]
fn redirects_that_lead_nowhere_are_refused() {
    let bytes = data(50);
    let cases = [
        ("/b", "in a circle: BASE/a → BASE/b → BASE/a"),
        ("/self", "in a circle: BASE/self → BASE/self"),
        ("/count", "redirects more than 10 times"),
        (
            "file:///etc/passwd",
            "to a file of this machine, which is refused",
        ),
        ("ftp://127.0.0.1/x", "neither https, http nor file"),
        ("javascript:alert(1)", "has no scheme such as"),
        (
            "http://user:secret@127.0.0.1/",
            "holds a user name or a password",
        ),
        ("http://", "names no host"),
        ("", "in a circle: BASE/a → BASE/a"),
    ];
    for (to, says) in cases {
        let server = Server::new(move |request, stream| {
            let to = match request.path.as_str() {
                "/a" => to.to_owned(),
                "/b" => "/a".to_owned(),
                "/self" => "/self".to_owned(),
                _ => format!("/{}", request.number),
            };
            send(stream, "302 Found", &format!("Location: {to}\r\n"), b"");
        });
        let room = Room::new(&bytes, &server.at("/a"));
        let text = room.fetch_badly("redirects");
        assert!(
            text.contains(&says.replace("BASE", &server.base)),
            "{to}: {text}"
        );
        assert!(!text.contains("secret"), "{text}");
        assert!(server.requests().len() <= 11);
    }
    let server = Server::new(move |_, stream| send(stream, "302 Found", "", b""));
    let text = Room::new(&bytes, &server.at("/a")).fetch_badly("redirects");
    assert!(text.contains("does not say where to"), "{text}");
}

#[test]
fn a_status_that_is_no_success_is_reported() {
    let bytes = data(50);
    for (status, says) in [
        ("404 Not Found", "answers 404 Not Found"),
        ("403 Forbidden", "answers 403 Forbidden"),
        ("410 Gone", "answers 410 Gone"),
        ("204 No Content", "answers 204 No Content"),
        ("206 Partial Content", "answers 206 Partial Content"),
        ("416 Range Not Satisfiable", "answers 416"),
        ("300 Multiple Choices", "answers 300"),
        (
            "500 Internal Server Error",
            "answers 500 Internal Server Error",
        ),
    ] {
        let server = Server::new(move |_, stream| send(stream, status, "", b""));
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let text = room.fetch_badly("http-status");
        assert!(text.contains(says), "{text}");
        let asked = if status.starts_with('5') { 4 } else { 1 };
        assert_eq!(server.requests().len(), asked, "{status}");
    }
}

#[test]
fn headers_of_a_megabyte_and_what_is_no_http_are_refused() {
    let bytes = data(50);
    let answers: [fn(&mut TcpStream); 4] = [
        |stream| {
            let long = format!("HTTP/1.1 200 OK\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
            raw(stream, long.as_bytes());
        },
        |stream| {
            let many = "X-More: y\r\n".repeat(100_000);
            raw(stream, format!("HTTP/1.1 200 OK\r\n{many}\r\n").as_bytes());
        },
        |stream| raw(stream, b"SSH-2.0-OpenSSH_9.6\r\n"),
        |stream| raw(stream, &[0xff; 300]),
    ];
    for answer in answers {
        let server = Server::new(move |_, stream| answer(stream));
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let diagnostic = room.fetch().unwrap_err();
        let text = diagnostic.render(false);
        assert!(
            diagnostic.code == "bad-answer" || diagnostic.code == "network",
            "{text}"
        );
        assert!(!room.path(PLACE).exists());
    }
}

#[test]
fn where_nobody_answers_it_is_said() {
    let bytes = data(50);
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let room = Room::new(&bytes, &format!("http://127.0.0.1:{port}/trial.csv"));
    let text = room.fetch_badly("network");
    assert!(text.contains("refused"), "{text}");
    assert_eq!(
        room.fetch().unwrap_err().fault,
        trialbook::diagnostic::Fault::Machine
    );
}

#[test]
fn a_name_that_no_server_has_is_said_at_once() {
    let room = Room::new(&data(5), "http://no-such-host.invalid/trial.csv");
    let text = room.fetch_badly("network");
    assert!(
        text.contains("http://no-such-host.invalid/trial.csv can't be reached"),
        "{text}"
    );
}

#[test]
fn a_server_without_encryption_is_not_taken_for_one_with() {
    let bytes = data(50);
    let server = Server::new(move |_, stream| send(stream, "200 OK", "", b"plain"));
    let source = server.at("/trial.csv").replace("http://", "https://");
    let text = Room::new(&bytes, &source).fetch_badly("tls");
    assert!(
        text.contains("no safe connection to https://127.0.0.1"),
        "{text}"
    );
}

#[test]
fn damaged_answers_put_nothing_wrong_in_place() {
    let bytes = data(30);
    let whole = |from: usize| {
        let (status, range) = match from {
            0 => ("200 OK", String::new()),
            _ => {
                let (last, total) = (bytes.len() - 1, bytes.len());
                (
                    "206 Partial Content",
                    format!("Content-Range: bytes {from}-{last}/{total}\r\n"),
                )
            }
        };
        let head = format!(
            "HTTP/1.1 {status}\r\n{range}ETag: \"a\"\r\nContent-Length: {}\r\n\r\n",
            bytes.len() - from
        );
        [head.as_bytes(), &bytes[from..]].concat()
    };
    let (first, rest) = (whole(0), whole(100));
    let server = Server::new(move |request, stream| {
        let case = request.path.trim_start_matches('/').parse().unwrap_or(0);
        let answer = if request.from().is_some() {
            rest.clone()
        } else {
            first.clone()
        };
        let mut random = Random::new(case * 8 + request.number as u64);
        let whole = random.below(2) == 0;
        raw(stream, &if whole { answer } else { random.damage(answer) });
    });
    let limits = Limits {
        stall: Duration::from_millis(400),
        retries: 1,
        ..limits()
    };
    let mut right = 0;
    for case in 0..150 {
        let room = Room::new(&bytes, &server.at(&format!("/{case}")));
        if case % 2 == 0 {
            room.write(&format!("{FOLDER}/{}.part", room.sha256), &bytes[..100]);
        }
        match room.fetch_within(&limits).0 {
            Ok(_) => {
                right += 1;
                assert!(fs::read(room.path(PLACE)).unwrap() == bytes, "{case}");
            }
            Err(_) => assert!(!room.path(PLACE).exists(), "{case}"),
        }
    }
    assert!(right > 5, "{right}");
}
