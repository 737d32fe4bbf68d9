//! Where tables and figures go: in the flow of the text where there is room, else to the head of the next page, so that
//! the text goes on and no page stays half empty.
//!
//! What is decided here is written into the source. Left to the engine, each decision would wait for those before it,
//! and it gives up after five rounds.

use std::collections::BTreeSet;

use typst::foundations::Label;
use typst::introspection::Introspector;
use typst::utils::PicoStr;
use typst_layout::PagedDocument;

use super::super::engine::ClosedWorld;
use crate::diagnostic::Diagnostics;

/// The next table or figure, of `labels` in their order, that must float because it does not stand on the page where
/// the text comes to it; none when all are well placed.
pub(super) fn misplaced(
    world: &ClosedWorld,
    labels: &[String],
    floats: &BTreeSet<String>,
) -> Result<Option<String>, Diagnostics> {
    if labels.is_empty() {
        return Ok(None);
    }
    let pages = world.pages()?;
    let mut reached = 0;
    for label in labels {
        let (Some(marked), Some(placed)) = (page(&pages, &mark(label)), page(&pages, label)) else {
            continue;
        };
        // One that floats stays behind those that floated before it.
        if !floats.contains(label) && (placed > marked || placed < reached) {
            return Ok(Some(label.clone()));
        }
        reached = reached.max(placed);
    }
    Ok(None)
}

/// The label of the place in the text where a table or figure would stand; long tables have none, they may break.
fn mark(label: &str) -> String {
    format!("place of {label}")
}

fn page(pages: &PagedDocument, label: &str) -> Option<usize> {
    let label = Label::new(PicoStr::intern(label))?;
    let introspector = pages.introspector();
    let location = introspector.query_label(label).ok()?.location()?;
    introspector.position(location).map(|p| p.page.get())
}
