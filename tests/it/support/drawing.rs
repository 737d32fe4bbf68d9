//! What tests of figures share: the project's font, plain numbers, and a way to look at a drawing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use trialbook::artefact::{Digits, Form, Label, Measure};
use trialbook::figure::{
    Anchor, FULL_WIDTH, FigureTheme, FontSet, Item, Metrics, Numbers, Paint, SUPERSCRIPT_RISE,
    SUPERSCRIPT_SCALE, Scene, Setting, Stroke, TextRun, Weight,
};
use trialbook::statistic::StatId;

/// Widths of the font that the styles use.
pub static METRICS: LazyLock<Metrics<'static>> = LazyLock::new(|| {
    let fonts = FontSet {
        regular: include_bytes!("../../../templates/fonts/lato/Lato-Regular.ttf"),
        bold: include_bytes!("../../../templates/fonts/lato/Lato-Bold.ttf"),
        italic: include_bytes!("../../../templates/fonts/lato/Lato-Italic.ttf"),
        bold_italic: include_bytes!("../../../templates/fonts/lato/Lato-BoldItalic.ttf"),
    };
    Metrics::new(&fonts).unwrap()
});

/// A stand-in for a style: numbers by id, printed with one decimal.
#[derive(Debug, Clone, Default)]
pub struct PlainNumbers {
    values: BTreeMap<StatId, f64>,
}

impl PlainNumbers {
    /// Keeps a value under an id.
    pub fn put(&mut self, id: &str, value: f64) -> StatId {
        let id = StatId::from_parts(id.split('/'));
        self.values.insert(id.clone(), value);
        id
    }

    fn print(&self, id: &StatId, decimals: usize) -> String {
        match self.value(id) {
            Some(value) => format!("{value:.decimals$}").replace('-', "−"),
            None => "NA".to_owned(),
        }
    }
}

impl Numbers for PlainNumbers {
    fn form(&self, form: &Form, digits: Digits) -> Vec<TextRun> {
        let decimals = match digits {
            Digits::Style => 1,
            Digits::Fixed(decimals) => usize::from(decimals),
        };
        let text = match form {
            Form::Count { n } => self.print(n, 0),
            Form::MeanSd { mean, sd } => {
                format!("{} ({})", self.print(mean, 1), self.print(sd, 1))
            }
            Form::EstimateCi {
                estimate,
                low,
                high,
            } => match self.value(estimate) {
                None => "NA".to_owned(),
                Some(_) => format!(
                    "{} ({} to {})",
                    self.print(estimate, decimals),
                    self.print(low, decimals),
                    self.print(high, decimals)
                ),
            },
            other => self.print(other.stats()[0], decimals),
        };
        vec![TextRun::plain(text)]
    }

    fn value(&self, id: &StatId) -> Option<f64> {
        self.values.get(id).copied()
    }

    fn p_value(&self, id: &StatId) -> Vec<TextRun> {
        vec![TextRun::plain(self.print(id, 2).replace("0.", "."))]
    }

    fn axis(&self, value: f64, decimals: u8) -> String {
        format!("{value:.*}", usize::from(decimals)).replace('-', "−")
    }

    fn label(&self, label: &Label) -> Vec<TextRun> {
        let measure = match label.measure {
            Some(Measure::EstimateCi) => " (95% CI)",
            Some(Measure::MeanSd) => ", mean (SD)",
            _ => "",
        };
        if label.measure == Some(Measure::PValue) {
            let italic = TextRun {
                italic: true,
                ..TextRun::plain("P")
            };
            return vec![italic, TextRun::plain(" value")];
        }
        let mut runs = vec![TextRun::plain(format!("{}{measure}", label.text))];
        for mark in &label.notes {
            runs.push(TextRun {
                superscript: true,
                ..TextRun::plain(mark)
            });
        }
        runs
    }

    fn interval(&self, conf_level: f64) -> String {
        format!("{:.0}% CI", 100.0 * conf_level)
    }
}

/// The usual setting with these numbers.
pub fn setting<'a>(numbers: &'a PlainNumbers, theme: &'a FigureTheme) -> Setting<'a> {
    Setting {
        numbers,
        theme,
        metrics: &METRICS,
        width: FULL_WIDTH,
    }
}

/// Left, top, right and bottom of an item, text as measured.
pub fn extent(item: &Item) -> (f64, f64, f64, f64) {
    match item {
        Item::Rect {
            at, width, height, ..
        } => (at.x, at.y, at.x + width, at.y + height),
        Item::Circle { at, radius, .. } => {
            (at.x - radius, at.y - radius, at.x + radius, at.y + radius)
        }
        Item::Path { points, .. } => {
            let xs = || points.iter().map(|p| p.x);
            let ys = || points.iter().map(|p| p.y);
            (
                xs().fold(f64::INFINITY, f64::min),
                ys().fold(f64::INFINITY, f64::min),
                xs().fold(f64::NEG_INFINITY, f64::max),
                ys().fold(f64::NEG_INFINITY, f64::max),
            )
        }
        Item::Text {
            at,
            anchor,
            size,
            runs,
            ..
        } => {
            let width = METRICS.width(runs, *size);
            let left = match anchor {
                Anchor::Start => at.x,
                Anchor::Middle => at.x - width / 2.0,
                Anchor::End => at.x - width,
            };
            let (top, bottom) = (at.y - METRICS.ascent(*size), at.y + METRICS.descent(*size));
            (left, top, left + width, bottom)
        }
    }
}

/// Every coordinate is finite and nothing lies outside the drawing.
pub fn assert_inside(scene: &Scene) {
    assert!(scene.width.is_finite() && scene.height.is_finite());
    for item in &scene.items {
        let (left, top, right, bottom) = extent(item);
        let inside = left >= -0.01
            && top >= -0.01
            && right <= scene.width + 0.01
            && bottom <= scene.height + 0.01;
        let (width, height) = (scene.width, scene.height);
        assert!(inside, "outside of {width} × {height}: {item:?}");
    }
}

/// No two texts cover each other. Lines of one text may touch.
pub fn assert_texts_apart(scene: &Scene) {
    let texts: Vec<&Item> = scene
        .items
        .iter()
        .filter(|i| matches!(i, Item::Text { .. }))
        .collect();
    for (i, one) in texts.iter().enumerate() {
        for other in &texts[i + 1..] {
            let (a, b) = (extent(one), extent(other));
            let apart =
                a.2 <= b.0 + 0.05 || b.2 <= a.0 + 0.05 || a.3 <= b.1 + 0.05 || b.3 <= a.1 + 0.05;
            assert!(apart, "one text over another: {one:?} {other:?}");
        }
    }
}

/// All texts of a drawing.
pub fn texts(scene: &Scene) -> Vec<String> {
    scene
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Text { runs, .. } => Some(runs.iter().map(|r| r.text.as_str()).collect()),
            _ => None,
        })
        .collect()
}

/// Writes a drawing as SVG below the build folder, to look at.
pub fn write_svg(name: &str, scene: &Scene) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.svg"));
    std::fs::write(&path, svg(scene)).unwrap();
    path
}

fn svg(scene: &Scene) -> String {
    let mut out = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{0}pt' height='{1}pt' viewBox='0 0 {0} {1}' \
         font-family='{2}'><rect width='100%' height='100%' fill='white'/>\n",
        scene.width, scene.height, scene.font
    );
    for item in &scene.items {
        match item {
            Item::Rect {
                at,
                width,
                height,
                fill,
                stroke,
            } => {
                let look = look(*fill, stroke.as_ref());
                let (x, y) = (at.x, at.y);
                writeln!(
                    out,
                    "<rect x='{x}' y='{y}' width='{width}' height='{height}'{look}/>"
                )
                .unwrap();
            }
            Item::Path {
                points,
                fill,
                stroke,
            } => {
                let tag = if fill.is_some() {
                    "polygon"
                } else {
                    "polyline"
                };
                let look = look(*fill, stroke.as_ref());
                let points: Vec<String> =
                    points.iter().map(|p| format!("{},{}", p.x, p.y)).collect();
                writeln!(out, "<{tag} points='{}'{look}/>", points.join(" ")).unwrap();
            }
            Item::Circle {
                at,
                radius,
                fill,
                stroke,
            } => {
                let look = look(*fill, stroke.as_ref());
                writeln!(
                    out,
                    "<circle cx='{}' cy='{}' r='{radius}'{look}/>",
                    at.x, at.y
                )
                .unwrap();
            }
            Item::Text {
                at,
                anchor,
                size,
                paint,
                runs,
            } => {
                let anchor = match anchor {
                    Anchor::Start => "start",
                    Anchor::Middle => "middle",
                    Anchor::End => "end",
                };
                let spans: String = runs.iter().map(|run| span(run, *size)).collect();
                writeln!(
                    out,
                    "<text xml:space='preserve' x='{}' y='{}' font-size='{size}' \
                     text-anchor='{anchor}' fill='{}'>{spans}</text>",
                    at.x,
                    at.y,
                    hex(*paint)
                )
                .unwrap();
            }
        }
    }
    out + "</svg>\n"
}

fn span(run: &TextRun, size: f64) -> String {
    let text = run
        .text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let weight = match run.weight {
        Weight::Bold => " font-weight='bold'",
        Weight::Regular => "",
    };
    let style = if run.italic {
        " font-style='italic'"
    } else {
        ""
    };
    let raised = if run.superscript {
        let (scaled, rise) = (size * SUPERSCRIPT_SCALE, size * SUPERSCRIPT_RISE);
        format!(" font-size='{scaled}' dy='-{rise}'")
    } else {
        String::new()
    };
    format!("<tspan{weight}{style}{raised}>{text}</tspan>")
}

fn look(fill: Option<Paint>, stroke: Option<&Stroke>) -> String {
    let mut look = format!(" fill='{}'", fill.map_or("none".to_owned(), hex));
    if let Some(stroke) = stroke {
        let dash: Vec<String> = stroke.dash.iter().map(f64::to_string).collect();
        write!(
            look,
            " stroke='{}' stroke-width='{}' stroke-dasharray='{}'",
            hex(stroke.paint),
            stroke.width,
            dash.join(" ")
        )
        .unwrap();
    }
    look
}

fn hex(Paint(red, green, blue): Paint) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}
