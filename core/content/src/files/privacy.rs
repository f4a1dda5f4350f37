//! Files of entries whose type makes its files private: `pluginOptions.upload.private`. A file that such an entry uses is private from that
//! moment on, for as long as it is used.

use super::events::{emit_cache_purge, file_version};
use super::row;
use crate::document_event::{DocumentEvent, WriteAuthor, emit_event, save_event_data};
use crate::{ContentError, Result, history};
use cairn_model::ContentType;
use cairn_query::Action;
use cairn_store::assets::Asset;
use cairn_store::events::ActorKind;
use cairn_store::history::HistoryStatus;
use cairn_store::{LockMode, WriteTx};
use std::collections::HashSet;

/// Number of usages that are checked for each attribute of the model: one that matters is enough.
const MAX_USAGES_PER_ATTRIBUTE: i64 = 1_000;

/// Makes these files private because an entry of `ct` is about to use them. Does nothing if its type does not require it.
///
/// # Errors
/// 400 for a public file that another entry shows as well, where it would disappear. The same if the caller may neither
/// change files nor has added it.
pub(crate) fn make_private(
    tx: &mut WriteTx<'_>,
    ct: &ContentType,
    files: &[&str],
    by: &WriteAuthor,
    now: &str,
) -> Result<()> {
    if !ct.private_files || files.is_empty() {
        return Ok(());
    }
    let registry = tx.registry();
    // Held first: nobody puts it into another entry between the look and the change.
    let mut public: Vec<Asset> = tx.reader().assets().get_many(files)?;
    public.retain(|asset| !asset.private);
    if public.is_empty() {
        return Ok(());
    }
    for asset in &public {
        tx.lock_document(registry.file_type().id, &asset.document_id, LockMode::Change)?;
    }
    let ids: Vec<&str> = public.iter().map(|asset| asset.document_id.as_str()).collect();
    let usages = tx.reader().documents().find_usages(registry.file_type().id, &ids, MAX_USAGES_PER_ATTRIBUTE)?;
    let elsewhere: HashSet<String> = usages
        .into_iter()
        .filter(|usage| usage.mentioned || !registry.get(usage.content_type).private_files)
        .map(|usage| usage.target)
        .collect();
    for asset in &public {
        let id = &asset.document_id;
        let why = if elsewhere.contains(id) {
            "is public and also used elsewhere"
        } else if !can_change(by, asset, registry.file_type()) {
            "is public"
        } else {
            set_private(tx, id, true, by, now)?;
            continue;
        };
        let name = file_name(tx, id)?;
        let kind = &ct.display_name;
        return Err(ContentError::validation(format!(
            "The file {name:?} {why}, but files of {kind} are private: upload it again for this entry"
        )));
    }
    Ok(())
}

/// Refuses to make a file public that is used by an entry whose type makes its files private. Fails with 400, naming the type.
pub(super) fn check_public(tx: &WriteTx<'_>, document_id: &str) -> Result<()> {
    let registry = tx.registry();
    let usages =
        tx.reader().documents().find_usages(registry.file_type().id, &[document_id], MAX_USAGES_PER_ATTRIBUTE)?;
    let mut types = usages.iter().filter(|usage| !usage.mentioned).map(|usage| registry.get(usage.content_type));
    match types.find(|ct| ct.private_files) {
        None => Ok(()),
        Some(ct) => {
            let name = file_name(tx, document_id)?;
            let kind = &ct.display_name;
            Err(ContentError::validation(format!(
                "The file {name:?} is used by an entry of {kind}, whose files are private: remove it from that \
                 entry first"
            )))
        }
    }
}

/// True if that actor may change a file that they use in an entry: one that they added, or any.
fn can_change(by: &WriteAuthor, asset: &Asset, file: &ContentType) -> bool {
    let actor = &by.actor;
    let is_own = asset.added_by.kind == actor.kind && actor.id.is_some() && asset.added_by.id == actor.id;
    is_own
        || match actor.kind {
            ActorKind::Admin | ActorKind::System => true,
            ActorKind::Plugin => false,
            ActorKind::Public | ActorKind::User | ActorKind::Token => {
                by.viewer.as_ref().is_some_and(|viewer| viewer.access().allows_action(file.id, Action::Update))
            }
        }
}

fn file_name(tx: &WriteTx<'_>, document_id: &str) -> Result<String> {
    let registry = tx.registry();
    let file = registry.file_type();
    let document_row = tx.reader().documents().get_row(file.id, document_id, "", true)?;
    Ok(document_row
        .and_then(|found| row::text_value(file, &found.values, "name").map(str::to_owned))
        .unwrap_or_default())
}

/// Makes a file private or public, which changes its addresses. Returns `false` if it is so already, or does not exist.
pub(super) fn set_private(
    tx: &mut WriteTx<'_>,
    document_id: &str,
    private: bool,
    by: &WriteAuthor,
    now: &str,
) -> Result<bool> {
    let registry = tx.registry();
    let file = registry.file_type();
    tx.lock_document(file.id, document_id, LockMode::Change)?;
    let (Some(mut row), Some(asset)) =
        (tx.reader().documents().get_row(file.id, document_id, "", true)?, tx.reader().assets().get(document_id)?)
    else {
        return Ok(false);
    };
    if asset.private == private {
        return Ok(false);
    }
    if !private {
        check_public(tx, document_id)?;
    }
    let document_row = row.clone();
    tx.assets().move_to_folder(document_id, asset.folder, private)?;
    row::set_addresses(file, &mut row.values, private);
    now.clone_into(&mut row.updated_at);
    tx.documents().update_row(file.id, &mut row)?;
    let info = by.history_info(DocumentEvent::Updated, HistoryStatus::Published);
    let changed = history::record_save(tx, file.id, Some(&document_row), &row, &[], &info)?;
    emit_event(
        tx,
        by,
        DocumentEvent::Updated,
        file_version(file, document_id),
        save_event_data(row.version, &changed, &[]),
    )?;
    emit_cache_purge(tx, by, document_id)?;
    Ok(true)
}
