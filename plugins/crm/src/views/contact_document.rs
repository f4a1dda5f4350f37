//! The page of a contact: how to reach them, and all that came of it.

use super::document_parts::{Shown, describe_columns, describe_tasks};
use super::feeds;
use super::tones::{DEAL_TONES, LEAD_TONES};
use crate::model::{Activity, Contact, Deal, Lead, Quote};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Describes the page.
///
/// # Errors
/// What the host says.
pub(super) fn describe(contact: &str) -> Result<Value> {
    let shown = Shown::find::<Contact>(contact, json!({}))?;
    let badge = match *shown.value("doNotContact") == json!(true) {
        true => json!({ "label": "t:contact.doNotContact", "tone": "warning" }),
        false => {
            let kind = if shown.has("kind") { shown.text("kind") } else { "person" };
            json!({ "label": format!("t:contact.{kind}"), "tone": "neutral" })
        }
    };
    let reach = ["name", "kind", "email", "phone", "company", "language", "doNotContact"];
    let group = |label: &str, fields: &[&str]| {
        shown.describe_group(label, fields.iter().map(|field| json!(field)).collect(), fields)
    };
    let of_contact = shown.build_link("contact");
    let leads = json!({
        "kind": "table", "type": Lead::TYPE, "label": "t:view.inbox", "sort": ["createdAt:desc"], "filters": { "and": [of_contact] },
        "columns": [
            { "field": "name", "label": "t:field.name" },
            { "field": "status", "label": "t:field.status", "values": label_values("leadStatus", &LEAD_TONES) },
            { "field": "eventDate", "label": "t:field.eventDate" },
            { "field": "createdAt", "label": "t:column.received" },
        ],
    });
    let deals = json!({
        "kind": "table", "type": Deal::TYPE, "label": "t:view.board", "sort": ["createdAt:desc"], "filters": { "and": [of_contact] },
        "columns": [
            { "field": "title", "label": "t:field.title" },
            { "field": "status", "label": "t:field.status", "values": label_values("dealStatus", &DEAL_TONES) },
            { "field": "amount", "label": "t:field.amount", "format": "money", "currencyField": "currency" },
            { "field": "eventDate", "label": "t:field.eventDate" },
        ],
    });
    let left = vec![group("t:page.contact.reach", &reach), group("t:page.contact.notes", &["notes"]), leads, deals];
    let of_theirs = json!({ "or": [of_contact, shown.build_link("lead.contact"), shown.build_link("deal.contact")] });
    let right = vec![describe_tasks(&of_theirs), feeds::describe_of_contact(contact)];
    Ok(json!({
        "kind": "stack", "live": [Contact::TYPE, Activity::TYPE, Lead::TYPE, Deal::TYPE, Quote::TYPE],
        "show": [{ "kind": "header", "title": shown.text("name"), "badge": badge }, describe_columns(left, right)],
    }))
}
