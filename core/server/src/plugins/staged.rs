//! Packages that somebody has sent and not yet installed: kept in the tenant's data for an hour.

use super::install::unreadable;
use super::{consent::Refusals, packages};
use crate::config::Config;
use cairn_plugin_package::package::{Limits, Package};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long they are kept.
const KEPT: Duration = Duration::from_secs(3_600);
/// How many at a time; the oldest goes for another one.
const MANY: usize = 8;

/// Why there is none.
#[derive(Debug)]
pub(crate) enum NotStaged {
    /// What was sent is no package: where, and what.
    Refused(Refusals),
    /// It went wrong.
    Failed(String),
}

fn folder(config: &Config, tenant: &str) -> PathBuf {
    config.tenant(tenant).join("plugin-packages")
}

/// Where one is, by its digest; `None` for what is no digest.
fn place(config: &Config, tenant: &str, digest: &str) -> Option<PathBuf> {
    let is_digest = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_digest.then(|| folder(config, tenant).join(digest))
}

/// Keeps a package that was sent. Blocks.
///
/// # Errors
/// Every problem that it has.
pub(crate) fn keep(config: &Config, tenant: &str, bytes: &[u8]) -> Result<Package, NotStaged> {
    let failed = |e: std::io::Error| NotStaged::Failed(format!("keeping a package: {e}"));
    let package =
        Package::read(bytes, &Limits::default()).map_err(|problem| NotStaged::Refused(unreadable(&problem)))?;
    let problems = super::install::placed(&package.check(), cairn_plugin_package::Severity::Error);
    if !problems.is_empty() {
        return Err(NotStaged::Refused(problems));
    }
    let folder = folder(config, tenant);
    std::fs::create_dir_all(&folder).map_err(failed)?;
    sweep(&folder, MANY - 1).map_err(failed)?;
    let file = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
    std::fs::write(file.path(), bytes).map_err(failed)?;
    file.persist(folder.join(package.digest().to_string())).map_err(|e| failed(e.error))?;
    Ok(package)
}

/// One that was kept, with its bytes; `None` where it is not there any more. Blocks.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn find(config: &Config, tenant: &str, digest: &str) -> Result<Option<(Package, Vec<u8>)>, String> {
    let Some(place) = place(config, tenant, digest) else { return Ok(None) };
    if !place.exists() || is_old(&place) {
        return Ok(None);
    }
    packages::read_with_bytes(&place).map(Some).map_err(|e| e.to_string())
}

/// Forgets one. False where there is none. Blocks.
///
/// # Errors
/// Where it cannot be removed.
pub(crate) fn forget(config: &Config, tenant: &str, digest: &str) -> Result<bool, String> {
    let Some(place) = place(config, tenant, digest) else { return Ok(false) };
    match std::fs::remove_file(place) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(format!("forgetting a package: {e}")),
    }
}

/// By the file system's clock: one that is in doubt is old.
fn is_old(file: &Path) -> bool {
    let age = file.metadata().and_then(|found| found.modified()).ok().and_then(|made| made.elapsed().ok());
    age.is_some_and(|age| age >= KEPT)
}

/// Removes what is old, and the oldest beyond so many.
fn sweep(folder: &Path, keep: usize) -> std::io::Result<()> {
    let mut kept = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if is_old(&entry.path()) {
            std::fs::remove_file(entry.path())?;
        } else {
            kept.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    kept.sort();
    let beyond = kept.len().saturating_sub(keep);
    kept.iter().take(beyond).try_for_each(|(_, file)| std::fs::remove_file(file))
}
