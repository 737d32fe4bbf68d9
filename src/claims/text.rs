//! Claims as people read them.

use super::{Against, Counts, Judged, Judgement};
use crate::style::number::full;

/// The counts by place, the claims for which `show` holds with all that is known of them, and the counts of all.
pub fn text(judgement: &Judgement<'_>, show: impl Fn(&Judged<'_>) -> bool) -> String {
    let places = judgement.by_place();
    let mut lines = Vec::new();
    if places.len() > 1 {
        lines.extend(summary(&places, judgement.counts()));
        lines.push(String::new());
    }
    for (place, mut shown) in judgement.grouped(|claim| claim.place.as_str()) {
        shown.retain(|j| show(j));
        if !shown.is_empty() {
            lines.push(one_line(place));
            lines.extend(listing(&shown));
            lines.push(String::new());
        }
    }
    lines.push(counts(judgement.counts()));
    lines.join("\n")
}

/// How many claims there are of each verdict, a line for each place and one for all.
fn summary(places: &[(String, Counts)], all: Counts) -> Vec<String> {
    const HEAD: [&str; 7] = [
        "place",
        "claims",
        "reproduced",
        "last digit",
        "contradicted",
        "not computable",
        "known misprints",
    ];
    let cells = |(place, c): (&str, Counts)| {
        let numbers = [
            c.claims,
            c.reproduced,
            c.last_digit,
            c.contradicted,
            c.not_computable,
            c.known_misprints,
        ];
        let blank = |n: usize| if n == 0 { "·".into() } else { n.to_string() };
        let mut row = vec![one_line(place)];
        row.extend(numbers.into_iter().map(blank));
        row
    };
    let places = places.iter().map(|(place, c)| (place.as_str(), *c));
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(places.chain([("all", all)]).map(cells));
    table(&rows, |column| column > 0)
}

/// Claims of a place as a table, with notes below those that have one.
fn listing(shown: &[&Judged<'_>]) -> Vec<String> {
    const HEAD: [&str; 5] = [
        "printed",
        "recomputed",
        "at full precision",
        "verdict",
        "statistic",
    ];
    let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(shown.iter().map(|j| cells(j)));
    let mut lines = table(&rows, |_| false).into_iter();
    let mut out: Vec<String> = lines.next().into_iter().collect();
    for (judged, line) in shown.iter().zip(lines) {
        out.push(line);
        out.extend(
            judged
                .note
                .iter()
                .map(|note| format!("    {}", one_line(note))),
        );
    }
    out.iter().map(|line| format!("  {line}")).collect()
}

fn cells(judged: &Judged<'_>) -> Vec<String> {
    let claim = judged.claim;
    let named = match &claim.against {
        Against::Statistic(name) => name.clone(),
        Against::NotComputable(_) => String::new(),
    };
    let id = judged.statistic.as_ref().map(ToString::to_string);
    let name = id.unwrap_or(named);
    let name = match &claim.label {
        Some(label) if name.is_empty() => label.clone(),
        Some(label) => format!("{name} ({label})"),
        None => name,
    };
    let value = judged.value.map(full);
    [
        claim.text.clone(),
        judged.recomputed.clone().unwrap_or_default(),
        value.unwrap_or_default(),
        judged.verdict.words().to_owned(),
        name,
    ]
    .iter()
    .map(|cell| one_line(cell))
    .collect()
}

/// Rows in columns of one width; those columns stand right for which `right` holds.
fn table(rows: &[Vec<String>], right: impl Fn(usize) -> bool) -> Vec<String> {
    let length = |cell: &String| cell.chars().count();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |i: usize| rows.iter().filter_map(move |row| row.get(i));
    let widths: Vec<usize> = (0..columns)
        .map(|i| column(i).map(length).max().unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (cell, width))| {
            if right(i) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
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
        let noun = if counts.known_misprints == 1 {
            "misprint"
        } else {
            "misprints"
        };
        text = format!("{text}; {} known {noun}", counts.known_misprints);
    }
    text
}
