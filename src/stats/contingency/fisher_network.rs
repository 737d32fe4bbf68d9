//! The exact distribution of a table of counts given its margins.

use std::collections::BTreeMap;

use super::super::StatsError;
use super::super::special::stirling_error;
use super::ContingencyTable;
use super::fisher::TIE;

/// The most steps taken before the table counts as too large: a few seconds.
const BUDGET: u64 = 30_000_000;

/// What each row still has to give, in descending order: rows are interchangeable.
type Node = Vec<u32>;

/// The P value of Fisher's exact test by the network algorithm (Mehta and Patel 1983).
///
/// The columns are filled one after the other. A node is what the rows have left before a column; a path to it has the
/// length Σ ln(column total!/Π cells!), and the length of a whole path is the logarithm of its table's probability but
/// for a constant. A path is followed no further once the longest (or the shortest) way from its node to the end
/// decides that all (or none) of the tables through it count. Paths of equal length to a node are merged.
pub(super) fn network(table: &ContingencyTable) -> Result<f64, StatsError> {
    let mut network = Network::new(table)?;
    let limit = network.length_of(table) + TIE.ln_1p();
    let start = descending(network.rows.clone());
    let mut level = BTreeMap::from([(start, Paths::from([(0, (0.0, 1.0))]))]);
    let mut p_value = 0.0;
    for column in 0..network.columns.len() {
        let mut next: BTreeMap<Node, Paths> = BTreeMap::new();
        for (node, paths) in level {
            let bounds = network.bounds(&node, column)?;
            let rest = log_multinomial(&node);
            let mut open = Vec::new();
            for (length, weight) in paths.into_values() {
                if length + bounds.longest <= limit {
                    // Weight counts the paths, in units of e^length.
                    p_value += weight * (length + rest - network.total).exp();
                } else if length + bounds.shortest <= limit {
                    open.push((length, weight));
                }
            }
            if open.is_empty() {
                continue;
            }
            for (child, step) in network.arcs(&node, column)? {
                network.spend(open.len() as u64)?;
                let paths = next.entry(child).or_default();
                for (length, weight) in &open {
                    merge(paths, length + step, *weight);
                }
            }
        }
        level = next;
    }
    Ok(p_value)
}

/// Paths to a node by rounded length: the length itself, and how many paths of that length there are.
type Paths = BTreeMap<i64, (f64, f64)>;

fn merge(paths: &mut Paths, length: f64, weight: f64) {
    // Lengths are at most about 1e4 here; equal ones differ by far less than 1e-11, and those that merely fall
    // together are brought to one length by their weight.
    #[allow(clippy::cast_possible_truncation)]
    let key = (length * 1e11).round() as i64;
    let (common, sum) = paths.entry(key).or_insert((length, 0.0));
    *sum += weight * (length - *common).exp();
}

/// The longest and the shortest way from a node to the end.
#[derive(Clone, Copy)]
struct Bounds {
    longest: f64,
    shortest: f64,
}

struct Network {
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// ln of the sum of e^length over all tables.
    total: f64,
    /// ln i! for every i up to the largest column.
    log_factorials: Vec<f64>,
    known: Vec<BTreeMap<Node, Bounds>>,
    spent: u64,
}

impl Network {
    fn new(table: &ContingencyTable) -> Result<Self, StatsError> {
        let narrow = |totals: &[u64]| -> Result<Vec<u32>, StatsError> {
            let all = totals.iter().map(|total| u32::try_from(*total));
            all.collect::<Result<_, _>>().map_err(|_| too_large())
        };
        let (mut rows, mut columns) = (narrow(table.row_totals())?, narrow(table.column_totals())?);
        // Few rows make few nodes.
        if rows.len() > columns.len() {
            std::mem::swap(&mut rows, &mut columns);
        }
        columns.sort_unstable_by(|a, b| b.cmp(a));
        let largest = columns.first().copied().unwrap_or(0);
        if u64::from(largest) > BUDGET {
            return Err(too_large());
        }
        let log_factorials = (0..=largest).map(|i| log_factorial(f64::from(i)));
        Ok(Self {
            total: log_multinomial(&rows),
            log_factorials: log_factorials.collect(),
            known: vec![BTreeMap::new(); columns.len()],
            rows,
            columns,
            spent: 0,
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
        stored
            .copied()
            .unwrap_or_else(|| log_factorial(f64::from(i)))
    }

    fn spend(&mut self, steps: u64) -> Result<(), StatsError> {
        self.spent += steps;
        if self.spent > BUDGET {
            return Err(too_large());
        }
        Ok(())
    }

    /// The nodes that filling a column leads to, with the length of the step.
    fn arcs(&mut self, node: &Node, column: usize) -> Result<Vec<(Node, f64)>, StatsError> {
        let total = self.columns.get(column).copied().unwrap_or(0);
        let mut arcs = Vec::new();
        let mut left = node.clone();
        self.fill(&mut left, 0, total, self.log_factorial(total), &mut arcs)?;
        Ok(arcs)
    }

    /// Distributes `remaining` over the rows from `row` on.
    fn fill(
        &mut self,
        left: &mut Node,
        row: usize,
        remaining: u32,
        length: f64,
        arcs: &mut Vec<(Node, f64)>,
    ) -> Result<(), StatsError> {
        let Some((have, others)) = left.get(row..).and_then(|rest| rest.split_first()) else {
            self.spend(1)?;
            arcs.push((descending(left.clone()), length));
            return Ok(());
        };
        let have = *have;
        let capacity: u32 = others.iter().sum();
        for count in remaining.saturating_sub(capacity)..=remaining.min(have) {
            left[row] = have - count;
            let step = self.log_factorial(count);
            self.fill(left, row + 1, remaining - count, length - step, arcs)?;
        }
        left[row] = have;
        Ok(())
    }

    fn bounds(&mut self, node: &Node, column: usize) -> Result<Bounds, StatsError> {
        if let Some(bounds) = self.known.get(column).and_then(|known| known.get(node)) {
            return Ok(*bounds);
        }
        let mut bounds = Bounds {
            longest: f64::NEG_INFINITY,
            shortest: f64::INFINITY,
        };
        let arcs = self.arcs(node, column)?;
        let last = column + 1 == self.columns.len();
        for (child, step) in arcs {
            let rest = if last {
                Bounds {
                    longest: 0.0,
                    shortest: 0.0,
                }
            } else {
                self.bounds(&child, column + 1)?
            };
            bounds.longest = bounds.longest.max(step + rest.longest);
            bounds.shortest = bounds.shortest.min(step + rest.shortest);
        }
        if let Some(known) = self.known.get_mut(column) {
            known.insert(node.clone(), bounds);
        }
        Ok(bounds)
    }
}

fn descending(mut node: Node) -> Node {
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
    let parts: f64 = kinds
        .iter()
        .map(|kind| log_factorial(f64::from(*kind)))
        .sum();
    log_factorial(total) - parts
}

fn too_large() -> StatsError {
    StatsError::TooLarge {
        what: "Fisher exact test",
        reason: "too many tables have these margins".to_owned(),
    }
}
