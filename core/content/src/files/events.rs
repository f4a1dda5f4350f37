//! Events of files.

use crate::Result;
use crate::document_event::{VersionRef, WriteAuthor};
use cairn_model::ContentType;
use cairn_store::WriteTx;
use cairn_store::assets::AssetBlob;
use cairn_store::events::NewEvent;
use serde_json::json;

/// The version of a file that its events are about: it has one.
pub(super) fn file_version<'a>(file: &'a ContentType, document_id: &'a str) -> VersionRef<'a> {
    VersionRef { ct: file, document_id, locale: "", published: true }
}

/// The event on which caches in front of the server drop what they hold of a file.
const PURGE_EVENT: &str = "asset.purge";

/// Emits [`PURGE_EVENT`] for a file.
pub(super) fn emit_cache_purge(tx: &mut WriteTx<'_>, by: &WriteAuthor, document_id: &str) -> Result<()> {
    let Some(asset) = tx.reader().assets().get(document_id)? else { return Ok(()) };
    let blobs: Vec<AssetBlob> = tx.reader().assets().list_blobs(document_id, asset.number)?;
    let urls: Vec<String> = blobs.iter().map(|b| format!("/uploads/{}", b.name)).collect();
    let event = NewEvent {
        name: PURGE_EVENT.into(),
        key: document_id.to_owned(),
        content_type: Some(tx.registry().file_type().uid.clone()),
        document_id: Some(document_id.to_owned()),
        locale: None,
        status: None,
        data: json!({ "urls": urls }),
    };
    Ok(tx.events().emit(&by.actor, &event, by.at)?)
}
