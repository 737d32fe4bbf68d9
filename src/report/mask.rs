//! Hides inline values, citations, cross-references and comments from the Markdown parser.
//!
//! To Markdown the `|`, `_`, `*`, `"` and `[` of `{{ tbl-a.b["x_y"].mean | num(2) }}` are syntax of its own: it would
//! cut tables and emphasis there. So every such piece is overwritten with as many harmless bytes before parsing, and
//! put back, by its offset, afterwards. Whether a piece stands in code or a formula, where it is to stay as it is, is
//! known only after parsing: then it is uncovered and the text parsed again.

use std::collections::BTreeSet;
use std::ops::Range;

/// Longer than any value or citation that a person writes; bounds the search for its end.
const LONGEST: usize = 4000;

/// What a mask hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{{ … }}`
    Value,
    /// `[@key; @other]`
    Cite,
    /// `@tbl-label`
    Reference,
    /// `<!-- … -->`
    Comment,
    /// `^3^`; the parser's own can't follow a letter or digit, which is where one is wanted.
    Raised,
    /// `~2~`
    Lowered,
}

/// A piece of the text that Markdown does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// Its bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// Everything that looks like such a piece, in order, but for those that start at a `refused` offset.
pub fn candidates(text: &str, refused: &BTreeSet<usize>) -> Vec<Mask> {
    let bytes = text.as_bytes();
    let mut masks = Vec::new();
    let mut at = 0;
    // No comment ends behind this: spares searching the whole text for every `<!--`.
    let last_comment_end = text.rfind("-->").unwrap_or(0);
    while let Some(found) = bytes
        .get(at..)
        .and_then(|rest| rest.iter().position(|b| begins(*b)))
    {
        let start = at + found;
        if bytes[start] == b'\\' {
            // `\[@key]` is no citation, and its `@key` no reference.
            let bracket = bytes.get(start + 1..).is_some_and(|b| b.starts_with(b"[@"));
            at = start + 2 + usize::from(bracket);
            continue;
        }
        let mask = (!refused.contains(&start))
            .then(|| candidate(text, start, last_comment_end))
            .flatten();
        at = mask.as_ref().map_or(start + 1, |m| m.range.end);
        // The second brace of a refused `{{` must not begin a value of its own.
        if mask.is_none() && bytes[start] == b'{' && bytes.get(start + 1) == Some(&b'{') {
            at = start + 2;
        }
        masks.extend(mask);
    }
    masks
}

fn begins(byte: u8) -> bool {
    matches!(byte, b'\\' | b'{' | b'[' | b'@' | b'<' | b'^' | b'~')
}

fn candidate(text: &str, start: usize, last_comment_end: usize) -> Option<Mask> {
    let rest = &text[start..];
    let (kind, length) = if rest.starts_with("{{") {
        (Kind::Value, value_length(rest)?)
    } else if rest.starts_with("[@") {
        (Kind::Cite, cite_length(rest)?)
    } else if rest.starts_with('@') {
        (Kind::Reference, reference_length(text, start)?)
    } else if rest.starts_with('^') {
        (Kind::Raised, raised_length(text, start)?)
    } else if rest.starts_with('~') {
        (Kind::Lowered, raised_length(text, start)?)
    } else if rest.starts_with("<!--") && start <= last_comment_end {
        (Kind::Comment, 2 + rest[2..].find("-->")? + 3)
    } else {
        return None;
    };
    let range = start..start + length;
    Some(Mask { range, kind })
}

/// The length of a value, braces included; none if it isn't closed before a blank line, a fence or the next `{{`.
fn value_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let mut at = 2;
    while at < bytes.len().min(LONGEST) {
        match bytes[at] {
            b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            b'{' if bytes.get(at + 1) == Some(&b'{') => return None,
            b'\n' if breaks_off(&rest[at + 1..]) => return None,
            quote @ (b'"' | b'\'') => {
                let text = string_length(&bytes[at..], quote);
                // What holds the end of one value and the start of the next is no text but lacks its end.
                let text = text.filter(|n| !swallows(&rest[at..at + n]));
                at += text.unwrap_or(1);
            }
            _ => at += 1,
        }
    }
    None
}

fn swallows(text: &str) -> bool {
    text.find("}}")
        .is_some_and(|end| text[end..].contains("{{"))
}

/// The length of a text in quotes, quotes included, if it ends on its line.
pub fn string_length(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    while at < bytes.len().min(LONGEST) {
        match bytes[at] {
            b'\n' => return None,
            b'\\' => at += 2,
            b if b == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

fn cite_length(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    for at in 2..bytes.len().min(LONGEST) {
        match bytes[at] {
            // `[@name](url)` is a link.
            b']' if bytes.get(at + 1) == Some(&b'(') => return None,
            b']' => return Some(at + 1),
            b'[' => return None,
            b'\n' if breaks_off(&rest[at + 1..]) => return None,
            _ => {}
        }
    }
    None
}

/// Whether no inline goes on over this line.
fn breaks_off(line_on: &str) -> bool {
    let line = line_on.lines().next().unwrap_or_default();
    let line = line.trim_start_matches([' ', '\t', '>']);
    line.trim().is_empty() || line.starts_with("```") || line.starts_with("~~~")
}

/// The length of a super- or subscript: a few letters, digits and signs directly after a word.
fn raised_length(text: &str, start: usize) -> Option<usize> {
    const LONGEST: usize = 20;
    let before = text[..start].chars().next_back()?;
    if !(before.is_alphanumeric() || matches!(before, ')' | ']' | '’' | '}')) {
        return None;
    }
    let mark = *text.as_bytes().get(start)? as char;
    let inner = &text[start + 1..];
    let inside = |c: char| c.is_alphanumeric() || "+-−.*()=/".contains(c);
    let end = inner.find(|c: char| !inside(c))?;
    let closed = inner[end..].starts_with(mark) && !inner[end + 1..].starts_with(mark);
    ((1..=LONGEST).contains(&end) && closed).then_some(end + 2)
}

fn reference_length(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].chars().next_back();
    // `someone@example.org` is an address.
    if before.is_some_and(|c| c.is_alphanumeric() || ".-_+@/%".contains(c)) {
        return None;
    }
    let name = &text[start + 1..];
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let end = name
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
        .unwrap_or(name.len());
    // Two hyphens are a dash.
    let end = name[..end].find("--").unwrap_or(end);
    let end = name[..end].trim_end_matches(['-', '_']).len();
    Some(1 + end)
}

/// The text with every mask overwritten. Its length and its line breaks stay.
pub fn cover(text: &str, masks: &[Mask]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for mask in masks {
        for line in lines_of(text, &mask.range) {
            let alone = mask.kind == Kind::Comment && alone_on_line(text, &mask.range, &line);
            if let Some(hidden) = bytes.get_mut(line) {
                // A digit before a letter: never a list's number, an HTML tag or a delimiter of anything.
                hidden.fill(if alone { b' ' } else { b'x' });
                if let Some(first) = hidden.first_mut().filter(|_| !alone) {
                    *first = b'0';
                }
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The parts of a range on each of its lines, without line breaks and, from the second on, without the indentation
/// and `>` that belong to the block around it.
fn lines_of(text: &str, range: &Range<usize>) -> Vec<Range<usize>> {
    let mut at = range.start;
    let mut lines = Vec::new();
    for line in text[range.clone()].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let inner = if at == range.start {
            content
        } else {
            content.trim_start_matches([' ', '\t', '>'])
        };
        let start = at + content.len() - inner.len();
        lines.push(start..start + inner.len());
        at += line.len();
    }
    lines
}

/// Whether nothing but the comment stands on the line of which `part` is the comment's.
fn alone_on_line(text: &str, comment: &Range<usize>, part: &Range<usize>) -> bool {
    let before = text[..part.start].trim_end_matches([' ', '\t']);
    let after = text[part.end..].trim_start_matches([' ', '\t', '\r']);
    (part.start > comment.start || before.is_empty() || before.ends_with('\n'))
        && (part.end < comment.end || after.is_empty() || after.starts_with('\n'))
}

/// Whether a comment has its lines to itself.
pub fn on_own_lines(text: &str, comment: &Range<usize>) -> bool {
    lines_of(text, comment)
        .iter()
        .all(|part| alone_on_line(text, comment, part))
}
