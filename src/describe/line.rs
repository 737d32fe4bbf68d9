//! Lines for a terminal: of pieces that fit, without what could steer it.

/// The widest line.
const WIDTH: usize = 100;

/// A text from the data or a codebook on one line, without what could steer a terminal, cut after so many characters.
pub fn cut(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(longest) {
        // Marks that turn the direction of writing are no control characters, and could show another text.
        if c.is_control()
            || ('\u{200e}'..='\u{200f}').contains(&c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
        {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    if text.chars().nth(longest).is_some() {
        out.push('…');
    }
    out
}

/// Pieces on a line, broken between pieces where it would be too wide.
pub fn broken(out: &mut String, first: &str, hang: &str, pieces: &[String], between: &str) {
    let mut line = first.to_owned();
    let mut empty = true;
    for (i, piece) in pieces.iter().enumerate() {
        let between = if i + 1 < pieces.len() { between } else { "" };
        let width =
            line.chars().count() + piece.chars().count() + between.trim_end().chars().count();
        if width > WIDTH && !empty {
            out.push_str(line.trim_end());
            out.push('\n');
            hang.clone_into(&mut line);
        }
        line.push_str(piece);
        line.push_str(between);
        empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}
