//! The context in which attributes are read.

use super::raw_schema::RawSchema;
use super::strapi_source::CustomFields;
use crate::content_type::{ComponentId, TypeId};
use std::collections::HashMap;

/// The things that attributes refer to.
pub(super) struct LoadContext<'a> {
    pub(super) types: &'a [RawSchema],
    pub(super) type_ids: HashMap<&'a str, TypeId>,
    pub(super) component_ids: HashMap<&'a str, ComponentId>,
    pub(super) custom_fields: &'a CustomFields,
}
