//! The problems for which a draft cannot be published, as far as its values say.

use crate::{Content, ContentError, Result};
use cairn_model::TypeId;
use cairn_model::validate::{FieldError, check_values};

impl Content {
    /// Finds the rules that values of a stored draft break, all but uniqueness; publishing refuses each of them. Empty if there is no draft.
    /// Whether the caller may see the draft is checked elsewhere. `locale`: empty if the type is not localised.
    pub fn find_draft_problems(
        &self,
        content_type: TypeId,
        document_id: &str,
        locale: &str,
    ) -> Result<Vec<FieldError>> {
        let ct = self.registry().get(content_type);
        if !ct.draft_publish {
            return Ok(Vec::new());
        }
        self.store.read(|r| {
            Ok::<_, ContentError>(match r.documents().get_row(content_type, document_id, locale, false)? {
                Some(draft) => check_values(self.registry(), &ct.attributes, &draft.values),
                None => Vec::new(),
            })
        })
    }
}
