//! Where the search for the parameters starts.

use super::likelihood::Likelihood;
use super::parameters::{Jet, Structure};
use super::structure::CovarianceKind;
use nalgebra::{DMatrix, DVector};

/// The variance of a visit is not started below this share of the residual variance.
const LEAST: f64 = 1e-4;

/// Starts, the best guess first: from the moments of the least-squares residuals, and independent visits.
pub(super) fn starts(likelihood: &Likelihood) -> Vec<DVector<f64>> {
    let mut guess = Vec::with_capacity(likelihood.parameters());
    let mut plain = Vec::with_capacity(likelihood.parameters());
    for group in 0..likelihood.groups {
        let moments = moments(likelihood, group);
        guess.extend(from_moments(&likelihood.structure, &moments));
        let variance = moments.diagonal().mean();
        let visits = moments.nrows();
        plain.extend(from_moments(
            &likelihood.structure,
            &(DMatrix::identity(visits, visits) * variance),
        ));
    }
    vec![DVector::from_vec(guess), DVector::from_vec(plain)]
}

/// Means of the products of residuals over the subjects of a group that have both visits; zero for pairs of visits
/// that no subject has, and the residual variance 1 for visits without rows.
fn moments(likelihood: &Likelihood, group: usize) -> DMatrix<f64> {
    let (p, visits) = (likelihood.p, likelihood.structure.visits);
    let mut c = DMatrix::zeros(p + 1, p + 1);
    c[(p, p)] = 1.0;
    let mut sums = DMatrix::zeros(visits, visits);
    let mut counts = DMatrix::<f64>::zeros(visits, visits);
    for pattern in likelihood
        .patterns
        .iter()
        .filter(|pattern| pattern.group == group)
    {
        sums += pattern.contracted(&c, visits);
        for &a in &pattern.visits {
            for &b in &pattern.visits {
                counts[(a, b)] += pattern.subjects as f64;
            }
        }
    }
    DMatrix::from_fn(visits, visits, |a, b| {
        match (counts[(a, b)] > 0.0, a == b) {
            (true, true) => (sums[(a, b)] / counts[(a, b)]).max(LEAST),
            (true, false) => sums[(a, b)] / counts[(a, b)],
            (false, true) => 1.0,
            (false, false) => 0.0,
        }
    })
}

/// The parameters of the matrix of a structure that is near one of moments, and positive definite.
fn from_moments(structure: &Structure, moments: &DMatrix<f64>) -> Vec<f64> {
    let n = structure.visits;
    let sds: Vec<f64> = moments.diagonal().iter().map(|v| v.sqrt()).collect();
    let correlation = DMatrix::from_fn(n, n, |a, b| {
        if a == b {
            1.0
        } else {
            (moments[(a, b)] / (sds[a] * sds[b])).clamp(-0.95, 0.95)
        }
    });
    for shrink in [1.0, 0.9, 0.7, 0.5, 0.2, 0.0] {
        let shrunk = DMatrix::from_fn(n, n, |a, b| {
            correlation[(a, b)] * if a == b { 1.0 } else { shrink }
        });
        let theta = if structure.kind == CovarianceKind::Unstructured {
            let sigma = DMatrix::from_fn(n, n, |a, b| sds[a] * sds[b] * shrunk[(a, b)]);
            match Jet::unstructured(&sigma) {
                Some(theta) => theta.as_slice().to_vec(),
                None => continue,
            }
        } else {
            structured(structure, &sds, &shrunk)
        };
        // Well within the positive definite matrices.
        let sigma = structure.jet(&theta).sigma;
        let inner = DMatrix::from_fn(n, n, |a, b| {
            sigma[(a, b)] / (sigma[(a, a)] * sigma[(b, b)]).sqrt()
        });
        if inner.symmetric_eigenvalues().min() > 1e-3 {
            return theta;
        }
    }
    structured(structure, &sds, &DMatrix::identity(n, n))
}

fn structured(structure: &Structure, sds: &[f64], correlation: &DMatrix<f64>) -> Vec<f64> {
    let n = structure.visits;
    let mut theta: Vec<f64> = if structure.variances() == n {
        sds.iter().map(|sd| sd.ln()).collect()
    } else {
        let variance = sds.iter().map(|sd| sd * sd).sum::<f64>() / n as f64;
        vec![0.5 * variance.ln()]
    };
    let rest = structure.parameters() - structure.variances();
    let mean = |pairs: &mut dyn Iterator<Item = (usize, usize)>| {
        let values: Vec<f64> = pairs.map(|(a, b)| correlation[(a, b)]).collect();
        values.iter().sum::<f64>() / values.len().max(1) as f64
    };
    let all = || (0..n).flat_map(|a| (0..a).map(move |b| (a, b)));
    for index in 0..rest {
        use CovarianceKind as K;
        let value = match structure.kind {
            K::Toeplitz | K::ToeplitzH => mean(&mut all().filter(|(a, b)| a - b == index + 1)),
            K::Antedependence | K::AntedependenceH => correlation[(index + 1, index)],
            K::Autoregressive | K::AutoregressiveH => mean(&mut all().filter(|(a, b)| a - b == 1)),
            K::SpatialExponential => {
                let neighbours = mean(&mut all().filter(|(a, b)| a - b == 1)).clamp(0.05, 0.95);
                let span = structure.times[n - 1] - structure.times[0];
                neighbours.powf((n - 1) as f64 / span)
            }
            _ => mean(&mut all()),
        };
        theta.push(structure.unlink(value));
    }
    theta
}
