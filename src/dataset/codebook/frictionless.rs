//! Frictionless data packages (<https://datapackage.org>), versions 1 and 2: the `datapackage.json` that comes with a
//! file becomes a codebook, and what the manifest wants to know about a dataset.
//!
//! Types that codebooks don't have become texts, with a warning; so do rules that are not kept. Only the descriptor is
//! read: nothing that it refers to is opened or fetched.

mod descriptor;
mod field;

use super::dialect::usable_delimiter;
use super::{Dialect, Draft, Encoding};
use crate::dataset::Digest;
use crate::dataset::raw::{Examples, shown};
use crate::diagnostic::{Diagnostic, Diagnostics};
use descriptor::{Package, Resource, Schema};

/// The most bytes of a descriptor.
const MOST: usize = 16 << 20;

/// What a data package says about one of its files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Described {
    /// The codebook; none if the package has no schema.
    pub draft: Option<Draft>,
    /// How the file must be read.
    pub dialect: Dialect,
    /// The dataset's title.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Where it comes from, for people.
    pub homepage: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// The URL of the file itself.
    pub source: Option<String>,
}

/// The file that is looked for in a package.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The file's name.
    pub file_name: &'a str,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their digest.
    pub sha256: Digest,
}

impl Described {
    /// What the descriptor at `path`, with that text, says about a file.
    pub fn read(path: &str, text: &str, file: &Wanted<'_>) -> (Option<Self>, Diagnostics) {
        let mut found = Diagnostics::new();
        let described = found.ok(package(path, text)).and_then(|package| {
            let resource = found.ok(resource(path, &package, file))?;
            let mut reading = Reading {
                path,
                found: &mut found,
            };
            reading.described(&package, resource, file)
        });
        (described.filter(|_| !found.has_errors()), found)
    }
}

fn package(path: &str, text: &str) -> Result<Package, Diagnostic> {
    let refuse = |why: String| {
        let message = format!("`{path}` can't be read as a data package: {why}");
        Diagnostic::error("bad-datapackage", message)
    };
    if text.len() > MOST {
        return Err(refuse("it has more than 16 MiB".to_owned()));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|e| refuse(e.to_string()))
}

/// The resource of that file name, else the only one.
fn resource<'a>(
    path: &str,
    package: &'a Package,
    file: &Wanted<'_>,
) -> Result<&'a Resource, Diagnostic> {
    let refuse = |message: String| Diagnostic::error("bad-datapackage", message);
    let named = |r: &&Resource| {
        r.paths()
            .any(|p| p.rsplit('/').next() == Some(file.file_name))
    };
    let mut fitting = package.resources.iter().filter(named);
    let found = match (fitting.next(), fitting.next(), package.resources.as_slice()) {
        (Some(one), None, _) | (None, None, [one]) => one,
        (Some(_), Some(_), _) => {
            let message = format!(
                "`{path}` has several resources of the name {}",
                shown(file.file_name)
            );
            return Err(refuse(message));
        }
        _ => {
            let mut names = Examples::default();
            for resource in &package.resources {
                names.add(|| shown(&resource.paths().collect::<Vec<_>>().join(", ")));
            }
            let message = format!(
                "`{path}` has no resource of the name {}",
                shown(file.file_name)
            );
            let help = format!("its resources are {}", names.text());
            return Err(refuse(message).help(help));
        }
    };
    if found.paths().count() > 1 {
        let message = format!(
            "the resource of {} in `{path}` is in several files",
            shown(file.file_name)
        );
        return Err(refuse(message).help("put them together first"));
    }
    if let Some(bad) = found.paths().find(|p| !is_safe(p)) {
        let message = format!(
            "`{path}` has a path that leads out of the package: {}",
            shown(bad)
        );
        return Err(refuse(message));
    }
    Ok(found)
}

/// A path as the standard allows it: a web address, or below the descriptor.
fn is_safe(path: &str) -> bool {
    is_web(path) || crate::manifest::path_mistake(path.trim_start_matches("./")).is_none()
}

fn is_web(path: &str) -> bool {
    path.starts_with("https://") || path.starts_with("http://")
}

struct Reading<'a> {
    path: &'a str,
    found: &'a mut Diagnostics,
}

impl Reading<'_> {
    fn described(
        &mut self,
        package: &Package,
        resource: &Resource,
        file: &Wanted<'_>,
    ) -> Option<Described> {
        self.same_bytes(resource, file);
        let dialect = self.dialect(resource);
        let draft = match &resource.schema {
            None => None,
            Some(Schema::Elsewhere(place)) => {
                let message = format!(
                    "`{}` has its schema in another file, {}",
                    self.path,
                    shown(place)
                );
                let diagnostic = Diagnostic::error("bad-datapackage", message);
                self.found
                    .push(diagnostic.help("put the schema into the descriptor"));
                return None;
            }
            Some(Schema::Here(schema)) => {
                let mut draft = field::draft(self.path, schema, self.found)?;
                draft.dialect.clone_from(&dialect);
                draft.title = resource.title.clone().or_else(|| package.title.clone());
                draft.description = resource
                    .description
                    .clone()
                    .or_else(|| package.description.clone());
                Some(draft)
            }
        };
        let mut licenses = resource.licenses.iter().chain(&package.licenses);
        let mut sources = resource.sources.iter().chain(&package.sources);
        let source = sources.find_map(|s| s.path.clone()).filter(|s| is_web(s));
        let of_file = |s: &String| s.rsplit('/').next() == Some(file.file_name);
        let direct = resource.paths().find(|p| is_web(p)).map(str::to_owned);
        let homepage = resource
            .homepage
            .clone()
            .or_else(|| package.homepage.clone());
        // Of a package with one table, the package is the dataset; of one with several, the table is.
        let (title, description) = if package.resources.len() == 1 {
            let title = package.title.clone().or_else(|| resource.title.clone());
            (title, package.description.clone())
        } else {
            let description = resource.description.clone();
            (
                resource.title.clone().or_else(|| package.title.clone()),
                description.or_else(|| package.description.clone()),
            )
        };
        Some(Described {
            draft,
            dialect,
            title,
            description,
            homepage: homepage.or_else(|| source.clone().filter(|s| !of_file(s))),
            license: licenses.find_map(|l| l.name.clone().or_else(|| l.path.clone())),
            source: direct.or_else(|| source.filter(of_file)),
        })
    }

    /// What the package promises of the bytes.
    fn same_bytes(&mut self, resource: &Resource, file: &Wanted<'_>) {
        let promised = resource.hash.as_deref().map(|h| match h.split_once(':') {
            Some((algorithm, digest)) => (algorithm.to_lowercase(), digest.to_lowercase()),
            // Without a name it is MD5.
            None => ("md5".to_owned(), h.to_lowercase()),
        });
        let wrong = match promised {
            Some((algorithm, digest))
                if algorithm == "sha256" && digest != file.sha256.to_string() =>
            {
                Some(format!(
                    "the SHA-256 {digest}, the file has {}",
                    file.sha256
                ))
            }
            _ => {
                let bytes = resource.bytes.filter(|b| *b != file.bytes);
                bytes.map(|b| format!("{b} bytes, the file has {}", file.bytes))
            }
        };
        if let Some(wrong) = wrong {
            let message = format!("`{}` promises another file: {wrong}", self.path);
            self.found.push(Diagnostic::broken("other-bytes", message));
        }
    }

    fn dialect(&mut self, resource: &Resource) -> Dialect {
        let given = resource.dialect.clone().unwrap_or_default();
        let csv = given.csv.unwrap_or_default();
        let delimiter = given.delimiter.or(csv.delimiter);
        let usable = delimiter.as_deref().and_then(usable_delimiter);
        if let Some(text) = delimiter.filter(|_| usable.is_none()) {
            self.refuse("delimiter", &text);
        }
        if given.header == Some(false) {
            self.refuse("header", "false");
        }
        if let Some(quote) = given.quote_char.or(csv.quote_char).filter(|q| q != "\"") {
            self.refuse("quoteChar", &quote);
        }
        let encoding = resource
            .encoding
            .as_deref()
            .map(|name| (name, Encoding::of(name)));
        if let Some((name, None)) = encoding {
            self.refuse("encoding", name);
        }
        let encoding = encoding
            .and_then(|(_, e)| e)
            .filter(|e| *e != Encoding::Utf8);
        Dialect {
            delimiter: usable.filter(|d| *d != ','),
            encoding,
            sheet: given.sheet_name,
        }
    }

    fn refuse(&mut self, key: &str, value: &str) {
        let message = format!(
            "`{}` has a `{key}` that can't be read: {}",
            self.path,
            shown(value)
        );
        self.found
            .push(Diagnostic::error("bad-datapackage", message));
    }
}
