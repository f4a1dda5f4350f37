//! Parts of the JSON Schema that depend on the project. A type cannot know them: it describes them by a placeholder, which the schema of
//! the file replaces.

use schemars::{Schema, json_schema};

/// The key of a placeholder.
const PLACEHOLDER_KEY: &str = "x-cairn-part";

/// Part of the schema that a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SchemaPart {
    /// The uid of a content type of the project.
    ContentType,
    /// Permissions in the content API, by uid.
    Permissions,
    /// Permissions on content in the admin, by uid.
    AdminPermissions,
    /// The sections that each tenant has.
    TenantSettings,
}

impl SchemaPart {
    const ALL: [Self; 4] = [Self::ContentType, Self::Permissions, Self::AdminPermissions, Self::TenantSettings];

    fn as_str(self) -> &'static str {
        match self {
            Self::ContentType => "content-type",
            Self::Permissions => "permissions",
            Self::AdminPermissions => "admin-permissions",
            Self::TenantSettings => "tenant-settings",
        }
    }

    /// The schema that stands for the part.
    pub(crate) fn to_placeholder(self) -> Schema {
        json_schema!({ PLACEHOLDER_KEY: self.as_str() })
    }

    /// Finds out what a schema stands for; `None` if it is no placeholder.
    pub(crate) fn from_placeholder(schema: &Schema) -> Option<Self> {
        let name = schema.get(PLACEHOLDER_KEY)?.as_str()?;
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }
}
