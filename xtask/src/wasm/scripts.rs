//! Plugins in TypeScript and Python, built by `plugins/sdk-js` and `plugins/sdk-py`, which authors use too. Both decide for themselves
//! whether a component has to be built again.

use crate::process::{root_command, run_checked};
use crate::{npm, paths, prerequisites};
use anyhow::{Context, Result};
use cairn_plugin_build::python::{self, Environment};
use cairn_plugin_build::tools::ToolStatus;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The language of a plugin that is not in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ScriptLanguage {
    /// `src/main.ts`, or `src/main.js`.
    TypeScript,
    /// `src/main.py`.
    Python,
}

impl ScriptLanguage {
    /// Every language, in the order in which they are built.
    pub(crate) const ALL: [Self; 2] = [Self::TypeScript, Self::Python];

    /// The language of the plugin in a folder; `None` where it is none of these.
    fn for_folder(folder: &Path) -> Option<Self> {
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
    pub(crate) fn library_folder(self) -> PathBuf {
        paths::repository_root().join("plugins").join(match self {
            Self::TypeScript => "sdk-js",
            Self::Python => "sdk-py",
        })
    }

    /// Subfolder with the tests of a plugin or library.
    pub(crate) fn test_folder(self) -> &'static str {
        match self {
            Self::TypeScript => "test",
            Self::Python => "tests",
        }
    }

    /// The tool that builds, checks and tests plugins; installs what it needs.
    ///
    /// # Errors
    /// When what it needs is missing and cannot be installed.
    pub(crate) fn build_tool(self) -> Result<Command> {
        match self {
            Self::TypeScript => {
                npm::install_packages(&self.library_folder())?;
                let mut node = root_command("node");
                node.arg(self.library_folder().join("bin/cairn-plugin-js.mjs"));
                Ok(node)
            }
            Self::Python => {
                let library = self.library_folder();
                Ok(python::tool_command(&python_packages(&library)?, &library))
            }
        }
    }
}

/// The plugins of the repository in one language. Returns an error if a folder cannot be read.
pub(crate) fn plugin_folders(language: ScriptLanguage) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for parent in super::plugin_parents() {
        let entries = std::fs::read_dir(&parent).with_context(|| format!("cannot read {}", parent.display()))?;
        for entry in entries {
            let folder = entry?.path();
            if ScriptLanguage::for_folder(&folder) == Some(language) {
                found.push(folder);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Builds all plugins of the language to `out`, under the names of their folders, and returns the paths. Returns an error if a tool is
/// missing, or a plugin does not build.
pub(super) fn build_plugins(out: &Path) -> Result<Vec<PathBuf>> {
    let mut built = Vec::new();
    for language in ScriptLanguage::ALL {
        for folder in plugin_folders(language)? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let component = out.join(format!("{name}.wasm"));
            run_checked(language.build_tool()?.arg("build").arg(&folder).arg("--out").arg(&component))?;
            built.push(component);
        }
    }
    Ok(built)
}

/// A Python in a folder below the target folder that has the packages of the library's `requirements.txt`; those that
/// Debian has are installed from there.
fn python_packages(library: &Path) -> Result<PathBuf> {
    let (requirements, place) = (library.join("requirements.txt"), paths::target_folder().join("sdk-py"));
    if let Environment::Missing(ToolStatus::Missing { packages, .. }) =
        python::ensure_environment(&requirements, &place)?
    {
        prerequisites::install_packages(packages)?;
    }
    match python::ensure_environment(&requirements, &place)? {
        Environment::Ready(python) => Ok(python),
        Environment::Missing(tools) => anyhow::bail!(tools.missing_message().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_language_is_detected_by_the_main_file() {
        let dir = std::env::temp_dir().join(format!("xtask-scripts-{}", std::process::id()));
        let plugin = |name: &str, files: &[&str]| {
            let folder = dir.join(name);
            std::fs::create_dir_all(folder.join("src")).unwrap();
            for file in files {
                std::fs::write(folder.join(file), "").unwrap();
            }
            folder
        };
        assert_eq!(
            ScriptLanguage::for_folder(&plugin("ts", &["plugin.toml", "src/main.ts"])),
            Some(ScriptLanguage::TypeScript)
        );
        assert_eq!(
            ScriptLanguage::for_folder(&plugin("py", &["plugin.toml", "src/main.py"])),
            Some(ScriptLanguage::Python)
        );
        assert_eq!(ScriptLanguage::for_folder(&plugin("rust", &["plugin.toml", "src/lib.rs"])), None);
        assert_eq!(ScriptLanguage::for_folder(&plugin("none", &["src/main.ts"])), None);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
