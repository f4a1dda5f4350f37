//! `cairn plugin choose`.

use super::super::{ProjectArgs, TenantNameArgs};
use super::change::{command_actor, from_change_error};
use super::errors::{from_store_error, unknown_plugin_error};
use super::install::{read_choices, refusal_error};
use super::print_line;
use cairn_app::OperatorError;
use cairn_app::plugins::choices::{candidate_types, opened_sentence, plan_choices, unfit_types};
use cairn_app::plugins::folder::PluginFolderLock;
use cairn_app::plugins::packages;
use cairn_model::Registry;
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::ChoiceKind;
use cairn_store::plugins::{PluginRow, PluginState};

/// Arguments of `cairn plugin choose`.
#[derive(Debug, clap::Args)]
pub(super) struct ChooseArgs {
    /// The plugin's id
    id: String,
    /// The new values, such as pages=api::page.page,api::post.post; `pages=` chooses nothing. Without any, show the choices
    #[arg(value_name = "NAME=VALUES")]
    choices: Vec<String>,
    /// Agree to what the plugin may do in addition
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl ChooseArgs {
    /// Runs the command.
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let Self { id, choices, yes, tenant, project } = self;
        let config = project.load_config()?;
        let access = tenant.open_filled(&project.load_context()?).await?;
        // An installation that has begun would replace what is chosen now.
        let _lock = PluginFolderLock::share(&config).map_err(|e| from_change_error(&id, e))?;
        let (store, registry) = (access.store(), access.store().registry());
        let row = store.read(|r| r.plugins().get(&id)).map_err(from_store_error)?;
        let row = row.filter(|row| row.state != PluginState::Removed).ok_or_else(|| unknown_plugin_error(&id))?;
        let chosen = read_choices(&choices)?;
        if choices.is_empty() {
            let package = packages::load_version(&config.project, &id, &row.current).map_err(OperatorError)?;
            print_choices(registry, package.manifest(), &row);
            return Ok(());
        }
        let change = plan_choices(&config.project, registry, &row, &chosen)
            .map_err(|refusals| refusal_error("nothing was changed", &refusals))?;
        let opened = change.opened.iter().map(|uid| opened_sentence(uid).0);
        let lines: Vec<String> = change.widened.iter().map(|(english, _)| english.clone()).chain(opened).collect();
        if !yes && !lines.is_empty() {
            return Err(OperatorError(format!(
                "with this choice {id}:\n  {}\nNothing was changed. Run the command again with --yes to agree.",
                lines.join("\n  ")
            )));
        }
        let now = access.now().timestamp_millis();
        let result = store.write(move |tx| change.write(tx, &command_actor(), now)).await;
        result.map_err(|e| from_change_error(&id, e))?;
        print_line(format_args!("{id}: chosen; a running server applies this within a second"));
        Ok(())
    }
}

fn print_choices(registry: &Registry, manifest: &Manifest, row: &PluginRow) {
    let choices = packages::stored_choices(row);
    let unfit = unfit_types(registry, manifest, &choices);
    if manifest.choices.is_empty() {
        print_line(format_args!("{} leaves no choice", row.id));
    }
    for choice in &manifest.choices {
        let values: Vec<&str> = choices.values(&choice.name).collect();
        let values = if values.is_empty() { "nothing".to_owned() } else { values.join(", ") };
        print_line(format_args!("{} ({}): {values}", choice.name, choice.kind));
        for unfit in unfit.iter().filter(|unfit| unfit.choice == choice.name) {
            print_line(format_args!("  off: {} {}", unfit.uid, unfit.reason.english()));
        }
        if choice.kind != ChoiceKind::ContentTypes {
            continue;
        }
        for candidate in candidate_types(registry, choice) {
            match candidate.unfit {
                None => print_line(format_args!("  can be chosen: {}", candidate.uid)),
                Some(reason) => print_line(format_args!("  cannot: {} {}", candidate.uid, reason.english())),
            }
        }
    }
}
