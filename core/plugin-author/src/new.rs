//! The folder of a new plugin. It builds and passes its own tests as it is.

mod common;
mod parts;
mod python;
mod rust;
mod typescript;

pub use parts::{NewError, StarterKind};

use crate::types;
use crate::{FileWriteError, Language, sdk, write_if_changed};
use cairn_plugin_package::Manifest;
use parts::StarterParts;
use std::path::Path;

/// Makes the folder, with the library in it. What is there already stays as it is: a folder that is not empty is refused, and one
/// that could not be filled is emptied again. Returns [`NewError`] on failure.
pub fn create_plugin(folder: &Path, id: &str, language: Language, kind: StarterKind) -> Result<(), NewError> {
    check_id(id)?;
    let parts = StarterParts::for_kind(language, kind)?;
    let existed = folder.exists();
    match std::fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                return Err(NewError::NotEmpty(folder.to_owned()));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(FileWriteError { path: folder.to_owned(), error }.into()),
    }
    let filled = write_files(folder, id, language, parts);
    if filled.is_err() {
        // The error of `write_files` is the one to report: failures of this cleanup are ignored.
        let _ = std::fs::remove_dir_all(folder);
        if existed {
            let _ = std::fs::create_dir(folder);
        }
    }
    filled
}

fn write_files(folder: &Path, id: &str, language: Language, parts: StarterParts) -> Result<(), NewError> {
    let own = match language {
        Language::Rust => rust::rust_files(id, parts),
        Language::TypeScript => typescript::typescript_files(id, parts),
        Language::Python => python::python_files(id, parts),
    };
    for (name, content) in common::common_files(id, language, parts).into_iter().chain(own) {
        write_if_changed(&folder.join(name), content.as_bytes())?;
    }
    sdk::refresh_sdk(folder, language)?;
    types::refresh_types(folder, None)?;
    Ok(())
}

/// Checks that a plugin may have this id: the manifest decides.
fn check_id(id: &str) -> Result<(), NewError> {
    let refused = |why: String| Err(NewError::Id { id: id.to_owned(), why });
    // Characters that could end the quoted text below are rejected first; no valid id has them.
    if id.contains(['"', '\\']) || id.contains(char::is_control) {
        return refused("it must contain only lowercase letters, digits and single `-`".to_owned());
    }
    let least =
        format!("[plugin]\nid = \"{id}\"\nversion = \"0.1.0\"\napi = \"0.1\"\nname = \"x\"\nlicense = \"MIT\"\n");
    match Manifest::parse(&least) {
        Ok(_) => Ok(()),
        Err(problems) => {
            refused(problems.iter().filter(|p| p.line == 2).map(|p| p.message.clone()).collect::<Vec<_>>().join("; "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin_package::package::{PackageFiles, check_files};
    use cairn_plugin_package::{Severity, has_errors};
    use std::fs;
    use std::path::PathBuf;

    const KINDS: [StarterKind; 4] = [StarterKind::Hook, StarterKind::Route, StarterKind::Jobs, StarterKind::Full];

    /// Returns the errors of `cairn plugin check`, with a component that exports nothing: those of the real one are
    /// looked at where it is built.
    fn find_starter_errors(folder: &Path) -> Vec<String> {
        let mut files = PackageFiles::new();
        for name in ["plugin.toml", "locales/en.json", "content-types/note/schema.json"] {
            files.add(name, fs::read(folder.join(name)).unwrap()).unwrap();
        }
        if let Ok(schema) = fs::read(folder.join("responses/latest.json")) {
            files.add("responses/latest.json", schema).unwrap();
        }
        files.add("plugin.wasm", b"\0asm\x0d\0\x01\0".to_vec()).unwrap();
        let problems = check_files(&files);
        assert!(problems.iter().any(|p| p.message.contains("export")), "{problems:?}");
        let real = problems.iter().filter(|p| p.severity == Severity::Error && !p.message.contains("export"));
        real.map(ToString::to_string).collect()
    }

    #[test]
    fn every_starter_kind_passes_the_plugin_check() {
        for (language, types, library) in [
            (Language::Rust, "src/types.rs", "sdk/src/lib.rs"),
            (Language::TypeScript, "src/types.ts", "sdk-js/src/index.ts"),
            (Language::Python, "src/content_types.py", "sdk-py/cairn_plugin/__init__.py"),
        ] {
            for kind in KINDS.into_iter().filter(|kind| (language, *kind) != (Language::Python, StarterKind::Hook)) {
                let dir = tempfile::tempdir().unwrap();
                let folder = dir.path().join("my-notes");
                create_plugin(&folder, "my-notes", language, kind).unwrap();
                assert_eq!(find_starter_errors(&folder), Vec::<String>::new(), "{language:?} {kind:?}");
                assert_eq!(Language::detect_in(&folder), Some(language));
                let manifest = Manifest::parse(&fs::read_to_string(folder.join("plugin.toml")).unwrap()).unwrap();
                assert_eq!(manifest.id(), "my-notes");
                assert!(fs::read_to_string(folder.join(types)).unwrap().contains("plugin::my-notes.note"));
                assert!(folder.join(sdk::SDK_FOLDER).join(library).is_file());
                assert!(folder.join(sdk::SDK_FOLDER).join("wit/v0.1/world.wit").is_file());
                for entry in
                    list_files(&folder).into_iter().filter(|path| !path.starts_with(folder.join(sdk::SDK_FOLDER)))
                {
                    let text = fs::read_to_string(&entry).unwrap();
                    assert!(!text.contains("__id__") && !text.contains("__table__"), "{}", entry.display());
                }
            }
        }
    }

    #[test]
    fn python_starters_have_no_hooks() {
        let dir = tempfile::tempdir().unwrap();
        let refused = create_plugin(&dir.path().join("n"), "notes", Language::Python, StarterKind::Hook).unwrap_err();
        assert!(matches!(refused, NewError::NoHooks), "{refused}");
        assert!(!dir.path().join("n").exists());
        create_plugin(&dir.path().join("n"), "notes", Language::Python, StarterKind::Full).unwrap();
        assert!(!fs::read_to_string(dir.path().join("n/plugin.toml")).unwrap().contains("[[hook]]"));
    }

    fn list_files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { list_files(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn non_empty_folders_are_refused_and_left_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("mine.txt"), "mine").unwrap();
        let refused = create_plugin(dir.path(), "notes", Language::Rust, StarterKind::Full).unwrap_err();
        assert!(matches!(refused, NewError::NotEmpty(_)), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        let file = dir.path().join("mine.txt");
        assert!(create_plugin(&file, "notes", Language::Rust, StarterKind::Full).is_err());
        assert_eq!(fs::read_to_string(file).unwrap(), "mine");
    }

    #[test]
    fn invalid_ids_are_refused_before_the_folder_is_created() {
        let dir = tempfile::tempdir().unwrap();
        let long = "x".repeat(10_000);
        for id in ["", "A", "My Plugin", "../up", "a\"\nversion = \"1", "admin", "übung", "-x", "x--y", long.as_str()]
        {
            let refused = create_plugin(&dir.path().join("new"), id, Language::Rust, StarterKind::Hook).unwrap_err();
            assert!(matches!(&refused, NewError::Id { why, .. } if !why.is_empty()), "{id}: {refused}");
        }
        assert!(!dir.path().join("new").exists());
    }

    #[test]
    fn starters_without_texts_and_component_have_errors() {
        let dir = tempfile::tempdir().unwrap();
        create_plugin(&dir.path().join("n"), "notes", Language::Rust, StarterKind::Hook).unwrap();
        let mut files = PackageFiles::new();
        files.add("plugin.toml", fs::read(dir.path().join("n/plugin.toml")).unwrap()).unwrap();
        // A starter without its texts and its component is incomplete: the check above can fail.
        assert!(has_errors(&check_files(&files)));
    }
}
