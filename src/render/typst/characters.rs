//! Which characters can be printed: an archival PDF has a glyph and a meaning for each.

/// The characters that a set of fonts has glyphs for.
#[derive(Debug, Clone, Default)]
pub(super) struct Coverage(Vec<u32>);

impl Coverage {
    /// Reads the character maps of the fonts; bytes that are no font cover nothing.
    pub(super) fn of<'a>(fonts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut covered = Vec::new();
        for bytes in fonts {
            let Ok(face) = ttf_parser::Face::parse(bytes, 0) else {
                continue;
            };
            for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables) {
                if table.is_unicode() {
                    table.codepoints(|c| covered.push(c));
                }
            }
        }
        covered.sort_unstable();
        covered.dedup();
        Self(covered)
    }

    /// What keeps a character from being printed, if anything does.
    pub(super) fn objection(&self, c: char) -> Option<Objection> {
        if is_control(c) {
            return Some(Objection::Control);
        }
        if overrides_direction(c) {
            return Some(Objection::Direction);
        }
        if is_nameless(c) {
            return Some(Objection::Nameless);
        }
        let needs_no_glyph = c.is_whitespace() || is_ignorable(c);
        (!needs_no_glyph && self.0.binary_search(&u32::from(c)).is_err())
            .then_some(Objection::NoGlyph)
    }
}

/// Why a character can't be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Objection {
    /// A control character: it has no shape.
    Control,
    /// It changes the order in which its neighbours are shown, so that a reader sees other words than are there.
    Direction,
    /// Private use, noncharacter or byte order mark: it has no agreed meaning.
    Nameless,
    /// None of the fonts has a glyph.
    NoGlyph,
}

impl Objection {
    /// The reason, to follow "the character U+… ".
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Control => "is a control character and can't be printed",
            Self::Direction => "changes the direction of the text around it and is not printed",
            Self::Nameless => "has no agreed meaning, so an archival PDF may not contain it",
            Self::NoGlyph => "is in none of the style's fonts",
        }
    }

    /// What to do about it.
    pub(super) fn help(self) -> &'static str {
        match self {
            Self::NoGlyph => {
                "write it with other characters, or choose a style whose fonts have it"
            }
            _ => "delete it where the text comes from: the report, a codebook's labels or the data",
        }
    }
}

/// Line ends and tabs are blanks; all other controls are refused.
fn is_control(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\n' | '\r')
}

/// Embeddings, overrides and isolates of the bidirectional algorithm (Unicode Standard Annex 9).
fn overrides_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_nameless(c: char) -> bool {
    let code = u32::from(c);
    matches!(c, '\u{feff}' | '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{f0000}'..)
        || code & 0xfffe == 0xfffe
}

/// Characters that shapers skip where a font lacks them (part of `Default_Ignorable_Code_Point`).
fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
    )
}
