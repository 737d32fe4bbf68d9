//! Fitting, writing down, and the table of coefficients.

use super::{Robust, Spec};
use crate::analysis::column::{row_use, some_rows};
use crate::analysis::modelled::{model_data, refused};
use crate::analysis::{Finding, Inputs, ModelUse, Number, Outcome, Recorder};
use crate::artefact::{
    Artefact, Cell, Column, Form, Label, Measure, Note, Quantity, Row, RowKind, Table,
};
use crate::stats::design::{CoefficientName, NamePart};
use crate::stats::formula::Formula;
use crate::stats::linear::{Coefficient, Estimate, LinearFit, LinearOptions, RobustKind};

pub(super) fn run(spec: &Spec, inputs: &Inputs<'_>) -> Result<Outcome, Finding> {
    let frame = some_rows(inputs)?;
    let at_formula = |f: Finding| f.at(["formula".into()]);
    let formula = Formula::parse(&spec.formula).map_err(|errors| {
        let why: Vec<String> = errors.iter().map(ToString::to_string).collect();
        at_formula(Finding::error("formula", why.join("; ")))
    })?;
    let names: Vec<String> = spec
        .fields
        .iter()
        .map(|f| f.name.clone())
        .chain(spec.weights.clone())
        .collect();
    let data = model_data(frame, &names, spec.arms.as_ref())?;
    let options = LinearOptions {
        weights: spec.weights.clone(),
        level: spec.conf_level,
        ..LinearOptions::default()
    };
    let mut fit = LinearFit::new(&formula, &data, &options).map_err(|e| at_formula(refused(&e)))?;
    if let Some(robust) = spec.robust {
        fit = fit
            .with_robust_covariance(robust_kind(robust))
            .map_err(|e| at_formula(refused(&[e])))?;
    }
    let outcome = formula
        .response()
        .map(|v| v.label.clone())
        .unwrap_or_default();
    let decimals = spec
        .fields
        .iter()
        .find(|f| f.name == outcome)
        .and_then(|f| f.decimals);
    let mut recorder = Recorder::new(inputs.label, inputs.population);
    let mut findings = Vec::new();
    let ids: Vec<[crate::statistic::StatId; 4]> = fit
        .coefficients
        .iter()
        .map(|c| record_coefficient(&mut recorder, spec, &outcome, decimals, c))
        .collect();
    record_model(&mut recorder, &outcome, decimals, &fit);
    if spec.type3 {
        record_tests(&mut recorder, &outcome, &fit).map_err(at_formula)?;
    }
    let aliased = fit.aliased();
    if !aliased.is_empty() {
        let message = format!(
            "the data can't tell apart and so don't estimate: {}",
            aliased.join(", ")
        );
        findings.push(at_formula(Finding::warning("aliased", message)));
    }
    let left_out = vec![(
        "a column of the formula is missing".to_owned(),
        fit.frame.omitted.clone(),
    )];
    let rows = vec![row_use(
        [inputs.label, &outcome],
        frame,
        &fit.frame.rows,
        left_out,
    )];
    let models = vec![ModelUse {
        stats: crate::statistic::StatId::from_parts([inputs.label, &outcome]),
        method: method(spec),
        formula: spec.formula.trim().to_owned(),
    }];
    let artefact = spec.shown.then(|| Artefact::Table(table(spec, &fit, &ids)));
    Ok(Outcome {
        statistics: recorder.finish(),
        artefact,
        findings,
        rows,
        models,
    })
}

/// How the model is fitted, in words.
fn method(spec: &Spec) -> String {
    let mut words = match &spec.weights {
        Some(weights) => format!("linear model, least squares weighted by {weights}"),
        None => "linear model, least squares".to_owned(),
    };
    if let Some(robust) = spec.robust {
        words.push_str(", covariance ");
        words.push_str(robust_name(robust));
    }
    words
}

fn robust_name(robust: Robust) -> &'static str {
    match robust {
        Robust::Hc0 => "HC0",
        Robust::Hc1 => "HC1",
        Robust::Hc2 => "HC2",
        Robust::Hc3 => "HC3",
    }
}

fn robust_kind(robust: Robust) -> RobustKind {
    match robust {
        Robust::Hc0 => RobustKind::Hc0,
        Robust::Hc1 => RobustKind::Hc1,
        Robust::Hc2 => RobustKind::Hc2,
        Robust::Hc3 => RobustKind::Hc3,
    }
}

/// Writes down a coefficient; the ids are of estimate, limits and P value.
fn record_coefficient(
    recorder: &mut Recorder,
    spec: &Spec,
    outcome: &str,
    decimals: Option<u8>,
    coefficient: &Coefficient,
) -> [crate::statistic::StatId; 4] {
    let name = coefficient.name.to_string();
    let number = |pick: fn(&Estimate) -> f64| match &coefficient.estimate {
        Some(estimate) => Number::from(pick(estimate)),
        None => Number::Missing(format!(
            "the data can't tell `{name}` from other coefficients"
        )),
    };
    let mut subject = recorder.of(context(spec), outcome).level(&name);
    for part in &coefficient.name.parts {
        if let Some(level) = &part.level {
            subject = subject.about(&part.variable, level);
        }
    }
    let mut subject = subject.measured(decimals);
    let estimate = subject.add("estimate", number(|e| e.estimate));
    subject.add("std.error", number(|e| e.std_error));
    subject.add("df", number(|e| e.df));
    subject.add("statistic", number(|e| e.statistic));
    let p = subject.add("p.value", number(|e| e.p_value));
    let low = subject.add("conf.low", number(|e| e.conf_low));
    let high = subject.add("conf.high", number(|e| e.conf_high));
    [estimate, low, high, p]
}

fn context(spec: &Spec) -> &'static str {
    match spec.robust {
        None => "lm",
        Some(Robust::Hc0) => "lm with HC0",
        Some(Robust::Hc1) => "lm with HC1",
        Some(Robust::Hc2) => "lm with HC2",
        Some(Robust::Hc3) => "lm with HC3",
    }
}

fn record_model(recorder: &mut Recorder, outcome: &str, decimals: Option<u8>, fit: &LinearFit) {
    let summary = &fit.summary;
    let optional = |value: Option<f64>| match value {
        Some(value) => Number::from(value),
        None => Number::Missing("nothing but the intercept is estimated".to_owned()),
    };
    let mut subject = recorder.of("lm", outcome).measured(decimals);
    subject.add("nobs", summary.nobs);
    subject.add("df.residual", summary.df_residual);
    subject.add("sigma", summary.sigma);
    subject.add("r.squared", optional(summary.r_squared));
    subject.add("adj.r.squared", optional(summary.adj_r_squared));
    subject.add("logLik", summary.log_lik);
    subject.add("AIC", summary.aic);
    subject.add("BIC", summary.bic);
}

fn record_tests(recorder: &mut Recorder, outcome: &str, fit: &LinearFit) -> Result<(), Finding> {
    for term in fit.type3().map_err(|e| refused(&[e]))? {
        let none = || {
            Number::Missing("there is nothing to test: all its columns depend on others".to_owned())
        };
        let number = |pick: fn(&crate::stats::linear::FTest) -> f64| {
            term.test.as_ref().map_or_else(none, |t| pick(t).into())
        };
        let level = format!("type3: {}", term.term);
        let mut subject = recorder.of("lm: type III F test", outcome).level(&level);
        subject.add("statistic", number(|t| t.statistic));
        subject.add("df", number(|t| t.df));
        subject.add("df.residual", number(|t| t.df_residual));
        subject.add("p.value", number(|t| t.p_value));
    }
    Ok(())
}

fn table(spec: &Spec, fit: &LinearFit, ids: &[[crate::statistic::StatId; 4]]) -> Table {
    let mut rows = Vec::with_capacity(ids.len());
    for (coefficient, ids) in fit.coefficients.iter().zip(ids) {
        rows.extend(reference_rows(spec, fit, coefficient));
        let within_factor = matches!(
            coefficient.name.parts.as_slice(),
            [NamePart { level: Some(_), .. }]
        );
        rows.push(Row {
            kind: RowKind::Item,
            indent: u8::from(within_factor),
            label: Label::text(coefficient_words(spec, &coefficient.name)),
            cells: coefficient_cells(spec, coefficient, ids),
        });
    }
    let number_column = |measure: Measure, conf_level: Option<f64>| Column {
        label: Label {
            measure: Some(measure),
            conf_level,
            ..Label::default()
        },
        words: false,
    };
    let mut notes = Vec::new();
    if let Some(robust) = spec.robust {
        let name = format!("{robust:?}").to_uppercase();
        notes.push(Note {
            key: None,
            numbers: Vec::new(),
            text: format!(
                "Intervals and P values use the heteroscedasticity-consistent covariance {name}."
            ),
        });
    }
    Table {
        stub: Label::text("Term"),
        columns: vec![
            number_column(Measure::EstimateCi, Some(spec.conf_level)),
            number_column(Measure::PValue, None),
        ],
        rows,
        notes,
        ..Table::default()
    }
}

fn coefficient_cells(
    spec: &Spec,
    coefficient: &Coefficient,
    ids: &[crate::statistic::StatId; 4],
) -> Vec<Cell> {
    let [estimate, low, high, p] = ids.clone();
    if coefficient.estimate.is_none() {
        return vec![
            Cell::NotApplicable { note: None },
            Cell::NotApplicable { note: None },
        ];
    }
    vec![
        Cell::number(
            Quantity::new(Form::EstimateCi {
                estimate,
                low,
                high,
            })
            .with_digits(spec.digits),
        ),
        Cell::number(Quantity::new(Form::PValue { p })),
    ]
}

/// Before the first coefficient of a factor: its head, and its reference level.
fn reference_rows(spec: &Spec, fit: &LinearFit, coefficient: &Coefficient) -> Vec<Row> {
    let [
        NamePart {
            variable,
            level: Some(level),
        },
    ] = coefficient.name.parts.as_slice()
    else {
        return Vec::new();
    };
    let Ok((levels, _)) = fit.frame.factor(variable) else {
        return Vec::new();
    };
    let (Some(reference), Some(first)) = (levels.first(), levels.get(1)) else {
        return Vec::new();
    };
    // Without an intercept a factor has a coefficient for each level and no reference.
    if level != first || !fit.formula.intercept {
        return Vec::new();
    }
    vec![
        Row {
            kind: RowKind::Section,
            indent: 0,
            label: Label::text(column_words(spec, variable)),
            cells: Vec::new(),
        },
        Row {
            kind: RowKind::Item,
            indent: 1,
            label: Label::text(level_words(spec, variable, reference)),
            cells: vec![Cell::Reference { ratio: false }, Cell::Empty],
        },
    ]
}

fn coefficient_words(spec: &Spec, name: &CoefficientName) -> String {
    let written = name.to_string();
    if let Some((_, words)) = spec.labels.iter().find(|(k, _)| *k == written) {
        return words.clone();
    }
    match name.parts.as_slice() {
        [] => "Intercept".to_owned(),
        [
            NamePart {
                variable,
                level: Some(level),
            },
        ] => level_words(spec, variable, level),
        parts => parts
            .iter()
            .map(|part| match &part.level {
                Some(level) => format!(
                    "{}: {}",
                    column_words(spec, &part.variable),
                    level_words(spec, &part.variable, level)
                ),
                None => column_words(spec, &part.variable),
            })
            .collect::<Vec<_>>()
            .join(" × "),
    }
}

fn column_words(spec: &Spec, variable: &str) -> String {
    let named = spec
        .labels
        .iter()
        .find(|(k, _)| k == variable)
        .map(|(_, words)| words.clone());
    let title = || {
        spec.fields
            .iter()
            .find(|f| f.name == variable)
            .map(|f| f.title.clone())
    };
    named.or_else(title).unwrap_or_else(|| variable.to_owned())
}

fn level_words(spec: &Spec, variable: &str, level: &str) -> String {
    let of_arms = spec
        .arms
        .as_ref()
        .filter(|a| a.variable == variable)
        .and_then(|a| a.levels.iter().find(|l| l.value == level));
    let of_field = || {
        let field = spec.fields.iter().find(|f| f.name == variable)?;
        field.levels.iter().find(|l| l.value == level)
    };
    of_arms
        .or_else(of_field)
        .map_or_else(|| level.to_owned(), |l| l.label.clone())
}
