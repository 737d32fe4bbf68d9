//! The directive `mmrm`, and `emmeans` of it, against the formulas of models for repeated measures written out in R.

mod hostile;

use super::support::directive::{Memory, category, check_sound, frame, ids, number, text};
use super::support::expected::{Data, Expected};
use trialbook::analysis::Outcome;

/// The trial of the case as the dataset `d@1`.
pub fn trial(expected: &Expected) -> Memory {
    let file = Data::load("mmrm_rct");
    let column = |name: String| {
        let key = format!("levels.rct.{name}");
        if !expected.has(&key) {
            return number(&name, &file.numbers(&name));
        }
        let texts = file.texts(&name);
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        if name == "id" {
            expected.strings(&key);
            return text(&name, &texts);
        }
        let levels = expected.strings(&key);
        let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
        category(&name, &levels, &texts)
    };
    Memory::new(frame("d@1", file.names().into_iter().map(column).collect()))
}

fn first(expected: &Expected, key: &str) -> String {
    expected.strings(key).remove(0)
}

/// The values of a statistic whose level is one of those, in order.
fn values(outcome: &Outcome, stat: &str, wanted: impl Fn(&str) -> bool) -> Vec<f64> {
    let found = outcome.statistics.iter().filter(|s| {
        let level = s.key.level.as_deref();
        s.key.stat == stat && level.is_some_and(&wanted)
    });
    found
        .map(|s| s.value.unwrap_or_else(|| panic!("no value of {}", s.id())))
        .collect()
}

/// The values of all statistics of no level whose name begins like that, in order.
fn starting(outcome: &Outcome, start: &str) -> Vec<f64> {
    let found = outcome.statistics.iter();
    found
        .filter(|s| s.key.level.is_none() && s.key.stat.starts_with(start))
        .map(|s| {
            s.value
                .unwrap_or_else(|| panic!("{}", ids(outcome).join("\n")))
        })
        .collect()
}

/// The keys of the directive for a case.
fn body(expected: &Expected, key: &str) -> String {
    let of = |name: &str| first(expected, &format!("{key}.{name}"));
    let optional = |name: &str, value: String| {
        if value.is_empty() {
            String::new()
        } else {
            format!("{name} = \"{value}\"\n")
        }
    };
    // R's other factor of the same visits.
    let formula = of("formula").replace("late", "visit");
    let (df, more) = match of("method").as_str() {
        "empirical" => ("z".to_owned(), "vcov = \"empirical\"\n"),
        "kenward-roger-expected" => (
            "kenward-roger-linear".to_owned(),
            "information = \"expected\"\n",
        ),
        other => (other.to_owned(), ""),
    };
    let estimation = if expected.flag(&format!("{key}.reml")) {
        "REML"
    } else {
        "ML"
    };
    let reference = if of("by") == "late" {
        "reference = { visit = \"w12\" }\n"
    } else {
        ""
    };
    let (by, weights) = (
        optional("covariance_by", of("group")),
        optional("weights", of("weights")),
    );
    format!(
        "data = \"d@1\"\nformula = \"{formula}\"\nsubject = \"id\"\nvisit = \"{}\"\ncovariance = \"{}\"\n\
         df = \"{df}\"\nestimation = \"{estimation}\"\n{more}{reference}{by}{weights}",
        of("visit"),
        of("kind"),
    )
}

fn compare(expected: &Expected, key: &str, outcome: &Outcome, wanted: impl Fn(&str) -> bool) {
    let mean = key.ends_with(".means");
    for (part, stat) in [
        ("estimate", "estimate"),
        ("se", "std.error"),
        ("df", "df"),
        ("t", "statistic"),
        ("p", "p.value"),
        ("low", "conf.low"),
        ("high", "conf.high"),
    ] {
        let key = format!("{key}.{part}");
        // A mean is not tested, and the normal distribution has no degrees of freedom.
        if mean && matches!(part, "t" | "p") {
            expected.list(&key);
        } else if part != "df" || expected.has(&key) {
            expected.numbers(&key, &values(outcome, stat, &wanted));
        }
    }
}

#[test]
fn fits_tests_means_and_differences_are_those_of_the_formulas() {
    let expected = Expected::load("mmrm_directive");
    let data = trial(&expected);
    for case in expected.keys("cases") {
        let key = format!("cases.{case}");
        let of = |name: &str| format!("{key}.{name}");
        let model = body(&expected, &key);
        let outcome = data
            .run("mmrm", "tbl-m", &format!("{model}tests = \"type3\"\n"))
            .unwrap();
        check_sound(&outcome);
        assert!(
            outcome.findings.is_empty(),
            "{case}: {:?}",
            outcome.findings
        );
        let term = |level: &str| !level.starts_with("type3");
        compare(&expected, &of("terms"), &outcome, term);
        for (name, stat) in [
            ("criterion", "criterion"),
            ("nobs", "nobs"),
            ("ngroups", "ngroups"),
            ("aic", "AIC"),
            ("bic", "BIC"),
        ] {
            expected.number(&of(name), starting(&outcome, stat)[0]);
        }
        expected.numbers(&of("sd"), &starting(&outcome, "sd__"));
        expected.numbers(&of("cor"), &starting(&outcome, "cor__"));
        if expected.has(&of("type3")) {
            let test = |level: &str| level.starts_with("type3");
            expected.numbers(&of("type3.f"), &values(&outcome, "statistic", test));
            expected.numbers(&of("type3.df"), &values(&outcome, "df", test));
            expected.numbers(&of("type3.p"), &values(&outcome, "p.value", test));
            if expected.has(&of("type3.df_residual")) {
                let ours = values(&outcome, "df.residual", test);
                expected.numbers(&of("type3.df_residual"), &ours);
            }
        }
        let used = outcome.rows[0].used.len() as f64;
        expected.number(&of("nobs"), used);
        let by = first(&expected, &of("by")).replace("late", "visit");
        let at = if by == "week" {
            "at = { week = [4, 12] }\n"
        } else {
            ""
        };
        let means = format!(
            "from = \"m\"\nof = \"arm\"\nby = \"{by}\"\ncontrasts = \"reference\"\nadjust = \"none\"\n{at}"
        );
        let outcome = data
            .clone()
            .with_other("m", "mmrm", &model)
            .run("emmeans", "tbl-d", &means)
            .unwrap();
        check_sound(&outcome);
        assert!(
            outcome.findings.is_empty(),
            "{case}: {:?}",
            outcome.findings
        );
        let difference = |level: &str| level.contains(" - ");
        compare(&expected, &of("means"), &outcome, |l| !difference(l));
        compare(&expected, &of("differences"), &outcome, difference);
    }
    expected.finish();
}
