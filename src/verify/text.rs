//! What came of a verification, for people.

use std::fmt::Write as _;

use super::compare::{Comparison, Difference, Sameness, Value};
use super::name::shown;
use super::outputs::{OutputFile, OutputState};
use super::record::Program;
use super::{Verdict, Verification};
use crate::style::number::{Decimal, Notation};

/// How many differences are listed.
const MOST: usize = 40;

impl Verification {
    /// Lines for people, without a line break at the end.
    pub fn to_text(&self) -> String {
        let mut out = self.head();
        // Writing to a string can't fail.
        for line in &self.checked {
            let _ = write!(out, "\n  {line}");
        }
        if let (Some(program), Some(time)) = (&self.made_by, self.time) {
            let _ = write!(out, "\n  made at {time} by {}", made_by(program));
            if let Some(architecture) = &self.made_on {
                let _ = write!(out, " on {}", shown(architecture));
            }
        }
        if let Some(numbers) = &self.numbers {
            let _ = write!(
                out,
                "\n  made again from the data; numbers: {}",
                counts(numbers)
            );
            table(&mut out, numbers);
        }
        if !self.files.is_empty() {
            files(&mut out, &self.files);
        }
        let _ = write!(out, "\n  {}", self.verdict.sentence());
        out
    }

    fn head(&self) -> String {
        let subject = shown(&self.subject);
        match &self.report {
            Some(report) if *report != self.subject => format!("{subject}: the report {report}"),
            _ => subject,
        }
    }
}

impl Verdict {
    fn sentence(self) -> &'static str {
        match self {
            Self::Identical => "identical: every number and every byte came out again",
            Self::Printed => {
                "same at printed precision: every number that is shown prints the same"
            }
            Self::Different => "does not hold",
            Self::NotReExecuted => "not made again",
        }
    }
}

fn made_by(program: &Program) -> String {
    let running = Program::running();
    let version = shown(&program.version);
    if *program == running {
        format!("this trialbook ({version})")
    } else {
        let digest = |p: &Program| p.source_digest.get(..12).unwrap_or_default().to_owned();
        format!(
            "trialbook {version} (source {}), not this one ({}, source {})",
            digest(program),
            running.version,
            digest(&running)
        )
    }
}

fn counts(numbers: &Comparison) -> String {
    let mut text = format!("{} of {} identical", numbers.identical, numbers.total());
    let others = [
        (
            numbers.count(Sameness::Printed),
            "same at printed precision",
        ),
        (numbers.count(Sameness::Different), "different"),
    ];
    for (count, words) in others.iter().filter(|(count, _)| *count > 0) {
        let _ = write!(text, ", {count} {words}");
    }
    text
}

fn table(out: &mut String, numbers: &Comparison) {
    if numbers.differences.is_empty() {
        return;
    }
    let mut rows = vec![[
        "by".to_owned(),
        "recorded".to_owned(),
        "recomputed".to_owned(),
        "number".to_owned(),
    ]];
    rows.extend(numbers.differences.iter().take(MOST).map(row));
    let width = |i: usize| {
        let widths = rows
            .iter()
            .map(|r| r.get(i).map_or(0, |c| c.chars().count()));
        widths.max().unwrap_or(0)
    };
    let (first, second, third) = (width(0), width(1), width(2));
    let places = std::iter::once(Vec::new()).chain(numbers.differences.iter().map(places));
    for ([by, recorded, recomputed, number], places) in rows.iter().zip(places) {
        let _ = write!(
            out,
            "\n    {by:>first$}  {recorded:>second$}  {recomputed:>third$}  {number}"
        );
        for place in places {
            let _ = write!(
                out,
                "\n    {:indent$}{place}",
                "",
                indent = first + second + third + 8
            );
        }
    }
    let more = numbers.differences.len().saturating_sub(MOST);
    if more > 0 {
        let _ = write!(out, "\n    and {more} more (--format json lists all)");
    }
}

fn row(difference: &Difference) -> [String; 4] {
    let by = if difference.relative == 0.0 {
        "described".to_owned()
    } else if difference.sameness == Sameness::Printed {
        format!("({})", relative(difference.relative))
    } else {
        relative(difference.relative)
    };
    let number = shown(difference.id.as_str());
    [
        by,
        value(difference.recorded),
        value(difference.recomputed),
        number,
    ]
}

/// Where a reader sees the difference; the first few places.
fn places(difference: &Difference) -> Vec<String> {
    const FEW: usize = 3;
    let mut lines: Vec<String> = difference
        .places
        .iter()
        .take(FEW)
        .map(|reprint| {
            let place = shown(&reprint.place.to_string());
            if reprint.recorded == reprint.recomputed {
                return format!("drawn otherwise in {place}");
            }
            format!(
                "“{}” → “{}” in {place}",
                shown(&reprint.recorded),
                shown(&reprint.recomputed)
            )
        })
        .collect();
    if difference.places.len() > FEW {
        lines.push(format!(
            "and in {}",
            match difference.places.len() - FEW {
                1 => "one more place".to_owned(),
                more => format!("{more} more places"),
            }
        ));
    }
    lines
}

fn value(value: Value) -> String {
    match value {
        Value::Absent => "not there".to_owned(),
        Value::Missing => "no value".to_owned(),
        Value::Number(number) => plain(number),
    }
}

/// All digits of a number.
fn plain(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e15).contains(&size) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// A relative difference with two digits.
fn relative(size: f64) -> String {
    if !size.is_finite() {
        return "all".to_owned();
    }
    let notation = Notation {
        point: ".".to_owned(),
        minus: "-".to_owned(),
        group: String::new(),
        group_from: usize::MAX,
    };
    let print = |number: f64, decimals: u8| {
        let decimal = Decimal::new(number).unwrap_or_else(Decimal::zero);
        decimal.round(decimals).text(&notation, true).text()
    };
    if size >= 1e-3 {
        return format!("{}%", print(size * 100.0, 1));
    }
    let exponent = size.log10().floor();
    let mantissa = size / 10.0_f64.powf(exponent);
    match print(mantissa, 1).as_str() {
        // Rounded up to the next power.
        "10.0" => format!("1.0e{}", exponent + 1.0),
        digits => format!("{digits}e{exponent}"),
    }
}

fn files(out: &mut String, files: &[OutputFile]) {
    let identical = files.iter().filter(|f| f.state == OutputState::Identical);
    let _ = write!(
        out,
        "\n  files: {} of {} identical",
        identical.count(),
        files.len()
    );
    for file in files {
        let path = shown(&file.path);
        let _ = match &file.state {
            OutputState::Identical => Ok(()),
            OutputState::Different {
                recorded_bytes,
                recomputed_bytes,
                first_difference,
            } => write!(
                out,
                "\n    {path}: different from byte {first_difference} on ({recorded_bytes} bytes recorded, {recomputed_bytes} recomputed)"
            ),
            OutputState::NotRecorded => write!(out, "\n    {path}: comes out, but is not recorded"),
            OutputState::NotRecomputed => {
                write!(out, "\n    {path}: recorded, but does not come out")
            }
        };
    }
}
