//! `tenants` of the file: their names, hosts and settings.

use super::Settings;
use super::apply::SettingsApplier;
use super::parse::{FILE_KEYS, SettingsParser};
use crate::HostName;
use crate::change::{SettingChange, SettingsProblem};
use crate::walk::{SettingsWalk, join_index, join_key};
use cairn_access::{DEFAULT_TENANT, is_tenant_name};
use cairn_store::StoreError;
use cairn_store::system::TenantRow;
use serde_json::Value as Json;
use std::collections::BTreeMap;

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

impl SettingsParser<'_> {
    pub(super) fn parse_tenants(&mut self, json: &Json, settings: &mut Settings) {
        let Some(map) = self.walk.read_map(json, "tenants") else { return };
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (name, json) in map {
            let path = join_key("tenants", name);
            if !is_tenant_name(name) {
                let message = "expected the name of a tenant: a to z, 0 to 9 and -, starting with a letter, at most 31 \
                     characters";
                self.walk.add_problem(&path, message);
                continue;
            }
            if json.is_null() {
                if name == DEFAULT_TENANT {
                    self.walk.add_problem(&path, "this tenant cannot be removed");
                }
                settings.tenants.push((name.clone(), SettingChange::Remove));
                continue;
            }
            let keys: &[&str] = match name.as_str() {
                DEFAULT_TENANT => &["hosts", "displayName"],
                _ => &["hosts", "displayName", "settings"],
            };
            let Some(map) = self.walk.read_object(json, &path, keys) else { continue };
            let hosts = self.walk.read_change(map, &path, "hosts", parse_hosts);
            for host in hosts.new_value().into_iter().flatten() {
                if let Some(other) = owners.insert(host.clone(), name.clone()) {
                    let path = join_key(&path, "hosts");
                    self.walk.add_problem(&path, format!("{host} already belongs to the tenant {other}"));
                }
            }
            let display_name = self.walk.read_change(map, &path, "displayName", |walk, json, path| {
                let text = walk.read_text(json, path)?;
                if text.chars().count() > MAX_DISPLAY_NAME_CHARS || text.chars().any(char::is_control) {
                    walk.add_problem(path, format!("must be one line of at most {MAX_DISPLAY_NAME_CHARS} characters"));
                    return None;
                }
                Some(text)
            });
            if let Some(json) = map.get("settings")
                && let Some(own) = self.tenant_settings(name, json, &join_key(&path, "settings"))
            {
                settings.tenant_settings.push((name.clone(), own));
            }
            settings.tenants.push((name.clone(), SettingChange::Set(TenantChanges { hosts, display_name })));
        }
    }

    /// Parses the settings of one tenant, and checks them against its model.
    fn tenant_settings(&mut self, name: &str, json: &Json, path: &str) -> Option<Settings> {
        let registry = match (self.registry_of)(name) {
            Ok(registry) => registry,
            Err(e) => {
                self.walk.add_problem(path, e);
                return None;
            }
        };
        let mut walk = SettingsWalk::default();
        let own: Vec<&str> = FILE_KEYS.iter().copied().filter(|key| *key != "tenants").collect();
        let registry = registry.as_deref().unwrap_or(self.registry);
        let parser = SettingsParser { walk: &mut walk, registry, registry_of: self.registry_of };
        let settings = parser.parse_file(json, &own);
        for problem in walk.into_problems() {
            let blank = problem.path.is_empty() || problem.path.starts_with('[');
            let dot = if blank { "" } else { "." };
            self.walk.add_problem(&format!("{path}{dot}{}", problem.path), problem.message);
        }
        Some(settings)
    }
}

fn parse_hosts(walk: &mut SettingsWalk, json: &Json, path: &str) -> Option<Vec<String>> {
    let mut hosts = Vec::new();
    for (i, json) in walk.read_list(json, path)?.iter().enumerate() {
        let path = join_index(path, i);
        let Some(text) = walk.read_text(json, &path) else { continue };
        let Some(host) = HostName::parse(text.as_bytes()) else {
            walk.add_problem(&path, "expected a host name, such as shop.example.com (write other scripts as xn--…)");
            continue;
        };
        let host = host.as_str().to_owned();
        if !text.trim_end_matches('.').eq_ignore_ascii_case(&host) {
            walk.add_problem(&path, format!("must not contain a port: use {host}"));
        } else if hosts.contains(&host) {
            walk.add_problem(&path, format!("{host} occurs twice"));
        } else {
            hosts.push(host);
        }
    }
    Some(hosts)
}

/// What to do with one tenant.
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
