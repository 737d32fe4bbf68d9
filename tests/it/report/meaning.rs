use trialbook::reader::Value as Toml;
use trialbook::report::{Argument, Block, Inline};

use super::{codes, parse, sound};

/// The words of inlines, everything else by a short name in `<>`.
fn plain(inlines: &[Inline]) -> String {
    let wrap = |name: &str, content: &[Inline]| format!("<{name}:{}>", plain(content));
    inlines
        .iter()
        .map(|inline| match inline {
            Inline::Text { text, .. } => text.clone(),
            Inline::Emph { content } => wrap("em", content),
            Inline::Strong { content } => wrap("strong", content),
            Inline::Strike { content } => wrap("s", content),
            Inline::Superscript { content } => wrap("sup", content),
            Inline::Subscript { content } => wrap("sub", content),
            Inline::Code { text, .. } => format!("<code:{text}>"),
            Inline::Link { url, content, .. } => format!("<a {url}:{}>", plain(content)),
            Inline::Math { tex, .. } => format!("<math:{tex}>"),
            Inline::Value(value) => {
                let parts: Vec<&str> = value.path.iter().map(|p| p.value.as_str()).collect();
                let filters: Vec<&str> = value
                    .filters
                    .iter()
                    .map(|f| f.name.value.as_str())
                    .collect();
                format!("<value:{}|{}>", parts.join("/"), filters.join("|"))
            }
            Inline::Quoted(q) => format!(
                "<quoted:{},{},{}>",
                q.text.value, q.key.value, q.place.value
            ),
            Inline::Cite { keys, .. } => {
                let keys: Vec<&str> = keys.iter().map(|k| k.value.as_str()).collect();
                format!("<cite:{}>", keys.join(";"))
            }
            Inline::Reference { label } => format!("<ref:{}>", label.value),
            Inline::Footnote { content, .. } => format!("<note:{}>", blocks(content)),
            Inline::Break => "<br>".to_owned(),
        })
        .collect()
}

fn blocks(blocks_: &[Block]) -> String {
    let cells = |row: &[Vec<Inline>]| row.iter().map(|c| plain(c)).collect::<Vec<_>>().join(" | ");
    blocks_
        .iter()
        .map(|block| match block {
            Block::Heading {
                level,
                content,
                results,
                ..
            } => {
                format!(
                    "h{level}{}({})",
                    if *results { "!" } else { "" },
                    plain(content)
                )
            }
            Block::Paragraph { content } => format!("p({})", plain(content)),
            Block::List { start, items } => {
                let items: Vec<String> = items.iter().map(|i| blocks(i)).collect();
                format!("list{start:?}[{}]", items.join("; "))
            }
            Block::Quote { content } => format!("quote({})", blocks(content)),
            Block::Code { text } => format!("code({text:?})"),
            Block::Math { tex, .. } => format!("math({tex})"),
            Block::Table {
                align, head, rows, ..
            } => {
                let rows: Vec<String> = rows.iter().map(|r| cells(r)).collect();
                format!("table{align:?}({} / {})", cells(head), rows.join(" / "))
            }
            Block::Rule => "rule".to_owned(),
            Block::Directive { index } => format!("directive{index}"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn read(body: &str) -> String {
    blocks(&sound(body).blocks)
}

const FULL: &str = include_str!("full.md");

#[test]
fn a_whole_report_is_read() {
    let (report, diagnostics) = parse(FULL);
    assert!(diagnostics.is_empty(), "{}", super::shown(&diagnostics));
    let front = &report.front;
    assert_eq!(front.title.value, "Beat the Blues");
    assert_eq!(front.running_title.as_ref().unwrap().value, "BtB");
    assert_eq!(front.date.value.to_string(), "2026-01-31");
    assert_eq!(front.date.value.days_since_epoch(), 20_484);
    assert_eq!(front.style.value, "plos");
    assert_eq!(front.lang.value, "en-GB");
    assert_eq!(front.seed.value, 7);
    assert_eq!(front.authors.len(), 2);
    assert_eq!(
        front.authors[0].orcid.as_ref().unwrap().value,
        "0000-0002-1825-0097"
    );
    assert!(front.authors[0].corresponding && !front.authors[1].corresponding);
    let names: Vec<&str> = front
        .populations
        .iter()
        .map(|p| p.name.value.as_str())
        .collect();
    assert_eq!(names, ["analysed", "all"]);
    assert_eq!(front.derive[0].sql.value, "bdi_pre - bdi_2m");
    let arms = front.arms.as_ref().unwrap();
    assert_eq!(arms.variable.value, "treatment");
    assert_eq!(arms.reference.as_ref().unwrap().value, "TAU");
    assert_eq!(arms.order.len(), 2);
    assert_eq!(arms.labels[1].1.value, "Beat the Blues");
    assert_eq!(report.directives.len(), 2);
    let cited = report.bibliography.as_ref().unwrap().cited.clone();
    // The footnote that quotes Kiser has its mark first.
    assert_eq!(cited, ["kiser2024", "proudfoot2003"]);
    insta::assert_snapshot!(blocks(&report.blocks));
}

#[test]
fn a_directive_keeps_its_body_and_gives_its_words_to_the_report() {
    let (report, _) = parse(FULL);
    let directive = report.directive("tbl-baseline").unwrap();
    assert_eq!(directive.kind.value, "table1");
    assert_eq!(directive.kind.span.text(), "table1");
    assert_eq!(directive.label.span.text(), "#tbl-baseline");
    assert!(
        directive.span.text().starts_with("```{table1") && directive.span.text().ends_with("```")
    );
    let keys: Vec<&str> = directive.entries.iter().map(|e| e.key.as_str()).collect();
    assert_eq!(keys, ["data", "by", "row"]);
    let Toml::Array(rows) = &directive.entries[2].node.value else {
        panic!()
    };
    assert_eq!(rows.len(), 2);
    let body = &report.source.text[directive.body.clone()];
    assert!(
        body.starts_with("data = ") && body.ends_with("\"drug\"\n"),
        "{body:?}"
    );
    assert_eq!(
        plain(&directive.caption),
        "Characteristics at <em:baseline> of <value:tbl-baseline/N|num> people <cite:kiser2024>"
    );
    assert_eq!(plain(&directive.notes[0]), "See <ref:fig-flow>; “quoted”.");
    let captions: Vec<_> = report.inlines();
    assert!(
        captions
            .iter()
            .any(|i| matches!(i, Inline::Reference { label } if label.value == "fig-flow"))
    );
}

#[test]
fn places_in_captions_are_those_of_the_source_whatever_is_escaped() {
    for caption in [
        r#""N = {{ a.b["c"] }}""#.replace("[\"c\"]", "['c']"),
        r#""\u00e9\t\"N\" = {{ a.b[\"c\"] }}""#.to_owned(),
        "\"\"\"\nN ä = \\\n   {{ a.b[\"c\"] }}\"\"\"".to_owned(),
        "'N = {{ a.b[\"c\"] }}'".to_owned(),
        "'''N = {{ a.b[\"c\"] }}'''".to_owned(),
    ] {
        let body = format!("```{{t #tbl-a}}\ncaption = {caption}\n```\n");
        let report = sound(&body);
        let values: Vec<_> = report.values().collect();
        assert_eq!(values.len(), 1, "{caption}");
        let written = values[0].span.text();
        assert!(
            written.starts_with("{{ a.b[") && written.ends_with("] }}"),
            "{written}"
        );
        assert_eq!(values[0].path[1].span.text(), "b");
        assert_eq!(values[0].path[2].value, "c");
    }
}

#[test]
fn values_are_read_with_all_their_parts() {
    let report = sound(
        "{{ effects.stress[\"arm[CCT]:time[post]\"].estimate | est_ci | num(2, \"x\", true, digits=-1.5, p=false) }}",
    );
    let value = report.values().next().unwrap();
    let parts: Vec<&str> = value.path.iter().map(|p| p.value.as_str()).collect();
    assert_eq!(
        parts,
        ["effects", "stress", "arm[CCT]:time[post]", "estimate"]
    );
    assert_eq!(value.label().unwrap().value, "effects");
    assert_eq!(value.path[2].span.text(), "\"arm[CCT]:time[post]\"");
    assert_eq!(value.filters[0].name.value, "est_ci");
    let num = &value.filters[1];
    let args: Vec<&Argument> = num.args.iter().map(|a| &a.value).collect();
    assert_eq!(
        args,
        [
            &Argument::Number(2.0),
            &Argument::Text("x".into()),
            &Argument::Boolean(true)
        ]
    );
    assert_eq!(num.named[0].0.value, "digits");
    assert_eq!(num.named[0].1.value, Argument::Number(-1.5));
    assert_eq!(num.named[1].1.value, Argument::Boolean(false));
    assert!(value.span.text().starts_with("{{ effects") && value.span.text().ends_with("}}"));
}

#[test]
fn markdown_does_not_tear_values() {
    assert_eq!(
        read("*{{ a.b_c[\"x_y*z\"].d_e }}* and **{{ a[\"}}\"].b | f(\"|\") }}**"),
        "p(<em:<value:a/b_c/x_y*z/d_e|>> and <strong:<value:a/}}/b|f>>)"
    );
    assert_eq!(
        read("| x | {{ a.b | num }} |\n|---|:-:|\n| {{ a[\"|\"] | f }} | [@kiser2024] |"),
        "table[Default, Center](x | <value:a/b|num> / <value:a/||f> | <cite:kiser2024>)"
    );
    assert_eq!(
        read("> wrapped {{ a.b\n> | num }} on\n\n## N = {{ a.n }} {.results}"),
        "quote(p(wrapped <value:a/b|num> on))\nh2!(N = <value:a/n|>)"
    );
    assert_eq!(read("{{ a.b }}. Start"), "p(<value:a/b|>. Start)");
    assert_eq!(read("p<{{ a.b }}>"), "p(p<<value:a/b|>>)");
    assert_eq!(
        read("[{{ a.b }}](https://x.org)"),
        "p(<a https://x.org:<value:a/b|>>)"
    );
    assert_eq!(read("\"{{ a[\"q\"] }}\""), "p(“<value:a/q|>”)");
    assert_eq!(
        read("{{ quoted(−10.70, \"kiser2024\", 'Table \"3\"') }}"),
        "p(<quoted:−10.70,kiser2024,Table \"3\">)"
    );
}

#[test]
fn code_formulas_and_escapes_hold_no_values() {
    assert_eq!(
        read("`{{ a.b }}` and `{{` and `}}`"),
        "p(<code:{{ a.b }}> and <code:{{> and <code:}}>)"
    );
    assert_eq!(
        read("$\\frac{{a}}{b}$ and `[@x]` `@x`"),
        "p(<math:\\frac{{a}}{b}> and <code:[@x]> <code:@x>)"
    );
    assert_eq!(read("\\{{ a.b }}"), "p({{ a.b }})");
    assert_eq!(
        read("    {{ a.b }}\n\n```\n{{ a }} @tbl-x <!-- c -->\n```"),
        "code(\"{{ a.b }}\\n\")\ncode(\"{{ a }} @tbl-x <!-- c -->\\n\")"
    );
    assert_eq!(
        read("`` ` {{ `` then {{ a.b }}"),
        "p(<code:` {{> then <value:a/b|>)"
    );
}

#[test]
fn other_languages_are_plain_words() {
    assert_eq!(
        read("{% if x %} #let x = 1; #set page() {# c #} <= \\@foo a@tbl-x.org \\[@no] #strong[x]"),
        "p({% if x %} #let x = 1; #set page() {# c #} <= @foo a@tbl-x.org [@no] #strong[x])"
    );
    assert_eq!(
        read("from $5–$10 and {{ a.b }}"),
        "p(from $5–$10 and <value:a/b|>)"
    );
    assert_eq!(
        read("about ~5 and ~6 of 10^-3 and 10^-4"),
        "p(about ~5 and ~6 of 10^-3 and 10^-4)"
    );
    assert_eq!(read("CO~2~ at 10^3^ m"), "p(CO<sub:2> at 10<sup:3> m)");
}

#[test]
fn rules_and_pluses_in_the_body_are_no_front_matter() {
    assert_eq!(
        read("a\n\n---\n\nx: y\n\n---\n\n+++\nq\n+++\n"),
        "p(a)\nrule\np(x: y)\nrule\np(+++ q +++)"
    );
    assert_eq!(
        read("term\n: not a definition\n\n::: x"),
        "p(term : not a definition)\np(::: x)"
    );
}

#[test]
fn comments_vanish() {
    assert_eq!(
        read("<!-- c -->\n# H\n\n<!-- a\n\nb -->\n- x\n<!-- c -->\n"),
        "h1(H)\nlistNone[p(x)]"
    );
    assert_eq!(
        read("<!-- c --> The mean <!-- d --> was."),
        "p( The mean  was.)"
    );
    assert_eq!(read("<!-- {{ a.b }} @tbl-x [@x] -->"), "");
}

#[test]
fn formulas_on_their_own_are_blocks() {
    assert_eq!(read("a $$x^2$$ b"), "p(a )\nmath(x^2)\np( b)");
    assert_eq!(read("$$\nx\n$$"), "math(\nx\n)");
}

#[test]
fn footnotes_come_to_their_marks() {
    assert_eq!(
        read("A[^n] b.\n\n[^n]: The *note* [@kiser2024].\n\n    Second.\n\nAfter."),
        "p(A<note:p(The <em:note> <cite:kiser2024>.)\np(Second.)> b.)\np(After.)"
    );
}

#[test]
fn citations_may_be_wrapped_and_several() {
    assert_eq!(
        read("x [@kiser2024;\n@proudfoot2003]."),
        "p(x <cite:kiser2024;proudfoot2003>.)"
    );
}

#[test]
fn links_lead_to_the_web() {
    assert_eq!(
        read(
            "<https://x.org/@y> <a@b.org> [d](doi:10.1000/182) [m](mailto:a@b.org) [r][q]\n\n[q]: http://x.org/@tbl-x"
        ),
        "p(<a https://x.org/@y:https://x.org/@y> <a mailto:a@b.org:a@b.org> <a https://doi.org/10.1000/182:d> <a mailto:a@b.org:m> <a http://x.org/@tbl-x:r>)"
    );
}

#[test]
fn line_ends_and_marks_of_windows_are_read() {
    let text = format!("\u{feff}{FULL}").replace('\n', "\r\n");
    let (report, diagnostics) = parse(&text);
    assert!(diagnostics.is_empty(), "{}", super::shown(&diagnostics));
    assert_eq!(report.front.title.value, "Beat the Blues");
    assert_eq!(report.directives.len(), 2);
}

#[test]
fn typed_numbers_are_reported_in_results_only() {
    assert_eq!(codes("## Methods\n\nWe took 5."), [""; 0]);
    assert_eq!(
        codes("## Results {.results}\n\nWe took 5."),
        ["typed-number"]
    );
    assert_eq!(
        codes("## R {.results}\n\n### Sub\n\nWe took 5.\n\n## Discussion\n\nNot 5."),
        ["typed-number"]
    );
    assert_eq!(
        codes("## R {.results}\n\n### Sub 5\n\n1. `5` $5$ {{ a.b }} [@kiser2024]\n2. None."),
        [""; 0]
    );
    assert_eq!(
        codes("## R {.results}\n\nA 1. B[^n].\n\n- C 3.\n\n> D 4.\n\n[^n]: E 5."),
        ["typed-number"; 4]
    );
    assert_eq!(
        codes("## R {.results}\n\n| a | b |\n|---|---|\n| 1 | {{ a.b }} |"),
        ["typed-number"]
    );
    assert_eq!(codes("As Table 1 shows."), ["typed-reference"]);
}

#[test]
fn typed_numbers_are_allowed_with_a_reason() {
    let results = |body: &str| codes(&format!("## R {{.results}}\n\n{body}"));
    assert_eq!(
        results("A 1. <!-- allow-number: why --> B 2. C 3."),
        ["typed-number"; 2]
    );
    assert_eq!(
        results("A 1. B <!-- allow-number: why --> 2. C *x*."),
        ["typed-number"]
    );
    assert_eq!(results("<!-- allow-number: why --> B 2. C."), [""; 0]);
    assert_eq!(
        results("<!-- allow-number: why -->\nB 2. C 3.\n\nD 4."),
        ["typed-number"]
    );
    assert_eq!(
        results("<!-- allow-number: why -->\n\n- B 2.\n- C 3.\n"),
        [""; 0]
    );
    assert_eq!(
        results("A[^n].\n\n[^n]: <!-- allow-number: why --> B 5."),
        [""; 0]
    );
}
