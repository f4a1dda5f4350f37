//! Settings as code, for all tenants of a file: each tenant's own go into its own database, which tenants there are goes
//! into the default one's, last and at once. So a new tenant is not in service before its settings hold.

use super::Tenants;
use crate::operator_error::OperatorError;
use crate::tenant::Tenant;
use crate::wiring::ProcessContext;
use cairn_access::AccessControl;
use cairn_settings::{self as settings, ApplyError, Settings, SettingsProblem};
use std::sync::Arc;

impl Tenants {
    /// As [`apply_to_tenants`], on the running application, which takes it up at once.
    pub(crate) async fn apply_settings(
        &self,
        text: &str,
        env: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Vec<String>, OperatorError> {
        let open = |name: &str| self.find_slot(name).and_then(|slot| slot.peek());
        let changes = apply_to_tenants(&self.ground, &self.default_tenant().access, &open, text, env).await?;
        self.refresh_directory().map_err(|e| OperatorError(format!("cannot read the tenants: {e}")))?;
        Ok(changes)
    }
}

/// Applies a settings file and tells what changed. `open` gives a tenant that is open in this process. On an error in one
/// tenant's settings those before it in the file are applied, and the file can be applied again.
pub async fn apply_to_tenants(
    context: &ProcessContext,
    default: &AccessControl,
    open: &(dyn Fn(&str) -> Option<Arc<Tenant>> + Sync),
    text: &str,
    env: &(dyn Fn(&str) -> Option<String> + Sync),
) -> Result<Vec<String>, OperatorError> {
    let mut settings = parse_settings(context, text, env)?;
    let stored = default.store().read(|r| r.tenants().list()).map_err(|e| OperatorError(e.to_string()))?;
    let problems = settings.tenant_problems(&stored);
    if !problems.is_empty() {
        return Err(nothing_applied(&problems));
    }
    let mut changes = Vec::new();
    for (name, own) in settings.take_tenant_settings() {
        let path = format!("tenants.{name}.settings");
        let at = |e: String| OperatorError(format!("{path}: {e}"));
        let tenant_changes = match open(&name) {
            Some(tenant) => settings::apply_settings(&tenant.access, own).await,
            None => {
                let access = context.access_once(&name).await.map_err(|e| at(e.to_string()))?;
                settings::apply_settings(&access, own).await
            }
        };
        let tenant_changes = tenant_changes.map_err(|e| at(e.to_string()))?;
        changes.extend(tenant_changes.into_iter().map(|change| format!("tenant {name}: {change}")));
    }
    changes.extend(settings::apply_settings(default, settings).await.map_err(|e| match e {
        ApplyError::Problems(problems) if changes.is_empty() => nothing_applied(&problems),
        other => OperatorError(other.to_string()),
    })?);
    Ok(changes)
}

/// Finds the problems of a settings file that declares tenants, before anything is applied.
pub(super) fn find_problems(
    context: &ProcessContext,
    default: &AccessControl,
    text: &str,
) -> Result<Vec<SettingsProblem>, OperatorError> {
    let registry_of = |name: &str| context.tenant_registry(name).map_err(|e| e.to_string());
    let settings = match settings::parse_settings_with(text, &context.registry(), &registry_of, &|_| None) {
        Ok(settings) => settings,
        Err(problems) => return Ok(problems),
    };
    let stored = default.store().read(|r| r.tenants().list()).map_err(|e| OperatorError(e.to_string()))?;
    Ok(settings.tenant_problems(&stored))
}

fn parse_settings(
    context: &ProcessContext,
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, OperatorError> {
    let registry_of = |name: &str| context.tenant_registry(name).map_err(|e| e.to_string());
    settings::parse_settings_with(text, &context.registry(), &registry_of, env)
        .map_err(|problems| nothing_applied(&problems))
}

fn nothing_applied(problems: &[SettingsProblem]) -> OperatorError {
    let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    OperatorError(format!("nothing was applied:\n{}", list.join("\n")))
}
