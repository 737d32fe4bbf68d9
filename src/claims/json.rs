//! Claims as JSON, schema `trialbook-claims/1`.
//!
//! | key | what it holds |
//! |---|---|
//! | `report` | the report's name |
//! | `counts`, `places` | how many claims there are of each verdict, altogether and by `place` |
//! | `claims` | each: `place`, `source` (a key of `references.bib`), `label` (what it is of, in words), `text` as printed, `statistic` (its id; as it is named where there is none), `value` at full precision, `recomputed` as the text would print it, `verdict` (`reproduced`, `last-digit`, `contradicted`, `not-computable`), `misprint` (why it is known to be one), `note`, `line` of `claims.toml` |

use serde::Serialize;

use super::{Against, Counts, Judged, Judgement, Verdict};
use crate::statistic::StatId;

const SCHEMA: &str = "trialbook-claims/1";

#[derive(Serialize)]
struct File<'a> {
    schema: &'static str,
    report: &'a str,
    counts: Counts,
    places: Vec<Place>,
    claims: Vec<Record<'a>>,
}

#[derive(Serialize)]
struct Place {
    place: String,
    #[serde(flatten)]
    counts: Counts,
}

#[derive(Serialize)]
struct Record<'a> {
    place: &'a str,
    source: Option<&'a str>,
    label: Option<&'a str>,
    text: &'a str,
    statistic: Option<&'a str>,
    value: Option<f64>,
    recomputed: Option<&'a str>,
    verdict: Verdict,
    misprint: Option<&'a str>,
    note: Option<&'a str>,
    line: usize,
}

/// The claims for which `show` holds as JSON, with the counts of all.
pub fn json(report: &str, judgement: &Judgement<'_>, show: impl Fn(&Judged<'_>) -> bool) -> String {
    let text = judgement
        .all
        .first()
        .map_or("", |j| &j.claim.span.source.text);
    let ends: Vec<usize> = text.match_indices('\n').map(|(i, _)| i).collect();
    let line = |judged: &Judged<'_>| ends.partition_point(|e| *e < judged.claim.span.range.start);
    let shown = judgement.all.iter().filter(|j| show(j));
    let places = judgement.by_place().into_iter();
    let file = File {
        schema: SCHEMA,
        report,
        counts: judgement.counts(),
        places: places
            .map(|(place, counts)| Place { place, counts })
            .collect(),
        claims: shown.map(|j| one(j, line(j) + 1)).collect(),
    };
    // Texts and finite numbers can't fail to be written.
    serde_json::to_string_pretty(&file).unwrap_or_default()
}

fn one<'j>(judged: &'j Judged<'_>, line: usize) -> Record<'j> {
    let claim = judged.claim;
    let named = match &claim.against {
        Against::Statistic(name) => Some(name.as_str()),
        Against::NotComputable(_) => None,
    };
    let id = judged.statistic.as_ref().map(StatId::as_str);
    Record {
        place: &claim.place,
        source: claim.source.as_deref(),
        label: claim.label.as_deref(),
        text: &claim.text,
        statistic: id.or(named),
        value: judged.value,
        recomputed: judged.recomputed.as_deref(),
        verdict: judged.verdict,
        misprint: claim.misprint.as_deref(),
        note: judged.note.as_deref(),
        line,
    }
}
