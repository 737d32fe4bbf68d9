//! Filters of inline values: `{{ … | est_ci }}` turns a statistic, with others of the same thing, into a quantity.

use super::number::MOST_DECIMALS;
use crate::artefact::{Digits, Form, Quantity};
use crate::statistic::{ResultSet, StatId};

/// A filter.
#[derive(Debug)]
pub struct FilterRule {
    /// Its name.
    pub name: &'static str,
    /// What it prints, by an example in JAMA's style.
    pub example: &'static str,
    /// The statistics it can be applied to; any where there are none.
    pub of: &'static [&'static str],
    /// The other statistics of the same thing that it needs.
    pub needs: &'static [&'static str],
    /// Whether it can be told how many decimals to print.
    pub digits: bool,
    build: fn(&StatId) -> Form,
    /// Whether it prints as a table's cell does, without words around the number.
    bare: bool,
}

/// What an inline value asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Filtered {
    /// What is printed.
    pub quantity: Quantity,
    /// Whether it is printed as in a table's cell, without words such as `P =`.
    pub bare: bool,
}

/// Why a filter can't be applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// There is no such filter.
    Unknown,
    /// It is not for a statistic of that name, but for those.
    WrongStatistic(&'static [&'static str]),
    /// It needs another statistic that there is not.
    Missing(StatId),
    /// It takes no decimals.
    NoDigits,
    /// Decimals are whole numbers up to [`MOST_DECIMALS`].
    WrongDigits,
}

const PROPORTION: &[&str] = &["p", "n"];
const LIMITS: &[&str] = &["conf.low", "conf.high"];

/// All filters, by name.
pub const FILTERS: &[FilterRule] = &[
    rule("ci", "95% CI, −5.2 to −0.6", &[], LIMITS, interval),
    rule("est", "−2.9", &[], &[], |s| Form::Estimate {
        estimate: s.clone(),
    }),
    rule(
        "est_ci",
        "−2.9 (95% CI, −5.2 to −0.6)",
        &[],
        LIMITS,
        |s| {
            let [low, high] = siblings(s, ["conf.low", "conf.high"]);
            let estimate = s.clone();
            Form::EstimateCi {
                estimate,
                low,
                high,
            }
        },
    ),
    FilterRule {
        digits: false,
        ..rule("int", "52", &[], &[], number)
    },
    FilterRule {
        bare: true,
        ..rule("limits", "−5.2 to −0.6", &[], LIMITS, interval)
    },
    rule("mean", "23.3", &[], &["mean"], |s| Form::Number {
        value: s.sibling("mean"),
    }),
    rule("mean_sd", "23.3 (10.8)", &[], &["mean", "sd"], |s| {
        let [mean, sd] = siblings(s, ["mean", "sd"]);
        Form::MeanSd { mean, sd }
    }),
    rule("median", "22", &[], &["median"], |s| Form::Number {
        value: s.sibling("median"),
    }),
    rule(
        "median_iqr",
        "22 (15-30)",
        &[],
        &["median", "p25", "p75"],
        |s| {
            let [median, p25, p75] = siblings(s, ["median", "p25", "p75"]);
            Form::MedianIqr { median, p25, p75 }
        },
    ),
    FilterRule {
        digits: false,
        ..rule("n", "52", &[], &[], |s| Form::Count { n: s.clone() })
    },
    FilterRule {
        digits: false,
        ..rule("n_of", "34 of 52", PROPORTION, &["n", "N"], |s| {
            let [n, total] = siblings(s, ["n", "N"]);
            Form::CountOf { n, total }
        })
    },
    rule(
        "n_of_pct",
        "34 of 52 (65%)",
        PROPORTION,
        &["n", "p", "N"],
        |s| {
            let [n, p, total] = siblings(s, ["n", "p", "N"]);
            Form::CountOfPercent { n, p, total }
        },
    ),
    rule("n_pct", "34 (65%)", PROPORTION, &["n", "p", "N"], |s| {
        let [n, p, total] = siblings(s, ["n", "p", "N"]);
        Form::CountPercent { n, p, total }
    }),
    rule("num", "−2.9", &[], &[], number),
    rule("p", "P = .03", &["p.value", "p.adjusted"], &[], p_value),
    FilterRule {
        bare: true,
        ..rule("p_num", ".03", &["p.value", "p.adjusted"], &[], p_value)
    },
    rule("pct", "65%", &[], &[], |s| Form::Percent {
        p: s.clone(),
        total: Some(s.sibling("N")),
    }),
    rule("range", "3-41", &[], &["min", "max"], |s| {
        let [min, max] = siblings(s, ["min", "max"]);
        Form::Range { min, max }
    }),
    rule("sd", "10.8", &[], &["sd"], |s| Form::Number {
        value: s.sibling("sd"),
    }),
    rule("smd", "0.12", &[], &[], |s| Form::Smd { smd: s.clone() }),
];

const fn rule(
    name: &'static str,
    example: &'static str,
    of: &'static [&'static str],
    needs: &'static [&'static str],
    build: fn(&StatId) -> Form,
) -> FilterRule {
    FilterRule {
        name,
        example,
        of,
        needs,
        digits: true,
        build,
        bare: false,
    }
}

fn siblings<const N: usize>(id: &StatId, stats: [&str; N]) -> [StatId; N] {
    stats.map(|stat| id.sibling(stat))
}

fn number(id: &StatId) -> Form {
    Form::Number { value: id.clone() }
}

fn p_value(id: &StatId) -> Form {
    Form::PValue { p: id.clone() }
}

/// The interval beside a statistic; of a proportion, in per cent.
fn interval(id: &StatId) -> Form {
    let [low, high] = siblings(id, ["conf.low", "conf.high"]);
    if id.stat() == "p" {
        let total = id.sibling("N");
        return Form::PercentInterval { low, high, total };
    }
    Form::Interval { low, high }
}

/// Whether statistics of that name are P values.
fn is_p_value(stat: &str) -> bool {
    stat.starts_with("p.") || stat.starts_with("p_")
}

/// What a statistic prints without a filter, as its name says.
pub fn unfiltered(id: &StatId, results: &ResultSet) -> Filtered {
    let mut form = match id.stat() {
        "n" | "N" | "N_miss" | "nobs" | "ngroups" => Form::Count { n: id.clone() },
        "p" => Form::Percent {
            p: id.clone(),
            total: Some(id.sibling("N")),
        },
        "smd" => Form::Smd { smd: id.clone() },
        stat if is_p_value(stat) => p_value(id),
        _ => number(id),
    };
    set_total(&mut form, denominator(id, results));
    Filtered {
        quantity: Quantity::new(form),
        bare: false,
    }
}

/// What a statistic prints through a filter.
pub fn filtered(
    id: &StatId,
    name: &str,
    digits: Option<f64>,
    results: &ResultSet,
) -> Result<Filtered, FilterError> {
    let found = FILTERS.iter().find(|f| f.name == name);
    let rule = found.ok_or(FilterError::Unknown)?;
    let stat = id.stat();
    let is_p = rule.of.contains(&"p.value") && is_p_value(stat);
    if !rule.of.is_empty() && !rule.of.contains(&stat) && !is_p {
        return Err(FilterError::WrongStatistic(rule.of));
    }
    let total = denominator(id, results);
    let found = |stat: &str| match stat {
        "N" => total.is_some(),
        other => results.get(&id.sibling(other)).is_some(),
    };
    if let Some(stat) = rule.needs.iter().find(|stat| !found(stat)) {
        return Err(FilterError::Missing(id.sibling(stat)));
    }
    let decimals = match digits {
        None if name == "int" => Some(0),
        None => None,
        Some(_) if !rule.digits => return Err(FilterError::NoDigits),
        Some(digits) => Some(whole(digits).ok_or(FilterError::WrongDigits)?),
    };
    let mut form = (rule.build)(id);
    set_total(&mut form, total);
    Ok(Filtered {
        quantity: Quantity::new(form).with_digits(decimals),
        bare: rule.bare,
    })
}

/// The denominator of a count or proportion: the `N` beside it, else that of the whole variable, or of the group.
/// Where both a count and its proportion are known, it must be what the one is of the other.
fn denominator(id: &StatId, results: &ResultSet) -> Option<StatId> {
    let mut key = results.get(id)?.key.clone();
    let value = |stat: &str| results.value(&id.sibling(stat));
    let (n, p) = (value("n"), value("p"));
    let fits = |total: f64| match (n, p) {
        (Some(n), Some(p)) => (p * total - n).abs() <= 1e-9 * total.max(1.0),
        (Some(n), None) => n <= total,
        _ => true,
    };
    let mut candidates = vec![id.sibling("N")];
    "N".clone_into(&mut key.stat);
    key.level = None;
    candidates.push(key.id());
    // Without count and proportion nothing tells whether the group's size is meant.
    if n.is_some() && p.is_some() {
        key.variable = None;
        candidates.push(key.id());
    }
    candidates
        .into_iter()
        .find(|total| results.value(total).is_some_and(fits))
}

fn set_total(form: &mut Form, found: Option<StatId>) {
    match form {
        Form::Percent { total, .. } => *total = found,
        Form::CountOf { total, .. }
        | Form::CountPercent { total, .. }
        | Form::CountOfPercent { total, .. }
        | Form::PercentInterval { total, .. } => {
            if let Some(found) = found {
                *total = found;
            }
        }
        _ => {}
    }
}

fn whole(digits: f64) -> Option<u8> {
    (0..=MOST_DECIMALS).find(|d| f64::from(*d) == digits)
}

impl Filtered {
    /// The decimals that were asked for.
    pub fn digits(&self) -> Digits {
        self.quantity.digits
    }
}
