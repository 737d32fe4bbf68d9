//! The font files of a project: all below `templates/fonts/`.

use std::collections::BTreeMap;

use ttf_parser::{Face, name_id};

use super::Templates;
use crate::diagnostic::{Diagnostic, suggestion};

/// Font files by family.
#[derive(Debug, Clone, Default)]
pub struct Fonts {
    files: Vec<File>,
}

#[derive(Debug, Clone)]
struct File {
    /// The file's name without its folders.
    name: String,
    bytes: Vec<u8>,
    family: String,
    bold: bool,
    italic: bool,
}

/// The four faces of a family.
#[derive(Debug, Clone)]
pub struct Family<'a> {
    /// Bytes of the regular face.
    pub regular: &'a [u8],
    /// Bytes of the bold face.
    pub bold: &'a [u8],
    /// Bytes of the italic face.
    pub italic: &'a [u8],
    /// Bytes of the bold italic face.
    pub bold_italic: &'a [u8],
    /// All font files of the project by name, for outputs that carry their fonts.
    pub files: BTreeMap<&'a str, &'a [u8]>,
}

impl Fonts {
    /// Reads the font files of a project's templates, built-in ones included. A file that is no font is an error.
    pub fn load(templates: &Templates) -> Result<Self, Diagnostic> {
        let mut files = Vec::new();
        for path in templates.files("fonts") {
            if !path.ends_with(".ttf") && !path.ends_with(".otf") {
                continue;
            }
            let unreadable = |why: String| {
                Diagnostic::machine("font", format!("can't read templates/{path}: {why}"))
            };
            let bytes = templates
                .read(&path)
                .map_err(|e| unreadable(e.to_string()))?
                .ok_or_else(|| unreadable("it is gone".to_owned()))?;
            let Some((family, bold, italic)) = describe(&bytes) else {
                return Err(
                    Diagnostic::error("font", format!("templates/{path} is no font"))
                        .help("put static TrueType or OpenType files there"),
                );
            };
            files.push(File {
                name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
                bytes,
                family,
                bold,
                italic,
            });
        }
        Ok(Self { files })
    }

    /// The faces of a family; an error where one of the four is missing.
    pub fn family(&self, family: &str) -> Result<Family<'_>, Diagnostic> {
        let face = |bold: bool, italic: bool| {
            self.files
                .iter()
                .find(|f| f.family == family && f.bold == bold && f.italic == italic)
                .map(|f| f.bytes.as_slice())
        };
        let faces = (
            face(false, false),
            face(true, false),
            face(false, true),
            face(true, true),
        );
        let (Some(regular), Some(bold), Some(italic), Some(bold_italic)) = faces else {
            let message =
                format!("templates/fonts has not all four faces of the family `{family}`");
            let mut diagnostic = Diagnostic::error("font", message);
            diagnostic.help.extend(suggestion(
                family,
                self.files.iter().map(|f| f.family.as_str()),
            ));
            return Err(diagnostic);
        };
        Ok(Family {
            regular,
            bold,
            italic,
            bold_italic,
            files: self
                .files
                .iter()
                .map(|f| (f.name.as_str(), f.bytes.as_slice()))
                .collect(),
        })
    }
}

fn describe(bytes: &[u8]) -> Option<(String, bool, bool)> {
    let face = Face::parse(bytes, 0).ok()?;
    let name = |id: u16| {
        face.names()
            .into_iter()
            .filter(|n| n.name_id == id)
            .find_map(|n| n.to_string())
    };
    let family = name(name_id::TYPOGRAPHIC_FAMILY).or_else(|| name(name_id::FAMILY))?;
    Some((family, face.is_bold(), face.is_italic()))
}
