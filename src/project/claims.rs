//! A report's claims: judged with its numbers, for the document and for what is said of them.

use super::make::Content;
use super::prepare::Loaded;
use crate::claims::{self, Claims, Judgement, judge};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::with_claims;
use crate::report::Report;
use crate::statistic::ResultSet;
use crate::style::JournalStyle;

/// The content with the appendix of claims, if the report has claims and wants it.
pub(super) fn set_beside(
    loaded: &Loaded,
    style: &JournalStyle,
    mut content: Content,
) -> (Content, Diagnostics) {
    let Some((_, claims)) = &loaded.claims else {
        return (content, Diagnostics::new());
    };
    let (judgement, diagnostics) = judged(claims, &content.results);
    if loaded.report.front.claims && !claims.all.is_empty() {
        let linked = content.document.appendix.is_some();
        let appendix = claims::appendix(claims, &judgement, style, linked);
        content.document = with_claims(content.document, appendix, &loaded.report);
    }
    (content, diagnostics)
}

/// The claims with their verdicts. What `claims` fails for is only a warning: the report itself is right.
pub(super) fn judged<'c>(claims: &'c Claims, results: &ResultSet) -> (Judgement<'c>, Diagnostics) {
    let (judgement, found) = judge(claims, results);
    let told = |d: &Diagnostic| d.code != "claim-contradicted";
    let mut diagnostics: Diagnostics = found.into_iter().filter(told).collect();
    let mut failing = judgement.all.iter().filter(|j| j.fails());
    if let Some(first) = failing.next() {
        let message = match 1 + failing.count() {
            1 => "a published value is contradicted".to_owned(),
            n => format!("{n} published values are contradicted, this one first"),
        };
        let warning = Diagnostic::warning("claim-contradicted", message)
            .at(first.claim.span.clone())
            .help("`trialbook claims` shows them; mark known misprints with `misprint = \"why\"`");
        diagnostics.push(warning);
    }
    (judgement, diagnostics)
}

/// Reports claims about a statistic whose label no directive has, of a report whose numbers are not known.
pub(super) fn check_labels(claims: &Claims, report: &Report, diagnostics: &mut Diagnostics) {
    let labels = || report.directives.iter().map(|d| d.label.value.as_str());
    diagnostics.extend(claims::unknown_labels(claims, labels));
}
