//! What came of a verification, for programs: the schema `trialbook-verify/1`.
//!
//! One object a subject, on one line:
//!
//! | key | what it holds |
//! |---|---|
//! | `schema` | `trialbook-verify/1` |
//! | `subject`, `report` | what was named; the report's name, or null |
//! | `verdict` | `identical`, `printed`, `different`, `not-re-executed` |
//! | `time` | the time inside the outputs, or null |
//! | `made_by`, `running` | `{version, source_digest}` of the program that made it (or null) and of this one |
//! | `made_on` | the kind of processor on which it was made, if known |
//! | `numbers` | null, or `{identical, printed, different}`: how many |
//! | `differences` | the numbers that are not identical, the largest difference first: `{id, recorded, recomputed, relative, described_otherwise, sameness, places}` |
//! | `files` | every output: `{path, state}`, and of those whose state is `different` `recorded_bytes`, `recomputed_bytes`, `first_difference` |
//! | `problems` | all diagnostics, as `--message-format json` prints them |
//!
//! `recorded` and `recomputed` are `{"number": x}`, `"missing"` (a statistic without a value) or `"absent"` (no such
//! statistic); `relative` is null where one of them is no number; `sameness` is `printed` or `different`; `places` has
//! `{place, recorded, recomputed}`, the place in words.

use serde::Serialize;

use super::compare::{Difference, Sameness, Value};
use super::outputs::OutputFile;
use super::record::Program;
use super::{Verdict, Verification};
use crate::diagnostic::Diagnostics;

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    subject: &'a str,
    report: Option<&'a str>,
    verdict: Verdict,
    time: Option<String>,
    made_by: Option<&'a Program>,
    running: Program,
    made_on: Option<&'a str>,
    numbers: Option<Counts>,
    differences: Vec<Entry<'a>>,
    files: &'a [OutputFile],
}

#[derive(Serialize)]
struct Counts {
    identical: usize,
    printed: usize,
    different: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    recorded: Side,
    recomputed: Side,
    relative: Option<f64>,
    described_otherwise: bool,
    sameness: Sameness,
    places: Vec<Shown<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Side {
    Absent,
    Missing,
    Number(f64),
}

#[derive(Serialize)]
struct Shown<'a> {
    place: String,
    recorded: &'a str,
    recomputed: &'a str,
}

impl Verification {
    /// The verification with its diagnostics as one line of JSON, without a line break.
    pub fn to_json(&self, diagnostics: &Diagnostics) -> String {
        let numbers = self.numbers.as_ref();
        let problems = diagnostics
            .iter()
            .map(crate::diagnostic::Diagnostic::to_json);
        let file = File {
            schema: "trialbook-verify/1",
            subject: &self.subject,
            report: self.report.as_deref(),
            verdict: self.verdict,
            time: self.time.map(|t| t.to_string()),
            made_by: self.made_by.as_ref(),
            running: Program::running(),
            made_on: self.made_on.as_deref(),
            numbers: numbers.map(|n| Counts {
                identical: n.identical,
                printed: n.count(Sameness::Printed),
                different: n.count(Sameness::Different),
            }),
            differences: numbers
                .map_or_else(Vec::new, |n| n.differences.iter().map(entry).collect()),
            files: &self.files,
        };
        let object = serde_json::to_string(&file).unwrap_or_default();
        let problems = problems.collect::<Vec<_>>().join(",");
        // The problems are JSON already: they go in before the object's last brace.
        let open = object.strip_suffix('}').unwrap_or_default();
        format!("{open},\"problems\":[{problems}]}}")
    }
}

fn entry(difference: &Difference) -> Entry<'_> {
    let side = |value: Value| match value {
        Value::Absent => Side::Absent,
        Value::Missing => Side::Missing,
        Value::Number(number) => Side::Number(number),
    };
    let places = difference.places.iter().map(|reprint| Shown {
        place: reprint.place.to_string(),
        recorded: &reprint.recorded,
        recomputed: &reprint.recomputed,
    });
    Entry {
        id: difference.id.as_str(),
        recorded: side(difference.recorded),
        recomputed: side(difference.recomputed),
        relative: Some(difference.relative).filter(|r| r.is_finite()),
        described_otherwise: difference.described_otherwise,
        sameness: difference.sameness,
        places: places.collect(),
    }
}
