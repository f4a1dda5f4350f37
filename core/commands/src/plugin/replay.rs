//! `cairn plugin replay`.

use super::super::{ProjectArgs, TenantNameArgs};
use super::change::command_actor;
use super::errors::{from_store_error, unknown_plugin_error};
use super::print_line;
use super::show::format_time;
use cairn_access::AccessControl;
use cairn_app::OperatorError;
use cairn_app::plugins::replay::CallReplay;
use cairn_plugin_host::replay::{ReplayReport, ReplayStatus};
use cairn_query::Access;
use cairn_store::plugins::CallFilter;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Calls that are printed.
const MAX_PRINTED_CALLS: i64 = 100;

#[derive(Debug, clap::Args)]
pub(super) struct ReplayArgs {
    /// The plugin's id
    id: String,
    /// The call's id, as printed by this command without a call
    call: Option<String>,
    /// Roll back all changes, and send nothing
    #[arg(long, requires = "call")]
    dry_run: bool,
    /// Print JSON; for a list of calls, one object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl ReplayArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let Self { id, call, dry_run, json, tenant, project } = self;
        let context = project.load_context()?;
        let access = tenant.open_filled(&context).await?;
        if access.store().read(|r| r.plugins().get(&id)).map_err(from_store_error)?.is_none() {
            return Err(unknown_plugin_error(&id));
        }
        let Some(call) = call else { return list_failed_calls(&access, id, json) };
        let recorded_call = access.store().read(|r| r.plugin_calls().get(&call)).map_err(from_store_error)?;
        let recorded = recorded_call.filter(|record| record.call.plugin == id).ok_or_else(|| {
            OperatorError(format!(
                "call {call:?} of {id} not found; run `cairn plugin replay {id}` to see its failed calls"
            ))
        })?;
        let (plugin_manager, engine) = context.plugins_working(tenant.name(), &access).await?;
        let call_replay = CallReplay {
            plugins: plugin_manager.plugins(),
            engine: &engine,
            store: access.store(),
            project: &project.load_config()?.project,
            dry: dry_run,
            // Access to the project's folder is access to everything in it.
            access: Arc::new(Access::full()),
            by: command_actor(),
            now: access.now().timestamp_millis(),
        };
        let report = call_replay.run_replay(&recorded).await;
        // The log lines and the failure are stored, to be looked up later.
        plugin_manager.write_logs().await.map_err(from_store_error)?;
        let report = report.map_err(|e| OperatorError(format!("{call} was not repeated: {e}")))?;
        print_replay(&report, dry_run, json);
        match report.end {
            ReplayStatus::Failed => Err(OperatorError(format!("{call} failed again: {}", report.message))),
            ReplayStatus::Worked | ReplayStatus::AlreadyDone => Ok(()),
        }
    }
}

fn list_failed_calls(access: &AccessControl, id: String, as_json: bool) -> Result<(), OperatorError> {
    let filter = CallFilter { plugin: Some(id), ..CallFilter::default() };
    for call in access.store().read(|r| r.plugin_calls().list(&filter, MAX_PRINTED_CALLS)).map_err(from_store_error)? {
        let at = format_time(call.at);
        if as_json {
            print_line(json!({
                "id": call.id, "at": at, "export": call.export, "name": call.name, "kind": call.kind, "message": call.message,
                "attempt": call.attempt, "version": call.version,
            }));
        } else {
            let message = call.message.lines().next().unwrap_or_default();
            print_line(format_args!(
                "{}  {at}  {} {}  {}: {message}",
                call.id,
                call.export,
                call.name,
                call.kind.as_str()
            ));
        }
    }
    Ok(())
}

fn print_replay(report: &ReplayReport, dry: bool, as_json: bool) {
    let logs: Vec<Json> =
        report.logs.iter().map(|log| json!({ "level": log.level.as_str(), "message": log.message })).collect();
    if as_json {
        print_line(json!({
            "outcome": report.end.as_str(), "dryRun": dry, "message": report.message, "answer": report.answer, "logs": logs,
        }));
        return;
    }
    for log in &report.logs {
        print_line(format_args!("{:5}  {}", log.level.as_str(), log.message));
    }
    if !report.answer.is_null() {
        print_line(&report.answer);
    }
    if report.end != ReplayStatus::Failed {
        print_line(&report.message);
    }
}
