//! P values adjusted for multiple comparisons.

use super::StatsError;

/// A method of adjustment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Adjustment {
    /// As they are.
    None,
    /// Every P times their number: the familywise error rate under any dependence.
    Bonferroni,
    /// 1 − (1 − P)ⁿ (Šidák 1967): the familywise error rate for independent tests, and for two-sided tests of jointly
    /// normal estimates whatever their correlation. Barely stronger than Bonferroni.
    Sidak,
    /// Step down (Holm 1979): the familywise error rate under any dependence, and never weaker than Bonferroni.
    Holm,
    /// Step up (Hochberg 1988): the familywise error rate for independent or positively dependent tests.
    Hochberg,
    /// Closed testing of Simes' test (Hommel 1988); assumptions as Hochberg, never weaker.
    Hommel,
    /// Benjamini and Hochberg (1995): the false discovery rate for independent or positively dependent tests.
    BenjaminiHochberg,
    /// Benjamini and Yekutieli (2001): the false discovery rate under any dependence.
    BenjaminiYekutieli,
}

/// Adjusts P values. A missing one stays missing and does not count as a test; the order is kept.
pub fn adjust(
    p_values: &[Option<f64>],
    method: Adjustment,
) -> Result<Vec<Option<f64>>, StatsError> {
    let present: Vec<f64> = p_values.iter().copied().flatten().collect();
    for &value in &present {
        if !(0.0..=1.0).contains(&value) {
            return Err(StatsError::OutOfRange {
                what: "P value",
                value,
                allowed: "from 0 to 1",
            });
        }
    }
    let mut adjusted = adjust_present(&present, method).into_iter();
    let keep_gaps = |p: &Option<f64>| p.and_then(|_| adjusted.next());
    Ok(p_values.iter().map(keep_gaps).collect())
}

fn adjust_present(p: &[f64], method: Adjustment) -> Vec<f64> {
    let n = p.len() as f64;
    match method {
        Adjustment::None => p.to_vec(),
        Adjustment::Bonferroni => p.iter().map(|p| (p * n).min(1.0)).collect(),
        // By logarithms, so that a tiny P keeps its digits.
        Adjustment::Sidak => p.iter().map(|p| -(n * (-p).ln_1p()).exp_m1()).collect(),
        Adjustment::Holm => step_down(p),
        Adjustment::Hochberg => step_up(p, |rank| n - rank + 1.0),
        Adjustment::Hommel => hommel(p),
        Adjustment::BenjaminiHochberg => step_up(p, |rank| n / rank),
        Adjustment::BenjaminiYekutieli => {
            let harmonic: f64 = (1..=p.len()).map(|i| (i as f64).recip()).sum();
            step_up(p, |rank| harmonic * n / rank)
        }
    }
}

/// The positions in ascending order of P.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    order
}

/// From the largest P down: the smallest so far of factor(rank) P, at most 1.
fn step_up(p: &[f64], factor: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut smallest = 1.0_f64;
    for (index, &place) in ascending(p).iter().enumerate().rev() {
        smallest = smallest.min(factor((index + 1) as f64) * p[place]);
        adjusted[place] = smallest;
    }
    adjusted
}

/// From the smallest P up: the largest so far of (n − rank + 1) P, at most 1.
fn step_down(p: &[f64]) -> Vec<f64> {
    let mut adjusted = vec![1.0; p.len()];
    let mut largest = 0.0_f64;
    for (index, &place) in ascending(p).iter().enumerate() {
        largest = largest.max((p.len() - index) as f64 * p[place]);
        adjusted[place] = largest.min(1.0);
    }
    adjusted
}

/// Hommel's procedure in the form of Wright (1992, appendix): for every size m of an intersection hypothesis that
/// could hold, the Simes P value of the worst intersection of that size that contains the test.
fn hommel(p: &[f64]) -> Vec<f64> {
    let n = p.len();
    let order = ascending(p);
    let sorted: Vec<f64> = order.iter().map(|&place| p[place]).collect();
    let mut adjusted = sorted.clone();
    for m in (2..=n).rev() {
        let size = m as f64;
        // An intersection of m hypotheses holds at worst the m − 1 largest P besides one more: Simes' test of it is
        // the smallest of m P/rank.
        let (singles, largest) = sorted.split_at(n - m + 1);
        let ranked = largest.iter().enumerate();
        let rest = ranked.map(|(index, p)| size * p / (index + 2) as f64);
        let rest = rest.fold(f64::INFINITY, f64::min);
        let mut simes = rest;
        for (index, p) in singles.iter().enumerate() {
            simes = rest.min(size * p);
            adjusted[index] = adjusted[index].max(simes);
        }
        // Each of the largest stands in the intersection of the m largest.
        for slot in &mut adjusted[n - m + 1..] {
            *slot = slot.max(simes);
        }
    }
    let mut result = vec![1.0; n];
    for (index, &place) in order.iter().enumerate() {
        result[place] = adjusted[index].min(1.0);
    }
    result
}
