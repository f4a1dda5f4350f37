//! `cargo xtask pdf`: the program that makes PDFs, `pdf/`, in `target/tools/`.
//!
//! It is a cargo workspace of its own: with the server's, its dependencies would change the features of two hundred crates that both have.

use crate::{paths, prerequisites, process};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable by which servers and tests find the program.
pub(crate) const PROGRAM_VARIABLE: &str = "CAIRN_PLUGINS_PDF";
/// Name of the program.
const PROGRAM_NAME: &str = "cairn-pdf";
/// How hard it is packed: some seconds, once a release.
const PACKED_LEVEL: i32 = 19;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build the optimised release build
    #[arg(long)]
    release: bool,
}

/// Builds it and says where it is. Returns an error if the compiler is missing or the build fails.
pub(crate) fn run(args: Args) -> Result<()> {
    println!("{}", build_program(args.release)?.display());
    Ok(())
}

/// Builds it, puts it where tests look for it, and returns its path. Returns an error if the compiler is missing or the build fails.
pub(crate) fn build_program(release: bool) -> Result<PathBuf> {
    prerequisites::require_tools(&[prerequisites::CC])?;
    let mut build = cargo_command("build");
    if release {
        build.arg("--release");
    }
    process::run_checked(&mut build)?;
    let built = target_folder().join(if release { "release" } else { "debug" }).join(PROGRAM_NAME);
    copy_program(&built, &paths::target_folder().join("tools"))
}

/// Puts it beside a server in a debug build, where that looks for it.
///
/// # Errors
/// As [`build_program`], and when it cannot be copied.
pub(crate) fn copy_beside(server: &Path) -> Result<()> {
    let folder = server.parent().context("the server binary is not in a folder")?;
    copy_program(&build_program(false)?, folder).map(drop)
}

/// Where [`copy_beside`] puts it.
pub(crate) fn place_beside(server: &Path) -> PathBuf {
    server.with_file_name(PROGRAM_NAME)
}

/// Packs it, optimised, to where the build of an optimised server takes it from (`core/app/build.rs`).
///
/// # Errors
/// As [`build_program`], and when it cannot be written.
pub(crate) fn pack_program() -> Result<()> {
    let bytes = std::fs::read(build_program(true)?)?;
    let packed = zstd::encode_all(&bytes[..], PACKED_LEVEL)?;
    let dist = paths::repository_root().join("pdf/dist");
    let file = dist.join("cairn-pdf.zst");
    // The same again would have the server built again.
    if std::fs::read(&file).ok().as_deref() != Some(&packed[..]) {
        std::fs::create_dir_all(&dist)?;
        std::fs::write(&file, packed).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// Cargo in its workspace; `what` is to be done.
pub(crate) fn cargo_command(subject: &str) -> Command {
    let mut cargo = process::cargo_command();
    cargo
        .current_dir(paths::repository_root().join("pdf"))
        .args([subject, "--quiet", "--locked", "--target-dir"])
        .arg(target_folder());
    cargo
}

fn target_folder() -> PathBuf {
    paths::target_folder().join("pdf")
}

fn copy_program(program: &Path, folder: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let place = folder.join(PROGRAM_NAME);
    // By way of another name: one that runs cannot be written over. Of its own for each process: suites run beside one another.
    let half = folder.join(format!(".{PROGRAM_NAME}.{}", std::process::id()));
    std::fs::copy(program, &half).with_context(|| format!("cannot copy {}", program.display()))?;
    std::fs::rename(&half, &place).with_context(|| format!("cannot write {}", place.display()))?;
    Ok(place)
}
