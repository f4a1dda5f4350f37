//! Single types: at most one document.

use crate::{Ask, Content, Result, WriteAnswer, WriteTerms};
use serde_json::Value as Json;

impl Content {
    /// `PUT /api/<singular>`: changes the document, or creates it.
    pub async fn update_single(
        &self,
        ask: Ask<'_>,
        body: Option<Json>,
        terms: impl Into<WriteTerms>,
    ) -> Result<WriteAnswer> {
        self.change(ask, None, body, terms.into()).await
    }

    /// `DELETE /api/<singular>`: succeeds also if there is no document.
    pub async fn delete_single(&self, ask: Ask<'_>, expected: Option<i64>) -> Result<()> {
        let document = self.store.read(|r| r.any_document(ask.content_type))?;
        self.delete(ask, document.as_deref().unwrap_or_default(), expected).await
    }
}
