//! Changes since the version that a client has read.

use crate::view::{PersonReference, Time};
use crate::{ContentError, Result};
use cairn_model::TypeId;
use cairn_store::WriteTx;
use serde_json::json;

/// Number of entries that are read; for a document that changed more often, the newest.
const MAX_ENTRIES_READ: i64 = 1_000;

/// The version that is about to be written.
pub(crate) struct VersionKey<'a> {
    pub(crate) content_type: TypeId,
    pub(crate) document_id: &'a str,
    /// Empty if the type is not localised.
    pub(crate) locale: &'a str,
}

/// 409: who changed the version last, when, and the attributes that changed since the one with the token `expected`
/// (`None`: since there was none). Attributes that nobody may read are not named.
pub(crate) fn stale_version_error(
    tx: &WriteTx<'_>,
    key: &VersionKey<'_>,
    expected: Option<i64>,
    current: Option<i64>,
) -> Result<ContentError> {
    let ContentError::Refused(mut refusal) = ContentError::stale_version(expected, current) else {
        return Ok(ContentError::stale_version(expected, current));
    };
    let registry = tx.registry();
    let ct = registry.get(key.content_type);
    let since = tx.reader().history().list_since(
        &ct.uid,
        key.document_id,
        key.locale,
        expected.unwrap_or_default(),
        MAX_ENTRIES_READ,
    )?;
    let mut changed: Vec<&str> = Vec::new();
    for name in since.iter().flat_map(|e| &e.changed) {
        let hidden = ct.attributes.get(name).is_none_or(|(_, a)| a.is_hidden());
        if !hidden && !changed.contains(&name.as_str()) {
            changed.push(name);
        }
    }
    if let Some(last_entry) = since.last() {
        refusal.details["by"] = json!(PersonReference::from(&last_entry.actor));
        refusal.details["at"] = json!(Time(last_entry.at));
    }
    refusal.details["changed"] = changed.into();
    Ok(ContentError::Refused(refusal))
}
