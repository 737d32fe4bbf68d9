//! Traces as JSON, schema `trialbook-trace/1`.
//!
//! One object: `schema`, `report`, and either `traces`, a list with one object a statistic, or `found`, a list of
//! statistics that a text or the beginning of an id leads to. Keys are only ever added to a schema of this number.
//!
//! | key of a trace | what it holds |
//! |---|---|
//! | `id`, `label`, `context`, `population`, `groups`, `variable`, `level`, `stat`, `value`, `warnings` | as in `results.json` |
//! | `shown` | where it is shown, in reading order: `text` as printed (null where it is drawn), `stats` printed together, `place` (an object with its kind), `where` (the place in words), `rule` of the style (null where it is drawn) |
//! | `rule` | `style`; `form`; `patterns` as `key` of `style.toml` and `pattern`; `decimals`: `of` which statistics, how many `decimals`, by which `rule` |
//! | `rows` | the rows it comes from: `step`, `input` (index into the step's inputs), `dataset`, `used` and each of `left_out` with `reason`; row sets are `count` and `ranges`, pairs of first and last row number, from 1, a header line not counted; `queried`: all rows that a query was given, whose SQL says which count |
//! | `model` | `method` and `formula`; null where there is none |
//! | `remarks` | what is remarkable about its step, in sentences |
//! | `step` | the label of its own step |
//! | `steps` | that step, then those it builds on: `label`, `directive`, `method` (its version), `file`, `line`, `text` as written, `builds_on`, `inputs`, `seed`, `random` (whether the method draws from it), `fingerprint`, `components` (`name`, `value`) of the fingerprint |
//! | an input | `dataset` (`name@version`), `title`, `file` and `codebook` with `path`, `sha256`, `bytes`; `rows` of the dataset; `reads`: of `kind` `rows` with `population`, `condition`, `derived`, `columns`, or of `kind` `query` with `sql` |
//! | `trialbook` | `version` and `source`, the digest of its own source |
//!
//! | key of a statistic in `found` | what it holds |
//! |---|---|
//! | `id`, `value` | as in `results.json` |
//! | `shown` | `text` and `where` of each place |

use serde::Serialize;

use super::{Material, RowTrace, StepTrace, Trace};
use crate::analysis::{ModelUse, RowSet};
use crate::document::{Place, Showing, showings};
use crate::render::StatisticRecord;
use crate::statistic::StatId;
use crate::style::StyleRule;

const SCHEMA: &str = "trialbook-trace/1";

#[derive(Serialize)]
struct File<'a, T> {
    schema: &'static str,
    report: &'a str,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct Traces<'a> {
    traces: Vec<TraceRecord<'a>>,
}

#[derive(Serialize)]
struct List<'a> {
    found: Vec<ListRecord<'a>>,
}

#[derive(Serialize)]
struct TraceRecord<'a> {
    #[serde(flatten)]
    statistic: StatisticRecord<'a>,
    shown: Vec<ShownRecord<'a>>,
    rows: Vec<RowRecord<'a>>,
    model: Option<ModelRecord<'a>>,
    remarks: &'a [String],
    step: &'a str,
    steps: &'a [StepTrace],
    trialbook: Program<'a>,
}

#[derive(Serialize)]
struct ShownRecord<'a> {
    text: Option<&'a str>,
    stats: &'a [StatId],
    place: &'a Place,
    r#where: String,
    rule: Option<&'a StyleRule>,
}

#[derive(Serialize)]
struct RowRecord<'a> {
    step: &'a str,
    input: usize,
    dataset: &'a str,
    queried: bool,
    used: Ranges<'a>,
    left_out: Vec<LeftOutRecord<'a>>,
}

#[derive(Serialize)]
struct Ranges<'a> {
    count: u64,
    ranges: &'a RowSet,
}

#[derive(Serialize)]
struct LeftOutRecord<'a> {
    reason: &'a str,
    #[serde(flatten)]
    rows: Ranges<'a>,
}

#[derive(Serialize)]
struct ModelRecord<'a> {
    method: &'a str,
    formula: &'a str,
}

#[derive(Serialize)]
struct Program<'a> {
    version: &'a str,
    source: &'a str,
}

#[derive(Serialize)]
struct ListRecord<'a> {
    id: &'a StatId,
    value: Option<f64>,
    shown: Vec<ListShown<'a>>,
}

#[derive(Serialize)]
struct ListShown<'a> {
    text: Option<&'a str>,
    r#where: String,
}

impl<'a> TraceRecord<'a> {
    fn new(trace: &'a Trace) -> Self {
        Self {
            statistic: StatisticRecord::new(&trace.statistic),
            shown: trace.shown.iter().map(ShownRecord::new).collect(),
            rows: trace.rows.iter().map(RowRecord::new).collect(),
            model: trace.model.as_ref().map(ModelRecord::new),
            remarks: &trace.remarks,
            step: &trace.statistic.key.label,
            steps: &trace.steps,
            trialbook: Program {
                version: &trace.version,
                source: &trace.source_digest,
            },
        }
    }
}

impl<'a> ShownRecord<'a> {
    fn new(showing: &'a Showing) -> Self {
        Self {
            text: showing.printing.as_ref().map(|p| p.text.as_str()),
            stats: &showing.stats,
            place: &showing.place,
            r#where: showing.place.to_string(),
            rule: showing.printing.as_ref().map(|p| &p.rule),
        }
    }
}

impl<'a> RowRecord<'a> {
    fn new(rows: &'a RowTrace) -> Self {
        let left_out = rows.left_out.iter().map(|l| LeftOutRecord {
            reason: &l.reason,
            rows: Ranges::new(&l.rows),
        });
        Self {
            step: &rows.step,
            input: rows.input,
            dataset: &rows.dataset,
            queried: rows.queried,
            used: Ranges::new(&rows.used),
            left_out: left_out.collect(),
        }
    }
}

impl<'a> Ranges<'a> {
    fn new(ranges: &'a RowSet) -> Self {
        Self {
            count: ranges.len(),
            ranges,
        }
    }
}

impl<'a> ModelRecord<'a> {
    fn new(model: &'a ModelUse) -> Self {
        Self {
            method: &model.method,
            formula: &model.formula,
        }
    }
}

/// Whole traces as JSON.
pub fn traces_json(report: &str, traces: &[Trace]) -> String {
    let traces = traces.iter().map(TraceRecord::new).collect();
    written(report, Traces { traces })
}

/// Statistics with their values and places as JSON.
pub fn list_json(material: &Material<'_>, ids: &[StatId]) -> String {
    let all = showings(material.document);
    let record = |id| ListRecord {
        id,
        value: material.results.value(id),
        shown: all
            .iter()
            .filter(|s| s.stats.contains(id))
            .map(|s| ListShown {
                text: s.printing.as_ref().map(|p| p.text.as_str()),
                r#where: s.place.to_string(),
            })
            .collect(),
    };
    let found = ids.iter().map(record).collect();
    written(&material.record.report, List { found })
}

fn written(report: &str, content: impl Serialize) -> String {
    let file = File {
        schema: SCHEMA,
        report,
        content,
    };
    serde_json::to_string_pretty(&file).unwrap_or_default()
}
