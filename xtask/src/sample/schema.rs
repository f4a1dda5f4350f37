//! The few facts of a `schema.json` that loading needs: its route, and whether it has drafts.

use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// A parsed schema file, with its uid.
pub(super) struct SampleSchema {
    /// Content of the schema file.
    pub(super) json: Value,
}

impl SampleSchema {
    /// Reads the schema of `api::<name>.<name>` below a `content-types/` folder. Returns an error if there is no such
    /// file, or it is not JSON.
    pub(super) fn read_schema(content_types: &Path, uid: &str) -> Result<Self> {
        let (api, name) = uid
            .strip_prefix("api::")
            .and_then(|rest| rest.split_once('.'))
            .with_context(|| format!("{uid} is not a uid of this project"))?;
        let path = content_types.join("api").join(api).join("content-types").join(name).join("schema.json");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(Self { json: serde_json::from_str(&text)? })
    }

    /// True if the type is a single type.
    pub(super) fn is_single(&self) -> bool {
        self.json["kind"] == "singleType"
    }

    /// Route name below `/api`.
    pub(super) fn api_route(&self) -> &str {
        let name = if self.is_single() { "singularName" } else { "pluralName" };
        self.json["info"][name].as_str().unwrap_or_default()
    }

    /// True if files of its entries are private.
    pub(super) fn private_files(&self) -> bool {
        self.json["pluginOptions"]["upload"]["private"] == true
    }

    /// True if its documents have a draft and perhaps a published version.
    pub(super) fn has_drafts(&self) -> bool {
        self.json["options"]["draftAndPublish"] == true
    }
}
