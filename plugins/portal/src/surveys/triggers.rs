//! Surveys are sent when something has happened to a vehicle, and end when it is no longer the owner's. What is to be sent follows from the state of
//! the vehicle, so that an event that comes again, or late, changes nothing.

use super::closing::{SURVEY_CLOSE_JOB, schedule_closing};
use super::model::{ResponseState, Survey, SurveyResponse, Trigger};
use crate::access::audience::list_owners;
use crate::model::{Access, ServiceRecord, Vehicle, VehicleStatus, of_vehicle};
use crate::payments::overdue::start_of_day;
use crate::preferences::delivery::{News, mail_owner};
use crate::preferences::model::Topic;
use cairn_plugin::prelude::*;
use serde_json::json;

const DAY_MILLIS: i64 = 86_400_000;
/// Most surveys that are active, and responses of one vehicle.
const MAX_SURVEYS: u32 = 100;
const MAX_RESPONSES: u32 = 2_000;
/// Days in which a survey can be answered where it names none.
const DEFAULT_DAYS: u32 = 30;

/// Times of a vehicle that surveys follow.
struct Moments {
    ordered: Option<Instant>,
    serviced: Option<Instant>,
}

/// A vehicle, somebody's access to it or its service is new or changed: surveys about what has happened are sent, once to each owner with an account,
/// and those of former owners and of a cancelled order end. In the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn follow_vehicle(id: &str) -> Result<()> {
    let Some(vehicle) = data::get::<Vehicle>(id)? else { return Ok(()) };
    let now = time::now();
    let populate = json!({ "customer": { "fields": ["username"] }, "survey": { "fields": ["title", "trigger"] } });
    let known = data::find::<SurveyResponse>().filter(of_vehicle(id)).populate(populate).all(MAX_RESPONSES)?;
    let active = json!({ "isActive": true });
    let surveys = data::find::<Survey>().filter(active).sort("createdAt:asc").all(MAX_SURVEYS)?;
    if known.is_empty() && surveys.is_empty() {
        return Ok(());
    }
    let owners = list_owners(id, vehicle.ownership, now)?;
    let is_cancelled = vehicle.status == VehicleStatus::Cancelled;
    for response in known.iter().filter(|response| response.state == ResponseState::Open) {
        let is_theirs = owners.iter().any(|owner| customer_of(response) == account_of(owner));
        if is_cancelled || !is_theirs {
            data::update::<SurveyResponse>(&response.document_id, &json!({ "state": ResponseState::Expired }))?;
            jobs::cancel(SURVEY_CLOSE_JOB, &response.document_id)?;
        }
    }
    if is_cancelled {
        return Ok(());
    }
    let moments = find_moments(&vehicle, &surveys, now)?;
    for survey in &surveys {
        let Some(at) = moments.of(survey.trigger, &vehicle).filter(|at| is_recent(survey, *at, now)) else { continue };
        for owner in owners.iter().filter(|owner| may_be_asked(owner, at)) {
            let is_known = known.iter().any(|response| {
                customer_of(response) == account_of(owner)
                    && response.trigger == survey.trigger
                    && response.survey.as_ref().is_some_and(|of| of.document_id == survey.document_id)
            });
            if !is_known {
                send_survey(survey, &vehicle, owner, now)?;
            }
        }
    }
    Ok(())
}

fn customer_of(response: &SurveyResponse) -> Option<&str> {
    response.customer.as_ref().map(|customer| customer.document_id.as_str())
}

fn account_of(owner: &Access) -> Option<&str> {
    owner.account.as_ref().map(|account| account.document_id.as_str())
}

impl Moments {
    /// When the trigger happened to a vehicle; none where it has not.
    fn of(&self, trigger: Trigger, vehicle: &Vehicle) -> Option<Instant> {
        match trigger.step() {
            Some(step) => vehicle.steps.done_at(step).and_then(|at| time::parse(at).ok()),
            None if trigger == Trigger::Ordered => self.ordered,
            None => self.serviced,
        }
    }
}

fn find_moments(vehicle: &Row<Vehicle>, surveys: &[Row<Survey>], now: Instant) -> Result<Moments> {
    let ordered = vehicle.ordered_at.as_deref().or(vehicle.created_at.as_deref()).and_then(|at| time::parse(at).ok());
    let asks = surveys.iter().any(|survey| survey.trigger == Trigger::Service);
    let serviced = if asks { find_service(&vehicle.document_id, now)? } else { None };
    Ok(Moments { ordered: ordered.map(|at| at.min(now)), serviced })
}

/// The end of the day of the last service, or now on the day itself: records have no hours. One that is entered ahead has not happened.
fn find_service(vehicle: &str, now: Instant) -> Result<Option<Instant>> {
    let Some(last) = data::find::<ServiceRecord>().filter(of_vehicle(vehicle)).sort("servicedOn:desc").first()? else {
        return Ok(None);
    };
    let Some(start) = start_of_day(&last.serviced_on, 0, 0)?.filter(|start| *start <= now) else { return Ok(None) };
    Ok(start_of_day(&last.serviced_on, 1, 0)?.map(|end| end.min(now).max(start)))
}

/// True for something that happened since the survey is active, and not so long ago that it would be closed by now. An order has the day of its
/// system, which may have no hours: it counts from the day before on.
fn is_recent(survey: &Survey, at: Instant, now: Instant) -> bool {
    let Some(since) = survey.active_since.as_deref().and_then(|since| time::parse(since).ok()) else { return false };
    let since = if survey.trigger == Trigger::Ordered { since.saturating_sub(DAY_MILLIS) } else { since };
    since <= at && at.saturating_add(open_millis(survey)) > now
}

fn open_millis(survey: &Survey) -> i64 {
    i64::from(survey.days_open.unwrap_or(DEFAULT_DAYS)).saturating_mul(DAY_MILLIS)
}

/// True for an owner with an account to whom the vehicle belonged when it happened.
fn may_be_asked(owner: &Access, at: Instant) -> bool {
    let is_reachable = owner.account.as_ref().is_some_and(|account| !account.blocked);
    let began = owner.starts_at.as_deref().map(time::parse);
    is_reachable && began.is_none_or(|began| began.is_ok_and(|began| began <= at))
}

fn send_survey(survey: &Row<Survey>, vehicle: &Row<Vehicle>, owner: &Row<Access>, now: Instant) -> Result<()> {
    let Some(account) = account_of(owner) else { return Ok(()) };
    let closes = now.saturating_add(open_millis(survey));
    let response = data::create::<SurveyResponse>(&json!({
        "survey": survey.document_id, "vehicle": vehicle.document_id, "customer": account, "trigger": survey.trigger,
        "state": ResponseState::Open, "sentAt": time::format(now), "closesAt": time::format(closes),
    }))?;
    let id = response.target.document_id;
    schedule_closing(&id, closes)?;
    // A survey is asked once of each owner and vehicle: so is its mail.
    let key = format!("survey/{}/{}/{account}", survey.document_id, vehicle.document_id);
    let model = json!({ "vehicle": vehicle.title, "survey": survey.title });
    mail_owner(owner, &News { topic: Topic::Surveys, key, vehicle: &vehicle.document_id, about: &id, model })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = DAY_MILLIS;

    fn survey(trigger: &str, since: Option<i64>) -> Survey {
        let since = since.map(time::format);
        let survey =
            json!({ "title": "S", "trigger": trigger, "isActive": true, "daysOpen": 30, "activeSince": since });
        serde_json::from_value(survey).unwrap()
    }

    #[test]
    fn only_what_happened_since_it_is_active_is_asked_about() {
        let step = survey("levering", Some(10 * DAY));
        assert!(is_recent(&step, 10 * DAY, 11 * DAY) && !is_recent(&step, 10 * DAY - 1, 11 * DAY));
        assert!(is_recent(&step, 10 * DAY, 40 * DAY - 1) && !is_recent(&step, 10 * DAY, 40 * DAY));
        assert!(!is_recent(&survey("levering", None), 10 * DAY, 11 * DAY));
        let ordered = survey("ordered", Some(10 * DAY));
        assert!(is_recent(&ordered, 9 * DAY, 11 * DAY) && !is_recent(&ordered, 9 * DAY - 1, 11 * DAY));
    }

    #[test]
    fn owners_are_asked_about_their_own_time_only() {
        let owner = |starts: Option<i64>, account: serde_json::Value| -> Access {
            let access = json!({ "role": "owner", "startsAt": starts.map(time::format), "account": account });
            serde_json::from_value(access).unwrap()
        };
        let account = || json!({ "documentId": "u", "blocked": null });
        assert!(may_be_asked(&owner(None, account()), 5));
        assert!(may_be_asked(&owner(Some(5), account()), 5) && !may_be_asked(&owner(Some(6), account()), 5));
        assert!(!may_be_asked(&owner(None, serde_json::Value::Null), 5));
        assert!(!may_be_asked(&owner(None, json!({ "documentId": "u", "blocked": true })), 5));
    }
}
