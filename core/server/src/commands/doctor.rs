//! `cairn doctor`.

use super::{OfTenant, Project, declared, say};
use crate::uploads::Uploads;
use crate::wiring::{Failure, Ground, OPEN_REGISTRATION};
use cairn_access::{AccessControl, DEFAULT_TENANT, SystemClock};
use cairn_content::ContentError;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let config = self.project.config()?;
        crate::logging::start(&config.log.level);
        say(format_args!("ok    configuration: {}", config.project.display()));
        let ground = Ground::new(config, Arc::new(SystemClock))?;
        let types = ground.registry().types().iter().filter(|t| t.is_api()).count();
        say(format_args!("ok    content types: {types}, components: {}", ground.registry().components().len()));
        strapi(&ground);
        if let Some(name) = &self.tenant.tenant {
            let pending = schema(&ground, name).await?;
            if pending > 0 {
                return finish(pending);
            }
            let (access, _) = self.tenant.open(&ground).await?;
            return finish(check(&ground, name, access).await?);
        }
        // A schema that no start would change opens nothing.
        let pending = schema(&ground, DEFAULT_TENANT).await?;
        if pending > 0 {
            return finish(pending);
        }
        let default = ground.access_once(DEFAULT_TENANT).await?;
        let others = declared(&default)?;
        let mut findings = check(&ground, DEFAULT_TENANT, default).await?;
        for row in others.iter().filter(|row| row.name != DEFAULT_TENANT) {
            let state = if row.active { "" } else { " (out of service)" };
            say(format_args!("\ntenant {}{state}", row.name));
            if !ground.databases.of(&row.name)?.exists().map_err(|e| Failure(e.to_string()))? {
                say("ok    no data yet: the first request creates the database");
                continue;
            }
            let pending = schema(&ground, &row.name).await.unwrap_or_else(|e| {
                say(format_args!("WRONG {e}"));
                1
            });
            if pending > 0 {
                findings += pending;
                continue;
            }
            // One that does not open must not hide what is wrong with the next.
            let checked = match ground.access_once(&row.name).await {
                Ok(access) => check(&ground, &row.name, access).await,
                Err(e) => Err(e),
            };
            findings += checked.unwrap_or_else(|e| {
                say(format_args!("WRONG {e}"));
                1
            });
        }
        finish(findings)
    }
}

/// What of a Strapi project does nothing here, by name: no fault of its content.
fn strapi(ground: &Ground) {
    for note in &ground.config.rest.notes {
        say(format_args!("note  {note}"));
    }
    let code = crate::strapi_code::find(&ground.config.project);
    for (what, places) in code.parts() {
        say(format_args!("note  code that Cairn does not run, {what}: {}", places.len()));
        for place in places {
            say(format_args!("        {place}"));
        }
    }
}

/// Compares the content types with the database of a tenant; how much is wrong.
async fn schema(ground: &Ground, tenant: &str) -> Result<usize, Failure> {
    let place = super::schema::Place::of(ground, tenant)?;
    let findings =
        tokio::task::spawn_blocking(move || place.findings()).await.map_err(|e| Failure(e.to_string()))??;
    for finding in &findings {
        say(format_args!("WRONG {finding}"));
    }
    if findings.is_empty() {
        say("ok    schema: content types and tables");
    }
    Ok(findings.len())
}

/// Checks one tenant, and answers how much is wrong with it.
async fn check(ground: &Ground, tenant: &str, access: AccessControl) -> Result<usize, Failure> {
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
    match access.open_registration() {
        Some(role) => say(format_args!("note  registration: {OPEN_REGISTRATION}; new users get the role {role}")),
        None => say("ok    registration: not public"),
    }
    for wrong in access.store().repair_plugin_usage().await.map_err(|e| Failure(e.to_string()))? {
        say(format_args!("fixed plugin usage: {wrong}"));
    }
    files(ground.uploads(tenant)?).await?;
    Ok(findings.len())
}

/// Whether files can be kept.
async fn files(uploads: Uploads) -> Result<(), Failure> {
    let uploads = match uploads {
        Uploads::Folder(path) => path,
        Uploads::Bucket(bucket) => {
            let place = bucket.to_string();
            let checked = tokio::task::spawn_blocking(move || bucket.check()).await;
            let checked = checked.map_err(|e| Failure(e.to_string()))?;
            checked.map_err(ContentError::from).map_err(|e| Failure(format!("{place}: {e}")))?;
            say(format_args!("ok    files: {place}"));
            return Ok(());
        }
    };
    match tempfile::Builder::new().prefix(".doctor").tempfile_in(&uploads) {
        Ok(_) => say(format_args!("ok    files: {}", uploads.display())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            say("ok    files: the folder will be created at the first start")
        }
        Err(e) => return Err(Failure(format!("cannot write to {}: {e}", uploads.display()))),
    }
    Ok(())
}

fn finish(findings: usize) -> Result<(), Failure> {
    if findings == 0 { Ok(()) } else { Err(Failure(format!("{findings} finding(s)"))) }
}
