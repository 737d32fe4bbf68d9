//! The finished document: printed tables, inline values, notes, what is shown where.

mod assembly;
mod tables;

use trialbook::document::Inline;
use trialbook::document::table::{Piece, PrintedCell, PrintedTable};
use trialbook::statistic::{Group, ResultSet, StatId, StatKey, Statistic};

/// The words of a line; raised ones after `^`.
pub fn text(inlines: &[Inline]) -> String {
    let words = |inline: &Inline| match inline {
        Inline::Text { text } => text.replace('\u{a0}', " "),
        Inline::Emph { content } | Inline::Value { content, .. } => text(content),
        Inline::Superscript { content } => format!("^{}", text(content)),
        Inline::Break => "|".to_owned(),
        Inline::Cite { keys } => format!("[{}]", keys.join(",")),
        Inline::Reference { label } => format!("@{label}"),
        other => format!("{other:?}"),
    };
    inlines.iter().map(words).collect()
}

/// A cell with its invisible characters as dots.
pub fn cell(cell: &PrintedCell) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Shown { content } => text(content),
        Piece::Phantom { text, superscript } => {
            let dots = "·".repeat(text.chars().count());
            if *superscript {
                format!("^{dots}")
            } else {
                dots
            }
        }
    };
    cell.pieces.iter().map(piece).collect()
}

pub fn column(table: &PrintedTable, index: usize) -> Vec<String> {
    let cells = table.rows.iter().filter_map(|row| row.cells.get(index));
    cells.map(cell).collect()
}

/// Statistics of a report, made as tests need them.
#[derive(Default)]
pub struct Numbers {
    pub results: ResultSet,
}

impl Numbers {
    /// Adds a statistic `label/variable/arm=…/stat` and gives its id.
    pub fn add(
        &mut self,
        variable: &str,
        arm: Option<&str>,
        stat: &str,
        value: f64,
        measured: Option<u8>,
    ) -> StatId {
        let present = value.is_finite();
        let statistic = Statistic {
            key: StatKey {
                label: "tbl-baseline".into(),
                variable: Some(variable.into()),
                level: None,
                groups: arm.iter().map(|a| Group::new("arm", *a)).collect(),
                stat: stat.into(),
            },
            about: Vec::new(),
            context: "summary".into(),
            population: None,
            value: present.then_some(value),
            measured,
            warnings: if present {
                Vec::new()
            } else {
                vec!["needs at least 2 values; there is 1".into()]
            },
        };
        let id = statistic.id();
        self.results.insert(statistic).unwrap();
        id
    }
}
