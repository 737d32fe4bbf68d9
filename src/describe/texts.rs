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
    let of = |group: Option<usize>| {
        let rows = values.iter().enumerate();
        let own = rows.filter(|(row, _)| match (group, groups) {
            (Some(group), Some(groups)) => groups.at(*row) == Some(group),
            _ => true,
        });
        let texts: Vec<&str> = own.filter_map(|(_, v)| v.as_deref()).collect();
        (Values::Texts(summary(texts)), Vec::new())
    };
    let count = groups.map_or(0, |g| g.levels.len());
    let parts = std::iter::once(None).chain((0..count).map(Some));
    Summaries {
        axis: None,
        parts: parts.map(of).collect(),
    }
}

fn summary(mut texts: Vec<&str>) -> TextSummary {
    texts.sort_unstable();
    let runs = || texts.chunk_by(|a, b| a == b);
    let lengths = || texts.iter().map(|t| t.chars().count());
    TextSummary {
        distinct: runs().count(),
        single: runs().filter(|run| run.len() == 1).count(),
        shortest: lengths().min().unwrap_or(0),
        longest: lengths().max().unwrap_or(0),
    }
}
