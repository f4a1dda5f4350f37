//! Intake of an inquiry: a lead with its contact, task and clock, all in one transaction or nothing of it.

use crate::clock::{Deadline, plan_lead_deadline, set_timers, start_fields};
use crate::contacts::{ContactOrigin, Identity, find_or_create_contact};
use crate::inquiry::Inquiry;
use crate::merge::merge_into;
use crate::model::{Lead, LeadStatus, Pipeline};
use crate::network::find_network;
use crate::settings::{Form, Settings};
use crate::subject::Subject;
use crate::tasks::ResponseTask;
use cairn_plugin::bindings::kv as raw_kv;
use cairn_plugin::events;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// How long an inquiry counts as a repetition of the one before.
const REPEAT_MS: i64 = 10 * 60 * 1_000;
const MINUTE_MS: i64 = 60_000;

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
    /// Nothing: too many came from there.
    TooMany,
}

impl IntakeResult {
    /// The lead, and the word for what happened, as a form that may know is told. A program that was caught learns nothing of it.
    pub(crate) fn tell(&self) -> Option<(&str, &'static str)> {
        match self {
            Self::Created(lead) | Self::Spam(lead) => Some((lead, "created")),
            Self::Merged(lead) => Some((lead, "merged")),
            Self::DuplicateKept(lead) => Some((lead, "duplicate-kept")),
            Self::TooMany => None,
        }
    }
}

/// An inquiry with all that is known before it is stored.
pub(crate) struct Intake<'a> {
    pub(crate) inquiry: &'a Inquiry,
    pub(crate) form: &'a Form,
    pub(crate) settings: &'a Settings,
    pub(crate) pipeline: &'a Row<Pipeline>,
    /// The network address it came from, where that is known.
    pub(crate) address: Option<&'a str>,
}

impl Intake<'_> {
    /// Stores it. Begins anew where another transaction was faster.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn receive(&self) -> Result<IntakeResult> {
        let now = time::now();
        // Before the transaction, which others wait for: with the counter in it, all leads of an address would wait for each other.
        if !self.count_address(now)? {
            return Ok(IntakeResult::TooMany);
        }
        let deadline = plan_lead_deadline(self.pipeline, now);
        run_transaction(|| self.store(now, deadline))
    }

    fn store(&self, now: Instant, deadline: Option<Deadline>) -> Result<IntakeResult> {
        if self.inquiry.trapped {
            let mut lead = self.lead_fields(now);
            lead["status"] = json!(LeadStatus::Spam);
            return Ok(IntakeResult::Spam(data::create::<Lead>(&lead)?.target.document_id));
        }
        let ContactOrigin { id: contact, is_new } = find_or_create_contact(&Identity::of_inquiry(self.inquiry))?;
        let pipeline = &self.pipeline.document_id;
        // Somebody new has no other leads: there is one question less to ask while others wait.
        let open = if is_new { None } else { find_open_lead(&contact, pipeline)? };
        if let Some(lead) = &open
            && now.saturating_sub(time::parse(&lead.created_at)?) < REPEAT_MS
            && merge_into(lead, self.inquiry, now)?
        {
            let data = json!({ "lead": lead.document_id, "pipeline": pipeline, "contact": contact });
            events::publish("crm.lead.merged", &lead.document_id, &data)?;
            return Ok(IntakeResult::Merged(lead.document_id.clone()));
        }
        let duplicate_of = open.map(|lead| lead.document_id);
        let lead = self.create_lead(now, deadline, &contact, duplicate_of.as_deref())?;
        Ok(if duplicate_of.is_some() { IntakeResult::DuplicateKept(lead) } else { IntakeResult::Created(lead) })
    }

    fn create_lead(
        &self,
        now: Instant,
        deadline: Option<Deadline>,
        contact: &str,
        duplicate_of: Option<&str>,
    ) -> Result<String> {
        let mut fields = self.lead_fields(now);
        fields["contact"] = json!(contact);
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

    fn lead_fields(&self, now: Instant) -> Value {
        let Inquiry { name, email, phone, company, message, event_date, event_venue, guests, package_wish, .. } =
            self.inquiry;
        json!({
            "name": name, "email": email, "phone": phone, "company": company, "message": message,
            "eventDate": event_date.map(|date| date.to_string()), "eventVenue": event_venue, "guests": guests,
            "packageWish": package_wish, "language": self.inquiry.language, "status": LeadStatus::New, "source": "form",
            "form": self.form.key, "pipeline": self.pipeline.document_id, "owner": self.form.owner,
            "ownerName": self.owner_name(), "consentMarketing": self.inquiry.consent,
            "consentAt": self.inquiry.consent.then(|| time::format(now)),
            "consentText": self.inquiry.consent_text.as_deref().filter(|_| self.inquiry.consent),
            "utm": self.inquiry.utm, "extra": self.inquiry.extra,
        })
    }

    /// Name of the owner, for people: as the form says, or the role.
    fn owner_name(&self) -> &str {
        match self.form.owner_name.as_str() {
            "" => self.form.owner.strip_prefix("role:").unwrap_or_default(),
            name => name,
        }
    }

    /// Counts the lead for its network address; false where it is one too many. Kept for minutes only: an address tells of a person.
    fn count_address(&self, now: Instant) -> Result<bool> {
        let Some(address) = self.address else { return Ok(true) };
        let key = format!("rate/{}/{}", find_network(address), now.div_euclid(MINUTE_MS));
        let expires_in = u64::try_from(2 * MINUTE_MS).ok();
        Ok(raw_kv::increment(&key, 1, expires_in)? <= self.settings.per_minute)
    }
}

/// The newest lead of a contact and pipeline that somebody still has to do something about, held until the transaction ends.
fn find_open_lead(contact: &str, pipeline: &str) -> Result<Option<Row<Lead>>> {
    let same = json!({
        "contact": { "documentId": contact }, "pipeline": { "documentId": pipeline }, "status": { "$in": LeadStatus::OPEN },
    });
    data::find::<Lead>().filter(same).sort("createdAt:desc").lock().first()
}
