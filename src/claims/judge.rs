//! Verdicts.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Against, Agreement, Claim, Claims};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::statistic::{ResultSet, StatId};
use crate::trace::{Found, Names, by_name, label_of};

/// How many diagnostics of a kind are shown; the others are counted.
const MOST_SHOWN: usize = 20;

/// What a claim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Equal at the printed precision: within half a unit of the last printed digit, the boundary included.
    Reproduced,
    /// Off by one unit of the last printed digit.
    LastDigit,
    /// Another number.
    Contradicted,
    /// There is nothing to compare with, for the reason in the note.
    NotComputable,
}

impl Verdict {
    /// The verdict in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::LastDigit => "last digit",
            Self::Contradicted => "contradicted",
            Self::NotComputable => "not computable",
        }
    }
}

/// A claim with its verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// The statistic, where it was found.
    pub statistic: Option<StatId>,
    /// The recomputed value at full precision.
    pub value: Option<f64>,
    /// The recomputed value as the text prints it.
    pub recomputed: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// What there is to know: why it can't be computed, or which misprint is known.
    pub note: Option<String>,
}

impl Judged<'_> {
    /// Whether the claim is contradicted or off by a digit, and known to be a misprint.
    pub fn is_known_misprint(&self) -> bool {
        let wrong = matches!(self.verdict, Verdict::Contradicted | Verdict::LastDigit);
        wrong && self.claim.misprint.is_some()
    }

    /// Whether the claim fails the report: contradicted, and not known to be a misprint.
    pub fn fails(&self) -> bool {
        self.verdict == Verdict::Contradicted && self.claim.misprint.is_none()
    }
}

/// How many claims there are of each verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All claims.
    pub claims: usize,
    /// Those reproduced.
    pub reproduced: usize,
    /// Those off by one unit of the last digit.
    pub last_digit: usize,
    /// Those contradicted, known misprints among them.
    pub contradicted: usize,
    /// Those that can't be computed.
    pub not_computable: usize,
    /// Those contradicted or off by a digit that are known misprints.
    pub known_misprints: usize,
}

/// All claims with their verdicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement<'a> {
    /// In the order of `claims.toml`.
    pub all: Vec<Judged<'a>>,
}

impl<'a> Judgement<'a> {
    /// How many there are of each verdict.
    pub fn counts(&self) -> Counts {
        count(self.all.iter())
    }

    /// How many there are of each verdict, by place, in the order in which the places first come.
    pub fn by_place(&self) -> Vec<(String, Counts)> {
        let places = self.grouped(|claim| claim.place.as_str()).into_iter();
        let counted = places.map(|(place, all)| (place.to_owned(), count(all.into_iter())));
        counted.collect()
    }

    /// The claims that have something in common, in the order in which that first comes.
    pub(super) fn grouped<K: Ord + Copy>(
        &self,
        key: impl Fn(&'a Claim) -> K,
    ) -> Vec<(K, Vec<&Judged<'a>>)> {
        let mut numbers: BTreeMap<K, usize> = BTreeMap::new();
        let mut groups: Vec<(K, Vec<&Judged<'a>>)> = Vec::new();
        for judged in &self.all {
            let key = key(judged.claim);
            let number = *numbers.entry(key).or_insert(groups.len());
            match groups.get_mut(number) {
                Some((_, group)) => group.push(judged),
                None => groups.push((key, vec![judged])),
            }
        }
        groups
    }
}

fn count<'j, 'a: 'j>(all: impl Iterator<Item = &'j Judged<'a>>) -> Counts {
    let mut counts = Counts::default();
    for judged in all {
        counts.claims += 1;
        *match judged.verdict {
            Verdict::Reproduced => &mut counts.reproduced,
            Verdict::LastDigit => &mut counts.last_digit,
            Verdict::Contradicted => &mut counts.contradicted,
            Verdict::NotComputable => &mut counts.not_computable,
        } += 1;
        counts.known_misprints += usize::from(judged.is_known_misprint());
    }
    counts
}

/// Sets every claim beside its statistic. An unknown statistic is an error with near names, a contradiction that is no
/// known misprint is broken, a known misprint that is reproduced a warning.
pub fn judge<'a>(claims: &'a Claims, results: &ResultSet) -> (Judgement<'a>, Diagnostics) {
    let names = Names::new(results);
    let mut unknown = Few::default();
    let mut broken = Few::default();
    let mut needless = Few::default();
    let mut all = Vec::with_capacity(claims.all.len());
    for claim in &claims.all {
        let judged = match &claim.against {
            Against::NotComputable(why) => not_computable(claim, None, why.clone()),
            Against::Statistic(name) => match names.find(name) {
                Some(id) => compare(claim, id, results),
                None => {
                    let (note, diagnostic) = not_found(results, name, unknown.is_full());
                    unknown.push(diagnostic.at(claim.span.clone()));
                    not_computable(claim, None, note)
                }
            },
        };
        if judged.fails() {
            broken.push(contradiction(&judged));
        }
        if judged.verdict == Verdict::Reproduced && claim.misprint.is_some() {
            let message = format!(
                "`{}` is said to be a misprint and is reproduced",
                claim.text
            );
            let warning = Diagnostic::warning("needless-misprint", message);
            needless.push(warning.at(claim.span.clone()).help("leave `misprint` out"));
        }
        all.push(judged);
    }
    let mut diagnostics = Diagnostics::new();
    unknown.give(&mut diagnostics, |n| {
        let message = format!("{n} more claims name a statistic that is not there");
        Diagnostic::error("unknown-statistic", message)
    });
    broken.give(&mut diagnostics, |n| {
        Diagnostic::broken(
            "claim-contradicted",
            format!("{n} more claims are contradicted"),
        )
    });
    needless.give(&mut diagnostics, |n| {
        let message = format!("{n} more misprints are reproduced");
        Diagnostic::warning("needless-misprint", message)
    });
    (Judgement { all }, diagnostics)
}

/// Reports claims about statistics whose label is none of these: what can be told before there are numbers.
pub fn unknown_labels<'l, L>(claims: &Claims, labels: impl Fn() -> L) -> Diagnostics
where
    L: Iterator<Item = &'l str>,
{
    let known: BTreeSet<&str> = labels().collect();
    let mut unknown = Few::default();
    for claim in &claims.all {
        let Against::Statistic(name) = &claim.against else {
            continue;
        };
        let label = label_of(name);
        if !known.contains(label) {
            let message = format!("there is no directive with the label `{label}`");
            let diagnostic = Diagnostic::error("unknown-label", message);
            unknown.push(diagnostic.at(claim.span.clone()).suggest(label, labels()));
        }
    }
    let mut diagnostics = Diagnostics::new();
    unknown.give(&mut diagnostics, |n| {
        let message = format!("{n} more claims name a label that is not there");
        Diagnostic::error("unknown-label", message)
    });
    diagnostics
}

/// The first diagnostics of a kind, and how many there are.
#[derive(Default)]
pub(super) struct Few {
    shown: Vec<Diagnostic>,
    count: usize,
}

impl Few {
    pub(super) fn is_full(&self) -> bool {
        self.shown.len() >= MOST_SHOWN
    }

    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.count += 1;
        if !self.is_full() {
            self.shown.push(diagnostic);
        }
    }

    pub(super) fn give(self, to: &mut Diagnostics, more: impl Fn(usize) -> Diagnostic) {
        let left = self.count - self.shown.len();
        to.extend(self.shown);
        if left > 0 {
            to.push(more(left));
        }
    }
}

fn not_computable(claim: &Claim, statistic: Option<StatId>, note: String) -> Judged<'_> {
    Judged {
        claim,
        statistic,
        value: None,
        recomputed: None,
        verdict: Verdict::NotComputable,
        note: Some(note),
    }
}

/// Why there is nothing of that name; near names are looked for only where they will be shown.
fn not_found(results: &ResultSet, name: &str, plainly: bool) -> (String, Diagnostic) {
    let plain = || {
        let message = format!("there is no statistic `{name}`");
        Diagnostic::error("unknown-statistic", message)
    };
    if plainly {
        return (plain().message, plain());
    }
    match by_name(results, name) {
        Err(diagnostic) => (diagnostic.message.clone(), diagnostic),
        Ok(Found::One(_)) => (plain().message, plain()),
        Ok(Found::Several(ids)) => {
            let message = format!("`{name}` names {} statistics, not one", ids.len());
            let some: Vec<String> = ids.iter().take(5).map(|id| format!("`{id}`")).collect();
            let diagnostic = Diagnostic::error("several-numbers", message.clone())
                .help(format!("name one of them, such as {}", some.join(", ")));
            (message, diagnostic)
        }
    }
}

fn compare<'a>(claim: &'a Claim, id: StatId, results: &ResultSet) -> Judged<'a> {
    let statistic = results.get(&id);
    let Some(value) = statistic.and_then(|s| s.value) else {
        let why = statistic.map_or_else(String::new, |s| s.warnings.join("; "));
        let note = if why.is_empty() {
            "the statistic has no value".to_owned()
        } else {
            why
        };
        return not_computable(claim, Some(id), note);
    };
    let Some(printed) = &claim.printed else {
        return not_computable(claim, Some(id), "the text is no number".to_owned());
    };
    let verdict = match printed.agreement(value) {
        Agreement::Same => Verdict::Reproduced,
        Agreement::LastDigit => Verdict::LastDigit,
        Agreement::Other => Verdict::Contradicted,
    };
    let note = match (&claim.misprint, verdict) {
        (Some(why), Verdict::Reproduced) => Some(format!("said to be a misprint: {why}")),
        (Some(why), _) => Some(format!("known misprint: {why}")),
        (None, Verdict::Reproduced) => None,
        (None, _) if !printed.is_bound() && printed.agreement(-value) == Agreement::Same => {
            Some("the same number with the other sign".to_owned())
        }
        (None, _) => None,
    };
    Judged {
        claim,
        statistic: Some(id),
        value: Some(value),
        recomputed: Some(printed.like(value)),
        verdict,
        note,
    }
}

fn contradiction(judged: &Judged<'_>) -> Diagnostic {
    let claim = judged.claim;
    let message = format!(
        "{} prints {}, and the data give {}",
        claim.place,
        claim.text,
        judged.recomputed.as_deref().unwrap_or("another number")
    );
    Diagnostic::broken("claim-contradicted", message).at(claim.span.clone())
}
