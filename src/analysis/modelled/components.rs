//! Writing down random effects.

use super::Modelled;
use crate::analysis::{Number, Recorder};
use crate::stats::mixed::TermComponents;

/// Writes down the number of levels of each grouping factor, where there are several.
pub(in crate::analysis) fn record_groups(
    recorder: &mut Recorder,
    context: &str,
    modelled: &Modelled,
    groups: &[(String, usize)],
) {
    if groups.len() < 2 {
        return;
    }
    for (group, levels) in groups {
        let mut subject = recorder.of(context, &modelled.name).within("group", group);
        subject.add("ngroups", *levels);
    }
}

/// Writes down standard deviations and correlations.
pub(in crate::analysis) fn record_components(
    recorder: &mut Recorder,
    context: &str,
    modelled: &Modelled,
    components: &[TermComponents],
) {
    for term in components {
        let mut subject = recorder
            .of(context, &modelled.name)
            .within("group", &term.group)
            .measured(modelled.decimals);
        for (name, sd) in term.names.iter().zip(&term.sd) {
            subject.add(&format!("sd__{name}"), *sd);
        }
        for (second, row) in term.correlations.iter().enumerate() {
            for (first, correlation) in row.iter().enumerate().take(second) {
                let (Some(a), Some(b)) = (term.names.get(first), term.names.get(second)) else {
                    continue;
                };
                let number = correlation.map_or_else(
                    || Number::Missing("one of the two effects has no variance".to_owned()),
                    Number::from,
                );
                subject.add(&format!("cor__{a}.{b}"), number);
            }
        }
    }
}
