//! The formula parser: terms against R's `terms.formula`, errors with their places, hostile input.

use super::support::expected::Expected;
use proptest::prelude::*;
use trialbook::stats::formula::{Formula, FormulaError, FormulaErrorKind};

fn labels(text: &str) -> Vec<String> {
    Formula::parse(text).unwrap().term_labels()
}

/// The errors of a formula, each as its kind and the text it points to.
fn errors(text: &str) -> Vec<(FormulaErrorKind, String)> {
    let errors = Formula::parse(text).unwrap_err();
    let pointed = |error: FormulaError| {
        (
            error.kind,
            text[error.span.start..error.span.end].to_owned(),
        )
    };
    errors.into_iter().map(pointed).collect()
}

/// The one error of a formula: its message and the text it points to.
fn error(text: &str) -> (String, String) {
    let mut errors = errors(text);
    assert_eq!(errors.len(), 1, "{text}: {errors:?}");
    let (kind, pointed) = errors.remove(0);
    (kind.to_string(), pointed)
}

#[test]
fn terms_are_those_of_r() {
    let expected = Expected::load("lm_terms");
    for key in expected.keys("formulas") {
        let of = |name: &str| format!("formulas.{key}.{name}");
        let text = expected.strings(&of("formula")).remove(0);
        let formula = Formula::parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        assert_eq!(
            formula.term_labels(),
            expected.strings(&of("labels")),
            "{text}"
        );
        expected.number(&of("intercept"), f64::from(u8::from(formula.intercept)));
        let variables: Vec<String> = formula.variables.iter().map(|v| v.label.clone()).collect();
        assert_eq!(variables, expected.strings(&of("variables")), "{text}");
    }
    expected.finish();
}

#[test]
fn random_effects_stand_apart() {
    let formula =
        Formula::parse("y ~ arm * time + (1 + time | site/id) + (0 + age || ward) + (1 | a:b)")
            .unwrap();
    assert_eq!(formula.term_labels(), ["arm", "time", "arm:time"]);
    let random = &formula.random;
    assert_eq!(random.len(), 3);
    let groups = |index: usize| -> Vec<String> {
        random[index]
            .groups
            .iter()
            .map(|group| formula.term_label(group))
            .collect()
    };
    let effects = |index: usize| -> Vec<String> {
        random[index]
            .terms
            .iter()
            .map(|term| formula.term_label(term))
            .collect()
    };
    assert_eq!(
        (groups(0), effects(0)),
        (vec!["site".into(), "site:id".into()], vec!["time".into()])
    );
    assert!(random[0].intercept && random[0].correlated);
    assert_eq!(
        (groups(1), effects(1)),
        (vec!["ward".into()], vec!["age".into()])
    );
    assert!(!random[1].intercept && !random[1].correlated);
    assert_eq!((groups(2), effects(2)), (vec!["a:b".into()], vec![]));
    assert!(random[2].intercept);
    assert_eq!(
        &formula.text[random[2].span.start..random[2].span.end],
        "1 | a:b"
    );
    assert_eq!(
        formula.columns(),
        ["y", "arm", "time", "site", "id", "age", "ward", "a", "b"]
    );
    // Fixed effects keep their own order of variables, whatever the bars name first.
    assert_eq!(labels("y ~ (b | g) + a * b"), ["a", "b", "a:b"]);
    assert_eq!(labels("y ~ ((1 | g)) + (a + (1 | h))"), ["a"]);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn mistakes_are_shown_where_they_are() {
    let cases = [
        (
            "y ~ a + ",
            "found the formula's end where a variable, a number or a parenthesis should be",
            "",
        ),
        (
            "",
            "found the formula's end where a variable, a number or a parenthesis should be",
            "",
        ),
        (
            "y ~ ",
            "found the formula's end where a variable, a number or a parenthesis should be",
            "",
        ),
        ("y", "a formula has one `~` between outcome and terms", ""),
        (
            "y ~ a ~ b",
            "a formula has one `~` between outcome and terms",
            "~",
        ),
        ("y ~ (a + b", "this parenthesis is never closed", "("),
        (
            "y ~ a + b)",
            "found `)` where an operator or the formula's end should be",
            ")",
        ),
        (
            "y ~ a b",
            "found the name `b` where an operator or the formula's end should be",
            "b",
        ),
        ("y ~ a + 2", "`2` can't be a term", "2"),
        ("y ~ 2x", "`2x` is not a number", "2x"),
        ("y ~ 1e999", "`1e999` is not a number", "1e999"),
        (
            "y ~ (a + b)^c",
            "the power of a formula is a whole number from 1",
            "c",
        ),
        (
            "y ~ (a + b)^0",
            "the power of a formula is a whole number from 1",
            "0",
        ),
        (
            "y ~ (a + b)^1.5",
            "the power of a formula is a whole number from 1",
            "1.5",
        ),
        ("y ~ a:1", "there is no variable here to interact with", "1"),
        (
            "y ~ a*(b - b)",
            "there is no variable here to interact with",
            "(b - b)",
        ),
        (
            "y ~ .",
            "`.` is not supported: a report names its variables",
            ".",
        ),
        (
            "y ~ a + offset(b)",
            "`offset()` is not supported in formulas",
            "offset",
        ),
        (
            "y ~ poly(a, 2)",
            "`poly()` is not supported in formulas",
            "poly",
        ),
        ("y ~ sin(a)", "formulas know no function `sin`", "sin"),
        (
            "y ~ log(a, 2)",
            "`log()` takes one argument, not 2",
            "log(a, 2)",
        ),
        ("y ~ log()", "`log()` takes one argument, not 0", "log()"),
        (
            "y ~ log(a:b)",
            "an interaction has no meaning inside an expression",
            "a:b",
        ),
        ("y ~ I(2)", "this expression uses no column", "I(2)"),
        ("1 ~ a", "this expression uses no column", "1"),
        (
            "y ~ a + y",
            "the outcome `y` also stands on the right-hand side",
            "y",
        ),
        ("y ~ 1 | g", "a random-effect bar can't stand here", "|"),
        (
            "y ~ a * (1 | g)",
            "a random-effect bar can't stand here",
            "1 | g",
        ),
        (
            "y ~ a - (1 | g)",
            "a random-effect bar can't stand here",
            "1 | g",
        ),
        ("y ~ (1 | a + b)", "this is no grouping factor", "a + b"),
        ("y ~ (1 | 1)", "this is no grouping factor", "1"),
        ("y ~ (1 | log(g))", "this is no grouping factor", "log(g)"),
        (
            "y ~ (0 | g)",
            "this random-effect bar has no effects on its left",
            "0",
        ),
        (
            "(1 | g) ~ a",
            "a random-effect bar has no meaning inside an expression",
            "1 | g",
        ),
        ("y ~ `a", "a name in backticks is empty or not closed", "`a"),
        (
            "y ~ `` + b",
            "a name in backticks is empty or not closed",
            "``",
        ),
        ("y = a", "a formula can't contain '='", "="),
        (
            "y ~ a \u{2212} b",
            "a formula can't contain '\u{2212}'",
            "\u{2212}",
        ),
        ("y ~ a > 3", "a formula can't contain '>'", ">"),
        ("y ~ a$b", "a formula can't contain '$'", "$"),
        ("y ~ a\0", "a formula can't contain '\\0'", "\0"),
    ];
    for (text, message, pointed) in cases {
        assert_eq!(
            error(text),
            (message.to_owned(), pointed.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn all_mistakes_of_meaning_are_shown_at_once() {
    let kinds: Vec<String> = errors("y ~ . + sin(a) + 3 + (1 | a + b) + offset(c)")
        .into_iter()
        .map(|(_, pointed)| pointed)
        .collect();
    assert_eq!(kinds, [".", "sin", "3", "offset", "a + b"]);
}

#[test]
fn mistakes_come_with_help() {
    for text in [
        "y = a",
        "y ~ 1 | g",
        "y ~ a + 2",
        "y ~ poly(a)",
        "y ~ offset(a)",
        "y ~ sinh(a)",
        "y ~ (1 | a + b)",
    ] {
        let errors = Formula::parse(text).unwrap_err();
        assert!(errors[0].help.is_some(), "{text}");
    }
}

#[test]
fn names_may_hold_anything_between_backticks() {
    let formula = Formula::parse("`BDI at 2 m.` ~ `a:b[c] ~` * größe").unwrap();
    assert_eq!(formula.columns(), ["BDI at 2 m.", "a:b[c] ~", "größe"]);
    assert_eq!(
        formula.term_labels(),
        ["`a:b[c] ~`", "größe", "`a:b[c] ~`:größe"]
    );
    // Backticks that are not needed make no other variable.
    assert_eq!(labels("y ~ `a` + a"), ["a"]);
}

#[test]
fn hostile_formulas_are_refused_in_time() {
    let deep =
        |open: &str, close: &str| format!("y ~ {}a{}", open.repeat(100_000), close.repeat(100_000));
    for text in [
        deep("(", ")"),
        deep("log(", ")"),
        deep("-", ""),
        deep("", ":a"),
        deep("", "*a"),
        deep("a^", ""),
        deep("(1|", ")"),
    ] {
        assert_eq!(errors(&text)[0].0, FormulaErrorKind::TooDeep);
    }
    // Left operands nested in chains, each within the limit of its own kind.
    let mut nested = "a".to_owned();
    for _ in 0..80 {
        nested = format!("({nested}){}", ":a".repeat(80));
    }
    assert_eq!(
        errors(&format!("y ~ {nested}"))[0].0,
        FormulaErrorKind::TooDeep
    );

    let names: Vec<String> = (0..60).map(|i| format!("v{i}")).collect();
    let sum = names.join(" + ");
    for text in [
        format!("y ~ ({sum})^5"),
        format!("y ~ ({sum})*({sum})*({sum})"),
        format!("y ~ ({sum})^2:({sum})"),
    ] {
        assert_eq!(errors(&text)[0].0, FormulaErrorKind::TooManyTerms, "{text}");
    }
    assert_eq!(labels(&format!("y ~ a{}", " + a".repeat(50_000))), ["a"]);
    assert_eq!(labels(&format!("y ~ a{}", " - b".repeat(50_000))), ["a"]);
    assert_eq!(labels("y ~ (a + b)^1000000000"), ["a", "b", "a:b"]);
    let long = "a".repeat(100_000);
    assert_eq!(labels(&format!("y ~ {long}")), [long]);
    let many: Vec<String> = (0..20_000).map(|i| format!("v{i}")).collect();
    assert_eq!(
        errors(&format!("y ~ {}", many.join("+")))[0].0,
        FormulaErrorKind::TooManyTerms
    );
    assert_eq!(
        errors(&format!("y ~ I({})", many.join("+")))[0].0,
        FormulaErrorKind::TooDeep
    );
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = Formula::parse(&text);
    }

    #[test]
    fn no_tokens_make_it_panic(tokens in prop::collection::vec(prop::sample::select(vec![
        "y", "~", "a", "b", "+", "-", "*", "/", ":", "^", "%in%", "(", ")", "|", "||", "0", "1", "2", "I(", "log(",
        ",", ".", "`c d`", "scale(", " ",
    ]), 0..40)) {
        let text = format!("y ~ {}", tokens.concat());
        match Formula::parse(&text) {
            Ok(formula) => {
                // Ordered by degree, no term twice, every span within the text.
                let degrees: Vec<usize> = formula.terms.iter().map(|term| term.variables.len()).collect();
                prop_assert!(degrees.is_sorted());
                let mut labels = formula.term_labels();
                labels.sort();
                labels.dedup();
                prop_assert_eq!(labels.len(), formula.terms.len());
                prop_assert!(formula.terms.iter().all(|term| text.get(term.span.start..term.span.end).is_some()));
                // What the labels say expands to the same terms.
                if formula.random.is_empty() && !formula.terms.is_empty() {
                    let again = Formula::parse(&format!("y ~ {}", formula.term_labels().join(" + "))).unwrap();
                    let sorted = |formula: &Formula| {
                        let mut terms: Vec<Vec<String>> = formula.terms.iter().map(|term| {
                            let mut labels: Vec<String> =
                                term.variables.iter().map(|&i| formula.variables[i].label.clone()).collect();
                            labels.sort();
                            labels
                        }).collect();
                        terms.sort();
                        terms
                    };
                    prop_assert_eq!(sorted(&again), sorted(&formula));
                }
            }
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(text.get(error.span.start..error.span.end).is_some());
                }
            }
        }
    }
}
