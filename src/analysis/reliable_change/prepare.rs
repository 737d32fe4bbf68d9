//! Resolving the keys of `reliable_change`.

use super::{CutOff, Scale, Shown, Spec, StartKey, Values, WorseningKey};
use crate::analysis::keys::{one_or_many, refuse_repeats};
use crate::analysis::modelled::level_place;
use crate::analysis::proportion_test::ProportionTest;
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::{Field, Level};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

/// The quantile of the normal distribution that 5% are beyond.
const CRITICAL: f64 = 1.96;

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let rows = scope.rows(reader);
    let id = reader.string("id");
    let visit = reader.string("visit");
    let before = reader.string("before");
    let after = one_or_many(reader, "after");
    let critical = positive(reader, "critical");
    let test = reader.optional_choice("test", &ProportionTest::CHOICES);
    let start = [
        ("dysfunctional", StartKey::Dysfunctional),
        ("any", StartKey::Any),
    ];
    let start = reader.optional_choice("start", &start);
    let deteriorated = [
        ("reliable", WorseningKey::Reliable),
        ("any", WorseningKey::Any),
    ];
    let deteriorated = reader.optional_choice("deteriorated", &deteriorated);
    let shown = shown(scope);
    let values = values(reader, shown);
    if after.as_ref().is_none_or(Vec::is_empty) {
        reader.missing("after", "one visit or more, compared with `before`");
    }
    let tables = reader.tables("measure");
    if tables.is_empty() {
        reader.missing("measure", "`[[measure]]` once or more often");
    }
    let Some(rows) = rows else {
        reader.ignore("by");
        return None;
    };
    let arms = scope.arms(reader, &rows);
    let id = id.and_then(|name| scope.field(reader, &rows, &name));
    let visit = visit.and_then(|name| scope.category(reader, &rows, &name));
    let mut names = Vec::new();
    let measures: Vec<Option<Scale>> = tables
        .into_iter()
        .map(|table| measure(table, scope, &rows, &mut names))
        .collect();
    refuse_repeats(reader, &names, "a measure is one row of the table");
    let visit = visit?;
    let before = level(reader, &visit, &before?);
    let after = visits(reader, &visit, &after?, before.as_ref());
    let (arms, id, before) = (arms?, id?, before?);
    let measures = measures.into_iter().collect::<Option<Vec<Scale>>>()?;
    let columns = [&arms.variable, &id.name, &visit.name]
        .into_iter()
        .chain(measures.iter().map(|m| &m.variable));
    let inputs = vec![rows.input(columns.cloned())];
    let spec = Spec {
        arms,
        id: id.name,
        visit: visit.name,
        before,
        after: after?,
        critical: critical?.unwrap_or(CRITICAL),
        test: test.map_or(ProportionTest::ChiSquared, |t| t.value),
        measures,
        start: start.map(|s| s.value).unwrap_or_default(),
        deteriorated: deteriorated.map(|d| d.value).unwrap_or_default(),
        shown,
        values: values.unwrap_or_default(),
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

fn shown(scope: &Scope<'_>) -> Shown {
    if scope.label.starts_with("tbl-") {
        Shown::Table
    } else if scope.label.starts_with("fig-") {
        Shown::Figure
    } else {
        Shown::Nothing
    }
}

/// The key `values`, which has a meaning in figures only.
fn values(reader: &mut TableReader<'_>, shown: Shown) -> Option<Values> {
    let known = [("percent", Values::Percent), ("count", Values::Count)];
    let values = reader.optional_choice("values", &known)?;
    if shown != Shown::Figure {
        let message = "`values` says what stands in a figure's bars, and this is no figure";
        let diagnostic = Diagnostic::error("no-figure", message)
            .at(values.span)
            .help("leave it out, or begin the directive's label with `fig-`");
        reader.report(diagnostic);
    }
    Some(values.value)
}

/// A positive number, if the key is there; the outer `None` after a report.
#[allow(clippy::option_option)]
fn positive(reader: &mut TableReader<'_>, key: &str) -> Option<Option<f64>> {
    let Some(found) = reader.optional_number(key) else {
        return Some(None);
    };
    if found.value > 0.0 {
        return Some(Some(found.value));
    }
    let message = format!("`{key}` must be above 0");
    reader.report(Diagnostic::error("out-of-range", message).at(found.span));
    None
}

fn level(reader: &TableReader<'_>, field: &Field, value: &At<String>) -> Option<Level> {
    let place = level_place(reader, field, value)?;
    field.levels.get(place).cloned()
}

fn visits(
    reader: &TableReader<'_>,
    field: &Field,
    named: &[At<String>],
    before: Option<&Level>,
) -> Option<Vec<Level>> {
    let mut visits: Vec<Level> = Vec::new();
    for name in named {
        let level = level(reader, field, name)?;
        if visits.contains(&level) || before == Some(&level) {
            let message = format!("the visit `{}` is named twice", name.value);
            reader.report(Diagnostic::error("repeated", message).at(name.span.clone()));
            return None;
        }
        visits.push(level);
    }
    (!visits.is_empty()).then_some(visits)
}

fn measure(
    mut table: TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    names: &mut Vec<At<String>>,
) -> Option<Scale> {
    let name = table.string("variable");
    let label = table.optional_string("label");
    let reliability = table.optional_number("reliability");
    let better = table.optional_choice("better", &[("higher", true), ("lower", false)]);
    let sd = positive(&mut table, "sd");
    let cut_off = cut_off(&mut table);
    if reliability.is_none() && !table.has("reliability") {
        table.missing(
            "reliability",
            "the measure's α or retest correlation, 0 to 1",
        );
    }
    if better.is_none() && !table.has("better") {
        table.missing("better", "`higher` or `lower`: which scores are better");
    }
    if let Some(found) = &reliability
        && !(0.0..1.0).contains(&found.value)
    {
        let message = "a reliability is at least 0 and below 1";
        table.report(Diagnostic::error("out-of-range", message).at(found.span.clone()));
    }
    let field = name.and_then(|name| {
        let field = scope.number(&table, rows, &name);
        names.push(name);
        field
    });
    table.finish();
    let field = field?;
    Some(Scale {
        label: label.map_or(field.title, |l| l.value),
        variable: field.name,
        decimals: field.decimals,
        reliability: reliability?.value,
        higher_is_better: better?.value,
        sd: sd?,
        cut_off: cut_off?,
    })
}

/// The key `cut_off`: a score, or `a`, `b`, `c` with the table `functional`.
fn cut_off(table: &mut TableReader<'_>) -> Option<CutOff> {
    let norm = table.optional_table("functional").map(|mut norm| {
        let mean = norm.optional_number("mean").map(|m| m.value);
        let sd = positive(&mut norm, "sd").flatten();
        if mean.is_none() {
            norm.missing("mean", "the mean of the functional population");
        }
        if sd.is_none() {
            norm.missing("sd", "the standard deviation of the functional population");
        }
        norm.finish();
        (mean, sd)
    });
    let wanted = "a score; or \"a\", \"b\", or \"c\" of Jacobson and Truax";
    let Some(node) = table.node("cut_off") else {
        table.missing("cut_off", wanted);
        return None;
    };
    if let Some(score) = node.value.as_number() {
        return Some(CutOff::Score(score));
    }
    let known = [("a", 0), ("b", 1), ("c", 2)];
    let letter = table.optional_choice("cut_off", &known)?;
    if letter.value == 0 {
        return Some(CutOff::A);
    }
    let Some((mean, sd)) = norm else {
        let wanted = "{ mean = …, sd = … } of the functional population, for this cut-off";
        table.missing("functional", wanted);
        return None;
    };
    Some(CutOff::Norm {
        between: letter.value == 2,
        mean: mean?,
        sd: sd?,
    })
}
