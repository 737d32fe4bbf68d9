//! The manifest's text: comments, order and line ends stay as they are.

use insta::assert_snapshot;

use super::Office;

const MANIFEST: &str = r#"# First comment.

[project] # ours
name = "Test"   # spaces stay

# About a.
[[dataset]]
name = "a"
license = "MIT" # a licence

# Its version.
[[dataset.version]]
version = "1.0.0"
path = "data/a/1.0.0/a.csv"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
bytes = 1

# About b.
[[dataset]]
name = "b"
[[dataset.version]]
version = "1.0.0"
path = "data/b/1.0.0/b.csv"
sha256 = "1111111111111111111111111111111111111111111111111111111111111111"
bytes = 1
# Last comment.
"#;

#[test]
fn only_the_entry_is_new() {
    let office = Office::with(MANIFEST);
    office.added(&["c", "../export/trial.csv"]);
    office.write("export/trial.csv", b"id,age\n1,2\n2,3\n");
    office.added(&["a", "../export/trial.csv", "--version", "2.0.0"]);
    let text = office.read("project/data-manifest.toml");
    let mut rest = text.as_str();
    for line in MANIFEST.lines() {
        let at = rest
            .find(line)
            .unwrap_or_else(|| panic!("{line} is gone:\n{text}"));
        rest = &rest[at..];
    }
    assert_snapshot!(text);
}

#[test]
fn line_ends_stay() {
    let office = Office::with("[project]\r\nname = \"Test\"\r\n");
    office.added(&["../export/trial.csv"]);
    let text = office.read("project/data-manifest.toml");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(office.run(&["data", "check"]).0, 0);
}

#[test]
fn a_list_in_a_line_is_not_torn_apart() {
    let office = Office::with("dataset = []\n[project]\nname = \"Test\"\n");
    assert_snapshot!(office.refused(&["../export/trial.csv"]));
}
