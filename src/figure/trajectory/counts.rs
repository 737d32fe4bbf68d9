//! Text below the positions of a level axis: labels and counts that keep apart even where positions are close.

/// The row of each text so that no two of a row come closer than `gap`: the first row where it has room. Texts are
/// given by their middles and widths, middles ascending.
pub fn rows_apart(texts: &[(f64, f64)], gap: f64) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    let mut rows = Vec::with_capacity(texts.len());
    for (middle, width) in texts {
        let left = middle - width / 2.0;
        let right = middle + width / 2.0;
        let free = ends
            .iter_mut()
            .enumerate()
            .find(|(_, end)| **end + gap <= left);
        if let Some((row, end)) = free {
            *end = right;
            rows.push(row);
        } else {
            ends.push(right);
            rows.push(ends.len() - 1);
        }
    }
    rows
}
