//! A table of counts.

use super::super::StatsError;

/// A table of counts with its margins; at least two rows and two columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContingencyTable {
    counts: Vec<Vec<u64>>,
    row_totals: Vec<u64>,
    column_totals: Vec<u64>,
    total: u64,
}

impl ContingencyTable {
    /// From its rows, which have the same length. The total is at most 2^52, so that every count is exact as a float.
    pub fn new(rows: &[Vec<u64>]) -> Result<Self, StatsError> {
        let what = "contingency table";
        StatsError::check_count(what, "rows", 2, rows.len())?;
        let width = rows.first().map_or(0, Vec::len);
        StatsError::check_count(what, "columns", 2, width)?;
        if let Some(row) = rows.iter().find(|row| row.len() != width) {
            return Err(StatsError::SizeMismatch {
                what: "a row of the table",
                have: row.len(),
                need: width,
            });
        }
        let checked = |sum: u64, count: &u64| sum.checked_add(*count);
        let total = rows.iter().flatten().try_fold(0, checked);
        let total = total.filter(|total| *total <= 1 << 52);
        let total = total.ok_or_else(|| StatsError::TooLarge {
            what,
            reason: "the counts sum to more than 2^52".to_owned(),
        })?;
        let column = |j: usize| rows.iter().filter_map(|row| row.get(j)).sum();
        Ok(Self {
            counts: rows.to_vec(),
            row_totals: rows.iter().map(|row| row.iter().sum()).collect(),
            column_totals: (0..width).map(column).collect(),
            total,
        })
    }

    /// The counts, row by row.
    pub fn counts(&self) -> &[Vec<u64>] {
        &self.counts
    }

    /// The sum of each row.
    pub fn row_totals(&self) -> &[u64] {
        &self.row_totals
    }

    /// The sum of each column.
    pub fn column_totals(&self) -> &[u64] {
        &self.column_totals
    }

    /// The sum of all counts.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The four counts of a table of two rows and two columns, row by row.
    pub fn two_by_two(&self) -> Option<[u64; 4]> {
        match self.counts.as_slice() {
            [first, second] => match (first.as_slice(), second.as_slice()) {
                ([a, b], [c, d]) => Some([*a, *b, *c, *d]),
                _ => None,
            },
            _ => None,
        }
    }

    /// The counts expected without association: row total × column total / total.
    pub fn expected(&self) -> Result<Vec<Vec<f64>>, StatsError> {
        self.check_margins("expected counts")?;
        let total = self.total as f64;
        let row = |row: &u64| {
            let share = *row as f64 / total;
            let columns = self.column_totals.iter();
            columns.map(|column| share * *column as f64).collect()
        };
        Ok(self.row_totals.iter().map(row).collect())
    }

    /// Refuses an empty row or column, for which expected counts are 0.
    pub(super) fn check_margins(&self, what: &'static str) -> Result<(), StatsError> {
        let margins = [("row", &self.row_totals), ("column", &self.column_totals)];
        for (name, totals) in margins {
            if let Some(index) = totals.iter().position(|total| *total == 0) {
                let reason = format!("{name} {} of the table is empty", index + 1);
                return Err(StatsError::degenerate(what, reason));
            }
        }
        Ok(())
    }

    /// The same table without empty rows and columns, which tell nothing of association; `None` if fewer than two of
    /// either remain.
    pub(super) fn without_empty(&self) -> Option<Self> {
        let rows = self.counts.iter().zip(&self.row_totals);
        let rows = rows.filter(|(_, total)| **total > 0).map(|(row, _)| {
            let cells = row.iter().zip(&self.column_totals);
            let cells = cells.filter(|(_, total)| **total > 0);
            cells.map(|(count, _)| *count).collect()
        });
        Self::new(&rows.collect::<Vec<Vec<u64>>>()).ok()
    }
}
