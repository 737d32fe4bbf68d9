//! Expressions of a formula, ready to compute: what depends on the data (`scale`) is fixed.

use super::formula::{Arithmetic, Expression, Function, Span};
use super::model_data::{ModelColumn, ModelData};
use super::model_error::ModelError;

/// An expression whose data-dependent parts are known, so that it means the same for new values.
#[derive(Debug, Clone, PartialEq)]
pub enum Transform {
    /// A column's value.
    Column(String),
    /// A constant.
    Number(f64),
    /// The value with the opposite sign.
    Negative(Box<Transform>),
    /// Two values joined.
    Binary(Arithmetic, Box<Transform>, Box<Transform>),
    /// A function of the value alone.
    Apply(Function, Box<Transform>),
    /// The value less `mean`, divided by `sd`.
    Standardise {
        /// What is standardised.
        operand: Box<Transform>,
        /// Its mean in the data.
        mean: f64,
        /// Its standard deviation in the data.
        sd: f64,
    },
}

impl Transform {
    /// Fixes what an expression takes from the data. `scale` uses all present values of its argument, also in rows
    /// that another variable's missing value takes out of the model (as R does).
    pub fn prepare(
        expression: &Expression,
        data: &ModelData,
        label: &str,
        span: Span,
    ) -> Result<Self, ModelError> {
        let prepare = |part: &Expression| Self::prepare(part, data, label, span).map(Box::new);
        Ok(match expression {
            Expression::Column { name, .. } => Self::Column(name.clone()),
            Expression::Number(value) => Self::Number(*value),
            Expression::Negative(operand) => Self::Negative(prepare(operand)?),
            Expression::Binary {
                operation,
                left,
                right,
            } => Self::Binary(*operation, prepare(left)?, prepare(right)?),
            Expression::Call {
                function: Function::Scale,
                argument,
            } => {
                let operand = prepare(argument)?;
                let (mean, sd) = operand.spread(data, label, span)?;
                Self::Standardise { operand, mean, sd }
            }
            Expression::Call { function, argument } => Self::Apply(*function, prepare(argument)?),
        })
    }

    /// The name of the column, where the transform is nothing but one.
    pub fn plain_column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            _ => None,
        }
    }

    /// The value where the columns have the values that `column` gives; none where one of them is missing.
    pub fn value(&self, column: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        Some(match self {
            Self::Column(name) => column(name)?,
            Self::Number(value) => *value,
            Self::Negative(operand) => -operand.value(column)?,
            Self::Binary(operation, left, right) => {
                let (left, right) = (left.value(column)?, right.value(column)?);
                match operation {
                    Arithmetic::Add => left + right,
                    Arithmetic::Subtract => left - right,
                    Arithmetic::Multiply => left * right,
                    Arithmetic::Divide => left / right,
                    Arithmetic::Power => power(left, right),
                }
            }
            Self::Apply(function, operand) => apply(*function, operand.value(column)?),
            Self::Standardise { operand, mean, sd } => (operand.value(column)? - mean) / sd,
        })
    }

    /// The value in a row of the data; none where a column is missing there.
    pub fn row(&self, data: &ModelData, row: usize) -> Option<f64> {
        self.value(&|name| match data.column(name) {
            Some(ModelColumn::Numeric(values)) => values.get(row).copied().flatten(),
            _ => None,
        })
    }

    fn spread(&self, data: &ModelData, label: &str, span: Span) -> Result<(f64, f64), ModelError> {
        let mut values = Vec::new();
        for row in 0..data.rows() {
            if let Some(value) = self.row(data, row) {
                if !value.is_finite() {
                    let variable = label.to_owned();
                    let span = Some(span);
                    return Err(ModelError::NotFinite {
                        variable,
                        row,
                        span,
                    });
                }
                values.push(value);
            }
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values
            .iter()
            .map(|value| (value - mean) * (value - mean))
            .sum();
        let sd = (squares / (n - 1.0)).sqrt();
        if sd.is_finite() && sd > 0.0 {
            return Ok((mean, sd));
        }
        let variable = label.to_owned();
        Err(ModelError::NoSpread { variable, span })
    }
}

/// Small whole powers by multiplication, so that `x^2` is exactly `x * x` on every platform.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 2.0 {
        base * base
    } else {
        base.powf(exponent)
    }
}

fn apply(function: Function, value: f64) -> f64 {
    match function {
        Function::Identity | Function::Scale => value,
        Function::Log => value.ln(),
        Function::Log2 => value.log2(),
        Function::Log10 => value.log10(),
        Function::Log1p => value.ln_1p(),
        Function::Exp => value.exp(),
        Function::Sqrt => value.sqrt(),
        Function::Abs => value.abs(),
    }
}
