//! Random numbers by counting.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011): a keyed function of a counter. The numbers of a draw are a
//! function of the seed and the draw's number alone, whichever thread or machine asks for them in whatever order.

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// One block of random bits.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let first = MULTIPLIERS[0] * u64::from(counter[0]);
        let second = MULTIPLIERS[1] * u64::from(counter[2]);
        counter = [
            high(second) ^ counter[1] ^ key[0],
            low(second),
            high(first) ^ counter[3] ^ key[1],
            low(first),
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

#[allow(clippy::cast_possible_truncation, reason = "the half that is wanted")]
fn low(value: u64) -> u32 {
    value as u32
}

fn high(value: u64) -> u32 {
    low(value >> 32)
}

/// The random numbers of one draw.
pub(super) struct Draw {
    key: [u32; 2],
    number: u64,
    block: u64,
    spare: Option<f64>,
}

impl Draw {
    /// The draw of that number under a seed.
    pub fn new(seed: u64, number: u64) -> Self {
        Self {
            key: [low(seed), high(seed)],
            number,
            block: 0,
            spare: None,
        }
    }

    /// Two independent numbers, uniform in (0, 1].
    fn uniforms(&mut self) -> (f64, f64) {
        let counter = [
            low(self.block),
            high(self.block),
            low(self.number),
            high(self.number),
        ];
        self.block += 1;
        let bits = philox(counter, self.key);
        let uniform = |a: u32, b: u32| {
            let bits = (u64::from(a) << 32 | u64::from(b)) >> 11;
            (bits as f64 + 1.0) / (1u64 << 53) as f64
        };
        (uniform(bits[0], bits[1]), uniform(bits[2], bits[3]))
    }

    /// A standard normal number (Box & Muller 1958).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (a, b) = self.uniforms();
        let radius = (-2.0 * a.ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * b).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::philox;

    /// The known answers of the authors' Random123.
    #[test]
    fn blocks_are_those_of_the_authors() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}
