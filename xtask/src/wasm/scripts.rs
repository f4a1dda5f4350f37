//! Plugins in TypeScript and Python, built by `plugins/sdk-js` and `plugins/sdk-py`, which authors use too. Both decide for themselves
//! whether a component has to be built again.

use crate::process::{check, command};
use crate::{need, npm, paths};
use anyhow::{Context, Result};
use cairn_plugin_build::python::{self, Environment};
use cairn_plugin_build::tools::Tools;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The language of a plugin that is not in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    /// `src/main.ts`, or `src/main.js`.
    TypeScript,
    /// `src/main.py`.
    Python,
}

impl Language {
    /// Every language, in the order in which they are built.
    pub(crate) const ALL: [Self; 2] = [Self::TypeScript, Self::Python];

    /// The language of the plugin in a folder; `None` where it is none of these.
    fn of(folder: &Path) -> Option<Self> {
        let has = |file: &str| folder.join("src").join(file).is_file();
        if !folder.join("plugin.toml").is_file() {
            None
        } else if has("main.ts") || has("main.js") {
            Some(Self::TypeScript)
        } else {
            has("main.py").then_some(Self::Python)
        }
    }

    /// The folder of the language's library.
    pub(crate) fn library(self) -> PathBuf {
        paths::root().join("plugins").join(match self {
            Self::TypeScript => "sdk-js",
            Self::Python => "sdk-py",
        })
    }

    /// Subfolder with the tests of a plugin or library.
    pub(crate) fn tests(self) -> &'static str {
        match self {
            Self::TypeScript => "test",
            Self::Python => "tests",
        }
    }

    /// The tool that builds, checks and tests plugins; installs what it needs.
    ///
    /// # Errors
    /// When what it needs is missing and cannot be installed.
    pub(crate) fn tool(self) -> Result<Command> {
        match self {
            Self::TypeScript => {
                npm::packages(&self.library())?;
                let mut node = command("node");
                node.arg(self.library().join("bin/cairn-plugin-js.mjs"));
                Ok(node)
            }
            Self::Python => {
                let library = self.library();
                Ok(python::tool(&python_packages(&library)?, &library))
            }
        }
    }
}

/// The plugins of the repository in one language.
///
/// # Errors
/// When a folder cannot be read.
pub(crate) fn folders(language: Language) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for shelf in super::shelves() {
        let entries = std::fs::read_dir(&shelf).with_context(|| format!("cannot read {}", shelf.display()))?;
        for entry in entries {
            let folder = entry?.path();
            if Language::of(&folder) == Some(language) {
                found.push(folder);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Builds all plugins of the language to `out`, under the names of their folders, and returns the paths.
///
/// # Errors
/// When a tool is missing, or a plugin does not build.
pub(super) fn build(out: &Path) -> Result<Vec<PathBuf>> {
    let mut built = Vec::new();
    for language in Language::ALL {
        for folder in folders(language)? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let component = out.join(format!("{name}.wasm"));
            check(language.tool()?.arg("build").arg(&folder).arg("--out").arg(&component))?;
            built.push(component);
        }
    }
    Ok(built)
}

/// A Python in a folder below the target folder that has the packages of the library's `requirements.txt`; those that
/// Debian has are installed from there.
fn python_packages(library: &Path) -> Result<PathBuf> {
    let (requirements, place) = (library.join("requirements.txt"), paths::target().join("sdk-py"));
    if let Environment::Missing(Tools::Missing { packages, .. }) = python::environment(&requirements, &place)? {
        need::install(packages)?;
    }
    match python::environment(&requirements, &place)? {
        Environment::Ready(python) => Ok(python),
        Environment::Missing(tools) => anyhow::bail!(tools.missing().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_known_by_its_main_file() {
        let dir = std::env::temp_dir().join(format!("xtask-scripts-{}", std::process::id()));
        let plugin = |name: &str, files: &[&str]| {
            let folder = dir.join(name);
            std::fs::create_dir_all(folder.join("src")).unwrap();
            for file in files {
                std::fs::write(folder.join(file), "").unwrap();
            }
            folder
        };
        assert_eq!(Language::of(&plugin("ts", &["plugin.toml", "src/main.ts"])), Some(Language::TypeScript));
        assert_eq!(Language::of(&plugin("py", &["plugin.toml", "src/main.py"])), Some(Language::Python));
        assert_eq!(Language::of(&plugin("rust", &["plugin.toml", "src/lib.rs"])), None);
        assert_eq!(Language::of(&plugin("none", &["src/main.ts"])), None);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
