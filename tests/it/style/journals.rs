//! The table of styles, line by line; two of them are files that only the tests have.

use super::*;
use trialbook::artefact::{Label, Measure};
use trialbook::diagnostic::Span;

fn label(style: &JournalStyle, label: &Label) -> String {
    let none = ResultSet::new();
    let printer = Printer::new(style, &none);
    printer.label(label).line().text().replace('\u{a0}', " ")
}

const EFFECT: &[(&str, f64)] = &[
    ("estimate", -0.2412),
    ("conf.low", -0.3166),
    ("conf.high", -0.1571),
];
const RATIO: &[(&str, f64)] = &[
    ("estimate", 0.634),
    ("conf.low", 0.471),
    ("conf.high", 0.85),
];

fn effect(style: &JournalStyle, values: &[(&str, f64)]) -> (String, String) {
    let case = Case {
        style,
        values,
        measured: None,
    };
    (case.prose(estimate_ci()), case.cell(estimate_ci()))
}

#[test]
fn p_values_in_jama() {
    let jama = built_in("jama");
    for (p, prose, cell) in [
        (0.0, "P < .001", "<.001"),
        (0.000_999_9, "P < .001", "<.001"),
        (0.001, "P = .001", ".001"),
        (0.0014, "P = .001", ".001"),
        (0.0094, "P = .009", ".009"),
        (0.009_96, "P = .010", ".010"),
        (0.01, "P = .01", ".01"),
        (0.0149, "P = .01", ".01"),
        (0.034, "P = .03", ".03"),
        (0.044, "P = .04", ".04"),
        // Two digits would read .05.
        (0.046, "P = .046", ".046"),
        (0.049, "P = .049", ".049"),
        // Three would.
        (0.0496, "P = .0496", ".0496"),
        (0.0495, "P = .0495", ".0495"),
        (0.04996, "P = .04996", ".04996"),
        (0.05, "P = .05", ".05"),
        (0.0504, "P = .05", ".05"),
        (0.051, "P = .05", ".05"),
        (0.055, "P = .06", ".06"),
        (0.045, "P = .04", ".04"),
        (0.985, "P = .98", ".98"),
        (0.99, "P = .99", ".99"),
        (0.9901, "P > .99", ">.99"),
        (0.9999, "P > .99", ">.99"),
        (1.0, "P > .99", ">.99"),
        (1.000_000_000_000_000_2, "P > .99", ">.99"),
        (f64::NAN, "NA", "NA"),
        (-0.1, "NA", "NA"),
        (1.5, "NA", "NA"),
    ] {
        let printed = p_value(&jama, p);
        assert_eq!(printed, (prose.into(), cell.into()), "{p}");
    }
}

#[test]
fn the_p_of_jama_is_italic_and_does_not_part_from_its_number() {
    let jama = built_in("jama");
    let results = results(&[("p.value", 0.034)], None);
    let form = Form::PValue { p: id("p.value") };
    let printed = Printer::new(&jama, &results).quantity(&Quantity::new(form), Setting::Prose);
    let runs = printed.rich().0;
    assert!(runs[0].italic && runs[0].text == "P");
    assert!(!runs[1].italic && runs[1].text == "\u{a0}=\u{a0}.03");
}

#[test]
fn p_values_with_fixed_decimals_end_where_those_end() {
    let jama = built_in("jama");
    let print = |p, decimals| {
        let case = Case {
            style: &jama,
            values: &[("p.value", p)],
            measured: None,
        };
        let form = Form::PValue { p: id("p.value") };
        case.prints(form, Digits::Fixed(decimals), Setting::CELL)
    };
    assert_eq!(print(0.000_43, 4), ".0004");
    assert_eq!(print(0.000_03, 4), "<.0001");
    assert_eq!(print(0.0496, 3), ".0496");
    assert_eq!(print(0.9996, 3), ">.999");
    assert_eq!(print(0.02, 0), "<.1");
}

#[test]
fn p_values_elsewhere() {
    let (nejm, lancet, plos) = (fixture("nejm"), fixture("lancet"), built_in("plos"));
    for (style, p, prose, cell) in [
        (&nejm, 0.0004, "P<0.001", "<0.001"),
        (&nejm, 0.0014, "P=0.001", "0.001"),
        (&nejm, 0.0096, "P=0.010", "0.010"),
        (&nejm, 0.034, "P=0.03", "0.03"),
        (&lancet, 0.12, "p=0·12", "0·12"),
        (&lancet, 0.0346, "p=0·035", "0·035"),
        (&lancet, 0.000_34, "p=0·00034", "0·00034"),
        (&lancet, 0.000_04, "p<0·0001", "<0·0001"),
        (&lancet, 0.997, "p>0·99", ">0·99"),
        (&plos, 0.0004, "p < 0.001", "<0.001"),
        (&plos, 0.0344, "p = 0.034", "0.034"),
        (&plos, 0.5, "p = 0.500", "0.500"),
        (&plos, 0.9999, "p > 0.999", ">0.999"),
    ] {
        let printed = p_value(style, p);
        assert_eq!(
            printed,
            (prose.into(), cell.into()),
            "{p} in {}",
            style.name
        );
    }
}

#[test]
fn intervals() {
    let (jama, plos) = (built_in("jama"), built_in("plos"));
    let (nejm, lancet) = (fixture("nejm"), fixture("lancet"));
    for (style, values, prose, cell) in [
        (
            &jama,
            EFFECT,
            "−0.24 (95% CI, −0.32 to −0.16)",
            "−0.24 (−0.32 to −0.16)",
        ),
        (&jama, RATIO, "0.63 (95% CI, 0.47-0.85)", "0.63 (0.47-0.85)"),
        (
            &nejm,
            EFFECT,
            "−0.24 (95% CI, −0.32 to −0.16)",
            "−0.24 (−0.32 to −0.16)",
        ),
        (
            &nejm,
            RATIO,
            "0.63 (95% CI, 0.47 to 0.85)",
            "0.63 (0.47 to 0.85)",
        ),
        (
            &lancet,
            EFFECT,
            "−0·24 (95% CI −0·32 to −0·16)",
            "−0·24 (−0·32 to −0·16)",
        ),
        (
            &lancet,
            RATIO,
            "0·63 (95% CI 0·47–0·85)",
            "0·63 (0·47–0·85)",
        ),
        (
            &plos,
            EFFECT,
            "−0.24, 95% CI [−0.32, −0.16]",
            "−0.24 [−0.32, −0.16]",
        ),
        (
            &plos,
            RATIO,
            "0.63, 95% CI [0.47, 0.85]",
            "0.63 [0.47, 0.85]",
        ),
    ] {
        let printed = effect(style, values);
        assert_eq!(printed, (prose.into(), cell.into()), "{}", style.name);
    }
}

#[test]
fn estimate_and_limits_share_their_decimals() {
    let jama = built_in("jama");
    let print = |values: &[(&str, f64)], measured| {
        let case = Case {
            style: &jama,
            values,
            measured,
        };
        case.cell(estimate_ci())
    };
    let of = |e, l, h| [("estimate", e), ("conf.low", l), ("conf.high", h)];
    // Data in whole points: one decimal more.
    assert_eq!(print(&of(-2.0, -5.25, 1.0), Some(0)), "−2.0 (−5.2 to 1.0)");
    assert_eq!(
        print(&of(0.004, 0.001, 0.008), None),
        "0.0040 (0.0010-0.0080)"
    );
    assert_eq!(
        print(&of(12.3456, 0.5, 660.12), None),
        "12.35 (0.50-660.12)"
    );
    assert_eq!(
        print(&of(-0.001, -0.004, 0.003), Some(1)),
        "0.00 (0.00-0.00)"
    );
    assert_eq!(print(&of(1.0, f64::NAN, 2.0), Some(0)), "1.0 (NA)");
    assert_eq!(print(&of(f64::NAN, 1.0, 2.0), Some(0)), "NA");
    assert_eq!(print(&of(2.0, 1.0, 3e40), None), "2.00 (1.00-3.0 × 1040)");
}

#[test]
fn another_level_is_said() {
    let jama = built_in("jama");
    let mut values = EFFECT.to_vec();
    values.push(("conf.level", 0.975));
    assert_eq!(effect(&jama, &values).0, "−0.24 (97.5% CI, −0.32 to −0.16)");
}

#[test]
fn percentages_have_the_digits_of_their_denominator() {
    let jama = built_in("jama");
    for (n, total, printed) in [
        (34.0, 52.0, "34 (65)"),
        (1.0, 8.0, "1 (12)"),
        (3.0, 8.0, "3 (38)"),
        (98.0, 99.0, "98 (99)"),
        (34.0, 100.0, "34 (34.0)"),
        (1.0, 999.0, "1 (0.1)"),
        (12_345.0, 99_999.0, "12\u{2009}345 (12.3)"),
        (0.0, 40.0, "0 (0)"),
        (40.0, 40.0, "40 (100)"),
    ] {
        let case = Case {
            style: &jama,
            values: &[("n", n), ("p", n / total), ("N", total)],
            measured: None,
        };
        assert_eq!(case.cell(count_percent()), printed);
        let fixed = case.prints(count_percent(), Digits::Fixed(0), Setting::CELL);
        assert!(!fixed.contains('.'), "{fixed}");
    }
    let empty = Case {
        style: &jama,
        values: &[("n", 0.0), ("p", f64::NAN), ("N", 0.0)],
        measured: None,
    };
    assert_eq!(empty.cell(count_percent()), "0 (NA)");
}

#[test]
fn summaries() {
    let values = &[
        ("mean", 23.346),
        ("sd", 10.75),
        ("n", 34.0),
        ("p", 34.0 / 52.0),
        ("N", 52.0),
    ];
    let print = |style: &JournalStyle, form| {
        let case = Case {
            style,
            values,
            measured: Some(0),
        };
        case.cell(form)
    };
    let (jama, plos) = (built_in("jama"), built_in("plos"));
    let (nejm, lancet) = (fixture("nejm"), fixture("lancet"));
    assert_eq!(print(&jama, mean_sd()), "23.3 (10.8)");
    assert_eq!(print(&nejm, mean_sd()), "23.3±10.8");
    assert_eq!(print(&lancet, mean_sd()), "23·3 (10·8)");
    assert_eq!(print(&plos, mean_sd()), "23.3 (10.8)");
    assert_eq!(print(&lancet, count_percent()), "34 (65)");

    let age = Label::text("Age").unit(Some("y".into()));
    let mean = age.clone().measure(Measure::MeanSd);
    assert_eq!(label(&jama, &mean), "Age, mean (SD), y");
    assert_eq!(label(&nejm, &mean), "Age, mean ±SD, y");
    assert_eq!(label(&lancet, &mean), "Age, mean (SD), y");
    assert_eq!(label(&plos, &mean), "Age, M (SD), y");
    let drug = Label::text("Drug").measure(Measure::CountPercent);
    assert_eq!(label(&jama, &drug), "Drug, No. (%)");
    assert_eq!(label(&nejm, &drug), "Drug, no. (%)");
    assert_eq!(label(&lancet, &drug), "Drug, n (%)");
    assert_eq!(label(&plos, &drug), "Drug, n (%)");
    for style in [&jama, &plos, &lancet] {
        assert!(!label(style, &mean).contains('±'));
    }
}

#[test]
fn estimates_with_standard_errors() {
    let values = &[("estimate", -2.8275), ("std.error", 1.2037)];
    let print = |style: &JournalStyle| {
        let case = Case {
            style,
            values,
            measured: Some(0),
        };
        case.cell(Form::EstimateSe {
            estimate: id("estimate"),
            std_error: id("std.error"),
        })
    };
    assert_eq!(print(&built_in("jama")), "\u{2212}2.8 (1.2)");
    assert_eq!(print(&built_in("plos")), "\u{2212}2.8 (1.2)");
    assert_eq!(print(&fixture("nejm")), "\u{2212}2.8±1.2");
    assert_eq!(print(&fixture("lancet")), "\u{2212}2·8 (1·2)");
}

#[test]
fn decimals_follow_the_data() {
    let jama = built_in("jama");
    let print = |values: &[(&str, f64)], measured, form| {
        let case = Case {
            style: &jama,
            values,
            measured: Some(measured),
        };
        case.cell(form)
    };
    let quartiles = |a, b, c| [("median", a), ("p25", b), ("p75", c)];
    assert_eq!(
        print(&quartiles(22.0, 15.0, 30.0), 0, median_iqr()),
        "22 (15-30)"
    );
    // A median between two whole numbers keeps its half.
    assert_eq!(
        print(&quartiles(22.5, 15.0, 30.0), 0, median_iqr()),
        "22.5 (15.0-30.0)"
    );
    assert_eq!(
        print(&quartiles(2.0, 1.0, 3.25), 0, median_iqr()),
        "2.0 (1.0-3.2)"
    );
    assert_eq!(
        print(&quartiles(-2.0, -3.0, 1.0), 0, median_iqr()),
        "−2 (−3 to 1)"
    );
    let range = || Form::Range {
        min: id("min"),
        max: id("max"),
    };
    assert_eq!(print(&[("min", 3.0), ("max", 41.0)], 0, range()), "3-41");
    assert_eq!(
        print(&[("min", 3.5), ("max", 41.0)], 1, range()),
        "3.5-41.0"
    );
    let moments = |m, s| [("mean", m), ("sd", s)];
    assert_eq!(print(&moments(1.25, 0.5), 1, mean_sd()), "1.25 (0.50)");
    // Computed columns have many decimals; what is left must still say something.
    assert_eq!(
        print(&moments(1.234_567, 0.5), 12, mean_sd()),
        "1.235 (0.500)"
    );
    assert_eq!(
        print(&moments(0.000_012_34, 0.5), 12, mean_sd()),
        "0.000012 (0.500)"
    );
    assert_eq!(print(&moments(4.0, f64::NAN), 0, mean_sd()), "4.0 (NA)");
}

#[test]
fn numbers_of_other_kinds() {
    let jama = built_in("jama");
    let print = |stat: &str, value, measured| {
        let case = Case {
            style: &jama,
            values: &[(stat, value)],
            measured,
        };
        case.cell(Form::Number { value: id(stat) })
    };
    assert_eq!(print("df", 97.0, None), "97");
    assert_eq!(print("df", 83.26, None), "83.3");
    assert_eq!(print("statistic", -2.345, None), "−2.34");
    assert_eq!(print("nobs", 100.0, None), "100");
    assert_eq!(print("sigma", 8.456, Some(0)), "8.5");
    assert_eq!(print("logLik", -355.26, None), "−355.3");
    assert_eq!(print("estimate", 0.001_23, None), "0.0012");
    assert_eq!(print("estimate", 1.2e-9, None), "1.2 × 10−9");
    assert_eq!(print("estimate", 9.99e17, None), "1.0 × 1018");
    assert_eq!(print("estimate", f64::INFINITY, None), "NA");
    assert_eq!(print("estimate", -0.0, None), "0.00");
    let smd = Case {
        style: &jama,
        values: &[("smd", -0.126)],
        measured: None,
    };
    assert_eq!(smd.cell(Form::Smd { smd: id("smd") }), "−0.13");
}

#[test]
fn labels() {
    let jama = built_in("jama");
    let effect = |text: &str, level| Label {
        text: text.into(),
        measure: Some(Measure::EstimateCi),
        conf_level: Some(level),
        ..Label::default()
    };
    assert_eq!(
        label(&jama, &effect("Mean difference", 0.95)),
        "Mean difference (95% CI)"
    );
    assert_eq!(label(&jama, &effect("", 0.9)), "Estimate (90% CI)");
    assert_eq!(
        label(&jama, &Label::default().measure(Measure::PValue)),
        "P value"
    );
    let nejm = fixture("nejm");
    let results = results(&[("N", 1234.0)], None);
    let arm = Label::text("Usual care").n(id("N"));
    let print = |style| {
        let printed = Printer::new(style, &results).label(&arm);
        printed.line().text().replace('\u{a0}', " ")
    };
    assert_eq!(print(&jama), "Usual care (n = 1234)");
    assert_eq!(print(&nejm), "Usual care (N=1,234)");
}

#[test]
fn marks_of_notes() {
    let marks = |style: &JournalStyle, n| style.rules.notes.marks.mark(n);
    let jama = built_in("jama");
    assert_eq!(
        [0, 1, 25, 26, 27].map(|n| marks(&jama, n)),
        ["a", "b", "z", "aa", "bb"]
    );
    let nejm = fixture("nejm");
    assert_eq!(
        [0, 4, 5, 11].map(|n| marks(&nejm, n)),
        ["*", "¶", "**", "†††"].map(String::from)
    );
}

#[test]
fn typed_numbers_get_the_signs_of_the_style() {
    let (jama, lancet) = (built_in("jama"), fixture("lancet"));
    assert_eq!(jama.typed("-10.70"), "−10.70");
    assert_eq!(lancet.typed("10.7"), "10·7");
    assert_eq!(lancet.typed("12"), "12");
    for other in ["<.001", "1.2.3", "-", "", ".", "10.", "1e5", "٣"] {
        assert_eq!(lancet.typed(other), other);
    }
}

#[test]
fn an_unknown_style_lists_those_there_are() {
    let source = Source::new("report.md", "style = \"jamma\"");
    let span = Span::new(&source, 8..15);
    for name in ["jamma", "", "../jama", "jama/..", "fonts"] {
        let (style, diagnostics) = Templates::built_in().style(name, Some(&span));
        assert!(style.is_none());
        let found = diagnostics.iter().next().unwrap();
        assert_eq!(found.code, "unknown-style");
        assert_eq!(found.span.as_ref(), Some(&span));
        assert_eq!(found.help[0], "the styles are `jama`, `plos`");
    }
}

#[test]
fn a_project_has_its_own_styles_before_the_built_in_ones() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("templates/ours");
    std::fs::create_dir_all(&folder).unwrap();
    let jama = Templates::built_in()
        .read("jama/style.toml")
        .unwrap()
        .unwrap();
    std::fs::write(folder.join("style.toml"), &jama).unwrap();
    let templates = Templates::new(root.path());
    assert_eq!(templates.names(), ["jama", "ours", "plos"]);
    assert!(templates.style("ours", None).0.is_some());
    assert!(templates.style("plos", None).0.is_some());
    assert!(
        templates
            .files("ours")
            .contains(&"ours/style.toml".to_owned())
    );
    std::fs::write(root.path().join("secret"), "x").unwrap();
    for path in [
        "../secret",
        "ours/../../secret",
        "/etc/passwd",
        "ours//x",
        "",
        "C:/x",
    ] {
        assert_eq!(templates.read(path).unwrap(), None, "{path}");
    }
    // A project's file of the same name wins, broken or not.
    std::fs::create_dir_all(root.path().join("templates/jama")).unwrap();
    std::fs::write(root.path().join("templates/jama/style.toml"), [0xff, 0xfe]).unwrap();
    let (style, diagnostics) = templates.style("jama", None);
    assert!(style.is_none());
    assert_eq!(diagnostics.iter().next().unwrap().code, "not-text");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_templates_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("templates/ours");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(root.path().join("secret"), "x").unwrap();
    std::os::unix::fs::symlink(root.path().join("secret"), folder.join("style.toml")).unwrap();
    assert!(Templates::new(root.path()).read("ours/style.toml").is_err());
}

/// The codes and marked texts of what is wrong with a style.
fn wrong(change: impl Fn(String) -> String) -> Vec<(String, String)> {
    let jama = Templates::built_in()
        .read("jama/style.toml")
        .unwrap()
        .unwrap();
    let text = change(String::from_utf8(jama).unwrap());
    let source = Source::new("templates/x/style.toml", text);
    let (style, diagnostics) = JournalStyle::load("x", &source);
    assert!(style.is_none());
    let found = diagnostics.iter();
    found
        .map(|d| {
            let marked = d.span.as_ref().map_or("", |s| s.text());
            (d.code.to_string(), marked.chars().take(24).collect())
        })
        .collect()
}

#[test]
fn mistakes_in_a_style_are_all_reported() {
    let both = wrong(|text| {
        text.replace("{low} to {high}", "{lo} to {high}")
            .replace("cap = 0.99", "cap = 99")
            .replace("favors =", "favours =")
    });
    let codes: Vec<&str> = both.iter().map(|(code, _)| code.as_str()).collect();
    for code in [
        "wrong-pattern",
        "out-of-range",
        "unknown-key",
        "missing-key",
    ] {
        assert!(codes.contains(&code), "{code} in {both:?}");
    }
    let one = |change: &dyn Fn(String) -> String| wrong(change).remove(0).0;
    assert_eq!(one(&|_| "style = 3".into()), "wrong-type");
    assert_eq!(one(&|_| String::new()), "missing-key");
    assert_eq!(one(&|_| "[style".into()), "toml-syntax");
    assert_eq!(
        one(&|t| t.replace("{estimate} (", "*{estimate} (")),
        "wrong-pattern"
    );
    assert_eq!(
        one(&|t| t.replace("\"{n} ({p})\"", "\"{n}\"")),
        "wrong-pattern"
    );
    assert_eq!(
        one(&|t| t.replace("marks = \"letters\"", "marks = []")),
        "wrong-marks"
    );
    assert_eq!(
        one(&|t| t.replace("below = 0.01", "below = nan")),
        "wrong-type"
    );
    assert_eq!(one(&|t| t.replace("below = 0.01\n", "")), "missing-key");
    assert_eq!(one(&|t| t.replace("mean = 1", "mean = -1")), "out-of-range");
    assert_eq!(
        one(&|t| t.replace("group-from = 5", "group-from = 1e99")),
        "wrong-type"
    );
}
