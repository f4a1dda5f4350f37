//! What is told of sealing profiles when they are handed in, replaced and removed: never a key.

use cairn_seals::Certificate;
use cairn_store::events::{Actor, NewEvent};
use cairn_store::{StoreError, WriteTx};
use serde_json::json;

/// Tells that a profile was kept (`set`) or `removed`; for whoever changes one.
pub(crate) fn telling(
    by: Actor,
    what: &'static str,
    name: &str,
    certificate: Option<&Certificate>,
    now: i64,
) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
    let event = NewEvent {
        name: format!("cairn.seal-profile.{what}"),
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
    move |tx| tx.emit(&by, &event, now)
}
