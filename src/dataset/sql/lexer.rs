//! The words of an SQL text with their places: enough to point at a name and to see what stands where.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, function or name without quotes.
    Word(String),
    /// A name in double quotes (or backticks), without them.
    Quoted(String),
    /// A text in single quotes, without them.
    Text(String),
    /// A number.
    Number,
    /// Anything else, one character.
    Symbol(char),
}

/// A token with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes in the SQL text.
    pub range: Range<usize>,
}

impl Token {
    /// The name, if it can be one.
    pub fn name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(name) | Kind::Quoted(name) => Some(name),
            _ => None,
        }
    }

    /// Whether it is this word, in upper or lower case.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(w) if w.eq_ignore_ascii_case(word))
    }

    /// Whether it is this character.
    pub fn is(&self, symbol: char) -> bool {
        self.kind == Kind::Symbol(symbol)
    }
}

/// The tokens of a text; comments and white space are left out. A quote that is never closed ends with the text.
pub(super) fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = sql.get(at..).filter(|r| !r.is_empty()) {
        let (kind, length) = next(rest);
        if let Some(kind) = kind {
            tokens.push(Token {
                kind,
                range: at..at + length,
            });
        }
        at += length;
    }
    tokens
}

/// The first token of `rest`, which is not empty, and its length; no token for white space and comments.
fn next(rest: &str) -> (Option<Kind>, usize) {
    let Some(first) = rest.chars().next() else {
        return (None, 1);
    };
    if first.is_whitespace() {
        return (None, first.len_utf8());
    }
    if rest.starts_with("--") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |i| i + 2));
    }
    match first {
        '\'' => {
            let (text, length) = quoted(rest, first);
            (Some(Kind::Text(text)), length)
        }
        '"' | '`' => {
            let (name, length) = quoted(rest, first);
            (Some(Kind::Quoted(name)), length)
        }
        c if c.is_alphabetic() || c == '_' => {
            let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or(rest);
            (Some(Kind::Word(word.to_owned())), length)
        }
        c if c.is_ascii_digit() => {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
            (
                Some(Kind::Number),
                rest.find(|c| !inside(c)).unwrap_or(rest.len()),
            )
        }
        c => (Some(Kind::Symbol(c)), c.len_utf8()),
    }
}

/// The content of a quoted text, in which a doubled quote is a quote, and the length with its quotes.
fn quoted(rest: &str, quote: char) -> (String, usize) {
    let mut content = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == quote) {
            content.push(c);
            chars.next();
        } else {
            return (content, i + c.len_utf8());
        }
    }
    (content, rest.len())
}
