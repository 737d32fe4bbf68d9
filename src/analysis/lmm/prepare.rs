//! Resolving the keys of `lmm`.

use super::{Df, Interval, Modelled, Models, Show, Spec};
use crate::analysis::keys::{choices, conf_level, digits, one_or_many};
use crate::analysis::modelled::in_formula;
use crate::analysis::{Arms, Prepared, Rows, Scope};
use crate::dataset::{Field, Kind, Level};
use crate::diagnostic::{Diagnostic, Span};
use crate::reader::{At, KeyPath, KeyStep, TableReader};
use crate::stats::formula::{Expression, Formula};

const DF: [(&str, Df); 3] = [
    ("satterthwaite", Df::Satterthwaite),
    ("kenward-roger", Df::KenwardRoger),
    ("z", Df::Z),
];
const SHOW: [(&str, Show); 6] = [
    ("estimate", Show::Estimate),
    ("se", Show::Se),
    ("ci", Show::Ci),
    ("estimate (se)", Show::EstimateSe),
    ("estimate (ci)", Show::EstimateCi),
    ("p", Show::P),
];
const DRAWS: u64 = 1000;

/// The models of an `lmm` with the rows that they need.
pub(in super::super) struct Family {
    pub models: Models,
    pub rows: Rows,
}

pub(super) fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
    let interval = interval(reader);
    let tests = reader.optional_choice("tests", &[("type3", true), ("none", false)]);
    let terms = one_or_many(reader, "terms");
    let show = one_or_many(reader, "show").map(|words| choices(reader, "show", &words, &SHOW));
    let stub = reader.optional_string("stub");
    let stacked = reader.optional_bool("stacked");
    let Family { models, rows } = family(reader, scope)?;
    let show = show.unwrap_or_else(|| {
        if models.outcomes.len() == 1 {
            vec![Show::EstimateCi, Show::P]
        } else {
            vec![Show::EstimateSe, Show::Ci]
        }
    });
    if let Some(stacked) = stacked.as_ref().filter(|s| s.value)
        && models.outcomes.len() == 1
        && models.groups.is_empty()
    {
        let message = "`stacked` is for the table of several outcomes";
        reader.report(Diagnostic::error("no-effect", message).at(stacked.span.clone()));
    }
    let inputs = vec![rows.input(all_columns(&models))];
    let spec = Spec {
        models,
        interval,
        type3: tests.is_some_and(|t| t.value),
        terms: terms.map(|terms| terms.into_iter().map(|t| t.value).collect()),
        show,
        stub: stub.map(|s| s.value),
        stacked: stacked.is_some_and(|s| s.value),
        shown: scope.label.starts_with("tbl-"),
    };
    Some(Prepared {
        spec,
        inputs,
        upstream: Vec::new(),
    })
}

/// All columns of all models.
pub(in super::super) fn all_columns(models: &Models) -> Vec<String> {
    let each = |outcome| models.columns(outcome).into_iter().map(str::to_owned);
    models.outcomes.iter().flat_map(each).collect()
}

fn interval(reader: &mut TableReader<'_>) -> Interval {
    let known = [
        ("wald", Interval::Wald),
        ("profile", Interval::Profile),
        ("bootstrap", Interval::Bootstrap { draws: DRAWS }),
    ];
    let chosen = reader.optional_choice("interval", &known);
    let draws = reader.optional_integer("draws", 100..=100_000);
    match (chosen.map(|c| c.value), draws) {
        (Some(Interval::Bootstrap { .. }), Some(draws)) => Interval::Bootstrap {
            draws: u64::try_from(draws.value).unwrap_or(DRAWS),
        },
        (chosen, Some(draws)) => {
            let message = "`draws` belongs to `interval = \"bootstrap\"`";
            reader.report(Diagnostic::error("no-effect", message).at(draws.span));
            chosen.unwrap_or(Interval::Wald)
        }
        (chosen, None) => chosen.unwrap_or(Interval::Wald),
    }
}

/// Reads the keys that say what is fitted to which rows.
pub(in super::super) fn family(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Family> {
    let rows = scope.rows(reader);
    let text = reader.string("formula");
    let named = named_outcomes(reader);
    let estimation = reader.optional_choice("estimation", &[("REML", true), ("ML", false)]);
    let df = reader.optional_choice("df", &DF);
    let conf_level = conf_level(reader);
    let digits = digits(reader);
    let weights = reader.optional_string("weights");
    let labels = reader.optional_string_map("labels").unwrap_or_default();
    let references = reader.optional_string_map("reference").unwrap_or_default();
    let reml = estimation.is_none_or(|e| e.value);
    if let Some(df) = &df
        && df.value == Df::KenwardRoger
        && !reml
    {
        let message = "Kenward and Roger's method needs a fit by REML";
        reader.report(Diagnostic::error("needs-reml", message).at(df.span.clone()));
    }
    let (rows, text) = (rows?, text?);
    let weights = match weights {
        Some(name) => Some(scope.number(reader, &rows, &name)?.name),
        None => None,
    };
    let sides = Sides::read(reader, &text)?;
    let fields = sides.fields(reader, scope, &rows);
    let outcomes = outcomes(reader, scope, &rows, &sides, named);
    let (fields, (groups, outcomes)) = (fields?, outcomes?);
    let arms = arms(reader, scope, &rows, &fields)?;
    let levels = reference_levels(reader, &fields, arms.as_ref(), &references)?;
    let models = Models {
        right: sides.right.clone(),
        outcomes,
        groups,
        fields,
        arms,
        levels,
        weights,
        reml,
        df: df.map_or(Df::Satterthwaite, |d| d.value),
        conf_level,
        digits,
        labels: labels
            .into_iter()
            .map(|(k, v)| (k.value, v.value))
            .collect(),
    };
    Some(Family { models, rows })
}

/// A formula's two sides with its place in the report.
struct Sides<'a> {
    text: &'a At<String>,
    formula: Formula,
    /// Left of the tilde; none where there is no tilde.
    left: Option<String>,
    right: String,
    /// How many bytes stand before the author's text in the text that was parsed.
    before: usize,
}

impl<'a> Sides<'a> {
    fn read(reader: &TableReader<'_>, text: &'a At<String>) -> Option<Self> {
        let tilde = tilde(&text.value);
        let added = if tilde.is_some() { "" } else { "~ " };
        let before = added.len();
        let place = |span: crate::stats::formula::Span| {
            let start = span.start.saturating_sub(before);
            within(text, start..span.end.saturating_sub(before).max(start))
        };
        let formula = match Formula::parse(&format!("{added}{}", text.value)) {
            Ok(formula) => formula,
            Err(errors) => {
                for error in errors {
                    let mut diagnostic =
                        Diagnostic::error("formula", error.to_string()).at(place(error.span));
                    if let Some(help) = error.help {
                        diagnostic = diagnostic.help(help);
                    }
                    reader.report(diagnostic);
                }
                return None;
            }
        };
        if formula.random.is_empty() {
            let message = "a mixed model needs a random effect";
            let diagnostic = Diagnostic::error("no-random-effect", message)
                .at(text.span.clone())
                .help("write a random intercept such as `(1 | id)`, or use `model` for a linear model");
            reader.report(diagnostic);
            return None;
        }
        let (left, right) = match tilde {
            Some(at) => (
                Some(text.value[..at].trim().to_owned()).filter(|left| !left.is_empty()),
                text.value[at + 1..].trim().to_owned(),
            ),
            None => (None, text.value.trim().to_owned()),
        };
        Some(Self {
            text,
            formula,
            left,
            right,
            before,
        })
    }

    /// The columns of the outcome in the formula.
    fn response_columns(&self) -> Vec<String> {
        let mut columns = Vec::new();
        if let Some(variable) = self.formula.response() {
            let mut add = |name: &str| columns.push(name.to_owned());
            variable.expression.for_each_column(&mut |name| add(name));
        }
        columns
    }

    /// The columns of the right-hand side, described; each must be of a kind that its role allows.
    fn fields(
        &self,
        reader: &TableReader<'_>,
        scope: &Scope<'_>,
        rows: &Rows,
    ) -> Option<Vec<Field>> {
        let response = usize::from(self.formula.has_response);
        let mut fields: Vec<Field> = Vec::new();
        let mut sound = true;
        for (index, variable) in self.formula.variables.iter().enumerate().skip(response) {
            let groups_only = self.groups_only(index);
            let mut names: Vec<String> = Vec::new();
            variable
                .expression
                .for_each_column(&mut |name| names.push(name.to_owned()));
            for name in names {
                if fields.iter().any(|f| f.name == name) {
                    continue;
                }
                let name = self.at(&name, variable.span);
                let Some(field) = scope.field(reader, rows, &name) else {
                    sound = false;
                    continue;
                };
                let enters = matches!(field.kind, Kind::Number | Kind::Category | Kind::Boolean);
                if enters || groups_only {
                    fields.push(field);
                    continue;
                }
                let message = format!("`{}` holds neither numbers nor categories", field.name);
                reader.report(Diagnostic::error("wrong-kind", message).at(name.span));
                sound = false;
            }
        }
        sound.then_some(fields)
    }

    /// Whether a variable stands for nothing but groups: identifiers may be texts.
    fn groups_only(&self, index: usize) -> bool {
        let plain = self
            .formula
            .variables
            .get(index)
            .is_some_and(|v| matches!(v.expression, Expression::Column { .. }));
        let random = &self.formula.random;
        let uses = |terms: &[crate::stats::formula::Term]| {
            terms.iter().any(|term| term.variables.contains(&index))
        };
        plain
            && random.iter().any(|r| uses(&r.groups))
            && !uses(&self.formula.terms)
            && !random.iter().any(|r| uses(&r.terms))
    }

    /// A column's name at its place within the variable that it stands in.
    fn at(&self, name: &str, span: crate::stats::formula::Span) -> At<String> {
        let from = span.start.saturating_sub(self.before);
        let rest = self.text.value.get(from..).unwrap_or_default();
        let start = from + rest.find(name).unwrap_or(0);
        At {
            value: name.to_owned(),
            span: within(self.text, start..start + name.len()),
        }
    }
}

/// Where the tilde of a formula stands; one within backticks is part of a name.
fn tilde(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(i, c)| {
        quoted ^= c == '`';
        (c == '~' && !quoted).then_some(i)
    })
}

/// A place inside a quoted text; the whole text where its characters are not written as they are.
fn within(text: &At<String>, range: std::ops::Range<usize>) -> Span {
    let written = text.span.text();
    match written.find(&text.value) {
        Some(start) if !text.value.is_empty() && range.end <= text.value.len() => {
            text.span.within(start + range.start..start + range.end)
        }
        _ => text.span.clone(),
    }
}

/// Outcomes as the author names them.
struct NamedOutcomes {
    groups: Vec<String>,
    outcomes: Vec<(At<String>, Option<usize>, KeyPath)>,
}

fn named_outcomes(reader: &mut TableReader<'_>) -> NamedOutcomes {
    let mut named = NamedOutcomes {
        groups: Vec::new(),
        outcomes: Vec::new(),
    };
    let path = |steps: Vec<KeyStep>| KeyPath(steps);
    let plain = one_or_many(reader, "outcomes").unwrap_or_default();
    for (i, name) in plain.into_iter().enumerate() {
        let key = path(vec!["outcomes".into(), i.into()]);
        named.outcomes.push((name, None, key));
    }
    for (g, mut table) in reader.tables("group").into_iter().enumerate() {
        let label = table.string("label");
        let outcomes = table.optional_strings("outcomes");
        if outcomes.as_ref().is_none_or(Vec::is_empty) {
            table.missing("outcomes", "a list of columns");
        }
        table.finish();
        named
            .groups
            .push(label.map(|l| l.value).unwrap_or_default());
        for (i, name) in outcomes.unwrap_or_default().into_iter().enumerate() {
            let key = path(vec!["group".into(), g.into(), "outcomes".into(), i.into()]);
            named.outcomes.push((name, Some(g), key));
        }
    }
    named
}

type Grouped = (Vec<String>, Vec<Modelled>);

fn outcomes(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    named: NamedOutcomes,
) -> Option<Grouped> {
    if let Some(left) = &sides.left {
        for (name, _, _) in named.outcomes.iter().take(1) {
            let message = format!("the formula has an outcome already, `{left}`");
            let diagnostic = Diagnostic::error("two-outcomes", message)
                .at(name.span.clone())
                .help("leave it out of the formula, whose right-hand side is enough");
            reader.report(diagnostic);
        }
        let own = named.outcomes.is_empty();
        let outcome = of_formula(reader, scope, rows, sides, left)?;
        return own.then(|| (Vec::new(), vec![outcome]));
    }
    if named.outcomes.is_empty() {
        let wanted = "a list of columns; or write `outcome ~ …` in `formula`";
        reader.missing("outcomes", wanted);
        return None;
    }
    let names: Vec<At<String>> = named.outcomes.iter().map(|(n, _, _)| n.clone()).collect();
    crate::analysis::keys::refuse_repeats(reader, &names, "an outcome has one model");
    let mut outcomes = Vec::with_capacity(names.len());
    let mut sound = true;
    for (name, group, key) in named.outcomes {
        let found = one_outcome(reader, scope, rows, sides, &name);
        sound &= found.is_some();
        outcomes.extend(found.map(|field| Modelled {
            left: in_formula(&field.name),
            columns: vec![field.name.clone()],
            name: field.name,
            title: field.title,
            decimals: field.decimals,
            group,
            key,
        }));
    }
    sound.then_some((named.groups, outcomes))
}

fn one_outcome(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    name: &At<String>,
) -> Option<Field> {
    let field = scope.number(reader, rows, name)?;
    if sides.formula.columns().contains(&name.value.as_str()) {
        let message = format!("the outcome `{}` is among its own predictors", name.value);
        reader.report(Diagnostic::error("outcome-predicts", message).at(name.span.clone()));
        return None;
    }
    Some(field)
}

/// The outcome that the formula names: a column or an expression of columns.
fn of_formula(
    reader: &TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    sides: &Sides<'_>,
    left: &str,
) -> Option<Modelled> {
    let response = sides.formula.response()?;
    let columns = sides.response_columns();
    let fields: Vec<Option<Field>> = columns
        .iter()
        .map(|name| scope.number(reader, rows, &sides.at(name, response.span)))
        .collect();
    let fields: Vec<Field> = fields.into_iter().collect::<Option<_>>()?;
    let plain = matches!(response.expression, Expression::Column { .. });
    let only = fields.first().filter(|_| plain);
    Some(Modelled {
        name: only.map_or_else(|| response.label.clone(), |f| f.name.clone()),
        left: left.to_owned(),
        title: only.map_or_else(|| response.label.clone(), |f| f.title.clone()),
        decimals: only.and_then(|f| f.decimals),
        columns,
        group: None,
        key: KeyPath(vec!["formula".into()]),
    })
}

/// The arms, if the formula names their column. A `by` key is not part of this directive, so the front matter decides.
#[allow(clippy::option_option)]
fn arms(
    reader: &mut TableReader<'_>,
    scope: &Scope<'_>,
    rows: &Rows,
    fields: &[Field],
) -> Option<Option<Arms>> {
    let declared = scope.declared_arm();
    let named = declared.is_some_and(|arm| fields.iter().any(|f| f.name == arm));
    if named {
        scope.arms(reader, rows).map(Some)
    } else {
        Some(None)
    }
}

/// The levels of the columns whose reference the author says, that one first.
fn reference_levels(
    reader: &TableReader<'_>,
    fields: &[Field],
    arms: Option<&Arms>,
    references: &[(At<String>, At<String>)],
) -> Option<Vec<(String, Vec<Level>)>> {
    let mut found = Vec::new();
    let mut sound = true;
    for (column, value) in references {
        let levels = levels_from(reader, fields, arms, column, value);
        sound &= levels.is_some();
        found.extend(levels.map(|levels| (column.value.clone(), levels)));
    }
    sound.then_some(found)
}

fn levels_from(
    reader: &TableReader<'_>,
    fields: &[Field],
    arms: Option<&Arms>,
    column: &At<String>,
    value: &At<String>,
) -> Option<Vec<Level>> {
    let Some(field) = fields.iter().find(|f| f.name == column.value) else {
        let message = format!("the formula has no `{}`", column.value);
        let names = fields.iter().map(|f| f.name.as_str());
        let diagnostic = Diagnostic::error("not-in-formula", message)
            .at(column.span.clone())
            .suggest(&column.value, names);
        reader.report(diagnostic);
        return None;
    };
    let place = level_place(reader, field, value)?;
    let mut levels = field.levels.clone();
    let reference = levels.remove(place);
    if let Some(arms) = arms.filter(|a| a.variable == field.name)
        && arms.reference_level().value != reference.value
    {
        let message = format!(
            "the front matter's `[arms]` has another reference, `{}`",
            arms.reference_level().value
        );
        reader.report(Diagnostic::error("two-references", message).at(value.span.clone()));
        return None;
    }
    levels.insert(0, reference);
    Some(levels)
}

/// The place of a level that the author names by its value or by its label.
pub(in super::super) fn level_place(
    reader: &TableReader<'_>,
    field: &Field,
    value: &At<String>,
) -> Option<usize> {
    let by_value = field.levels.iter().position(|l| l.value == value.value);
    let labelled = |l: &&Level| l.label == value.value;
    let unique = field.levels.iter().filter(labelled).count() == 1;
    let by_label = || field.levels.iter().position(|l| l.label == value.value);
    let found = by_value.or_else(|| by_label().filter(|_| unique));
    if found.is_none() {
        let message = format!("`{}` has no level `{}`", field.name, value.value);
        let known = field.levels.iter().flat_map(|l| [&l.value, &l.label]);
        let diagnostic = Diagnostic::error("unknown-level", message)
            .at(value.span.clone())
            .suggest(&value.value, known.map(String::as_str));
        reader.report(diagnostic);
    }
    found
}
