//! Puts the built admin UI (`admin-ui/dist`) into the binary, and into an optimised one what makes PDFs (`pdf/dist`). Without them the
//! server is built all the same, without Node, and says at `/admin` how to get it.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "a build script talks to cargo")]

use std::collections::HashSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let dist = root.join("../../admin-ui/dist");
    println!("cargo::rerun-if-changed=build.rs");
    watch(&dist);

    let mut names = Vec::new();
    if dist.join("index.html").is_file() {
        collect_files(&dist, &dist, &mut names);
    }
    leave_out_other_forms(&mut names);
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

/// Leaves out of what is built in each file that is there compressed with Brotli, and its form for gzip: the server makes both of it when a
/// client asks for them, which takes milliseconds, and is 7 MB smaller.
fn leave_out_other_forms(names: &mut Vec<(String, PathBuf)>) {
    let compressed: HashSet<String> =
        names.iter().filter_map(|(name, _)| name.strip_suffix(".br")).map(str::to_owned).collect();
    names.retain(|(name, _)| !compressed.contains(name.strip_suffix(".gz").unwrap_or(name)));
}

/// Returns the code of a constant with the program that makes PDFs, as `cargo xtask build --release` has packed it.
/// Not for debug builds: with symbols it is as large as all else.
fn pdf_program(root: &Path) -> String {
    let mut packed = None;
    if env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        let dist = root.join("../../pdf/dist");
        watch(&dist);
        packed = dist.join("cairn-pdf.zst").canonicalize().ok();
    }
    let value = packed.map_or("None".to_owned(), |path| format!("Some(include_bytes!({:?}))", path.display()));
    format!("const PACKED_PDF_PROGRAM: Option<&[u8]> = {value};\n")
}

/// Has this script run again when something in a folder changes. A folder that is not there would have it run, and with it the whole
/// server compiled, at every build; one that is younger than this run of the script, at the next.
fn watch(folder: &Path) {
    if !folder.exists() {
        let _ = fs::create_dir_all(folder);
        let _ = fs::File::open(folder).and_then(|handle| handle.set_modified(SystemTime::UNIX_EPOCH));
    }
    println!("cargo::rerun-if-changed={}", folder.display());
}

/// Every file below a folder: its name from the root on, and where it is.
fn collect_files(root: &Path, folder: &Path, names: &mut Vec<(String, PathBuf)>) {
    let entries = fs::read_dir(folder).expect("a folder that is there can be read");
    for path in entries.map(|entry| entry.expect("an entry can be read").path()) {
        if path.is_dir() {
            collect_files(root, &path, names);
        } else {
            let name = path.strip_prefix(root).expect("it was found there").to_string_lossy().replace('\\', "/");
            names.push((name, path.canonicalize().expect("a file that is there has a path")));
        }
    }
}
