//! The pages in the admin. They name what is shown; the host reads it with the rights of who looks, and draws it.

mod activity_document;
mod amounts;
mod board;
mod contact_document;
mod dashboard;
mod deal_document;
mod deposits;
mod document_parts;
mod feeds;
mod filters;
mod inbox;
mod lead_contact;
mod lead_document;
mod override_panel;
mod pipelines;
mod quotes;
mod stuck_inquiries;
mod tones;

use crate::Crm;
use crate::activities::record_activity;
use crate::activity_mentions::ActivityTexts;
use crate::contact_join::{join_contact, keep_contact_apart};
use crate::leads::{mark_as_spam, qualify_lead, restore_lead, take_lead};
use crate::model::{Activity, Contact, Deal, Lead, Quote};
use crate::person::Person;
use crate::subject::Subject;
use cairn_plugin::prelude::*;
use cairn_plugin::{ActionRequest, ActionResult, DocumentRef, ViewRequest};
use serde::Deserialize;
use serde_json::Value;

impl Views for Crm {
    fn view(call: &Call, request: &ViewRequest) -> Result<Value> {
        let parameter = |wanted: &str| {
            request.parameters.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value.as_str())
        };
        let about = |content_type: &str| {
            let document = find_document(request.document.as_ref(), content_type);
            document.ok_or_else(|| Error::NotFound(request.view.clone()))
        };
        match request.view.as_str() {
            "inbox" => inbox::describe(call),
            "board" => board::describe(parameter("pipeline")),
            "quotes" => {
                let pending = deposits::PendingDeposit::read(parameter("deposit"), parameter("received"));
                quotes::describe(call, parameter("quote"), pending)
            }
            "lead" => lead_document::describe(call, about(Lead::TYPE)?),
            "deal" => deal_document::describe(call, about(Deal::TYPE)?),
            "contact" => contact_document::describe(about(Contact::TYPE)?),
            "quote" => quotes::describe(call, about(Quote::TYPE)?, None),
            "activity" => activity_document::describe(about(Activity::TYPE)?),
            "override" => override_panel::describe(about(Deal::TYPE)?),
            "dashboard" => dashboard::describe(call, parameter("pipeline"), parameter("days")),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    fn act(call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        let unknown = || Error::NotFound(request.action.clone());
        let person = Person::of(call).ok_or_else(unknown)?;
        let about = |content_type: &str| find_document(request.document.as_ref(), content_type).ok_or_else(unknown);
        match request.view.as_str() {
            "inbox" | "lead" => act_on_lead(call, request, about(Lead::TYPE)?, &person),
            "quotes" | "quote" => {
                // A button of the page of one quote names it in its values; one of a table comes with it.
                let named: NamedQuote = request.values()?;
                let quote = find_document(request.document.as_ref(), Quote::TYPE).or(named.quote.as_deref());
                quotes::act(call, request, quote.ok_or_else(unknown)?, &person)
            }
            "activity" => activity_document::finish(request, about(Activity::TYPE)?),
            "board" | "deal" => board::act(call, request, about(Deal::TYPE)?),
            "override" => override_panel::act(call, request, about(Deal::TYPE)?, &person),
            _ => Err(unknown()),
        }
    }
}

/// The id of the document that a view or action is about, where it is of that type.
fn find_document<'a>(document: Option<&'a DocumentRef>, content_type: &str) -> Option<&'a str> {
    document.filter(|document| document.content_type == content_type).map(|document| document.document_id.as_str())
}

/// The quote that the values of an action name.
#[derive(Deserialize)]
struct NamedQuote {
    quote: Option<String>,
}

fn act_on_lead(call: &Call, request: &ActionRequest, lead: &str, person: &Person) -> Result<ActionResult> {
    Subject::Lead(lead).require_visible()?;
    match request.action.as_str() {
        "record" => record_contact(call, request, lead, person),
        "take" => {
            take_lead(lead, person)?;
            Ok(ActionResult::notice("t:notice.taken"))
        }
        "qualify" => {
            let qualified = qualify_lead(lead, person, &call.locale)?;
            let text = if qualified.already { "t:notice.qualifiedBefore" } else { "t:notice.qualified" };
            Ok(ActionResult::notice(text))
        }
        "spam" => {
            mark_as_spam(lead, person, &call.locale)?;
            Ok(ActionResult::notice("t:notice.spam"))
        }
        "join" => {
            join_contact(lead, person, &call.locale)?;
            Ok(ActionResult::notice("t:notice.joined"))
        }
        "apart" => {
            keep_contact_apart(lead, person, &call.locale)?;
            Ok(ActionResult::notice("t:notice.keptApart"))
        }
        "restore" => {
            restore_lead(lead, person, &call.locale)?;
            Ok(ActionResult::notice("t:notice.restored"))
        }
        other => Err(Error::NotFound(other.to_owned())),
    }
}

/// Form about a call, mail, meeting or note, as somebody fills it in.
#[derive(Deserialize)]
struct ActivityForm {
    kind: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
}

fn record_contact(call: &Call, request: &ActionRequest, lead: &str, person: &Person) -> Result<ActionResult> {
    let recorded: ActivityForm = request.values()?;
    if !inbox::RECORDABLE.contains(&recorded.kind.as_str()) {
        return Err(Error::field("kind", "kind", translate("wrong.kind", &call.locale, None)));
    }
    let subject = match recorded.subject.trim() {
        "" => translate(&format!("activity.{}", recorded.kind), &call.locale, None),
        subject => subject.to_owned(),
    };
    let texts = ActivityTexts { subject: &subject, body: recorded.body.trim() };
    record_activity(lead, &recorded.kind, texts, person, &call.locale)?;
    Ok(ActionResult::notice("t:notice.recorded"))
}
