//! Attempt by attempt, until all bytes are there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::thread;

use super::answer::{Answer, Range, Wanted, ask};
use super::failure::Failure;
use super::partial::Partial;
use super::{Address, Event, Limits, Scheme};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Access, Resolved};

/// An attempt in which so many bytes came was worth its while: it does not count among those that failed.
const WORTHWHILE: u64 = 1 << 20;

/// The code of the diagnostics that say that a source has another file than was promised.
pub(super) const CHANGED: &str = "changed-source";

/// Getting one file.
pub(super) struct Download<'a> {
    resolved: &'a Resolved<'a>,
    source: &'a Address,
    limits: &'a Limits,
    note: &'a dyn Fn(Event<'_>),
    /// Whether the server is asked for the rest of a file.
    ranges: bool,
    /// Whether the file is made of pieces of several answers.
    pieced: bool,
    restarted: bool,
    remark: Option<String>,
}

/// How an attempt ended that did not fail.
enum Attempt {
    Complete,
    StartOver,
}

impl<'a> Download<'a> {
    /// A download that has not begun.
    pub fn new(
        resolved: &'a Resolved<'a>,
        source: &'a Address,
        limits: &'a Limits,
        note: &'a dyn Fn(Event<'_>),
    ) -> Self {
        Self {
            resolved,
            source,
            limits,
            note,
            ranges: true,
            pieced: false,
            restarted: false,
            remark: None,
        }
    }

    /// Whether the last file was put together of pieces of several answers.
    pub fn pieced(&self) -> bool {
        self.pieced
    }

    /// Whether bytes that were there had to be got again.
    pub fn restarted(&self) -> bool {
        self.restarted
    }

    /// Gets what is missing; the SHA-256 of the whole.
    pub fn run(&mut self, partial: &mut Partial) -> Result<String, Diagnostic> {
        let bytes = self.resolved.version.bytes.value;
        self.pieced = partial.have() > 0;
        let mut failures = 0;
        while partial.have() < bytes {
            let before = partial.have();
            (self.note)(Event::Begun { have: before });
            match self.attempt(partial) {
                Ok(Attempt::Complete) => {}
                Ok(Attempt::StartOver) => self.start_over(partial)?,
                Err(Failure::Final(diagnostic)) => return Err(self.placed(diagnostic)),
                Err(Failure::Again(diagnostic)) => {
                    let came = partial.have().saturating_sub(before);
                    failures = if came >= WORTHWHILE { 1 } else { failures + 1 };
                    if failures > self.limits.retries {
                        return Err(self.given_up(diagnostic, partial.have()));
                    }
                    (self.note)(Event::Again {
                        why: &diagnostic.message,
                    });
                    let doubled = 1_u32 << (failures - 1).min(6);
                    thread::sleep(self.limits.pause.saturating_mul(doubled));
                    self.pieced |= partial.have() > 0;
                }
            }
        }
        partial.sha256()
    }

    fn start_over(&mut self, partial: &mut Partial) -> Result<(), Diagnostic> {
        self.ranges = false;
        self.restarted = true;
        self.pieced = false;
        partial.restart()
    }

    fn attempt(&mut self, partial: &mut Partial) -> Result<Attempt, Failure> {
        if self.source.scheme() == Scheme::File {
            return self.local(partial);
        }
        if !self.ranges && partial.have() > 0 {
            self.start_over(partial)?;
        }
        let wanted = Wanted {
            from: (partial.have() > 0).then_some(partial.have()),
            validator: partial.validator(),
        };
        let answer = ask(self.source, &wanted, self.limits)?;
        self.remark.clone_from(&answer.remark);
        let bytes = self.resolved.version.bytes.value;
        let rest = bytes - partial.have();
        let expected = match answer.range {
            Range::Useless => return Ok(Attempt::StartOver),
            Range::Part { first, last, total } => {
                let fits = first == partial.have() && last < bytes;
                if !fits || total.is_some_and(|t| t != bytes) {
                    return Ok(Attempt::StartOver);
                }
                last - first + 1
            }
            Range::Whole => {
                if partial.have() > 0 {
                    // It ignores ranges, or has another file now.
                    self.start_over(partial)?;
                    self.ranges = true;
                }
                partial.set_validator(answer.validator.as_deref());
                bytes
            }
        };
        if let Some(length) = answer.length.filter(|l| *l != expected) {
            if matches!(answer.range, Range::Part { .. }) {
                return Ok(Attempt::StartOver);
            }
            return Err(self.wrong_length(&format!("has {length} bytes")).into());
        }
        let end_is_marked = answer.end_is_marked && expected >= rest;
        self.take(answer, partial)?;
        self.ended(partial, end_is_marked)
    }

    /// Reads a body to its end, or to the first byte too many.
    fn take(&self, mut answer: Answer, partial: &mut Partial) -> Result<(), Failure> {
        let failed = |e: io::Error| Failure::of(ureq::Error::from(e), self.source, self.limits);
        self.copy(&mut answer.body, partial, failed)
    }

    fn copy(
        &self,
        from: &mut dyn Read,
        partial: &mut Partial,
        failed: impl Fn(io::Error) -> Failure,
    ) -> Result<(), Failure> {
        let bytes = self.resolved.version.bytes.value;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let rest = bytes - partial.have();
            let most = usize::try_from(rest.saturating_add(1)).unwrap_or(usize::MAX);
            let most = most.min(buffer.len());
            let n = match from.read(buffer.get_mut(..most).unwrap_or_default()) {
                Ok(0) => return Ok(()),
                Ok(n) => n,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(failed(e)),
            };
            if n as u64 > rest {
                partial.restart()?;
                return Err(self.wrong_length("has more bytes").into());
            }
            partial.append(buffer.get(..n).unwrap_or_default())?;
            (self.note)(Event::Received {
                have: partial.have(),
            });
        }
    }

    /// What the end of a body means.
    fn ended(&self, partial: &mut Partial, end_is_marked: bool) -> Result<Attempt, Failure> {
        let (have, bytes) = (partial.have(), self.resolved.version.bytes.value);
        if have == bytes {
            return Ok(Attempt::Complete);
        }
        if end_is_marked && !self.pieced {
            partial.restart()?;
            return Err(self.wrong_length(&format!("has {have} bytes")).into());
        }
        let message = format!(
            "{} ended after {have} of {bytes} bytes",
            self.source.shown()
        );
        Err(Failure::Again(Diagnostic::machine("network", message)))
    }

    fn local(&mut self, partial: &mut Partial) -> Result<Attempt, Failure> {
        let shown = self.source.shown();
        let path = self.source.file().ok_or_else(|| {
            Diagnostic::error("bad-url", format!("{shown} has an escape that is no UTF-8"))
        })?;
        let unreadable = |e: io::Error| {
            let message = format!("{shown} can't be read: {e}");
            Failure::Final(if e.kind() == ErrorKind::NotFound {
                Diagnostic::error("missing-source", message).help("correct `source`")
            } else {
                Diagnostic::machine("unreadable", message)
            })
        };
        // Looked at before it is opened: opening a pipe would wait for whoever writes into it.
        let found = fs::metadata(&path).map_err(unreadable)?;
        if !found.is_file() {
            let message = format!("{shown} is not a file");
            return Err(Diagnostic::error("not-a-file", message).into());
        }
        if found.len() != self.resolved.version.bytes.value {
            return Err(self
                .wrong_length(&format!("has {} bytes", found.len()))
                .into());
        }
        // Reading again what was read before costs little, and needs no proof that it is the same.
        partial.restart()?;
        self.pieced = false;
        let mut file = File::open(&path).map_err(unreadable)?;
        self.copy(&mut file, partial, unreadable)?;
        self.ended(partial, true)
    }

    fn wrong_length(&self, found: &str) -> Diagnostic {
        let entry = self.resolved.version;
        let message = format!(
            "{} is not the file of {}: it {found}, not {}",
            self.source.shown(),
            self.resolved.reference(),
            entry.bytes.value
        );
        let diagnostic = Diagnostic::broken(CHANGED, message);
        self.remarked(diagnostic.at(entry.bytes.span.clone()))
    }

    /// That the bytes that came are not the promised ones.
    pub fn wrong_bytes(&self, found: &str) -> Diagnostic {
        let entry = self.resolved.version;
        let message = format!(
            "{} is not the file of {}: its SHA-256 is {found}, not {}",
            self.source.shown(),
            self.resolved.reference(),
            entry.sha256.value
        );
        let diagnostic = Diagnostic::broken(CHANGED, message)
            .at(entry.sha256.span.clone())
            .label(format!("what came has {found}"));
        self.remarked(diagnostic)
    }

    fn remarked(&self, diagnostic: Diagnostic) -> Diagnostic {
        let diagnostic = match &self.remark {
            Some(remark) => diagnostic.help(remark.clone()),
            None => diagnostic,
        };
        diagnostic
            .help("nothing was put in place, and nothing of it is kept")
            .help("the file there has changed, or the manifest is wrong about it")
    }

    fn given_up(&self, diagnostic: Diagnostic, have: u64) -> Diagnostic {
        let diagnostic = self.placed(diagnostic);
        if have == 0 {
            return diagnostic;
        }
        let bytes = self.resolved.version.bytes.value;
        diagnostic.help(format!(
            "{have} of {bytes} bytes are kept; the next `data fetch` goes on from there"
        ))
    }

    fn placed(&self, diagnostic: Diagnostic) -> Diagnostic {
        let place = self.resolved.version.source.as_ref();
        let locked = matches!(diagnostic.code.as_ref(), "http-status");
        let diagnostic = match diagnostic.span {
            Some(_) => diagnostic,
            None => diagnostic.maybe_at(place.map(|s| s.span.clone())),
        };
        match (self.resolved.access(), self.resolved.apply()) {
            (Access::Restricted, Some(apply)) if locked => {
                diagnostic.help(format!("how to apply for it: {apply}"))
            }
            _ => diagnostic,
        }
    }
}
