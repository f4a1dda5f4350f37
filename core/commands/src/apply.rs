//! `cairn apply`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::DEFAULT_TENANT;
use cairn_app::OperatorError;
use cairn_app::tenants;
use cairn_settings as settings;
use serde_json::Value as Json;
use std::path::PathBuf;

/// Arguments of `cairn apply`.
#[derive(Debug, clap::Args)]
pub struct ApplyArgs {
    /// The settings file (JSON), or `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// Print the JSON Schema of this project's settings, without applying anything
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl ApplyArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        let context = self.project.load_context()?;
        cairn_app::strapi_code::warn_unsupported(&context.config);
        let name = self.tenant.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
        let Some(file) = self.file.filter(|_| !self.schema) else {
            let own = context.tenant_registry(name)?;
            let schema = settings::json_schema(&own.unwrap_or_else(|| context.registry()));
            print_line(serde_json::to_string_pretty(&schema).map_err(|e| OperatorError(e.to_string()))?);
            return Ok(());
        };
        let file_error = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", file.display()));
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin()).map_err(|e| file_error(&e))?
        } else {
            std::fs::read_to_string(&file).map_err(|e| file_error(&e))?
        };
        let env = |name: &str| std::env::var(name).ok();
        let (access, _) = self.tenant.open_tenant(&context).await?;
        let changes = if name == DEFAULT_TENANT {
            tenants::apply_to_tenants(&context, &access, &|_| None, &text, &env).await.map_err(|e| file_error(&e))?
        } else {
            if serde_json::from_str::<Json>(&text).is_ok_and(|json| json.get("tenants").is_some()) {
                return Err(file_error(&"tenants: tenants can only be declared without --tenant"));
            }
            let parsed = settings::parse_settings(&text, access.store().registry(), &env).map_err(|problems| {
                let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
                file_error(&format_args!("nothing was applied:\n{}", list.join("\n")))
            })?;
            settings::apply_settings(&access, parsed).await.map_err(|e| file_error(&e))?
        };
        for change in &changes {
            print_line(change);
        }
        if changes.is_empty() {
            print_line("nothing to change");
        }
        Ok(())
    }
}
