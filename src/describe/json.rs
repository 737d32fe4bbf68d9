//! Descriptions as JSON, schema `trialbook-describe/1`.
//!
//! One object: `schema`, `dataset`, `by`, `columns`. Numbers have their full precision; what is not defined is null.
//! Keys are only ever added to a schema of this number.
//!
//! | key | what it holds |
//! |---|---|
//! | `dataset` | `name`, `version`, `title`, `description`, `path`, `sha256`, `bytes`, `rows`, `columns`, `key` (a list of columns) |
//! | `by` | null, or `column`, `title` and `groups`: `value` in the data (null for the rows whose value is missing), `label`, `rows` |
//! | a column | `name`, `title`, `description`, `kind` (number, category, text, boolean, date), `type` in words, `unit`, `rules` in words, `levels`, `labels` and `missing_codes` (each `value`, `label`), `axis`, `all`, `groups` (in the order of `by.groups`) |
//! | `axis` | the bins of the distribution: `from`, `to`, `bins`, `single` (one whole number each); null without numbers or days |
//! | `all`, a group | `n`, `missing`, `reasons` (counts in the order of `missing_codes`), one of `numbers`, `levels`, `dates`, `texts`, and `bins`, counts |
//! | `numbers` | `mean`, `sd`, `min`, `p25`, `median`, `p75`, `max` |
//! | `levels` | counts in the order of the column's `levels` |
//! | `dates` | `first`, `median`, `last` as YYYY-MM-DD; null without a day |
//! | `texts` | `distinct`, `single`, `shortest`, `longest` |

use serde::Serialize;

use super::{Book, DateSummary, Description, Groups, Part, Values};
use crate::dataset::{Kind, Level};
use crate::time::Day;

const SCHEMA: &str = "trialbook-describe/1";

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    dataset: DatasetRecord<'a>,
    by: Option<ByRecord<'a>>,
    columns: Vec<ColumnRecord<'a>>,
}

#[derive(Serialize)]
struct DatasetRecord<'a> {
    name: &'a str,
    version: &'a str,
    title: Option<&'a str>,
    description: Option<&'a str>,
    path: &'a str,
    sha256: &'a str,
    bytes: u64,
    rows: usize,
    columns: usize,
    key: &'a [String],
}

#[derive(Serialize)]
struct ByRecord<'a> {
    column: &'a str,
    title: &'a str,
    groups: Vec<GroupRecord<'a>>,
}

#[derive(Serialize)]
struct GroupRecord<'a> {
    value: Option<&'a str>,
    label: &'a str,
    rows: usize,
}

#[derive(Serialize)]
struct ColumnRecord<'a> {
    name: &'a str,
    title: &'a str,
    description: Option<&'a str>,
    kind: Kind,
    #[serde(rename = "type")]
    words: &'static str,
    unit: Option<&'a str>,
    rules: &'a [String],
    levels: &'a [Level],
    labels: &'a [Level],
    missing_codes: &'a [Level],
    axis: Option<AxisRecord>,
    all: PartRecord<'a>,
    groups: Vec<PartRecord<'a>>,
}

#[derive(Serialize)]
struct AxisRecord {
    from: f64,
    to: f64,
    bins: usize,
    single: bool,
}

#[derive(Serialize)]
struct PartRecord<'a> {
    n: usize,
    missing: usize,
    reasons: &'a [usize],
    #[serde(flatten)]
    values: ValuesRecord<'a>,
    bins: &'a [usize],
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ValuesRecord<'a> {
    Numbers {
        mean: Option<f64>,
        sd: Option<f64>,
        min: Option<f64>,
        p25: Option<f64>,
        median: Option<f64>,
        p75: Option<f64>,
        max: Option<f64>,
    },
    Levels(&'a [usize]),
    Dates(Option<DatesRecord>),
    Texts {
        distinct: usize,
        single: usize,
        shortest: usize,
        longest: usize,
    },
}

#[derive(Serialize)]
struct DatesRecord {
    first: String,
    median: String,
    last: String,
}

/// A whole book as one JSON object, indented, without a line break at its end.
pub fn json(book: &Book) -> String {
    let header = &book.header;
    let file = File {
        schema: SCHEMA,
        dataset: DatasetRecord {
            name: &header.name,
            version: &header.version,
            title: header.title.as_deref(),
            description: header.description.as_deref(),
            path: &header.path,
            sha256: &header.sha256,
            bytes: header.bytes,
            rows: header.rows,
            columns: header.columns,
            key: &header.key,
        },
        by: book.by.as_ref().map(by),
        columns: book.columns.iter().map(column).collect(),
    };
    // Texts, numbers and lists of them always have a form in JSON.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

fn by(groups: &Groups) -> ByRecord<'_> {
    let last = groups.levels.len().saturating_sub(1);
    let levels = groups.levels.iter().zip(&groups.rows).enumerate();
    ByRecord {
        column: &groups.name,
        title: &groups.title,
        groups: levels
            .map(|(i, (level, rows))| GroupRecord {
                value: (!(groups.missing && i == last)).then_some(level.value.as_str()),
                label: &level.label,
                rows: *rows,
            })
            .collect(),
    }
}

fn column(column: &Description) -> ColumnRecord<'_> {
    let field = &column.field;
    ColumnRecord {
        name: &field.name,
        title: &field.title,
        description: column.description.as_deref(),
        kind: field.kind,
        words: column.kind,
        unit: field.unit.as_deref(),
        rules: &column.rules,
        levels: &field.levels,
        labels: &field.labels,
        missing_codes: &field.missing,
        axis: column.axis.map(|a| AxisRecord {
            from: a.from,
            to: a.to,
            bins: a.bins,
            single: a.single,
        }),
        all: part(&column.all),
        groups: column.groups.iter().map(part).collect(),
    }
}

fn part(part: &Part) -> PartRecord<'_> {
    let values = match &part.values {
        Values::Numbers(s) => ValuesRecord::Numbers {
            mean: s.mean,
            sd: s.sd,
            min: s.min,
            p25: s.p25,
            median: s.median,
            p75: s.p75,
            max: s.max,
        },
        Values::Levels(counts) => ValuesRecord::Levels(counts),
        Values::Dates(summary) => ValuesRecord::Dates(summary.as_ref().map(dates)),
        Values::Texts(s) => ValuesRecord::Texts {
            distinct: s.distinct,
            single: s.single,
            shortest: s.shortest,
            longest: s.longest,
        },
    };
    PartRecord {
        n: part.n,
        missing: part.missing,
        reasons: &part.reasons,
        values,
        bins: &part.bins,
    }
}

fn dates(summary: &DateSummary) -> DatesRecord {
    let day = |days: i32| Day::from_days(i64::from(days)).to_string();
    DatesRecord {
        first: day(summary.first),
        median: day(summary.median),
        last: day(summary.last),
    }
}
