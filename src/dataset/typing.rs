//! From columns as a file has them to typed columns: by the codebook, else by what all values of a column look like.

mod number;

use crate::diagnostic::{Diagnostic, Diagnostics, Span};

use super::codebook::{Codebook, DataType, FieldRule};
use super::date::DatePattern;
use super::frame::{Column, ColumnData, Field, Kind, Level, Reasons};
use super::raw::{Examples, RawColumn, RawData, decimals, shown};
use number::{Look, Mistakes, NotANumber, finite, look, number, whole_number};

/// Whole numbers beyond this can't all be held exactly.
pub(super) const MOST_WHOLE: u128 = 1 << 53;

/// The most levels of a category that no codebook lists.
pub(super) const MOST_LEVELS: usize = 50;

/// A typed column, and what SQL sees of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typed {
    /// The column.
    pub column: Column,
    /// Whether the levels are numbers, which SQL then sees.
    pub numeric_levels: bool,
}

/// Types one column; what does not fit is reported and becomes a missing value.
pub(super) fn typed(
    raw: RawColumn,
    codebook: Option<&Codebook>,
    diagnostics: &mut Diagnostics,
) -> Typed {
    let rule = codebook.and_then(|c| c.field(&raw.name));
    let mut typing = Typing {
        name: &raw.name,
        rule,
        diagnostics,
    };
    let data = drop_missing(raw.data, &missing_codes(codebook, rule));
    let (data, levels, decimals, numeric_levels) = typing.data(data);
    let field = Field {
        kind: kind(&data),
        title: rule
            .and_then(|r| r.title.clone())
            .unwrap_or_else(|| raw.name.clone()),
        unit: rule.and_then(|r| r.unit.clone()),
        levels,
        decimals,
        labels: Vec::new(),
        missing: Vec::new(),
        name: raw.name,
    };
    Typed {
        column: Column {
            field,
            data,
            reasons: Reasons::default(),
        },
        numeric_levels,
    }
}

/// The kind of some values.
pub(super) fn kind(data: &ColumnData) -> Kind {
    match data {
        ColumnData::Number(_) => Kind::Number,
        ColumnData::Category(_) => Kind::Category,
        ColumnData::Text(_) => Kind::Text,
        ColumnData::Boolean(_) => Kind::Boolean,
        ColumnData::Date(_) => Kind::Date,
    }
}

/// The levels of every Boolean column.
pub(super) fn boolean_levels() -> Vec<Level> {
    let level = |text: &str| Level {
        value: text.to_owned(),
        label: text.to_owned(),
    };
    vec![level("false"), level("true")]
}

fn missing_codes(codebook: Option<&Codebook>, rule: Option<&FieldRule>) -> Vec<String> {
    let Some(codebook) = codebook else {
        return vec!["NA".to_owned()];
    };
    let own = rule.and_then(|r| r.missing.as_ref());
    let codes = own.or(codebook.missing.as_ref());
    codes
        .into_iter()
        .flatten()
        .map(|c| c.value.clone())
        .collect()
}

fn drop_missing(data: RawData, codes: &[String]) -> RawData {
    let is_code = |text: &str| codes.iter().any(|c| c.trim() == text.trim());
    let texts = |cells: Vec<Option<String>>| {
        let keep = |cell: Option<String>| cell.filter(|c| !is_code(c));
        cells.into_iter().map(keep).collect()
    };
    match data {
        RawData::Untyped(cells) => RawData::Untyped(texts(cells)),
        RawData::Text(cells) => RawData::Text(texts(cells)),
        RawData::Number(values, decimals) => {
            let numbers: Vec<f64> = codes.iter().filter_map(|c| c.trim().parse().ok()).collect();
            let is_code = |v: f64| {
                numbers
                    .iter()
                    .any(|n| *n == v || (n.is_nan() && v.is_nan()))
            };
            let values = values.into_iter().map(|v| v.filter(|v| !is_code(*v)));
            RawData::Number(values.collect(), decimals)
        }
        other @ (RawData::Boolean(_) | RawData::Date(_)) => other,
    }
}

/// Data, levels, decimals, whether the levels are numbers.
type Parts = (ColumnData, Vec<Level>, Option<u8>, bool);

struct Typing<'a> {
    name: &'a str,
    rule: Option<&'a FieldRule>,
    diagnostics: &'a mut Diagnostics,
}

impl Typing<'_> {
    fn data(&mut self, raw: RawData) -> Parts {
        let declared = self
            .rule
            .and_then(|r| r.data_type.as_ref())
            .map(|t| t.value);
        if let Some(levels) = self.listed_levels(declared) {
            let numeric = matches!(declared, Some(DataType::Integer | DataType::Number));
            return self.category(&raw, levels, numeric);
        }
        match declared {
            None => self.inferred(raw),
            Some(DataType::String) => {
                let cells = texts(raw);
                category_or_text(cells, false)
            }
            Some(DataType::Integer) => self.numbers(raw, true),
            Some(DataType::Number) => self.numbers(raw, false),
            Some(DataType::Boolean) => self.booleans(raw),
            Some(DataType::Date) => self.dates(raw),
        }
    }

    /// The codebook's levels: its categories, else for a string its enum.
    fn listed_levels(&self, declared: Option<DataType>) -> Option<Vec<Level>> {
        let rule = self.rule?;
        if let Some(levels) = &rule.categories {
            return Some(levels.value.clone());
        }
        let members = rule.constraints.members.as_ref()?;
        let level = |value: &String| Level {
            value: value.clone(),
            label: value.clone(),
        };
        (declared == Some(DataType::String)).then(|| members.value.iter().map(level).collect())
    }

    fn category(&mut self, raw: &RawData, levels: Vec<Level>, numeric: bool) -> Parts {
        let numbers: Vec<Option<f64>> = levels.iter().map(|l| number(&l.value).ok()).collect();
        let index = |cell: &str| {
            let same = |l: &Level| l.value == cell || l.value == cell.trim();
            let by_text = levels.iter().position(same);
            // `1`, `1.0` and `01` are the same code.
            by_text.or_else(|| {
                let value = number(cell).ok().filter(|_| numeric || is_number(raw))?;
                numbers.iter().position(|n| *n == Some(value))
            })
        };
        let mut wrong = Examples::default();
        let values = cell_texts(raw)
            .enumerate()
            .map(|(row, cell)| {
                let cell = cell?;
                let found = index(&cell).and_then(|i| u32::try_from(i).ok());
                if found.is_none() {
                    wrong.add(|| example(row, &cell));
                }
                found
            })
            .collect();
        if !wrong.is_empty() {
            let names: Vec<_> = levels.iter().take(12).map(|l| shown(&l.value)).collect();
            let message = format!("`{}` has values that are none of its categories", self.name);
            let rule = self.rule;
            let span = rule.and_then(|r| {
                let listed = r.categories.as_ref().map(|c| &c.span);
                listed
                    .or(r.constraints.members.as_ref().map(|m| &m.span))
                    .cloned()
            });
            self.report(
                "not-a-category",
                &message,
                &wrong,
                span,
                &format!("its categories are {}", names.join(", ")),
            );
        }
        (
            ColumnData::Category(values),
            levels,
            None,
            numeric && numbers.iter().all(Option::is_some),
        )
    }

    fn inferred(&mut self, raw: RawData) -> Parts {
        match raw {
            RawData::Untyped(cells) => match look(&cells) {
                Look::Numbers => self.numbers(RawData::Untyped(cells), false),
                Look::Booleans => self.booleans(RawData::Untyped(cells)),
                Look::Dates => self.dates(RawData::Untyped(cells)),
                Look::Texts => {
                    self.warn_mixed(&cells);
                    category_or_text(cells, false)
                }
            },
            RawData::Number(..) => self.numbers(raw, false),
            RawData::Text(cells) => category_or_text(cells, false),
            RawData::Boolean(_) => self.booleans(raw),
            RawData::Date(_) => self.dates(raw),
        }
    }

    /// Numbers with a few words among them are more often a mistake than a category.
    fn warn_mixed(&mut self, cells: &[Option<String>]) {
        let present = cells.iter().flatten().count();
        let mut words = Examples::default();
        for (row, cell) in cells.iter().enumerate() {
            if let Some(cell) = cell.as_ref().filter(|c| number(c).is_err()) {
                words.add(|| example(row, cell));
            }
        }
        if words.is_empty() || words.count() * 5 > present {
            return;
        }
        let message = format!(
            "`{}` has mostly numbers, but also texts: {}",
            self.name,
            words.text()
        );
        let diagnostic = Diagnostic::warning("mixed-column", message)
            .help("it is read as text; if these mean a missing value, list them in `missingValues` of a codebook");
        self.diagnostics.push(diagnostic);
    }

    fn numbers(&mut self, raw: RawData, whole: bool) -> Parts {
        let (values, most) = match raw {
            RawData::Untyped(cells) | RawData::Text(cells) => self.parse_numbers(&cells, whole),
            RawData::Number(values, most) => (self.check_numbers(values, whole), most),
            other => return self.other(&other, if whole { "whole numbers" } else { "numbers" }),
        };
        (ColumnData::Number(values), Vec::new(), Some(most), false)
    }

    fn parse_numbers(&mut self, cells: &[Option<String>], whole: bool) -> (Vec<Option<f64>>, u8) {
        let mut wrong = Mistakes::default();
        let mut most = 0;
        let values = cells
            .iter()
            .enumerate()
            .map(|(row, cell)| {
                let cell = cell.as_ref()?;
                let value = number(cell).and_then(|v| if whole { whole_number(v) } else { Ok(v) });
                match value {
                    Ok(value) => {
                        most = most.max(decimals(cell.trim()));
                        Some(value)
                    }
                    Err(what) => {
                        wrong.of(what).add(|| example(row, cell));
                        None
                    }
                }
            })
            .collect();
        self.report_numbers(&wrong, whole);
        (values, most)
    }

    fn check_numbers(&mut self, values: Vec<Option<f64>>, whole: bool) -> Vec<Option<f64>> {
        let mut wrong = Mistakes::default();
        let values = values
            .into_iter()
            .enumerate()
            .map(|(row, value)| {
                let value = value?;
                let checked =
                    finite(value).and_then(|v| if whole { whole_number(v) } else { Ok(v) });
                if let Err(what) = checked {
                    wrong.of(what).add(|| example(row, &value.to_string()));
                }
                checked.ok()
            })
            .collect();
        self.report_numbers(&wrong, whole);
        values
    }

    fn report_numbers(&mut self, wrong: &Mistakes, whole: bool) {
        let name = self.name;
        let span = self.type_span();
        let mut report = |what, code, message: String, help| {
            let examples = wrong.get(what);
            if !examples.is_empty() {
                self.report(code, &message, examples, span.clone(), help);
            }
        };
        let wanted = if whole { "whole numbers" } else { "numbers" };
        report(
            NotANumber::Text,
            "type-mismatch",
            format!("`{name}` has values that are no {wanted}"),
            "correct the data as a new version, or list what means a missing value in `missingValues`",
        );
        report(
            NotANumber::NotFinite,
            "not-finite",
            format!("`{name}` has values that are no finite numbers"),
            "if they mean that a value is missing, list them in `missingValues` of the codebook",
        );
        report(
            NotANumber::TooLarge,
            "not-exact",
            format!("`{name}` has whole numbers beyond 2^53, which can't be held exactly"),
            "if they identify something, give the column the type `string` in the codebook",
        );
    }

    fn booleans(&mut self, raw: RawData) -> Parts {
        let default = ["true", "True", "TRUE"].map(str::to_owned);
        let trues = self.rule.map_or(&default[..], |r| &r.true_values);
        let default = ["false", "False", "FALSE"].map(str::to_owned);
        let falses = self.rule.map_or(&default[..], |r| &r.false_values);
        let parse = |cell: &str| {
            let is = |list: &[String]| list.iter().any(|v| v == cell.trim());
            if is(trues) {
                Some(true)
            } else {
                is(falses).then_some(false)
            }
        };
        let values = match raw {
            RawData::Boolean(values) => values,
            RawData::Date(_) => return self.other(&raw, "truth values"),
            raw => {
                let help = "`trueValues` and `falseValues` of a field say how truth is written";
                self.parse_cells(&raw, parse, "truth values", help)
            }
        };
        (ColumnData::Boolean(values), boolean_levels(), None, false)
    }

    fn dates(&mut self, raw: RawData) -> Parts {
        let pattern = self
            .rule
            .map_or_else(DatePattern::default, |r| r.date.clone());
        let values = match raw {
            RawData::Date(values) => values,
            RawData::Untyped(_) | RawData::Text(_) => {
                let help = "days are `YYYY-MM-DD` unless the field's `format` says otherwise, such as `%d/%m/%Y`";
                self.parse_cells(&raw, |c| pattern.parse(c.trim()), "days", help)
            }
            other => return self.other(&other, "days"),
        };
        (ColumnData::Date(values), Vec::new(), None, false)
    }

    fn parse_cells<T>(
        &mut self,
        raw: &RawData,
        parse: impl Fn(&str) -> Option<T>,
        wanted: &str,
        help: &str,
    ) -> Vec<Option<T>> {
        let mut wrong = Examples::default();
        let values = cell_texts(raw)
            .enumerate()
            .map(|(row, cell)| {
                let cell = cell?;
                let value = parse(&cell);
                if value.is_none() {
                    wrong.add(|| example(row, &cell));
                }
                value
            })
            .collect();
        if !wrong.is_empty() {
            let message = format!("`{}` has values that are no {wanted}", self.name);
            let span = self.type_span();
            self.report("type-mismatch", &message, &wrong, span, help);
        }
        values
    }

    /// A column whose type in the file is another than in the codebook, as a whole.
    fn other(&mut self, raw: &RawData, wanted: &str) -> Parts {
        let found = match raw {
            RawData::Untyped(_) | RawData::Text(_) => "texts",
            RawData::Number(..) => "numbers",
            RawData::Boolean(_) => "truth values",
            RawData::Date(_) => "days",
        };
        let message = format!(
            "`{}` should have {wanted}, but the file has {found}",
            self.name
        );
        let diagnostic = Diagnostic::error("type-mismatch", message).maybe_at(self.type_span());
        self.diagnostics.push(diagnostic);
        category_or_text(texts(raw.clone()), false)
    }

    fn type_span(&self) -> Option<Span> {
        let rule = self.rule?;
        Some(
            rule.data_type
                .as_ref()
                .map_or(&rule.name.span, |t| &t.span)
                .clone(),
        )
    }

    fn report(
        &mut self,
        code: &'static str,
        message: &str,
        wrong: &Examples,
        span: Option<Span>,
        help: &str,
    ) {
        let diagnostic = Diagnostic::error(code, format!("{message}: {}", wrong.text()))
            .maybe_at(span)
            .help(help);
        self.diagnostics.push(diagnostic);
    }
}

/// "row 3: `abc`", rows counted from 1.
pub(super) fn example(row: usize, value: &str) -> String {
    format!("row {}: {}", row + 1, shown(value))
}

fn is_number(raw: &RawData) -> bool {
    matches!(raw, RawData::Number(..))
}

/// Every value as the text that the file has, or the shortest text of a number.
fn cell_texts(raw: &RawData) -> Box<dyn Iterator<Item = Option<String>> + '_> {
    match raw {
        RawData::Untyped(v) | RawData::Text(v) => Box::new(v.iter().cloned()),
        RawData::Number(v, _) => Box::new(v.iter().map(|v| v.map(|v| v.to_string()))),
        RawData::Boolean(v) => Box::new(v.iter().map(|v| v.map(|v| v.to_string()))),
        RawData::Date(v) => Box::new(v.iter().map(|v| v.map(super::date::iso))),
    }
}

fn texts(raw: RawData) -> Vec<Option<String>> {
    match raw {
        RawData::Untyped(cells) | RawData::Text(cells) => cells,
        other => cell_texts(&other).collect(),
    }
}

/// Texts as a category with sorted levels if there are at most [`MOST_LEVELS`] of them and, unless they were computed,
/// one is there twice (else they are likely to identify rows); as texts otherwise.
pub(super) fn category_or_text(cells: Vec<Option<String>>, computed: bool) -> Parts {
    let mut values: Vec<&String> = cells.iter().flatten().collect();
    let present = values.len();
    values.sort_unstable();
    values.dedup();
    let repeats = computed || values.len() < present;
    if values.is_empty() || values.len() > MOST_LEVELS || !repeats {
        return (ColumnData::Text(cells), Vec::new(), None, false);
    }
    let index = |cell: &String| {
        let found = values.binary_search(&cell).ok()?;
        u32::try_from(found).ok()
    };
    let data = cells.iter().map(|c| c.as_ref().and_then(index)).collect();
    let level = |value: &&String| Level {
        value: (*value).clone(),
        label: (*value).clone(),
    };
    let levels = values.iter().map(level).collect();
    (ColumnData::Category(data), levels, None, false)
}
