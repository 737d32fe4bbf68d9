//! The provenance appendix of the PDF, and the links to it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use trialbook::document::{Block, Inline};
use trialbook::plan::store::Store;
use trialbook::project::Outputs;
use trialbook::render::typst::TypstProject;
use trialbook::render::{PlacedText, placed_texts};
use trialbook::style::number::full;

use super::small::{BODY, TABLES};
use crate::it::whole::trial::{Trial, report_with, rows};

fn outputs(trial: &Trial) -> Outputs {
    let project = trial.open();
    let prepared = project.prepare("small");
    let made = project.make(&prepared, &Store::none(), None, &|_| {});
    let said: Vec<String> = made.diagnostics.iter().map(|d| d.render(false)).collect();
    made.outputs
        .unwrap_or_else(|| panic!("{}", said.join("\n")))
}

/// A report with a number in a caption, in a link and in a footnote.
fn text(front: &str) -> String {
    let body = BODY.replace(
        "caption = \"Outcome\"",
        "caption = \"Outcome of {{ effects.change.nobs }} people\"",
    );
    let more = "\nA link [of {{ effects.change.nobs }} people](https://example.org).[^1]\n\n\
        [^1]: Again {{ tbl-baseline.age.mean }} years.\n";
    report_with(TABLES, &(body + more)).replacen("date = ", &format!("{front}date = "), 1)
}

static WITH: LazyLock<Outputs> = LazyLock::new(|| outputs(&Trial::new().with_report(&text(""))));

static WITHOUT: LazyLock<Outputs> =
    LazyLock::new(|| outputs(&Trial::new().with_report(&text("provenance = false\n"))));

fn source(outputs: &Outputs) -> String {
    String::from_utf8(outputs.files["report.typ"].clone()).unwrap()
}

fn links(outputs: &Outputs) -> usize {
    let pdf = String::from_utf8_lossy(&outputs.files["report.pdf"]).into_owned();
    pdf.matches("/Subtype/Link").count() + pdf.matches("/Subtype /Link").count()
}

#[test]
fn numbers_of_the_text_and_captions_lead_to_entries_that_lead_back() {
    let text = source(&WITH);
    let appendix = WITH.document.appendix.as_ref().unwrap();
    // The one within a link leads elsewhere already.
    let shown = trialbook::document::showings(&WITH.document);
    let in_text = shown.iter().filter(|s| !s.content.is_empty()).count();
    let heads = 5;
    assert!(
        text.matches("#traced(").count() >= in_text - heads - 1,
        "{in_text}\n{text}"
    );
    for (index, value) in appendix.values.iter().enumerate() {
        assert!(text.contains(&format!("#traced(\"{index}\")[")) || value.text.is_empty());
        for (id, number) in value.stats.iter().zip(&value.numbers) {
            assert_eq!(*number, full(WITH.results.value(id).unwrap()));
            let json = String::from_utf8_lossy(&WITH.files["results.json"]).into_owned();
            assert!(json.contains(&format!("\"value\": {number}")), "{number}");
        }
    }
    for label in ["tbl-baseline", "tbl-outcomes", "fig-forest", "tbl-people"] {
        assert!(text.contains(&format!("#entry(\"{label}\")[")), "{label}");
    }
    assert!(!text.contains("#entry(\"effects\")"));
    assert_eq!(appendix.steps.len(), 6);
    assert!(links(&WITH) > links(&WITHOUT) + 2 * appendix.values.len());
}

#[test]
fn entries_say_what_the_numbers_come_from() {
    let appendix = WITH.document.appendix.as_ref().unwrap();
    let step = appendix
        .steps
        .iter()
        .find(|s| s.label == "effects")
        .unwrap();
    let words = |lines: &[Vec<Inline>]| -> Vec<String> {
        let text = |inline: &Inline| match inline {
            Inline::Text { text } | Inline::Code { text } => text.clone(),
            other => panic!("{other:?}"),
        };
        lines
            .iter()
            .map(|line| line.iter().map(text).collect())
            .collect()
    };
    let data = words(&step.data);
    assert!(data[0].starts_with("trial@1.0.0 ("), "{data:?}");
    assert_eq!(data[1..], ["adults: age > 25", "change = post - pre"]);
    assert_eq!(
        words(&step.rows),
        [
            "change: 12 used; 4 left out, outside the population adults",
            "change ~ arm + pre",
            "linear model, least squares, covariance HC3",
        ]
    );
    let counts = appendix.steps.iter().find(|s| s.label == "counts").unwrap();
    assert!(words(&counts.rows)[0].contains("given to the query"));
    let forest = appendix
        .steps
        .iter()
        .find(|s| s.label == "fig-forest")
        .unwrap();
    assert!(words(&forest.result).contains(&"builds on tbl-outcomes".to_owned()));
}

#[test]
fn without_the_appendix_there_are_no_links_to_it() {
    assert_eq!(WITHOUT.document.appendix, None);
    let text = source(&WITHOUT);
    for part in ["#traced", "#entry", "#provenance"] {
        assert!(!text.contains(part), "{part}");
    }
    assert!(WITHOUT.results == WITH.results);
}

/// Each line of a page by its page and baseline: where it begins and ends, and its letters.
fn lines(outputs: &Outputs) -> BTreeMap<(usize, i64), (f64, f64, String)> {
    let files = outputs.files.clone();
    let (_, texts) = placed_texts(&TypstProject { files }).unwrap();
    let mut lines: BTreeMap<(usize, i64), Vec<PlacedText>> = BTreeMap::new();
    for text in texts {
        // Below the text stands the number of pages, which the appendix changes.
        if text.y < 720.0 {
            #[allow(clippy::cast_possible_truncation)]
            let y = (text.y * 100.0).round() as i64;
            lines.entry((text.page, y)).or_default().push(text);
        }
    }
    let line = |mut texts: Vec<PlacedText>| {
        texts.sort_by(|a, b| a.x.total_cmp(&b.x));
        let first = texts.first().unwrap().x;
        let last = texts.iter().map(|t| t.x + t.width).fold(0.0, f64::max);
        (
            first,
            last,
            texts.iter().map(|t| t.text.as_str()).collect::<String>(),
        )
    };
    lines
        .into_iter()
        .map(|(place, texts)| (place, line(texts)))
        .collect()
}

#[test]
fn links_change_no_line_of_the_pages() {
    let (with, without) = (lines(&WITH), lines(&WITHOUT));
    assert!(with.len() > without.len() + 30);
    assert!(without.len() > 25, "{}", without.len());
    // Where a link begins, the blank before it and a capital don't move together.
    let near = |a: f64, b: f64| (a - b).abs() < 0.4;
    for (place, (first, last, text)) in &without {
        let (f, l, t) = with
            .get(place)
            .unwrap_or_else(|| panic!("no {text} at {place:?}"));
        assert_eq!(text, t);
        assert!(
            near(*f, *first) && near(*l, *last),
            "{text}: {first} {last}, {f} {l}"
        );
    }
}

#[test]
fn names_that_no_font_has_are_written_out() {
    let csv = rows().replace("Active", "\u{1f600}#[]$");
    let codebook = "[[fields]]\nname = \"arm\"\ntype = \"string\"\ncategories = [\"Control\", \"\u{1f600}#[]$\"]\n";
    let body = "{{ tbl-baseline.age[\"arm=\u{1f600}#[]$\"].mean }}\n\n```{table1 #tbl-baseline}\n\
        data = \"trial@1.0.0\"\ncaption = \"B\"\n[[row]]\nvariable = \"age\"\n```\n";
    let text = report_with("labels = { \"\u{1f600}#[]$\" = \"Active\" }\n", body);
    let trial = Trial::new()
        .with_data("trial", &csv)
        .with_codebook(codebook)
        .with_report(&text);
    let outputs = outputs(&trial);
    assert!(source(&outputs).contains("arm=\\\\u{1f600}#[]$/mean"));
    assert!(matches!(
        outputs.document.body.first(),
        Some(Block::Paragraph { .. })
    ));
}

#[test]
fn the_key_is_yes_or_no() {
    let text = report_with("", BODY).replace("date = ", "provenance = \"no\"\ndate = ");
    let trial = Trial::new().with_report(&text);
    let said = trial.check();
    assert!(
        said.iter()
            .any(|d| d.is_error() && d.message.contains("provenance"))
    );
}

#[test]
fn a_table_over_several_pages_links_where_it_begins() {
    let mut csv = String::from("id,arm,sex,age,pre,post\n");
    for id in 1..=150 {
        writeln!(csv, "{id},Active,male,{},20.5,{}", 20 + id % 50, id % 30).unwrap();
    }
    let body = "```{listing #tbl-people}\ndata = \"trial@1.0.0\"\n\
        caption = \"The {{ tbl-people.age[\\\"row=2\\\"].value }} of *many*\"\n\
        columns = [\"age\", \"pre\", \"post\"]\n```\n";
    let trial = Trial::new()
        .with_data("trial", &csv)
        .with_report(&report_with("", body));
    let outputs = outputs(&trial);
    let text = source(&outputs);
    assert!(text.contains("plain: [The 22 of #emph[many]]"), "{text}");
    assert!(
        text.contains("[#entry(\"tbl-people\")[The ]#traced(\"0\")[22]"),
        "{text}"
    );
}
