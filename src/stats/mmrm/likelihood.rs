//! The likelihood of independent subjects with normal repeated measures, with two derivatives in closed form.
//!
//! With Φ = (Xᵀ Σ⁻¹ X)⁻¹, r = y − X β̂ and all sums over subjects, −2 log of the restricted likelihood is
//! `log|Σ| + log|Xᵀ Σ⁻¹ X| + rᵀ Σ⁻¹ r + (n − p) log 2π` (Harville 1977; Lindstrom & Bates 1988). Matrices over visits
//! are kept over all of them, with zeros where a pattern lacks one: E is a pattern's Σ⁻¹ in that form. Products with
//! the data enter only as G = Σ Z C Zᵀ and Zᵀ A Z (see [`Pattern`]).

use super::super::mixed::Estimation;
use super::super::mixed::dense::{cholesky, inverse, log_determinant, solve_lower, solve_upper};
use super::parameters::{Jet, Structure};
use super::pattern::Pattern;
use nalgebra::{DMatrix, DVector};

/// The patterns and the structure of their covariance.
pub(super) struct Likelihood {
    /// Rows that count.
    pub n: usize,
    /// Columns of Q.
    pub p: usize,
    pub structure: Structure,
    /// The number of groups, each with parameters of its own.
    pub groups: usize,
    pub patterns: Vec<Pattern>,
}

/// The likelihood at some parameters.
#[derive(Clone)]
pub(super) struct Point {
    /// −2 log likelihood, in computing units.
    pub value: f64,
    /// Each group's covariance matrix.
    pub jets: Vec<Jet>,
    /// Each pattern's E.
    pub inverses: Vec<DMatrix<f64>>,
    /// Φ, of the coefficients of Q.
    pub phi: DMatrix<f64>,
    pub beta: DVector<f64>,
}

/// The derivatives of −2 log likelihood.
pub(super) struct Derivatives {
    pub gradient: DVector<f64>,
    /// The Hessian.
    pub observed: DMatrix<f64>,
    /// Its expectation.
    pub expected: DMatrix<f64>,
    /// `N_k = Xᵀ Σ⁻¹ Σ_k Σ⁻¹ X`, of the coefficients of Q: minus the derivative of Φ⁻¹.
    pub first: Vec<DMatrix<f64>>,
}

/// What the second derivatives need of a group.
struct GroupSums {
    /// What the derivatives of Σ are multiplied with for the gradient.
    slope: DMatrix<f64>,
    /// For each parameter, what the derivative by another is multiplied with for the Hessian.
    bent: Vec<DMatrix<f64>>,
    /// The same for its expectation.
    expected: Vec<DMatrix<f64>>,
    /// `Zᵀ Σ⁻¹ Σ_k Σ⁻¹ Z`.
    weighted: Vec<DMatrix<f64>>,
}

impl Likelihood {
    /// The number of parameters of one group.
    pub fn block(&self) -> usize {
        self.structure.parameters()
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.groups * self.block()
    }

    /// The likelihood; none where a matrix is not positive definite.
    pub fn at(&self, theta: &[f64], estimation: Estimation) -> Option<Point> {
        if theta.iter().any(|value| !value.is_finite()) {
            return None;
        }
        let jets: Vec<Jet> = theta
            .chunks(self.block())
            .map(|theta| self.structure.jet(theta))
            .collect();
        let (p, visits) = (self.p, self.structure.visits);
        let mut products = DMatrix::zeros(p + 1, p + 1);
        let mut log_det = 0.0;
        let mut inverses = Vec::with_capacity(self.patterns.len());
        for pattern in &self.patterns {
            let factor = cholesky(&pattern.part(&jets[pattern.group].sigma))?;
            log_det += pattern.subjects as f64 * log_determinant(&factor);
            let e = pattern.embedded(&inverse(&factor), visits);
            pattern.add_weighted(&e, &mut products);
            inverses.push(e);
        }
        let factor = cholesky(&products.view((0, 0), (p, p)).into_owned())?;
        let xy = products.view((0, p), (p, 1)).into_owned();
        let half = solve_lower(&factor, &xy);
        let beta = solve_upper(&factor, &half);
        let rss = products[(p, p)] - half.norm_squared();
        let mut value = log_det + rss;
        let mut dof = self.n as f64;
        if estimation == Estimation::Reml {
            value += log_determinant(&factor);
            dof -= p as f64;
        }
        value += dof * std::f64::consts::TAU.ln();
        value.is_finite().then(|| Point {
            value,
            jets,
            inverses,
            phi: inverse(&factor),
            beta: beta.column(0).into_owned(),
        })
    }

    /// C of the squared residuals.
    fn of_residuals(&self, point: &Point) -> DMatrix<f64> {
        let own = DVector::from_fn(self.p + 1, |i, _| {
            point.beta.get(i).map_or(1.0, |beta| -beta)
        });
        &own * own.transpose()
    }

    /// C of the variances of predictions.
    pub fn of_predictions(&self, point: &Point) -> DMatrix<f64> {
        let mut c = DMatrix::zeros(self.p + 1, self.p + 1);
        c.view_mut((0, 0), (self.p, self.p)).copy_from(&point.phi);
        c
    }

    fn group_sums(&self, point: &Point, estimation: Estimation, group: usize) -> GroupSums {
        let visits = self.structure.visits;
        let jet = &point.jets[group];
        let k = jet.first.len();
        let zero = || DMatrix::zeros(visits, visits);
        let mut sums = GroupSums {
            slope: zero(),
            bent: vec![zero(); k],
            expected: vec![zero(); k],
            weighted: vec![DMatrix::zeros(self.p + 1, self.p + 1); k],
        };
        let residuals = self.of_residuals(point);
        let predictions = self.of_predictions(point);
        for (pattern, e) in self.patterns.iter().zip(&point.inverses) {
            if pattern.group != group {
                continue;
            }
            let m = pattern.subjects as f64;
            let g_phi = pattern.contracted(&predictions, visits);
            let mut g = pattern.contracted(&residuals, visits);
            let reml = estimation == Estimation::Reml;
            if reml {
                g += &g_phi;
            }
            let inner = e * &g * e;
            let inner_phi = e * &g_phi * e;
            sums.slope += e * m - &inner;
            for (index, first) in jet.first.iter().enumerate() {
                let own = e * first * e;
                let turned = &own * m;
                let crossed = e * first * &inner;
                sums.bent[index] += &crossed + crossed.transpose() - &turned;
                sums.expected[index] += turned;
                if reml {
                    let crossed = e * first * &inner_phi;
                    sums.expected[index] -= &crossed + crossed.transpose();
                }
                pattern.add_weighted(&own, &mut sums.weighted[index]);
            }
        }
        sums
    }

    /// The gradient alone.
    pub fn gradient(&self, point: &Point, estimation: Estimation) -> DVector<f64> {
        let visits = self.structure.visits;
        let mut c = self.of_residuals(point);
        if estimation == Estimation::Reml {
            c += self.of_predictions(point);
        }
        let mut slopes = vec![DMatrix::zeros(visits, visits); self.groups];
        for (pattern, e) in self.patterns.iter().zip(&point.inverses) {
            let g = pattern.contracted(&c, visits);
            slopes[pattern.group] += e * pattern.subjects as f64 - e * g * e;
        }
        let of_group = |(slope, jet): (&DMatrix<f64>, &Jet)| -> Vec<f64> {
            jet.first.iter().map(|first| slope.dot(first)).collect()
        };
        let parts = slopes.iter().zip(&point.jets).flat_map(of_group);
        DVector::from_vec(parts.collect())
    }

    /// The gradient and both kinds of second derivatives.
    pub fn derivatives(&self, point: &Point, estimation: Estimation) -> Derivatives {
        let (p, k, block) = (self.p, self.parameters(), self.block());
        let mut gradient = DVector::zeros(k);
        let mut observed = DMatrix::zeros(k, k);
        let mut expected = DMatrix::zeros(k, k);
        let mut first: Vec<DMatrix<f64>> = Vec::with_capacity(k);
        let mut pulls: Vec<DVector<f64>> = Vec::with_capacity(k);
        for group in 0..self.groups {
            let jet = &point.jets[group];
            let sums = self.group_sums(point, estimation, group);
            let start = group * block;
            for i in 0..block {
                gradient[start + i] = sums.slope.dot(&jet.first[i]);
                for j in 0..=i {
                    let bent = sums.slope.dot(&jet.second(i, j)) + sums.bent[i].dot(&jet.first[j]);
                    observed[(start + i, start + j)] = bent;
                    expected[(start + i, start + j)] = sums.expected[i].dot(&jet.first[j]);
                }
            }
            for weighted in &sums.weighted {
                let n = weighted.view((0, 0), (p, p)).into_owned();
                pulls.push(weighted.view((0, p), (p, 1)).column(0) - &n * &point.beta);
                first.push(n);
            }
        }
        let turned: Vec<DMatrix<f64>> = first.iter().map(|n| &point.phi * n).collect();
        for i in 0..k {
            let pulled = &point.phi * &pulls[i];
            for j in 0..=i {
                observed[(i, j)] -= 2.0 * pulled.dot(&pulls[j]);
                if estimation == Estimation::Reml {
                    let trace = turned[i].dot(&turned[j].transpose());
                    observed[(i, j)] -= trace;
                    expected[(i, j)] += trace;
                }
                observed[(j, i)] = observed[(i, j)];
                expected[(j, i)] = expected[(i, j)];
            }
        }
        Derivatives {
            gradient,
            observed,
            expected,
            first,
        }
    }

    /// `Σ W_kl (Q_kl − ¼ R_kl)` of Kenward and Roger, R only if `second`; of the coefficients of Q.
    pub fn corrections(&self, point: &Point, w: &DMatrix<f64>, second: bool) -> DMatrix<f64> {
        let (p, block) = (self.p, self.block());
        let mut sum = DMatrix::zeros(p + 1, p + 1);
        for (group, jet) in point.jets.iter().enumerate() {
            let start = group * block;
            let zero = || DMatrix::zeros(jet.sigma.nrows(), jet.sigma.ncols());
            let mut bends = zero();
            let mut mixed = vec![zero(); block];
            for i in 0..block {
                for j in 0..block {
                    let weight = w[(start + i, start + j)];
                    mixed[i] += &jet.first[j] * weight;
                    if second {
                        bends += jet.second(i, j) * weight;
                    }
                }
            }
            for (pattern, e) in self.patterns.iter().zip(&point.inverses) {
                if pattern.group != group {
                    continue;
                }
                let mut inner = zero();
                for (first, mixed) in jet.first.iter().zip(&mixed) {
                    inner += first * e * mixed;
                }
                let symmetric = (&inner + inner.transpose()) * 0.5 - &bends * 0.25;
                pattern.add_weighted(&(e * symmetric * e), &mut sum);
            }
        }
        sum.view((0, 0), (p, p)).into_owned()
    }
}
