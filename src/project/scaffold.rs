//! `new`: a report that builds as it is.

use super::{Project, REPORTS};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::FILE_NAME;
use crate::plan::store::write_whole;

const REPORT: &str = include_str!("scaffold/report.md");
const REFERENCES: &str = include_str!("scaffold/references.bib");
const EXAMPLE_DATA: &str = include_str!("scaffold/example.csv");
const EXAMPLE_CODEBOOK: &str = include_str!("scaffold/codebook.toml");

impl Project {
    /// Writes the scaffold of a report with a small example dataset of its own, and enters that into the manifest.
    /// Gives the paths that were written. A report or dataset of that name is never overwritten.
    pub fn scaffold(&self, name: &str) -> Result<Vec<String>, Diagnostics> {
        check_name(name)?;
        let folder = format!("{REPORTS}/{name}");
        if self.root.join(&folder).exists() {
            let message = format!("there is a report `{name}` already");
            return Err(Diagnostic::error("exists", message)
                .help("choose another name")
                .into());
        }
        let dataset = format!("{name}-example");
        let data = format!("data/{dataset}/1.0.0/example.csv");
        let mut files = vec![
            (
                format!("{folder}/report.md"),
                REPORT.replace("example@1.0.0", &format!("{dataset}@1.0.0")),
            ),
            (format!("{folder}/references.bib"), REFERENCES.to_owned()),
        ];
        if self.manifest.dataset(&dataset).is_none() {
            if self.root.join(&data).exists() {
                let message = format!("{data} is there already, but not in {FILE_NAME}");
                return Err(Diagnostic::error("exists", message)
                    .help("choose another name, or move that file away")
                    .into());
            }
            files.push((data.clone(), EXAMPLE_DATA.to_owned()));
            files.push((
                format!("data/{dataset}/codebook.toml"),
                EXAMPLE_CODEBOOK.to_owned(),
            ));
            files.push((FILE_NAME.to_owned(), self.manifest_with(&dataset, &data)));
        }
        let mut written = Vec::with_capacity(files.len());
        for (path, text) in files {
            write_whole(&self.root.join(&path), text.as_bytes()).map_err(Diagnostics::from)?;
            written.push(path);
        }
        Ok(written)
    }

    /// The manifest's text with an entry for the example data at its end; what stands there stays as it is.
    fn manifest_with(&self, dataset: &str, path: &str) -> String {
        let mut text = self.manifest.source.text.trim_end().to_owned();
        let entry = format!(
            "\n\n# Made-up numbers that `trialbook new` wrote, to be replaced by the trial's own data.\n\
             [[dataset]]\nname = \"{dataset}\"\ntitle = \"Example data of a new report (made up)\"\n\
             simulated = \"Made up by trialbook for a new report.\"\n\
             codebook = \"data/{dataset}/codebook.toml\"\n\n\
             [[dataset.version]]\nversion = \"1.0.0\"\npath = \"{path}\"\nsha256 = \"{}\"\nbytes = {}\n\
             changes = \"First release.\"\n",
            crate::program::sha256(EXAMPLE_DATA.as_bytes()),
            EXAMPLE_DATA.len(),
        );
        text.push_str(entry.trim_start_matches(if text.is_empty() { "\n" } else { "" }));
        text
    }
}

fn check_name(name: &str) -> Result<(), Diagnostics> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let starts_well = name
        .chars()
        .next()
        .is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if starts_well && name.len() <= 64 && name.chars().all(good) {
        return Ok(());
    }
    let message = format!("`{name}` can't be the name of a report");
    Err(Diagnostic::error("bad-name", message)
        .help("use up to 64 lower-case letters, digits and hyphens, such as `my-trial`")
        .into())
}
