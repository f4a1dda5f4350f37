//! Commands of the `cairn` program, one file each, without those that need its routes.

pub mod apply;
pub mod assets;
pub mod backup;
pub mod doctor;
pub mod export;
pub mod import;
pub mod person;
pub mod plugin;
pub mod restore;
pub mod schema;
mod schema_files;
mod schema_restore;
pub mod seal;
pub mod tenant;
pub mod types;
pub mod user;

use cairn_access::{AccessControl, DEFAULT_TENANT, SystemClock};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::wiring::{DOCUMENT_HELPER, ProcessContext};
use cairn_store::StoreError;
use cairn_store::system::TenantRow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

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
pub struct ProjectArgs {
    /// The project's folder: cairn.toml, content-types/ or src/, data/
    #[arg(long, value_name = "DIR", default_value = ".", env = "CAIRN_PROJECT")]
    project: PathBuf,
}

impl ProjectArgs {
    /// Reads `cairn.toml` and the variables of the environment.
    pub fn load_config(&self) -> Result<Config, OperatorError> {
        Ok(Config::load(&self.project, &|name| std::env::var(name).ok())?)
    }

    /// Loads the context that its tenants are opened with. Logging is on from here.
    pub fn load_context(&self) -> Result<ProcessContext, OperatorError> {
        let config = self.load_config()?;
        cairn_app::logging::start_logging(&config.log.level);
        ProcessContext::new(config, Arc::new(SystemClock))
    }
}

/// The tenant of a command.
#[derive(Debug, clap::Args)]
pub struct TenantNameArgs {
    /// The tenant, if the project has more than the default one
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
}

impl TenantNameArgs {
    fn name(&self) -> &str {
        self.tenant.as_deref().unwrap_or(DEFAULT_TENANT)
    }

    /// As [`Self::open_tenant`], of a tenant that has a database already.
    pub async fn open_filled(&self, context: &ProcessContext) -> Result<AccessControl, OperatorError> {
        let (database, name) = (context.databases.for_tenant(DEFAULT_TENANT)?, self.name());
        let none = |name: &str| {
            OperatorError(format!(
                "tenant {name} has no data yet; nothing was written. Start the server once to create its database"
            ))
        };
        if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
            return Err(none(DEFAULT_TENANT));
        }
        if name != DEFAULT_TENANT {
            let default = context.access_once(DEFAULT_TENANT).await?;
            let row = declared_tenants(&default)?.into_iter().find(|row| row.name == name);
            let row = row.ok_or_else(|| undeclared_error(name))?;
            let database = context.databases.for_tenant(&row.name)?;
            if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
                return Err(none(name));
            }
        }
        Ok(self.open_tenant(context).await?.0)
    }

    /// Opens the tenant, which must be declared; the default one where none is named. With it, what is declared of it.
    async fn open_tenant(&self, context: &ProcessContext) -> Result<(AccessControl, Option<TenantRow>), OperatorError> {
        let name = self.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
        let default = context.access_once(DEFAULT_TENANT).await?;
        let row = declared_tenants(&default)?.into_iter().find(|row| row.name == name);
        if name == DEFAULT_TENANT {
            return Ok((default, row));
        }
        let row = row.ok_or_else(|| undeclared_error(name))?;
        Ok((context.access_once(&row.name).await?, Some(row)))
    }
}

fn undeclared_error(name: &str) -> OperatorError {
    OperatorError(format!(
        "tenant {name:?} not found; list the tenants with `cairn tenant list`, or create one with `cairn apply`"
    ))
}

/// Lists the tenants that are declared, in service or not.
fn declared_tenants(default: &AccessControl) -> Result<Vec<TenantRow>, OperatorError> {
    default
        .store()
        .read(|r| r.tenants().list())
        .map_err(|e: StoreError| OperatorError(format!("cannot read the tenants: {e}")))
}

/// A line for the terminal, or for the program behind the pipe; one that has gone away is no error.
pub fn print_line(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
