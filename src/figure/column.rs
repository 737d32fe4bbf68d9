//! Columns of numbers that are aligned on their decimal points and on what follows them.

use super::Setting;
use super::canvas::{Canvas, line_height, point};
use super::scene::{Anchor, TextRun};
use super::wrap::{TextLine, Wrapped, plain_text, widest_line, wrap};

/// A cell cut where columns align: behind the whole part of its first number, and before its brackets.
#[derive(Debug, Clone, Default)]
struct Cell {
    whole: TextLine,
    /// Width up to the decimal point.
    before: f64,
    /// Width from the decimal point to the brackets.
    after: f64,
    /// Everything before the brackets.
    number: TextLine,
    /// The brackets without the space before them.
    tail: TextLine,
}

impl Cell {
    fn new(runs: TextLine, setting: Setting, size: f64) -> Self {
        let text = plain_text(&runs);
        let bracket = bracket(&text);
        let decimal = decimal_point(&text, bracket);
        let (number, rest) = split(&runs, bracket);
        let (before, after) = split(&number, decimal);
        let (_, tail) = split(&rest, usize::from(bracket < text.len()));
        let width = |runs: &[TextRun]| setting.metrics.width(runs, size);
        Self {
            before: width(&before),
            after: width(&after),
            whole: runs,
            number,
            tail,
        }
    }
}

/// Where the brackets behind a number begin, the space before them included; the end where there are none.
fn bracket(text: &str) -> usize {
    [" (", " ["]
        .iter()
        .filter_map(|mark| text.find(mark))
        .filter(|at| *at > 0)
        .min()
        .unwrap_or(text.len())
}

/// Where the decimal point of the first number stands: before a point between digits, or before one that leads them;
/// else at the end of the number.
fn decimal_point(text: &str, end: usize) -> usize {
    let number = text.get(..end).unwrap_or(text);
    let digit_at = |at: usize| number.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    number
        .char_indices()
        .find(|(at, c)| matches!(c, '.' | '·') && digit_at(at + c.len_utf8()))
        .map_or(number.len(), |(at, _)| at)
}

/// Runs up to a byte of their text, and from there.
fn split(runs: &[TextRun], at: usize) -> (TextLine, TextLine) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut start = 0;
    for run in runs {
        let cut = at.saturating_sub(start).min(run.text.len());
        let (before, after) = run.text.split_at_checked(cut).unwrap_or((&run.text, ""));
        for (part, side) in [(before, &mut left), (after, &mut right)] {
            if !part.is_empty() {
                side.push(TextRun {
                    text: part.to_owned(),
                    ..run.clone()
                });
            }
        }
        start += run.text.len();
    }
    (left, right)
}

/// A column of cells.
#[derive(Debug, Clone)]
pub struct AlignedColumn {
    cells: Vec<Option<Cell>>,
    before: f64,
    after: f64,
    gap: f64,
    /// Its width in points.
    pub width: f64,
    size: f64,
}

impl AlignedColumn {
    /// Measures the cells of a column, in text of `size` points.
    pub fn new(cells: Vec<Option<TextLine>>, setting: Setting, size: f64) -> Self {
        let cells: Vec<Option<Cell>> = cells
            .into_iter()
            .map(|runs| runs.map(|runs| Cell::new(runs, setting, size)))
            .collect();
        let width = |runs: &[TextRun]| setting.metrics.width(runs, size);
        let widest =
            |part: &dyn Fn(&Cell) -> f64| cells.iter().flatten().map(part).fold(0.0, f64::max);
        let before = widest(&|cell| cell.before);
        let after = widest(&|cell| cell.after);
        let tail = widest(&|cell| width(&cell.tail));
        let gap = if tail > 0.0 {
            width(&[TextRun::plain(" ")])
        } else {
            0.0
        };
        Self {
            before,
            after,
            gap,
            width: before + after + gap + tail,
            size,
            cells,
        }
    }

    /// Draws a cell with the column's left edge at `x`. A cell whose number is as long as the column's stays one text.
    pub fn draw(&self, canvas: &mut Canvas, row: usize, x: f64, baseline: f64) {
        let Some(Some(cell)) = self.cells.get(row) else {
            return;
        };
        let start = point(x + self.before - cell.before, baseline);
        if cell.tail.is_empty() || (self.after - cell.after).abs() < 0.01 {
            canvas.text(start, Anchor::Start, self.size, cell.whole.clone());
            return;
        }
        canvas.text(start, Anchor::Start, self.size, cell.number.clone());
        let tail = point(x + self.before + self.after + self.gap, baseline);
        canvas.text(tail, Anchor::Start, self.size, cell.tail.clone());
    }
}

/// A column of cells with its head.
#[derive(Debug, Clone)]
pub struct HeadedColumn {
    /// The head, in lines.
    pub head: Wrapped,
    /// The width of the whole in points.
    pub width: f64,
    /// Where its left edge lies.
    pub x: f64,
    cells: AlignedColumn,
}

impl HeadedColumn {
    /// As wide as its cells, or as its head broken at words into lines that are not much wider.
    pub fn new(
        head: &[TextRun],
        cells: Vec<Option<TextLine>>,
        setting: Setting,
        size: f64,
    ) -> Self {
        let cells = AlignedColumn::new(cells, setting, size);
        let natural = setting.metrics.width(head, size);
        let mut room = (1.2 * cells.width).max(6.0 * size).min(natural);
        let mut wrapped = wrap(setting.metrics, head, size, room);
        while wrapped.cut && room < 0.25 * setting.width {
            room += size;
            wrapped = wrap(setting.metrics, head, size, room);
        }
        let width = widest_line(setting.metrics, &wrapped, size).max(cells.width);
        Self {
            head: wrapped,
            cells,
            width,
            x: 0.0,
        }
    }

    /// Draws a cell in the middle of the column.
    pub fn draw(&self, canvas: &mut Canvas, row: usize, baseline: f64) {
        let x = self.x + (self.width - self.cells.width) / 2.0;
        self.cells.draw(canvas, row, x, baseline);
    }

    /// Draws the head, its last line's lower edge at `bottom`.
    pub fn draw_head(&self, canvas: &mut Canvas, setting: Setting, bottom: f64) {
        let top = bottom - line_height(setting, self.size()) * self.head.lines.len() as f64;
        let at = point(self.x + self.width / 2.0, top);
        canvas.lines(at, Anchor::Middle, self.size(), &self.head.lines);
    }

    fn size(&self) -> f64 {
        self.cells.size
    }
}
