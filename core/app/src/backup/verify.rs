//! Verification that a backup is as it was written.

use super::archive::{BackupError, OpenMember, WalkControl, damaged_error, walk_members};
use super::progress::Progress;
use super::{
    BackupManifest, BackupMember, FILES_PREFIX, FORMAT_VERSION, MANIFEST_PATH, MODEL_PATH, TABLES_PREFIX,
    table_part_path,
};
use cairn_model::change::Snapshot;
use serde::Deserialize;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};

/// Manifest and model of a sound backup.
pub struct VerifiedBackup {
    /// Its manifest.
    pub manifest: BackupManifest,
    /// Its content types.
    pub model: Snapshot,
}

#[derive(Deserialize)]
struct ManifestHead {
    format: u64,
}

/// Counts lines, and keeps nothing.
struct LineCounter {
    ends: u64,
    open: bool,
}

impl Write for LineCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ends += bytes.iter().filter(|b| **b == b'\n').count() as u64;
        self.open = bytes.last().map_or(self.open, |b| *b != b'\n');
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads all of a backup and compares it with what its manifest says. Nothing of it is kept.
pub fn verify_backup(file: &File) -> Result<VerifiedBackup, BackupError> {
    let mut progress = Progress::new();
    let mut found_members: Vec<(BackupMember, u64)> = Vec::new();
    let (mut model, mut manifest) = (None, None);
    walk_members(file, |member: OpenMember<'_>| {
        if manifest.is_some() {
            return Err(damaged_error(member.path, "it comes after the manifest"));
        }
        progress.show_count("reading members", found_members.len() as u64);
        let (path, size) = (member.path.to_owned(), member.size);
        if path == MANIFEST_PATH {
            manifest = Some(member.read_bytes()?);
            return Ok(WalkControl::Continue);
        }
        let mut lines = LineCounter { ends: 0, open: false };
        let sha256 = if path == MODEL_PATH {
            let bytes = member.read_bytes()?;
            let hash = super::hex_string(&<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            model = Some(bytes);
            hash
        } else {
            member.copy_to(&mut lines)?
        };
        if path.starts_with(TABLES_PREFIX) && lines.open {
            return Err(damaged_error(&path, "its last line is incomplete"));
        }
        found_members.push((BackupMember { path, size, sha256 }, lines.ends));
        Ok(WalkControl::Continue)
    })?;
    let manifest = manifest.ok_or_else(|| BackupError::Damaged("the backup has no manifest".into()))?;
    let manifest = read_manifest(&manifest)?;
    check_members(&manifest, &found_members)?;
    let model = model.ok_or_else(|| BackupError::Damaged(format!("the backup has no {MODEL_PATH}")))?;
    let model = String::from_utf8(model).map_err(|e| damaged_error(MODEL_PATH, e))?;
    let model = Snapshot::from_json(&model).map_err(|e| damaged_error(MODEL_PATH, e))?;
    if model.hash() != manifest.model {
        return Err(damaged_error(MODEL_PATH, "its hash does not match the manifest"));
    }
    Ok(VerifiedBackup { manifest, model })
}

fn read_manifest(bytes: &[u8]) -> Result<BackupManifest, BackupError> {
    let head: ManifestHead = serde_json::from_slice(bytes).map_err(|e| damaged_error(MANIFEST_PATH, e))?;
    if head.format != u64::from(FORMAT_VERSION) {
        return Err(BackupError::Damaged(format!(
            "the backup has format {}, but this version of Cairn reads format {FORMAT_VERSION}: use the version of Cairn that wrote it",
            head.format
        )));
    }
    serde_json::from_slice(bytes).map_err(|e| damaged_error(MANIFEST_PATH, e))
}

/// Members as the manifest lists them, where they belong, and with as many rows.
fn check_members(manifest: &BackupManifest, found_members: &[(BackupMember, u64)]) -> Result<(), BackupError> {
    for (i, listed) in manifest.members.iter().enumerate() {
        let Some((found, _)) = found_members.get(i).filter(|(found, _)| found.path == listed.path) else {
            return Err(damaged_error(&listed.path, "it is missing or out of place"));
        };
        if found != listed {
            return Err(damaged_error(&listed.path, "its content has changed since it was written (SHA-256)"));
        }
    }
    if let Some((extra, _)) = found_members.get(manifest.members.len()) {
        return Err(damaged_error(&extra.path, "it is not in the manifest"));
    }
    let mut members = found_members.iter().peekable();
    if members.next().is_none_or(|(first, _)| first.path != MODEL_PATH) {
        return Err(damaged_error(MODEL_PATH, "it is missing or out of place"));
    }
    for (index, counted) in manifest.tables.iter().enumerate() {
        let (mut n, mut rows) = (0, 0);
        while let Some((_, lines)) = members.next_if(|(m, _)| m.path == table_part_path(index, &counted.table, n)) {
            (n, rows) = (n + 1, rows + lines);
        }
        if rows != counted.rows {
            let path = table_part_path(index, &counted.table, 0);
            return Err(damaged_error(&path, format_args!("the table has {rows} rows instead of {}", counted.rows)));
        }
    }
    let mut names = HashSet::new();
    for (member, _) in members {
        if !member.path.starts_with(FILES_PREFIX) || !names.insert(&member.path) {
            return Err(damaged_error(&member.path, "it is out of place"));
        }
    }
    Ok(())
}
