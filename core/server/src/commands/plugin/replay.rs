//! `cairn plugin replay`.

use super::super::{OfTenant, Project};
use super::change::by;
use super::show::time;
use super::{failed, say, unknown};
use crate::plugins::replay::Again;
use crate::wiring::Failure;
use cairn_access::AccessControl;
use cairn_plugin_host::replay::{End, Replayed};
use cairn_query::Access;
use cairn_store::plugins::CallFilter;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Calls that are printed.
const CALLS: i64 = 100;

#[derive(Debug, clap::Args)]
pub(super) struct Replay {
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
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

impl Replay {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self { id, call, dry_run, json, tenant, project } = self;
        let ground = project.ground()?;
        let access = tenant.open_filled(&ground).await?;
        if access.store().read(|r| r.plugin(&id)).map_err(failed)?.is_none() {
            return Err(unknown(&id));
        }
        let Some(call) = call else { return list(&access, id, json) };
        let kept = access.store().read(|r| r.plugin_call(&call)).map_err(failed)?;
        let kept = kept.filter(|kept| kept.call.plugin == id).ok_or_else(|| {
            Failure(format!("call {call:?} of {id} not found; run `cairn plugin replay {id}` to see its failed calls"))
        })?;
        let (shelf, engine) = ground.plugins_working(tenant.name(), &access).await?;
        let again = Again {
            plugins: shelf.plugins(),
            engine: &engine,
            store: access.store(),
            project: &project.config()?.project,
            dry: dry_run,
            // Whoever has the project's folder has everything in it.
            access: Arc::new(Access::full()),
            by: by(),
            now: access.now().timestamp_millis(),
        };
        let done = again.make(&kept).await;
        // What it logged, and how it failed, is to be found later.
        shelf.write_logs().await.map_err(failed)?;
        let done = done.map_err(|e| Failure(format!("{call} was not repeated: {e}")))?;
        show(&done, dry_run, json);
        match done.end {
            End::Failed => Err(Failure(format!("{call} failed again: {}", done.message))),
            End::Worked | End::Before => Ok(()),
        }
    }
}

fn list(access: &AccessControl, id: String, as_json: bool) -> Result<(), Failure> {
    let filter = CallFilter { plugin: Some(id), ..CallFilter::default() };
    for call in access.store().read(|r| r.plugin_calls(&filter, CALLS)).map_err(failed)? {
        let at = time(call.at);
        if as_json {
            say(json!({
                "id": call.id, "at": at, "export": call.export, "name": call.name, "kind": call.kind, "message": call.message,
                "attempt": call.attempt, "version": call.version,
            }));
        } else {
            let message = call.message.lines().next().unwrap_or_default();
            say(format_args!("{}  {at}  {} {}  {}: {message}", call.id, call.export, call.name, call.kind.as_str()));
        }
    }
    Ok(())
}

fn show(done: &Replayed, dry: bool, as_json: bool) {
    let logs: Vec<Json> =
        done.logs.iter().map(|log| json!({ "level": log.level.as_str(), "message": log.message })).collect();
    if as_json {
        say(json!({
            "outcome": done.end.as_str(), "dryRun": dry, "message": done.message, "answer": done.answer, "logs": logs,
        }));
        return;
    }
    for log in &done.logs {
        say(format_args!("{:5}  {}", log.level.as_str(), log.message));
    }
    if !done.answer.is_null() {
        say(&done.answer);
    }
    if done.end != End::Failed {
        say(&done.message);
    }
}
