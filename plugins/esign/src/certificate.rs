//! The certificate of completion: who signed when and from where, and the audit trail with its hashes, as texts for its template.

use crate::audit_chain::LinkedEvent;
use crate::model::{Envelope, Recipient, SignatureKind};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{format_instant, translate};
use serde_json::{Value, json};

/// The model of the template.
///
/// # Errors
/// What the host says.
pub(crate) fn build_certificate(
    envelope: &Row<Envelope>,
    events: &[LinkedEvent],
    settings: &Settings,
    language: &str,
) -> Result<Value> {
    let moment = |at: Option<&str>| -> Result<String> {
        let Some(at) = at else { return Ok(String::new()) };
        format_instant(time::parse(at)?, language, &settings.timezone, "medium")
    };
    let recipients = envelope
        .recipients
        .iter()
        .map(|to| {
            Ok(json!({
                "name": to.name, "email": to.email, "role": translate(&format!("role.{}", to.role.name()), language, None),
                "group": to.group, "viewedAt": moment(to.viewed_at.as_deref())?, "signedAt": moment(to.signed_at.as_deref())?,
                "ipAddress": to.ip_address.as_deref().unwrap_or_default(), "userAgent": to.user_agent.as_deref().unwrap_or_default(),
                "signature": describe_signature(to, language),
            }))
        })
        .collect::<Result<Vec<Value>>>()?;
    let events = events
        .iter()
        .map(|event| {
            Ok(json!({
                "seq": event.event.seq, "at": event.event.at, "actor": event.event.actor,
                "what": translate(&format!("event.{}", event.event.kind), language, None), "hash": event.hash,
            }))
        })
        .collect::<Result<Vec<Value>>>()?;
    Ok(json!({
        "language": language, "company": settings.company(), "title": envelope.title, "id": envelope.document_id,
        "sender": envelope.sender_name, "sentAt": moment(envelope.sent_at.as_deref())?, "timezone": settings.timezone,
        "pages": envelope.page_count, "sha256": envelope.sha256_original, "head": envelope.audit_head, "approvedBy": envelope.approved_by_name,
        "approvedAt": moment(envelope.approved_at.as_deref())?, "recipients": recipients, "events": events,
    }))
}

fn describe_signature(recipient: &Recipient, language: &str) -> String {
    let key = match recipient.signature_kind {
        None => return String::new(),
        Some(SignatureKind::Drawn) => "signature.drawn",
        Some(SignatureKind::Typed) => "signature.typed",
    };
    let name = recipient.signature_name.as_deref().unwrap_or_default();
    translate(key, language, Some(&json!({ "name": name })))
}
