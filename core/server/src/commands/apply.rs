//! `cairn apply`.

use super::{Project, say};
use crate::wiring::{Failure, load_model, open};
use cairn_access::{SystemClock, settings};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The settings: a JSON file, `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    /// Print the JSON Schema of the settings of this project, and apply nothing
    #[arg(long)]
    schema: bool,
    #[command(flatten)]
    project: Project,
}

impl Apply {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.project.config()?;
        crate::logging::start(&config.log.level);
        let registry = load_model(&config)?;
        let Some(file) = self.file.filter(|_| !self.schema) else {
            say(serde_json::to_string_pretty(&settings::json_schema(&registry)).map_err(|e| Failure(e.to_string()))?);
            return Ok(());
        };
        let named = |e| Failure(format!("{}: {e}", file.display()));
        let text = if file.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin()).map_err(named)?
        } else {
            std::fs::read_to_string(&file).map_err(named)?
        };
        let parsed = settings::parse(&text, &registry, &|name| std::env::var(name).ok()).map_err(|problems| {
            let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
            Failure(format!("{}: nothing was applied:\n{}", file.display(), list.join("\n")))
        })?;
        let access = open(&config, registry, Arc::new(SystemClock)).await?;
        let changes = settings::apply(&access, parsed).await.map_err(|e| Failure(e.to_string()))?;
        for change in &changes {
            say(change);
        }
        if changes.is_empty() {
            say("nothing to change");
        }
        Ok(())
    }
}
