//! What a number looks like: runs of text in their faces, and numbers cut at their points.

use super::number::NumberText;

/// Words in one face.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Run {
    /// The words.
    pub text: String,
    /// Whether they are italic.
    pub italic: bool,
    /// Whether they are raised.
    pub superscript: bool,
}

impl Run {
    /// Words in the plain face.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// Whether they are neither italic nor raised.
    pub fn is_plain(&self) -> bool {
        !self.italic && !self.superscript
    }
}

/// A line of words in their faces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rich(pub Vec<Run>);

impl Rich {
    /// Words in the plain face.
    pub fn plain(text: impl Into<String>) -> Self {
        let mut rich = Self::default();
        rich.push(Run::plain(text));
        rich
    }

    /// Adds a run, joined to the last one if they share a face.
    pub fn push(&mut self, run: Run) {
        if run.text.is_empty() {
            return;
        }
        match self.0.last_mut() {
            Some(last) if (last.italic, last.superscript) == (run.italic, run.superscript) => {
                last.text.push_str(&run.text);
            }
            _ => self.0.push(run),
        }
    }

    /// Adds all runs of another line.
    pub fn extend(&mut self, other: Self) {
        for run in other.0 {
            self.push(run);
        }
    }

    /// The words without their faces.
    pub fn text(&self) -> String {
        self.0.iter().map(|r| r.text.as_str()).collect()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A part of a printed quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A number.
    Number(NumberText),
    /// What stands between numbers.
    Words(Run),
}

/// A printed quantity: numbers with what stands between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its parts in order.
    pub parts: Vec<Part>,
}

impl Printed {
    /// Words alone.
    pub fn words(text: impl Into<String>) -> Self {
        let mut printed = Self::default();
        printed.push_run(Run::plain(text));
        printed
    }

    /// A number alone.
    pub fn number(number: NumberText) -> Self {
        Self {
            parts: vec![Part::Number(number)],
        }
    }

    /// Adds words, joined to the last ones if they share a face.
    pub fn push_run(&mut self, run: Run) {
        if run.text.is_empty() {
            return;
        }
        match self.parts.last_mut() {
            Some(Part::Words(last))
                if (last.italic, last.superscript) == (run.italic, run.superscript) =>
            {
                last.text.push_str(&run.text);
            }
            _ => self.parts.push(Part::Words(run)),
        }
    }

    /// Adds all parts of another one.
    pub fn extend(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Words(run) => self.push_run(run),
                Part::Number(_) => self.parts.push(part),
            }
        }
    }

    /// What is printed, in its faces.
    pub fn rich(&self) -> Rich {
        let mut rich = Rich::default();
        for part in &self.parts {
            match part {
                Part::Number(number) => rich.push(Run::plain(number.text())),
                Part::Words(run) => rich.push(run.clone()),
            }
        }
        rich
    }

    /// What is printed, without its faces.
    pub fn text(&self) -> String {
        self.rich().text()
    }
}
