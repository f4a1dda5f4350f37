//! Inquiries that could not become a lead so far, for those who see the leads that they will be.

use crate::model::Lead;
use crate::settings::{Form, Settings};
use crate::waiting_inquiries::{WaitingInquiry, list_stuck};
use cairn_plugin::data::AllFields;
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, format_instant};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Inquiries that are looked at, and those that are told in full.
const MAX_READ: u32 = 50;
const MAX_SHOWN: usize = 10;

/// Tells who sent them, so that somebody can answer meanwhile, and why they wait. Of those of colleagues, and of more than fit, only that they
/// are there.
///
/// # Errors
/// What the host says.
pub(super) fn describe(call: &Call) -> Result<Vec<Value>> {
    let stuck = list_stuck(MAX_READ)?;
    if stuck.is_empty() {
        return Ok(Vec::new());
    }
    let settings = Settings::load()?;
    let mut readers = BTreeMap::new();
    let mut seen = Vec::new();
    for waiting in &stuck {
        let form = settings.find_form(&waiting.form.key).unwrap_or(&waiting.form);
        let is_reader = match readers.get(&form.key) {
            Some(known) => *known,
            None => {
                let is_reader = sees_leads_of(call, form)?;
                readers.insert(form.key.clone(), is_reader);
                is_reader
            }
        };
        if is_reader && seen.len() < MAX_SHOWN {
            seen.push(describe_inquiry(waiting, &settings.timezone, &call.locale));
        }
    }
    let others = stuck.len() - seen.len();
    if others > 0 {
        let text = translate("inbox.stuckMore", &call.locale, Some(&json!({ "count": others })));
        seen.push(json!({ "kind": "text", "tone": "danger", "text": text }));
    }
    Ok(seen)
}

fn describe_inquiry(waiting: &WaitingInquiry, zone: &str, locale: &str) -> Value {
    let inquiry = &waiting.inquiry;
    let reach: Vec<&str> = [&inquiry.email, &inquiry.phone].into_iter().filter_map(Option::as_deref).collect();
    let received = format_instant(waiting.received, locale, zone, "short").unwrap_or_default();
    let arguments = json!({
        "name": inquiry.name, "reach": reach.join(", "), "form": waiting.form.key, "received": received,
        "problem": waiting.attempts.problem,
    });
    json!({ "kind": "text", "tone": "danger", "text": translate("inbox.stuck", locale, Some(&arguments)) })
}

/// True if somebody sees the leads that a form makes: they see one of that form and owner; or they see leads, and those of the form are theirs,
/// their role's or nobody's.
fn sees_leads_of(call: &Call, form: &Form) -> Result<bool> {
    let of_form = json!({ "form": form.key, "owner": form.owner });
    match sees_any(of_form)? {
        None => Ok(false),
        Some(true) => Ok(true),
        Some(false) => Ok(is_own(call, &form.owner)),
    }
}

/// True if the person sees a lead that the filter finds; none for somebody who may read no leads, or not what they are of.
fn sees_any(filter: Value) -> Result<Option<bool>> {
    match data::find::<AllFields<Lead>>().as_caller().filter(filter).fields(&["createdAt"]).first() {
        Ok(found) => Ok(Some(found.is_some())),
        Err(Error::Denied(_) | Error::Invalid(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_own(call: &Call, owner: &str) -> bool {
    let Actor::Admin(principal) = &call.actor else { return false };
    match owner.strip_prefix("role:") {
        Some(role) => principal.roles.iter().any(|own| own.eq_ignore_ascii_case(role.trim())),
        None => owner.is_empty() || owner == principal.id,
    }
}
