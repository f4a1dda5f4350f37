//! Components in a write: ids that the client has of the published version.

use crate::{ContentError, Result};
use cairn_model::validate::{names_unknown_instances, resolve_published_ids};
use cairn_model::{ContentType, Value};
use cairn_store::Reader;
use cairn_store::content::DocumentRow;

/// Replaces ids of the published version's components in sent values by those of the draft's. Reads the published version only if there are
/// ids that the draft does not have.
pub(super) fn resolve_component_ids(
    reader: &Reader<'_>,
    ct: &ContentType,
    draft: &DocumentRow,
    input: &mut [Value],
) -> Result<()> {
    if !ct.draft_publish || !names_unknown_instances(&draft.values, input) {
        return Ok(());
    }
    let Some(published) = reader.documents().get_row(ct.id, &draft.document_id, &draft.locale, true)? else {
        return Ok(());
    };
    for ((draft, published), input) in draft.values.iter().zip(&published.values).zip(input) {
        resolve_published_ids(reader.registry(), draft, published, input)
            .map_err(|e| ContentError::application(e.to_string()))?;
    }
    Ok(())
}
