//! The tree of a formula in Typst's notation.

use pulldown_latex::event::{Font, ScriptPosition, Style};

use super::super::writer::Writer;
use super::tree::{Layout, Node};

/// Writes pieces one after the other at the top of a formula, where rows may be aligned.
pub(super) fn row(writer: &mut Writer<'_>, nodes: &[Node]) {
    match nodes {
        [Node::Grid(Layout::Aligned | Layout::Gathered, rows)] => {
            for (index, cells) in rows.iter().enumerate() {
                if index > 0 {
                    writer.syntax(" \\ ");
                }
                for (index, cell) in cells.iter().enumerate() {
                    if index > 0 {
                        writer.syntax(" & ");
                    }
                    sequence(writer, cell);
                }
            }
        }
        nodes => sequence(writer, nodes),
    }
}

/// Writes pieces with blanks between them, but none beside words: there Typst would print it.
fn sequence(writer: &mut Writer<'_>, nodes: &[Node]) {
    if nodes.is_empty() {
        writer.syntax("\"\"");
    }
    let mut after_words = true;
    for node in nodes {
        let words = matches!(node, Node::Text(_));
        if !words && !after_words {
            writer.syntax(" ");
        }
        after_words = words;
        self::node(writer, node);
    }
}

fn node(writer: &mut Writer<'_>, node: &Node) {
    match node {
        Node::Text(text) => {
            writer.string(text);
        }
        Node::Number(digits) => number(writer, digits),
        Node::Function(name) => function(writer, name, false),
        Node::Symbol(c, font) => symbol(writer, *c, *font),
        Node::Sized(c, size) => {
            writer.syntax("lr(size: #").em(*size).syntax(", ");
            writer.symbol(*c);
            writer.syntax(")");
        }
        Node::Middle(c) => {
            writer.syntax("mid(");
            writer.symbol(*c);
            writer.syntax(")");
        }
        Node::Group(nodes) => sequence(writer, nodes),
        Node::Styled(style, nodes) => {
            writer.syntax(match style {
                Style::Display => "display(",
                Style::Text => "inline(",
                Style::Script => "script(",
                Style::ScriptScript => "sscript(",
            });
            sequence(writer, nodes);
            writer.syntax(")");
        }
        Node::Fenced(open, nodes, close) => fenced(writer, *open, nodes, *close),
        Node::Fraction(above, below, true) => call(writer, "frac(", &[above, below]),
        Node::Fraction(above, below, false) => {
            writer.syntax("mat(delim: #none, ");
            self::node(writer, above);
            writer.syntax("; ");
            self::node(writer, below);
            writer.syntax(")");
        }
        Node::Root(radicand, None) => call(writer, "sqrt(", &[radicand]),
        Node::Root(radicand, Some(index)) => call(writer, "root(", &[index, radicand]),
        Node::Negated(inner) => negated(writer, inner),
        Node::Script {
            base,
            below,
            above,
            position,
        } => script(writer, base, below.as_deref(), above.as_deref(), *position),
        Node::Blank(width) => {
            writer.syntax("#h(").em(*width).syntax(")");
        }
        Node::Grid(layout, rows) => grid(writer, *layout, rows),
    }
}

fn call(writer: &mut Writer<'_>, function: &'static str, arguments: &[&Node]) {
    writer.syntax(function);
    for (index, argument) in arguments.iter().enumerate() {
        if index > 0 {
            writer.syntax(", ");
        }
        node(writer, argument);
    }
    writer.syntax(")");
}

fn number(writer: &mut Writer<'_>, digits: &str) {
    for c in digits.chars() {
        writer.symbol(c);
    }
}

fn function(writer: &mut Writer<'_>, name: &str, limits: bool) {
    writer.syntax("op(").string(name);
    writer.syntax(if limits { ", limits: #true)" } else { ")" });
}

fn symbol(writer: &mut Writer<'_>, c: char, font: Option<Font>) {
    let functions = font.map_or(&[][..], functions_of);
    for function in functions {
        writer.syntax(function);
    }
    writer.symbol(c);
    for _ in functions {
        writer.syntax(")");
    }
}

fn functions_of(font: Font) -> &'static [&'static str] {
    match font {
        Font::BoldScript => &["bold(", "cal("],
        Font::BoldItalic => &["bold(", "italic("],
        Font::Bold => &["upright(", "bold("],
        Font::BoldSymbol => &["bold("],
        Font::Fraktur => &["frak("],
        Font::Script => &["cal("],
        Font::Monospace => &["mono("],
        Font::SansSerif => &["upright(", "sans("],
        Font::DoubleStruck | Font::DoubleStruckItalic => &["bb("],
        Font::Italic => &["italic("],
        Font::BoldFraktur => &["bold(", "frak("],
        Font::SansSerifBoldItalic => &["bold(", "italic(", "sans("],
        Font::SansSerifItalic => &["italic(", "sans("],
        Font::BoldSansSerif => &["upright(", "bold(", "sans("],
        Font::UpRight => &["upright("],
    }
}

fn fenced(writer: &mut Writer<'_>, open: Option<char>, nodes: &[Node], close: Option<char>) {
    writer.syntax("lr(");
    if let Some(c) = open {
        writer.symbol(c);
        writer.syntax(" ");
    }
    sequence(writer, nodes);
    if let Some(c) = close {
        writer.syntax(" ");
        writer.symbol(c);
    }
    writer.syntax(")");
}

fn negated(writer: &mut Writer<'_>, inner: &Node) {
    let known = match inner {
        Node::Symbol('=', _) => Some('≠'),
        Node::Symbol('∈', _) => Some('∉'),
        Node::Symbol('<', _) => Some('≮'),
        Node::Symbol('>', _) => Some('≯'),
        Node::Symbol('≤', _) => Some('≰'),
        Node::Symbol('≥', _) => Some('≱'),
        Node::Symbol('∼', _) => Some('≁'),
        Node::Symbol('≈', _) => Some('≉'),
        Node::Symbol('≡', _) => Some('≢'),
        Node::Symbol('⊂', _) => Some('⊄'),
        Node::Symbol('∃', _) => Some('∄'),
        _ => None,
    };
    match known {
        Some(c) => writer.symbol(c),
        None => call(writer, "cancel(", &[inner]),
    }
}

fn script(
    writer: &mut Writer<'_>,
    base: &Node,
    below: Option<&Node>,
    above: Option<&Node>,
    position: ScriptPosition,
) {
    if position == ScriptPosition::AboveBelow
        && let Some(function) = decoration(below, above)
    {
        return call(writer, function, &[base]);
    }
    writer.syntax("attach(");
    match (position, base) {
        (ScriptPosition::Movable, Node::Function(name)) => function(writer, name, true),
        (ScriptPosition::Movable | ScriptPosition::Right, base) => node(writer, base),
        (ScriptPosition::AboveBelow, base) => call(writer, "limits(", &[base]),
    }
    for (name, content) in [(", b: ", below), (", t: ", above)] {
        if let Some(content) = content {
            writer.syntax(name);
            node(writer, content);
        }
    }
    writer.syntax(")");
}

/// Accents, lines and braces over or under a base, which LaTeX's parser hands over as scripts.
fn decoration(below: Option<&Node>, above: Option<&Node>) -> Option<&'static str> {
    match (below, above) {
        (None, Some(Node::Symbol(c, _))) => Some(match c {
            '^' | '\u{302}' | 'ˆ' => "hat(",
            '~' | '\u{303}' | '˜' => "tilde(",
            '‾' | '¯' | '\u{305}' | '_' => "overline(",
            '→' | '\u{20d7}' => "arrow(",
            '˙' | '\u{307}' => "dot(",
            '¨' | '\u{308}' => "dot.double(",
            'ˇ' | '\u{30c}' => "caron(",
            '˘' | '\u{306}' => "breve(",
            '´' | '\u{301}' => "acute(",
            '`' | '\u{300}' => "grave(",
            '˚' | '\u{30a}' => "circle(",
            '⏞' => "overbrace(",
            '⎴' => "overbracket(",
            _ => return None,
        }),
        (Some(Node::Symbol(c, _)), None) => Some(match c {
            '_' | '‾' | '\u{332}' => "underline(",
            '⏟' => "underbrace(",
            '⎵' => "underbracket(",
            _ => return None,
        }),
        _ => None,
    }
}

fn grid(writer: &mut Writer<'_>, layout: Layout, rows: &[Vec<Vec<Node>>]) {
    let cases = matches!(layout, Layout::Cases | Layout::CasesRight);
    writer.syntax(match layout {
        Layout::Cases => "cases(",
        Layout::CasesRight => "cases(reverse: #true, ",
        Layout::MatrixLeft => "mat(delim: #none, align: #left, ",
        Layout::MatrixRight => "mat(delim: #none, align: #right, ",
        Layout::Aligned | Layout::Matrix | Layout::Gathered => "mat(delim: #none, ",
    });
    for (index, cells) in rows.iter().enumerate() {
        if index > 0 {
            writer.syntax(if cases { ", " } else { "; " });
        }
        for (index, cell) in cells.iter().enumerate() {
            if index > 0 {
                writer.syntax(if cases { " & " } else { ", " });
            }
            sequence(writer, cell);
        }
    }
    writer.syntax(")");
}
