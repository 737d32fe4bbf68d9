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
    pub lines: Vec<Vec<TextRun>>,
    /// Whether a word was wider than the line and had to be cut.
    pub cut: bool,
}

/// Breaks `runs` of `size` points into lines of at most `width` points: at spaces, behind hyphens, dashes and slashes,
/// and inside a word only where the word alone is wider than the line. Text without words has no lines.
pub fn wrap(metrics: &Metrics, runs: &[TextRun], size: f64, width: f64) -> Wrapped {
    let mut breaker = Breaker {
        metrics,
        size,
        width,
        line: Vec::new(),
        wrapped: Wrapped::default(),
    };
    for word in words(runs) {
        breaker.place(word);
    }
    breaker.end_line();
    breaker.wrapped
}

/// A piece that is not broken if it fits, and whether a space stands before it.
struct Word {
    runs: Vec<TextRun>,
    space: bool,
}

struct Breaker<'a> {
    metrics: &'a Metrics<'a>,
    size: f64,
    width: f64,
    line: Vec<TextRun>,
    wrapped: Wrapped,
}

impl Breaker<'_> {
    fn place(&mut self, word: Word) {
        let mut extended = self.line.clone();
        if let Some(first) = word.runs.first()
            && word.space
            && !extended.is_empty()
        {
            append(&mut extended, " ", first);
        }
        for run in &word.runs {
            append(&mut extended, &run.text, run);
        }
        if self.fits(&extended) {
            self.line = extended;
            return;
        }
        self.end_line();
        if self.fits(&word.runs) {
            self.line = word.runs;
        } else {
            self.cut(&word.runs);
        }
    }

    /// A little tolerance, so that a text fits the width that was measured from it.
    fn fits(&self, line: &[TextRun]) -> bool {
        self.metrics.width(line, self.size) <= self.width + 1e-6
    }

    /// Sets a word that is wider than a line character by character.
    fn cut(&mut self, runs: &[TextRun]) {
        self.wrapped.cut = true;
        for run in runs {
            for cluster in clusters(&run.text) {
                let mut extended = self.line.clone();
                append(&mut extended, cluster, run);
                if !self.line.is_empty() && !self.fits(&extended) {
                    self.end_line();
                    extended = Vec::new();
                    append(&mut extended, cluster, run);
                }
                self.line = extended;
            }
        }
    }

    fn end_line(&mut self) {
        if !self.line.is_empty() {
            self.wrapped.lines.push(std::mem::take(&mut self.line));
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
