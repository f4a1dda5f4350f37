//! The timeline of a vehicle: texts, photos and films.

use crate::access::audience::{filter_for, require_seen};
use crate::dashboard::pages::Page;
use crate::dashboard::parts::{describe_entry, list_entries_of};
use crate::model::{Link, TimelineEntry};
use crate::refusals::refuse_field;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::Value;

/// An entry as somebody writes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WrittenEntry {
    vehicle: Option<Link>,
    body: Option<String>,
    #[serde(default)]
    photos: Value,
    #[serde(default)]
    films: Value,
}

/// An entry says something, of a vehicle that it stays with.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let Some(after) = change.after::<WrittenEntry>()? else { return Ok(Decision::Allow) };
    if after.vehicle.is_none() {
        return Ok(refuse_field("vehicle", "no-vehicle", call, None));
    }
    if change.action == Action::Update && change.touches("vehicle") {
        return Ok(refuse_field("vehicle", "other-vehicle", call, None));
    }
    let has_text = after.body.as_deref().is_some_and(|body| !body.trim().is_empty());
    let has_files = |files: &Value| files.as_array().is_some_and(|files| !files.is_empty());
    if !has_text && !has_files(&after.photos) && !has_files(&after.films) {
        return Ok(refuse_field("body", "empty-entry", call, None));
    }
    Ok(Decision::Allow)
}

/// A page of the entries of a vehicle, newest first.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist, is somebody else's, or whose timeline is not in the caller's scope.
pub(crate) fn describe_timeline(account: &str, vehicle: &str, page: Page) -> Result<Value> {
    let seen = require_seen(account, vehicle)?;
    if !seen.scope.sees_timeline {
        return Err(Error::NotFound(vehicle.to_owned()));
    }
    let found = list_entries_of(filter_for(TimelineEntry::TYPE, &[seen], account)).page(page.number, page.size)?;
    Ok(page.describe(found.rows.iter().map(describe_entry).collect(), found.total))
}
