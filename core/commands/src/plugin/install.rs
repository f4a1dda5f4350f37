//! `cairn plugin install`.

use super::super::{ProjectArgs, TenantNameArgs};
use super::change::{command_actor, delete_plugin};
use super::errors::{format_problems, from_store_error};
use super::print_line;
use cairn_access::{AccessControl, DEFAULT_TENANT};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::plugins::choices::opened_sentence;
use cairn_app::plugins::consent::{Consent, GrantChoice, Refusals};
use cairn_app::plugins::folder::{PluginFolderLock, finish_interrupted_locked, swap_folder};
use cairn_app::plugins::record::InstallRecord;
use cairn_app::plugins::{install as path, packages, remove, upgrade_inline};
use cairn_model::load::load_changed;
use cairn_plugin_host::lifecycle::{Removal, Upgrade};
use cairn_plugin_package::package::Package;
use cairn_plugin_package::{Capability, Choices, has_errors};
use cairn_store::plugins::{PluginRow, PluginState};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

/// Options and choices of the command line.
pub(super) struct InstallOptions {
    pub(super) yes: bool,
    pub(super) unsigned: bool,
    pub(super) older: bool,
    pub(super) chosen: GrantChoice,
    pub(super) choices: Choices,
}

/// Reads choices from `--choose pages=api::page.page,api::post.post` or the arguments of `choose`. A choice without values is emptied.
pub(super) fn read_choices(arguments: &[String]) -> Result<Choices, OperatorError> {
    let mut choices = Choices::default();
    let mut names = BTreeSet::new();
    for argument in arguments {
        let Some((name, values)) = argument.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(OperatorError(format!(
                "{argument:?} is not a choice; write it as NAME=VALUE,VALUE, such as pages=api::page.page"
            )));
        };
        if !names.insert(name) {
            return Err(OperatorError(format!("the choice {name:?} is given twice; write its values in one list")));
        }
        let values = values.split(',').map(str::trim).filter(|value| !value.is_empty());
        choices.set(name, values.map(str::to_owned));
    }
    Ok(choices)
}

/// Reads the choice of grants, by `--grants` or `--without`; all of them where neither is given.
pub(super) fn read_grant_choice(file: Option<&Path>, without: &[String]) -> Result<GrantChoice, OperatorError> {
    if let Some(file) = file {
        let at = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", file.display()));
        let text = std::fs::read_to_string(file).map_err(|e| at(&e))?;
        let mut json: Json = serde_json::from_str(&text).map_err(|e| at(&e))?;
        // The whole output of `inspect` is accepted too.
        if let Some(grants) = json.get_mut("grants") {
            json = grants.take();
        }
        return serde_json::from_value(json).map(|grants| GrantChoice::Grants(Box::new(grants))).map_err(|e| at(&e));
    }
    if without.is_empty() {
        return Ok(GrantChoice::All);
    }
    let known = |name: &String| {
        let known = Capability::ALL.iter().copied().find(|capability| capability.as_str() == name);
        known.ok_or_else(|| {
            let all: Vec<&str> = Capability::ALL.iter().map(|capability| capability.as_str()).collect();
            OperatorError(format!("--without {name}: unknown capability; use one of {}", all.join(", ")))
        })
    };
    without.iter().map(known).collect::<Result<_, _>>().map(GrantChoice::Without)
}

pub(super) fn refusal_error(subject: &str, refusals: &Refusals) -> OperatorError {
    let one = |(place, message): &(String, String)| match place.as_str() {
        "" => message.clone(),
        place => format!("{place}: {message}"),
    };
    match refusals.as_slice() {
        [only] => OperatorError(format!("{subject}: {}", one(only))),
        all => OperatorError(format!("{subject}:\n  {}", all.iter().map(one).collect::<Vec<_>>().join("\n  "))),
    }
}

/// Installs a package and switches it on. Where anything goes wrong all is as it was.
pub(super) async fn install_plugin(
    project: &ProjectArgs,
    tenant: &TenantNameArgs,
    file: &Path,
    options: InstallOptions,
) -> Result<(), OperatorError> {
    let (package, bytes) = packages::read_with_bytes(file)?;
    let problems = package.check();
    if has_errors(&problems) {
        return Err(OperatorError(format!("{} was not installed:\n{}", file.display(), format_problems(&problems))));
    }
    let (id, version) = (package.manifest().id().to_owned(), package.manifest().plugin.version.to_string());
    let config = project.load_config()?;
    let lock = PluginFolderLock::acquire_or_fail(&config)?;
    let databases = config.resolve_databases()?;
    finish_interrupted_locked(&config, &databases, &lock)?;
    let (rows, registry) = {
        // A project that was never started gets its database now: the plugin is there when it is.
        let (access, _) = tenant.open_tenant(&project.load_context()?).await?;
        let rows = access.store().read(|r| r.plugins().list()).map_err(from_store_error)?;
        (rows, access.store().registry().clone())
    };
    let InstallOptions { yes, unsigned, older, chosen, choices } = options;
    // Consent to opened content is requested below, with everything else.
    let consent = Consent { unsigned, older, chosen, choices, opened: None };
    let record = path::plan_installation(&config.project, &package, &rows, &registry, &consent, &command_actor());
    let record = record.map_err(|refusals| refusal_error("nothing was installed", &refusals))?;
    if let Some(needed_consent) = consent_needed(&record).filter(|_| !yes) {
        return Err(OperatorError(format!(
            "{id} {version} {needed_consent}\nNothing was installed. Run the command again with --yes to agree."
        )));
    }
    let other_model = check_content_types(&config, tenant, &package)?;
    // Compilation precedes all changes: a running server takes the code from the cache, and its writes do not wait for a compiler.
    let compiler = project.load_context()?;
    let _compiled = tokio::task::block_in_place(|| compiler.compile_component(package.component()));
    let swapped = swap_folder(&config, tenant.name(), &record, &package, &bytes)?;
    // The model with its content types, and the database with their tables and the plugin's row.
    let opened = match project.load_context() {
        Ok(context) => tenant.open_filled(&context).await,
        Err(error) => Err(error),
    };
    let access = match opened {
        Ok(access) => access,
        Err(error) => {
            // An installation whose database is ready is completed by the next start.
            drop(swapped);
            finish_interrupted_locked(&config, &databases, &lock)?;
            return Err(OperatorError(format!("{id} was not installed: {error}")));
        }
    };
    let row = access.store().read(|r| r.plugins().get(&id)).map_err(from_store_error)?;
    let has_version = |row: &PluginRow| {
        row.current == record.version || Upgrade::from_row(row).is_some_and(|upgrade| upgrade.to == record.version)
    };
    let Some(row) = row.filter(has_version) else {
        return Err(OperatorError(format!("{id} was changed by another process: try again")));
    };
    match row.state {
        PluginState::Installed => {
            run_install_step(project, &config, access, &row, rows.iter().any(|row| row.id == id)).await?
        }
        PluginState::Upgrading
            if !upgrade_inline(&project.load_context()?.plugins_once(&access), &config.project, &row).await =>
        {
            print_line(format_args!(
                "{id} {version}: installed; a running server migrates its data and then switches to it"
            ));
            return Ok(());
        }
        _ => {}
    }
    print_line(format_args!("{id} {version}: installed and switched on"));
    for choice in
        package.manifest().choices.iter().filter(|choice| record.choices.values(&choice.name).next().is_none())
    {
        print_line(format_args!("Nothing is chosen for {0:?}: run `cairn plugin choose {id} {0}=…`", choice.name));
    }
    if other_model {
        print_line("A running server applies the plugin's content types within seconds.");
    }
    Ok(())
}

/// Describes the consent that a version needs before it is installed: all that it may do and does or, where one is there already, what of
/// it is new. `None`: nothing is.
fn consent_needed(record: &InstallRecord) -> Option<String> {
    let lines = |all: Vec<String>| match all.is_empty() {
        true => "  nothing besides its own content".to_owned(),
        false => all.into_iter().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n"),
    };
    match &record.widened {
        Some(news) if news.is_empty() && record.opened.is_empty() => None,
        Some(news) => {
            let opened = record.opened.iter().map(|uid| opened_sentence(uid).0);
            let news = news.iter().cloned().chain(opened).collect();
            Some(format!("does more than the installed version, or lets people see more:\n{}", lines(news)))
        }
        None => {
            let grants = record.grants.sentences().into_iter().map(|s| s.english).collect();
            let opened = record.opened.iter().map(|uid| opened_sentence(uid).0);
            let does = record.does.iter().cloned().chain(opened).collect();
            Some(format!("asks for:\n{}\nand on its own:\n{}", lines(grants), lines(does)))
        }
    }
}

/// Has the plugin do what it has to do about being installed. Where it refuses nothing of it stays but what was `kept` of it before.
async fn run_install_step(
    project: &ProjectArgs,
    config: &Config,
    access: AccessControl,
    row: &PluginRow,
    is_stored: bool,
) -> Result<(), OperatorError> {
    let (id, context) = (row.id.as_str(), project.load_context()?);
    let plugin = packages::load_installed(&config.project, row).map_err(OperatorError)?;
    let refused = match context.plugins_once(&access).finish_installation(plugin, command_actor()).await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let row = access.store().read(|r| r.plugins().get(id)).map_err(from_store_error)?;
    let Some(reason) = row.and_then(path::refusal_reason) else {
        return Err(OperatorError(format!(
            "{id} is installed but not switched on yet; a running server continues with it: {refused}"
        )));
    };
    if is_stored {
        let (now, plugin) = (access.now().timestamp_millis(), id.to_owned());
        let result =
            access.store().write(move |tx| remove::remove_keeping_data(tx, &plugin, &command_actor(), now)).await;
        result.map_err(|e| OperatorError(e.to_string()))?;
    } else {
        delete_plugin(config, &context, access, id, None, Removal::Delete).await?;
    }
    Err(OperatorError(format!("{id} was not installed: {reason}")))
}

/// True if the content types become others. An error where they cannot be stored beside what is there.
fn check_content_types(config: &Config, tenant: &TenantNameArgs, package: &Package) -> Result<bool, OperatorError> {
    let changes = path::model_changes(&config.project, package);
    let mut other = false;
    let mut names = vec![DEFAULT_TENANT];
    if tenant.name() != DEFAULT_TENANT {
        names.push(tenant.name());
    }
    for name in names {
        let own = Config::own_types_folder(name);
        let tenant_folders: &[&str] =
            if name != DEFAULT_TENANT && config.project.join(&own).is_dir() { &[&own] } else { &[] };
        let loaded = load_changed(&config.project, tenant_folders, &changes).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
            OperatorError(format!(
                "nothing was installed; its content types do not fit into this project:\n{}",
                all.join("\n")
            ))
        })?;
        path::id_is_free(&loaded.registry, package.manifest().id())
            .map_err(|reason| OperatorError(format!("nothing was installed; tenant {name}: {reason}")))?;
        let database = config.resolve_databases()?.for_tenant(name)?;
        path::check_schema_change(&database, &loaded.registry)
            .map_err(|reason| OperatorError(format!("nothing was installed; tenant {name}: {reason}")))?;
        other |= !database.schema_is(&loaded.registry).map_err(from_store_error)?;
    }
    Ok(other)
}
