//! Text in the encoding that a file declares; bytes that are no text in it are refused, never replaced.

use encoding_rs::Encoding;

use super::bytes::trimmed;

/// How a file's texts are encoded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Charset {
    /// In an encoding that is known here.
    Known(&'static Encoding),
    /// In one that is not, whose ASCII can be read all the same; its name or number.
    Unknown(String),
}

impl Charset {
    /// UTF-8.
    pub const UTF8: Self = Self::Known(encoding_rs::UTF_8);
    /// Windows-1252, what Western programs wrote before they said what they wrote.
    pub const WESTERN: Self = Self::Known(encoding_rs::WINDOWS_1252);

    /// The one with a name such as `UTF-8`, `windows-1252` or `ISO_8859_1`.
    pub fn named(name: &str) -> Self {
        let lower = name.trim().to_ascii_lowercase();
        let known = Encoding::for_label(lower.as_bytes())
            .or_else(|| Encoding::for_label(lower.replace('_', "-").as_bytes()))
            .or_else(|| {
                let number = lower.strip_prefix("cp").or(lower.strip_prefix("ibm"))?;
                Self::of_page(number.parse().ok()?)
            });
        // UTF-16 is in no such file, whose texts are made of bytes.
        let known = known.filter(|e| e.is_ascii_compatible());
        known.map_or_else(|| Self::Unknown(name.trim().to_owned()), Self::Known)
    }

    /// The one of a Windows code page.
    pub fn page(number: i32) -> Self {
        Self::of_page(number).map_or_else(|| Self::Unknown(number.to_string()), Self::Known)
    }

    fn of_page(number: i32) -> Option<&'static Encoding> {
        use encoding_rs as e;
        Some(match number {
            866 => e::IBM866,
            874 => e::WINDOWS_874,
            932 => e::SHIFT_JIS,
            936 => e::GBK,
            949 | 51949 => e::EUC_KR,
            950 => e::BIG5,
            1250 => e::WINDOWS_1250,
            1251 => e::WINDOWS_1251,
            1252 | 20127 | 28591 => e::WINDOWS_1252,
            1253 => e::WINDOWS_1253,
            1254 | 28599 => e::WINDOWS_1254,
            1255 => e::WINDOWS_1255,
            1256 => e::WINDOWS_1256,
            1257 => e::WINDOWS_1257,
            1258 => e::WINDOWS_1258,
            10000 => e::MACINTOSH,
            20866 => e::KOI8_R,
            21866 => e::KOI8_U,
            28592 => e::ISO_8859_2,
            28593 => e::ISO_8859_3,
            28594 => e::ISO_8859_4,
            28595 => e::ISO_8859_5,
            28596 => e::ISO_8859_6,
            28597 => e::ISO_8859_7,
            28598 => e::ISO_8859_8,
            28603 => e::ISO_8859_13,
            28605 => e::ISO_8859_15,
            51932 => e::EUC_JP,
            54936 => e::GB18030,
            65001 => e::UTF_8,
            _ => return None,
        })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(encoding) => encoding.name(),
            Self::Unknown(name) => name,
        }
    }

    /// The text of some bytes without what fills them up; none if they are none.
    pub fn text(&self, bytes: &[u8]) -> Option<String> {
        let bytes = trimmed(bytes);
        if let Ok(text) = std::str::from_utf8(bytes)
            && text.is_ascii()
        {
            return Some(text.to_owned());
        }
        match self {
            Self::Known(encoding) => encoding
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
            Self::Unknown(_) => None,
        }
    }

    /// The text of a label, which a program may have cut to its longest length in the midst of a character.
    pub fn label(&self, bytes: &[u8]) -> Option<String> {
        const LONG: usize = 40;
        let cuts = if bytes.len() < LONG { 0..=0 } else { 0..=3 };
        cuts.into_iter()
            .find_map(|cut| self.text(bytes.get(..bytes.len() - cut)?))
    }
}

/// Bytes as a message shows them: ASCII as it is, others as `\xe9`.
pub(super) fn raw(bytes: &[u8]) -> String {
    let shown = trimmed(bytes);
    let text: String = shown
        .iter()
        .take(60)
        .flat_map(|b| std::ascii::escape_default(*b))
        .map(char::from)
        .collect();
    let more = if shown.len() > 60 { "…" } else { "" };
    format!("`{text}{more}`")
}
