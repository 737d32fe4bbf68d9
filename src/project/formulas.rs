//! Formulas are tried before anything is computed, while it is known where they stand.

use crate::diagnostic::{Diagnostics, Span};
use crate::render::typst::formula_problem;
use crate::report::ast::Part;
use crate::report::{Block, Inline, Report};

/// Reports the formulas that can't be set.
pub(super) fn check(report: &Report, diagnostics: &mut Diagnostics) {
    let mut formula = |tex: &str, span: &Span| {
        diagnostics.extend(formula_problem(tex).map(|d| d.at(span.clone())));
    };
    for inline in report.inlines() {
        if let Inline::Math { tex, span } = inline {
            formula(tex, span);
        }
    }
    for block in &report.blocks {
        block.visit(&mut |part| {
            if let Part::Block(Block::Math { tex, span }) = part {
                formula(tex, span);
            }
        });
    }
}
