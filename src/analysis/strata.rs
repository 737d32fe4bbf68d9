//! Rows by arm, and all of them together: the columns of tables of characteristics.

use super::column::{codes, column, numbered, row_use};
use super::notes::{Notes, listed};
use super::record::{Recorder, Subject};
use super::{Arms, Finding, RowUse};
use crate::artefact::Label;
use crate::dataset::Frame;
use crate::statistic::{Group, StatId};

/// Some rows of a frame, with what they are.
#[derive(Debug, Clone)]
pub(super) struct Stratum {
    /// What is printed for it.
    pub label: String,
    /// The arm; none for all rows together.
    pub within: Option<Group>,
    /// Indices into the frame, ascending.
    pub rows: Vec<usize>,
    /// The id of their count.
    pub size: StatId,
}

impl Stratum {
    /// What statistics of a variable in these rows are recorded as.
    pub fn subject<'r>(
        &self,
        recorder: &'r mut Recorder,
        context: &str,
        variable: &str,
    ) -> Subject<'r> {
        let subject = recorder.of(context, variable);
        match &self.within {
            Some(group) => subject.within(&group.variable, &group.level),
            None => subject,
        }
    }

    /// The head of its column.
    pub fn head(&self) -> Label {
        Label::text(&self.label).n(self.size.clone())
    }

    /// The values of its rows.
    pub fn pick<T: Copy>(&self, values: &[Option<T>]) -> Vec<Option<T>> {
        self.rows
            .iter()
            .map(|&i| values.get(i).copied().flatten())
            .collect()
    }

    /// The values of its rows that are there.
    pub fn present<T: Copy>(&self, values: &[Option<T>]) -> Vec<T> {
        self.pick(values).into_iter().flatten().collect()
    }
}

/// Rows by arm.
#[derive(Debug, Clone)]
pub(super) struct Strata {
    /// The column that holds the arm; empty where there is none.
    variable: String,
    /// The arms in their order, then all together if asked for.
    pub shown: Vec<Stratum>,
    /// How many of them are arms.
    pub arms: usize,
    /// Rows in some arm, ascending.
    pub rows: Vec<usize>,
    /// Rows without an arm, ascending.
    pub left_out: Vec<usize>,
}

impl Strata {
    /// Parts the rows by arm and records the counts `N`. Rows without an arm belong to none, not even to all together,
    /// so that the arms add up to it.
    pub fn by(
        frame: &Frame,
        arms: &Arms,
        overall: bool,
        recorder: &mut Recorder,
    ) -> Result<Self, Finding> {
        let codes = codes(column(frame, &arms.variable)?, &arms.levels)?;
        let having = |arm: Option<usize>| -> Vec<usize> {
            let matching = codes.iter().enumerate().filter(|(_, code)| **code == arm);
            matching.map(|(i, _)| i).collect()
        };
        let mut shown = Vec::new();
        for (i, level) in arms.levels.iter().enumerate() {
            let rows = having(Some(i));
            let mut subject = recorder
                .overall("summary")
                .within(&arms.variable, &level.value);
            shown.push(Stratum {
                label: level.label.clone(),
                within: Some(Group::new(&arms.variable, &level.value)),
                size: subject.add("N", rows.len()),
                rows,
            });
        }
        let left_out = having(None);
        let rows: Vec<usize> = (0..codes.len()).filter(|i| codes[*i].is_some()).collect();
        let variable = arms.variable.clone();
        let arms = shown.len();
        if overall {
            shown.push(Self::together(rows.clone(), recorder));
        }
        Ok(Self {
            variable,
            shown,
            arms,
            rows,
            left_out,
        })
    }

    /// All rows of the frame in one stratum.
    pub fn whole(frame: &Frame, recorder: &mut Recorder) -> Self {
        let rows: Vec<usize> = (0..frame.height()).collect();
        Self {
            variable: String::new(),
            shown: vec![Self::together(rows.clone(), recorder)],
            arms: 0,
            rows,
            left_out: Vec::new(),
        }
    }

    fn together(rows: Vec<usize>, recorder: &mut Recorder) -> Stratum {
        Stratum {
            label: "Overall".to_owned(),
            within: None,
            size: recorder.overall("summary").add("N", rows.len()),
            rows,
        }
    }

    /// The arms alone.
    pub fn arms(&self) -> &[Stratum] {
        self.shown.get(..self.arms).unwrap_or_default()
    }

    /// Which rows some numbers of these strata come from: those with an arm in which each of the named columns is known
    /// (a value for each row of the frame). A row is left out for the first reason that holds.
    pub fn row_use<'a>(
        &self,
        stats: impl IntoIterator<Item = &'a str>,
        frame: &Frame,
        known: &[(&str, &[bool])],
    ) -> RowUse {
        let reason = |row: usize| {
            let has = |values: &[bool]| values.get(row).copied().unwrap_or(false);
            known.iter().position(|(_, values)| !has(values))
        };
        let mut used = Vec::new();
        let mut left_out: Vec<(String, Vec<usize>)> = Vec::new();
        left_out.push((
            format!("{} is missing", self.variable),
            self.left_out.clone(),
        ));
        left_out.extend(
            known
                .iter()
                .map(|(name, _)| (format!("{name} is missing"), Vec::new())),
        );
        for &row in &self.rows {
            match reason(row).and_then(|i| left_out.get_mut(i + 1)) {
                Some((_, rows)) => rows.push(row),
                None => used.push(row),
            }
        }
        row_use(stats, frame, &used, left_out)
    }

    /// The row use, and that of each arm: of its numbers, and of its count of missing values, which is of all its rows.
    pub fn row_uses(
        &self,
        frame: &Frame,
        label: &str,
        variable: &str,
        known: &[bool],
    ) -> Vec<RowUse> {
        let own = self.row_use([label, variable], frame, &[(variable, known)]);
        let everyone = self.row_use([label, variable], frame, &[]);
        let missing = |used: RowUse| {
            let levels = used.groups.iter();
            let groups: Vec<String> = levels
                .map(|g| format!("{}={}", g.variable, g.level))
                .collect();
            let inside = groups.iter().map(String::as_str);
            let parts = [label, variable].into_iter().chain(inside);
            let stats = StatId::from_parts(parts.chain(["N_miss"]));
            RowUse { stats, ..used }
        };
        let mut uses = vec![own.clone(), missing(everyone.clone())];
        uses.extend(self.each_arm(&own, frame));
        uses.extend(self.each_arm(&everyone, frame).into_iter().map(missing));
        uses
    }

    /// A row use for the numbers of each arm.
    pub fn each_arm(&self, all: &RowUse, frame: &Frame) -> Vec<RowUse> {
        let narrowed = |arm: &Stratum| {
            let group = arm.within.as_ref()?;
            Some(all.within(group, &numbered(frame, &arm.rows)))
        };
        self.arms().iter().filter_map(narrowed).collect()
    }

    /// A variable's label with a note on how many values are missing in each arm, or without arms in all.
    pub fn missing_note(
        &self,
        label: Label,
        missing: &[(usize, StatId)],
        notes: &mut Notes,
    ) -> Label {
        let strata = if self.arms == 0 {
            &self.shown
        } else {
            self.arms()
        };
        let some = strata.iter().zip(missing).filter(|(_, (n, _))| *n > 0);
        let counts: Vec<String> = some
            .map(|(stratum, (n, _))| match stratum.within {
                Some(_) => format!("{n} in {}", stratum.label),
                None => n.to_string(),
            })
            .collect();
        if counts.is_empty() {
            return label;
        }
        notes.mark(label, format!("Missing: {}.", listed(&counts)))
    }

    /// What is remarkable about the arms: rows without one, arms without rows.
    pub fn findings(&self) -> Vec<Finding> {
        let variable = &self.variable;
        let mut findings = Vec::new();
        if !self.left_out.is_empty() {
            let rows = counted(self.left_out.len(), "row", "rows");
            findings.push(
                Finding::warning(
                    "missing-arm",
                    format!("`{variable}` is missing in {rows}, which the table leaves out"),
                )
                .help("name a population that holds rows with a known arm only"),
            );
        }
        for arm in self.arms().iter().filter(|arm| arm.rows.is_empty()) {
            let message = format!("`{}` of `{variable}` has no participants", arm.label);
            findings.push(Finding::warning("empty-arm", message));
        }
        findings
    }
}

/// A count with its noun: `1 row`, `3 rows`.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
