//! Rules of the code that no compiler checks, read off the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in the order of ARCHITECTURE.md: each may use those above it only.
fn rooms() -> Vec<String> {
    let map = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let text = fs::read_to_string(map).unwrap();
    let table = text.split("## Rooms").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let mut rooms = Vec::new();
    for line in table.lines().filter(|l| l.starts_with("| `")) {
        let cell = line.split('|').nth(1).unwrap();
        // Every other piece between backticks is a name.
        rooms.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    rooms
}

/// A source file with its comments taken away.
struct File {
    /// The path below `src/`.
    path: String,
    /// The lines, with their numbers, without comments, and without modules for tests.
    lines: Vec<(usize, String)>,
    /// How many lines there are altogether.
    length: usize,
}

impl File {
    /// The room that the file belongs to; none for `lib.rs` and `main.rs`.
    fn room(&self) -> Option<&str> {
        let first = self.path.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (name != "lib" && name != "main").then_some(name)
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&root).into_iter();
    files
        // A module for tests that has a file of its own.
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            // Modules for tests stand last in a file.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with("//"))
                .map(|(i, line)| {
                    let code = line.split(" // ").next().unwrap_or_default();
                    (i + 1, code.to_owned())
                })
                .collect();
            let name = path.strip_prefix(&root).unwrap();
            File {
                path: name.to_string_lossy().replace('\\', "/"),
                lines,
                length: text.lines().count(),
            }
        })
        .collect()
}

/// The rooms that a line names after `crate::`.
fn named(line: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for rest in line.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split([',', '}']).collect(),
            None => vec![rest],
        };
        for name in names {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name: String = name.trim().chars().take_while(|c| word(*c)).collect();
            rooms.push(name);
        }
    }
    rooms
}

/// Lines in which any of these texts stands, as `path:line: text`, but for files whose paths begin with those.
fn holding(files: &[File], texts: &[&str], allowed: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        if allowed.iter().any(|a| file.path.starts_with(a)) {
            continue;
        }
        for (number, line) in &file.lines {
            if texts.iter().any(|t| line.contains(t)) {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    found
}

fn assert_none(found: &[String]) {
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn rooms_use_only_what_stands_above_them() {
    let rooms = rooms();
    let mut wrong = Vec::new();
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources() {
        let Some(room) = file.room() else { continue };
        for (number, line) in &file.lines {
            for other in named(line) {
                if other != room {
                    edges
                        .entry(room.to_owned())
                        .or_default()
                        .insert(other.clone());
                }
                let place = |name: &str| rooms.iter().position(|r| r == name);
                let (Some(own), Some(used)) = (place(room), place(&other)) else {
                    wrong.push(format!(
                        "{}:{number}: `{room}` or `{other}` is no room",
                        file.path
                    ));
                    continue;
                };
                if used > own {
                    wrong.push(format!("{}:{number}: {room} uses {other}", file.path));
                }
            }
        }
    }
    assert_none(&wrong);
    let folders: BTreeSet<String> = sources()
        .iter()
        .filter_map(|f| f.room().map(str::to_owned))
        .collect();
    assert_eq!(rooms.iter().cloned().collect::<BTreeSet<_>>(), folders);
    assert_eq!(edges.get("stats"), None, "statistics stand alone");
    assert_eq!(edges.get("diagnostic"), None);
    assert!(edges["cli"].contains("project"), "{edges:#?}");
}

#[test]
fn numbers_become_text_in_one_place() {
    let mut found = Vec::new();
    for file in sources() {
        let coordinates = ["figure", "render"];
        let allowed = coordinates.iter().any(|a| file.path.starts_with(a));
        if allowed || file.path == "style/number.rs" {
            continue;
        }
        for (number, line) in &file.lines {
            let rounded = line.split('{').skip(1).any(|rest| {
                let inside = rest.split('}').next().unwrap_or_default();
                inside.split_once(':').is_some_and(|(_, spec)| {
                    let spec = spec.trim_start_matches(|c: char| "<>^+#0".contains(c));
                    let digits = spec.trim_start_matches(|c: char| c.is_ascii_digit());
                    digits.starts_with('.') && !digits.starts_with("..")
                })
            });
            if rounded && line.contains('"') {
                found.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert_none(&found);
}

#[test]
fn nothing_gives_up_where_it_should_answer() {
    let files = sources();
    let giving_up = [
        ".unwrap()",
        ".unwrap_err()",
        "todo!(",
        "unimplemented!(",
        "panic!(",
        "dbg!(",
    ];
    assert_none(&holding(&files, &giving_up, &[]));
}

#[test]
fn polars_stays_in_the_room_of_datasets() {
    let files = sources();
    assert_none(&holding(
        &files,
        &["polars::", "polars_", "use polars"],
        &["dataset"],
    ));
}

#[test]
fn one_room_goes_to_the_network() {
    let files = sources();
    let network = ["ureq", "std::net", "TcpStream", "UdpSocket"];
    assert_none(&holding(&files, &network, &["fetch"]));
}

#[test]
fn only_the_command_line_prints_and_asks_the_machine() {
    let files = sources();
    let machine = [
        "println!(",
        "eprintln!(",
        "print!(",
        "io::stdout",
        "io::stderr",
        "env::var",
        "env::args",
        "current_dir",
        "SystemTime",
        "Instant::now",
        "process::exit",
        "available_parallelism",
        "thread_rng",
    ];
    assert_none(&holding(&files, &machine, &["cli", "main.rs"]));
}

#[test]
fn nothing_is_in_an_order_of_chance() {
    let files = sources();
    // Its map is a cache that is only asked, never gone through.
    assert_none(&holding(
        &files,
        &["HashMap", "HashSet"],
        &["figure/metrics.rs"],
    ));
}

#[test]
fn files_are_short_enough_to_be_read() {
    let long = |file: &File| file.length >= 600;
    let found: Vec<String> = sources()
        .iter()
        .filter(|f| long(f))
        .map(|f| format!("{}: {} lines", f.path, f.length))
        .collect();
    assert_none(&found);
}
