//! Single types: at most one document.

use crate::{Content, RequestContext, Result, WriteOptions, WriteResponse};
use serde_json::Value as Json;

impl Content {
    /// `PUT /api/<singular>`: changes the document, or creates it.
    pub async fn update_single(
        &self,
        context: RequestContext<'_>,
        body: Option<Json>,
        terms: impl Into<WriteOptions>,
    ) -> Result<WriteResponse> {
        self.update_or_create(context, None, body, terms.into()).await
    }

    /// `DELETE /api/<singular>`: succeeds also if there is no document.
    pub async fn delete_single(&self, context: RequestContext<'_>, expected: Option<i64>) -> Result<()> {
        let document = self.store.read(|r| r.documents().find_any(context.content_type))?;
        self.delete(context, document.as_deref().unwrap_or_default(), expected).await
    }
}
