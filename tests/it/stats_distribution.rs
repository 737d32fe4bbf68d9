//! Distribution functions against R, and their invariants.

// Reference files hold counts as floats.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use proptest::prelude::*;
use trialbook::stats::StatsError;
use trialbook::stats::distribution::{
    Beta, Binomial, ChiSquared, Distribution, FisherF, Hypergeometric, Normal, RankSum, SignedRank,
    StudentT,
};

use super::support::expected::Expected;

/// Compares both tails of a grid of points.
fn tails<D: Distribution>(
    expected: &Expected,
    case: &str,
    names: &[&str],
    of: impl Fn(&[f64]) -> D,
) {
    let points = expected.list(&format!("{case}.x"));
    let parameters = rows(expected, case, names);
    let found = points.iter().zip(&parameters).map(|(x, parameters)| {
        let distribution = of(parameters);
        (distribution.cdf(*x), distribution.upper(*x))
    });
    let (lower, upper): (Vec<_>, Vec<_>) = found.unzip();
    expected.numbers(&format!("{case}.lower"), &lower);
    expected.numbers(&format!("{case}.upper"), &upper);
}

/// Compares the quantiles of a grid of probabilities.
fn inverses<D: Distribution>(
    expected: &Expected,
    case: &str,
    names: &[&str],
    of: impl Fn(&[f64]) -> D,
) {
    let points = expected.list(&format!("{case}.p"));
    let parameters = rows(expected, case, names);
    let found = points.iter().zip(&parameters).map(|(p, parameters)| {
        let distribution = of(parameters);
        let lower = distribution.quantile(*p).unwrap();
        (lower, distribution.upper_quantile(*p).unwrap())
    });
    let (lower, upper): (Vec<_>, Vec<_>) = found.unzip();
    expected.numbers(&format!("{case}.lower"), &lower);
    expected.numbers(&format!("{case}.upper"), &upper);
}

/// The columns `names` of a grid, row by row.
fn rows(expected: &Expected, case: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let columns: Vec<_> = names
        .iter()
        .map(|name| expected.list(&format!("{case}.{name}")))
        .collect();
    let rows = match columns.first() {
        Some(first) => first.len(),
        None => expected.list(&format!("{case}.lower")).len(),
    };
    (0..rows)
        .map(|row| columns.iter().map(|column| column[row]).collect())
        .collect()
}

/// The columns `names` of a grid of counts, row by row.
fn counts(expected: &Expected, case: &str, names: &[&str]) -> Vec<Vec<u64>> {
    let whole = |row: Vec<f64>| row.into_iter().map(|value| value as u64).collect();
    rows(expected, case, names).into_iter().map(whole).collect()
}

#[test]
fn distributions_agree_with_r() {
    let expected = Expected::load("distribution");
    tails(&expected, "normal", &[], |_| Normal);
    inverses(&expected, "normal_quantile", &[], |_| Normal);
    tails(&expected, "t", &["df"], |p| StudentT::new(p[0]).unwrap());
    inverses(&expected, "t_quantile", &["df"], |p| {
        StudentT::new(p[0]).unwrap()
    });
    tails(&expected, "chi_squared", &["df"], |p| {
        ChiSquared::new(p[0]).unwrap()
    });
    inverses(&expected, "chi_squared_quantile", &["df"], |p| {
        ChiSquared::new(p[0]).unwrap()
    });
    let f = |p: &[f64]| FisherF::new(p[0], p[1]).unwrap();
    tails(&expected, "f", &["df1", "df2"], f);
    inverses(&expected, "f_quantile", &["df1", "df2"], f);
    let beta = |p: &[f64]| Beta::new(p[0], p[1]).unwrap();
    tails(&expected, "beta", &["a", "b"], beta);
    inverses(&expected, "beta_quantile", &["a", "b"], beta);
    discrete(&expected);
    ranks(&expected);
    expected.finish();
}

fn discrete(expected: &Expected) {
    let probabilities = expected.list("binomial.prob");
    let points = counts(expected, "binomial", &["k", "n"]);
    let binomial = |n, row: usize, p: &[f64]| Binomial::new(n, p[row]).unwrap();
    let mut found = [const { Vec::new() }; 3];
    for (row, point) in points.iter().enumerate() {
        let distribution = binomial(point[1], row, &probabilities);
        found[0].push(distribution.mass(point[0]));
        found[1].push(distribution.cdf(point[0]));
        found[2].push(distribution.upper(point[0]));
    }
    for (name, values) in ["mass", "lower", "upper"].iter().zip(&found) {
        expected.numbers(&format!("binomial.{name}"), values);
    }
    let probabilities = expected.list("binomial_quantile.prob");
    let trials = counts(expected, "binomial_quantile", &["n"]);
    let levels = expected.list("binomial_quantile.p");
    let found: Vec<_> = (0..levels.len())
        .map(|row| {
            let distribution = binomial(trials[row][0], row, &probabilities);
            distribution.quantile(levels[row]).unwrap() as f64
        })
        .collect();
    expected.numbers("binomial_quantile.k", &found);

    let columns = ["marked", "unmarked", "drawn"];
    let points = expected.list("hypergeometric.k");
    let mut found = [const { Vec::new() }; 3];
    for (k, p) in points
        .iter()
        .zip(counts(expected, "hypergeometric", &columns))
    {
        let distribution = Hypergeometric::new(p[0], p[1], p[2]).unwrap();
        found[0].push(distribution.mass(*k as u64));
        found[1].push(distribution.cdf(*k as u64));
        found[2].push(distribution.upper(*k as u64));
    }
    for (name, values) in ["mass", "lower", "upper"].iter().zip(&found) {
        expected.numbers(&format!("hypergeometric.{name}"), values);
    }
    let levels = expected.list("hypergeometric_quantile.p");
    let found = counts(expected, "hypergeometric_quantile", &columns);
    let found = found.iter().zip(levels).map(|(p, level)| {
        let distribution = Hypergeometric::new(p[0], p[1], p[2]).unwrap();
        distribution.quantile(level).unwrap() as f64
    });
    expected.numbers("hypergeometric_quantile.k", &found.collect::<Vec<_>>());
}

fn ranks(expected: &Expected) {
    let size = |value: u64| usize::try_from(value).unwrap();
    let points = counts(expected, "rank_sum", &["u", "m", "n"]);
    let found = points.iter().map(|p| {
        let distribution = RankSum::new(size(p[1]), size(p[2])).unwrap();
        distribution.cdf(size(p[0]))
    });
    expected.numbers("rank_sum.lower", &found.collect::<Vec<_>>());
    let levels = expected.list("rank_sum_quantile.p");
    let sizes = counts(expected, "rank_sum_quantile", &["m", "n"]);
    let found = sizes.iter().zip(levels).map(|(p, level)| {
        let distribution = RankSum::new(size(p[0]), size(p[1])).unwrap();
        distribution.quantile(level) as f64
    });
    expected.numbers("rank_sum_quantile.u", &found.collect::<Vec<_>>());

    let points = counts(expected, "signed_rank", &["v", "n"]);
    let found = points
        .iter()
        .map(|p| SignedRank::new(size(p[1])).unwrap().cdf(size(p[0])));
    expected.numbers("signed_rank.lower", &found.collect::<Vec<_>>());
    let levels = expected.list("signed_rank_quantile.p");
    let sizes = counts(expected, "signed_rank_quantile", &["n"]);
    let found = sizes.iter().zip(levels).map(|(p, level)| {
        let distribution = SignedRank::new(size(p[0])).unwrap();
        distribution.quantile(level) as f64
    });
    expected.numbers("signed_rank_quantile.v", &found.collect::<Vec<_>>());
}

#[test]
fn parameters_out_of_range_are_errors() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            StudentT::new(bad),
            Err(StatsError::OutOfRange { .. })
        ));
        assert!(ChiSquared::new(bad).is_err());
        assert!(FisherF::new(1.0, bad).is_err());
        assert!(Beta::new(bad, 1.0).is_err());
    }
    for bad in [-0.1, 1.1, f64::NAN] {
        assert!(Normal.quantile(bad).is_err());
        assert!(Binomial::new(3, bad).is_err());
        assert!(StudentT::new(3.0).unwrap().quantile(bad).is_err());
    }
    assert!(Hypergeometric::new(2, 2, 5).is_err());
    assert!(Hypergeometric::new(u64::MAX, 2, 5).is_err());
    assert!(matches!(
        RankSum::new(100, 100),
        Err(StatsError::TooLarge { .. })
    ));
    assert!(SignedRank::new(126).is_err() && SignedRank::new(125).is_ok());
}

#[test]
fn the_ends_of_the_support_hold() {
    let t = StudentT::new(3.0).unwrap();
    assert_eq!((t.cdf(f64::INFINITY), t.upper(f64::INFINITY)), (1.0, 0.0));
    assert_eq!((t.cdf(0.0), t.quantile(0.5)), (0.5, Ok(0.0)));
    assert_eq!(t.quantile(0.0), Ok(f64::NEG_INFINITY));
    assert_eq!(t.upper_quantile(0.0), Ok(f64::INFINITY));
    assert!(t.cdf(f64::NAN).is_nan());
    // R: pt(-1e200, 1), pt(-1e150, 2)
    let far = StudentT::new(1.0).unwrap().cdf(-1e200) / 3.183_098_861_837_907e-201;
    assert!((far - 1.0).abs() < 1e-12);
    let far = StudentT::new(2.0).unwrap().cdf(-1e150) / 5e-301;
    assert!((far - 1.0).abs() < 1e-12);
    let chi = ChiSquared::new(2.0).unwrap();
    assert_eq!((chi.cdf(-1.0), chi.upper(f64::INFINITY)), (0.0, 0.0));
    assert_eq!(chi.quantile(1.0), Ok(f64::INFINITY));
    let beta = Beta::new(2.0, 3.0).unwrap();
    assert_eq!((beta.cdf(-1.0), beta.cdf(2.0)), (0.0, 1.0));
    let f = FisherF::new(2.0, 3.0).unwrap();
    assert_eq!((f.upper(0.0), f.upper(f64::INFINITY)), (1.0, 0.0));
    assert_eq!(Normal.upper(f64::INFINITY), 0.0);
}

proptest! {
    #[test]
    fn tails_are_probabilities_that_add_up(x in -50.0..50.0_f64, df in 0.3..300.0_f64, other in 0.3..300.0_f64) {
        let f = FisherF::new(df, other).unwrap().tails(x.abs());
        let chi = ChiSquared::new(df).unwrap().tails(x.abs());
        for tails in [StudentT::new(df).unwrap().tails(x), Normal.tails(x), f, chi] {
            prop_assert!((0.0..=1.0).contains(&tails.lower) && (0.0..=1.0).contains(&tails.upper));
            prop_assert!((tails.lower + tails.upper - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn quantiles_invert(p in 1e-12..0.999_f64, df in 0.4..3000.0_f64, other in 0.4..3000.0_f64) {
        let near = |found: f64, probability: f64| (found / probability - 1.0).abs() < 1e-10;
        let t = StudentT::new(df).unwrap();
        prop_assert!(near(t.upper(t.upper_quantile(p).unwrap()), p));
        let f = FisherF::new(df, other).unwrap();
        prop_assert!(near(f.upper(f.upper_quantile(p).unwrap()), p));
        let chi = ChiSquared::new(df).unwrap();
        prop_assert!(near(chi.cdf(chi.quantile(p).unwrap()), p));
        let beta = Beta::new(df, other).unwrap();
        prop_assert!(near(beta.cdf(beta.quantile(p).unwrap()), p));
        prop_assert!(near(Normal.cdf(Normal.quantile(p).unwrap()), p));
    }

    #[test]
    fn a_rank_distribution_is_symmetric(m in 1..30_usize, n in 1..30_usize, share in 0.0..1.0_f64) {
        let u = (share * (m * n) as f64) as usize;
        let distribution = RankSum::new(m, n).unwrap();
        prop_assert_eq!(distribution.at_least(m * n - u), distribution.cdf(u));
        prop_assert_eq!(RankSum::new(n, m).unwrap().cdf(u), distribution.cdf(u));
    }
}

/// statrs is another implementation by other hands: in the middle of the distributions, where it is right to about
/// eleven digits, the two must agree.
#[test]
fn statrs_agrees_in_the_middle() {
    use statrs::distribution::{self as other, ContinuousCDF};

    let close = |ours: f64, theirs: f64| assert!((ours - theirs).abs() < 1e-9, "{ours} {theirs}");
    for step in -30..=30 {
        let x = f64::from(step) / 10.0;
        close(Normal.cdf(x), other::Normal::standard().cdf(x));
        for df in [1.0, 2.5, 7.0, 90.02] {
            let theirs = other::StudentsT::new(0.0, 1.0, df).unwrap();
            close(StudentT::new(df).unwrap().cdf(x), theirs.cdf(x));
        }
        if step > 0 {
            let theirs = other::ChiSquared::new(3.0).unwrap();
            close(ChiSquared::new(3.0).unwrap().cdf(x), theirs.cdf(x));
            let theirs = other::FisherSnedecor::new(3.0, 12.0).unwrap();
            close(FisherF::new(3.0, 12.0).unwrap().cdf(x), theirs.cdf(x));
        }
    }
}
