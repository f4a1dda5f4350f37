//! What happens at the desk, told to the people whom it concerns: joins `cairn-editorial`, which knows whom, with
//! `cairn-notify`, which knows how.

use cairn_editorial::{About, Notice, Notifier};
use cairn_notify::{Kind, Link, Notification, notify};
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use serde_json::Value as Json;

/// Tells admin users, as each of them prefers.
pub(crate) struct People;

impl Notifier for People {
    fn notify(&self, tx: &mut WriteTx<'_>, notice: &Notice, now: i64) -> Result<(), StoreError> {
        notify(tx, &told(notice), now)
    }
}

fn told(notice: &Notice) -> Notification {
    let kind = match notice.about {
        About::ApprovalNeeded => Kind::ApprovalNeeded,
        About::Assigned => Kind::Assigned,
        About::Decided => Kind::ReviewDecided,
        About::Mentioned => Kind::Mention,
        About::Answered => Kind::Comment,
        About::Escalated => Kind::Escalation,
    };
    let mut data = notice.data.clone();
    for key in ["due", "since"] {
        if let Some(value) = data.get_mut(key) {
            *value = when(value);
        }
    }
    let link = notice.document.as_ref().map(|d| Link::Document {
        content_type: d.content_type.clone(),
        document_id: d.document_id.clone(),
        locale: (!d.locale.is_empty()).then(|| d.locale.clone()),
    });
    Notification { kind, to: notice.to.clone(), data, once_key: notice.once_key.clone(), link }
}

/// A time as people read it: `2026-03-02 09:00 Europe/Amsterdam`.
fn when(value: &Json) -> Json {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_as_people_read_them() {
        assert_eq!(when(&json!("2026-03-02T08:00:00.000Z")), "2026-03-02 08:00 UTC");
        let due = json!({ "at": "2026-03-02T08:00:00.000Z", "local": "2026-03-02T09:00", "zone": "Europe/Amsterdam" });
        assert_eq!(when(&due), "2026-03-02 09:00 Europe/Amsterdam");
        for none in [json!(null), json!(3), json!("soon"), json!({})] {
            assert_eq!(when(&none), Json::Null);
        }
    }
}
