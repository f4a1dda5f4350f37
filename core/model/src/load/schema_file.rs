//! A schema file: where it is in the layout, and what it says.

use super::names;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Role of a schema file, by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SchemaFileRole {
    /// `api/<api>/content-types/<name>/schema.json`.
    ContentType { api: String, name: String },
    /// `components/<category>/<name>.json`.
    Component { category: String, name: String },
    /// `plugins/<plugin>/content-types/<name>/schema.json`, and the files of a Strapi project's plugins in `src/plugins`.
    Plugin { plugin: String, name: String },
    /// `extensions/users-permissions/content-types/user/schema.json`.
    User,
}

impl SchemaFileRole {
    /// The role of a type of a plugin in `src/plugins`: its uid ends in the singular name, whatever its folder is called.
    pub(super) fn of_strapi_plugin(plugin: String, folder: String, schema: &Map<String, Json>) -> Self {
        let singular = schema.get("info").and_then(|info| info.get("singularName")?.as_str());
        let name = singular.filter(|name| names::check_route(name).is_ok()).map_or(folder, str::to_owned);
        Self::Plugin { plugin, name }
    }

    /// The uid of what it describes; `None` for the user's file, which extends a built-in type.
    pub(super) fn uid(&self) -> Option<String> {
        match self {
            Self::ContentType { api, name } => Some(format!("api::{api}.{name}")),
            Self::Component { category, name } => Some(format!("{category}.{name}")),
            Self::Plugin { plugin, name } => Some(format!("plugin::{plugin}.{name}")),
            Self::User => None,
        }
    }
}

/// One parsed file.
#[derive(Debug, Clone)]
pub(super) struct SchemaFile {
    /// Path relative to the project.
    pub(super) file: String,
    pub(super) role: SchemaFileRole,
    pub(super) schema: Map<String, Json>,
}

/// Schema files after a change, by their names relative to the project; `None`: the file is deleted.
pub type SchemaFileChanges = BTreeMap<String, Option<Map<String, Json>>>;
