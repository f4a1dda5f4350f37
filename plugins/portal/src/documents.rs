//! Documents of a vehicle, and those that are signed.

pub(crate) mod changes;
pub(crate) mod envelopes;
pub(crate) mod own_signatures;

use crate::access::audience::{filter_for, require_seen};
use crate::dashboard::pages::Page;
use crate::dashboard::parts::{describe_document, list_documents_of};
use crate::model::{Vehicle, VehicleDocument};
use crate::preferences::delivery::mail_news;
use crate::preferences::model::Topic;
use cairn_plugin::prelude::*;
use own_signatures::OwnSignatures;
use serde_json::{Value, json};

/// A page of the documents of a vehicle, newest first.
///
/// # Errors
/// `NotFound` for a vehicle that does not exist, is somebody else's, or whose documents are not in the caller's scope.
pub(crate) fn describe_documents(account: &str, vehicle: &str, page: Page) -> Result<Value> {
    let seen = require_seen(account, vehicle)?;
    if !seen.scope.sees_documents {
        return Err(Error::NotFound(vehicle.to_owned()));
    }
    let found = list_documents_of(filter_for(VehicleDocument::TYPE, &[seen], account)).page(page.number, page.size)?;
    let signed = OwnSignatures::find(account, &found.rows)?;
    Ok(page.describe(found.rows.iter().map(|row| describe_document(row, &signed)).collect(), found.total))
}

/// A document is new: its owners hear of it. One that is to be signed, or was, has the mails of e-signing.
///
/// # Errors
/// What the host says.
pub(crate) fn note_document(id: &str) -> Result<()> {
    let populate = json!({ "vehicle": { "fields": ["title"] } });
    let document = data::find::<VehicleDocument>().populate(populate).by_ids(&[id])?.pop().flatten();
    let Some(document) = document.filter(|document| document.envelope.is_none()) else { return Ok(()) };
    let Some(vehicle) = document.vehicle.as_ref().map(|vehicle| data::get::<Vehicle>(&vehicle.document_id)) else {
        return Ok(());
    };
    match vehicle? {
        Some(vehicle) => {
            let model = json!({ "vehicle": vehicle.title, "title": document.title });
            mail_news(&vehicle, &format!("document/{id}"), id, Topic::Documents, &model)
        }
        None => Ok(()),
    }
}
