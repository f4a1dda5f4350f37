//! The uploads folder of a Strapi project: the bytes of its media library.

use crate::archive::{Member, MemberKind};
use crate::error::ImportError;
use crate::source::ImportSource;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Longest name of a file, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// The files of a folder that a database names.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    folder: PathBuf,
    names: BTreeSet<Box<str>>,
}

impl Uploads {
    /// Opens a folder; it has to exist.
    pub(crate) fn open(folder: &Path) -> Result<Self, ImportError> {
        if !folder.is_dir() {
            return Err(ImportError::Database(format!(
                "{}: there is no such folder: name the folder with the uploads of the Strapi project with --uploads; it is public/uploads there",
                folder.display()
            )));
        }
        Ok(Self { folder: folder.to_owned(), names: BTreeSet::new() })
    }

    /// Adds a file. Fails if its name is none, or leads out of the folder.
    pub(crate) fn add(&mut self, name: &str, place: &dyn Fn() -> String) -> Result<(), ImportError> {
        let is_plain = !name.is_empty()
            && name.len() <= MAX_NAME_BYTES
            && !name.starts_with('.')
            && !name.contains(['/', '\\', ':'])
            && !name.contains(char::is_control);
        if !is_plain {
            return Err(ImportError::Database(format!(
                "{}: {name:?} is not a name of a file in the uploads folder: correct `hash` and `ext` in Strapi's database",
                place()
            )));
        }
        self.names.insert(name.into());
        Ok(())
    }

    /// Calls `visit` with each file that is there, as with the members of an archive.
    pub(crate) fn visit(
        &self,
        visit: &mut dyn FnMut(Member<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        for name in &self.names {
            let path = self.folder.join(&**name);
            let shown = path.display().to_string();
            if let Some(mut file) = open_plain(&path).map_err(|e| ImportError::Database(format!("{shown}: {e}")))? {
                let (kind, source) = (MemberKind::Asset(name), ImportSource::Database);
                visit(Member { path: &shown, kind, source, body: &mut file })?;
            }
        }
        Ok(())
    }
}

/// Opens a file that is no link to elsewhere; `None` if it does not exist.
fn open_plain(path: &Path) -> io::Result<Option<File>> {
    let refused = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let metadata = match path.symlink_metadata() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    if metadata.is_symlink() {
        return refused("it is a symbolic link, which may lead out of the uploads folder: put the file itself there");
    }
    // Opening a named pipe would wait for a writer.
    if !metadata.is_file() {
        return refused("it is not a file: remove it from the uploads folder");
    }
    File::open(path).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut uploads = Uploads::open(folder.path()).unwrap();
        for name in ["", "..", "../a.png", "a/../../b", "/etc/passwd", "a\\b", "a\0b", ".env", &"a".repeat(300)] {
            let message = uploads.add(name, &|| "files, row 7".into()).unwrap_err().to_string();
            assert!(message.starts_with("files, row 7"), "{message}");
        }
        assert!(uploads.names.is_empty());
        assert!(Uploads::open(&folder.path().join("missing")).unwrap_err().to_string().contains("--uploads"));
    }

    #[cfg(unix)]
    #[test]
    fn links_and_folders_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(folder.path().join("a.txt"), "a").unwrap();
        let mut uploads = Uploads::open(folder.path()).unwrap();
        ["a.txt", "missing.txt"].iter().for_each(|name| uploads.add(name, &String::new).unwrap());
        let mut read = Vec::new();
        let mut visit = |member: Member<'_>| {
            read.push((member.path.to_owned(), io::read_to_string(member.body).unwrap()));
            Ok(())
        };
        uploads.visit(&mut visit).unwrap();
        assert_eq!(read, [(folder.path().join("a.txt").display().to_string(), "a".to_owned())]);

        std::os::unix::fs::symlink(outside.path(), folder.path().join("link.txt")).unwrap();
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        for (name, expected) in [("link.txt", "symbolic link"), ("folder", "not a file")] {
            let mut uploads = Uploads::open(folder.path()).unwrap();
            uploads.add(name, &String::new).unwrap();
            let mut visit = |member: Member<'_>| member.body.read(&mut [0]).map(drop).map_err(ImportError::from);
            let message = uploads.visit(&mut visit).unwrap_err().to_string();
            assert!(message.contains(name) && message.contains(expected), "{message}");
        }
    }
}
