//! `cairn plugin`.

mod author;
mod build;
mod change;
mod dev;
mod export;
mod install;
mod new;
mod replay;
mod secret;
mod show;
mod test;
mod types;

use super::{OfTenant, Project, say};
use crate::wiring::Failure;
use cairn_plugin_package::Problem;
use cairn_store::StoreError;
use change::Fate;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Plugin {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Make the folder of a new plugin that builds and passes its own tests
    New(new::New),
    /// Write content types as types of the plugin's language: src/types.rs, src/types.ts or src/content_types.py
    Types(types::Types),
    /// Compile a plugin to plugin.wasm, and check it
    Build(build::Build),
    /// Run the built component through the tests in its folder: tests/*.toml and tests/*.json
    Test(test::Test),
    /// Build at every change and have a project run it; for development, the package is not signed
    Dev(dev::Dev),
    /// Check a plugin's folder: manifest, component, content types, texts; prints every problem with its line
    Check {
        /// The folder with plugin.toml
        #[arg(value_name = "FOLDER", default_value = ".")]
        folder: PathBuf,
    },
    /// Pack a plugin's folder, with its built plugin.wasm, into one file
    Pack {
        /// The folder with plugin.toml
        #[arg(value_name = "FOLDER", default_value = ".")]
        folder: PathBuf,
        /// The key to sign with, as `cairn plugin key` writes it; without it the package is not signed
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Where to put the package
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        out: PathBuf,
    },
    /// Make a key to sign packages with; prints the public one
    Key {
        /// Where to write the secret key; only its owner can read it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what a package asks for; with --yes grant that, install it and switch it on
    Install {
        /// The package
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Grant what it asks for
        #[arg(long)]
        yes: bool,
        /// Take a package that nobody signed: for plugins of one's own
        #[arg(long)]
        unsigned: bool,
        /// Go back to an older version
        #[arg(long)]
        older: bool,
        /// Grant no more than this file says: the JSON that `cairn plugin inspect --json` shows as `grants`, cut down
        #[arg(long, value_name = "FILE", conflicts_with = "without")]
        grants: Option<PathBuf>,
        /// Leave out an optional capability, such as mail; may be given more than once
        #[arg(long, value_name = "CAPABILITY")]
        without: Vec<String>,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Check a package: that it is whole, who signed it, that its files fit each other
    Verify {
        /// The package
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what a package is: what it asks for, what it has, when it runs, which files are in it
    Inspect {
        /// The package
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the plugins of a tenant: id, version, state
    List {
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Switch a plugin on; a running server takes it up within a second
    Enable {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Switch a plugin off: hooks are gone, events and jobs wait, its content stays
    Disable {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Go back to the version before; content types stay as they are
    Rollback {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Take a plugin out of service, and say what becomes of what it has; without --keep, --delete or --export that is only shown
    Uninstall {
        /// Its id
        id: String,
        /// Its content stays, to be read only, and its state; the same publisher's package takes them up again
        #[arg(long, conflicts_with_all = ["delete", "export"])]
        keep: bool,
        /// Its content, files, state, secrets, logs and jobs are deleted
        #[arg(long)]
        delete: bool,
        /// Write its content and state to a file that is not there yet, one object of JSON a line, and delete all of it
        #[arg(long, value_name = "FILE", conflicts_with = "delete")]
        export: Option<PathBuf>,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Make a call again that failed, or print which calls of a plugin have
    Replay(replay::Replay),
    /// Set, remove and list the secrets of a plugin
    Secret(secret::Secret),
    /// Print what a plugin has logged last, newest first
    Logs {
        /// Its id
        id: String,
        /// As JSON, one object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
}

impl Plugin {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            PluginCommand::New(c) => c.run(),
            PluginCommand::Types(c) => c.run(),
            PluginCommand::Build(c) => c.run(),
            PluginCommand::Test(c) => c.run().await,
            PluginCommand::Dev(c) => c.run().await,
            PluginCommand::Check { folder } => author::check(&folder),
            PluginCommand::Pack { folder, key, out } => author::packed(&folder, key.as_deref(), &out),
            PluginCommand::Key { file } => author::key(&file),
            PluginCommand::Install { file, yes, unsigned, older, grants, without, tenant, project } => {
                let chosen = install::chosen(grants.as_deref(), &without)?;
                install::install(&project, &tenant, &file, install::Said { yes, unsigned, older, chosen }).await
            }
            PluginCommand::Verify { file } => show::verify(&file),
            PluginCommand::Inspect { file, json } => show::inspect(&file, json),
            PluginCommand::List { json, tenant, project } => {
                show::list(&tenant.open_filled(&project.ground()?).await?, json)
            }
            PluginCommand::Enable { id, tenant, project } => change::switch(&project, &tenant, &id, true).await,
            PluginCommand::Disable { id, tenant, project } => change::switch(&project, &tenant, &id, false).await,
            PluginCommand::Rollback { id, tenant, project } => change::roll_back(&project, &tenant, &id).await,
            PluginCommand::Uninstall { id, keep, delete, export, tenant, project } => {
                let fate = match (keep, delete, export) {
                    (true, ..) => Fate::Keep,
                    (_, true, _) => Fate::Delete,
                    (.., Some(file)) => Fate::Export(file),
                    _ => Fate::Asked,
                };
                change::uninstall(&project, &tenant, &id, fate).await
            }
            PluginCommand::Replay(replay) => replay.run().await,
            PluginCommand::Logs { id, json, tenant, project } => {
                show::logs(&tenant.open_filled(&project.ground()?).await?, id, json)
            }
            PluginCommand::Secret(secret) => secret.run().await,
        }
    }
}

fn failed(error: StoreError) -> Failure {
    Failure(error.to_string())
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

/// Said of an id that no plugin has.
fn unknown(id: &str) -> Failure {
    Failure(format!("there is no plugin {id:?} here; `cairn plugin list` shows which there are"))
}
