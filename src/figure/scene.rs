//! A drawing in points (1/72 inch), the origin at the top left, y downwards.

use serde::{Deserialize, Serialize};

/// The size of raised text relative to the text around it. Renderers draw it so, for it is measured so.
pub const SUPERSCRIPT_SCALE: f64 = 0.65;

/// How far raised text stands above the baseline, in sizes of the text around it.
pub const SUPERSCRIPT_RISE: f64 = 0.35;

/// A place in points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// From the left edge.
    pub x: f64,
    /// From the top edge.
    pub y: f64,
}

/// A colour as sRGB bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paint(pub u8, pub u8, pub u8);

impl Paint {
    /// Black.
    pub const BLACK: Self = Self(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self(255, 255, 255);

    /// Relative luminance, 0 for black to 1 for white (Web Content Accessibility Guidelines 2.2).
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The contrast with another colour, 1 for none to 21 for black on white; text needs 4.5 (the same guidelines).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// Its colour.
    pub paint: Paint,
    /// Its width in points.
    pub width: f64,
    /// Lengths of dashes and gaps in points; empty for a full line.
    pub dash: Vec<f64>,
}

/// Weight of a font.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// Regular.
    Regular,
    /// Bold, for heads.
    Bold,
}

/// Which point of a text its coordinates name, horizontally; vertically it is always the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Anchor {
    /// Its left end.
    Start,
    /// Its middle.
    Middle,
    /// Its right end.
    End,
}

/// A piece of a line of text in one face.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextRun {
    /// The words.
    pub text: String,
    /// Regular or bold.
    pub weight: Weight,
    /// Whether it is italic.
    pub italic: bool,
    /// Whether it is raised as a note's mark.
    pub superscript: bool,
}

/// Something drawn; later items lie over earlier ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "item")]
pub enum Item {
    /// A rectangle.
    Rect {
        /// Its top left corner.
        at: Point,
        /// Its width in points.
        width: f64,
        /// Its height in points.
        height: f64,
        /// Its inside, if filled.
        fill: Option<Paint>,
        /// Its edge, if drawn.
        stroke: Option<Stroke>,
    },
    /// A line through points; closed and filled if it has a fill.
    Path {
        /// The points, two or more.
        points: Vec<Point>,
        /// Its inside, if filled; then the path is closed.
        fill: Option<Paint>,
        /// The line itself.
        stroke: Option<Stroke>,
    },
    /// A circle.
    Circle {
        /// Its centre.
        at: Point,
        /// Its radius in points.
        radius: f64,
        /// Its inside, if filled.
        fill: Option<Paint>,
        /// Its edge, if drawn.
        stroke: Option<Stroke>,
    },
    /// A line of text in the figure's font.
    Text {
        /// Where its anchor lies on the baseline.
        at: Point,
        /// Which point of the text that is.
        anchor: Anchor,
        /// Its size in points.
        size: f64,
        /// Its colour.
        paint: Paint,
        /// What it says.
        runs: Vec<TextRun>,
    },
}

/// A drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// Its width in points.
    pub width: f64,
    /// Its height in points.
    pub height: f64,
    /// The family of its text, one of the style's fonts.
    pub font: String,
    /// What is drawn.
    pub items: Vec<Item>,
    /// What it shows, in words, for readers who can't see it.
    pub alt: String,
}
