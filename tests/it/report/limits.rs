//! Hostile and huge reports: nothing panics, overflows or takes for ever.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{parse, parse_with_bib, with_front};

/// Reads a body in time. The bound is generous for slow, busy machines: what it finds is quadratic time.
/// (10 MB take 11 s with unoptimised dependencies.)
fn in_time(body: &str) {
    let text = with_front(body);
    let start = Instant::now();
    let (_, diagnostics) = parse(&text);
    assert!(diagnostics.len() <= 1001);
    let taken = start.elapsed();
    println!(
        "{taken:?} for {:?}",
        body.chars().take(20).collect::<String>()
    );
    assert!(
        taken < Duration::from_secs(100),
        "{taken:?} for {:?}",
        body.chars().take(40).collect::<String>()
    );
}

#[test]
fn megabytes_are_read() {
    let paragraph = "The mean was {{ a.b[\"c_d\"].mean | num(2) }} in @tbl-x, *so* [@kiser2024] said -- \"words\" 5.\n\n";
    in_time(&format!(
        "## R {{.results}}\n\n{}",
        paragraph.repeat(40_000)
    ));
}

#[test]
fn repeated_pieces_are_read() {
    for piece in [
        "{{",
        "{{ '",
        "{{ a \" ",
        "}}",
        "[@",
        "[@a;",
        "@a ",
        "<!--",
        "<!---->",
        "`",
        "$",
        "$a$1",
        "![",
        "[^",
        "[^a]",
        "*",
        "_a_",
        "**a ",
        "~",
        "^",
        "\\",
        "|",
        "a|b\n-|-\n",
        "```{",
        "```{a #b}\n",
        "+++\n",
        "<a",
        "(",
        "&amp",
        "\"",
        "{{a}}`",
        "`{{`",
        "<!-- ` --> `",
    ] {
        in_time(&piece.repeat(50_000 / piece.len()));
        in_time(&format!("{piece}\n\n").repeat(2_000));
    }
}

#[test]
fn deep_nesting_is_cut_off() {
    in_time(&format!("{} x", ">".repeat(100_000)));
    in_time(&format!("{} x", "> ".repeat(20_000)));
    in_time(&format!(
        "{}x{}",
        "*a **b ".repeat(20_000),
        "** *".repeat(20_000)
    ));
    in_time(&format!("{} x", "- ".repeat(2_000)));
    in_time(&"[a".repeat(100_000));
    in_time(&format!(
        "{}{}",
        "[".repeat(50_000),
        "](https://x.org)".repeat(50_000)
    ));
    let toml = format!(
        "```{{a #tbl-a}}\nx = {}{}\n```\n",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    in_time(&toml);
    let front = format!("+++\nx = {}\n+++\n", "{a=".repeat(100_000));
    parse(&front);
}

#[test]
fn hostile_bibliographies_are_read() {
    let text = with_front("[@a]");
    for bib in [
        "@",
        "@a{",
        "@a{b,c={",
        "@a{b,c=\"",
        "@string{",
        "@comment",
        "%",
        "\\",
        "@a{b, c = {\\",
        "@article{a, date={9999999999}}",
    ] {
        parse_with_bib(&text, Some(bib));
    }
}

/// Pieces of the language, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{{",
        "}}",
        " a.b ",
        "[\"x\"]",
        "| f(1)",
        "[@",
        "kiser2024",
        "]",
        "@tbl-a",
        "<!--",
        "-->",
        "allow-number:",
        "```",
        "{t #tbl-a}",
        "\n",
        "\n\n",
        "```{t #tbl-a}\n",
        "caption = \"",
        "\"",
        "+++\n",
        "# ",
        "{.results}",
        "> ",
        "- ",
        "1. ",
        "$",
        "$$",
        "`",
        "*",
        "_",
        "~",
        "^",
        "\\",
        "[^1]",
        "[^1]: ",
        "| ",
        "|---|\n",
        "![",
        "](",
        ")",
        "<b>",
        "ä",
        "“",
        "10.7",
        "Table 1",
        " ",
        "\t",
        "\r\n",
        "    ",
        "\u{feff}",
        "\u{0}",
        "—",
        "'",
        "...",
        "quoted(1, \"kiser2024\", \"T\")",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Parses, and shows every diagnostic, whose places must lie within the text.
fn survives(text: &str) {
    let (report, diagnostics) = parse(text);
    for diagnostic in &diagnostics {
        let _ = diagnostic.render(false);
        let _ = diagnostic.to_json();
    }
    for value in report.values() {
        let written = value.span.text();
        assert!(
            written.starts_with("{{") && written.ends_with("}}"),
            "{written:?} in {text:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_are_survived(text in pieces()) {
        survives(&text);
        survives(&with_front(&text));
    }

    #[test]
    fn any_text_is_survived(text in any::<String>()) {
        survives(&with_front(&text));
        survives(&format!("+++\n{text}\n+++\n"));
        survives(&with_front(&format!("```{{t #tbl-a}}\ncaption = {text:?}\n{text}\n```\n")));
    }

    #[test]
    fn any_bibliography_is_survived(text in "[@a-z{},=\"\\\\ \n%#0-9-]{0,60}") {
        let (_, diagnostics) = parse_with_bib(&with_front("[@a]"), Some(&text));
        for diagnostic in &diagnostics {
            let _ = diagnostic.render(false);
        }
    }
}
