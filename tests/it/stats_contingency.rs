//! Tests of tables of counts against R, and their invariants.

// Reference files hold counts as floats.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::contingency::{
    ContingencyTable, chi_squared_test, conditional_odds_ratio, fisher_exact, mcnemar,
    mcnemar_exact,
};

use super::support::expected::Expected;

fn table(rows: &[&[u64]]) -> ContingencyTable {
    let rows: Vec<Vec<u64>> = rows.iter().map(|row| row.to_vec()).collect();
    ContingencyTable::new(&rows).unwrap()
}

fn read(expected: &Expected, name: &str) -> ContingencyTable {
    let rows = expected.list(&format!("{name}.rows"))[0] as usize;
    let counts = expected.list(&format!("{name}.counts"));
    let counts: Vec<u64> = counts.iter().map(|count| *count as u64).collect();
    let rows: Vec<&[u64]> = counts.chunks(counts.len() / rows).collect();
    table(&rows)
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("contingency");
    for name in expected.keys("") {
        let table = read(&expected, &name);
        let key = |value: &str| format!("{name}.{value}");
        if name.starts_with("mcnemar") {
            symmetry(&expected, &name, &table);
            continue;
        }
        let test = chi_squared_test(&table, false).unwrap();
        expected.numbers(&key("chi"), &[test.statistic, test.df, test.p_value]);
        expected.numbers(&key("expected"), &test.expected.concat());
        expected.number(&key("fisher"), fisher_exact(&table).unwrap().p_value);
        if table.two_by_two().is_some() {
            let test = chi_squared_test(&table, true).unwrap();
            expected.numbers(&key("yates"), &[test.statistic, test.p_value]);
            let odds = conditional_odds_ratio(&table, 0.95).unwrap();
            let found = [odds.value, odds.interval.low, odds.interval.high];
            expected.numbers(&key("odds"), &found);
        }
    }
    expected.finish();
}

fn symmetry(expected: &Expected, name: &str, table: &ContingencyTable) {
    for (key, continuity) in [("plain", false), ("continuity", true)] {
        let test = mcnemar(table, continuity).unwrap();
        let found = [test.statistic, test.df, test.p_value];
        expected.numbers(&format!("{name}.{key}"), &found);
    }
    if let Some([_, above, below, _]) = table.two_by_two() {
        let p_value = mcnemar_exact(above, below).unwrap();
        expected.number(&format!("{name}.exact"), p_value);
    }
}

#[test]
fn what_is_undefined_says_why() {
    let text = |error: StatsError| error.to_string();
    let of = |rows: &[Vec<u64>]| ContingencyTable::new(rows);
    assert_eq!(
        text(of(&[vec![1, 2]]).unwrap_err()),
        "contingency table needs at least 2 rows; there is 1"
    );
    assert!(of(&[]).is_err() && of(&[vec![], vec![]]).is_err());
    assert!(matches!(
        of(&[vec![1, 2], vec![3]]),
        Err(StatsError::SizeMismatch { .. })
    ));
    assert!(matches!(
        of(&[vec![u64::MAX, 2], vec![3, 4]]),
        Err(StatsError::TooLarge { .. })
    ));
    let empty_row = table(&[&[1, 2], &[0, 0]]);
    assert_eq!(
        text(chi_squared_test(&empty_row, false).unwrap_err()),
        "chi-squared test is undefined: row 2 of the table is empty"
    );
    assert_eq!(
        text(fisher_exact(&empty_row).unwrap_err()),
        "Fisher exact test is undefined: fewer than two rows or columns have observations"
    );
    assert!(conditional_odds_ratio(&empty_row, 0.95).is_err());
    assert!(fisher_exact(&table(&[&[0, 0], &[0, 0]])).is_err());
    assert!(chi_squared_test(&table(&[&[1, 2, 3], &[4, 5, 6]]), true).is_err());
    assert!(conditional_odds_ratio(&table(&[&[1, 2, 3], &[4, 5, 6]]), 0.95).is_err());
    assert!(mcnemar(&table(&[&[5, 0], &[0, 9]]), true).is_err());
    assert!(mcnemar(&table(&[&[1, 2, 3], &[4, 5, 6]]), true).is_err());
    assert!(mcnemar_exact(0, 0).is_err() && mcnemar_exact(u64::MAX, 2).is_err());
}

#[test]
fn empty_rows_and_columns_tell_fishers_test_nothing() {
    let full = fisher_exact(&table(&[&[3, 1, 4], &[1, 5, 2]])).unwrap();
    let padded = table(&[&[3, 0, 1, 4], &[0, 0, 0, 0], &[1, 0, 5, 2]]);
    assert_eq!(fisher_exact(&padded), Ok(full));
}

#[test]
fn too_large_an_exact_test_is_an_error_soon() {
    let counts: Vec<Vec<u64>> = (0..12)
        .map(|i| (0..12).map(|j| 20 + (i * 7 + j * 5) % 11).collect())
        .collect();
    let table = ContingencyTable::new(&counts).unwrap();
    assert_eq!(
        fisher_exact(&table).unwrap_err().to_string(),
        "Fisher exact test is too large to compute: too many tables have these margins"
    );
    let million = 10_000_000_000;
    let table = self::table(&[&[million, million], &[million, million]]);
    assert!(matches!(
        fisher_exact(&table),
        Err(StatsError::TooLarge { .. })
    ));
}

/// The P value by listing every table, as slow and as plain as can be.
fn by_listing(rows: &[Vec<u64>]) -> f64 {
    let log_factorial = |n: u64| (1..=n).map(|i| (i as f64).ln()).sum::<f64>();
    let columns: Vec<u64> = (0..rows[0].len())
        .map(|j| rows.iter().map(|row| row[j]).sum())
        .collect();
    let weight = |cells: &[u64]| -cells.iter().map(|cell| log_factorial(*cell)).sum::<f64>();
    let observed = weight(&rows.concat());
    let mut found = Vec::new();
    let totals: Vec<u64> = rows.iter().map(|row| row.iter().sum()).collect();
    list(
        &totals,
        &columns,
        &mut Vec::new(),
        &mut |cells: &[u64]| found.push(weight(cells)),
    );
    let all: f64 = found.iter().map(|w| (w - observed).exp()).sum();
    let extreme = found.iter().filter(|w| **w <= observed + 1e-7);
    extreme.map(|w| (w - observed).exp()).sum::<f64>() / all
}

/// Visits the cells of every table with these margins.
fn list(rows: &[u64], left: &[u64], cells: &mut Vec<u64>, visit: &mut impl FnMut(&[u64])) {
    let width = left.len();
    let (row, column) = (cells.len() / width, cells.len() % width);
    if row == rows.len() {
        return visit(cells);
    }
    let given: u64 = cells[cells.len() - column..].iter().sum();
    let rest = rows[row] - given;
    let used: u64 = (0..row).map(|i| cells[i * width + column]).sum();
    let most = rest.min(left[column] - used);
    // The last column of a row and the last row are settled by the margins.
    for count in 0..=most {
        if column + 1 == width && count != rest {
            continue;
        }
        if row + 1 == rows.len() && count != left[column] - used {
            continue;
        }
        cells.push(count);
        list(rows, left, cells, visit);
        cells.pop();
    }
}

fn counts(rows: usize, columns: usize, most: u64) -> impl Strategy<Value = Vec<Vec<u64>>> {
    prop::collection::vec(prop::collection::vec(0..most, columns), rows)
}

proptest! {
    #[test]
    fn the_network_finds_what_listing_finds(rows in prop_oneof![counts(2, 3, 6), counts(3, 3, 4), counts(3, 2, 7), counts(2, 4, 4)]) {
        if let Ok(test) = fisher_exact(&ContingencyTable::new(&rows).unwrap()) {
            let listed = by_listing(&rows);
            prop_assert!((test.p_value - listed).abs() < 1e-11 * listed, "{} {}", test.p_value, listed);
        }
    }

    #[test]
    fn permuting_and_transposing_change_nothing(mut rows in counts(3, 4, 7)) {
        let tests = |rows: &[Vec<u64>]| {
            let table = ContingencyTable::new(rows).unwrap();
            let fisher = fisher_exact(&table).map(|test| test.p_value);
            (fisher, chi_squared_test(&table, false).map(|test| test.p_value))
        };
        let before = tests(&rows);
        rows.rotate_left(1);
        for row in &mut rows {
            row.reverse();
        }
        let transposed: Vec<Vec<u64>> = (0..4).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
        for after in [tests(&rows), tests(&transposed)] {
            for (before, after) in [(&before.0, &after.0), (&before.1, &after.1)] {
                prop_assert_eq!(before.is_ok(), after.is_ok());
                if let (Ok(before), Ok(after)) = (before, after) {
                    prop_assert!((0.0..=1.0).contains(before));
                    prop_assert!((before - after).abs() < 1e-10);
                }
            }
        }
    }

    #[test]
    fn the_odds_ratio_lies_in_its_interval(rows in counts(2, 2, 40), level in 0.5..0.99_f64) {
        if let Ok(odds) = conditional_odds_ratio(&ContingencyTable::new(&rows).unwrap(), level) {
            prop_assert!(odds.interval.low <= odds.value && odds.value <= odds.interval.high);
        }
    }
}
