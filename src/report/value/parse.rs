//! The grammar of inline values:
//!
//! ```text
//! value  = path { "|" filter } | "quoted" "(" number-or-text "," text "," text ")"
//! path   = name { "." name | "[" text "]" }
//! filter = name [ "(" [ arg { "," arg } ] ")" ]
//! arg    = [ name "=" ] ( number | text | "true" | "false" )
//! name   = letter or digit { letter or digit or "_" or "-" }
//! text   = a line in "…" or '…', with \" \' and \\ inside
//! ```

use std::ops::Range;

use super::{Argument, Filter, Quoted, Value};
use crate::diagnostic::{Diagnostic, Span};
use crate::reader::At;
use crate::report::ast::Inline;
use crate::report::mask::string_length;
use crate::report::text::Text;

/// More parts or filters than any statistic has; what is longer is a mistake.
const MOST: usize = 50;

/// Reads `{{ … }}`, which stands at `range` of the text, braces included.
pub fn parse(text: &Text<'_>, range: &Range<usize>) -> Result<Inline, Diagnostic> {
    let mut cursor = Cursor {
        text,
        whole: range.clone(),
        at: range.start + 2,
        end: range.end.saturating_sub(2),
    };
    cursor.skip_space();
    if cursor.at == cursor.end {
        let help = "name a statistic, such as `{{ tbl-baseline.age.mean }}`";
        return Err(cursor.error(
            cursor.whole.clone(),
            "there is nothing between the braces",
            help,
        ));
    }
    if cursor.peek().is_some_and(|c| c.is_ascii_digit()) {
        let message = "a value starts with the label of a directive, not with a number";
        let help = "a number from elsewhere is written with its source: `{{ quoted(10.7, \"kiser2024\", \"Table 3\") }}`";
        return Err(cursor.error(cursor.at..cursor.end, message, help));
    }
    let first = cursor.name("the label of a directive")?;
    cursor.skip_space();
    let inline = if first.value == "quoted" && cursor.peek() == Some('(') {
        Inline::Quoted(cursor.quoted()?)
    } else {
        Inline::Value(cursor.value(first)?)
    };
    cursor.finish()?;
    Ok(inline)
}

struct Cursor<'t, 's> {
    text: &'t Text<'s>,
    whole: Range<usize>,
    at: usize,
    end: usize,
}

impl Cursor<'_, '_> {
    fn rest(&self) -> &str {
        self.text.content.get(self.at..self.end).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Whether the next character is `c`, which is then taken.
    fn take(&mut self, c: char) -> bool {
        let there = self.peek() == Some(c);
        if there {
            self.at += c.len_utf8();
        }
        there
    }

    /// Skips blanks, and after a line break the `>` of a quotation around the value.
    fn skip_space(&mut self) {
        let mut fresh_line = false;
        while let Some(c) = self.peek() {
            match c {
                '\n' => fresh_line = true,
                '>' if fresh_line => {}
                c if c.is_whitespace() => {}
                _ => break,
            }
            self.at += c.len_utf8();
        }
    }

    fn span(&self, range: Range<usize>) -> Span {
        self.text.span(range)
    }

    fn error(&self, range: Range<usize>, message: &str, help: &str) -> Diagnostic {
        let diagnostic = Diagnostic::error("value-syntax", message.to_owned()).at(self.span(range));
        if help.is_empty() {
            return diagnostic;
        }
        diagnostic.help(help)
    }

    /// What stands where something else is wanted.
    fn unexpected(&self, wanted: &str) -> Diagnostic {
        let Some(c) = self.peek() else {
            let message = format!("this value ends where {wanted} should follow");
            return self.error(self.whole.clone(), &message, "");
        };
        let message = format!("`{c}` can't stand here, where {wanted} should");
        let help = match c {
            '“' | '”' | '„' | '‘' | '’' => {
                "quotation marks inside `{{ }}` are the straight ones: `\"`"
            }
            '/' | ':' | '=' | ' ' => {
                "a name with other characters stands in brackets: `.bdi[\"arm=BtheB\"]`"
            }
            c if c.is_alphanumeric() && wanted.contains("in quotes") => {
                "write it in quotes, such as `\"kiser2024\"`"
            }
            '{' => "two braces open a value: `{{ … }}`",
            '\\' | '*' | '#' | '`' => "a value is `label.part[\"any text\"].stat | filter(2)`",
            _ => "",
        };
        self.error(self.at..self.at + c.len_utf8(), &message, help)
    }

    fn name(&mut self, wanted: &str) -> Result<At<String>, Diagnostic> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        if length == 0 || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
            return Err(self.unexpected(wanted));
        }
        let value = rest[..length].to_owned();
        let start = self.at;
        self.at += length;
        Ok(At {
            value,
            span: self.span(start..self.at),
        })
    }

    fn value(&mut self, label: At<String>) -> Result<Value, Diagnostic> {
        let mut path = vec![label];
        loop {
            self.skip_space();
            if self.take('.') {
                self.skip_space();
                path.push(self.name("a name")?);
            } else if self.take('[') {
                path.push(self.bracket()?);
            } else {
                break;
            }
            self.at_most(path.len(), "parts")?;
        }
        let mut filters = Vec::new();
        while self.take('|') {
            filters.push(self.filter()?);
            self.at_most(filters.len(), "filters")?;
            self.skip_space();
        }
        let span = self.span(self.whole.clone());
        Ok(Value {
            span,
            path,
            filters,
        })
    }

    fn at_most(&self, count: usize, what: &str) -> Result<(), Diagnostic> {
        if count <= MOST {
            return Ok(());
        }
        let message = format!("this value has more than {MOST} {what}");
        Err(self.error(self.whole.clone(), &message, ""))
    }

    /// `["any text"]`, the bracket already taken.
    fn bracket(&mut self) -> Result<At<String>, Diagnostic> {
        self.skip_space();
        let part = self.string("a text in quotes")?;
        self.skip_space();
        if self.take(']') {
            return Ok(part);
        }
        Err(self.unexpected("`]`"))
    }

    fn string(&mut self, wanted: &str) -> Result<At<String>, Diagnostic> {
        let quote = match self.peek() {
            Some('"') => b'"',
            Some('\'') => b'\'',
            _ => return Err(self.unexpected(wanted)),
        };
        let Some(length) = string_length(self.rest().as_bytes(), quote) else {
            let message = "this text has no closing quotation mark";
            return Err(self.error(self.at..self.end, message, ""));
        };
        let inner = self.at + 1..self.at + length - 1;
        let value = self.unescape(inner)?;
        let start = self.at;
        self.at += length;
        Ok(At {
            value,
            span: self.span(start..self.at),
        })
    }

    fn unescape(&self, inner: Range<usize>) -> Result<String, Diagnostic> {
        let raw = self.text.content.get(inner.clone()).unwrap_or_default();
        let mut value = String::with_capacity(raw.len());
        let mut chars = raw.char_indices();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                value.push(c);
                continue;
            }
            match chars.next() {
                Some((_, c @ ('"' | '\'' | '\\'))) => value.push(c),
                other => {
                    let width = 1 + other.map_or(0, |(_, c)| c.len_utf8());
                    let start = inner.start + at;
                    let message = "a backslash goes before a quotation mark or another backslash";
                    let help = "write `\\\\` for a backslash";
                    return Err(self.error(start..start + width, message, help));
                }
            }
        }
        Ok(value)
    }

    fn filter(&mut self) -> Result<Filter, Diagnostic> {
        self.skip_space();
        let name = self.name("the name of a filter, such as `num`")?;
        let (mut args, mut named) = (Vec::new(), Vec::new());
        self.skip_space();
        if self.take('(') {
            self.skip_space();
            let mut more = !self.take(')');
            while more {
                self.argument(&mut args, &mut named)?;
                self.at_most(args.len() + named.len(), "arguments")?;
                self.skip_space();
                more = self.take(',');
                if !more && !self.take(')') {
                    return Err(self.unexpected("`,` or `)`"));
                }
            }
        }
        Ok(Filter { name, args, named })
    }

    fn argument(
        &mut self,
        args: &mut Vec<At<Argument>>,
        named: &mut Vec<(At<String>, At<Argument>)>,
    ) -> Result<(), Diagnostic> {
        self.skip_space();
        if !self.peek().is_some_and(char::is_alphabetic) {
            args.push(self.literal()?);
            return Ok(());
        }
        let word = self.name("an argument")?;
        if matches!(word.value.as_str(), "true" | "false") {
            args.push(At {
                value: Argument::Boolean(word.value == "true"),
                span: word.span,
            });
            return Ok(());
        }
        self.skip_space();
        if !self.take('=') {
            let message = format!(
                "`{}` is neither a number, a text in quotes, true nor false",
                word.value
            );
            return Err(Diagnostic::error("value-syntax", message).at(word.span));
        }
        if let Some((earlier, _)) = named.iter().find(|(n, _)| n.value == word.value) {
            let message = format!("the argument `{}` is given twice", word.value);
            return Err(Diagnostic::error("value-syntax", message)
                .at(word.span)
                .related(earlier.span.clone(), "first here"));
        }
        self.skip_space();
        let value = self.literal()?;
        named.push((word, value));
        Ok(())
    }

    fn literal(&mut self) -> Result<At<Argument>, Diagnostic> {
        match self.peek() {
            Some('"' | '\'') => {
                let text = self.string("a text")?;
                Ok(At {
                    value: Argument::Text(text.value),
                    span: text.span,
                })
            }
            Some(c) if c.is_alphabetic() => {
                let word = self.name("true or false")?;
                let value = match word.value.as_str() {
                    "true" => Argument::Boolean(true),
                    "false" => Argument::Boolean(false),
                    other => {
                        let message = format!(
                            "`{other}` is neither a number, a text in quotes, true nor false"
                        );
                        return Err(Diagnostic::error("value-syntax", message).at(word.span));
                    }
                };
                Ok(At {
                    value,
                    span: word.span,
                })
            }
            _ => {
                let (digits, value) = self.number("a number, a text in quotes, true or false")?;
                Ok(At {
                    value: Argument::Number(value),
                    span: digits.span,
                })
            }
        }
    }

    /// A finite number, and its digits as typed.
    fn number(&mut self, wanted: &str) -> Result<(At<String>, f64), Diagnostic> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '−')))
            .unwrap_or(rest.len());
        let typed = &rest[..length];
        let value = typed.replace('−', "-").parse::<f64>().ok();
        // `inf`, `nan` and `infinity` parse as well.
        let digits = typed.contains(|c: char| c.is_ascii_digit());
        let Some(value) = value.filter(|v| v.is_finite() && digits) else {
            if !digits {
                return Err(self.unexpected(wanted));
            }
            let message = format!("`{typed}` is not a number");
            return Err(self.error(self.at..self.at + length, &message, ""));
        };
        let typed = typed.to_owned();
        let start = self.at;
        self.at += length;
        let span = self.span(start..self.at);
        Ok((At { value: typed, span }, value))
    }

    /// `(10.7, "key", "place")`.
    fn quoted(&mut self) -> Result<Quoted, Diagnostic> {
        self.take('(');
        self.skip_space();
        let text = match self.peek() {
            Some('"' | '\'') => self.string("a number")?,
            _ => self.number("a number, or a text in quotes")?.0,
        };
        self.comma("the key of its source in the bibliography")?;
        let key = self.string("the key of its source in quotes")?;
        self.comma("where in the source it stands")?;
        let place = self.string("where in the source it stands in quotes")?;
        self.skip_space();
        if !self.take(')') {
            return Err(self.unexpected("`)`"));
        }
        for (part, what) in [(&text, "number"), (&key, "key"), (&place, "place")] {
            if part.value.trim().is_empty() {
                let message = format!("the {what} of a quoted number can't be empty");
                return Err(Diagnostic::error("value-syntax", message).at(part.span.clone()));
            }
        }
        self.skip_space();
        if self.peek() == Some('|') {
            let message = "a quoted number is printed as it was typed";
            return Err(self.error(self.at..self.end, message, "leave the filter out"));
        }
        let span = self.span(self.whole.clone());
        Ok(Quoted {
            span,
            text,
            key,
            place,
        })
    }

    fn comma(&mut self, then: &str) -> Result<(), Diagnostic> {
        self.skip_space();
        if !self.take(',') {
            let wanted = format!("`,` and {then}");
            return Err(self
                .unexpected(&wanted)
                .help("write `{{ quoted(10.7, \"kiser2024\", \"Table 3\") }}`"));
        }
        self.skip_space();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Diagnostic> {
        self.skip_space();
        if self.at == self.end {
            return Ok(());
        }
        Err(self.unexpected("`.`, `[`, `|` or `}}`"))
    }
}
