//! Events about sealing profiles that are stored, replaced and deleted: never with a key.

use cairn_seals::Certificate;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{StoreError, WriteTx};
use serde_json::json;

/// Returns the function that emits the event for a profile that was stored (`set`) or `removed`.
pub fn audit_profile_change(
    by: Actor,
    action: &'static str,
    name: &str,
    certificate: Option<&Certificate>,
    now: i64,
) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
    let event = NewEvent {
        name: format!("cairn.seal-profile.{action}"),
        key: format!("seal-profile:{name}"),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({
            "profile": name,
            "subject": certificate.map(|c| &c.subject),
            "certificate": certificate.map(|c| &c.fingerprint),
        }),
    };
    move |tx| tx.events().emit(&by, &event, now)
}
