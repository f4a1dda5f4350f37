//! Export of a plugin's data to a file.

use cairn_app::OperatorError;
use cairn_plugin_host::Plugins;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes what a plugin has to a file that is not there yet, one object of JSON on each line. The file is there whole and on disk, or not at
/// all. How many documents.
///
/// # Errors
/// Where there is a file already; what cannot be read or written.
pub(super) fn to_file(plugins: &Plugins, id: &str, file: &Path) -> Result<u64, OperatorError> {
    let at = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", file.display()));
    if file.exists() {
        return Err(at(&"the file already exists: use another name"));
    }
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = tempfile::Builder::new().prefix(".cairn-").tempfile_in(folder).map_err(|e| at(&e))?;
    let mut out = BufWriter::new(temporary);
    let exported = tokio::task::block_in_place(|| plugins.export_plugin(id, &mut out));
    let documents =
        exported.map_err(|e| OperatorError(format!("{id} was not exported, and nothing was changed: {e}")))?;
    out.flush().map_err(|e| at(&e))?;
    let temporary = out.into_inner().map_err(|e| at(&e))?;
    temporary.as_file().sync_all().map_err(|e| at(&e))?;
    temporary.persist_noclobber(file).map_err(|e| at(&e.error))?;
    Ok(documents)
}
