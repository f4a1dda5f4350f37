//! The links of a vehicle, as its owners and the team see them, and their end.

use crate::access::audience::{find_seen, require_seen};
use crate::access::seen::SeenVehicle;
use crate::dashboard::parts::describe_file;
use crate::model::{Role, ShareLink, of_vehicle};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde_json::{Value, json};

/// Most links in a response.
const MAX_LISTED: u32 = 100;
/// Most links of a vehicle that end with its sale.
const MAX_OPEN: u32 = 1_000;

/// The vehicle of that id, if it belongs to the caller now.
///
/// # Errors
/// `NotFound` for one that does not exist or is somebody else's, also for those who may only look in.
pub(super) fn require_owned(account: &str, vehicle: &str) -> Result<SeenVehicle> {
    let seen = require_seen(account, vehicle)?;
    if seen.role == Role::Owner { Ok(seen) } else { Err(Error::NotFound(vehicle.to_owned())) }
}

/// The filter of links that were created since a vehicle was last sold.
pub(super) fn of_owners(vehicle: &str, ownership: i64) -> Value {
    json!({ "$and": [of_vehicle(vehicle), { "ownership": { "$eq": ownership } }] })
}

/// The filter of links that work at a time.
pub(super) fn open_at(now: Instant) -> Value {
    json!({ "revokedAt": { "$null": true }, "endsAt": { "$gt": time::format(now) } })
}

/// A link as owners see it. Its token is not stored, and so not among this.
pub(super) fn describe_share(row: &Row<ShareLink>) -> Value {
    let photos: Vec<Value> = row.photos.as_array().into_iter().flatten().map(describe_file).collect();
    json!({
        "id": row.document_id, "createdAt": row.created_at, "endsAt": row.ends_at, "isRevoked": row.revoked_at.is_some(),
        "views": row.views, "message": row.message, "photos": photos,
    })
}

/// The links of a vehicle, newest first.
///
/// # Errors
/// `NotFound` for a vehicle that is not the caller's.
pub(crate) fn list_shares(account: &str, vehicle: &str) -> Result<Value> {
    let seen = require_owned(account, vehicle)?;
    let links = data::find::<ShareLink>().filter(of_owners(vehicle, seen.ownership));
    let links = links.populate(json!({ "photos": true })).sort("createdAt:desc").all(MAX_LISTED)?;
    Ok(json!({ "data": links.iter().map(describe_share).collect::<Vec<_>>() }))
}

/// Revokes a link of a vehicle that belongs to the caller. One that was revoked already stays so.
///
/// # Errors
/// `NotFound` for one that does not exist, or is of somebody else's vehicle.
pub(crate) fn revoke_share(account: &str, id: &str) -> Result<Value> {
    let seen = find_seen(account)?.vehicles;
    run_transaction(|| {
        let link = lock_link(id)?;
        let vehicle = link.vehicle.as_ref().map(|vehicle| vehicle.document_id.as_str());
        let is_own = seen.iter().any(|one| {
            one.is_current && one.role == Role::Owner && Some(one.id()) == vehicle && one.ownership == link.ownership
        });
        if !is_own {
            return Err(Error::NotFound(id.to_owned()));
        }
        let mut described = describe_share(&link);
        revoke(&link)?;
        described["isRevoked"] = json!(true);
        Ok(json!({ "data": described }))
    })
}

/// Revokes a link for somebody of the team.
///
/// # Errors
/// `NotFound` for one that does not exist.
pub(crate) fn revoke_as_staff(id: &str) -> Result<()> {
    run_transaction(|| revoke(&lock_link(id)?))
}

fn lock_link(id: &str) -> Result<Row<ShareLink>> {
    let populate = json!({ "vehicle": { "fields": ["title"] }, "photos": true });
    let link = data::find::<ShareLink>().populate(populate).lock().by_ids(&[id])?.pop().flatten();
    link.ok_or_else(|| Error::NotFound(id.to_owned()))
}

fn revoke(link: &Row<ShareLink>) -> Result<()> {
    if link.revoked_at.is_some() {
        return Ok(());
    }
    data::update::<ShareLink>(&link.document_id, &json!({ "revokedAt": time::format(time::now()) })).map(|_| ())
}

/// Revokes the links of a vehicle that work, in the open transaction: the vehicle has another owner.
///
/// # Errors
/// What the host says.
pub(crate) fn end_links(vehicle: &str) -> Result<()> {
    let now = time::now();
    let open = data::find::<ShareLink>().filter(of_vehicle(vehicle)).filter(open_at(now)).all(MAX_OPEN)?;
    let ended = json!({ "revokedAt": time::format(now) });
    let batch =
        open.iter().try_fold(Batch::new(), |batch, link| batch.update::<ShareLink>(&link.document_id, &ended))?;
    batch.write().map(|_| ())
}
