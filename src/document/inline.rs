//! Runs of the style as pieces of a line.

use super::{Inline, Printing};
use crate::figure::{TextRun, Weight};
use crate::statistic::StatId;
use crate::style::{Rich, Run, StyleRule};

/// A styled line as inlines.
pub(super) fn inlines(rich: &Rich) -> Vec<Inline> {
    rich.0.iter().map(inline).collect()
}

fn inline(run: &Run) -> Inline {
    let mut inline = Inline::text(&run.text);
    if run.italic {
        inline = Inline::Emph {
            content: vec![inline],
        };
    }
    if run.superscript {
        inline = Inline::Superscript {
            content: vec![inline],
        };
    }
    inline
}

/// A styled line that shows statistics, with the rule that printed it.
pub(super) fn value(rich: &Rich, stats: Vec<StatId>, rule: StyleRule) -> Inline {
    let printing = Printing {
        text: rich.text(),
        rule,
    };
    Inline::Value {
        content: inlines(rich),
        stats,
        printing: Some(Box::new(printing)),
    }
}

/// A styled line as runs of a drawing.
pub(super) fn text_runs(rich: &Rich) -> Vec<TextRun> {
    let run = |run: &Run| TextRun {
        text: run.text.clone(),
        weight: Weight::Regular,
        italic: run.italic,
        superscript: run.superscript,
    };
    rich.0.iter().map(run).collect()
}
