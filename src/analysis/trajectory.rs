//! `trajectory`: means with confidence intervals by arm over the visits.

use serde::{Deserialize, Serialize};

use super::column::{column, numbers, some_rows};
use super::keys::conf_level;
use super::strata::{Strata, Stratum};
use super::{
    Analysis, Arms, Finding, Inputs, Number, Outcome, Prepared, Recorder, Rows, Scope, Shows,
};
use crate::artefact::{Artefact, Label, LinePlot, LinePoint, LineSeries};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::stats::interval::{Estimate, mean_interval};
use crate::stats::summary;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trajectory;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    visits: Vec<Visit>,
    x: String,
    y: String,
    limits: Option<(f64, f64)>,
    conf_level: f64,
    counts: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Visit {
    column: String,
    at: f64,
    label: String,
    decimals: Option<u8>,
}

impl Analysis for Trajectory {
    type Spec = Spec;
    const NAME: &'static str = "trajectory";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Figure;
    const DOC: &'static str = include_str!("trajectory/doc.md");

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        let rows = scope.rows(reader);
        let x = reader.string("x");
        let y = reader.string("y");
        let conf_level = conf_level(reader);
        let limits = limits(reader, "limits");
        let counts = reader.optional_string("counts");
        let tables = reader.tables("visit");
        if tables.is_empty() {
            reader.missing("visit", "`[[visit]]` once for each visit");
        }
        let rows = rows?;
        let arms = scope.arms(reader, &rows);
        let visits: Vec<Option<Visit>> =
            tables.into_iter().map(|t| visit(t, scope, &rows)).collect();
        let mut visits = visits.into_iter().collect::<Option<Vec<Visit>>>()?;
        refuse_same_place(reader, &visits);
        visits.sort_by(|a, b| a.at.total_cmp(&b.at));
        let arms = arms?;
        let columns = visits.iter().map(|v| v.column.clone());
        let inputs = vec![rows.input(std::iter::once(arms.variable.clone()).chain(columns))];
        let counts = match counts {
            Some(head) if head.value.is_empty() => None,
            Some(head) => Some(head.value),
            None => Some("No. of participants".to_owned()),
        };
        let spec = Spec {
            arms,
            visits,
            x: x?.value,
            y: y?.value,
            limits: limits?,
            conf_level,
            counts,
        };
        Some(Prepared {
            spec,
            inputs,
            upstream: Vec::new(),
        })
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

/// Two ascending numbers, if the key is there; none where it can't be used.
#[allow(clippy::option_option)]
pub(super) fn limits(reader: &mut TableReader<'_>, key: &str) -> Option<Option<(f64, f64)>> {
    if !reader.has(key) {
        return Some(None);
    }
    let span = reader.key_span(key);
    let numbers = reader.optional_numbers(key)?;
    if let [low, high] = numbers.as_slice()
        && low.value < high.value
    {
        return Some(Some((low.value, high.value)));
    }
    let message = format!("`{key}` must be two ascending numbers");
    reader.report(
        Diagnostic::error("wrong-limits", message)
            .maybe_at(span)
            .help(format!("write `{key} = [0, 30]`")),
    );
    None
}

fn visit(mut table: TableReader<'_>, scope: &Scope<'_>, rows: &Rows) -> Option<Visit> {
    let variable = table.string("variable");
    let at = table.optional_number("at");
    if !table.has("at") {
        table.missing("at", "its place on the horizontal axis, a number");
    }
    let label = table.optional_string("label");
    let field = variable.and_then(|name: At<String>| scope.number(&table, rows, &name));
    table.finish();
    let (at, field) = (at?.value, field?);
    Some(Visit {
        at,
        label: label.map_or_else(|| at.to_string(), |l| l.value),
        decimals: field.decimals,
        column: field.name,
    })
}

fn refuse_same_place(reader: &TableReader<'_>, visits: &[Visit]) {
    for (i, visit) in visits.iter().enumerate() {
        if let Some(other) = visits[..i]
            .iter()
            .find(|v| v.at == visit.at || v.column == visit.column)
        {
            let message = format!(
                "the visits `{}` and `{}` are the same",
                other.column, visit.column
            );
            let diagnostic = Diagnostic::error("duplicate-visit", message)
                .at(reader.span())
                .help("give every visit a column and a place of its own");
            reader.report(diagnostic);
        }
    }
}

fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let strata = Strata::by(frame, &spec.arms, false, &mut recorder)?;
    let everyone = strata.row_use([inputs.label], frame, &[]);
    let mut rows = strata.each_arm(&everyone, frame);
    rows.insert(0, everyone);
    let mut nothing = true;
    for visit in &spec.visits {
        let known: Vec<bool> = numbers(column(frame, &visit.column)?)?
            .iter()
            .map(Option::is_some)
            .collect();
        nothing &= !known.contains(&true);
        let stats = [inputs.label, visit.column.as_str()];
        let all = strata.row_use(stats, frame, &[(&visit.column, &known)]);
        rows.extend(strata.each_arm(&all, frame));
        rows.push(all);
    }
    if nothing {
        let message = "no row has a value at any of the visits";
        return Err(Finding::error("no-values", message));
    }
    let mut series = Vec::with_capacity(strata.arms().len());
    for stratum in strata.arms() {
        let mut points = Vec::with_capacity(spec.visits.len());
        for visit in &spec.visits {
            let values = stratum.present(numbers(column(frame, &visit.column)?)?);
            points.push(point(spec, visit, stratum, &values, &mut recorder));
        }
        series.push(LineSeries {
            name: stratum.label.clone(),
            points,
        });
    }
    // The reference first, as readers expect the comparison.
    if spec.arms.reference < series.len() {
        let reference = series.remove(spec.arms.reference);
        series.insert(0, reference);
    }
    let plot = LinePlot {
        x: spec.x.clone(),
        y: spec.y.clone(),
        ticks: spec
            .visits
            .iter()
            .map(|v| (v.at, v.label.clone()))
            .collect(),
        series,
        limits: spec.limits,
        conf_level: spec.conf_level,
        counts: spec.counts.as_ref().map(Label::text),
        notes: Vec::new(),
        abbreviations: Vec::new(),
    };
    Ok(Outcome {
        statistics: recorder.finish(),
        artefact: Some(Artefact::LinePlot(plot)),
        findings: strata.findings(),
        rows,
        models: Vec::new(),
    })
}

fn point(
    spec: &Spec,
    visit: &Visit,
    stratum: &Stratum,
    values: &[f64],
    recorder: &mut Recorder,
) -> LinePoint {
    let estimate = mean_interval(values, spec.conf_level);
    let limit = |pick: fn(&Estimate) -> f64| match &estimate {
        Ok(estimate) => Number::from(pick(estimate)),
        Err(reason) => Number::Missing(reason.to_string()),
    };
    let mut subject = stratum
        .subject(recorder, "mean", &visit.column)
        .measured(visit.decimals);
    let n = subject.add("n", values.len());
    let y = subject.add("mean", summary::mean(values));
    let low = subject.add("conf.low", limit(|e| e.interval.low));
    let high = subject.add("conf.high", limit(|e| e.interval.high));
    let known = estimate.is_ok();
    LinePoint {
        x: visit.at,
        y,
        low: known.then_some(low),
        high: known.then_some(high),
        n,
    }
}
