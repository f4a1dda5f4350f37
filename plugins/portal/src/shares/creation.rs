//! New links.

use super::links::{describe_share, of_owners, open_at, require_owned};
use crate::model::{ShareLink, TimelineEntry, Vehicle, VehicleStatus, of_vehicle};
use crate::refusals::{wrong_field, wrong_state};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use cairn_plugin_pages::link_token::{create_token, hash_token};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const DAY_MILLIS: i64 = 86_400_000;
/// Days for which a link works, and most of them.
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 90;
/// Most photos of a link.
const MAX_PHOTOS: usize = 12;
/// Most characters of a message.
const MAX_MESSAGE_CHARS: usize = 500;
/// Most links of a vehicle that work at a time.
const MAX_OPEN: u64 = 20;
/// Most entries of a timeline that a photo is looked for in.
const MAX_ENTRIES: u32 = 200;

/// The body that an owner sends.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShareRequest {
    #[serde(default)]
    photos: Vec<String>,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    days: Option<i64>,
}

/// Parts of a valid request that are stored.
#[derive(Debug, PartialEq, Eq)]
struct CheckedRequest {
    message: Option<String>,
    days: i64,
}

impl ShareRequest {
    /// Checks what needs no host. Returns the field that is wrong and why.
    fn check(&self) -> Result<CheckedRequest, (&'static str, &'static str)> {
        let days = self.days.unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(("days", "count"));
        }
        if self.photos.len() > MAX_PHOTOS {
            return Err(("photos", "share-photos"));
        }
        if self.photos.iter().collect::<BTreeSet<_>>().len() != self.photos.len() {
            return Err(("photos", "share-photo"));
        }
        let message = self.message.as_deref().map(str::trim).filter(|message| !message.is_empty());
        let is_shown = |c: char| !c.is_control() || c == '\n' || c == '\r';
        if message.is_some_and(|text| text.chars().count() > MAX_MESSAGE_CHARS || !text.chars().all(is_shown)) {
            return Err(("message", "share-message"));
        }
        Ok(CheckedRequest { message: message.map(str::to_owned), days })
    }
}

/// Creates a link to a vehicle that was delivered. Only this response has its token: what is stored is the token's hash.
///
/// # Errors
/// `NotFound` for a vehicle that is not the caller's; `Invalid` with the field that is wrong; `Conflict` for a vehicle that is not delivered, and
/// where there are as many links as there can be.
pub(crate) fn create_share(account: &str, vehicle: &str, request: &ShareRequest, locale: &str) -> Result<Value> {
    let seen = require_owned(account, vehicle)?;
    let checked = request.check().map_err(|(field, code)| {
        let most = if field == "photos" { MAX_PHOTOS } else { MAX_MESSAGE_CHARS };
        let arguments = if field == "days" { json!({ "least": 1, "most": MAX_DAYS }) } else { json!({ "most": most }) };
        wrong_field(field, code, locale, Some(&arguments))
    })?;
    require_delivered(seen.vehicle.status, locale)?;
    let photos: Vec<&str> = request.photos.iter().map(String::as_str).collect();
    if find_shown_photos(vehicle, &photos)?.len() != photos.len() {
        return Err(wrong_field("photos", "share-photo", locale, None));
    }
    let portal = Settings::load()?.portal_url;
    let token = create_token();
    let hash = hash_token(&token).ok_or_else(|| Error::Internal("a new token has no hash".to_owned()))?;
    run_transaction(|| {
        let stored = data::find::<Vehicle>().lock().by_ids(&[vehicle])?.pop().flatten();
        let stored = stored.ok_or_else(|| Error::NotFound(vehicle.to_owned()))?;
        if require_owned(account, vehicle)?.ownership != stored.ownership {
            return Err(Error::NotFound(vehicle.to_owned()));
        }
        require_delivered(stored.status, locale)?;
        let now = time::now();
        let open = data::find::<ShareLink>().filter(of_owners(vehicle, stored.ownership)).filter(open_at(now));
        if open.count()? >= MAX_OPEN {
            return Err(wrong_state("share-limit", locale));
        }
        let ends_at = time::format(now.saturating_add(checked.days.saturating_mul(DAY_MILLIS)));
        let photos: Vec<Value> = photos.iter().map(|id| json!({ "documentId": id })).collect();
        let created = data::create::<ShareLink>(&json!({
            "vehicle": vehicle, "customer": account, "message": checked.message, "photos": photos, "endsAt": ends_at,
            "ownership": stored.ownership, "tokenHash": hash,
        }))?;
        let link = data::find::<ShareLink>().populate(json!({ "photos": true }));
        let link = link.by_ids(&[&created.target.document_id])?.pop().flatten();
        let link = link.ok_or_else(|| Error::Internal("a link that was created is not there".to_owned()))?;
        let mut described = describe_share(&link);
        described["url"] = json!(build_address(&portal, &token));
        described["token"] = json!(token);
        Ok(json!({ "data": described }))
    })
}

fn require_delivered(status: VehicleStatus, locale: &str) -> Result<()> {
    match status {
        VehicleStatus::Delivered => Ok(()),
        VehicleStatus::Cancelled => Err(wrong_state("vehicle-cancelled", locale)),
        VehicleStatus::Ordered | VehicleStatus::Production => Err(wrong_state("share-not-delivered", locale)),
    }
}

/// The address of a link in the portal; none where no portal is set.
fn build_address(portal: &str, token: &str) -> Option<String> {
    let portal = portal.trim().trim_end_matches('/');
    (!portal.is_empty()).then(|| format!("{portal}/shared/{token}"))
}

/// Finds which of these files are photos of a timeline, as it is published now.
///
/// # Errors
/// What the host says.
pub(super) fn find_shown_photos(vehicle: &str, photos: &[&str]) -> Result<BTreeSet<String>> {
    if photos.is_empty() {
        return Ok(BTreeSet::new());
    }
    let with_photos = json!({ "photos": { "documentId": { "$in": photos } } });
    let entries = data::find::<TimelineEntry>().filter(of_vehicle(vehicle)).filter(with_photos);
    let entries = entries.populate(json!({ "photos": { "fields": ["name"] } })).all(MAX_ENTRIES)?;
    let ids = entries.iter().flat_map(|entry| entry.photos.as_array().into_iter().flatten());
    let ids = ids.filter_map(|photo| photo["documentId"].as_str()).filter(|id| photos.contains(id));
    Ok(ids.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: Value) -> Result<CheckedRequest, (&'static str, &'static str)> {
        serde_json::from_value::<ShareRequest>(body).unwrap().check()
    }

    #[test]
    fn a_request_has_its_bounds() {
        let default = check(json!({ "message": "  " })).unwrap();
        assert_eq!(default, CheckedRequest { message: None, days: 30 });
        assert_eq!(check(json!({ "days": 90, "message": "Kijk!\nMooi." })).unwrap().days, 90);
        let many: Vec<String> = (0..13).map(|n| n.to_string()).collect();
        for (body, field) in [
            (json!({ "days": 0 }), "days"),
            (json!({ "days": 91 }), "days"),
            (json!({ "days": i64::MIN }), "days"),
            (json!({ "photos": many }), "photos"),
            (json!({ "photos": ["a", "a"] }), "photos"),
            (json!({ "message": "é".repeat(501) }), "message"),
            (json!({ "message": "a\u{0}b" }), "message"),
        ] {
            assert_eq!(check(body.clone()).unwrap_err().0, field, "{body}");
        }
        assert!(check(json!({ "message": "é".repeat(500) })).is_ok());
    }

    #[test]
    fn an_address_is_that_of_the_portal() {
        assert_eq!(build_address("https://mijn.test/", "t").as_deref(), Some("https://mijn.test/shared/t"));
        assert_eq!(build_address(" ", "t"), None);
    }
}
