//! Backups that a server keeps in a folder of its own, `data/tenants/<tenant>/backups/`, each with a note of when it was found sound.

use super::Manifest;
use super::files::told;
use crate::wiring::Failure;
use cairn_access::iso;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The ending of a backup's name.
const ENDING: &str = ".cairn.tar.gz";
/// The ending of the note beside it.
const NOTE: &str = ".verified";
/// What the names of those that are not finished begin with.
pub(super) const HALF: &str = ".cairn-backup-";
/// A time in a name.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) name: String,
    /// When its snapshot was taken.
    pub(crate) taken_at: String,
    pub(crate) size: u64,
    /// `None`: nobody looked, or it has changed since.
    pub(crate) verified: Option<Sound>,
}

/// That a backup was read and found to be as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sound {
    /// When somebody looked.
    pub(crate) at: String,
    pub(crate) rows: u64,
    pub(crate) files: u64,
    taken_at: String,
    /// What the file was then: bytes, and when it was written, in milliseconds.
    size: u64,
    modified: i64,
}

/// The folder of a tenant's backups.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// `tenant`: the folder of its data.
    pub(crate) fn of(tenant: &Path) -> Self {
        Self(tenant.join("backups"))
    }

    /// All that are there, the newest first.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(crate) fn list(&self) -> Result<Vec<Kept>, Failure> {
        let entries = match fs::read_dir(&self.0) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(told(&self.0))?,
        };
        let mut all = Vec::new();
        for entry in entries {
            let name = entry.map_err(told(&self.0))?.file_name().to_string_lossy().into_owned();
            all.extend(self.kept(&name));
        }
        all.sort_by(|a, b| (&b.taken_at, &b.name).cmp(&(&a.taken_at, &a.name)));
        Ok(all)
    }

    /// The backup of that name.
    pub(crate) fn kept(&self, name: &str) -> Option<Kept> {
        let path = self.path(name)?;
        let found = path.symlink_metadata().ok().filter(fs::Metadata::is_file)?;
        let note = fs::read(self.note(name)).ok().and_then(|bytes| serde_json::from_slice::<Sound>(&bytes).ok());
        let verified = note.filter(|note| (note.size, note.modified) == (found.size(), modified(&found)));
        let taken_at = verified.as_ref().map(|note| note.taken_at.clone()).or_else(|| named_time(name));
        let taken_at =
            taken_at.unwrap_or_else(|| DateTime::from_timestamp_millis(modified(&found)).map(iso).unwrap_or_default());
        Some(Kept { name: name.to_owned(), taken_at, size: found.size(), verified })
    }

    /// Where a backup of that name is; `None` where none can be called so.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        let good = name.len() <= 200 && !name.starts_with('.') && name.ends_with(ENDING) && name.bytes().all(plain);
        good.then(|| self.0.join(name))
    }

    /// A name and place for a new one. The folder is there, for its owner's eyes only, and what an earlier run did not finish is not.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub(crate) fn new_one(&self, tenant: &str, now: DateTime<Utc>) -> Result<String, Failure> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(told(&self.0))?;
        for entry in fs::read_dir(&self.0).map_err(told(&self.0))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(HALF) {
                fs::remove_file(entry.path()).map_err(told(&entry.path()))?;
            }
        }
        let first = name_at(tenant, now);
        let further = (2..).map(|n| first.replace(ENDING, &format!("-{n}{ENDING}")));
        let free = std::iter::once(first.clone()).chain(further).find(|name| !self.0.join(name).exists());
        free.ok_or_else(|| Failure("no free name found for the backup".to_owned()))
    }

    /// Notes that a backup was found sound.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(crate) fn note_sound(&self, name: &str, manifest: &Manifest, now: DateTime<Utc>) -> Result<(), Failure> {
        let path = self.path(name).ok_or_else(|| Failure(format!("{name} is not a backup")))?;
        let found = path.metadata().map_err(told(&path))?;
        let note = Sound {
            at: iso(now),
            rows: manifest.tables.iter().map(|t| t.rows).sum(),
            files: manifest.files().count() as u64,
            taken_at: manifest.created_at.clone(),
            size: found.size(),
            modified: modified(&found),
        };
        let text = serde_json::to_vec(&note).map_err(|e| Failure(e.to_string()))?;
        let place = self.note(name);
        let mut half = tempfile::Builder::new().prefix(HALF).tempfile_in(&self.0).map_err(told(&place))?;
        half.write_all(&text).map_err(told(&place))?;
        half.persist(&place).map_err(|e| told(&place)(e.error))?;
        Ok(())
    }

    /// Notes that a backup is not what it was.
    pub(crate) fn forget_sound(&self, name: &str) {
        // Where the note stays it says nothing of a file that has changed.
        let _ = fs::remove_file(self.note(name));
    }

    /// Removes a backup. False where there is none of that name.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub(crate) fn remove(&self, name: &str) -> Result<bool, Failure> {
        let Some(path) = self.path(name) else { return Ok(false) };
        match fs::remove_file(&path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
            Err(e) => Err(told(&path)(e)),
            Ok(()) => {
                self.forget_sound(name);
                Ok(true)
            }
        }
    }

    fn note(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}{NOTE}"))
    }
}

/// What a backup is called that nobody names.
pub(crate) fn name_at(tenant: &str, now: DateTime<Utc>) -> String {
    format!("{tenant}-{}{ENDING}", now.format(TIME))
}

/// When a file was written, in milliseconds.
fn modified(found: &fs::Metadata) -> i64 {
    found.mtime().saturating_mul(1_000).saturating_add(found.mtime_nsec() / 1_000_000)
}

/// The time in the name of a backup that nobody renamed.
fn named_time(name: &str) -> Option<String> {
    let time = name.strip_suffix(ENDING)?.rsplit_once('-')?.1;
    NaiveDateTime::parse_from_str(time, TIME).ok().map(|time| iso(time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_backups_lead_to_files_of_the_folder() {
        let folder = Folder::of(Path::new("/data"));
        assert!(folder.path("default-20261120T010203Z.cairn.tar.gz").is_some());
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
            assert_eq!(folder.path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_note_holds_for_the_file_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::of(dir.path());
        assert_eq!(folder.list().unwrap(), []);
        let now = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let name = folder.new_one("default", now).unwrap();
        fs::write(dir.path().join("backups").join(&name), "x").unwrap();
        fs::write(dir.path().join("backups/.cairn-backup-half"), "x").unwrap();
        fs::write(dir.path().join("backups/other.txt"), "x").unwrap();
        let kept = folder.list().unwrap();
        assert_eq!((kept.len(), &kept[0].taken_at, &kept[0].verified), (1, &iso(now), &None));
        assert_eq!(folder.new_one("default", now).unwrap(), name.replace(".cairn", "-2.cairn"));
        assert!(!dir.path().join("backups/.cairn-backup-half").exists());
        let manifest = Manifest {
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
        folder.note_sound(&name, &manifest, now).unwrap();
        let kept = folder.kept(&name).unwrap();
        assert_eq!((kept.taken_at.as_str(), kept.verified.unwrap().at), ("2026-01-01T00:00:00.000Z", iso(now)));
        fs::write(dir.path().join("backups").join(&name), "xy").unwrap();
        assert_eq!(folder.kept(&name).unwrap().verified, None);
        assert!(folder.remove(&name).unwrap());
        assert!(!folder.remove(&name).unwrap());
        assert_eq!(fs::read_dir(dir.path().join("backups")).unwrap().count(), 1);
    }
}
