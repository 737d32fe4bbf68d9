//! Summaries of texts that show none of them.

use super::{Groups, Summaries, Values};

/// A summary of texts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextSummary {
    /// How many different ones there are.
    pub distinct: usize,
    /// How many of these are there once.
    pub single: usize,
    /// The fewest characters of one; 0 without texts.
    pub shortest: usize,
    /// The most characters of one.
    pub longest: usize,
}

/// Describes texts.
pub(super) fn texts(values: &[Option<String>], groups: Option<&Groups>) -> Summaries {
    let rows = values.iter().enumerate();
    let mut texts: Vec<(usize, &str)> = rows
        .filter_map(|(row, v)| Some((groups.and_then(|g| g.at(row)).unwrap_or(0), v.as_deref()?)))
        .collect();
    let mut parts = vec![TextSummary::default(); groups.map_or(0, |g| g.levels.len())];
    if groups.is_some() {
        texts.sort_unstable();
        for run in texts.chunk_by(|a, b| a.0 == b.0) {
            let group = run.first().and_then(|(group, _)| parts.get_mut(*group));
            if let Some(part) = group {
                *part = summary(run);
            }
        }
    }
    texts.sort_unstable_by(|a, b| a.1.cmp(b.1));
    parts.insert(0, summary(&texts));
    let parts = parts.into_iter().map(|s| (Values::Texts(s), Vec::new()));
    Summaries {
        axis: None,
        parts: parts.collect(),
    }
}

/// Of texts that stand in their order.
fn summary(texts: &[(usize, &str)]) -> TextSummary {
    let runs = || texts.chunk_by(|a, b| a.1 == b.1);
    let lengths = || texts.iter().map(|(_, t)| t.chars().count());
    TextSummary {
        distinct: runs().count(),
        single: runs().filter(|run| run.len() == 1).count(),
        shortest: lengths().min().unwrap_or(0),
        longest: lengths().max().unwrap_or(0),
    }
}
