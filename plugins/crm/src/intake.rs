//! Intake of an inquiry: a lead with its contact, task and clock, all in one transaction or nothing of it.

use crate::clock::{Deadline, plan_lead_deadline, set_timers, start_fields};
use crate::contacts::{ContactOrigin, Identity, find_known_contacts};
use crate::inquiry::Inquiry;
use crate::lead_merge::{fold_name, merge_into};
use crate::model::{Lead, LeadStatus, Pipeline};
use crate::network::find_network;
use crate::settings::{Form, Settings};
use crate::subject::Subject;
use crate::tasks::ResponseTask;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::bindings::kv as raw_kv;
use cairn_plugin::data::Find;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// How long an inquiry counts as a repetition of the one before.
const REPEAT_MS: i64 = 10 * 60 * 1_000;
const MINUTE_MS: i64 = 60_000;
/// Leads with one number that are looked at.
const MAX_REPEATED: u32 = 20;

/// Outcome of an inquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IntakeResult {
    /// A new lead.
    Created(String),
    /// A part of a lead that is minutes old.
    Merged(String),
    /// A new lead, beside an open one of the same person.
    DuplicateKept(String),
    /// A lead that nobody is asked to look at.
    Spam(String),
}

impl IntakeResult {
    /// The lead, and the word for what happened, as a form that may know is told. A program that was caught learns nothing of it.
    pub(crate) fn tell(&self) -> (&str, &'static str) {
        match self {
            Self::Created(lead) | Self::Spam(lead) => (lead, "created"),
            Self::Merged(lead) => (lead, "merged"),
            Self::DuplicateKept(lead) => (lead, "duplicate-kept"),
        }
    }
}

/// An inquiry with all that is known before it becomes a lead.
pub(crate) struct Intake<'a> {
    inquiry: &'a Inquiry,
    form: &'a Form,
    settings: &'a Settings,
    pipeline: &'a Row<Pipeline>,
    /// Time at which it came in, which may be a while ago: its clock began then.
    received: Instant,
    deadline: Option<Deadline>,
}

impl<'a> Intake<'a> {
    /// Plans it. Reads the calendar, so that the transaction, which others wait for, need not.
    pub(crate) fn plan(
        inquiry: &'a Inquiry,
        form: &'a Form,
        settings: &'a Settings,
        pipeline: &'a Row<Pipeline>,
        received: Instant,
    ) -> Self {
        let deadline = plan_lead_deadline(pipeline, received);
        Self { inquiry, form, settings, pipeline, received, deadline }
    }

    /// Makes a lead of it, in a transaction of its own. Begins anew where another one was faster.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn store(&self) -> Result<IntakeResult> {
        run_transaction(|| self.store_within())
    }

    /// The same in the open transaction.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn store_within(&self) -> Result<IntakeResult> {
        if self.inquiry.trapped {
            let mut lead = self.lead_fields();
            lead["status"] = json!(LeadStatus::Spam);
            return Ok(IntakeResult::Spam(data::create::<Lead>(&lead)?.target.document_id));
        }
        let identity = Identity::of_inquiry(self.inquiry);
        let known = find_known_contacts(&identity)?;
        if let Some(phone) = self.inquiry.phone.as_deref().filter(|_| self.inquiry.email.is_none()) {
            let repeated = find_repeated_lead(phone, &self.inquiry.name, &self.pipeline.document_id, self.received)?;
            if let Some(result) = repeated.map(|lead| self.merge(&lead)).transpose()?.flatten() {
                return Ok(result);
            }
        }
        let origin = known.join_or_create(&identity)?;
        // A new contact has no other leads: the query is skipped, as other transactions wait for this one.
        let open = if origin.is_new { None } else { find_open_lead(&origin.id, &self.pipeline.document_id)? };
        if let Some(lead) = &open
            && self.received.abs_diff(time::parse(lead.received_at())?) < REPEAT_MS.unsigned_abs()
            && is_same_address(lead.email.as_deref(), self.inquiry.email.as_deref())
            && let Some(result) = self.merge(lead)?
        {
            return Ok(result);
        }
        let duplicate_of = open.map(|lead| lead.document_id);
        let lead = self.create_lead(&origin, duplicate_of.as_deref())?;
        Ok(if duplicate_of.is_some() { IntakeResult::DuplicateKept(lead) } else { IntakeResult::Created(lead) })
    }

    /// Adds the inquiry to a lead of minutes ago; none where that has no room left.
    fn merge(&self, lead: &Row<Lead>) -> Result<Option<IntakeResult>> {
        if !merge_into(lead, self.inquiry, self.received)? {
            return Ok(None);
        }
        let contact = lead.contact.as_ref().map(|contact| contact.document_id.as_str());
        let data = json!({ "lead": lead.document_id, "pipeline": self.pipeline.document_id, "contact": contact });
        events::publish("crm.lead.merged", &lead.document_id, &data)?;
        Ok(Some(IntakeResult::Merged(lead.document_id.clone())))
    }

    fn create_lead(&self, origin: &ContactOrigin, duplicate_of: Option<&str>) -> Result<String> {
        let deadline = self.deadline;
        let mut fields = self.lead_fields();
        let contact = origin.id.as_str();
        fields["contact"] = json!(contact);
        fields["possibleContact"] = json!(origin.possible);
        fields["duplicateOf"] = json!(duplicate_of);
        if let (Some(deadline), Value::Object(fields)) = (deadline, &mut fields) {
            fields.extend(start_fields(deadline));
        }
        let lead = data::create::<Lead>(&fields)?.target.document_id;
        let task = ResponseTask {
            lead: &lead,
            contact: Some(contact),
            name: &self.inquiry.name,
            owner: &self.form.owner,
            owner_name: self.owner_name(),
            due: deadline.map(|deadline| deadline.due),
            language: &self.settings.language,
        };
        task.create()?;
        if let Some(deadline) = deadline {
            set_timers(Subject::Lead(&lead), deadline)?;
        }
        let pipeline = &self.pipeline.document_id;
        let data = json!({ "lead": lead, "pipeline": pipeline, "contact": contact, "duplicateOf": duplicate_of });
        events::publish("crm.lead.created", &lead, &data)?;
        Ok(lead)
    }

    fn lead_fields(&self) -> Value {
        let Inquiry { name, email, phone, company, message, event_date, event_venue, guests, package_wish, .. } =
            self.inquiry;
        json!({
            "name": name, "email": email, "phone": phone, "company": company, "message": message,
            "eventDate": event_date.map(|date| date.to_string()), "eventVenue": event_venue, "guests": guests,
            "packageWish": package_wish, "language": self.inquiry.language, "status": LeadStatus::New, "source": "form",
            "form": self.form.key, "pipeline": self.pipeline.document_id, "owner": self.form.owner,
            "ownerName": self.owner_name(), "consentMarketing": self.inquiry.consent,
            "consentAt": self.inquiry.consent.then(|| time::format(self.received)),
            "consentText": self.inquiry.consent_text.as_deref().filter(|_| self.inquiry.consent),
            "utm": self.inquiry.utm, "extra": self.inquiry.extra, "receivedAt": time::format(self.received),
        })
    }

    /// Name of the owner, for people: as the form says, or the role.
    fn owner_name(&self) -> &str {
        match self.form.owner_name.as_str() {
            "" => self.form.owner.strip_prefix("role:").unwrap_or_default(),
            name => name,
        }
    }
}

/// Counts an inquiry for its network address; false where it is one too many. Kept for minutes only: an address tells of a person. Outside of
/// transactions: with the counter in it, all leads of an address would wait for each other.
///
/// # Errors
/// What the host says.
pub(crate) fn count_address(settings: &Settings, address: Option<&str>, now: Instant) -> Result<bool> {
    let Some(address) = address else { return Ok(true) };
    let key = format!("rate/{}/{}", find_network(address), now.div_euclid(MINUTE_MS));
    let expires_in = u64::try_from(2 * MINUTE_MS).ok();
    Ok(raw_kv::increment(&key, 1, expires_in)? <= settings.per_minute)
}

/// The newest lead of a contact and pipeline that somebody still has to do something about, held until the transaction ends.
fn find_open_lead(contact: &str, pipeline: &str) -> Result<Option<Row<Lead>>> {
    let same = json!({
        "contact": { "documentId": contact }, "pipeline": { "documentId": pipeline }, "status": { "$in": LeadStatus::OPEN },
    });
    query_leads(same).first()
}

/// True unless two inquiries of one contact came from different addresses: what is sent to one of them is not for the other.
fn is_same_address(known: Option<&str>, sent: Option<&str>) -> bool {
    match (known, sent) {
        (Some(known), Some(sent)) => normalise_email(known) == normalise_email(sent),
        _ => true,
    }
}

/// A lead of minutes ago whose sender told a number and no address, as this one: the same number under the same name is the same person
/// again. A number alone may be somebody else's.
fn find_repeated_lead(phone: &str, name: &str, pipeline: &str, received: Instant) -> Result<Option<Row<Lead>>> {
    let (since, until) = (received.saturating_sub(REPEAT_MS), received.saturating_add(REPEAT_MS));
    let (since, until) = (time::format(since), time::format(until));
    // Leads of earlier versions know only when they were stored.
    let is_recent = json!({ "$or": [
        { "receivedAt": { "$gt": since, "$lt": until } },
        { "receivedAt": { "$null": true }, "createdAt": { "$gt": since } },
    ] });
    let same = json!({
        "phone": phone, "email": { "$null": true }, "pipeline": { "documentId": pipeline }, "status": { "$in": LeadStatus::OPEN },
        "$and": [is_recent],
    });
    let leads = query_leads(same).all(MAX_REPEATED)?;
    Ok(leads.into_iter().find(|lead| fold_name(&lead.name) == fold_name(name)))
}

/// Leads that a filter finds, the newest first, held until the transaction ends.
fn query_leads(filter: Value) -> Find<Lead> {
    let contact = json!({ "contact": { "fields": ["name"] } });
    data::find::<Lead>().filter(filter).populate(contact).sort("createdAt:desc").lock()
}
