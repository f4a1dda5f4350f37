//! `cairn apply`.

use super::{OfTenant, Project, say};
use crate::tenants;
use crate::wiring::Failure;
use cairn_access::{DEFAULT_TENANT, settings};
use serde_json::Value as Json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The settings file (JSON), or `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// Print the JSON Schema of this project's settings, without applying anything
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

impl Apply {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let ground = self.project.ground()?;
        crate::strapi_code::warn(&ground.config);
        let name = self.tenant.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
        let Some(file) = self.file.filter(|_| !self.schema) else {
            let own = ground.own_registry(name)?;
            let schema = settings::json_schema(&own.unwrap_or_else(|| ground.registry()));
            say(serde_json::to_string_pretty(&schema).map_err(|e| Failure(e.to_string()))?);
            return Ok(());
        };
        let named = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin()).map_err(|e| named(&e))?
        } else {
            std::fs::read_to_string(&file).map_err(|e| named(&e))?
        };
        let env = |name: &str| std::env::var(name).ok();
        let (access, _) = self.tenant.open(&ground).await?;
        let changes = if name == DEFAULT_TENANT {
            tenants::apply(&ground, &access, &|_| None, &text, &env).await.map_err(|e| named(&e))?
        } else {
            if serde_json::from_str::<Json>(&text).is_ok_and(|json| json.get("tenants").is_some()) {
                return Err(named(&"tenants: tenants can only be declared without --tenant"));
            }
            let parsed = settings::parse(&text, access.store().registry(), &env).map_err(|problems| {
                let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
                named(&format_args!("nothing was applied:\n{}", list.join("\n")))
            })?;
            settings::apply(&access, parsed).await.map_err(|e| named(&e))?
        };
        for change in &changes {
            say(change);
        }
        if changes.is_empty() {
            say("nothing to change");
        }
        Ok(())
    }
}
