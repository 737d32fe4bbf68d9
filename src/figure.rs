//! Figures: an artefact and a style become a [`Scene`] of lines, shapes and text with coordinates, which all renderers
//! share.
//!
//! Every figure is a function of its artefact and a [`Setting`]: `bars`, `consort`, `forest`, `trajectory`. They never round a
//! number: whatever is printed comes from [`Numbers`], which the journal's style implements.

mod axis;
mod bars;
mod canvas;
mod column;
pub mod consort;
mod forest;
mod metrics;
mod scene;
mod theme;
mod trajectory;
pub mod wrap;

pub use axis::{Axis, AxisRange, Tick};
pub use bars::bars;
pub use consort::consort;
pub use forest::forest;
pub use metrics::{FontSet, Metrics};
pub use scene::{
    Anchor, Item, Paint, Point, SUPERSCRIPT_RISE, SUPERSCRIPT_SCALE, Scene, Stroke, TextRun, Weight,
};
pub use theme::{Counts, FigureTheme, Marker, StageHeads};
pub use trajectory::trajectory;

use crate::artefact::{Digits, Form, Label};
use crate::statistic::StatId;

/// The usual width of a figure over the whole page in points: 6.5 inches.
pub const FULL_WIDTH: f64 = 468.0;

/// How the journal's style prints numbers and the words that belong to them. The figures ask, the style answers: no
/// figure rounds or composes a number itself.
pub trait Numbers {
    /// A form with its numbers in the style's way; what has no value prints the style's `NA`.
    fn form(&self, form: &Form, digits: Digits) -> Vec<TextRun>;

    /// The value of a statistic at full precision; none where it has none.
    fn value(&self, id: &StatId) -> Option<f64>;

    /// A P value as it stands in a column under the head `P value`: without `P =`.
    fn p_value(&self, id: &StatId) -> Vec<TextRun>;

    /// A number at a tick of an axis, with the style's minus sign and decimal point.
    fn axis(&self, value: f64, decimals: u8) -> String;

    /// A label's words with what its numbers are, its unit, its count and the marks of its notes (raised).
    fn label(&self, label: &Label) -> Vec<TextRun>;

    /// A confidence level as words, such as `95% CI` for 0.95.
    fn interval(&self, conf_level: f64) -> String;
}

/// What a figure is drawn with.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// How numbers are printed.
    pub numbers: &'a dyn Numbers,
    /// Colours, sizes and habits.
    pub theme: &'a FigureTheme,
    /// Widths of the theme's font.
    pub metrics: &'a Metrics<'a>,
    /// The width of the figure in points, such as [`FULL_WIDTH`].
    pub width: f64,
}

/// Steps in which text shrinks to fit, in points.
const SIZE_STEP: f64 = 0.5;

/// What is laid out in the largest of the theme's text sizes in which it fits, or in the smallest.
fn shrinking<T>(theme: &FigureTheme, lay_out: impl Fn(f64) -> T, fits: impl Fn(&T) -> bool) -> T {
    let mut size = theme.size;
    loop {
        let laid_out = lay_out(size);
        let smaller = size - SIZE_STEP;
        if fits(&laid_out) || smaller < theme.min_size - 1e-9 {
            return laid_out;
        }
        size = smaller;
    }
}
