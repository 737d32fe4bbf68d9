//! The data dictionary of a REDCap project, as the web page exports it or as the API does.

use std::collections::BTreeMap;

use super::words::{choices, plain};
use crate::dataset::frame::Level;
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A field of the dictionary.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entry {
    /// Its name.
    pub name: String,
    /// The form that it is on.
    pub form: String,
    /// The heading above it.
    pub section: String,
    /// What kind of field it is.
    pub kind: String,
    /// The question, without HTML.
    pub label: String,
    /// Choices, a calculation or labels of a slider, as written.
    pub choices: String,
    /// The note below it, without HTML.
    pub note: String,
    /// What texts are valid.
    pub validation: String,
    /// The smallest valid value.
    pub minimum: String,
    /// The largest valid value.
    pub maximum: String,
    /// Whether it identifies a person.
    pub identifier: bool,
    /// When it is asked.
    pub branching: String,
    /// Whether an answer is asked for.
    pub required: bool,
}

impl Entry {
    /// Its choices.
    pub fn levels(&self) -> Vec<Level> {
        choices(&self.choices)
    }
}

/// The columns by what is left of their names without case and signs: the web page's (its beginning), the API's.
const COLUMNS: [(&str, &str); 13] = [
    ("variablefieldname", "fieldname"),
    ("formname", "formname"),
    ("sectionheader", "sectionheader"),
    ("fieldtype", "fieldtype"),
    ("fieldlabel", "fieldlabel"),
    ("choices", "selectchoicesorcalculations"),
    ("fieldnote", "fieldnote"),
    ("textvalidationtype", "textvalidationtype"),
    ("textvalidationmin", "textvalidationmin"),
    ("textvalidationmax", "textvalidationmax"),
    ("identifier", "identifier"),
    ("branchinglogic", "branchinglogic"),
    ("requiredfield", "requiredfield"),
];

/// Those without which it is no dictionary: name, type, label.
const NEEDED: [usize; 3] = [0, 3, 4];

/// Reads the dictionary of that path; what is wrong is reported, and none is given if that is an error.
pub(super) fn read(path: &str, text: &str) -> (Option<Vec<Entry>>, Diagnostics) {
    let mut found = Diagnostics::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return (None, broken(path, &error).into()),
    };
    let Some(places) = places(path, &header, &mut found) else {
        return (None, found);
    };
    let mut entries: Vec<Entry> = Vec::new();
    let (mut double, mut unnamed) = (Examples::default(), Examples::default());
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                found.push(broken(path, &error));
                return (None, found);
            }
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let entry = entry(&record, &places);
        if entry.name.is_empty() {
            unnamed.add(|| format!("line {line}"));
        } else if let Some(first) = seen.get(&entry.name) {
            double.add(|| format!("{} in lines {first} and {line}", shown(&entry.name)));
        } else {
            seen.insert(entry.name.clone(), line);
            entries.push(entry);
        }
    }
    let mut refuse = |wrong: &Examples, what: &str| {
        if !wrong.is_empty() {
            let message = format!("`{path}` {what}: {}", wrong.text());
            found.push(Diagnostic::error("bad-dictionary", message));
        }
    };
    refuse(&double, "has a field twice");
    refuse(&unnamed, "has fields without a name");
    if entries.is_empty() && !found.has_errors() {
        let message = format!("`{path}` has no fields");
        found.push(Diagnostic::error("bad-dictionary", message));
    }
    let usable = !found.has_errors();
    (usable.then_some(entries), found)
}

/// Where the columns stand.
fn places(
    path: &str,
    header: &csv::StringRecord,
    found: &mut Diagnostics,
) -> Option<[Option<usize>; 13]> {
    let names: Vec<String> = header.iter().map(letters).collect();
    let places = COLUMNS.map(|(page, api)| {
        let is = |name: &String| name.starts_with(page) || name.starts_with(api);
        names.iter().position(is)
    });
    let missing: Vec<_> = NEEDED
        .iter()
        .filter(|i| places.get(**i).is_none_or(Option::is_none))
        .filter_map(|i| COLUMNS.get(*i))
        .map(|(_, api)| *api)
        .collect();
    if missing.is_empty() {
        return Some(places);
    }
    let message =
        format!("`{path}` is no REDCap data dictionary: it has no column for name, type or label");
    let diagnostic = Diagnostic::error("bad-dictionary", message).help(
        "download it from the project's page Data Dictionary; its first column is `Variable / Field Name`",
    );
    found.push(diagnostic);
    None
}

/// The letters of a name, in lower case.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn entry(record: &csv::StringRecord, places: &[Option<usize>; 13]) -> Entry {
    let cell = |i: usize| {
        let place = places.get(i).copied().flatten();
        place.and_then(|p| record.get(p)).unwrap_or("").trim()
    };
    let yes = |i: usize| matches!(cell(i).to_lowercase().as_str(), "y" | "yes" | "1" | "true");
    Entry {
        name: cell(0).to_owned(),
        form: cell(1).to_owned(),
        section: plain(cell(2)),
        kind: cell(3).to_lowercase(),
        label: plain(cell(4)),
        choices: cell(5).to_owned(),
        note: plain(cell(6)),
        validation: cell(7).to_lowercase(),
        minimum: cell(8).to_owned(),
        maximum: cell(9).to_owned(),
        identifier: yes(10),
        branching: plain(cell(11)),
        required: yes(12),
    }
}

/// A file that is no rectangle of cells.
pub(super) fn broken(path: &str, error: &csv::Error) -> Diagnostic {
    let line = error.position().map(|p| format!(" in line {}", p.line()));
    let line = line.unwrap_or_default();
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            format!("has {len} cells instead of {expected_len}{line}")
        }
        csv::ErrorKind::Utf8 { .. } => format!("is not UTF-8{line}"),
        _ => format!("can't be read as CSV{line}"),
    };
    Diagnostic::error("bad-csv", format!("`{path}` {why}"))
}
