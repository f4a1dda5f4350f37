//! `cairn plugin install`.

use super::super::{OfTenant, Project};
use super::change::{by, delete};
use super::{failed, listed, say};
use crate::config::Config;
use crate::plugins::consent::{Chosen, Consent, Refusals};
use crate::plugins::folder::{Lock, recover_alone, swap};
use crate::plugins::record::Record;
use crate::plugins::{hurry, install as path, packages, remove};
use crate::wiring::Failure;
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_model::load::load_changed;
use cairn_plugin_host::lifecycle::{Removal, Upgrade};
use cairn_plugin_package::package::Package;
use cairn_plugin_package::{Capability, any_error};
use cairn_store::plugins::{PluginRow, PluginState};
use serde_json::Value as Json;
use std::path::Path;

/// What was said on the command line.
pub(super) struct Said {
    pub(super) yes: bool,
    pub(super) unsigned: bool,
    pub(super) older: bool,
    pub(super) chosen: Chosen,
}

/// What is granted, by `--grants` or `--without`.
pub(super) fn chosen(file: Option<&Path>, without: &[String]) -> Result<Chosen, Failure> {
    if let Some(file) = file {
        let at = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|e| at(&e))?;
        let mut json: Json = serde_json::from_str(&text).map_err(|e| at(&e))?;
        // All of what `inspect` shows will do as well.
        if let Some(grants) = json.get_mut("grants") {
            json = grants.take();
        }
        return serde_json::from_value(json).map(Chosen::Grants).map_err(|e| at(&e));
    }
    if without.is_empty() {
        return Ok(Chosen::All);
    }
    let known = |name: &String| {
        let known = Capability::ALL.iter().copied().find(|capability| capability.as_str() == name);
        known.ok_or_else(|| {
            let all: Vec<&str> = Capability::ALL.iter().map(|capability| capability.as_str()).collect();
            Failure(format!("--without {name}: unknown capability; use one of {}", all.join(", ")))
        })
    };
    without.iter().map(known).collect::<Result<_, _>>().map(Chosen::Without)
}

fn refused(what: &str, refusals: &Refusals) -> Failure {
    let one = |(place, message): &(String, String)| match place.as_str() {
        "" => message.clone(),
        place => format!("{place}: {message}"),
    };
    match refusals.as_slice() {
        [only] => Failure(format!("{what}: {}", one(only))),
        all => Failure(format!("{what}:\n  {}", all.iter().map(one).collect::<Vec<_>>().join("\n  "))),
    }
}

/// Installs a package and switches it on. Where anything goes wrong all is as it was.
pub(super) async fn install(project: &Project, tenant: &OfTenant, file: &Path, said: Said) -> Result<(), Failure> {
    let (package, bytes) = packages::read_with_bytes(file)?;
    let problems = package.check();
    if any_error(&problems) {
        return Err(Failure(format!("{} was not installed:\n{}", file.display(), listed(&problems))));
    }
    let (id, version) = (package.manifest().id().to_owned(), package.manifest().plugin.version.to_string());
    let config = project.config()?;
    let lock = Lock::must(&config)?;
    let databases = config.databases()?;
    recover_alone(&config, &databases, &lock)?;
    let rows = {
        // A project that was never started gets its database now: the plugin is there when it is.
        let (access, _) = tenant.open(&project.ground()?).await?;
        access.store().read(|r| r.plugins()).map_err(failed)?
    };
    let consent = Consent { unsigned: said.unsigned, older: said.older, chosen: said.chosen };
    let record = path::decided(&config.project, &package, &rows, &consent, &by());
    let record = record.map_err(|refusals| refused("nothing was installed", &refusals))?;
    if let Some(asked) = consent_needed(&record).filter(|_| !said.yes) {
        return Err(Failure(format!(
            "{id} {version} {asked}\nNothing was installed. Run the command again with --yes to agree."
        )));
    }
    let other_model = fits(&config, tenant, &package)?;
    let swapped = swap(&config, tenant.name(), &record, &package, &bytes)?;
    // The model with its content types, and the database with their tables and the plugin's row.
    let opened = match project.ground() {
        Ok(ground) => tenant.open_filled(&ground).await,
        Err(error) => Err(error),
    };
    let access = match opened {
        Ok(access) => access,
        Err(error) => {
            // Where the database is ready for it already it goes on with the next start.
            drop(swapped);
            recover_alone(&config, &databases, &lock)?;
            return Err(Failure(format!("{id} was not installed: {error}")));
        }
    };
    let row = access.store().read(|r| r.plugin(&id)).map_err(failed)?;
    let there = |row: &PluginRow| {
        row.current == record.version || Upgrade::of(row).is_some_and(|upgrade| upgrade.to == record.version)
    };
    let Some(row) = row.filter(there) else {
        return Err(Failure(format!("{id} was changed by another process: try again")));
    };
    match row.state {
        PluginState::Installed => begin(project, &config, access, &row, rows.iter().any(|row| row.id == id)).await?,
        PluginState::Upgrading if !hurry(&project.ground()?.plugins_once(&access), &config.project, &row).await => {
            say(format_args!("{id} {version}: installed; a running server migrates its data and then switches to it"));
            return Ok(());
        }
        _ => {}
    }
    say(format_args!("{id} {version}: installed and switched on"));
    if other_model {
        say("A running server applies the plugin's content types within seconds.");
    }
    Ok(())
}

/// What somebody has to agree to before a version is installed: all that it may do and does or, where one is there already, what of it is
/// new. `None`: nothing is.
fn consent_needed(record: &Record) -> Option<String> {
    let lines = |all: Vec<String>| match all.is_empty() {
        true => "  nothing besides its own content".to_owned(),
        false => all.into_iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"),
    };
    match &record.widened {
        Some(news) if news.is_empty() => None,
        Some(news) => Some(format!("does more than the installed version:\n{}", lines(news.clone()))),
        None => {
            let grants = record.grants.sentences().into_iter().map(|s| s.english).collect();
            Some(format!("asks for:\n{}\nand on its own:\n{}", lines(grants), lines(record.does.clone())))
        }
    }
}

/// Has the plugin do what it has to do about being installed. Where it refuses nothing of it stays but what was `kept` of it before.
async fn begin(
    project: &Project,
    config: &Config,
    access: AccessControl,
    row: &PluginRow,
    kept: bool,
) -> Result<(), Failure> {
    let (id, ground) = (row.id.as_str(), project.ground()?);
    let plugin = packages::of_row(&config.project, row).map_err(Failure)?;
    let refused = match ground.plugins_once(&access).begin(plugin, by()).await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let row = access.store().read(|r| r.plugin(id)).map_err(failed)?;
    let Some(reason) = row.and_then(path::refusal) else {
        return Err(Failure(format!(
            "{id} is installed but not switched on yet; a running server continues with it: {refused}"
        )));
    };
    if kept {
        let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
        let written = access.store().write(move |tx| remove::keep(tx, &plugin, &by(), now)).await;
        written.map_err(|e| Failure(e.to_string()))?;
    } else {
        delete(config, &ground, access, id, None, Removal::Delete).await?;
    }
    Err(Failure(format!("{id} was not installed: {reason}")))
}

/// Whether the content types become others. An error where they cannot be stored beside what is there.
fn fits(config: &Config, tenant: &OfTenant, package: &Package) -> Result<bool, Failure> {
    let changes = path::model_changes(&config.project, package);
    let mut other = false;
    let mut names = vec![DEFAULT_TENANT];
    if tenant.name() != DEFAULT_TENANT {
        names.push(tenant.name());
    }
    for name in names {
        let own = Config::own_types(name);
        let more: &[&str] = if name != DEFAULT_TENANT && config.project.join(&own).is_dir() { &[&own] } else { &[] };
        let loaded = load_changed(&config.project, more, &changes).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
            Failure(format!(
                "nothing was installed; its content types do not fit into this project:\n{}",
                all.join("\n")
            ))
        })?;
        path::id_is_free(&loaded.registry, package.manifest().id())
            .map_err(|reason| Failure(format!("nothing was installed; tenant {name}: {reason}")))?;
        let database = config.databases()?.of(name)?;
        path::allowed(&database, &loaded.registry)
            .map_err(|reason| Failure(format!("nothing was installed; tenant {name}: {reason}")))?;
        other |= !database.schema_is(&loaded.registry).map_err(failed)?;
    }
    Ok(other)
}
