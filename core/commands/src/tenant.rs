//! `cairn tenant`.

use super::{ProjectArgs, declared_tenants, print_line};
use cairn_access::{DEFAULT_TENANT, format_iso};
use cairn_app::OperatorError;
use cairn_app::wiring::erase_tenant;
use clap::Subcommand;
use std::time::Duration;

/// A running server takes up within a second that a tenant is out of service; what it has open it closes then.
const SERVER_NOTICE_TIME: Duration = Duration::from_secs(2);

/// Arguments of `cairn tenant`.
#[derive(Debug, clap::Args)]
pub struct TenantArgs {
    #[command(subcommand)]
    command: TenantCommand,
}

#[derive(Debug, Subcommand)]
enum TenantCommand {
    /// List the tenants with name, state, hosts and display name
    List {
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Permanently delete a tenant with all its data: database, files, users, tokens
    Delete {
        /// The name of the tenant to delete
        #[arg(value_name = "NAME")]
        name: String,
        /// Confirm the deletion; without this option, nothing is deleted
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl TenantArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            TenantCommand::List { project } => list_tenants(&project).await,
            TenantCommand::Delete { name, yes, project } => delete_tenant(&project, &name, yes).await,
        }
    }
}

async fn list_tenants(project: &ProjectArgs) -> Result<(), OperatorError> {
    let context = project.load_context()?;
    let rows = declared_tenants(&context.access_once(DEFAULT_TENANT).await?)?;
    let default = rows.iter().find(|row| row.name == DEFAULT_TENANT);
    let line = |name: &str, state: &str, hosts: &str, display_name: Option<&str>| {
        print_line(format!("{name:31}  {state:14}  {hosts}  {}", display_name.unwrap_or_default()).trim_end());
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

async fn delete_tenant(project: &ProjectArgs, name: &str, yes: bool) -> Result<(), OperatorError> {
    if name == DEFAULT_TENANT {
        return Err(OperatorError("the default tenant cannot be deleted: it belongs to the project".into()));
    }
    let context = project.load_context()?;
    let default = context.access_once(DEFAULT_TENANT).await?;
    let row = declared_tenants(&default)?.into_iter().find(|row| row.name == name);
    let row = row.ok_or_else(|| {
        OperatorError(format!("tenant {name:?} not found; list the tenants with `cairn tenant list`"))
    })?;
    let database = context.databases.for_tenant(&row.name)?;
    let uploads = context.upload_storage(&row.name)?;
    if !yes {
        return Err(OperatorError(format!(
            "nothing was deleted; use --yes to permanently delete:\n  {database}\n  {uploads}"
        )));
    }
    let failed = |e| OperatorError(format!("{name}: {e}"));
    let (tenant, now) = (row.name.clone(), format_iso(default.now()));
    let was_active = default.store().write(move |tx| tx.tenants().retire(&tenant, &now)).await.map_err(failed)?;
    if was_active {
        print_line(format_args!("{name}: out of service"));
        tokio::time::sleep(SERVER_NOTICE_TIME).await;
    }
    let (config, tenant) = (context.config.clone(), row.name.clone());
    let erased = tokio::task::spawn_blocking(move || erase_tenant(&config, &database, &uploads, &tenant)).await;
    erased.map_err(|e| OperatorError(e.to_string()))??;
    // Last: a deletion that stopped half way can be repeated.
    let tenant = row.name.clone();
    default.store().write(move |tx| tx.tenants().delete(&tenant)).await.map_err(failed)?;
    print_line(format_args!("{name}: deleted"));
    Ok(())
}
