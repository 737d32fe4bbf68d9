//! Quantities as they are printed: counts with percentages, means, effects with intervals.

use super::number::{Decimal, MOST_DECIMALS};
use super::pattern::Pattern;
use super::printed::{Part, Printed, Run};
use super::rule::Why;
use super::rules::{BandDigits, FormPatterns, Limits};
use super::{JournalStyle, p_value};
use crate::artefact::{Digits, Form, Quantity};
use crate::statistic::{ResultSet, StatId, Statistic};

/// The level of intervals that carry no statistic `conf.level`.
const USUAL_LEVEL: f64 = 0.95;

/// Magnitudes (digits before the point) from which numbers are written as powers of ten.
const HUGE: i32 = 16;
/// Magnitudes below which numbers without decimals of their own are written as powers of ten.
const TINY: i32 = -5;

/// Statistics that count something.
const COUNTS: [&str; 6] = ["n", "N", "N_miss", "nobs", "ngroups", "events"];

/// Where a quantity is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// In a sentence: with words such as `95% CI`.
    Prose,
    /// In a cell below a head that says what it is.
    Cell {
        /// Whether limits are written as if one were negative, because another cell's is.
        signed: bool,
    },
}

impl Setting {
    /// A cell of its own.
    pub const CELL: Self = Self::Cell { signed: false };
}

/// Prints the numbers of a report in a style.
#[derive(Debug, Clone, Copy)]
pub struct Printer<'a> {
    /// How.
    pub style: &'a JournalStyle,
    /// The numbers.
    pub results: &'a ResultSet,
}

impl<'a> Printer<'a> {
    /// A printer.
    pub fn new(style: &'a JournalStyle, results: &'a ResultSet) -> Self {
        Self { style, results }
    }

    /// A quantity. What has no value prints the style's word for that.
    pub fn quantity(&self, quantity: &Quantity, setting: Setting) -> Printed {
        let main = quantity.form.stats().first().copied();
        if main.is_some_and(|id| self.decimal(id).is_none()) {
            return self.not_available();
        }
        let digits = quantity.digits;
        match &quantity.form {
            Form::Count { n } => self.count(n),
            Form::CountOf { n, total } => self
                .patterns(setting)
                .count_of
                .fill(|slot| self.count(if slot == "n" { n } else { total })),
            Form::CountPercent { n, p, total } => {
                let pattern = &self.patterns(setting).count_percent;
                self.counted(pattern, [n, p, total], digits)
            }
            Form::CountOfPercent { n, p, total } => {
                let pattern = &self.patterns(setting).count_of_percent;
                self.counted(pattern, [n, p, total], digits)
            }
            Form::Percent { p, total } => self
                .patterns(setting)
                .percent
                .fill(|_| self.percent(p, total.as_ref(), digits)),
            Form::MeanSd { mean, sd } => self.mean_sd([mean, sd], digits, setting),
            Form::MedianIqr { median, p25, p75 } => {
                self.median([median, p25, p75], digits, setting)
            }
            Form::Range { min, max } => {
                let decimals = self.decimals(&[min, max], digits);
                self.limits(&self.style.rules.range, [min, max], decimals, setting)
            }
            Form::Number { value }
            | Form::Estimate { estimate: value }
            | Form::Smd { smd: value } => self.number(value, self.decimals(&[value], digits)),
            Form::EstimateCi {
                estimate,
                low,
                high,
            } => self.estimate([estimate, low, high], digits, setting),
            Form::EstimateSe {
                estimate,
                std_error,
            } => self.estimate_se([estimate, std_error], digits, setting),
            Form::Interval { low, high } => self.interval([low, high], digits, setting),
            Form::PercentInterval { low, high, total } => {
                self.percent_interval([low, high, total], digits, setting)
            }
            Form::TestStatistic {
                statistic,
                parameter,
            } => self
                .patterns(setting)
                .test_statistic
                .fill(|slot| match slot {
                    "statistic" => self.number(statistic, self.decimals(&[statistic], digits)),
                    _ => self.number(parameter, self.decimals(&[parameter], Digits::Style)),
                }),
            Form::PValue { p } => self.p_value(p, digits, setting),
        }
    }

    /// Those statistics of a form that have no value.
    pub fn missing(&self, form: &Form) -> Vec<&'a Statistic> {
        form.stats()
            .into_iter()
            .filter_map(|id| self.results.get(id))
            .filter(|s| s.value.is_none_or(|v| !v.is_finite()))
            .collect()
    }

    /// Whether a form has limits of which one is negative.
    pub fn is_signed(&self, form: &Form) -> bool {
        let negative = |id: &StatId| self.results.value(id).is_some_and(|v| v < 0.0);
        match form {
            Form::EstimateCi { low, high, .. } | Form::Interval { low, high } => {
                negative(low) || negative(high)
            }
            Form::MedianIqr { p25, p75, .. } => negative(p25) || negative(p75),
            Form::Range { min, max } => negative(min) || negative(max),
            _ => false,
        }
    }

    /// The word for a number that does not exist.
    pub fn not_available(&self) -> Printed {
        Printed::words(&self.style.rules.words.not_available)
    }

    /// A confidence level in per cent without its sign: `95`, `97.5`.
    pub fn level(&self, level: f64) -> String {
        let Some(percent) = Decimal::new(level).map(|d| d.shifted(2)) else {
            return String::new();
        };
        self.style.text(&percent, percent.decimals())
    }

    fn patterns(&self, setting: Setting) -> &'a FormPatterns {
        match setting {
            Setting::Prose => &self.style.rules.prose,
            Setting::Cell { .. } => &self.style.rules.table,
        }
    }

    pub(super) fn decimal(&self, id: &StatId) -> Option<Decimal> {
        self.results.value(id).and_then(Decimal::new)
    }

    fn number(&self, id: &StatId, decimals: u8) -> Printed {
        match self.decimal(id) {
            Some(value) => self.style.number(&value, decimals),
            None => self.not_available(),
        }
    }

    fn count(&self, id: &StatId) -> Printed {
        self.number(id, self.count_decimals(id))
    }

    /// Weighted counts need not be whole.
    pub(super) fn count_decimals(&self, id: &StatId) -> u8 {
        self.decimal(id).map_or(0, |d| d.decimals().min(1))
    }

    fn counted(&self, pattern: &Pattern, [n, p, total]: [&StatId; 3], digits: Digits) -> Printed {
        pattern.fill(|slot| match slot {
            "n" => self.count(n),
            "total" => self.count(total),
            _ => self.percent(p, Some(total), digits),
        })
    }

    fn percent(&self, p: &StatId, total: Option<&StatId>, digits: Digits) -> Printed {
        let Some(value) = self.decimal(p) else {
            return self.not_available();
        };
        let decimals = self.percent_digits(total, digits);
        self.style.number(&value.shifted(2), decimals)
    }

    pub(super) fn percent_digits(&self, total: Option<&StatId>, digits: Digits) -> u8 {
        match digits {
            Digits::Fixed(decimals) => decimals,
            Digits::Style => {
                let total = total.and_then(|t| self.results.value(t));
                self.style.percent_decimals(total)
            }
        }
    }

    fn percent_interval(&self, ids: [&StatId; 3], digits: Digits, setting: Setting) -> Printed {
        let [low, high, total] = ids;
        let decimals = self.percent_digits(Some(total), digits);
        let percent = |id: &StatId| self.decimal(id).map(|d| d.shifted(2));
        let (Some(low_value), Some(high_value)) = (percent(low), percent(high)) else {
            return self.not_available();
        };
        let limits = &self.style.rules.interval;
        self.patterns(setting).interval.fill(|slot| match slot {
            "level" => Printed::words(self.level_of(low)),
            _ => between(limits, [&low_value, &high_value], setting, |value| {
                let mut printed = self.style.number(value, decimals);
                if setting == Setting::Prose {
                    printed.push_run(Run::plain("%"));
                }
                printed
            }),
        })
    }

    fn mean_sd(&self, [mean, sd]: [&StatId; 2], digits: Digits, setting: Setting) -> Printed {
        let [of_mean, of_sd] = self.mean_sd_decimals([mean, sd], digits);
        self.patterns(setting).mean_sd.fill(|slot| match slot {
            "mean" => self.number(mean, of_mean.0),
            _ => self.number(sd, of_sd.0),
        })
    }

    /// The decimals of a mean and its standard deviation: each has its own where the data say how many they have.
    pub(super) fn mean_sd_decimals(&self, ids: [&StatId; 2], digits: Digits) -> [(u8, Why); 2] {
        let own = ids.map(|id| self.own(id));
        match digits {
            Digits::Fixed(decimals) => [(decimals, Why::Author); 2],
            Digits::Style if self.measured(ids[0]).is_some() => own,
            Digits::Style => [own.into_iter().max_by_key(|o| o.0).unwrap_or(own[0]); 2],
        }
    }

    fn median(&self, ids: [&StatId; 3], digits: Digits, setting: Setting) -> Printed {
        let [median, p25, p75] = ids;
        let decimals = self.decimals(&ids, digits);
        let range = &self.style.rules.range;
        self.patterns(setting).median_iqr.fill(|slot| match slot {
            "median" => self.number(median, decimals),
            _ => self.limits(range, [p25, p75], decimals, setting),
        })
    }

    fn estimate_se(&self, ids: [&StatId; 2], digits: Digits, setting: Setting) -> Printed {
        let [estimate, std_error] = ids;
        let decimals = self.decimals(&ids, digits);
        self.patterns(setting).estimate_se.fill(|slot| match slot {
            "estimate" => self.number(estimate, decimals),
            _ => self.number(std_error, decimals),
        })
    }

    fn estimate(&self, ids: [&StatId; 3], digits: Digits, setting: Setting) -> Printed {
        let [estimate, low, high] = ids;
        let decimals = self.decimals(&ids, digits);
        let interval = &self.style.rules.interval;
        self.patterns(setting).estimate_ci.fill(|slot| match slot {
            "estimate" => self.number(estimate, decimals),
            "level" => Printed::words(self.level_of(low)),
            _ => self.limits(interval, [low, high], decimals, setting),
        })
    }

    fn interval(&self, ids: [&StatId; 2], digits: Digits, setting: Setting) -> Printed {
        let [low, high] = ids;
        if self.decimal(high).is_none() {
            return self.not_available();
        }
        let decimals = self.decimals(&ids, digits);
        let interval = &self.style.rules.interval;
        self.patterns(setting).interval.fill(|slot| match slot {
            "level" => Printed::words(self.level_of(low)),
            _ => self.limits(interval, ids, decimals, setting),
        })
    }

    /// The level of the interval that a limit belongs to: the statistic `conf.level` beside it, else 95%.
    fn level_of(&self, limit: &StatId) -> String {
        let level = self.results.value(&limit.sibling("conf.level"));
        self.level(level.unwrap_or(USUAL_LEVEL))
    }

    fn limits(
        &self,
        limits: &Limits,
        [low, high]: [&StatId; 2],
        decimals: u8,
        setting: Setting,
    ) -> Printed {
        let values = (self.decimal(low), self.decimal(high));
        let (Some(low), Some(high)) = values else {
            return self.not_available();
        };
        // A limit that rounds to zero has lost its sign.
        let [low, high] = [low, high].map(|d| {
            if d.round(decimals).is_zero() {
                Decimal::zero()
            } else {
                d
            }
        });
        between(limits, [&low, &high], setting, |value| {
            self.style.number(value, decimals)
        })
    }

    fn p_value(&self, p: &StatId, digits: Digits, setting: Setting) -> Printed {
        let rules = &self.style.rules.p;
        let patterns = match setting {
            Setting::Prose => &rules.prose,
            Setting::Cell { .. } => &rules.table,
        };
        let value = self.results.value(p);
        let Some(found) = value.and_then(|v| p_value::print(v, rules, digits)) else {
            return self.not_available();
        };
        let text = found
            .number
            .text(&self.style.rules.notation, rules.leading_zero);
        let pattern = match found.relation {
            p_value::Relation::Equal => &patterns.equal,
            p_value::Relation::Below => &patterns.below,
            p_value::Relation::Above => &patterns.above,
        };
        let printed = pattern.fill(|_| Printed::number(text.clone()));
        match setting {
            Setting::Prose => printed,
            Setting::Cell { .. } => joined(printed),
        }
    }

    fn measured(&self, id: &StatId) -> Option<u8> {
        self.results.get(id).and_then(|s| s.measured)
    }

    /// The decimals that numbers printed together share.
    fn decimals(&self, ids: &[&StatId], digits: Digits) -> u8 {
        self.shared(ids, digits).0
    }

    /// The decimals that numbers printed together share, and why.
    pub(super) fn shared(&self, ids: &[&StatId], digits: Digits) -> (u8, Why) {
        if let Digits::Fixed(decimals) = digits {
            return (decimals.min(MOST_DECIMALS), Why::Author);
        }
        let measured = ids.iter().any(|id| self.measured(id).is_some());
        let settled: Vec<&&StatId> = ids.iter().filter(|id| self.rule(id).is_some()).collect();
        if measured || settled.len() == ids.len() {
            let own = ids.iter().map(|id| self.own(id));
            // The first of those that have the most.
            let most = own.reduce(|best, next| if next.0 > best.0 { next } else { best });
            return most.unwrap_or((0, Why::NoValue));
        }
        // Numbers of another unit share the decimals that the largest of them needs.
        let values = ids.iter().filter_map(|id| self.decimal(id));
        let largest = values.max_by_key(Decimal::magnitude);
        let why = if ids.len() == 1 {
            Why::OtherUnit
        } else {
            Why::Shared
        };
        largest.map_or((0, Why::NoValue), |d| (self.style.other_decimals(&d), why))
    }

    /// The fixed decimals of a statistic whose name has a rule.
    fn rule(&self, id: &StatId) -> Option<(u8, Why)> {
        let rules = &self.style.rules.decimals;
        let stat = id.stat();
        if COUNTS.contains(&stat) {
            return Some((self.count_decimals(id), Why::Count));
        }
        if stat == "smd" {
            return Some((rules.smd, Why::Smd));
        }
        let rule = rules
            .stats
            .get(stat)
            .filter(|_| self.measured(id).is_none())?;
        let whole = self.decimal(id).is_some_and(|d| d.decimals() == 0);
        let decimals = if rule.trim && whole { 0 } else { rule.decimals };
        Some((decimals, Why::Named))
    }

    /// The decimals of a statistic by itself, and why.
    fn own(&self, id: &StatId) -> (u8, Why) {
        if let Some(settled) = self.rule(id) {
            return settled;
        }
        let Some(value) = self.decimal(id) else {
            return (0, Why::NoValue);
        };
        let rules = &self.style.rules.decimals;
        let Some(measured) = self.measured(id) else {
            return (self.style.other_decimals(&value), Why::OtherUnit);
        };
        let (key, more) = match id.stat() {
            "mean" => ("mean", rules.mean),
            "sd" => ("sd", rules.sd),
            "median" | "p25" | "p75" => {
                let exact = value.decimals().saturating_sub(measured);
                let more = exact.clamp(rules.median, rules.median_most.max(rules.median));
                ("median", more)
            }
            // Values of the data themselves.
            "min" | "max" | "value" => ("range", rules.range),
            _ => ("estimate", rules.estimate),
        };
        let wanted = measured.saturating_add(more);
        // Data with many decimals (computed columns) are cut, unless nothing would be left of the number.
        let most = rules.most.max(value.decimals_for(rules.significant));
        if most < wanted {
            return (most, Why::Cut { measured });
        }
        let why = Why::Beyond {
            key,
            more,
            measured,
        };
        (wanted, why)
    }
}

impl JournalStyle {
    /// A number with that many decimals; as a power of ten where it is too large to be read.
    pub(super) fn number(&self, value: &Decimal, decimals: u8) -> Printed {
        let tiny =
            decimals > 0 && decimals >= self.other_decimals_limit() && value.magnitude() < TINY;
        if value.magnitude() < HUGE && (value.is_zero() || !tiny) {
            let notation = &self.rules.notation;
            return Printed::number(value.round(decimals).text(notation, true));
        }
        let mut exponent = value.magnitude() - 1;
        let significant = self.rules.decimals.significant.max(1);
        let mut mantissa = value.clone().shifted(-exponent).round(significant - 1);
        if mantissa.value().abs() >= 10.0 {
            exponent += 1;
            mantissa = value.clone().shifted(-exponent).round(significant - 1);
        }
        let mut printed = Printed::number(mantissa.text(&self.rules.notation, true));
        printed.push_run(Run::plain("\u{a0}×\u{a0}10"));
        let power = Decimal::new(f64::from(exponent));
        printed.push_run(Run {
            text: power.map_or_else(String::new, |p| self.text(&p, 0)),
            italic: false,
            superscript: true,
        });
        printed
    }

    /// A number as plain text with that many decimals.
    pub fn text(&self, value: &Decimal, decimals: u8) -> String {
        value
            .round(decimals)
            .text(&self.rules.notation, true)
            .text()
    }

    /// A number as it was typed, such as `-10.70`, in the style's signs; other words as they are.
    pub fn typed(&self, text: &str) -> String {
        let (sign, digits) = match text.strip_prefix(['-', '−']) {
            Some(digits) => (self.rules.notation.minus.as_str(), digits),
            None => ("", text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let numeric = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(fraction) || digits.ends_with('.') {
            return text.to_owned();
        }
        let point = if fraction.is_empty() {
            ""
        } else {
            &self.rules.notation.point
        };
        format!("{sign}{whole}{point}{fraction}")
    }

    fn percent_decimals(&self, total: Option<f64>) -> u8 {
        let bands = &self.rules.percent;
        let band = match total {
            Some(total) => bands.iter().find(|b| total < b.below),
            None => bands.last(),
        };
        match band.map(|b| b.digits) {
            Some(BandDigits::Decimals(decimals) | BandDigits::Significant(decimals)) => decimals,
            None => 0,
        }
    }

    /// Decimals of a number whose unit is not the data's.
    fn other_decimals(&self, value: &Decimal) -> u8 {
        let rules = &self.rules.decimals;
        if value.is_zero() {
            return rules.other;
        }
        rules.other.max(value.decimals_for(rules.significant))
    }

    /// Decimals from which a tiny number is written as a power of ten.
    fn other_decimals_limit(&self) -> u8 {
        let wanted = i32::from(self.rules.decimals.significant) - TINY;
        u8::try_from(wanted).unwrap_or(MOST_DECIMALS)
    }
}

/// Two limits with what stands between them.
fn between(
    limits: &Limits,
    [low, high]: [&Decimal; 2],
    setting: Setting,
    print: impl Fn(&Decimal) -> Printed,
) -> Printed {
    let forced = setting == Setting::Cell { signed: true };
    let signed = forced || low.is_negative() || high.is_negative();
    let pattern = if signed {
        &limits.signed
    } else {
        &limits.unsigned
    };
    pattern.fill(|slot| print(if slot == "low" { low } else { high }))
}

/// Joins a relation (`<`) to the number after it, so that columns align.
fn joined(printed: Printed) -> Printed {
    match printed.parts.as_slice() {
        [Part::Words(relation), Part::Number(number)] if relation.is_plain() => {
            let mut number = number.clone();
            number.lead.insert_str(0, &relation.text);
            Printed::number(number)
        }
        _ => printed,
    }
}
