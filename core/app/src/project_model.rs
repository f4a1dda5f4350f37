//! The content types of a project, read from its files.

use crate::config::Config;
use crate::operator_error::OperatorError;
use cairn_access::DEFAULT_TENANT;
use cairn_model::Registry;
use cairn_model::load::{LoadedModel, SchemaProblem, load_project, load_with};
use std::sync::Arc;

/// Loads the model of a project; an error has every problem of every file.
pub fn load_model(config: &Config) -> Result<Arc<Registry>, OperatorError> {
    report_loaded(load_project(&config.project))
}

/// The model, or an error with every problem of every file.
pub fn report_loaded(result: Result<LoadedModel, Vec<SchemaProblem>>) -> Result<Arc<Registry>, OperatorError> {
    match result {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                tracing::warn!("{warning}");
            }
            Ok(Arc::new(loaded.registry))
        }
        Err(problems) => {
            let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
            Err(OperatorError(format!(
                "the content types have {} problem{}:\n{}",
                list.len(),
                if list.len() == 1 { "" } else { "s" },
                list.join("\n")
            )))
        }
    }
}

/// The model of a tenant that adds content types; `None` for others. Reads files.
pub fn load_tenant_registry(config: &Config, tenant: &str) -> Result<Option<Arc<Registry>>, OperatorError> {
    let own = Config::own_types_folder(tenant);
    // A link that leads nowhere is a mistake that loading tells.
    if tenant == DEFAULT_TENANT || config.project.join(&own).symlink_metadata().is_err() {
        return Ok(None);
    }
    report_loaded(load_with(&config.project, &[&own])).map(Some)
}
