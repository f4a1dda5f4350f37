//! Erasing a person: one access after another, each in some steps.

use super::{access_filter, account_of, build_person_key};
use crate::access::audience::{filter_for, invalidate_vehicle, is_current_owner};
use crate::access::seen::{SeenVehicle, select_seen};
use crate::consents::model::Consent;
use crate::model::{
    Access, Choice, Payment, Rating, Role, ServiceRecord, ShareLink, TelemetryRun, TimelineEntry, Vehicle,
    VehicleDocument, of_vehicle,
};
use crate::preferences::model::{PendingMail, Preference};
use crate::retention::find_fiscal_end;
use crate::surveys::closing::SURVEY_CLOSE_JOB;
use crate::surveys::model::SurveyResponse;
use crate::telemetry::schedule_deletion;
use cairn_plugin::data::{AllFields, Batch};
use cairn_plugin::prelude::*;
use cairn_plugin::{DocumentRef, ErasureStep, KindCursor, Person, RetainedRecord};
use serde_json::{Value, json};

/// Documents of each kind in a step.
const STEP_SIZE: u32 = 200;

/// Results of a step.
#[derive(Default)]
struct ErasureBatch {
    batch: Batch,
    documents: Vec<DocumentRef>,
    retained: Vec<RetainedRecord>,
}

impl ErasureBatch {
    fn delete<T: Document>(&mut self, id: &str) {
        self.batch = std::mem::take(&mut self.batch).delete::<T>(id);
        self.note::<T>(id);
    }

    fn update<T: Document>(&mut self, id: &str, fields: &Value) -> Result<()> {
        self.batch = std::mem::take(&mut self.batch).update::<T>(id, fields)?;
        self.note::<T>(id);
        Ok(())
    }

    fn note<T: Document>(&mut self, id: &str) {
        self.documents.push(DocumentRef { content_type: T::TYPE.to_owned(), document_id: id.to_owned(), locale: None });
    }

    fn retain(&mut self, kind: &str, title: &str, day: &str) {
        let until = find_fiscal_end(day);
        self.retained.push(RetainedRecord::new(format!("t:person.{kind}"), title, "t:retained.fiscal", until));
    }

    fn finish(self, next: Option<&KindCursor>) -> Result<ErasureStep> {
        self.batch.write()?;
        ErasureStep::new(self.documents, self.retained, next)
    }
}

/// Erases a part of a person, and names what stays.
///
/// # Errors
/// What the host says.
pub(super) fn erase_step(person: &Person, cursor: &KindCursor, locale: &str) -> Result<ErasureStep> {
    let mut erased = ErasureBatch::default();
    erase_opinions(person, &mut erased)?;
    if !erased.documents.is_empty() {
        return erased.finish(Some(cursor));
    }
    let own = data::find::<Access>().filter(access_filter(person)).populate(json!({ "vehicle": true })).first()?;
    let Some(access) = own else {
        list_retained(person, &mut erased)?;
        return erased.finish(None);
    };
    let (id, role) = (access.document_id.clone(), access.role);
    if let Some(vehicle) = access.vehicle.as_ref().map(|vehicle| vehicle.document_id.clone()) {
        invalidate_vehicle(&vehicle)?;
        if role == Role::Owner {
            let is_last = erase_of_owner(access, &vehicle, locale, &mut erased)?;
            if is_last {
                erase_vehicle(&vehicle, locale, &mut erased)?;
                end_delegates(&vehicle, &mut erased)?;
            }
            if !erased.documents.is_empty() {
                return erased.finish(Some(cursor));
            }
            let held = json!({ "erasedAt": { "$notNull": true } });
            let stays = data::find::<VehicleDocument>().filter(of_vehicle(&vehicle)).filter(held.clone()).count()?
                + data::find::<Payment>().filter(of_vehicle(&vehicle)).filter(held).count()?;
            if stays > 0 {
                let nameless = json!({
                    "account": null, "name": null, "email": null, "language": null, "waitsSince": null, "personKey": build_person_key(&person.email),
                });
                erased.update::<Access>(&id, &nameless)?;
                return erased.finish(Some(cursor));
            }
        }
    }
    erased.delete::<Access>(&id);
    erased.finish(Some(cursor))
}

/// Erases what the person said, chose and showed to others: ratings, links, surveys and wishes go, and choices that they confirmed are nobody's.
fn erase_opinions(person: &Person, erased: &mut ErasureBatch) -> Result<()> {
    let Some(account) = account_of(person) else { return Ok(()) };
    for row in data::find::<Rating>().filter(json!({ "customer": account })).all(STEP_SIZE)? {
        erased.delete::<Rating>(&row.document_id);
    }
    for row in data::find::<ShareLink>().filter(json!({ "customer": account })).all(STEP_SIZE)? {
        erased.delete::<ShareLink>(&row.document_id);
    }
    for row in data::find::<Choice>().filter(json!({ "confirmedBy": account })).all(STEP_SIZE)? {
        erased.update::<Choice>(&row.document_id, &json!({ "confirmedBy": null, "note": null }))?;
    }
    erase_wishes(&account, erased)
}

/// Erases surveys, preferences, mails that wait, and consents: what a consent was good for ends with it, and there is nobody left whom its proof would
/// be about.
fn erase_wishes(account: &Value, erased: &mut ErasureBatch) -> Result<()> {
    let (of_customer, of_account) = (json!({ "customer": account }), json!({ "account": account }));
    for row in data::find::<SurveyResponse>().filter(of_customer.clone()).all(STEP_SIZE)? {
        jobs::cancel(SURVEY_CLOSE_JOB, &row.document_id)?;
        erased.delete::<SurveyResponse>(&row.document_id);
    }
    for row in data::find::<Consent>().filter(of_customer).all(STEP_SIZE)? {
        erased.delete::<Consent>(&row.document_id);
    }
    for row in data::find::<PendingMail>().filter(of_account.clone()).all(STEP_SIZE)? {
        erased.delete::<PendingMail>(&row.document_id);
    }
    for row in data::find::<Preference>().filter(of_account).all(STEP_SIZE)? {
        erased.delete::<Preference>(&row.document_id);
    }
    Ok(())
}

/// Erases what is about an owner: contracts, invoices and payments of their time, unless somebody else owned the vehicle at that time as well.
/// Returns true if nobody else owns it now.
fn erase_of_owner(mut access: Row<Access>, vehicle: &str, locale: &str, erased: &mut ErasureBatch) -> Result<bool> {
    let now = time::now();
    let current = access.vehicle.as_ref().map_or(0, |vehicle| vehicle.ownership);
    let others =
        json!({ "documentId": { "$ne": access.document_id }, "role": Role::Owner, "personKey": { "$null": true } });
    let others = data::find::<Access>().filter(of_vehicle(vehicle)).filter(others).all(STEP_SIZE)?;
    if others.iter().all(|other| other.ownership != access.ownership) {
        // Of an owner whose times cannot be read, everything counts as theirs.
        (access.fields.starts_at, access.fields.ends_at) = (None, None);
        let seen = select_seen(vec![access], now, u32::MAX).vehicles;
        erase_accounts(&seen, locale, erased)?;
    }
    Ok(!others.iter().any(|other| is_current_owner(other, current, now)))
}

fn erase_accounts(seen: &[SeenVehicle], locale: &str, erased: &mut ErasureBatch) -> Result<()> {
    let now = time::now();
    let at = json!(time::format(now));
    let fresh = json!({ "erasedAt": { "$null": true } });
    let personal = json!({ "kind": { "$in": crate::model::DocumentKind::PERSONAL } });
    let documents =
        data::find::<VehicleDocument>().filter(filter_for(VehicleDocument::TYPE, seen, "")).filter(personal);
    for row in documents.filter(fresh.clone()).all(STEP_SIZE)? {
        let day = row.issued_on.clone().unwrap_or_default();
        if find_fiscal_end(&day).is_some_and(|end| end <= now) {
            erased.delete::<VehicleDocument>(&row.document_id);
            continue;
        }
        let title = translate(&format!("kind.{}", row.kind.name()), locale, None);
        erased.update::<VehicleDocument>(&row.document_id, &json!({ "erasedAt": at, "title": title }))?;
    }
    for row in data::find::<Payment>().filter(filter_for(Payment::TYPE, seen, "")).filter(fresh).all(STEP_SIZE)? {
        if find_fiscal_end(&row.due_on).is_some_and(|end| end <= now) {
            erased.delete::<Payment>(&row.document_id);
            continue;
        }
        let title = translate("person.payment", locale, None);
        erased.update::<Payment>(&row.document_id, &json!({ "erasedAt": at, "title": title }))?;
    }
    Ok(())
}

/// A vehicle that nobody owns any more loses everything but its numbers and its service.
fn erase_vehicle(vehicle: &str, locale: &str, erased: &mut ErasureBatch) -> Result<()> {
    let of = of_vehicle(vehicle);
    for row in data::find::<AllFields<TimelineEntry>>().drafts().filter(of.clone()).fields(&["title"]).all(STEP_SIZE)? {
        erased.delete::<TimelineEntry>(&row.document_id);
    }
    let about_car = json!({ "kind": { "$notIn": crate::model::DocumentKind::PERSONAL } });
    for row in data::find::<VehicleDocument>().filter(of.clone()).filter(about_car).all(STEP_SIZE)? {
        erased.delete::<VehicleDocument>(&row.document_id);
    }
    for row in data::find::<Choice>().filter(of.clone()).all(STEP_SIZE)? {
        erased.delete::<Choice>(&row.document_id);
    }
    erase_runs(vehicle, erased)?;
    let described = json!({ "description": { "$notNull": true } });
    for row in data::find::<ServiceRecord>().filter(of).filter(described).all(STEP_SIZE)? {
        erased.update::<ServiceRecord>(&row.document_id, &json!({ "description": null }))?;
    }
    let title = translate("person.erased", locale, None);
    let stored = data::get::<Vehicle>(vehicle)?;
    if stored.is_some_and(|stored| stored.title != title) {
        erased.update::<Vehicle>(vehicle, &json!({ "title": title }))?;
    }
    Ok(())
}

/// Erases what was measured during drives: it tells where and how somebody drove.
fn erase_runs(vehicle: &str, erased: &mut ErasureBatch) -> Result<()> {
    let populate = json!({ "file": { "fields": ["name"] } });
    let runs = data::find::<TelemetryRun>().filter(of_vehicle(vehicle)).fields(&["status"]).populate(populate);
    for row in runs.all(STEP_SIZE)? {
        if let Some(file) = &row.file {
            schedule_deletion(&file.document_id)?;
        }
        erased.delete::<TelemetryRun>(&row.document_id);
    }
    Ok(())
}

/// Ends the accesses of delegates: whom an owner let see the vehicle sees it no longer.
fn end_delegates(vehicle: &str, erased: &mut ErasureBatch) -> Result<()> {
    let at = time::format(time::now());
    let open = json!({ "role": Role::Delegate, "$or": [{ "endsAt": { "$null": true } }, { "endsAt": { "$gt": at } }] });
    let mut batch = std::mem::take(&mut erased.batch);
    for row in data::find::<Access>().filter(of_vehicle(vehicle)).filter(open).all(STEP_SIZE)? {
        // The access is about somebody else: its history stays.
        batch = batch.update::<Access>(&row.document_id, &json!({ "endsAt": at }))?;
    }
    erased.batch = batch;
    Ok(())
}

/// Names what stays of somebody who was erased, now or before.
fn list_retained(person: &Person, erased: &mut ErasureBatch) -> Result<()> {
    let key = json!({ "personKey": { "$eq": build_person_key(&person.email) } });
    let accesses = data::find::<Access>().filter(key).populate(json!({ "vehicle": true })).all(STEP_SIZE)?;
    let seen = select_seen(accesses, time::now(), u32::MAX).vehicles;
    let held = json!({ "erasedAt": { "$notNull": true } });
    let documents =
        data::find::<VehicleDocument>().filter(filter_for(VehicleDocument::TYPE, &seen, "")).filter(held.clone());
    for row in documents.sort("issuedOn:asc").all(1_000)? {
        let title = row.number.as_deref().unwrap_or(&row.title);
        erased.retain("document", title, row.issued_on.as_deref().unwrap_or_default());
    }
    let payments = data::find::<Payment>().filter(filter_for(Payment::TYPE, &seen, "")).filter(held);
    for row in payments.sort("dueOn:asc").all(1_000)? {
        erased.retain("payment", &format!("{} {}", row.due_on, row.amount.to_digits()), &row.due_on);
    }
    Ok(())
}
