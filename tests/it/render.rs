//! Documents become PDFs: every block, the same bytes again, hostile text harmless, everything where it belongs.

mod hostile;
mod layout;
mod sample;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use trialbook::diagnostic::{Diagnostics, Source};
use trialbook::document::{Block, Document, Inline};
use trialbook::render::typst::{PageSettings, TypstProject, source};
use trialbook::render::{Attachment, PlacedText, Relationship, pdf, placed_texts};
use trialbook::style::Templates;

/// 2026-11-23 at noon.
const NOON: i64 = 1_795_435_200;

fn project(document: &Document) -> Result<TypstProject, Diagnostics> {
    let template = sample::template();
    source(document, &sample::settings(), &template, &sample::fonts())
}

/// A project whose pages are as wide and high as what stands on them.
fn unbounded(body: Vec<Block>) -> Result<TypstProject, Diagnostics> {
    let document = Document {
        body,
        ..sample::empty()
    };
    let page = "#let theme = (:)\n#let shell(body) = {\n  set page(width: auto, height: auto)\n  \
                set text(font: \"Libertinus Serif\")\n  body\n}\n";
    let template = Source::new("page.typ", page);
    let settings = PageSettings {
        values: BTreeMap::new(),
        ..sample::settings()
    };
    source(&document, &settings, &template, &sample::fonts())
}

/// The text of a page from top to bottom, a line for each baseline.
fn lines(texts: &[PlacedText]) -> Vec<String> {
    let mut lines: Vec<(usize, f64, String)> = Vec::new();
    for text in texts {
        match lines.last_mut() {
            Some((page, y, line)) if *page == text.page && (*y - text.y).abs() < 0.01 => {
                line.push_str(&text.text);
            }
            _ => lines.push((text.page, text.y, text.text.clone())),
        }
    }
    lines.into_iter().map(|(_, _, line)| line).collect()
}

fn codes(result: Result<TypstProject, Diagnostics>) -> Vec<String> {
    result
        .err()
        .unwrap_or_default()
        .iter()
        .map(|d| d.code.to_string())
        .collect()
}

// By value, so that `map_err(show)` takes it.
#[allow(clippy::needless_pass_by_value)]
fn show(diagnostics: Diagnostics) -> String {
    let line = |d: &_| {
        let trialbook::diagnostic::Diagnostic {
            code,
            message,
            help,
            ..
        } = d;
        format!("{code}: {message} {help:?}\n")
    };
    diagnostics.iter().map(line).collect()
}

fn attachments() -> Vec<Attachment> {
    vec![Attachment {
        path: "provenance/results \"1\" #x.json".into(),
        bytes: b"{\"schema\": \"trialbook-results/1\"}".to_vec(),
        mime: "application/json".into(),
        relationship: Relationship::Data,
        description: "Every number \\ \"with\" quotes".into(),
    }]
}

/// Writes the sample's folder and PDF to the folder that `RENDER_OUT` names, to be looked at.
#[test]
#[ignore = "writes files to be looked at"]
fn write_out() {
    let out = std::env::var("RENDER_OUT").unwrap();
    let project = project(&sample::rich()).map_err(show).unwrap();
    for (path, bytes) in &project.files {
        let path = Path::new(&out).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let pdf = pdf(&project, &attachments(), NOON).map_err(show).unwrap();
    std::fs::write(Path::new(&out).join("report.pdf"), pdf).unwrap();
}

#[test]
fn the_pdf_is_archival_accessible_and_says_who_wrote_it() {
    let project = project(&sample::rich()).map_err(show).unwrap();
    let pdf = pdf(&project, &attachments(), NOON).map_err(show).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    for mark in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "Computerized Cognitive Behavioral Therapy",
        "Ana María Núñez-Ørsted",
        "en-US",
        "2026-11-23",
        "/AFRelationship/Data",
    ] {
        let spaced = mark.replace("/AFRelationship/Data", "/AFRelationship /Data");
        assert!(text.contains(mark) || text.contains(&spaced), "no {mark}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_with_any_number_of_threads() {
    let make = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| pdf(&project(&sample::rich()).unwrap(), &attachments(), NOON).unwrap())
    };
    let first = make(1);
    assert!(first == make(2));
    assert!(first == make(1));
}

#[test]
fn attachments_change_no_page() {
    let project = project(&sample::rich()).unwrap();
    let count = |pdf: &[u8]| {
        String::from_utf8_lossy(pdf).matches("/Type/Page/").count()
            + String::from_utf8_lossy(pdf)
                .matches("/Type /Page\n")
                .count()
    };
    let with = pdf(&project, &attachments(), NOON).unwrap();
    let without = pdf(&project, &[], NOON).unwrap();
    assert_eq!(count(&with), count(&without));
    assert!(with != without);
}

#[test]
fn every_built_in_style_prints_every_block() {
    let templates = Templates::built_in();
    for name in templates.names() {
        let (style, problems) = templates.style(&name, None);
        let style = style.unwrap_or_else(|| panic!("{}", show(problems)));
        let (settings, problems) = PageSettings::of(&style);
        assert!(problems.is_empty(), "{}", show(problems));
        let path = format!("{name}/page.typ");
        let page = templates.read(&path).unwrap().unwrap();
        let template = Source::new(path, String::from_utf8(page).unwrap());
        for banner in [None, Some("These data are simulated.".to_owned())] {
            let document = Document {
                banner: banner.clone(),
                ..sample::rich()
            };
            let project = source(&document, &settings, &template, &sample::fonts())
                .map_err(show)
                .unwrap();
            pdf(&project, &attachments(), NOON).map_err(show).unwrap();
            let (pages, texts) = placed_texts(&project).map_err(show).unwrap();
            let banners = texts
                .iter()
                .filter(|t| t.text.contains("simulated"))
                .count();
            assert_eq!(banners, if banner.is_some() { pages } else { 0 });
        }
    }
}

#[test]
fn a_document_without_anything_has_a_page() {
    let bare = Document {
        authors: vec![],
        keywords: vec![],
        ..sample::empty()
    };
    let project = project(&bare).map_err(show).unwrap();
    pdf(&project, &[], NOON).map_err(show).unwrap();
}

#[test]
fn what_leads_nowhere_is_an_error() {
    let paragraph = |inline| vec![sample::paragraph(vec![inline])];
    let reference = Inline::Reference {
        label: "tbl-nowhere".into(),
    };
    assert_eq!(codes(unbounded(paragraph(reference))), ["unknown-label"]);
    let cite = Inline::Cite {
        keys: vec!["nobody".into()],
    };
    assert_eq!(codes(unbounded(paragraph(cite))), ["unknown-citation"]);
    for url in [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
        "https://",
        "http://a b",
    ] {
        let link = Inline::Link {
            url: url.into(),
            content: sample::text("here"),
        };
        assert_eq!(codes(unbounded(paragraph(link))), ["link-scheme"], "{url}");
    }
    let table = || Block::Results {
        label: "tbl-x".into(),
        caption: vec![],
        table: sample::listing(1),
    };
    assert_eq!(
        codes(unbounded(vec![table(), table()])),
        ["duplicate-label"]
    );
}

#[test]
fn the_engine_sees_nothing_but_the_project() {
    for call in [
        "read(\"/etc/passwd\")",
        "read(\"../Cargo.toml\")",
        "read(\"Cargo.toml\")",
        "image(\"https://example.org/x.png\")",
        "{ import \"@preview/cetz:0.3.0\"; [] }",
        "while true { }",
    ] {
        let page = format!("#let theme = (:)\n#let shell(body) = {{ {call} }}\n");
        let template = Source::new("page.typ", page);
        let project = source(
            &sample::empty(),
            &sample::settings(),
            &template,
            &BTreeMap::new(),
        )
        .unwrap();
        let problems = pdf(&project, &[], NOON).unwrap_err();
        assert!(
            problems.iter().all(|d| d.code == "typst"),
            "{call}: {}",
            show(problems)
        );
    }
}

#[test]
fn a_template_error_shows_its_place() {
    for (page, place) in [("a {{ titel }}", "titel"), ("{% if %}", "%}")] {
        let template = Source::new("templates/x/page.typ", page);
        let made = source(
            &sample::empty(),
            &sample::settings(),
            &template,
            &BTreeMap::new(),
        );
        let problems = made.unwrap_err();
        let problem = problems.iter().next().unwrap();
        assert_eq!(problem.code, "page-template");
        let span = problem.span.as_ref().unwrap();
        assert!(Arc::ptr_eq(&span.source, &template));
        assert!(span.text().contains(place), "{page}: {:?}", span.text());
    }
}

#[test]
fn what_a_template_prints_is_a_literal() {
    let document = Document {
        title: "\"] #panic() #{ \\".into(),
        ..sample::empty()
    };
    let page = "#let theme = (:)\n#let shell(body) = {\n set page(width: auto, height: auto)\n [#{{ title }}]\n \
                parbreak()\n (x: {{ title | typst }}).x\n parbreak()\n repr({{ authors }})\n}\n";
    let template = Source::new("page.typ", page);
    let project = source(&document, &sample::settings(), &template, &BTreeMap::new()).unwrap();
    let (_, texts) = placed_texts(&project).map_err(show).unwrap();
    let lines = lines(&texts);
    assert_eq!(lines[0], document.title);
    assert_eq!(lines[1], document.title);
}
