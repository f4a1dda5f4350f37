//! The folder of uploaded files, on its way into a backup and out of one.
//!
//! A name there stands for one content for good: files are added under new names before an entry names them, and go
//! after the entry has gone. So the files of a restored backup can be put beside those that are there before the
//! database changes, and what is no longer named can go after it.

use super::archive::{Go, Unusable, damaged, walk};
use super::{Manifest, Member, hex};
use crate::wiring::Failure;
use cairn_assets::Key;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Folders of our own below the folder of files; no file has such a name.
const STAGING: &str = ".backup-";
/// One that was not used for so long was left by a process that was killed.
const ABANDONED: Duration = Duration::from_secs(24 * 3_600);

pub(super) fn told(path: &Path) -> impl Fn(io::Error) -> Failure {
    move |e| Failure(format!("{}: {e}", path.display()))
}

/// Names and sizes of the files in a folder; none where there is no folder.
pub(super) fn list(folder: &Path) -> Result<BTreeMap<String, u64>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        entries => entries.map_err(told(folder))?,
    };
    let mut found = BTreeMap::new();
    for entry in entries {
        let entry = entry.map_err(told(folder))?;
        let Some(name) = entry.file_name().to_str().filter(|name| Key::parse(name).is_ok()).map(str::to_owned) else {
            continue;
        };
        // Links, folders and devices are no files of ours; one may be gone meanwhile.
        if let Ok(found_now) = fs::symlink_metadata(entry.path())
            && found_now.is_file()
        {
            found.insert(name, found_now.len());
        }
    }
    Ok(found)
}

/// Second names of the files in a folder: what is deleted while a backup is taken stays readable for it.
pub(super) struct Kept {
    folder: PathBuf,
    staging: Option<TempDir>,
}

impl Kept {
    /// Where the file system has no second names, the files themselves are read.
    pub(super) fn new(folder: &Path) -> Self {
        let staging = staging(folder).ok();
        let kept = Self { folder: folder.to_owned(), staging };
        kept.look();
        kept
    }

    /// Takes up the files that have come since.
    pub(super) fn look(&self) {
        let Some(staging) = &self.staging else { return };
        for name in list(&self.folder).unwrap_or_default().into_keys() {
            // What is there already, and what is gone already, needs nothing.
            let _ = fs::hard_link(self.folder.join(&name), staging.path().join(&name));
        }
    }

    /// All files, by name.
    pub(super) fn files(&self) -> Result<Vec<(String, PathBuf)>, Failure> {
        let mut all: BTreeMap<String, PathBuf> = BTreeMap::new();
        for folder in [Some(self.folder.as_path()), self.staging.as_ref().map(TempDir::path)].into_iter().flatten() {
            all.extend(list(folder)?.into_keys().map(|name| (name.clone(), folder.join(name))));
        }
        Ok(all.into_iter().collect())
    }
}

/// A new folder of our own; those that a killed process left go.
fn staging(folder: &Path) -> io::Result<TempDir> {
    let own = tempfile::Builder::new().prefix(STAGING).tempdir_in(folder)?;
    // By the clock of whoever keeps the files.
    let now = fs::metadata(own.path())?.modified()?;
    for entry in fs::read_dir(folder)?.flatten() {
        let modified = fs::symlink_metadata(entry.path()).and_then(|m| m.modified());
        if entry.file_name().to_string_lossy().starts_with(STAGING) && modified.is_ok_and(|at| at + ABANDONED < now) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(own)
}

/// The files of a backup, beside those that are there.
pub(super) struct Staged {
    folder: PathBuf,
    staging: TempDir,
    /// What was in the folder before.
    before: BTreeMap<String, u64>,
    /// Files that are there under the same name and with another content: they are replaced last.
    late: Vec<String>,
}

impl Staged {
    /// Unpacks the files of a verified backup into a folder of their own, on disk when it ends.
    pub(super) fn unpack(file: &File, manifest: &Manifest, folder: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(folder).map_err(told(folder))?;
        let before = list(folder)?;
        let wanted: HashMap<&str, &Member> = manifest.files().collect();
        // The file system says so too, but only after a while, and to everybody who writes there.
        let needed: u64 = wanted.iter().filter(|(n, m)| before.get(**n) != Some(&m.size)).map(|(_, m)| m.size).sum();
        if let Some(free) = free(folder).filter(|free| *free < needed) {
            return Err(Failure(format!(
                "{}: the files need {needed} bytes, and {free} are free; nothing was changed",
                folder.display()
            )));
        }
        let staged = Self {
            folder: folder.to_owned(),
            staging: staging(folder).map_err(told(folder))?,
            before,
            late: Vec::new(),
        };
        if !wanted.is_empty() {
            staged.fill(file, &wanted)?;
        }
        Ok(staged)
    }

    fn fill(&self, file: &File, wanted: &HashMap<&str, &Member>) -> Result<(), Failure> {
        let mut left = wanted.len();
        let done = walk(file, |member| {
            let Some((name, listed)) = member.path.strip_prefix(super::FILES).and_then(|n| wanted.get_key_value(n))
            else {
                return Ok(Go::On);
            };
            left -= 1;
            let go = || if left == 0 { Go::Stop } else { Go::On };
            if self.same(name, listed) {
                return Ok(go());
            }
            let path = member.path.to_owned();
            let stopped = |e: io::Error| Unusable::Stopped(format!("{path}: {e}"));
            // Readable for this user only, as the folder's own are.
            let mut new = File::options();
            new.write(true).create_new(true).mode(0o600);
            let mut out = new.open(self.staging.path().join(name)).map_err(stopped)?;
            if member.copy(&mut out)? != listed.sha256 {
                return Err(damaged(&path, "it has changed since it was verified"));
            }
            out.sync_all().map_err(stopped)?;
            Ok(go())
        });
        done.map_err(|e| Failure(e.to_string()))
    }

    /// Whether the folder has that file with that content.
    fn same(&self, name: &str, listed: &Member) -> bool {
        let hash = || -> io::Result<String> {
            let (mut file, mut hash) = (File::open(self.folder.join(name))?, Sha256::new());
            io::copy(&mut file, &mut hash)?;
            Ok(hex(&hash.finalize()))
        };
        self.before.get(name) == Some(&listed.size) && hash().is_ok_and(|hash| hash == listed.sha256)
    }

    /// Puts the files where the database will look for them, without touching one that is there.
    pub(super) fn put_new(&mut self) -> Result<(), Failure> {
        for name in list(self.staging.path())?.into_keys() {
            if self.before.contains_key(&name) {
                self.late.push(name);
            } else {
                self.put(&name)?;
            }
        }
        sync(&self.folder)
    }

    fn put(&self, name: &str) -> Result<(), Failure> {
        let to = self.folder.join(name);
        fs::rename(self.staging.path().join(name), &to).map_err(told(&to))
    }

    /// After the database has changed: replaces what has another content, and removes what was there before and is not in
    /// the backup.
    pub(super) fn finish(self, manifest: &Manifest) -> Result<usize, Failure> {
        for name in &self.late {
            self.put(name)?;
        }
        let kept: HashMap<&str, &Member> = manifest.files().collect();
        let mut removed = 0;
        for name in self.before.keys().filter(|name| !kept.contains_key(name.as_str())) {
            let path = self.folder.join(name);
            match fs::remove_file(&path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(told(&path)(e)),
                _ => removed += 1,
            }
        }
        sync(&self.folder)?;
        Ok(removed)
    }
}

/// Bytes that this user may still write there; `None` where the system does not say.
#[allow(clippy::useless_conversion, reason = "these numbers are narrower on some systems")]
fn free(folder: &Path) -> Option<u64> {
    let stat = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(u64::from(stat.blocks_available()).saturating_mul(u64::from(stat.fragment_size())))
}

/// Makes renames and removals durable.
fn sync(folder: &Path) -> Result<(), Failure> {
    File::open(folder).and_then(|f| f.sync_all()).map_err(told(folder))
}
