//! Claims as people read them.

use super::{Against, Counts, Judged, Judgement};
use crate::style::number::full;

const HEAD: [&str; 7] = [
    "place",
    "statistic",
    "printed",
    "recomputed",
    "at full precision",
    "verdict",
    "note",
];

/// The claims for which `show` holds as a table, and the counts of all.
pub fn text(judgement: &Judgement<'_>, show: impl Fn(&Judged<'_>) -> bool) -> String {
    let shown: Vec<[String; 7]> = judgement
        .all
        .iter()
        .filter(|j| show(j))
        .map(cells)
        .collect();
    let mut lines = Vec::new();
    if !shown.is_empty() {
        lines.extend(table(&shown));
        lines.push(String::new());
    }
    let places = judgement.by_place();
    if places.len() > 1 {
        lines.extend(
            places
                .iter()
                .map(|(place, c)| format!("{place}: {}", counts(*c))),
        );
    }
    lines.push(counts(judgement.counts()));
    lines.join("\n")
}

fn cells(judged: &Judged<'_>) -> [String; 7] {
    let claim = judged.claim;
    let named = match &claim.against {
        Against::Statistic(name) => name.clone(),
        Against::NotComputable(_) => String::new(),
    };
    let id = judged.statistic.as_ref().map(ToString::to_string);
    [
        claim.place.clone(),
        id.unwrap_or(named),
        claim.text.clone(),
        judged.recomputed.clone().unwrap_or_default(),
        judged.value.map(full).unwrap_or_default(),
        judged.verdict.words().to_owned(),
        judged.note.clone().unwrap_or_default(),
    ]
}

fn table(rows: &[[String; 7]]) -> Vec<String> {
    let head = HEAD.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let mut widths = [0; 7];
    for row in all() {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let one: String = cell.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{one:<width$}")
        });
        let cells: Vec<String> = cells.collect();
        cells.join("  ").trim_end().to_owned()
    };
    all().map(line).collect()
}

/// Counts in words: "460 claims: 448 reproduced, 12 contradicted (12 known misprints)".
fn counts(counts: Counts) -> String {
    let kinds = [
        (counts.reproduced, "reproduced"),
        (counts.last_digit, "off by one in the last digit"),
        (counts.contradicted, "contradicted"),
        (counts.not_computable, "not computable"),
    ];
    let kinds = kinds.iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> = kinds.map(|(n, words)| format!("{n} {words}")).collect();
    let noun = if counts.claims == 1 {
        "claim"
    } else {
        "claims"
    };
    let mut text = format!("{} {noun}", counts.claims);
    if !parts.is_empty() {
        text = format!("{text}: {}", parts.join(", "));
    }
    if counts.known_misprints > 0 {
        text = format!("{text}; {} known misprints", counts.known_misprints);
    }
    text
}
