//! Rounding against an oracle of integer arithmetic on decimal digits.

use proptest::prelude::*;
use trialbook::style::number::{Decimal, Notation};

fn notation() -> Notation {
    Notation {
        point: ".".into(),
        minus: "−".into(),
        group: " ".into(),
        group_from: 5,
    }
}

fn round(value: f64, decimals: u8) -> String {
    let decimal = Decimal::new(value).unwrap();
    decimal.round(decimals).text(&notation(), true).text()
}

fn significant(value: f64, digits: u8) -> String {
    let decimal = Decimal::new(value).unwrap();
    round(value, decimal.decimals_for(digits))
}

#[test]
fn ties_of_the_decimal_go_to_the_even_digit() {
    for (value, decimals, printed) in [
        (2.675, 2, "2.68"),
        (2.665, 2, "2.66"),
        (1.005, 2, "1.00"),
        (0.125, 2, "0.12"),
        (0.375, 2, "0.38"),
        (0.5, 0, "0"),
        (1.5, 0, "2"),
        (2.5, 0, "2"),
        (-2.5, 0, "−2"),
        (0.05, 1, "0.0"),
        (0.15, 1, "0.2"),
        (0.25, 1, "0.2"),
        (99.95, 1, "100.0"),
        (9.5, 0, "10"),
        (0.45, 1, "0.4"),
        (4.35, 1, "4.4"),
        (1e-20, 2, "0.00"),
        (5e-3, 2, "0.00"),
        (1.5e-2, 2, "0.02"),
    ] {
        assert_eq!(round(value, decimals), printed, "{value} to {decimals}");
    }
}

#[test]
fn noise_in_the_last_bits_does_not_decide_a_tie() {
    assert_eq!(round(0.1 + 0.05, 1), "0.2");
    assert_eq!(round(0.15 - 1e-17, 1), "0.2");
    assert_eq!(round(1.1 * 1.1 - 0.085, 2), "1.12");
    // Three units in the last place beside 23.45.
    assert_eq!(round(23.450_000_000_000_1, 1), "23.5");
    assert_eq!(round(23.450_000_000_000_003, 1), "23.4");
    assert_eq!(round(23.449_999_999_999_996, 1), "23.4");
    assert_eq!(round(23.350_000_000_000_004, 1), "23.4");
    assert_eq!(round(23.349_999_999_999_998, 1), "23.4");
    // What differs within 15 digits is no noise.
    assert_eq!(round(2.500_000_000_000_01, 0), "3");
    assert_eq!(round(2.665_000_000_000_01, 2), "2.67");
    // Beyond 15 digits the shortest decimal decides.
    assert_eq!(round(1_234_567_890_123_456.5, 0), "1 234 567 890 123 456");
    assert_eq!(round(9_007_199_254_740_993.0, 0), "9 007 199 254 740 992");
}

#[test]
fn zero_has_no_sign() {
    for value in [-0.0, 0.0, -0.004, -1e-300, -0.005] {
        assert_eq!(round(value, 2), "0.00");
    }
    assert_eq!(round(-0.4, 0), "0");
    assert_eq!(round(-0.006, 2), "−0.01");
}

#[test]
fn large_numbers_are_grouped_from_five_digits() {
    assert_eq!(round(1234.0, 0), "1234");
    assert_eq!(round(12_345.6, 1), "12 345.6");
    assert_eq!(round(-1_234_567.0, 0), "−1 234 567");
    assert_eq!(round(9999.9, 0), "10 000");
    assert_eq!(round(f64::MAX, 0).replace(' ', "").len(), 309);
    assert_eq!(round(f64::MIN_POSITIVE, 3), "0.000");
    assert_eq!(round(5e-324, 15), "0.000000000000000");
    assert!(Decimal::new(f64::NAN).is_none());
    assert!(Decimal::new(f64::INFINITY).is_none());
    assert!(Decimal::new(f64::NEG_INFINITY).is_none());
}

#[test]
fn significant_digits_survive_a_carry() {
    assert_eq!(significant(0.0996, 2), "0.10");
    assert_eq!(significant(0.123, 2), "0.12");
    assert_eq!(significant(0.05, 2), "0.050");
    assert_eq!(significant(0.000_129, 2), "0.00013");
    assert_eq!(significant(0.000_999_6, 2), "0.0010");
    assert_eq!(significant(12.34, 2), "12");
    assert_eq!(significant(9.96, 2), "10");
    assert_eq!(significant(0.0, 2), "0.0");
}

#[test]
fn a_zero_before_the_point_can_be_left_out() {
    let text = |value, decimals| {
        let rounded = Decimal::new(value).unwrap().round(decimals);
        rounded.text(&notation(), false).text()
    };
    assert_eq!(text(0.034, 2), ".03");
    assert_eq!(text(-0.034, 2), "−.03");
    assert_eq!(text(1.0, 2), "1.00");
    assert_eq!(text(0.2, 0), "0");
}

#[test]
fn a_percentage_is_a_moved_point() {
    let percent = |p, decimals| {
        let moved = Decimal::new(p).unwrap().shifted(2);
        moved.round(decimals).text(&notation(), true).text()
    };
    // 0.285 × 100 is 28.499999999999996 and 0.145 × 100 is 14.499999999999998 in floating point.
    assert_eq!(percent(0.285, 0), "28");
    assert_eq!(percent(0.295, 0), "30");
    assert_eq!(percent(0.145, 0), "14");
    assert_eq!(percent(0.155, 0), "16");
    assert_eq!(percent(1.0, 0), "100");
    assert_eq!(percent(2.0 / 3.0, 1), "66.7");
}

/// `digits` × 10^−`scale` rounded to `decimals`, half to even, by whole numbers alone.
fn oracle(negative: bool, digits: u128, scale: u32, decimals: u32) -> String {
    let scaled = if decimals >= scale {
        digits * 10_u128.pow(decimals - scale)
    } else {
        let step = 10_u128.pow(scale - decimals);
        let (whole, rest) = (digits / step, digits % step);
        match (rest * 2).cmp(&step) {
            std::cmp::Ordering::Less => whole,
            std::cmp::Ordering::Greater => whole + 1,
            std::cmp::Ordering::Equal => whole + whole % 2,
        }
    };
    let text = format!("{scaled:0width$}", width = decimals as usize + 1);
    let (whole, fraction) = text.split_at(text.len() - decimals as usize);
    let sign = if negative && scaled > 0 { "-" } else { "" };
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

fn plain(value: f64, decimals: u8) -> String {
    round(value, decimals).replace('−', "-").replace(' ', "")
}

proptest! {
    /// Every decimal of up to 15 digits rounds as whole numbers do.
    #[test]
    fn agrees_with_whole_numbers(
        digits in 0_u64..1_000_000_000_000_000,
        scale in 0_u32..16,
        decimals in 0_u8..12,
        negative: bool,
    ) {
        let sign = if negative { "-" } else { "" };
        let value: f64 = format!("{sign}{digits}e-{scale}").parse().unwrap();
        let expected = oracle(negative, digits.into(), scale, decimals.into());
        prop_assert_eq!(plain(value, decimals), expected);
    }

    /// Short decimals, among which ties are common.
    #[test]
    fn agrees_with_whole_numbers_at_ties(digits in 0_u64..100_000, scale in 0_u32..6, decimals in 0_u8..5) {
        let value: f64 = format!("{digits}e-{scale}").parse().unwrap();
        let expected = oracle(false, digits.into(), scale, decimals.into());
        prop_assert_eq!(plain(value, decimals), expected);
    }

    /// A neighbour in the last bits of a short decimal prints as the decimal does.
    #[test]
    fn the_last_bits_do_not_matter(digits in 1_u64..100_000, scale in 0_u32..6, decimals in 0_u8..5, bits in -2_i64..3) {
        let exact: f64 = format!("{digits}e-{scale}").parse().unwrap();
        let near = f64::from_bits(exact.to_bits().wrapping_add_signed(bits));
        prop_assert_eq!(plain(near, decimals), plain(exact, decimals));
    }

    /// Whatever the number is, what is printed is near it and never a bare zero with a sign.
    #[test]
    fn any_number_is_printed_near_itself(value in proptest::num::f64::NORMAL, decimals in 0_u8..10) {
        let printed = plain(value, decimals);
        let read: f64 = printed.parse().unwrap();
        let step = 10_f64.powi(-i32::from(decimals));
        prop_assert!((read - value).abs() <= step * 0.5 + value.abs() * 1e-14, "{value} as {printed}");
        prop_assert!(read != 0.0 || !printed.starts_with('-'));
    }
}
