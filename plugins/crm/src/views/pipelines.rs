//! Pipelines that a page offers to choose from.

use crate::model::Pipeline;
use cairn_plugin::prelude::*;

/// Most pipelines that a page offers.
const MAX_PIPELINES: u32 = 100;

/// The pipelines, in their order.
pub(super) fn list_pipelines() -> Result<Vec<Row<Pipeline>>> {
    data::find::<Pipeline>().sort("order:asc").sort("name:asc").all(MAX_PIPELINES)
}
