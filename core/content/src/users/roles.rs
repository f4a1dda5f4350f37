//! Roles in the form of the users-permissions routes.

use crate::{Content, RequestContext, Result};
use cairn_access::build_action_tree;
use cairn_query::{Action, Query};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json};

impl Content {
    /// Lists all roles that the caller may see, each with the number of its users. The query string is ignored.
    pub async fn list_roles(&self, context: RequestContext<'_>) -> Result<Vec<Map<String, Json>>> {
        let role = self.registry().role_type();
        let response =
            self.find_bare(RequestContext { content_type: role.id, query: Query::empty(), ..context }).await?;
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

    /// Gets a role, by numeric id or document id, with its permissions; `None` if there is none or the caller may not see it. A caller who may
    /// see only some attributes of roles does not see permissions. The query string is ignored.
    pub fn find_role(&self, context: RequestContext<'_>, id: &str) -> Result<Option<Map<String, Json>>> {
        let role_type = self.registry().role_type();
        let Some(document) = self.resolve_document(role_type.id, id)? else { return Ok(None) };
        let masked = !context.access.everything
            && context.access.rules.get(&(role_type.id, Action::FindOne)).is_some_and(|rule| rule.fields.is_some());
        let context = RequestContext { content_type: role_type.id, query: Query::empty(), ..context };
        let Some(response) = self.find_bare_one(context, &document)? else { return Ok(None) };
        let mut role: Map<String, Json> = serde_json::from_slice(&response.body)
            .map_err(|e| StoreError::Corrupt { place: role_type.table.clone(), message: e.to_string() })?;
        if !masked && let Some(code) = role.get("type").and_then(Json::as_str) {
            let permissions = self.access.content_roles().into_iter().find(|stored| stored.code == code);
            let permissions = permissions.map(|stored| stored.permissions).unwrap_or_default();
            let is_enabled = |uid: &str, action: &str| permissions.get(uid).is_some_and(|p| p.get(action).is_some());
            role.insert("permissions".to_owned(), build_action_tree(self.registry(), is_enabled));
        }
        Ok(Some(role))
    }
}
