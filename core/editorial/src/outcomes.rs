//! Tells people what became of a planned publish and of a release: whoever asked for it, who was not there when it was done.

use crate::desk::with_roles;
use crate::notices::{document, title, when};
use cairn_access::auth::SUPER_ADMIN;
use cairn_events::{Consumer, Inside};
use cairn_notify::{Kind, Link, Notification};
use cairn_store::events::{Actor, ActorKind, Event};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use serde_json::{Value as Json, json};

/// The consumer. A failure that no admin user asked for (a token did) is told to the super admins: somebody has to look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcomes;

impl Consumer for Outcomes {
    fn name(&self) -> &str {
        "publishing-notices"
    }

    fn wants(&self, event: &Event) -> bool {
        matches!(event.event.name.as_str(), "cairn.schedule.failed" | "cairn.release.done" | "cairn.release.failed")
    }
}

impl Inside for Outcomes {
    fn apply(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        for event in events {
            if let Some(notification) = notification(tx, event)? {
                cairn_notify::notify(tx, &notification, event.at)?;
            }
        }
        Ok(())
    }
}

fn notification(tx: &mut WriteTx<'_>, e: &Event) -> Result<Option<Notification>, StoreError> {
    let data = &e.event.data;
    let mut to: Vec<i64> = admin(&data["requestedBy"]).into_iter().collect();
    let (kind, more, link) = match e.event.name.as_str() {
        "cairn.schedule.failed" => {
            let d = document(e);
            let title = d.as_ref().map(|d| title(tx, d)).transpose()?.flatten();
            let title = title.or_else(|| e.event.document_id.clone());
            let link = d.map(|d| Link::Document {
                content_type: d.content_type,
                document_id: d.document_id,
                locale: (!d.locale.is_empty()).then_some(d.locale),
            });
            (Kind::ScheduledPublishFailed, json!({ "title": title, "action": data["action"] }), link)
        }
        name => {
            let Some(id) = data["release"].as_i64() else { return Ok(None) };
            let release = tx.reader().release(id)?;
            let people = release.iter().flat_map(|r| [Some(&r.actor), r.ended_by.as_ref()]).flatten();
            to.extend(people.filter_map(number));
            let kind = if name.ends_with("done") { Kind::ReleaseDone } else { Kind::ReleaseFailed };
            let more = json!({ "name": data["name"], "actor": e.actor.name, "count": data["items"] });
            (kind, more, Some(Link::Release { id }))
        }
    };
    // Who did it by hand saw how it went.
    to.retain(|id| e.actor.kind != ActorKind::Admin || number(&e.actor) != Some(*id));
    if to.is_empty() && kind != Kind::ReleaseDone {
        to = with_roles(&tx.reader(), &[SUPER_ADMIN.to_owned()])?;
    }
    let planned = when(&json!({ "local": data["localTime"], "zone": data["zone"] }));
    let at = DateTime::from_timestamp_millis(e.at).map(|t| t.format("%Y-%m-%d %H:%M UTC").to_string());
    let mut data = json!({
        "at": if planned.is_null() { Json::from(at) } else { planned }, "reason": data["problem"]["message"],
    });
    if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
        data.extend(more.clone());
    }
    Ok(Some(Notification { kind, to, data, once_key: format!("{}:outcome", e.id), link }))
}

fn admin(json: &Json) -> Option<i64> {
    serde_json::from_value::<Actor>(json.clone()).ok().as_ref().and_then(number)
}

/// The number of an admin user.
fn number(actor: &Actor) -> Option<i64> {
    (actor.kind == ActorKind::Admin).then_some(actor.id.as_deref()?.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::nodes::Project;
    use cairn_store::events::NewEvent;

    fn event(name: &str, key: &str, data: Json) -> Event {
        let event = NewEvent {
            name: name.into(),
            key: key.into(),
            content_type: Some("api::note.note".into()),
            document_id: Some("gone".into()),
            locale: None,
            status: None,
            data,
        };
        Event {
            pos: 1,
            id: key.into(),
            event,
            at: 1_772_433_000_000,
            actor: Actor::system("schedule"),
            replayed: false,
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn failures_reach_who_asked_and_else_the_super_admins() {
        for p in Project::every().await {
            let role = |r: &str| vec![r.to_owned()];
            let (root, ed) = (role(SUPER_ADMIN), role("editor"));
            let made = p.store().write(move |tx| {
                tx.set_admin_user("root@example.com", "x", &root, "2026-01-01")?;
                tx.set_admin_user("ed@example.com", "x", &ed, "2026-01-01")
            });
            made.await.unwrap();
            let users = p.store().read(|r| r.admin_users()).unwrap();
            let id = |email: &str| users.iter().find(|u| u.email == email).unwrap().id;
            let (root, ed) = (id("root@example.com"), id("ed@example.com"));
            let failed = |key: &str, by: Actor| {
                let data = json!({
                    "action": "publish", "localTime": "2026-03-02T09:00", "zone": "Europe/Amsterdam", "requestedBy": by,
                    "problem": { "message": "text must be filled in" },
                });
                event("cairn.schedule.failed", key, data)
            };
            let token = Actor { kind: ActorKind::Token, ..Actor::admin(ed, "x") };
            let events = [failed("a", Actor::admin(ed, "ed@example.com")), failed("b", token)];
            p.store()
                .write(move |tx| {
                    Outcomes.apply(tx, &events)?;
                    // Heard of twice, told once.
                    Outcomes.apply(tx, &events)
                })
                .await
                .unwrap();
            let told = |user| p.store().read(|r| r.notifications(user, false, None, None, 10)).unwrap();
            let (eds, roots) = (told(ed), told(root));
            assert_eq!((eds.len(), roots.len()), (1, 1));
            assert_eq!(eds[0].notification.kind, "scheduled-publish-failed");
            let data = &eds[0].notification.data;
            assert_eq!(
                (&data["at"], &data["reason"]),
                (&json!("2026-03-02 09:00 Europe/Amsterdam"), &json!("text must be filled in"))
            );
        }
    }
}
