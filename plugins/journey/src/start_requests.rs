//! Journeys that were asked for before their customer may have had an account. Each waits until somebody has an account with that address, and
//! that address is verified; then it starts, once.

use crate::messages::shorten;
use crate::model::{Account, Journey, StartRequest, StartStatus};
use crate::settings::Settings;
use crate::starts::{self, build_active_key, start_journey};
use cairn_contact_details::email::{list_variants, normalise_email};
use cairn_plugin::jobs::job;
use cairn_plugin::mail::notify;
use cairn_plugin::prelude::*;
use cairn_plugin::users::verified_accounts;
use cairn_plugin::{FieldError, run_transaction, warn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The job that starts a journey that was asked for; its key is the request's id.
pub(crate) const START_JOB: &str = "start";
/// The job that looks whether customers have accounts by now; there is one, as long as a journey waits.
pub(crate) const ACCOUNTS_JOB: &str = "accounts";
/// Most requests that it looks at, and most addresses of one query.
const MAX_WAITING: u32 = 2_000;
const ADDRESSES: usize = 40;
/// Time until it looks again.
const PAUSE: Duration = Duration::from_secs(15 * 60);
/// Longest problem that is stored, in characters.
const MAX_PROBLEM: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StartTask {
    request: String,
}

/// Has a journey started that was asked for.
///
/// # Errors
/// What the host says.
pub(crate) fn schedule_start(request: &str) -> Result<()> {
    job(START_JOB).key(request).set(&StartTask { request: request.to_owned() }).map(|_| ())
}

/// Why a journey does not start now.
enum StartProblem {
    /// The customer has no account yet; the key of a text.
    NoAccount(&'static str),
    /// It cannot start as things are.
    Refused(String),
}

/// Starts the journey of a request whose customer has an account. What keeps it from starting is noted with the request, and the team is told
/// once.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn run_start(task: &StartTask) -> Result<()> {
    let Some(request) = find_waiting(&task.request)? else { return Ok(()) };
    let settings = Settings::load()?;
    match start(&request, &settings) {
        Ok(Ok(journey)) => mark_started(&request.document_id, &journey),
        Ok(Err(problem)) => note_problem(&request, &problem, &settings),
        Err(error) => Err(error),
    }
}

fn find_waiting(id: &str) -> Result<Option<Row<StartRequest>>> {
    let found = data::find::<StartRequest>().by_ids(&[id])?.pop().flatten();
    Ok(found.filter(|request| request.status == StartStatus::Waiting))
}

fn start(request: &Row<StartRequest>, settings: &Settings) -> Result<Result<String, StartProblem>> {
    let email = request.email.as_deref().unwrap_or_default();
    if email.is_empty() {
        return Ok(Err(StartProblem::NoAccount("noAddress")));
    }
    let Some(account) = find_account(email)? else { return Ok(Err(StartProblem::NoAccount("noAccount"))) };
    let wanted = starts::StartRequest {
        definition: request.definition.clone(),
        customer: account.document_id.clone(),
        title: request.title.clone(),
        anchor_at: Some(request.anchor_at.clone()),
        phase: None,
        language: request.language.clone(),
        mail_opt_out: false,
        name: request.customer_name.clone(),
    };
    match start_journey(&wanted, "CRM", &settings.language) {
        Ok(journey) => Ok(Ok(journey)),
        // The journey runs already: started by hand, or by an attempt that was cut off before it stored the result.
        Err(Error::Conflict(conflict)) => {
            let key = build_active_key(&request.definition, &account.document_id, &request.title);
            let running = data::find::<Journey>()
                .filter(json!({ "activeKey": { "$eq": key } }))
                .fields(&["title", "anchorAt"])
                .first()?;
            match running {
                Some(journey) => Ok(Ok(journey.document_id)),
                None => Err(Error::Conflict(conflict)),
            }
        }
        Err(Error::Invalid(fields)) => Ok(Err(StartProblem::Refused(describe_fields(&fields)))),
        Err(error) => Err(error),
    }
}

fn describe_fields(fields: &[FieldError]) -> String {
    fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" ")
}

/// The account of an address, if the address is verified: anybody can register with an address that is not theirs.
fn find_account(email: &str) -> Result<Option<Row<Account>>> {
    // An address may be stored with another spelling of its domain; who has this one comes first.
    for spelled in list_variants(email) {
        let mut found = data::find::<Account>().filter(accounts_of(&[spelled])).all(2)?;
        match found.len() {
            0 => {}
            1 => return Ok(found.pop()),
            // Two accounts with one address: nobody is meant for sure.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

fn accounts_of(addresses: &[String]) -> Value {
    let of_address: Vec<Value> = addresses.iter().map(|email| json!({ "email": { "$eqi": email } })).collect();
    json!({ "$and": [{ "$or": of_address }, verified_accounts()] })
}

fn mark_started(request: &str, journey: &str) -> Result<()> {
    run_transaction(|| {
        let found = data::find::<StartRequest>().lock().by_ids(&[request])?.pop().flatten();
        if found.is_none_or(|found| found.status == StartStatus::Started) {
            return Ok(());
        }
        data::update::<StartRequest>(
            request,
            &json!({
                "status": StartStatus::Started, "startedAt": time::format(time::now()), "problem": null,
                "journey": { "set": [journey] },
            }),
        )
        .map(|_| ())
    })
}

/// Notes why a journey does not start, and tells the team where that is new, in one transaction.
fn note_problem(request: &Row<StartRequest>, problem: &StartProblem, settings: &Settings) -> Result<()> {
    let text = match problem {
        StartProblem::NoAccount(key) => translate(&format!("start.{key}"), &settings.language, None),
        StartProblem::Refused(why) => why.clone(),
    };
    let text = shorten(&text, MAX_PROBLEM);
    let pause = i64::try_from(PAUSE.as_millis()).unwrap_or(i64::MAX);
    run_transaction(|| {
        job(ACCOUNTS_JOB).key(ACCOUNTS_JOB).due(time::now().saturating_add(pause)).set(&json!({}))?;
        if request.problem.as_deref() == Some(text.as_str()) {
            return Ok(());
        }
        data::update::<StartRequest>(&request.document_id, &json!({ "problem": text }))?;
        tell_staff(request, &text, settings);
        Ok(())
    })
}

/// Tells the team of a journey that waits. That nobody can be told is logged and stops nothing.
fn tell_staff(request: &Row<StartRequest>, why: &str, settings: &Settings) {
    if settings.staff.is_empty() {
        return;
    }
    let arguments = json!({ "title": shorten(&request.title, 100), "subject": why, "email": request.email });
    let line = |part: &str| translate(&format!("staff.start.{part}"), &settings.language, Some(&arguments));
    let link = format!("/admin/content/{}/{}", StartRequest::TYPE, request.document_id);
    let key = format!("start/{}/{}", request.document_id, shorten(why, 60));
    match notify(&key, &[&settings.staff], &line("title"), &line("text"), Some(&link)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!(request = &request.document_id; "nobody could be notified: {}", error.describe()),
    }
}

/// Somebody's account is new or changed: journeys that wait for it start.
///
/// # Errors
/// What the host says.
pub(crate) fn note_account(id: &str) -> Result<()> {
    let own = data::find::<Account>().filter(json!({ "documentId": { "$eq": id } }));
    let Some(account) = own.filter(verified_accounts()).first()? else { return Ok(()) };
    let waiting = json!({ "email": { "$in": list_variants(&account.email) }, "status": StartStatus::Waiting });
    let waiting = data::find::<StartRequest>().filter(waiting).all(MAX_WAITING)?;
    waiting.iter().try_for_each(|request| schedule_start(&request.document_id))
}

/// Starts the journeys whose customers have accounts by now: no event tells that an address was verified. Runs again as long as some wait.
///
/// # Errors
/// What the host says.
pub(crate) fn check_accounts() -> Result<Outcome> {
    let waiting = json!({ "email": { "$notNull": true }, "status": StartStatus::Waiting });
    let waiting = data::find::<StartRequest>().filter(waiting).sort("createdAt:asc").all(MAX_WAITING)?;
    if waiting.is_empty() {
        return Ok(Outcome::DONE);
    }
    for some in waiting.chunks(ADDRESSES) {
        let addresses: Vec<String> =
            some.iter().filter_map(|request| request.email.as_deref()).flat_map(list_variants).collect();
        let limit = u32::try_from(ADDRESSES * 2).unwrap_or(u32::MAX);
        let accounts = data::find::<Account>().filter(accounts_of(&addresses)).all(limit)?;
        let has_account = |request: &&Row<StartRequest>| {
            let email = request.email.as_deref().map(normalise_email);
            accounts.iter().any(|account| Some(normalise_email(&account.email)) == email)
        };
        some.iter().filter(has_account).try_for_each(|request| schedule_start(&request.document_id))?;
    }
    Outcome::again(&json!({}), PAUSE)
}

/// Decides about a request that somebody writes: people delete one that waits, and nothing else.
pub(crate) fn decide_start_request(call: &Call, change: &Change) -> Result<Decision> {
    let before: Option<StartRequest> = change.before()?;
    let waits = before.is_some_and(|request| request.status == StartStatus::Waiting);
    if change.action == Action::Delete && waits || change.action == Action::Update && change.changed.is_empty() {
        return Ok(Decision::Allow);
    }
    Ok(Decision::conflict("state", translate("refused.kept-start", &call.locale, None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_accounts_with_a_verified_address_count() {
        let filter = accounts_of(&["a@example.com", "b@example.com"].map(str::to_owned));
        assert_eq!(filter["$and"][0]["$or"].as_array().map(Vec::len), Some(2));
        assert_eq!(filter["$and"][1], verified_accounts());
    }

    #[test]
    fn what_is_wrong_is_one_text() {
        let field = |message: &str| FieldError { path: "definition".into(), code: "c".into(), message: message.into() };
        assert_eq!(describe_fields(&[field("No definition."), field("No phase.")]), "No definition. No phase.");
    }
}
