//! Changes to a plugin that is installed: its state, its version, its removal.

use super::super::{ProjectArgs, TenantNameArgs, declared_tenants};
use super::errors::{from_store_error, unknown_plugin_error};
use super::{export, print_line};
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::plugins::consent::find_dependants;
use cairn_app::plugins::folder::{PluginFolderLock, erase_folder, finish_interrupted_locked};
use cairn_app::plugins::record::{self, ChangeError};
use cairn_app::plugins::{packages, remove};
use cairn_app::wiring::ProcessContext;
use cairn_model::Registry;
use cairn_model::load::load_changed;
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_host::lifecycle::{LifecycleStep, Removal};
use cairn_store::Database;
use cairn_store::events::Actor;
use cairn_store::plugins::PluginState;
use std::path::PathBuf;

pub(super) fn from_change_error(id: &str, error: ChangeError) -> OperatorError {
    match error {
        ChangeError::NotFound => unknown_plugin_error(id),
        ChangeError::Refused(_) | ChangeError::Changed => OperatorError(format!("{id}: {error}")),
        ChangeError::Store(e) => from_store_error(e),
    }
}

pub(super) fn command_actor() -> Actor {
    Actor::system("command line")
}

/// `cairn plugin enable` and `disable`.
pub(super) async fn switch_plugin(
    project: &ProjectArgs,
    tenant: &TenantNameArgs,
    id: &str,
    on: bool,
) -> Result<(), OperatorError> {
    let context = project.load_context()?;
    let access = tenant.open_filled(&context).await?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let rows = access.store().read(|r| r.plugins().list()).map_err(from_store_error)?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(|| unknown_plugin_error(id))?;
    let others = if on { Vec::new() } else { find_dependants(&project.load_config()?.project, id, &rows) };
    if !others.is_empty() {
        return Err(OperatorError(format!("{id} is required by {}: switch these off first", others.join(", "))));
    }
    let step = if on { LifecycleStep::Enable } else { LifecycleStep::Disable };
    let installed_plugin =
        packages::package_for_step(&project.load_config()?.project, row, step).map_err(OperatorError)?;
    let plugins = context.plugins_once(&access);
    let result = plugins
        .run_step_with(installed_plugin, step, move |tx| record::set_enabled(tx, &plugin, on, &command_actor(), now))
        .await;
    let row = result.map_err(|e| from_change_error(id, e))?;
    print_line(format_args!("{id}: {}", row.state.as_str()));
    if !on {
        print_line(format_args!(
            "Until it is enabled again, its content cannot be changed, and neither can what its hooks check."
        ));
    }
    Ok(())
}

/// `cairn plugin rollback`.
pub(super) async fn roll_back(project: &ProjectArgs, tenant: &TenantNameArgs, id: &str) -> Result<(), OperatorError> {
    let config = project.load_config()?;
    let access = tenant.open_filled(&project.load_context()?).await?;
    let row = access
        .store()
        .read(|r| r.plugins().get(id))
        .map_err(from_store_error)?
        .ok_or_else(|| unknown_plugin_error(id))?;
    let back = record::plan_rollback(&config.project, &row).map_err(|e| from_change_error(id, e))?;
    let now = access.now().timestamp_millis();
    let result = access.store().write(move |tx| back.write_rollback(tx, &command_actor(), now)).await;
    let row = result.map_err(|e| from_change_error(id, e))?;
    print_line(format_args!("{id} {}: {}", row.current.version, row.state.as_str()));
    Ok(())
}

/// Fate of a plugin's data when it is uninstalled, as the options say.
pub(super) enum UninstallMode {
    /// No option was given.
    Unspecified,
    /// The data are retained.
    Keep,
    /// The data are deleted.
    Delete,
    /// The data are written to a file, then deleted.
    Export(PathBuf),
}

/// `cairn plugin uninstall`.
pub(super) async fn uninstall_plugin(
    project: &ProjectArgs,
    tenant: &TenantNameArgs,
    id: &str,
    fate: UninstallMode,
) -> Result<(), OperatorError> {
    let config = project.load_config()?;
    let lock = PluginFolderLock::acquire_or_fail(&config)?;
    let databases = config.resolve_databases()?;
    finish_interrupted_locked(&config, &databases, &lock)?;
    let context = project.load_context()?;
    let access = tenant.open_filled(&context).await?;
    let rows = access.store().read(|r| r.plugins().list()).map_err(from_store_error)?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(|| unknown_plugin_error(id))?;
    let others = find_dependants(&config.project, id, &rows);
    if !others.is_empty() {
        return Err(OperatorError(format!("{id} is required by {}: uninstall these first", others.join(", "))));
    }
    let footprint = remove::load_footprint(access.store(), id).map_err(from_store_error)?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let (removal, text) = match fate {
        UninstallMode::Unspecified => {
            return Err(OperatorError(format!(
                "{id} {} has {footprint}.\nNothing was changed. Use --keep to keep this data for a later installation, --delete to delete it, or --export FILE to write it to a file and delete it.",
                row.current.version
            )));
        }
        UninstallMode::Keep => {
            if row.state == PluginState::Removed {
                return Err(OperatorError(format!("{id} is already uninstalled")));
            }
            let step = LifecycleStep::Uninstall(Removal::Keep);
            let installed_plugin = packages::package_for_step(&config.project, row, step).map_err(OperatorError)?;
            let plugins = context.plugins_once(&access);
            let result = plugins
                .run_step_with(installed_plugin, step, move |tx| {
                    remove::remove_keeping_data(tx, &plugin, &command_actor(), now)
                })
                .await;
            result.map_err(|e| from_change_error(id, e))?;
            print_line(format_args!("{id}: removed; kept: {footprint}. A running server applies this within seconds."));
            return Ok(());
        }
        UninstallMode::Delete => (Removal::Delete, String::new()),
        UninstallMode::Export(file) => {
            // The file is complete before anything is deleted: data survives whatever ends this process.
            require_sole_tenant(&context, tenant, id).await?;
            let documents = export::to_file(&context.plugins_once(&access), id, &file)?;
            (Removal::Export, format!("; {documents} documents were written to {}", file.display()))
        }
    };
    require_sole_tenant(&context, tenant, id).await?;
    let removed_plugin =
        packages::package_for_step(&config.project, row, LifecycleStep::Uninstall(removal)).map_err(OperatorError)?;
    delete_plugin(&config, &context, access, id, removed_plugin, removal).await?;
    print_line(format_args!("{id}: removed; deleted: {footprint}{text}"));
    print_line("A running server applies this within seconds.");
    if footprint.documents > 0 || footprint.files > 0 {
        print_line(
            "Its documents and files stay in the trash for thirty days: run `cairn schema trash` to see the documents.",
        );
    }
    Ok(())
}

/// Fails where another tenant has data of a plugin.
async fn require_sole_tenant(context: &ProcessContext, tenant: &TenantNameArgs, id: &str) -> Result<(), OperatorError> {
    remove::other_tenant_reason(context, tenant.name(), id).await?.map_or(Ok(()), |reason| Err(OperatorError(reason)))
}

/// Deletes a plugin with all its data. `installed_plugin`: its package, where it has a say in its removal. The lock must be held.
pub(super) async fn delete_plugin(
    config: &Config,
    context: &ProcessContext,
    access: AccessControl,
    id: &str,
    installed_plugin: Option<InstalledPlugin>,
    removal: Removal,
) -> Result<(), OperatorError> {
    let places = databases_without(config, &context.access_once(DEFAULT_TENANT).await?, id)?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let (plugins, content) = (context.plugins_once(&access), context.content_once(&access));
    let step = LifecycleStep::Uninstall(removal);
    let result = plugins
        .run_step_with(installed_plugin, step, move |tx| {
            remove::remove_with_data(tx, &content, &plugin, &command_actor(), now)
        })
        .await;
    result.map_err(|e| from_change_error(id, e))?;
    let time = access.now();
    drop((plugins, access));
    remove::drop_types(places.iter().map(|(database, registry)| (database, registry)), &command_actor(), time)?;
    erase_folder(&config.project, id)
}

/// The databases of all tenants, with the model that each has without a plugin.
fn databases_without(
    config: &Config,
    access: &AccessControl,
    id: &str,
) -> Result<Vec<(Database, Registry)>, OperatorError> {
    let changes = remove::model_changes(&config.project, id);
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut names = vec![DEFAULT_TENANT.to_owned()];
    names.extend(declared_tenants(access)?.into_iter().map(|row| row.name).filter(|name| name != DEFAULT_TENANT));
    let mut places = Vec::new();
    for name in names {
        let database = config.tenant_database(&name)?;
        if !database.exists().map_err(from_store_error)? {
            continue;
        }
        let own = Config::own_types_folder(&name);
        let tenant_folders: &[&str] =
            if name != DEFAULT_TENANT && config.project.join(&own).is_dir() { &[&own] } else { &[] };
        let loaded = load_changed(&config.project, tenant_folders, &changes).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
            OperatorError(format!(
                "{id} was not removed: without its content types, other content types of {name} are invalid:\n{}",
                all.join("\n")
            ))
        })?;
        places.push((database, loaded.registry));
    }
    Ok(places)
}
