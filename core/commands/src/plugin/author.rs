//! Commands for authors on a plugin's folder: check it, pack it, make a key.

use super::errors::format_problems;
use super::print_line;
use cairn_app::OperatorError;
use cairn_app::project_files::write_file;
use cairn_plugin_author::types;
use cairn_plugin_package::has_errors;
use cairn_plugin_package::package::{Package, PackageFiles, author_hints, check_files, file_name, pack};
use cairn_plugin_package::sign::KeyPair;
use std::path::{Path, PathBuf};

/// Reads the files of a folder that go into a package.
pub(super) fn package_files(folder: &Path) -> Result<PackageFiles, OperatorError> {
    cairn_plugin_author::folder::read_files(folder).map_err(|e| OperatorError(e.to_string()))
}

/// `cairn plugin check`.
pub(super) fn check_package(folder: &Path) -> Result<(), OperatorError> {
    let files = package_files(folder)?;
    let mut problems = check_files(&files);
    if has_errors(&problems) {
        return Err(OperatorError(format!("{} has problems:\n{}", folder.display(), format_problems(&problems))));
    }
    check_schemas(folder)?;
    problems.extend(author_hints(&files));
    if !problems.is_empty() {
        print_line(format_problems(&problems));
    }
    print_line("ok");
    Ok(())
}

/// Refuses content types that no project could load.
fn check_schemas(folder: &Path) -> Result<(), OperatorError> {
    let problems = types::check_schemas(folder).map_err(|e| OperatorError(e.to_string()))?;
    if problems.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    Err(OperatorError(format!("{} has problems:\n{}", folder.display(), lines.join("\n"))))
}

/// `cairn plugin pack`.
pub(super) fn pack_folder(folder: &Path, key: Option<&Path>, out: &Path) -> Result<(), OperatorError> {
    pack_into(folder, key, out).map(|place| print_line(place.display()))
}

/// Packs a folder, and says where the package is.
pub(super) fn pack_into(folder: &Path, key: Option<&Path>, out: &Path) -> Result<PathBuf, OperatorError> {
    let at = |path: &Path, e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", path.display()));
    let files = package_files(folder)?;
    let problems = check_files(&files);
    if has_errors(&problems) {
        return Err(OperatorError(format!("{} was not packed:\n{}", folder.display(), format_problems(&problems))));
    }
    check_schemas(folder)?;
    let key = match key {
        None => None,
        Some(path) => {
            let line = std::fs::read_to_string(path).map_err(|e| at(path, &e))?;
            Some(KeyPair::from_secret_line(&line).map_err(|e| at(path, &e))?)
        }
    };
    let bytes = pack(&files, key.as_ref()).map_err(|e| at(folder, &e))?;
    let manifest =
        Package::read(&bytes, &cairn_plugin_package::package::PackageLimits::default()).map_err(|e| at(folder, &e))?;
    let place = out.join(file_name(manifest.manifest()));
    write_file(&place, &bytes)?;
    Ok(place)
}

/// `cairn plugin key`.
pub(super) fn create_key_file(file: &Path) -> Result<(), OperatorError> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let at = |e: std::io::Error| OperatorError(format!("{}: {e}", file.display()));
    let key = KeyPair::generate();
    // A key that is there is not written over.
    let mut place = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(at)?;
    writeln!(place, "{}", key.secret_line()).map_err(at)?;
    print_line(key.public());
    Ok(())
}
