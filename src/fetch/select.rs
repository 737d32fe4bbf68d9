//! Which versions are meant.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Manifest, Resolved};

/// The versions that are to be fetched: those named as `name@version`; of those named as `name`, and of all if none is
/// named, the versions that have a source. Each stands there once.
pub fn select<'a>(manifest: &'a Manifest, names: &[String]) -> (Vec<Resolved<'a>>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut found: Vec<Resolved<'a>> = Vec::new();
    let mut add = |resolved: Resolved<'a>| {
        if !found
            .iter()
            .any(|f| std::ptr::eq(f.version, resolved.version))
        {
            found.push(resolved);
        }
    };
    if names.is_empty() {
        manifest
            .all()
            .filter(|r| r.version.source.is_some())
            .for_each(&mut add);
    }
    for name in names {
        if name.contains('@') {
            diagnostics
                .ok(manifest.resolve(name, None))
                .into_iter()
                .for_each(&mut add);
            continue;
        }
        let mut any = false;
        for resolved in manifest.all().filter(|r| r.dataset.name.value == *name) {
            if resolved.version.source.is_some() {
                any = true;
                add(resolved);
            }
        }
        if !any {
            diagnostics.push(nothing(manifest, name));
        }
    }
    (found, diagnostics)
}

fn nothing(manifest: &Manifest, name: &str) -> Diagnostic {
    let Some(dataset) = manifest.dataset(name) else {
        let message = format!("the manifest has no dataset `{name}`");
        let known = manifest.datasets.iter().map(|d| d.name.as_str());
        return Diagnostic::error("unknown-dataset", message).suggest(name, known);
    };
    let message = format!("no version of `{name}` says where it can be fetched from");
    let mut diagnostic = Diagnostic::error("no-source", message).at(dataset.name.span.clone());
    if let Some(apply) = &dataset.terms.apply {
        diagnostic = diagnostic.help(format!("how to apply for it: {}", apply.value));
    }
    diagnostic.help("write `source = \"https://…\"` into a version")
}
