//! Which names files of a bundle may have, so that it unpacks on any system to the same files.

use std::collections::BTreeMap;

/// The most bytes of a path.
const PATH: usize = 512;
/// The most bytes of a part of a path.
const PART: usize = 255;
/// The most parts of a path.
const DEPTH: usize = 24;

/// Why paths can't stand together in a bundle: each with its reason.
pub fn mistakes<'a>(paths: impl IntoIterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut folded: BTreeMap<String, &str> = BTreeMap::new();
    let mut folders: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for path in paths {
        if let Some(why) = mistake(path) {
            found.push((path.to_owned(), why));
        }
        let lower = path.to_lowercase();
        for (end, _) in path.match_indices('/') {
            let folder = path.get(..end).unwrap_or_default();
            if let Some(other) = folders.insert(folder.to_lowercase(), folder)
                && other != folder
            {
                let why = format!("its folder differs from `{other}` in case alone");
                found.push((path.to_owned(), why));
            }
        }
        if let Some(other) = folded.insert(lower, path) {
            found.push((
                path.to_owned(),
                format!("it differs from `{other}` in case alone"),
            ));
        }
    }
    let both = folded
        .iter()
        .filter(|(lower, _)| folders.contains_key(*lower));
    found.extend(both.map(|(_, path)| ((*path).to_owned(), "it is a folder as well".to_owned())));
    found
}

/// What is wrong with a path below the bag's folder; none if it can be unpacked anywhere.
pub fn mistake(path: &str) -> Option<String> {
    if path.is_empty() {
        return Some("it is empty".to_owned());
    }
    if path.len() > PATH {
        return Some(format!("it has more than {PATH} bytes"));
    }
    if path.starts_with('/') {
        return Some("it is absolute".to_owned());
    }
    if path.contains(['\\', ':', '*', '?', '"', '<', '>', '|']) {
        return Some("it has a character that not all systems allow".to_owned());
    }
    if let Some(c) = path.chars().find(|c| is_invisible(*c)) {
        return Some(format!(
            "it has the invisible character {}",
            c.escape_unicode()
        ));
    }
    if let Some(c) = path.chars().find(|c| is_decomposed(*c)) {
        return Some(format!(
            "it has {}, which Unicode's normal form C writes another way",
            c.escape_unicode()
        ));
    }
    if path.split('/').count() > DEPTH {
        return Some(format!(
            "it has more than {DEPTH} folders within each other"
        ));
    }
    path.split('/').find_map(bad_part).map(str::to_owned)
}

fn bad_part(part: &str) -> Option<&'static str> {
    match part {
        "" => Some("it has an empty part"),
        "." | ".." => Some("it has a part `.` or `..`"),
        _ if part.len() > PART => Some("a part of it is too long"),
        _ if part.ends_with([' ', '.']) || part.starts_with(' ') => {
            Some("a part of it begins or ends with a space, or ends with a full stop")
        }
        _ => None,
    }
}

/// Characters that a reader does not see, or that turn the order of those that follow.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Marks that join the character before, and characters that stand for others: what would let two names look alike and
/// be one on some systems. Composed letters are how names are written, so nothing that is usual is refused.
pub fn is_decomposed(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{374}' | '\u{37e}' | '\u{387}' | '\u{653}'..='\u{655}' | '\u{93c}'
        | '\u{958}'..='\u{95f}' | '\u{1100}'..='\u{11ff}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{1f71}' | '\u{1f73}' | '\u{1f75}' | '\u{1f77}' | '\u{1f79}' | '\u{1f7b}'
        | '\u{1f7d}' | '\u{1fbb}' | '\u{1fbe}' | '\u{1fc9}' | '\u{1fcb}' | '\u{1fd3}' | '\u{1fdb}' | '\u{1fe3}'
        | '\u{1feb}' | '\u{1fee}' | '\u{1fef}' | '\u{1ff9}' | '\u{1ffb}' | '\u{1ffd}' | '\u{2000}' | '\u{2001}'
        | '\u{20d0}'..='\u{20ff}' | '\u{2126}' | '\u{212a}' | '\u{212b}' | '\u{2329}' | '\u{232a}' | '\u{2adc}'
        | '\u{3099}' | '\u{309a}' | '\u{f900}'..='\u{faff}' | '\u{fb1d}'..='\u{fb4e}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::mistakes;

    #[test]
    fn names_that_could_not_be_unpacked_are_found() {
        let paths = [
            "a/b",
            "a/B",
            "A2/x",
            "a2/y",
            "c",
            "c/d",
            "e:f",
            "g./h",
            "\u{202e}x",
            "e\u{301}",
            "ok/é ü 100%",
        ];
        let found: Vec<String> = mistakes(paths).into_iter().map(|f| f.0).collect();
        assert_eq!(
            found,
            ["a/B", "a2/y", "e:f", "g./h", "\u{202e}x", "e\u{301}", "c"]
        );
    }
}
