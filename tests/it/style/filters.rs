//! Filters of inline values.

use super::*;
use trialbook::style::filter::{FILTERS, FilterError, filtered, unfiltered};

fn all() -> ResultSet {
    results(
        &[
            ("estimate", -2.912),
            ("conf.low", -5.21),
            ("conf.high", -0.63),
            ("p.value", 0.0134),
            ("mean", 23.346),
            ("sd", 10.75),
            ("median", 22.0),
            ("p25", 15.0),
            ("p75", 30.0),
            ("min", 3.0),
            ("max", 41.0),
            ("n", 34.0),
            ("p", 34.0 / 52.0),
            ("N", 52.0),
            ("smd", 0.123),
        ],
        Some(0),
    )
}

fn print(stat: &str, filter: Option<&str>, digits: Option<f64>) -> Result<String, FilterError> {
    let results = all();
    let jama = built_in("jama");
    let id = id(stat);
    let found = match filter {
        Some(name) => filtered(&id, name, digits, &results)?,
        None => unfiltered(&id, &results),
    };
    let setting = if found.bare {
        Setting::CELL
    } else {
        Setting::Prose
    };
    let printed = Printer::new(&jama, &results).quantity(&found.quantity, setting);
    Ok(printed.text().replace('\u{a0}', " "))
}

#[test]
fn every_filter_prints_its_example() {
    for (stat, filter, printed) in [
        ("estimate", "est_ci", "−2.9 (95% CI, −5.2 to −0.6)"),
        ("estimate", "ci", "95% CI, −5.2 to −0.6"),
        ("estimate", "limits", "−5.2 to −0.6"),
        ("estimate", "est", "−2.9"),
        ("estimate", "num", "−2.9"),
        ("estimate", "int", "−3"),
        ("p.value", "p", "P = .01"),
        ("p.value", "p_num", ".01"),
        ("mean", "mean_sd", "23.3 (10.8)"),
        ("sd", "mean_sd", "23.3 (10.8)"),
        ("sd", "mean", "23.3"),
        ("mean", "sd", "10.8"),
        ("median", "median", "22"),
        ("median", "median_iqr", "22 (15-30)"),
        ("max", "range", "3-41"),
        ("N", "n", "52"),
        ("n", "n_of", "34 of 52"),
        ("n", "n_pct", "34 (65%)"),
        ("p", "n_of_pct", "34 of 52 (65%)"),
        ("p", "pct", "65%"),
        ("smd", "smd", "0.12"),
    ] {
        assert_eq!(
            print(stat, Some(filter), None).as_deref(),
            Ok(printed),
            "{filter}"
        );
    }
    let names: Vec<&str> = FILTERS.iter().map(|f| f.name).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn decimals_can_be_asked_for() {
    assert_eq!(
        print("estimate", Some("est_ci"), Some(2.0)).unwrap(),
        "−2.91 (95% CI, −5.21 to −0.63)"
    );
    assert_eq!(print("p", Some("pct"), Some(1.0)).unwrap(), "65.4%");
    assert_eq!(print("p.value", Some("p"), Some(3.0)).unwrap(), "P = .013");
    for wrong in [-1.0, 1.5, 99.0, f64::NAN] {
        assert_eq!(
            print("estimate", Some("num"), Some(wrong)),
            Err(FilterError::WrongDigits)
        );
    }
    assert_eq!(print("n", Some("n"), Some(1.0)), Err(FilterError::NoDigits));
}

#[test]
fn without_a_filter_the_name_decides() {
    for (stat, printed) in [
        ("estimate", "−2.9"),
        ("p.value", "P = .01"),
        ("n", "34"),
        ("p", "65%"),
        ("mean", "23.3"),
        ("sd", "10.8"),
        ("median", "22"),
        ("max", "41"),
        ("smd", "0.12"),
    ] {
        assert_eq!(print(stat, None, None).as_deref(), Ok(printed), "{stat}");
    }
}

#[test]
fn a_filter_that_does_not_fit_says_why() {
    assert_eq!(
        print("mean", Some("meansd"), None),
        Err(FilterError::Unknown)
    );
    assert!(matches!(
        print("mean", Some("p"), None),
        Err(FilterError::WrongStatistic(_))
    ));
    let results = results(&[("estimate", 1.0)], None);
    let found = filtered(&id("estimate"), "est_ci", None, &results);
    assert_eq!(found, Err(FilterError::Missing(id("conf.low"))));
}

/// A count of a category with its proportion, and the sizes that could be its denominator.
fn category(sizes: &[(Option<&str>, f64)], p: f64) -> ResultSet {
    let mut results = ResultSet::new();
    let mut add = |variable: Option<&str>, level: Option<&str>, stat: &str, value| {
        let mut statistic = statistic(stat, Some(value), None);
        statistic.key.variable = variable.map(str::to_owned);
        statistic.key.level = level.map(str::to_owned);
        results.insert(statistic).unwrap();
    };
    add(Some("drug"), Some("Yes"), "n", 34.0);
    add(Some("drug"), Some("Yes"), "p", p);
    for (variable, size) in sizes {
        add(*variable, None, "N", *size);
    }
    results
}

#[test]
fn the_denominator_is_the_one_that_fits() {
    let jama = built_in("jama");
    let n = StatId::from_parts(["x", "drug", "Yes", "n"]);
    let print = |results: &ResultSet, filter| {
        let found = filtered(&n, filter, None, results)?;
        let printed = Printer::new(&jama, results).quantity(&found.quantity, Setting::Prose);
        Ok(printed.text())
    };
    let sizes = [(Some("drug"), 50.0), (None, 52.0)];
    let present = category(&sizes, 34.0 / 50.0);
    assert_eq!(print(&present, "n_of_pct").as_deref(), Ok("34 of 50 (68%)"));
    let all = category(&sizes, 34.0 / 52.0);
    assert_eq!(print(&all, "n_of_pct").as_deref(), Ok("34 of 52 (65%)"));
    assert_eq!(print(&all, "n_pct").as_deref(), Ok("34 (65%)"));
    let neither = category(&sizes, 0.9);
    let missing = StatId::from_parts(["x", "drug", "Yes", "N"]);
    assert_eq!(print(&neither, "n_of"), Err(FilterError::Missing(missing)));
}
