//! How long a whole build takes: cold (nothing stored), warm (all results stored), and `check`.
//!
//! `cargo bench --bench build`. The project is a copy of this one in a temporary folder. The warm build and the check
//! are to be read as ratios to the cold build of the same run.

use std::fs;
use std::path::Path;

use divan::Bencher;
use tempfile::TempDir;
use trialbook::project::{BuildOptions, Project, RunLog};
use walkdir::WalkDir;

const REPORT: &str = "beat-the-blues";

fn main() {
    divan::main();
}

/// A copy of the parts of this project that a build reads.
fn copy() -> TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    for part in ["data", "reports", "data-manifest.toml"] {
        for entry in WalkDir::new(root.join(part)) {
            let entry = entry.expect("a readable entry");
            let target = folder
                .path()
                .join(entry.path().strip_prefix(root).expect("below the root"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(&target).expect("a folder");
            } else {
                fs::copy(entry.path(), &target).expect("a file");
            }
        }
    }
    folder
}

fn build(folder: &TempDir) {
    let (project, _) = Project::open(Some(folder.path()), folder.path());
    let project = project.expect("a project");
    let options = BuildOptions {
        time: None,
        run_log: RunLog {
            started: None,
            system: String::new(),
            architecture: String::new(),
            processor: None,
            threads: 1,
            user: None,
        },
    };
    let built = project.build(&project.prepare(REPORT), &options, &|_| {});
    assert!(built.pdf.is_some(), "the report builds");
}

#[divan::bench(sample_count = 10)]
fn cold(bencher: Bencher) {
    bencher.with_inputs(copy).bench_refs(|folder| build(folder));
}

#[divan::bench(sample_count = 10)]
fn warm(bencher: Bencher) {
    let folder = copy();
    build(&folder);
    bencher.bench_local(|| build(&folder));
}

#[divan::bench(sample_count = 10)]
fn check(bencher: Bencher) {
    let folder = copy();
    build(&folder);
    bencher.bench_local(|| {
        let (project, _) = Project::open(Some(folder.path()), folder.path());
        let diagnostics = project.expect("a project").check(REPORT);
        assert!(!diagnostics.has_errors());
    });
}
