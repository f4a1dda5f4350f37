//! Contents of a link, for whoever has it.

use super::creation::find_shown_photos;
use super::links::open_at;
use crate::access::audience::find_seen;
use crate::model::{Account, Role, ShareLink, VehicleStatus};
use cairn_plugin::prelude::*;
use cairn_plugin::{look, run_transaction, warn, zones};
use cairn_plugin_pages::link_token::hash_token;
use serde_json::{Value, json};

/// Every link that does not work gets the same response, whatever the reason.
fn unknown() -> Error {
    Error::NotFound("shared".to_owned())
}

/// Responds with the delivery of a vehicle, and counts the view.
///
/// # Errors
/// `NotFound` for a token that there is not, a link that has ended, a vehicle that was sold or whose order was cancelled, and an owner whose account
/// is blocked or gone.
pub(crate) fn respond_shared(token: &str) -> Result<Response> {
    let hash = hash_token(token).ok_or_else(unknown)?;
    let populate =
        json!({ "vehicle": { "fields": ["title"] }, "customer": { "fields": ["username"] }, "photos": true });
    let link = data::find::<ShareLink>().filter(json!({ "tokenHash": { "$eq": hash } })).filter(open_at(time::now()));
    let link = link.populate(populate).first()?.ok_or_else(unknown)?;
    let described = describe_delivery(&link)?.ok_or_else(unknown)?;
    // Visitors need not wait for writers: a view that cannot be counted is only logged.
    if let Err(error) = count_view(&link.document_id) {
        warn!(about = link.document_id; "a view of a shared delivery was not counted: {}", error.describe());
    }
    let response = Response::json(200, &json!({ "data": described }))?;
    Ok(response.header("cache-control", "private, no-store").header("x-robots-tag", "noindex, nofollow"))
}

/// Contents of the link; none where it shows nothing any more.
fn describe_delivery(link: &Row<ShareLink>) -> Result<Option<Value>> {
    let (Some(vehicle), Some(customer)) = (&link.vehicle, &link.customer) else { return Ok(None) };
    let account = data::get::<Account>(&customer.document_id)?;
    if account.is_none_or(|account| account.blocked) {
        return Ok(None);
    }
    let seen = find_seen(&customer.document_id)?.vehicles;
    let seen = seen.iter().find(|one| {
        one.id() == vehicle.document_id
            && one.is_current
            && one.role == Role::Owner
            && one.ownership == link.ownership
            && one.vehicle.status == VehicleStatus::Delivered
    });
    let Some(seen) = seen else { return Ok(None) };
    let photos = link.photos.as_array().map(Vec::as_slice).unwrap_or_default();
    let ids: Vec<&str> = photos.iter().filter_map(|photo| photo["documentId"].as_str()).collect();
    let shown = find_shown_photos(&vehicle.document_id, &ids)?;
    let is_shown = |photo: &&Value| photo["documentId"].as_str().is_some_and(|id| shown.contains(id));
    let model = seen.vehicle.model.as_deref().map(str::trim).filter(|model| !model.is_empty());
    Ok(Some(json!({
        // The vehicle's own title is left out: it often has the customer's name.
        "model": model, "title": model, "deliveredOn": find_month(seen.vehicle.delivered_at.as_deref())?, "message": link.message,
        "photos": photos.iter().filter(is_shown).map(describe_photo).collect::<Vec<_>>(), "endsAt": link.ends_at,
    })))
}

/// A photo as strangers see it: without its name, which may be a person's.
fn describe_photo(photo: &Value) -> Value {
    json!({ "url": photo["url"], "width": photo["width"], "height": photo["height"], "alt": photo["alternativeText"] })
}

/// The year and the month of a time where the site is at home.
fn find_month(at: Option<&str>) -> Result<Option<String>> {
    let Some(at) = at.map(time::parse).transpose()? else { return Ok(None) };
    let local = zones::to_local(&look().zone, &[at])?.pop();
    Ok(local.and_then(|local| local.get(..7).map(str::to_owned)))
}

fn count_view(id: &str) -> Result<()> {
    run_transaction(|| {
        let Some(link) = data::find::<ShareLink>().lock().by_ids(&[id])?.pop().flatten() else { return Ok(()) };
        data::update::<ShareLink>(id, &json!({ "views": link.views.saturating_add(1) })).map(|_| ())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_photo_is_shown_without_its_name() {
        let photo = json!({
            "documentId": "f", "name": "Anna Marker.jpg", "caption": "Anna", "url": "/u", "width": 2, "height": 1, "alternativeText": "An F22",
        });
        assert_eq!(describe_photo(&photo), json!({ "url": "/u", "width": 2, "height": 1, "alt": "An F22" }));
    }
}
