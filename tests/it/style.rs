//! What journals print: rounding, P values, intervals, percentages.

mod filters;
mod journals;
mod numbers;

use std::sync::Arc;

use trialbook::artefact::{Digits, Form, Quantity};
use trialbook::diagnostic::Source;
use trialbook::statistic::{ResultSet, StatId, StatKey, Statistic};
use trialbook::style::{JournalStyle, Printer, Setting, Templates};

/// A built-in style.
pub fn built_in(name: &str) -> JournalStyle {
    let (style, diagnostics) = Templates::built_in().style(name, None);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    style.unwrap()
}

/// A style from the tests' fixtures.
pub fn fixture(name: &str) -> JournalStyle {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/styles");
    let text = std::fs::read_to_string(format!("{folder}/{name}/style.toml")).unwrap();
    let source: Arc<Source> = Source::new(format!("templates/{name}/style.toml"), text);
    let (style, diagnostics) = JournalStyle::load(name, &source);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    style.unwrap()
}

/// A statistic of label `x`.
pub fn statistic(stat: &str, value: Option<f64>, measured: Option<u8>) -> Statistic {
    Statistic {
        key: StatKey {
            label: "x".into(),
            variable: None,
            level: None,
            groups: Vec::new(),
            stat: stat.into(),
        },
        about: Vec::new(),
        context: "summary".into(),
        population: None,
        value,
        measured,
        warnings: Vec::new(),
    }
}

pub fn id(stat: &str) -> StatId {
    StatId::from_parts(["x", stat])
}

/// Statistics of label `x`, in the unit of data with that many decimals.
pub fn results(values: &[(&str, f64)], measured: Option<u8>) -> ResultSet {
    let mut results = ResultSet::new();
    for (stat, value) in values {
        let value = Some(*value).filter(|v| v.is_finite());
        results.insert(statistic(stat, value, measured)).unwrap();
    }
    results
}

pub struct Case<'a> {
    pub style: &'a JournalStyle,
    pub values: &'a [(&'a str, f64)],
    pub measured: Option<u8>,
}

impl Case<'_> {
    pub fn prints(&self, form: Form, digits: Digits, setting: Setting) -> String {
        let results = results(self.values, self.measured);
        let printer = Printer::new(self.style, &results);
        // No-break and thin spaces are told apart where it matters only.
        printer
            .quantity(&Quantity { form, digits }, setting)
            .text()
            .replace('\u{a0}', " ")
    }

    pub fn cell(&self, form: Form) -> String {
        self.prints(form, Digits::Style, Setting::CELL)
    }

    pub fn prose(&self, form: Form) -> String {
        self.prints(form, Digits::Style, Setting::Prose)
    }
}

pub fn estimate_ci() -> Form {
    Form::EstimateCi {
        estimate: id("estimate"),
        low: id("conf.low"),
        high: id("conf.high"),
    }
}

pub fn count_percent() -> Form {
    Form::CountPercent {
        n: id("n"),
        p: id("p"),
        total: id("N"),
    }
}

pub fn mean_sd() -> Form {
    Form::MeanSd {
        mean: id("mean"),
        sd: id("sd"),
    }
}

pub fn median_iqr() -> Form {
    Form::MedianIqr {
        median: id("median"),
        p25: id("p25"),
        p75: id("p75"),
    }
}

/// A P value in a sentence and in a cell.
pub fn p_value(style: &JournalStyle, p: f64) -> (String, String) {
    let case = Case {
        style,
        values: &[("p.value", p)],
        measured: None,
    };
    let form = || Form::PValue { p: id("p.value") };
    (case.prose(form()), case.cell(form()))
}
