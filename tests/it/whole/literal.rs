//! What authors write is text, never a program: markup of Typst, Tera and HTML comes out as it went in.

use super::trial::{Trial, report_with};

/// Signs that mean something in Typst, Tera, Markdown's HTML or LaTeX.
const HOSTILE: [&str; 6] = [
    "#panic(\\\"x\\\")",
    "$ 1/0 $",
    "{% include 'x' %}",
    "<b>bold</b>",
    "#read(\\\"/etc/passwd\\\")",
    "*_`@x`_*",
];

#[test]
fn markup_in_arms_codebooks_rows_and_prose_is_text() {
    let all = HOSTILE.join(" ");
    let labels = format!("labels = {{ Active = \"{all}\" }}\n");
    let body = format!(
        "Prose: #panic(1) and #read(\"/etc/passwd\") and \\$x\\$ and {{% raw %}} and \\{{{{ 1 + 1 }}}}.\n\n\
         ```{{table1 #tbl-baseline}}\ndata = \"trial@1.0.0\"\n\
         caption = \"Caption #panic(1) {{% raw %}}\"\nnotes = [\"Note #panic(2) {{% raw %}}\"]\n\
         [[row]]\nvariable = \"age\"\nlabel = \"{all}\"\n[[row]]\nvariable = \"sex\"\n[[row]]\nvariable = \"pre\"\n```\n"
    );
    let trial = Trial::new().with_report(&report_with(&labels, &body));
    trial.edit(
        "reports/small/report.md",
        "title = \"A small trial\"",
        "title = \"A #panic(3) trial {% raw %} <b>\"",
    );
    trial.edit(
        "data/trial/codebook.toml",
        "name = \"pre\"\n",
        &format!("name = \"pre\"\ntitle = \"{all}\"\n"),
    );
    trial.run(&["build"]).with_status(0);
    let pdf = trial.files("build/small")["report.pdf"].clone();
    assert!(pdf.starts_with(b"%PDF-"));
    let results = trial.read("build/small/results.json");
    assert!(
        results.contains("\"arm=Active\"") || results.contains("Active"),
        "{results}"
    );
    let page = trial.read("build/small/page.typ");
    assert!(
        page.contains(r#""A #panic(3) trial {% raw %} <b>""#),
        "{page}"
    );
    let source = trial.read("build/small/report.typ");
    for function in ["#panic", "#read"] {
        let calls = source.matches(function).count();
        assert!(
            calls > 0 && calls == source.matches(&format!("\\{function}")).count(),
            "{source}"
        );
    }
    // Twice as a label of a row, of the report and of the codebook, and once as an arm's.
    for sign in [
        r"\$ 1\/0 \$",
        r"\{% include \'x\' %\}",
        r"\<b\>bold\<\/b\>",
        r"\*\_\`\@x\`\_\*",
    ] {
        assert_eq!(source.matches(sign).count(), 3, "{sign} in {source}");
    }
    assert!(source.contains(r"\{\{ 1 \+ 1 \}\}"), "{source}");
}
