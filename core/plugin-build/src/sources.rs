//! Detection of changes since the components were built: by a fingerprint of all files they are made of, kept beside
//! them with their names.

use anyhow::{Context, Result};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Folders that tools have made.
const TOOL_FOLDERS: [&str; 3] = ["target", "node_modules", "__pycache__"];
/// The file beside the components.
const NOTE_FILE: &str = ".built-from";

/// A number over the names and bytes of all files below the folders, in hexadecimal. Not proof against who wants to deceive:
/// it saves time, nothing else. What tools have made is left out: folders named `target`, `node_modules` and `__pycache__`, what is
/// hidden, and components. Returns an error if something cannot be read.
pub fn source_fingerprint(folders: &[PathBuf]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for folder in folders {
        let mut files = Vec::new();
        collect_files(folder, &mut files).with_context(|| format!("cannot read {}", folder.display()))?;
        files.sort();
        for file in files {
            file.strip_prefix(folder).unwrap_or(&file).hash(&mut hasher);
            std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if TOOL_FOLDERS.contains(&&*name) || name.starts_with('.') || name.ends_with(".wasm") {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect_files(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The components of `out`, where they were built from these sources and are all still there.
pub fn find_unchanged(out: &Path, fingerprint: &str) -> Option<Vec<PathBuf>> {
    let note = std::fs::read_to_string(out.join(NOTE_FILE)).ok()?;
    let mut lines = note.lines();
    if lines.next() != Some(fingerprint) {
        return None;
    }
    let built: Vec<PathBuf> = lines.map(|name| out.join(name)).collect();
    built.iter().all(|path| path.is_file()).then_some(built)
}

/// Notes what the components were built from. Returns an error if it cannot be written.
pub fn write_note(out: &Path, fingerprint: &str, built: &[PathBuf]) -> Result<()> {
    let names = built.iter().filter_map(|path| path.file_name()?.to_str());
    let lines: Vec<&str> = std::iter::once(fingerprint).chain(names).collect();
    std::fs::write(out.join(NOTE_FILE), lines.join("\n")).context("cannot record what was built")
}

/// Forgets it: a build has begun, and may be interrupted. Returns an error if the note is there and cannot be removed.
pub fn remove_note(out: &Path) -> Result<()> {
    match std::fs::remove_file(out.join(NOTE_FILE)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).context("cannot remove the build record")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create_source_folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("src")).unwrap();
        std::fs::write(dir.path().join("src/lib.rs"), "one").unwrap();
        dir
    }

    #[test]
    fn fingerprint_covers_names_and_bytes_but_not_build_output() {
        let scratch = create_source_folder();
        let dir = scratch.path().to_owned();
        let fingerprint = || source_fingerprint(std::slice::from_ref(&dir)).unwrap();
        let first = fingerprint();
        for folder in TOOL_FOLDERS {
            std::fs::create_dir_all(dir.join(folder)).unwrap();
            std::fs::write(dir.join(folder).join("x"), "made").unwrap();
        }
        std::fs::write(dir.join("plugin.wasm"), "made").unwrap();
        std::fs::write(dir.join(".hidden"), "x").unwrap();
        assert_eq!(fingerprint(), first);
        std::fs::write(dir.join("src/lib.rs"), "two").unwrap();
        let second = fingerprint();
        assert_ne!(second, first);
        std::fs::rename(dir.join("src/lib.rs"), dir.join("src/main.rs")).unwrap();
        assert_ne!(fingerprint(), second);
    }

    #[test]
    fn builds_are_reused_until_sources_or_output_change() {
        let scratch = create_source_folder();
        let dir = scratch.path().to_owned();
        let component = dir.join("allow.wasm");
        assert_eq!(find_unchanged(&dir, "abc"), None);
        std::fs::write(&component, "x").unwrap();
        write_note(&dir, "abc", std::slice::from_ref(&component)).unwrap();
        assert_eq!(find_unchanged(&dir, "abc"), Some(vec![component.clone()]));
        assert_eq!(find_unchanged(&dir, "abd"), None);
        std::fs::remove_file(&component).unwrap();
        assert_eq!(find_unchanged(&dir, "abc"), None);
        remove_note(&dir).unwrap();
        remove_note(&dir).unwrap();
    }
}
