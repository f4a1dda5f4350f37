//! The objects of files, out of and into the store they are in. They are carried as they lie there: encrypted, where Cairn encrypts them.

use super::archive::{BackupError, WalkControl, damaged_error, walk_members};
use super::{BackupManifest, BackupMember, hex_string};
use crate::operator_error::OperatorError;
use cairn_assets::{AssetError, Blob, BlobKey, BlobStore};
use cairn_store::assets::BlobClaim;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

pub(super) fn io_error_at(path: &Path) -> impl Fn(io::Error) -> OperatorError {
    move |e| OperatorError(format!("{}: {e}", path.display()))
}

fn from_asset_error(e: AssetError) -> OperatorError {
    match &e {
        AssetError::Io { source, .. } => OperatorError(format!("{e}: {source}")),
        _ => OperatorError(e.to_string()),
    }
}

/// Opens an object for a backup. `None` where it is not there.
pub(super) fn open_blob(blobs: &dyn BlobStore, key: &str) -> Result<Option<Blob>, OperatorError> {
    let Ok(key) = BlobKey::parse(key) else { return Ok(None) };
    blobs.open(&key, None).map_err(from_asset_error)
}

/// The files of a backup, beside those that are there.
pub(super) struct StagedFiles {
    /// Files that are there under the same name and with another content: they are replaced last.
    late: Vec<(BlobKey, TempPath)>,
}

impl StagedFiles {
    /// Puts the files of a verified backup where the database will look for them, without touching one that is there.
    pub(super) fn stage_from(
        file: &File,
        manifest: &BackupManifest,
        blobs: &dyn BlobStore,
    ) -> Result<Self, OperatorError> {
        let listed_files: HashMap<&str, &BackupMember> = manifest.files().collect();
        let folder = blobs.staging_folder().unwrap_or_else(std::env::temp_dir);
        let mut missing = HashMap::new();
        for (name, member) in &listed_files {
            let key = BlobKey::parse(name).map_err(from_asset_error)?;
            if !is_same(blobs, &key, member)? {
                missing.insert(*name, (key, *member));
            }
        }
        // The file system says so too, but only after a while, and to everybody who writes there.
        let needed: u64 = missing.values().map(|(_, m)| m.size).sum();
        if let Some(free) = free_disk_bytes(&folder).filter(|free| *free < needed) {
            return Err(OperatorError(format!(
                "{}: the files need {needed} bytes, but only {free} are free; nothing was changed",
                folder.display()
            )));
        }
        let mut staged = Self { late: Vec::new() };
        if !missing.is_empty() {
            staged.stage_members(file, missing, &folder, blobs)?;
        }
        Ok(staged)
    }

    fn stage_members(
        &mut self,
        file: &File,
        mut missing: HashMap<&str, (BlobKey, &BackupMember)>,
        folder: &Path,
        blobs: &dyn BlobStore,
    ) -> Result<(), OperatorError> {
        let result = walk_members(file, |member| {
            let Some((key, listed)) =
                member.path.strip_prefix(super::FILES_PREFIX).and_then(|name| missing.remove(name))
            else {
                return Ok(WalkControl::Continue);
            };
            let path = member.path.to_owned();
            let stopped = |e: &dyn std::fmt::Display| BackupError::Stopped(format!("{path}: {e}"));
            // Readable for this user only.
            let new = tempfile::Builder::new().prefix(cairn_assets::STAGED_PREFIX).tempfile_in(folder);
            let mut new: NamedTempFile = new.map_err(|e| stopped(&e))?;
            if member.copy_to(new.as_file_mut())? != listed.sha256 {
                return Err(damaged_error(&path, "it has changed since it was verified"));
            }
            let temp = new.into_temp_path();
            if blobs.exists(&key).map_err(|e| stopped(&from_asset_error(e)))? {
                self.late.push((key, temp));
            } else {
                blobs.put_temp_file(&key, temp).map_err(|e| stopped(&from_asset_error(e)))?;
            }
            Ok(if missing.is_empty() { WalkControl::Stop } else { WalkControl::Continue })
        });
        result.map_err(|e| OperatorError(e.to_string()))
    }

    /// After the database has changed: replaces what has another content. What the backup does not have is swept later.
    pub(super) fn replace_changed(self, blobs: &dyn BlobStore) -> Result<(), OperatorError> {
        self.late.into_iter().try_for_each(|(key, temp)| blobs.put_temp_file(&key, temp).map_err(from_asset_error))
    }
}

/// Lists the objects that a restore puts, to be claimed before.
pub(super) fn blob_claims(manifest: &BackupManifest) -> Vec<BlobClaim> {
    let mut claims: Vec<BlobClaim> =
        manifest.files().map(|(name, member)| BlobClaim { key: name.to_owned(), length: member.size }).collect();
    claims.sort_by(|a, b| a.key.cmp(&b.key));
    claims
}

/// True if the store has that object with that content.
fn is_same(blobs: &dyn BlobStore, key: &BlobKey, listed: &BackupMember) -> Result<bool, OperatorError> {
    let Some(mut blob) = blobs.open(key, None).map_err(from_asset_error)? else { return Ok(false) };
    if blob.length != listed.size {
        return Ok(false);
    }
    let mut hash = Sha256::new();
    io::copy(&mut blob.body, &mut hash).map_err(|e| OperatorError(format!("{key}: {e}")))?;
    Ok(hex_string(&hash.finalize()) == listed.sha256)
}

/// Bytes that this user may still write there; `None` where the system does not say.
#[allow(clippy::useless_conversion, reason = "these numbers are narrower on some systems")]
fn free_disk_bytes(folder: &PathBuf) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size())))
}
