//! Templates are embedded with `include_dir!`, which does not notice new files by itself.

fn main() {
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=build.rs");
}
