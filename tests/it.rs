//! The one integration binary; a module a topic (each binary would link hundreds of MB).

// Tests say what they mean in plain statements; these lints are about code that others call.
#![allow(
    clippy::assigning_clones,
    clippy::default_trait_access,
    clippy::let_and_return,
    clippy::needless_pass_by_value,
    clippy::too_many_lines,
    clippy::type_complexity,
    clippy::unnecessary_wraps
)]

// One line a topic, in alphabetical order.
mod it {
    mod add;
    mod analysis_figures;
    mod analysis_tables;
    mod architecture;
    mod bundle;
    mod change_and_missing;
    mod claims;
    mod claims_appendix;
    mod data_check;
    mod dataset;
    mod describe;
    mod diff;
    mod document;
    mod fetch;
    mod figure_axis;
    mod figure_bars;
    mod figure_consort;
    mod figure_forest;
    mod figure_trajectory;
    mod frictionless;
    mod glmm_directive;
    mod linear_design;
    mod linear_fit;
    mod linear_formula;
    mod linear_means;
    mod lmm;
    mod long_data;
    mod manifest;
    mod mean_contrasts;
    mod mixed_contrasts;
    mod mixed_fit;
    mod mixed_glmm;
    mod mixed_hostile;
    mod mixed_inference;
    mod mixed_profile;
    mod mmrm;
    mod mmrm_directive;
    mod mmrm_hostile;
    mod mmrm_packages;
    mod redcap;
    mod render;
    mod report;
    mod rojas;
    mod stats_contingency;
    mod stats_contrasts;
    mod stats_distribution;
    mod stats_groups;
    mod stats_multivariate_t;
    mod stats_proportion;
    mod stats_reliability;
    mod stats_standardised;
    mod stats_studentized_range;
    mod stats_summary;
    mod stats_two_sample;
    mod style;
    mod support;
    mod trace;
    mod verify;
    mod whole;
}
