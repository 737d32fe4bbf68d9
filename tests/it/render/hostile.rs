//! Whatever authors and data say is printed as it is, and never run.

use proptest::prelude::*;
use trialbook::document::{Block, Inline};
use trialbook::figure::{Item, Scene};
use trialbook::render::{pdf, placed_texts};

use super::sample::{self, paragraph, text};
use super::{NOON, codes, lines, show, unbounded};

const HOSTILE: &[&str] = &[
    "#import \"/etc/passwd\"",
    "#read(\"/etc/passwd\")",
    "$x^2$ and $ x $",
    "@tbl-x and <label> and @{y}",
    "`code` and ``` raw ```",
    "*bold* and _emph_ and ~~struck~~",
    "\\u{202e} \\n \\ \\\\ end\\",
    "// a comment",
    "/* a comment */ http://example.org/a//b",
    "{{ title }} {% raw %} {# note #}",
    "= Heading",
    "- item + item / term: what",
    "1. one 2) two 10. ten.",
    "-1 -- 3 --- 4 -? soft ... .. .",
    "\"quoted\" 'single' it's",
    "a  b   c    d",
    "]] [[ ) ( } {",
    "a;b #x; .field (call) [block]",
    "non\u{a0}breaking thin\u{2009}space n–m — “q” ‘r’ ≤ ≥ × ± − °",
    "ﬁ é e\u{301} ß Ł Ω β € ½ ² ™",
];

#[test]
fn hostile_words_are_printed_as_they_are() {
    let body = HOSTILE.iter().map(|words| paragraph(text(words))).collect();
    let project = unbounded(body).map_err(show).unwrap();
    let (_, texts) = placed_texts(&project).map_err(show).unwrap();
    assert_eq!(lines(&texts), HOSTILE);
}

#[test]
fn hostile_words_are_harmless_everywhere() {
    let mut body = vec![];
    for (turn, words) in HOSTILE.iter().enumerate() {
        let content = text(words);
        let items = vec![vec![paragraph(content.clone())]];
        let inline = match turn % 4 {
            0 => Inline::Emph {
                content: content.clone(),
            },
            1 => Inline::Code {
                text: (*words).into(),
            },
            2 => Inline::Footnote {
                content: items[0].clone(),
            },
            _ => Inline::Link {
                url: "https://example.org/\"#x[".into(),
                content: content.clone(),
            },
        };
        body.push(paragraph(
            [content.clone(), vec![inline], content.clone()].concat(),
        ));
        body.push(match turn % 5 {
            0 => Block::Heading { level: 2, content },
            1 => Block::Quote {
                content: items[0].clone(),
            },
            2 => Block::List {
                start: Some(3),
                items,
            },
            3 => Block::Code {
                text: (*words).into(),
            },
            _ => Block::Table {
                align: vec![],
                head: vec![content.clone()],
                rows: vec![vec![content.clone(), content]],
            },
        });
    }
    let mut table = sample::listing(HOSTILE.len());
    table.rows.retain(|row| !row.section);
    for (row, words) in table.rows.iter_mut().zip(HOSTILE) {
        row.label = text(words);
        row.cells[0] = sample::cell(words, words);
    }
    table.notes[1].mark = Some(HOSTILE.join(" "));
    table.notes[1].content = text(&HOSTILE.join(" "));
    let mut scene: Scene = sample::scene();
    scene.alt = HOSTILE.join(" ");
    for (item, words) in scene.items.iter_mut().rev().zip(HOSTILE.iter().cycle()) {
        if let Item::Text { runs, .. } = item {
            runs[0].text = (*words).into();
        }
    }
    let (table_label, figure_label) = (HOSTILE.join("t"), HOSTILE.join("f"));
    for label in [table_label.clone(), figure_label.clone()] {
        body.push(paragraph(vec![Inline::Reference { label }]));
    }
    let caption = text(&HOSTILE.join(" "));
    body.push(Block::Results {
        label: table_label,
        caption: caption.clone(),
        table,
    });
    let notes = HOSTILE.iter().map(|words| text(words)).collect();
    body.push(Block::Figure {
        label: figure_label,
        caption,
        scene,
        notes,
        stats: vec![],
        printed: vec![],
    });
    let document = trialbook::document::Document {
        title: HOSTILE.join(" "),
        running_title: HOSTILE[0].into(),
        banner: Some(HOSTILE[3].into()),
        keywords: HOSTILE.iter().map(|s| (*s).to_owned()).collect(),
        body,
        ..sample::rich()
    };
    let project = super::project(&document).map_err(show).unwrap();
    pdf(&project, &[], NOON).map_err(show).unwrap();
}

#[test]
fn what_no_page_can_show_is_an_error() {
    for words in [
        "a\u{0}b",
        "\u{7}",
        "\u{85}",
        "\u{202e}abc",
        "x\u{2066}",
        "\u{feff}a",
        "\u{e000}",
        "\u{fffe}",
        "𓀀",
    ] {
        let made = unbounded(vec![
            paragraph(text(words)),
            Block::Code { text: words.into() },
        ]);
        assert_eq!(codes(made), ["unprintable-character"], "{words:?}");
    }
    let document = trialbook::document::Document {
        title: "a\u{202e}b".into(),
        ..sample::empty()
    };
    assert_eq!(codes(super::project(&document)), ["unprintable-character"]);
}

#[test]
fn formulas_are_set() {
    for tex in [
        r"\frac{1}{n}\sum_{i=1}^n x_i",
        r"\hat\beta \pm 1.96 \times \widehat{\mathrm{SE}}(\hat{\beta})",
        r"\begin{aligned} y &= X\beta + Zb \\ b &\sim N(0, \sigma^2) \end{aligned}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"f(x) = \begin{cases} 1, & x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\sqrt[3]{x} \ne \sqrt{y} \not\in \mathbb{R}, \mathbf{x}^\top \mathcal{L}",
        r"\lim_{n\to\infty} \Pr\left( \left| \frac{a}{b} \right| \ge \epsilon \right) \le \binom{n}{k}",
        r"\overline{x} \underline{y} \vec{v} \dot x \ddot x \tilde x \bar x \overbrace{a+b}^{n} \underbrace{c}_{m}",
        r"\text{50\% of } n = 1,000 \quad \alpha, \beta; \Gamma \% \& \# \$ \{ \} \_",
        r"\int_0^\infty e^{-x}\,dx \xrightarrow{d} \bigl( \Bigl[ x \mid y \Bigr] \bigr)",
        r"\operatorname{logit}(p) = \log\frac{p}{1-p} \displaystyle\sum_i x \overset{d}{=} y \stackrel{a}{b}",
        "x' + y'' {} {{}}",
    ] {
        for block in [
            Block::Math { tex: tex.into() },
            paragraph(vec![
                Inline::text("a "),
                Inline::Math { tex: tex.into() },
                Inline::text("(b)."),
            ]),
        ] {
            let project = unbounded(vec![block]).map_err(show).unwrap();
            pdf_of_math(&project, tex);
        }
    }
}

fn pdf_of_math(project: &trialbook::render::typst::TypstProject, tex: &str) {
    placed_texts(project)
        .map_err(show)
        .unwrap_or_else(|e| panic!("{tex}: {e}"));
}

#[test]
fn formulas_that_cannot_be_set_are_errors() {
    for tex in [
        r"\frac{1}",
        r"\unknowncommand",
        "{",
        "}",
        r"\begin{array}{c}",
        "$",
        "#",
        r"\color{red}x",
        r"\begin{array}{c} \hline x \end{array}",
        r"\def\a{\a\a}\a",
    ] {
        let made = unbounded(vec![Block::Math { tex: tex.into() }]);
        assert_eq!(codes(made), ["formula"], "{tex}");
    }
    let long = "x".repeat(20_000);
    assert_eq!(
        codes(unbounded(vec![Block::Math { tex: long }])),
        ["formula"]
    );
    let deep = format!("{}{}", "{".repeat(500), "}".repeat(500));
    assert_eq!(
        codes(unbounded(vec![Block::Math { tex: deep }])),
        ["formula"]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_words_are_printed_as_they_are(
        words in prop::collection::vec("[ -~\u{a1}-\u{ac}\u{ae}-\u{17f}α-ω–—“”’−≤≥]{1,40}", 12)
    ) {
        let paragraphs = words.iter().map(|w| {
            let middle = w.char_indices().nth(w.chars().count() / 2).map_or(0, |(i, _)| i);
            let emph = Inline::Emph { content: text(&w[middle..]) };
            paragraph(vec![Inline::text("«"), Inline::text(&w[..middle]), emph, Inline::text(w), Inline::text("»")])
        });
        let project = unbounded(paragraphs.collect()).map_err(show).unwrap();
        let (_, texts) = placed_texts(&project).map_err(show).unwrap();
        let single = |s: &str| s.split(' ').filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ");
        let wanted: Vec<String> = words.iter().map(|w| single(&format!("«{w}{w}»"))).collect();
        let found: Vec<String> = lines(&texts).iter().map(|l| single(l)).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn any_formula_is_set_or_refused(tex in r"([a-z0-9 #$&%{}\[\]()^_~'/\\,;.:<>|!@*+=`-]|\\frac|\\text\{|\\left\(|\\sqrt|\\hat|\\begin\{cases\}|é|∑){0,24}") {
        if let Ok(project) = unbounded(vec![Block::Math { tex: tex.clone() }, paragraph(vec![Inline::Math { tex }])]) {
            let made = placed_texts(&project);
            prop_assert!(made.is_ok(), "{}", show(made.unwrap_err()));
        }
    }
}
