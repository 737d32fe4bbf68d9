//! The bag: `BagIt` 1.0 (RFC 8493), what its tag files hold and how they are written and read.
//!
//! Paths here are relative to the bag's top folder, with `/` between folders; payload paths begin with `data/`. Tag
//! files are UTF-8 with line feeds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::program;

/// The bag's declaration.
pub const DECLARATION: &str = "bagit.txt";
/// What is known about the bag: labels with values.
pub const INFO: &str = "bag-info.txt";
/// The digests of the payload.
pub const MANIFEST: &str = "manifest-sha256.txt";
/// The digests of all other tag files.
pub const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";
/// The files that are not in the bag and have to be fetched.
pub const FETCH: &str = "fetch.txt";
/// The folder of the payload.
pub const PAYLOAD: &str = "data";
/// What [`DECLARATION`] holds.
pub const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// A payload file that is fetched from elsewhere to make the bag complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetch {
    /// Where it is.
    pub url: String,
    /// Its length in bytes, if known.
    pub bytes: Option<u64>,
    /// Its path in the bag.
    pub path: String,
    /// Its SHA-256 in hexadecimal, which stands in the payload's manifest; empty where it was read from `fetch.txt`.
    pub sha256: String,
}

/// All files of a bag by path: the payload (paths below `data/`), and the tag files about it. `info` has labels with
/// values in order; the payload's size is added to it.
pub fn files(
    payload: BTreeMap<String, Vec<u8>>,
    fetch: &[Fetch],
    info: &[(&str, String)],
) -> BTreeMap<String, Vec<u8>> {
    let mut digests: BTreeMap<String, String> = fetch
        .iter()
        .map(|f| (f.path.clone(), f.sha256.clone()))
        .collect();
    let mut octets: u64 = fetch.iter().filter_map(|f| f.bytes).sum();
    let mut files = BTreeMap::new();
    for (path, bytes) in payload {
        let path = format!("{PAYLOAD}/{path}");
        digests.insert(path.clone(), program::sha256(&bytes));
        octets += bytes.len() as u64;
        files.insert(path, bytes);
    }
    let manifest = manifest_text(&digests);
    let mut info: Vec<(&str, String)> = info.to_vec();
    info.push(("Payload-Oxum", format!("{octets}.{}", digests.len())));
    let mut tags = BTreeMap::from([
        (DECLARATION.to_owned(), DECLARED.to_owned()),
        (INFO.to_owned(), info_text(&info)),
        (MANIFEST.to_owned(), manifest),
    ]);
    if !fetch.is_empty() {
        tags.insert(FETCH.to_owned(), fetch_text(fetch));
    }
    let tag_digests = tags
        .iter()
        .map(|(path, text)| (path.clone(), program::sha256(text.as_bytes())))
        .collect();
    tags.insert(TAG_MANIFEST.to_owned(), manifest_text(&tag_digests));
    files.extend(
        tags.into_iter()
            .map(|(path, text)| (path, text.into_bytes())),
    );
    files
}

/// A manifest: a digest and a path a line, in order of path.
pub fn manifest_text(digests: &BTreeMap<String, String>) -> String {
    digests
        .iter()
        .fold(String::new(), |mut text, (path, digest)| {
            // Writing to a text can't fail.
            let _ = writeln!(text, "{digest}  {}", encode_path(path));
            text
        })
}

/// A line of a tag file that is not what it should be: its number from 1, and why.
pub type BadLine = (usize, &'static str);

/// The digests (in lower case) and paths of a manifest, in order. Only the form is checked: that paths stay inside the
/// bag, and that none is there twice, is for the caller to check.
pub fn parse_manifest(text: &str) -> Result<Vec<(String, String)>, BadLine> {
    lines(text)
        .map(|(number, line)| {
            let (digest, path) = line
                .split_once([' ', '\t'])
                .ok_or((number, "it has no space between a digest and a path"))?;
            if digest.len() != 64 || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
                return Err((number, "it does not begin with a SHA-256 in hexadecimal"));
            }
            let path = decode_path(path.trim_start_matches([' ', '\t']))
                .ok_or((number, "its path has a percent sign that encodes nothing"))?;
            Ok((digest.to_ascii_lowercase(), path))
        })
        .collect()
}

fn fetch_text(fetch: &[Fetch]) -> String {
    fetch.iter().fold(String::new(), |mut text, f| {
        let bytes = f.bytes.map_or_else(|| "-".to_owned(), |b| b.to_string());
        // White space would end the address.
        let url: String = f
            .url
            .chars()
            .map(|c| match c {
                c if c.is_whitespace() => "%20".to_owned(),
                c => c.to_string(),
            })
            .collect();
        let _ = writeln!(text, "{url} {bytes} {}", encode_path(&f.path));
        text
    })
}

/// The entries of `fetch.txt`.
pub fn parse_fetch(text: &str) -> Result<Vec<Fetch>, BadLine> {
    let space = [' ', '\t'];
    lines(text)
        .map(|(number, line)| {
            let (url, rest) = line
                .split_once(space)
                .ok_or((number, "it has an address alone"))?;
            let (bytes, path) = rest
                .trim_start_matches(space)
                .split_once(space)
                .ok_or((number, "it has no path"))?;
            let bytes = match bytes {
                "-" => None,
                digits => Some(
                    digits
                        .parse()
                        .map_err(|_| (number, "its length is no number"))?,
                ),
            };
            let path = decode_path(path.trim_start_matches(space))
                .ok_or((number, "its path has a percent sign that encodes nothing"))?;
            Ok(Fetch {
                url: url.to_owned(),
                bytes,
                path,
                sha256: String::new(),
            })
        })
        .collect()
}

fn info_text(info: &[(&str, String)]) -> String {
    info.iter().fold(String::new(), |mut text, (label, value)| {
        let words: Vec<&str> = value.split_whitespace().collect();
        let _ = writeln!(text, "{label}: {}", words.join(" "));
        text
    })
}

/// Labels and values of `bag-info.txt`, in order; lines that begin with white space go on with the value before.
pub fn parse_info(text: &str) -> Result<Vec<(String, String)>, BadLine> {
    let mut info: Vec<(String, String)> = Vec::new();
    for (number, line) in lines(text) {
        if line.starts_with([' ', '\t']) {
            let (_, value) = info.last_mut().ok_or((number, "it goes on with nothing"))?;
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (label, value) = line.split_once(':').ok_or((number, "it has no colon"))?;
        info.push((label.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(info)
}

/// The lines that are not empty, with their numbers; they may end with LF, CR or both.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split('\n')
        .enumerate()
        .flat_map(|(i, line)| line.split('\r').map(move |part| (i + 1, part)))
        .filter(|(_, line)| !line.is_empty())
}

/// A path as tag files write it: line feed, carriage return and percent sign, and only those, percent-encoded.
pub fn encode_path(path: &str) -> String {
    path.replace('%', "%25")
        .replace('\n', "%0A")
        .replace('\r', "%0D")
}

/// The path that a tag file writes; none where a percent sign does not encode one of the three.
pub fn decode_path(written: &str) -> Option<String> {
    let mut parts = written.split('%');
    let mut path = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        path.push(match code {
            "25" => '%',
            "0A" | "0a" => '\n',
            "0D" | "0d" => '\r',
            _ => return None,
        });
        path.push_str(rest);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::{decode_path, encode_path, parse_fetch, parse_info, parse_manifest};

    #[test]
    fn paths_come_back_as_they_were() {
        for path in ["data/a b", "data/100%", "data/a\r\nb", "data/%0A", "data/é"] {
            let written = encode_path(path);
            assert!(!written.contains(['\r', '\n']), "{written}");
            assert_eq!(decode_path(&written).as_deref(), Some(path));
        }
        for wrong in ["a%", "a%2", "a%zz", "%é", "a%41"] {
            assert_eq!(decode_path(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tag_files_are_read_with_any_line_ends() {
        let digest = "0".repeat(64);
        let text = format!("{digest}  data/a b\r\n{digest} data/c\r{digest}\tdata/d");
        let paths: Vec<String> = parse_manifest(&text)
            .unwrap()
            .into_iter()
            .map(|e| e.1)
            .collect();
        assert_eq!(paths, ["data/a b", "data/c", "data/d"]);
        assert_eq!(parse_manifest("12 data/a").unwrap_err().0, 1);
        let info = parse_info("A: b\n  c\nD:e: f\n").unwrap();
        assert_eq!(info[0].1, "b c");
        assert_eq!(info[1], ("D".to_owned(), "e: f".to_owned()));
        let fetch = parse_fetch("https://a.b/c 12 data/x y\nhttps://d.e - data/z\n").unwrap();
        assert_eq!(
            (fetch[0].bytes, fetch[0].path.as_str()),
            (Some(12), "data/x y")
        );
        assert_eq!(fetch[1].bytes, None);
        assert!(parse_fetch("https://a.b/c many data/x").is_err());
    }
}
