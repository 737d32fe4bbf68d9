//! Bins of equal width, and their counts as a line of blocks.

/// How many bins a distribution has.
const BINS: usize = 16;

/// Blocks from the lowest to the highest.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The bins of a distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The smallest value.
    pub from: f64,
    /// The largest value.
    pub to: f64,
    /// How many bins there are.
    pub bins: usize,
    /// Whether each bin is one whole number.
    pub single: bool,
}

impl Axis {
    /// The bins of values from the smallest to the largest; `whole` if all are whole numbers.
    pub fn new(from: f64, to: f64, whole: bool) -> Self {
        let span = to - from;
        let single = whole && span < BINS as f64;
        let bins = if single {
            // At most 16, and whole.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let values = span as usize;
            values + 1
        } else if from == to {
            1
        } else {
            BINS
        };
        Self {
            from,
            to,
            bins,
            single,
        }
    }

    /// The bin of a value, which is one of those that the axis was made for.
    pub fn bin(&self, value: f64) -> usize {
        let place = if self.single {
            value - self.from
        } else if self.bins == 1 {
            0.0
        } else {
            // Halved, so that the widest range there is has a width.
            let share = (value * 0.5 - self.from * 0.5) / (self.to * 0.5 - self.from * 0.5);
            share * self.bins as f64
        };
        // Clamped before it is an index; the largest value belongs to the last bin.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bin = place.clamp(0.0, (self.bins - 1) as f64) as usize;
        bin
    }

    /// How many of the values are in each bin.
    pub fn counts(&self, values: &[f64]) -> Vec<usize> {
        let mut counts = vec![0; self.bins];
        for value in values {
            if let Some(count) = counts.get_mut(self.bin(*value)) {
                *count += 1;
            }
        }
        counts
    }
}

/// Counts as blocks whose heights are in proportion to the largest; a space for none.
pub fn sparkline(counts: &[usize]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    counts
        .iter()
        .map(|count| match count {
            0 => ' ',
            _ => {
                // Rounded up: a single value is seen.
                let height = (count * BLOCKS.len()).div_ceil(most);
                BLOCKS.get(height - 1).copied().unwrap_or('█')
            }
        })
        .collect()
}
