//! The directives `lmm` and `emmeans` against lme4, lmerTest, pbkrtest and emmeans.

mod emmeans;
mod hostile;

use super::support::directive::{Memory, category, check_sound, frame, ids, number};
use super::support::expected::{Data, Expected};
use trialbook::analysis::Outcome;

/// The data set of a `mixed_*` case as the dataset `d@1`; its factors are categories.
pub fn memory(expected: &Expected, name: &str) -> Memory {
    let file = Data::load(&format!("mixed_{name}"));
    let factors = expected.keys(&format!("levels.{name}"));
    let column = |name_of: String| {
        if !factors.contains(&name_of) {
            return number(&name_of, &file.numbers(&name_of));
        }
        let levels = expected.strings(&format!("levels.{name}.{name_of}"));
        let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
        let texts = file.texts(&name_of);
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        category(&name_of, &levels, &texts)
    };
    Memory::new(frame("d@1", file.names().into_iter().map(column).collect()))
}

pub fn first(expected: &Expected, key: &str) -> String {
    expected.strings(key).remove(0)
}

/// The values of a statistic of all levels, in order; those of means, terms or contrasts alone.
pub fn values(outcome: &Outcome, stat: &str, wanted: impl Fn(&str) -> bool) -> Vec<f64> {
    let found = outcome.statistics.iter().filter(|s| {
        s.key.stat == stat
            && s.key
                .level
                .as_ref()
                .is_some_and(|l| !l.starts_with("type3") && wanted(l))
    });
    found
        .map(|s| s.value.unwrap_or_else(|| panic!("no value of {}", s.id())))
        .collect()
}

fn all(_: &str) -> bool {
    true
}

fn of_model(outcome: &Outcome, stat: &str) -> f64 {
    let found = outcome
        .statistics
        .iter()
        .find(|s| s.key.level.is_none() && s.key.stat == stat);
    found
        .and_then(|s| s.value)
        .unwrap_or_else(|| panic!("no {stat} in {}", ids(outcome).join("\n")))
}

fn starting(outcome: &Outcome, start: &str) -> Vec<f64> {
    let found = outcome.statistics.iter();
    found
        .filter(|s| s.key.stat.starts_with(start))
        .map(|s| s.value.unwrap())
        .collect()
}

/// The keys of the directive for a fit of a case.
fn body(expected: &Expected, key: &str, more: &str) -> String {
    let formula = first(expected, &format!("{key}.formula"));
    let estimation = if expected.flag(&format!("{key}.reml")) {
        "REML"
    } else {
        "ML"
    };
    let weights = first(expected, &format!("{key}.weights"));
    let weights = if weights.is_empty() {
        String::new()
    } else {
        format!("weights = \"{weights}\"\n")
    };
    format!(
        "data = \"d@1\"\nformula = \"{formula}\"\nestimation = \"{estimation}\"\n{weights}{more}"
    )
}

#[test]
fn fits_are_those_of_lme4() {
    let expected = Expected::load("mixed_fit");
    for case in [
        "sleep",
        "sleep_slope",
        "sleep_ml",
        "penicillin",
        "cbpp_weighted",
        "btheb_slope",
        "trial",
        "trial_three",
        "trial_site",
    ] {
        let key = format!("fits.{case}");
        let of = |name: &str| format!("{key}.{name}");
        let data = memory(&expected, &first(&expected, &of("data")));
        let body = body(&expected, &key, "df = \"z\"\n");
        let outcome = data.run("lmm", "effects", &body).unwrap();
        check_sound(&outcome);
        let singular = expected.flag(&of("singular"));
        assert_eq!(outcome.findings.len(), usize::from(singular), "{case}");
        expected.numbers(&of("estimate"), &values(&outcome, "estimate", all));
        expected.numbers(&of("se"), &values(&outcome, "std.error", all));
        for (name, stat) in [
            ("sigma", "sigma"),
            ("loglik", "logLik"),
            ("aic", "AIC"),
            ("bic", "BIC"),
            ("nobs", "nobs"),
            ("criterion", "criterion"),
        ] {
            expected.number(&of(name), of_model(&outcome, stat));
        }
        expected.numbers(&of("sd"), &starting(&outcome, "sd__"));
        let groups = outcome
            .statistics
            .iter()
            .filter(|s| s.key.stat == "ngroups");
        let mut groups: Vec<f64> = groups.map(|s| s.value.unwrap()).collect();
        // R names the factor with the most levels first.
        groups.sort_by(|a, b| b.total_cmp(a));
        expected.numbers(&of("groups"), &groups);
        assert_eq!(of_model(&outcome, "singular") > 0.5, singular, "{case}");
        if expected.has(&of("cor")) {
            let cor = starting(&outcome, "cor__");
            assert_eq!(cor.len(), expected.list(&of("cor")).len(), "{case}");
        }
        let used = outcome.rows[0].used.len();
        assert!(
            (used as f64 - of_model(&outcome, "nobs")).abs() < f64::EPSILON
                || case.ends_with("weighted")
        );
    }
    expected.finish_part();
}

#[test]
fn tests_are_those_of_lmertest_and_pbkrtest() {
    let expected = Expected::load("mixed_inference");
    for case in ["sleep_slope", "btheb", "trial", "trial_slope"] {
        let key = format!("fits.{case}");
        let data = memory(&expected, &first(&expected, &format!("{key}.data")));
        for (method, df) in [
            ("satterthwaite", "satterthwaite"),
            ("kenward_roger", "kenward-roger"),
        ] {
            let of = |name: &str| format!("{key}.{method}.{name}");
            let body = body(
                &expected,
                &key,
                &format!("df = \"{df}\"\ntests = \"type3\"\n"),
            );
            let outcome = data.run("lmm", "tbl-effects", &body).unwrap();
            check_sound(&outcome);
            for (name, stat) in [
                ("se", "std.error"),
                ("df", "df"),
                ("t", "statistic"),
                ("p", "p.value"),
            ] {
                expected.numbers(&of(name), &values(&outcome, stat, all));
            }
            let tests = |stat: &str| -> Vec<f64> {
                let level = |l: &String| l.starts_with("type3: ");
                let found = outcome.statistics.iter();
                found
                    .filter(|s| s.key.stat == stat && s.key.level.as_ref().is_some_and(level))
                    .map(|s| s.value.unwrap())
                    .collect()
            };
            expected.numbers(&of("type3.f"), &tests("statistic"));
            expected.numbers(&of("type3.df_residual"), &tests("df.residual"));
            expected.numbers(&of("type3.p"), &tests("p.value"));
        }
    }
    expected.finish_part();
}

#[test]
fn profile_intervals_are_those_of_lme4() {
    let expected = Expected::load("mixed_profile");
    for case in ["sleep", "penicillin", "btheb", "trial"] {
        let key = format!("fits.{case}");
        let of = |name: &str| format!("{key}.{name}");
        let data = memory(&expected, &first(&expected, &of("data")));
        let body = body(&expected, &key, "interval = \"profile\"\n");
        let outcome = data.run("lmm", "effects", &body).unwrap();
        check_sound(&outcome);
        let se = expected.list(&of("se"));
        for (name, stat) in [("low", "conf.low"), ("high", "conf.high")] {
            let ours = values(&outcome, stat, all);
            let theirs = expected.list(&of(name));
            let fixed = theirs.len() - ours.len();
            for (i, ours) in ours.iter().enumerate() {
                let far = (ours - theirs[fixed + i]).abs() / se[fixed + i];
                assert!(far < 1e-3, "{case} {name} {i}: {far} SE");
            }
        }
    }
    expected.finish_part();
}

/// Bootstrap limits depend on the seed alone, and lie near those of the profile.
#[test]
fn bootstrap_limits_repeat() {
    let expected = Expected::load("mixed_profile");
    let data = memory(&expected, "sleep");
    let more = "interval = \"bootstrap\"\ndraws = 200\n";
    let run = || {
        let body = body(&expected, "fits.sleep", more);
        data.run("lmm", "effects", &body).unwrap()
    };
    let (once, again) = (run(), run());
    check_sound(&once);
    assert_eq!(once, again);
    let se = expected.list("fits.sleep.se");
    for (name, stat) in [("low", "conf.low"), ("high", "conf.high")] {
        let theirs = expected.list(&format!("fits.sleep.{name}"));
        for (i, ours) in values(&once, stat, all).iter().enumerate() {
            assert!((ours - theirs[2 + i]).abs() < 0.6 * se[2 + i], "{stat} {i}");
        }
    }
    expected.finish_part();
}
