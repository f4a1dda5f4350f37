//! Parses text to [`Settings`], and reports every problem at once.

use super::Settings;
use super::parser::{FILE_KEYS, RegistryOf, SettingsParser};
use super::variables::expand_variables;
use crate::change::{SettingChange, SettingsProblem};
use crate::input::read_sections;
use crate::problems::ProblemList;
use cairn_model::Registry;
use serde_json::{Map, Value as Json};

/// Checks a settings file of a project whose tenants have no content types besides the project's. `env` looks up `${NAME}`.
pub fn parse_settings(
    json: &str,
    registry: &Registry,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    parse_settings_with(json, registry, &|_| Ok(None), env)
}

/// Checks a settings file. `registry_of` returns the model of a tenant by its name: `None` if it is the project's, an error
/// if its files are invalid.
pub fn parse_settings_with(
    json: &str,
    registry: &Registry,
    registry_of: RegistryOf<'_>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let file: Json = match serde_json::from_str(json) {
        Ok(file) => file,
        Err(e) => {
            problems.add_problem("", format!("the file is not valid JSON: {e}"));
            return Err(problems.into_problems());
        }
    };
    let file = expand_variables(&mut problems, &file, "", env);
    let settings = SettingsParser { problems: &mut problems, registry, registry_of }.parse_file(&file, FILE_KEYS);
    let problems = problems.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

/// Checks settings that do not come from a file: `${NAME}` is not expanded.
pub(super) fn parse_value(file: &Json, registry: &Registry) -> Result<Settings, Vec<SettingsProblem>> {
    let mut problems = ProblemList::default();
    let parser = SettingsParser { problems: &mut problems, registry, registry_of: &|_| Ok(None) };
    let settings = parser.parse_file(file, FILE_KEYS);
    let problems = problems.into_problems();
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

impl SettingsParser<'_> {
    /// Parses the whole file, or the settings of one tenant.
    pub(super) fn parse_file(mut self, json: &Json, keys: &[&str]) -> Settings {
        let mut settings = Settings::default();
        let Some(map) = read_sections(self.problems, json, "", keys) else { return settings };
        if let Some(json) = map.get("locales") {
            self.parse_locales(json, &mut settings);
        }
        if let Some(json) = map.get("auth") {
            settings.auth = self.parse_auth(json);
        }
        if let Some(json) = map.get("roles") {
            settings.roles = self.parse_roles(json);
        }
        settings.api_tokens = find_section(map, "apiTokens").map_value(|json| self.parse_tokens(json));
        settings.admin_tokens = find_section(map, "adminTokens").map_value(|json| self.parse_admin_tokens(json));
        settings.admin_users = find_section(map, "adminUsers").map_value(|json| self.parse_admins(json));
        if let Some(json) = map.get("adminRoles") {
            settings.admin_roles = self.parse_admin_roles(json);
        }
        (settings.mail, settings.theme) = self.parse_identity(map);
        settings.workflows = find_section(map, "workflows").map_value(|json| self.parse_workflows(json));
        settings.calendars = find_section(map, "calendars").map_value(|json| self.parse_calendars(json));
        settings.glossary = find_section(map, "glossary").map_value(|json| self.parse_glossary(json));
        settings.webhooks = find_section(map, "webhooks").map_value(|json| self.parse_webhooks(json));
        if let Some(json) = map.get("tenants").filter(|_| keys.contains(&"tenants")) {
            self.parse_tenants(json, &mut settings);
        }
        settings
    }
}

/// The value of a section that `null` empties.
fn find_section<'j>(map: &'j Map<String, Json>, key: &str) -> SettingChange<&'j Json> {
    match map.get(key) {
        None => SettingChange::Keep,
        Some(Json::Null) => SettingChange::Remove,
        Some(json) => SettingChange::Set(json),
    }
}
