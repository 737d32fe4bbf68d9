//! Axes: from values to places, with ticks at round numbers.

use super::Numbers;
use super::canvas::Canvas;
use super::scene::Anchor;
use super::wrap::TextLine;
use super::{Setting, canvas::point};
use crate::artefact::Scale;

/// The largest difference on an axis: sums and steps must not overflow.
const MOST: f64 = 1e300;

/// The largest ratio and, as its reciprocal, the smallest: the ticks beyond must not overflow.
const MOST_RATIO: f64 = 1e150;

/// Length of a tick in points.
pub const TICK: f64 = 3.0;

/// A tick: its value and the decimals that it is printed with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// Where it stands, in the axis's unit.
    pub value: f64,
    /// Decimals that print it exactly.
    pub decimals: u8,
}

/// The range of an axis with its ticks.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisRange {
    /// Linear or logarithmic.
    pub scale: Scale,
    /// The lower end, in the axis's unit.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The ticks in ascending order, all between the ends.
    pub ticks: Vec<Tick>,
}

impl AxisRange {
    /// A range around values from `low` to `high`, its ends at ticks, with at most `most` ticks, or three: around
    /// zero there can't be fewer.
    pub fn around(scale: Scale, low: f64, high: f64, most: usize) -> Self {
        let (low, high) = spread(scale, low, high);
        let ticks = ticks(scale, low, high, most.max(3), Ends::Outside);
        let first = ticks.first().map_or(low, |t| t.value.min(low));
        let last = ticks.last().map_or(high, |t| t.value.max(high));
        Self {
            scale,
            low: first,
            high: last,
            ticks,
        }
    }

    /// A range with just these ends; none where they are no ends of such an axis.
    pub fn exactly(scale: Scale, low: f64, high: f64, most: usize) -> Option<Self> {
        are_ends(scale, low, high).then(|| Self {
            scale,
            low,
            high,
            ticks: ticks(scale, low, high, most.max(3), Ends::Inside),
        })
    }

    /// Where a value lies between the ends, 0 to 1; beyond them for values outside, infinitely far for what the scale
    /// does not reach.
    pub fn part(&self, value: f64) -> f64 {
        let (low, high) = (self.along(self.low), self.along(self.high));
        (self.along(value) - low) / (high - low)
    }

    fn along(&self, value: f64) -> f64 {
        along(self.scale, value)
    }
}

/// A value on the scale's own measure: its logarithm for ratios.
pub fn along(scale: Scale, value: f64) -> f64 {
    match scale {
        Scale::Difference => value,
        Scale::Ratio if value <= 0.0 => f64::NEG_INFINITY,
        Scale::Ratio => value.ln(),
    }
}

/// Back from the scale's own measure.
pub fn back(scale: Scale, measure: f64) -> f64 {
    match scale {
        Scale::Difference => measure,
        Scale::Ratio => measure.exp(),
    }
}

/// Whether an axis can go from `low` to `high`: in this order, far enough apart, on the scale.
pub fn are_ends(scale: Scale, low: f64, high: f64) -> bool {
    let (least, most) = bounds(scale);
    low >= least && high <= most && low < high && !are_close(scale, low, high)
}

fn bounds(scale: Scale) -> (f64, f64) {
    match scale {
        Scale::Difference => (-MOST, MOST),
        Scale::Ratio => (1.0 / MOST_RATIO, MOST_RATIO),
    }
}

/// Whether a value can be placed on a linear axis.
pub fn is_placeable(value: f64) -> bool {
    value.abs() <= MOST
}

/// Whether two values are too close for ticks between them.
fn are_close(scale: Scale, low: f64, high: f64) -> bool {
    match scale {
        Scale::Difference => high - low <= 1e-9 * low.abs().max(high.abs()),
        Scale::Ratio => high / low < 1.0 + 1e-9,
    }
}

/// Ends that an axis can have: apart from each other and within what numbers can hold.
fn spread(scale: Scale, low: f64, high: f64) -> (f64, f64) {
    let (least, most) = bounds(scale);
    let (low, high) = (low.clamp(least, most), high.clamp(least, most));
    let (low, high) = (low.min(high), low.max(high));
    if !are_close(scale, low, high) {
        return (low, high);
    }
    match scale {
        Scale::Difference if low == 0.0 && high == 0.0 => (-1.0, 1.0),
        Scale::Difference => (low - 0.1 * low.abs(), high + 0.1 * high.abs()),
        Scale::Ratio => ((low / 1.25).max(least), (high * 1.25).min(most)),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Ends {
    /// The outer ticks lie at the ends or beyond.
    Outside,
    /// All ticks lie between the ends.
    Inside,
}

fn ticks(scale: Scale, low: f64, high: f64, most: usize, ends: Ends) -> Vec<Tick> {
    match scale {
        Scale::Difference => linear_ticks(low, high, most, ends),
        Scale::Ratio => ratio_ticks(low, high, most, ends),
    }
}

/// Ticks at multiples of 1, 2 or 5 times a power of ten: the finest that are not more than `most` (after the nice
/// numbers of Heckbert, Graphics Gems 1990).
fn linear_ticks(low: f64, high: f64, most: usize, ends: Ends) -> Vec<Tick> {
    let mut exponent = decade((high - low) / most as f64) - 1;
    loop {
        for mantissa in [1.0, 2.0, 5.0] {
            let step = Step { mantissa, exponent };
            let (first, last) = step.between(low, high, ends);
            if last - first < most as f64 {
                return step.ticks(first, last);
            }
        }
        exponent += 1;
    }
}

/// The power of ten at or below a positive number.
fn decade(value: f64) -> i32 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the logarithm of a finite number is within ±324"
    )]
    let exponent = value.max(f64::MIN_POSITIVE).log10().floor() as i32;
    exponent
}

#[derive(Clone, Copy)]
struct Step {
    mantissa: f64,
    exponent: i32,
}

impl Step {
    /// A multiple, computed so that it is the number nearest to its decimal form.
    fn times(self, count: f64) -> f64 {
        let units = count * self.mantissa;
        if self.exponent < 0 {
            units / power_of_ten(-self.exponent)
        } else {
            units * power_of_ten(self.exponent)
        }
    }

    /// The first and last multiple for ticks from `low` to `high`, as counts.
    fn between(self, low: f64, high: f64, ends: Ends) -> (f64, f64) {
        let size = self.times(1.0);
        let (first, last) = (low / size, high / size);
        // An end that is a tick but for rounding is that tick.
        let slack = 1e-9;
        match ends {
            Ends::Outside => ((first + slack).floor(), (last - slack).ceil()),
            Ends::Inside => ((first - slack).ceil(), (last + slack).floor()),
        }
    }

    fn ticks(self, first: f64, last: f64) -> Vec<Tick> {
        let decimals = u8::try_from(-self.exponent).unwrap_or(0);
        // Counted by steps: a count itself may be too large to grow by one.
        let mut steps = 0.0;
        let mut ticks = Vec::new();
        while steps <= last - first {
            let value = self.times(first + steps) + 0.0;
            ticks.push(Tick { value, decimals });
            steps += 1.0;
        }
        ticks
    }
}

fn power_of_ten(exponent: i32) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * 10.0)
}

/// Ticks of a logarithmic axis: round differences where it spans little, else powers of two (0.25, 0.5, 1, 2, 4), else
/// 1, 2, 5, 10, else powers of ten.
fn ratio_ticks(low: f64, high: f64, most: usize, ends: Ends) -> Vec<Tick> {
    if high / low <= 5.0 {
        let ticks = linear_ticks(low, high, most, ends);
        if ticks.iter().all(|t| t.value > 0.0) {
            return ticks;
        }
    }
    let sets: [(TickSet, i32); 3] = [(power_of_two, 1), (one_two_five, 1), (power_of_two, 2)];
    for (set, stride) in sets {
        let ticks = from_set(set, stride, low, high, ends);
        if (2..=most).contains(&ticks.len()) {
            return ticks;
        }
    }
    let mut stride = 1;
    loop {
        let ticks = from_set(signed_power_of_ten, stride, low, high, ends);
        if ticks.len() <= most {
            return ticks;
        }
        stride += 1;
    }
}

/// An ascending set of numbers by index, 1 with the index 0.
type TickSet = fn(i32) -> f64;

/// Members of an ascending set of numbers by index, every `stride`th, from `low` to `high`.
fn from_set(set: TickSet, stride: i32, low: f64, high: f64, ends: Ends) -> Vec<Tick> {
    let slack = 1.0 + 1e-9;
    let value = |index: i32| set(index * stride);
    let mut first = 0;
    while value(first) > low * slack {
        first -= 1;
    }
    while value(first + 1) <= low * slack {
        first += 1;
    }
    let mut last = first;
    while value(last) * slack < high {
        last += 1;
    }
    if ends == Ends::Inside {
        first += i32::from(value(first) * slack < low);
        last -= i32::from(value(last) > high * slack);
    }
    let tick = |index| {
        let value = value(index);
        let decimals = exact_decimals(value);
        Tick { value, decimals }
    };
    (first..=last).map(tick).collect()
}

fn power_of_two(index: i32) -> f64 {
    let power = (0..index.unsigned_abs()).fold(1.0, |power, _| power * 2.0);
    if index < 0 { 1.0 / power } else { power }
}

fn signed_power_of_ten(index: i32) -> f64 {
    if index < 0 {
        1.0 / power_of_ten(-index)
    } else {
        power_of_ten(index)
    }
}

fn one_two_five(index: i32) -> f64 {
    let mantissa = match index.rem_euclid(3) {
        0 => 1.0,
        1 => 2.0,
        _ => 5.0,
    };
    let step = Step {
        mantissa,
        exponent: index.div_euclid(3),
    };
    step.times(1.0)
}

/// The fewest decimals, up to 17, that print a tick of a set exactly.
fn exact_decimals(value: f64) -> u8 {
    let mut scaled = value;
    for decimals in 0..17 {
        let near = scaled.round();
        if near != 0.0 && (scaled - near).abs() <= 1e-9 * near.abs() {
            return decimals;
        }
        scaled *= 10.0;
    }
    17
}

/// An axis that lies at a place: it turns values into points.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its values.
    pub range: AxisRange,
    /// Where its lower end lies, in points.
    pub start: f64,
    /// Where its upper end lies.
    pub end: f64,
}

impl Axis {
    /// Where a value lies, in points; values outside lie at the nearer end.
    pub fn place(&self, value: f64) -> f64 {
        let part = self.range.part(value).clamp(0.0, 1.0);
        self.start + part * (self.end - self.start)
    }

    /// Whether a value lies between the ends.
    pub fn shows(&self, value: f64) -> bool {
        (self.range.low..=self.range.high).contains(&value)
    }

    /// Draws a level axis at height `y` with ticks and their numbers, which stay between 0 and `width`; the height of
    /// what lies below `y`.
    pub fn draw_level(
        &self,
        canvas: &mut Canvas,
        setting: Setting,
        y: f64,
        size: f64,
        width: f64,
    ) -> f64 {
        canvas.edge_line(point(self.start, y), point(self.end, y));
        let baseline = y + TICK + 1.0 + setting.metrics.ascent(size);
        for tick in &self.range.ticks {
            let x = self.place(tick.value);
            canvas.edge_line(point(x, y), point(x, y + TICK));
            let text = tick_text(*tick, setting.numbers);
            let half = setting.metrics.width(&text, size) / 2.0;
            let x = x.min(width - half).max(half);
            canvas.text(point(x, baseline), Anchor::Middle, size, text);
        }
        baseline + setting.metrics.descent(size) - y
    }

    /// Whether the numbers at the ticks of a level axis keep apart.
    pub fn numbers_fit(&self, setting: Setting, size: f64) -> bool {
        let mut right = f64::NEG_INFINITY;
        self.range.ticks.iter().all(|tick| {
            let half = setting
                .metrics
                .width(&tick_text(*tick, setting.numbers), size)
                / 2.0;
            let x = self.place(tick.value);
            let apart = x - half >= right + 0.6 * size;
            right = x + half;
            apart
        })
    }
}

/// The height of what lies below a level axis: its ticks and their numbers.
pub fn level_height(setting: Setting, size: f64) -> f64 {
    TICK + 1.0 + setting.metrics.ascent(size) + setting.metrics.descent(size)
}

/// The number at a tick.
pub fn tick_text(tick: Tick, numbers: &dyn Numbers) -> TextLine {
    vec![super::TextRun::plain(
        numbers.axis(tick.value, tick.decimals),
    )]
}
