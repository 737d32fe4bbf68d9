//! Text to tokens.

use super::{FormulaError, FormulaErrorKind, Span};

/// A token's kind and, for names and numbers, its content.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    Number(f64),
    Tilde,
    Plus,
    Minus,
    Star,
    Slash,
    Caret,
    Colon,
    In,
    Open,
    Close,
    Comma,
    Bar,
    DoubleBar,
    End,
}

/// A token with its place.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Span,
}

/// All tokens of a text, closed by one `End`.
pub(super) fn tokenize(text: &str) -> Result<Vec<Token>, FormulaError> {
    let mut tokens = Vec::new();
    let mut position = 0;
    while let Some(rest) = text.get(position..) {
        let Some(first) = rest.chars().next() else {
            break;
        };
        if first.is_whitespace() {
            position += first.len_utf8();
            continue;
        }
        let (kind, length) = token(rest, first, position)?;
        let span = Span {
            start: position,
            end: position + length,
        };
        position += length;
        tokens.push(Token { kind, span });
    }
    let end = Span {
        start: text.len(),
        end: text.len(),
    };
    tokens.push(Token {
        kind: TokenKind::End,
        span: end,
    });
    Ok(tokens)
}

/// The token at the start of `rest`, which begins with `first` and lies at `position`, and its length in bytes.
fn token(rest: &str, first: char, position: usize) -> Result<(TokenKind, usize), FormulaError> {
    let after = rest.chars().nth(1);
    let simple = match first {
        '~' => Some(TokenKind::Tilde),
        '+' => Some(TokenKind::Plus),
        '-' => Some(TokenKind::Minus),
        '/' => Some(TokenKind::Slash),
        '^' => Some(TokenKind::Caret),
        ':' => Some(TokenKind::Colon),
        '(' => Some(TokenKind::Open),
        ')' => Some(TokenKind::Close),
        ',' => Some(TokenKind::Comma),
        // R reads `**` as `^`.
        '*' if after == Some('*') => return Ok((TokenKind::Caret, 2)),
        '*' => Some(TokenKind::Star),
        '|' if after == Some('|') => return Ok((TokenKind::DoubleBar, 2)),
        '|' => Some(TokenKind::Bar),
        _ => None,
    };
    if let Some(kind) = simple {
        return Ok((kind, 1));
    }
    if rest.starts_with("%in%") {
        return Ok((TokenKind::In, "%in%".len()));
    }
    match first {
        '`' => backtick(rest, position),
        '0'..='9' => number(rest, position),
        '.' if after.is_some_and(|c| c.is_ascii_digit()) => number(rest, position),
        _ if is_name_start(first) => {
            let length = rest.find(|c: char| !is_name_part(c)).unwrap_or(rest.len());
            let name = rest.get(..length).unwrap_or(rest).to_owned();
            Ok((TokenKind::Name(name), length))
        }
        _ => Err(bad_character(first, position)),
    }
}

/// Whether a name without backticks may begin with the character.
fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '.'
}

/// Whether a name without backticks may go on with the character.
fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '.' || c == '_'
}

/// Whether a name needs no backticks (R calls it syntactic).
pub(super) fn is_plain_name(name: &str) -> bool {
    let mut characters = name.chars();
    let first = characters.next();
    let second = characters.clone().next();
    first.is_some_and(is_name_start)
        && characters.all(is_name_part)
        && !(first == Some('.') && second.is_none_or(|c| c.is_ascii_digit()))
}

fn backtick(rest: &str, position: usize) -> Result<(TokenKind, usize), FormulaError> {
    let body = rest.get(1..).unwrap_or("");
    match body.find('`') {
        Some(length) if length > 0 => {
            let name = body.get(..length).unwrap_or(body).to_owned();
            Ok((TokenKind::Name(name), length + 2))
        }
        found => {
            let end = position + found.map_or(rest.len(), |_| 2);
            let span = Span {
                start: position,
                end,
            };
            Err(FormulaError::new(FormulaErrorKind::BadBacktick, span)
                .help("write the column's name between two backticks: `my column`"))
        }
    }
}

fn number(rest: &str, position: usize) -> Result<(TokenKind, usize), FormulaError> {
    let length = number_length(rest.as_bytes());
    let text = rest.get(..length).unwrap_or(rest);
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok((TokenKind::Number(value), length)),
        _ => {
            let span = Span {
                start: position,
                end: position + length,
            };
            let kind = FormulaErrorKind::BadNumber(text.to_owned());
            Err(FormulaError::new(kind, span))
        }
    }
}

/// The bytes of digits, a point and an exponent at the start; a name that follows directly is taken in, so that
/// `2x` is one bad number and not a number and a name.
fn number_length(bytes: &[u8]) -> usize {
    let mut length = 0;
    while let Some(&byte) = bytes.get(length) {
        let exponent_sign = matches!(byte, b'+' | b'-')
            && length > 0
            && matches!(bytes.get(length - 1), Some(b'e' | b'E'));
        if !(byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_' || exponent_sign) {
            break;
        }
        length += 1;
    }
    length
}

fn bad_character(c: char, position: usize) -> FormulaError {
    let span = Span {
        start: position,
        end: position + c.len_utf8(),
    };
    let error = FormulaError::new(FormulaErrorKind::UnexpectedCharacter(c), span);
    match c {
        '\u{2212}' | '\u{2013}' | '\u{2014}' => error.help("write the minus as `-`"),
        '\u{d7}' | '\u{b7}' => {
            error.help("write `*` for main effects and interaction, `:` for the interaction")
        }
        '=' => error.help("write `~` between outcome and terms"),
        '<' | '>' | '!' | '&' => error.help("derive a column with the condition and name it here"),
        '"' | '\'' | '$' | '[' | '@' | '_' => {
            error.help("a name that is not letters, digits, `.` and `_` goes between backticks")
        }
        _ => error,
    }
}
