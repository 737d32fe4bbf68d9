//! From report to document.

use std::collections::BTreeMap;
use std::sync::Arc;

use trialbook::artefact::{
    Artefact, Cell, Column, ForestEffect, ForestPlot, ForestRow, Form, Label, LinePlot, LinePoint,
    LineSeries, Measure, Note, Quantity, Row, RowKind, Scale, Table,
};
use trialbook::diagnostic::{Diagnostics, Source, Span};
use trialbook::document::{
    Block, Document, Inline, Materials, Place, assemble, first_shown, shown,
};
use trialbook::figure::{FigureTheme, FontSet, Metrics};
use trialbook::reader::At;
use trialbook::report::value::{Argument, Filter, Quoted, Value};
use trialbook::report::{Directive, FrontMatter, References, Report, ast};
use trialbook::style::{JournalStyle, Templates};

use super::super::style::{built_in, fixture};
use super::{Numbers, text};

/// A text of which every span of the tests is a part.
const SOURCE: &str = "tbl-baseline bdi arm=TAU mean est_ci digits nothing";

fn source() -> Arc<Source> {
    Source::new("reports/x/report.md", SOURCE)
}

/// Words with the place at which they stand in the source, or its start.
fn at(text: &str) -> At<String> {
    let start = SOURCE.find(text).unwrap_or(0);
    At {
        value: text.to_owned(),
        span: Span::new(&source(), start..start + text.len()),
    }
}

fn value(path: &[&str], filters: Vec<Filter>) -> Value {
    Value {
        span: Span::new(&source(), 0..SOURCE.len()),
        path: path.iter().map(|p| at(p)).collect(),
        filters,
    }
}

fn filter(name: &str, args: Vec<Argument>) -> Filter {
    let place = at("digits").span;
    let arg = |value| At {
        value,
        span: place.clone(),
    };
    Filter {
        name: at(name),
        args: args.into_iter().map(arg).collect(),
        named: Vec::new(),
    }
}

fn words(text: &str) -> ast::Inline {
    ast::Inline::Text {
        text: text.into(),
        span: at("").span,
    }
}

fn paragraph(content: Vec<ast::Inline>) -> ast::Block {
    ast::Block::Paragraph { content }
}

fn heading(level: u8, text: &str) -> ast::Block {
    ast::Block::Heading {
        level,
        content: vec![words(text)],
        results: false,
        span: at("").span,
    }
}

fn directive(label: &str, kind: &str) -> Directive {
    Directive {
        kind: at(kind),
        label: at(label),
        span: at(label).span,
        entries: Vec::new(),
        body: 0..0,
        readable: true,
        caption: vec![words("Caption of "), words(label)],
        caption_span: None,
        notes: vec![vec![words("By the author.")]],
    }
}

struct Case {
    report: Report,
    artefacts: BTreeMap<String, Artefact>,
    numbers: Numbers,
    style: JournalStyle,
}

impl Case {
    fn new(blocks: Vec<ast::Block>) -> Self {
        let source = source();
        let (mut report, _) = Report::parse("x", Arc::clone(&source), None);
        report.front = FrontMatter::empty(&source);
        report.front.title = at("A title");
        report.blocks = blocks;
        report.directives = vec![
            directive("tbl-baseline", "table1"),
            directive("fig-course", "trajectory"),
            directive("model", "model"),
        ];
        report.bibliography = Some(References {
            source: Source::new("reports/x/references.bib", "@article{a}"),
            keys: vec!["a".into(), "b".into()],
            cited: Vec::new(),
        });
        let mut numbers = Numbers::default();
        for arm in ["TAU", "BtheB"] {
            numbers.add("bdi", Some(arm), "mean", 23.346, Some(0));
            numbers.add("bdi", Some(arm), "sd", 10.75, Some(0));
        }
        numbers.add("bdi", Some("TAU"), "p.value", 0.034, None);
        numbers.add("age/years", None, "median", 43.0, Some(0));
        numbers.add("gone", None, "mean", f64::NAN, Some(0));
        Self {
            report,
            artefacts: BTreeMap::new(),
            numbers,
            style: built_in("jama"),
        }
    }

    fn of_values(values: Vec<Value>) -> Self {
        let content = values.into_iter().map(ast::Inline::Value).collect();
        Self::new(vec![paragraph(content)])
    }

    fn assemble(&self) -> (Document, Diagnostics) {
        let templates = Templates::built_in();
        let font = |face: &str| {
            let path = format!("fonts/lato/Lato-{face}.ttf");
            templates.read(&path).unwrap().unwrap()
        };
        let faces = ["Regular", "Bold", "Italic", "BoldItalic"].map(font);
        let fonts = FontSet {
            regular: &faces[0],
            bold: &faces[1],
            italic: &faces[2],
            bold_italic: &faces[3],
        };
        let metrics = Metrics::new(&fonts).unwrap();
        assemble(&Materials {
            report: &self.report,
            artefacts: &self.artefacts,
            results: &self.numbers.results,
            style: &self.style,
            theme: &FigureTheme::default(),
            metrics: &metrics,
            banner: None,
        })
    }

    /// The first paragraph, and nothing may be wrong.
    fn paragraph(&self) -> String {
        let (document, diagnostics) = self.assemble();
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        first_paragraph(&document)
    }

    /// Codes, marked texts, messages and help of what is wrong.
    fn wrong(&self) -> Vec<(String, String, String, String)> {
        let (_, diagnostics) = self.assemble();
        let told = |d: &trialbook::diagnostic::Diagnostic| {
            let marked = d.span.as_ref().map_or("", |s| s.text()).to_owned();
            (
                d.code.to_string(),
                marked,
                d.message.clone(),
                d.help.join(" / "),
            )
        };
        diagnostics.iter().map(told).collect()
    }
}

fn first_paragraph(document: &Document) -> String {
    let found = document.body.iter().find_map(|b| match b {
        Block::Paragraph { content } => Some(text(content)),
        _ => None,
    });
    found.unwrap()
}

const MEAN: [&str; 4] = ["tbl-baseline", "bdi", "arm=TAU", "mean"];

#[test]
fn inline_values_are_printed_by_the_style() {
    let mut case = Case::of_values(vec![
        value(&MEAN, vec![]),
        value(&MEAN, vec![filter("mean_sd", vec![])]),
        value(&MEAN, vec![filter("num", vec![Argument::Number(2.0)])]),
        value(&["tbl-baseline", "age/years", "median"], vec![]),
        value(&["tbl-baseline", "bdi", "arm=TAU", "p", "value"], vec![]),
    ]);
    assert_eq!(case.paragraph(), "23.323.3 (10.8)23.3543P = .03");
    case.style = fixture("lancet");
    assert_eq!(case.paragraph(), "23·323·3 (10·8)23·3543p=0·034");
}

#[test]
fn a_name_that_leads_nowhere_tells_what_could_stand_there() {
    let wrong = |path: &[&str]| Case::of_values(vec![value(path, vec![])]).wrong().remove(0);
    let (code, marked, message, help) = wrong(&["tbl-baselin", "bdi", "mean"]);
    assert_eq!(
        (code.as_str(), marked.as_str()),
        ("unknown-label", "tbl-baselin")
    );
    assert_eq!(message, "no directive has the label `tbl-baselin`");
    assert_eq!(help, "did you mean `tbl-baseline`?");

    let (code, marked, message, help) = wrong(&["tbl-baseline", "bd", "arm=TAU", "mean"]);
    assert_eq!(
        (code.as_str(), marked.as_str()),
        ("unknown-statistic", "bd")
    );
    assert_eq!(message, "`tbl-baseline` has no `bd`");
    assert_eq!(help, "did you mean `bdi`?");

    let (_, marked, message, help) = wrong(&["tbl-baseline", "bdi", "nothing", "mean"]);
    assert_eq!(marked, "nothing");
    assert_eq!(message, "`tbl-baseline.bdi` has no `nothing`");
    assert_eq!(help, "there is `arm=BtheB`, `arm=TAU`");

    let (_, _, message, help) = wrong(&["tbl-baseline", "bdi", "arm=TAU", "maen"]);
    assert_eq!(message, "`tbl-baseline.bdi[\"arm=TAU\"]` has no `maen`");
    assert_eq!(help, "did you mean `mean`?");

    let (_, _, message, help) = wrong(&["tbl-baseline", "bdi", "arm=TAU", "mean", "mean"]);
    assert_eq!(
        message,
        "`tbl-baseline.bdi[\"arm=TAU\"].mean` has no `mean`"
    );
    assert_eq!(
        help,
        "`tbl-baseline.bdi[\"arm=TAU\"].mean` is a number by itself"
    );

    let (code, _, message, help) = wrong(&["tbl-baseline", "bdi"]);
    assert_eq!(code, "incomplete-path");
    assert_eq!(message, "`tbl-baseline.bdi` is not one number");
    assert_eq!(help, "it can be followed by `arm=BtheB`, `arm=TAU`");

    let (_, _, message, _) = wrong(&["model", "x"]);
    assert_eq!(message, "the directive `model` computes no numbers");
    // A name with a dot in it reads as two parts.
    let (_, _, message, help) = wrong(&["tbl-baseline", "bdi", "arm=TAU", "p", "valeu"]);
    assert_eq!(message, "`tbl-baseline.bdi[\"arm=TAU\"]` has no `p.valeu`");
    assert_eq!(help, "did you mean `p.value`?");

    assert_eq!(wrong(&[]).0, "unknown-statistic");
    assert_eq!(wrong(&["", ""]).0, "unknown-label");
}

#[test]
fn every_mistake_in_a_filter_is_told() {
    let mut named = filter("num", vec![]);
    named.named = vec![(
        at("digit"),
        At {
            value: Argument::Number(1.0),
            span: at("").span,
        },
    )];
    let filters = vec![
        vec![filter("meansd", vec![])],
        vec![filter("est_ci", vec![])],
        vec![filter("p", vec![])],
        vec![filter("num", vec![Argument::Number(1.5)])],
        vec![filter("num", vec![Argument::Text("2".into())])],
        vec![filter(
            "num",
            vec![Argument::Number(1.0), Argument::Number(2.0)],
        )],
        vec![filter("int", vec![Argument::Number(1.0)])],
        vec![filter("num", vec![]), filter("mean", vec![])],
        vec![named],
    ];
    let values = filters.into_iter().map(|f| value(&MEAN, f)).collect();
    let wrong = Case::of_values(values).wrong();
    let codes: Vec<&str> = wrong.iter().map(|(code, ..)| code.as_str()).collect();
    assert_eq!(
        codes,
        [
            "unknown-filter",
            "wrong-filter",
            "wrong-filter",
            "wrong-argument",
            "wrong-argument",
            "wrong-argument",
            "wrong-argument",
            "two-filters",
            "unknown-argument",
        ]
    );
    assert_eq!(wrong[0].3, "did you mean `mean_sd`, `mean`, `median`?");
    assert_eq!(
        wrong[1].2,
        "`est_ci` needs the statistic `tbl-baseline/bdi/arm=TAU/conf.low`"
    );
    assert_eq!(wrong[1].3, "beside it there is `mean`, `p.value`, `sd`");
    assert_eq!(wrong[2].3, "it prints `p.value`, `p.adjusted`");
    assert_eq!(wrong[3].1, "digits");
}

#[test]
fn a_number_that_does_not_exist_is_a_warning_where_it_is_named() {
    let case = Case::of_values(vec![value(&["tbl-baseline", "gone", "mean"], vec![])]);
    let (document, diagnostics) = case.assemble();
    assert!(!diagnostics.has_errors());
    assert_eq!(first_paragraph(&document), "NA");
    let message = &diagnostics.iter().next().unwrap().message;
    assert!(message.contains("needs at least 2 values"), "{message}");
}

#[test]
fn a_quoted_number_keeps_its_digits_and_names_its_source() {
    let quoted = Quoted {
        span: at("").span,
        text: at("-10.70"),
        key: at("b"),
        place: at("Table 3"),
    };
    let cite = ast::Inline::Cite {
        keys: vec![at("a"), at("b")],
        span: at("").span,
    };
    let case = Case::new(vec![paragraph(vec![ast::Inline::Quoted(quoted), cite])]);
    assert_eq!(case.paragraph(), "−10.70 [b][a,b]");
    let (document, _) = case.assemble();
    let bibliography = document.bibliography.unwrap();
    assert_eq!(bibliography.cited, ["b", "a"]);
    assert!(Case::new(Vec::new()).assemble().0.bibliography.is_none());
}

#[test]
fn the_abstract_is_what_stands_under_its_heading() {
    let texts = |blocks: &[Block]| -> Vec<String> {
        let words = |b: &Block| match b {
            Block::Heading { content, .. } | Block::Paragraph { content } => text(content),
            other => format!("{other:?}"),
        };
        blocks.iter().map(words).collect()
    };
    let line = |t: &str| paragraph(vec![words(t)]);
    let blocks = vec![
        heading(1, "abstract "),
        heading(2, "Importance"),
        line("one"),
        heading(1, "Introduction"),
        line("two"),
        heading(1, "Abstract"),
    ];
    let (document, _) = Case::new(blocks).assemble();
    assert_eq!(texts(&document.summary), ["Importance", "one"]);
    assert_eq!(texts(&document.body), ["Introduction", "two", "Abstract"]);
    let (document, _) = Case::new(vec![heading(1, "Methods"), heading(1, "Abstract")]).assemble();
    assert!(document.summary.is_empty());
    let (document, _) =
        Case::new(vec![line("zero"), heading(2, "Abstract"), line("one")]).assemble();
    assert_eq!(texts(&document.summary), ["one"]);
    assert_eq!(texts(&document.body), ["zero"]);
    assert_eq!(document.running_title, "A title");
    assert_eq!(document.date, 0);
}

fn table(numbers: &Numbers) -> Table {
    let id = |stat: &str| {
        let mut ids = numbers.results.ids();
        ids.find(|id| id.as_str().ends_with(&format!("arm=TAU/{stat}")))
            .unwrap()
            .clone()
    };
    let form = Form::MeanSd {
        mean: id("mean"),
        sd: id("sd"),
    };
    Table {
        columns: vec![Column {
            label: Label::text("TAU"),
            words: false,
        }],
        rows: vec![Row {
            kind: RowKind::Item,
            indent: 0,
            label: Label::text("BDI").measure(Measure::MeanSd),
            cells: vec![Cell::number(Quantity::new(form))],
        }],
        ..Table::default()
    }
}

fn plot(numbers: &Numbers) -> LinePlot {
    let id = |end: &str| {
        let mut ids = numbers.results.ids();
        ids.find(|id| id.as_str().ends_with(end)).unwrap().clone()
    };
    let point = |x, arm: &str| LinePoint {
        x,
        y: id(&format!("arm={arm}/mean")),
        low: None,
        high: None,
        n: id(&format!("arm={arm}/sd")),
    };
    let series = ["TAU", "BtheB"].map(|arm| LineSeries {
        name: arm.into(),
        points: vec![point(0.0, arm), point(1.0, arm)],
    });
    LinePlot {
        x: "Month".into(),
        y: "BDI".into(),
        ticks: vec![(0.0, "0".into()), (1.0, "1".into())],
        series: series.into(),
        limits: None,
        conf_level: 0.95,
        counts: Some(Label::text("No.").note("n")),
        notes: vec![Note {
            key: Some("n".into()),
            text: "Observed.".into(),
            numbers: Vec::new(),
        }],
        abbreviations: vec![("BDI".into(), "Beck Depression Inventory".into())],
    }
}

#[test]
fn directives_show_tables_and_figures_with_their_notes() {
    let blocks = vec![
        heading(1, "Results"),
        paragraph(vec![ast::Inline::Value(value(&MEAN, vec![]))]),
        ast::Block::Directive { index: 0 },
        ast::Block::Directive { index: 1 },
        ast::Block::Directive { index: 2 },
        ast::Block::Directive { index: 9 },
    ];
    let mut case = Case::new(blocks);
    let table = table(&case.numbers);
    let plot = plot(&case.numbers);
    case.artefacts
        .insert("tbl-baseline".into(), Artefact::Table(table));
    case.artefacts
        .insert("fig-course".into(), Artefact::LinePlot(plot));
    let (document, diagnostics) = case.assemble();
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    assert_eq!(document.body.len(), 4);
    let Block::Results {
        label,
        caption,
        table,
    } = &document.body[2]
    else {
        panic!()
    };
    assert_eq!(
        (label.as_str(), text(caption).as_str()),
        ("tbl-baseline", "Caption of tbl-baseline")
    );
    assert_eq!(text(&table.notes[1].content), "By the author.");
    let Block::Figure {
        notes,
        stats,
        scene,
        ..
    } = &document.body[3]
    else {
        panic!()
    };
    let notes: Vec<String> = notes.iter().map(|n| text(n)).collect();
    assert_eq!(
        notes,
        [
            "Abbreviation: BDI, Beck Depression Inventory.",
            "By the author.",
            "^aObserved."
        ]
    );
    assert_eq!(stats.len(), 4);
    assert!(scene.width > 0.0);

    let places = shown(&document);
    let all: Vec<String> = places
        .iter()
        .map(|(id, place)| format!("{id}: {place}"))
        .collect();
    assert_eq!(
        all[0],
        "tbl-baseline/bdi/arm=TAU/mean: text under “Results”"
    );
    assert_eq!(
        all[1],
        "tbl-baseline/bdi/arm=TAU/mean: tbl-baseline, row 1, column 1"
    );
    assert_eq!(all[3], "tbl-baseline/bdi/arm=TAU/sd: fig-course");
    assert_eq!(
        places[0].1,
        Place::Text {
            heading: Some("Results".into())
        }
    );
    let once: Vec<String> = first_shown(&document)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        once,
        [
            "arm=TAU/mean",
            "arm=TAU/sd",
            "arm=BtheB/sd",
            "arm=BtheB/mean"
        ]
        .map(|s| format!("tbl-baseline/bdi/{s}"))
    );
    let json = serde_json::to_string(&document).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), document);
}

#[test]
fn every_kind_of_prose_passes_through() {
    let inner = || vec![words("x")];
    let span = at("").span;
    let content = vec![
        ast::Inline::Emph { content: inner() },
        ast::Inline::Strong { content: inner() },
        ast::Inline::Strike { content: inner() },
        ast::Inline::Superscript { content: inner() },
        ast::Inline::Subscript { content: inner() },
        ast::Inline::Code {
            text: "{{ x }} #set".into(),
            span: span.clone(),
        },
        ast::Inline::Link {
            url: "https://example.org".into(),
            content: inner(),
            span: span.clone(),
        },
        ast::Inline::Math {
            tex: "x^2".into(),
            span: span.clone(),
        },
        ast::Inline::Reference {
            label: at("tbl-baseline"),
        },
        ast::Inline::Footnote {
            content: vec![paragraph(inner())],
            span: span.clone(),
        },
        ast::Inline::Break,
    ];
    let count = content.len();
    let blocks = vec![
        paragraph(content),
        ast::Block::List {
            start: Some(3),
            items: vec![vec![paragraph(inner())], vec![]],
        },
        ast::Block::Quote {
            content: vec![paragraph(inner())],
        },
        ast::Block::Code {
            text: "code".into(),
        },
        ast::Block::Math {
            tex: "x".into(),
            span: span.clone(),
        },
        ast::Block::Table {
            align: vec![trialbook::report::Align::Center],
            head: vec![inner()],
            rows: vec![vec![inner()]],
            span,
        },
        ast::Block::Rule,
    ];
    let (document, diagnostics) = Case::new(blocks).assemble();
    assert!(diagnostics.is_empty());
    assert_eq!(document.body.len(), 7);
    let Block::Paragraph { content } = &document.body[0] else {
        panic!()
    };
    assert_eq!(content.len(), count);
    assert!(matches!(&content[5], Inline::Code { text } if text == "{{ x }} #set"));
    assert!(matches!(&document.body[1], Block::List { start: Some(3), items } if items.len() == 2));
}

#[test]
fn figures_print_their_numbers_in_the_style() {
    let mut case = Case::new(vec![ast::Block::Directive { index: 1 }]);
    let mut add = |stat: &str, value| case.numbers.add("bdi", Some("TAU"), stat, value, Some(0));
    let effect = ForestEffect {
        estimate: add("estimate", -2.9),
        low: add("conf.low", -5.21),
        high: add("conf.high", 0.63),
        weight: None,
        diamond: false,
    };
    let p = add("p.adjusted", 0.0496);
    let row = |effect, p| ForestRow {
        label: Label::text("2 months").note("n"),
        indent: 0,
        cells: Vec::new(),
        effect: Some(effect),
        p: Some(p),
    };
    let forest = ForestPlot {
        stub: Label::text("Visit"),
        columns: Vec::new(),
        rows: vec![row(effect, p)],
        scale: Scale::Difference,
        axis: "Difference".into(),
        effect: "Mean difference".into(),
        conf_level: 0.95,
        favors_left: None,
        favors_right: None,
        limits: None,
        digits: Default::default(),
        p_head: Some(Label::default().measure(Measure::PValue)),
        notes: vec![Note {
            key: Some("n".into()),
            text: "After treatment.".into(),
            numbers: Vec::new(),
        }],
        abbreviations: Vec::new(),
    };
    case.artefacts
        .insert("fig-course".into(), Artefact::Forest(forest));
    let drawn = |case: &Case| {
        let (document, diagnostics) = case.assemble();
        assert!(diagnostics.is_empty(), "{diagnostics:#?}");
        let Block::Figure {
            scene,
            notes,
            stats,
            ..
        } = document.body.into_iter().next().unwrap()
        else {
            panic!()
        };
        assert_eq!(stats.len(), 4);
        let mut all = String::new();
        for item in &scene.items {
            if let trialbook::figure::Item::Text { runs, .. } = item {
                all.extend(runs.iter().map(|r| r.text.replace('\u{a0}', " ")));
                all.push('|');
            }
        }
        (all, notes.iter().map(|n| text(n)).collect::<Vec<_>>())
    };
    let (words, notes) = drawn(&case);
    for part in ["−2.9", "(−5.2 to 0.6)", ".0496", "2 monthsa", "95% CI"] {
        assert!(words.contains(part), "{part} in {words}");
    }
    assert_eq!(
        notes,
        [
            "Abbreviation: CI, confidence interval.",
            "By the author.",
            "^aAfter treatment."
        ]
    );
    case.style = fixture("lancet");
    let (words, notes) = drawn(&case);
    assert!(words.contains("−2·9") && words.contains("0·050"), "{words}");
    assert_eq!(notes[2], "^*After treatment.");
}
