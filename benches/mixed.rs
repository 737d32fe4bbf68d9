//! Trialbook's side of `mixed.py`: fits one case at least as often as asked and prints times and results as JSON.
//!
//! ```text
//! mixed CASE FILE FORMULA REPEATS
//! ```
//!
//! Without repeats it only reads the file, for what that takes of memory.

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;
use std::time::Instant;
use trialbook::stats::formula::Formula;
use trialbook::stats::linear::{Coefficient, Estimate};
use trialbook::stats::mixed::{
    DfMethod, Family, GlmmFit, GlmmOptions, MixedFit, MixedOptions, TermComponents,
};
use trialbook::stats::model_data::{ModelColumn, ModelData};

/// The columns that are categories whatever they look like.
const FACTORS: [&str; 7] = ["id", "s", "d", "service", "dept", "arm", "sex"];

/// Seconds that the fits of a case take together at least: processor time comes in hundredths of one.
const LEAST: f64 = 1.0;

type Values = Vec<(&'static str, Vec<f64>)>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let [case, file, formula, repeats] = arguments.as_slice() else {
        println!("mixed CASE FILE FORMULA REPEATS; see benches/mixed.py");
        return ExitCode::SUCCESS;
    };
    let data = read(file);
    let formula = Formula::parse(formula).expect("a formula");
    let repeats: usize = repeats.parse().expect("a number of repeats");
    let (mut seconds, mut found) = (Vec::new(), Values::new());
    let before = processor_seconds();
    while seconds.len() < repeats || (repeats > 0 && seconds.iter().sum::<f64>() < LEAST) {
        let start = Instant::now();
        let fitted = Fitted::new(case, &formula, &data);
        seconds.push(start.elapsed().as_secs_f64());
        found = fitted.values();
    }
    let cpu = (processor_seconds() - before) / seconds.len().max(1) as f64;
    let values: Vec<String> = found
        .iter()
        .map(|(name, values)| format!("\"{name}\":{}", array(values)))
        .collect();
    println!(
        "{{\"seconds\":{},\"cpu\":{},\"values\":{{{}}},\"versions\":\"trialbook {}\"}}",
        array(&seconds),
        array(&[cpu]),
        values.join(","),
        env!("CARGO_PKG_VERSION"),
    );
    ExitCode::SUCCESS
}

/// What a case computes.
enum Fitted {
    Linear(Box<MixedFit>),
    Generalised(Box<GlmmFit>),
    Profile(Vec<(f64, f64)>),
}

impl Fitted {
    fn new(case: &str, formula: &Formula, data: &ModelData) -> Self {
        let linear = |df| {
            let options = MixedOptions {
                df,
                ..MixedOptions::default()
            };
            MixedFit::new(formula, data, &options).expect("a fit")
        };
        let logistic = |points| {
            let options = GlmmOptions {
                points,
                ..GlmmOptions::of(Family::Binomial)
            };
            let fit = GlmmFit::new(formula, data, &options).expect("a fit");
            Self::Generalised(Box::new(fit))
        };
        match case {
            "lmer" => Self::Linear(Box::new(linear(DfMethod::Wald))),
            "satterthwaite" => Self::Linear(Box::new(linear(DfMethod::Satterthwaite))),
            "kenward-roger" => Self::Linear(Box::new(linear(DfMethod::KenwardRoger))),
            "profile" => {
                let intervals = linear(DfMethod::Wald).profile_intervals(0.95);
                let intervals = intervals.expect("profile intervals");
                Self::Profile(intervals.iter().map(|i| (i.low, i.high)).collect())
            }
            "laplace" => logistic(1),
            "quadrature" => logistic(7),
            _ => panic!("no case {case}"),
        }
    }

    fn values(&self) -> Values {
        match self {
            Self::Linear(fit) => {
                let mut components = deviations(&fit.components);
                components.push(fit.sigma);
                let mut values = of_coefficients(&fit.coefficients);
                values.push(("component", components));
                values.push(("criterion", vec![fit.criterion]));
                values
            }
            Self::Generalised(fit) => {
                let mut values = of_coefficients(&fit.coefficients);
                values.push(("component", deviations(&fit.components)));
                values.push(("criterion", vec![fit.criterion]));
                values
            }
            Self::Profile(limits) => vec![
                ("low", limits.iter().map(|limit| limit.0).collect()),
                ("high", limits.iter().map(|limit| limit.1).collect()),
            ],
        }
    }
}

fn of_coefficients(coefficients: &[Coefficient]) -> Values {
    let of = |pick: fn(&Estimate) -> f64| -> Vec<f64> {
        let estimates = coefficients.iter().filter_map(|c| c.estimate.as_ref());
        estimates.map(pick).collect()
    };
    vec![
        ("estimate", of(|estimate| estimate.estimate)),
        ("se", of(|estimate| estimate.std_error)),
        ("df", of(|estimate| estimate.df)),
    ]
}

/// Standard deviations and correlations in lme4's order: by columns of the lower triangle.
fn deviations(components: &[TermComponents]) -> Vec<f64> {
    let mut all = Vec::new();
    for term in components {
        for (first, sd) in term.sd.iter().enumerate() {
            all.push(*sd);
            let below = term.correlations.iter().skip(first + 1);
            all.extend(below.map(|row| row[first].unwrap_or(f64::NAN)));
        }
    }
    all
}

/// Time on the processor of all threads, in the system's ticks of a hundredth of a second.
fn processor_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn array(values: &[f64]) -> String {
    let number = |value: &f64| {
        if value.is_finite() {
            value.to_string()
        } else {
            "null".to_owned()
        }
    };
    let values: Vec<String> = values.iter().map(number).collect();
    format!("[{}]", values.join(","))
}

/// A CSV file without quotes.
fn read(path: &str) -> ModelData {
    let text = fs::read_to_string(path).expect("a readable file");
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut columns: Vec<Vec<&str>> = vec![Vec::new(); names.len()];
    for line in lines {
        for (column, cell) in columns.iter_mut().zip(line.split(',')) {
            column.push(cell);
        }
    }
    let mut data = ModelData::new(columns.first().map_or(0, Vec::len));
    for (name, cells) in names.iter().zip(&columns) {
        let column = if FACTORS.contains(name) {
            factor(cells)
        } else {
            ModelColumn::Numeric(cells.iter().map(|cell| cell.parse().ok()).collect())
        };
        data.insert(*name, column)
            .expect("columns of the same length");
    }
    data
}

/// A factor with its levels in order, of numbers by their size.
fn factor(cells: &[&str]) -> ModelColumn {
    let key = |cell: &str| (cell.parse::<u64>().ok(), cell.to_owned());
    let mut codes = BTreeMap::new();
    for cell in cells {
        codes.entry(key(cell)).or_insert(0);
    }
    for (code, slot) in codes.values_mut().enumerate() {
        *slot = code;
    }
    ModelColumn::Factor {
        codes: cells
            .iter()
            .map(|cell| codes.get(&key(cell)).copied())
            .collect(),
        levels: codes.into_keys().map(|(_, name)| name).collect(),
    }
}
