//! Backups that a server keeps in a folder of its own, `data/tenants/<tenant>/backups/`, each with a note of when it was found sound.

use super::BackupManifest;
use super::files::io_error_at;
use crate::operator_error::OperatorError;
use cairn_access::format_iso;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The ending of a backup's name.
const BACKUP_EXTENSION: &str = ".cairn.tar.gz";
/// The ending of the note beside it.
const VERIFICATION_EXTENSION: &str = ".verified";
/// Prefix of the names of backups that are not finished.
pub(super) const TEMPORARY_PREFIX: &str = ".cairn-backup-";
/// A time in a name.
const NAME_TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupFile {
    /// File name, without the folder.
    pub name: String,
    /// When its snapshot was taken.
    pub taken_at: String,
    /// Bytes on disk.
    pub size: u64,
    /// `None`: nobody looked, or it has changed since.
    pub verified: Option<VerificationNote>,
}

/// Note that a backup was read and found to be as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerificationNote {
    /// When somebody looked.
    pub at: String,
    /// Rows of all tables.
    pub rows: u64,
    /// Uploaded files, each with its content.
    pub files: u64,
    taken_at: String,
    /// Size of the file then in bytes, and when it was written, in milliseconds.
    size: u64,
    modified: i64,
}

/// The folder of a tenant's backups.
pub struct BackupFolder(PathBuf);

impl BackupFolder {
    /// `tenant`: the folder of its data.
    pub fn for_tenant(tenant: &Path) -> Self {
        Self(tenant.join("backups"))
    }

    /// All that are there, the newest first. Returns an error if it cannot be read.
    pub fn list(&self) -> Result<Vec<BackupFile>, OperatorError> {
        let entries = match fs::read_dir(&self.0) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(io_error_at(&self.0))?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let name = entry.map_err(io_error_at(&self.0))?.file_name().to_string_lossy().into_owned();
            all.extend(self.find_backup(&name));
        }
        all.sort_by(|a, b| (&b.taken_at, &b.name).cmp(&(&a.taken_at, &a.name)));
        Ok(all)
    }

    /// The backup of that name.
    pub fn find_backup(&self, name: &str) -> Option<BackupFile> {
        let path = self.backup_path(name)?;
        let metadata = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        let note = fs::read(self.note_path(name))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<VerificationNote>(&bytes).ok());
        let verified = note.filter(|note| (note.size, note.modified) == (metadata.size(), modified_ms(&metadata)));
        let taken_at = verified.as_ref().map(|note| note.taken_at.clone()).or_else(|| named_time(name));
        let taken_at = taken_at.unwrap_or_else(|| {
            DateTime::from_timestamp_millis(modified_ms(&metadata)).map(format_iso).unwrap_or_default()
        });
        Some(BackupFile { name: name.to_owned(), taken_at, size: metadata.size(), verified })
    }

    /// Where a backup of that name is; `None` where none can be called so.
    pub fn backup_path(&self, name: &str) -> Option<PathBuf> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        let good =
            name.len() <= 200 && !name.starts_with('.') && name.ends_with(BACKUP_EXTENSION) && name.bytes().all(plain);
        good.then(|| self.0.join(name))
    }

    /// A name and place for a new one. The folder is there, for its owner's eyes only, and what an earlier run did not finish is not.
    /// Returns an error if it cannot be made.
    pub fn new_backup_name(&self, tenant: &str, now: DateTime<Utc>) -> Result<String, OperatorError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(io_error_at(&self.0))?;
        for entry in fs::read_dir(&self.0).map_err(io_error_at(&self.0))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY_PREFIX) {
                fs::remove_file(entry.path()).map_err(io_error_at(&entry.path()))?;
            }
        }
        let first = default_backup_name(tenant, now);
        let numbered_names = (2..).map(|n| first.replace(BACKUP_EXTENSION, &format!("-{n}{BACKUP_EXTENSION}")));
        let free = std::iter::once(first.clone()).chain(numbered_names).find(|name| !self.0.join(name).exists());
        free.ok_or_else(|| OperatorError("no free name found for the backup".to_owned()))
    }

    /// Notes that a backup was found sound.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn record_verification(
        &self,
        name: &str,
        manifest: &BackupManifest,
        now: DateTime<Utc>,
    ) -> Result<(), OperatorError> {
        let path = self.backup_path(name).ok_or_else(|| OperatorError(format!("{name} is not a backup")))?;
        let metadata = path.metadata().map_err(io_error_at(&path))?;
        let note = VerificationNote {
            at: format_iso(now),
            rows: manifest.tables.iter().map(|t| t.rows).sum(),
            files: manifest.files().count() as u64,
            taken_at: manifest.created_at.clone(),
            size: metadata.size(),
            modified: modified_ms(&metadata),
        };
        let text = serde_json::to_vec(&note).map_err(|e| OperatorError(e.to_string()))?;
        let place = self.note_path(name);
        let mut half =
            tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(&self.0).map_err(io_error_at(&place))?;
        half.write_all(&text).map_err(io_error_at(&place))?;
        half.persist(&place).map_err(|e| io_error_at(&place)(e.error))?;
        Ok(())
    }

    /// Notes that a backup is not what it was.
    pub fn clear_verification(&self, name: &str) {
        // A note that cannot be removed is harmless: it does not apply to a changed file.
        let _ = fs::remove_file(self.note_path(name));
    }

    /// Removes a backup. False where there is none of that name. Returns an error if it cannot be removed.
    pub fn remove(&self, name: &str) -> Result<bool, OperatorError> {
        let Some(path) = self.backup_path(name) else { return Ok(false) };
        match fs::remove_file(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(io_error_at(&path)(e)),
            Ok(()) => {
                self.clear_verification(name);
                Ok(true)
            }
        }
    }

    fn note_path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}{VERIFICATION_EXTENSION}"))
    }
}

/// Returns the name of a backup that nobody names: the tenant and the time.
pub fn default_backup_name(tenant: &str, now: DateTime<Utc>) -> String {
    format!("{tenant}-{}{BACKUP_EXTENSION}", now.format(NAME_TIME_FORMAT))
}

/// When a file was written, in milliseconds.
fn modified_ms(metadata: &fs::Metadata) -> i64 {
    metadata.mtime().saturating_mul(1_000).saturating_add(metadata.mtime_nsec() / 1_000_000)
}

/// The time in the name of a backup that nobody renamed.
fn named_time(name: &str) -> Option<String> {
    let time = name.strip_suffix(BACKUP_EXTENSION)?.rsplit_once('-')?.1;
    NaiveDateTime::parse_from_str(time, NAME_TIME_FORMAT).ok().map(|time| format_iso(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backup_path_accepts_only_backup_file_names() {
        let folder = BackupFolder::for_tenant(Path::new("/data"));
        assert!(folder.backup_path("default-20261120T010203Z.cairn.tar.gz").is_some());
        for bad in [
            "../x.cairn.tar.gz",
            "a/b.cairn.tar.gz",
            "..cairn.tar.gz",
            ".cairn-backup-x.cairn.tar.gz",
            "x.tar.gz",
            "x.cairn.tar.gz.verified",
            "x\0.cairn.tar.gz",
            "",
        ] {
            assert_eq!(folder.backup_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn verification_is_discarded_when_the_backup_changes() {
        let dir = tempfile::tempdir().unwrap();
        let folder = BackupFolder::for_tenant(dir.path());
        assert_eq!(folder.list().unwrap(), []);
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let name = folder.new_backup_name("default", now).unwrap();
        fs::write(dir.path().join("backups").join(&name), "x").unwrap();
        fs::write(dir.path().join("backups/.cairn-backup-half"), "x").unwrap();
        fs::write(dir.path().join("backups/other.txt"), "x").unwrap();
        let files = folder.list().unwrap();
        assert_eq!((files.len(), &files[0].taken_at, &files[0].verified), (1, &format_iso(now), &None));
        assert_eq!(folder.new_backup_name("default", now).unwrap(), name.replace(".cairn", "-2.cairn"));
        assert!(!dir.path().join("backups/.cairn-backup-half").exists());
        let manifest = BackupManifest {
            format: 1,
            cairn: String::new(),
            tenant: "default".into(),
            created_at: "2026-01-01T00:00:00.000Z".into(),
            database: String::new(),
            model: String::new(),
            migrations: Vec::new(),
            next_instance: 1,
            tables: Vec::new(),
            left_out: Vec::new(),
            missing_files: Vec::new(),
            members: Vec::new(),
        };
        folder.record_verification(&name, &manifest, now).unwrap();
        let file = folder.find_backup(&name).unwrap();
        assert_eq!((file.taken_at.as_str(), file.verified.unwrap().at), ("2026-01-01T00:00:00.000Z", format_iso(now)));
        fs::write(dir.path().join("backups").join(&name), "xy").unwrap();
        assert_eq!(folder.find_backup(&name).unwrap().verified, None);
        assert!(folder.remove(&name).unwrap());
        assert!(!folder.remove(&name).unwrap());
        assert_eq!(fs::read_dir(dir.path().join("backups")).unwrap().count(), 1);
    }
}
