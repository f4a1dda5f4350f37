//! Roles in the form of the users-permissions routes.

use crate::{Content, ReadResponse, RequestContext, Result};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json};

impl Content {
    /// Lists all roles that the caller may see, each with the number of its users. The query string is ignored.
    pub async fn list_roles(&self, context: RequestContext<'_>) -> Result<Vec<Map<String, Json>>> {
        let role = self.registry().role_type();
        let response = self.find_bare(RequestContext { content_type: role.id, query: "", ..context }).await?;
        let mut roles: Vec<Map<String, Json>> = serde_json::from_slice(&response.body)
            .map_err(|e| StoreError::Corrupt { place: role.table.clone(), message: e.to_string() })?;
        let counted = self.store.read(|r| r.roles().list_with_user_counts())?;
        for role in &mut roles {
            let id = role.get("documentId").and_then(Json::as_str);
            let users = counted.iter().find(|(row, _)| id == Some(row.document_id.as_str())).map_or(0, |(_, n)| *n);
            role.insert("nb_users".to_owned(), users.into());
        }
        Ok(roles)
    }

    /// Gets a role, by numeric id or document id; `None` if there is none or the caller may not see it. The query string is ignored.
    pub fn find_role(&self, context: RequestContext<'_>, id: &str) -> Result<Option<ReadResponse>> {
        let role = self.registry().role_type().id;
        match self.resolve_document(role, id)? {
            Some(document) => {
                self.find_bare_one(RequestContext { content_type: role, query: "", ..context }, &document)
            }
            None => Ok(None),
        }
    }
}
