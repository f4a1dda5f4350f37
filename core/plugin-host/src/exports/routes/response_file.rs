//! Files as responses: those that the plugin may see, sent by the server without passing through the plugin.

use super::message::ResponseFile;
use crate::call::error::CallError;
use crate::capabilities::files::visible_files;
use crate::runtime::generation::Generation;
use cairn_plugin_package::Capability;
use cairn_store::StoreError;

/// Finds the file that a plugin answers with.
///
/// # Errors
/// An invalid output: the plugin may see no files, or not that one.
pub(super) fn find_response_file(generation: &Generation, id: String) -> Result<ResponseFile, CallError> {
    if !generation.has_grant(Capability::FilesRead) && !generation.has_grant(Capability::FilesWrite) {
        return Err(CallError::invalid_output(
            "its response is a file, which is not granted: plugin.toml needs a [[grant]] with use = \"files.read\"",
        ));
    }
    let found = generation.content().store().read(|r| {
        let assets = visible_files(r, &generation.definition, std::slice::from_ref(&id));
        let Some(asset) = assets.ok().and_then(|mut assets| assets.remove(&id)) else { return Ok(None) };
        let blobs = r.assets().list_blobs(&id, asset.number)?;
        Ok::<_, StoreError>(blobs.into_iter().find(|blob| blob.variant.is_empty()))
    });
    match found {
        Ok(Some(blob)) => Ok(ResponseFile { id, name: blob.name }),
        Ok(None) => Err(CallError::invalid_output(format!(
            "its response is the file {id:?}, which does not exist or which the plugin may not see"
        ))),
        Err(error) => Err(CallError::invalid_output(format!("its response is a file, which cannot be read: {error}"))),
    }
}
