//! REDCap's texts: labels with HTML, and lists of choices.

use crate::dataset::frame::Level;

/// A text without HTML: tags go (a line break becomes a space), entities become their signs, white space is one space.
pub(super) fn plain(text: &str) -> String {
    let mut bare = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        bare.push_str(before);
        // `age < 5` is no tag.
        let is_tag = tag
            .chars()
            .nth(1)
            .is_some_and(|c| c.is_ascii_alphabetic() || "/!".contains(c));
        match tag.find('>').filter(|_| is_tag) {
            Some(end) => {
                bare.push(' ');
                rest = tag.get(end + 1..).unwrap_or("");
            }
            None => {
                bare.push('<');
                rest = tag.get(1..).unwrap_or("");
            }
        }
    }
    bare.push_str(rest);
    for (entity, sign) in ENTITIES {
        bare = bare.replace(entity, sign);
    }
    let words: Vec<&str> = bare.split_whitespace().collect();
    // A tag before a sign leaves no space.
    words
        .join(" ")
        .replace(" :", ":")
        .replace(" ,", ",")
        .replace(" .", ".")
        .replace(" ?", "?")
}

/// The ampersand comes last, so that `&amp;lt;` is not read twice.
const ENTITIES: [(&str, &str); 8] = [
    ("&nbsp;", " "),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&#039;", "'"),
    ("&apos;", "'"),
    ("&amp;", "&"),
];

/// Choices, `1, Yes | 0, No`: each a code, a comma and a label. A code that is there twice counts once.
pub(super) fn choices(text: &str) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for choice in text.split(['|', '\n']) {
        let (code, label) = choice.split_once(',').unwrap_or((choice, choice));
        let (value, label) = (code.trim().to_owned(), plain(label));
        if !value.is_empty() && levels.iter().all(|l| l.value != value) {
            let label = if label.is_empty() {
                value.clone()
            } else {
                label
            };
            levels.push(Level { value, label });
        }
    }
    levels
}
