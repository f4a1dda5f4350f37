//! Schemas as they are before their attributes are read.

use crate::content_type::SchemaSource;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A content type or component before its attributes are read.
pub(super) struct RawSchema {
    pub(super) file: String,
    pub(super) uid: String,
    /// The uid that Strapi gives it, if that is another.
    pub(super) strapi_uid: Option<String>,
    pub(super) schema: Map<String, Json>,
}

impl RawSchema {
    /// Its attributes as in the file; their order is that of attribute ids.
    pub(super) fn attributes(&self) -> Option<&Map<String, Json>> {
        self.schema.get("attributes")?.as_object()
    }

    pub(super) fn source(&self) -> SchemaSource {
        SchemaSource { file: self.file.as_str().into(), schema: Arc::new(self.schema.clone()) }
    }

    /// True for a type of a plugin, Strapi's own included: code may add attributes to it that no file has.
    pub(super) fn is_of_plugin(&self) -> bool {
        self.uid.starts_with("plugin::")
    }
}
