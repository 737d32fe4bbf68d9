//! Rounding, and numbers as text. Nothing else in the program rounds a number for print.
//!
//! # Which decimal is rounded
//!
//! A computed `f64` is hardly ever the decimal that a reader thinks of: 2.675 is stored a little below, and 0.1 + 0.05
//! is 0.15000000000000002. Whether such a number is an exact tie must not hang on its last bits, which differ between
//! processors. So a number is taken as the shortest decimal that reads back as the same `f64` (what Rust's `{}`
//! prints), and where that decimal has more than 15 significant digits, its first 15 digits, rounded, decide whether
//! it is a tie: 15 digits are what every `f64` is sure to hold (`f64::DIGITS`). Ties go to the even digit (AMA Manual
//! of Style, 11th ed, 19.4: "if the digit to the right is exactly 5, round to the even number"); everything else goes
//! to the nearer one. 2.675 prints as 2.68, 0.125 as 0.12, 0.15000000000000002 as 0.2.
//!
//! A percentage is the proportion with its point moved, never the product with 100, which would round once more.

/// Significant digits that every `f64` holds faithfully.
const FAITHFUL: i32 = 15;

/// More halves of a unit than anybody prints.
const FAR: i128 = i128::MAX / 4;

/// The most decimals that are ever printed.
pub const MOST_DECIMALS: u8 = 15;

/// A finite number as a decimal: `digits` × 10^−`scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Most significant first, each 0 to 9; empty for zero.
    digits: Vec<u8>,
    /// How many of the digits stand after the point; negative if zeros follow the digits.
    scale: i32,
}

/// A number rounded to a fixed count of decimals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rounded {
    /// Whether a minus sign is printed; never for zero.
    negative: bool,
    /// The digits before the point, at least one.
    whole: Vec<u8>,
    /// The digits after the point.
    fraction: Vec<u8>,
}

/// How numbers are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notation {
    /// The decimal point.
    pub point: String,
    /// The minus sign, U+2212 in every style.
    pub minus: String,
    /// What stands between groups of three digits before the point.
    pub group: String,
    /// How many digits a number has at least, before the point, to be grouped.
    pub group_from: usize,
}

/// A printed number, cut at its decimal point so that columns can be aligned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberText {
    /// Everything before the point, with its sign.
    pub lead: String,
    /// The point and what follows; empty for whole numbers.
    pub tail: String,
}

/// A number at full precision, as `results.json` has it: the shortest text that reads back as the same `f64`.
pub fn full(value: f64) -> String {
    serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |n| n.to_string())
}

impl NumberText {
    /// The whole number as text.
    pub fn text(&self) -> String {
        format!("{}{}", self.lead, self.tail)
    }
}

impl Decimal {
    /// The shortest decimal that reads back as `value`; none for NaN and infinities.
    pub fn new(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = format!("{:e}", value.abs());
        let (mantissa, exponent) = text.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole
            .bytes()
            .chain(fraction.bytes())
            .map(|b| b - b'0')
            .skip_while(|d| *d == 0)
            .collect();
        Some(Self {
            negative: value < 0.0,
            scale: i32::try_from(fraction.len()).ok()? - exponent,
            digits,
        })
    }

    /// The number with its point moved right by `places`: times 10^places, exactly.
    #[must_use]
    pub fn shifted(mut self, places: i32) -> Self {
        self.scale -= places;
        self
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Zero, without a sign.
    #[must_use]
    pub fn zero() -> Self {
        Self {
            negative: false,
            digits: Vec::new(),
            scale: 0,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        self.negative && !self.is_zero()
    }

    /// How many digits stand before the point; zero or negative for numbers below 1 (−2 for 0.0012).
    pub fn magnitude(&self) -> i32 {
        self.count() - self.scale
    }

    /// How many decimals it takes to print the number exactly, as far as its faithful digits go.
    pub fn decimals(&self) -> u8 {
        let settled = self.settled();
        let zeros = settled.digits.iter().rev().take_while(|d| **d == 0).count();
        let decimals = settled.scale - i32::try_from(zeros).unwrap_or(0);
        u8::try_from(decimals.max(0)).unwrap_or(u8::MAX)
    }

    /// The number with `decimals` digits after the point, ties to even.
    pub fn round(&self, decimals: u8) -> Rounded {
        let decimals = decimals.min(MOST_DECIMALS);
        let settled = self.settled();
        let source = if settled.kept(decimals) < FAITHFUL {
            &settled
        } else {
            self
        };
        let mut digits = source.cut(source.kept(decimals));
        let after = usize::from(decimals);
        // Zeros between the point and the first digit.
        if digits.len() <= after {
            let mut padded = vec![0; after + 1 - digits.len()];
            padded.append(&mut digits);
            digits = padded;
        }
        let fraction = digits.split_off(digits.len() - after);
        let leading = digits.iter().take_while(|d| **d == 0).count();
        let whole = digits.split_off(leading.min(digits.len() - 1));
        let zero = whole.iter().chain(&fraction).all(|d| *d == 0);
        Rounded {
            negative: self.negative && !zero,
            whole,
            fraction,
        }
    }

    /// The decimals with which the number shows `significant` digits, after rounding; at most [`MOST_DECIMALS`].
    pub fn decimals_for(&self, significant: u8) -> u8 {
        if self.is_zero() {
            return significant.saturating_sub(1);
        }
        let wanted = (i32::from(significant) - self.magnitude()).clamp(0, MOST_DECIMALS.into());
        let decimals = u8::try_from(wanted).unwrap_or(0);
        // 0.0996 to two digits is 0.10, not 0.100.
        let carried = self.round(decimals).magnitude() > self.magnitude();
        if carried {
            decimals.saturating_sub(1)
        } else {
            decimals
        }
    }

    /// How many halves of 10^−`places` the number is, rounded down, and whether it is exactly that many. What is too
    /// large to be counted is taken as the largest count. As in [`Decimal::round`], 15 digits decide where they can.
    pub fn halves(&self, places: i32) -> (i128, bool) {
        let kept = self.magnitude().saturating_add(places);
        let source = if kept < FAITHFUL {
            &self.settled()
        } else {
            self
        };
        let digits = source
            .digits
            .iter()
            .fold(0_i128, |n, d| n * 10 + i128::from(*d));
        let shift = places.saturating_sub(source.scale);
        let power = 10_i128
            .checked_pow(shift.unsigned_abs())
            .filter(|power| *power < FAR / 2);
        let (count, rest) = match power {
            Some(power) if shift >= 0 => (digits.checked_mul(2 * power).unwrap_or(FAR), 0),
            Some(power) => (2 * digits / power, 2 * digits % power),
            None if shift >= 0 && digits > 0 => (FAR, 0),
            None => (0, digits),
        };
        match (self.negative, rest) {
            (false, rest) => (count, rest == 0),
            (true, 0) => (-count, true),
            (true, _) => (-count - 1, false),
        }
    }

    fn count(&self) -> i32 {
        // The shortest form of an f64 has at most 17 digits.
        i32::try_from(self.digits.len()).unwrap_or(i32::MAX)
    }

    /// How many digits are kept with that many decimals; negative if the first digit lies beyond them.
    fn kept(&self, decimals: u8) -> i32 {
        self.magnitude() + i32::from(decimals)
    }

    /// The number rounded to its faithful digits.
    fn settled(&self) -> Self {
        if self.count() <= FAITHFUL {
            return self.clone();
        }
        let digits = self.cut(FAITHFUL);
        Self {
            negative: self.negative,
            digits,
            scale: self.scale - (self.count() - FAITHFUL),
        }
    }

    /// The first `kept` digits, rounded half to even; zeros are added if there are fewer. May carry into one more.
    fn cut(&self, kept: i32) -> Vec<u8> {
        let Ok(kept) = usize::try_from(kept) else {
            return Vec::new();
        };
        let mut digits: Vec<u8> = self.digits.iter().copied().take(kept).collect();
        if kept >= self.digits.len() {
            if !digits.is_empty() {
                digits.resize(kept, 0);
            }
            return digits;
        }
        let dropped = &self.digits[kept..];
        let odd = digits.last().is_some_and(|d| d % 2 == 1);
        let above_half = dropped[0] > 5 || (dropped[0] == 5 && dropped[1..].iter().any(|d| *d > 0));
        let half = dropped[0] == 5 && !above_half;
        if above_half || (half && odd) {
            increment(&mut digits);
        }
        digits
    }
}

fn increment(digits: &mut Vec<u8>) {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return;
        }
        *digit = 0;
    }
    digits.insert(0, 1);
}

impl Rounded {
    /// How many digits stand after the point.
    pub fn decimals(&self) -> u8 {
        u8::try_from(self.fraction.len()).unwrap_or(MOST_DECIMALS)
    }

    /// Whether nothing but zeros is left.
    pub fn is_zero(&self) -> bool {
        self.whole.iter().chain(&self.fraction).all(|d| *d == 0)
    }

    /// Whether a minus sign is printed.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    fn magnitude(&self) -> i32 {
        if self.whole != [0] {
            return i32::try_from(self.whole.len()).unwrap_or(i32::MAX);
        }
        let zeros = self.fraction.iter().take_while(|d| **d == 0).count();
        -i32::try_from(zeros).unwrap_or(i32::MAX)
    }

    /// The number without zeros at the end of its decimals.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while self.fraction.last() == Some(&0) {
            self.fraction.pop();
        }
        self
    }

    /// The rounded number itself: the `f64` nearest to what is printed.
    pub fn value(&self) -> f64 {
        let mut text = String::from(if self.negative { "-" } else { "" });
        text.extend(self.whole.iter().map(|d| char::from(b'0' + d)));
        text.push('.');
        text.extend(self.fraction.iter().map(|d| char::from(b'0' + d)));
        text.push('0');
        text.parse().unwrap_or(f64::NAN)
    }

    /// The number as written in a notation. Without `leading_zero`, 0.05 is written .05.
    pub fn text(&self, notation: &Notation, leading_zero: bool) -> NumberText {
        let mut lead = String::new();
        if self.negative {
            lead.push_str(&notation.minus);
        }
        let dropped = !leading_zero && self.whole == [0] && !self.fraction.is_empty();
        if !dropped {
            lead.push_str(&self.grouped(notation));
        }
        let mut tail = String::new();
        if !self.fraction.is_empty() {
            tail.push_str(&notation.point);
            tail.extend(self.fraction.iter().map(|d| char::from(b'0' + d)));
        }
        NumberText { lead, tail }
    }

    fn grouped(&self, notation: &Notation) -> String {
        let group = self.whole.len() >= notation.group_from;
        let mut text = String::new();
        for (i, digit) in self.whole.iter().enumerate() {
            let left = self.whole.len() - i;
            if group && i > 0 && left.is_multiple_of(3) {
                text.push_str(&notation.group);
            }
            text.push(char::from(b'0' + digit));
        }
        text
    }
}
