//! Reports that are larger or deeper than any author writes them: answered in bounded time, without a panic.

use std::time::{Duration, Instant};

use super::*;

fn quickly(text: &str) -> Diagnostics {
    let trial = Trial::new().with_report(text);
    let start = Instant::now();
    let found = trial.check();
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    found
}

#[test]
fn five_megabytes_of_prose_are_read() {
    let prose = "Some words of a sentence, and *others*, that \"go on\" and on.\n\n";
    let text = report(&format!(
        "{}\n{BASELINE}",
        prose.repeat(5_000_000 / prose.len())
    ));
    quickly(&text);
}

#[test]
fn deep_nesting_is_no_panic() {
    for opening in ["> ", "- ", "*a ", "[", "((", "{{ ", "~~", "<!-- "] {
        let text = report(&format!("{}x\n\n{BASELINE}", opening.repeat(10_000)));
        quickly(&text);
    }
    let arrays = BASELINE.replace(
        "caption =",
        &format!("x = {}\ncaption =", "[".repeat(10_000)),
    );
    assert!(quickly(&report(&arrays)).has_errors());
    let condition = format!("[populations]\nall = \"{}\"\n", "(".repeat(10_000));
    let all = BASELINE.replace("caption", "population = \"all\"\ncaption");
    assert!(quickly(&report_with(&condition, &all)).has_errors());
    let formula = format!("formula = \"post ~ {}\"", "(".repeat(10_000));
    assert!(quickly(&report(&directive("model", &formula))).has_errors());
}

#[test]
fn three_hundred_directives_are_planned() {
    let mut body = String::new();
    for i in 0..300 {
        body.push_str(&BASELINE.replace("tbl-baseline", &format!("tbl-{i}")));
        body.push('\n');
    }
    let found = quickly(&report(&body));
    assert!(!found.has_errors(), "{}", shown(&found));
}

#[test]
fn a_line_of_a_megabyte_in_a_mistake_is_not_repeated_in_full() {
    let found = quickly(&report(&format!(
        "{} {{{{ tbl-nothing.x }}}} {}\n",
        "word ".repeat(100_000),
        "word ".repeat(100_000)
    )));
    assert!(found.has_errors());
    assert!(shown(&found).len() < 10_000, "{}", shown(&found).len());
}
