//! Files that a plugin sees: its own; and with `files.read` the public ones, and private ones that are in a document it may read, in a
//! field it may read. Never another plugin's, unless a document links to it.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::from_content_error;
use crate::definition::plugin_definition::PluginDefinition;
use cairn_content::RequestContext;
use cairn_plugin_package::Capability;
use cairn_query::{Access, Query};
use cairn_store::Reader;
use cairn_store::assets::Asset;
use cairn_store::events::ActorKind;
use std::collections::HashMap;
use std::sync::Arc;

/// True if a plugin made a file.
pub(super) fn is_own(definition: &PluginDefinition, asset: &Asset) -> bool {
    asset.added_by.kind == ActorKind::Plugin && asset.added_by.id.as_deref() == Some(definition.id())
}

/// Those of these files that the plugin sees, by id.
pub(crate) fn visible_files(
    reader: &Reader<'_>,
    definition: &PluginDefinition,
    ids: &[String],
) -> Result<HashMap<String, Asset>, Error> {
    let to_error = |e: cairn_store::StoreError| from_content_error(e.into());
    let requested: Vec<&str> = ids.iter().map(String::as_str).collect();
    let assets = reader.assets().get_many(&requested).map_err(to_error)?;
    let assets: Vec<Asset> = assets.into_iter().filter(|asset| asset.deleted_at.is_none()).collect();
    let reads = definition.has_grant(Capability::FilesRead);
    let unknown = |asset: &&Asset| reads && asset.private && !is_own(definition, asset);
    let private: Vec<&str> = assets.iter().filter(unknown).map(|asset| asset.document_id.as_str()).collect();
    let asking = request_context(definition, &definition.content_access);
    let attached = definition.content().visible_files(&asking, reader, &private).map_err(from_content_error)?;
    let sees = |asset: &Asset| {
        is_own(definition, asset) || (reads && (!asset.private || attached.contains(&asset.document_id)))
    };
    Ok(assets.into_iter().filter(sees).map(|asset| (asset.document_id.clone(), asset)).collect())
}

pub(super) fn request_context<'a>(definition: &'a PluginDefinition, access: &'a Arc<Access>) -> RequestContext<'a> {
    RequestContext {
        access,
        content_type: definition.content().registry().file_type().id,
        query: Query::empty(),
        default_locale: "",
        actor: &definition.actor,
    }
}
