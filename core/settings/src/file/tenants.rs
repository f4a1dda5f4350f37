//! `tenants` of the file: their names, hosts and settings.

use super::Settings;
use super::applier::SettingsApplier;
use super::parser::{FILE_KEYS, SettingsParser};
use crate::HostName;
use crate::change::{SettingChange, SettingsProblem};
use crate::input::{read_checked_elements, read_each_entry, read_input, read_valid};
use crate::problems::{ProblemList, join_key};
use crate::schema_parts::SchemaPart;
use crate::text::{check_line, checked_text};
use cairn_access::{DEFAULT_TENANT, is_tenant_name};
use cairn_store::StoreError;
use cairn_store::system::TenantRow;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

/// Longest display name, in characters.
const MAX_DISPLAY_NAME_CHARS: usize = 200;

#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TenantChanges {
    pub(crate) hosts: SettingChange<Vec<String>>,
    pub(crate) display_name: SettingChange<String>,
}

impl Settings {
    /// Takes out the settings of the tenants in the file, which are applied to the tenants' databases.
    pub fn take_tenant_settings(&mut self) -> Vec<(String, Settings)> {
        std::mem::take(&mut self.tenant_settings)
    }

    /// Problems of its tenants with those that are stored: hosts that another has. To be checked before settings of the
    /// first tenant are applied.
    pub fn tenant_problems(&self, stored: &[TenantRow]) -> Vec<SettingsProblem> {
        plan_steps(stored, &self.tenants).1
    }
}

/// A tenant as JSON.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "A tenant; null disables it, its data remains stored")]
pub(super) struct TenantInput {
    #[serde(default)]
    hosts: SettingChange<HostNames>,
    #[serde(default)]
    display_name: SettingChange<DisplayName>,
    /// Read by itself: the tenant may have content types of its own.
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "TenantSettings")]
    settings: Option<Json>,
}

/// The first tenant as JSON. Its settings are those of the file.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(
    deny_unknown_fields,
    description = "The tenant for hosts that no other tenant has. If it has hosts of its own, it only responds at these"
)]
pub(super) struct DefaultTenantInput {
    #[serde(default)]
    hosts: SettingChange<HostNames>,
    #[serde(default)]
    display_name: SettingChange<DisplayName>,
}

checked_text!(
    /// The name of a tenant for people: one line.
    DisplayName,
    |text| check_line(text, MAX_DISPLAY_NAME_CHARS),
    { "type": "string", "maxLength": MAX_DISPLAY_NAME_CHARS }
);
checked_text!(
    /// The name of a host in its normal form, without a port.
    HostText,
    check_host,
    { "type": "string", "format": "hostname" }
);

fn check_host(text: String) -> Result<String, String> {
    let Some(host) = HostName::parse(text.as_bytes()) else {
        return Err("expected a host name, such as shop.example.com (write other scripts as xn--…)".to_owned());
    };
    match text.trim_end_matches('.').eq_ignore_ascii_case(host.as_str()) {
        true => Ok(host.as_str().to_owned()),
        false => Err(format!("must not contain a port: use {}", host.as_str())),
    }
}

/// Hosts in the order of the file.
struct HostNames(Vec<String>);

impl<'de> Deserialize<'de> for HostNames {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let mut earlier = HashSet::new();
        let check_host = |host: &HostText| match earlier.insert(host.as_ref().to_owned()) {
            true => Ok(()),
            false => Err(format!("{} occurs twice", host.as_ref())),
        };
        let hosts = read_checked_elements(reader, |_| Ok(()), check_host)?;
        Ok(Self(hosts.into_iter().map(|(_, host)| host.into()).collect()))
    }
}

impl JsonSchema for HostNames {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HostNames".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "array", "uniqueItems": true, "items": generator.subschema_for::<HostText>(),
            "description": "Hosts that the tenant is reached at; without ports",
        })
    }
}

/// Stands for the settings of a tenant in the JSON Schema.
struct TenantSettings;

impl JsonSchema for TenantSettings {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TenantSettings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        SchemaPart::TenantSettings.to_placeholder()
    }
}

/// Describes tenants by name to text editors.
#[derive(Default)]
pub(super) struct TenantInputs;

impl JsonSchema for TenantInputs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Tenants".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "propertyNames": { "pattern": "^[a-z][a-z0-9-]{0,30}$" },
            "properties": { DEFAULT_TENANT: generator.subschema_for::<DefaultTenantInput>() },
            "additionalProperties": generator.subschema_for::<SettingChange<TenantInput>>(),
        })
    }
}

impl From<DefaultTenantInput> for TenantInput {
    fn from(DefaultTenantInput { hosts, display_name }: DefaultTenantInput) -> Self {
        Self { hosts, display_name, settings: None }
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_tenants(&mut self, json: &Json, settings: &mut Settings) {
        let (registry, registry_of) = (self.registry, self.registry_of);
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        read_each_entry(self.problems, json, "tenants", |problems, name, json, path| {
            if !is_tenant_name(name) {
                let message = "expected the name of a tenant: a to z, 0 to 9 and -, starting with a letter, at most 31 \
                     characters";
                problems.add_problem(path, message);
                return;
            }
            if json.is_null() && name == DEFAULT_TENANT {
                problems.add_problem(path, "this tenant cannot be removed");
            }
            let input = match name {
                DEFAULT_TENANT => read_input::<SettingChange<DefaultTenantInput>>(problems, json, path)
                    .map(|change| change.map_value(TenantInput::from)),
                _ => read_input::<SettingChange<TenantInput>>(problems, json, path),
            };
            let Some(input) = input else { return };
            let changes = input.map_value(|TenantInput { hosts, display_name, settings: own }| {
                let hosts = hosts.map_value(|HostNames(hosts)| hosts);
                for host in hosts.new_value().into_iter().flatten() {
                    if let Some(other) = owners.insert(host.clone(), name.to_owned()) {
                        let message = format!("{host} already belongs to the tenant {other}");
                        problems.add_problem_after_parts(&join_key(path, "hosts"), message);
                    }
                }
                if let Some(json) = own {
                    let parser = SettingsParser { problems, registry, registry_of };
                    let own = parser.parse_tenant_settings(name, &json, &join_key(path, "settings"));
                    settings.tenant_settings.extend(own.map(|own| (name.to_owned(), own)));
                }
                TenantChanges { hosts, display_name: display_name.map_value(String::from) }
            });
            settings.tenants.push((name.to_owned(), changes));
        });
    }

    /// Parses the settings of one tenant, and checks them against its model.
    fn parse_tenant_settings(self, name: &str, json: &Json, path: &str) -> Option<Settings> {
        let registry = match (self.registry_of)(name) {
            Ok(registry) => registry,
            Err(e) => {
                self.problems.add_problem(path, e);
                return None;
            }
        };
        let mut problems = ProblemList::default();
        let own: Vec<&str> = FILE_KEYS.iter().copied().filter(|key| *key != "tenants").collect();
        let registry = registry.as_deref().unwrap_or(self.registry);
        let parser = SettingsParser { problems: &mut problems, registry, registry_of: self.registry_of };
        let settings = parser.parse_file(json, &own);
        self.problems.add_problems_below(path, problems.into_problems());
        Some(settings)
    }
}

/// Step that brings one tenant to what the file declares.
struct TenantStep<'a> {
    name: &'a str,
    /// The stored row; `None`: it is taken out of service.
    row: Option<Row>,
    changes: Vec<String>,
}

struct Row {
    display_name: Option<String>,
    hosts: Vec<String>,
}

/// Plans the steps from the stored tenants to those of the file; reports hosts that two tenants would have.
fn plan_steps<'a>(
    stored: &[TenantRow],
    wanted: &'a [(String, SettingChange<TenantChanges>)],
) -> (Vec<TenantStep<'a>>, Vec<SettingsProblem>) {
    let mut steps = Vec::new();
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for row in stored.iter().filter(|row| !wanted.iter().any(|(name, _)| *name == row.name)) {
        owners.extend(row.hosts.iter().map(|host| (host.clone(), row.name.as_str())));
    }
    let mut problems = Vec::new();
    for (name, change) in wanted {
        let before = stored.iter().find(|row| row.name == *name);
        let in_service = before.filter(|row| row.active);
        let SettingChange::Set(tenant_changes) = change else {
            if in_service.is_some() {
                let subject = "disabled; its data remains until you delete it with `cairn tenant delete`";
                steps.push(TenantStep { name, row: None, changes: vec![subject.to_owned()] });
            }
            continue;
        };
        let hosts_before = before.map(|row| row.hosts.clone()).unwrap_or_default();
        let hosts = tenant_changes.hosts.apply_to(hosts_before.clone(), Vec::new());
        for host in &hosts {
            if let Some(other) = owners.insert(host.clone(), name) {
                let path = join_key(&join_key("tenants", name), "hosts");
                problems
                    .push(SettingsProblem { path, message: format!("{host} already belongs to the tenant {other}") });
            }
        }
        let shown_before = before.and_then(|row| row.display_name.clone());
        let display_name = match &tenant_changes.display_name {
            SettingChange::Keep => shown_before.clone(),
            SettingChange::Remove => None,
            SettingChange::Set(text) => Some(text.clone()),
        };
        let mut changes = Vec::new();
        match before {
            None if name != DEFAULT_TENANT => changes.push("added".to_owned()),
            Some(row) if !row.active => changes.push("enabled again".to_owned()),
            _ => {}
        }
        if hosts != hosts_before {
            changes.push(match hosts.as_slice() {
                [] => "no longer has any hosts".to_owned(),
                hosts => format!("is now reached at {}", hosts.join(", ")),
            });
        }
        if display_name != shown_before {
            changes.push("has a new display name".to_owned());
        }
        if !changes.is_empty() {
            steps.push(TenantStep { name, row: Some(Row { display_name, hosts }), changes });
        }
    }
    (steps, problems)
}

impl SettingsApplier<'_, '_> {
    pub(super) fn apply_tenants(
        &mut self,
        wanted: &[(String, SettingChange<TenantChanges>)],
    ) -> Result<(), StoreError> {
        if wanted.is_empty() {
            return Ok(());
        }
        let stored = self.tx.reader().tenants().list()?;
        let (steps, problems) = plan_steps(&stored, wanted);
        if !problems.is_empty() {
            self.problems.extend(problems);
            return Ok(());
        }
        // A host may go from one tenant to another: free all of them first.
        for step in &steps {
            match step.row {
                Some(_) => self.tx.tenants().clear_hosts(step.name)?,
                None => drop(self.tx.tenants().retire(step.name, self.now)?),
            }
        }
        for TenantStep { name, row, changes } in steps {
            if let Some(Row { display_name, hosts }) = row {
                self.tx.tenants().save(name, display_name.as_deref(), self.now)?;
                for (i, host) in hosts.iter().enumerate() {
                    self.tx.tenants().add_host(name, host, i)?;
                }
            }
            self.changes.extend(changes.into_iter().map(|what| format!("tenant {name}: {what}")));
        }
        Ok(())
    }
}
