//! What the program is doing now, told to one listener.
//!
//! A reader of a hostile file, or a template that never ends, can take the whole process with it: no code of that
//! process can say so then. Whoever watches from outside learns from here what was being done.

use std::sync::OnceLock;

/// A change in what is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// This begins, such as ``reading `data/trial.parquet` ``.
    Begun(&'a str),
    /// This is over.
    Ended(&'a str),
}

type Listener = Box<dyn Fn(Change<'_>) + Send + Sync>;

static LISTENER: OnceLock<Listener> = OnceLock::new();

/// Tells `listener` of every change from now on, from whatever thread makes it. Only the first listener of a process is
/// taken; whether this one was is the answer.
pub fn listen(listener: impl Fn(Change<'_>) + Send + Sync + 'static) -> bool {
    LISTENER.set(Box::new(listener)).is_ok()
}

/// Something that is being done until this value is dropped.
#[derive(Debug)]
#[must_use = "the activity ends when this is dropped"]
pub struct Activity {
    what: String,
}

/// Begins something; `what` completes the sentence "the program died while …", such as ``reading `data/trial.sav` ``.
pub fn begin(what: impl Into<String>) -> Activity {
    let what = what.into();
    tell(Change::Begun(&what));
    Activity { what }
}

impl Drop for Activity {
    fn drop(&mut self) {
        tell(Change::Ended(&self.what));
    }
}

fn tell(change: Change<'_>) {
    if let Some(listener) = LISTENER.get() {
        listener(change);
    }
}
