//! `data add [NAME] FILE`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::ui::line;
use crate::dataset::codebook::{Dialect, Encoding, Redcap};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::Access;
use crate::project::{Addition, Origin, Project};

const EXAMPLES: &str = "\
Examples:
  trialbook data add cct ../export/cct.sav --title \"CCT in medical students\" --license MIT
  trialbook data add cct ../export/cct-2.sav --version 1.1.0 --changes \"Two ages corrected.\"
  trialbook data add cope export.csv --redcap dictionary.csv
  trialbook data add cct ../share/cct.sav      puts a file back that the manifest knows by its hash

The file is copied to data/NAME/VERSION/, hashed, and read; a codebook is drafted if there is none; the manifest gets
an entry, its comments and order stay. If something is wrong, nothing is left behind.";

/// Adds a file as a version of a dataset.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Add {
    /// The dataset's name (may be left out: the file's name without its extension), and the file
    #[arg(value_names = ["NAME", "FILE"], num_args = 1..=2, required = true)]
    what: Vec<PathBuf>,
    /// The dataset's name, as the first argument
    #[arg(long)]
    name: Option<String>,
    /// The version [default: 1.0.0 for a new dataset]
    #[arg(long = "version")]
    version: Option<String>,
    /// A new dataset's title
    #[arg(long)]
    title: Option<String>,
    /// A new dataset's licence, best as an SPDX identifier
    #[arg(long)]
    license: Option<String>,
    /// The URL from which `data fetch` can get the file
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// What changed since the version before
    #[arg(long, value_name = "TEXT")]
    changes: Option<String>,
    /// The day of its release, YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    released: Option<String>,
    /// Who may have the file
    #[arg(long, value_enum)]
    access: Option<Who>,
    /// How to apply for a restricted file
    #[arg(long, value_name = "TEXT")]
    apply: Option<String>,
    /// Its codebook, instead of the dataset's or a draft
    #[arg(long, value_name = "TOML")]
    codebook: Option<PathBuf>,
    /// The data dictionary (CSV) of the REDCap project that the file is an export of
    #[arg(long, value_name = "CSV", conflicts_with = "codebook")]
    redcap: Option<PathBuf>,
    /// The Frictionless data package (datapackage.json) that describes the file
    #[arg(long, value_name = "JSON", conflicts_with_all = ["codebook", "redcap", "missing"])]
    frictionless: Option<PathBuf>,
    /// What means a missing value, such as "-99, Refused | -98, Unknown"
    #[arg(
        long,
        value_name = "CODES",
        conflicts_with = "codebook",
        allow_hyphen_values = true
    )]
    missing: Option<String>,
    /// The sheet of a workbook
    #[arg(long)]
    sheet: Option<String>,
    /// The character between the cells of a text table
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<char>,
    /// The encoding of a text table: utf-8, utf-16, iso-8859-1, windows-1252
    #[arg(long)]
    encoding: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Who {
    /// Everybody
    Open,
    /// Those who applied for it; say how with --apply
    Restricted,
    /// Everybody, from its --source
    External,
}

impl Add {
    /// Adds the file and says what was done.
    pub fn run(&self, project: &Project) -> Diagnostics {
        let addition = match self.addition() {
            Ok(addition) => addition,
            Err(diagnostic) => return diagnostic.into(),
        };
        let (added, diagnostics) = project.add(&addition);
        for text in added.iter().flat_map(|a| &a.lines) {
            line(text);
        }
        diagnostics
    }

    fn origin(&self) -> Origin {
        let redcap = self.redcap.clone().map(Origin::Redcap);
        let package = self.frictionless.clone().map(Origin::Frictionless);
        let given = self.codebook.clone().map(Origin::File);
        redcap.or(package).or(given).unwrap_or_default()
    }

    fn addition(&self) -> Result<Addition, Diagnostic> {
        let (name, file) = match self.what.as_slice() {
            [name, file] => (Some(name.to_string_lossy().into_owned()), file.clone()),
            [file] => (None, file.clone()),
            _ => (None, PathBuf::new()),
        };
        if let (Some(first), Some(second)) = (&name, &self.name)
            && first != second
        {
            let message = format!("the dataset has two names: `{first}` and `{second}`");
            return Err(Diagnostic::error("two-names", message).help("leave out --name"));
        }
        let encoding = match &self.encoding {
            None => None,
            Some(name) => Some(Encoding::of(name).ok_or_else(|| {
                let message = format!("the encoding `{}` is not known", name.escape_debug());
                Diagnostic::error("unknown-choice", message)
                    .help("write utf-8, utf-16, iso-8859-1 or windows-1252")
            })?),
        };
        Ok(Addition {
            file,
            name: name.or_else(|| self.name.clone()),
            version: self.version.clone(),
            title: self.title.clone(),
            license: self.license.clone(),
            source: self.source.clone(),
            changes: self.changes.clone(),
            released: self.released.clone(),
            access: self.access.map(|who| match who {
                Who::Open => Access::Open,
                Who::Restricted => Access::Restricted,
                Who::External => Access::External,
            }),
            apply: self.apply.clone(),
            codebook: self.origin(),
            missing: self
                .missing
                .as_deref()
                .map(Redcap::missing_codes)
                .unwrap_or_default(),
            dialect: Dialect {
                delimiter: self.delimiter,
                encoding,
                sheet: self.sheet.clone(),
            },
        })
    }
}
