//! The figure: a bar an arm, cut into the four categories.

use super::counted::{
    Counted, CountedArm, CountedTest, CountedVisit, SizeNotes, columns, method, sparse,
};
use super::run::CHANGES;
use super::{Spec, Values};
use crate::analysis::notes::Notes;
use crate::artefact::{
    Bar, BarCell, BarGroup, BarPlot, BarSection, BarSegment, Form, Label, Measure,
};
use crate::dataset::Level;

/// Makes the figure.
pub(super) fn chart(spec: &Spec, counted: &[Counted<'_>]) -> BarPlot {
    let mut notes = Notes::default();
    let mut sizes = SizeNotes::new(spec, counted, &mut notes);
    // Where all tests are doubtful, one note says so of all.
    let mut tests = counted.iter().flat_map(|c| &c.visits).map(|v| &v.test);
    let all_sparse = tests.all(|t| t.sparse);
    let mut sections = Vec::new();
    for measure in counted {
        let several = measure.visits.len() > 1;
        let mut label = Label::text(&measure.scale.label);
        let mut groups = Vec::new();
        for visit in &measure.visits {
            let mut visit_label = several.then(|| Label::text(&visit.visit.label));
            let marked = visit_label.as_mut().unwrap_or(&mut label);
            marked.notes.extend(sizes.key(spec, visit, &mut notes));
            groups.push(BarGroup {
                label: visit_label,
                cells: cells(spec, &visit.test, (!all_sparse).then_some(&mut notes)),
                bars: bars(spec, visit),
            });
        }
        sections.push(BarSection { label, groups });
    }
    if all_sparse {
        notes.general("Expected counts below 5 make the approximation of all tests doubtful.");
    }
    if spec.values == Values::Count {
        notes.general("Numbers in the bars are participants.");
    }
    method(spec, &mut notes);
    BarPlot {
        axis: "Participants, %".to_owned(),
        categories: CHANGES.map(|(_, _, words)| words.to_owned()).to_vec(),
        total: Label::default().measure(Measure::Count),
        columns: columns(spec),
        sections,
        notes: notes.finish(),
        abbreviations: Vec::new(),
    }
}

fn cells(spec: &Spec, test: &CountedTest, notes: Option<&mut Notes>) -> Vec<Option<BarCell>> {
    let mut cells = Vec::new();
    if spec.test.has_statistic() {
        cells.push(test.statistic_form().map(|form| BarCell {
            form,
            marks: Label::default(),
        }));
    }
    let mut marks = Label::default();
    marks
        .notes
        .extend(notes.and_then(|notes| sparse(test, notes)));
    cells.push(Some(BarCell {
        form: Form::PValue { p: test.p.clone() },
        marks,
    }));
    cells
}

fn bars(spec: &Spec, visit: &CountedVisit<'_>) -> Vec<Bar> {
    let arms = spec.arms.levels.iter().zip(&visit.arms);
    arms.map(|(arm, counted)| bar(spec, arm, counted)).collect()
}

fn bar(spec: &Spec, arm: &Level, counted: &CountedArm) -> Bar {
    let segment = |change: &super::counted::CountedChange| BarSegment {
        n: change.n.clone(),
        p: change.p.clone(),
        text: match spec.values {
            Values::Percent => Form::Percent {
                p: change.p.clone(),
                total: Some(counted.total_id.clone()),
            },
            Values::Count => Form::Count {
                n: change.n.clone(),
            },
        },
    };
    Bar {
        label: Label::text(&arm.label),
        total: counted.total_id.clone(),
        segments: counted.changes.iter().map(segment).collect(),
    }
}
