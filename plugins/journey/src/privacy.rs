//! One person's data: the journeys of a customer. A journey itself stays, cancelled and without a name: what is for it and others must not
//! become content for everybody. All that was planned, sent and noted in it goes, and so does content for it alone.

use crate::Journeys;
use crate::entries::PHASE_END_JOB;
use crate::journeys::LoadedJourney;
use crate::model::{
    Effect, Entry, ExternalEvent, Item, Journey, JourneyStatus, Notice, Slot, StartRequest, StartStatus,
};
use crate::planning::SLOT_JOB;
use cairn_contact_details::email::list_variants;
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use cairn_plugin::{DocumentRef, ErasureStep, KindCursor, KindReport, Person, Privacy, ReportPage};
use serde_json::{Value, json};

/// Documents that a step deletes of each kind.
const STEP_SIZE: u32 = 100;
/// Entries of a journey that are made anonymous.
const MAX_ENTRIES: u32 = 1_000;
/// Content of a journey, for it alone or for others too, that a step looks at.
const MAX_ITEMS: u32 = 1_000;
/// Contents of a report: seven kinds of documents, without keys that say nothing about the person.
const REPORT: KindReport<'static> = KindReport { kinds: 7, left_out: &["activeKey", "effectKey", "version"] };

/// Filter for the journeys of a person: by their account, or by its address where the account was deleted.
fn journey_filter(person: &Person) -> Value {
    let mut filters = list_address_filters("customerEmail", &person.email);
    filters.extend(person.user.as_deref().map(|user| json!({ "customer": { "documentId": { "$eq": user } } })));
    json!({ "$or": filters })
}

/// Filter for the starts of journeys that were asked for with the person's address.
fn start_filter(person: &Person) -> Value {
    let mut filters = list_address_filters("email", &person.email);
    filters.push(json!({ "journey": journey_filter(person) }));
    json!({ "$or": filters })
}

/// Filters for a field with the address of a person, one for each way in which it may be spelled there.
fn list_address_filters(field: &str, email: &str) -> Vec<Value> {
    list_variants(email).iter().map(|variant| json!({ field: { "$eqi": variant } })).collect()
}

impl Privacy for Journeys {
    type Cursor = KindCursor;

    fn report(_call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ReportPage> {
        let cursor = cursor.unwrap_or_default();
        let own = journey_filter(person);
        let part = json!({ "journey": own });
        match cursor.kind {
            0 => REPORT.list::<Journey>("journey", "title", own, &cursor),
            1 => REPORT.list::<Entry>("entry", "enteredAt", part, &cursor),
            2 => REPORT.list::<Slot>("slot", "title", part, &cursor),
            3 => REPORT.list::<Notice>("notice", "subject", part, &cursor),
            4 => REPORT.list::<Effect>("effect", "title", part, &cursor),
            5 => REPORT.list::<ExternalEvent>("event", "name", part, &cursor),
            _ => REPORT.list::<StartRequest>("start", "title", start_filter(person), &cursor),
        }
    }

    fn erase(call: &Call, person: &Person, cursor: Option<KindCursor>) -> Result<ErasureStep> {
        let starts = erase_starts(person, &call.locale)?;
        if !starts.is_empty() {
            return ErasureStep::new(starts, Vec::new(), Some(&cursor.unwrap_or_default()));
        }
        let own = journey_filter(person);
        let Some(journey) = data::find::<AllFields<Journey>>().filter(own).fields(&["title"]).first()? else {
            return ErasureStep::new(Vec::new(), Vec::new(), None::<&KindCursor>);
        };
        let mut erased = delete_parts(&journey.document_id)?;
        if erased.is_empty() {
            erased = delete_own_items(&journey.document_id)?;
        }
        if erased.is_empty() {
            erased = anonymise_journey(&journey.document_id, &call.locale)?;
        }
        // The cursor does not move on: an anonymised journey is not found again.
        ErasureStep::new(erased, Vec::new(), Some(&cursor.unwrap_or_default()))
    }
}

/// Deletes some starts that wait for the person, and takes the name and the address from those that have begun: a deal starts one journey, and
/// its start says that it did.
fn erase_starts(person: &Person, locale: &str) -> Result<Vec<DocumentRef>> {
    let filter = json!({ "$and": [start_filter(person), { "$or": [
        { "status": { "$ne": StartStatus::Started } }, { "email": { "$notNull": true } }, { "customerName": { "$notNull": true } },
    ] }] });
    let starts = data::find::<StartRequest>().filter(filter).all(STEP_SIZE)?;
    let nameless = json!({ "title": translate("person.erased", locale, None), "email": null, "customerName": null, "problem": null });
    let (mut batch, mut erased) = (Batch::new(), Vec::new());
    for start in &starts {
        batch = if start.status == StartStatus::Started {
            batch.update::<StartRequest>(&start.document_id, &nameless)?
        } else {
            batch.delete::<StartRequest>(&start.document_id)
        };
        erased.push(reference::<StartRequest>(&start.document_id));
    }
    if !batch.is_empty() {
        batch.write()?;
    }
    Ok(erased)
}

fn reference<T: Document>(id: &str) -> DocumentRef {
    DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None }
}

/// Deletes some of what belongs to a journey; nothing where nothing is left.
fn delete_parts(journey: &str) -> Result<Vec<DocumentRef>> {
    let part = json!({ "journey": { "documentId": { "$eq": journey } } });
    let slots = list_ids::<Slot>(&part)?;
    let keys: Vec<&str> = slots.iter().map(String::as_str).collect();
    jobs::cancel_all(SLOT_JOB, &keys)?;
    let (mut batch, mut erased) = (Batch::new(), Vec::new());
    let kinds = [
        (Slot::TYPE, slots),
        (Notice::TYPE, list_ids::<Notice>(&part)?),
        (Effect::TYPE, list_ids::<Effect>(&part)?),
        (ExternalEvent::TYPE, list_ids::<ExternalEvent>(&part)?),
    ];
    for (uid, ids) in &kinds {
        for id in ids {
            batch = match *uid {
                Slot::TYPE => batch.delete::<Slot>(id),
                Notice::TYPE => batch.delete::<Notice>(id),
                Effect::TYPE => batch.delete::<Effect>(id),
                _ => batch.delete::<ExternalEvent>(id),
            };
            erased.push(DocumentRef { content_type: (*uid).to_owned(), document_id: id.clone(), locale: None });
        }
    }
    batch.write()?;
    Ok(erased)
}

/// Deletes some of the content that is for this journey alone: it is about its customer, such as photos of their car. Nothing where none is left.
fn delete_own_items(journey: &str) -> Result<Vec<DocumentRef>> {
    let among = json!({ "journeys": { "documentId": { "$eq": journey } } });
    let items = data::find::<AllFields<Item>>().drafts().filter(among).fields(&["title"]);
    let items = items.populate(json!({ "journeys": { "fields": ["documentId"] } })).all(MAX_ITEMS)?;
    let own: Vec<String> = items
        .into_iter()
        .filter(|item| item.fields.fields.get("journeys").and_then(Value::as_array).is_some_and(|all| all.len() == 1))
        .map(|item| item.document_id)
        .take(STEP_SIZE as usize)
        .collect();
    if own.is_empty() {
        return Ok(Vec::new());
    }
    own.iter().fold(Batch::new(), |batch, id| batch.delete::<Item>(id)).write()?;
    Ok(own.iter().map(|id| reference::<Item>(id)).collect())
}

fn list_ids<T: Document>(filter: &Value) -> Result<Vec<String>> {
    let found = data::find::<AllFields<T>>().filter(filter.clone()).fields(&["createdAt"]).all(STEP_SIZE)?;
    Ok(found.into_iter().map(|row| row.document_id).collect())
}

/// Takes the name and all texts from a journey and its entries, and ends it.
fn anonymise_journey(id: &str, locale: &str) -> Result<Vec<DocumentRef>> {
    jobs::cancel(PHASE_END_JOB, id)?;
    // The customer's access ends with the journey.
    match LoadedJourney::load_locked(id) {
        // A journey that has lost its definition shows nothing to anybody.
        Err(Error::NotFound(_)) => {}
        journey => journey?.invalidate_policies()?,
    }
    let part = json!({ "journey": { "documentId": { "$eq": id } } });
    let entries = data::find::<AllFields<Entry>>().filter(part).fields(&["no"]).all(MAX_ENTRIES)?;
    let nameless = json!({ "by": null, "reason": null, "endReason": null });
    let fields = json!({
        "title": translate("person.erased", locale, None), "customer": null, "customerName": null, "customerEmail": null, "personName": null, "blockedAt": null, "variables": null,
        "status": JourneyStatus::Cancelled, "activeKey": null, "pausedAt": null, "phaseEndsAt": null, "overdueAt": null,
    });
    let batch =
        entries.iter().try_fold(Batch::new(), |batch, entry| batch.update::<Entry>(&entry.document_id, &nameless));
    batch?.update::<Journey>(id, &fields)?.write()?;
    let mut erased: Vec<DocumentRef> = entries.iter().map(|entry| reference::<Entry>(&entry.document_id)).collect();
    erased.push(reference::<Journey>(id));
    Ok(erased)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_or_a_key_is_left_out() {
        let fields = json!({ "title": "F22", "activeKey": "x", "shift": null, "entryNo": 2 });
        let cleaned = REPORT.clean_fields(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(cleaned), json!({ "title": "F22", "entryNo": 2 }));
    }
}
