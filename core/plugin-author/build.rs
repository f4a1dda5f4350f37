//! Puts the guest library, with the contract it is made of, into the program: an author needs no copy of this repository.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a build script talks to cargo")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Paths of `plugins/` that are embedded, for each language.
const EMBEDDED_PATHS: [(&str, &[&str]); 3] = [
    ("RUST", &["Cargo.toml", "sdk/Cargo.toml", "sdk/src", "wit/v0.1"]),
    (
        "TYPESCRIPT",
        &[
            "kit/cairn-kit.d.ts",
            "kit/cairn-kit.js",
            "sdk-js/bin",
            "sdk-js/build",
            "sdk-js/src",
            "sdk-js/package.json",
            "sdk-js/tsconfig.frame.json",
            "sdk-js/tsconfig.plugin.json",
            "wit/v0.1",
        ],
    ),
    ("PYTHON", &["sdk-py/cairn_plugin", "sdk-py/cairn_plugin_py.py", "sdk-py/requirements.txt", "wit/v0.1"]),
];

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let plugins = root.join("../../plugins");
    println!("cargo::rerun-if-changed=build.rs");
    let mut code = String::new();
    for (language, paths) in EMBEDDED_PATHS {
        let mut names = Vec::new();
        for part in paths {
            let place = plugins.join(part);
            println!("cargo::rerun-if-changed={}", place.display());
            collect_files(&plugins, &place, &mut names);
        }
        names.sort();
        writeln!(code, "pub(super) static {language}: &[(&str, &str)] = &[").expect("a string takes it");
        for (name, path) in names {
            writeln!(code, "    ({name:?}, include_str!({:?})),", path.display()).expect("a string takes it");
        }
        code.push_str("];\n");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("sdk.rs"), code).expect("the output folder takes files");
}

/// A file, or every file below a folder: its name from the root on, and where it is.
fn collect_files(root: &Path, place: &Path, names: &mut Vec<(String, PathBuf)>) {
    if place.is_dir() {
        let entries = fs::read_dir(place).expect("a folder that is there can be read");
        for entry in entries {
            let path = entry.expect("an entry can be read").path();
            // Python's own byte code is not part of the SDK.
            if !path.ends_with("__pycache__") {
                collect_files(root, &path, names);
            }
        }
        return;
    }
    let name = place.strip_prefix(root).expect("it was found there").to_string_lossy().replace('\\', "/");
    names.push((name, place.canonicalize().expect("a file that is there has a path")));
}
