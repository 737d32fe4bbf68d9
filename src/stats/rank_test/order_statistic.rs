//! Order statistics of all pairwise differences or means, without making them.

/// The k-th smallest, from 1, of all differences x − y, for ascending x and y.
pub(super) fn difference(x: &[f64], y: &[f64], k: u64) -> f64 {
    search(k, |limit| {
        // As x rises, so does the y from which on the difference is small enough.
        let mut first = 0;
        let counts = x.iter().map(|x| {
            first += y[first..].iter().take_while(|y| x - **y > limit).count();
            (y.len() - first) as u64
        });
        counts.sum()
    })
}

/// The k-th smallest, from 1, of the means of all pairs of x with themselves and each other (Walsh averages), for
/// ascending x.
pub(super) fn walsh_average(x: &[f64], k: u64) -> f64 {
    search(k, |limit| {
        // As the left partner rises, the right one that still fits falls.
        let mut end = x.len();
        let mut count = 0;
        for (left, value) in x.iter().enumerate() {
            while end > left && f64::midpoint(*value, x[end - 1]) > limit {
                end -= 1;
            }
            if end <= left {
                break;
            }
            count += (end - left) as u64;
        }
        count
    })
}

/// The smallest number for which `at_most` counts k values, by bisection over the numbers themselves in their order:
/// 64 steps, exact.
fn search(k: u64, at_most: impl Fn(f64) -> u64) -> f64 {
    let (mut low, mut high) = (to_ordered(f64::NEG_INFINITY), to_ordered(f64::INFINITY));
    while low < high {
        let middle = low + (high - low) / 2;
        if at_most(from_ordered(middle)) >= k {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    // Not −0.
    from_ordered(low) + 0.0
}

/// The place of a number among all numbers in ascending order.
fn to_ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    }
}

fn from_ordered(place: u64) -> f64 {
    f64::from_bits(if place >> 63 == 1 {
        place & !(1 << 63)
    } else {
        !place
    })
}
