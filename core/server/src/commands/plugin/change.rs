//! Changes to a plugin that is installed: its state, its version, its removal.

use super::super::{OfTenant, Project, declared};
use super::{export, failed, say, unknown};
use crate::config::Config;
use crate::plugins::consent::dependants;
use crate::plugins::folder::{Lock, erase, recover_alone};
use crate::plugins::record::{self, ChangeError};
use crate::plugins::{packages, remove};
use crate::wiring::{Failure, Ground};
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_model::Registry;
use cairn_model::load::load_changed;
use cairn_plugin_host::Installed;
use cairn_plugin_host::lifecycle::{Removal, Step};
use cairn_store::Database;
use cairn_store::events::Actor;
use cairn_store::plugins::PluginState;
use std::path::PathBuf;

fn told(id: &str, error: ChangeError) -> Failure {
    match error {
        ChangeError::NotFound => unknown(id),
        ChangeError::Refused(reason) => Failure(format!("{id}: {reason}")),
        ChangeError::Store(e) => failed(e),
    }
}

pub(super) fn by() -> Actor {
    Actor::system("command line")
}

/// `cairn plugin enable` and `disable`.
pub(super) async fn switch(project: &Project, tenant: &OfTenant, id: &str, on: bool) -> Result<(), Failure> {
    let ground = project.ground()?;
    let access = tenant.open_filled(&ground).await?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let rows = access.store().read(|r| r.plugins()).map_err(failed)?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(|| unknown(id))?;
    let others = if on { Vec::new() } else { dependants(&project.config()?.project, id, &rows) };
    if !others.is_empty() {
        return Err(Failure(format!("{id} is required by {}: switch these off first", others.join(", "))));
    }
    let step = if on { Step::Enable } else { Step::Disable };
    let asked = packages::to_step(&project.config()?.project, row, step).map_err(Failure)?;
    let plugins = ground.plugins_once(&access);
    let written = plugins.in_step(asked, step, move |tx| record::switch(tx, &plugin, on, &by(), now)).await;
    let row = written.map_err(|e| told(id, e))?;
    say(format_args!("{id}: {}", row.state.as_str()));
    Ok(())
}

/// `cairn plugin rollback`.
pub(super) async fn roll_back(project: &Project, tenant: &OfTenant, id: &str) -> Result<(), Failure> {
    let config = project.config()?;
    let access = tenant.open_filled(&project.ground()?).await?;
    let row = access.store().read(|r| r.plugin(id)).map_err(failed)?.ok_or_else(|| unknown(id))?;
    let back = record::back(&config.project, &row).map_err(|e| told(id, e))?;
    let now = access.now().timestamp_millis();
    let written = access.store().write(move |tx| back.put(tx, &by(), now)).await;
    let row = written.map_err(|e| told(id, e))?;
    say(format_args!("{id} {}: {}", row.current.version, row.state.as_str()));
    Ok(())
}

/// What happens to a plugin's data when it is uninstalled, as the options say.
pub(super) enum Fate {
    /// No option was given.
    Asked,
    /// The data are retained.
    Keep,
    /// The data are deleted.
    Delete,
    /// The data are written to a file, then deleted.
    Export(PathBuf),
}

/// `cairn plugin uninstall`.
pub(super) async fn uninstall(project: &Project, tenant: &OfTenant, id: &str, fate: Fate) -> Result<(), Failure> {
    let config = project.config()?;
    let lock = Lock::must(&config)?;
    let databases = config.databases()?;
    recover_alone(&config, &databases, &lock)?;
    let ground = project.ground()?;
    let access = tenant.open_filled(&ground).await?;
    let rows = access.store().read(|r| r.plugins()).map_err(failed)?;
    let row = rows.iter().find(|row| row.id == id).ok_or_else(|| unknown(id))?;
    let others = dependants(&config.project, id, &rows);
    if !others.is_empty() {
        return Err(Failure(format!("{id} is required by {}: uninstall these first", others.join(", "))));
    }
    let found = remove::counted(access.store(), id).map_err(failed)?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let (removal, said) = match fate {
        Fate::Asked => {
            return Err(Failure(format!(
                "{id} {} has {found}.\nNothing was changed. Use --keep to keep this data for a later installation, --delete to delete it, or --export FILE to write it to a file and delete it.",
                row.current.version
            )));
        }
        Fate::Keep => {
            if row.state == PluginState::Removed {
                return Err(Failure(format!("{id} is already uninstalled")));
            }
            let step = Step::Uninstall(Removal::Keep);
            let asked = packages::to_step(&config.project, row, step).map_err(Failure)?;
            let plugins = ground.plugins_once(&access);
            let written = plugins.in_step(asked, step, move |tx| remove::keep(tx, &plugin, &by(), now)).await;
            written.map_err(|e| told(id, e))?;
            say(format_args!("{id}: removed; kept: {found}. A running server applies this within seconds."));
            return Ok(());
        }
        Fate::Delete => (Removal::Delete, String::new()),
        Fate::Export(file) => {
            // Whatever ends this process from here on: what is not in the file whole is still in the database.
            sole(&ground, tenant, id).await?;
            let documents = export::to_file(&ground.plugins_once(&access), id, &file)?;
            (Removal::Export, format!("; {documents} documents were written to {}", file.display()))
        }
    };
    sole(&ground, tenant, id).await?;
    let asked = packages::to_step(&config.project, row, Step::Uninstall(removal)).map_err(Failure)?;
    delete(&config, &ground, access, id, asked, removal).await?;
    say(format_args!("{id}: removed; deleted: {found}{said}"));
    say("A running server applies this within seconds.");
    if found.documents > 0 || found.files > 0 {
        say(
            "Its documents and files stay in the trash for thirty days: run `cairn schema trash` to see the documents.",
        );
    }
    Ok(())
}

/// Fails where another tenant has data of a plugin.
async fn sole(ground: &Ground, tenant: &OfTenant, id: &str) -> Result<(), Failure> {
    remove::sole(ground, tenant.name(), id).await?.map_or(Ok(()), |reason| Err(Failure(reason)))
}

/// Deletes a plugin with all its data. `asked`: its package, where it has a say in its removal. The lock must be held.
pub(super) async fn delete(
    config: &Config,
    ground: &Ground,
    access: AccessControl,
    id: &str,
    asked: Option<Installed>,
    removal: Removal,
) -> Result<(), Failure> {
    let places = without(config, &ground.access_once(DEFAULT_TENANT).await?, id)?;
    let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
    let (plugins, content) = (ground.plugins_once(&access), ground.content_once(&access));
    let step = Step::Uninstall(removal);
    let written = plugins.in_step(asked, step, move |tx| remove::delete(tx, &content, &plugin, &by(), now)).await;
    written.map_err(|e| told(id, e))?;
    let time = access.now();
    drop((plugins, access));
    remove::drop_types(places.iter().map(|(database, registry)| (database, registry)), &by(), time)?;
    erase(&config.project, id)
}

/// The databases of all tenants, with the model that each has without a plugin.
fn without(config: &Config, access: &AccessControl, id: &str) -> Result<Vec<(Database, Registry)>, Failure> {
    let changes = remove::model_changes(&config.project, id);
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut names = vec![DEFAULT_TENANT.to_owned()];
    names.extend(declared(access)?.into_iter().map(|row| row.name).filter(|name| name != DEFAULT_TENANT));
    let mut places = Vec::new();
    for name in names {
        let database = config.database(&name)?;
        if !database.exists().map_err(failed)? {
            continue;
        }
        let own = Config::own_types(&name);
        let more: &[&str] = if name != DEFAULT_TENANT && config.project.join(&own).is_dir() { &[&own] } else { &[] };
        let loaded = load_changed(&config.project, more, &changes).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
            Failure(format!(
                "{id} was not removed: without its content types, other content types of {name} are invalid:\n{}",
                all.join("\n")
            ))
        })?;
        places.push((database, loaded.registry));
    }
    Ok(places)
}
