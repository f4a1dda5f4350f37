//! How the audit trail tells of signers who are signed in on the site.

use crate::document_opening::Origin;
use crate::signer::Signer;
use serde_json::{Value, json};

/// Describes a signer, the account that they use and the way that they are let in; with an origin, where the request came from.
pub(crate) fn describe_account(signer: &Signer, account: &str, origin: Option<&Origin>) -> Value {
    let mut data = json!({
        "recipient": signer.recipient.document_id, "name": signer.recipient.name, "email": signer.recipient.email,
        "account": account,
    });
    if let Some(way) = signer.way {
        data["way"] = json!(way);
    }
    if let Some(Origin { ip_address, user_agent }) = origin {
        data["ipAddress"] = json!(ip_address);
        data["userAgent"] = json!(user_agent);
    }
    data
}
