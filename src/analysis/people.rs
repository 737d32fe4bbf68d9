//! Whose the rows are: of wide data each row is a participant, of long data the rows with the same id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::column::{codes, column, texts};
use super::{Arms, Finding};
use crate::dataset::Frame;

/// Data with several rows a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Long {
    /// The column that tells participants apart.
    pub id: String,
    /// The column of the visit, of which each participant has one row.
    pub visit: Option<String>,
}

/// The participants, in the order of their first rows.
pub(super) struct People {
    /// Each one's rows, ascending.
    rows: Vec<Vec<usize>>,
    /// Each row's visit, of long data.
    visits: Vec<Option<String>>,
    /// The participants of each arm.
    pub arms: Vec<Vec<usize>>,
    /// Those without an arm.
    pub without_arm: Vec<usize>,
}

impl People {
    /// Finds them. Refused are a row without its participant, a participant in two arms or twice at a visit.
    pub fn read(arms: &Arms, long: Option<&Long>, frame: &Frame) -> Result<Self, Finding> {
        let rows = match long {
            None => (0..frame.height()).map(|row| vec![row]).collect(),
            Some(long) => by_id(&long.id, frame)?,
        };
        let visits = match long.and_then(|long| long.visit.as_deref()) {
            Some(visit) => texts(column(frame, visit)?),
            None => Vec::new(),
        };
        let mut people = Self {
            rows,
            visits,
            arms: vec![Vec::new(); arms.levels.len()],
            without_arm: Vec::new(),
        };
        people.allot(arms, frame)?;
        if let Some(long) = long {
            people.one_row_a_visit(&long.id, frame)?;
        }
        Ok(people)
    }

    fn allot(&mut self, arms: &Arms, frame: &Frame) -> Result<(), Finding> {
        let codes = codes(column(frame, &arms.variable)?, &arms.levels)?;
        let code = |row: &usize| codes.get(*row).copied().flatten();
        for (person, rows) in self.rows.iter().enumerate() {
            let own = rows.first().and_then(code);
            if rows.iter().any(|row| code(row) != own) {
                let numbers: Vec<String> = rows.iter().map(|r| number(frame, *r)).collect();
                let message = format!(
                    "a participant has different values of `{}`, in rows {}",
                    arms.variable,
                    numbers.join(", ")
                );
                return Err(Finding::error("two-arms", message).at(["id".into()]));
            }
            match own.and_then(|c| self.arms.get_mut(c)) {
                Some(arm) => arm.push(person),
                None => self.without_arm.push(person),
            }
        }
        Ok(())
    }

    fn one_row_a_visit(&self, id: &str, frame: &Frame) -> Result<(), Finding> {
        for rows in &self.rows {
            let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
            for &row in rows {
                let Some(visit) = self.visits.get(row).and_then(Option::as_deref) else {
                    continue;
                };
                if let Some(first) = seen.insert(visit, row) {
                    let message = format!(
                        "a participant of `{id}` has two rows of the visit `{visit}`: {} and {}",
                        number(frame, first),
                        number(frame, row)
                    );
                    return Err(Finding::error("repeated-visit", message).at(["id".into()]));
                }
            }
        }
        Ok(())
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The rows of some participants, of one visit if it is named; ascending.
    pub fn rows_of(&self, people: &[usize], visit: Option<&str>) -> Vec<usize> {
        let own = people.iter().filter_map(|person| self.rows.get(*person));
        let mut rows: Vec<usize> = own
            .flatten()
            .copied()
            .filter(|row| self.is_at(*row, visit))
            .collect();
        rows.sort_unstable();
        rows
    }

    /// Those who have such a row at that visit, and those who have none.
    pub fn split(
        &self,
        people: &[usize],
        visit: Option<&str>,
        has: impl Fn(usize) -> bool,
    ) -> (Vec<usize>, Vec<usize>) {
        people
            .iter()
            .partition(|person| self.rows_of(&[**person], visit).into_iter().any(&has))
    }

    fn is_at(&self, row: usize, visit: Option<&str>) -> bool {
        visit.is_none_or(|visit| self.visits.get(row).and_then(Option::as_deref) == Some(visit))
    }
}

/// The rows of each id, in the order of first rows.
fn by_id(id: &str, frame: &Frame) -> Result<Vec<Vec<usize>>, Finding> {
    let ids = texts(column(frame, id)?);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for (row, who) in ids.iter().enumerate() {
        let Some(who) = who.as_deref() else {
            let message = format!("`{id}` is missing in row {}", number(frame, row));
            return Err(Finding::error("missing-id", message)
                .at(["id".into()])
                .help("every row of long data says whose it is"));
        };
        let place = *places.entry(who).or_insert(rows.len());
        match rows.get_mut(place) {
            Some(own) => own.push(row),
            None => rows.push(vec![row]),
        }
    }
    Ok(rows)
}

fn number(frame: &Frame, row: usize) -> String {
    frame.rows.get(row).copied().unwrap_or_default().to_string()
}
