//! Bundling a report: its outputs made anew, and all that they were made of put together in one archive.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::prepare::Loaded;
use super::{BUILD, BuildOptions, Made, Outputs, Prepared, Project, build};
use crate::analysis::InputSpec;
use crate::bundle::{self, Contents, Data, Shown, archive, bag};
use crate::dataset::{Dataset, DatasetId};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::document::Block;
use crate::manifest::{Access, FILE_NAME};
use crate::plan::{Event, Ran};
use crate::program;
use crate::provenance::{DatasetRecord, FileRecord};
use crate::style::Templates;
use crate::time::BuildTime;

/// What goes into a bundle besides what always does.
#[derive(Debug, Clone)]
pub struct BundleOptions {
    /// How the outputs are made.
    pub build: BuildOptions,
    /// Puts the log of this run in.
    pub with_run_log: bool,
    /// Puts the files of external datasets in.
    pub include_external: bool,
    /// Puts trialbook's own source in.
    pub source: bool,
}

/// A bundle in memory.
#[derive(Debug)]
pub struct Archive {
    /// The zip.
    pub zip: Vec<u8>,
    /// How many files there are in it.
    pub files: usize,
    /// The datasets that are left out, as `name@version`, with why.
    pub left_out: Vec<(String, Access)>,
    /// The paths of outputs that are otherwise, or not there, in the build folder; none where that was never written.
    pub differing: Vec<String>,
}

/// What bundling a report came to.
#[derive(Debug)]
pub struct Bundled {
    /// What happened to each step.
    pub steps: Vec<Ran>,
    /// The bundle; none where anything is wrong.
    pub archive: Option<Archive>,
    /// All that is wrong or remarkable.
    pub diagnostics: Diagnostics,
}

impl Project {
    /// Makes the bundle of a prepared report; writes nothing. The outputs are those of the data as they are now,
    /// whatever was built before.
    pub fn bundle(
        &self,
        prepared: &Prepared<'_>,
        options: &BundleOptions,
        listen: &(dyn Fn(Event<'_>) + Sync),
    ) -> Bundled {
        let time = options.build.time;
        let Made {
            steps,
            outputs,
            mut diagnostics,
        } = self.make(prepared, &self.store(), time, listen);
        let archive = match (&prepared.loaded, outputs) {
            (Some(loaded), Some(outputs)) => {
                diagnostics.extend_with(self.archive(prepared, loaded, outputs, options))
            }
            _ => None,
        };
        diagnostics.sort();
        Bundled {
            steps,
            archive,
            diagnostics,
        }
    }

    fn archive(
        &self,
        prepared: &Prepared<'_>,
        loaded: &Loaded,
        mut outputs: Outputs,
        options: &BundleOptions,
    ) -> (Option<Archive>, Diagnostics) {
        let differing = self.differing(&prepared.name, &outputs.files);
        for dataset in &mut outputs.record.datasets {
            dataset.included = match dataset.access {
                Access::Open => true,
                Access::Restricted => false,
                Access::External => options.include_external,
            };
        }
        let (payload, mut diagnostics) = self.payload(loaded, &outputs, options);
        let opened = prepared.library.opened();
        let source = source_folder();
        let contents = Contents {
            record: &outputs.record,
            front: &loaded.report.front,
            time: time_of(loaded, options),
            results: &outputs.results,
            shown: shown(&outputs),
            datasets: self.data(&outputs.record.datasets, &opened),
            source: options.source.then_some(source.as_str()),
            run_log: options.with_run_log,
        };
        diagnostics.extend(rows_shown(prepared, loaded, &outputs.record.datasets));
        diagnostics.extend(reserved(&payload));
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let bag = bag::files(
            contents.describe(payload),
            &contents.to_fetch(),
            &contents.info(),
        );
        diagnostics.extend(unportable(&prepared.name, &bag));
        diagnostics.extend(archive::too_much(&bag).map(|why| {
            Diagnostic::error("too-large", format!("the bundle can't be packed: {why}")).help(
                "data that can be fetched elsewhere stay out with `access = \"external\"` in data-manifest.toml",
            )
        }));
        if diagnostics.has_errors() {
            return (None, diagnostics);
        }
        let zip = archive::write(&prepared.name, &bag, contents.time)
            .map_err(|e| Diagnostic::machine("bundle", format!("the bundle can't be packed: {e}")));
        let archive = diagnostics.ok(zip).map(|zip| Archive {
            zip,
            files: bag.len(),
            left_out: left_out(&contents),
            differing,
        });
        (archive, diagnostics)
    }

    /// What the report was made of and what was made, without the bundle's own descriptions.
    fn payload(
        &self,
        loaded: &Loaded,
        outputs: &Outputs,
        options: &BundleOptions,
    ) -> (BTreeMap<String, Vec<u8>>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let record = &outputs.record;
        let mut groups = vec![self.sources(loaded)];
        groups.extend(diagnostics.ok(self.templates_of(&record.templates)));
        for dataset in &record.datasets {
            let found = self.dataset_files(&dataset.id.to_string(), dataset.included);
            groups.extend(diagnostics.ok(found));
        }
        let below = |path: &str| format!("{BUILD}/{}/{path}", record.report);
        let made = outputs.files.iter();
        groups.push(
            made.map(|(path, bytes)| (below(path), bytes.clone()))
                .collect(),
        );
        if options.with_run_log {
            let log = build::json_lines(&options.build.run_log);
            groups.push(BTreeMap::from([(below("run-log.json"), log)]));
        }
        if options.source {
            groups.push(own_source());
        }
        let mut payload: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (path, bytes) in groups.into_iter().flatten() {
            if payload.get(&path).is_some_and(|other| *other != bytes) {
                let message = format!("two different files of the bundle would be {path}");
                diagnostics.push(
                    Diagnostic::error("name-taken", message)
                        .help("give the dataset or codebook of that path another one"),
                );
            }
            payload.insert(path, bytes);
        }
        diagnostics.extend(changed(&payload, record.files()));
        (payload, diagnostics)
    }

    /// The datasets of the records with what is known of their columns.
    fn data<'a>(
        &'a self,
        records: &'a [DatasetRecord],
        opened: &'a [Arc<Dataset>],
    ) -> Vec<Data<'a>> {
        let data = |record: &'a DatasetRecord| {
            let dataset = opened.iter().find(|d| d.id() == &record.id)?;
            let entry = self.manifest.dataset(&record.id.name);
            Some(Data {
                record,
                description: entry.and_then(|d| d.description.as_deref()),
                schema: dataset.schema(),
                codebook: dataset.codebook(),
            })
        };
        records.iter().filter_map(data).collect()
    }

    /// The texts that were read: the manifest and the report's own files.
    fn sources(&self, loaded: &Loaded) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for source in loaded.sources() {
            files.insert(source.path.clone(), source.text.clone().into_bytes());
        }
        let manifest = self.manifest.source.text.clone().into_bytes();
        files.insert(FILE_NAME.to_owned(), manifest);
        files
    }

    /// The style's files and the fonts, the built-in ones among them.
    fn templates_of(
        &self,
        records: &[FileRecord],
    ) -> Result<BTreeMap<String, Vec<u8>>, Diagnostic> {
        let mut files = BTreeMap::new();
        for record in records {
            let path = record
                .path
                .strip_prefix("templates/")
                .unwrap_or(&record.path);
            let bytes = self.templates.read(path).ok().flatten().ok_or_else(|| {
                Diagnostic::machine("unreadable-file", format!("can't read {}", record.path))
            })?;
            files.insert(record.path.clone(), bytes);
        }
        Ok(files)
    }

    /// A dataset's codebook, and if it is included its file.
    fn dataset_files(
        &self,
        reference: &str,
        included: bool,
    ) -> Result<BTreeMap<String, Vec<u8>>, Diagnostic> {
        let resolved = self.manifest.resolve(reference, None)?;
        let mut files = BTreeMap::new();
        if let Some(codebook) = resolved.codebook()
            && let Some(source) = self.text(&codebook.value)?
        {
            files.insert(codebook.value.clone(), source.text.clone().into_bytes());
        }
        if included {
            let bytes = Dataset::verified_bytes(&self.root, &resolved)?;
            files.insert(resolved.version.path.value.clone(), bytes);
        }
        Ok(files)
    }

    /// Where the outputs differ from those that the last build wrote.
    fn differing(&self, report: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
        let folder = self.root.join(BUILD).join(report);
        if !folder.is_dir() {
            return Vec::new();
        }
        let differs = |(path, bytes): (&String, &Vec<u8>)| {
            let same = fs::read(folder.join(path)).is_ok_and(|old| old == *bytes);
            (!same).then(|| format!("{BUILD}/{report}/{path}"))
        };
        files.iter().filter_map(differs).collect()
    }

    /// Where the bundle of a report is written if nothing else is said: the place, and how it is called below the root.
    pub fn bundle_path(&self, report: &str) -> (PathBuf, String) {
        let path = format!("{BUILD}/{report}{}", bundle::ENDING);
        (self.root.join(&path), path)
    }
}

/// Writes a bundle: the whole of it or nothing.
pub fn write_bundle(path: &Path, zip: &[u8]) -> Result<(), Diagnostic> {
    let failed = |e: io::Error| {
        Diagnostic::machine("write", format!("can't write {}: {e}", path.display()))
            .help("check that the folder can be written to and that the disk is not full")
    };
    if path.is_dir() {
        let message = format!("{} is a folder", path.display());
        return Err(Diagnostic::error("output", message)
            .help("name the file that the bundle becomes, such as FOLDER/report.bundle.zip"));
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(zip).map_err(failed)?;
    readable_by_all(file.as_file()).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// A temporary file is the owner's alone; a bundle is to be passed on.
#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> io::Result<()> {
    Ok(())
}

/// The directives that show values of single rows.
const SHOWING_ROWS: [&str; 2] = ["listing", "query"];

/// Directives by which rows of restricted data come into the bundle after all: the report shows them.
fn rows_shown(
    prepared: &Prepared<'_>,
    loaded: &Loaded,
    datasets: &[DatasetRecord],
) -> Vec<Diagnostic> {
    let restricted = |id: &DatasetId| {
        let found = datasets.iter().find(|d| d.id == *id);
        found.is_some_and(|d| d.access == Access::Restricted)
    };
    let steps = prepared.plan.steps.iter();
    let showing = steps.filter(|p| SHOWING_ROWS.contains(&p.step.directive.as_str()));
    showing
        .filter_map(|planned| {
            let mut read = planned.step.inputs.iter().map(InputSpec::dataset);
            let id = read.find(|id| restricted(id))?;
            let directive = loaded.report.directives.get(planned.directive)?;
            let message = format!(
                "`{}` may show single rows of {id}, which is restricted: the bundle holds them in its outputs",
                planned.step.label
            );
            Some(
                Diagnostic::warning("restricted-rows", message)
                    .at(directive.label.span.clone())
                    .help("make sure that these values may be passed on, or show summaries"),
            )
        })
        .collect()
}

/// The folder of trialbook's own source in a bundle.
fn source_folder() -> String {
    format!("trialbook-{}", program::VERSION)
}

/// trialbook's own source with the built-in templates, in its folder.
fn own_source() -> BTreeMap<String, Vec<u8>> {
    let folder = source_folder();
    let templates = Templates::built_in_files().into_iter();
    let templates = templates.map(|(path, bytes)| (format!("templates/{path}"), bytes));
    program::source()
        .into_iter()
        .chain(templates)
        .map(|(path, bytes)| (format!("{folder}/{path}"), bytes.to_vec()))
        .collect()
}

/// Files that stand where the bundle has its own descriptions.
fn reserved(payload: &BTreeMap<String, Vec<u8>>) -> Vec<Diagnostic> {
    let own = [
        bundle::RECORD,
        bundle::README,
        bundle::CODECHECK,
        bundle::DATAPACKAGE,
    ];
    own.into_iter()
        .filter(|path| payload.contains_key(*path))
        .map(|path| {
            let message = format!("a bundle has a {path} of its own, and the manifest names one");
            Diagnostic::error("name-taken", message).help(
                "give the dataset or codebook of that path another one, such as below `data/`",
            )
        })
        .collect()
}

/// Names that can't be unpacked on every system.
fn unportable(report: &str, bag: &BTreeMap<String, Vec<u8>>) -> Vec<Diagnostic> {
    let paths = bag.keys().map(String::as_str);
    bundle::name::mistakes(paths.chain([report]))
        .into_iter()
        .map(|(path, why)| {
            let message = format!("`{}` can't go into a bundle: {why}", path.escape_debug());
            Diagnostic::error("unportable-name", message)
                .help("give it a name that can be unpacked on every system")
        })
        .collect()
}

/// Files whose bytes are no longer those that the record was made of: somebody changed them meanwhile.
fn changed<'a>(
    payload: &BTreeMap<String, Vec<u8>>,
    records: impl Iterator<Item = &'a FileRecord>,
) -> Vec<Diagnostic> {
    let other = |record: &&FileRecord| {
        payload
            .get(&record.path)
            .is_some_and(|bytes| program::sha256(bytes) != record.sha256)
    };
    records
        .filter(other)
        .map(|record| {
            let message = format!("{} was changed while the bundle was made", record.path);
            Diagnostic::broken("changed-meanwhile", message).help("run it again")
        })
        .collect()
}

/// The time inside all files.
fn time_of(loaded: &Loaded, options: &BundleOptions) -> BuildTime {
    let date = loaded.report.front.date.days_since_epoch();
    options
        .build
        .time
        .unwrap_or_else(|| BuildTime::from_days(date))
}

fn left_out(contents: &Contents<'_>) -> Vec<(String, Access)> {
    let datasets = contents.record.datasets.iter();
    datasets
        .filter(|d| !d.included)
        .map(|d| (d.id.to_string(), d.access))
        .collect()
}

/// The tables and figures with the numbers that the pages give them.
fn shown(outputs: &Outputs) -> Vec<Shown> {
    let document = &outputs.document;
    let (mut tables, mut figures) = (0, 0);
    let mut found = Vec::new();
    for block in document.summary.iter().chain(&document.body) {
        let (label, name) = match block {
            Block::Results { label, .. } => {
                tables += 1;
                (label, format!("Table {tables}"))
            }
            Block::Figure { label, .. } => {
                figures += 1;
                (label, format!("Figure {figures}"))
            }
            _ => continue,
        };
        found.push(Shown {
            label: label.clone(),
            name,
        });
    }
    found
}
