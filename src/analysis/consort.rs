//! `consort`: the flow of participants, counted from their rows.

mod prepare;
mod run;

use serde::{Deserialize, Serialize};

use super::{Analysis, Arms, Inputs, Outcome, Prepared, Scope, Shows};
use crate::reader::TableReader;

/// The directive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consort;

/// What the author wrote, resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Spec {
    arms: Arms,
    enrollment: Option<Enrollment>,
    randomised: String,
    allocated: String,
    received: Option<Part>,
    visits: Vec<Part>,
    analysis: Option<Analysed>,
}

/// What comes before the rows begin, quoted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Enrollment {
    label: String,
    assessed: u32,
    source: String,
    excluded_label: String,
    excluded: Vec<(String, u32)>,
}

/// Participants who have something, and those who have not with their reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Part {
    column: String,
    label: String,
    missing: String,
    reason: Option<String>,
}

/// Who is analysed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Analysed {
    columns: Vec<String>,
    /// Whether one of the columns is enough.
    any: bool,
    label: String,
    excluded: String,
    reason: Option<String>,
}

impl Analysis for Consort {
    type Spec = Spec;
    const NAME: &'static str = "consort";
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
# consort

Draws the flow of participants after the CONSORT statement, every count from the participants' rows.

## What it computes

One row of the population is one participant who was randomised. Counts by arm: allocated, received, measured at each
visit, analysed; and, of those who were not, how many for which reason. What lies before the data begin (assessed,
excluded) is left out unless it is quoted with its source.

## Syntax

| key | type | default | meaning |
|---|---|---|---|
| `data` | text | required | the dataset, `name@version`, one row a participant |
| `population` | text | all rows | who was randomised |
| `by` | text | `[arms]` | the column with the arm, 2 to 5 levels |
| `randomised_label` | text | `Randomized` | the words of the box |
| `allocated_label` | text | `Randomized to` | the words before the arm's name |
| `[enrollment]` | table | none | `assessed` (count), `source` (a key of the references), `label`, `excluded_label`; `[[enrollment.excluded]]` with `reason` and `n` |
| `[received]` | table | none | `column` (true and false), `label`, `missing_label`, `reason` (a column) |
| `[[visit]]` | tables | none | `column` (measured where it is not missing, or true), `label`, `missing_label`, `reason` (a column) |
| `[analysis]` | table | none | `columns`, `require` (`any` or `all`), `label`, `excluded_label`, `reason` (a column) |

## Example

```{consort #fig-flow}
data = "btheb@1.0.0"
caption = "Flow of participants"
[[visit]]
column = "bdi.2m"
label = "Assessed at 2 months"
[analysis]
columns = ["bdi.2m", "bdi.3m"]
label = "Included in an analysis of outcome"
```

Values for the text: `{{ fig-flow.randomised.n }}`, `{{ fig-flow.allocated["treatment=BtheB"].n }}`,
`{{ fig-flow["bdi.2m"].measured["treatment=BtheB"].n }}` (also `missing`), `{{ fig-flow.analysed["treatment=BtheB"].n }}`.

## What it refuses

- Rows without an arm: somebody randomised is in an arm.
- Quoted counts that do not add up: assessed less excluded must be the number of rows, and the reasons of exclusion
  count every excluded participant.
- More than 5 arms, which no page holds.

## Method

CONSORT 2010 (Schulz, Altman, Moher 2010) and its explanation (Moher et al 2010).
"#;
