//! The media library: folders, tags, texts in every locale, search, usages, duplicates; resumable uploads.
//!
//! A file is a document of `plugin::upload.file`; everything else about it is in `cairn_assets` and the tables around it. Changes of the
//! file's own row go through `cairn-content`, as everywhere.

mod bulk;
mod duplicates;
mod file;
mod folders;
mod input;
mod list;
pub mod resumable;
mod tags;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod usages;

pub use bulk::{BulkAction, BulkOutcomeView, MAX_BULK_FILES};
pub use duplicates::DuplicateAssetsView;
pub use file::{AssetChanges, AssetDetailsView, AssetTextsView, AssetVersionView, FocalPointView};
pub use folders::{ChangeFolder, DeletedFolderView, FolderNameView, FolderView, MAX_DEPTH, MakeFolder};
pub use input::read_input;
pub use list::{AddedByView, AssetCursorsView, AssetKind, AssetListParams, AssetView};
pub use tags::{DeletedTagView, RenamedTagView, TagView};
pub use usages::{AssetUsageKind, AssetUsageStatus, AssetUsageView};

use cairn_access::AccessControl;
use cairn_content::{Content, RequestContext, Result};
use cairn_model::TypeId;
use cairn_query::{Access, Query};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{Store, WriteTx};
use serde_json::Value as Json;
use std::sync::Arc;

/// The media library of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Library {
    content: Content,
    access: AccessControl,
}

impl Library {
    /// Creates the library over a tenant's content and access control.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self { content, access }
    }

    fn store(&self) -> &Store {
        self.content.store()
    }

    fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    fn file_type(&self) -> TypeId {
        self.content.registry().file_type().id
    }

    /// The request for a change of a file through `cairn-content`.
    fn request_context<'a>(
        &self,
        access: &'a Arc<Access>,
        actor: &'a Arc<Actor>,
        locale: &'a str,
    ) -> RequestContext<'a> {
        RequestContext { access, content_type: self.file_type(), query: Query::empty(), default_locale: locale, actor }
    }
}

/// Emits an event about a file.
fn emit_file_event(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    suffix: &str,
    document_id: &str,
    data: Json,
    now: i64,
) -> Result<()> {
    let event = NewEvent {
        name: format!("cairn.asset.{suffix}"),
        key: document_id.to_owned(),
        content_type: Some(tx.registry().file_type().uid.clone()),
        document_id: Some(document_id.to_owned()),
        locale: None,
        status: None,
        data,
    };
    Ok(tx.events().emit(actor, &event, now)?)
}

/// Emits an event about a folder or a tag.
fn emit_event(tx: &mut WriteTx<'_>, actor: &Actor, suffix: &str, key: &str, data: Json, now: i64) -> Result<()> {
    let event = NewEvent {
        name: format!("cairn.asset.{suffix}"),
        key: key.to_owned(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    Ok(tx.events().emit(actor, &event, now)?)
}
