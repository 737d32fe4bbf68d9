//! `forest`: effects with their intervals along an axis, of other directives and by subgroup.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::artefact::Scale;
use crate::dataset::Level;
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Forest;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    axis: String,
    effect: String,
    favors: (Option<String>, Option<String>),
    limits: Option<(f64, f64)>,
    digits: Option<u8>,
    conf_level: f64,
    scale: Scale,
    sections: Vec<Section>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Section {
    label: Option<String>,
    rows: SectionRows,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rows")]
enum SectionRows {
    /// Effects of another directive: those of its statistics named `estimate` whose level is one of these.
    Of {
        from: String,
        levels: Vec<String>,
        labels: Vec<(String, String)>,
    },
    /// Effects of the arm within the levels of factors.
    Subgroups(Subgroups),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Subgroups {
    /// Which of the step's inputs.
    input: usize,
    arms: Arms,
    /// Index of the arm that is compared with the reference.
    arm: usize,
    outcome: String,
    decimals: Option<u8>,
    adjust: Vec<String>,
    factors: Vec<Factor>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Factor {
    column: String,
    title: String,
    levels: Vec<Level>,
}

impl Analysis for Forest {
    type Spec = Spec;
    const NAME: &'static str = "forest";
    const VERSION: u32 = 1;
    const SHOWS: Shows = Shows::Figure;
    const DOC: &'static str = DOC;

    fn prepare(reader: &mut TableReader<'_>, scope: &Scope<'_>) -> Option<Prepared<Spec>> {
        prepare::prepare(reader, scope)
    }

    fn run(spec: &Spec, inputs: &Inputs<'_>) -> Outcome {
        run::run(spec, inputs).unwrap_or_else(Outcome::failed)
    }
}

const DOC: &str = r#"
# forest

Draws effects with their confidence intervals along an axis: those of other directives, and by subgroup.

## What it computes

A section with `from` computes nothing: it shows estimates of another directive. A section with `subgroups` fits, for
each factor, one linear model with the interaction of arm and factor: `outcome ~ arm * factor + adjust …`, and shows
the adjusted difference between the arms in each level, with the P value of the F test of the interaction at the
factor's head. The box's area is proportional to 1 / SE².

## Syntax

| key | type | default | meaning |
|---|---|---|---|
| `axis` | text | required | what the axis measures |
| `effect` | text | the style's word | the head of the column of estimates |
| `favors_left`, `favors_right` | text | none | words below the ends of the axis |
| `limits` | two numbers | from the data | the axis; intervals beyond end in arrows |
| `scale` | `difference`, `ratio` | `difference` | a ratio has a logarithmic axis |
| `digits` | whole number | the style's | decimals of the estimates |
| `conf_level` | number | 0.95 | the level of the intervals of subgroups |
| `[[section]]` | tables | required | one or more |

In a section: `label` (a head over its rows); either `from` (the label of an `outcomes` or `model`), `estimate` (which
of its levels, such as `"adjusted"`, or a list) and `labels` (a table from level to words); or `data`, `population`,
`by`, `outcome`, `subgroups` (a list of factors), `adjust` (a list of covariates), and, of more than two arms,
`compare` (the arm).

## Example

```{forest #fig-forest}
axis = "Adjusted difference in BDI-II score"
favors_left = "Favors Beat the Blues"
favors_right = "Favors usual care"
caption = "Differences by visit and subgroup"
[[section]]
label = "Visit"
from = "tbl-outcomes"
estimate = "adjusted"
[[section]]
label = "2 months, by subgroup"
data = "btheb@1.0.0"
outcome = "bdi.2m"
subgroups = ["drug", "length"]
adjust = ["bdi.pre", "drug", "length"]
```

Values for the text: `{{ fig-forest["bdi.2m"]["drug=Yes"]["treatment=BtheB"].estimate | est_ci }}`, and of the
interaction `{{ fig-forest["bdi.2m"].drug["p.value"] | p }}`.

## What it refuses

- A subgroup in which an arm has nobody: its effect does not exist, and its row says so.
- Factors with one level, outcomes that are no numbers, a ratio axis for a difference that is not positive.

## Method

Analysis of covariance by least squares; interactions by the F test of all interaction terms. Boxes: Lewis and Clarke
(2001). Subgroup effects are to be read by their interaction, not one by one (Pocock et al 2002).
"#;
