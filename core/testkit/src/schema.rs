//! Schema files of a test's own content types.

use serde_json::{Value as Json, json};

/// A content type in the making. Its singular name is the name given, its plural that with an `s`.
#[derive(Debug, Clone)]
pub struct SchemaBuilder {
    pub(crate) name: String,
    pub(crate) json: Json,
}

impl SchemaBuilder {
    /// A collection without drafts, not localized.
    pub fn collection(name: &str, attributes: Json) -> Self {
        Self::with_kind("collectionType", name, attributes)
    }

    /// A single type without drafts, not localized.
    pub fn single(name: &str, attributes: Json) -> Self {
        Self::with_kind("singleType", name, attributes)
    }

    fn with_kind(kind: &str, name: &str, attributes: Json) -> Self {
        let json = json!({
            "kind": kind,
            "collectionName": format!("{name}s"),
            "info": { "singularName": name, "pluralName": format!("{name}s"), "displayName": name },
            "options": { "draftAndPublish": false },
            "attributes": attributes,
        });
        Self { name: name.into(), json }
    }

    /// With draft & publish.
    pub fn with_drafts(mut self) -> Self {
        self.json["options"]["draftAndPublish"] = true.into();
        self
    }

    /// With an address of previews.
    pub fn with_preview_url(mut self, url: &str) -> Self {
        self.json["options"]["cairn"]["previewUrl"] = url.into();
        self
    }

    /// With files that are private.
    pub fn private_files(mut self) -> Self {
        self.json["pluginOptions"]["upload"] = json!({ "private": true });
        self
    }

    /// Localized; attributes are so unless they say otherwise (`"localized": false`, in short).
    pub fn with_locales(mut self) -> Self {
        self.json["pluginOptions"]["i18n"] = json!({ "localized": true });
        for attribute in self.json["attributes"].as_object_mut().unwrap().values_mut() {
            let localized = attribute.as_object_mut().unwrap().remove("localized").is_none_or(|v| v == true);
            attribute["pluginOptions"] = json!({ "i18n": { "localized": localized } });
        }
        self
    }
}
