//! What the record of a build (`ro-crate-metadata.json`) promises: digests, the injected time, the program.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::Limits;
use super::name::{self, quoted};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::program;
use crate::time::BuildTime;

/// A program by its version and the digest of its source.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// SHA-256 of its own source, in hexadecimal.
    pub source_digest: String,
}

impl Program {
    /// The program that is running.
    pub fn running() -> Self {
        Self {
            version: program::VERSION.to_owned(),
            source_digest: program::source_digest().to_owned(),
        }
    }
}

/// A record of a build, as far as it can be verified.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    /// By path below the project root: the digest that a file should have.
    pub(super) files: BTreeMap<String, Promise>,
    /// The same of files that are elsewhere.
    pub(super) elsewhere: BTreeMap<String, Promise>,
    /// The time inside the outputs.
    pub(super) time: BuildTime,
    pub(super) program: Program,
}

/// What a record says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Promise {
    pub(super) sha256: String,
    pub(super) bytes: Option<u64>,
}

#[derive(Deserialize)]
struct Crate {
    #[serde(rename = "@graph")]
    graph: Vec<Entity>,
}

/// An entity's keys that matter here; they may hold anything.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    #[serde(rename = "@id")]
    id: String,
    sha256: Option<Value>,
    content_size: Option<Value>,
    end_time: Option<Value>,
    software_version: Option<Value>,
    identifier: Option<Value>,
    alternate_name: Option<Value>,
}

/// What a crate says of files, by path.
#[derive(Debug, Default)]
pub(super) struct Promises {
    /// Files beside it.
    pub(super) files: BTreeMap<String, Promise>,
    /// Files elsewhere.
    pub(super) elsewhere: BTreeMap<String, Promise>,
}

/// The digests that a crate gives its files, by path. `shown` is the crate's own path.
pub(super) fn promises(shown: &str, bytes: &[u8], limits: &Limits) -> (Promises, Diagnostics) {
    match parse(shown, bytes) {
        Ok(graph) => files(shown, &graph, limits),
        Err(diagnostic) => (Promises::default(), diagnostic.into()),
    }
}

impl Record {
    /// Reads the record of a build; none where it lacks what a repetition needs.
    pub(super) fn read(shown: &str, bytes: &[u8], limits: &Limits) -> (Option<Self>, Diagnostics) {
        let graph = match parse(shown, bytes) {
            Ok(graph) => graph,
            Err(diagnostic) => return (None, diagnostic.into()),
        };
        let (promises, mut diagnostics) = files(shown, &graph, limits);
        let time = diagnostics.ok(time(shown, &graph));
        let program = diagnostics.ok(program_of(shown, &graph));
        let record = time.zip(program).map(|(time, program)| Self {
            files: promises.files,
            elsewhere: promises.elsewhere,
            time,
            program,
        });
        (record, diagnostics)
    }
}

fn parse(shown: &str, bytes: &[u8]) -> Result<Vec<Entity>, Diagnostic> {
    serde_json::from_slice::<Crate>(bytes)
        .map(|c| c.graph)
        .map_err(|e| bad(shown, &format!("it is no RO-Crate: {e}")))
}

fn bad(shown: &str, why: &str) -> Diagnostic {
    Diagnostic::error(
        "bad-record",
        format!("{} can't be used: {why}", quoted(shown)),
    )
}

fn files(shown: &str, graph: &[Entity], limits: &Limits) -> (Promises, Diagnostics) {
    let mut promises = Promises::default();
    let mut twice = BTreeSet::new();
    let mut diagnostics = Diagnostics::new();
    for entity in graph {
        let Some(digest) = &entity.sha256 else {
            continue;
        };
        let named = quoted(&entity.id);
        let here = !entity.id.starts_with('#') && !entity.id.contains("://");
        let path = match &entity.alternate_name {
            _ if here => path_of(&entity.id),
            name => name.as_ref().and_then(|n| Some(n.as_str()?.to_owned())),
        };
        let path = path.filter(|p| name::mistake(p, limits).is_none());
        let (Some(path), Some(sha256)) = (path, digest.as_str().filter(|d| is_digest(d))) else {
            diagnostics.push(bad(shown, &format!("{named} has no sound path or digest")));
            continue;
        };
        let promise = Promise {
            sha256: sha256.to_owned(),
            bytes: entity.content_size.as_ref().and_then(whole),
        };
        let files = if here {
            &mut promises.files
        } else {
            &mut promises.elsewhere
        };
        if files.insert(path.clone(), promise).is_some() && twice.insert(path) {
            diagnostics.push(bad(shown, &format!("{named} is there twice")));
        }
    }
    (promises, diagnostics)
}

fn whole(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// Whether a text is a SHA-256 as trialbook writes it.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The path that a relative reference names, its percent-encoding undone.
fn path_of(id: &str) -> Option<String> {
    let id = id.strip_prefix("./").unwrap_or(id);
    let mut bytes = Vec::with_capacity(id.len());
    let mut rest = id.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn time(shown: &str, graph: &[Entity]) -> Result<BuildTime, Diagnostic> {
    let run = graph.iter().find(|e| e.id == "#run");
    let time = run.and_then(|e| e.end_time.as_ref()?.as_str());
    time.and_then(BuildTime::parse).ok_or_else(|| {
        bad(
            shown,
            "its `#run` has no `endTime` such as 2026-01-31T00:00:00Z",
        )
    })
}

fn program_of(shown: &str, graph: &[Entity]) -> Result<Program, Diagnostic> {
    let entity = graph.iter().find(|e| e.id == "#trialbook");
    let version = entity.and_then(|e| e.software_version.as_ref()?.as_str());
    let digest = entity.and_then(|e| e.identifier.as_ref()?.as_str()?.strip_prefix("sha256:"));
    match (version, digest) {
        (Some(version), Some(digest)) if is_digest(digest) && version.len() <= 64 => Ok(Program {
            version: version.to_owned(),
            source_digest: digest.to_owned(),
        }),
        _ => Err(bad(
            shown,
            "its `#trialbook` does not say which program made it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn references_become_paths() {
        assert_eq!(path_of("data/a%20b.csv").as_deref(), Some("data/a b.csv"));
        assert_eq!(path_of("./%C3%A9").as_deref(), Some("é"));
        for wrong in ["a%", "a%2", "a%zz", "%ff"] {
            assert_eq!(path_of(wrong), None, "{wrong}");
        }
    }
}
