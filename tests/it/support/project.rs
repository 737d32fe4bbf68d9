//! Small projects on disk, datasets from texts, and diagnostics as an author sees them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use trialbook::dataset::{Codebook, Dataset, DatasetId, Keep, digest};
use trialbook::diagnostic::{Diagnostics, Source};
use trialbook::manifest::Manifest;

/// All diagnostics as text, in their order, each as a person reads it.
pub fn rendered(diagnostics: &Diagnostics) -> String {
    let texts = diagnostics.iter().map(|d| d.render(false));
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The id of datasets that tests make.
pub fn trial() -> DatasetId {
    DatasetId {
        name: "trial".to_owned(),
        version: "1.0.0".to_owned(),
    }
}

/// A dataset of the bytes of a file of that name, with a codebook's text if it has one.
pub fn read(path: &str, bytes: &[u8], codebook: Option<&str>) -> (Option<Dataset>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let codebook = codebook.map(|text| {
        let (codebook, found) = Codebook::parse(&Source::new("data/codebook.toml", text));
        diagnostics.extend(found);
        codebook
    });
    let (dataset, found) = Dataset::from_bytes(trial(), path, bytes, codebook);
    diagnostics.extend(found);
    (dataset, diagnostics)
}

/// A dataset of a CSV text without a codebook, about which there is nothing to say.
pub fn csv(text: &str) -> Dataset {
    let (dataset, diagnostics) = read("data/trial.csv", text.as_bytes(), None);
    assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
    dataset.unwrap()
}

/// What is said about a CSV text.
pub fn complaints(text: &str, codebook: Option<&str>) -> String {
    let (dataset, diagnostics) = read("data/trial.csv", text.as_bytes(), codebook);
    assert_eq!(dataset.is_none(), diagnostics.has_errors());
    rendered(&diagnostics)
}

/// A project in a temporary folder with one dataset, `trial@1.0.0`, in `data/trial.csv`.
pub struct Project {
    /// The folder.
    pub root: TempDir,
}

impl Project {
    /// The project; the manifest promises exactly `bytes`.
    pub fn new(bytes: &[u8]) -> Self {
        let root = TempDir::new().unwrap();
        let project = Self { root };
        project.write("data/trial.csv", bytes);
        let manifest = format!(
            "[project]\nname = \"Test\"\n\n[[dataset]]\nname = \"trial\"\n\n[[dataset.version]]\nversion = \"1.0.0\"\n\
             path = \"data/trial.csv\"\nsha256 = \"{}\"\nbytes = {}\n",
            digest(bytes),
            bytes.len()
        );
        project.write("data-manifest.toml", manifest.as_bytes());
        project
    }

    /// Writes a file.
    pub fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Changes the manifest's text.
    pub fn edit_manifest(&self, from: &str, to: &str) {
        let path = self.path().join("data-manifest.toml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// The root folder.
    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// Opens `trial@1.0.0`.
    pub fn open(&self) -> (Option<Dataset>, Diagnostics) {
        let (manifest, diagnostics) = Manifest::load(self.path()).unwrap();
        assert!(diagnostics.is_empty(), "{}", rendered(&diagnostics));
        let resolved = manifest.resolve("trial@1.0.0", None).unwrap();
        Dataset::open(self.path(), &resolved)
    }

    /// Opens `trial@1.0.0`, keeping none of it in memory.
    pub fn open_large(&self) -> (Option<Dataset>, Diagnostics) {
        let (manifest, _) = Manifest::load(self.path()).unwrap();
        let resolved = manifest.resolve("trial@1.0.0", None).unwrap();
        let keep = Keep {
            bytes: 0,
            values: 0,
        };
        Dataset::open_keeping(self.path(), &resolved, keep)
    }
}
