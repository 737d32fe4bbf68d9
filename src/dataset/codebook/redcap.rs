//! REDCap (Harris 2009): an export with its data dictionary becomes a codebook.
//!
//! An export as CSV with variable names as headers, its values as raw codes or as labels, of a longitudinal project or
//! not, with repeated instruments or not. Types come from field types and validations, categories from choices; a
//! checkbox is a column for each of its choices. Rules that REDCap lets its users override (a smallest and a largest
//! value, an answer that is required) become constraints only where the data keep them; else the description has them.

mod column;
mod dictionary;
mod export;
mod special;
mod words;

use super::{Draft, DraftField, MissingCode};
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use dictionary::Entry;
use export::{Export, Seen};

/// The texts that a codebook is drafted from.
#[derive(Debug, Clone, Copy)]
pub struct Redcap<'a> {
    /// The dictionary's path, for messages.
    pub dictionary_path: &'a str,
    /// The dictionary's text.
    pub dictionary: &'a str,
    /// The export's path, for messages.
    pub export_path: &'a str,
    /// The export's text.
    pub export: &'a str,
    /// The character between the export's cells.
    pub delimiter: char,
    /// The project's missing data codes, which the dictionary does not have.
    pub missing: &'a [MissingCode],
}

impl Redcap<'_> {
    /// The missing data codes of a project, written as REDCap writes choices: `-99, Refused | -98, Unknown`.
    pub fn missing_codes(text: &str) -> Vec<MissingCode> {
        column::missing_codes(text)
    }
}

impl Draft {
    /// The codebook of an export of REDCap; what does not fit together is reported.
    pub fn of_redcap(redcap: &Redcap<'_>) -> (Option<Self>, Diagnostics) {
        let (entries, mut found) = dictionary::read(redcap.dictionary_path, redcap.dictionary);
        let Some(entries) = entries else {
            return (None, found);
        };
        let export = Export::read(
            redcap.export_path,
            redcap.export,
            redcap.delimiter,
            redcap.missing,
        );
        let Some(export) = found.ok(export) else {
            return (None, found);
        };
        let mut drafting = Drafting {
            redcap,
            entries: &entries,
            export: &export,
            found,
            used: vec![false; entries.len()],
        };
        let draft = drafting.draft();
        (draft, drafting.found)
    }
}

struct Drafting<'a> {
    redcap: &'a Redcap<'a>,
    entries: &'a [Entry],
    export: &'a Export,
    found: Diagnostics,
    /// Which entries have a column.
    used: Vec<bool>,
}

const COMMENT: [&str; 2] = [
    "Drafted by trialbook from a REDCap data dictionary and what the export holds.",
    "Ranges and required answers are constraints where the data keep them; REDCap lets its users override both.",
];

impl Drafting<'_> {
    fn draft(&mut self) -> Option<Draft> {
        let first = self.entries.first()?.name.clone();
        if self.export.column(&first).is_none() {
            let message = format!(
                "`{}` has no column {}, the first field of the dictionary",
                self.redcap.export_path,
                shown(&first)
            );
            let diagnostic = Diagnostic::error("redcap-headers", message)
                .help("export with variable names as headers: labels may stand in the cells, but not in the header")
                .help("or this is not the dictionary of the export's project");
            self.found.push(diagnostic);
            return None;
        }
        let mut fields = Vec::with_capacity(self.export.columns.len());
        let mut unknown = Examples::default();
        for index in 0..self.export.columns.len() {
            fields.push(self.field(index, &mut unknown)?);
        }
        self.report(&unknown);
        let mut draft = Draft {
            comment: COMMENT.map(str::to_owned).into(),
            missing: self.redcap.missing.to_vec(),
            fields,
            ..Draft::default()
        };
        self.key(&first, &mut draft);
        Some(draft)
    }

    fn field(&mut self, index: usize, unknown: &mut Examples) -> Option<DraftField> {
        let column = self.export.columns.get(index)?;
        let name = column.name.as_str();
        let same = self.entries.iter().position(|e| e.name == name);
        if let Some(at) = same
            && let (Some(used), Some(entry)) = (self.used.get_mut(at), self.entries.get(at))
        {
            *used = true;
            return Some(column::field(entry, column, &mut self.found));
        }
        for (at, entry) in self.entries.iter().enumerate() {
            if let Some(field) = column::checkbox(entry, column) {
                if let Some(used) = self.used.get_mut(at) {
                    *used = true;
                }
                return Some(field);
            }
        }
        Some(special::field(self.entries, column).unwrap_or_else(|| {
            unknown.add(|| shown(name));
            DraftField {
                name: name.to_owned(),
                description: Some("Not in the data dictionary.".to_owned()),
                ..DraftField::default()
            }
        }))
    }

    fn report(&mut self, unknown: &Examples) {
        let (dictionary, export) = (self.redcap.dictionary_path, self.redcap.export_path);
        if !unknown.is_empty() {
            let message = format!(
                "`{dictionary}` has no field for columns of `{export}`: {}",
                unknown.text()
            );
            self.found.push(
                Diagnostic::warning("undescribed-column", message)
                    .help("is it the dictionary of the same day as the export?"),
            );
        }
        let mut absent = Examples::default();
        for (entry, used) in self.entries.iter().zip(&self.used) {
            if !used && entry.kind != "descriptive" {
                absent.add(|| shown(&entry.name));
            }
        }
        if !absent.is_empty() {
            let message = format!(
                "`{export}` has no column for fields of `{dictionary}`: {}",
                absent.text()
            );
            self.found
                .push(Diagnostic::warning("missing-column", message).help(
                    "they are not in the codebook; the export may have left them out on purpose",
                ));
        }
    }

    /// What makes a row: the record, its event, its repeated instrument and instance, as far as they are there.
    fn key(&mut self, first: &str, draft: &mut Draft) {
        let names: Vec<&str> = [first]
            .into_iter()
            .chain(special::KEYS)
            .filter(|name| self.export.column(name).is_some())
            .collect();
        if let Some(double) = self.export.double(&names) {
            let message = format!(
                "`{}` has two rows of the same {}: {double}",
                self.redcap.export_path,
                names.join(", ")
            );
            self.found.push(Diagnostic::error("redcap-rows", message));
            return;
        }
        let complete = |name: &&str| self.export.column(name).is_some_and(Seen::is_complete);
        if names.iter().all(complete) {
            draft.primary_key = names.iter().map(|n| (*n).to_owned()).collect();
            for field in draft
                .fields
                .iter_mut()
                .filter(|f| names.contains(&f.name.as_str()))
            {
                field.constraints.required = true;
                field.constraints.unique = names.len() == 1;
            }
            return;
        }
        let parts = names.join(", ");
        draft.comment.push(format!(
            "A row is told by {parts}. Where nothing repeats some of them are empty, so that they are no primaryKey."
        ));
    }
}
