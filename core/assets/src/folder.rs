//! Blobs as files in one folder, without subfolders.
//!
//! A blob is written under a temporary name in the same folder and renamed when it is complete and on disk. Temporary
//! names begin with a dot, which no [`BlobKey`] does, so that what is half written cannot be asked for.

use crate::{AssetError, Blob, BlobKey, BlobSource, BlobStore, ByteRange, ListedBlob};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::TempPath;

/// Prefix of the names of temporary files in a [`BlobStore::staging_folder`] folder. No [`BlobKey`] begins with it.
pub const STAGED_PREFIX: &str = ".incoming-";

/// How often a blob that keeps being replaced is looked up.
const OPEN_ATTEMPTS: usize = 8;

/// A folder of blobs. Files are readable for this process's user only: what may be seen is decided above.
#[derive(Debug, Clone)]
pub struct FolderStore {
    root: PathBuf,
}

impl FolderStore {
    /// Opens a folder, creating it where it is missing. Fails with [`AssetError::Io`].
    pub fn open(root: &Path) -> Result<FolderStore, AssetError> {
        fs::create_dir_all(root).map_err(AssetError::io("create the folder for files"))?;
        let root = root.canonicalize().map_err(AssetError::io("open the folder for files"))?;
        Ok(FolderStore { root })
    }

    /// Removes what a killed process left half written before the given time, and tells how many files that were.
    /// To be called at start, with a time safely before any write that another process may have under way. Fails with [`AssetError::Io`].
    pub fn remove_abandoned(&self, before: SystemTime) -> Result<usize, AssetError> {
        let mut removed = 0;
        let entries = fs::read_dir(&self.root).map_err(AssetError::io("list the folder for files"))?;
        for entry in entries {
            let entry = entry.map_err(AssetError::io("list the folder for files"))?;
            if !entry.file_name().to_string_lossy().starts_with(STAGED_PREFIX) {
                continue;
            }
            // The process that is writing the file may finish or remove it meanwhile: it is not abandoned then.
            let Ok(modified) = entry.metadata().and_then(|m| m.modified()) else { continue };
            if modified < before && fs::remove_file(entry.path()).is_ok() {
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn blob_path(&self, key: &BlobKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// Metadata of the regular file under the key itself; `None` for symlinks, folders and devices too.
    fn regular_file(&self, key: &BlobKey) -> Result<Option<Metadata>, AssetError> {
        match fs::symlink_metadata(self.blob_path(key)) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(AssetError::io("look up a file")(error)),
        }
    }

    /// True if a temporary file lies in this very folder under a name of ours, readable for this user only.
    fn is_staged(&self, temp: &Path) -> bool {
        let has_prefix = temp.file_name().is_some_and(|name| name.to_string_lossy().starts_with(STAGED_PREFIX));
        has_prefix && temp.parent() == Some(&self.root)
    }

    fn write_blob(&self, key: &BlobKey, source: BlobSource<'_>) -> io::Result<()> {
        // Dropping the temporary file removes it, whatever goes wrong before it is renamed.
        let mut file = tempfile::Builder::new().prefix(STAGED_PREFIX).tempfile_in(&self.root)?;
        match source {
            BlobSource::File(path) => {
                io::copy(&mut File::open(path)?, file.as_file_mut())?;
            }
            BlobSource::Bytes(bytes) => file.write_all(bytes)?,
        }
        file.as_file().sync_all()?;
        // A rename replaces a symlink that has this name, it does not write through it.
        file.persist(self.blob_path(key)).map_err(|refused| refused.error)?;
        sync_folder(&self.root)
    }
}

impl BlobStore for FolderStore {
    fn put(&self, key: &BlobKey, source: BlobSource<'_>) -> Result<(), AssetError> {
        self.write_blob(key, source).map_err(AssetError::io("write a file"))
    }

    fn put_temp_file(&self, key: &BlobKey, temp: TempPath) -> Result<(), AssetError> {
        let try_rename = || -> io::Result<bool> {
            if !self.is_staged(&temp) {
                return Ok(false);
            }
            File::open(&temp)?.sync_all()?;
            fs::rename(&temp, self.blob_path(key))?;
            sync_folder(&self.root)?;
            Ok(true)
        };
        match try_rename() {
            // The renamed file leaves nothing to delete under its temporary name.
            Ok(true) => {
                let _ = temp.keep();
                Ok(())
            }
            // From another disk it has to be copied.
            Ok(false) => self.put(key, BlobSource::File(&temp)),
            Err(error) => Err(AssetError::io("write a file")(error)),
        }
    }

    fn local_path(&self, key: &BlobKey) -> Result<Option<PathBuf>, AssetError> {
        Ok(self.regular_file(key)?.map(|_| self.blob_path(key)))
    }

    fn staging_folder(&self) -> Option<PathBuf> {
        Some(self.root.clone())
    }

    fn open(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Option<Blob>, AssetError> {
        // A blob that is replaced between the lookup and the opening looks like a symlink put in its place: look again.
        for _ in 0..OPEN_ATTEMPTS {
            // Looked up before it is opened, because opening a pipe would wait for its writer.
            let Some(expected) = self.regular_file(key)? else { return Ok(None) };
            let mut file = match File::open(self.blob_path(key)) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(AssetError::io("open a file")(error)),
            };
            let metadata = file.metadata().map_err(AssetError::io("open a file"))?;
            if same_file(&expected, &metadata) {
                let modified = metadata.modified().ok();
                let body: Box<dyn Read + Send> = match range {
                    None => Box::new(file),
                    Some(ByteRange { start, end }) => {
                        file.seek(SeekFrom::Start(start)).map_err(AssetError::io("read a file"))?;
                        Box::new(file.take((end - start).saturating_add(1)))
                    }
                };
                return Ok(Some(Blob { length: metadata.len(), modified, body }));
            }
        }
        Ok(None)
    }

    fn list(&self, after: Option<&BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, AssetError> {
        let failed = "list the folder for files";
        let mut keys = Vec::new();
        for entry in fs::read_dir(&self.root).map_err(AssetError::io(failed))? {
            let entry = entry.map_err(AssetError::io(failed))?;
            let Some(key) = entry.file_name().to_str().and_then(|name| BlobKey::parse(name).ok()) else { continue };
            if after.is_none_or(|after| key > *after) {
                keys.push(key);
            }
        }
        keys.sort_unstable();
        let mut listed = Vec::with_capacity(limit.min(keys.len()));
        for key in keys {
            if listed.len() == limit {
                break;
            }
            // A blob that was removed since the folder was read is left out.
            if let Some(metadata) = self.regular_file(&key)? {
                listed.push(ListedBlob { key, length: metadata.len(), modified: metadata.modified().ok() });
            }
        }
        Ok(listed)
    }

    fn delete(&self, key: &BlobKey) -> Result<bool, AssetError> {
        if self.regular_file(key)?.is_none() {
            return Ok(false);
        }
        match fs::remove_file(self.blob_path(key)) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(AssetError::io("remove a file")(error)),
        }
        sync_folder(&self.root).map_err(AssetError::io("remove a file"))?;
        Ok(true)
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, AssetError> {
        Ok(self.regular_file(key)?.is_some())
    }
}

/// True if the file that was opened is the one that was looked up, and not what a symlink put there since points at.
#[cfg(unix)]
fn same_file(expected: &Metadata, metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    expected.dev() == metadata.dev() && expected.ino() == metadata.ino()
}

#[cfg(not(unix))]
fn same_file(_: &Metadata, found: &Metadata) -> bool {
    found.is_file()
}

/// Makes renames and removals durable.
#[cfg(unix)]
fn sync_folder(root: &Path) -> io::Result<()> {
    File::open(root)?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file, and the file system does this by itself.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn folder() -> (tempfile::TempDir, FolderStore) {
        let base = tempfile::tempdir().unwrap();
        let folder = FolderStore::open(&base.path().join("uploads")).unwrap();
        (base, folder)
    }

    fn key(name: &str) -> BlobKey {
        BlobKey::parse(name).unwrap()
    }

    fn read(folder: &FolderStore, name: &str) -> Option<Vec<u8>> {
        let mut blob = folder.open(&key(name), None).unwrap()?;
        let mut bytes = Vec::new();
        blob.body.read_to_end(&mut bytes).unwrap();
        assert_eq!(blob.length, bytes.len() as u64);
        Some(bytes)
    }

    fn file_names(folder: &FolderStore) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&folder.root)
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn blobs_can_be_written_read_replaced_and_deleted() {
        let (base, folder) = folder();
        assert_eq!(read(&folder, "a.txt"), None);
        folder.put(&key("a.txt"), BlobSource::Bytes(b"one")).unwrap();
        assert_eq!(read(&folder, "a.txt").unwrap(), b"one");
        let elsewhere = base.path().join("elsewhere");
        fs::write(&elsewhere, b"two").unwrap();
        folder.put(&key("a.txt"), BlobSource::File(&elsewhere)).unwrap();
        assert_eq!(read(&folder, "a.txt").unwrap(), b"two");
        assert!(elsewhere.exists());
        assert!(folder.exists(&key("a.txt")).unwrap());
        assert_eq!(file_names(&folder), ["a.txt"]);
        assert!(folder.delete(&key("a.txt")).unwrap());
        assert!(!folder.delete(&key("a.txt")).unwrap());
        assert!(!folder.exists(&key("a.txt")).unwrap());
    }

    #[test]
    fn ranges_return_parts_and_listings_only_valid_keys() {
        let (_base, folder) = folder();
        for name in ["b", "a", "c.png"] {
            folder.put(&key(name), BlobSource::Bytes(b"0123456789")).unwrap();
        }
        fs::create_dir(folder.root.join("d")).unwrap();
        fs::write(folder.root.join("Not A Key"), b"x").unwrap();
        let range = |start, end| {
            let mut blob = folder.open(&key("a"), Some(ByteRange { start, end })).unwrap().unwrap();
            let mut bytes = String::new();
            blob.body.read_to_string(&mut bytes).unwrap();
            assert_eq!(blob.length, 10);
            bytes
        };
        assert_eq!(
            (range(0, 0), range(3, 5), range(8, u64::MAX), range(10, 12)),
            ("0".into(), "345".into(), "89".into(), String::new())
        );
        let listed = |after: Option<&str>, limit| {
            let listed = folder.list(after.map(key).as_ref(), limit).unwrap();
            listed.iter().map(|l| (l.key.to_string(), l.length)).collect::<Vec<_>>()
        };
        assert_eq!(listed(None, 9), [("a".into(), 10), ("b".into(), 10), ("c.png".into(), 10)]);
        assert_eq!(listed(Some("a"), 1), [("b".into(), 10)]);
        assert_eq!(listed(Some("c.png"), 5), []);
    }

    #[test]
    fn failed_writes_leave_nothing_and_preserve_the_old_blob() {
        let (base, folder) = folder();
        folder.put(&key("a"), BlobSource::Bytes(b"old")).unwrap();
        let missing = base.path().join("missing");
        assert!(matches!(folder.put(&key("a"), BlobSource::File(&missing)), Err(AssetError::Io { .. })));
        // A folder opens as a file and fails when read: the temporary file exists by then.
        assert!(folder.put(&key("a"), BlobSource::File(base.path())).is_err());
        // A folder in the way fails at the very last step, the rename.
        fs::create_dir(folder.root.join("taken")).unwrap();
        assert!(folder.put(&key("taken"), BlobSource::Bytes(b"x")).is_err());
        assert_eq!(file_names(&folder), ["a", "taken"]);
        assert_eq!(read(&folder, "a").unwrap(), b"old");
    }

    #[test]
    fn old_temporary_files_are_removed_and_blobs_remain() {
        let (_base, folder) = folder();
        folder.put(&key("a"), BlobSource::Bytes(b"a")).unwrap();
        let half = folder.root.join(".incoming-Xy12");
        fs::write(&half, b"half").unwrap();
        let modified_at = fs::metadata(&half).unwrap().modified().unwrap();
        assert_eq!(folder.remove_abandoned(modified_at - Duration::from_secs(3600)).unwrap(), 0);
        assert_eq!(folder.remove_abandoned(modified_at + Duration::from_secs(1)).unwrap(), 1);
        assert_eq!(file_names(&folder), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn symlinks_are_neither_followed_nor_written_through() {
        let (base, folder) = folder();
        let canary = base.path().join("canary");
        fs::write(&canary, b"secret").unwrap();
        std::os::unix::fs::symlink(&canary, folder.root.join("link.txt")).unwrap();
        std::os::unix::fs::symlink(base.path(), folder.root.join("up")).unwrap();
        for name in ["link.txt", "up"] {
            assert_eq!(read(&folder, name), None);
            assert!(!folder.exists(&key(name)).unwrap());
            assert!(!folder.delete(&key(name)).unwrap());
        }
        folder.put(&key("link.txt"), BlobSource::Bytes(b"mine")).unwrap();
        assert_eq!(read(&folder, "link.txt").unwrap(), b"mine");
        assert_eq!(fs::read(&canary).unwrap(), b"secret");
    }

    #[cfg(unix)]
    #[test]
    fn same_file_distinguishes_two_files() {
        let base = tempfile::tempdir().unwrap();
        let (one, two) = (base.path().join("one"), base.path().join("two"));
        fs::write(&one, b"1").unwrap();
        fs::write(&two, b"2").unwrap();
        let one = fs::metadata(&one).unwrap();
        assert!(same_file(&one, &one));
        assert!(!same_file(&one, &fs::metadata(&two).unwrap()));
    }

    #[test]
    fn readers_never_miss_a_blob_during_replacement() {
        let (_base, folder) = folder();
        folder.put(&key("a"), BlobSource::Bytes(b"first")).unwrap();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for _ in 0..50 {
                    folder.put(&key("a"), BlobSource::Bytes(b"again")).unwrap();
                }
            });
            while !writer.is_finished() {
                assert_eq!(read(&folder, "a").unwrap().len(), 5);
            }
        });
    }
}
