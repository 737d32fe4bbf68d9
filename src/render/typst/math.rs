//! Formulas: LaTeX's notation, read by `pulldown-latex`, becomes Typst's.
//!
//! Only characters enter the source from a formula, each of them escaped, so a formula can't contain code. What Typst
//! has no counterpart for (colours, lines in arrays, phantoms) is an error rather than left out.

mod print;
mod tree;

use super::writer::Writer;
use crate::diagnostic::Diagnostic;

/// Formulas longer than this are refused; the parser's memory grows with their length.
const LONGEST: usize = 10_000;

/// What keeps a formula from being set, without its place.
pub(super) fn problem(tex: &str) -> Option<Diagnostic> {
    parse(tex).err()
}

fn parse(tex: &str) -> Result<Vec<tree::Node>, Diagnostic> {
    let parsed = if tex.len() > LONGEST {
        Err(format!("it is longer than {LONGEST} bytes"))
    } else {
        tree::parse(tex)
    };
    parsed.map_err(|reason| {
        let message = format!("the formula `{}` can't be set: {reason}", shorten(tex));
        Diagnostic::error("formula", message).help(
            "formulas are written in LaTeX's notation, such as `\\frac{a}{b}` or `\\hat\\beta_{1}`",
        )
    })
}

/// Writes a formula as an equation, displayed or within a line, with its LaTeX as what screen readers say.
pub(super) fn write(writer: &mut Writer<'_>, tex: &str, display: bool) {
    match parse(tex) {
        Ok(nodes) => {
            writer.syntax("#math.equation(block: ").flag(display);
            writer.syntax(", alt: ").string(tex.trim()).syntax(", $");
            print::row(writer, &nodes);
            writer.syntax("$)");
            writer.end_expression();
        }
        Err(diagnostic) => writer.problem(diagnostic),
    }
}

fn shorten(tex: &str) -> String {
    let mut short: String = tex
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(60)
        .collect();
    if short.len() < tex.trim().len() {
        short.push('…');
    }
    short
}
