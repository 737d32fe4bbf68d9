//! The directive `glmm`, and `emmeans` of it, against lme4's glmer and emmeans.

mod hostile;

use super::support::directive::{Memory, category, check_sound, frame, number, text};
use super::support::expected::{Data, Expected};
use trialbook::analysis::Outcome;

/// The trial of the case as the dataset `d@1`.
fn trial(expected: &Expected) -> Memory {
    let file = Data::load("glmm_relapse");
    let column = |name: String| {
        let key = format!("levels.relapse.{name}");
        let texts = file.texts(&name);
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        if expected.has(&key) {
            let levels = expected.strings(&key);
            let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
            return category(&name, &levels, &texts);
        }
        match name.as_str() {
            "id" | "site" => text(&name, &texts),
            _ => number(&name, &file.numbers(&name)),
        }
    };
    Memory::new(frame("d@1", file.names().into_iter().map(column).collect()))
}

fn values(outcome: &Outcome, stat: &str, wanted: impl Fn(&str) -> bool) -> Vec<f64> {
    let found = outcome.statistics.iter().filter(|s| {
        let level = s.key.level.as_deref();
        s.key.stat == stat && level.is_some_and(&wanted)
    });
    found
        .map(|s| s.value.unwrap_or_else(|| panic!("no value of {}", s.id())))
        .collect()
}

fn starting(outcome: &Outcome, start: &str) -> Vec<f64> {
    let found = outcome.statistics.iter();
    found
        .filter(|s| s.key.level.is_none() && s.key.stat.starts_with(start))
        .map(|s| s.value.unwrap())
        .collect()
}

/// The keys of the directive for a case.
fn body(expected: &Expected, key: &str) -> String {
    let of = |name: &str| expected.strings(&format!("{key}.{name}")).remove(0);
    let formula = of("formula");
    let mut body = format!(
        "data = \"d@1\"\nformula = \"{formula}\"\nfamily = \"{}\"\nnagq = {}\n",
        of("family"),
        expected.get(&format!("{key}.points"))
    );
    for name in ["trials", "exposure"] {
        let column = of(name);
        if !column.is_empty() {
            for part in [name, " = \"", &column, "\"\n"] {
                body.push_str(part);
            }
        }
    }
    if formula.starts_with("relapse") {
        body.push_str("event = \"Yes\"\n");
    }
    body
}

fn compare(
    expected: &Expected,
    key: &str,
    outcome: &Outcome,
    parts: &[(&str, &str)],
    wanted: &dyn Fn(&str) -> bool,
) {
    for (part, stat) in parts {
        let key = format!("{key}.{part}");
        expected.numbers(&key, &values(outcome, stat, wanted));
    }
}

const TERM: [(&str, &str); 6] = [
    ("estimate", "estimate"),
    ("se", "std.error"),
    ("z", "statistic"),
    ("p", "p.value"),
    ("low", "conf.low"),
    ("high", "conf.high"),
];
const TEST: [(&str, &str); 3] = [("chi", "statistic"), ("df", "df"), ("p", "p.value")];
const MEAN: [(&str, &str); 4] = [
    ("estimate", "estimate"),
    ("se", "std.error"),
    ("low", "conf.low"),
    ("high", "conf.high"),
];

#[test]
fn fits_and_tests_are_those_of_glmer() {
    let expected = Expected::load("glmm_directive");
    let data = trial(&expected);
    for case in expected.keys("cases") {
        let key = format!("cases.{case}");
        let of = |name: &str| format!("{key}.{name}");
        let model = body(&expected, &key);
        let run = |more: &str| {
            let outcome = data
                .run("glmm", "tbl-m", &format!("{model}{more}"))
                .unwrap();
            check_sound(&outcome);
            assert!(
                outcome.findings.is_empty(),
                "{case}: {:?}",
                outcome.findings
            );
            outcome
        };
        let outcome = run("tests = \"type3\"\n");
        let test = |level: &str| level.starts_with("type3: ");
        compare(&expected, &of("terms"), &outcome, &TERM, &|l| !test(l));
        compare(&expected, &of("type3"), &outcome, &TEST, &test);
        for (name, stat) in [
            ("loglik", "logLik"),
            ("aic", "AIC"),
            ("bic", "BIC"),
            ("nobs", "nobs"),
        ] {
            expected.number(&of(name), starting(&outcome, stat)[0]);
        }
        expected.numbers(&of("sd"), &starting(&outcome, "sd__"));
        assert_eq!(starting(&outcome, "singular"), [0.0], "{case}");

        let ratios = run("tests = \"lrt\"\nexponentiate = true\n");
        let test = |level: &str| level.starts_with("lrt: ");
        for (part, stat) in [
            ("estimate", "estimate"),
            ("low", "conf.low"),
            ("high", "conf.high"),
        ] {
            expected.numbers(
                &of(&format!("ratios.{part}")),
                &values(&ratios, stat, |_| true),
            );
        }
        // The error is that of the logarithm.
        let errors = |outcome: &Outcome| values(outcome, "std.error", |_| true);
        assert_eq!(errors(&ratios), errors(&outcome));
        compare(&expected, &of("lrt"), &ratios, &TEST, &test);
        let terms: Vec<String> = ratios
            .statistics
            .iter()
            .filter(|s| s.key.stat == "statistic")
            .filter_map(|s| s.key.level.as_deref()?.strip_prefix("lrt: "))
            .map(str::to_owned)
            .collect();
        assert_eq!(terms, expected.strings(&of("lrt.terms")));
    }
    expected.finish_part();
}

#[test]
fn means_and_ratios_are_those_of_emmeans() {
    let expected = Expected::load("glmm_directive");
    let data = trial(&expected);
    for case in expected.keys("cases") {
        let key = format!("cases.{case}");
        let data = data.clone().with_other("m", "glmm", &body(&expected, &key));
        for (kind, sign) in [("link", " - "), ("response", " / ")] {
            let means = format!(
                "from = \"m\"\nof = \"arm\"\nby = \"visit\"\ncontrasts = \"pairwise\"\ntype = \"{kind}\"\n"
            );
            let outcome = data.run("emmeans", "tbl-d", &means).unwrap();
            check_sound(&outcome);
            assert!(
                outcome.findings.is_empty(),
                "{case}: {:?}",
                outcome.findings
            );
            let contrast = |level: &str| level.contains(sign);
            let of = |part: &str| format!("{key}.{kind}.{part}");
            compare(&expected, &of("means"), &outcome, &MEAN, &|l| !contrast(l));
            compare(&expected, &of("tukey"), &outcome, &MEAN, &contrast);
            compare(
                &expected,
                &of("tukey"),
                &outcome,
                &[("p", "p.adjusted")],
                &contrast,
            );
        }
    }
    expected.finish_part();
}
