//! From parameters to covariance matrices, with their first and second derivatives.
//!
//! Every structure is `Σ_ab = d_a d_b K_ab`: d from log standard deviations, K from correlation parameters alone.

use super::structure::{CovarianceKind, Link, StructureRow};
use nalgebra::{DMatrix, DVector};

/// A covariance structure over so many visits.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    pub kind: CovarianceKind,
    pub visits: usize,
    /// Of spatial structures: the visits' times.
    pub times: Vec<f64>,
}

/// A correlation parameter as a correlation, with two derivatives.
#[derive(Debug, Clone, Copy)]
struct Linked {
    value: f64,
    first: f64,
    second: f64,
}

/// A covariance matrix and its derivatives by the parameters.
#[derive(Debug, Clone)]
pub(super) struct Jet {
    pub sigma: DMatrix<f64>,
    pub first: Vec<DMatrix<f64>>,
    structure: Structure,
    /// Standard deviations, or the D of an unstructured matrix.
    scales: Vec<f64>,
    linked: Vec<Linked>,
    /// The unit triangle of an unstructured matrix.
    triangle: DMatrix<f64>,
}

impl Structure {
    fn row(&self) -> &'static StructureRow {
        self.kind.row()
    }

    /// The number of log standard deviations.
    pub fn variances(&self) -> usize {
        if self.row().heterogeneous {
            self.visits
        } else {
            1
        }
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.kind.parameters(self.visits)
    }

    /// The place of the entry (a, b), a > b, of a triangle by rows.
    fn place(a: usize, b: usize) -> usize {
        a * (a - 1) / 2 + b
    }

    fn link(&self, kappa: f64) -> Linked {
        let logistic = 1.0 / (1.0 + (-kappa).exp());
        let slope = logistic * (1.0 - logistic);
        let positive = Linked {
            value: logistic,
            first: slope,
            second: slope * (1.0 - 2.0 * logistic),
        };
        match self.row().link {
            Link::Triangle => Linked {
                value: kappa,
                first: 1.0,
                second: 0.0,
            },
            Link::Sphere => {
                let length = kappa.hypot(1.0);
                Linked {
                    value: kappa / length,
                    first: length.powi(-3),
                    second: -3.0 * kappa * length.powi(-5),
                }
            }
            Link::Bounded => {
                let bound = 1.0 / (self.visits as f64 - 1.0);
                Linked {
                    value: positive.value * (1.0 + bound) - bound,
                    first: positive.first * (1.0 + bound),
                    second: positive.second * (1.0 + bound),
                }
            }
            Link::Positive => positive,
        }
    }

    /// The parameter of a correlation, which is kept away from its bounds.
    pub fn unlink(&self, correlation: f64) -> f64 {
        let logit = |p: f64| (p / (1.0 - p)).ln();
        match self.row().link {
            Link::Triangle => correlation,
            Link::Sphere => {
                let r = correlation.clamp(-0.95, 0.95);
                r / (1.0 - r * r).sqrt()
            }
            Link::Bounded => {
                let bound = 1.0 / (self.visits as f64 - 1.0);
                logit(((correlation + bound) / (1.0 + bound)).clamp(0.02, 0.98))
            }
            Link::Positive => logit(correlation.clamp(0.02, 0.999)),
        }
    }

    /// What the power of ρ is between two visits.
    fn distance(&self, a: usize, b: usize) -> f64 {
        match self.kind {
            CovarianceKind::SpatialExponential => (self.times[a] - self.times[b]).abs(),
            _ => a.abs_diff(b) as f64,
        }
    }

    /// The correlation of visits a > b as a function of the correlation parameters r, or its derivative by one or
    /// two of them. An unstructured matrix has none of it.
    fn correlation(&self, r: &[Linked], (a, b): (usize, usize), by: &[usize]) -> f64 {
        use CovarianceKind as K;
        match self.kind {
            K::Unstructured => 0.0,
            K::CompoundSymmetry | K::CompoundSymmetryH => match by {
                [] => r[0].value,
                [_] => 1.0,
                _ => 0.0,
            },
            K::Toeplitz | K::ToeplitzH => match by {
                [] => r[a - b - 1].value,
                [one] => f64::from(u8::from(*one == a - b - 1)),
                _ => 0.0,
            },
            K::Autoregressive | K::AutoregressiveH | K::SpatialExponential => {
                power(r[0].value, self.distance(a, b), by.len())
            }
            K::Antedependence | K::AntedependenceH => {
                let twice = matches!(by, [one, other] if one == other);
                if twice || by.iter().any(|k| !(b..a).contains(k)) {
                    return 0.0;
                }
                let kept = (b..a).filter(|k| !by.contains(k));
                kept.map(|k| r[k].value).product()
            }
        }
    }

    /// The covariance matrix with its derivatives.
    pub fn jet(&self, theta: &[f64]) -> Jet {
        let n = self.visits;
        let (logs, kappas) = theta.split_at(self.variances());
        let scales = (0..n)
            .map(|visit| logs[if logs.len() == 1 { 0 } else { visit }].exp())
            .collect();
        let linked: Vec<Linked> = kappas.iter().map(|&kappa| self.link(kappa)).collect();
        let unstructured = self.kind == CovarianceKind::Unstructured;
        let triangle = DMatrix::from_fn(n, n, |a, b| match a.cmp(&b) {
            std::cmp::Ordering::Greater if unstructured => kappas[Self::place(a, b)],
            std::cmp::Ordering::Equal => 1.0,
            _ => 0.0,
        });
        let mut jet = Jet {
            sigma: DMatrix::zeros(n, n),
            first: Vec::new(),
            structure: self.clone(),
            scales,
            linked,
            triangle,
        };
        let base = jet.correlations(&[]);
        jet.sigma = jet.scaled(&base);
        jet.first = (0..theta.len()).map(|k| jet.first_by(k, &base)).collect();
        jet
    }
}

/// `ρ^d` or one of its first two derivatives.
fn power(rho: f64, d: f64, derivative: usize) -> f64 {
    let factor = match derivative {
        0 => 1.0,
        1 => d,
        _ => d * (d - 1.0),
    };
    if factor == 0.0 {
        return 0.0;
    }
    let exponent = d - derivative as f64;
    if d.fract() == 0.0 && exponent.abs() < 1e6 {
        #[allow(clippy::cast_possible_truncation, reason = "a whole number, and small")]
        return factor * rho.powi(exponent as i32);
    }
    factor * rho.powf(exponent)
}

impl Jet {
    /// K, or its derivative by one or two of the correlation parameters κ.
    fn correlations(&self, by: &[usize]) -> DMatrix<f64> {
        let n = self.structure.visits;
        if self.structure.kind == CovarianceKind::Unstructured {
            return self.products(by);
        }
        let mut k = DMatrix::zeros(n, n);
        for a in 0..n {
            k[(a, a)] = if by.is_empty() { 1.0 } else { 0.0 };
            for b in 0..a {
                let value = self.entry((a, b), by);
                k[(a, b)] = value;
                k[(b, a)] = value;
            }
        }
        k
    }

    fn entry(&self, pair: (usize, usize), by: &[usize]) -> f64 {
        let partial = |by: &[usize]| self.structure.correlation(&self.linked, pair, by);
        match by {
            [k, l] => {
                let (first, other) = (self.linked[*k], self.linked[*l]);
                let mut value = partial(by) * first.first * other.first;
                if k == l {
                    value += partial(&[*k]) * first.second;
                }
                value
            }
            [k] => partial(by) * self.linked[*k].first,
            _ => partial(by),
        }
    }

    /// U Uᵀ of the unit triangle U, or its derivatives by entries of U.
    fn products(&self, by: &[usize]) -> DMatrix<f64> {
        let n = self.structure.visits;
        let u = &self.triangle;
        let mut k = DMatrix::zeros(n, n);
        match by {
            [one] => {
                let (a, b) = position(*one);
                for row in 0..n {
                    k[(a, row)] += u[(row, b)];
                    k[(row, a)] += u[(row, b)];
                }
            }
            [one, other] => {
                let ((a, b), (c, d)) = (position(*one), position(*other));
                if b == d {
                    k[(a, c)] += 1.0;
                    k[(c, a)] += 1.0;
                }
            }
            _ => k.gemm(1.0, u, &u.transpose(), 0.0),
        }
        k
    }

    fn scaled(&self, k: &DMatrix<f64>) -> DMatrix<f64> {
        let d = &self.scales;
        DMatrix::from_fn(k.nrows(), k.ncols(), |a, b| d[a] * d[b] * k[(a, b)])
    }

    /// How often the log standard deviation `j` stands in the entry (a, b).
    fn count(&self, j: usize, a: usize, b: usize) -> f64 {
        if self.structure.variances() == 1 {
            2.0
        } else {
            f64::from(u8::from(a == j)) + f64::from(u8::from(b == j))
        }
    }

    fn counted(&self, matrix: &DMatrix<f64>, j: usize) -> DMatrix<f64> {
        DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |a, b| {
            matrix[(a, b)] * self.count(j, a, b)
        })
    }

    fn first_by(&self, k: usize, base: &DMatrix<f64>) -> DMatrix<f64> {
        match k.checked_sub(self.structure.variances()) {
            None => self.counted(&self.scaled(base), k),
            Some(kappa) => self.scaled(&self.correlations(&[kappa])),
        }
    }

    /// The second derivative by two parameters.
    pub fn second(&self, k: usize, l: usize) -> DMatrix<f64> {
        let (low, high) = (k.min(l), k.max(l));
        let variances = self.structure.variances();
        match (low.checked_sub(variances), high.checked_sub(variances)) {
            (None, _) => self.counted(&self.first[high], low),
            (Some(low), Some(high)) => self.scaled(&self.correlations(&[low, high])),
            (Some(_), None) => DMatrix::zeros(self.structure.visits, self.structure.visits),
        }
    }

    /// The parameters of an unstructured matrix.
    pub fn unstructured(sigma: &DMatrix<f64>) -> Option<DVector<f64>> {
        let factor = super::super::mixed::dense::cholesky(sigma)?;
        let n = sigma.nrows();
        let logs = (0..n).map(|a| factor[(a, a)].ln());
        let below = (0..n).flat_map(|a| (0..a).map(move |b| (a, b)));
        let entries = below.map(|(a, b)| factor[(a, b)] / factor[(a, a)]);
        Some(DVector::from_vec(logs.chain(entries).collect()))
    }
}

/// The row and column of an entry of a triangle by rows.
fn position(place: usize) -> (usize, usize) {
    let mut a = 1;
    while Structure::place(a + 1, 0) <= place {
        a += 1;
    }
    (a, place - Structure::place(a, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_are_those_of_differences() {
        for kind in CovarianceKind::all() {
            let structure = Structure {
                kind,
                visits: 4,
                times: vec![0.0, 1.0, 2.5, 6.0],
            };
            assert_eq!(kind.row().kind, kind);
            let k = structure.parameters();
            let theta: Vec<f64> = (0..k).map(|i| 0.3 - 0.11 * i as f64).collect();
            let jet = structure.jet(&theta);
            let moved = |i: usize, step: f64| {
                let mut theta = theta.clone();
                theta[i] += step;
                structure.jet(&theta)
            };
            let step = 1e-5;
            for i in 0..k {
                let (up, down) = (moved(i, step), moved(i, -step));
                let difference = (&up.sigma - &down.sigma) / (2.0 * step);
                assert!((&difference - &jet.first[i]).amax() < 1e-8, "{kind:?} {i}");
                for j in 0..k {
                    let difference = (&up.first[j] - &down.first[j]) / (2.0 * step);
                    let error = (&difference - jet.second(i, j)).amax();
                    assert!(error < 1e-8, "{kind:?} {i} {j}: {error}");
                }
            }
        }
    }

    #[test]
    fn an_unstructured_matrix_comes_back_from_its_parameters() {
        let sigma = DMatrix::from_row_slice(3, 3, &[4.0, 1.0, 0.5, 1.0, 3.0, -0.7, 0.5, -0.7, 2.0]);
        let theta = Jet::unstructured(&sigma).unwrap();
        let structure = Structure {
            kind: CovarianceKind::Unstructured,
            visits: 3,
            times: Vec::new(),
        };
        let back = structure.jet(theta.as_slice()).sigma;
        assert!((back - sigma).amax() < 1e-14);
    }
}
