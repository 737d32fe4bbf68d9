//! Unconstrained minimisation by quasi-Newton steps.
//!
//! The update is that of Broyden, Fletcher, Goldfarb and Shanno; the step length satisfies the weak Wolfe conditions
//! and is found by bisection (Lewis & Overton 2013). No bounds are needed for relative Cholesky factors: the sign of a
//! column of Λ changes nothing, so a variance of zero lies in the interior.

use nalgebra::{DMatrix, DVector};

const MAX_ITERATIONS: usize = 400;
const MAX_STEPS: usize = 60;
/// The share of a value that is rounding error.
const ROUNDING: f64 = 4e-16;

/// A function's value and gradient; none outside its domain.
pub(in super::super) type Objective<'a> =
    dyn FnMut(&DVector<f64>) -> Option<(f64, DVector<f64>)> + 'a;

/// Where a minimisation ended.
#[derive(Debug, Clone)]
pub(in super::super) struct Minimum {
    pub x: DVector<f64>,
    pub value: f64,
    pub gradient: DVector<f64>,
    /// The approximate inverse of the Hessian, for the next, similar problem.
    pub inverse_hessian: DMatrix<f64>,
}

/// Minimises from `start`, until a step is expected to gain less than `enough`; `inverse_hessian` is that of a similar
/// problem, if there was one.
pub(in super::super) fn minimise(
    objective: &mut Objective,
    start: DVector<f64>,
    inverse_hessian: Option<DMatrix<f64>>,
    enough: f64,
) -> Option<Minimum> {
    let n = start.len();
    let (value, gradient) = objective(&start)?;
    let mut warm = inverse_hessian.is_some();
    let mut at = Minimum {
        x: start,
        value,
        gradient,
        inverse_hessian: inverse_hessian.unwrap_or_else(|| DMatrix::identity(n, n)),
    };
    if n == 0 {
        return Some(at);
    }
    if !warm {
        at.inverse_hessian /= at.gradient.norm().max(1.0);
    }
    for iteration in 0..MAX_ITERATIONS {
        let mut direction = -(&at.inverse_hessian * &at.gradient);
        let mut slope = at.gradient.dot(&direction);
        if slope.is_nan() || slope > 0.0 {
            at.inverse_hessian = DMatrix::identity(n, n) / at.gradient.norm().max(1.0);
            direction = -(&at.inverse_hessian * &at.gradient);
            slope = at.gradient.dot(&direction);
        }
        if -slope <= enough + ROUNDING * at.value.abs() && (warm || iteration > 0) {
            break;
        }
        let Some((step, value, gradient)) = line_search(objective, &at, &direction, slope) else {
            if warm {
                // The borrowed Hessian misled.
                warm = false;
                at.inverse_hessian = DMatrix::identity(n, n) / at.gradient.norm().max(1.0);
                continue;
            }
            break;
        };
        let moved = direction * step;
        let turned = &gradient - &at.gradient;
        if iteration == 0 && !warm && moved.dot(&turned) > 0.0 {
            at.inverse_hessian =
                DMatrix::identity(n, n) * (moved.dot(&turned) / turned.norm_squared());
        }
        update(&mut at.inverse_hessian, &moved, &turned);
        at.x += moved;
        at.value = value;
        at.gradient = gradient;
    }
    Some(at)
}

/// The update of an inverse Hessian by a step and the gradient's change along it.
fn update(inverse: &mut DMatrix<f64>, moved: &DVector<f64>, turned: &DVector<f64>) {
    let curvature = moved.dot(turned);
    if curvature <= 1e-14 * moved.norm() * turned.norm() {
        return;
    }
    let image = &*inverse * turned;
    let weight = (1.0 + turned.dot(&image) / curvature) / curvature;
    *inverse += moved * moved.transpose() * weight
        - (&image * moved.transpose() + moved * image.transpose()) / curvature;
}

/// A step with enough decrease whose slope is less steep than the first.
fn line_search(
    objective: &mut Objective,
    from: &Minimum,
    direction: &DVector<f64>,
    slope: f64,
) -> Option<(f64, f64, DVector<f64>)> {
    let (mut low, mut high, mut step) = (0.0, f64::INFINITY, 1.0);
    let mut best: Option<(f64, f64, DVector<f64>)> = None;
    for _ in 0..MAX_STEPS {
        match objective(&(&from.x + direction * step)) {
            Some((value, gradient)) if value <= from.value + 1e-4 * step * slope => {
                let flat_enough = gradient.dot(direction) >= 0.9 * slope;
                best = Some((step, value, gradient));
                if flat_enough {
                    return best;
                }
                low = step;
            }
            _ => high = step,
        }
        step = if high.is_finite() {
            f64::midpoint(low, high)
        } else {
            2.0 * low
        };
        // What is left to gain drowns in rounding errors.
        if -slope * step <= ROUNDING * from.value.abs() || high - low <= 1e-12 * high {
            break;
        }
    }
    best
}

/// The Hessian by central differences of the gradient, of fourth order in the step.
pub(super) fn hessian(objective: &mut Objective, at: &DVector<f64>) -> Option<DMatrix<f64>> {
    let n = at.len();
    let mut hessian = DMatrix::zeros(n, n);
    for i in 0..n {
        let step = 1e-3 * at[i].abs().max(0.1);
        let mut gradient = |times: f64| {
            let mut x = at.clone();
            x[i] += times * step;
            objective(&x).map(|(_, gradient)| gradient)
        };
        let near = gradient(1.0)? - gradient(-1.0)?;
        let far = gradient(2.0)? - gradient(-2.0)?;
        hessian.set_column(i, &((near * 8.0 - far) / (12.0 * step)));
    }
    Some((&hessian + hessian.transpose()) / 2.0)
}

/// The Hessian by central differences of an exact gradient: at half the cost, as many digits as standard errors need.
pub(super) fn central_hessian(
    objective: &mut Objective,
    at: &DVector<f64>,
) -> Option<DMatrix<f64>> {
    let n = at.len();
    let mut hessian = DMatrix::zeros(n, n);
    for i in 0..n {
        let step = 1e-4 * at[i].abs().max(0.1);
        let mut gradient = |times: f64| {
            let mut x = at.clone();
            x[i] += times * step;
            objective(&x).map(|(_, gradient)| gradient)
        };
        let difference = gradient(1.0)? - gradient(-1.0)?;
        hessian.set_column(i, &(difference / (2.0 * step)));
    }
    Some((&hessian + hessian.transpose()) / 2.0)
}

/// The Hessian by forward differences: half its digits at a quarter of the cost.
pub(super) fn rough_hessian(
    objective: &mut Objective,
    at: &DVector<f64>,
    gradient: &DVector<f64>,
) -> Option<DMatrix<f64>> {
    let n = at.len();
    let mut hessian = DMatrix::zeros(n, n);
    for i in 0..n {
        let step = 1e-5 * at[i].abs().max(0.1);
        let mut x = at.clone();
        x[i] += step;
        let (_, moved) = objective(&x)?;
        hessian.set_column(i, &((moved - gradient) / step));
    }
    Some((&hessian + hessian.transpose()) / 2.0)
}
