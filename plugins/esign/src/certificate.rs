//! The certificate of completion: who signed when and from where, and the audit trail with its hashes, as texts for its template.

use crate::audit_chain::LinkedEvent;
use crate::draft_approval::APPROVAL_ENDED;
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
    let ended = find_ended_approvals(events);
    let describe = |event: &LinkedEvent| {
        let kind = if ended.contains(&event.event.seq) { "approved.ended" } else { event.event.kind.as_str() };
        translate(&format!("event.{kind}"), language, None)
    };
    let events = events
        .iter()
        .map(|event| {
            Ok(json!({
                "seq": event.event.seq, "at": event.event.at, "actor": event.event.actor,
                "what": describe(event), "hash": event.hash,
            }))
        })
        .collect::<Result<Vec<Value>>>()?;
    Ok(json!({
        "language": language, "company": settings.company(), "title": envelope.title, "id": envelope.document_id,
        "sender": envelope.sender_name, "sentAt": moment(envelope.sent_at.as_deref())?, "timezone": settings.timezone,
        "pages": envelope.page_count, "sha256": envelope.sha256_original, "head": envelope.audit_head, "approvedBy": envelope.approved_by_name,
        "approvedAt": moment(envelope.approved_at.as_deref())?,
        "approvalDigest": envelope.approval_digest.as_deref().unwrap_or_default(), "recipients": recipients, "events": events,
    }))
}

/// The numbers of approvals that did not hold when it was sent: something was changed after them.
fn find_ended_approvals(events: &[LinkedEvent]) -> Vec<i64> {
    let last_end = events.iter().rposition(|event| event.event.kind == APPROVAL_ENDED).unwrap_or_default();
    let before = events.iter().take(last_end).map(|event| &event.event);
    before.filter(|event| event.kind == "approved").map(|event| event.seq).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit_chain::ChainEvent;
    use serde_json::Map;

    #[test]
    fn approvals_that_something_was_changed_after_are_told_apart() {
        let trail = |kinds: &[&str]| -> Vec<LinkedEvent> {
            let event = |(n, kind): (usize, &&str)| ChainEvent {
                seq: n as i64 + 1,
                at: String::new(),
                kind: (*kind).to_owned(),
                actor: String::new(),
                data: Map::new(),
            };
            let linked = |event| LinkedEvent { event, previous_hash: String::new(), hash: String::new() };
            kinds.iter().enumerate().map(event).map(linked).collect()
        };
        assert_eq!(find_ended_approvals(&trail(&["approved", "approvalEnded", "approved", "sent"])), [1]);
        assert_eq!(find_ended_approvals(&trail(&["approved", "approvalEnded", "sent"])), [1]);
        assert!(find_ended_approvals(&trail(&["approved", "sent", "signed"])).is_empty());
    }
}
