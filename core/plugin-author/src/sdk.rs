//! The guest library in a plugin's folder, under `.cairn/`: that of the program that writes it.

use crate::{FileWriteError, Language, write_if_changed};
use std::path::{Path, PathBuf};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/sdk.rs"));
}

/// The folder, in that of the plugin.
pub const SDK_FOLDER: &str = ".cairn";

/// Brings the library to what this program has. Files that are as they were are not touched. Returns an error if one cannot be written.
pub fn refresh_sdk(plugin: &Path, language: Language) -> Result<(), FileWriteError> {
    let (files, parts): (_, &[&str]) = match language {
        Language::Rust => (embedded::RUST, &["sdk", "wit"]),
        Language::TypeScript => (embedded::TYPESCRIPT, &["kit", "sdk-js", "wit"]),
        Language::Python => (embedded::PYTHON, &["sdk-py", "wit"]),
    };
    let folder = plugin.join(SDK_FOLDER);
    for (name, content) in files {
        match *name {
            "Cargo.toml" => write_if_changed(&folder.join(name), library_workspace(content).as_bytes())?,
            name => write_if_changed(&folder.join(name), content.as_bytes())?,
        }
    }
    // A module that this version no longer has would only mislead.
    let mut left = Vec::new();
    for part in parts {
        collect_files(&folder.join(part), &mut left)
            .map_err(|error| FileWriteError { path: folder.join(part), error })?;
    }
    for path in left {
        let name = path.strip_prefix(folder.as_path()).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        if !files.iter().any(|(known, _)| *known == name) {
            std::fs::remove_file(&path).map_err(|error| FileWriteError { path, error })?;
        }
    }
    Ok(())
}

/// The library of a language, in the folder of a plugin.
pub fn library_path(plugin: &Path, language: Language) -> PathBuf {
    plugin.join(SDK_FOLDER).join(match language {
        Language::Rust => "sdk",
        Language::TypeScript => "sdk-js",
        Language::Python => "sdk-py",
    })
}

/// The workspace of `plugins/` with nothing in it but the library.
fn library_workspace(text: &str) -> String {
    let line = |line: &str| match line.starts_with("members = ") {
        true => "members = [\"sdk\"]\n".to_owned(),
        false => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

fn collect_files(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            // Files of npm and Python are not part of the SDK.
            true if path.ends_with("node_modules") || path.ends_with("__pycache__") => {}
            true => collect_files(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn rust_sdk_is_complete_and_its_own_workspace() {
        let dir = tempfile::tempdir().unwrap();
        refresh_sdk(dir.path(), Language::Rust).unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(SDK_FOLDER).join(name)).unwrap();
        assert!(read("Cargo.toml").contains("members = [\"sdk\"]\n"));
        assert!(read("sdk/Cargo.toml").contains("name = \"cairn-plugin\""));
        assert!(read("sdk/src/lib.rs").contains("pub mod data;"));
        let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins/wit/v0.1");
        for entry in fs::read_dir(contract).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(read(&format!("wit/v0.1/{name}")), fs::read_to_string(&path).unwrap(), "{name}");
        }
        assert!(read("wit/v0.1/kv.wit").contains("package cairn:plugin@0.1.0;"));
    }

    #[test]
    fn typescript_sdk_has_the_kit_for_frames() {
        let dir = tempfile::tempdir().unwrap();
        refresh_sdk(dir.path(), Language::TypeScript).unwrap();
        let read = |name: &str| fs::read_to_string(dir.path().join(SDK_FOLDER).join(name)).unwrap();
        assert!(read("kit/cairn-kit.d.ts").contains("declare const cairn:"));
        assert!(read("kit/cairn-kit.js").contains("const cairn = "));
        assert!(read("sdk-js/tsconfig.frame.json").contains("../kit/cairn-kit.d.ts"));
    }

    #[test]
    fn refresh_rewrites_only_files_that_differ() {
        let dir = tempfile::tempdir().unwrap();
        refresh_sdk(dir.path(), Language::Rust).unwrap();
        let place = |name: &str| dir.path().join(SDK_FOLDER).join(name);
        let before = fs::metadata(place("sdk/src/kv.rs")).unwrap().modified().unwrap();
        fs::write(place("sdk/src/lib.rs"), "broken").unwrap();
        fs::write(place("sdk/src/gone.rs"), "left over").unwrap();
        refresh_sdk(dir.path(), Language::Rust).unwrap();
        assert_eq!(fs::metadata(place("sdk/src/kv.rs")).unwrap().modified().unwrap(), before);
        assert!(fs::read_to_string(place("sdk/src/lib.rs")).unwrap().contains("pub mod kv;"));
        assert!(!place("sdk/src/gone.rs").exists());
    }

    #[test]
    fn unwritable_sdk_folder_is_named_in_the_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(SDK_FOLDER), "in the way").unwrap();
        let error = refresh_sdk(dir.path(), Language::Rust).unwrap_err();
        assert!(error.to_string().contains(SDK_FOLDER), "{error}");
    }
}
