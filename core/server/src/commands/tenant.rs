//! `cairn tenant`.

use super::{Project, declared, say};
use crate::wiring::{Failure, erase};
use cairn_access::{DEFAULT_TENANT, iso};
use clap::Subcommand;
use std::time::Duration;

/// A running server takes up within a second that a tenant is out of service; what it has open it closes then.
const NOTICED: Duration = Duration::from_secs(2);

#[derive(Debug, clap::Args)]
pub(super) struct Tenant {
    #[command(subcommand)]
    command: TenantCommand,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// List the tenants with name, state, hosts and display name
    List {
        #[command(flatten)]
        project: Project,
    },
    /// Permanently delete a tenant with all its data: database, files, users, tokens
    Delete {
        /// The tenant
        #[arg(value_name = "NAME")]
        name: String,
        /// Confirm the deletion; without this option, nothing is deleted
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        project: Project,
    },
}

impl Tenant {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            TenantCommand::List { project } => list(&project).await,
            TenantCommand::Delete { name, yes, project } => delete(&project, &name, yes).await,
        }
    }
}

async fn list(project: &Project) -> Result<(), Failure> {
    let ground = project.ground()?;
    let rows = declared(&ground.access_once(DEFAULT_TENANT).await?)?;
    let default = rows.iter().find(|row| row.name == DEFAULT_TENANT);
    let line = |name: &str, state: &str, hosts: &str, shown: Option<&str>| {
        say(format!("{name:31}  {state:14}  {hosts}  {}", shown.unwrap_or_default()).trim_end());
    };
    let hosts = default.map(|row| row.hosts.join(",")).filter(|hosts| !hosts.is_empty());
    let hosts = hosts.as_deref().unwrap_or("(every other host)");
    line(DEFAULT_TENANT, "in service", hosts, default.and_then(|row| row.display_name.as_deref()));
    for row in rows.iter().filter(|row| row.name != DEFAULT_TENANT) {
        let hosts = if row.hosts.is_empty() { "(no host)".to_owned() } else { row.hosts.join(",") };
        let state = if row.active { "in service" } else { "out of service" };
        line(&row.name, state, &hosts, row.display_name.as_deref());
    }
    Ok(())
}

async fn delete(project: &Project, name: &str, yes: bool) -> Result<(), Failure> {
    if name == DEFAULT_TENANT {
        return Err(Failure("the default tenant cannot be deleted: it belongs to the project".into()));
    }
    let ground = project.ground()?;
    let default = ground.access_once(DEFAULT_TENANT).await?;
    let row = declared(&default)?.into_iter().find(|row| row.name == name);
    let row =
        row.ok_or_else(|| Failure(format!("tenant {name:?} not found; list the tenants with `cairn tenant list`")))?;
    let database = ground.databases.of(&row.name)?;
    let uploads = ground.uploads(&row.name)?;
    if !yes {
        return Err(Failure(format!(
            "nothing was deleted; use --yes to permanently delete:\n  {database}\n  {uploads}"
        )));
    }
    let failed = |e| Failure(format!("{name}: {e}"));
    let (tenant, now) = (row.name.clone(), iso(default.now()));
    let was_active = default.store().write(move |tx| tx.retire_tenant(&tenant, &now)).await.map_err(failed)?;
    if was_active {
        say(format_args!("{name}: out of service"));
        tokio::time::sleep(NOTICED).await;
    }
    let (config, tenant) = (ground.config.clone(), row.name.clone());
    let erased = tokio::task::spawn_blocking(move || erase(&config, &database, &uploads, &tenant)).await;
    erased.map_err(|e| Failure(e.to_string()))??;
    // Last: a deletion that stopped half way can be repeated.
    let tenant = row.name.clone();
    default.store().write(move |tx| tx.forget_tenant(&tenant)).await.map_err(failed)?;
    say(format_args!("{name}: deleted"));
    Ok(())
}
