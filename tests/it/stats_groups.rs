//! Comparisons of several groups against R, and their invariants.

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::anova::{Anova, Centre, OneWay, levene, one_way, welch_one_way};
use trialbook::stats::rank_test::kruskal_wallis;

use super::support::expected::{Data, Expected};

type Groups = Vec<Vec<f64>>;

fn slices(groups: &Groups) -> Vec<&[f64]> {
    groups.iter().map(Vec::as_slice).collect()
}

fn formula(n: u64, a: u64, b: u64) -> Vec<f64> {
    (1..=n).map(|i| (i * a % b) as f64 / 8.0).collect()
}

fn cases(expected: &Expected) -> Vec<(String, Groups)> {
    let mut cases = Vec::new();
    for name in expected.keys("data") {
        let groups = expected.keys(&format!("data.{name}"));
        let list = |group: &String| expected.list(&format!("data.{name}.{group}"));
        cases.push((name.clone(), groups.iter().map(list).collect()));
    }
    let btheb = Data::load("btheb");
    let (drug, length) = (btheb.texts("drug"), btheb.texts("length"));
    let both = drug.iter().zip(&length);
    let cell: Vec<_> = both
        .map(|(d, l)| (d.clone().unwrap(), l.clone().unwrap()))
        .collect();
    let mut levels = cell.clone();
    levels.sort();
    levels.dedup();
    let values = btheb.numbers("bdi_pre");
    let of = |level: &(String, String)| {
        let rows = values.iter().zip(&cell).filter(|(_, cell)| *cell == level);
        rows.filter_map(|(value, _)| *value).collect()
    };
    cases.push(("bdi".to_owned(), levels.iter().map(of).collect()));
    let large = vec![
        formula(2000, 7919, 10007),
        formula(1500, 104_729, 10009),
        formula(900, 15_485_863, 10037),
    ];
    cases.push(("large".to_owned(), large));
    cases
}

fn compare(expected: &Expected, key: &str, test: &OneWay) {
    expected.number(&format!("{key}.statistic"), test.statistic);
    expected.numbers(&format!("{key}.df"), &[test.df_between, test.df_within]);
    expected.number(&format!("{key}.p"), test.p_value);
}

#[test]
fn agrees_with_r() {
    let expected = Expected::load("groups");
    for (name, groups) in cases(&expected) {
        let groups = slices(&groups);
        let Anova {
            test,
            between,
            within,
        } = one_way(&groups).unwrap();
        compare(&expected, &format!("{name}.anova"), &test);
        expected.numbers(&format!("{name}.anova.squares"), &[between, within]);
        let spread = levene(&groups, Centre::Mean).unwrap();
        compare(&expected, &format!("{name}.levene"), &spread.test);
        let spread = levene(&groups, Centre::Median).unwrap();
        compare(&expected, &format!("{name}.brown_forsythe"), &spread.test);
        let key = format!("{name}.welch");
        if expected.has(&key) {
            compare(&expected, &key, &welch_one_way(&groups).unwrap());
        }
        let test = kruskal_wallis(&groups).unwrap();
        let key = |value: &str| format!("{name}.kruskal.{value}");
        expected.number(&key("statistic"), test.statistic);
        expected.number(&key("df"), test.df);
        expected.number(&key("p"), test.p_value);
    }
    expected.finish();
}

#[test]
fn what_cannot_be_compared_says_why() {
    let text = |error: StatsError| error.to_string();
    assert_eq!(
        text(one_way(&[&[1.0, 2.0]]).unwrap_err()),
        "one-way ANOVA needs at least 2 groups; there is 1"
    );
    assert_eq!(
        text(one_way(&[&[1.0], &[]]).unwrap_err()),
        "one-way ANOVA needs at least 1 value in each group; there are 0"
    );
    assert_eq!(
        text(one_way(&[&[1.0], &[2.0]]).unwrap_err()),
        "one-way ANOVA needs at least 3 values in all; there are 2"
    );
    assert_eq!(
        text(one_way(&[&[1.0, 1.0], &[2.0]]).unwrap_err()),
        "one-way ANOVA is undefined: the values do not vary within any group"
    );
    assert_eq!(
        text(welch_one_way(&[&[1.0, 3.0], &[2.0, 2.0]]).unwrap_err()),
        "Welch ANOVA is undefined: the values of group 2 do not vary"
    );
    assert_eq!(
        text(kruskal_wallis(&[&[1.0, 1.0], &[1.0]]).unwrap_err()),
        "Kruskal–Wallis test is undefined: all values are equal"
    );
    assert!(kruskal_wallis(&[&[1.0], &[2.0]]).is_ok());
    assert!(kruskal_wallis(&[&[1.0], &[]]).is_err());
    assert!(one_way(&[&[1.0, f64::NAN], &[2.0]]).is_err());
    assert!(levene(&[&[1.0, f64::INFINITY], &[2.0]], Centre::Mean).is_err());
    let huge = [1e308, -1e308];
    assert!(one_way(&[&huge, &[0.0, 1.0]]).is_err());
    assert!(welch_one_way(&[&huge, &[0.0, 1.0]]).is_err());
}

proptest! {
    #[test]
    fn neither_the_order_of_groups_nor_of_values_matters(
        mut groups in prop::collection::vec(prop::collection::vec((-9..9_i32).prop_map(f64::from), 2..9), 2..5)
    ) {
        let p_values = |groups: &Groups| {
            let groups = slices(groups);
            [
                one_way(&groups).ok().map(|a| a.test.p_value),
                welch_one_way(&groups).ok().map(|t| t.p_value),
                kruskal_wallis(&groups).ok().map(|t| t.p_value),
                levene(&groups, Centre::Median).ok().map(|a| a.test.p_value),
            ]
        };
        let before = p_values(&groups);
        groups.rotate_left(1);
        for group in &mut groups {
            group.reverse();
        }
        for (before, after) in before.iter().zip(p_values(&groups)) {
            prop_assert_eq!(before.is_some(), after.is_some());
            if let (Some(before), Some(after)) = (before, after) {
                prop_assert!((0.0..=1.0).contains(before));
                prop_assert!((before - after).abs() < 1e-9, "{} {}", before, after);
            }
        }
    }
}
