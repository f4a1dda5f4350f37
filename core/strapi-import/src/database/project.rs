//! The folder of a Strapi project.

use crate::error::ImportError;
use serde_json::{Map, Value as Json};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest `package.json`, in bytes.
const MAX_PACKAGE_BYTES: u64 = 1 << 20;
/// The package that is Strapi.
const STRAPI_PACKAGE: &str = "@strapi/strapi";
/// Packages that were Strapi before version 4.
const FORMER_PACKAGES: [&str; 1] = ["strapi"];

/// A Strapi project on this machine.
#[derive(Debug, Clone)]
pub struct StrapiProject {
    folder: PathBuf,
    version: String,
}

impl StrapiProject {
    /// Opens the folder of a project. Returns an error if it is not of Strapi.
    pub fn open(folder: &Path) -> Result<Self, ImportError> {
        let not_strapi = |why: String| {
            ImportError::Database(format!(
                "this is not the folder of a Strapi project: {why}. Name the folder that has package.json and src"
            ))
        };
        let package = read_package(&folder.join("package.json")).map_err(not_strapi)?;
        let dependency = |name: &str| {
            let of_kind = |kind: &str| package.get(kind)?.get(name)?.as_str().map(str::to_owned);
            of_kind("dependencies").or_else(|| of_kind("devDependencies"))
        };
        let names = std::iter::once(STRAPI_PACKAGE).chain(FORMER_PACKAGES);
        let Some(range) = names.filter_map(dependency).next() else {
            return Err(not_strapi(format!("package.json does not depend on {STRAPI_PACKAGE}")));
        };
        if !folder.join("src").is_dir() && !folder.join("api").is_dir() {
            return Err(not_strapi("it has no folder src".into()));
        }
        // The version that is installed is more precise than the range that the project accepts.
        let installed = read_package(&folder.join("node_modules").join(STRAPI_PACKAGE).join("package.json"));
        let installed = installed.ok().and_then(|package| Some(package.get("version")?.as_str()?.to_owned()));
        let lowest = || range.trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
        Ok(Self { folder: folder.to_owned(), version: installed.unwrap_or_else(lowest) })
    }

    /// The version of Strapi; empty if `package.json` has none.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The database of a project whose configuration nobody changed.
    pub fn default_database(&self) -> PathBuf {
        self.folder.join(".tmp/data.db")
    }

    /// The folder with uploads of a project whose configuration nobody changed.
    pub fn default_uploads(&self) -> PathBuf {
        self.folder.join("public/uploads")
    }
}

fn read_package(path: &Path) -> Result<Map<String, Json>, String> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MAX_PACKAGE_BYTES).read_to_string(&mut text));
    read.map_err(|e| format!("package.json: {e}"))?;
    serde_json::from_str(&text).map_err(|e| format!("package.json: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_of_strapi_are_told_by_their_package() {
        let folder = tempfile::tempdir().unwrap();
        let message = StrapiProject::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("package.json"), "{message}");
        let write = |text: &str| std::fs::write(folder.path().join("package.json"), text).unwrap();
        std::fs::create_dir(folder.path().join("src")).unwrap();
        write(r#"{"dependencies": {"next": "15.0.0"}}"#);
        let message = StrapiProject::open(folder.path()).unwrap_err().to_string();
        assert!(message.contains("does not depend on @strapi/strapi"), "{message}");
        write(r#"{"dependencies": {"@strapi/strapi": "^5.12.3"}}"#);
        assert_eq!(StrapiProject::open(folder.path()).unwrap().version(), "5.12.3");
        let installed = folder.path().join("node_modules/@strapi/strapi");
        std::fs::create_dir_all(&installed).unwrap();
        std::fs::write(installed.join("package.json"), r#"{"version": "5.54.0"}"#).unwrap();
        assert_eq!(StrapiProject::open(folder.path()).unwrap().version(), "5.54.0");
    }
}
