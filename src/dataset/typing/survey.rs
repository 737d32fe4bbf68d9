//! What a column is, from what all its values look like.

use std::collections::BTreeSet;

use crate::dataset::codebook::{Codebook, DataType, FieldRule};
use crate::dataset::frame::{Field, Level};
use crate::dataset::raw::{Examples, RawData, RawValue, decimals};
use crate::dataset::table::Head;
use crate::diagnostic::{Diagnostic, Diagnostics};

use super::codes::{Codes, value_text};
use super::levels::Levels;
use super::number::{Mistakes, NotANumber, finite, is_day, is_padded, is_truth, number};
use super::{MOST_LEVELS, Recipe, Target, Words, boolean_levels, example, plain_level};

/// A column whose recipe is known, or for which its values must be seen.
#[derive(Debug)]
pub(in crate::dataset) enum Begun<'a> {
    /// The codebook says what it is.
    Known(Box<Recipe>),
    /// Its values do.
    Open(Box<Survey<'a>>),
}

/// What was seen of the values of a column.
#[derive(Debug)]
pub(in crate::dataset) struct Survey<'a> {
    head: &'a Head,
    rule: Option<&'a FieldRule>,
    codes: Codes,
    /// What the codebook says without the values.
    declared: Option<(Target, Vec<Level>)>,
    /// Whether the codebook says that they are texts, whatever they look like.
    as_text: bool,
    storage: Storage,
    /// How many values are not missing.
    present: usize,
    /// What all untyped cells are so far.
    all: All,
    any_number: bool,
    decimals: u8,
    mistakes: Mistakes,
    /// Cells that are no numbers.
    words: Examples,
    /// The different values, as texts, up to one more than a category may have.
    distinct: BTreeSet<String>,
    /// Whether all values have a label.
    labelled: bool,
}

/// How the file has the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Storage {
    Untyped,
    Number,
    Text,
    Boolean,
    Date,
}

/// What all cells are.
#[derive(Debug, Clone, Copy)]
struct All {
    numbers: bool,
    truths: bool,
    days: bool,
}

/// Begins with a column.
pub(in crate::dataset) fn begin<'a>(head: &'a Head, codebook: Option<&'a Codebook>) -> Begun<'a> {
    let rule = codebook.and_then(|c| c.field(&head.name));
    let codes = Codes::new(codebook, rule, &head.notes);
    let declared = declared(rule);
    let known = declared.is_some() && !codes.has_ranges();
    let data_type = rule.and_then(|r| r.data_type.as_ref()).map(|t| t.value);
    let survey = Survey {
        head,
        rule,
        codes,
        declared,
        as_text: data_type == Some(DataType::String),
        storage: Storage::Text,
        present: 0,
        all: All {
            numbers: true,
            truths: true,
            days: true,
        },
        any_number: false,
        decimals: 0,
        mistakes: Mistakes::default(),
        words: Examples::default(),
        distinct: BTreeSet::new(),
        labelled: true,
    };
    if known {
        Begun::Known(Box::new(survey.finish(&mut Diagnostics::new())))
    } else {
        Begun::Open(Box::new(survey))
    }
}

/// What the codebook says of a column without its values, and the levels that it lists.
fn declared(rule: Option<&FieldRule>) -> Option<(Target, Vec<Level>)> {
    let rule = rule?;
    let data_type = rule.data_type.as_ref().map(|t| t.value);
    if let Some(levels) = listed_levels(rule, data_type) {
        let numeric = matches!(data_type, Some(DataType::Integer | DataType::Number));
        return Some((Target::Category(Levels::new(&levels, numeric)), levels));
    }
    let target = match data_type? {
        DataType::String => return None,
        DataType::Integer => Target::Number { whole: true },
        DataType::Number => Target::Number { whole: false },
        DataType::Boolean => Target::Boolean,
        DataType::Date => Target::Date,
    };
    Some((target, Vec::new()))
}

/// The codebook's levels: its categories, else for a string its enum.
fn listed_levels(rule: &FieldRule, data_type: Option<DataType>) -> Option<Vec<Level>> {
    if let Some(levels) = &rule.categories {
        return Some(levels.value.clone());
    }
    let members = rule.constraints.members.as_ref()?;
    let levels = || members.value.iter().map(|v| plain_level(v)).collect();
    (data_type == Some(DataType::String)).then(levels)
}

impl Survey<'_> {
    /// Looks at some values; the first is of the given row, from 0.
    pub fn piece(&mut self, raw: &RawData, first: usize) {
        let day = |d: &i32| f64::from(*d);
        match raw {
            RawData::Untyped(cells) => {
                self.storage = Storage::Untyped;
                for (row, cell) in (first..).zip(cells.iter()) {
                    if let Some(cell) = cell {
                        self.cell(cell, row);
                    }
                }
            }
            RawData::Number(values, most) => {
                self.storage = Storage::Number;
                self.decimals = self.decimals.max(*most);
                for (row, value) in (first..).zip(values) {
                    if let Some(value) = value {
                        self.number(*value, row);
                    }
                }
            }
            RawData::Date(days) => {
                self.storage = Storage::Date;
                for value in days.iter().flatten() {
                    self.codes.see(day(value), true, &self.head.notes);
                }
            }
            RawData::Boolean(_) => self.storage = Storage::Boolean,
            RawData::Text(_) | RawData::Moment(..) => {}
        }
        self.all.days &= match raw {
            RawData::Moment(..) => raw.midnights().is_some(),
            RawData::Text(_) => false,
            _ => true,
        };
        let texts = matches!(raw, RawData::Text(_) | RawData::Moment(..));
        if texts || (self.as_text && !matches!(raw, RawData::Untyped(_))) {
            for text in raw.texts().flatten() {
                if self.codes.of_text(&text, false).is_none() {
                    self.present += usize::from(texts);
                    self.labelled &= self.label_of(&RawValue::Text(text.to_string())).is_some();
                    self.see_distinct(&text);
                }
            }
        }
    }

    fn cell(&mut self, cell: &str, row: usize) {
        if self.codes.of_text(cell, true).is_some() {
            return;
        }
        self.present += 1;
        let text = cell.trim();
        match number(text) {
            Ok(_) if is_padded(text) => self.all.numbers = false,
            Ok(_) => {
                self.any_number = true;
                self.decimals = self.decimals.max(decimals(text));
            }
            Err(NotANumber::Text) => {
                self.all.numbers = false;
                self.words.add(|| example(row, cell));
            }
            Err(what) => {
                self.all.numbers &= !is_padded(text);
                self.words.add(|| example(row, cell));
                self.mistakes.of(what).add(|| example(row, cell));
            }
        }
        self.all.truths = self.all.truths && is_truth(text);
        self.all.days = self.all.days && is_day(text);
        self.see_distinct(cell);
    }

    fn number(&mut self, value: f64, row: usize) {
        self.codes.see(value, false, &self.head.notes);
        if self.codes.of_number(value).is_some() {
            return;
        }
        self.present += 1;
        if let Err(what) = finite(value) {
            self.mistakes
                .of(what)
                .add(|| example(row, &value.to_string()));
        }
        self.labelled = self.labelled && self.label_of(&RawValue::Number(value)).is_some();
    }

    fn see_distinct(&mut self, text: &str) {
        if self.distinct.len() <= MOST_LEVELS && !self.distinct.contains(text) {
            self.distinct.insert(text.to_owned());
        }
    }

    fn label_of(&self, value: &RawValue) -> Option<&str> {
        let found = self.head.notes.labels.iter().find(|(v, _)| v == value);
        found.map(|(_, label)| label.as_str())
    }

    /// What the column is; what of its values speaks against that is reported.
    pub fn finish(mut self, diagnostics: &mut Diagnostics) -> Recipe {
        let (target, levels) = match self.declared.take() {
            Some(declared) => declared,
            None => self.inferred(diagnostics),
        };
        let numeric_levels = match &target {
            Target::Category(found) => found.are_numbers(&levels),
            _ => false,
        };
        let rule = self.rule;
        let notes = &self.head.notes;
        let label = || notes.label.clone().filter(|l| !l.trim().is_empty());
        let field = Field {
            name: self.head.name.clone(),
            kind: target.kind(),
            title: rule
                .and_then(|r| r.title.clone())
                .or_else(label)
                .unwrap_or_else(|| self.head.name.clone()),
            unit: rule.and_then(|r| r.unit.clone()),
            decimals: matches!(target, Target::Number { .. }).then_some(self.decimals),
            labels: self.value_labels(&target),
            missing: if self.codes.say_why() {
                self.codes.levels.clone()
            } else {
                Vec::new()
            },
            levels,
        };
        let type_span = rule.map(|r| {
            let declared = r.data_type.as_ref().map(|t| &t.span);
            declared.unwrap_or(&r.name.span).clone()
        });
        let levels_span = rule.and_then(|r| {
            let listed = r.categories.as_ref().map(|c| &c.span);
            let members = r.constraints.members.as_ref().map(|m| &m.span);
            listed.or(members).cloned()
        });
        Recipe {
            field,
            numeric_levels,
            target,
            codes: self.codes,
            words: Words::new(rule),
            type_span,
            levels_span,
        }
    }

    /// The labels of single values of a column that is no category.
    fn value_labels(&self, target: &Target) -> Vec<Level> {
        if matches!(target, Target::Category(_) | Target::Boolean) {
            return Vec::new();
        }
        let own = self.rule.map(|r| r.labels.clone()).unwrap_or_default();
        if own.is_empty() {
            self.labels_as_levels()
        } else {
            own
        }
    }

    /// The file's labels of values that are not missing.
    fn labels_as_levels(&self) -> Vec<Level> {
        let labels = self.head.notes.labels.iter();
        let labels = labels.filter(|(value, _)| !self.codes.is_missing(value));
        labels
            .map(|(value, label)| Level {
                value: value_text(value),
                label: label.clone(),
            })
            .collect()
    }

    fn inferred(&mut self, diagnostics: &mut Diagnostics) -> (Target, Vec<Level>) {
        if self.as_text {
            return self.texts();
        }
        match self.storage {
            Storage::Untyped if self.all.numbers && (self.present == 0 || self.any_number) => {
                self.numbers(diagnostics)
            }
            Storage::Untyped if self.all.truths => (Target::Boolean, boolean_levels()),
            // Texts that are days, or moments at midnight.
            Storage::Untyped | Storage::Text if self.all.days => (Target::Date, Vec::new()),
            Storage::Untyped => {
                self.warn_mixed(diagnostics);
                self.texts()
            }
            Storage::Number => {
                let levels = self.labels_as_levels();
                if self.labelled && self.present > 0 && !levels.is_empty() {
                    return (Target::Category(Levels::new(&levels, true)), levels);
                }
                self.numbers(diagnostics)
            }
            Storage::Boolean => (Target::Boolean, boolean_levels()),
            Storage::Date => (Target::Date, Vec::new()),
            Storage::Text => self.texts(),
        }
    }

    fn numbers(&self, diagnostics: &mut Diagnostics) -> (Target, Vec<Level>) {
        let place = self.rule.map(|r| r.name.span.clone());
        self.mistakes
            .report(&self.head.name, false, place.as_ref(), diagnostics);
        (Target::Number { whole: false }, Vec::new())
    }

    /// Texts are a category if the file labels them all, or if there are at most [`MOST_LEVELS`] of them and one is
    /// there twice: else they are likely to identify rows.
    fn texts(&self) -> (Target, Vec<Level>) {
        let few = !self.distinct.is_empty() && self.distinct.len() <= MOST_LEVELS;
        let present = match self.storage {
            Storage::Untyped | Storage::Text | Storage::Number => self.present,
            // Other values as texts were not counted one by one.
            _ => usize::MAX,
        };
        let labels = self.labels_as_levels();
        let levels = if self.labelled && !labels.is_empty() && self.storage == Storage::Text {
            labels
        } else if few && self.distinct.len() < present {
            let level = |text: &String| {
                let label = self.label_of(&RawValue::Text(text.clone()));
                Level {
                    value: text.clone(),
                    label: label.unwrap_or(text).to_owned(),
                }
            };
            self.distinct.iter().map(level).collect()
        } else {
            return (Target::Text, Vec::new());
        };
        (Target::Category(Levels::new(&levels, false)), levels)
    }

    /// Numbers with a few words among them are more often a mistake than a category.
    fn warn_mixed(&self, diagnostics: &mut Diagnostics) {
        let words = &self.words;
        if words.is_empty() || words.count() * 5 > self.present {
            return;
        }
        let message = format!(
            "`{}` has mostly numbers, but also texts: {}",
            self.head.name,
            words.text()
        );
        let diagnostic = Diagnostic::warning("mixed-column", message)
            .help("it is read as text; if these mean a missing value, list them in `missingValues` of a codebook");
        diagnostics.push(diagnostic);
    }
}
