//! Verified bytes as text: UTF-8, UTF-16 with a byte order mark, Latin-1 and Windows-1252, strictly. A byte that its
//! encoding does not have is an error with its line, never another character.

use std::io::Read as _;

use encoding_rs::{DecoderResult, WINDOWS_1252};

use crate::dataset::codebook::Encoding;
use crate::dataset::content::{Content, Reader};
use crate::diagnostic::Diagnostic;

/// How many bytes are read at once.
const CHUNK: usize = 1 << 20;

/// A text that comes in pieces.
pub(super) struct Feed<'a> {
    path: &'a str,
    reader: Reader,
    decoder: Decoder,
    /// Bytes that are not decoded yet.
    bytes: Vec<u8>,
    /// How many line feeds have been decoded.
    lines: usize,
    /// What was decoded and not dropped.
    pub text: String,
    /// Whether that is the end of the text.
    pub ended: bool,
}

enum Decoder {
    Utf8,
    Latin1,
    /// Another encoding, and its name.
    Other(encoding_rs::Decoder, &'static str),
}

impl<'a> Feed<'a> {
    /// Begins to read; the file's byte order mark must fit what is declared.
    pub fn new(
        path: &'a str,
        content: &Content,
        declared: Option<Encoding>,
    ) -> Result<Self, Diagnostic> {
        let mut feed = Self {
            path,
            reader: content.reader(),
            decoder: Decoder::Utf8,
            bytes: Vec::new(),
            lines: 0,
            text: String::new(),
            ended: false,
        };
        feed.fill(CHUNK)?;
        let (mark, length) = match feed.bytes.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (Some(Encoding::Utf8), 3),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => (Some(Encoding::Utf16), 2),
            _ => (None, 0),
        };
        if let (Some(mark), Some(declared)) = (mark, declared)
            && mark != declared
        {
            let message = format!(
                "`{path}` begins with the mark of {}, but its codebook says {}",
                mark.name(),
                declared.name()
            );
            return Err(Diagnostic::error("wrong-encoding", message)
                .help("correct `encoding` in the codebook's `[dialect]`, or leave it out"));
        }
        let little = feed.bytes.first() == Some(&0xff);
        feed.decoder = match mark.or(declared).unwrap_or_default() {
            Encoding::Utf8 => Decoder::Utf8,
            Encoding::Latin1 => Decoder::Latin1,
            Encoding::Windows1252 => {
                let decoder = WINDOWS_1252.new_decoder_without_bom_handling();
                Decoder::Other(decoder, "Windows-1252")
            }
            Encoding::Utf16 if mark.is_none() => {
                let message = format!("`{path}` has no byte order mark, which UTF-16 needs");
                return Err(Diagnostic::error("wrong-encoding", message)
                    .help("save it as UTF-8, or as UTF-16 with a mark"));
            }
            Encoding::Utf16 => {
                let encoding = if little {
                    encoding_rs::UTF_16LE
                } else {
                    encoding_rs::UTF_16BE
                };
                Decoder::Other(encoding.new_decoder_without_bom_handling(), "UTF-16")
            }
        };
        feed.bytes.drain(..length);
        feed.decode()?;
        Ok(feed)
    }

    /// Drops the first `used` bytes of the text and adds what comes next.
    pub fn more(&mut self, used: usize) -> Result<(), Diagnostic> {
        self.text.drain(..used);
        // What is kept is looked through again: the longer it is, the more comes at once.
        self.fill(CHUNK.max(self.text.len()))?;
        self.decode()
    }

    fn fill(&mut self, wanted: usize) -> Result<(), Diagnostic> {
        let mut reader = (&mut self.reader).take(wanted as u64);
        let read = reader.read_to_end(&mut self.bytes);
        let read = read.map_err(|e| {
            Diagnostic::machine("unreadable", format!("`{}` can't be read: {e}", self.path))
        })?;
        self.ended = read < wanted;
        Ok(())
    }

    fn decode(&mut self) -> Result<(), Diagnostic> {
        let before = self.text.len();
        let found = match &mut self.decoder {
            Decoder::Utf8 => utf8(&mut self.bytes, self.ended, &mut self.text),
            Decoder::Latin1 => latin1(&mut self.bytes, &mut self.text),
            Decoder::Other(decoder, name) => {
                other(decoder, name, &mut self.bytes, self.ended, &mut self.text)
            }
        };
        let added = self.text.get(before..).unwrap_or_default();
        if let Some(at) = added.find('\0') {
            let line = self.lines + line_feeds(added.get(..at).unwrap_or_default()) + 1;
            let message = format!("`{}` has a NUL byte in line {line}", self.path);
            return Err(Diagnostic::error("nul-byte", message)
                .help("it may be a binary file, or UTF-16 without its mark"));
        }
        self.lines += line_feeds(added);
        found.map_err(|wrong| {
            let message = format!(
                "`{}` is not {} in line {}",
                self.path,
                wrong.0,
                self.lines + 1
            );
            Diagnostic::error(wrong.1, message).help(wrong.2)
        })
    }
}

/// The encoding that it is not, a code, and what to do.
struct Undecodable(&'static str, &'static str, &'static str);

fn line_feeds(text: &str) -> usize {
    text.bytes().filter(|b| *b == b'\n').count()
}

fn utf8(bytes: &mut Vec<u8>, ended: bool, text: &mut String) -> Result<(), Undecodable> {
    let (valid, wrong) = match std::str::from_utf8(bytes) {
        Ok(all) => {
            text.push_str(all);
            (bytes.len(), false)
        }
        Err(error) => {
            let valid = error.valid_up_to();
            let good = bytes.get(..valid).unwrap_or_default();
            text.push_str(std::str::from_utf8(good).unwrap_or_default());
            // What is only cut off goes on in the next piece.
            (valid, ended || error.error_len().is_some())
        }
    };
    bytes.drain(..valid);
    if wrong {
        return Err(Undecodable(
            "UTF-8",
            "not-utf8",
            "save it as UTF-8, or say in the codebook what it is: `[dialect]` with `encoding = \"windows-1252\"` or another",
        ));
    }
    Ok(())
}

/// ISO 8859-1 without its control characters, which no text has: there they are the quotes of Windows-1252.
fn latin1(bytes: &mut Vec<u8>, text: &mut String) -> Result<(), Undecodable> {
    for byte in bytes.drain(..) {
        if matches!(byte, 0x80..=0x9f) {
            return Err(Undecodable(
                "Latin-1",
                "not-latin1",
                "it may be Windows-1252: say `encoding = \"windows-1252\"` in the codebook's `[dialect]`",
            ));
        }
        text.push(char::from(byte));
    }
    Ok(())
}

fn other(
    decoder: &mut encoding_rs::Decoder,
    name: &'static str,
    bytes: &mut Vec<u8>,
    ended: bool,
    text: &mut String,
) -> Result<(), Undecodable> {
    let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len());
    let before = text.len();
    text.reserve(most.unwrap_or(CHUNK * 4));
    let (result, read) = decoder.decode_to_string_without_replacement(bytes, text, ended);
    bytes.drain(..read);
    let added = text.get(before..).unwrap_or_default();
    // Bytes that Windows-1252 does not have are control characters to its decoder.
    let control = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
    let undefined = added.find(control).filter(|_| name == "Windows-1252");
    if let Some(at) = undefined {
        text.truncate(before + at);
    }
    if undefined.is_some() || result != DecoderResult::InputEmpty {
        return Err(Undecodable(
            name,
            "not-decodable",
            "it has bytes that this encoding does not have: correct `encoding` in the codebook's `[dialect]`",
        ));
    }
    Ok(())
}
