//! Hashing of data beside `sha256sum` on the same file, in the same run.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use trialbook::dataset::{Dataset, Keep, digest};
use trialbook::manifest::Manifest;

const BYTES: usize = 256 << 20;

/// A project whose one file is this long, and has nothing that could be read as a table.
struct Project {
    root: tempfile::TempDir,
    bytes: Vec<u8>,
}

impl Project {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        // Not all the same, so that no file system stores it as a hole.
        let bytes: Vec<u8> = (0..BYTES)
            .map(|i| ((i * i) >> 7).to_le_bytes()[0])
            .collect();
        let mut file = File::create(root.path().join("x.csv")).expect("a file");
        file.write_all(&bytes).expect("space on the disk");
        let manifest = format!(
            "[[dataset]]\nname = \"x\"\n[[dataset.version]]\nversion = \"1.0.0\"\npath = \"x.csv\"\n\
             sha256 = \"{}\"\nbytes = {BYTES}\n",
            digest(&bytes)
        );
        fs::write(root.path().join("data-manifest.toml"), manifest).expect("a manifest");
        Self { root, bytes }
    }

    fn file(&self) -> PathBuf {
        self.root.path().join("x.csv")
    }
}

fn main() {
    divan::main();
}

/// The bytes of a file that is in memory.
#[divan::bench(sample_count = 5)]
fn bytes(bencher: Bencher) {
    let project = Project::new();
    bencher
        .counter(BytesCount::new(BYTES))
        .bench(|| digest(black_box(&project.bytes)));
}

/// A large file: its digest, and those of its blocks.
#[divan::bench(sample_count = 5)]
fn large_file(bencher: Bencher) {
    let project = Project::new();
    let root = project.root.path();
    let (manifest, _) = Manifest::load(root).expect("the manifest");
    let version = manifest.resolve("x@1.0.0", None).expect("the dataset");
    let keep = Keep {
        bytes: 0,
        values: 0,
    };
    bencher
        .counter(BytesCount::new(BYTES))
        // Verified, and then refused: its first bytes are no text.
        .bench(|| Dataset::open_keeping(root, &version, keep).0.is_none());
}

/// The peer, process and all.
#[divan::bench(sample_count = 5)]
fn sha256sum(bencher: Bencher) {
    let project = Project::new();
    bencher.counter(BytesCount::new(BYTES)).bench(|| {
        let ended = Command::new("sha256sum")
            .arg(project.file())
            .stdout(Stdio::null())
            .status();
        assert!(ended.expect("sha256sum").success());
    });
}
