//! Notices about events of the desk. [`NoticeConsumer`] consumes the events and determines the recipients; a [`NoticeSender`] delivers.

use crate::owners::{self, OwnerIndex};
use crate::service::with_roles;
use cairn_access::SUPER_ADMIN_ROLE;
use cairn_events::{Consumer, TransactionalConsumer};
use cairn_model::Value;
use cairn_notify::{Kind, Notification, NotificationTarget};
use cairn_store::editorial::DocumentKey;
use cairn_store::events::{Actor, ActorKind, Event};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Longest excerpt of a comment, in characters.
const MAX_EXCERPT_CHARS: usize = 200;

/// The subject of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeSubject {
    /// A document waits for an approval by one of their roles. Data: `role`, `stage`, `note`.
    ApprovalNeeded,
    /// A document was assigned to them. Data: `due`.
    Assigned,
    /// An approval of theirs became invalid, or a document of theirs was moved or approved. Data: `decision`, `stage`, `note`.
    Decided,
    /// Somebody mentioned them in a comment. Data: `excerpt`.
    Mentioned,
    /// Somebody replied in a thread of theirs. Data: `excerpt`.
    Answered,
    /// Something is overdue. Data: `reason`, `since`, `owner`, `stage`.
    Escalated,
    /// Content that they had scheduled, or that they own, could not be published at its time. Data: `action`, `at`, `reason`.
    ScheduleFailed,
    /// A release of theirs was published. Data: `name`, `count`, `at`.
    ReleaseDone,
    /// A release of theirs could not be published at its time. Data: `name`, `at`, `reason`.
    ReleaseFailed,
}

/// A notice for admin users.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Subject of the notice.
    pub about: NoticeSubject,
    /// Numeric ids of the recipients, each once.
    pub to: Vec<i64>,
    /// `title`, `actor`, and the values that [`NoticeSubject`] lists.
    pub data: Json,
    /// Key for which nobody is notified twice.
    pub once_key: String,
    /// The document that it is about.
    pub document: Option<DocumentKey>,
    /// The release that it is about.
    pub release: Option<i64>,
}

/// Notifies admin users, in the given transaction.
pub trait NoticeSender: Send + Sync + 'static {
    /// Delivers a notice.
    ///
    /// # Errors
    /// Returns errors of the store; then it is retried.
    fn notify(&self, tx: &mut WriteTx<'_>, notice: &Notice, now: i64) -> Result<(), StoreError>;
}

/// Notifies by `cairn-notify`: in the admin and by mail, as each user prefers.
#[derive(Debug, Clone, Copy, Default)]
pub struct NotificationSender;

impl NoticeSender for NotificationSender {
    fn notify(&self, tx: &mut WriteTx<'_>, notice: &Notice, now: i64) -> Result<(), StoreError> {
        let kind = match notice.about {
            NoticeSubject::ApprovalNeeded => Kind::ApprovalNeeded,
            NoticeSubject::Assigned => Kind::Assigned,
            NoticeSubject::Decided => Kind::ReviewDecided,
            NoticeSubject::Mentioned => Kind::Mention,
            NoticeSubject::Answered => Kind::Comment,
            NoticeSubject::Escalated => Kind::Escalation,
            NoticeSubject::ScheduleFailed => Kind::ScheduledPublishFailed,
            NoticeSubject::ReleaseDone => Kind::ReleaseDone,
            NoticeSubject::ReleaseFailed => Kind::ReleaseFailed,
        };
        let link = notice.document.as_ref().map(|d| NotificationTarget::Document {
            content_type: d.content_type.clone(),
            document_id: d.document_id.clone(),
            locale: (!d.locale.is_empty()).then(|| d.locale.clone()),
        });
        let link = link.or(notice.release.map(|id| NotificationTarget::Release { id }));
        let mut data = notice.data.clone();
        for key in ["due", "since", "at"] {
            if let Some(value) = data.get_mut(key) {
                *value = format_when(value);
            }
        }
        let notification = Notification { kind, to: notice.to.clone(), data, once_key: notice.once_key.clone(), link };
        cairn_notify::notify(tx, &notification, now)
    }
}

/// A time in the form for people: `2026-03-02 09:00 Europe/Amsterdam`.
pub(crate) fn format_when(value: &Json) -> Json {
    let minute = |text: &str| text.get(..16).map(|t| t.replace('T', " "));
    let text = match value {
        Json::String(text) => {
            DateTime::parse_from_rfc3339(text).ok().map(|t| t.to_utc().format("%Y-%m-%d %H:%M UTC").to_string())
        }
        Json::Object(due) => {
            let part = |key| due.get(key).and_then(Json::as_str);
            part("local").and_then(minute).zip(part("zone")).map(|(local, zone)| format!("{local} {zone}"))
        }
        _ => None,
    };
    text.map_or(Json::Null, Json::from)
}

/// The consumer that turns events of the desk into notices.
pub struct NoticeConsumer {
    notifier: Arc<dyn NoticeSender>,
}

impl NoticeConsumer {
    /// Creates the consumer with a notifier.
    pub fn new(notifier: Arc<dyn NoticeSender>) -> Self {
        Self { notifier }
    }
}

impl Consumer for NoticeConsumer {
    fn name(&self) -> &str {
        "editorial-notices"
    }

    fn wants_event(&self, event: &Event) -> bool {
        let name = event.event.name.as_str();
        [
            "cairn.review.",
            "cairn.comment.",
            "cairn.escalation.",
            "cairn.schedule.failed",
            "cairn.release.done",
            "cairn.release.failed",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    }
}

impl TransactionalConsumer for NoticeConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            for notice in notices_for(tx, event)? {
                if !notice.to.is_empty() {
                    self.notifier.notify(tx, &notice, event.at)?;
                }
            }
        }
        Ok(())
    }
}

/// The notices that follow from an event.
fn notices_for(tx: &mut WriteTx<'_>, e: &Event) -> Result<Vec<Notice>, StoreError> {
    let data = &e.event.data;
    let document = event_document(e);
    let title = match &document {
        Some(d) => document_title(tx, d)?,
        None => data["title"].as_str().map(str::to_owned),
    };
    let (actor, release) = (e.actor.name.clone(), data["release"].as_i64());
    let mut notices = Vec::new();
    let mut tell = |about: NoticeSubject, key: &str, to: Vec<i64>, extra_data: Json| {
        let mut to = to;
        // The person who caused the event needs no notification.
        to.retain(|id| !is_admin_user(&e.actor, *id));
        to.sort_unstable();
        to.dedup();
        let mut data = json!({ "title": title, "actor": actor });
        if let (Some(data), Some(extra_data)) = (data.as_object_mut(), extra_data.as_object()) {
            data.extend(extra_data.clone());
        }
        notices.push(Notice {
            about,
            to,
            data,
            once_key: format!("{}:{key}", e.id),
            document: document.clone(),
            release,
        });
    };
    match e.event.name.as_str() {
        "cairn.review.requested" => {
            for role in data["roles"].as_array().into_iter().flatten().filter_map(Json::as_str) {
                let to = with_roles(&tx.reader(), &[role.to_owned()])?;
                let extra_data = json!({ "role": role, "stage": data["stage"], "note": data["comment"] });
                tell(NoticeSubject::ApprovalNeeded, role, to, extra_data);
            }
        }
        "cairn.review.assigned" => {
            tell(NoticeSubject::Assigned, "assigned", parse_ids(&data["added"]), json!({ "due": data["due"] }));
        }
        "cairn.review.moved" => {
            let extra_data = json!({ "decision": data["to"], "stage": data["to"], "note": data["comment"] });
            tell(NoticeSubject::Decided, "moved", parse_ids(&data["assignees"]), extra_data);
        }
        "cairn.review.approved" => {
            let extra_data = json!({ "decision": "approved", "stage": data["stage"], "note": data["comment"] });
            tell(NoticeSubject::Decided, "approved", parse_ids(&data["assignees"]), extra_data);
        }
        "cairn.review.approval_fell" => {
            let mut to = parse_ids(&data["assignees"]);
            to.extend(parse_ids(&data["approvers"]));
            tell(
                NoticeSubject::Decided,
                "fell",
                to,
                json!({ "decision": "changed after the approval", "stage": data["stage"] }),
            );
        }
        "cairn.comment.mentioned" => {
            tell(
                NoticeSubject::Mentioned,
                "mentioned",
                parse_ids(&data["users"]),
                json!({ "excerpt": comment_excerpt(data) }),
            );
        }
        "cairn.comment.created" => {
            // Participants of the thread are notified; the mentioned ones have a notification already.
            let mentioned = parse_ids(&data["mentions"]);
            let to = parse_ids(&data["participants"]).into_iter().filter(|id| !mentioned.contains(id)).collect();
            tell(NoticeSubject::Answered, "answered", to, json!({ "excerpt": comment_excerpt(data) }));
        }
        owners::RAISED_EVENT => {
            let owner = owner_text(tx, &data["owner"])?;
            let extra_data = json!({
                "reason": data["reason"], "since": data["since"], "owner": owner, "stage": data["stage"],
            });
            tell(NoticeSubject::Escalated, "raised", parse_ids(&data["to"]), extra_data);
        }
        "cairn.schedule.failed" => {
            let mut to = Vec::from_iter(admin_id(&data["requestedBy"]));
            let owners = OwnerIndex::load(&tx.reader())?;
            if let Some(owner) = owners.find_owner(e.event.content_type.as_deref(), None) {
                to.extend(owner.admin_user);
                to.extend(with_roles(&tx.reader(), owner.role.as_slice())?);
            }
            let to = or_super_admins(tx, to)?;
            let reason = &data["problem"]["message"];
            tell(
                NoticeSubject::ScheduleFailed,
                "failed",
                to,
                json!({ "action": data["action"], "at": planned_time(data), "reason": reason }),
            );
        }
        "cairn.release.done" => {
            let to = ["createdBy", "requestedBy"].iter().filter_map(|key| admin_id(&data[key])).collect();
            let extra_data = json!({ "name": data["name"], "count": data["items"], "at": planned_time(data) });
            tell(NoticeSubject::ReleaseDone, "done", to, extra_data);
        }
        "cairn.release.failed" => {
            let to = ["createdBy", "requestedBy"].iter().filter_map(|key| admin_id(&data[key])).collect();
            let to = or_super_admins(tx, to)?;
            let extra_data =
                json!({ "name": data["name"], "reason": data["problem"]["message"], "at": planned_time(data) });
            tell(NoticeSubject::ReleaseFailed, "failed", to, extra_data);
        }
        _ => {}
    }
    Ok(notices)
}

/// The recipients, or the super admins if there are none: a failure that a token caused needs somebody to look at it.
fn or_super_admins(tx: &WriteTx<'_>, to: Vec<i64>) -> Result<Vec<i64>, StoreError> {
    if to.is_empty() { with_roles(&tx.reader(), &[SUPER_ADMIN_ROLE.to_owned()]) } else { Ok(to) }
}

/// Numeric id of an actor that is an admin user.
fn admin_id(actor: &Json) -> Option<i64> {
    let actor: Actor = serde_json::from_value(actor.clone()).ok()?;
    actor.id.filter(|_| actor.kind == ActorKind::Admin)?.parse().ok()
}

/// The scheduled time.
fn planned_time(data: &Json) -> Json {
    if data["localTime"].is_null() {
        return Json::Null;
    }
    json!({ "local": data["localTime"], "zone": data["zone"] })
}

/// Names the owner of something, for people.
fn owner_text(tx: &WriteTx<'_>, owner: &Json) -> Result<Option<String>, StoreError> {
    if let Some(id) = owner["user"].as_i64() {
        let row = tx.reader().admin_users().list()?.into_iter().find(|u| u.id == id);
        if let Some(user) = row {
            return Ok(Some(user.email));
        }
    }
    Ok(owner["team"].as_str().or(owner["role"].as_str()).map(str::to_owned))
}

fn is_admin_user(actor: &Actor, id: i64) -> bool {
    actor.kind == ActorKind::Admin && actor.id.as_deref() == Some(id.to_string().as_str())
}

fn parse_ids(json: &Json) -> Vec<i64> {
    json.as_array().into_iter().flatten().filter_map(Json::as_i64).collect()
}

fn comment_excerpt(data: &Json) -> String {
    data["text"].as_str().unwrap_or_default().chars().take(MAX_EXCERPT_CHARS).collect()
}

/// The document that an event is about.
pub(crate) fn event_document(e: &Event) -> Option<DocumentKey> {
    Some(DocumentKey {
        content_type: e.event.content_type.clone()?,
        document_id: e.event.document_id.clone()?,
        locale: e.event.locale.clone().unwrap_or_default(),
    })
}

/// The title of a document, read in a transaction.
pub(crate) fn document_title(tx: &WriteTx<'_>, d: &DocumentKey) -> Result<Option<String>, StoreError> {
    let registry = tx.registry();
    let Some(ct) = registry.by_uid(&d.content_type) else { return Ok(None) };
    let row = match tx.reader().documents().get_row(ct.id, &d.document_id, &d.locale, !ct.draft_publish)? {
        Some(row) => row,
        // An event about all locales has the title of the first.
        None => match tx.reader().documents().find_rows(ct.id, &d.document_id, !ct.draft_publish)?.into_iter().next() {
            Some(row) => row,
            None => return Ok(None),
        },
    };
    let own_title = ct.title_attributes().find_map(|id| match &row.values[id] {
        Value::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    });
    Ok(own_title.or_else(|| ct.single_title().map(str::to_owned)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_formatted_with_their_zone() {
        assert_eq!(format_when(&json!("2026-03-02T08:00:00.000Z")), "2026-03-02 08:00 UTC");
        let due = json!({ "at": "2026-03-02T08:00:00.000Z", "local": "2026-03-02T09:00", "zone": "Europe/Amsterdam" });
        assert_eq!(format_when(&due), "2026-03-02 09:00 Europe/Amsterdam");
        for none in [json!(null), json!(3), json!("soon"), json!({})] {
            assert_eq!(format_when(&none), Json::Null);
        }
    }
}
