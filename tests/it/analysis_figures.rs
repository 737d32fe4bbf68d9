//! The directives `consort`, `forest`, `model` and `trajectory`, against R where they compute.

use std::sync::Arc;

use trialbook::analysis::{OtherStep, Outcome};
use trialbook::artefact::Artefact;

use super::analysis_tables::btheb;
use super::support::directive::{Memory, category, check_sound, frame, number, text};
use super::support::expected::Expected;

fn value(outcome: &Outcome, id: &str) -> f64 {
    let found = outcome.statistics.iter().find(|s| s.id().as_str() == id);
    found
        .and_then(|s| s.value)
        .unwrap_or_else(|| panic!("no value of {id}"))
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|f| f.code.as_str()).collect()
}

const ARMS: [&str; 2] = ["TAU", "BtheB"];

#[test]
fn subgroups_agree_with_r() {
    let expected = Expected::load("figures_btheb");
    let body = "axis = \"Difference\"\n[[section]]\ndata = \"btheb@1.0.0\"\noutcome = \"bdi_2m\"\n\
                subgroups = [\"drug\", \"length\"]\nadjust = [\"bdi_pre\", \"drug\", \"length\"]\n";
    let outcome = btheb().run("forest", "fig-f", body).unwrap();
    check_sound(&outcome);
    for (factor, levels) in [("drug", ["No", "Yes"]), ("length", ["<6m", ">6m"])] {
        for (key, stat) in [
            ("statistic", "statistic"),
            ("p_value", "p.value"),
            ("df_residual", "df.residual"),
        ] {
            let found = value(&outcome, &format!("fig-f/bdi_2m/{factor}/{stat}"));
            expected.number(&format!("{factor}.interaction.{key}"), found);
        }
        for (i, level) in levels.iter().enumerate() {
            let id = |arm: &str, stat: &str| {
                format!("fig-f/bdi_2m/{factor}={level}/treatment={arm}/{stat}")
            };
            let key = |name: &str| format!("{factor}.level{}.{name}", i + 1);
            for (name, stat) in [
                ("estimate", "estimate"),
                ("std_error", "std.error"),
                ("low", "conf.low"),
                ("high", "conf.high"),
                ("n", "n"),
            ] {
                expected.number(&key(name), value(&outcome, &id("BtheB", stat)));
            }
            expected.number(&key("n_reference"), value(&outcome, &id("TAU", "n")));
        }
    }
    trajectory_agrees_with_r(&expected);
    flow_agrees_with_r(&expected);
    model_agrees_with_r(&expected);
    expected.finish();
}

fn trajectory_agrees_with_r(expected: &Expected) {
    let body = "data = \"btheb@1.0.0\"\nx = \"Months\"\ny = \"BDI-II\"\n[[visit]]\nvariable = \"bdi_8m\"\nat = 8\n\
                [[visit]]\nvariable = \"bdi_pre\"\nat = 0\n[[visit]]\nvariable = \"bdi_2m\"\nat = 2\n";
    let outcome = btheb().run("trajectory", "fig-t", body).unwrap();
    check_sound(&outcome);
    for visit in ["bdi_pre", "bdi_2m", "bdi_8m"] {
        for arm in ARMS {
            for (key, stat) in [
                ("n", "n"),
                ("mean", "mean"),
                ("low", "conf.low"),
                ("high", "conf.high"),
            ] {
                let found = value(&outcome, &format!("fig-t/{visit}/treatment={arm}/{stat}"));
                expected.number(&format!("course.{visit}.{arm}.{key}"), found);
            }
        }
    }
    let Some(Artefact::LinePlot(plot)) = &outcome.artefact else {
        panic!("no plot");
    };
    let places: Vec<f64> = plot.ticks.iter().map(|(x, _)| *x).collect();
    assert_eq!(places, [0.0, 2.0, 8.0]);
}

fn flow_agrees_with_r(expected: &Expected) {
    let body = "data = \"btheb@1.0.0\"\n[[visit]]\ncolumn = \"bdi_pre\"\n[[visit]]\ncolumn = \"bdi_2m\"\n\
                [[visit]]\ncolumn = \"bdi_8m\"\n[analysis]\ncolumns = [\"bdi_2m\", \"bdi_8m\"]\n";
    let outcome = btheb().run("consort", "fig-c", body).unwrap();
    check_sound(&outcome);
    for visit in ["bdi_pre", "bdi_2m", "bdi_8m"] {
        for arm in ARMS {
            for key in ["measured", "missing"] {
                let found = value(&outcome, &format!("fig-c/{visit}/{key}/treatment={arm}/n"));
                expected.number(&format!("measured.{visit}.{arm}.{key}"), found);
            }
        }
    }
    let n = |id: &str| value(&outcome, &format!("fig-c/{id}/n"));
    assert!((n("randomised") - 100.0).abs() < f64::EPSILON);
    for arm in ARMS {
        let analysed = n(&format!("analysed/treatment={arm}"));
        let left_out = n(&format!("analysed/missing/treatment={arm}"));
        assert!(
            (analysed + left_out - n(&format!("allocated/treatment={arm}"))).abs() < f64::EPSILON
        );
    }
}

fn model_agrees_with_r(expected: &Expected) {
    let term = "treatment[BtheB]:drug[Yes]";
    let model = |more: &str| {
        let body = format!(
            "data = \"btheb@1.0.0\"\nformula = \"bdi_2m ~ treatment * drug + bdi_pre\"\n{more}"
        );
        let outcome = btheb().run("model", "tbl-m", &body).unwrap();
        check_sound(&outcome);
        outcome
    };
    let plain = model("tests = \"type3\"\n");
    for key in ["nobs", "sigma", "logLik", "AIC", "BIC"] {
        expected.number(
            &format!("model.{key}"),
            value(&plain, &format!("tbl-m/bdi_2m/{key}")),
        );
    }
    for (key, stat) in [("estimate", "estimate"), ("std_error", "std.error")] {
        expected.number(
            &format!("model.{key}"),
            value(&plain, &format!("tbl-m/bdi_2m/{term}/{stat}")),
        );
    }
    for (key, stat) in [("type3_f", "statistic"), ("type3_p", "p.value")] {
        expected.number(
            &format!("model.{key}"),
            value(&plain, &format!("tbl-m/bdi_2m/type3: treatment/{stat}")),
        );
    }
    let robust = model("vcov = \"HC3\"\n");
    expected.number(
        "model.hc3",
        value(&robust, &format!("tbl-m/bdi_2m/{term}/std.error")),
    );
}

#[test]
fn a_forest_shows_the_effects_of_another_directive() {
    let mut data = btheb();
    let outcomes = "data = \"btheb@1.0.0\"\nadjust = [\"bdi_pre\"]\n[[visit]]\nvariable = \"bdi_2m\"\nlabel = \"2 mo\"\n";
    let upstream = data.run("outcomes", "tbl-o", outcomes).unwrap();
    data.upstream.insert("tbl-o".to_owned(), Arc::new(upstream));
    let directive = "outcomes".to_owned();
    data.others
        .insert("tbl-o".to_owned(), OtherStep::new(directive));
    let body = "axis = \"Difference\"\n[[section]]\nfrom = \"tbl-o\"\nestimate = \"adjusted\"\n";
    let outcome = data.run("forest", "fig-f", body).unwrap();
    // Nothing is computed, so nothing is recorded twice.
    assert!(outcome.statistics.is_empty());
    let Some(Artefact::Forest(plot)) = &outcome.artefact else {
        panic!("no plot");
    };
    assert_eq!(plot.rows.len(), 1);
    assert_eq!(plot.rows[0].label.text, "2 mo");
    assert!(
        plot.rows[0]
            .effect
            .as_ref()
            .is_some_and(|e| e.weight.is_some())
    );

    let unknown = body.replace("\"adjusted\"", "\"ajusted\"");
    assert_eq!(
        codes(&data.run("forest", "fig-f", &unknown).unwrap()),
        ["unknown-statistic"]
    );
    let ratio = format!("scale = \"ratio\"\n{body}");
    assert_eq!(
        codes(&data.run("forest", "fig-f", &ratio).unwrap()),
        ["not-a-ratio"]
    );
}

fn small(arms: &[Option<&str>], reasons: &[Option<&str>], score: &[Option<f64>]) -> Memory {
    let columns = vec![
        category("arm", &["A", "B"], arms),
        text("why", reasons),
        number("score", score),
    ];
    Memory::new(frame("small@1", columns)).with_arms("arm", &[("A", "First"), ("B", "Second")])
}

#[test]
fn a_flow_counts_reasons_and_says_where_none_is_recorded() {
    let data = small(
        &[Some("A"), Some("A"), Some("A"), Some("B")],
        &[Some("Moved"), None, None, None],
        &[None, None, Some(1.0), Some(2.0)],
    );
    let body = "data = \"small@1\"\n[[visit]]\ncolumn = \"score\"\nreason = \"why\"\n";
    let outcome = data.run("consort", "fig-c", body).unwrap();
    let n = |id: &str| value(&outcome, &format!("fig-c/score/{id}/n"));
    assert!((n("missing/arm=A") - 2.0).abs() < f64::EPSILON);
    assert!((n("missing: Moved/arm=A") - 1.0).abs() < f64::EPSILON);
    assert!((n("missing: Reason not recorded/arm=A") - 1.0).abs() < f64::EPSILON);
    assert!(n("missing/arm=B").abs() < f64::EPSILON);
}

#[test]
fn a_flow_that_does_not_add_up_is_refused() {
    let data = small(&[Some("A"), Some("B")], &[None, None], &[None, None]);
    let body = |assessed: u32| {
        format!(
            "data = \"small@1\"\n[enrollment]\nassessed = {assessed}\nsource = \"key\"\n\
             [[enrollment.excluded]]\nreason = \"Too young\"\nn = 3\n"
        )
    };
    assert_eq!(
        codes(&data.run("consort", "fig-c", &body(5)).unwrap()),
        [""; 0]
    );
    assert_eq!(
        codes(&data.run("consort", "fig-c", &body(6)).unwrap()),
        ["not-conserved"]
    );
    let without = small(&[Some("A"), None], &[None, None], &[None, None]);
    let plain = "data = \"small@1\"\n";
    assert_eq!(
        codes(&without.run("consort", "fig-c", plain).unwrap()),
        ["missing-arm"]
    );
}
