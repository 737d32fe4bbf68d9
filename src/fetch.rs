//! `data fetch`: files of datasets from where the manifest says they are. The only room that goes to the network.
//!
//! What a server sends is believed in nothing: no more than the promised bytes are read, whatever it says of their
//! number; they go to a partial file, `data/.fetch/SHA256.part`, from which a later attempt goes on; and only a whole
//! file with the promised SHA-256 is put in its place, where it never takes the place of another.
//!
//! | the server | what is done |
//! |---|---|
//! | closes the connection early, or falls silent | asked again for the rest (`Range`, `If-Range`), a few times |
//! | ignores `Range` and sends all (200) | begun again with it |
//! | answers with another range, or 416 | begun again, without ranges |
//! | says another length than promised, or sends more | refused |
//! | redirects | followed [`Limits::redirects`] times, not in circles, not from https to http or another scheme |
//! | compresses although asked not to | its bytes are taken as they come; their SHA-256 decides |

mod address;
mod answer;
mod download;
mod failure;
mod partial;
mod place;
mod select;

use std::path::Path;
use std::time::Duration;

use crate::activity;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Access, Resolved};

pub use address::{Address, Scheme};
pub use partial::FOLDER;
pub use select::select;

use partial::Partial;
use place::There;

/// How long to wait, and how often to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For finding a server and connecting to it.
    pub connect: Duration,
    /// Without a byte from a server.
    pub stall: Duration,
    /// How often a connection that fails is tried again without much having come.
    pub retries: u32,
    /// Before the first of these; doubled each time.
    pub pause: Duration,
    /// How many redirects are followed.
    pub redirects: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            stall: Duration::from_secs(30),
            retries: 4,
            pause: Duration::from_millis(500),
            redirects: 10,
        }
    }
}

/// What happens while a file is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// Another process is fetching the same file; it is waited for.
    Waiting,
    /// Bytes are about to come; so many are there.
    Begun {
        /// Bytes that are there from before.
        have: u64,
    },
    /// So many bytes are there.
    Received {
        /// Bytes that are there.
        have: u64,
    },
    /// It is tried again.
    Again {
        /// What went wrong.
        why: &'a str,
    },
}

/// How a file came to be where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// It was there, with the promised bytes; nobody was asked.
    There,
    /// It was fetched; so many of its bytes were there from an earlier attempt.
    Put {
        /// Bytes that an earlier run had left.
        resumed: u64,
    },
}

/// Gets the file of a version from its source and puts it in its place below `root`, once its length and SHA-256 are
/// those of the manifest. A file that is there is never overwritten: the right one is left, a wrong one is the error.
pub fn fetch(
    root: &Path,
    resolved: &Resolved<'_>,
    limits: &Limits,
    note: &dyn Fn(Event<'_>),
) -> Result<Fetched, Diagnostic> {
    let _fetching = activity::begin(format!("fetching {}", resolved.reference()));
    if there(root, resolved)? {
        return Ok(Fetched::There);
    }
    let source = source(resolved)?;
    let entry = resolved.version;
    let sha256 = &entry.sha256.value;
    let mut partial = Partial::open(root, sha256, &|| note(Event::Waiting))?;
    // Another process may have put it there while this one waited.
    if there(root, resolved)? {
        partial.discard();
        return Ok(Fetched::There);
    }
    let bytes = entry.bytes.value;
    if partial.have() > bytes {
        partial.restart()?;
    }
    let mut resumed = partial.have();
    let mut download = download::Download::new(resolved, &source, limits, note);
    let mut run = |partial: &mut Partial| -> Result<(), Diagnostic> {
        let mut found = download.run(partial)?;
        if found != *sha256 && download.pieced() {
            // Pieces of two files, perhaps: the server may have another one since the first attempt.
            partial.restart()?;
            resumed = 0;
            found = download.run(partial)?;
        }
        if download.restarted() {
            resumed = 0;
        }
        if found == *sha256 {
            return Ok(());
        }
        Err(download.wrong_bytes(&found))
    };
    if let Err(diagnostic) = run(&mut partial) {
        // What may still become the file is kept.
        if partial.have() == 0 || diagnostic.code == download::CHANGED {
            partial.discard();
        }
        return Err(diagnostic);
    }
    place::put(root, resolved, &partial)?;
    partial.discard();
    Ok(Fetched::Put { resumed })
}

/// Whether the promised file is there; a wrong one is the error.
fn there(root: &Path, resolved: &Resolved<'_>) -> Result<bool, Diagnostic> {
    match place::look(root, resolved)? {
        There::Right => Ok(true),
        There::Absent => Ok(false),
        There::Wrong(what) => Err(place::occupied(resolved, &what)),
    }
}

fn source(resolved: &Resolved<'_>) -> Result<Address, Diagnostic> {
    let name = resolved.reference();
    let Some(source) = &resolved.version.source else {
        let message = format!("nothing says where {name} can be fetched from");
        let mut diagnostic =
            Diagnostic::error("no-source", message).at(resolved.version.version.span.clone());
        if let (Access::Restricted, Some(apply)) = (resolved.access(), resolved.apply()) {
            diagnostic = diagnostic.help(format!("how to apply for it: {apply}"));
        }
        if let Some(homepage) = &resolved.dataset.homepage {
            diagnostic = diagnostic.help(format!("its home page is {homepage}"));
        }
        return Err(diagnostic.help("write `source = \"https://…\"` into the version"));
    };
    Address::parse(&source.value).map_err(|why| {
        Diagnostic::error("bad-url", format!("{name} can't be fetched: {why}"))
            .at(source.span.clone())
    })
}
