//! Cancellation of a vehicle's order, after which nothing of the vehicle changes.

use crate::model::{Vehicle, VehicleStatus};
use cairn_plugin::prelude::*;

/// True for a vehicle whose order was cancelled: nothing of it changes.
///
/// # Errors
/// What the host says.
pub(crate) fn is_cancelled(id: &str) -> Result<bool> {
    Ok(data::get::<Vehicle>(id)?.is_some_and(|vehicle| vehicle.status == VehicleStatus::Cancelled))
}
