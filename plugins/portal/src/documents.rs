//! Documents of a vehicle, and those that are signed.

pub(crate) mod changes;
pub(crate) mod envelopes;

use crate::access::audience::{filter_for, require_seen};
use crate::dashboard::pages::Page;
use crate::dashboard::parts::{describe_document, list_documents_of};
use crate::model::VehicleDocument;
use cairn_plugin::prelude::*;
use serde_json::Value;

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
    Ok(page.describe(found.rows.iter().map(describe_document).collect(), found.total))
}
