//! The objects of files, out of and into the store they are in. They are carried as they lie there: encrypted, where Cairn encrypts them.

use super::archive::{Go, Unusable, damaged, walk};
use super::{Manifest, Member, hex};
use crate::wiring::Failure;
use cairn_assets::{AssetError, Blob, BlobStore, Key};
use cairn_store::assets::Claim;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};

pub(super) fn told(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |e| Failure(format!("{}: {e}", path.display()))
}

fn failed(e: AssetError) -> Failure {
    match &e {
        AssetError::Io { source, .. } => Failure(format!("{e}: {source}")),
        _ => Failure(e.to_string()),
    }
}

/// Opens an object for a backup. `None` where it is not there.
pub(super) fn open(blobs: &dyn BlobStore, key: &str) -> Result<Option<Blob>, Failure> {
    let Ok(key) = Key::parse(key) else { return Ok(None) };
    blobs.open(&key, None).map_err(failed)
}

/// The files of a backup, beside those that are there.
pub(super) struct Staged {
    /// Files that are there under the same name and with another content: they are replaced last.
    late: Vec<(Key, TempPath)>,
}

impl Staged {
    /// Puts the files of a verified backup where the database will look for them, without touching one that is there.
    pub(super) fn put(file: &File, manifest: &Manifest, blobs: &dyn BlobStore) -> Result<Self, Failure> {
        let wanted: HashMap<&str, &Member> = manifest.files().collect();
        let folder = blobs.staging().unwrap_or_else(std::env::temp_dir);
        let mut missing = HashMap::new();
        for (name, member) in &wanted {
            let key = Key::parse(name).map_err(failed)?;
            if !is_same(blobs, &key, member)? {
                missing.insert(*name, (key, *member));
            }
        }
        // The file system says so too, but only after a while, and to everybody who writes there.
        let needed: u64 = missing.values().map(|(_, m)| m.size).sum();
        if let Some(free) = free(&folder).filter(|free| *free < needed) {
            return Err(Failure(format!(
                "{}: the files need {needed} bytes, but only {free} are free; nothing was changed",
                folder.display()
            )));
        }
        let mut staged = Self { late: Vec::new() };
        if !missing.is_empty() {
            staged.fill(file, missing, &folder, blobs)?;
        }
        Ok(staged)
    }

    fn fill(
        &mut self,
        file: &File,
        mut missing: HashMap<&str, (Key, &Member)>,
        folder: &Path,
        blobs: &dyn BlobStore,
    ) -> Result<(), Failure> {
        let done = walk(file, |member| {
            let Some((key, listed)) = member.path.strip_prefix(super::FILES).and_then(|name| missing.remove(name))
            else {
                return Ok(Go::On);
            };
            let path = member.path.to_owned();
            let stopped = |e: &dyn std::fmt::Display| Unusable::Stopped(format!("{path}: {e}"));
            // Readable for this user only.
            let new = tempfile::Builder::new().prefix(cairn_assets::STAGED).tempfile_in(folder);
            let mut new: NamedTempFile = new.map_err(|e| stopped(&e))?;
            if member.copy(new.as_file_mut())? != listed.sha256 {
                return Err(damaged(&path, "it has changed since it was verified"));
            }
            let temp = new.into_temp_path();
            if blobs.exists(&key).map_err(|e| stopped(&failed(e)))? {
                self.late.push((key, temp));
            } else {
                blobs.take(&key, temp).map_err(|e| stopped(&failed(e)))?;
            }
            Ok(if missing.is_empty() { Go::Stop } else { Go::On })
        });
        done.map_err(|e| Failure(e.to_string()))
    }

    /// After the database has changed: replaces what has another content. What the backup does not have is swept later.
    pub(super) fn finish(self, blobs: &dyn BlobStore) -> Result<(), Failure> {
        self.late.into_iter().try_for_each(|(key, temp)| blobs.take(&key, temp).map_err(failed))
    }
}

/// What a restore puts, to be claimed before.
pub(super) fn claims(manifest: &Manifest) -> Vec<Claim> {
    let mut claims: Vec<Claim> =
        manifest.files().map(|(name, member)| Claim { key: name.to_owned(), length: member.size }).collect();
    claims.sort_by(|a, b| a.key.cmp(&b.key));
    claims
}

/// Whether the store has that object with that content.
fn is_same(blobs: &dyn BlobStore, key: &Key, listed: &Member) -> Result<bool, Failure> {
    let Some(mut blob) = blobs.open(key, None).map_err(failed)? else { return Ok(false) };
    if blob.length != listed.size {
        return Ok(false);
    }
    let mut hash = Sha256::new();
    io::copy(&mut blob.body, &mut hash).map_err(|e| Failure(format!("{key}: {e}")))?;
    Ok(hex(&hash.finalize()) == listed.sha256)
}

/// Bytes that this user may still write there; `None` where the system does not say.
#[allow(clippy::useless_conversion, reason = "these numbers are narrower on some systems")]
fn free(folder: &PathBuf) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size())))
}
