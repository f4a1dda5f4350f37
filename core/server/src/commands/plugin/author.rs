//! What authors do with a plugin's folder: check it, pack it, make a key.

use super::{listed, say};
use crate::wiring::Failure;
use cairn_plugin_package::any_error;
use cairn_plugin_package::package::{Files, Package, check_files, file_name, pack};
use cairn_plugin_package::sign::KeyPair;
use std::path::{Path, PathBuf};

/// What of a folder goes into a package.
pub(super) fn files(folder: &Path) -> Result<Files, Failure> {
    cairn_plugin_author::folder::files(folder).map_err(|e| Failure(e.to_string()))
}

/// `cairn plugin check`.
pub(super) fn check(folder: &Path) -> Result<(), Failure> {
    let problems = check_files(&files(folder)?);
    if any_error(&problems) {
        return Err(Failure(format!("{} has problems:\n{}", folder.display(), listed(&problems))));
    }
    if !problems.is_empty() {
        say(listed(&problems));
    }
    say("ok");
    Ok(())
}

/// `cairn plugin pack`.
pub(super) fn packed(folder: &Path, key: Option<&Path>, out: &Path) -> Result<(), Failure> {
    pack_into(folder, key, out).map(|place| say(place.display()))
}

/// Packs a folder, and says where the package is.
pub(super) fn pack_into(folder: &Path, key: Option<&Path>, out: &Path) -> Result<PathBuf, Failure> {
    let at = |path: &Path, e: &dyn std::fmt::Display| Failure(format!("{}: {e}", path.display()));
    let files = files(folder)?;
    let problems = check_files(&files);
    if any_error(&problems) {
        return Err(Failure(format!("{} was not packed:\n{}", folder.display(), listed(&problems))));
    }
    let key = match key {
        None => None,
        Some(path) => {
            let line = std::fs::read_to_string(path).map_err(|e| at(path, &e))?;
            Some(KeyPair::from_secret_line(&line).map_err(|e| at(path, &e))?)
        }
    };
    let bytes = pack(&files, key.as_ref()).map_err(|e| at(folder, &e))?;
    let manifest =
        Package::read(&bytes, &cairn_plugin_package::package::Limits::default()).map_err(|e| at(folder, &e))?;
    let place = out.join(file_name(manifest.manifest()));
    std::fs::write(&place, bytes).map_err(|e| at(&place, &e))?;
    Ok(place)
}

/// `cairn plugin key`.
pub(super) fn key(file: &Path) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let at = |e: std::io::Error| Failure(format!("{}: {e}", file.display()));
    let key = KeyPair::generate();
    // A key that is there is not written over.
    let mut place = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(at)?;
    writeln!(place, "{}", key.secret_line()).map_err(at)?;
    say(key.public());
    Ok(())
}
