//! A document with every kind of block, made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use trialbook::diagnostic::Source;
use trialbook::document::table::{
    HeadCell, Piece, PrintedCell, PrintedNote, PrintedRow, PrintedTable,
};
use trialbook::document::{Align, Author, Bibliography, Block, Document, Inline};
use trialbook::figure::{Anchor, Item, Paint, Point, Scene, Stroke, TextRun, Weight};
use trialbook::render::typst::{PageSettings, PageWords};

/// The settings of the JAMA-like style.
pub fn settings() -> PageSettings {
    PageSettings {
        body_font: "Libertinus Serif".into(),
        sans_font: "Lato".into(),
        csl: "american-medical-association".into(),
        raised_citations: true,
        words: PageWords {
            table: "Table".into(),
            figure: "Figure".into(),
            references: "References".into(),
            summary: "Abstract".into(),
            provenance: "Provenance".into(),
            claims: "Published values".into(),
        },
        values: BTreeMap::new(),
    }
}

/// The JAMA-like page.
pub fn template() -> Arc<Source> {
    Source::new(
        "templates/jama/page.typ",
        include_str!("../../../templates/jama/page.typ"),
    )
}

/// The fonts of tables and figures.
pub fn fonts() -> BTreeMap<String, Vec<u8>> {
    let font = |name: &str, bytes: &[u8]| (name.to_owned(), bytes.to_vec());
    BTreeMap::from([
        font(
            "Lato-Regular.ttf",
            include_bytes!("../../../templates/fonts/lato/Lato-Regular.ttf"),
        ),
        font(
            "Lato-Bold.ttf",
            include_bytes!("../../../templates/fonts/lato/Lato-Bold.ttf"),
        ),
        font(
            "Lato-Italic.ttf",
            include_bytes!("../../../templates/fonts/lato/Lato-Italic.ttf"),
        ),
        font(
            "Lato-BoldItalic.ttf",
            include_bytes!("../../../templates/fonts/lato/Lato-BoldItalic.ttf"),
        ),
    ])
}

/// Words.
pub fn text(words: &str) -> Vec<Inline> {
    vec![Inline::text(words)]
}

/// A paragraph.
pub fn paragraph(content: Vec<Inline>) -> Block {
    Block::Paragraph { content }
}

fn heading(level: u8, words: &str) -> Block {
    Block::Heading {
        level,
        content: text(words),
    }
}

fn cite(keys: &[&str]) -> Inline {
    Inline::Cite {
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
    }
}

fn reference(label: &str) -> Inline {
    Inline::Reference {
        label: label.into(),
    }
}

fn math(tex: &str) -> Inline {
    Inline::Math { tex: tex.into() }
}

/// A document with nothing but a title.
pub fn empty() -> Document {
    Document {
        name: "sample".into(),
        title: "Computerized Cognitive Behavioral Therapy for Anxiety and Depression in Primary Care: A Randomized Clinical Trial".into(),
        authors: vec![
            Author {
                name: "Ana María Núñez-Ørsted".into(),
                orcid: Some("0000-0002-1825-0097".into()),
                degrees: Some("MD, PhD".into()),
                affiliation: Some("Department of Psychiatry, University of Somewhere, Somewhere".into()),
                email: Some("a.nunez@example.org".into()),
            },
            Author {
                name: "Ben O'Connor".into(),
                orcid: Some("0000-0001-5109-3700".into()),
                degrees: Some("MSc".into()),
                affiliation: Some("Institute of Biostatistics, Elsewhere University, Elsewhere".into()),
                email: None,
            },
            Author {
                name: "Chidi Łukasz Weiß".into(),
                orcid: None,
                degrees: Some("PhD".into()),
                affiliation: Some("Department of Psychiatry, University of Somewhere, Somewhere".into()),
                email: None,
            },
        ],
        lang: "en-US".into(),
        date: 20_780,
        keywords: vec!["depression".into(), "cognitive behavioural therapy".into()],
        running_title: "Computerized CBT in Primary Care".into(),
        banner: None,
        summary: vec![],
        body: vec![],
        bibliography: None,
        claims: None,
        appendix: None,
    }
}

/// A document with every kind of block.
pub fn rich() -> Document {
    Document {
        summary: summary(),
        body: [methods(), results(), rest()].concat(),
        bibliography: Some(Bibliography {
            bibtex: BIBTEX.into(),
            cited: vec!["proudfoot2003".into(), "yang2012".into()],
        }),
        ..empty()
    }
}

fn summary() -> Vec<Block> {
    let part = |head: &str, words: &str| [heading(2, head), paragraph(text(words))];
    [
        part("Importance", "Depression and anxiety are common in primary care, where access to psychological treatment is limited by the number of trained therapists."),
        part("Objective", "To compare an interactive computerized cognitive behavioral therapy program with treatment as usual over 8 months."),
        part("Design, Setting, and Participants", "Randomized clinical trial of 100 adults in 7 general practices; participants were stratified by drug treatment and length of the current episode."),
        part("Interventions", "Eight weekly sessions of the program (n = 52) or treatment as usual (n = 48)."),
        part("Main Outcomes and Measures", "Beck Depression Inventory II (BDI-II; range, 0-63; higher scores indicate worse depression) at 2, 3, 5, and 8 months."),
        part("Results", "At 2 months the adjusted difference was −3.6 points (95% CI, −6.5 to −0.7; P = .02)."),
        part("Conclusions and Relevance", "Among adults with depression or anxiety in primary care, computerized therapy reduced symptoms more than usual treatment did."),
    ]
    .concat()
}

const FILLER: &str = "Participants were adults aged 18 to 75 years who had depression, mixed anxiety and depression, or an anxiety disorder, who were not receiving any form of psychological treatment or counseling at the time, and who scored 4 or more on the General Health Questionnaire and 12 or more on the computerized Clinical Interview Schedule. Randomization was by random permuted blocks, stratified by whether antidepressant drugs were prescribed and by whether the current episode had lasted more than 6 months.";

fn methods() -> Vec<Block> {
    vec![
        paragraph(vec![
            Inline::text("Depression is expected to be among the leading causes of disability. In an earlier report of this trial"),
            cite(&["proudfoot2003"]),
            Inline::text(", the program lowered scores more than usual treatment "),
            cite(&["yang2012", "proudfoot2003"]),
            Inline::text(". We reanalyze its data (see "),
            reference("tbl-baseline"),
            Inline::text(" and "),
            reference("fig-trajectory"),
            Inline::text(")."),
        ]),
        heading(1, "Methods"),
        heading(2, "Participants and Design"),
        paragraph(text(FILLER)),
        paragraph(vec![
            Inline::text("The protocol is at "),
            Inline::Link { url: "https://example.org/protocol".into(), content: text("example.org/protocol") },
            Inline::text(". Sessions were scored with "),
            Inline::Code { text: "trialbook build".into() },
            Inline::text(" as "),
            Inline::Emph { content: text("planned") },
            Inline::text(", "),
            Inline::Strong { content: text("without exception") },
            Inline::Footnote { content: vec![paragraph(text("Two sessions were repeated after a power cut; leaving them out changes no estimate by more than 0.1 point."))] },
            Inline::text(", and "),
            Inline::Strike { content: text("not") },
            Inline::text(" scored twice: H"),
            Inline::Subscript { content: text("0") },
            Inline::text(" and the 2"),
            Inline::Superscript { content: text("nd") },
            Inline::text(" visit."),
        ]),
        heading(2, "Statistical Analysis"),
        paragraph(vec![
            Inline::text("With "),
            math(r"Y_{ij}"),
            Inline::text(" the score of participant "),
            math("i"),
            Inline::text(" at visit "),
            math("j"),
            Inline::text(" and "),
            math(r"\hat\beta_1 \le 0.05"),
            Inline::text(", the model was"),
        ]),
        Block::Math { tex: r"Y_{ij} = \beta_0 + \beta_1 \,\mathrm{Arm}_i + \beta_2 Y_{i0} + b_i + \varepsilon_{ij}, \qquad b_i \sim \mathcal{N}(0, \sigma_b^2)".into() },
        paragraph(text("and the standardized mean difference")),
        Block::Math { tex: r"d = \frac{\bar{x}_1 - \bar{x}_2}{\sqrt{\dfrac{s_1^2 + s_2^2}{2}}} = \left( \sum_{k=1}^{K} \frac{w_k}{n_k} \right)^{-1} \quad\text{if } n_k > 0".into() },
        paragraph(text("Further rules were:")),
        Block::List {
            start: Some(1),
            items: vec![
                vec![paragraph(text("All randomized participants were analyzed in the arm to which they had been assigned."))],
                vec![paragraph(text("No data were imputed.")), Block::List { start: None, items: vec![vec![paragraph(text("Scores at a visit were used if the visit took place."))], vec![paragraph(text("Later scores did not replace them."))]] }],
            ],
        },
        Block::Quote { content: vec![paragraph(text("Adjustment for baseline covariates that are strongly related to the outcome is advisable."))] },
        Block::Code { text: "bdi ~ arm + bdi_pre + drug + length\n# a comment, not code of ours".into() },
    ]
}

fn results() -> Vec<Block> {
    vec![
        heading(1, "Results"),
        heading(2, "Participants"),
        paragraph(text(FILLER)),
        Block::Results {
            label: "tbl-baseline".into(),
            caption: text("Characteristics of Participants at Baseline, by Treatment"),
            table: baseline(),
        },
        paragraph(text(FILLER)),
        heading(2, "Outcomes"),
        paragraph(vec![
            Inline::text("Scores fell in both arms ("),
            reference("tbl-outcomes"),
            Inline::text(" and "),
            reference("fig-trajectory"),
            Inline::text("). "),
            Inline::text(FILLER),
        ]),
        Block::Results {
            label: "tbl-outcomes".into(),
            caption: text("Beck Depression Inventory II Scores by Visit"),
            table: outcomes(),
        },
        Block::Figure {
            label: "fig-trajectory".into(),
            caption: text("Mean Scores by Treatment Over 8 Months"),
            scene: scene(),
            notes: vec![text(
                "Error bars indicate 95% CIs. BDI-II indicates Beck Depression Inventory II (range, 0-63; higher scores indicate worse depression).",
            )],
            stats: Vec::new(),
            printed: vec![],
        },
        paragraph(text(FILLER)),
    ]
}

fn rest() -> Vec<Block> {
    vec![
        heading(1, "Discussion"),
        paragraph(text(FILLER)),
        heading(3, "Limitations"),
        paragraph(text(FILLER)),
        Block::Table {
            align: vec![Align::Left, Align::Center, Align::Right],
            head: vec![text("Drug"), text("Arm"), text("No.")],
            rows: vec![
                vec![text("Yes"), text("BtheB"), text("22")],
                vec![text("No"), text("TAU"), text("26")],
            ],
        },
        Block::Rule,
        paragraph(vec![
            Inline::text("Every participant is listed in "),
            reference("tbl-listing"),
            Inline::text("."),
        ]),
        Block::Results {
            label: "tbl-listing".into(),
            caption: text("Participants"),
            table: listing(60),
        },
        paragraph(text(FILLER)),
    ]
}

/// A cell whose decimals are aligned by digits that are not printed.
pub fn cell(before: &str, shown: &str) -> PrintedCell {
    let mut pieces = vec![];
    if !before.is_empty() {
        pieces.push(Piece::Phantom {
            text: before.into(),
            superscript: false,
        });
    }
    pieces.push(Piece::Shown {
        content: text(shown),
    });
    PrintedCell {
        pieces,
        stats: vec![],
        printing: None,
    }
}

fn row(indent: u8, label: &str, cells: &[(&str, &str)]) -> PrintedRow {
    PrintedRow {
        section: false,
        indent,
        keep_with_next: cells.is_empty(),
        label: text(label),
        cells: cells
            .iter()
            .map(|(before, shown)| cell(before, shown))
            .collect(),
    }
}

fn section(label: &str) -> PrintedRow {
    PrintedRow {
        section: true,
        keep_with_next: true,
        ..row(0, label, &[])
    }
}

fn head(words: &str) -> HeadCell {
    HeadCell {
        content: text(words),
        span: 1,
        rule: false,
    }
}

fn spanner(words: &str, span: usize) -> HeadCell {
    HeadCell {
        content: text(words),
        span,
        rule: !words.is_empty(),
    }
}

fn note(mark: Option<&str>, words: &str) -> PrintedNote {
    PrintedNote {
        mark: mark.map(str::to_owned),
        content: text(words),
    }
}

fn baseline() -> PrintedTable {
    let mut noted = row(0, "Length of current episode, No. (%)", &[]);
    noted.label.push(Inline::Superscript { content: text("a") });
    PrintedTable {
        head: vec![
            vec![head(""), spanner("Treatment, No. (%)", 2), spanner("", 2)],
            vec![
                head("Characteristic"),
                head("BtheB (n = 52)"),
                head("TAU (n = 48)"),
                head("Overall (N = 100)"),
                head("SMD"),
            ],
        ],
        columns: 5,
        words: vec![true, false, false, false, false],
        rows: vec![
            row(
                0,
                "BDI-II score, mean (SD)",
                &[
                    ("", "23.4 (10.8)"),
                    ("", "24.1 (11.6)"),
                    ("", "23.7 (11.2)"),
                    ("", "−0.06"),
                ],
            ),
            row(0, "Antidepressant drug, No. (%)", &[]),
            row(
                1,
                "No",
                &[
                    ("", "30 (58)"),
                    ("", "26 (54)"),
                    ("", "56 (56)"),
                    ("−", "0.07"),
                ],
            ),
            row(
                1,
                "Yes",
                &[("", "22 (42)"), ("", "22 (46)"), ("", "44 (44)"), ("", "")],
            ),
            noted,
            row(
                1,
                "≤6 mo",
                &[
                    ("", "29 (56)"),
                    ("", "20 (42)"),
                    ("", "49 (49)"),
                    ("−", "0.28"),
                ],
            ),
            row(
                1,
                ">6 mo",
                &[("", "23 (44)"), ("", "28 (58)"), ("", "51 (51)"), ("", "")],
            ),
        ],
        notes: vec![
            note(
                None,
                "Abbreviations: BDI-II, Beck Depression Inventory II; BtheB, Beat the Blues; SMD, standardized mean difference; TAU, treatment as usual.",
            ),
            note(
                Some("a"),
                "Time since the onset of the current episode as the participant remembered it, in months; strata of the randomization.",
            ),
        ],
    }
}

fn outcomes() -> PrintedTable {
    let line = |label: &str, cells: [&str; 6]| row(1, label, &cells.map(|c| ("", c)));
    PrintedTable {
        head: vec![
            vec![
                head(""),
                spanner("BtheB", 2),
                spanner("TAU", 2),
                spanner("Difference (95% CI)", 2),
            ],
            vec![
                head("Visit"),
                head("No./total (%)"),
                head("Mean (SD)"),
                head("No./total (%)"),
                head("Mean (SD)"),
                head("Unadjusted"),
                head("Adjusted"),
            ],
        ],
        columns: 7,
        words: vec![true, false, false, false, false, false, false],
        rows: vec![
            section("BDI-II score"),
            line(
                "2 mo",
                [
                    "52/52 (100)",
                    "14.7 (10.0)",
                    "45/48 (94)",
                    "19.5 (11.1)",
                    "−4.8 (−9.0 to −0.5)",
                    "−3.6 (−6.5 to −0.7)",
                ],
            ),
            line(
                "3 mo",
                [
                    "37/52 (71)",
                    "10.6 (8.9)",
                    "36/48 (75)",
                    "17.3 (11.4)",
                    "−6.7 (−11.5 to −2.0)",
                    "−3.7 (−7.2 to −0.1)",
                ],
            ),
            line(
                "5 mo",
                [
                    "29/52 (56)",
                    "9.1 (8.4)",
                    "29/48 (60)",
                    "13.7 (12.0)",
                    "−4.6 (−10.0 to 0.9)",
                    "−2.5 (−6.6 to 1.6)",
                ],
            ),
            line(
                "8 mo",
                [
                    "27/52 (52)",
                    "8.5 (7.0)",
                    "25/48 (52)",
                    "11.6 (9.8)",
                    "−3.1 (−7.8 to 1.7)",
                    "−2.0 (−5.8 to 1.9)",
                ],
            ),
        ],
        notes: vec![note(
            None,
            "Abbreviations: BDI-II, Beck Depression Inventory II; BtheB, Beat the Blues; TAU, treatment as usual. Adjusted for baseline score, drug and length of episode.",
        )],
    }
}

/// A table of so many rows.
pub fn listing(rows: usize) -> PrintedTable {
    let mut lines = vec![];
    for i in 0..rows {
        if i % 12 == 0 {
            lines.push(section(&format!("Practice {}", i / 12 + 1)));
        }
        let score = (i * 37 % 63).to_string();
        let before = if score.len() == 1 { "0" } else { "" };
        let arm = if i % 2 == 0 { "BtheB" } else { "TAU" };
        lines.push(row(
            1,
            &format!("Participant {}", i + 1),
            &[("", arm), (before, &score), ("", "12.5")],
        ));
    }
    PrintedTable {
        head: vec![vec![
            head("Participant"),
            head("Arm"),
            head("BDI-II"),
            head("Change"),
        ]],
        columns: 4,
        words: vec![true, true, false, false],
        rows: lines,
        notes: vec![
            note(None, "Abbreviation: BDI-II, Beck Depression Inventory II."),
            note(Some("a"), "A note that stays with the table."),
        ],
    }
}

/// A figure with every kind of item.
pub fn scene() -> Scene {
    let grey = Stroke {
        paint: Paint(90, 90, 90),
        width: 0.6,
        dash: vec![],
    };
    let run = |text: &str| TextRun {
        text: text.into(),
        weight: Weight::Regular,
        italic: false,
        superscript: false,
    };
    let label = |x: f64, y: f64, anchor, runs: Vec<TextRun>| Item::Text {
        at: Point { x, y },
        anchor,
        size: 8.0,
        paint: Paint(20, 20, 20),
        runs,
    };
    let blue = Paint(0, 90, 160);
    let mut items = vec![
        Item::Rect {
            at: Point { x: 40.0, y: 10.0 },
            width: 400.0,
            height: 160.0,
            fill: None,
            stroke: Some(grey.clone()),
        },
        Item::Path {
            points: vec![Point { x: 40.0, y: 100.0 }, Point { x: 440.0, y: 100.0 }],
            fill: None,
            stroke: Some(Stroke {
                dash: vec![2.0, 2.0],
                ..grey.clone()
            }),
        },
        Item::Path {
            points: [(60.0, 40.0), (160.0, 80.0), (260.0, 90.0), (420.0, 120.0)]
                .map(|(x, y)| Point { x, y })
                .to_vec(),
            fill: None,
            stroke: Some(Stroke {
                paint: blue,
                width: 1.2,
                dash: vec![],
            }),
        },
        Item::Path {
            points: [(430.0, 60.0), (436.0, 70.0), (424.0, 70.0)]
                .map(|(x, y)| Point { x, y })
                .to_vec(),
            fill: Some(Paint(180, 60, 40)),
            stroke: None,
        },
        label(
            240.0,
            198.0,
            Anchor::Middle,
            vec![run("Months since randomization")],
        ),
        label(36.0, 103.0, Anchor::End, vec![run("20")]),
        label(
            450.0,
            120.0,
            Anchor::Start,
            vec![
                TextRun {
                    weight: Weight::Bold,
                    ..run("B")
                },
                TextRun {
                    superscript: true,
                    ..run("a")
                },
            ],
        ),
    ];
    for (x, y) in [(60.0, 40.0), (160.0, 80.0), (260.0, 90.0), (420.0, 120.0)] {
        items.push(Item::Circle {
            at: Point { x, y },
            radius: 3.0,
            fill: Some(Paint::WHITE),
            stroke: Some(Stroke {
                paint: blue,
                width: 1.0,
                dash: vec![],
            }),
        });
    }
    for (x, words) in [(60.0, "0"), (160.0, "2"), (260.0, "5"), (420.0, "8")] {
        items.push(label(x, 182.0, Anchor::Middle, vec![run(words)]));
    }
    Scene {
        width: 468.0,
        height: 205.0,
        font: "Lato".into(),
        items,
        alt: "Line plot of mean scores by treatment; both fall, BtheB faster.".into(),
    }
}

const BIBTEX: &str = r"@article{proudfoot2003,
  author = {Proudfoot, J. and Goldberg, D. and Mann, A. and Everitt, B. and Marks, I. and Gray, J. A.},
  title = {Computerized, interactive, multimedia cognitive-behavioural program for anxiety and depression in general practice},
  journal = {Psychological Medicine}, year = {2003}, volume = {33}, number = {2}, pages = {217--227},
  doi = {10.1017/S0033291702007225}
}
@inproceedings{yang2012,
  author = {Yang, Dongsheng and Dalton, Jarrod E.},
  title = {A unified approach to measuring the effect size between two groups using {SAS}},
  booktitle = {SAS Global Forum 2012}, year = {2012}, pages = {335}
}
@book{unused1999,
  author = {Nobody, N.}, title = {Never Cited}, publisher = {None}, year = {1999}
}
";
