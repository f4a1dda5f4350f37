//! Customers answer surveys.

use super::model::{ResponseState, SurveyResponse};
use super::questions::{MAX_ANSWER_CHARS, MAX_SCORE, Problem, check_answers};
use crate::access::audience::find_seen;
use crate::access::seen::SeenVehicle;
use crate::model::Role;
use crate::refusals::wrong_state;
use cairn_plugin::data::Find;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, run_transaction};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Most surveys in a response.
const MAX_OPEN: u32 = 50;

/// The body that a customer sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerRequest {
    answers: Map<String, Value>,
}

/// The responses of a user of the content API, with their surveys.
fn responses_of(account: &str) -> Find<SurveyResponse> {
    let own = json!({ "customer": { "documentId": { "$eq": account } } });
    data::find::<SurveyResponse>().filter(own).populate(json!({ "survey": true, "vehicle": true }))
}

/// True if a response can be given or changed: until it closes, and as long as its survey is active and its vehicle theirs.
fn is_open(response: &SurveyResponse, vehicles: &[SeenVehicle], now: Instant) -> bool {
    let is_answerable = matches!(response.state, ResponseState::Open | ResponseState::Answered);
    let is_in_time = time::parse(&response.closes_at).is_ok_and(|closes| closes > now);
    let is_active = response.survey.as_ref().is_some_and(|survey| survey.is_active);
    let vehicle = response.vehicle.as_ref().map_or("", |vehicle| vehicle.document_id.as_str());
    let is_theirs = vehicles
        .iter()
        .any(|seen| seen.id() == vehicle && seen.is_current && seen.role == Role::Owner && !seen.is_cancelled());
    is_answerable && is_in_time && is_active && is_theirs
}

/// The responses that somebody can give or change, the one that closes first before the others.
///
/// # Errors
/// What the host says.
pub(crate) fn list_open(account: &str, vehicles: &[SeenVehicle], now: Instant) -> Result<Vec<Row<SurveyResponse>>> {
    let answerable = json!({
        "state": { "$in": [ResponseState::Open, ResponseState::Answered] }, "closesAt": { "$gt": time::format(now) },
        "survey": { "isActive": true },
    });
    let found = responses_of(account).filter(answerable).sort("closesAt:asc").all(MAX_OPEN)?;
    Ok(found.into_iter().filter(|response| is_open(response, vehicles, now)).collect())
}

/// The actions of those that nobody has answered.
pub(crate) fn list_actions(responses: &[Row<SurveyResponse>]) -> Vec<Value> {
    let open = responses.iter().filter(|response| response.state == ResponseState::Open);
    open.map(|response| {
        let vehicle = response.vehicle.as_ref().map_or("", |vehicle| vehicle.document_id.as_str());
        let title = response.survey.as_ref().map_or("", |survey| survey.title.as_str());
        json!({
            "kind": "survey", "vehicle": vehicle, "documentId": response.document_id, "id": response.document_id, "title": title,
            "due": response.closes_at, "until": response.closes_at,
        })
    })
    .collect()
}

/// A response as its customer sees it, with the questions in a language.
pub(crate) fn describe_response(response: &Row<SurveyResponse>, is_open: bool, locale: &str) -> Value {
    let questions = response.survey.as_ref().map(|survey| survey.questions.as_slice()).unwrap_or_default();
    json!({
        "id": response.document_id, "title": response.survey.as_ref().map(|survey| survey.title.as_str()),
        "vehicle": response.vehicle.as_ref().map(|vehicle| vehicle.document_id.as_str()), "trigger": response.trigger,
        "state": response.state, "isOpen": is_open, "until": response.closes_at, "answeredAt": response.answered_at,
        "questions": questions.iter().map(|question| question.describe(locale)).collect::<Vec<_>>(),
        "answers": response.answers,
    })
}

/// One response of a user of the content API.
///
/// # Errors
/// `NotFound` for one that does not exist or is somebody else's.
pub(crate) fn describe_own(account: &str, id: &str, locale: &str) -> Result<Value> {
    let response = responses_of(account).filter(json!({ "documentId": { "$eq": id } })).first()?;
    let response = response.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    let is_open = is_open(&response, &find_seen(account)?.vehicles, time::now());
    Ok(json!({ "data": describe_response(&response, is_open, locale) }))
}

/// A response that can still be given, which nobody else changes meanwhile.
fn lock_open(account: &str, id: &str, locale: &str) -> Result<Row<SurveyResponse>> {
    let response = responses_of(account).filter(json!({ "documentId": { "$eq": id } })).lock().first()?;
    let response = response.ok_or_else(|| Error::NotFound(id.to_owned()))?;
    if !is_open(&response, &find_seen(account)?.vehicles, time::now()) {
        return Err(wrong_state("survey-closed", locale));
    }
    Ok(response)
}

/// Stores answers, or changes them. Returns true with the response if they are the first.
///
/// # Errors
/// `NotFound` for a response that does not exist or is somebody else's; `Conflict` for one that is closed; `Invalid` with every answer that is wrong.
pub(crate) fn answer_survey(account: &str, id: &str, request: &AnswerRequest, locale: &str) -> Result<(bool, Value)> {
    run_transaction(|| {
        let mut response = lock_open(account, id, locale)?;
        let questions = response.survey.as_ref().map(|survey| survey.questions.as_slice()).unwrap_or_default();
        let answers = check_answers(questions, &request.answers).map_err(|problems| refuse(&problems, locale))?;
        let is_new = response.state == ResponseState::Open;
        let at = time::format(time::now());
        if is_new || answers != response.answers {
            let fields = json!({ "answers": answers, "state": ResponseState::Answered, "answeredAt": at });
            data::update::<SurveyResponse>(id, &fields)?;
            response.fields.answered_at = Some(at);
        }
        response.fields.answers = answers;
        response.fields.state = ResponseState::Answered;
        Ok((is_new, json!({ "data": describe_response(&response, true, locale) })))
    })
}

fn refuse(problems: &[Problem], locale: &str) -> Error {
    let most = json!({ "score": MAX_SCORE, "chars": MAX_ANSWER_CHARS });
    let field = |problem: &Problem| FieldError {
        path: problem.path.clone(),
        code: problem.code.to_owned(),
        message: translate(&format!("refused.{}", problem.code), locale, Some(&most)),
    };
    Error::Invalid(problems.iter().map(field).collect())
}

/// Somebody does not want to answer.
///
/// # Errors
/// `NotFound` for a response that does not exist or is somebody else's; `Conflict` for one that was answered or is closed.
pub(crate) fn decline_survey(account: &str, id: &str, locale: &str) -> Result<Value> {
    run_transaction(|| {
        let own = responses_of(account).filter(json!({ "documentId": { "$eq": id } })).lock().first()?;
        let declined = own.filter(|response| response.state == ResponseState::Declined);
        let response = match declined {
            Some(response) => response,
            None => {
                let mut response = lock_open(account, id, locale)?;
                if response.state == ResponseState::Answered {
                    return Err(wrong_state("survey-answered", locale));
                }
                data::update::<SurveyResponse>(id, &json!({ "state": ResponseState::Declined }))?;
                response.fields.state = ResponseState::Declined;
                response
            }
        };
        Ok(json!({ "data": describe_response(&response, false, locale) }))
    })
}

/// True if a mail about a response is still of use: it was not given, declined or closed meanwhile.
///
/// # Errors
/// What the host says.
pub(crate) fn is_awaited(id: &str) -> Result<bool> {
    let response = data::find::<SurveyResponse>().populate(json!({ "survey": true })).by_ids(&[id])?.pop().flatten();
    Ok(response.is_some_and(|response| {
        response.state == ResponseState::Open && response.survey.as_ref().is_some_and(|survey| survey.is_active)
    }))
}
