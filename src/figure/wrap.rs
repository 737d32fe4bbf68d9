//! Breaking lines of text at a measured width.

use super::metrics::Metrics;
use super::scene::{TextRun, Weight};

impl TextRun {
    /// Regular, upright text.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            weight: Weight::Regular,
            italic: false,
            superscript: false,
        }
    }

    /// Bold text.
    pub fn bold(text: impl Into<String>) -> Self {
        Self {
            weight: Weight::Bold,
            ..Self::plain(text)
        }
    }

    fn same_face(&self, other: &Self) -> bool {
        (self.weight, self.italic, self.superscript)
            == (other.weight, other.italic, other.superscript)
    }
}

/// A line of text.
pub type TextLine = Vec<TextRun>;

/// The words of runs without their faces.
pub fn plain_text(runs: &[TextRun]) -> String {
    runs.iter().map(|run| run.text.as_str()).collect()
}

/// The same runs in bold.
pub fn embolden(mut runs: Vec<TextRun>) -> Vec<TextRun> {
    for run in &mut runs {
        run.weight = Weight::Bold;
    }
    runs
}

/// Text broken into lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wrapped {
    /// The lines from top to bottom.
    pub lines: Vec<TextLine>,
    /// Whether a word was wider than the line and had to be cut.
    pub cut: bool,
}

/// The width of the widest line, in points.
pub fn widest_line(metrics: &Metrics, wrapped: &Wrapped, size: f64) -> f64 {
    let widths = wrapped.lines.iter();
    widths
        .map(|line| metrics.width(line, size))
        .fold(0.0, f64::max)
}

/// Breaks `runs` of `size` points into lines of at most `width` points: at spaces, behind hyphens, dashes and slashes,
/// and inside a word only where the word alone is wider than the line. Text without words has no lines.
pub fn wrap(metrics: &Metrics, runs: &[TextRun], size: f64, width: f64) -> Wrapped {
    wrap_hanging(metrics, runs, size, width, 0.0)
}

/// As [`wrap`], with `hang` points less for every line after the first.
pub fn wrap_hanging(
    metrics: &Metrics,
    runs: &[TextRun],
    size: f64,
    width: f64,
    hang: f64,
) -> Wrapped {
    let mut breaker = Breaker {
        metrics,
        size,
        width,
        hang,
        line: Line::default(),
        wrapped: Wrapped::default(),
    };
    for word in words(runs) {
        breaker.place(&word);
    }
    breaker.end_line();
    breaker.wrapped
}

/// A piece that is not broken if it fits, and whether a space stands before it.
struct Word {
    runs: Vec<TextRun>,
    space: bool,
}

/// A line with its width, kept as it grows.
#[derive(Debug, Clone, Default)]
struct Line {
    runs: Vec<TextRun>,
    width: f64,
}

struct Breaker<'a> {
    metrics: &'a Metrics<'a>,
    size: f64,
    width: f64,
    hang: f64,
    line: Line,
    wrapped: Wrapped,
}

impl Breaker<'_> {
    fn place(&mut self, word: &Word) {
        let mut extended = self.line.clone();
        if let Some(first) = word.runs.first()
            && word.space
            && !extended.runs.is_empty()
        {
            self.extend(&mut extended, " ", first);
        }
        for run in &word.runs {
            self.extend(&mut extended, &run.text, run);
        }
        if self.fits(extended.width) {
            self.line = extended;
            return;
        }
        self.end_line();
        let mut alone = Line::default();
        for run in &word.runs {
            self.extend(&mut alone, &run.text, run);
        }
        if self.fits(alone.width) {
            self.line = alone;
        } else {
            self.cut(&word.runs);
        }
    }

    fn extend(&self, line: &mut Line, text: &str, face: &TextRun) {
        line.width += self.added(line, text, face);
        append(&mut line.runs, text, face);
    }

    /// What a text would add to a line.
    fn added(&self, line: &Line, text: &str, face: &TextRun) -> f64 {
        let last = line.runs.last().filter(|run| run.same_face(face));
        let previous = last.and_then(|run| run.text.chars().next_back());
        self.metrics.width_behind(previous, text, face, self.size)
    }

    /// A little tolerance, so that a text fits the width that was measured from it.
    fn fits(&self, width: f64) -> bool {
        let first = self.wrapped.lines.is_empty();
        let room = if first {
            self.width
        } else {
            self.width - self.hang
        };
        width <= room + 1e-6
    }

    /// Sets a word that is wider than a line character by character, with hyphens where letters part.
    fn cut(&mut self, runs: &[TextRun]) {
        self.wrapped.cut = true;
        let pieces: Vec<(&str, &TextRun)> = runs
            .iter()
            .flat_map(|run| clusters(&run.text).into_iter().map(move |c| (c, run)))
            .collect();
        for (i, (piece, face)) in pieces.iter().enumerate() {
            self.cut_before(piece, face, i + 1 == pieces.len());
        }
    }

    /// Adds a piece of a word to the line, or to the next where it does not fit with a hyphen behind it; a character
    /// with so many marks that it is wider than a line comes apart.
    fn cut_before(&mut self, piece: &str, face: &TextRun, last: bool) {
        let hyphen = if last { "" } else { "-" };
        let needed = self.line.width
            + self.added(&self.line, piece, face)
            + self.metrics.width_behind(None, hyphen, face, self.size);
        if !self.line.runs.is_empty() && !self.fits(needed) {
            self.hyphenate(piece, face);
            self.end_line();
        }
        let alone = self.line.width + self.added(&self.line, piece, face);
        let single = piece.chars().nth(1).is_none();
        if single || self.fits(alone) {
            let mut line = std::mem::take(&mut self.line);
            self.extend(&mut line, piece, face);
            self.line = line;
            return;
        }
        for c in piece.chars() {
            self.cut_before(c.encode_utf8(&mut [0; 4]), face, last);
        }
    }

    /// Ends the line with a hyphen where it parts two letters and has room.
    fn hyphenate(&mut self, next: &str, face: &TextRun) {
        let last = self.line.runs.last();
        let before = last.and_then(|run| run.text.chars().next_back());
        let letters = [before, next.chars().next()]
            .iter()
            .all(|c| c.is_some_and(char::is_alphabetic));
        let added = self.added(&self.line, "-", face);
        if letters && self.fits(self.line.width + added) {
            append(&mut self.line.runs, "-", face);
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.runs.is_empty() {
            self.wrapped.lines.push(line.runs);
        }
    }
}

/// Adds text in the face of `like`, to the last run if that has the same face.
fn append(line: &mut Vec<TextRun>, text: &str, like: &TextRun) {
    match line.last_mut() {
        Some(last) if last.same_face(like) => last.text.push_str(text),
        _ => line.push(TextRun {
            text: text.to_owned(),
            weight: like.weight,
            italic: like.italic,
            superscript: like.superscript,
        }),
    }
}

/// Cuts runs into words. White space of any kind counts as one space; a no-break space is none.
fn words(runs: &[TextRun]) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut open = false;
    let mut space = false;
    for run in runs {
        let characters: Vec<char> = run.text.chars().filter(|c| !is_invisible(*c)).collect();
        for (i, &c) in characters.iter().enumerate() {
            if is_space(c) {
                space = true;
                open = false;
                continue;
            }
            if !open {
                words.push(Word {
                    runs: Vec::new(),
                    space,
                });
            }
            if let Some(word) = words.last_mut() {
                append(&mut word.runs, c.encode_utf8(&mut [0; 4]), run);
            }
            space = false;
            open = !breaks_behind(i.checked_sub(1).and_then(|p| characters.get(p)), c);
        }
    }
    words
}

/// White space at which a line may break, control characters such as tabs and line ends among them.
fn is_space(c: char) -> bool {
    (c.is_whitespace() || c.is_control()) && !matches!(c, '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// Characters that show nothing and that no font needs to have: joiners, soft hyphens, marks of direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Whether a line may break behind `c`: a hyphen, dash or slash that follows a letter or digit.
fn breaks_behind(previous: Option<&char>, c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '–' | '—' | '/') && previous.is_some_and(|p| p.is_alphanumeric())
}

/// The text in pieces that must stay together: a character with the marks that combine with it.
fn clusters(text: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = text
        .char_indices()
        .filter(|(i, c)| *i == 0 || !is_combining(*c))
        .map(|(i, _)| i)
        .collect();
    starts.push(text.len());
    starts
        .windows(2)
        .filter_map(|pair| text.get(*pair.first()?..*pair.last()?))
        .collect()
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}
