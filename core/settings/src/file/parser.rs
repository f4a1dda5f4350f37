//! The parser of all sections: the model, and the problems so far.

use crate::problems::ProblemList;
use cairn_model::Registry;
use std::sync::Arc;

/// The top-level keys of the file.
pub(super) const FILE_KEYS: &[&str] = &[
    "locales",
    "auth",
    "roles",
    "apiTokens",
    "adminTokens",
    "adminUsers",
    "adminRoles",
    "mail",
    "theme",
    "webhooks",
    "workflows",
    "calendars",
    "glossary",
    "tenants",
];

/// Returns the model of a tenant by its name, if it is not the project's.
pub type RegistryOf<'a> = &'a dyn Fn(&str) -> Result<Option<Arc<Registry>>, String>;

/// Parses the sections of a file, each of which adds its own methods.
pub(super) struct SettingsParser<'a> {
    pub(super) problems: &'a mut ProblemList,
    pub(super) registry: &'a Registry,
    pub(super) registry_of: RegistryOf<'a>,
}
