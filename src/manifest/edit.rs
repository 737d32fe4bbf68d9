//! New versions in the text of a manifest, which keeps its comments and its order.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::diagnostic::Diagnostic;

use super::{Access, FILE_NAME, Manifest};

/// A version to be entered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewVersion {
    /// The dataset's name.
    pub name: String,
    /// The dataset's own keys, if it is new.
    pub dataset: Option<NewDataset>,
    /// The version.
    pub version: String,
    /// The file, relative to the project root.
    pub path: String,
    /// The digest of the file's bytes.
    pub sha256: String,
    /// How many there are.
    pub bytes: u64,
    /// The version's own codebook.
    pub codebook: Option<String>,
    /// The URL from which the file can be fetched.
    pub source: Option<String>,
    /// The day of its release.
    pub released: Option<String>,
    /// What changed.
    pub changes: Option<String>,
    /// Who may have the file.
    pub access: Option<Access>,
    /// How to apply for it.
    pub apply: Option<String>,
}

/// What is entered of a dataset that is new.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewDataset {
    /// Its title.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// Where it comes from, for people.
    pub homepage: Option<String>,
    /// Its licence.
    pub license: Option<String>,
    /// The codebook of its versions.
    pub codebook: Option<String>,
}

impl Manifest {
    /// The manifest's text with a further version. The result is not checked: parse it.
    pub fn with(&self, new: &NewVersion) -> Result<String, Diagnostic> {
        let text = &self.source.text;
        let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| {
            let message = format!("`{FILE_NAME}` is not TOML: {}", e.message());
            Diagnostic::error("bad-toml", message)
        })?;
        let datasets = tables(document.as_table_mut(), "dataset")?;
        let named = |t: &Table| t.get("name").and_then(Item::as_str) == Some(&new.name);
        if let Some(dataset) = datasets.iter_mut().find(|t| named(t)) {
            tables(dataset, "version")?.push(version(new, false));
        } else {
            datasets.push(dataset(new));
        }
        let edited = document.to_string();
        let returns = text.matches("\r\n").count();
        if returns > 0 && returns == text.matches('\n').count() {
            return Ok(edited.replace("\r\n", "\n").replace('\n', "\r\n"));
        }
        Ok(edited)
    }
}

fn tables<'a>(table: &'a mut Table, key: &str) -> Result<&'a mut ArrayOfTables, Diagnostic> {
    let item = table
        .entry(key)
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    item.as_array_of_tables_mut().ok_or_else(|| {
        let message = format!("`{key}` of `{FILE_NAME}` is written as a list in a line");
        Diagnostic::error("inline-list", message).help(format!(
            "write `[[{key}]]` tables, so that an entry can be added"
        ))
    })
}

fn dataset(new: &NewVersion) -> Table {
    let mut table = Table::new();
    let known = new.dataset.clone().unwrap_or_default();
    table.insert("name", value(new.name.as_str()));
    let texts = [
        ("title", known.title),
        ("description", known.description),
        ("homepage", known.homepage),
        ("license", known.license),
        ("codebook", known.codebook),
        ("access", new.access.map(|a| a.word().to_owned())),
        ("apply", new.apply.clone()),
    ];
    put(&mut table, texts);
    let mut versions = ArrayOfTables::new();
    versions.push(version(new, true));
    table.insert("version", Item::ArrayOfTables(versions));
    apart(table)
}

/// A version's table; of a dataset that is new, the terms stand in the dataset's.
fn version(new: &NewVersion, of_new: bool) -> Table {
    let mut table = Table::new();
    put(
        &mut table,
        [
            ("version", Some(new.version.clone())),
            ("path", Some(new.path.clone())),
            ("sha256", Some(new.sha256.clone())),
        ],
    );
    table.insert("bytes", value(i64::try_from(new.bytes).unwrap_or(i64::MAX)));
    let terms = |text: Option<String>| text.filter(|_| !of_new);
    put(
        &mut table,
        [
            ("codebook", new.codebook.clone()),
            ("source", new.source.clone()),
        ],
    );
    if let Some(released) = &new.released {
        let day = released.parse::<toml_edit::Datetime>();
        table.insert(
            "released",
            day.map_or_else(|_| value(released.as_str()), value),
        );
    }
    put(
        &mut table,
        [
            ("changes", new.changes.clone()),
            ("access", terms(new.access.map(|a| a.word().to_owned()))),
            ("apply", terms(new.apply.clone())),
        ],
    );
    apart(table)
}

fn put<const N: usize>(table: &mut Table, texts: [(&str, Option<String>); N]) {
    for (key, text) in texts {
        if let Some(text) = text {
            table.insert(key, value(text));
        }
    }
}

/// With an empty line above.
fn apart(mut table: Table) -> Table {
    table.decor_mut().set_prefix("\n");
    table
}
