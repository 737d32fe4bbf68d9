//! `emmeans` against R's.

use super::super::support::directive::{check_sound, ids, value};
use super::super::support::expected::Expected;
use super::{first, memory, values};

fn contrast(level: &str) -> bool {
    level.contains(" - ")
}

#[test]
fn contrasts_are_those_of_emmeans() {
    let expected = Expected::load("mixed_contrasts");
    for case in ["trial_time", "cbpp", "btheb"] {
        let data = memory(&expected, &first(&expected, &format!("{case}.data")));
        let formula = first(&expected, &format!("{case}.formula"));
        for (method, df) in [
            ("satterthwaite", "satterthwaite"),
            ("kenward_roger", "kenward-roger"),
        ] {
            let model = format!("data = \"d@1\"\nformula = \"{formula}\"\ndf = \"{df}\"\n");
            let data = data.clone().with_other("effects", "lmm", &model);
            for (name, kind, adjust) in [
                ("tukey", "pairwise", "tukey"),
                ("holm", "consecutive", "holm"),
                ("scheffe", "pairwise", "scheffe"),
                ("dunnett", "reference", "dunnett"),
            ] {
                let list = |key: &str| format!("{:?}", expected.strings(&format!("{case}.{key}")));
                let body = format!(
                    "from = \"effects\"\nof = {}\nby = {}\ncontrasts = \"{kind}\"\nadjust = \"{adjust}\"\n",
                    list("of"),
                    list("by")
                );
                let outcome = data.run("emmeans", "tbl-m", &body).unwrap();
                check_sound(&outcome);
                assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
                let key = |part: &str| format!("{case}.{method}.{name}.{part}");
                expected.numbers(&key("p"), &values(&outcome, "p.adjusted", contrast));
                expected.numbers(&key("low"), &values(&outcome, "conf.low", contrast));
                expected.numbers(&key("high"), &values(&outcome, "conf.high", contrast));
            }
        }
        let model = format!("data = \"d@1\"\nformula = \"{formula}\"\ndf = \"z\"\n");
        let data = data.with_other("effects", "lmm", &model);
        let list = |key: &str| format!("{:?}", expected.strings(&format!("{case}.{key}")));
        let body = format!(
            "from = \"effects\"\nof = {}\nby = {}\nweights = \"proportional\"\n",
            list("of"),
            list("by")
        );
        let outcome = data.run("emmeans", "tbl-m", &body).unwrap();
        check_sound(&outcome);
        let mean = |stat: &str| values(&outcome, stat, |l| !contrast(l));
        expected.numbers(&format!("{case}.proportional.mean"), &mean("estimate"));
        expected.numbers(&format!("{case}.proportional.se"), &mean("std.error"));
    }
    expected.finish_part();
}

const MODEL: &str = "data = \"d@1\"\nformula = \"y ~ arm * time + (1 | id)\"\n";

#[test]
fn grids_directions_and_names() {
    let expected = Expected::load("mixed_contrasts");
    let data = memory(&expected, "trial").with_other("effects", "lmm", MODEL);
    expected.finish_part();
    let run = |more: &str| {
        let body = format!("from = \"effects\"\n{more}");
        let outcome = data.run("emmeans", "post", &body).unwrap();
        check_sound(&outcome);
        assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
        assert_eq!(outcome.artefact, None);
        outcome
    };
    let one = run("of = \"time\"\nby = \"arm\"\ncontrasts = \"pairwise\"\n");
    let other = run("of = \"time\"\nby = \"arm\"\ncontrasts = \"reverse pairwise\"\n");
    let at = |outcome, id: &str| value(outcome, id).unwrap();
    let down = at(&one, "post/y/time[v0] - time[v1]/arm=active/estimate");
    let up = at(&other, "post/y/time[v1] - time[v0]/arm=active/estimate");
    assert!((down + up).abs() < 1e-12);
    let mean = |level: &str| at(&one, &format!("post/y/time[{level}]/arm=active/estimate"));
    assert!((down - (mean("v0") - mean("v1"))).abs() < 1e-12);
    let some = run(
        "of = \"time\"\nby = \"arm\"\nat = { time = [\"v0\", \"v2\"], arm = \"usual\" }\ncontrasts = \"reference\"\nreference = \"v2\"\n",
    );
    let contrasts: Vec<String> = ids(&some)
        .into_iter()
        .filter(|id| id.contains(" - ") && id.ends_with("/estimate"))
        .collect();
    assert_eq!(contrasts, ["post/y/time[v0] - time[v2]/arm=usual/estimate"]);
    let trend = run("of = \"time\"\ncontrasts = \"polynomial\"\ndegree = 2\n");
    assert!(value(&trend, "post/y/quadratic/p.value").is_some());
    assert!(!ids(&trend).iter().any(|id| id.ends_with("p.adjusted")));
    let own = run(
        "of = \"time\"\nby = \"arm\"\nadjust = \"bonferroni\"\n[[contrast]]\nname = \"later\"\nweights = [-1, 0, 0.5, 0.5]\n",
    );
    let later = at(&own, "post/y/later/arm=active/estimate");
    assert!((later - (0.5 * (mean("v2") + mean("v3")) - mean("v0"))).abs() < 1e-12);
}

#[test]
fn what_the_model_does_not_have_is_named() {
    let expected = Expected::load("mixed_contrasts");
    let data = memory(&expected, "trial").with_other("effects", "lmm", MODEL);
    expected.finish_part();
    for (more, complaints) in [
        (
            "of = \"tme\"\n",
            vec!["not-in-formula: \"tme\"", "missing-key: `emmeans`"],
        ),
        ("", vec!["missing-key: `emmeans`"]),
        ("of = \"time\"\nby = \"time\"\n", vec!["repeated: \"time\""]),
        (
            "of = \"time\"\nat = { time = [\"v9\"] }\n",
            vec!["unknown-level: \"v9\""],
        ),
        (
            "of = \"time\"\nat = { arm = true }\n",
            vec!["wrong-type: true"],
        ),
        ("of = \"time\"\nat = { arm = [] }\n", vec!["empty: []"]),
        (
            "of = \"time\"\nadjust = \"tukey\"\n",
            vec!["wrong-adjustment: \"tukey\""],
        ),
        (
            "of = \"time\"\nadjust = \"holm\"\n",
            vec!["no-effect: \"holm\""],
        ),
        (
            "of = \"time\"\ncontrasts = \"consecutive\"\nadjust = \"tukey\"\n",
            vec!["wrong-adjustment: \"tukey\""],
        ),
        (
            "of = \"time\"\ncontrasts = \"pairwise\"\nreference = \"v0\"\n",
            vec!["no-effect: \"v0\""],
        ),
        (
            "of = \"time\"\ncontrasts = \"reference\"\nreference = \"v9\"\n",
            vec!["unknown-level: \"v9\""],
        ),
        (
            "of = \"time\"\ncontrasts = \"pairwise\"\ndegree = 2\n",
            vec!["no-effect: degree"],
        ),
        (
            "of = \"time\"\noutcomes = \"z\"\n",
            vec!["unknown-outcome: \"z\""],
        ),
    ] {
        let body = format!("from = \"effects\"\n{more}");
        let found = data.complaints("emmeans", "tbl-m", &body);
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        let same = found.len() == complaints.len()
            && found.iter().zip(&complaints).all(|(found, wanted)| {
                found == wanted
                    || wanted.starts_with("missing-key") && found.starts_with("missing-key")
            });
        assert!(same, "{more}: {found:?}");
    }
    let unknown = data.complaints("emmeans", "m", "from = \"efects\"\nof = \"time\"\n");
    assert_eq!(unknown, ["unknown-label: \"efects\""]);
}

#[test]
fn weights_that_make_no_contrast_are_refused() {
    let expected = Expected::load("mixed_contrasts");
    let data = memory(&expected, "trial").with_other("effects", "lmm", MODEL);
    expected.finish_part();
    for weights in ["[1, 1, 0, 0]", "[1, -1]", "[0, 0, 0, 0]"] {
        let body = format!(
            "from = \"effects\"\nof = \"time\"\n[[contrast]]\nname = \"x\"\nweights = {weights}\n"
        );
        let outcome = data.run("emmeans", "tbl-m", &body).unwrap();
        check_sound(&outcome);
        assert!(outcome.has_errors(), "{weights}");
    }
}
