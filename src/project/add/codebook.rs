//! The codebook of a version that is added: the one that was named, the dataset's own if the data keep it, else a draft.

use std::fs;
use std::path::Path;

use super::{Addition, Incoming, Origin, Project, place};
use crate::dataset::codebook::{Described, Draft, Redcap, Wanted};
use crate::dataset::{Codebook, Dataset, DatasetId, Format};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use crate::manifest::{DatasetEntry, NewDataset};

/// What was found out about the data and their codebook.
pub(super) struct Chosen {
    /// The codebook's path as the manifest names it.
    pub path: Option<String>,
    /// The codebook to be written: path and text.
    pub write: Option<(String, String)>,
    /// Where the codebook comes from, in words.
    pub how: String,
    /// What the data are, in words.
    pub shape: String,
    /// What else is known of a new dataset, and where its file can be fetched.
    pub known: Known,
}

/// What the codebook's origin says of the dataset.
#[derive(Default)]
pub(super) struct Known {
    pub dataset: NewDataset,
    pub source: Option<String>,
}

const COMMENT: [&str; 2] = [
    "Drafted by trialbook from what the data show: types, categories, labels and missing values.",
    "To be completed by who knows the data: titles, descriptions, units, and what values are possible.",
];

/// The version that is added.
pub(super) struct Adding<'a> {
    pub new: &'a Addition,
    pub file: &'a Incoming,
    pub dataset: Option<&'a DatasetEntry>,
    pub name: &'a str,
    pub version: &'a str,
    /// The file's path as the manifest will name it.
    pub path: &'a str,
}

type Found = Option<Chosen>;

impl Project {
    /// Reads the data and finds their codebook; none if something is an error, which is reported.
    pub(super) fn choose_codebook(&self, adding: &Adding<'_>, found: &mut Diagnostics) -> Found {
        match &adding.new.codebook {
            Origin::File(path) => self.given(adding, path, found),
            Origin::Redcap(path) => self.redcap(adding, path, found),
            Origin::Frictionless(path) => self.frictionless(adding, path, found),
            Origin::Data => self.own(adding, found),
        }
    }

    fn given(&self, adding: &Adding<'_>, path: &Path, found: &mut Diagnostics) -> Found {
        let bytes = found.ok(place::read_steadily(path))?;
        let shown = path.display().to_string();
        let text = found.ok(utf8(&shown, bytes))?;
        let dataset = adding.open(Some((&shown, &text)), found)?;
        let inside = self.inside(path);
        let write = inside.is_none().then(|| (adding.place(), text));
        Some(Chosen {
            path: inside.or_else(|| Some(adding.place())),
            how: format!("the codebook {shown}"),
            shape: adding.shape(&dataset),
            known: Known::default(),
            write,
        })
    }

    /// A file's path relative to the root, if it lies below it.
    fn inside(&self, path: &Path) -> Option<String> {
        let (root, path) = (self.root.canonicalize().ok()?, path.canonicalize().ok()?);
        let relative = path.strip_prefix(root).ok()?.to_str()?;
        let relative = relative.replace(std::path::MAIN_SEPARATOR, "/");
        crate::manifest::path_mistake(&relative)
            .is_none()
            .then_some(relative)
    }

    /// The dataset's codebook, one that lies at its place, or a draft.
    fn own(&self, adding: &Adding<'_>, found: &mut Diagnostics) -> Found {
        let known = adding.dataset.and_then(|d| d.codebook.as_ref());
        let path = match (known, adding.dataset) {
            (Some(path), _) => path.value.clone(),
            (None, None) => adding.place(),
            (None, Some(_)) => return self.draft_codebook(adding, found),
        };
        let Ok(bytes) = fs::read(self.root.join(&path)) else {
            return self.draft_codebook(adding, found);
        };
        let text = found.ok(utf8(&path, bytes))?;
        let mut broken = Diagnostics::new();
        if let Some(dataset) = adding.open(Some((&path, &text)), &mut broken) {
            found.extend(broken);
            return Some(Chosen {
                how: "the data keep it".to_owned(),
                path: Some(path),
                write: None,
                shape: adding.shape(&dataset),
                known: Known::default(),
            });
        }
        if known.is_none() {
            found.extend(broken);
            return None;
        }
        let chosen = self.draft_codebook(adding, found)?;
        let errors = broken.into_iter().filter(Diagnostic::is_error);
        found.extend(errors.map(|d| Diagnostic {
            severity: Severity::Warning,
            ..d.help(format!(
                "so {} has a codebook of its own",
                adding.reference()
            ))
        }));
        Some(chosen)
    }

    fn draft_codebook(&self, adding: &Adding<'_>, found: &mut Diagnostics) -> Found {
        let stub = Draft {
            dialect: adding.new.dialect.clone(),
            missing: adding.new.missing.clone(),
            ..Draft::default()
        };
        let how = "drafted from the data".to_owned();
        self.draft_read_as(adding, &stub, how, Known::default(), found)
    }

    /// A draft of what the data show, read as the stub says.
    fn draft_read_as(
        &self,
        adding: &Adding<'_>,
        stub: &Draft,
        how: String,
        known: Known,
        found: &mut Diagnostics,
    ) -> Found {
        let stub = (*stub != Draft::default()).then(|| {
            let mut stub = stub.clone();
            let usual = Format::of(adding.path).map(Draft::usual_missing);
            stub.missing.extend(usual.unwrap_or_default());
            stub.text()
        });
        let stub = stub.as_ref().map(|text| ("the options", text.as_str()));
        let mut first = Diagnostics::new();
        let Some(dataset) = adding.open(stub, &mut first) else {
            found.extend(first);
            return None;
        };
        let mut draft = Draft::of(&dataset);
        draft.comment = COMMENT.map(str::to_owned).into();
        draft.title.clone_from(&adding.new.title);
        self.drafted(adding, &draft, how, known, found)
    }

    fn redcap(&self, adding: &Adding<'_>, path: &Path, found: &mut Diagnostics) -> Found {
        let format = found.ok(Format::of(adding.path))?;
        if !format.is_text() {
            let message = format!("an export of REDCap is CSV, not {}", format.name());
            found.push(Diagnostic::error("redcap-format", message));
            return None;
        }
        let shown = path.display().to_string();
        let dictionary = found.ok(place::read_steadily(path))?;
        let dictionary = found.ok(utf8(&shown, dictionary))?;
        let export = found.ok(utf8(adding.path, adding.file.bytes.clone()))?;
        let new = adding.new;
        let usual = if format == Format::Tsv { '\t' } else { ',' };
        let draft = found.extend_with(Draft::of_redcap(&Redcap {
            dictionary_path: &shown,
            dictionary: &dictionary,
            export_path: adding.path,
            export: &export,
            delimiter: new.dialect.delimiter.unwrap_or(usual),
            missing: &new.missing,
        }));
        let mut draft = draft.filter(|_| !found.has_errors())?;
        draft.title.clone_from(&new.title);
        draft.dialect.clone_from(&new.dialect);
        let how = format!("drafted from the data dictionary {shown}");
        self.drafted(adding, &draft, how, Known::default(), found)
    }

    fn frictionless(&self, adding: &Adding<'_>, path: &Path, found: &mut Diagnostics) -> Found {
        let shown = path.display().to_string();
        let text = found.ok(place::read_steadily(path))?;
        let text = found.ok(utf8(&shown, text))?;
        let file = Wanted {
            file_name: &adding.file.file_name,
            bytes: adding.file.bytes.len() as u64,
            sha256: adding.file.sha256,
        };
        let described = found.extend_with(Described::read(&shown, &text, &file))?;
        let known = Known {
            dataset: NewDataset {
                title: described.title,
                description: described.description,
                homepage: described.homepage,
                license: described.license,
                codebook: None,
            },
            source: described.source,
        };
        let Some(draft) = described.draft else {
            let stub = Draft {
                dialect: described.dialect,
                ..Draft::default()
            };
            let how = format!("drafted from the data, as {shown} has no schema");
            return self.draft_read_as(adding, &stub, how, known, found);
        };
        let how = format!("taken over from {shown}");
        self.drafted(adding, &draft, how, known, found)
    }

    /// A draft as the version's codebook, if the data keep it.
    fn drafted(
        &self,
        adding: &Adding<'_>,
        draft: &Draft,
        how: String,
        known: Known,
        found: &mut Diagnostics,
    ) -> Found {
        let (path, text) = (adding.place(), draft.text());
        let dataset = adding.open(Some((&path, &text)), found)?;
        found.ok(place::check_place(&self.root, &path))?;
        Some(Chosen {
            path: Some(path.clone()),
            write: Some((path, text)),
            how,
            shape: adding.shape(&dataset),
            known,
        })
    }
}

impl Adding<'_> {
    fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// Where a codebook is written: the dataset's, or the version's own if the dataset is there already.
    fn place(&self) -> String {
        let name = self.name;
        match self.dataset {
            None => format!("data/{name}/codebook.toml"),
            Some(_) => format!("data/{name}/codebook-{}.toml", self.version),
        }
    }

    /// The dataset with a codebook's path and text.
    fn open(&self, codebook: Option<(&str, &str)>, found: &mut Diagnostics) -> Option<Dataset> {
        let id = DatasetId {
            name: self.name.to_owned(),
            version: self.version.to_owned(),
        };
        let codebook = match codebook {
            None => None,
            Some((path, text)) => {
                let parsed = found.extend_with(Codebook::parse(&Source::new(path, text)));
                if found.has_errors() {
                    return None;
                }
                Some(parsed)
            }
        };
        found.extend_with(Dataset::from_bytes(
            id,
            self.path,
            &self.file.bytes,
            codebook,
        ))
    }

    fn shape(&self, dataset: &Dataset) -> String {
        let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        format!(
            "{}: {}, {} ({}, {} bytes, sha256:{})",
            self.reference(),
            count(dataset.height(), "row"),
            count(dataset.schema().fields.len(), "column"),
            dataset.format().name(),
            self.file.bytes.len(),
            self.file.sha256
        )
    }
}

fn utf8(path: &str, bytes: Vec<u8>) -> Result<String, Diagnostic> {
    String::from_utf8(bytes).map_err(|e| {
        let before = e.as_bytes().get(..e.utf8_error().valid_up_to());
        let line = before.unwrap_or_default().split(|b| *b == b'\n').count();
        let message = format!("`{path}` is not UTF-8 in line {line}");
        Diagnostic::error("not-utf8", message).help("save it as UTF-8")
    })
}
