//! Models for repeated measures: what must hold whatever the data, and what must be refused.

use super::support::models::{data, numeric};
use super::support::repeated::try_repeated;
use proptest::prelude::*;
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{Estimate, LinearFit, LinearOptions};
use trialbook::stats::mixed::Estimation;
use trialbook::stats::mmrm::{
    CoefficientCovariance, CovarianceKind, RepeatedDf, RepeatedError, RepeatedFit, RepeatedOptions,
};
use trialbook::stats::model_data::{ModelColumn, ModelData};
use trialbook::stats::model_error::ModelError;

/// Numbers between −½ and ½ that look random.
fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    for _ in 0..8 {
        next();
    }
    (0..count).map(|_| next()).collect()
}

/// A trial as columns that a test can spoil.
#[derive(Clone)]
struct Trial {
    y: Vec<Option<f64>>,
    visit: Vec<Option<usize>>,
    subject: Vec<Option<usize>>,
    arm: Vec<Option<usize>>,
    x: Vec<f64>,
    visits: usize,
    subjects: usize,
}

impl Trial {
    fn new(subjects: usize, visits: usize, seed: u64) -> Self {
        let n = subjects * visits;
        let (e, b, x) = (
            noise(n, seed),
            noise(subjects, seed + 1),
            noise(n, seed + 2),
        );
        let of = |row: usize| (row / visits, row % visits);
        let y = |row: usize| {
            let (subject, visit) = of(row);
            let drift = if visit > 0 { e[row - 1] } else { 0.0 };
            5.0 + 0.3 * visit as f64 + 2.0 * b[subject] + e[row] + 0.4 * drift
        };
        Self {
            y: (0..n).map(|row| Some(y(row))).collect(),
            visit: (0..n).map(|row| Some(of(row).1)).collect(),
            subject: (0..n).map(|row| Some(of(row).0)).collect(),
            arm: (0..n).map(|row| Some(of(row).0 % 2)).collect(),
            x,
            visits,
            subjects,
        }
    }

    fn data(&self) -> ModelData {
        let named = |prefix: &str, count: usize, codes: &[Option<usize>]| ModelColumn::Factor {
            levels: (0..count).map(|i| format!("{prefix}{i}")).collect(),
            codes: codes.to_vec(),
        };
        let times: Vec<Option<f64>> = self.visit.iter().map(|v| v.map(|v| v as f64)).collect();
        data(vec![
            ("y", ModelColumn::Numeric(self.y.clone())),
            ("x", numeric(&self.x)),
            ("visit", named("v", self.visits, &self.visit)),
            ("time", ModelColumn::Numeric(times)),
            ("id", named("s", self.subjects, &self.subject)),
            ("arm", named("a", 2, &self.arm)),
        ])
    }
}

fn options(covariance: CovarianceKind) -> RepeatedOptions {
    let visit = if covariance == CovarianceKind::SpatialExponential {
        "time"
    } else {
        "visit"
    };
    RepeatedOptions {
        covariance,
        ..RepeatedOptions::new(visit, "id")
    }
}

fn us() -> RepeatedOptions {
    options(CovarianceKind::Unstructured)
}

const FORMULA: &str = "y ~ arm * visit";

fn refused(trial: &Trial, options: &RepeatedOptions) -> ModelError {
    let mut errors = try_repeated(FORMULA, &trial.data(), options).expect_err(FORMULA);
    assert!(!errors[0].to_string().is_empty());
    errors.remove(0)
}

fn repeated(error: ModelError) -> RepeatedError {
    match error {
        ModelError::Repeated(error) => error,
        other => panic!("{other:?}"),
    }
}

fn estimates(fit: &RepeatedFit) -> Vec<Estimate> {
    fit.coefficients.iter().filter_map(|c| c.estimate).collect()
}

fn close(a: f64, b: f64, relative: f64) {
    assert!(
        (a - b).abs() <= relative * b.abs().max(1e-300),
        "{a} is not {b}"
    );
}

#[test]
fn every_structure_fits_with_every_inference() {
    use CoefficientCovariance as C;
    let mut trial = Trial::new(24, 4, 3);
    for row in [5, 14, 15, 33, 60, 61, 62] {
        trial.y[row] = None;
    }
    let data = trial.data();
    for kind in CovarianceKind::all() {
        assert_eq!(CovarianceKind::from_name(kind.name()), Ok(kind));
        let fit = try_repeated(FORMULA, &data, &options(kind)).unwrap();
        assert_eq!(fit.parameters, kind.parameters(4), "{kind:?}");
        assert_eq!((fit.nobs, fit.subjects), (89, 24));
        assert!(fit.convergence.gradient < 1e-6, "{kind:?}");
        for df in [
            RepeatedDf::Asymptotic,
            RepeatedDf::Satterthwaite,
            RepeatedDf::KenwardRoger,
            RepeatedDf::KenwardRogerLinear,
            RepeatedDf::BetweenWithin,
            RepeatedDf::Residual,
        ] {
            for covariance in [C::Model, C::Empirical, C::BiasReduced, C::Jackknife] {
                let wanted = RepeatedOptions {
                    df,
                    coefficient_covariance: covariance,
                    ..fit.options.clone()
                };
                let corrects = matches!(
                    df,
                    RepeatedDf::KenwardRoger | RepeatedDf::KenwardRogerLinear
                );
                let inferred = fit.with_inference(&wanted);
                if corrects && covariance != C::Model {
                    assert!(inferred.is_err());
                    continue;
                }
                let inferred = inferred.unwrap();
                assert!(
                    estimates(&inferred)
                        .iter()
                        .all(|e| e.df > 1.0 && e.std_error > 0.0)
                );
                assert_eq!(inferred.type3().unwrap().len(), 3);
            }
        }
    }
}

#[test]
fn nested_structures_have_ordered_likelihoods() {
    let data = Trial::new(30, 4, 8).data();
    let fit = |name: &str| {
        let kind = CovarianceKind::from_name(name).unwrap();
        try_repeated(FORMULA, &data, &options(kind)).unwrap()
    };
    for (small, large) in [
        ("cs", "csh"),
        ("csh", "us"),
        ("cs", "toep"),
        ("ar1", "ar1h"),
        ("ar1", "toep"),
        ("ar1", "ad"),
        ("toep", "toeph"),
        ("ad", "adh"),
        ("toeph", "us"),
        ("adh", "us"),
        ("ar1h", "adh"),
    ] {
        let test = fit(small).likelihood_ratio(&fit(large)).unwrap();
        assert!(test.statistic >= 0.0 && test.p_value <= 1.0);
        assert!(
            fit(small).criterion >= fit(large).criterion - 1e-8,
            "{small} {large}"
        );
        assert!(fit(large).likelihood_ratio(&fit(small)).is_err());
    }
    // Equally spaced times in order, and a positive correlation.
    close(fit("sp_exp").criterion, fit("ar1").criterion, 1e-10);
}

#[test]
fn the_order_of_rows_and_units_change_nothing() {
    let trial = Trial::new(20, 3, 4);
    let options = RepeatedOptions {
        df: RepeatedDf::KenwardRoger,
        ..us()
    };
    let fit = try_repeated(FORMULA, &trial.data(), &options).unwrap();
    let mut turned = trial.clone();
    turned.y.reverse();
    turned.visit.reverse();
    turned.subject.reverse();
    turned.arm.reverse();
    for value in turned.y.iter_mut().flatten() {
        *value = *value * 1e7 - 3e8;
    }
    let other = try_repeated(FORMULA, &turned.data(), &options).unwrap();
    for (a, b) in estimates(&fit).iter().zip(estimates(&other)).skip(1) {
        close(a.estimate, b.estimate * 1e-7, 1e-7);
        close(a.std_error, b.std_error * 1e-7, 1e-7);
        close(a.df, b.df, 1e-6);
    }
}

#[test]
fn complete_data_have_exact_degrees_of_freedom() {
    // Two arms by visits, saturated: the difference at the last visit is that of a t test of the last visit, whatever
    // the other visits are, and Hotelling's T² is what Kenward and Roger's F becomes (Kenward & Roger 1997).
    let (subjects, visits) = (22, 3);
    let trial = Trial::new(subjects, visits, 11);
    let kenward_roger = RepeatedOptions {
        df: RepeatedDf::KenwardRogerLinear,
        ..us()
    };
    let fit = try_repeated(FORMULA, &trial.data(), &kenward_roger).unwrap();
    let mut last = trial.clone();
    for (y, visit) in last.y.iter_mut().zip(&last.visit) {
        if *visit != Some(visits - 1) {
            *y = None;
        }
    }
    let alone = Formula::parse("y ~ arm").unwrap();
    let alone = LinearFit::new(&alone, &last.data(), &LinearOptions::default()).unwrap();
    let expected = alone.coefficients[1].estimate.unwrap();
    let found = fit
        .combination(&[("arm[a1]", 1.0), ("arm[a1]:visit[v2]", 1.0)])
        .unwrap();
    close(found.estimate, expected.estimate, 1e-8);
    close(found.std_error, expected.std_error, 1e-8);
    close(found.df, (subjects - 2) as f64, 1e-8);

    // T² of the arms' mean vectors: T² (n − q − 1) / ((n − 2) q) has F(q, n − q − 1).
    let names: Vec<String> = fit.design.names.iter().map(ToString::to_string).collect();
    let row = |terms: &[&str]| -> Vec<f64> {
        let given = |name: &String| f64::from(u8::from(terms.contains(&name.as_str())));
        names.iter().map(given).collect()
    };
    let rows = [
        row(&["arm[a1]"]),
        row(&["arm[a1]", "arm[a1]:visit[v1]"]),
        row(&["arm[a1]", "arm[a1]:visit[v2]"]),
    ];
    let test = fit.joint_test(&rows).unwrap();
    let asymptotic = fit
        .with_inference(&RepeatedOptions {
            df: RepeatedDf::Asymptotic,
            ..us()
        })
        .unwrap();
    let t_squared = asymptotic.joint_test(&rows).unwrap().statistic * 3.0;
    let (n, q) = (subjects as f64, 3.0);
    close(test.df_residual, n - q - 1.0, 1e-6);
    close(
        test.statistic,
        t_squared * (n - q - 1.0) / ((n - 2.0) * q),
        1e-6,
    );
}

#[test]
fn counted_degrees_of_freedom_are_those_of_mmrm() {
    // The worked example of the package's vignette has 197 subjects, 537 rows: 192 between and 334 within.
    let trial = Trial::new(20, 3, 2);
    let counted = RepeatedOptions {
        df: RepeatedDf::BetweenWithin,
        ..us()
    };
    let fit = try_repeated(FORMULA, &trial.data(), &counted).unwrap();
    let df: Vec<f64> = estimates(&fit).iter().map(|e| e.df).collect();
    // Intercept, arm, visit 1 and 2, and their interactions with the arm.
    let within = 60.0 - (20.0 + 4.0);
    assert_eq!(df, [within, 18.0, within, within, within, within]);
    let both = fit
        .combination(&[("arm[a1]", 1.0), ("visit[v1]", 1.0)])
        .unwrap();
    assert_eq!(both.df, 18.0);
    let residual = RepeatedOptions {
        df: RepeatedDf::Residual,
        ..us()
    };
    let fit = fit.with_inference(&residual).unwrap();
    assert!(estimates(&fit).iter().all(|e| e.df == 54.0));
}

#[test]
fn careless_data_are_refused_with_what_is_wrong() {
    let good = Trial::new(12, 3, 1);
    let mut trial = good.clone();
    trial.visit[1] = Some(0);
    let error = repeated(refused(&trial, &us()));
    assert_eq!(
        error.to_string(),
        "subject `s0` has visit `v0` twice (the second in row 2)"
    );
    assert!(error.help().is_some());

    let mut numbers = us();
    numbers.visit = "time".to_owned();
    assert!(matches!(
        repeated(refused(&good, &numbers)),
        RepeatedError::VisitsAreNumbers { .. }
    ));
    let mut names = options(CovarianceKind::SpatialExponential);
    names.visit = "visit".to_owned();
    assert!(matches!(
        refused(&good, &names),
        ModelError::NotNumeric { .. }
    ));

    let by_arm = RepeatedOptions {
        group: Some("arm".to_owned()),
        ..us()
    };
    let mut trial = good.clone();
    trial.arm[4] = Some(0);
    assert!(matches!(
        repeated(refused(&trial, &by_arm)),
        RepeatedError::TwoGroups { .. }
    ));
    let mut of_numbers = us();
    of_numbers.group = Some("x".to_owned());
    assert!(matches!(
        refused(&good, &of_numbers),
        ModelError::NotFactor { .. }
    ));
    let mut unknown = us();
    unknown.subject = "ID".to_owned();
    assert!(matches!(
        refused(&good, &unknown),
        ModelError::UnknownColumn { .. }
    ));
    let mut same = us();
    same.subject = "visit".to_owned();
    assert!(matches!(
        repeated(refused(&good, &same)),
        RepeatedError::SameColumn { .. }
    ));
    assert!(CovarianceKind::from_name("un").is_err());

    // Every subject once.
    let mut trial = good.clone();
    for (row, y) in trial.y.iter_mut().enumerate() {
        if row % 3 != (row / 3) % 3 {
            *y = None;
        }
    }
    assert!(matches!(
        repeated(refused(&trial, &us())),
        RepeatedError::NoRepeats { .. }
    ));
    // Visits 0 and 2 never of one subject.
    let mut trial = good.clone();
    for (row, y) in trial.y.iter_mut().enumerate() {
        let (subject, visit) = (row / 3, row % 3);
        if visit == if subject % 4 < 2 { 0 } else { 2 } {
            *y = None;
        }
    }
    assert!(matches!(
        repeated(refused(&trial, &us())),
        RepeatedError::NeverTogether { .. }
    ));
    assert!(
        try_repeated(
            FORMULA,
            &trial.data(),
            &options(CovarianceKind::AutoregressiveH)
        )
        .is_ok()
    );
    // A group without a visit.
    let mut trial = good.clone();
    for (row, y) in trial.y.iter_mut().enumerate() {
        if row % 3 == 2 && (row / 3) % 2 == 1 {
            *y = None;
        }
    }
    assert!(matches!(
        repeated(refused(&trial, &by_arm)),
        RepeatedError::VisitWithoutRows { .. }
    ));

    let one_visit = Trial::new(12, 1, 1);
    let errors = try_repeated("y ~ arm", &one_visit.data(), &us()).unwrap_err();
    assert!(matches!(
        errors[0],
        ModelError::Repeated(RepeatedError::NoRepeats { .. })
    ));
    let one_subject = Trial::new(1, 6, 1);
    assert!(try_repeated("y ~ x", &one_subject.data(), &us()).is_err());
    let mut missing = good.clone();
    missing.y.fill(None);
    assert_eq!(refused(&missing, &us()), ModelError::NoRows);
    let mut missing = good.clone();
    missing.visit.fill(None);
    assert_eq!(refused(&missing, &us()), ModelError::NoRows);
    let mut constant = good.clone();
    constant.y.fill(Some(3.25));
    assert!(matches!(
        refused(&constant, &us()),
        ModelError::ConstantResponse { .. }
    ));
    let mut undefined = good.clone();
    undefined.y[7] = Some(f64::NAN);
    assert!(matches!(
        refused(&undefined, &us()),
        ModelError::NotFinite { .. }
    ));
    let mut infinite = options(CovarianceKind::SpatialExponential);
    infinite.visit = "x".to_owned();
    let mut trial = good.clone();
    trial.x[3] = f64::INFINITY;
    assert!(matches!(
        refused(&trial, &infinite),
        ModelError::NotFinite { .. }
    ));

    let bar = try_repeated("y ~ visit + (1 | id)", &good.data(), &us()).unwrap_err();
    assert!(matches!(bar[0], ModelError::RandomEffects { .. }));
    let ml = RepeatedOptions {
        df: RepeatedDf::KenwardRoger,
        estimation: Estimation::Ml,
        ..us()
    };
    assert!(matches!(refused(&good, &ml), ModelError::NeedsReml(_)));
    let level = RepeatedOptions { level: 1.0, ..us() };
    assert!(matches!(
        refused(&good, &level),
        ModelError::ConfidenceLevel(_)
    ));
}

#[test]
fn what_has_no_covariance_matrix_is_an_error() {
    // Fewer subjects than visits.
    let few = Trial::new(4, 6, 9);
    let errors = try_repeated("y ~ visit", &few.data(), &us()).unwrap_err();
    assert!(
        matches!(
            errors[0],
            ModelError::Repeated(RepeatedError::Singular { .. })
        ),
        "{errors:?}"
    );
    // Two visits with the same values.
    let mut copied = Trial::new(20, 3, 9);
    for subject in 0..20 {
        copied.y[3 * subject + 2] = copied.y[3 * subject + 1];
    }
    let error = repeated(refused(&copied, &us()));
    assert!(matches!(error, RepeatedError::Singular { .. }), "{error:?}");
    assert!(error.help().is_some());
    // A visit that its coefficients fit without error: one subject of each arm.
    let mut lonely = Trial::new(20, 3, 9);
    for subject in 2..20 {
        lonely.y[3 * subject + 2] = None;
    }
    let error = repeated(refused(&lonely, &us()));
    assert!(matches!(error, RepeatedError::Singular { .. }), "{error:?}");
    // An outcome without error.
    let mut exact = Trial::new(12, 3, 9);
    for (y, visit) in exact.y.iter_mut().zip(&exact.visit) {
        *y = visit.map(|visit| 2.0 + visit as f64);
    }
    assert_eq!(refused(&exact, &us()), ModelError::PerfectFit);
}

#[test]
fn collinear_columns_are_reported() {
    let trial = Trial::new(14, 3, 6);
    let fit = try_repeated("y ~ visit + x + I(2 * x)", &trial.data(), &us()).unwrap();
    assert_eq!(fit.aliased(), ["I(2 * x)"]);
    let without = try_repeated("y ~ visit + x", &trial.data(), &us()).unwrap();
    assert!((fit.criterion - without.criterion).abs() < 1e-8);
    assert!(matches!(fit.type3(), Err(ModelError::Aliased { .. })));
    let doubtful = fit.combination(&[("x", 1.0)]);
    assert!(matches!(doubtful, Err(ModelError::NotEstimable { .. })));
    let told = fit.combination(&[("x", 1.0), ("I(2 * x)", 2.0)]).unwrap();
    close(told.estimate, estimates(&without)[3].estimate, 1e-7);
    assert!(fit.contrast(&[0.0; 5]).is_err());
    assert!(fit.contrast(&[1.0]).is_err());
    assert!(fit.joint_test(&[]).is_err());
}

#[test]
fn weights_of_zero_leave_rows_out() {
    let trial = Trial::new(16, 3, 5);
    let mut weighted = trial.data();
    let ones = (0..48).map(|row| Some(if row == 20 { 0.0 } else { 1.0 }));
    weighted
        .insert("w", ModelColumn::Numeric(ones.collect()))
        .unwrap();
    let options = RepeatedOptions {
        weights: Some("w".to_owned()),
        ..us()
    };
    let fit = try_repeated(FORMULA, &weighted, &options).unwrap();
    let mut without = trial.clone();
    without.y[20] = None;
    let other = try_repeated(FORMULA, &without.data(), &us()).unwrap();
    close(fit.criterion, other.criterion, 1e-12);
    assert_eq!(fit.nobs, 47);
}

#[test]
fn subjects_may_be_numbers() {
    let trial = Trial::new(12, 3, 7);
    let mut columns = trial.data();
    let numbers = trial
        .subject
        .iter()
        .map(|code| code.map(|code| code as f64 * 0.5));
    columns
        .insert("number", ModelColumn::Numeric(numbers.collect()))
        .unwrap();
    let options = RepeatedOptions {
        subject: "number".to_owned(),
        ..us()
    };
    let fit = try_repeated(FORMULA, &columns, &options).unwrap();
    let other = try_repeated(FORMULA, &columns, &us()).unwrap();
    close(fit.criterion, other.criterion, 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_data_a_fit_is_finite_or_refused(
        y in prop::collection::vec(
            prop_oneof![
                12 => (-3.0..3.0_f64).prop_map(Some), 2 => Just(None), 2 => Just(Some(0.0)),
                1 => prop::sample::select(vec![1e9, -1e-9]).prop_map(Some),
            ],
            36,
        ),
        shift in prop::sample::select(vec![0.0, 1e6]),
        kind in 0_usize..10,
        kenward_roger in any::<bool>(),
        by_arm in any::<bool>(),
        formula in prop::sample::select(vec![
            "y ~ arm * visit", "y ~ visit + x", "y ~ 1", "y ~ 0 + x",
        ]),
    ) {
        let mut trial = Trial::new(12, 3, 1);
        trial.y = y.iter().map(|y| y.map(|y| y + shift)).collect();
        let kind = CovarianceKind::all().nth(kind).unwrap();
        let wanted = RepeatedOptions {
            df: if kenward_roger { RepeatedDf::KenwardRoger } else { RepeatedDf::Satterthwaite },
            group: by_arm.then(|| "arm".to_owned()),
            ..options(kind)
        };
        match try_repeated(formula, &trial.data(), &wanted) {
            Ok(fit) => {
                prop_assert!(fit.criterion.is_finite() && fit.convergence.hessian_definite);
                for estimate in estimates(&fit) {
                    prop_assert!(estimate.std_error > 0.0 && estimate.df > 0.0);
                    prop_assert!(estimate.p_value.is_finite());
                }
                for covariance in &fit.covariances {
                    prop_assert!(covariance.matrix.clone().cholesky().is_some());
                }
            }
            Err(errors) => prop_assert!(errors.iter().all(|error| !error.to_string().is_empty())),
        }
    }
}
