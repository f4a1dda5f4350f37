//! Roles of admin users as the settings have them now: what those of a user permit, and which of them permit an action.

use super::permissions::CompiledPermissions;
use super::{AdminAction, AdminPermissions, AdminRole, EVERY_TYPE, SUPER_ADMIN_ROLE};
use crate::AccessControl;
use crate::permissions::now_to_second;
use crate::settings_snapshot::SettingsSnapshot;
use cairn_model::Registry;
use serde_json::json;
use std::sync::Arc;

/// Number of sets of roles whose permissions are cached; beyond that they are resolved for each request.
const CACHE_CAPACITY: usize = 500;

impl SettingsSnapshot {
    /// The permissions of these roles, without their variables.
    fn admin_rights(&self, registry: &Registry, roles: &[String]) -> Arc<CompiledPermissions> {
        let mut known: Vec<String> =
            roles.iter().filter(|code| self.admin_roles.iter().any(|r| r.code == **code)).cloned().collect();
        known.sort();
        known.dedup();
        let mut cache = self.admin_rights.lock();
        if let Some(compiled) = cache.get(&known) {
            return compiled.clone();
        }
        let matched_roles: Vec<&AdminRole> =
            self.admin_roles.iter().filter(|role| known.contains(&role.code)).collect();
        let key = format!("admin roles {} #{}", json!(known), self.generation);
        let compiled = Arc::new(CompiledPermissions::from_roles(registry, &key, &matched_roles));
        if cache.len() < CACHE_CAPACITY {
            cache.insert(known, compiled.clone());
        }
        compiled
    }
}

impl AccessControl {
    /// The permissions of an admin user with these roles. Codes without a role give none.
    pub fn admin_rights(&self, roles: &[String], id: Option<i64>, email: &str) -> Arc<AdminPermissions> {
        if roles.iter().any(|role| role == SUPER_ADMIN_ROLE) {
            return Arc::new(AdminPermissions::full_access());
        }
        let compiled = self.settings_snapshot().admin_rights(self.store().registry(), roles);
        if compiled.variables.is_empty() {
            return Arc::new(compiled.rights.clone());
        }
        Arc::new(compiled.filled_in(id, email, now_to_second(self.now())))
    }

    /// Lists all roles of admin users: the built-in ones first.
    pub fn admin_roles(&self) -> Vec<AdminRole> {
        self.settings_snapshot().admin_roles.clone()
    }

    /// The display name of a role; the code itself if it is only a label.
    pub fn admin_role_name(&self, code: &str) -> String {
        let state = self.settings_snapshot();
        state.admin_roles.iter().find(|role| role.code == code).map_or(code, |role| &role.name).to_owned()
    }

    /// The codes of the roles that permit an action.
    pub fn roles_with(&self, action: AdminAction) -> Vec<String> {
        let state = self.settings_snapshot();
        state.admin_roles.iter().filter(|role| role.actions.contains(action)).map(|role| role.code.clone()).collect()
    }

    /// The codes of the roles that grant a permission of a plugin (`plugin::crm.deals.reassign`).
    pub fn roles_with_plugin(&self, permission: &str) -> Vec<String> {
        let state = self.settings_snapshot();
        let has = |role: &&AdminRole| role.code == SUPER_ADMIN_ROLE || role.of_plugins.contains(permission);
        state.admin_roles.iter().filter(has).map(|role| role.code.clone()).collect()
    }

    /// The codes of the roles that permit an action (`find` … `publish`) on a content type, perhaps on some entries only.
    pub fn roles_with_content(&self, uid: &str, action: &str) -> Vec<String> {
        let state = self.settings_snapshot();
        let has = |role: &&AdminRole| {
            role.grants.iter().any(|g| (g.subject == uid || g.subject == EVERY_TYPE) && g.action == action)
        };
        state.admin_roles.iter().filter(has).map(|role| role.code.clone()).collect()
    }
}
