//! Which row is which subject's at which visit.

use super::super::mixed::Estimation;
use super::super::model_data::{ModelColumn, ModelData};
use super::super::model_error::ModelError;
use super::error::RepeatedError;
use super::options::{CoefficientCovariance, RepeatedDf, RepeatedOptions};
use super::structure::CovarianceKind;
use std::collections::BTreeMap;

/// More visits than this are no visits, but times of measurement.
const MAX_VISITS: usize = 200;

/// The rows of a subject.
#[derive(Debug, Clone, Default)]
pub(super) struct Subject {
    pub group: usize,
    /// The visit and the place of the row among those that count, by visit.
    pub rows: Vec<(usize, usize)>,
}

/// The subjects with their visits and groups.
#[derive(Debug, Clone)]
pub(super) struct Subjects {
    /// The visits' names, in order.
    pub visits: Vec<String>,
    /// Their times, where visits are numbers.
    pub times: Vec<f64>,
    /// The groups' names; one without a name where the covariance is the same for all.
    pub groups: Vec<Option<String>>,
    pub members: Vec<Subject>,
}

/// A column's values in some rows, as codes for what they are.
struct Codes {
    names: Vec<String>,
    numbers: Vec<f64>,
    values: Vec<usize>,
}

fn repeated(error: RepeatedError) -> ModelError {
    ModelError::Repeated(error)
}

/// What can be refused before looking at the data.
pub(super) fn refusals(options: &RepeatedOptions) -> Vec<ModelError> {
    use RepeatedDf as Df;
    let mut errors = Vec::new();
    if !(options.level > 0.0 && options.level < 1.0) {
        errors.push(ModelError::ConfidenceLevel(options.level));
    }
    let kenward_roger = matches!(options.df, Df::KenwardRoger | Df::KenwardRogerLinear);
    if kenward_roger && options.estimation == Estimation::Ml {
        errors.push(ModelError::NeedsReml("Kenward and Roger's method"));
    }
    if kenward_roger && options.coefficient_covariance != CoefficientCovariance::Model {
        errors.push(repeated(RepeatedError::Incompatible(
            "Kenward and Roger's method corrects the model's covariance of the coefficients, not an empirical one",
        )));
    }
    let names = [
        Some(&options.visit),
        Some(&options.subject),
        options.group.as_ref(),
    ];
    let names: Vec<&String> = names.into_iter().flatten().collect();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            let column = (*name).clone();
            errors.push(repeated(RepeatedError::SameColumn { column }));
        }
    }
    errors
}

/// The data with the rows left incomplete that have no visit, subject or group; errors where there is no such column
/// or one of the wrong kind.
pub(super) fn with_known_visits(
    data: &ModelData,
    options: &RepeatedOptions,
    marked: Option<&str>,
) -> Result<ModelData, Vec<ModelError>> {
    let mut errors = Vec::new();
    let mut columns = Vec::new();
    let group = options.group.as_ref();
    for name in [&options.visit, &options.subject].into_iter().chain(group) {
        match data.column(name) {
            Some(column) => columns.push(column),
            None => errors.push(ModelError::UnknownColumn {
                name: name.clone(),
                span: None,
                available: data.names(),
            }),
        }
    }
    let spatial = options.covariance == CovarianceKind::SpatialExponential;
    match data.column(&options.visit) {
        Some(ModelColumn::Numeric(_)) if !spatial => {
            let column = options.visit.clone();
            errors.push(repeated(RepeatedError::VisitsAreNumbers { column }));
        }
        Some(ModelColumn::Factor { .. }) if spatial => errors.push(ModelError::NotNumeric {
            name: options.visit.clone(),
            span: None,
        }),
        _ => {}
    }
    if let Some(name) = group
        && matches!(data.column(name), Some(ModelColumn::Numeric(_)))
    {
        errors.push(ModelError::NotFactor { name: name.clone() });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let known = |row: usize| columns.iter().all(|column| column.is_present(row));
    let mut masked = data.clone();
    if let Some(name) = marked
        && let Some(mut column) = data.column(name).cloned()
    {
        match &mut column {
            ModelColumn::Numeric(values) => clear(values, known),
            ModelColumn::Factor { codes, .. } => clear(codes, known),
        }
        masked.insert(name, column).map_err(|error| vec![error])?;
    }
    Ok(masked)
}

fn clear<T>(values: &mut [Option<T>], known: impl Fn(usize) -> bool) {
    for (row, value) in values.iter_mut().enumerate() {
        if !known(row) {
            *value = None;
        }
    }
}

impl Codes {
    /// A factor's codes with the levels in use; numbers in ascending order.
    fn of(name: &str, column: &ModelColumn, rows: &[usize]) -> Result<Self, ModelError> {
        match column {
            ModelColumn::Factor { levels, codes } => {
                let kept: Vec<usize> = rows.iter().filter_map(|&row| codes[row]).collect();
                let mut used: Vec<usize> = kept.clone();
                used.sort_unstable();
                used.dedup();
                let code = |old: &usize| used.binary_search(old).unwrap_or(0);
                Ok(Self {
                    values: kept.iter().map(code).collect(),
                    names: used.iter().map(|&old| levels[old].clone()).collect(),
                    numbers: Vec::new(),
                })
            }
            ModelColumn::Numeric(values) => {
                let kept: Vec<f64> = rows.iter().filter_map(|&row| values[row]).collect();
                if let Some(place) = kept.iter().position(|value| !value.is_finite()) {
                    return Err(ModelError::NotFinite {
                        variable: name.to_owned(),
                        row: rows[place],
                        span: None,
                    });
                }
                // −0 is 0.
                let kept: Vec<f64> = kept.iter().map(|value| value + 0.0).collect();
                let mut numbers = kept.clone();
                numbers.sort_by(f64::total_cmp);
                numbers.dedup();
                let find = |value: &f64| numbers.binary_search_by(|other| other.total_cmp(value));
                Ok(Self {
                    values: kept.iter().map(|value| find(value).unwrap_or(0)).collect(),
                    names: numbers.iter().map(ToString::to_string).collect(),
                    numbers,
                })
            }
        }
    }
}

impl Subjects {
    /// From the columns, for the rows that count; reports all that is wrong with them.
    pub fn new(
        data: &ModelData,
        options: &RepeatedOptions,
        rows: &[usize],
    ) -> Result<Self, Vec<ModelError>> {
        let codes = |name: &String| {
            let column = data.column(name).ok_or(ModelError::NoRows);
            column.and_then(|column| Codes::of(name, column, rows))
        };
        let one = |error| vec![error];
        let visits = codes(&options.visit).map_err(one)?;
        let subjects = codes(&options.subject).map_err(one)?;
        let groups = options.group.as_ref().map(codes).transpose().map_err(one)?;
        if visits.names.len() > MAX_VISITS {
            return Err(vec![repeated(RepeatedError::TooMany {
                what: "visits",
                count: visits.names.len(),
                limit: MAX_VISITS,
            })]);
        }
        let (found, errors) = gather(&visits, &subjects, groups.as_ref(), rows);
        if !errors.is_empty() {
            return Err(errors);
        }
        let all = Self {
            visits: visits.names,
            times: visits.numbers,
            groups: groups.map_or_else(
                || vec![None],
                |groups| groups.names.into_iter().map(Some).collect(),
            ),
            members: found,
        };
        let errors = all.unidentified(options.covariance);
        if errors.is_empty() {
            Ok(all)
        } else {
            Err(errors)
        }
    }

    /// What the structure needs and the subjects don't have.
    fn unidentified(&self, kind: CovarianceKind) -> Vec<ModelError> {
        let mut errors = Vec::new();
        for (group, name) in self.groups.iter().enumerate() {
            let members = || self.members.iter().filter(|subject| subject.group == group);
            if members().all(|subject| subject.rows.len() < 2) {
                let group = name.clone();
                errors.push(repeated(RepeatedError::NoRepeats { group }));
                continue;
            }
            if !kind.is_heterogeneous() {
                continue;
            }
            let has =
                |subject: &Subject, visit: usize| subject.rows.iter().any(|row| row.0 == visit);
            for (visit, label) in self.visits.iter().enumerate() {
                if let Some(group) = name
                    && !members().any(|subject| has(subject, visit))
                {
                    errors.push(repeated(RepeatedError::VisitWithoutRows {
                        visit: label.clone(),
                        group: group.clone(),
                    }));
                    continue;
                }
                let pairs = match kind {
                    CovarianceKind::Unstructured => 0..visit,
                    _ => 0..0,
                };
                for other in pairs {
                    if !members().any(|subject| has(subject, visit) && has(subject, other)) {
                        errors.push(repeated(RepeatedError::NeverTogether {
                            visits: [self.visits[other].clone(), label.clone()],
                            group: name.clone(),
                        }));
                    }
                }
            }
        }
        errors
    }
}

/// The rows of each subject, in the order in which subjects first appear.
fn gather(
    visits: &Codes,
    subjects: &Codes,
    groups: Option<&Codes>,
    rows: &[usize],
) -> (Vec<Subject>, Vec<ModelError>) {
    let mut errors = Vec::new();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let mut found: Vec<Subject> = Vec::new();
    for (place, &row) in rows.iter().enumerate() {
        let (visit, code) = (visits.values[place], subjects.values[place]);
        let group = groups.map_or(0, |groups| groups.values[place]);
        let index = *places.entry(code).or_insert_with(|| {
            found.push(Subject {
                group,
                rows: Vec::new(),
            });
            found.len() - 1
        });
        let subject = &mut found[index];
        let name = || subjects.names[code].clone();
        if subject.rows.iter().any(|(other, _)| *other == visit) {
            errors.push(repeated(RepeatedError::DuplicateVisit {
                subject: name(),
                visit: visits.names[visit].clone(),
                row,
            }));
        }
        if let Some(groups) = groups
            && subject.group != group
        {
            let named = |group: usize| groups.names[group].clone();
            errors.push(repeated(RepeatedError::TwoGroups {
                subject: name(),
                groups: [named(subject.group), named(group)],
            }));
        }
        subject.rows.push((visit, place));
    }
    for subject in &mut found {
        subject.rows.sort_unstable();
    }
    (found, errors)
}
