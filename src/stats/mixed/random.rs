//! Random-effect bars to grouping factors and columns of Z.

use super::super::design::{Coding, CoefficientName, Design};
use super::super::formula::{Formula, RandomTerm, Span, Term};
use super::super::model_error::ModelError;
use super::super::model_frame::{FrameValues, ModelFrame};
use std::collections::BTreeSet;

/// A grouping factor.
pub(super) struct Grouping {
    /// Its label: `id`, `school:class`.
    pub label: String,
    /// The names of its levels, those of interacting factors joined by `:`.
    pub levels: Vec<String>,
    /// The level of each row.
    pub codes: Vec<usize>,
}

/// Effects that vary over the levels of one factor and may correlate with each other.
pub(super) struct RandomEffects {
    /// The index of its grouping factor.
    pub grouping: usize,
    /// The names of its columns.
    pub names: Vec<CoefficientName>,
    /// Its columns of Z, unscattered: a value for each row.
    pub columns: Vec<Vec<f64>>,
}

/// All random effects of a model, as lme4 orders them: factors with more levels first, bars of equally many as written.
pub(super) struct Random {
    pub groupings: Vec<Grouping>,
    pub effects: Vec<RandomEffects>,
}

impl Random {
    /// Takes the bars of a formula from a frame, in the rows at `places`.
    pub fn build(
        formula: &Formula,
        frame: &ModelFrame,
        places: &[usize],
    ) -> Result<Self, Vec<ModelError>> {
        let mut random = Self {
            groupings: Vec::new(),
            effects: Vec::new(),
        };
        let mut errors = Vec::new();
        for bar in &formula.random {
            if let Err(more) = random.add_bar(formula, frame, places, bar) {
                errors.extend(more);
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let count = |effects: &RandomEffects| {
            let grouping = random.groupings.get(effects.grouping);
            grouping.map_or(0, |grouping| grouping.levels.len())
        };
        let mut effects = std::mem::take(&mut random.effects);
        effects.sort_by_key(|effects| std::cmp::Reverse(count(effects)));
        random.effects = effects;
        Ok(random)
    }

    fn add_bar(
        &mut self,
        formula: &Formula,
        frame: &ModelFrame,
        places: &[usize],
        bar: &RandomTerm,
    ) -> Result<(), Vec<ModelError>> {
        let blocks = blocks(frame, places, bar)?;
        for group in &bar.groups {
            let label = formula.term_label(group);
            let grouping = match self.groupings.iter().position(|g| g.label == label) {
                Some(index) => index,
                None => {
                    let grouping = Grouping::new(label.clone(), frame, places, group);
                    self.groupings.push(grouping);
                    self.groupings.len() - 1
                }
            };
            self.check(grouping, &blocks, places.len(), bar.span)?;
            for (names, columns) in &blocks {
                self.effects.push(RandomEffects {
                    grouping,
                    names: names.clone(),
                    columns: columns.clone(),
                });
            }
        }
        Ok(())
    }

    /// The refusals of lme4 (its `checkNlev`): too few levels, or as many effects as rows.
    fn check(
        &self,
        grouping: usize,
        blocks: &[Block],
        rows: usize,
        span: Span,
    ) -> Result<(), Vec<ModelError>> {
        let Some(factor) = self.groupings.get(grouping) else {
            return Ok(());
        };
        let levels = factor.levels.len();
        let group = factor.label.clone();
        if levels < 2 {
            let level = factor.levels.first().cloned();
            return Err(vec![ModelError::OneGroup { group, level, span }]);
        }
        if levels >= rows {
            return Err(vec![ModelError::GroupsAsRows {
                group,
                levels,
                rows,
                span,
            }]);
        }
        let mut errors = Vec::new();
        let earlier = self.effects.iter().filter(|e| e.grouping == grouping);
        let mut seen: BTreeSet<String> = earlier
            .flat_map(|e| e.names.iter().map(ToString::to_string))
            .collect();
        for (names, _) in blocks {
            let effects = levels.saturating_mul(names.len());
            if effects >= rows {
                let group = group.clone();
                errors.push(ModelError::EffectsAsRows {
                    group,
                    effects,
                    rows,
                    span,
                });
            }
            for effect in names.iter().map(ToString::to_string) {
                if !seen.insert(effect.clone()) {
                    let group = group.clone();
                    errors.push(ModelError::RepeatedEffect {
                        group,
                        effect,
                        span,
                    });
                }
            }
        }
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}

type Block = (Vec<CoefficientName>, Vec<Vec<f64>>);

/// The blocks of correlated columns left of a bar: one, or with `||` one for each term.
fn blocks(
    frame: &ModelFrame,
    places: &[usize],
    bar: &RandomTerm,
) -> Result<Vec<Block>, Vec<ModelError>> {
    let mut parts: Vec<(bool, &[Term])> = Vec::new();
    if bar.correlated {
        parts.push((bar.intercept, &bar.terms));
    } else {
        if bar.intercept {
            parts.push((true, &[]));
        }
        parts.extend(bar.terms.chunks(1).map(|term| (false, term)));
    }
    let mut blocks = Vec::new();
    for (intercept, terms) in parts {
        let design = Design::build(frame, terms, intercept, Coding::Treatment)?;
        let mut columns = Vec::new();
        for (column, name) in design.matrix.column_iter().zip(&design.names) {
            let values: Vec<f64> = places
                .iter()
                .filter_map(|&row| column.get(row).copied())
                .collect();
            if values.iter().all(|&value| value == 0.0) {
                let effect = name.to_string();
                return Err(vec![ModelError::ZeroEffect {
                    effect,
                    span: bar.span,
                }]);
            }
            columns.push(values);
        }
        blocks.push((design.names, columns));
    }
    Ok(blocks)
}

impl Grouping {
    fn new(label: String, frame: &ModelFrame, places: &[usize], group: &Term) -> Self {
        let mut all = group
            .variables
            .iter()
            .filter_map(|&index| frame.variables.get(index));
        let first = all
            .next()
            .map(|variable| codes_of(&variable.values, places));
        let (mut levels, mut codes) = first.unwrap_or_default();
        drop_unused(&mut levels, &mut codes);
        for variable in all {
            let (names, own) = codes_of(&variable.values, places);
            let pairs: Vec<(usize, usize)> = codes.iter().copied().zip(own).collect();
            let mut distinct = pairs.clone();
            distinct.sort_unstable();
            distinct.dedup();
            codes = pairs
                .iter()
                .map(|pair| distinct.binary_search(pair).unwrap_or(0))
                .collect();
            let joined = |&(left, right): &(usize, usize)| {
                let left = levels.get(left).map_or("", String::as_str);
                let right = names.get(right).map_or("", String::as_str);
                format!("{left}:{right}")
            };
            levels = distinct.iter().map(joined).collect();
        }
        Self {
            label,
            levels,
            codes,
        }
    }
}

/// Takes away the levels that no row has.
fn drop_unused(levels: &mut Vec<String>, codes: &mut [usize]) {
    let mut used = vec![false; levels.len()];
    for &code in codes.iter() {
        if let Some(used) = used.get_mut(code) {
            *used = true;
        }
    }
    if used.iter().all(|&used| used) {
        return;
    }
    let mut kept = 0;
    let new_code: Vec<usize> = used
        .iter()
        .map(|&used| {
            kept += usize::from(used);
            kept.saturating_sub(1)
        })
        .collect();
    for code in codes {
        *code = new_code.get(*code).copied().unwrap_or(0);
    }
    let mut used = used.into_iter();
    levels.retain(|_| used.next().unwrap_or(false));
}

/// The level names and codes of a variable; the levels of a numeric one are its distinct values, ascending.
fn codes_of(values: &FrameValues, places: &[usize]) -> (Vec<String>, Vec<usize>) {
    match values {
        FrameValues::Factor { levels, codes } => {
            let kept = places.iter().filter_map(|&row| codes.get(row).copied());
            (levels.clone(), kept.collect())
        }
        FrameValues::Numeric(values) => {
            let kept: Vec<f64> = places
                .iter()
                .filter_map(|&row| values.get(row))
                .map(|value| value + 0.0)
                .collect();
            let mut distinct = kept.clone();
            distinct.sort_by(f64::total_cmp);
            distinct.dedup();
            let code = |value: &f64| {
                distinct
                    .binary_search_by(|d| d.total_cmp(value))
                    .unwrap_or(0)
            };
            let codes = kept.iter().map(code).collect();
            (distinct.iter().map(ToString::to_string).collect(), codes)
        }
    }
}
