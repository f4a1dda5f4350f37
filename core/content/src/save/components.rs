//! Components in a write: ids that the client has of the published version, and values that have to be unique.

use super::DocumentWrite;
use crate::{ContentError, Result};
use cairn_model::validate::{FieldError, collect_unique_values, names_unknown_instances, resolve_published_ids};
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

impl DocumentWrite<'_, '_> {
    /// The errors for values of unique attributes in components that the version, which is to be published, has several times, or that
    /// another entry has published in its locale.
    ///
    /// No unique index covers them. Transactions that publish such values of a type and locale wait for each other from here on, so that
    /// each sees what the one before it has published: SQLite has one writer, PostgreSQL locks a name.
    pub(super) fn find_component_clashes(&self, row: &DocumentRow) -> Result<Vec<FieldError>> {
        let unique = collect_unique_values(self.registry, &self.ct.attributes, &row.values);
        if unique.is_empty() {
            return Ok(Vec::new());
        }
        self.tx.lock_name(&format!("unique components {} {}", self.ct.uid, row.locale))?;
        let reader = self.tx.reader();
        let taken = reader.documents().find_component_clashes(self.ct.id, &row.document_id, &row.locale, &unique)?;
        Ok(unique.errors(&taken))
    }

    /// Refuses a published version with values of unique attributes in components that another entry has published.
    pub(super) fn require_unique_components(&self, row: &DocumentRow) -> Result<()> {
        let errors = if row.published { self.find_component_clashes(row)? } else { Vec::new() };
        if errors.is_empty() { Ok(()) } else { Err(ContentError::field_errors(errors)) }
    }
}
