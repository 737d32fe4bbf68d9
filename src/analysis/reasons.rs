//! Missing values by the reason that the data give: refused, not applicable, the codes of statistics programs.

use super::column::column;
use super::record::Recorder;
use super::strata::Strata;
use super::{Finding, RowUse};
use crate::dataset::{Frame, Level};
use crate::statistic::StatId;

/// How many values are missing for a reason.
pub(super) struct Reason {
    /// What is printed for it.
    pub label: String,
    /// The count in each stratum, and its id.
    pub counts: Vec<StatId>,
}

/// The reasons for which values of a column are missing in some stratum, in the order of the column's codes; the counts
/// are recorded as `N_miss` of the code as level.
pub(super) fn record(
    frame: &Frame,
    strata: &Strata,
    recorder: &mut Recorder,
    variable: &str,
) -> Result<Vec<Reason>, Finding> {
    let column = column(frame, variable)?;
    let mut found = Vec::new();
    for (level, code) in column.field.missing.iter().zip(0..) {
        let count = |rows: &[usize]| {
            let missing = rows
                .iter()
                .filter(|row| column.reasons.at(**row) == Some(code));
            missing.count()
        };
        let counts: Vec<usize> = strata.shown.iter().map(|s| count(&s.rows)).collect();
        if counts.iter().all(|n| *n == 0) {
            continue;
        }
        let ids = strata.shown.iter().zip(&counts).map(|(stratum, n)| {
            let subject = stratum.subject(recorder, "missing", variable);
            subject.level(&level.value).add("N_miss", *n)
        });
        found.push(Reason {
            label: level.label.clone(),
            counts: ids.collect(),
        });
    }
    Ok(found)
}

/// The row uses of these counts, which are of all rows, as those of all missing values are.
pub(super) fn row_uses(
    strata: &Strata,
    frame: &Frame,
    label: &str,
    variable: &str,
    codes: &[Level],
) -> Vec<RowUse> {
    let mut uses = Vec::new();
    for code in codes {
        let all = strata.row_use([label, variable, &code.value], frame, &[]);
        uses.extend(strata.each_arm(&all, frame));
        uses.push(all);
    }
    uses
}
