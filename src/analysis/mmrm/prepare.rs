//! Resolving the keys of `mmrm`.

use super::{Df, MmrmFits, Spec, Vcov};
use crate::analysis::modelled::{Bars, Layout, ModelKeys};
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::Field;
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};
use crate::stats::mmrm::CovarianceKind;

const DF: [(&str, Df); 6] = [
    ("satterthwaite", Df::Satterthwaite),
    ("kenward-roger", Df::KenwardRoger),
    ("kenward-roger-linear", Df::KenwardRogerLinear),
    ("between-within", Df::BetweenWithin),
    ("residual", Df::Residual),
    ("z", Df::Z),
];
const VCOV: [(&str, Vcov); 4] = [
    ("model", Vcov::Model),
    ("empirical", Vcov::Empirical),
    ("empirical-bias-reduced", Vcov::BiasReduced),
    ("empirical-jackknife", Vcov::Jackknife),
];
const NO_BARS: Bars = Bars::None {
    why: "a model for repeated measures has no random effects: the covariance of the visits takes their place",
    help: "take the bar out, and name its column as `subject`; or use `lmm`",
};

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let tests = reader.optional_choice("tests", &[("type3", true), ("none", false)]);
    let layout = Layout::read(reader, scope);
    let (fits, rows) = fits(reader, scope)?;
    layout.check(reader, &fits.models);
    let inputs = vec![rows.input(fits.models.all_columns())];
    let spec = Spec {
        fits,
        type3: tests.is_some_and(|t| t.value),
        layout,
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

/// Reads the keys that say what is fitted to which rows.
pub(in super::super) fn fits(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
) -> Option<(MmrmFits, Rows)> {
    let keys = ModelKeys::read(reader, scope);
    let kinds: Vec<(&str, CovarianceKind)> = CovarianceKind::all().map(|k| (k.name(), k)).collect();
    let covariance = reader.optional_choice("covariance", &kinds);
    let kind = covariance.map_or_else(CovarianceKind::default, |c| c.value);
    let names = Names {
        visit: reader.string("visit"),
        subject: reader.string("subject"),
        by: reader.optional_string("covariance_by"),
        weights: reader.optional_string("weights"),
    };
    let inference = Inference::read(reader);
    let columns = match &keys.rows {
        Some(rows) => names.columns(reader, scope, rows, kind),
        None => None,
    };
    let number = |reader: &TableReader<'_>, scope: &Scope<'_>, rows: &Rows, name: &_| {
        scope.number(reader, rows, name)
    };
    let resolved = keys.resolve(reader, scope, NO_BARS, &number);
    let (columns, (mut models, rows)) = (columns?, resolved?);
    models.beside = columns.all();
    let fits = MmrmFits {
        models,
        visit: columns.visit,
        subject: columns.subject,
        covariance: kind.name().to_owned(),
        covariance_by: columns.by,
        weights: columns.weights,
        reml: inference.reml,
        df: inference.df,
        expected: inference.expected,
        vcov: inference.vcov,
    };
    Some((fits, rows))
}

/// Columns beside the formula's, as the author names them.
struct Names {
    visit: Option<At<String>>,
    subject: Option<At<String>>,
    by: Option<At<String>>,
    weights: Option<At<String>>,
}

/// The same columns, found.
struct Columns {
    visit: String,
    subject: String,
    by: Option<String>,
    weights: Option<String>,
}

impl Columns {
    fn all(&self) -> Vec<String> {
        let always = [&self.visit, &self.subject].into_iter();
        let more = self.by.iter().chain(&self.weights);
        always.chain(more).cloned().collect()
    }
}

impl Names {
    fn columns(
        self,
        reader: &TableReader<'_>,
        scope: &Scope<'_>,
        rows: &Rows,
        kind: CovarianceKind,
    ) -> Option<Columns> {
        let distinct = self.are_distinct(reader);
        let visit = self.visit.as_ref().and_then(|name| {
            if kind == CovarianceKind::SpatialExponential {
                scope.number(reader, rows, name)
            } else {
                scope.category(reader, rows, name)
            }
        });
        let subject = self.subject.as_ref();
        let subject = subject.and_then(|name| scope.field(reader, rows, name));
        let by = self.by.map(|name| scope.category(reader, rows, &name));
        let weights = self.weights.map(|name| scope.number(reader, rows, &name));
        let name = |found: Option<Option<Field>>| match found {
            Some(None) => None,
            Some(Some(field)) => Some(Some(field.name)),
            None => Some(None),
        };
        let (by, weights) = (name(by), name(weights));
        distinct.then_some(())?;
        Some(Columns {
            visit: visit?.name,
            subject: subject?.name,
            by: by?,
            weights: weights?,
        })
    }

    /// Visit, subject and group are three things.
    fn are_distinct(&self, reader: &TableReader<'_>) -> bool {
        let names = [&self.visit, &self.subject, &self.by];
        let names: Vec<&At<String>> = names.into_iter().flatten().collect();
        let mut distinct = true;
        for (i, name) in names.iter().enumerate() {
            let earlier = names.iter().take(i).find(|n| n.value == name.value);
            if let Some(earlier) = earlier {
                let message = format!("`{}` can't be two of visit, subject and group", name.value);
                let diagnostic = Diagnostic::error("same-column", message)
                    .at(name.span.clone())
                    .related(earlier.span.clone(), "first here");
                reader.report(diagnostic);
                distinct = false;
            }
        }
        distinct
    }
}

/// How the model is fitted and judged.
struct Inference {
    reml: bool,
    df: Df,
    expected: bool,
    vcov: Vcov,
}

impl Inference {
    fn read(reader: &mut TableReader<'_>) -> Self {
        let estimation = reader.optional_choice("estimation", &[("REML", true), ("ML", false)]);
        let df = reader.optional_choice("df", &DF);
        let vcov = reader.optional_choice("vcov", &VCOV);
        let known = [("observed", false), ("expected", true)];
        let information = reader.optional_choice("information", &known);
        let found = Self {
            reml: estimation.is_none_or(|e| e.value),
            df: df.as_ref().map_or(Df::Satterthwaite, |d| d.value),
            expected: information.as_ref().is_some_and(|i| i.value),
            vcov: vcov.as_ref().map_or(Vcov::Model, |v| v.value),
        };
        if let Some(df) = df.filter(|d| d.value.is_kenward_roger() && !found.reml) {
            let message = "Kenward and Roger's method needs a fit by REML";
            reader.report(Diagnostic::error("needs-reml", message).at(df.span));
        }
        let empirical = vcov.filter(|v| v.value != Vcov::Model);
        if let Some(vcov) = empirical.as_ref().filter(|_| found.df.is_kenward_roger()) {
            let message = "Kenward and Roger's method corrects the model's covariance of the coefficients, not an empirical one";
            let diagnostic = Diagnostic::error("wrong-vcov", message)
                .at(vcov.span.clone())
                .help("leave `vcov` out, or write `df = \"satterthwaite\"`");
            reader.report(diagnostic);
        }
        let unused = !found.df.needs_information() || empirical.is_some();
        if let Some(information) = information.filter(|_| unused) {
            let message = "this method of inference needs no information on the covariance";
            reader.report(Diagnostic::error("no-effect", message).at(information.span));
        }
        found
    }
}
