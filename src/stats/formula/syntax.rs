//! The syntax tree of a formula: what was written, before it means anything.

/// A range of bytes of the formula's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl Span {
    /// The smallest span that contains both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

impl From<Span> for std::ops::Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

/// A formula's two sides.
#[derive(Debug)]
pub(super) struct Syntax {
    /// Left of the tilde.
    pub response: Option<Node>,
    /// Right of the tilde.
    pub terms: Node,
}

/// A piece of a formula with its place.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub span: Span,
    /// How many nodes lie on the longest way down, itself included.
    pub depth: usize,
}

/// The pieces; sums are flat, so that a long sum is not a deep tree.
#[derive(Debug)]
pub(super) enum NodeKind {
    Name(String),
    Number(f64),
    Call {
        function: String,
        function_span: Span,
        arguments: Vec<Node>,
    },
    Sign {
        negative: bool,
        operand: Box<Node>,
    },
    Sum(Vec<Summand>),
    Binary {
        operator: Operator,
        left: Box<Node>,
        right: Box<Node>,
    },
    Parenthesised(Box<Node>),
    Bar {
        correlated: bool,
        left: Box<Node>,
        right: Box<Node>,
    },
}

/// An operand of `+` or `-`.
#[derive(Debug)]
pub(super) struct Summand {
    pub negative: bool,
    pub node: Node,
}

/// The binary operators other than `+` and `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Times,
    Divide,
    In,
    Interact,
    Power,
}
