//! `cairn doctor`.

use super::{Project, say};
use crate::wiring::{Failure, load_model, open};
use cairn_access::SystemClock;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    project: Project,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.project.config()?;
        say(format_args!("ok    configuration: {}", config.project.display()));
        let registry = load_model(&config)?;
        let types = registry.types().iter().filter(|t| t.is_api()).count();
        say(format_args!("ok    content types: {types}, components: {}", registry.components().len()));
        let access = open(&config, registry, Arc::new(SystemClock)).await?;
        say(format_args!("ok    database: {}", access.store().place()));
        let store = access.store().clone();
        let findings = tokio::task::spawn_blocking(move || store.check()).await.map_err(|e| Failure(e.to_string()))?;
        let findings = findings.map_err(|e| Failure(e.to_string()))?;
        for finding in &findings {
            say(format_args!("WRONG {finding}"));
        }
        if findings.is_empty() {
            say("ok    integrity: pages, links, counts and versions");
        }
        let uploads = config.assets_path()?;
        match tempfile::Builder::new().prefix(".doctor").tempfile_in(&uploads) {
            Ok(_) => say(format_args!("ok    files: {}", uploads.display())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                say("ok    files: the folder is made by the first start")
            }
            Err(e) => return Err(Failure(format!("{} cannot be written: {e}", uploads.display()))),
        }
        if findings.is_empty() { Ok(()) } else { Err(Failure(format!("{} finding(s)", findings.len()))) }
    }
}
