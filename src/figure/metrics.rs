//! How wide text is, read from the font's own tables: advances and pair kerning.
//!
//! Ligatures are not applied: in a text font they are narrower than their letters or wider by less than a hundredth of
//! the size, which the boxes' padding takes up.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::opentype_layout::Lookup;
use ttf_parser::{Face, GlyphId, Tag};

use super::scene::{Item, SUPERSCRIPT_SCALE, Scene, TextRun, Weight};
use crate::diagnostic::Diagnostic;

/// What a character takes that the font does not have, in sizes: a full square, more than any letter.
const MISSING_ADVANCE: f64 = 1.0;

/// The files of a family: TrueType or OpenType, static.
#[derive(Debug, Clone, Copy)]
pub struct FontSet<'a> {
    /// Bytes of the regular face.
    pub regular: &'a [u8],
    /// Bytes of the bold face.
    pub bold: &'a [u8],
    /// Bytes of the italic face.
    pub italic: &'a [u8],
    /// Bytes of the bold italic face.
    pub bold_italic: &'a [u8],
}

/// Widths of text in a family.
pub struct Metrics<'a> {
    regular: FaceMetrics<'a>,
    bold: FaceMetrics<'a>,
    italic: FaceMetrics<'a>,
    bold_italic: FaceMetrics<'a>,
}

impl<'a> Metrics<'a> {
    /// Reads the tables of the four faces; a file that is no font is an error.
    pub fn new(fonts: &FontSet<'a>) -> Result<Self, Diagnostic> {
        let face = |name: &str, bytes: &'a [u8]| {
            FaceMetrics::new(bytes).ok_or_else(|| {
                let message = format!("the {name} face of the figures' font can't be read");
                Diagnostic::error("bad-font", message)
                    .help("give a static TrueType or OpenType file (.ttf, .otf)")
            })
        };
        Ok(Self {
            regular: face("regular", fonts.regular)?,
            bold: face("bold", fonts.bold)?,
            italic: face("italic", fonts.italic)?,
            bold_italic: face("bold italic", fonts.bold_italic)?,
        })
    }

    fn face(&self, run: &TextRun) -> &FaceMetrics<'a> {
        match (run.weight, run.italic) {
            (Weight::Regular, false) => &self.regular,
            (Weight::Bold, false) => &self.bold,
            (Weight::Regular, true) => &self.italic,
            (Weight::Bold, true) => &self.bold_italic,
        }
    }

    /// The width of a line of text of `size` points, in points.
    pub fn width(&self, runs: &[TextRun], size: f64) -> f64 {
        runs.iter().map(|run| self.run_width(run, size)).sum()
    }

    /// The width of one run of `size` points, in points.
    pub fn run_width(&self, run: &TextRun, size: f64) -> f64 {
        self.width_behind(None, &run.text, run, size)
    }

    /// What `text` adds in points to a run of `size` points in the face of `face` that ends with `previous`.
    pub fn width_behind(
        &self,
        previous: Option<char>,
        text: &str,
        face: &TextRun,
        size: f64,
    ) -> f64 {
        let scale = if face.superscript {
            SUPERSCRIPT_SCALE
        } else {
            1.0
        };
        self.face(face).advance(previous, text) * size * scale
    }

    /// How far text of `size` points reaches above its baseline, in points.
    pub fn ascent(&self, size: f64) -> f64 {
        self.regular.ascent * size
    }

    /// How far text of `size` points reaches below its baseline, in points.
    pub fn descent(&self, size: f64) -> f64 {
        self.regular.descent * size
    }

    /// The height of capitals of `size` points, in points.
    pub fn cap_height(&self, size: f64) -> f64 {
        self.regular.cap_height * size
    }

    /// The characters of a drawing that the font does not have.
    pub fn missing(&self, scene: &Scene) -> BTreeSet<char> {
        let mut missing = BTreeSet::new();
        for item in &scene.items {
            if let Item::Text { runs, .. } = item {
                for run in runs {
                    let face = self.face(run);
                    missing.extend(run.text.chars().filter(|c| face.glyph(*c).is_none()));
                }
            }
        }
        missing
    }
}

/// Widths of text in one face, in sizes.
struct FaceMetrics<'a> {
    face: Face<'a>,
    units: f64,
    kerning: Vec<PairAdjustment<'a>>,
    /// What a character takes behind another one (or at the start), found once: layouts measure the same pairs over
    /// and over, and the font's tables are slow to search. Only ever looked up, never walked through.
    steps: Mutex<HashMap<(Option<char>, char), f64>>,
    ascent: f64,
    descent: f64,
    cap_height: f64,
}

impl<'a> FaceMetrics<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let face = Face::parse(bytes, 0).ok()?;
        let units = f64::from(face.units_per_em());
        let in_sizes = |value: i16| f64::from(value) / units;
        let ascent = in_sizes(face.ascender());
        Some(Self {
            units,
            kerning: kerning(&face),
            steps: Mutex::default(),
            ascent,
            descent: -in_sizes(face.descender()),
            cap_height: face.capital_height().map_or(0.72 * ascent, in_sizes),
            face,
        })
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        self.face.glyph_index(c)
    }

    fn advance(&self, mut previous: Option<char>, text: &str) -> f64 {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let mut width = 0.0;
        for c in text.chars() {
            let step = steps.entry((previous, c));
            width += *step.or_insert_with(|| self.step(previous, c));
            previous = Some(c);
        }
        width
    }

    /// The advance of a character with its kerning against the one before it.
    fn step(&self, previous: Option<char>, c: char) -> f64 {
        let Some(glyph) = self.glyph(c) else {
            return MISSING_ADVANCE;
        };
        let advance = self.face.glyph_hor_advance(glyph).map_or(0.0, f64::from);
        let kern = previous
            .and_then(|p| self.glyph(p))
            .map_or(0.0, |left| self.kern(left, glyph));
        (advance + kern) / self.units
    }

    /// The kerning of a pair in font units: the first subtable that covers it decides, as in OpenType shaping.
    fn kern(&self, left: GlyphId, right: GlyphId) -> f64 {
        self.kerning
            .iter()
            .find_map(|table| pair_adjustment(table, left, right))
            .map_or(0.0, f64::from)
    }
}

/// The subtables of pair adjustments that the font's `kern` feature names.
fn kerning<'a>(face: &Face<'a>) -> Vec<PairAdjustment<'a>> {
    let Some(gpos) = face.tables().gpos else {
        return Vec::new();
    };
    let lookups: BTreeSet<u16> = gpos
        .features
        .into_iter()
        .filter(|feature| feature.tag == Tag::from_bytes(b"kern"))
        .flat_map(|feature| feature.lookup_indices)
        .collect();
    lookups
        .into_iter()
        .filter_map(|index| gpos.lookups.get(index))
        .flat_map(|lookup: Lookup| lookup.subtables.into_iter::<PositioningSubtable>())
        .filter_map(|subtable| match subtable {
            PositioningSubtable::Pair(pair) => Some(pair),
            _ => None,
        })
        .collect()
}

fn pair_adjustment(table: &PairAdjustment, left: GlyphId, right: GlyphId) -> Option<i16> {
    match table {
        PairAdjustment::Format1 { coverage, sets } => {
            let set = sets.get(coverage.get(left)?)?;
            set.get(right).map(|(first, _)| first.x_advance)
        }
        PairAdjustment::Format2 {
            coverage,
            classes,
            matrix,
        } => {
            coverage.get(left)?;
            let pair = (classes.0.get(left), classes.1.get(right));
            matrix.get(pair).map(|(first, _)| first.x_advance)
        }
    }
}
