//! The plugin's content types, as far as the code reads them.

use crate::approval_rules::{ApprovalFacts, find_rule_approver, read_approver};
use crate::draft_check::{FieldArea, PageArea};
use crate::draft_forms::RecipientForm;
use crate::envelope_state::{EnvelopeStatus, RecipientStatus, Role};
use crate::request_form::RequestedField;
use crate::settings::{Settings, pick_language};
use crate::signing_order::{Turn, find_current_group, is_turn};
use cairn_plugin::data::or_default;
use cairn_plugin::prelude::time;
use cairn_plugin::{Document, Instant, Row};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use crate::field_kind::FieldKind;
pub(crate) use cairn_plugin::data::Link;

macro_rules! content_type {
    ($type:ty, $uid:literal) => {
        impl Document for $type {
            const TYPE: &'static str = $uid;
        }
    };
}

/// A document that people sign, and how far it is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) message: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: EnvelopeStatus,
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) document: Option<Link>,
    pub(crate) page_count: Option<i64>,
    /// Width and height of each page, in points.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) page_sizes: Vec<(f64, f64)>,
    /// Digest of the document when it was looked at last; of one that was sent, of what is signed.
    pub(crate) sha256_original: Option<String>,
    /// Digest of all that was sent: the texts, the document, who signs and where.
    pub(crate) sent_digest: Option<String>,
    /// Reason why the document cannot be signed, as a code of the texts.
    pub(crate) document_problem: Option<String>,
    #[serde(default)]
    pub(crate) prepared: Option<Link>,
    #[serde(default)]
    pub(crate) sealed: Option<Link>,
    pub(crate) sha256_final: Option<String>,
    pub(crate) sealed_by: Option<String>,
    pub(crate) problem: Option<String>,
    /// How whoever requested it knows it; none for one that a person drafted.
    pub(crate) reference: Option<String>,
    /// Person notified about it: the id of the admin user who drafted it, or of a request also `role:` and a role.
    #[serde(default, deserialize_with = "read_approver")]
    pub(crate) owner: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner_name: String,
    /// Person who had it requested: the id of an admin user; empty for nobody, or a program.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) requested_by: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sender_name: String,
    pub(crate) sender_email: Option<String>,
    /// Approver, who consents before it is sent: the id of an admin user, or `role:` and a role; empty where nobody has to.
    #[serde(default, deserialize_with = "read_approver")]
    pub(crate) approver: String,
    #[serde(flatten)]
    pub(crate) facts: ApprovalFacts,
    pub(crate) approval_asked_at: Option<String>,
    pub(crate) approved_at: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) approved_by: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) approved_by_name: String,
    /// Approver, as the rules said, in whose place it was approved.
    pub(crate) approved_as: Option<String>,
    /// Digest of what was approved.
    pub(crate) approval_digest: Option<String>,
    pub(crate) sent_at: Option<String>,
    pub(crate) expires_at: Option<String>,
    pub(crate) remind_days: Option<i64>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) reminders: i64,
    pub(crate) completed_at: Option<String>,
    pub(crate) ended_by: Option<String>,
    pub(crate) end_reason: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) audit_head: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) audit_count: i64,
    #[serde(default)]
    pub(crate) recipients: Vec<Row<Recipient>>,
    #[serde(default, rename = "fields")]
    pub(crate) form_fields: Vec<Row<Field>>,
}
content_type!(Envelope, "plugin::esign.envelope");

impl Envelope {
    fn turns(&self) -> impl Iterator<Item = Turn> {
        self.recipients.iter().map(|recipient| recipient.turn())
    }

    /// The group that signs now; none where all have signed.
    pub(crate) fn current_group(&self) -> Option<i64> {
        find_current_group(self.turns())
    }

    /// True if a recipient's group may sign.
    pub(crate) fn is_turn_of(&self, recipient: &Recipient) -> bool {
        is_turn(recipient.group, self.turns())
    }

    /// Returns the approver whom the rules name, else the one whom the draft names; empty where nobody has to approve it.
    pub(crate) fn required_approver<'a>(&'a self, settings: &'a Settings) -> &'a str {
        find_rule_approver(&settings.approval_rules, &self.facts).unwrap_or(&self.approver)
    }

    /// True if that admin user drafted it or had it requested: whoever did cannot approve it.
    pub(crate) fn is_made_by(&self, person: &str) -> bool {
        self.owner == person || self.requested_by == person
    }

    /// True if it is or was a signer's turn: before that they learn nothing of what is signed, nor of who signs.
    pub(crate) fn is_let_in(&self, recipient: &Recipient) -> bool {
        recipient.viewed_at.is_some() || self.is_turn_of(recipient)
    }

    /// True if the time to sign is over.
    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.expires_at.as_deref().and_then(|at| time::parse(at).ok()).is_some_and(|at| at <= now)
    }

    /// The sizes of the pages.
    pub(crate) fn page_areas(&self) -> Vec<PageArea> {
        self.page_sizes.iter().map(|&(width, height)| PageArea { width, height }).collect()
    }

    /// The recipient of that id.
    pub(crate) fn find_recipient(&self, id: &str) -> Option<&Row<Recipient>> {
        self.recipients.iter().find(|recipient| recipient.document_id == id)
    }

    /// The fields of a recipient, from the first page to the last.
    pub(crate) fn fields_of(&self, recipient: &str) -> Vec<&Row<Field>> {
        let is_theirs = |field: &&Row<Field>| field.recipient_id() == recipient;
        let mut fields: Vec<_> = self.form_fields.iter().filter(is_theirs).collect();
        fields.sort_by(|a, b| (a.page, a.y, a.x).partial_cmp(&(b.page, b.y, b.x)).unwrap_or(std::cmp::Ordering::Equal));
        fields
    }

    /// The language that people read a recipient's texts in.
    pub(crate) fn language_of<'a>(&'a self, recipient: Option<&'a Recipient>, settings: &'a Settings) -> &'a str {
        pick_language(&[
            recipient.and_then(|recipient| recipient.language.as_deref()),
            self.language.as_deref(),
            Some(&settings.language),
        ])
    }
}

/// Request of another plugin or program for signatures.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Request {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) reference: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) title: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) message: String,
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) document: Option<Link>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) recipients: Vec<RecipientForm>,
    /// Where the signers sign; empty where the document says so.
    #[serde(default, rename = "fields", deserialize_with = "or_default")]
    pub(crate) form_fields: Vec<RequestedField>,
    /// True if the document may say it by marks in its text.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) marks: bool,
    #[serde(flatten)]
    pub(crate) facts: ApprovalFacts,
    /// Person who looks after it: the id of an admin user, or `role:` and a role.
    #[serde(default, deserialize_with = "read_approver")]
    pub(crate) owner: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) owner_name: String,
    /// Person who had it made: the id of an admin user; empty for nobody, or a program.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) requested_by: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sender_name: String,
    pub(crate) sender_email: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: RequestStatus,
    pub(crate) problem: Option<String>,
    /// Reason why it waits for a key to seal with; none where it does not.
    pub(crate) seal_problem: Option<String>,
    pub(crate) created_at: Option<String>,
    #[serde(default)]
    pub(crate) envelope: Option<Link>,
}
content_type!(Request, "plugin::esign.request");

/// How a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RequestStatus {
    /// Its envelope is being made.
    #[default]
    Pending,
    /// Its envelope was sent.
    Sent,
    /// It cannot become an envelope.
    Failed,
}

/// The account of somebody on the site.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Account {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) email: String,
}
content_type!(Account, "plugin::users-permissions.user");

/// Somebody who signs an envelope or gets a copy.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) name: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) email: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) role: Role,
    #[serde(default = "one", deserialize_with = "or_one")]
    pub(crate) group: i64,
    pub(crate) language: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) status: RecipientStatus,
    /// Hash of the key in the newest link.
    pub(crate) token_hash: Option<String>,
    /// Links that were sent.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) links: i64,
    /// Codes that were sent to them on the site.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) codes: i64,
    /// Links that they were given on the site.
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) openings: i64,
    pub(crate) notified_at: Option<String>,
    pub(crate) viewed_at: Option<String>,
    pub(crate) signed_at: Option<String>,
    pub(crate) declined_reason: Option<String>,
    pub(crate) signature_kind: Option<SignatureKind>,
    pub(crate) signature_name: Option<String>,
    #[serde(default)]
    pub(crate) signature: Option<Link>,
    pub(crate) ip_address: Option<String>,
    pub(crate) user_agent: Option<String>,
    #[serde(default)]
    pub(crate) envelope: Option<Link>,
}
content_type!(Recipient, "plugin::esign.recipient");

impl Recipient {
    const fn turn(&self) -> Turn {
        Turn { group: self.group, role: self.role, status: self.status }
    }
}

/// How somebody signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SignatureKind {
    Drawn,
    /// Their name, written in italics.
    Typed,
}

/// Field to fill in, at a place on a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Field {
    #[serde(default, rename = "type", deserialize_with = "or_default")]
    pub(crate) kind: FieldKind,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) required: Option<bool>,
    #[serde(default = "one", deserialize_with = "or_one")]
    pub(crate) page: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) x: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) y: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) width: f64,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) height: f64,
    pub(crate) value: Option<String>,
    #[serde(default)]
    pub(crate) recipient: Option<Link>,
    #[serde(default)]
    pub(crate) envelope: Option<Link>,
}
content_type!(Field, "plugin::esign.field");

impl Field {
    /// Its place on the page.
    pub(crate) const fn area(&self) -> FieldArea {
        FieldArea { page: self.page, x: self.x, y: self.y, width: self.width, height: self.height }
    }

    /// Id of who fills it in; empty for nobody.
    pub(crate) fn recipient_id(&self) -> &str {
        self.recipient.as_ref().map_or("", |recipient| recipient.document_id.as_str())
    }

    /// True if it has to be filled in.
    pub(crate) fn is_required(&self) -> bool {
        self.required.unwrap_or(true)
    }
}

/// Event in the trail of an envelope.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEvent {
    pub(crate) seq: i64,
    pub(crate) at: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) actor: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) data: Map<String, Value>,
    pub(crate) previous_hash: String,
    pub(crate) hash: String,
}
content_type!(AuditEvent, "plugin::esign.event");

/// The picture of a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PagePicture {
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) sha256: String,
    #[serde(default)]
    pub(crate) picture: Option<Link>,
}
content_type!(PagePicture, "plugin::esign.page");

/// A link of a recipient that a newer one has replaced.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplacedLink {
    #[serde(default)]
    pub(crate) envelope: Option<Link>,
    #[serde(default)]
    pub(crate) recipient: Option<Link>,
}
content_type!(ReplacedLink, "plugin::esign.link");

const fn one() -> i64 {
    1
}

fn or_one<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_with_what_is_null_or_missing() {
        let envelope: Row<Envelope> = serde_json::from_str(
            r#"{"documentId":"e","title":"T","status":null,"recipients":[{"documentId":"r","name":"N","group":null}],
            "fields":[{"documentId":"f","type":"text","page":2,"x":1.5,"recipient":{"documentId":"r"}},{"documentId":"g","page":1}]}"#,
        )
        .unwrap();
        assert_eq!((envelope.status, envelope.recipients[0].group), (EnvelopeStatus::Draft, 1));
        assert_eq!(envelope.fields_of("r").len(), 1);
        assert_eq!((envelope.form_fields[1].kind, envelope.form_fields[1].is_required()), (FieldKind::Signature, true));
        assert_eq!(envelope.current_group(), Some(1));
    }

    #[test]
    fn kinds_of_fields_have_their_names() {
        for kind in FieldKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }

    #[test]
    fn the_time_is_over_when_it_is_reached() {
        let mut envelope: Envelope = serde_json::from_str(r#"{"expiresAt":"2026-01-19T09:00:00.000Z"}"#).unwrap();
        let at = time::parse("2026-01-19T09:00:00.000Z").unwrap();
        assert!(envelope.is_over(at) && !envelope.is_over(at - 1));
        envelope.expires_at = None;
        assert!(!envelope.is_over(at));
    }
}
