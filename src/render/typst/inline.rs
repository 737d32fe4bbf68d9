//! Pieces of lines as Typst markup.

use super::body::Body;
use super::math;
use crate::diagnostic::Diagnostic;
use crate::document::Inline;

impl Body<'_> {
    /// Writes pieces of a line within markup.
    pub(super) fn inlines(&mut self, content: &[Inline]) {
        // Bytes of the next text that were written already, before the mark they follow.
        let mut moved = 0;
        for (index, inline) in content.iter().enumerate() {
            let next = content.get(index + 1);
            match (inline, next) {
                (Inline::Cite { keys }, Some(Inline::Text { text })) => {
                    if let Some(stop) = self.stop_before_mark(text) {
                        self.writer.markup(stop);
                        moved = stop.len();
                    }
                    self.cite(keys);
                }
                (Inline::Text { text }, next) => {
                    let text = text.get(std::mem::take(&mut moved)..).unwrap_or_default();
                    let before_mark =
                        self.settings.raised_citations && matches!(next, Some(Inline::Cite { .. }));
                    // A raised number follows its word without a blank.
                    self.writer.markup(if before_mark {
                        text.trim_end_matches(' ')
                    } else {
                        text
                    });
                }
                _ => self.inline(inline),
            }
        }
    }

    /// Writes pieces of a line as a content block.
    pub(super) fn block_of(&mut self, content: &[Inline]) {
        self.writer.syntax("[");
        self.inlines(content);
        self.writer.syntax("]");
    }

    /// AMA sets a raised reference number after a full stop or comma, authors write `word [@key].`: the stop that
    /// follows a citation, if it must be moved before it.
    fn stop_before_mark<'t>(&self, text: &'t str) -> Option<&'t str> {
        let stop = text.get(..1)?;
        let moves = self.settings.raised_citations && matches!(stop, "." | ",");
        moves.then_some(stop)
    }

    fn inline(&mut self, inline: &Inline) {
        match inline {
            Inline::Text { text } => self.writer.markup(text),
            Inline::Emph { content } => self.call("#emph", content),
            Inline::Strong { content } => self.call("#strong", content),
            Inline::Strike { content } => self.call("#strike", content),
            Inline::Superscript { content } => self.call("#super", content),
            Inline::Subscript { content } => self.call("#sub", content),
            Inline::Value {
                content,
                stats,
                printing,
            } => self.value(content, stats, printing.as_ref().map(|p| p.text.as_str())),
            Inline::Code { text } => {
                self.writer.syntax("#raw(").string(text).syntax(")");
                self.writer.end_expression();
            }
            Inline::Link { url, content } => self.link(url, content),
            Inline::Math { tex } => math::write(&mut self.writer, tex, false),
            Inline::Cite { keys } => self.cite(keys),
            Inline::Reference { label } => self.reference(label),
            Inline::Footnote { content } => {
                self.writer.syntax("#footnote[");
                self.blocks(content);
                self.writer.syntax("]");
                self.writer.end_expression();
            }
            Inline::Break => {
                self.writer.syntax("#linebreak()");
                self.writer.end_expression();
            }
        }
    }

    fn call(&mut self, function: &'static str, content: &[Inline]) {
        self.writer.syntax(function);
        self.block_of(content);
        self.writer.end_expression();
    }

    fn cite(&mut self, keys: &[String]) {
        if self.document.bibliography.is_none() || keys.iter().any(String::is_empty) {
            self.writer.problem(Diagnostic::error(
                "unknown-citation",
                format!(
                    "`{}` is cited, but the report has no references",
                    keys.join(", ")
                ),
            ));
            return;
        }
        self.writer.syntax("#cited(");
        for key in keys {
            self.writer.string(key).syntax(", ");
        }
        self.writer.syntax(")");
        self.writer.end_expression();
    }

    fn reference(&mut self, label: &str) {
        if !self.labels.iter().any(|l| l == label) {
            let problem = Diagnostic::error(
                "unknown-label",
                format!("`@{label}` names no table or figure of the report"),
            );
            self.writer
                .problem(problem.suggest(label, self.labels.iter().map(String::as_str)));
            return;
        }
        self.writer.syntax("#ref(label(").string(label).syntax("))");
        self.writer.end_expression();
    }

    fn link(&mut self, url: &str, content: &[Inline]) {
        let Some(address) = address(url) else {
            self.writer.problem(
                Diagnostic::error("link-scheme", format!("a link can't lead to `{url}`"))
                    .help("links begin with https://, http://, mailto: or doi:"),
            );
            return;
        };
        self.writer.syntax("#link(").string(&address).syntax(")");
        let outer = std::mem::replace(&mut self.in_link, true);
        self.block_of(content);
        self.in_link = outer;
        self.writer.end_expression();
    }
}

/// The address of a link whose scheme may stand in a document that others open.
pub(super) fn address(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    let clean = !rest.trim_matches('/').is_empty()
        && !url.chars().any(|c| c.is_whitespace() || c.is_control());
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "mailto" if clean => Some(url.to_owned()),
        "doi" if clean => Some(format!("https://doi.org/{}", rest.trim_start_matches('/'))),
        _ => None,
    }
}
