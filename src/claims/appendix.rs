//! The claims as an appendix of the document.

mod parts;

use std::collections::BTreeSet;

use super::{Against, Claim, Claims, Counts, Judged, Judgement, Verdict};
use crate::document::{
    ClaimLine, ClaimsAppendix, ClaimsCell, Exception, ExceptionGroup, Inline, Tone, aligned,
};
use crate::statistic::StatId;
use crate::style::JournalStyle;

/// Behind a recomputed value that differs from a known misprint.
const MISPRINT: &str = "†";
/// Behind a printed value that has none beside it.
const NOT_COMPUTABLE: &str = "‡";
/// What a value is called that neither its author nor the results name.
const NAMELESS: &str = "Not among the results";

/// The appendix: how many claims there are of each verdict, those that are not reproduced with what their authors say of
/// them, and all of them by place. `linked` says whether recomputed values lead to their entries in the provenance
/// appendix.
pub fn appendix(
    claims: &Claims,
    judgement: &Judgement<'_>,
    style: &JournalStyle,
    linked: bool,
) -> ClaimsAppendix {
    let places = places(judgement);
    let mut sources: Vec<&str> = places.iter().filter_map(|p| p.source).collect();
    let mut seen = BTreeSet::new();
    sources.retain(|key| seen.insert(*key));
    let view = View {
        claims,
        places,
        sources,
        style,
    };
    ClaimsAppendix {
        about: view.about(judgement, linked),
        exceptions: view.exceptions(),
        parts: view.parts(),
    }
}

/// The claims of a place in a publication.
struct Place<'j> {
    source: Option<&'j str>,
    name: &'j str,
    all: Vec<&'j Judged<'j>>,
}

/// By place, in the order in which the places first come.
fn places<'j>(judgement: &'j Judgement<'j>) -> Vec<Place<'j>> {
    let places = judgement.grouped(|claim| (claim.source.as_deref(), claim.place.as_str()));
    let places = places.into_iter();
    places
        .map(|((source, name), all)| Place { source, name, all })
        .collect()
}

/// A line of a column with the statistic and how it agrees: what becomes a cell.
type Draft = (Vec<ClaimLine>, Option<StatId>, Tone);

struct View<'j> {
    claims: &'j Claims,
    places: Vec<Place<'j>>,
    /// The keys of the publications.
    sources: Vec<&'j str>,
    style: &'j JournalStyle,
}

impl View<'_> {
    /// The name of a place; where there are several publications, with that which it is in.
    fn title(&self, place: &Place<'_>) -> String {
        match place.source {
            Some(key) if self.sources.len() > 1 => format!("{} ({key})", place.name),
            _ => place.name.to_owned(),
        }
    }

    fn about(&self, judgement: &Judgement<'_>, linked: bool) -> Vec<Inline> {
        let keys = &self.sources;
        let (publication, print) = if keys.len() > 1 {
            ("publications", "print")
        } else {
            ("publication", "prints")
        };
        let mut about = vec![Inline::text(format!(
            "What the {publication} of these data "
        ))];
        if !keys.is_empty() {
            about.push(Inline::Cite {
                keys: keys.iter().map(|k| (*k).to_owned()).collect(),
            });
            about.push(Inline::text(" "));
        }
        about.push(Inline::text(format!(
            "{print} is set here beside what was recomputed. {}",
            counted(judgement.counts())
        )));
        let grids = judgement.all.iter().any(|j| j.claim.cell.is_some());
        let below = if grids {
            " In tables with several numbers in a row, the recomputed value stands below the printed one where the two \
             differ."
        } else {
            ""
        };
        let leading = if linked {
            " and lead to where they come from"
        } else {
            ""
        };
        about.push(Inline::text(format!(
            "Recomputed values are rounded as the printed ones are{leading}.{below}"
        )));
        about
    }

    fn exceptions(&self) -> Vec<ExceptionGroup> {
        let wrong = |j: &&&Judged<'_>| j.verdict != Verdict::Reproduced;
        let shown = || {
            let places = self.places.iter();
            places.flat_map(|p| p.all.iter().filter(wrong))
        };
        let printed = aligned(shown().map(|j| self.printed(j, "")).collect());
        let recomputed = aligned(shown().map(|j| self.recomputed(j)).collect());
        let mut cells = printed.into_iter().zip(recomputed);
        let mut groups = Vec::new();
        for place in &self.places {
            let rows: Vec<Exception> = place
                .all
                .iter()
                .filter(wrong)
                .zip(cells.by_ref())
                .map(|(judged, cells)| self.exception(judged, cells))
                .collect();
            if !rows.is_empty() {
                groups.push(ExceptionGroup {
                    place: self.title(place),
                    rows,
                });
            }
        }
        groups
    }

    fn exception(
        &self,
        judged: &Judged<'_>,
        (printed, recomputed): (ClaimsCell, ClaimsCell),
    ) -> Exception {
        let claim = judged.claim;
        let name = name(judged);
        let mut verdict = judged.verdict.words().to_owned();
        if judged.is_known_misprint() {
            verdict.push_str(", known misprint");
        }
        let label = claim.label.clone().or_else(|| self.cell_label(claim));
        let remark = claim.misprint.clone().or_else(|| judged.note.clone());
        Exception {
            label: label.or_else(|| name.is_none().then(|| NAMELESS.to_owned())),
            name: name.map(str::to_owned),
            printed,
            recomputed,
            verdict,
            remark: remark.unwrap_or_default(),
        }
    }

    /// A printed value, and the mark where there is nothing beside it.
    fn printed(&self, judged: &Judged<'_>, mark: &'static str) -> Draft {
        let notation = &self.style.rules.notation;
        let line = match &judged.claim.printed {
            Some(printed) => ClaimLine::Number {
                sign: "",
                number: printed.text_in(notation),
                marks: mark,
            },
            None => ClaimLine::Words {
                text: judged.claim.text.clone(),
                marks: mark,
            },
        };
        let tone = if mark.is_empty() {
            Tone::Plain
        } else {
            Tone::Open
        };
        (vec![line], None, tone)
    }

    /// A recomputed value with its sign and mark.
    fn recomputed(&self, judged: &Judged<'_>) -> Draft {
        let (sign, tone) = match judged.verdict {
            Verdict::Reproduced => ("", Tone::Plain),
            Verdict::LastDigit => ("≈", Tone::Slight),
            Verdict::Contradicted => ("≠", Tone::Grave),
            Verdict::NotComputable => ("", Tone::Open),
        };
        let number = (judged.claim.printed.as_ref().zip(judged.value))
            .map(|(printed, value)| printed.like_in(value, &self.style.rules.notation));
        let line = match number {
            Some(number) => ClaimLine::Number {
                sign,
                number,
                marks: if judged.is_known_misprint() {
                    MISPRINT
                } else {
                    ""
                },
            },
            None => ClaimLine::Words {
                text: self.style.rules.words.not_available.clone(),
                marks: NOT_COMPUTABLE,
            },
        };
        (vec![line], judged.statistic.clone(), tone)
    }

    /// A cell of a table: the printed value, and below it the recomputed one where they differ.
    fn both(&self, judged: &Judged<'_>) -> Draft {
        match judged.verdict {
            Verdict::Reproduced => {
                let (lines, ..) = self.printed(judged, "");
                (lines, judged.statistic.clone(), Tone::Plain)
            }
            Verdict::NotComputable => self.printed(judged, NOT_COMPUTABLE),
            Verdict::LastDigit | Verdict::Contradicted => {
                let (mut lines, ..) = self.printed(judged, "");
                let (recomputed, statistic, tone) = self.recomputed(judged);
                lines.extend(recomputed);
                (lines, statistic, tone)
            }
        }
    }

    /// What the author calls a cell of a table: the table, the row and the column, if the table has a label.
    fn cell_label(&self, claim: &Claim) -> Option<String> {
        let cell = claim.cell?;
        let grid = self.claims.grids.get(cell.grid)?;
        let parts = [
            Some(grid.label.as_deref()?),
            grid.rows.get(cell.row).map(String::as_str),
            grid.heads.get(cell.column).map(|h| head(h)),
        ];
        let parts = parts.into_iter().flatten().filter(|p| !p.is_empty());
        Some(parts.collect::<Vec<_>>().join(", "))
    }
}

/// The statistic that a claim is compared with, by its id; as it is named where there is none.
fn name<'j>(judged: &'j Judged<'_>) -> Option<&'j str> {
    let named = match &judged.claim.against {
        Against::Statistic(name) => Some(name.as_str()),
        Against::NotComputable(_) => None,
    };
    judged.statistic.as_ref().map(StatId::as_str).or(named)
}

/// The head of a column of statistics: what is called by its name in the results, in words.
fn head(column: &str) -> &str {
    match column {
        "estimate" => "Estimate",
        "std.error" => "SE",
        "conf.low" => "CI, lower",
        "conf.high" => "CI, upper",
        "p.value" => "P value",
        "p.adjusted" => "Adjusted P value",
        "statistic" => "Statistic",
        "n" => "No.",
        "p" => "Proportion",
        "mean" => "Mean",
        "sd" => "SD",
        "median" => "Median",
        "min" => "Minimum",
        "max" => "Maximum",
        other => other,
    }
}

/// Counts in sentences, with the marks that stand for the verdicts.
fn counted(counts: Counts) -> String {
    let Counts {
        claims,
        reproduced,
        last_digit,
        contradicted,
        not_computable,
        known_misprints,
    } = counts;
    let misprints = match known_misprints {
        0 => String::new(),
        n => format!(" Known misprints ({MISPRINT}) among those that differ: {n}."),
    };
    format!(
        "Of {claims} values, reproduced (equal at the printed precision): {reproduced}; off by one unit of the last \
         printed digit (≈): {last_digit}; contradicted (≠): {contradicted}; not computable ({NOT_COMPUTABLE}): \
         {not_computable}.{misprints} "
    )
}
