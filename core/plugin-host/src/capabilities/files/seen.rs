//! Which files a plugin sees: its own; and with `files.read` the public ones, and private ones that are in a document it may read, in a field
//! it may read. Never another plugin's, unless somebody has put it there.

use crate::bindings::types::Error;
use crate::faults::of_content;
use crate::generation::Generation;
use cairn_plugin_package::Capability;
use cairn_query::Action;
use cairn_store::Reader;
use cairn_store::assets::Asset;
use cairn_store::events::ActorKind;
use std::collections::{HashMap, HashSet};

/// Places where a file is used that are looked at: of each attribute of the model.
const USAGES: i64 = 1_000;

/// Whether a plugin made a file.
pub(super) fn is_own(generation: &Generation, asset: &Asset) -> bool {
    asset.added_by.kind == ActorKind::Plugin && asset.added_by.id.as_deref() == Some(generation.id())
}

/// Those of these files that the plugin sees, by id.
pub(super) fn seen(
    reader: &Reader<'_>,
    generation: &Generation,
    ids: &[String],
) -> Result<HashMap<String, Asset>, Error> {
    let told = |e: cairn_store::StoreError| of_content(e.into());
    let wanted: Vec<&str> = ids.iter().map(String::as_str).collect();
    let there = reader.assets_of(&wanted).map_err(told)?;
    let there: Vec<Asset> = there.into_iter().filter(|asset| asset.deleted_at.is_none()).collect();
    let reads = generation.may(Capability::FilesRead);
    let unknown = |asset: &&Asset| reads && asset.private && !is_own(generation, asset);
    let private: Vec<&str> = there.iter().filter(unknown).map(|asset| asset.document_id.as_str()).collect();
    let attached = attached(reader, generation, &private).map_err(told)?;
    let sees = |asset: &Asset| {
        is_own(generation, asset) || (reads && (!asset.private || attached.contains(&asset.document_id)))
    };
    Ok(there.into_iter().filter(sees).map(|asset| (asset.document_id.clone(), asset)).collect())
}

/// Those of these files that are in a document that the plugin may read, in a field that it may read.
fn attached(
    reader: &Reader<'_>,
    generation: &Generation,
    files: &[&str],
) -> Result<HashSet<String>, cairn_store::StoreError> {
    if files.is_empty() {
        return Ok(HashSet::new());
    }
    let registry = generation.content().registry();
    let usages = reader.usages(registry.file().id, files, USAGES)?;
    let may = |usage: &cairn_store::content::Usage| {
        let ct = registry.get(usage.content_type);
        let attribute = usage.path.split('.').next().and_then(|name| ct.attributes.get(name));
        attribute.is_some_and(|(id, _)| generation.rights.may_attribute(ct, id, Action::Find))
    };
    Ok(usages.into_iter().filter(may).map(|usage| usage.target).collect())
}
