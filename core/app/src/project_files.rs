//! Files of the project: each is written whole or stays as it was, and several are changed together.
//!
//! [`StagedFiles`] writes the new files beside the old ones first, where all that may fail does: a disk that is full, a folder that may not
//! be written. What is left then are renames and deletions. A process can still be killed between two of them: who changes several files
//! notes beforehand what they shall become, as [`crate::model_files`] does.

use crate::operator_error::OperatorError;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How the names of files begin that are not in place yet.
const TEMPORARY_PREFIX: &str = ".cairn-";

/// A file, and what it shall contain; `None`: it is deleted.
pub type FileContent = (PathBuf, Option<Vec<u8>>);

/// Is called before each step of a change; an error of it is one of the step. For tests, which let each step fail.
pub type StepHook<'h> = &'h mut dyn FnMut() -> std::io::Result<()>;

/// Writes a file whole, or leaves it unchanged; it is on disk when this returns.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), OperatorError> {
    let files = [(path.to_owned(), Some(content.to_owned()))];
    StagedFiles::stage(files, &mut || Ok(()))?.put_in_place(&mut || Ok(()))
}

/// Files that are written beside those they replace. Dropping it leaves everything as it was.
#[must_use]
pub struct StagedFiles {
    files: Vec<StagedFile>,
    /// Folders that were created for them, the outermost first.
    folders: Vec<PathBuf>,
}

struct StagedFile {
    path: PathBuf,
    /// `None`: the file is deleted.
    content: Option<NamedTempFile>,
}

impl StagedFiles {
    /// Writes the new files to disk, with the folders they need, under names that nobody reads.
    pub fn stage(files: impl IntoIterator<Item = FileContent>, hook: StepHook<'_>) -> Result<Self, OperatorError> {
        let mut staged = Self { files: Vec::new(), folders: Vec::new() };
        for (path, content) in files {
            let content = match content {
                None => None,
                Some(content) => {
                    let written = hook().and_then(|()| staged.write_beside(&path, &content));
                    Some(written.map_err(file_error(&path))?)
                }
            };
            staged.files.push(StagedFile { path, content });
        }
        Ok(staged)
    }

    fn write_beside(&mut self, path: &Path, content: &[u8]) -> std::io::Result<NamedTempFile> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let missing: Vec<&Path> = folder.ancestors().take_while(|f| !f.as_os_str().is_empty() && !f.exists()).collect();
        for missing in missing.into_iter().rev() {
            match std::fs::create_dir(missing) {
                Ok(()) => self.folders.push(missing.to_owned()),
                // The folder was created by another process meanwhile.
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(e),
            }
        }
        if path.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let mut file = tempfile::Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(folder)?;
        file.write_all(content)?;
        // The mode is that of the replaced file, or the usual one of an editor: temporary files are private.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(path).map_or(0o644, |found| found.permissions().mode());
            file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.as_file().sync_all()?;
        Ok(file)
    }

    /// Replaces and deletes the files; they are on disk when this returns. After an error some are as before and some are not.
    pub fn put_in_place(mut self, hook: StepHook<'_>) -> Result<(), OperatorError> {
        for StagedFile { path, content } in std::mem::take(&mut self.files) {
            let done = hook().and_then(|()| match content {
                Some(file) => file.persist(&path).map(drop).map_err(|e| e.error),
                None => ignore_missing(std::fs::remove_file(&path)),
            });
            done.and_then(|()| sync_folder(&path)).map_err(file_error(&path))?;
        }
        Ok(())
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        self.files.clear();
        // Folders that are no longer empty stay.
        for folder in self.folders.iter().rev() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Removes what a killed process has staged beside a file.
pub fn sweep_staged(path: &Path) -> Result<(), OperatorError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(()),
        Err(e) => return Err(file_error(folder)(e)),
    };
    for entry in entries {
        let entry = entry.map_err(file_error(folder))?;
        if entry.file_name().to_str().is_some_and(|name| name.starts_with(TEMPORARY_PREFIX)) {
            ignore_missing(std::fs::remove_file(entry.path())).map_err(file_error(&entry.path()))?;
        }
    }
    Ok(())
}

/// Removes the folders of a file that nothing is in any more, up to those that every project has.
pub fn remove_empty_folders(project: &Path, path: &Path) {
    let mut folder = path.parent();
    while let Some(empty) = folder.filter(|f| f.components().count() > project.components().count() + 2) {
        if ignore_missing(std::fs::remove_dir(empty)).is_err() {
            break;
        }
        folder = empty.parent();
    }
}

/// Whatever was renamed or deleted in the folder of a file is on disk when this returns.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match std::fs::File::open(folder) {
        Ok(folder) => folder.sync_all(),
        Err(e) => ignore_missing(Err(e)),
    }
}

fn ignore_missing(result: std::io::Result<()>) -> std::io::Result<()> {
    result.or_else(|e| if e.kind() == ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

fn file_error(path: &Path) -> impl FnOnce(std::io::Error) -> OperatorError + use<> {
    let path = path.to_owned();
    move |e| OperatorError(format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All files below a folder, with their content.
    fn read_all(folder: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if std::fs::read_dir(&path).unwrap().next().is_none() => found.push((path, "empty".into())),
                true => found.extend(read_all(&path)),
                false => found.push((path.clone(), std::fs::read_to_string(&path).unwrap())),
            }
        }
        found.sort();
        found
    }

    #[test]
    fn staged_files_leave_no_trace_unless_they_are_put_in_place() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("old.json"), "old").unwrap();
        std::fs::write(at("gone.json"), "gone").unwrap();
        let before = read_all(dir.path());
        let changes = || {
            [(at("old.json"), Some(b"new".to_vec())), (at("a/b/c.json"), Some(b"c".to_vec())), (at("gone.json"), None)]
        };
        drop(StagedFiles::stage(changes(), &mut || Ok(())).unwrap());
        assert_eq!(read_all(dir.path()), before);
        // The third one cannot be written: there is a file where its folder should be.
        let failing_changes = changes().into_iter().chain([(at("old.json/x.json"), Some(b"x".to_vec()))]);
        assert!(StagedFiles::stage(failing_changes, &mut || Ok(())).is_err());
        assert_eq!(read_all(dir.path()), before);
        StagedFiles::stage(changes(), &mut || Ok(())).unwrap().put_in_place(&mut || Ok(())).unwrap();
        assert_eq!(read_all(dir.path()), [(at("a/b/c.json"), "c".to_owned()), (at("old.json"), "new".to_owned())]);
    }

    #[cfg(unix)]
    #[test]
    fn replaced_files_keep_their_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.json");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        write_file(&path, b"one").unwrap();
        assert_eq!(mode(), 0o644);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        write_file(&path, b"two").unwrap();
        assert_eq!((mode(), std::fs::read(&path).unwrap()), (0o640, b"two".to_vec()));
        let folder = dir.path().join("folder");
        std::fs::create_dir(&folder).unwrap();
        assert!(write_file(&folder, b"x").is_err());
    }
}
