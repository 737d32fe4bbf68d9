//! Adjusted families of contrasts after mixed models against emmeans.

use super::support::expected::Expected;
use super::support::mixed::reference_fit;
use trialbook::stats::adjust::Adjustment;
use trialbook::stats::contrast::ContrastKind;
use trialbook::stats::linear::{MeanFamily, MeanWeights, MeansAdjustment, MeansRequest};
use trialbook::stats::mixed::DfMethod;

fn compare(expected: &Expected, key: &str, families: &[MeanFamily]) {
    let adjusted: Vec<_> = families
        .iter()
        .flat_map(|family| &family.contrasts)
        .map(|contrast| contrast.adjusted.clone().unwrap())
        .collect();
    let list = |part: &str, values: Vec<f64>| expected.numbers(&format!("{key}.{part}"), &values);
    list("p", adjusted.iter().map(|a| a.p_value).collect());
    list("low", adjusted.iter().map(|a| a.conf_low).collect());
    list("high", adjusted.iter().map(|a| a.conf_high).collect());
}

#[test]
fn families_after_mixed_models_are_those_of_emmeans() {
    let expected = Expected::load("mixed_contrasts");
    for case in ["trial_time", "cbpp", "btheb"] {
        let wald = reference_fit(&expected, case, DfMethod::Wald);
        let request = MeansRequest {
            of: expected.strings(&format!("{case}.of")),
            by: expected.strings(&format!("{case}.by")),
            ..MeansRequest::default()
        };
        let weighted = MeansRequest {
            weights: MeanWeights::Proportional,
            ..request.clone()
        };
        let means = wald.marginal_means(&weighted).unwrap().into_iter();
        let (mean, se): (Vec<f64>, Vec<f64>) = means
            .map(|mean| mean.estimate.unwrap())
            .map(|estimate| (estimate.estimate, estimate.std_error))
            .unzip();
        expected.numbers(&format!("{case}.proportional.mean"), &mean);
        expected.numbers(&format!("{case}.proportional.se"), &se);
        for (label, method) in [
            ("satterthwaite", DfMethod::Satterthwaite),
            ("kenward_roger", DfMethod::KenwardRoger),
        ] {
            let fit = wald.with_df(method).unwrap();
            for (name, kind, adjustment) in [
                ("tukey", ContrastKind::Pairwise, MeansAdjustment::Tukey),
                (
                    "holm",
                    ContrastKind::Consecutive,
                    MeansAdjustment::PValues(Adjustment::Holm),
                ),
                ("scheffe", ContrastKind::Pairwise, MeansAdjustment::Scheffe),
                (
                    "dunnett",
                    ContrastKind::Against(0),
                    MeansAdjustment::SingleStep,
                ),
            ] {
                let families = fit.mean_contrasts(&request, &kind, adjustment).unwrap();
                compare(&expected, &format!("{case}.{label}.{name}"), &families);
            }
        }
    }
    expected.finish();
}
