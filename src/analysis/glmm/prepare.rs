//! Resolving the keys of `glmm`.

use std::cell::RefCell;

use super::{Family, GlmmFits, Spec, Tests};
use crate::analysis::keys::flag;
use crate::analysis::modelled::{Bars, Layout, ModelKeys, in_formula, level_place};
use crate::analysis::{Prepared, Rows, Scope};
use crate::dataset::{Field, Kind};
use crate::diagnostic::Diagnostic;
use crate::reader::{At, TableReader};

const FAMILY: [(&str, Family); 2] = [("binomial", Family::Binomial), ("poisson", Family::Poisson)];
const TESTS: [(&str, Tests); 3] = [
    ("type3", Tests::Type3),
    ("lrt", Tests::LikelihoodRatio),
    ("none", Tests::None),
];

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let tests = reader.optional_choice("tests", &TESTS);
    let exponentiate = flag(reader, "exponentiate", false);
    let layout = Layout::read(reader, scope);
    if exponentiate && layout.shows_errors() {
        let message = "with `exponentiate` estimates are ratios, whose standard errors are those of their logarithms";
        let diagnostic = Diagnostic::error("errors-of-logarithms", message)
            .maybe_at(reader.key_span("show"))
            .help("show \"estimate (ci)\" and \"p\"");
        reader.report(diagnostic);
    }
    let (fits, rows) = fits(reader, scope)?;
    layout.check(reader, &fits.models);
    let inputs = vec![rows.input(fits.models.all_columns())];
    let spec = Spec {
        fits,
        tests: tests.map_or(Tests::None, |t| t.value),
        exponentiate,
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
) -> Option<(GlmmFits, Rows)> {
    let keys = ModelKeys::read(reader, scope);
    let family = reader.optional_choice("family", &FAMILY);
    if family.is_none() && !reader.has("family") {
        reader.missing("family", "\"binomial\" or \"poisson\"");
    }
    let event = reader.optional_string("event");
    let trials = reader.optional_string("trials");
    let exposure = reader.optional_string("exposure");
    let points = reader.optional_integer("nagq", 1..=100);
    let family = family?.value;
    for (key, name, of, words) in [
        ("event", &event, Family::Binomial, "binomial"),
        ("trials", &trials, Family::Binomial, "binomial"),
        ("exposure", &exposure, Family::Poisson, "poisson"),
    ] {
        if let Some(name) = name.as_ref().filter(|_| family != of) {
            let message = format!("`{key}` belongs to `family = \"{words}\"`");
            reader.report(Diagnostic::error("no-effect", message).at(name.span.clone()));
        }
    }
    let rows = keys.rows.as_ref()?;
    let number = |name: &Option<At<String>>| match name {
        Some(name) => scope.number(reader, rows, name).map(|f| Some(f.name)),
        None => Some(None),
    };
    let (trials, exposure) = (number(&trials), number(&exposure));
    let (trials, exposure) = (trials?, exposure?);
    let outcomes = Outcomes {
        family,
        event,
        trials: trials.is_some(),
        events: RefCell::default(),
    };
    let field = |reader: &TableReader<'_>, scope: &Scope<'_>, rows: &Rows, name: &_| {
        outcomes.field(reader, scope, rows, name)
    };
    let (mut models, rows) = keys.resolve(reader, scope, Bars::Needed, &field)?;
    let events = outcomes.events.into_inner();
    if let Some(event) = outcomes.event.filter(|_| events.is_empty()) {
        let message = "no outcome has categories, of which one could be the event";
        reader.report(Diagnostic::error("no-effect", message).at(event.span));
    }
    let expression = models
        .outcomes
        .iter()
        .find(|o| o.columns.len() != 1 || o.left != in_formula(&o.name));
    if let Some(outcome) = expression {
        let message = format!("the outcome `{}` is no column", outcome.left);
        let diagnostic = Diagnostic::error("expression-outcome", message)
            .maybe_at(reader.key_span("formula"))
            .help("derive a column in the front matter's `[derive]`");
        reader.report(diagnostic);
        return None;
    }
    // On the scale of the link nothing has the outcome's decimals.
    models.outcomes.iter_mut().for_each(|o| o.decimals = None);
    models.beside = trials.iter().chain(&exposure).cloned().collect();
    let fits = GlmmFits {
        models,
        family,
        events,
        trials,
        exposure,
        points: points.map_or(1, |p| usize::try_from(p.value).unwrap_or(1)),
    };
    Some((fits, rows))
}

/// What can be an outcome.
struct Outcomes {
    family: Family,
    event: Option<At<String>>,
    trials: bool,
    events: RefCell<Vec<(String, String)>>,
}

impl Outcomes {
    fn field(
        &self,
        reader: &TableReader<'_>,
        scope: &Scope<'_>,
        rows: &Rows,
        name: &At<String>,
    ) -> Option<Field> {
        let categories = self.family == Family::Binomial && !self.trials;
        if !categories {
            return scope.number(reader, rows, name);
        }
        let field = scope.field(reader, rows, name)?;
        match field.kind {
            Kind::Number => return Some(field),
            Kind::Category | Kind::Boolean => {}
            Kind::Text | Kind::Date => return scope.number(reader, rows, name),
        }
        let event = self.event_of(reader, &field, name)?;
        self.events.borrow_mut().push((field.name.clone(), event));
        Some(field)
    }

    /// Which of two levels is the event.
    fn event_of(
        &self,
        reader: &TableReader<'_>,
        field: &Field,
        name: &At<String>,
    ) -> Option<String> {
        if field.levels.len() != 2 {
            let message = format!(
                "`{}` has {} levels; a logistic model needs two",
                field.name,
                field.levels.len()
            );
            let diagnostic = Diagnostic::error("not-two-levels", message)
                .at(name.span.clone())
                .help("derive a column with 0 and 1 in the front matter's `[derive]`");
            reader.report(diagnostic);
            return None;
        }
        let Some(event) = &self.event else {
            if field.kind == Kind::Boolean {
                return Some("true".to_owned());
            }
            let known: Vec<String> = field
                .levels
                .iter()
                .map(|l| format!("\"{}\"", l.value))
                .collect();
            let message = format!("which level of `{}` is the event?", field.name);
            let diagnostic = Diagnostic::error("no-event", message)
                .at(name.span.clone())
                .help(format!("write `event = …`, {}", known.join(" or ")));
            reader.report(diagnostic);
            return None;
        };
        let place = level_place(reader, field, event)?;
        field.levels.get(place).map(|l| l.value.clone())
    }
}
