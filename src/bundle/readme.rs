//! README.md: what is in the bundle, what is not, and how to check it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::markdown::{code, line};
use super::{Contents, availability};
use crate::manifest::Access;
use crate::provenance::{DatasetRecord, FileRecord, StepRecord};
use crate::time::BuildTime;

/// The text; `files` are those of the payload but this one and the record.
pub(super) fn text(contents: &Contents<'_>, files: &[FileRecord]) -> String {
    let sections = [
        head(contents),
        check(contents),
        availability::section(contents),
        data(contents),
        numbers(contents),
        seeds(contents),
        listed(contents, files),
        statistics(contents),
    ];
    let mut text = sections.join("\n");
    // Whatever an author wrote, it ends as a text file does.
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn head(contents: &Contents<'_>) -> String {
    let record = contents.record;
    let mut text = format!("# {}\n\n", line(&record.title));
    for author in &record.authors {
        let _ = write!(text, "- {}", line(&author.name));
        if let Some(degrees) = &author.degrees {
            let _ = write!(text, ", {}", line(degrees));
        }
        if let Some(affiliation) = &author.affiliation {
            let _ = write!(text, ", {}", line(affiliation));
        }
        if let Some(orcid) = &author.orcid {
            let _ = write!(text, " (https://orcid.org/{orcid})");
        }
        text.push('\n');
    }
    if !record.authors.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "This is the bundle of the report {}: its text, its data as far as they may be passed on, its results at full\n\
         precision, and the record of how each number came about. It was made by trialbook {}; every time in it is {},\n\
         the report's own.",
        code(&record.report),
        record.version,
        record.time
    );
    let simulated: Vec<&DatasetRecord> = record
        .datasets
        .iter()
        .filter(|d| d.simulated.is_some())
        .collect();
    if !simulated.is_empty() {
        text.push_str(
            "\n**Some of the data are simulated: nobody measured them in patients.**\n\n",
        );
        for dataset in simulated {
            let how = dataset.simulated.as_ref().and_then(|s| s.how.as_deref());
            let how = how.map_or_else(|| "The manifest does not say how.".to_owned(), line);
            let _ = writeln!(text, "- {}: {how}", code(&dataset.id.to_string()));
        }
    }
    text
}

fn check(contents: &Contents<'_>) -> String {
    let record = contents.record;
    let epoch = if BuildTime::from_days(contents.front.date.days_since_epoch()) == contents.time {
        String::new()
    } else {
        format!("SOURCE_DATE_EPOCH={} ", contents.time.seconds())
    };
    let mut text = format!(
        "## Checking this bundle\n\n\
         `trialbook verify` checks every digest, computes every analysis again from the data, and compares each number\n\
         and each file. It takes the zip file, or the folder into which that was unpacked (the one with `bagit.txt`):\n\n\
         ```console\n$ trialbook verify {archive}\n```\n\n\
         Without it: the bag is checked by any BagIt tool (`bagit.py --validate {name}`), or by\n\
         `cd {name} && sha256sum -c manifest-sha256.txt`. `data/` is a project of trialbook, in which\n\n\
         ```console\n$ cd {name}/data\n$ {epoch}trialbook build {name}\n```\n\n\
         makes all files of `build/{name}/` again.\n\n\
         What is needed:\n\n\
         - trialbook {version}, whose source has the SHA-256 `{digest}`\n  \
         (`trialbook --version` prints the version; the digest is over the paths and contents of `src/` and `Cargo.lock`).\n  \
         Another version may print other digits; `verify` says which.\n",
        name = word(&record.report),
        archive = word(&format!("{}{}", record.report, super::ENDING)),
        version = record.version,
        digest = record.source_digest,
    );
    text.push_str(&program(contents));
    let absent: Vec<String> = record
        .datasets
        .iter()
        .filter(|d| !d.included)
        .map(|d| code(&d.file.path))
        .collect();
    if !absent.is_empty() {
        let _ = writeln!(
            text,
            "- The data that are not in the bundle, at their places below `data/`: {}. How to get them stands below.\n  \
             Until then the numbers that depend on them can be read but not computed again.",
            absent.join(", ")
        );
    }
    text.push_str(
        "- Nothing else: fonts and templates are in the bundle, and no network is used.\n",
    );
    text
}

/// A word of a command line, as a POSIX shell takes it.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn program(contents: &Contents<'_>) -> String {
    match contents.source {
        Some(folder) => format!(
            "- The program's source is in `data/{folder}/`. With Rust 1.95 or later and a C linker,\n  \
             `cargo build --locked --release` in that folder builds it. `Cargo.lock` names every library that it uses\n  \
             with its checksum; the libraries themselves are not in the bundle: cargo takes them from a registry (crates.io)\n  \
             or from a folder that `cargo vendor` has made.\n"
        ),
        None => "- The program's source is not in this bundle; `trialbook bundle --source` puts it in.\n".to_owned(),
    }
}

fn data(contents: &Contents<'_>) -> String {
    let datasets = &contents.record.datasets;
    if datasets.is_empty() {
        return "## Data\n\nThe report uses no data.\n".to_owned();
    }
    let mut text = String::from("## Data\n");
    for dataset in datasets {
        let _ = write!(
            text,
            "\n### {} ({})\n\n",
            line(&dataset.title),
            code(&dataset.id.to_string())
        );
        let file = format!(
            "{} ({} bytes, SHA-256 `{}`)",
            code(&dataset.file.path),
            dataset.file.bytes,
            dataset.file.sha256
        );
        let place = match (dataset.access, dataset.included) {
            (Access::Restricted, _) => {
                format!("**Restricted: not in this bundle.** It would be {file}.")
            }
            (_, true) => format!("In this bundle: {file}."),
            (_, false) => format!("**To be fetched: not in this bundle.** It belongs at {file}."),
        };
        let _ = writeln!(text, "- {place}");
        if let Some(apply) = &dataset.apply {
            let _ = writeln!(text, "- How to apply: {}", line(apply));
        }
        if let Some(source) = &dataset.source {
            let _ = writeln!(text, "- Source: <{source}>");
        }
        if let Some(homepage) = &dataset.homepage {
            let _ = writeln!(text, "- About it: <{homepage}>");
        }
        let license = dataset
            .license
            .as_deref()
            .map_or_else(|| "not stated".to_owned(), line);
        let _ = writeln!(text, "- Licence: {license}");
        match &dataset.codebook {
            Some(codebook) => {
                let _ = writeln!(text, "- Codebook: {}", code(&codebook.path));
            }
            None => text.push_str("- Codebook: none\n"),
        }
        if let Some(simulated) = &dataset.simulated {
            let how = simulated
                .how
                .as_deref()
                .map_or_else(|| "made up".to_owned(), line);
            let _ = writeln!(text, "- Simulated: {how}");
        }
    }
    if !contents.to_fetch().is_empty() {
        text.push_str(
            "\n`fetch.txt` lists what has to be fetched; until it is there, BagIt tools call the bag incomplete.\n",
        );
    }
    text
}

/// Tables, figures and the other directives: where each is written, and what it is made of.
fn numbers(contents: &Contents<'_>) -> String {
    let record = contents.record;
    let mut text = String::from(
        "## Where the numbers come from\n\n\
         Each directive of the report computes the statistics whose ids begin with its label; their ids stand at the end.\n\n\
         | shown as | directive | written at | statistics | data | builds on |\n|---|---|---|---|---|---|\n",
    );
    let path = record
        .sources
        .first()
        .map_or("report.md", |s| s.path.as_str());
    for step in &record.steps {
        let label = &step.step.label;
        let shown = contents.shown.iter().find(|s| s.label == *label);
        let count = contents
            .results
            .iter()
            .filter(|s| s.key.label == *label)
            .count();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} of {} | {} | {} |",
            shown.map_or("not shown as such", |s| s.name.as_str()),
            code(&step.step.directive),
            code(&format!("{path}:{}", step.line)),
            count,
            code(&format!("{label}/…")),
            or_none(&datasets_of(step)),
            or_none(&step.step.upstream),
        );
    }
    text
}

fn datasets_of(step: &StepRecord) -> Vec<String> {
    let names: BTreeSet<String> = step
        .step
        .inputs
        .iter()
        .map(|i| i.dataset().to_string())
        .collect();
    names.into_iter().collect()
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() {
        return "none".to_owned();
    }
    let names: Vec<String> = names.iter().map(|n| code(n)).collect();
    names.join(", ")
}

fn seeds(contents: &Contents<'_>) -> String {
    let mut text = format!(
        "## Seeds\n\nThe report's seed is {}. From it and a step's label comes the step's own:\n\n| step | seed |\n|---|---|\n",
        contents.front.seed.value
    );
    for step in &contents.record.steps {
        let _ = writeln!(text, "| {} | {} |", code(&step.step.label), step.step.seed);
    }
    text
}

fn listed(contents: &Contents<'_>, files: &[FileRecord]) -> String {
    let mut text = format!(
        "## Files\n\nPaths below `data/`. Besides these there are this file and `{}`, the record of the run as\n\
         RO-Crate; the digests of both are in `manifest-sha256.txt`.{}\n\n| file | bytes | SHA-256 |\n|---|---|---|\n",
        super::RECORD,
        if contents.run_log {
            " `run-log.json` tells when and on\nwhat machine this bundle was made; nothing else depends on it."
        } else {
            ""
        },
    );
    for file in files {
        let _ = writeln!(
            text,
            "| {} | {} | `{}` |",
            code(&file.path),
            file.bytes,
            file.sha256
        );
    }
    text
}

fn statistics(contents: &Contents<'_>) -> String {
    let mut text = format!(
        "## Statistics\n\nEvery id of `build/{}/results.json`, by directive.\n",
        contents.record.report
    );
    for step in &contents.record.steps {
        let label = &step.step.label;
        let own = contents.results.iter().filter(|s| s.key.label == *label);
        let ids: Vec<String> = own.map(|s| s.id().as_str().to_owned()).collect();
        let _ = write!(text, "\n### {}\n\n", code(label));
        if ids.is_empty() {
            text.push_str("None.\n");
        }
        for id in ids {
            let _ = writeln!(text, "    {}", id.replace(['\n', '\r'], " "));
        }
    }
    text
}
