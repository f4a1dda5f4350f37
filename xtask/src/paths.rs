//! Where things are: the repository, its target folder, and the shared material that may or may not be there.

use std::path::{Path, PathBuf};

/// The repository's root.
pub(crate) fn repository_root() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}

/// Cargo's target folder; everything a chore makes goes below it.
pub(crate) fn target_folder() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| repository_root().join("target"), |dir| repository_root().join(dir))
}

/// A folder of the shared material (`conformance`, `bench`): below `$CAIRN_SHARED` if that is set, else beside the
/// repository; `None` when it is not there.
pub(crate) fn shared_folder(folder: &str) -> Option<PathBuf> {
    let base = std::env::var_os("CAIRN_SHARED").map_or_else(|| repository_root().join("../shared"), PathBuf::from);
    base.join(folder).canonicalize().ok()
}

/// An empty folder below the target folder, made anew. Returns an error if it cannot be removed or made.
pub(crate) fn scratch_folder(name: &str) -> anyhow::Result<PathBuf> {
    let dir = target_folder().join("xtask").join(name);
    if dir.exists() {
        std::fs::remove_dir_all(&dir)?;
    }
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// Copies a folder with all that is in it. Returns an error if something cannot be read or written.
pub(crate) fn copy_dir(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            // Written, not copied: a copy would take over the read-only bit of shared material.
            std::fs::write(&target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
