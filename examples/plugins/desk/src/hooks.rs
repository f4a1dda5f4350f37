//! Decisions before a ticket or a message is stored by somebody else.

use crate::Desk;
use crate::agents::is_group;
use crate::authors::Author;
use crate::model::{Priority, Settings, Stage};
use crate::stages::follow_move;
use crate::tickets::{first_group, plan_new};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

impl Hooks for Desk {
    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "ticket" => decide_ticket,
            "message" => decide_message,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}

/// Ticket as far as the hook reads it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    reference: Option<String>,
    request_key: Option<String>,
    stage: Option<Stage>,
    priority: Option<Priority>,
    due_at: Option<String>,
    overdue_at: Option<String>,
    assigned_group: Option<String>,
}

fn decide_ticket(call: &Call, change: &Change) -> Result<Decision> {
    let settings: Settings = settings()?;
    let (before, after) = (change.before::<Seen>()?, change.after::<Seen>()?.unwrap_or_default());
    let was_in = before.as_ref().and_then(|before| before.assigned_group.clone());
    if let Some(group) = after.assigned_group.as_ref().filter(|&group| was_in.as_ref() != Some(group))
        && !is_group(&settings, group)
    {
        let message = translate("problem.ticket.group", &call.locale, Some(&json!({ "group": group })));
        return Ok(Decision::refuse_field("assignedGroup", "group", message));
    }
    let fields = match before {
        None => begin(&settings, &after)?,
        Some(before) => go_on(&before, &after, time::now()),
    };
    if fields.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&fields) }
}

/// Fields of a ticket that somebody enters in the admin.
fn begin(settings: &Settings, after: &Seen) -> Result<Map<String, Value>> {
    let Value::Object(mut fields) = plan_new(settings, after.priority.unwrap_or_default())? else {
        return Ok(Map::new());
    };
    if after.due_at.is_some() {
        fields.remove("dueAt");
    }
    if after.assigned_group.is_none() {
        fields.insert("assignedGroup".to_owned(), json!(first_group(settings)));
    }
    fields.insert("requestKey".to_owned(), Value::Null);
    fields.extend(follow_move(None, after.stage.unwrap_or_default(), time::now()));
    Ok(fields)
}

/// Fields that follow from a change; the reference and the key of the request stay what they were.
fn go_on(before: &Seen, after: &Seen, now: Instant) -> Map<String, Value> {
    let mut fields = match after.stage {
        Some(to) => follow_move(before.stage, to, now),
        None => Map::new(),
    };
    if before.reference != after.reference {
        fields.insert("reference".to_owned(), json!(before.reference));
    }
    if before.request_key != after.request_key {
        fields.insert("requestKey".to_owned(), json!(before.request_key));
    }
    let is_later = match (&before.due_at, &after.due_at) {
        (Some(before), Some(after)) => time::parse(after).ok() > time::parse(before).ok(),
        _ => false,
    };
    // More time: the clock starts again.
    if is_later && after.overdue_at.is_some() {
        fields.insert("overdueAt".to_owned(), Value::Null);
    }
    fields
}

fn decide_message(call: &Call, change: &Change) -> Result<Decision> {
    #[derive(Deserialize)]
    struct Written {
        at: Option<String>,
        author: Option<String>,
    }
    let Some(written) = change.after::<Written>()? else { return Ok(Decision::Allow) };
    let author = Author::of(&call.actor);
    Decision::amend(&json!({
        "at": written.at.unwrap_or_else(|| time::format(time::now())),
        "author": author.name.or(written.author),
        "authorKey": author.key,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = 1_800_000_000_000;

    fn seen() -> Seen {
        Seen {
            reference: Some("K7QFM-3XDWA".into()),
            request_key: Some("key".into()),
            stage: Some(Stage::Open),
            due_at: Some("2026-01-05T17:00:00.000Z".into()),
            ..Seen::default()
        }
    }

    #[test]
    fn nobody_chooses_a_reference_or_the_key_of_a_request() {
        let sent = Seen { reference: Some("MINE".into()), request_key: None, ..seen() };
        let fields = go_on(&seen(), &sent, NOW);
        assert_eq!(Value::Object(fields), json!({ "reference": "K7QFM-3XDWA", "requestKey": "key" }));
        assert_eq!(go_on(&seen(), &seen(), NOW), Map::new());
    }

    #[test]
    fn more_time_starts_the_clock_again() {
        let overdue = Seen { overdue_at: Some("2026-01-05T17:00:00.000Z".into()), ..seen() };
        let later = Seen { due_at: Some("2026-01-06T17:00:00.000Z".into()), ..overdue.clone() };
        assert_eq!(go_on(&overdue, &later, NOW).get("overdueAt"), Some(&Value::Null));
        let earlier = Seen { due_at: Some("2026-01-04T17:00:00.000Z".into()), ..overdue.clone() };
        assert_eq!(go_on(&overdue, &earlier, NOW), Map::new());
    }
}
