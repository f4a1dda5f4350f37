//! The groups of a customer: `journey:<key>` for each phase that their journeys have reached. Other plugins, roles and searches show content
//! by them, as this plugin shows its own.

use crate::audience::{MAX_JOURNEYS, list_phases, own_journeys};
use crate::model::{Journey, JourneyStatus, Phase};
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::{groups, run_transaction};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;

/// The job that gives all customers their groups.
pub(crate) const GROUPS_JOB: &str = "groups";
/// Most groups that the host lets a user have of a plugin.
const MAX_GROUPS: usize = 100;
/// Longest key of a phase that can be the name of a group.
const MAX_KEY_CHARS: usize = 90;
/// Journeys of one slice of the job.
const SLICE: u32 = 50;

/// Gives a customer the groups of what their journeys have reached, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn update_groups(customer: &str) -> Result<()> {
    // Locked: where two journeys of one customer move at once, the second one counts with the first.
    let journeys = data::find::<Journey>().filter(own_journeys(customer)).populate(Journey::populate());
    let journeys = journeys.sort("createdAt:desc").lock().all(MAX_JOURNEYS)?;
    match groups::set(customer, name_groups(&journeys, &list_phases(&journeys)?)) {
        // A customer whose account was deleted sees nothing.
        Err(Error::NotFound(_)) => Ok(()),
        set => set,
    }
}

/// The groups of these journeys, of which the first ones count where there are too many. A key that cannot be the name of a group gives none.
fn name_groups(journeys: &[Row<Journey>], phases: &[Row<Phase>]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for journey in journeys.iter().filter(|journey| journey.status != JourneyStatus::Cancelled) {
        let (Some(definition), Some(current)) = (&journey.definition, &journey.current_phase) else { continue };
        let reached = phases.iter().filter(|phase| {
            phase.definition.as_ref().is_some_and(|own| own.document_id == definition.document_id)
                && phase.order <= current.order
        });
        for name in reached.filter(|phase| is_group_name(&phase.key)).map(|phase| format!("journey:{}", phase.key)) {
            if names.len() < MAX_GROUPS {
                names.insert(name);
            }
        }
    }
    names
}

/// True if a key has only what the host takes in the name of a group.
fn is_group_name(key: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    key.len() <= MAX_KEY_CHARS
        && key.starts_with(is_plain)
        && key.chars().all(|c| is_plain(c) || matches!(c, '-' | '_' | '.'))
}

/// How far the job is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct GroupsProgress {
    /// The id of the last journey; empty before the first one.
    after: String,
}

/// Has all customers get their groups: whoever has journeys from before the plugin gave any, or while it was off.
///
/// # Errors
/// What the host says.
pub(crate) fn enqueue_groups() -> Result<()> {
    job(GROUPS_JOB).key("all").set(&()).map(drop)
}

/// One slice of the job.
///
/// # Errors
/// What the host says.
pub(crate) fn run_groups(task: &Task) -> Result<Outcome> {
    let GroupsProgress { after } = task.checkpoint()?.unwrap_or_else(|| GroupsProgress { after: String::new() });
    let behind = json!({ "documentId": { "$gt": after } });
    let journeys = data::find::<Journey>()
        .fields(&["title", "anchorAt"])
        .populate(json!({ "customer": { "fields": ["username", "email"] } }))
        .filter(behind)
        .sort("documentId:asc")
        .all(SLICE)?;
    let customers: BTreeSet<&str> = journeys
        .iter()
        .filter_map(|journey| journey.customer.as_ref().map(|customer| customer.document_id.as_str()))
        .collect();
    for customer in customers {
        run_transaction(|| update_groups(customer))?;
    }
    match journeys.last().filter(|_| journeys.len() == SLICE as usize) {
        Some(last_journey) => {
            Outcome::again(&GroupsProgress { after: last_journey.document_id.clone() }, Duration::ZERO)
        }
        None => Ok(Outcome::DONE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journey(status: &str, definition: &str, order: i64) -> Row<Journey> {
        serde_json::from_value(json!({
            "documentId": "j", "title": "F22", "anchorAt": "2026-01-15T09:00:00.000Z", "status": status,
            "definition": { "documentId": definition, "title": "D", "key": "d", "revision": 1 },
            "currentPhase": { "documentId": format!("{definition}{order}"), "title": "P", "key": "p", "order": order },
        }))
        .unwrap()
    }

    fn phases(definition: &str, keys: &[&str]) -> Vec<Row<Phase>> {
        let phase = |(order, key): (usize, &&str)| {
            let phase = json!({
                "documentId": format!("{definition}{order}"), "title": "P", "key": key, "order": order,
                "definition": { "documentId": definition },
            });
            serde_json::from_value(phase).unwrap()
        };
        keys.iter().enumerate().map(phase).collect()
    }

    fn names(journeys: &[Row<Journey>], phases: &[Row<Phase>]) -> Vec<String> {
        name_groups(journeys, phases).into_iter().collect()
    }

    #[test]
    fn a_customer_has_the_groups_of_phases_that_journeys_have_reached() {
        let mut all = phases("d", &["order", "design", "assembly"]);
        all.extend(phases("e", &["start", "end"]));
        assert_eq!(names(&[journey("active", "d", 1)], &all), ["journey:design", "journey:order"]);
        for status in ["paused", "completed"] {
            assert_eq!(names(&[journey(status, "d", 0)], &all), ["journey:order"], "{status}");
        }
        let both = [journey("active", "d", 0), journey("cancelled", "d", 2), journey("active", "e", 0)];
        assert_eq!(names(&both, &all), ["journey:order", "journey:start"]);
        assert_eq!(names(&[], &all), Vec::<String>::new());
    }

    #[test]
    fn keys_that_are_no_names_give_no_group() {
        let all = phases("d", &["Design & Engineering", "", "-a", "ok_1.x", "a:b"]);
        assert_eq!(names(&[journey("active", "d", 9)], &all), ["journey:ok_1.x"]);
    }

    #[test]
    fn nobody_has_more_groups_than_the_host_takes() {
        let keys: Vec<String> = (0..150).map(|n| format!("p{n}")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        assert_eq!(names(&[journey("active", "d", 1_000)], &phases("d", &keys)).len(), MAX_GROUPS);
    }
}
