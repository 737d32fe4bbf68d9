//! Tokens to the syntax tree, with R's precedence: `^`, sign, `:`, `%in%`, `*` and `/`, `+` and `-`, `|`, `~`.

use super::syntax::{Node, NodeKind, Operator, Summand, Syntax};
use super::token::{Token, TokenKind, tokenize};
use super::{FormulaError, FormulaErrorKind, Span};

/// How deep a tree may become: far beyond any model, well within the stack.
const MAX_DEPTH: usize = 100;

/// Parses a whole formula.
pub(super) fn parse(text: &str) -> Result<Syntax, FormulaError> {
    let tokens = tokenize(text)?;
    let end = Span {
        start: text.len(),
        end: text.len(),
    };
    let mut parser = Parser {
        tokens,
        next: 0,
        depth: 0,
        end,
    };
    parser.formula()
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    end: Span,
}

impl Parser {
    fn formula(&mut self) -> Result<Syntax, FormulaError> {
        let response = if self.peek() == &TokenKind::Tilde {
            None
        } else {
            Some(self.sum()?)
        };
        self.no_bare_bar()?;
        if self.peek() != &TokenKind::Tilde {
            let help = "write `outcome ~ term + term`";
            return Err(match self.peek() {
                TokenKind::End => {
                    FormulaError::new(FormulaErrorKind::Tilde, self.span()).help(help)
                }
                _ => self.unexpected("an operator or `~`").help(help),
            });
        }
        self.advance();
        let terms = self.sum()?;
        self.no_bare_bar()?;
        match self.peek() {
            TokenKind::End => Ok(Syntax { response, terms }),
            TokenKind::Tilde => Err(FormulaError::new(FormulaErrorKind::Tilde, self.span())),
            _ => Err(self.unexpected("an operator or the formula's end")),
        }
    }

    /// Operands of `+` and `-`.
    fn sum(&mut self) -> Result<Node, FormulaError> {
        let first = self.product()?;
        let mut others = Vec::new();
        loop {
            let negative = match self.peek() {
                TokenKind::Plus => false,
                TokenKind::Minus => true,
                _ => break,
            };
            self.advance();
            let node = self.product()?;
            others.push(Summand { negative, node });
        }
        flat_sum(first, others)
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        self.chain(Self::within, |kind| match kind {
            TokenKind::Star => Some(Operator::Times),
            TokenKind::Slash => Some(Operator::Divide),
            _ => None,
        })
    }

    fn within(&mut self) -> Result<Node, FormulaError> {
        self.chain(Self::interaction, |kind| {
            (kind == &TokenKind::In).then_some(Operator::In)
        })
    }

    fn interaction(&mut self) -> Result<Node, FormulaError> {
        self.chain(Self::sign, |kind| {
            (kind == &TokenKind::Colon).then_some(Operator::Interact)
        })
    }

    /// Operands of left-associative operators of one precedence.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<Node, FormulaError>,
        operator_of: fn(&TokenKind) -> Option<Operator>,
    ) -> Result<Node, FormulaError> {
        let mut left = operand(self)?;
        while let Some(operator) = operator_of(self.peek()) {
            self.advance();
            let right = operand(self)?;
            left = binary(operator, left, right)?;
        }
        Ok(left)
    }

    /// A signed power.
    fn sign(&mut self) -> Result<Node, FormulaError> {
        let negative = match self.peek() {
            TokenKind::Plus => false,
            TokenKind::Minus => true,
            _ => return self.power(),
        };
        let start = self.span();
        self.advance();
        let operand = self.deeper(Self::sign)?;
        let (span, depth) = (start.to(operand.span), operand.depth);
        let kind = NodeKind::Sign {
            negative,
            operand: Box::new(operand),
        };
        node(kind, span, depth)
    }

    /// An atom, perhaps raised to a power, which associates to the right and may have a sign.
    fn power(&mut self) -> Result<Node, FormulaError> {
        let base = self.atom()?;
        if self.peek() != &TokenKind::Caret {
            return Ok(base);
        }
        self.advance();
        let exponent = self.deeper(Self::sign)?;
        binary(Operator::Power, base, exponent)
    }

    fn atom(&mut self) -> Result<Node, FormulaError> {
        let span = self.span();
        match self.peek().clone() {
            TokenKind::Name(name) => {
                self.advance();
                if self.peek() == &TokenKind::Open {
                    self.call(name, span)
                } else {
                    node(NodeKind::Name(name), span, 0)
                }
            }
            TokenKind::Number(value) => {
                self.advance();
                node(NodeKind::Number(value), span, 0)
            }
            TokenKind::Open => self.parentheses(),
            _ => Err(self.unexpected("a variable, a number or a parenthesis")),
        }
    }

    fn call(&mut self, function: String, function_span: Span) -> Result<Node, FormulaError> {
        let open = self.span();
        self.advance();
        let mut arguments = Vec::new();
        if self.peek() != &TokenKind::Close {
            arguments.push(self.deeper(Self::sum)?);
            while self.peek() == &TokenKind::Comma {
                self.advance();
                arguments.push(self.deeper(Self::sum)?);
            }
        }
        let close = self.close(open)?;
        let depth = arguments.iter().map(|argument| argument.depth).max();
        let kind = NodeKind::Call {
            function,
            function_span,
            arguments,
        };
        node(kind, function_span.to(close), depth.unwrap_or(0))
    }

    fn parentheses(&mut self) -> Result<Node, FormulaError> {
        let open = self.span();
        self.advance();
        let left = self.deeper(Self::sum)?;
        let correlated = match self.peek() {
            TokenKind::Bar => Some(true),
            TokenKind::DoubleBar => Some(false),
            _ => None,
        };
        let inner = match correlated {
            None => left,
            Some(correlated) => {
                self.advance();
                let right = self.deeper(Self::sum)?;
                let (span, depth) = (left.span.to(right.span), left.depth.max(right.depth));
                let kind = NodeKind::Bar {
                    correlated,
                    left: Box::new(left),
                    right: Box::new(right),
                };
                node(kind, span, depth)?
            }
        };
        let (close, depth) = (self.close(open)?, inner.depth);
        node(
            NodeKind::Parenthesised(Box::new(inner)),
            open.to(close),
            depth,
        )
    }

    /// The closing parenthesis for one that was opened at `open`.
    fn close(&mut self, open: Span) -> Result<Span, FormulaError> {
        let span = self.span();
        match self.peek() {
            TokenKind::Close => {
                self.advance();
                Ok(span)
            }
            TokenKind::End => Err(FormulaError::new(FormulaErrorKind::Unclosed, open)),
            _ => Err(self.unexpected("an operator or `)`")),
        }
    }

    /// A bar outside parentheses gets its own message: it is an easy mistake.
    fn no_bare_bar(&self) -> Result<(), FormulaError> {
        match self.peek() {
            TokenKind::Bar | TokenKind::DoubleBar => Err(FormulaError::new(
                FormulaErrorKind::MisplacedBar,
                self.span(),
            )
            .help("write random effects in parentheses: `(1 | participant)`")),
            _ => Ok(()),
        }
    }

    fn deeper(
        &mut self,
        parse: fn(&mut Self) -> Result<Node, FormulaError>,
    ) -> Result<Node, FormulaError> {
        if self.depth >= MAX_DEPTH {
            return Err(FormulaError::new(FormulaErrorKind::TooDeep, self.span()));
        }
        self.depth += 1;
        let node = parse(self);
        self.depth -= 1;
        node
    }

    fn peek(&self) -> &TokenKind {
        self.tokens
            .get(self.next)
            .map_or(&TokenKind::End, |token| &token.kind)
    }

    fn span(&self) -> Span {
        self.tokens
            .get(self.next)
            .map_or(self.end, |token| token.span)
    }

    fn advance(&mut self) {
        self.next += 1;
    }

    fn unexpected(&self, expected: &'static str) -> FormulaError {
        let found = match self.peek() {
            TokenKind::End => "the formula's end".to_owned(),
            TokenKind::Name(name) => format!("the name `{name}`"),
            TokenKind::Number(value) => format!("the number {value}"),
            kind => format!("`{}`", symbol(kind)),
        };
        FormulaError::new(
            FormulaErrorKind::Unexpected { found, expected },
            self.span(),
        )
    }
}

/// How an operator or separator is written.
fn symbol(kind: &TokenKind) -> &'static str {
    match kind {
        TokenKind::Tilde => "~",
        TokenKind::Plus => "+",
        TokenKind::Minus => "-",
        TokenKind::Star => "*",
        TokenKind::Slash => "/",
        TokenKind::Caret => "^",
        TokenKind::Colon => ":",
        TokenKind::In => "%in%",
        TokenKind::Open => "(",
        TokenKind::Close => ")",
        TokenKind::Comma => ",",
        TokenKind::Bar => "|",
        TokenKind::DoubleBar => "||",
        TokenKind::Name(_) | TokenKind::Number(_) | TokenKind::End => "",
    }
}

/// A node over others, the deepest of which has the given depth.
fn node(kind: NodeKind, span: Span, depth_below: usize) -> Result<Node, FormulaError> {
    let depth = depth_below + 1;
    if depth > MAX_DEPTH {
        return Err(FormulaError::new(FormulaErrorKind::TooDeep, span));
    }
    Ok(Node { kind, span, depth })
}

fn binary(operator: Operator, left: Node, right: Node) -> Result<Node, FormulaError> {
    let (span, depth) = (left.span.to(right.span), left.depth.max(right.depth));
    let kind = NodeKind::Binary {
        operator,
        left: Box::new(left),
        right: Box::new(right),
    };
    node(kind, span, depth)
}

/// Summands as one node; a sum of one is that one.
fn flat_sum(first: Node, others: Vec<Summand>) -> Result<Node, FormulaError> {
    if others.is_empty() {
        return Ok(first);
    }
    let (mut span, mut depth) = (first.span, first.depth);
    for summand in &others {
        span = span.to(summand.node.span);
        depth = depth.max(summand.node.depth);
    }
    let mut summands = vec![Summand {
        negative: false,
        node: first,
    }];
    summands.extend(others);
    node(NodeKind::Sum(summands), span, depth)
}
