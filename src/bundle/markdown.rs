//! Texts of authors set into Markdown that must stay what it is.

/// Words in a line of Markdown: line breaks become spaces, and what would be markup is escaped.
pub(super) fn line(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for c in word.chars() {
            if "\\`*_[]<>|#&".contains(c) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
    }
    // What would begin a list or a heading's underline.
    if escaped.starts_with(['-', '+', '=', '~']) {
        escaped.insert(0, '\\');
    }
    escaped
}

/// Text between backticks, in a table as well: line breaks become spaces.
pub(super) fn code(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    let text = text.replace('|', "\\|");
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::{code, line};

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(line("a\n# b  <script> | c"), "a \\# b \\<script\\> \\| c");
        assert_eq!(line("- no list"), "\\- no list");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(code("a|b"), "`a\\|b`");
    }
}
