//! The exact distribution of a table of counts given its margins.

use std::cell::Cell;
use std::collections::BTreeMap;

use super::super::StatsError;
use super::super::special::stirling_error;
use super::super::summary::CompensatedSum;
use super::ContingencyTable;
use super::fisher::TIE;

/// The most steps taken before the table counts as too large: a few seconds.
const BUDGET: u64 = 60_000_000;

/// What each row still has to give, in descending order: rows are interchangeable.
type Node = Vec<u32>;

/// The P value of Fisher's exact test by a network algorithm (Mehta and Patel 1983).
///
/// The columns are filled one after the other. A node is what the rows have left before a column; a path to it has the
/// length Σ ln(column total!/Π cells!), and the length of a whole path is the logarithm of its table's probability but
/// for a constant. A path is followed no further once bounds of the longest (or the shortest) way from its node to the
/// end decide that all (or none) of the tables through it count. Paths of equal length to a node are merged, and the
/// last two columns are filled at once for all paths to a node.
pub(super) fn network(table: &ContingencyTable) -> Result<f64, StatsError> {
    let network = Network::new(table)?;
    let limit = network.length_of(table) + TIE.ln_1p();
    let mut p_value = CompensatedSum::default();
    let mut level = BTreeMap::from([(descending(&network.rows), Paths::start())]);
    for column in 0..network.columns.len().saturating_sub(1) {
        let last = column + 2 == network.columns.len();
        let mut next: BTreeMap<Node, Paths> = BTreeMap::new();
        for (node, mut paths) in level {
            network.spend(1)?;
            paths.merge();
            let (longest, shortest) = network.bounds(&node, column);
            let rest = log_multinomial(&node) - network.total;
            let (decided, open): (Vec<Path>, Vec<Path>) = paths
                .0
                .into_iter()
                .filter(|path| path.length + shortest <= limit)
                .partition(|path| path.length + longest <= limit);
            for path in decided {
                p_value.add(path.weight * (path.length + rest).exp());
            }
            if open.is_empty() {
                continue;
            }
            if last {
                p_value.add(network.finish(&node, column, &open, limit)?);
                continue;
            }
            network.advance(&node, column, &open, &mut next)?;
        }
        level = next;
    }
    Ok(p_value.value())
}

/// Ways to a node: their length and how many there are.
#[derive(Clone, Copy)]
struct Path {
    length: f64,
    weight: f64,
}

/// All paths to a node, and how many there were when they were last merged.
#[derive(Default)]
struct Paths(Vec<Path>, usize);

impl Paths {
    fn start() -> Self {
        let path = Path {
            length: 0.0,
            weight: 1.0,
        };
        Self(vec![path], 1)
    }

    fn push(&mut self, path: Path) {
        self.0.push(path);
        if self.0.len() > 64 + 2 * self.1 {
            self.merge();
        }
    }

    /// Makes one of paths of equal length. Lengths are at most some 1e4 and equal ones differ by rounding, far less
    /// than 1e-10; different ones that are this near are brought to one length by their weight.
    fn merge(&mut self) {
        self.0.sort_by(|a, b| a.length.total_cmp(&b.length));
        self.0.dedup_by(|path, kept| {
            let near = path.length - kept.length < 1e-10;
            if near {
                kept.weight += path.weight * (path.length - kept.length).exp();
            }
            near
        });
        self.1 = self.0.len();
    }
}

struct Network {
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// ln of the sum of e^length over all tables.
    total: f64,
    /// ln i! for every i up to the largest margin.
    log_factorials: Vec<f64>,
    spent: Cell<u64>,
}

impl Network {
    fn new(table: &ContingencyTable) -> Result<Self, StatsError> {
        let narrow = |totals: &[u64]| -> Result<Vec<u32>, StatsError> {
            let all = totals.iter().map(|total| u32::try_from(*total));
            all.collect::<Result<_, _>>().map_err(|_| too_large())
        };
        let mut rows = narrow(table.row_totals())?;
        let mut columns = narrow(table.column_totals())?;
        // Few rows make few nodes.
        if rows.len() > columns.len() {
            std::mem::swap(&mut rows, &mut columns);
        }
        columns.sort_unstable_by(|a, b| b.cmp(a));
        let largest = rows.iter().chain(&columns).max().copied().unwrap_or(0);
        if u64::from(largest) > BUDGET || table.total() > u64::from(u32::MAX) {
            return Err(too_large());
        }
        let log_factorials = (0..=largest).map(|i| log_factorial(f64::from(i)));
        Ok(Self {
            total: log_multinomial(&rows),
            log_factorials: log_factorials.collect(),
            rows,
            columns,
            spent: Cell::new(0),
        })
    }

    /// The length of the path of a whole table.
    fn length_of(&self, table: &ContingencyTable) -> f64 {
        let cells = table.counts().iter().flatten();
        let cells: f64 = cells.map(|count| log_factorial(*count as f64)).sum();
        let columns = self.columns.iter().map(|total| self.log_factorial(*total));
        columns.sum::<f64>() - cells
    }

    fn log_factorial(&self, i: u32) -> f64 {
        let stored = self.log_factorials.get(i as usize);
        stored.copied().unwrap_or(f64::INFINITY)
    }

    fn spend(&self, steps: u64) -> Result<(), StatsError> {
        self.spent.set(self.spent.get() + steps);
        if self.spent.get() > BUDGET {
            return Err(too_large());
        }
        Ok(())
    }

    /// Bounds of the longest and of the shortest way from a node to the end.
    fn bounds(&self, node: &Node, column: usize) -> (f64, f64) {
        let columns = self.columns.get(column..).unwrap_or_default();
        let heads: f64 = columns.iter().map(|total| self.log_factorial(*total)).sum();
        let by_column = self.most_uneven(columns, node);
        // The rows may be filled from the columns as well; both bounds hold.
        let most = by_column.min(self.most_uneven(node, columns));
        (heads - self.most_even(node, columns), heads - most)
    }

    /// A lower bound of Σ ln(cell!) over the tables with these margins, by Lagrange's multipliers: for any a and b,
    /// Σ min over x of (ln x! − (aᵢ + bⱼ) x) + Σ aᵢ rowᵢ + Σ bⱼ columnⱼ. The inner minimum lies at the whole part of
    /// e^(aᵢ + bⱼ), which is set near the even share.
    fn most_even(&self, rows: &[u32], columns: &[u32]) -> f64 {
        let (height, width) = (rows.len() as f64, columns.len() as f64);
        let total: f64 = rows.iter().map(|row| f64::from(*row)).sum();
        let scale = (total + height * width / 2.0).ln();
        let row_log = |row: &u32| (f64::from(*row) + width / 2.0).ln() - scale;
        let column_log = |column: &u32| (f64::from(*column) + height / 2.0).ln();
        let columns: Vec<(f64, f64)> = columns
            .iter()
            .map(|column| (column_log(column), f64::from(*column)))
            .collect();
        let mut bound: f64 = columns.iter().map(|(log, column)| log * column).sum();
        for row in rows {
            let a = row_log(row);
            bound += a * f64::from(*row);
            for (b, _) in &columns {
                let log = a + b;
                let share = log.exp().floor();
                // A share is at most the larger margin.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let best = self.log_factorial(share as u32) - log * share;
                bound += best;
            }
        }
        bound
    }

    /// An upper bound of Σ ln(cell!): every line takes all it can from the largest of the others, as if it were alone.
    fn most_uneven(&self, lines: &[u32], others: &[u32]) -> f64 {
        // Nodes and columns are in descending order.
        let fill = |line: &u32| {
            let mut remaining = *line;
            let cells = others.iter().map(|other| {
                let cell = remaining.min(*other);
                remaining -= cell;
                self.log_factorial(cell)
            });
            cells.sum::<f64>()
        };
        lines.iter().map(fill).sum()
    }

    /// Fills a column in every way, for all paths.
    fn advance(
        &self,
        node: &Node,
        column: usize,
        open: &[Path],
        next: &mut BTreeMap<Node, Paths>,
    ) -> Result<(), StatsError> {
        let total = self.columns.get(column).copied().unwrap_or(0);
        let start = (total, self.log_factorial(total));
        self.fill(&mut node.clone(), 0, start, &mut |left, step| {
            // A node and its paths are stored: dearer than a step.
            self.spend(4 * (open.len() + left.len()) as u64)?;
            let paths = next.entry(descending(left)).or_default();
            for Path { length, weight } in open {
                paths.push(Path {
                    length: length + step,
                    weight: *weight,
                });
            }
            Ok(())
        })
    }

    /// Fills the last two columns: the sum over all paths and all ways that count.
    fn finish(
        &self,
        node: &Node,
        column: usize,
        paths: &[Path],
        limit: f64,
    ) -> Result<f64, StatsError> {
        let total = self.columns.get(column).copied().unwrap_or(0);
        let last = self
            .columns
            .last()
            .map_or(0.0, |total| self.log_factorial(*total));
        let mut lengths = Vec::new();
        let mut left = node.clone();
        self.fill(
            &mut left,
            0,
            (total, self.log_factorial(total) + last),
            &mut |left, length| {
                let cells = left.iter().map(|cell| self.log_factorial(*cell));
                lengths.push(length - cells.sum::<f64>());
                Ok(())
            },
        )?;
        lengths.sort_by(f64::total_cmp);
        // Running sums of e^length, in units of the longest.
        let longest = lengths.last().copied().unwrap_or(0.0);
        let mut sum = 0.0;
        let sums: Vec<f64> = lengths
            .iter()
            .map(|length| {
                sum += (length - longest).exp();
                sum
            })
            .collect();
        let mut counted = CompensatedSum::default();
        for Path { length, weight } in paths {
            let within = lengths.partition_point(|way| length + way <= limit);
            if let Some(sum) = within.checked_sub(1).and_then(|index| sums.get(index)) {
                counted.add(weight * sum * (length + longest - self.total).exp());
            }
        }
        self.spend(paths.len() as u64)?;
        Ok(counted.value())
    }

    /// Visits all ways to take `remaining` from the rows from `row` on.
    fn fill(
        &self,
        left: &mut Node,
        row: usize,
        (remaining, length): (u32, f64),
        visit: &mut impl FnMut(&Node, f64) -> Result<(), StatsError>,
    ) -> Result<(), StatsError> {
        let Some((have, others)) = left.get(row..).and_then(|rest| rest.split_first()) else {
            self.spend(row as u64)?;
            return visit(left, length);
        };
        let have = *have;
        let capacity: u32 = others.iter().sum();
        for count in remaining.saturating_sub(capacity)..=remaining.min(have) {
            left[row] = have - count;
            let length = length - self.log_factorial(count);
            self.fill(left, row + 1, (remaining - count, length), visit)?;
        }
        left[row] = have;
        Ok(())
    }
}

fn descending(node: &[u32]) -> Node {
    let mut node = node.to_vec();
    node.sort_unstable_by(|a, b| b.cmp(a));
    node
}

/// ln n!.
fn log_factorial(n: f64) -> f64 {
    if n < 2.0 {
        return 0.0;
    }
    let half_log_two_pi = 0.5 * (2.0 * std::f64::consts::PI).ln();
    stirling_error(n) + (n + 0.5) * n.ln() - n + half_log_two_pi
}

/// ln of the number of ways to order items of which there are so many of each kind.
fn log_multinomial(kinds: &[u32]) -> f64 {
    let total: f64 = kinds.iter().map(|kind| f64::from(*kind)).sum();
    let parts = kinds.iter().map(|kind| log_factorial(f64::from(*kind)));
    log_factorial(total) - parts.sum::<f64>()
}

fn too_large() -> StatsError {
    StatsError::TooLarge {
        what: "Fisher exact test",
        reason: "too many tables have these margins".to_owned(),
    }
}
