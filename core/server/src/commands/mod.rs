//! The `cairn` program's commands, one file each.

mod apply;
mod assets;
mod audit;
mod backup;
mod doctor;
mod export;
mod plugin;
mod restore;
mod schema;
mod schema_files;
mod seal;
mod serve;
mod tenant;
mod user;

use crate::config::Config;
use crate::wiring::{DOCUMENT_HELPER, OperatorError, ProcessContext};
use cairn_access::{AccessControl, DEFAULT_TENANT, SystemClock};
use cairn_store::StoreError;
use cairn_store::system::TenantRow;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// A headless CMS in one binary: typed content, served through Strapi v5's REST dialect.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a project: the content API and its files
    Serve(serve::ServeArgs),
    /// Apply settings as code: locales, roles, permissions, API tokens, admin users
    Apply(apply::ApplyArgs),
    /// Change the database schema and migrate its content: plan, apply, check, and restore dropped content
    Schema(schema::SchemaArgs),
    /// Manage users: create an admin user, print password reset links
    User(user::UserArgs),
    /// Check a project: its files, databases, settings and disk
    Doctor(doctor::DoctorArgs),
    /// List the tenants of a project, or delete one with its data
    Tenant(tenant::TenantArgs),
    /// Back up a tenant's database and uploaded files to one file, also while the server is running
    Backup(backup::BackupArgs),
    /// Restore a tenant from a backup
    Restore(restore::RestoreArgs),
    /// Export the content of a tenant as readable JSON lines, one per document
    Export(export::ExportArgs),
    /// Verify or export the audit log
    Audit(audit::AuditArgs),
    /// Check, pack, install and manage plugins
    Plugin(plugin::PluginArgs),
    /// Manage the keys and certificates that seal PDFs
    Seal(seal::SealArgs),
    /// Verify the stored objects of files, copy them to another location, or re-encrypt them
    Assets(assets::AssetsArgs),
}

/// Where this process was started to read a document that somebody uploaded: does that. `None`: it was not.
pub fn document_helper() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != DOCUMENT_HELPER {
        return None;
    }
    let path = PathBuf::from(arguments.next()?);
    let read = cairn_assets::document_helper(&path, &mut std::io::stdout().lock());
    Some(if read.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The project of a command.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ProjectArgs {
    /// The project's folder: cairn.toml, content-types/ or src/, data/
    #[arg(long, value_name = "DIR", default_value = ".", env = "CAIRN_PROJECT")]
    project: PathBuf,
}

impl ProjectArgs {
    fn load_config(&self) -> Result<Config, OperatorError> {
        Ok(Config::load(&self.project, &|name| std::env::var(name).ok())?)
    }

    /// What its tenants are opened with. Logging is on from here.
    fn load_context(&self) -> Result<ProcessContext, OperatorError> {
        let config = self.load_config()?;
        crate::logging::start_logging(&config.log.level);
        ProcessContext::new(config, Arc::new(SystemClock))
    }
}

/// The tenant of a command.
#[derive(Debug, clap::Args)]
pub(crate) struct TenantNameArgs {
    /// The tenant, if the project has more than the default one
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

impl TenantNameArgs {
    fn name(&self) -> &str {
        self.tenant.as_deref().unwrap_or(DEFAULT_TENANT)
    }

    /// As [`Self::open_tenant`], of a tenant that has a database already.
    async fn open_filled(&self, ground: &ProcessContext) -> Result<AccessControl, OperatorError> {
        let (database, name) = (ground.databases.for_tenant(DEFAULT_TENANT)?, self.name());
        let none = |name: &str| {
            OperatorError(format!(
                "tenant {name} has no data yet; nothing was written. Start the server once to create its database"
            ))
        };
        if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
            return Err(none(DEFAULT_TENANT));
        }
        if name != DEFAULT_TENANT {
            let default = ground.access_once(DEFAULT_TENANT).await?;
            let row = declared_tenants(&default)?.into_iter().find(|row| row.name == name);
            let row = row.ok_or_else(|| undeclared_error(name))?;
            let database = ground.databases.for_tenant(&row.name)?;
            if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
                return Err(none(name));
            }
        }
        Ok(self.open_tenant(ground).await?.0)
    }

    /// Opens the tenant, which must be declared; the default one where none is named. With it, what is declared of it.
    async fn open_tenant(&self, ground: &ProcessContext) -> Result<(AccessControl, Option<TenantRow>), OperatorError> {
        let name = self.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
        let default = ground.access_once(DEFAULT_TENANT).await?;
        let row = declared_tenants(&default)?.into_iter().find(|row| row.name == name);
        if name == DEFAULT_TENANT {
            return Ok((default, row));
        }
        let row = row.ok_or_else(|| undeclared_error(name))?;
        Ok((ground.access_once(&row.name).await?, Some(row)))
    }
}

fn undeclared_error(name: &str) -> OperatorError {
    OperatorError(format!(
        "tenant {name:?} not found; list the tenants with `cairn tenant list`, or create one with `cairn apply`"
    ))
}

/// Which tenants are declared, in service or not.
fn declared_tenants(default: &AccessControl) -> Result<Vec<TenantRow>, OperatorError> {
    default
        .store()
        .read(|r| r.tenants())
        .map_err(|e: StoreError| OperatorError(format!("cannot read the tenants: {e}")))
}

impl Cli {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            Command::Serve(c) => c.run().await,
            Command::Apply(c) => c.run().await,
            Command::Schema(c) => c.run().await,
            Command::User(c) => c.run().await,
            Command::Doctor(c) => c.run().await,
            Command::Tenant(c) => c.run().await,
            Command::Backup(c) => c.run().await,
            Command::Restore(c) => c.run().await,
            Command::Export(c) => c.run().await,
            Command::Audit(c) => c.run().await,
            Command::Plugin(c) => c.run().await,
            Command::Seal(c) => c.run().await,
            Command::Assets(c) => c.run().await,
        }
    }
}

/// A line for the terminal, or for the program behind the pipe; one that has gone away is no error.
pub(crate) fn print_line(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
