//! Descriptions as text for people, at most 100 characters wide but for what can't be broken.

use std::fmt::Write as _;

use super::line::{broken, cut};
use super::{Book, DateSummary, Description, NumberSummary, Part, Values, sparkline};
use crate::dataset::{Field, Level};
use crate::style::number::{Decimal, Notation, full};
use crate::time::Day;

/// The most levels that are listed.
const LEVELS: usize = 12;
/// The most characters of a name or label.
const LONGEST: usize = 40;
/// The most characters of a title.
const TITLE: usize = 76;
/// The widest bar of a level.
const BAR: usize = 20;

/// A whole book, ending with a line break.
pub fn text(book: &Book) -> String {
    let mut out = String::new();
    let header = &book.header;
    let title = header
        .title
        .as_deref()
        .map(|t| format!("  {}", cut(t, TITLE)));
    let _ = writeln!(
        out,
        "{}@{}{}",
        header.name,
        header.version,
        title.unwrap_or_default()
    );
    let mut facts = vec![
        format!("{} rows", header.rows),
        format!("{} columns", header.columns),
        format!(
            "sha256 {} verified",
            header.sha256.get(..12).unwrap_or_default()
        ),
        header.path.clone(),
    ];
    if !header.key.is_empty() {
        facts.push(format!("key {}", header.key.join(", ")));
    }
    broken(&mut out, "", "", &facts, "; ");
    if let Some(by) = &book.by {
        let groups: Vec<String> = by
            .levels
            .iter()
            .zip(&by.rows)
            .map(|(level, rows)| format!("{} {rows}", name_of(level)))
            .collect();
        broken(
            &mut out,
            &format!("by {}: ", plain(&by.name)),
            "  ",
            &groups,
            ", ",
        );
    }
    for column in &book.columns {
        out.push('\n');
        one(&mut out, column, book);
    }
    out
}

fn one(out: &mut String, column: &Description, book: &Book) {
    let field = &column.field;
    let unit = field.unit.as_ref().map(|u| format!(" ({})", plain(u)));
    let title = if field.title == field.name {
        String::new()
    } else {
        format!("  {}", cut(&field.title, TITLE))
    };
    let _ = writeln!(
        out,
        "{}{title}{}",
        plain(&field.name),
        unit.unwrap_or_default()
    );
    let mut demands = vec![column.kind.to_owned()];
    demands.extend(column.rules.iter().map(|r| plain(r)));
    broken(out, "  ", "    ", &demands, ", ");
    if !field.labels.is_empty() {
        let labels: Vec<String> = field
            .labels
            .iter()
            .map(|l| format!("{} = {}", plain(&l.value), plain(&l.label)))
            .collect();
        broken(out, "  ", "    ", &labels, ", ");
    }
    part(out, "  ", "", &column.all, column);
    let Some(by) = &book.by else { return };
    let width = by.levels.iter().map(|l| name_of(l).chars().count()).max();
    let width = width.unwrap_or(0);
    for (level, found) in by.levels.iter().zip(&column.groups) {
        let name = name_of(level);
        part(out, "  ", &format!("{name:width$}  "), found, column);
    }
}

/// What some rows show: on one line, or with a line for each level.
fn part(out: &mut String, indent: &str, name: &str, part: &Part, column: &Description) {
    let mut pieces = vec![count(part, &column.field)];
    match &part.values {
        Values::Numbers(summary) if part.n > 0 => {
            pieces.extend(numbers(summary, column.field.decimals));
        }
        Values::Dates(Some(summary)) => pieces.push(dates(summary)),
        Values::Texts(summary) if part.n > 0 => {
            pieces.push(format!("{} different", summary.distinct));
            if summary.single < summary.distinct {
                pieces.push(format!("{} there once", summary.single));
            }
            pieces.push(format!(
                "{} to {} characters",
                summary.shortest, summary.longest
            ));
        }
        Values::Levels(counts) if !name.is_empty() => {
            let shares = level_lines(counts, part.n, &column.field);
            pieces.extend(
                shares
                    .into_iter()
                    .map(|l| format!("{} {}", l.name, l.share)),
            );
        }
        _ => {}
    }
    let line = sparkline(&part.bins);
    if !line.trim().is_empty() {
        pieces.push(line);
    }
    let hang = " ".repeat(indent.len() + name.chars().count() + 2);
    broken(out, &format!("{indent}{name}"), &hang, &pieces, "; ");
    if let (Values::Levels(counts), true) = (&part.values, name.is_empty()) {
        levels(out, indent, counts, part.n, &column.field);
    }
}

/// How many values there are and are missing, and for which reasons.
fn count(part: &Part, field: &Field) -> String {
    let mut text = format!("n {}", part.n);
    if part.missing == 0 {
        return text;
    }
    let _ = write!(
        text,
        ", missing {}",
        share(part.missing, part.n + part.missing)
    );
    let mut reasons: Vec<String> = field
        .missing
        .iter()
        .zip(&part.reasons)
        .filter(|(_, count)| **count > 0)
        .map(|(level, count)| format!("{count} {}", name_of(level)))
        .collect();
    let stated: usize = part.reasons.iter().sum();
    if stated > 0 && stated < part.missing {
        reasons.push(format!("{} without a reason", part.missing - stated));
    }
    if !reasons.is_empty() {
        let _ = write!(text, ": {}", reasons.join(", "));
    }
    text
}

fn numbers(summary: &NumberSummary, decimals: Option<u8>) -> Vec<String> {
    // A mean is told with one decimal more than the data have.
    let finer = decimals.map(|d| d + 1);
    let show = |value: Option<f64>, decimals| {
        value.map_or_else(|| "?".to_owned(), |v| number(v, decimals))
    };
    let mut pieces = vec![match summary.sd {
        Some(sd) => format!(
            "mean {} (SD {})",
            show(summary.mean, finer),
            number(sd, finer)
        ),
        None => format!("mean {}", show(summary.mean, finer)),
    }];
    pieces.push(format!(
        "median {} ({} to {})",
        trimmed(summary.median, finer),
        trimmed(summary.p25, finer),
        trimmed(summary.p75, finer)
    ));
    pieces.push(format!(
        "{} to {}",
        show(summary.min, decimals),
        show(summary.max, decimals)
    ));
    pieces
}

fn dates(summary: &DateSummary) -> String {
    let day = |days: i32| Day::from_days(i64::from(days)).to_string();
    format!(
        "{} to {}, median {}",
        day(summary.first),
        day(summary.last),
        day(summary.median)
    )
}

/// A level as it is listed.
struct LevelLine {
    /// The value in the data.
    name: String,
    /// What is printed for it, where that says more.
    label: String,
    share: String,
    bar: String,
}

fn level_lines(counts: &[usize], n: usize, field: &Field) -> Vec<LevelLine> {
    let line = |level: &Level, count: usize| LevelLine {
        name: value_of(level),
        label: if level.label == level.value {
            String::new()
        } else {
            plain(&level.label)
        },
        share: share(count, n),
        bar: "█".repeat(bar(count, n)),
    };
    // Where there are too many, those with the most values, in the order of the codebook.
    let mut most: Vec<usize> = (0..counts.len()).collect();
    most.sort_by_key(|i| std::cmp::Reverse(counts.get(*i).copied().unwrap_or(0)));
    most.truncate(LEVELS);
    most.sort_unstable();
    most.iter()
        .filter_map(|i| Some(line(field.levels.get(*i)?, *counts.get(*i)?)))
        .collect()
}

/// How many blocks stand for a share: the nearest number, and one at least if there is any.
fn bar(count: usize, of: usize) -> usize {
    let nearest = (2 * count * BAR + of) / (2 * of).max(1);
    nearest.max(usize::from(count > 0)).min(BAR)
}

fn levels(out: &mut String, indent: &str, counts: &[usize], n: usize, field: &Field) {
    let lines = level_lines(counts, n, field);
    let width = |of: &dyn Fn(&LevelLine) -> &String| {
        lines
            .iter()
            .map(|l| of(l).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (name, label, share) = (
        width(&|l| &l.name),
        width(&|l| &l.label),
        width(&|l| &l.share),
    );
    for line in &lines {
        let gap = if label > 0 { "  " } else { "" };
        let text = format!(
            "{indent}  {:name$}{gap}{:label$}  {:>share$}  {}",
            line.name, line.label, line.share, line.bar
        );
        out.push_str(text.trim_end());
        out.push('\n');
    }
    let more = counts.len().saturating_sub(lines.len());
    if more > 0 {
        let _ = writeln!(out, "{indent}  and {more} more levels");
    }
}

/// `12 (24%)`, with as many digits as the denominator supports.
fn share(count: usize, of: usize) -> String {
    let decimals = match of {
        0 => return format!("{count}"),
        1..100 => 0,
        100..1000 | 1000.. => 1,
    };
    match Decimal::new(count as f64 / of as f64) {
        Some(share) => format!(
            "{count} ({}%)",
            share
                .shifted(2)
                .round(decimals)
                .text(&notation(), true)
                .text()
        ),
        None => format!("{count}"),
    }
}

/// A number with so many decimals, with four significant digits if that is not known; very large and very small ones
/// as they are.
fn number(value: f64, decimals: Option<u8>) -> String {
    let Some(decimal) = Decimal::new(value) else {
        return full(value);
    };
    if !decimal.is_zero() && !(-5..=15).contains(&decimal.magnitude()) {
        return full(value);
    }
    let decimals = decimals.unwrap_or_else(|| decimal.decimals_for(4));
    decimal.round(decimals).text(&notation(), true).text()
}

/// A number without zeros at the end of its decimals: quartiles are values of the data, or between two.
fn trimmed(value: Option<f64>, decimals: Option<u8>) -> String {
    let text = value.map_or_else(|| "?".to_owned(), |v| number(v, decimals));
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn notation() -> Notation {
    Notation {
        point: ".".to_owned(),
        // One that can be copied into a program.
        minus: "-".to_owned(),
        group: String::new(),
        group_from: usize::MAX,
    }
}

/// A level's label, or its value where it has none.
fn name_of(level: &Level) -> String {
    if level.label.is_empty() {
        value_of(level)
    } else {
        plain(&level.label)
    }
}

fn value_of(level: &Level) -> String {
    plain(&level.value)
}

/// A text from the data or a codebook on one line, without what could steer a terminal, cut after 40 characters.
fn plain(text: &str) -> String {
    cut(text, LONGEST)
}
