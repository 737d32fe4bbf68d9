//! Expressions of columns: what stands inside `I()`, `log()` and the like, and left of the tilde.

use super::syntax::{Node, NodeKind, Operator, Summand};
use super::token::is_plain_name;
use super::{FormulaError, FormulaErrorKind, Span};

/// The value of a variable in terms of columns.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A column's own value; the only one that may be a factor.
    Column {
        /// The column's name, without backticks.
        name: String,
        /// Where it stands.
        span: Span,
    },
    /// A constant.
    Number(f64),
    /// The value with the opposite sign.
    Negative(Box<Expression>),
    /// Two values joined.
    Binary {
        /// How.
        operation: Arithmetic,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// A function's value.
    Call {
        /// The function.
        function: Function,
        /// Its argument.
        argument: Box<Expression>,
    },
}

/// The operations of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `^`
    Power,
}

/// The functions that a formula may call, each of one argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `I(x)`: the value itself; lets `+`, `*`, `^` mean arithmetic.
    Identity,
    /// Natural logarithm.
    Log,
    /// Logarithm to base 2.
    Log2,
    /// Logarithm to base 10.
    Log10,
    /// `log(1 + x)`, exact for small `x`.
    Log1p,
    /// Exponential.
    Exp,
    /// Square root.
    Sqrt,
    /// Absolute value.
    Abs,
    /// `scale(x)`: less the mean, divided by the standard deviation of all its present values.
    Scale,
}

impl Function {
    /// All functions, in the order in which help lists them.
    pub const ALL: [Self; 9] = [
        Self::Identity,
        Self::Log,
        Self::Log2,
        Self::Log10,
        Self::Log1p,
        Self::Exp,
        Self::Sqrt,
        Self::Abs,
        Self::Scale,
    ];

    /// The function's name in a formula.
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "I",
            Self::Log => "log",
            Self::Log2 => "log2",
            Self::Log10 => "log10",
            Self::Log1p => "log1p",
            Self::Exp => "exp",
            Self::Sqrt => "sqrt",
            Self::Abs => "abs",
            Self::Scale => "scale",
        }
    }

    /// The function of that name.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|function| function.name() == name)
    }
}

impl Arithmetic {
    fn of_operator(operator: Operator) -> Option<Self> {
        match operator {
            Operator::Times => Some(Self::Multiply),
            Operator::Divide => Some(Self::Divide),
            Operator::Power => Some(Self::Power),
            Operator::In | Operator::Interact => None,
        }
    }
}

impl Expression {
    /// Calls `visit` with the name of every column, repeated ones too.
    pub fn for_each_column<'a>(&'a self, visit: &mut dyn FnMut(&'a str)) {
        match self {
            Self::Column { name, .. } => visit(name),
            Self::Number(_) => {}
            Self::Negative(operand) => operand.for_each_column(visit),
            Self::Binary { left, right, .. } => {
                left.for_each_column(visit);
                right.for_each_column(visit);
            }
            Self::Call { argument, .. } => argument.for_each_column(visit),
        }
    }
}

/// Reads a tree as a variable: its expression and canonical label.
pub(super) fn variable(node: &Node) -> Result<(Expression, String), FormulaError> {
    let expression = expression(node)?;
    let mut has_column = false;
    expression.for_each_column(&mut |_| has_column = true);
    if !has_column {
        return Err(FormulaError::new(FormulaErrorKind::NoColumn, node.span));
    }
    let mut label = String::new();
    write_label(node, &mut label);
    Ok((expression, label))
}

fn expression(node: &Node) -> Result<Expression, FormulaError> {
    match &node.kind {
        NodeKind::Name(name) if name == "." => {
            Err(FormulaError::new(FormulaErrorKind::Dot, node.span))
        }
        NodeKind::Name(name) => Ok(Expression::Column {
            name: name.clone(),
            span: node.span,
        }),
        NodeKind::Number(value) => Ok(Expression::Number(*value)),
        NodeKind::Parenthesised(inner) => expression(inner),
        NodeKind::Sign { negative, operand } => {
            let operand = expression(operand)?;
            Ok(if *negative {
                Expression::Negative(Box::new(operand))
            } else {
                operand
            })
        }
        NodeKind::Sum(summands) => sum(node, summands),
        NodeKind::Binary {
            operator,
            left,
            right,
        } => match Arithmetic::of_operator(*operator) {
            Some(operation) => Ok(binary(operation, expression(left)?, expression(right)?)),
            None => Err(not_arithmetic("an interaction", node.span)),
        },
        NodeKind::Call {
            function,
            function_span,
            arguments,
        } => call(node, function, *function_span, arguments),
        NodeKind::Bar { .. } => Err(not_arithmetic("a random-effect bar", node.span)),
    }
}

/// A sum nests to the left, so its length is a depth.
const MAX_SUMMANDS: usize = 100;

fn sum(node: &Node, summands: &[Summand]) -> Result<Expression, FormulaError> {
    if summands.len() > MAX_SUMMANDS {
        return Err(FormulaError::new(FormulaErrorKind::TooDeep, node.span)
            .help("derive a column with the sum and name it here"));
    }
    let mut total = None;
    for summand in summands {
        let right = expression(&summand.node)?;
        let operation = if summand.negative {
            Arithmetic::Subtract
        } else {
            Arithmetic::Add
        };
        total = Some(match total {
            None => right,
            Some(left) => binary(operation, left, right),
        });
    }
    total.ok_or_else(|| not_arithmetic("an empty sum", node.span))
}

fn binary(operation: Arithmetic, left: Expression, right: Expression) -> Expression {
    Expression::Binary {
        operation,
        left: Box::new(left),
        right: Box::new(right),
    }
}

fn not_arithmetic(what: &'static str, span: Span) -> FormulaError {
    FormulaError::new(FormulaErrorKind::NotArithmetic(what), span)
}

fn call(
    node: &Node,
    name: &str,
    name_span: Span,
    arguments: &[Node],
) -> Result<Expression, FormulaError> {
    let Some(function) = Function::of_name(name) else {
        return Err(unknown_function(name, name_span));
    };
    let [argument] = arguments else {
        let kind = FormulaErrorKind::ArgumentCount {
            function: name.to_owned(),
            found: arguments.len(),
        };
        return Err(FormulaError::new(kind, node.span));
    };
    Ok(Expression::Call {
        function,
        argument: Box::new(expression(argument)?),
    })
}

fn unknown_function(name: &str, span: Span) -> FormulaError {
    let known: Vec<&str> = Function::ALL.into_iter().map(Function::name).collect();
    let refused = |help: &str| {
        FormulaError::new(FormulaErrorKind::RefusedFunction(name.to_owned()), span).help(help)
    };
    match name {
        "offset" => refused("derive the outcome less the offset and model that"),
        "poly" | "ns" | "bs" | "spline" => refused("write the powers out: `x + I(x^2)`"),
        "factor" | "as.factor" | "relevel" | "C" => refused(
            "give the column categories in its codebook, and the reference in the directive",
        ),
        "cbind" => refused("a model has one outcome"),
        _ => FormulaError::new(FormulaErrorKind::UnknownFunction(name.to_owned()), span)
            .help(format!("the functions are {}", known.join(", "))),
    }
}

/// A column's name as a formula must write it.
pub(super) fn quoted(name: &str) -> String {
    if is_plain_name(name) {
        name.to_owned()
    } else {
        format!("`{name}`")
    }
}

/// Writes a tree as R deparses it: spaces around `+`, `-` and `*`, none around `/`, `^` and `:`.
fn write_label(node: &Node, out: &mut String) {
    match &node.kind {
        NodeKind::Name(name) => out.push_str(&quoted(name)),
        NodeKind::Number(value) => out.push_str(&value.to_string()),
        NodeKind::Parenthesised(inner) => {
            out.push('(');
            write_label(inner, out);
            out.push(')');
        }
        NodeKind::Sign { negative, operand } => {
            out.push(if *negative { '-' } else { '+' });
            write_label(operand, out);
        }
        NodeKind::Sum(summands) => {
            for (index, summand) in summands.iter().enumerate() {
                if index > 0 {
                    out.push_str(if summand.negative { " - " } else { " + " });
                }
                write_label(&summand.node, out);
            }
        }
        NodeKind::Binary {
            operator,
            left,
            right,
        } => {
            write_label(left, out);
            out.push_str(match operator {
                Operator::Times => " * ",
                Operator::Divide => "/",
                Operator::Power => "^",
                Operator::In => " %in% ",
                Operator::Interact => ":",
            });
            write_label(right, out);
        }
        NodeKind::Call {
            function,
            arguments,
            ..
        } => {
            out.push_str(function);
            out.push('(');
            for (index, argument) in arguments.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_label(argument, out);
            }
            out.push(')');
        }
        NodeKind::Bar {
            correlated,
            left,
            right,
        } => {
            write_label(left, out);
            out.push_str(if *correlated { " | " } else { " || " });
            write_label(right, out);
        }
    }
}
