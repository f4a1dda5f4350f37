//! Scripts of a plugin's frames: the TypeScript of `admin-src/`, bundled into `admin/` by the tool of the TypeScript library.

use crate::npm;
use crate::tools::ToolStatus;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

/// The folder of the sources, in that of the plugin.
const SOURCE_FOLDER: &str = "admin-src";

/// True if a plugin has frames that are bundled.
pub fn has_sources(plugin: &Path) -> bool {
    plugin.join(SOURCE_FOLDER).is_dir()
}

/// Checks the types of the frames of a plugin and bundles them, by the TypeScript library in a folder; what the tool says goes to where this
/// process's goes. Returns the tools that are missing, if any. Returns an error if Node.js is too old, packages cannot be installed, or the
/// sources have mistakes.
pub fn bundle_frames(plugin: &Path, library: &Path) -> Result<ToolStatus> {
    let tools = npm::check_tools()?;
    if tools != ToolStatus::Ready {
        return Ok(tools);
    }
    npm::install_packages(library, &[])?;
    let mut tool = Command::new("node");
    tool.arg(library.join("bin").join("cairn-plugin-js.mjs")).arg("frames").arg(plugin);
    let status = tool.stdin(Stdio::null()).status().context("cannot start node")?;
    if !status.success() {
        bail!("the frames in {} have mistakes", plugin.join(SOURCE_FOLDER).display());
    }
    Ok(ToolStatus::Ready)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        assert!(!has_sources(dir.path()));
        std::fs::write(dir.path().join(SOURCE_FOLDER), "").unwrap();
        assert!(!has_sources(dir.path()));
        std::fs::remove_file(dir.path().join(SOURCE_FOLDER)).unwrap();
        std::fs::create_dir(dir.path().join(SOURCE_FOLDER)).unwrap();
        assert!(has_sources(dir.path()));
    }
}
