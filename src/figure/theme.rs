//! How a journal's figures look: sizes, lines, colours, and whether a flow's counts come first.

use super::scene::Paint;
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

/// Where counts stand in a flow diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// `12 Lost to follow-up`, as JAMA prints it.
    First,
    /// `Lost to follow-up (n = 12)`, as in the CONSORT 2010 template.
    NEquals,
}

/// Whether a flow diagram names its stages at the side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StageHeads {
    /// In shaded boxes at the left.
    Side,
    /// Not at all.
    None,
}

/// The shape of a series' points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// A disc.
    Circle,
    /// A square.
    Square,
    /// A triangle.
    Triangle,
    /// A square on its corner.
    Diamond,
    /// A ring.
    OpenCircle,
    /// The outline of a square.
    OpenSquare,
}

/// The look of figures; read from `[figure]` of a style. Lengths in points.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureTheme {
    /// Family of the text, one of the style's fonts.
    pub font: String,
    /// Size of the text.
    pub size: f64,
    /// The size below which text is never shrunk to fit.
    pub min_size: f64,
    /// Width of axes and of boxes' edges.
    pub line: f64,
    /// Width of lines that show data.
    pub data_line: f64,
    /// Side of a forest plot's largest box.
    pub box_size: f64,
    /// Side of the points of a trajectory.
    pub marker_size: f64,
    /// Colour of text, axes and edges.
    pub ink: Paint,
    /// Colour of lines that only guide the eye.
    pub guide: Paint,
    /// Colour behind the heads of a flow's stages.
    pub head_fill: Paint,
    /// Colour behind every other row of a forest plot; none for no shading.
    pub band: Option<Paint>,
    /// Colours of the series, the reference arm's first; used again from the start when there are more series.
    pub palette: Vec<Paint>,
    /// Colours of ordered categories, the best first; used again from the start when there are more categories.
    pub ordered: Vec<Paint>,
    /// Shapes of the series' points.
    pub markers: Vec<Marker>,
    /// Dashes of the series' lines; an empty one is a full line.
    pub dashes: Vec<Vec<f64>>,
    /// Colour of effects in a forest plot.
    pub effect: Paint,
    /// Where counts stand in a flow diagram.
    pub counts: Counts,
    /// Whether a flow diagram names its stages at the side.
    pub heads: StageHeads,
    /// Whether trajectories have faint horizontal lines.
    pub grid: bool,
}

impl Default for FigureTheme {
    fn default() -> Self {
        Self {
            font: "Lato".to_owned(),
            size: 7.5,
            min_size: 6.5,
            line: 0.5,
            data_line: 1.0,
            box_size: 6.5,
            marker_size: 4.6,
            ink: Paint::BLACK,
            guide: Paint(150, 150, 150),
            head_fill: Paint(226, 232, 238),
            band: None,
            palette: default_palette(),
            ordered: default_ordered(),
            markers: vec![
                Marker::Circle,
                Marker::Square,
                Marker::Triangle,
                Marker::Diamond,
                Marker::OpenCircle,
                Marker::OpenSquare,
            ],
            dashes: vec![
                vec![],
                vec![4.0, 2.0],
                vec![1.2, 1.6],
                vec![6.0, 1.8, 1.2, 1.8],
                vec![2.2, 1.4],
                vec![8.0, 2.0],
            ],
            effect: Paint(0, 72, 118),
            counts: Counts::First,
            heads: StageHeads::Side,
            grid: false,
        }
    }
}

/// Colours that people with colour-vision deficiencies tell apart (Okabe & Ito 2008, the yellow left out), in an order
/// whose neighbours also differ in lightness.
fn default_palette() -> Vec<Paint> {
    vec![
        Paint(0, 0, 0),
        Paint(0, 114, 178),
        Paint(213, 94, 0),
        Paint(0, 158, 115),
        Paint(204, 121, 167),
        Paint(86, 180, 233),
    ]
}

/// From good (dark and light blue) over neutral (grey) to bad (orange): told apart by people with colour-vision
/// deficiencies, and in grey, as the lightness of any two differs by a fifth of its range or more.
fn default_ordered() -> Vec<Paint> {
    vec![
        Paint(8, 60, 116),
        Paint(124, 181, 220),
        Paint(236, 236, 236),
        Paint(196, 80, 10),
    ]
}

impl FigureTheme {
    /// Reads `[figure]` of a style; a key that is not there keeps its default. What is wrong is reported to the
    /// reader's sink, unknown keys too.
    pub fn read(mut table: TableReader) -> Self {
        let mut theme = Self::default();
        if let Some(font) = table.optional_string("font") {
            theme.font = font.value;
        }
        theme.read_lengths(&mut table);
        theme.read_paints(&mut table);
        theme.read_habits(&mut table);
        table.finish();
        theme
    }

    fn read_lengths(&mut self, table: &mut TableReader) {
        let lengths: [(&str, &mut f64, f64, f64); 6] = [
            ("size", &mut self.size, 5.0, 12.0),
            ("min-size", &mut self.min_size, 5.0, 12.0),
            ("line", &mut self.line, 0.1, 3.0),
            ("data-line", &mut self.data_line, 0.1, 5.0),
            ("box-size", &mut self.box_size, 2.0, 20.0),
            ("marker-size", &mut self.marker_size, 1.0, 12.0),
        ];
        for (key, place, low, high) in lengths {
            let Some(At { value, span }) = table.optional_number(key) else {
                continue;
            };
            if (low..=high).contains(&value) {
                *place = value;
            } else {
                let message = format!("`{key}` must be from {low} to {high} points; it is {value}");
                table.report(Diagnostic::error("out-of-range", message).at(span));
            }
        }
        self.min_size = self.min_size.min(self.size);
    }

    fn read_paints(&mut self, table: &mut TableReader) {
        let paints: [(&str, &mut Paint); 4] = [
            ("ink", &mut self.ink),
            ("guide", &mut self.guide),
            ("head-fill", &mut self.head_fill),
            ("effect", &mut self.effect),
        ];
        for (key, place) in paints {
            if let Some(paint) = table.optional_string(key).and_then(|t| paint(table, &t)) {
                *place = paint;
            }
        }
        if let Some(band) = table.optional_string("band") {
            self.band = paint(table, &band);
        }
        for (key, place) in [
            ("palette", &mut self.palette),
            ("ordered", &mut self.ordered),
        ] {
            let Some(words) = table.optional_strings(key) else {
                continue;
            };
            let paints: Vec<Paint> = words.iter().filter_map(|w| paint(table, w)).collect();
            if !paints.is_empty() {
                *place = paints;
            }
        }
    }

    fn read_habits(&mut self, table: &mut TableReader) {
        let counts = [("first", Counts::First), ("n-equals", Counts::NEquals)];
        if let Some(choice) = table.optional_choice("counts", &counts) {
            self.counts = choice.value;
        }
        let heads = [("side", StageHeads::Side), ("none", StageHeads::None)];
        if let Some(choice) = table.optional_choice("heads", &heads) {
            self.heads = choice.value;
        }
        if let Some(grid) = table.optional_bool("grid") {
            self.grid = grid.value;
        }
    }

    /// The colour of a series.
    pub fn paint(&self, series: usize) -> Paint {
        cycle(&self.palette, series).copied().unwrap_or(self.ink)
    }

    /// The colour of an ordered category.
    pub fn category(&self, index: usize) -> Paint {
        cycle(&self.ordered, index).copied().unwrap_or(self.guide)
    }

    /// The shape of a series' points.
    pub fn marker(&self, series: usize) -> Marker {
        cycle(&self.markers, series)
            .copied()
            .unwrap_or(Marker::Circle)
    }

    /// The dashes of a series' line.
    pub fn dash(&self, series: usize) -> Vec<f64> {
        cycle(&self.dashes, series).cloned().unwrap_or_default()
    }
}

fn cycle<T>(items: &[T], index: usize) -> Option<&T> {
    items.get(index.checked_rem(items.len())?)
}

/// `#rrggbb`, or a report of what it is instead.
fn paint(table: &TableReader, text: &At<String>) -> Option<Paint> {
    let parsed = text.value.strip_prefix('#').and_then(|hex| {
        let digits = hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u32::from_str_radix(hex, 16).ok().filter(|_| digits)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Paint(red, green, blue))
    });
    if parsed.is_none() {
        let message = format!("`{}` is not a colour", text.value);
        let diagnostic = Diagnostic::error("unknown-colour", message)
            .at(text.span.clone())
            .help("write it as \"#rrggbb\", such as \"#0072b2\"");
        table.report(diagnostic);
    }
    parsed
}
