//! The events of the LaTeX parser as a tree.

use std::iter::Peekable;
use std::vec::IntoIter;

use pulldown_latex::event::{
    Content, DelimiterType, Dimension, DimensionUnit, EnvironmentFlow, Event, Font, Grouping,
    ScriptPosition, ScriptType, StateChange, Style, Visual,
};
use pulldown_latex::{Parser, Storage};

/// More events than this in one formula are refused: macros can multiply.
const MOST_EVENTS: usize = 20_000;
/// Deeper nesting is refused.
const DEEPEST: usize = 40;

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Upright words.
    Text(String),
    /// Digits and decimal marks.
    Number(String),
    /// The name of a function.
    Function(String),
    /// One character, in the font that holds where it stands.
    Symbol(char, Option<Font>),
    /// A delimiter of a size of its own, in em.
    Sized(char, f64),
    /// A delimiter within `\left … \right` that grows with them.
    Middle(char),
    /// A group.
    Group(Vec<Node>),
    /// What follows it is set in a size of its own.
    Styled(Style, Vec<Node>),
    /// Growing delimiters around a group.
    Fenced(Option<char>, Vec<Node>, Option<char>),
    /// A fraction; without a line if `false`.
    Fraction(Box<Node>, Box<Node>, bool),
    /// A root with its index.
    Root(Box<Node>, Option<Box<Node>>),
    /// Struck through.
    Negated(Box<Node>),
    /// A base with what is below and above it.
    Script {
        base: Box<Node>,
        below: Option<Box<Node>>,
        above: Option<Box<Node>>,
        position: ScriptPosition,
    },
    /// A blank so many em wide.
    Blank(f64),
    /// Rows of aligned cells.
    Grid(Layout, Vec<Vec<Vec<Node>>>),
}

/// How the cells of a grid are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// A matrix or array, cells centred.
    Matrix,
    /// A matrix with cells to the left.
    MatrixLeft,
    /// A matrix with cells to the right.
    MatrixRight,
    /// Cases with a brace at the left.
    Cases,
    /// Cases with a brace at the right.
    CasesRight,
    /// Equations aligned at their marks.
    Aligned,
    /// Equations below each other.
    Gathered,
}

type Events<'e> = Peekable<IntoIter<Event<'e>>>;
type Read<T> = Result<T, String>;

/// Reads a formula.
pub(super) fn parse(tex: &str) -> Read<Vec<Node>> {
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(tex, &storage) {
        events.push(event.map_err(|e| reason(&e.to_string()))?);
        if events.len() > MOST_EVENTS {
            return Err("it is too long".to_owned());
        }
    }
    let mut reader = Reader {
        events: events.into_iter().peekable(),
        depth: 0,
    };
    let nodes = reader.row(None)?;
    match reader.events.next() {
        None => Ok(nodes),
        Some(_) => Err("a group, row or cell ends that was not begun".to_owned()),
    }
}

/// The parser's reason without its drawing of the place.
fn reason(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    first
        .trim_start_matches("parsing error: ")
        .replace("unkown", "unknown")
}

struct Reader<'e> {
    events: Events<'e>,
    depth: usize,
}

impl Reader<'_> {
    /// Reads elements up to the end of the group, row or cell.
    fn row(&mut self, mut font: Option<Font>) -> Read<Vec<Node>> {
        let mut nodes = Vec::new();
        loop {
            match self.events.peek() {
                None | Some(Event::End | Event::EnvironmentFlow(_)) => return Ok(nodes),
                Some(Event::StateChange(StateChange::Font(new))) => {
                    font = *new;
                    self.events.next();
                }
                Some(Event::StateChange(StateChange::Style(style))) => {
                    let style = *style;
                    self.events.next();
                    nodes.push(Node::Styled(style, self.row(font)?));
                }
                Some(Event::StateChange(StateChange::Color(_))) => {
                    return Err("colours are not supported".to_owned());
                }
                Some(_) => nodes.push(self.element(font)?),
            }
        }
    }

    /// Reads one element.
    fn element(&mut self, font: Option<Font>) -> Read<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        let node = match self.events.next() {
            Some(Event::Content(content)) => leaf(content, font),
            Some(Event::Begin(grouping)) => self.group(grouping, font)?,
            Some(Event::Visual(visual)) => self.visual(visual, font)?,
            Some(Event::Script { ty, position }) => self.script(ty, position, font)?,
            Some(Event::Space { width, .. }) => Node::Blank(width.map_or(0.0, em)),
            Some(Event::StateChange(_) | Event::End | Event::EnvironmentFlow(_)) | None => {
                return Err("something is missing at its end".to_owned());
            }
        };
        self.depth -= 1;
        Ok(node)
    }

    fn boxed(&mut self, font: Option<Font>) -> Read<Box<Node>> {
        Ok(Box::new(self.element(font)?))
    }

    fn visual(&mut self, visual: Visual, font: Option<Font>) -> Read<Node> {
        Ok(match visual {
            Visual::SquareRoot => Node::Root(self.boxed(font)?, None),
            Visual::Root => {
                let radicand = self.boxed(font)?;
                Node::Root(radicand, Some(self.boxed(font)?))
            }
            Visual::Fraction(line) => {
                let above = self.boxed(font)?;
                let below = self.boxed(font)?;
                Node::Fraction(above, below, line.is_none_or(|d| d.value != 0.0))
            }
            Visual::Negation => Node::Negated(self.boxed(font)?),
        })
    }

    fn script(
        &mut self,
        ty: ScriptType,
        position: ScriptPosition,
        font: Option<Font>,
    ) -> Read<Node> {
        let base = self.boxed(font)?;
        let below = match ty {
            ScriptType::Superscript => None,
            _ => Some(self.boxed(font)?),
        };
        let above = match ty {
            ScriptType::Subscript => None,
            _ => Some(self.boxed(font)?),
        };
        Ok(Node::Script {
            base,
            below,
            above,
            position,
        })
    }

    fn group(&mut self, grouping: Grouping, font: Option<Font>) -> Read<Node> {
        let node = match grouping {
            Grouping::Normal => Node::Group(self.row(font)?),
            Grouping::LeftRight(open, close) => Node::Fenced(open, self.row(font)?, close),
            environment => Node::Grid(layout(&environment), self.grid()?),
        };
        match self.events.next() {
            Some(Event::End) => Ok(node),
            _ => Err("a row or cell begins where none can be".to_owned()),
        }
    }

    /// Reads the rows of an environment. A font does not hold beyond a cell.
    fn grid(&mut self) -> Read<Vec<Vec<Vec<Node>>>> {
        let mut rows = vec![vec![]];
        loop {
            let cell = self.row(None)?;
            if let Some(row) = rows.last_mut() {
                row.push(cell);
            }
            match self.events.peek() {
                Some(Event::EnvironmentFlow(EnvironmentFlow::Alignment)) => {}
                Some(Event::EnvironmentFlow(EnvironmentFlow::NewLine {
                    horizontal_lines, ..
                })) if horizontal_lines.is_empty() => rows.push(vec![]),
                Some(Event::EnvironmentFlow(_)) => {
                    return Err("lines in arrays are not supported".to_owned());
                }
                _ => return Ok(without_last_blank(rows)),
            }
            self.events.next();
        }
    }
}

/// A row break at the end of an environment begins no row.
fn without_last_blank(mut rows: Vec<Vec<Vec<Node>>>) -> Vec<Vec<Vec<Node>>> {
    if rows.len() > 1 && rows.last().is_some_and(|row| row.iter().all(Vec::is_empty)) {
        rows.pop();
    }
    rows
}

fn layout(environment: &Grouping) -> Layout {
    use pulldown_latex::event::ColumnAlignment::{Center, Left, Right};
    match environment {
        Grouping::Matrix { alignment } | Grouping::SubArray { alignment } => match alignment {
            Left => Layout::MatrixLeft,
            Right => Layout::MatrixRight,
            Center => Layout::Matrix,
        },
        Grouping::Cases { left: true } => Layout::Cases,
        Grouping::Cases { left: false } => Layout::CasesRight,
        Grouping::Align { .. }
        | Grouping::Aligned
        | Grouping::Alignat { .. }
        | Grouping::Alignedat { .. }
        | Grouping::Split => Layout::Aligned,
        Grouping::Equation { .. }
        | Grouping::Gather { .. }
        | Grouping::Gathered
        | Grouping::Multline => Layout::Gathered,
        _ => Layout::Matrix,
    }
}

fn leaf(content: Content<'_>, font: Option<Font>) -> Node {
    match content {
        Content::Text(text) => Node::Text(text.to_owned()),
        Content::Number(digits) => match font {
            None => Node::Number(digits.to_owned()),
            font => Node::Group(digits.chars().map(|c| Node::Symbol(c, font)).collect()),
        },
        Content::Function(name) => Node::Function(name.to_owned()),
        Content::Ordinary { content, .. } => Node::Symbol(content, font),
        Content::LargeOp { content, .. }
        | Content::BinaryOp { content, .. }
        | Content::Punctuation(content) => Node::Symbol(content, None),
        Content::Relation { content, .. } => relation(content),
        Content::Delimiter { content, size, ty } => match (size, ty) {
            (Some(size), _) => Node::Sized(content, delimiter_em(size)),
            (None, DelimiterType::Fence) => Node::Middle(content),
            (None, _) => Node::Symbol(content, None),
        },
    }
}

fn relation(content: pulldown_latex::event::RelationContent) -> Node {
    let mut buffer = [0; 8];
    let text = std::str::from_utf8(content.encode_utf8_to_buf(&mut buffer)).unwrap_or_default();
    let mut symbols: Vec<Node> = text.chars().map(|c| Node::Symbol(c, None)).collect();
    match symbols.len() {
        1 => symbols.remove(0),
        _ => Node::Group(symbols),
    }
}

fn delimiter_em(size: pulldown_latex::event::DelimiterSize) -> f64 {
    use pulldown_latex::event::DelimiterSize::{BIG, BIGG, Big, Bigg};
    match size {
        Big => 1.2,
        BIG => 1.8,
        Bigg => 2.4,
        BIGG => 3.0,
    }
}

/// A length in em, those in absolute units for a 10-point text.
fn em(dimension: Dimension) -> f64 {
    let per_unit = match dimension.unit {
        DimensionUnit::Em => 1.0,
        DimensionUnit::Mu => 1.0 / 18.0,
        DimensionUnit::Ex => 0.45,
        DimensionUnit::Pt => 0.1 * 72.0 / 72.27,
        DimensionUnit::Pc => 1.2 * 72.0 / 72.27,
        DimensionUnit::In => 7.2,
        DimensionUnit::Bp => 0.1,
        DimensionUnit::Cm => 7.2 / 2.54,
        DimensionUnit::Mm => 7.2 / 25.4,
        DimensionUnit::Dd => 0.107,
        DimensionUnit::Cc => 1.284,
        DimensionUnit::Sp => 0.1 / 65536.0,
    };
    (f64::from(dimension.value) * per_unit).clamp(-50.0, 50.0)
}
