//! `model`: a linear model by its formula.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::dataset::Field;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Model;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    formula: String,
    /// The columns of the formula, described.
    fields: Vec<Field>,
    /// The arms, where the formula names their column: their order and reference.
    arms: Option<Arms>,
    weights: Option<String>,
    robust: Option<Robust>,
    conf_level: f64,
    type3: bool,
    digits: Option<u8>,
    labels: Vec<(String, String)>,
    /// Whether a table is shown.
    shown: bool,
}

/// Estimators of the covariance that hold without equal variances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Robust {
    Hc0,
    Hc1,
    Hc2,
    Hc3,
}

impl Analysis for Model {
    type Spec = Spec;
    const NAME: &'static str = "model";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Optional;
    const DOC: &'static str = DOC;

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

const DOC: &str = r#"
# model

Fits a linear model by R's formula, and shows its coefficients if its label begins with `tbl-`.

## What it computes

For each coefficient `estimate`, `std.error`, `df`, `statistic`, `p.value`, `conf.low`, `conf.high`; for the model
`nobs`, `df.residual`, `sigma`, `r.squared`, `adj.r.squared`, `logLik`, `AIC`, `BIC`; for each term its type III F test.
Rows with a missing value in any column of the formula are left out.

## Syntax

| key | type | default | meaning |
|---|---|---|---|
| `data` | text | required | the dataset, `name@version` |
| `population` | text | all rows | a population of the front matter |
| `formula` | text | required | as in R: `bdi.2m ~ treatment * drug + bdi.pre` |
| `weights` | text | none | a column of weights, inverse to the residual variance |
| `vcov` | `HC0`, `HC1`, `HC2`, `HC3` | the model's own | a covariance that holds without equal variances |
| `tests` | `type3`, `none` | `none` | tests of whole terms |
| `conf_level` | number | 0.95 | the level of the intervals |
| `digits` | whole number | the style's | decimals in the table |
| `labels` | table | the codebook's titles | from coefficient (or column) to words |

A category enters with its first level as reference; the arm's column with the reference of `[arms]`.

## Example

```{model #effects}
data = "btheb@1.0.0"
formula = "bdi.2m ~ treatment + bdi.pre + drug + length"
```

Values for the text: `{{ effects["bdi.2m"]["treatment[BtheB]"].estimate | est_ci }}`, `{{ effects["bdi.2m"].nobs }}`.

## What it refuses

- Random effects, `.` for all columns, offsets.
- An outcome that is constant or no number, a factor with one level, no residual degrees of freedom.
- Coefficients that the data can't tell apart are not estimated: they have no value, and the reason.

## Method

Least squares by Householder QR with the limited pivoting of LINPACK, as R's `lm`. Type III tests with sum contrasts
(Fox and Weisberg 2019). Covariances HC0 to HC3: MacKinnon and White (1985).
"#;
