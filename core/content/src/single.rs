//! Single types: at most one document.

use crate::{Content, RequestContext, Result, WriteOptions, WriteResponse};
use serde_json::Value as Json;

impl Content {
    /// `PUT /api/<singular>`: changes the document, or creates it.
    pub async fn update_single(
        &self,
        ask: RequestContext<'_>,
        body: Option<Json>,
        terms: impl Into<WriteOptions>,
    ) -> Result<WriteResponse> {
        self.update_or_create(ask, None, body, terms.into()).await
    }

    /// `DELETE /api/<singular>`: succeeds also if there is no document.
    pub async fn delete_single(&self, ask: RequestContext<'_>, expected: Option<i64>) -> Result<()> {
        let document = self.store.read(|r| r.any_document(ask.content_type))?;
        self.delete(ask, document.as_deref().unwrap_or_default(), expected).await
    }
}
