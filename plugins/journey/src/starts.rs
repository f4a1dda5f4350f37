//! The beginning of a journey.

use crate::entries::{Cause, enter_phase};
use crate::given_times::{GivenTime, resolve_times};
use crate::journeys::{LoadedJourney, event_data, list_phases};
use crate::local_texts::LANGUAGES;
use crate::model::{Definition, DefinitionStatus, Journey, JourneyStatus, Phase, User};
use crate::period::Period;
use crate::refusals::{wrong_field, wrong_fields, wrong_state};
use crate::timetable::{Offsets, Plan};
use crate::zone::Zone;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin::users::verified_accounts;
use serde::Deserialize;
use serde_json::json;

/// Longest title, in characters.
pub(crate) const MAX_TITLE_CHARS: usize = 160;
/// An anchor may lie so far ahead, in milliseconds: clocks differ.
const MAX_AHEAD_MILLIS: i64 = 5 * 60_000;

/// A journey that somebody starts.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct StartRequest {
    /// Key of the definition, of which the active version counts, or its id.
    pub(crate) definition: String,
    /// The user of the content API: their id, e-mail address or name.
    pub(crate) customer: String,
    /// Subject of the journey, such as the vehicle.
    pub(crate) title: String,
    /// From when it counts: an instant, or a day or a local time in the definition's zone; now, without it.
    #[serde(default)]
    pub(crate) anchor_at: Option<String>,
    /// The phase that it begins with, by its key; without it, the one whose window is open.
    #[serde(default)]
    pub(crate) phase: Option<String>,
    #[serde(default)]
    pub(crate) language: Option<String>,
    #[serde(default)]
    pub(crate) mail_opt_out: bool,
    /// Name by which mails greet the customer.
    #[serde(default)]
    pub(crate) name: Option<String>,
}

/// Starts a journey and returns its id.
///
/// # Errors
/// `Invalid` with the fields that are wrong; `Conflict` where the customer has an active journey of that definition and title.
pub(crate) fn start_journey(request: &StartRequest, by: &str, locale: &str) -> Result<String> {
    let title = request.title.trim();
    let person_name = request.name.as_deref().unwrap_or_default().trim();
    let (definition, customer) = (find_definition(&request.definition)?, find_customer(&request.customer)?);
    // Problems are reported together: nobody likes to hear of one empty field after the other.
    let most = json!({ "most": MAX_TITLE_CHARS });
    let empty = |text: &str, code| if text.trim().is_empty() { "choose-customer" } else { code };
    let checks = [
        (customer.is_none(), "customer", empty(&request.customer, "unknown-customer"), None),
        (title.is_empty() || title.chars().count() > MAX_TITLE_CHARS, "title", "title", Some(&most)),
        (definition.is_none(), "definition", "unknown-definition", None),
        (request.language.as_deref().is_some_and(|one| !LANGUAGES.contains(&one)), "language", "language", None),
        (person_name.chars().count() > MAX_TITLE_CHARS, "name", "title", Some(&most)),
    ];
    let wrong = checks.iter().filter(|(is_wrong, ..)| *is_wrong);
    let wrong = wrong_fields(wrong.map(|(_, field, code, arguments)| (*field, *code, *arguments)), locale);
    let (Some(definition), Some(customer), true) = (definition, customer, wrong.is_empty()) else {
        return Err(Error::Invalid(wrong));
    };
    let now = time::now();
    let anchor = match request.anchor_at.as_deref().filter(|text| !text.is_empty()) {
        None => now,
        Some(text) => {
            let given = GivenTime::parse(text).ok_or_else(|| wrong_field("anchorAt", "instant", locale, None))?;
            let anchor = resolve_times(&[given], Zone(&definition.zone))?.pop();
            anchor.ok_or_else(|| Error::Internal("no instant".to_owned()))?
        }
    };
    if anchor > now.saturating_add(MAX_AHEAD_MILLIS) {
        return Err(wrong_field("anchorAt", "anchor-ahead", locale, None));
    }
    let phases = list_phases(&definition.document_id)?;
    let phase = match request.phase.as_deref().filter(|key| !key.is_empty()) {
        Some(key) => phases.iter().find(|phase| phase.key == key),
        None => find_open_phase(&phases, Zone(&definition.zone), anchor, now)?,
    };
    let phase = phase.ok_or_else(|| wrong_field("phase", "unknown-phase", locale, None))?;
    let name: String =
        if person_name.is_empty() { &customer.username } else { person_name }.chars().take(160).collect();
    let person_name = Some(person_name).filter(|name| !name.is_empty());
    let active_key = build_active_key(&definition.key, &customer.document_id, title);
    let store = || {
        let created = data::create::<Journey>(&json!({
            "title": title, "definition": definition.document_id, "customer": customer.document_id, "customerName": name,
            "personName": person_name,
            "language": request.language, "mailOptOut": request.mail_opt_out, "anchorAt": time::format(anchor),
            "status": JourneyStatus::Active, "entryNo": 0, "heldSeconds": 0, "activeKey": active_key,
        }));
        let created = match created {
            Err(error) if error.is_conflict("unique") => return Err(wrong_state("running", locale)),
            created => created?,
        };
        let id = created.target.document_id;
        let journey = LoadedJourney::load_locked(&id)?;
        let data = event_data(&id, Some(&definition.document_id), Some(&customer.document_id));
        events::publish("journey.journey.started", &id, &data)?;
        enter_phase(&journey, phase, Cause { by, reason: "", by_date: false, chain: 0, is_silent: false, left: None })?;
        Ok(id)
    };
    run_transaction(store)
}

/// The definition with that id if it is active, or the active version with that key.
///
/// # Errors
/// What the host says.
pub(crate) fn find_definition(name: &str) -> Result<Option<Row<Definition>>> {
    let named = json!({
        "status": DefinitionStatus::Active, "$or": [{ "documentId": { "$eq": name } }, { "key": { "$eq": name } }],
    });
    data::find::<Definition>().filter(named).sort("revision:desc").first()
}

/// The user of the content API with that id, verified address or name.
fn find_customer(name: &str) -> Result<Option<Row<User>>> {
    let name = name.trim();
    if name.is_empty() {
        return Ok(None);
    }
    // People choose their names themselves: one that looks like somebody's address must not be taken for it, nor for an id.
    let named = if name.contains('@') {
        json!({ "$and": [{ "email": { "$eqi": name } }, verified_accounts()] })
    } else if let Some(customer) = data::find::<User>().fields(&["username", "email"]).by_ids(&[name])?.pop().flatten()
    {
        return Ok(Some(customer));
    } else {
        json!({ "username": { "$eq": name } })
    };
    let mut found = data::find::<User>().filter(named).fields(&["username", "email"]).all(2)?;
    // Two people who are called so: nobody is meant for sure.
    if found.len() == 1 { Ok(found.pop()) } else { Ok(None) }
}

/// The phase whose window is open: the last one that has begun.
fn find_open_phase<'a>(
    phases: &'a [Row<Phase>],
    zone: Zone<'_>,
    anchor: Instant,
    now: Instant,
) -> Result<Option<&'a Row<Phase>>> {
    let local = zone.to_local(&[anchor, now])?;
    let [anchor, now] = local.as_slice() else { return Ok(None) };
    let plan = Plan { anchor: *anchor, shift: Period::default() };
    let offsets: Vec<Offsets> = phases.iter().map(|phase| phase.offsets()).collect();
    Ok(plan.find_open(&offsets, *now).and_then(|open| phases.get(open)))
}

/// Names the running journey of a definition, a customer and a vehicle.
pub(crate) fn build_active_key(definition: &str, customer: &str, title: &str) -> String {
    let title: String = title.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{definition}/{customer}/{title}").chars().take(250).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_vehicle_has_one_key_however_it_is_written() {
        assert_eq!(build_active_key("d", "c", " F22  Rood "), build_active_key("d", "c", "f22 rood"));
        assert_ne!(build_active_key("d", "c", "f22"), build_active_key("d", "other", "f22"));
        assert_eq!(build_active_key("d", "c", &"x".repeat(400)).len(), 250);
    }
}
