//! Decisions of people about leads: to qualify one, to mark one as spam, to look after one.

use crate::clock::{ClockEnd, end_clock, plan_lead_deadline, set_timers, start_fields};
use crate::contacts::{Identity, find_or_create_contact};
use crate::deals::{NewDeal, create_deal};
use crate::locked_documents::find_lead_locked;
use crate::model::{Activity, Lead, LeadStatus};
use crate::person::Person;
use crate::refusals::refuse_state;
use crate::settings::Settings;
use crate::subject::Subject;
use crate::tasks::{ResponseTask, assign_tasks};
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Map, json};

/// A lead that was qualified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qualification {
    pub(crate) deal: String,
    /// True if it was so before.
    pub(crate) already: bool,
}

/// Makes a deal of a lead, in the pipeline's second stage; asked again, it is the same deal.
///
/// # Errors
/// `NotFound`, `Conflict` for a lead that is spam or was dropped, `Invalid` with the fields that the stage requires.
pub(crate) fn qualify_lead(id: &str, person: &Person, locale: &str) -> Result<Qualification> {
    run_transaction(|| {
        let lead = find_lead_locked(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        if let Some(deal) = &lead.converted_deal {
            return Ok(Qualification { deal: deal.document_id.clone(), already: true });
        }
        match lead.status {
            LeadStatus::Spam => return Err(refuse_state("conflict.spam", locale)),
            LeadStatus::Unqualified => return Err(refuse_state("conflict.unqualified", locale)),
            LeadStatus::New | LeadStatus::Working | LeadStatus::Qualified | LeadStatus::Converted => {}
        }
        let Some(pipeline) = &lead.pipeline else { return Err(refuse_state("conflict.noPipeline", locale)) };
        let deal = create_deal(&NewDeal { lead: &lead, pipeline: &pipeline.document_id, person, locale })?;
        end_clock(&lead, ClockEnd::Answered, LeadStatus::Converted)?;
        data::update::<Lead>(id, &json!({ "convertedDeal": deal }))?;
        write_note(&lead, "activity.qualified", person, locale, Some(&deal))?;
        events::publish("crm.lead.qualified", id, &json!({ "lead": id, "deal": deal }))?;
        Ok(Qualification { deal, already: false })
    })
}

/// Marks a lead as spam: nobody has to answer it, and no report counts it. Asked again, nothing changes.
///
/// # Errors
/// `NotFound`, `Conflict` for a lead that is a deal.
pub(crate) fn mark_as_spam(id: &str, person: &Person, locale: &str) -> Result<()> {
    run_transaction(|| {
        let lead = find_lead_locked(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        match lead.status {
            LeadStatus::Spam => Ok(()),
            LeadStatus::Converted => Err(refuse_state("conflict.converted", locale)),
            _ => {
                end_clock(&lead, ClockEnd::Dropped, LeadStatus::Spam)?;
                write_note(&lead, "activity.spam", person, locale, None)
            }
        }
    })
}

/// Takes back that a lead is spam: its contact is found or made, and its clock begins, unless somebody has answered before.
///
/// # Errors
/// `NotFound`, `Conflict` for a lead that is no spam.
pub(crate) fn restore_lead(id: &str, person: &Person, locale: &str) -> Result<()> {
    let settings = Settings::load()?;
    run_transaction(|| {
        let lead = find_lead_locked(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        if lead.status != LeadStatus::Spam {
            return Err(refuse_state("conflict.noSpam", locale));
        }
        let answered = lead.first_response_at.is_some();
        let mut patch = Map::new();
        let status = if answered { LeadStatus::Working } else { LeadStatus::New };
        patch.insert("status".to_owned(), json!(status));
        // An inquiry that was stored as spam got no contact and no event: for everything that follows, its lead is new.
        let identity = Identity::of_lead(&lead, &settings.country_code);
        let is_new = lead.contact.is_none() && identity.can_be_found();
        let contact = match &lead.contact {
            Some(contact) => Some(contact.document_id.clone()),
            None if is_new => {
                let origin = find_or_create_contact(&identity)?;
                patch.insert("possibleContact".to_owned(), json!(origin.possible));
                Some(origin.id)
            }
            None => None,
        };
        patch.insert("contact".to_owned(), json!(contact));
        let pipeline = lead.pipeline.as_ref().filter(|_| !answered);
        let deadline = pipeline.and_then(|pipeline| plan_lead_deadline(pipeline, time::now()));
        if let Some(deadline) = deadline {
            patch.extend(start_fields(deadline));
            set_timers(Subject::Lead(id), deadline)?;
        }
        data::update::<Lead>(id, &patch)?;
        if !answered {
            let task = ResponseTask {
                lead: id,
                contact: contact.as_deref(),
                name: &lead.name,
                owner: &lead.owner,
                owner_name: &lead.owner_name,
                due: deadline.map(|deadline| deadline.due),
                language: &settings.language,
            };
            task.create()?;
        }
        write_note(&lead, "activity.restored", person, locale, None)?;
        if let (true, Some(pipeline)) = (is_new, &lead.pipeline) {
            let data = json!({ "lead": id, "pipeline": pipeline.document_id, "contact": contact });
            events::publish("crm.lead.created", id, &data)?;
        }
        Ok(())
    })
}

/// Gives a lead, with the task to answer it, to whoever asks.
///
/// # Errors
/// `NotFound`.
pub(crate) fn take_lead(id: &str, person: &Person) -> Result<()> {
    run_transaction(|| {
        find_lead_locked(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?;
        data::update::<Lead>(id, &json!({ "owner": person.id, "ownerName": person.name }))?;
        assign_tasks(id, &person.id, &person.name)
    })
}

/// Writes a line in the lead's history: it answers nobody.
///
/// # Errors
/// What the host says.
pub(crate) fn write_note(lead: &Row<Lead>, key: &str, person: &Person, locale: &str, deal: Option<&str>) -> Result<()> {
    let subject = translate(key, locale, Some(&json!({ "person": person.name })));
    data::create::<Activity>(&json!({
        "kind": "system", "subject": subject, "at": time::format(time::now()), "automatic": true, "author": person.id,
        "authorName": person.name, "lead": lead.document_id, "deal": deal,
        "contact": lead.contact.as_ref().map(|contact| contact.document_id.as_str()),
    }))
    .map(|_| ())
}
