//! The sums over the data that Kenward and Roger's method is made of, in units of V = Σ/σ².

use super::super::model_error::ModelError;
use super::covariance::Template;
use super::criterion::Profiled;
use super::crossed::Crossed;
use super::kernel::{Kernel, KernelState};
use super::problem::Problem;
use super::single::{SingleFactor, SingleState};
use nalgebra::DMatrix;

/// Random effects of crossed factors beyond this number would need several matrices of its square.
const MAX_EFFECTS: usize = 6_000;

/// Sums for the parameters γ: the lower triangle of each term's covariance, then the residual variance.
pub(super) struct KrSums {
    /// `Xᵀ V⁻¹ G_i V⁻¹ X`.
    pub first: Vec<DMatrix<f64>>,
    /// The symmetric part of `Xᵀ V⁻¹ G_i V⁻¹ G_j V⁻¹ X` for j ≤ i.
    pub second: Vec<Vec<DMatrix<f64>>>,
    /// `tr(V⁻¹ G_i V⁻¹ G_j)` for j ≤ i.
    pub trace: DMatrix<f64>,
}

/// An entry of the covariance within a level of one factor.
#[derive(Clone, Copy)]
struct Place {
    factor: usize,
    row: usize,
    column: usize,
}

impl Place {
    fn all(template: &Template) -> Vec<Self> {
        let entries = template.entries.iter();
        entries
            .map(|entry| Self {
                factor: entry.grouping,
                row: entry.offset + entry.row,
                column: entry.offset + entry.column,
            })
            .collect()
    }

    /// The derivative of Λ Λᵀ by this entry.
    fn unit(self, size: usize) -> DMatrix<f64> {
        let mut unit = DMatrix::zeros(size, size);
        unit[(self.row, self.column)] = 1.0;
        unit[(self.column, self.row)] = 1.0;
        unit
    }
}

impl KrSums {
    /// Computes the sums.
    pub fn new(problem: &Problem, at: &Profiled) -> Result<Self, ModelError> {
        let places = Place::all(&problem.template);
        match (&problem.kernel, &at.at.state) {
            (Kernel::Single(single), KernelState::Single(state)) => {
                Ok(of_single(single, state, &places, problem.n, problem.p))
            }
            (Kernel::Crossed(crossed), KernelState::Crossed(_)) => {
                of_crossed(crossed, &at.at.lambda, &places, problem)
            }
            _ => Err(ModelError::Numerical("the Kenward–Roger sums")),
        }
    }

    fn zeros(k: usize, p: usize) -> Self {
        let zero = || DMatrix::zeros(p, p);
        Self {
            first: (0..k).map(|_| zero()).collect(),
            second: (0..k).map(|i| (0..=i).map(|_| zero()).collect()).collect(),
            trace: DMatrix::zeros(k, k),
        }
    }
}

fn symmetric(matrix: &DMatrix<f64>) -> DMatrix<f64> {
    (matrix + matrix.transpose()) / 2.0
}

/// Pattern by pattern: with Z = Q R, V⁻ᵏ = (I − Q Qᵀ) + Q Nᵏ Qᵀ.
fn of_single(
    single: &SingleFactor,
    state: &SingleState,
    places: &[Place],
    n: usize,
    p: usize,
) -> KrSums {
    let k = places.len() + 1;
    let residual = k - 1;
    let mut sums = KrSums::zeros(k, p);
    let corner = |matrix: &DMatrix<f64>| matrix.view((0, 0), (p, p)).into_owned();
    let outside = corner(&single.outside());
    sums.first[residual] += &outside;
    sums.second[residual][residual] += &outside;
    sums.trace[(residual, residual)] += n as f64;
    single.for_each_pattern(state, &mut |pattern| {
        let (r, inverse) = (&pattern.r, &pattern.n);
        let rank = inverse.nrows();
        // N S_i for S_i = R E_i Rᵀ, and for the residuals S = I.
        let mut halves: Vec<DMatrix<f64>> = places
            .iter()
            .map(|place| inverse * r * place.unit(r.ncols()) * r.transpose())
            .collect();
        halves.push(inverse.clone());
        for (i, left) in halves.iter().enumerate() {
            let once = left * inverse;
            sums.first[i] += corner(&pattern.sandwich(&symmetric(&once)));
            for (j, right) in halves.iter().enumerate().take(i + 1) {
                let twice = left * right * inverse;
                sums.second[i][j] += corner(&pattern.sandwich(&symmetric(&twice)));
                sums.trace[(i, j)] += pattern.groups() * left.dot(&right.transpose());
            }
        }
        sums.trace[(residual, residual)] -= pattern.groups() * rank as f64;
    });
    sums
}

/// By dense matrices of the order of all random effects.
fn of_crossed(
    crossed: &Crossed,
    lambda: &[DMatrix<f64>],
    places: &[Place],
    problem: &Problem,
) -> Result<KrSums, ModelError> {
    let order = crossed.effects();
    if order > MAX_EFFECTS {
        return Err(ModelError::TooManyCrossed { order });
    }
    let all = crossed.dense();
    let p = problem.p;
    let dense = DenseSums::new(
        &all.zz,
        &all.zx.columns(0, p).into_owned(),
        &all.scale(lambda),
    )
    .ok_or(ModelError::Numerical("the Kenward–Roger sums"))?;
    let k = places.len() + 1;
    let residual = k - 1;
    let mut sums = KrSums::zeros(k, p);
    // The columns of Q are orthonormal.
    let xx = DMatrix::identity(p, p);
    let spreads: Vec<DMatrix<f64>> = places
        .iter()
        .map(|place| all.spread(&dense.f1, *place))
        .collect();
    for (i, place) in places.iter().enumerate() {
        sums.first[i] = dense.f1.transpose() * &spreads[i];
        for j in 0..=i {
            let product = spreads[i].transpose() * &dense.b1 * &spreads[j];
            sums.second[i][j] = symmetric(&product);
            sums.trace[(i, j)] = all.pair_trace(&dense.b1, *place, places[j]);
        }
        sums.second[residual][i] = symmetric(&(dense.f2.transpose() * &spreads[i]));
        sums.trace[(residual, i)] = all.unit_trace(&dense.b2, *place);
    }
    let (second, third) = dense.powers(&all.zx.columns(0, p).into_owned(), &xx);
    sums.first[residual] = second;
    sums.second[residual][residual] = third;
    sums.trace[(residual, residual)] = problem.n as f64 - dense.lost_trace();
    Ok(sums)
}

/// Products with powers of V⁻¹ = I − Z M Zᵀ.
struct DenseSums {
    /// M K, K = Zᵀ Z.
    mk: DMatrix<f64>,
    m: DMatrix<f64>,
    k: DMatrix<f64>,
    /// Zᵀ V⁻¹ Z and Zᵀ V⁻² Z.
    b1: DMatrix<f64>,
    b2: DMatrix<f64>,
    /// Zᵀ V⁻¹ X and Zᵀ V⁻² X.
    f1: DMatrix<f64>,
    f2: DMatrix<f64>,
}

impl DenseSums {
    /// `scale` is Λ of all effects.
    fn new(zz: &DMatrix<f64>, zx: &DMatrix<f64>, scale: &DMatrix<f64>) -> Option<Self> {
        let mut system = scale.transpose() * zz * scale;
        for i in 0..system.nrows() {
            system[(i, i)] += 1.0;
        }
        let factor = super::dense::cholesky(&system)?;
        let m = scale * super::dense::inverse(&factor) * scale.transpose();
        let mk = &m * zz;
        let b1 = zz - zz * &mk;
        let b2 = &b1 - mk.transpose() * &b1;
        let f1 = zx - mk.tr_mul(zx);
        let f2 = &f1 - mk.tr_mul(&f1);
        Some(Self {
            mk,
            m,
            k: zz.clone(),
            b1,
            b2,
            f1,
            f2,
        })
    }

    /// Xᵀ V⁻² X and Xᵀ V⁻³ X.
    fn powers(&self, zx: &DMatrix<f64>, xx: &DMatrix<f64>) -> (DMatrix<f64>, DMatrix<f64>) {
        // V⁻¹ X = X − Z c with c = M Zᵀ X.
        let c = &self.m * zx;
        let second = xx - zx.transpose() * &c - c.transpose() * zx + c.transpose() * &self.k * &c;
        let third = &second - self.f1.transpose() * &self.m * &self.f1;
        (symmetric(&second), symmetric(&third))
    }

    /// n − tr(V⁻²).
    fn lost_trace(&self) -> f64 {
        2.0 * self.mk.trace() - self.mk.dot(&self.mk.transpose())
    }
}

/// All columns of Z, factor by factor, level by level.
pub(super) struct DenseColumns {
    /// Zᵀ Z.
    pub zz: DMatrix<f64>,
    /// Zᵀ [X y].
    pub zx: DMatrix<f64>,
    /// The first column of each factor.
    pub starts: Vec<usize>,
    /// Columns of a level of each factor.
    pub sizes: Vec<usize>,
    /// Levels of each factor.
    pub levels: Vec<usize>,
}

impl DenseColumns {
    /// Λ of all effects.
    fn scale(&self, lambda: &[DMatrix<f64>]) -> DMatrix<f64> {
        let mut scale = DMatrix::zeros(self.zz.nrows(), self.zz.nrows());
        for (factor, lambda) in lambda.iter().enumerate() {
            let q = self.sizes[factor];
            for level in 0..self.levels[factor] {
                let at = self.starts[factor] + level * q;
                scale.view_mut((at, at), (q, q)).copy_from(lambda);
            }
        }
        scale
    }

    /// E F: each level's rows of a factor exchanged as the entry's place says.
    fn spread(&self, f: &DMatrix<f64>, place: Place) -> DMatrix<f64> {
        let mut out = DMatrix::zeros(f.nrows(), f.ncols());
        for at in self.rows(place.factor) {
            let (a, b) = (at + place.row, at + place.column);
            out.row_mut(a).copy_from(&f.row(b));
            out.row_mut(b).copy_from(&f.row(a));
        }
        out
    }

    /// Where each level of a factor begins.
    fn rows(&self, factor: usize) -> impl Iterator<Item = usize> {
        let (start, size) = (self.starts[factor], self.sizes[factor]);
        (0..self.levels[factor]).map(move |level| start + level * size)
    }

    /// `tr(E_i B)`.
    fn unit_trace(&self, b: &DMatrix<f64>, place: Place) -> f64 {
        let twice = if place.row == place.column { 1.0 } else { 2.0 };
        self.rows(place.factor)
            .map(|at| b[(at + place.row, at + place.column)] * twice)
            .sum()
    }

    /// `tr(E_i B E_j B)`.
    fn pair_trace(&self, b: &DMatrix<f64>, i: Place, j: Place) -> f64 {
        let mut total = 0.0;
        for left in self.rows(i.factor) {
            let (a, c) = (left + i.row, left + i.column);
            for right in self.rows(j.factor) {
                let (d, e) = (right + j.row, right + j.column);
                total += b[(a, d)] * b[(c, e)] + b[(a, e)] * b[(c, d)];
            }
        }
        // Each of a diagonal entry's two readings is the same one.
        let half = |place: Place| if place.row == place.column { 0.5 } else { 1.0 };
        2.0 * total * half(i) * half(j)
    }
}
