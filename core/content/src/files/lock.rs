//! Files that an entry needs as they are: `pluginOptions.upload.lockedWhile` of its type. They are neither deleted nor replaced.

use super::row::text_value;
use crate::document_event::WriteAuthor;
use crate::{ContentError, RefusalKind, Result};
use cairn_model::{ContentType, Value};
use cairn_store::Reader;
use cairn_store::content::{DocumentRow, Usage};
use cairn_store::events::ActorKind;
use serde_json::json;

/// Number of usages that are checked for each attribute of the model: one that locks the file is enough.
const MAX_USAGES_PER_ATTRIBUTE: i64 = 1_000;

/// Refuses to delete or replace a file that an entry needs. The plugin of the entry's type may, and whoever does without its checks.
///
/// # Errors
/// 409 that names the entry, its type and its plugin.
pub(super) fn require_unlocked(reader: &Reader<'_>, document_id: &str, by: &WriteAuthor) -> Result<()> {
    let registry = reader.registry();
    if registry.types().iter().all(|ct| ct.locked_files.is_none()) {
        return Ok(());
    }
    let file = registry.file_type();
    let usages = reader.documents().find_usages(file.id, &[document_id], MAX_USAGES_PER_ATTRIBUTE)?;
    let concerned = usages.iter().filter(|usage| !usage.mentioned && !is_exempt(registry.get(usage.content_type), by));
    for usage in concerned {
        let ct = registry.get(usage.content_type);
        let Some(entry) = find_locking_entry(reader, ct, usage)? else { continue };
        let name = reader.documents().get_row(file.id, document_id, "", true)?;
        let name = name.as_ref().and_then(|row| text_value(file, &row.values, "name")).unwrap_or_default().to_owned();
        return Err(refuse_locked(&name, ct, &entry));
    }
    Ok(())
}

/// True if that author does not have to ask the entries of a type.
fn is_exempt(ct: &ContentType, by: &WriteAuthor) -> bool {
    let Some(plugin) = ct.plugin_id() else { return false };
    let is_own = by.actor.kind == ActorKind::Plugin && by.actor.id.as_deref() == Some(plugin);
    is_own || by.actor.unchecked_plugins.iter().any(|unchecked| unchecked == plugin)
}

/// The version of an entry that uses a file, if it locks it.
fn find_locking_entry(reader: &Reader<'_>, ct: &ContentType, usage: &Usage) -> Result<Option<DocumentRow>> {
    let Some(lock) = &ct.locked_files else { return Ok(None) };
    let row = reader.documents().get_row(ct.id, &usage.document_id, &usage.locale, usage.published)?;
    let is_locking = |row: &DocumentRow| match row.values.get(lock.attribute) {
        Some(Value::Text(value)) => lock.values.contains(value),
        _ => false,
    };
    Ok(row.filter(is_locking))
}

fn refuse_locked(name: &str, ct: &ContentType, entry: &DocumentRow) -> ContentError {
    let title = ct.title_attribute().and_then(|position| match entry.values.get(position) {
        Some(Value::Text(title)) => Some(title.clone()),
        _ => None,
    });
    let title = title.or_else(|| ct.single_title().map(str::to_owned)).unwrap_or_else(|| entry.document_id.clone());
    let (kind, of_plugin) =
        (&ct.display_name, ct.plugin_id().map(|id| format!(" of the plugin {id}")).unwrap_or_default());
    let message = format!(
        "The file {name:?} is needed by the {kind} {title:?}{of_plugin}: it cannot be deleted or replaced while that is so"
    );
    let details = json!({
        "kind": "file-locked", "plugin": ct.plugin_id(), "contentType": ct.uid, "documentId": entry.document_id,
    });
    ContentError::refuse(RefusalKind::Conflict, message, details)
}
