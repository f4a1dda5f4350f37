//! Decisions before something is stored that people or other programs write. The plugin's own writes do not come by here.

use crate::activities::{answer_lead, is_answer};
use crate::activity_mentions::{ActivityTexts, notify_mentioned, resolve_mentions};
use crate::contact_changes::{update_deals_of_lead, update_leads_of_contact};
use crate::duration::parse_duration;
use crate::locked_documents::find_lead_locked;
use crate::mentions::StoredMention;
use crate::model::{ClockKind, Link, SlaPolicy};
use crate::owners::{is_owner, name_owner};
use crate::packages::check_package_wish;
use crate::person::Person;
use crate::quote_changes::{decide_package, decide_payment, decide_quote};
use crate::readable_names::is_name_unreadable;
use crate::removals::decide_removal;
use crate::stage_rules::REQUIRABLE;
use crate::tasks::{assign_tasks, complete_tasks};
use crate::{Crm, deals};
use cairn_plugin::calendar;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

impl Hooks for Crm {
    fn prepare(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "stages" => decide_stage,
            "packages" => decide_package,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }

    fn before(call: &Call, hook: &str, changes: &[Change]) -> Result<Vec<Decision>> {
        let decide = match hook {
            "leads" => decide_lead,
            "contacts" => decide_contact,
            "deals" => deals::decide_change,
            "quotes" => decide_quote,
            "payments" => decide_payment,
            "activities" => decide_activity,
            "policies" => decide_policy,
            "removals" => decide_removal,
            other => return Err(Error::NotFound(other.to_owned())),
        };
        changes.iter().map(|change| decide(call, change)).collect()
    }
}

/// Decides about a change of a lead: the plugin's own notes are its own to change, and so are the two statuses that are more than a word.
fn decide_lead(call: &Call, change: &Change) -> Result<Decision> {
    const KEPT: [&str; 12] = [
        "receivedAt",
        "slaState",
        "slaDueAt",
        "slaWarnAt",
        "slaWarnedAt",
        "slaBreachedAt",
        "firstResponseAt",
        "responseSeconds",
        "repeats",
        "duplicateOf",
        "possibleContact",
        "convertedDeal",
    ];
    let before: Map<String, Value> = change.before()?.unwrap_or_default();
    let after: Map<String, Value> = change.after()?.unwrap_or_default();
    let is_set = |field: &str| after.get(field).is_some_and(|value| !value.is_null() && *value != json!(0));
    let is_changed = |field: &&str| change.touches(field) && (change.action == Action::Update || is_set(field));
    if let Some(kept) = KEPT.into_iter().find(is_changed) {
        return Ok(refuse(call, kept, "kept"));
    }
    let status =
        |document: &Map<String, Value>| document.get("status").and_then(Value::as_str).unwrap_or("new").to_owned();
    let (had, wanted) = (status(&before), status(&after));
    let is_decided = |status: &str| matches!(status, "converted" | "spam");
    if had != wanted && (is_decided(&had) || is_decided(&wanted)) {
        return Ok(refuse(call, "status", "statusByAction"));
    }
    let text = |field: &str| after.get(field).and_then(Value::as_str);
    if is_name_unreadable(change, "name", &after) {
        return Ok(refuse(call, "name", "invisible"));
    }
    if let Some(refused) = check_package_wish(call, change, text("packageWish"))? {
        return Ok(refused);
    }
    let owner = text("owner").unwrap_or_default();
    if change.touches("owner") && !is_owner(owner) {
        return Ok(refuse(call, "owner", "recipient"));
    }
    let mut patch = name_owner(change, "owner", Some(owner))?;
    if change.action == Action::Update && change.touches("owner") {
        let named = patch.get("ownerName").and_then(Value::as_str);
        assign_tasks(&change.document_id, owner, named.or(text("ownerName")).unwrap_or_default())?;
    }
    update_deals_of_lead(change)?;
    // An unqualified lead needs no response any more. Its timers find that out themselves.
    if wanted == "unqualified" && had != wanted {
        complete_tasks(&change.document_id, time::now())?;
        if before.get("slaState").is_some_and(|state| state == "running") {
            patch.insert("slaState".to_owned(), json!("cancelled"));
        }
    }
    if patch.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&patch) }
}

/// Lets an address that is corrected on a contact count for its leads, too. A name is something that can be read.
fn decide_contact(call: &Call, change: &Change) -> Result<Decision> {
    let after: Map<String, Value> = change.after()?.unwrap_or_default();
    if is_name_unreadable(change, "name", &after) {
        return Ok(refuse(call, "name", "invisible"));
    }
    update_leads_of_contact(change)?;
    Ok(Decision::Allow)
}

/// A stage can only require what a deal has, and has a name that can be read.
fn decide_stage(call: &Call, change: &Change) -> Result<Decision> {
    let after: Map<String, Value> = change.after()?.unwrap_or_default();
    if is_name_unreadable(change, "name", &after) {
        return Ok(refuse(call, "name", "invisible"));
    }
    let fits = match after.get("requiredFields") {
        None | Some(Value::Null) => true,
        Some(Value::Array(names)) => {
            names.iter().all(|name| name.as_str().is_some_and(|name| REQUIRABLE.contains(&name)))
        }
        Some(_) => false,
    };
    if fits {
        return Ok(Decision::Allow);
    }
    let message = translate("refused.requiredFields", &call.locale, Some(&json!({ "fields": REQUIRABLE.join(", ") })));
    Ok(Decision::refuse_field("requiredFields", "requiredFields", message))
}

/// An activity as far as the hook reads it.
#[derive(Deserialize)]
struct ActivityFields {
    kind: Option<String>,
    direction: Option<String>,
    at: Option<String>,
    subject: Option<String>,
    body: Option<String>,
    assignee: Option<String>,
    lead: Option<Link>,
    /// As stored, or as a client sent them, which counts for nothing.
    #[serde(default)]
    mentions: Value,
}

impl ActivityFields {
    fn texts(&self) -> ActivityTexts<'_> {
        ActivityTexts {
            subject: self.subject.as_deref().unwrap_or_default(),
            body: self.body.as_deref().unwrap_or_default(),
        }
    }

    /// False for what a customer wrote: it mentions nobody.
    fn can_mention(&self) -> bool {
        self.direction.as_deref() != Some("inbound")
    }
}

/// Notes who wrote an activity, whom it mentions and the name of who has to do it, and ends the lead's clock where it answers.
fn decide_activity(call: &Call, change: &Change) -> Result<Decision> {
    let Some(activity): Option<ActivityFields> = change.after()? else { return Ok(Decision::Allow) };
    let person = Person::of(call);
    let assignee = activity.assignee.as_deref().unwrap_or_default();
    if change.touches("assignee") && !is_owner(assignee) {
        return Ok(refuse(call, "assignee", "recipient"));
    }
    let mut patch = name_owner(change, "assignee", Some(assignee))?;
    if change.action == Action::Update {
        return decide_activity_update(call, change, &activity, person.as_ref(), patch);
    }
    let kind = activity.kind.as_deref().unwrap_or("note");
    if person.is_some()
        && is_answer(kind, activity.direction.as_deref().unwrap_or_default())
        && let Some(about) = &activity.lead
        && let Some(lead) = find_lead_locked(&about.document_id)?
    {
        answer_lead(&lead)?;
    }
    let mut mentions = Vec::new();
    // Mentions count only in what people of the team write, whatever the texts of programs and customers look like.
    if let Some(person) = person.as_ref().filter(|_| activity.can_mention()) {
        mentions = resolve_mentions(activity.texts(), &[], &call.locale)?;
        notify_mentioned(&change.document_id, activity.texts(), &mentions, &[], person)?;
    }
    let at = activity.at.unwrap_or_else(|| time::format(time::now()));
    let (author, name) = person.map(|person| (person.id, person.name)).unzip();
    let noted = [
        ("automatic", json!(author.is_none())),
        ("author", json!(author)),
        ("authorName", json!(name)),
        ("at", json!(at)),
        ("mentions", json!(mentions)),
    ];
    patch.extend(noted.map(|(field, value)| (field.to_owned(), value)));
    Decision::amend(&patch)
}

/// Keeps what the plugin noted, and takes the mentions of a new text. `patch`: the fields that follow already.
fn decide_activity_update(
    call: &Call,
    change: &Change,
    activity: &ActivityFields,
    person: Option<&Person>,
    mut patch: Map<String, Value>,
) -> Result<Decision> {
    let kept = ["automatic", "author", "authorName", "mentions"].into_iter().find(|field| change.touches(field));
    if let Some(field) = kept {
        return Ok(refuse(call, field, "kept"));
    }
    let has_other_text = change.touches("subject") || change.touches("body");
    if let Some(person) = person.filter(|_| has_other_text && activity.can_mention()) {
        let stored = stored_mentions(change.before::<ActivityFields>()?);
        let mentions = resolve_mentions(activity.texts(), &stored, &call.locale)?;
        notify_mentioned(&change.document_id, activity.texts(), &mentions, &stored, person)?;
        patch.insert("mentions".to_owned(), json!(mentions));
    }
    if patch.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&patch) }
}

/// The mentions of an activity before a change; none where it was stored before there were any.
fn stored_mentions(before: Option<ActivityFields>) -> Vec<StoredMention> {
    before.and_then(|before| serde_json::from_value(before.mentions).ok()).unwrap_or_default()
}

/// A policy has to be one that a clock can follow: a lead that comes at night is a bad moment to find out.
fn decide_policy(call: &Call, change: &Change) -> Result<Decision> {
    let Some(policy): Option<SlaPolicy> = change.after()? else { return Ok(Decision::Allow) };
    if parse_duration(&policy.duration).is_none() {
        return Ok(refuse(call, "duration", "duration"));
    }
    if !is_owner(&policy.escalate_to) {
        return Ok(refuse(call, "escalateTo", "recipient"));
    }
    if policy.clock == ClockKind::Business {
        match calendar::is_open(&policy.calendar, time::now()) {
            Ok(_) => {}
            Err(Error::NotFound(_) | Error::Invalid(_)) => return Ok(refuse(call, "calendar", "calendar")),
            Err(error) => return Err(error),
        }
    }
    Ok(Decision::Allow)
}

fn refuse(call: &Call, field: &str, code: &str) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}
