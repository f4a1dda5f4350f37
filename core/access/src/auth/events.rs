//! Events about people and settings, which are about nothing in the content.

use crate::AccessControl;
use cairn_store::StoreError;
use cairn_store::events::{Actor, NewEvent};
use serde_json::Value as Json;

/// Creates an event about nothing in the content.
pub fn new_event(name: &str, key: &str, data: Json) -> NewEvent {
    NewEvent {
        name: name.to_owned(),
        key: key.to_owned(),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    }
}

/// An event about an admin user.
pub(crate) fn admin_user_event(name: &str, admin_user: i64, data: Json) -> NewEvent {
    new_event(name, &format!("admin-user {admin_user}"), data)
}

impl AccessControl {
    /// Emits an event in a separate transaction.
    pub(crate) async fn record_event(
        &self,
        name: &str,
        key: &str,
        actor: &Actor,
        data: Json,
    ) -> Result<(), StoreError> {
        let (actor, event, at) = (actor.clone(), new_event(name, key, data), self.now().timestamp_millis());
        self.store().write(move |tx| tx.events().emit(&actor, &event, at)).await
    }
}
