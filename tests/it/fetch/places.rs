//! Where a file may be put.

use std::fs;
use std::thread;

use trialbook::fetch::Fetched;

use super::server::Server;
use super::{FOLDER, PLACE, Room, data, files};

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let bytes = data(50);
    let server = Server::of(bytes.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let mut other = bytes.clone();
    other[5] = b'X';
    for wrong in [b"mine".as_slice(), &other] {
        room.write(PLACE, wrong);
        let diagnostic = room.fetch().unwrap_err();
        let text = diagnostic.render(false);
        assert_eq!(diagnostic.code, "changed-data", "{text}");
        assert!(text.contains("never overwritten"), "{text}");
        assert!(fs::read(room.path(PLACE)).unwrap() == wrong);
    }
    fs::remove_file(room.path(PLACE)).unwrap();
    fs::create_dir(room.path(PLACE)).unwrap();
    assert_eq!(room.fetch().unwrap_err().code, "changed-data");
    assert_eq!(server.requests().len(), 0);
}

#[cfg(unix)]
#[test]
fn links_lead_nothing_out_of_the_project() {
    use std::os::unix::fs::symlink;
    let bytes = data(50);
    let server = Server::of(bytes.clone());
    let outside = tempfile::tempdir().unwrap();
    let inside = |link: &str, to: &std::path::Path| {
        let room = Room::new(&bytes, &server.at("/trial.csv"));
        let link = room.path(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(to, link).unwrap();
        room
    };
    for (link, to, code) in [
        ("data", outside.path().to_owned(), "outside-root"),
        ("data/trial", outside.path().to_owned(), "outside-root"),
        ("data/.fetch", outside.path().to_owned(), "outside-root"),
        (PLACE, outside.path().join("absent.csv"), "bad-link"),
        ("data/trial", outside.path().join("absent"), "bad-link"),
    ] {
        let room = inside(link, &to);
        let diagnostic = room.fetch().unwrap_err();
        assert_eq!(
            diagnostic.code,
            code,
            "{link}: {}",
            diagnostic.render(false)
        );
        assert!(files(outside.path()).is_empty(), "{link}");
    }
    // A partial file that is a link is not written through.
    let victim = outside.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    fs::create_dir_all(room.path(FOLDER)).unwrap();
    for end in ["part", "lock", "validator"] {
        symlink(
            &victim,
            room.path(&format!("{FOLDER}/{}.{end}", room.sha256)),
        )
        .unwrap();
    }
    room.fetch_well(&bytes);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    // A link within the project is a way like another.
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    fs::create_dir_all(room.path("elsewhere")).unwrap();
    fs::create_dir_all(room.path("data")).unwrap();
    symlink(room.path("elsewhere"), room.path("data/trial")).unwrap();
    room.fetch_well(&bytes);
    assert_eq!(files(&room.path("elsewhere")), ["1.0.0/trial.csv"]);
}

#[test]
fn a_file_in_the_place_of_a_folder_is_an_error() {
    let bytes = data(50);
    let server = Server::of(bytes.clone());
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    room.write("data/trial", b"a file");
    assert_eq!(room.fetch().unwrap_err().code, "not-a-folder");
}

#[test]
fn several_at_once_put_one_file_in_place() {
    let bytes = data(20_000);
    let sent = bytes.clone();
    let server = Server::new(move |request, stream| {
        thread::sleep(std::time::Duration::from_millis(30));
        super::server::send_range(request, stream, "\"t\"", &sent);
    });
    let room = Room::new(&bytes, &server.at("/trial.csv"));
    let fetched: Vec<Fetched> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    room.fetch()
                        .unwrap_or_else(|d| panic!("{}", d.render(false)))
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let put = fetched.iter().filter(|f| **f != Fetched::There).count();
    assert_eq!(put, 1, "{fetched:?}");
    assert_eq!(server.requests().len(), 1);
    room.fetch_well(&bytes);
}

#[test]
fn an_empty_file_is_a_file() {
    let room = Room::new(b"", "http://127.0.0.1:1/never");
    room.fetch_well(b"");
}

#[test]
fn a_file_at_the_root_needs_no_folder() {
    let bytes = data(3);
    let server = Server::of(bytes.clone());
    let room = Room::with_place(&bytes, &server.at("/trial.csv"), "trial.csv");
    room.fetch().unwrap();
    assert!(fs::read(room.path("trial.csv")).unwrap() == bytes);
    assert_eq!(files(room.root.path()), ["data-manifest.toml", "trial.csv"]);
}
