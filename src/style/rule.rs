//! By which rule of the style a quantity was printed: for whoever asks why it looks as it does.

use serde::{Deserialize, Serialize};

use super::p_value;
use super::pattern::Pattern;
use super::quantity::{Printer, Setting};
use super::rules::Limits;
use crate::artefact::{Digits, Form, Quantity};
use crate::statistic::StatId;

/// The rule by which a quantity was printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StyleRule {
    /// The style's name, such as `jama`.
    pub style: String,
    /// The form of the quantity, such as `estimate-ci`.
    pub form: String,
    /// The patterns of `style.toml` that were filled, the outer one first.
    pub patterns: Vec<PatternUse>,
    /// With how many decimals, and why: for each part that has its own.
    pub decimals: Vec<DecimalsUse>,
}

/// A pattern that was filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternUse {
    /// Its key in `style.toml`, such as `prose.estimate-ci`.
    pub key: String,
    /// The pattern, such as `{estimate} ({level}% CI, {interval})`.
    pub pattern: String,
}

/// A count of decimals with the rule that gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecimalsUse {
    /// What is printed so: the names of the statistics.
    pub of: Vec<String>,
    /// How many decimals.
    pub decimals: u8,
    /// The rule, such as `decimals.estimate: 1 beyond the data's 0`.
    pub rule: String,
}

/// Why a number has its decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// The author says so.
    Author,
    /// It counts something.
    Count,
    /// It is a standardised mean difference.
    Smd,
    /// Its name has a rule.
    Named,
    /// It has no value.
    NoValue,
    /// Its unit is not the data's.
    OtherUnit,
    /// It shares the decimals of the largest number beside it.
    Shared,
    /// So many beyond those of the data.
    Beyond {
        /// The key of the rule.
        key: &'static str,
        /// How many more.
        more: u8,
        /// How many the data have.
        measured: u8,
    },
    /// The same, cut because computed data have too many.
    Cut {
        /// How many the data have.
        measured: u8,
    },
}

impl Why {
    fn words(self, stat: &str) -> String {
        match self {
            Self::Author => "the author's `digits`".to_owned(),
            Self::Count => "a count".to_owned(),
            Self::Smd => "decimals.smd".to_owned(),
            Self::Named => format!("decimals.stat of `{stat}`"),
            Self::NoValue => "words.not-available".to_owned(),
            Self::OtherUnit => {
                "decimals.other, with at least decimals.significant digits".to_owned()
            }
            Self::Shared => {
                "decimals.other of the largest, with at least decimals.significant digits"
                    .to_owned()
            }
            Self::Beyond {
                key,
                more,
                measured,
            } => format!("decimals.{key}: {more} beyond the data's {measured}"),
            Self::Cut { measured } => {
                format!("decimals.most: the data have {measured}")
            }
        }
    }
}

/// A form's name as in artefacts: `estimate-ci`.
fn form_name(form: &Form) -> &'static str {
    match form {
        Form::Count { .. } => "count",
        Form::CountOf { .. } => "count-of",
        Form::CountPercent { .. } => "count-percent",
        Form::CountOfPercent { .. } => "count-of-percent",
        Form::Percent { .. } => "percent",
        Form::MeanSd { .. } => "mean-sd",
        Form::MedianIqr { .. } => "median-iqr",
        Form::Range { .. } => "range",
        Form::PercentInterval { .. } => "percent-interval",
        Form::Number { .. } => "number",
        Form::Estimate { .. } => "estimate",
        Form::EstimateCi { .. } => "estimate-ci",
        Form::EstimateSe { .. } => "estimate-se",
        Form::Interval { .. } => "interval",
        Form::TestStatistic { .. } => "test-statistic",
        Form::PValue { .. } => "p-value",
        Form::Smd { .. } => "smd",
    }
}

impl Printer<'_> {
    /// By which rule [`Printer::quantity`] prints a quantity.
    pub fn rule_of(&self, quantity: &Quantity, setting: Setting) -> StyleRule {
        let form = &quantity.form;
        let main = form.stats().first().copied();
        let absent = main.is_some_and(|id| self.decimal(id).is_none());
        let (patterns, decimals) = if absent {
            let words = &self.style.rules.words.not_available;
            let word = PatternUse {
                key: "words.not-available".to_owned(),
                pattern: words.clone(),
            };
            (vec![word], Vec::new())
        } else if let Form::PValue { p } = form {
            self.p_rule(p, quantity.digits, setting)
        } else {
            let patterns = self.patterns_of(form, setting);
            (patterns, self.decimals_of(form, quantity.digits))
        };
        StyleRule {
            style: self.style.name.clone(),
            form: form_name(form).to_owned(),
            patterns,
            decimals,
        }
    }

    fn patterns_of(&self, form: &Form, setting: Setting) -> Vec<PatternUse> {
        let (table, patterns) = match setting {
            Setting::Prose => ("prose", &self.style.rules.prose),
            Setting::Cell { .. } => ("table", &self.style.rules.table),
        };
        let used = |key: &str, pattern: &Pattern| PatternUse {
            key: format!("{table}.{key}"),
            pattern: pattern.to_string(),
        };
        let rules = &self.style.rules;
        let interval = || self.limits_use("interval", &rules.interval, form, setting);
        let range = || self.limits_use("range", &rules.range, form, setting);
        match form {
            Form::CountOf { .. } => vec![used("count-of", &patterns.count_of)],
            Form::CountPercent { .. } => vec![used("count-percent", &patterns.count_percent)],
            Form::CountOfPercent { .. } => {
                vec![used("count-of-percent", &patterns.count_of_percent)]
            }
            Form::Percent { .. } => vec![used("percent", &patterns.percent)],
            Form::MeanSd { .. } => vec![used("mean-sd", &patterns.mean_sd)],
            Form::MedianIqr { .. } => vec![used("median-iqr", &patterns.median_iqr), range()],
            Form::Range { .. } => vec![range()],
            Form::EstimateCi { .. } => vec![used("estimate-ci", &patterns.estimate_ci), interval()],
            Form::EstimateSe { .. } => vec![used("estimate-se", &patterns.estimate_se)],
            Form::TestStatistic { .. } => vec![used("test-statistic", &patterns.test_statistic)],
            Form::Interval { .. } | Form::PercentInterval { .. } => {
                vec![used("interval", &patterns.interval), interval()]
            }
            Form::Count { .. }
            | Form::Number { .. }
            | Form::Estimate { .. }
            | Form::Smd { .. }
            | Form::PValue { .. } => Vec::new(),
        }
    }

    fn limits_use(&self, key: &str, limits: &Limits, form: &Form, setting: Setting) -> PatternUse {
        let signed = setting == Setting::Cell { signed: true } || self.is_signed(form);
        let (which, pattern) = if signed {
            ("signed", &limits.signed)
        } else {
            ("unsigned", &limits.unsigned)
        };
        PatternUse {
            key: format!("{key}.{which}"),
            pattern: pattern.to_string(),
        }
    }

    fn decimals_of(&self, form: &Form, digits: Digits) -> Vec<DecimalsUse> {
        let percent = |of: &[&StatId], total: Option<&StatId>| {
            let rule = match (digits, total.and_then(|t| self.results.value(t))) {
                (Digits::Fixed(_), _) => Why::Author.words(""),
                (Digits::Style, None) => "percent.digits, without a denominator".to_owned(),
                (Digits::Style, Some(total)) => {
                    format!("percent.digits of a denominator of {total}")
                }
            };
            DecimalsUse {
                of: names(of),
                decimals: self.percent_digits(total, digits),
                rule,
            }
        };
        match form {
            Form::Count { n } => vec![self.count_use(&[n])],
            Form::CountOf { n, total } => vec![self.count_use(&[n, total])],
            Form::CountPercent { n, p, total } => {
                vec![self.count_use(&[n]), percent(&[p], Some(total))]
            }
            Form::CountOfPercent { n, p, total } => {
                vec![self.count_use(&[n, total]), percent(&[p], Some(total))]
            }
            Form::Percent { p, total } => vec![percent(&[p], total.as_ref())],
            Form::PercentInterval { low, high, total } => {
                vec![percent(&[low, high], Some(total))]
            }
            Form::MeanSd { mean, sd } => {
                let parts = self.mean_sd_decimals([mean, sd], digits);
                let parts = [mean, sd].into_iter().zip(parts);
                parts
                    .map(|(id, (decimals, why))| DecimalsUse {
                        of: names(&[id]),
                        decimals,
                        rule: why.words(id.stat()),
                    })
                    .collect()
            }
            Form::TestStatistic {
                statistic,
                parameter,
            } => vec![
                self.shared_use(&[statistic], digits),
                self.shared_use(&[parameter], Digits::Style),
            ],
            _ => vec![self.shared_use(&form.stats(), digits)],
        }
    }

    fn shared_use(&self, ids: &[&StatId], digits: Digits) -> DecimalsUse {
        let (decimals, why) = self.shared(ids, digits);
        let stat = ids.first().map_or("", |id| id.stat());
        DecimalsUse {
            of: names(ids),
            decimals,
            rule: why.words(stat),
        }
    }

    fn count_use(&self, ids: &[&StatId]) -> DecimalsUse {
        DecimalsUse {
            of: names(ids),
            decimals: ids.first().map_or(0, |id| self.count_decimals(id)),
            rule: Why::Count.words(""),
        }
    }

    fn p_rule(
        &self,
        p: &StatId,
        digits: Digits,
        setting: Setting,
    ) -> (Vec<PatternUse>, Vec<DecimalsUse>) {
        let rules = &self.style.rules.p;
        let (table, patterns) = match setting {
            Setting::Prose => ("prose", &rules.prose),
            Setting::Cell { .. } => ("table", &rules.table),
        };
        let value = self.results.value(p);
        let Some(found) = value.and_then(|v| p_value::print(v, rules, digits)) else {
            return (Vec::new(), Vec::new());
        };
        let (which, pattern) = match found.relation {
            p_value::Relation::Equal => ("equal", &patterns.equal),
            p_value::Relation::Below => ("below", &patterns.below),
            p_value::Relation::Above => ("above", &patterns.above),
        };
        let pattern = PatternUse {
            key: format!("p.{table}.{which}"),
            pattern: pattern.to_string(),
        };
        let decimals = DecimalsUse {
            of: names(&[p]),
            decimals: found.number.decimals(),
            rule: found.why.to_owned(),
        };
        (vec![pattern], vec![decimals])
    }
}

fn names(ids: &[&StatId]) -> Vec<String> {
    ids.iter().map(|id| id.stat().to_owned()).collect()
}
