//! The data availability statement in the five parts of the ICMJE (Taichman et al 2017): what the authors said, word
//! for word, and where they said nothing, that they did not.

use std::fmt::Write as _;

use super::Contents;
use super::markdown::{code, line};
use crate::manifest::Access;
use crate::reader::At;
use crate::report::front_matter::Available;

const NOT_STATED: &str = "not stated by the authors";

/// The README's section.
pub(super) fn section(contents: &Contents<'_>) -> String {
    let sharing = &contents.front.sharing;
    let stated = |text: &Option<At<String>>| {
        text.as_ref()
            .map_or_else(|| NOT_STATED.to_owned(), |t| line(&t.value))
    };
    let available = match sharing.available.as_ref().map(|a| a.value) {
        Some(Available::Yes) => "yes",
        Some(Available::No) => "no",
        Some(Available::Undecided) => "undecided",
        None => NOT_STATED,
    };
    let mut text = String::from(
        "## Data availability statement\n\nIn the parts that the ICMJE asks for (Taichman et al 2017), in the authors' words.\n\n",
    );
    let parts = [
        (
            "Will individual participant data be available (including data dictionaries)?",
            available.to_owned(),
        ),
        (
            "What data in particular will be shared?",
            stated(&sharing.data),
        ),
        (
            "What other documents will be available?",
            stated(&sharing.documents),
        ),
        (
            "When will data be available (start and end dates)?",
            stated(&sharing.when),
        ),
    ];
    for (i, (question, answer)) in parts.iter().enumerate() {
        let _ = writeln!(text, "{}. {question} **{answer}**", i + 1);
    }
    let _ = writeln!(text, "5. By what access criteria will data be shared:");
    for (question, answer) in [
        ("with whom?", stated(&sharing.with_whom)),
        ("for what types of analyses?", stated(&sharing.purpose)),
        ("by what mechanism?", stated(&sharing.mechanism)),
    ] {
        let _ = writeln!(text, "   - {question} **{answer}**");
    }
    text.push_str("\nWhat this bundle does, by the project's data manifest:\n\n");
    for dataset in &contents.record.datasets {
        let what = match (dataset.access, dataset.included) {
            (Access::Restricted, _) => {
                "restricted; not in this bundle, which says how to apply for it"
            }
            (Access::External, false) => "external; not in this bundle, which says where it is",
            (Access::External, true) => {
                "external; in this bundle all the same, by a decision of those who made it"
            }
            (Access::Open, _) => "open; in this bundle",
        };
        let _ = writeln!(text, "- {}: {what}.", code(&dataset.id.to_string()));
    }
    if contents.record.datasets.is_empty() {
        text.push_str("- The report uses no data.\n");
    }
    text
}
