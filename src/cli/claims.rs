//! `claims REPORT`.

use clap::{Args, ValueEnum};

use super::ui::{Ui, line};
use crate::claims::{Judged, Verdict, json, judge, text};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::project::Project;

/// Sets published values beside recomputed ones.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trialbook claims my-trial
  trialbook claims my-trial --only contradicted --only last-digit
  trialbook claims my-trial --only all
  trialbook claims my-trial --format json

reports/REPORT/claims.toml lists values as a publication prints them, with the statistics that they should
equal. A value is reproduced if the recomputed one lies within half a unit of its last printed digit. They are
counted by place, and those that are not reproduced are listed; as JSON, all are. Only what is stale is
computed, as `build` does it; nothing is written but the store of results.

Exit status: 0 no claim is contradicted but known misprints; 1 one is; 2 the input is wrong.")]
pub struct Claims {
    /// The report by name
    report: String,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// List claims of that kind; may be given several times
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    only: Vec<Kind>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs: schema trialbook-claims/1
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Every claim
    All,
    /// Equal at the printed precision
    Reproduced,
    /// Off by one unit of the last printed digit
    LastDigit,
    /// Another number
    Contradicted,
    /// Nothing to compare with
    NotComputable,
    /// Contradicted or off by a digit, and known to be misprints
    Misprint,
}

impl Kind {
    fn holds(self, judged: &Judged<'_>) -> bool {
        match self {
            Self::All => true,
            Self::Reproduced => judged.verdict == Verdict::Reproduced,
            Self::LastDigit => judged.verdict == Verdict::LastDigit,
            Self::Contradicted => judged.verdict == Verdict::Contradicted,
            Self::NotComputable => judged.verdict == Verdict::NotComputable,
            Self::Misprint => judged.is_known_misprint(),
        }
    }
}

impl Claims {
    /// Prints the claims with their verdicts.
    pub fn run(&self, project: &Project, ui: &Ui) -> Diagnostics {
        let (names, mut diagnostics) = project.select(std::slice::from_ref(&self.report));
        let Some(name) = names.first() else {
            return diagnostics;
        };
        let prepared = project.prepare(name);
        if !prepared.diagnostics().has_errors() && prepared.claims().is_none() {
            let message = format!("there is no reports/{name}/claims.toml");
            let help =
                "list there what the publication prints: [[claim]] with place, text and statistic";
            diagnostics.push(Diagnostic::error("no-claims", message).help(help));
            return diagnostics;
        }
        let progress = ui.progress(name, prepared.steps());
        let draft = project.draft(&prepared, &project.store(), None, &|event| {
            progress.note(event);
        });
        progress.finish();
        let (Some(content), Some(claims)) = (draft.content, prepared.claims()) else {
            diagnostics.extend(draft.diagnostics);
            return diagnostics;
        };
        // What else is remarkable about the report is said by `build`.
        let of_claims = |d: &Diagnostic| d.code == "repeated-claim";
        diagnostics.extend(draft.diagnostics.into_iter().filter(of_claims));
        let judgement = diagnostics.extend_with(judge(claims, &content.results));
        let show = |judged: &Judged<'_>| match self.only.as_slice() {
            [] => self.format == Format::Json || judged.verdict != Verdict::Reproduced,
            kinds => kinds.iter().any(|k| k.holds(judged)),
        };
        line(&match self.format {
            Format::Text => text(&judgement, show),
            Format::Json => json(name, &judgement, show),
        });
        diagnostics
    }
}
