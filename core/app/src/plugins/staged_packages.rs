//! Packages that were uploaded and not yet installed: stored in the tenant's data for an hour.

use super::install::unreadable_refusals;
use super::{consent::Refusals, packages};
use crate::config::Config;
use cairn_plugin_package::package::{Package, PackageLimits};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long packages are stored.
const STAGED_RETENTION: Duration = Duration::from_secs(3_600);
/// Largest number of stored packages; the oldest is deleted for another one.
const MAX_STAGED_PACKAGES: usize = 8;

/// Why a package is not stored.
#[derive(Debug)]
pub enum StagingError {
    /// The upload is not a package: path and message of each problem.
    Refused(Refusals),
    /// Storing failed.
    Failed(String),
}

fn staging_folder(config: &Config, tenant: &str) -> PathBuf {
    config.tenant_folder(tenant).join("plugin-packages")
}

/// The path of a package, by its digest; `None` for an invalid digest.
fn staged_path(config: &Config, tenant: &str, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_digest.then(|| staging_folder(config, tenant).join(digest))
}

/// Stores an uploaded package. Blocks. The error lists every problem of the package.
pub fn stage_package(config: &Config, tenant: &str, bytes: &[u8]) -> Result<Package, StagingError> {
    let failed = |e: std::io::Error| StagingError::Failed(format!("cannot store the package: {e}"));
    let package = Package::read(bytes, &PackageLimits::default())
        .map_err(|problem| StagingError::Refused(unreadable_refusals(&problem)))?;
    let problems = super::install::to_refusals(&package.check(), cairn_plugin_package::Severity::Error);
    if !problems.is_empty() {
        return Err(StagingError::Refused(problems));
    }
    let folder = staging_folder(config, tenant);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    sweep_staged(&folder, MAX_STAGED_PACKAGES - 1).map_err(failed)?;
    let file = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
    std::fs::write(file.path(), bytes).map_err(failed)?;
    file.persist(folder.join(package.digest().to_string())).map_err(|e| failed(e.error))?;
    Ok(package)
}

/// A stored package with its bytes; `None` where it has been deleted. Blocks. Returns an error if it cannot be read.
pub fn find_staged(config: &Config, tenant: &str, digest: &str) -> Result<Option<(Package, Vec<u8>)>, String> {
    let Some(place) = staged_path(config, tenant, digest) else { return Ok(None) };
    if !place.exists() || is_old(&place) {
        return Ok(None);
    }
    packages::read_with_bytes(&place).map(Some).map_err(|e| e.to_string())
}

/// Deletes a stored package. False where there is none. Blocks. Returns an error if it cannot be deleted.
pub fn discard_staged(config: &Config, tenant: &str, digest: &str) -> Result<bool, String> {
    let Some(place) = staged_path(config, tenant, digest) else { return Ok(false) };
    match std::fs::remove_file(place) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(format!("cannot delete the package: {e}")),
    }
}

/// True if a file is too old, by the file system's clock; one whose age is unknown is.
fn is_old(file: &Path) -> bool {
    let age = file.metadata().and_then(|found| found.modified()).ok().and_then(|modified| modified.elapsed().ok());
    age.is_some_and(|age| age >= STAGED_RETENTION)
}

/// Deletes old packages, and the oldest beyond that many.
fn sweep_staged(folder: &Path, keep: usize) -> std::io::Result<()> {
    let mut remaining = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if is_old(&entry.path()) {
            std::fs::remove_file(entry.path())?;
        } else {
            remaining.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    remaining.sort();
    let beyond = remaining.len().saturating_sub(keep);
    remaining.iter().take(beyond).try_for_each(|(_, file)| std::fs::remove_file(file))
}
