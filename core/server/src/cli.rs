//! The command line of the `cairn` program: the list of its commands, and those that need its routes.

mod audit;
mod serve;
mod test_clock;

use cairn_app::OperatorError;
use cairn_commands as commands;
use clap::{Parser, Subcommand};

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
    Apply(commands::apply::ApplyArgs),
    /// Change the database schema and migrate its content: plan, apply, check, and restore dropped content
    Schema(commands::schema::SchemaArgs),
    /// Manage users: create an admin user, print password reset links
    User(commands::user::UserArgs),
    /// Check a project: its files, databases, settings and disk
    Doctor(commands::doctor::DoctorArgs),
    /// List the tenants of a project, or delete one with its data
    Tenant(commands::tenant::TenantArgs),
    /// Back up a tenant's database and uploaded files to one file, also while the server is running
    Backup(commands::backup::BackupArgs),
    /// Restore a tenant from a backup
    Restore(commands::restore::RestoreArgs),
    /// Export the content of a tenant as readable JSON lines, one per document
    Export(commands::export::ExportArgs),
    /// Import content from another CMS into an empty project
    Import(commands::import::ImportArgs),
    /// Write TypeScript types of the content for a front end
    Types(commands::types::TypesArgs),
    /// Export or erase all data about one person
    Person(commands::person::PersonArgs),
    /// Verify or export the audit log
    Audit(audit::AuditArgs),
    /// Check, pack, install and manage plugins
    Plugin(commands::plugin::PluginArgs),
    /// Manage the keys and certificates that seal PDFs
    Seal(commands::seal::SealArgs),
    /// Verify the stored objects of files, copy them to another location, or re-encrypt them
    Assets(commands::assets::AssetsArgs),
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
            Command::Import(c) => c.run().await,
            Command::Types(c) => c.run().await,
            Command::Person(c) => c.run().await,
            Command::Audit(c) => c.run().await,
            Command::Plugin(c) => c.run().await,
            Command::Seal(c) => c.run().await,
            Command::Assets(c) => c.run().await,
        }
    }
}
