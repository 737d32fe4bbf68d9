//! What was counted, for whatever shows it, and the notes that go with it.

use super::{Scale, Spec, StartKey, WorseningKey};
use crate::analysis::notes::Notes;
use crate::artefact::{Form, Label, Measure, NoteNumber};
use crate::dataset::Level;
use crate::statistic::StatId;

/// The counts of a measure.
pub(super) struct Counted<'a> {
    pub scale: &'a Scale,
    pub visits: Vec<CountedVisit<'a>>,
}

/// The counts at a visit, by arm, and their test.
pub(super) struct CountedVisit<'a> {
    pub visit: &'a Level,
    pub arms: Vec<CountedArm>,
    pub test: CountedTest,
}

/// The counts of an arm.
pub(super) struct CountedArm {
    /// How many have both scores.
    pub total: u64,
    /// How many have not.
    pub missing: usize,
    pub total_id: StatId,
    pub missing_id: StatId,
    /// One a category.
    pub changes: Vec<CountedChange>,
}

/// Who is in a category.
pub(super) struct CountedChange {
    pub n: StatId,
    pub p: StatId,
}

/// The comparison of the arms.
pub(super) struct CountedTest {
    /// The statistic and its degrees of freedom; none of an exact test.
    pub statistic: Option<(StatId, StatId)>,
    pub p: StatId,
    /// Whether expected counts are small.
    pub sparse: bool,
    /// Why there is no test.
    pub refused: Option<String>,
}

impl CountedVisit<'_> {
    /// How many lack a score, by arm.
    fn missing(&self) -> Vec<usize> {
        self.arms.iter().map(|a| a.missing).collect()
    }

    fn lacks_scores(&self) -> bool {
        self.arms.iter().any(|a| a.missing > 0)
    }
}

impl CountedTest {
    /// The statistic with its degrees of freedom, if the test has one.
    pub fn statistic_form(&self) -> Option<Form> {
        let (statistic, parameter) = self.statistic.clone()?;
        Some(Form::TestStatistic {
            statistic,
            parameter,
        })
    }
}

/// Heads of the columns of [`CountedTest`].
pub(super) fn columns(spec: &Spec) -> Vec<Label> {
    let statistic = spec.test.has_statistic().then(|| Label::text("χ² (df)"));
    let p = Label::default().measure(Measure::PValue);
    statistic.into_iter().chain([p]).collect()
}

/// Notes on who was not counted: one of all where it is the same everywhere, else one at each label.
pub(super) struct SizeNotes {
    /// Whether one note says it of all.
    general: bool,
    /// Keys of notes by how many are missing in each arm.
    known: Vec<(Vec<usize>, String)>,
}

impl SizeNotes {
    /// Begins them, with the note of all if there can be one.
    pub fn new(spec: &Spec, counted: &[Counted<'_>], notes: &mut Notes) -> Self {
        let mut visits = counted.iter().flat_map(|c| &c.visits);
        let first = visits.next();
        let general = first.is_some_and(|f| visits.all(|v| v.missing() == f.missing()));
        if let Some(first) = first.filter(|f| general && f.lacks_scores()) {
            let (text, numbers) = missing_words(spec, first);
            notes.counted_general(text, numbers);
        }
        Self {
            general,
            known: Vec::new(),
        }
    }

    /// The key of a visit's note, if it needs one.
    pub fn key(
        &mut self,
        spec: &Spec,
        visit: &CountedVisit<'_>,
        notes: &mut Notes,
    ) -> Option<String> {
        if self.general || !visit.lacks_scores() {
            return None;
        }
        let missing = visit.missing();
        if let Some((_, key)) = self.known.iter().find(|(m, _)| *m == missing) {
            return Some(key.clone());
        }
        let (text, numbers) = missing_words(spec, visit);
        let key = notes.counted(text, numbers);
        self.known.push((missing, key.clone()));
        Some(key)
    }
}

/// `Not counted, for one of the two scores is missing: CCT, 1; WL, 2.`
fn missing_words(spec: &Spec, visit: &CountedVisit<'_>) -> (String, Vec<NoteNumber>) {
    let mut text = "Not counted, for one of the two scores is missing: ".to_owned();
    let mut numbers: Vec<NoteNumber> = Vec::new();
    for (arm, counted) in spec.arms.levels.iter().zip(&visit.arms) {
        match numbers.last_mut() {
            None => text.extend([arm.label.as_str(), ", "]),
            Some(last) => last.after = format!("; {}, ", arm.label),
        }
        let n = counted.missing_id.clone();
        numbers.push(NoteNumber {
            form: Form::Count { n },
            after: ".".to_owned(),
        });
    }
    (text, numbers)
}

/// What the categories are and how the arms are compared.
pub(super) fn method(spec: &Spec, notes: &mut Notes) {
    let recovered = match spec.start {
        StartKey::Dysfunctional => {
            "Recovered: reliably better, and from the dysfunctional to the functional side of the cut-off"
        }
        StartKey::Any => {
            "Recovered: reliably better, and on the functional side of the cut-off at the later visit"
        }
    };
    let deteriorated = match spec.deteriorated {
        WorseningKey::Reliable => "reliably worse",
        WorseningKey::Any => "any worse score",
    };
    notes.general(format!(
        "Reliable change after Jacobson and Truax (1991). {recovered}; improved: reliably better otherwise; \
         deteriorated: {deteriorated}; unchanged: all others. P by the {}.",
        spec.test.name()
    ));
}

/// The key of the note on small expected counts, if a test needs it.
pub(super) fn sparse(test: &CountedTest, notes: &mut Notes) -> Option<String> {
    let text = "Expected counts below 5 make the approximation doubtful.";
    test.sparse.then(|| notes.marked(text))
}
