//! Files that are passed on, into PDFs or with mails.

use super::not_found;
use super::visibility::visible_files;
use crate::call::state::CallState;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, internal_error};
use bytes::Bytes;
use cairn_store::library::{AssetFilter, AssetPage};

/// A file that the plugin may see.
#[derive(Debug, Clone)]
pub(crate) struct VisibleFile {
    /// File name in the library.
    pub(crate) name: String,
    /// MIME type; `application/octet-stream` where it is unknown.
    pub(crate) media_type: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// Key of its current blob.
    pub(crate) blob: String,
}

impl CallState {
    /// A file that the plugin may see: one of its own, or any with `files.read`.
    pub(crate) async fn find_visible_file(&mut self, id: &str) -> Result<VisibleFile, Error> {
        let (definition, id) = (self.definition.clone(), id.to_owned());
        self.with_reader(move |r| {
            let to_error = |e: cairn_store::StoreError| from_content_error(e.into());
            let asset =
                visible_files(r, &definition, std::slice::from_ref(&id))?.remove(&id).ok_or_else(|| not_found(&id))?;
            let blobs = r.assets().list_blobs(&id, asset.number).map_err(to_error)?;
            let original = blobs.into_iter().find(|blob| blob.variant.is_empty());
            let original = original.ok_or_else(|| internal_error(format!("the file {id} has no blob")))?;
            let filter = AssetFilter { documents: Some(vec![id.clone()]), ..AssetFilter::default() };
            let rows = r.assets().list(&filter, &AssetPage { limit: 1, ..AssetPage::default() }).map_err(to_error)?;
            let (name, mime) = rows.into_iter().next().map(|row| (row.name, row.mime)).unwrap_or_default();
            Ok(VisibleFile {
                name: name.unwrap_or_else(|| original.name.clone()),
                media_type: mime.unwrap_or_else(|| "application/octet-stream".to_owned()),
                bytes: asset.bytes,
                blob: original.blob,
            })
        })
        .await
    }

    /// The whole content of a file.
    pub(crate) async fn read_all_bytes(&mut self, id: &str, file: &VisibleFile) -> Result<Bytes, Error> {
        self.read_part(id, 0, file.bytes).await
    }
}
