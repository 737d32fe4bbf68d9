//! Where things stand on the page.

use trialbook::document::table::PrintedTable;
use trialbook::document::{Block, Document};
use trialbook::figure::{Anchor, Item, Paint, Point, Scene, TextRun, Weight};
use trialbook::render::{PlacedText, placed_texts};

use super::sample::{self, text};
use super::{project, show};

fn place(document: &Document) -> (usize, Vec<PlacedText>) {
    let project = project(document).map_err(show).unwrap();
    placed_texts(&project).map_err(show).unwrap()
}

fn find<'t>(texts: &'t [PlacedText], words: &str) -> &'t PlacedText {
    texts
        .iter()
        .find(|t| t.text == words)
        .unwrap_or_else(|| panic!("no {words:?}"))
}

fn scene_text(x: f64, y: f64, anchor: Anchor, runs: &[(&str, bool)]) -> Item {
    let run = |(words, superscript): &(&str, bool)| TextRun {
        text: (*words).into(),
        weight: Weight::Regular,
        italic: false,
        superscript: *superscript,
    };
    Item::Text {
        at: Point { x, y },
        anchor,
        size: 8.0,
        paint: Paint::BLACK,
        runs: runs.iter().map(run).collect(),
    }
}

#[test]
fn text_of_a_scene_lands_where_the_scene_says() {
    let scene = Scene {
        width: 400.0,
        height: 200.0,
        font: "Lato".into(),
        items: vec![
            scene_text(0.0, 10.0, Anchor::Start, &[("Origin", false)]),
            scene_text(100.0, 50.0, Anchor::Start, &[("Starting", false)]),
            scene_text(100.0, 70.5, Anchor::Middle, &[("Centred words", false)]),
            scene_text(100.0, 90.0, Anchor::End, &[("Ending here", false)]),
            scene_text(
                395.0,
                150.0,
                Anchor::Start,
                &[("Beyond the edge of the scene", false)],
            ),
            scene_text(200.0, 120.0, Anchor::Start, &[("Base", false), ("a", true)]),
        ],
        alt: "Words".into(),
    };
    let figure = Block::Figure {
        label: "fig-x".into(),
        caption: text("Caption"),
        scene,
        notes: vec![],
        stats: vec![],
        printed: vec![],
    };
    let (_, texts) = place(&Document {
        body: vec![figure],
        ..sample::empty()
    });
    let origin = find(&texts, "Origin");
    let near = |words: &str, anchor: f64, x: f64, y: f64| {
        let found = find(&texts, words);
        let at = found.x + anchor * found.width - origin.x;
        assert!((at - x).abs() < 0.01, "{words}: x {at}, not {x}");
        let at = found.y - origin.y + 10.0;
        assert!((at - y).abs() < 0.01, "{words}: y {at}, not {y}");
        assert_eq!(found.family, "Lato");
    };
    near("Starting", 0.0, 100.0, 50.0);
    near("Centred words", 0.5, 100.0, 70.5);
    near("Ending here", 1.0, 100.0, 90.0);
    near("Beyond the edge of the scene", 0.0, 395.0, 150.0);
    near("Base", 0.0, 200.0, 120.0);
    // A raised mark is 0.65 of the size and 0.35 of the size above the baseline.
    let mark = find(&texts, "a");
    let base = find(&texts, "Base");
    assert!((mark.x - base.x - base.width).abs() < 0.2);
    assert!(
        (base.y - mark.y - 0.35 * 8.0).abs() < 0.01,
        "raised by {}",
        base.y - mark.y
    );
    assert!((mark.size - 0.65 * 8.0).abs() < 0.01);
}

#[test]
fn a_scene_too_wide_for_the_page_is_shrunk() {
    let mut scene = sample::scene();
    scene.width = 936.0;
    let figure = Block::Figure {
        label: "fig-x".into(),
        caption: text("Caption"),
        scene,
        notes: vec![],
        stats: vec![],
        printed: vec![],
    };
    let (_, texts) = place(&Document {
        body: vec![figure],
        ..sample::empty()
    });
    let label = find(&texts, "Months since randomization");
    assert!((label.size - 4.0).abs() < 0.01);
}

fn long_table(rows: usize) -> Document {
    let table = Block::Results {
        label: "tbl-x".into(),
        caption: text("Participants"),
        table: sample::listing(rows),
    };
    Document {
        body: vec![table],
        ..sample::empty()
    }
}

#[test]
fn a_long_table_breaks_with_its_head_on_every_page_and_its_notes_at_its_end() {
    let (pages, texts) = place(&long_table(90));
    assert!(pages >= 3, "{pages} pages");
    for page in 1..=pages {
        let on_page = |words: &str| {
            texts
                .iter()
                .filter(|t| t.page == page && t.text.contains(words))
                .count()
        };
        assert_eq!(
            on_page("BDI-II"),
            1 + usize::from(page == pages),
            "head on page {page}"
        );
        assert_eq!(on_page("(continued)"), usize::from(page > 1), "page {page}");
    }
    for row in 1..=90 {
        let name = format!("Participant {row}");
        assert_eq!(texts.iter().filter(|t| t.text == name).count(), 1, "{name}");
    }
    let last_row = find(&texts, "Participant 90");
    assert_eq!(
        find(&texts, "A note that stays with the table.").page,
        last_row.page
    );
}

#[test]
fn a_head_within_a_table_never_stands_alone_at_the_foot_of_a_page() {
    for rows in (51..69).step_by(6) {
        let (_, texts) = place(&long_table(rows));
        for (index, first) in (0..rows).step_by(12).enumerate() {
            let head = find(&texts, &format!("Practice {}", index + 1));
            let row = find(&texts, &format!("Participant {}", first + 1));
            assert_eq!(head.page, row.page, "{rows} rows, practice {}", index + 1);
        }
    }
}

#[test]
fn a_short_table_is_not_broken() {
    let filler = || sample::paragraph(text(&"Words that fill the page. ".repeat(40)));
    for paragraphs in [0, 3, 5, 6] {
        let mut body: Vec<Block> = (0..paragraphs).map(|_| filler()).collect();
        body.push(Block::Results {
            label: "tbl-x".into(),
            caption: text("Short"),
            table: sample::listing(12),
        });
        body.push(filler());
        let (_, texts) = place(&Document {
            body,
            ..sample::empty()
        });
        let first = find(&texts, "Participant 1").page;
        assert_eq!(first, find(&texts, "Participant 12").page);
        assert_eq!(
            first,
            find(&texts, "A note that stays with the table.").page
        );
    }
}

#[test]
fn decimals_are_aligned_by_digits_that_are_not_printed() {
    let (_, texts) = place(&long_table(12));
    let end = |words: &str| {
        let found = find(&texts, words);
        found.x + found.width
    };
    // 0 is a single digit, 37 has two.
    assert!((end("0") - end("37")).abs() < 0.01);
}

#[test]
fn nothing_stands_outside_the_page_and_wide_tables_are_made_to_fit() {
    let wide = PrintedTable {
        columns: 14,
        words: vec![true],
        head: vec![
            sample::listing(1).head[0]
                .iter()
                .cycle()
                .take(14)
                .cloned()
                .collect(),
        ],
        rows: (0..5)
            .map(|_| {
                let mut row = sample::listing(1).rows[1].clone();
                row.cells = (0..13).map(|_| sample::cell("", "12.3 (4.5)")).collect();
                row
            })
            .collect(),
        notes: vec![],
    };
    let table = Block::Results {
        label: "tbl-w".into(),
        caption: text("Wide"),
        table: wide,
    };
    let mut document = sample::rich();
    document.body.push(table);
    let (_, texts) = place(&document);
    for t in &texts {
        assert!(t.x >= 71.0 && t.x + t.width <= 612.0 - 71.0, "{t:?}");
        assert!(t.y > 20.0 && t.y < 792.0 - 20.0, "{t:?}");
    }
}
