//! Snapshots of what every mistake is answered with.

use super::{parse, parse_with_bib, said, shown, with_front};

/// What is said about a whole report.
fn said_of_all(text: &str) -> String {
    shown(&parse(text).1)
}

macro_rules! snapshot {
    ($name:ident, $said:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!($said);
        }
    };
}

snapshot!(front_matter_missing, said_of_all("# Title\n\nWords.\n"));
snapshot!(front_matter_in_yaml, said_of_all("---\ntitle: x\n---\n"));
snapshot!(
    front_matter_unclosed,
    said_of_all("+++\ntitle = \"x\"\n\n# Words\n")
);
snapshot!(front_matter_of_an_empty_file, said_of_all(""));
snapshot!(
    front_matter_without_what_it_needs,
    said_of_all("+++\n[[authors]]\nemail = 3\n[arms]\n+++\n")
);
snapshot!(
    front_matter_values,
    said_of_all(
        r#"+++
title = ""
date = "2026-02-30"
stile = "plos"
seed = -1
lang = "english"
keywords = ["a", 2, " "]
[[authors]]
name = "A"
orcid = "0000-0002-1825-0098"
email = "a@b@c"
[[authors]]
name = "B"
orcid = "12"
corresponding = true
[populations]
"per protocol" = "x"
itt = 1
all = " "
[derive]
change = ["a"]
[arms]
variable = "arm"
reference = "TUA"
order = ["BtheB", "TAU", "TAU"]
[arms.labels]
BtB = "Beat the Blues"
+++
"#
    )
);
snapshot!(front_matter_dates, {
    let dates = ["2026-01-31T10:00:00Z", "\"2026-01-31\"", "2026", "10:00:00"];
    let say = |date| said_of_all(&format!("+++\ntitle = \"x\"\ndate = {date}\n+++\n"));
    dates.map(say).join("")
});
snapshot!(
    front_matter_toml,
    said_of_all("+++\ntitle = \ndate = 2026-01-31\nseed = 1\nseed = 2\n+++\n")
);

snapshot!(
    directive_headers,
    said(
        "```{}\n```\n\n```{table1}\n```\n\n```{table1 #tbl-a #tbl-b}\n```\n\n```{table1 #1a}\n```\n\n```{table1, echo=FALSE}\n```\n\n```{table1 #tbl-c} more\n```\n\n```{table1 #tbl-d\n```\n\n```{#tbl-e}\n```\n\n```{table1 tbl-f .wide}\n```\n"
    )
);
snapshot!(
    directive_unclosed,
    said("Words.\n\n```{table1 #tbl-a}\ndata = \"x\"\n\nMore words, @tbl-a.\n")
);
snapshot!(
    directive_unclosed_before_another,
    said(
        "```{table1 #tbl-a}\ndata = 1\n\nWords.\n\n```{table1 #tbl-b}\nd = = 2\n```\n\n@tbl-a @tbl-b @tbl-c\n"
    )
);
snapshot!(
    code_unclosed,
    said("- item\n\n  ~~~text\n  code\n\nWords.\n\n````\ncode\n```\n")
);
snapshot!(
    directive_nested,
    said("- item\n\n  ```{table1 #tbl-a}\n  ```\n\n> ```{table1 #tbl-b}\n> ```\n")
);
snapshot!(
    directive_toml,
    said("Words.\n\n```{table1 #tbl-a}\ndata = \"x\nby = arm\n[[row]\nx = 1\n```\n\nAnd @tbl-b.\n")
);
snapshot!(
    directive_words,
    said(
        "```{table1 #tbl-a}\ncaption = 3\nnotes = \"x\"\n```\n\n```{table1 #tbl-b}\ncaption = \" \"\nnotes = [1, \"# Head\", \"\"\"a\n\nb\"\"\", \"ä \\\"x\\\" {{ }} [@nobody] @tbl-x ![i](j) [^1]\"]\n```\n"
    )
);
snapshot!(
    labels_twice,
    said("```{a #tbl-a}\n```\n\n```{b #tbl-a}\n```\n\n```{c #model}\n```\n\nSee @tbl-a.\n")
);
snapshot!(
    references,
    said(
        "```{a #tbl-baseline}\n```\n\n```{lm #model}\n```\n\nSee @tbl-basline, @model, @kiser2024, @someone (@fig-flow).\n"
    )
);
snapshot!(
    values,
    said(
        "{{ }} {{ .a }} {{ a..b }} {{ a.b/c }} {{ a.b | }} {{ a.b | f( }} {{ a.b | f(1 2) }} {{ a.b | f(x) }}\n{{ a.b | f(x=1, x=2) }} {{ a[b] }} {{ a[\"b] }} {{ a[“b”] }} {{ a[\"b\\n\"] }} {{ a.b c }} {{ a.b | f(1e999) }}\n{{ a[\"b\" }} {{ 10.7 }} {{ a.b | f(1x) }} {{ a.b | f(nan) }} {{{ a.b }}}\n"
    )
);
snapshot!(
    quoted_numbers,
    said(
        "{{ quoted(10.7) }} {{ quoted(10.7, kiser2024, \"T\") }} {{ quoted(\"\", \"kiser2024\", \"T\") }} {{ quoted(1, \"kiser2024\", \"T\", 2) }}\n{{ quoted(1, \"kisr2024\", \"T\") }} {{ quoted(1, \"kiser2024\", \"T\") | num }}\n"
    )
);
snapshot!(
    values_unclosed,
    said("A {{ a.b and\nmore.\n\nB {{ a {{ a.b }}.\n\n## Head {{ a\n\n| {{ a | b |\n|---|---|\n")
);
snapshot!(
    citations,
    said(
        "[@kisr2024] [@kiser2024, p. 5] [@kiser2024;] [@] [@kiser2024; proudfoot2003] [see @kiser2024]\n"
    )
);
snapshot!(citations_without_a_bibliography, {
    let text = with_front("[@a; @b] and {{ quoted(1, \"c\", \"d\") }}\n");
    shown(&parse_with_bib(&text, None).1)
});
snapshot!(bibliography_broken, {
    let text = with_front("[@kiser2024]\n");
    let broken = [
        "@article{kiser2024, title = {A}\n@book{b, title = {B}}\n",
        "@article{a, title = {A}, author={X}}\n@article{a, title = {B}, author={X}}\n",
        "@article{a, title = {A}, date = {the other day}}\n@article{b, title = {A}, date = {2020-13-45}}",
    ];
    broken
        .map(|b| shown(&parse_with_bib(&text, Some(b)).1))
        .join("")
});
snapshot!(
    links,
    said(
        "[a](javascript:x) [b](file:///etc/passwd) [c](#results) [d](other.md) [e]() [f](<https://x.org/a b>) [g][h]\n"
    )
);
snapshot!(
    table_cells,
    said("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| \\| | `x\\|y` |\n| {{ a.b | num }} |\n")
);
snapshot!(
    images,
    said("![A plot](plot.png) and ![b][c].\n\n[c]: d.png\n")
);
snapshot!(
    html,
    said("<div>\nwords\n</div>\n\nP <b>x</b> &lt; y <br/>.\n\n<!-- unclosed\n\nwords\n")
);
snapshot!(
    comment_unclosed_in_a_line,
    said("Words <!-- unclosed\nmore.\n")
);
snapshot!(
    footnotes,
    said(
        "A[^a] b[^a] c[^b] d[^D].\n\n[^a]: Text[^e].\n[^e]: Nested.\n[^c]: Unused.\n[^a]: Again.\n[^d]:\n"
    )
);
snapshot!(
    heading_attributes,
    said("## Results {.result}\n\n### A {#sec-a}\n\n### B {.results key=x}\n")
);
snapshot!(
    nested_too_deeply,
    said(&format!(
        "{} deep\n\n{}x\n",
        ">".repeat(100),
        "*a ".repeat(100)
    ))
);
snapshot!(
    typed_numbers,
    said(
        "## Results {.results}\n\nThe *mean* was 10.7 (SD\u{a0}3.2; it’s 95% CI). As Table 1 and Fig. 2 show, in 2003 it was\n“12%”.\n"
    )
);
snapshot!(
    allowances,
    said(
        "<!-- allow-number -->\n\n## R {.results}\n\nA 5. <!-- allow-number: --> B 6.\n\n<!-- allow-digit: x --> <!-- allow-number: too far -->\n\nNone.\n\nC 7.\n"
    )
);

#[test]
fn everything_wrong_with_a_report_is_said_at_once() {
    let text = include_str!("wrong.md");
    let (_, diagnostics) = parse(text);
    insta::assert_snapshot!(shown(&diagnostics));
}
