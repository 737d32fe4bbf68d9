//! Connections that are cut, and what is taken up again.

use std::fs;
use std::time::Duration;

use trialbook::fetch::Fetched;

use super::server::{Server, raw, send, send_cut, send_range};
use super::{PLACE, Room, data, limits};

const TAG: &str = "\"v1\"";

#[test]
fn a_file_is_fetched_and_verified() {
    let bytes = data(5000);
    let server = Server::of(bytes.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    assert_eq!(room.fetch_well(&bytes), Fetched::Put { resumed: 0 });
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/trial.csv");
    assert_eq!(requests[0].headers["accept-encoding"], "identity");
    assert!(requests[0].headers["user-agent"].starts_with("trialbook/"));
    // The second time, nobody is asked.
    assert_eq!(room.fetch_well(&bytes), Fetched::There);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_cut_connection_is_taken_up_where_it_was_cut() {
    let bytes = data(5000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => send_cut(stream, TAG, &sent, 10_000),
        1 => {
            // Cut once more, within the rest.
            let from = request.from().unwrap();
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}\r\nContent-Length: {}\r\n\r\n",
                sent.len() - 1,
                sent.len(),
                sent.len() - from
            );
            raw(stream, head.as_bytes());
            raw(stream, &sent[from..from + 5000]);
        }
        _ => send_range(request, stream, TAG, &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let (fetched, again) = room.fetch_within(&limits());
    assert_eq!(fetched.unwrap(), Fetched::Put { resumed: 0 });
    assert_eq!(again.len(), 2, "{again:?}");
    assert!(fs::read(room.path(PLACE)).unwrap() == bytes);
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(super::server::Request::from)
        .collect();
    assert_eq!(asked, [None, Some(10_000), Some(15_000)]);
    assert_eq!(server.requests()[1].headers["if-range"], TAG);
}

#[test]
fn what_an_earlier_run_left_is_taken_up() {
    let bytes = data(5000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => send_cut(stream, TAG, &sent, 20_000),
        // The rest is promised, and never comes.
        1..4 => {
            let (last, total) = (sent.len() - 1, sent.len());
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 20000-{last}/{total}\r\nContent-Length: {}\r\n\r\n",
                total - 20_000
            );
            raw(stream, head.as_bytes());
        }
        _ => send_range(request, stream, TAG, &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let text = room.fetch_badly("network");
    assert!(text.contains("was cut"), "{text}");
    let kept = format!("20000 of {} bytes are kept", bytes.len());
    assert!(text.contains(&kept), "{text}");
    assert_eq!(room.fetch_well(&bytes), Fetched::Put { resumed: 20_000 });
    let last = server.requests().pop().unwrap();
    assert_eq!(last.from(), Some(20_000));
    assert_eq!(last.headers["if-range"], TAG);
}

#[test]
fn what_is_whole_already_needs_no_server() {
    let bytes = data(100);
    let room = Room::new(&bytes, "http://127.0.0.1:1/never");
    room.write(&format!("data/.fetch/{}.part", room.sha256), &bytes);
    let resumed = bytes.len() as u64;
    assert_eq!(room.fetch_well(&bytes), Fetched::Put { resumed });
}

#[test]
fn a_server_that_knows_no_ranges_sends_all_again() {
    let bytes = data(5000);
    let server = Server::of(bytes.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.write(&format!("data/.fetch/{}.part", room.sha256), &bytes[..777]);
    assert_eq!(room.fetch_well(&bytes), Fetched::Put { resumed: 0 });
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_range_that_was_not_asked_for_is_not_taken() {
    let bytes = data(5000);
    for (range, status) in [
        ("bytes 0-99/TOTAL", "206 Partial Content"),
        ("bytes 778-LAST/TOTAL", "206 Partial Content"),
        ("bytes 777-LAST/999999", "206 Partial Content"),
        ("bytes 777-9999999/*", "206 Partial Content"),
        ("bytes 900-800/*", "206 Partial Content"),
        ("nonsense", "206 Partial Content"),
        ("bytes */12", "416 Range Not Satisfiable"),
    ] {
        let sent = bytes.clone();
        let range = range
            .replace("LAST", &(bytes.len() - 1).to_string())
            .replace("TOTAL", &bytes.len().to_string());
        let server = Server::new(move |request, stream| {
            if request.from().is_some() {
                let header = format!("Content-Range: {range}\r\n");
                send(stream, status, &header, &sent[..100]);
            } else {
                send(stream, "200 OK", "", &sent);
            }
        });
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        room.write(&format!("data/.fetch/{}.part", room.sha256), &bytes[..777]);
        assert_eq!(room.fetch_well(&bytes), Fetched::Put { resumed: 0 });
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_part_of_another_file_is_found_out() {
    let bytes = data(5000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| send_range(request, stream, TAG, &sent));
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.write(&format!("data/.fetch/{}.part", room.sha256), &[b'x'; 777]);
    room.fetch_well(&bytes);
    let asked: Vec<_> = server
        .requests()
        .iter()
        .map(super::server::Request::from)
        .collect();
    assert_eq!(asked, [Some(777), None]);
    // A whole file of the right length with other bytes, and one that is too long.
    for wrong in [vec![b'x'; bytes.len()], vec![b'x'; bytes.len() + 5]] {
        fs::remove_file(room.path(PLACE)).unwrap();
        room.write(&format!("data/.fetch/{}.part", room.sha256), &wrong);
        room.fetch_well(&bytes);
    }
}

#[test]
fn a_tag_that_has_changed_begins_again() {
    let bytes = data(5000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => send_cut(stream, "\"old\"", &sent, 5000),
        _ => send_range(request, stream, "\"new\"", &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.fetch_well(&bytes);
    assert_eq!(server.requests()[1].headers["if-range"], "\"old\"");
}

#[test]
fn a_server_that_falls_silent_is_left_and_asked_again() {
    let bytes = data(5000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => {
            send_cut(stream, TAG, &sent, 4000);
            std::thread::sleep(Duration::from_secs(8));
        }
        1 => std::thread::sleep(Duration::from_secs(5)),
        _ => send_range(request, stream, TAG, &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let (fetched, again) = room.fetch_within(&limits());
    fetched.unwrap();
    assert_eq!(again.len(), 2);
    assert!(
        again
            .iter()
            .all(|w| w.contains("fell silent: nothing came for 1 s")),
        "{again:?}"
    );
    assert!(fs::read(room.path(PLACE)).unwrap() == bytes);
}

#[test]
fn bytes_that_drip_are_not_silence() {
    let bytes = data(40);
    let sent = bytes.clone();
    let server = Server::new(move |_, stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", sent.len());
        raw(stream, head.as_bytes());
        for piece in sent.chunks(sent.len() / 8) {
            std::thread::sleep(Duration::from_millis(80));
            raw(stream, piece);
        }
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.fetch_well(&bytes);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_that_has_a_problem_is_asked_again() {
    let bytes = data(50);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| match request.number {
        0 => send(stream, "503 Service Unavailable", "", b"later"),
        1 => send(stream, "500 Internal Server Error", "", b"oops"),
        _ => send(stream, "200 OK", "", &sent),
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.fetch_well(&bytes);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn chunks_are_put_together() {
    let bytes = data(500);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| {
        raw(
            stream,
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        );
        for (i, piece) in sent.chunks(1000).enumerate() {
            if request.number == 0 && i == 2 {
                // Cut within a chunk.
                raw(stream, b"3e8\r\nx");
                return;
            }
            raw(stream, format!("{:x}\r\n", piece.len()).as_bytes());
            raw(stream, piece);
            raw(stream, b"\r\n");
        }
        raw(stream, b"0\r\n\r\n");
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.fetch_well(&bytes);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_body_that_ends_with_its_connection_is_complete_when_its_bytes_are() {
    let bytes = data(500);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| {
        raw(stream, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        let end = if request.number == 0 { 100 } else { sent.len() };
        raw(stream, &sent[..end]);
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let (fetched, again) = room.fetch_within(&limits());
    fetched.unwrap();
    let text = again.join("\n");
    assert!(text.contains("ended after 100 of"), "{text}");
    assert!(fs::read(room.path(PLACE)).unwrap() == bytes);
}
