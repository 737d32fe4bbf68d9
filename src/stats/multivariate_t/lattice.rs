//! Randomly shifted lattice rules (Cranley and Patterson 1976).

use super::super::special::normal_tail::{normal_density, normal_upper};

/// Rules of increasing size: a prime number of points and the generator of a Korobov lattice, chosen for a small
/// criterion P₂ with weights 0.7ʲ.
pub(super) const RULES: [Lattice; 4] = [
    Lattice::new(1_021, 313),
    Lattice::new(4_093, 240),
    Lattice::new(16_381, 738),
    Lattice::new(65_521, 16_680),
];
/// Shifts of each rule, whose spread tells the error.
pub(super) const SHIFTS: u32 = 12;

/// The points k (1, g, g², …)/n modulo 1 for k < n.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lattice {
    points: u32,
    generator: u32,
}

impl Lattice {
    const fn new(points: u32, generator: u32) -> Self {
        Self { points, generator }
    }

    /// Calls `visit` with each point of the unit cube, for one shift after the other, and gives the mean of what it
    /// returns for each shift.
    pub fn means(self, dimensions: usize, mut visit: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
        let vector = self.vector(dimensions);
        let mut uniform = Uniform(0x7261_6e67_6573);
        let mut draws = vec![0.0; dimensions];
        let mut means = Vec::new();
        for _ in 0..SHIFTS {
            let shifts: Vec<f64> = (0..dimensions).map(|_| uniform.next()).collect();
            let mut total = 0.0;
            for point in 0..self.points {
                for ((draw, shift), z) in draws.iter_mut().zip(&shifts).zip(&vector) {
                    let place = (f64::from(point) * z + shift).fract();
                    // The baker's transformation: the integrand becomes periodic (Hickernell 2002).
                    *draw = 1.0 - (2.0 * place - 1.0).abs();
                }
                total += visit(&draws);
            }
            means.push(total / f64::from(self.points));
        }
        means
    }

    fn vector(self, dimensions: usize) -> Vec<f64> {
        let (n, g) = (u64::from(self.points), u64::from(self.generator));
        let powers = std::iter::successors(Some(1_u64), |power| Some(power * g % n));
        powers
            .take(dimensions)
            .map(|power| power as f64 / n as f64)
            .collect()
    }
}

/// The mean of the shifts' means, and three standard errors of it.
pub(super) fn mean_and_error(means: &[f64]) -> (f64, f64) {
    let count = means.len() as f64;
    let mean = means.iter().sum::<f64>() / count;
    let squares: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
    (mean, 3.0 * (squares / (count - 1.0) / count).sqrt())
}

/// The standard normal quantile to about 1e-10: Hastings' approximation and one step of Halley's iteration.
pub(super) fn quantile(p: f64) -> f64 {
    let tail = p.min(1.0 - p).max(1e-300);
    let t = (-2.0 * tail.ln()).sqrt();
    let above = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let below = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let rough = t - above / below;
    let newton = (normal_upper(rough) - tail) / normal_density(rough);
    let z = rough + newton / (1.0 - 0.5 * rough * newton);
    if p < 0.5 { -z } else { z }
}

/// Numbers from 0 to 1 in a fixed sequence (`SplitMix64`; Steele, Lea and Flood 2014).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / 2.0_f64.powi(64)
    }
}
