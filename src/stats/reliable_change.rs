//! Reliable and clinically significant change (Jacobson and Truax 1991).

use super::StatsError;

const WHAT: &str = "reliable change";

/// What a reliable change index needs of the measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeScale {
    /// The standard deviation before treatment, or of a norm group.
    pub sd: f64,
    /// The reliability of the measure, 0 to 1: α or a retest correlation.
    pub reliability: f64,
    /// Whether more is better.
    pub higher_is_better: bool,
}

/// The mean and standard deviation of a population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Population {
    /// The mean.
    pub mean: f64,
    /// The standard deviation.
    pub sd: f64,
}

/// Jacobson and Truax's cut-offs between the dysfunctional and the functional population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CutOffs {
    /// a: two standard deviations from the dysfunctional mean, towards the functional. For use without norms.
    pub a: f64,
    /// b: two standard deviations from the functional mean, towards the dysfunctional.
    pub b: f64,
    /// c: as many of its own standard deviations from either mean. The choice where both populations are known and
    /// overlap.
    pub c: f64,
}

/// When a change counts as what.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Criteria {
    /// Where the functional range begins; a score at it is still dysfunctional.
    pub cut_off: f64,
    /// Beyond it an index is reliable; 1.96 as a rule.
    pub critical: f64,
    /// Who can recover.
    pub start: Start,
    /// What is a deterioration.
    pub deteriorated: Worsening,
}

/// Who can recover.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// Those whose score before is on the dysfunctional side (Jacobson and Truax 1991: they move from one population to
    /// the other).
    #[default]
    Dysfunctional,
    /// Everybody: a reliable improvement that ends on the functional side is a recovery wherever it began.
    Any,
}

/// What is a deterioration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Worsening {
    /// A reliable change for the worse.
    #[default]
    Reliable,
    /// Any score that is worse than before, if only by a point.
    Any,
}

impl Criteria {
    /// Those of Jacobson and Truax (1991).
    pub fn new(cut_off: f64, critical: f64) -> Self {
        Self {
            cut_off,
            critical,
            start: Start::default(),
            deteriorated: Worsening::default(),
        }
    }
}

/// What became of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Reliably better, and then on the functional side of the cut-off; from where, [`Start`] says.
    Recovered,
    /// Reliably better, but not recovered.
    Improved,
    /// Neither reliably better nor deteriorated.
    Unchanged,
    /// Worse, as [`Worsening`] counts it.
    Deteriorated,
}

impl ChangeScale {
    /// A scale of positive spread and a reliability from 0 up to but not 1.
    pub fn new(sd: f64, reliability: f64, higher_is_better: bool) -> Result<Self, StatsError> {
        check_sd("the standard deviation before treatment", sd)?;
        if !(0.0..1.0).contains(&reliability) {
            return Err(StatsError::OutOfRange {
                what: "the reliability of the measure",
                value: reliability,
                allowed: "from 0 to less than 1",
            });
        }
        Ok(Self {
            sd,
            reliability,
            higher_is_better,
        })
    }

    /// The standard error of measurement, s √(1 − r).
    pub fn error_of_measurement(&self) -> f64 {
        self.sd * (1.0 - self.reliability).sqrt()
    }

    /// The standard error of a difference, √2 times that of measurement.
    pub fn error_of_difference(&self) -> f64 {
        2.0_f64.sqrt() * self.error_of_measurement()
    }

    /// The reliable change index (after − before)/standard error of a difference, as it is scored.
    pub fn index(&self, before: f64, after: f64) -> Result<f64, StatsError> {
        StatsError::check_finite("the scores before and after", &[before, after])?;
        Ok((after - before) / self.error_of_difference())
    }

    /// The category of a change: reliable if the index is beyond the critical value, a recovery if besides the score
    /// ends on the functional side of the cut-off and began where the criteria ask.
    pub fn classify(
        &self,
        before: f64,
        after: f64,
        criteria: &Criteria,
    ) -> Result<Change, StatsError> {
        let Criteria {
            cut_off, critical, ..
        } = *criteria;
        if !(critical > 0.0 && critical.is_finite()) {
            return Err(StatsError::OutOfRange {
                what: "the critical value of reliable change",
                value: critical,
                allowed: "positive and finite",
            });
        }
        StatsError::check_finite("the cut-off", &[cut_off])?;
        let sign = if self.higher_is_better { 1.0 } else { -1.0 };
        let better = sign * self.index(before, after)?;
        let functional = |score: f64| sign * (score - cut_off) > 0.0;
        let worse = match criteria.deteriorated {
            Worsening::Reliable => better < -critical,
            Worsening::Any => better < 0.0,
        };
        let could_recover = criteria.start == Start::Any || !functional(before);
        Ok(if worse {
            Change::Deteriorated
        } else if better <= critical {
            Change::Unchanged
        } else if could_recover && functional(after) {
            Change::Recovered
        } else {
            Change::Improved
        })
    }
}

impl CutOffs {
    /// From both populations. Their means must differ: the functional one tells which direction is better.
    pub fn new(dysfunctional: Population, functional: Population) -> Result<Self, StatsError> {
        check_sd("the dysfunctional standard deviation", dysfunctional.sd)?;
        check_sd("the functional standard deviation", functional.sd)?;
        StatsError::check_finite("the means", &[dysfunctional.mean, functional.mean])?;
        if dysfunctional.mean == functional.mean {
            return Err(StatsError::degenerate(
                WHAT,
                "the functional and the dysfunctional mean are equal",
            ));
        }
        let sign = (functional.mean - dysfunctional.mean).signum();
        let weighted = functional.sd * dysfunctional.mean + dysfunctional.sd * functional.mean;
        Ok(Self {
            a: Self::without_norms(dysfunctional, sign > 0.0)?,
            b: functional.mean - sign * 2.0 * functional.sd,
            c: weighted / (functional.sd + dysfunctional.sd),
        })
    }

    /// Cut-off a alone, which needs no norms.
    pub fn without_norms(
        dysfunctional: Population,
        higher_is_better: bool,
    ) -> Result<f64, StatsError> {
        check_sd("the dysfunctional standard deviation", dysfunctional.sd)?;
        StatsError::check_finite("the means", &[dysfunctional.mean])?;
        let sign = if higher_is_better { 1.0 } else { -1.0 };
        Ok(dysfunctional.mean + sign * 2.0 * dysfunctional.sd)
    }
}

fn check_sd(what: &'static str, sd: f64) -> Result<(), StatsError> {
    if sd > 0.0 && sd.is_finite() {
        return Ok(());
    }
    Err(StatsError::OutOfRange {
        what,
        value: sd,
        allowed: "positive and finite",
    })
}
