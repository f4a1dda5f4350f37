//! `cairn plugin`.

mod author;
mod build;
mod change;
mod choose;
mod dev;
mod errors;
mod export;
pub mod install;
mod new;
mod replay;
mod secret;
mod show;
mod signing_key;
mod test;
mod types;

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_app::OperatorError;
use change::UninstallMode;
use clap::Subcommand;
use std::path::PathBuf;

/// Arguments of `cairn plugin`.
#[derive(Debug, clap::Args)]
pub struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Create the folder of a new plugin, which builds and passes its own tests
    New(new::NewArgs),
    /// Generate types for content types in the plugin's language: src/types.rs, src/types.ts or src/content_types.py
    Types(types::TypesArgs),
    /// Compile a plugin to plugin.wasm and check it
    Build(build::BuildArgs),
    /// Run the plugin's tests against the built component: tests/*.toml and tests/*.json
    Test(test::TestArgs),
    /// Build and install the plugin in a project at every change; for development, the package is not signed
    Dev(dev::DevArgs),
    /// Check a plugin's folder (manifest, component, content types, texts) and print every problem with its line
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
        /// The signing key, as written by `cairn plugin key`; without it, the package is not signed
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// The folder to write the package to
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        out: PathBuf,
    },
    /// Create a key for signing packages and print its public key
    Key {
        /// The file to write the secret key to; only its owner can read it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what a package asks for; with --yes, grant it, install the package and switch it on
    Install {
        /// The package file to install
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Grant everything that it asks for
        #[arg(long)]
        yes: bool,
        /// Accept an unsigned package, for your own plugins
        #[arg(long)]
        unsigned: bool,
        /// Allow an older version than the installed one
        #[arg(long)]
        older: bool,
        /// Grant only what this file contains: a reduced copy of the `grants` that `cairn plugin inspect --json` prints
        #[arg(long, value_name = "FILE", conflicts_with = "without")]
        grants: Option<PathBuf>,
        /// Leave out an optional capability, such as mail; can be repeated
        #[arg(long, value_name = "CAPABILITY")]
        without: Vec<String>,
        /// Fill in a choice of the plugin, such as pages=api::page.page,api::post.post; can be repeated
        #[arg(long, value_name = "NAME=VALUES")]
        choose: Vec<String>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Check that a package is complete and consistent, and show who signed it
    Verify {
        /// The package file to verify
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what a package asks for, what it contains and when it runs
    Inspect {
        /// The package file to inspect
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the plugins of a tenant: id, version, state
    List {
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Switch a plugin on; a running server applies this within a second
    Enable {
        /// The plugin's id
        id: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Switch a plugin off: events and jobs wait; its content, and what its hooks check, cannot be changed
    Disable {
        /// The plugin's id
        id: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Go back to the previous version; content types stay unchanged
    Rollback {
        /// The plugin's id
        id: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Uninstall a plugin and keep, delete or export its data; without --keep, --delete or --export, only show the data
    Uninstall {
        /// The plugin's id
        id: String,
        /// Keep its state, and its content as read-only; a later package of the same publisher uses them again
        #[arg(long, conflicts_with_all = ["delete", "export"])]
        keep: bool,
        /// Delete its content, files, state, secrets, logs and jobs
        #[arg(long)]
        delete: bool,
        /// Write its content and state to a new file, one JSON object per line, then delete them
        #[arg(long, value_name = "FILE", conflicts_with = "delete")]
        export: Option<PathBuf>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Show what is chosen where a plugin leaves a choice, or change it: NAME=VALUE,VALUE
    Choose(choose::ChooseArgs),
    /// Repeat a failed call, or list the failed calls of a plugin
    Replay(replay::ReplayArgs),
    /// Set, remove and list the secrets of a plugin
    Secret(secret::SecretArgs),
    /// Make, import, show and remove the keys that a plugin signs with
    SigningKey(signing_key::SigningKeyArgs),
    /// Print the latest log lines of a plugin, newest first
    Logs {
        /// The plugin's id
        id: String,
        /// Print JSON, one object per line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl PluginArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            PluginCommand::New(c) => c.run(),
            PluginCommand::Types(c) => c.run(),
            PluginCommand::Build(c) => c.run(),
            PluginCommand::Test(c) => c.run().await,
            PluginCommand::Dev(c) => c.run().await,
            PluginCommand::Check { folder } => author::check_package(&folder),
            PluginCommand::Pack { folder, key, out } => author::pack_folder(&folder, key.as_deref(), &out),
            PluginCommand::Key { file } => author::create_key_file(&file),
            PluginCommand::Install { file, yes, unsigned, older, grants, without, choose, tenant, project } => {
                let chosen = install::read_grant_choice(grants.as_deref(), &without)?;
                let choices = install::read_choices(&choose)?;
                install::install_plugin(
                    &project,
                    &tenant,
                    &file,
                    install::InstallOptions { yes, unsigned, older, chosen, choices },
                )
                .await
            }
            PluginCommand::Verify { file } => show::verify_package(&file),
            PluginCommand::Inspect { file, json } => show::inspect_package(&file, json),
            PluginCommand::List { json, tenant, project } => {
                show::list_plugins(&tenant.open_filled(&project.load_context()?).await?, json)
            }
            PluginCommand::Enable { id, tenant, project } => change::switch_plugin(&project, &tenant, &id, true).await,
            PluginCommand::Disable { id, tenant, project } => {
                change::switch_plugin(&project, &tenant, &id, false).await
            }
            PluginCommand::Rollback { id, tenant, project } => change::roll_back(&project, &tenant, &id).await,
            PluginCommand::Uninstall { id, keep, delete, export, tenant, project } => {
                let fate = match (keep, delete, export) {
                    (true, ..) => UninstallMode::Keep,
                    (_, true, _) => UninstallMode::Delete,
                    (.., Some(file)) => UninstallMode::Export(file),
                    _ => UninstallMode::Unspecified,
                };
                change::uninstall_plugin(&project, &tenant, &id, fate).await
            }
            PluginCommand::Choose(choose) => choose.run().await,
            PluginCommand::Replay(replay) => replay.run().await,
            PluginCommand::Logs { id, json, tenant, project } => {
                show::print_logs(&tenant.open_filled(&project.load_context()?).await?, id, json)
            }
            PluginCommand::Secret(secret) => secret.run().await,
            PluginCommand::SigningKey(signing_key) => signing_key.run().await,
        }
    }
}
