//! Printed tables.

use std::collections::BTreeMap;

use proptest::prelude::*;
use trialbook::artefact::{
    Cell, Column, Form, Label, Measure, Note, NoteNumber, Quantity, Row, RowKind, Spanner, Table,
};
use trialbook::document::table::{Piece, PrintedCell, PrintedTable};
use trialbook::document::{Inline, TableFault, print_table};
use trialbook::style::{JournalStyle, Printer};

use super::super::style::{built_in, fixture};
use super::{Numbers, cell, column, text};

fn print(table: &Table, numbers: &Numbers, style: &JournalStyle) -> PrintedTable {
    let printer = Printer::new(style, &numbers.results);
    let (printed, faults) = print_table(table, printer, Vec::new());
    assert!(faults.is_empty(), "{faults:?}");
    printed
}

fn row(label: Label, cells: Vec<Cell>) -> Row {
    Row {
        kind: RowKind::Item,
        indent: 0,
        label,
        cells,
    }
}

fn mean_sd(numbers: &mut Numbers, variable: &str, arm: &str, mean: f64, sd: f64) -> Cell {
    let form = Form::MeanSd {
        mean: numbers.add(variable, Some(arm), "mean", mean, Some(0)),
        sd: numbers.add(variable, Some(arm), "sd", sd, Some(0)),
    };
    Cell::number(Quantity::new(form))
}

fn count(numbers: &mut Numbers, variable: &str, arm: &str, n: f64, total: f64) -> Cell {
    let form = Form::CountPercent {
        n: numbers.add(variable, Some(arm), "n", n, None),
        p: numbers.add(variable, Some(arm), "p", n / total, None),
        total: numbers.add(variable, Some(arm), "N", total, None),
    };
    Cell::number(Quantity::new(form))
}

fn effect(numbers: &mut Numbers, variable: &str, values: [f64; 3]) -> Cell {
    let [estimate, low, high] = values;
    let form = Form::EstimateCi {
        estimate: numbers.add(variable, None, "estimate", estimate, Some(0)),
        low: numbers.add(variable, None, "conf.low", low, Some(0)),
        high: numbers.add(variable, None, "conf.high", high, Some(0)),
    };
    Cell::number(Quantity::new(form))
}

fn p_value(numbers: &mut Numbers, variable: &str, p: f64) -> Cell {
    let p = numbers.add(variable, None, "p.value", p, None);
    Cell::number(Quantity::new(Form::PValue { p }))
}

fn head(label: Label) -> Column {
    Column {
        label,
        words: false,
    }
}

/// A Table 1 of two arms.
fn baseline(numbers: &mut Numbers) -> Table {
    let arms = [("TAU", 48.0), ("BtheB", 52.0)];
    let columns = arms.map(|(arm, n)| {
        let n = numbers.add("arm", Some(arm), "N", n, None);
        head(Label::text(arm).n(n))
    });
    let age = vec![
        mean_sd(numbers, "age", "TAU", 43.25, 9.5),
        mean_sd(numbers, "age", "BtheB", 5.04, 14.04),
    ];
    let drug = vec![
        count(numbers, "drug", "TAU", 8.0, 48.0),
        count(numbers, "drug", "BtheB", 34.0, 52.0),
    ];
    let long = vec![
        count(numbers, "long", "TAU", 24.0, 48.0),
        count(numbers, "long", "BtheB", 3.0, 52.0),
    ];
    let sd = vec![
        mean_sd(numbers, "bdi", "TAU", 23.0, f64::NAN),
        Cell::NotApplicable {
            note: Some("why".into()),
        },
    ];
    let unit = Some("y".to_owned());
    Table {
        stub: Label::default(),
        columns: columns.into(),
        spanners: vec![Spanner {
            label: Label::text("Group").note("groups"),
            first: 0,
            last: 1,
        }],
        rows: vec![
            row(Label::text("Age").measure(Measure::MeanSd).unit(unit), age),
            Row {
                kind: RowKind::Section,
                indent: 0,
                label: Label::text("History"),
                cells: Vec::new(),
            },
            Row {
                indent: 1,
                ..row(Label::text("Drug").measure(Measure::CountPercent), drug)
            },
            row(Label::text("Long").measure(Measure::CountPercent), long),
            row(
                Label::text("BDI-II").measure(Measure::MeanSd).note("bdi"),
                sd,
            ),
        ],
        notes: vec![
            Note {
                key: None,
                text: "Percentages may not total 100.".into(),
                numbers: Vec::new(),
            },
            Note {
                key: Some("bdi".into()),
                text: "Higher is worse.".into(),
                numbers: Vec::new(),
            },
            Note {
                key: Some("groups".into()),
                text: "As randomised.".into(),
                numbers: Vec::new(),
            },
            Note {
                key: Some("why".into()),
                text: "Not measured.".into(),
                numbers: Vec::new(),
            },
        ],
        abbreviations: vec![("BDI".into(), "Beck Depression Inventory".into())],
    }
}

fn heads(table: &PrintedTable) -> Vec<Vec<String>> {
    let row = |cells: &Vec<trialbook::document::table::HeadCell>| {
        cells.iter().map(|c| text(&c.content)).collect()
    };
    table.head.iter().map(row).collect()
}

fn notes(table: &PrintedTable) -> Vec<String> {
    let note = |note: &trialbook::document::table::PrintedNote| {
        let mark = note
            .mark
            .as_ref()
            .map_or(String::new(), |m| format!("{m} "));
        mark + &text(&note.content)
    };
    table.notes.iter().map(note).collect()
}

#[test]
fn a_table_in_jama() {
    let mut numbers = Numbers::default();
    let table = baseline(&mut numbers);
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(
        heads(&printed),
        [
            vec!["", "Group^a"],
            vec!["Characteristic", "TAU|(n = 48)", "BtheB|(n = 52)"]
        ]
    );
    let spans: Vec<usize> = printed.head[0].iter().map(|c| c.span).collect();
    assert_eq!(spans, [1, 2]);
    assert!(printed.head[0][1].rule);
    let labels: Vec<String> = printed.rows.iter().map(|r| text(&r.label)).collect();
    assert_eq!(
        labels,
        [
            "Age, mean (SD), y",
            "History",
            "Drug, No. (%)",
            "Long, No. (%)",
            "BDI-II, mean (SD)^b"
        ]
    );
    assert_eq!(
        column(&printed, 0),
        ["43.2 (9.5)", "·8 (17)", "24 (50)", "23.0 (NA)^c"]
    );
    assert_eq!(
        column(&printed, 1),
        ["5.0 (14.0)", "34 (65)", "·3· (6)", "NA^d"]
    );
    assert_eq!(
        notes(&printed),
        [
            "Abbreviations: BDI, Beck Depression Inventory; NA, not available; SD, standard deviation.",
            "Percentages may not total 100.",
            "a As randomised.",
            "b Higher is worse.",
            "c Needs at least 2 values; there is 1.",
            "d Not measured.",
        ]
    );
    assert_eq!(printed.columns, 3);
    assert_eq!(printed.words, [true, false, false]);
    let kept: Vec<bool> = printed.rows.iter().map(|r| r.keep_with_next).collect();
    assert_eq!(kept, [false, true, false, false, false]);
    assert_eq!(printed.rows[0].cells[0].stats.len(), 2);
}

#[test]
fn the_same_table_elsewhere() {
    let mut numbers = Numbers::default();
    let table = baseline(&mut numbers);
    let lancet = print(&table, &numbers, &fixture("lancet"));
    assert_eq!(text(&lancet.head[0][1].content), "Group^*");
    assert_eq!(text(&lancet.head[1][1].content), "TAU|(n=48)");
    assert_eq!(column(&lancet, 0)[0], "43·2 (9·5)");
    assert_eq!(notes(&lancet).last().unwrap(), "§ Not measured.");
    let nejm = print(&table, &numbers, &fixture("nejm"));
    assert_eq!(text(&nejm.rows[0].label), "Age, mean ±SD, y");
    assert_eq!(column(&nejm, 1)[0], "5.0±14.0");
    let plos = print(&table, &numbers, &built_in("plos"));
    assert_eq!(text(&plos.rows[0].label), "Age, M (SD), y");
    assert_eq!(
        notes(&plos)[0],
        "Abbreviations: BDI, Beck Depression Inventory; M, mean; NA, not available; SD, standard deviation."
    );
}

#[test]
fn decimals_and_brackets_align() {
    let mut numbers = Numbers::default();
    let values = [
        [-2.9, -5.24, -0.6],
        [12.0, -0.5, 24.56],
        [3.0, 1.0, 105.0],
        [-12.5, -120.0, 3.0],
    ];
    let names = ["a", "b", "c", "d"];
    let p = [0.034, 0.0004, 0.0496, 0.999];
    let rows = names.iter().zip(values).zip(p).map(|((name, v), p)| {
        let cells = vec![
            effect(&mut numbers, name, v),
            p_value(&mut numbers, name, p),
        ];
        row(Label::text(*name), cells)
    });
    let table = Table {
        rows: rows.collect(),
        columns: vec![
            head(Label::text("Difference").measure(Measure::EstimateCi)),
            head(Label::default().measure(Measure::PValue)),
        ],
        ..Table::default()
    };
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(
        column(&printed, 0),
        [
            "·−2.9·· (−5.2 to −0.6)·",
            "·12.0·· (−0.5 to 24.6)·",
            "··3.0··· (1.0 to 105.0)",
            "−12.5 (−120.0 to 3.0)··"
        ]
    );
    assert_eq!(
        column(&printed, 1),
        ["·.03··", "<.001·", "·.0496", ">.99··"]
    );
}

#[test]
fn limits_of_a_column_are_written_alike() {
    let mut numbers = Numbers::default();
    let both = [[1.0, 0.5, 2.0], [1.0, -0.5, 2.0]];
    let rows = ["a", "b"].iter().zip(both).map(|(name, v)| {
        let cell = effect(&mut numbers, name, v);
        row(Label::text(*name), vec![cell])
    });
    let mut table = Table {
        rows: rows.collect(),
        columns: vec![head(Label::text("Difference"))],
        ..Table::default()
    };
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(
        column(&printed, 0),
        ["1.0· (0.5 to 2.0)", "1.0 (−0.5 to 2.0)"]
    );
    table.rows.pop();
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(column(&printed, 0), ["1.0 (0.5-2.0)"]);
}

#[test]
fn marks_do_not_move_numbers() {
    let mut numbers = Numbers::default();
    let rows = ["a", "b"].map(|name| {
        let mut cell = p_value(&mut numbers, name, 0.03);
        if let (Cell::Number { notes, .. }, "a") = (&mut cell, name) {
            notes.extend(["x".to_owned(), "y".to_owned()]);
        }
        row(Label::text(name), vec![cell])
    });
    let note = |key: &str| Note {
        key: Some(key.into()),
        text: key.into(),
        numbers: Vec::new(),
    };
    let table = Table {
        rows: rows.into(),
        columns: vec![head(Label::default().measure(Measure::PValue))],
        notes: vec![note("y"), note("x")],
        ..Table::default()
    };
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(column(&printed, 0), [".03^a,b", ".03^···"]);
    assert_eq!(notes(&printed), ["a x", "b y"]);
}

#[test]
fn a_reason_that_a_note_gives_is_not_told_again() {
    let mut numbers = Numbers::default();
    let mut cell = mean_sd(&mut numbers, "bdi", "TAU", 23.0, f64::NAN);
    if let Cell::Number { notes, .. } = &mut cell {
        notes.push("one".into());
    }
    let table = Table {
        rows: vec![row(Label::text("BDI"), vec![cell])],
        columns: vec![head(Label::text("TAU"))],
        notes: vec![Note {
            key: Some("one".into()),
            text: "Not available: needs at least 2 values; there is 1.".into(),
            numbers: Vec::new(),
        }],
        ..Table::default()
    };
    let printed = print(&table, &numbers, &built_in("jama"));
    assert_eq!(column(&printed, 0), ["23.0 (NA)^a"]);
    assert_eq!(notes(&printed).len(), 2);
}

#[test]
fn mistakes_of_an_analysis_are_told() {
    let mut numbers = Numbers::default();
    let cell = p_value(&mut numbers, "a", 0.2);
    let spanner = |first, last| Spanner {
        label: Label::text("s"),
        first,
        last,
    };
    let table = Table {
        rows: vec![row(
            Label::text("a").note("nowhere"),
            vec![cell.clone(), cell],
        )],
        columns: vec![head(Label::text("P"))],
        spanners: vec![spanner(0, 7), spanner(3, 2), spanner(0, 0)],
        ..Table::default()
    };
    let jama = built_in("jama");
    let (printed, faults) = print_table(&table, Printer::new(&jama, &numbers.results), Vec::new());
    assert_eq!(
        faults,
        [
            TableFault::WrongSpanner("s".into()),
            TableFault::WrongSpanner("s".into()),
            TableFault::WrongRow { row: 0, cells: 2 },
            TableFault::UnknownNote("nowhere".into()),
        ]
    );
    assert_eq!(printed.rows[0].cells.len(), 1);
    let (empty, faults) = print_table(
        &Table::default(),
        Printer::new(&jama, &numbers.results),
        vec![vec![Inline::text("By hand.")]],
    );
    assert!(faults.is_empty());
    assert_eq!(empty.columns, 1);
    assert_eq!(notes(&empty), ["By hand."]);
}

/// How often each character is in a cell, digits and minus signs as one, raised ones apart.
fn width(cell: &PrintedCell) -> BTreeMap<(char, bool), usize> {
    let mut width = BTreeMap::new();
    let mut count = |text: &str, raised: bool| {
        for c in text.chars() {
            let c = match c {
                '0'..='9' | '−' => '0',
                '>' => '<',
                other => other,
            };
            *width.entry((c, raised)).or_insert(0) += 1;
        }
    };
    for piece in &cell.pieces {
        match piece {
            Piece::Phantom { text, superscript } => count(text, *superscript),
            Piece::Shown { content } => {
                for inline in content {
                    match inline {
                        Inline::Text { text } => count(text, false),
                        Inline::Superscript { content } => count(&text(content), true),
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    }
    width
}

fn column_of(style: &str, make: impl Fn(&mut Numbers, usize) -> Cell, rows: usize) -> PrintedTable {
    let mut numbers = Numbers::default();
    let cells: Vec<Cell> = (0..rows).map(|i| make(&mut numbers, i)).collect();
    let rows = cells.into_iter().map(|c| row(Label::text("x"), vec![c]));
    let table = Table {
        rows: rows.collect(),
        columns: vec![head(Label::text("y"))],
        ..Table::default()
    };
    let style = match style {
        "jama" | "plos" => built_in(style),
        other => fixture(other),
    };
    print(&table, &numbers, &style)
}

/// Cells whose visible words are the same but for their digits are equally wide.
fn assert_aligned(printed: &PrintedTable) {
    let shape = |c: &PrintedCell| {
        let shown: String = cell(c).chars().filter(|c| *c != '·').collect();
        let keep = |c: &char| !c.is_ascii_digit() && !"−.,<>\u{2009}".contains(*c);
        shown.chars().filter(keep).collect::<String>()
    };
    let cells: Vec<&PrintedCell> = printed.rows.iter().map(|r| &r.cells[0]).collect();
    for a in &cells {
        for b in cells.iter().filter(|b| shape(b) == shape(a)) {
            assert_eq!(width(a), width(b), "{} and {}", cell(a), cell(b));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn cells_of_one_form_are_equally_wide(
        values in prop::collection::vec((-3e4_f64..3e4, 0.0_f64..2e3, 0.0_f64..2e3, 0.0_f64..1.0), 1..8),
        style in prop::sample::select(vec!["jama", "nejm", "plos"]),
    ) {
        let name = |i: usize| format!("v{i}");
        let effects = column_of(style, |numbers, i| {
            let (e, low, high, _) = values[i];
            effect(numbers, &name(i), [e, e - low, e + high])
        }, values.len());
        assert_aligned(&effects);
        let means = column_of(style, |numbers, i| {
            mean_sd(numbers, &name(i), "a", values[i].0, values[i].1)
        }, values.len());
        assert_aligned(&means);
        let counts = column_of(style, |numbers, i| {
            let total = values[i].1.ceil() + 1.0;
            count(numbers, &name(i), "a", (values[i].3 * total).floor(), total)
        }, values.len());
        assert_aligned(&counts);
        let p = column_of(style, |numbers, i| p_value(numbers, &name(i), values[i].3.powi(6)), values.len());
        assert_aligned(&p);
    }
}

#[test]
fn notes_and_tests_hold_numbers_that_the_style_prints() {
    let mut numbers = Numbers::default();
    let n = numbers.add("bdi", Some("TAU"), "N_miss", 1234.0, None);
    let form = Form::TestStatistic {
        statistic: numbers.add("bdi", None, "statistic", 7.984, None),
        parameter: numbers.add("bdi", None, "parameter", 3.0, None),
    };
    let table = Table {
        columns: vec![Column {
            label: Label::text("χ² (df)"),
            words: false,
        }],
        rows: vec![row(
            Label::text("BDI"),
            vec![Cell::number(Quantity::new(form))],
        )],
        notes: vec![Note {
            key: None,
            text: "Not counted: TAU, ".into(),
            numbers: vec![NoteNumber {
                form: Form::Count { n: n.clone() },
                after: ".".into(),
            }],
        }],
        ..Table::default()
    };
    for (style, note) in [("plos", "1,234"), ("jama", "1234")] {
        let printed = print(&table, &numbers, &built_in(style));
        assert_eq!(column(&printed, 0), ["7.98 (3)"]);
        let content = &printed.notes[0].content;
        assert_eq!(text(content), format!("Not counted: TAU, {note}."));
        let shown = content
            .iter()
            .any(|inline| matches!(inline, Inline::Value { stats, .. } if *stats == [n.clone()]));
        assert!(shown, "{content:?}");
    }
}
