//! Linear combinations of coefficients and joint tests of several.

use super::super::distribution::{ChiSquared, Distribution, FisherF};
use super::super::model_error::ModelError;
use super::estimate::Estimate;
use super::fit::LinearFit;
use super::qr::{PivotedQr, dot};

/// Below this, relative to the lengths involved, a contrast counts as orthogonal to what is not estimable.
const ESTIMABLE: f64 = 1e-8;

/// An F test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FTest {
    /// F.
    pub statistic: f64,
    /// The degrees of freedom of the numerator.
    pub df: f64,
    /// The degrees of freedom of the denominator; infinite where `statistic` times `df` is taken as χ².
    pub df_residual: f64,
    /// P(F ≥ statistic).
    pub p_value: f64,
}

impl FTest {
    pub(in super::super) fn new(
        statistic: f64,
        df: f64,
        df_residual: f64,
    ) -> Result<Self, ModelError> {
        if !statistic.is_finite() {
            return Err(ModelError::Numerical("the F statistic"));
        }
        let p_value = if df_residual.is_infinite() {
            ChiSquared::new(df)?.upper(statistic * df)
        } else {
            FisherF::new(df, df_residual)?.upper(statistic)
        };
        Ok(Self {
            statistic,
            df,
            df_residual,
            p_value,
        })
    }
}

impl LinearFit {
    /// The combination of coefficients with the given weights, one for each coefficient, tested against zero.
    pub fn contrast(&self, weights: &[f64]) -> Result<Estimate, ModelError> {
        let weights = self.estimable_part(weights)?;
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(ModelError::EmptyContrast);
        }
        let estimate = dot(&weights, &self.beta);
        let std_error = self
            .factor
            .tr_mul(&nalgebra::DVector::from_vec(weights))
            .norm();
        let df = self.summary.df_residual as f64;
        Estimate::new(estimate, std_error, df, self.options.level)
    }

    /// The covariance of several estimable combinations of coefficients.
    pub fn contrast_covariance(
        &self,
        rows: &[Vec<f64>],
    ) -> Result<nalgebra::DMatrix<f64>, ModelError> {
        let mut columns = Vec::with_capacity(rows.len());
        for row in rows {
            let weights = nalgebra::DVector::from_vec(self.estimable_part(row)?);
            columns.push(self.factor.tr_mul(&weights));
        }
        let size = rows.len();
        Ok(nalgebra::DMatrix::from_fn(size, size, |i, j| {
            columns[i].dot(&columns[j])
        }))
    }

    /// The same with coefficients by name, as in `arm[CCT]:time[post]`; the others have weight 0.
    pub fn combination(&self, weights: &[(&str, f64)]) -> Result<Estimate, ModelError> {
        let mut row = vec![0.0; self.coefficients.len()];
        for (name, weight) in weights {
            let index = self.coefficient_index(name)?;
            if let Some(slot) = row.get_mut(index) {
                *slot += weight;
            }
        }
        self.contrast(&row)
    }

    /// The place of a coefficient in `coefficients`.
    pub fn coefficient_index(&self, name: &str) -> Result<usize, ModelError> {
        let names: Vec<String> = self.design.names.iter().map(ToString::to_string).collect();
        names
            .iter()
            .position(|other| other == name)
            .ok_or_else(|| ModelError::NotInModel {
                name: name.to_owned(),
                available: names,
            })
    }

    /// The test that several combinations are all zero. Rows that depend on others add no degree of freedom.
    pub fn joint_test(&self, rows: &[Vec<f64>]) -> Result<FTest, ModelError> {
        let mut columns = Vec::with_capacity(rows.len());
        let mut values = Vec::with_capacity(rows.len());
        for row in rows {
            let weights = self.estimable_part(row)?;
            values.push(dot(&weights, &self.beta));
            let column = self.factor.tr_mul(&nalgebra::DVector::from_vec(weights));
            columns.push(column.as_slice().to_vec());
        }
        // With covariance L F Fᵀ Lᵀ and FᵀLᵀ = Q R, the quadratic form is the squared length of R⁻ᵀ L β.
        let qr = PivotedQr::new(self.beta.len(), columns, 1e-10);
        if qr.rank == 0 {
            return Err(ModelError::EmptyContrast);
        }
        let pivoted: Vec<f64> = qr
            .pivot
            .iter()
            .filter_map(|&row| values.get(row).copied())
            .collect();
        let z = qr.solve_lower(&pivoted);
        let df = qr.rank as f64;
        FTest::new(dot(&z, &z) / df, df, self.summary.df_residual as f64)
    }

    /// The weights of the estimable coefficients, if the data can tell the combination.
    fn estimable_part(&self, weights: &[f64]) -> Result<Vec<f64>, ModelError> {
        estimable_part(
            weights,
            &self.estimable,
            &self.column_lengths,
            &self.null_space,
            &|| self.aliased(),
        )
    }
}

/// The weights of the estimable coefficients, if the data can tell the combination: it has to be orthogonal to every
/// combination of columns that is zero.
pub(in super::super) fn estimable_part(
    weights: &[f64],
    estimable: &[usize],
    lengths: &[f64],
    null_space: &[Vec<f64>],
    aliased: &dyn Fn() -> Vec<String>,
) -> Result<Vec<f64>, ModelError> {
    if weights.len() != lengths.len() {
        return Err(ModelError::ContrastLength {
            found: weights.len(),
            expected: lengths.len(),
        });
    }
    if weights.iter().any(|weight| !weight.is_finite()) {
        return Err(ModelError::Numerical("a weight of the contrast"));
    }
    // In units of the columns' lengths, so that no unit of measurement decides.
    let scaled: Vec<f64> = weights.iter().zip(lengths).map(|(w, s)| w / s).collect();
    for null in null_space {
        let null: Vec<f64> = null.iter().zip(lengths).map(|(n, s)| n * s).collect();
        let length = (dot(&scaled, &scaled) * dot(&null, &null)).sqrt();
        if dot(&scaled, &null).abs() > ESTIMABLE * length {
            return Err(ModelError::NotEstimable { aliased: aliased() });
        }
    }
    let kept = estimable
        .iter()
        .filter_map(|&column| weights.get(column).copied());
    Ok(kept.collect())
}
