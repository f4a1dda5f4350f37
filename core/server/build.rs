//! Puts the built admin UI (`admin-ui/dist`) into the binary, and into an optimised one what makes PDFs (`pdf/dist`). Without them the
//! server is built all the same, without Node, and says at `/admin` how to get it.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a build script talks to cargo")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = root.join("../../admin-ui/dist");
    // A watched folder that is not there would have this script, and with it the whole server, run again at every build.
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());

    let mut names = Vec::new();
    if dist.join("index.html").is_file() {
        collect(&dist, &dist, &mut names);
    }
    names.sort();
    let mut code = String::from("pub(super) static EMBEDDED: &[(&str, &[u8])] = &[\n");
    for (name, path) in names {
        writeln!(code, "    ({name:?}, include_bytes!({:?})),", path.display()).expect("a string takes it");
    }
    code.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("admin_ui.rs"), code).expect("the output folder takes files");
    fs::write(out.join("pdf_program.rs"), pdf_program(&root)).expect("the output folder takes files");
}

/// What makes PDFs, as `cargo xtask build --release` has packed it. Not for debug builds: with symbols it is as large as all else.
fn pdf_program(root: &Path) -> String {
    let dist = root.join("../../pdf/dist");
    let _ = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    let packed = dist.join("cairn-pdf.zst").canonicalize().ok();
    let packed = packed.filter(|_| env::var("PROFILE").is_ok_and(|profile| profile == "release"));
    let value = packed.map_or("None".to_owned(), |path| format!("Some(include_bytes!({:?}))", path.display()));
    format!("const PACKED_PDF_PROGRAM: Option<&[u8]> = {value};\n")
}

/// Every file below a folder: its name from the root on, and where it is.
fn collect(root: &Path, folder: &Path, names: &mut Vec<(String, PathBuf)>) {
    let entries = fs::read_dir(folder).expect("a folder that is there can be read");
    for path in entries.map(|entry| entry.expect("an entry can be read").path()) {
        if path.is_dir() {
            collect(root, &path, names);
        } else {
            let name = path.strip_prefix(root).expect("it was found there").to_string_lossy().replace('\\', "/");
            names.push((name, path.canonicalize().expect("a file that is there has a path")));
        }
    }
}
