//! Quarantine of plugins that keep failing: one that fails soon after it took over from another version is rolled back to that, one that
//! fails again and again is switched off until somebody has looked at it.

use crate::exports::lifecycle::{LifecycleError, save_plugin_row, swapped_at};
use crate::tenant::breaker::TrippedCircuit;
use crate::tenant::plugins::Plugins;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState};
use cairn_store::{StoreError, WriteTx};
use std::sync::Arc;

/// How long after a swap a failing plugin is rolled back, in milliseconds.
const ROLLBACK_WINDOW_MS: i64 = 15 * 60_000;

/// Outcome for a plugin that failed repeatedly: off, or back at an earlier version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineOutcome {
    /// Id of the plugin.
    pub plugin: String,
    /// Version that failed.
    pub failed: String,
    /// Version that runs again; `None`: the plugin is switched off.
    pub back_to: Option<String>,
    /// The reason, for people.
    pub reason: String,
    /// Version that somebody can roll back to, where the plugin is switched off.
    pub previous: Option<String>,
}

/// Replaces the version in a plugin's row by the one before; `None`: there is nothing to roll back to.
pub type RollbackFn = dyn Fn(&PluginRow) -> Option<PluginRow> + Send + Sync;
/// Notifies people, in the transaction that settles the matter, at that time in milliseconds.
pub type NotifyFn = dyn Fn(&mut WriteTx<'_>, &QuarantineOutcome, i64) -> Result<(), StoreError> + Send + Sync;

impl Plugins {
    /// Handles plugins that have failed repeatedly since the last call: switches them off, or rolls back to the version before where the
    /// failing one took over within the last quarter of an hour and `back` has one to go back to. To be called every second or so; it
    /// costs nothing where no plugin failed.
    ///
    /// # Errors
    /// Returned when the database fails; the next call tries again.
    pub async fn settle_tripped(
        &self,
        back: Arc<RollbackFn>,
        tell: Arc<NotifyFn>,
    ) -> Result<Vec<QuarantineOutcome>, StoreError> {
        let Some(context) = self.host_context() else { return Ok(Vec::new()) };
        let tripped = self.take_tripped();
        let mut all = Vec::new();
        for (i, one) in tripped.iter().enumerate() {
            let (one, back, tell, now) = (one.clone(), back.clone(), tell.clone(), context.now());
            let settlement = context
                .content
                .store()
                .write(move |tx: &mut WriteTx<'_>| settle_circuit(tx, &one, &*back, &*tell, now));
            match settlement.await {
                Ok(settled) => all.extend(settled),
                Err(error) => {
                    self.requeue_tripped(&tripped[i..]);
                    return Err(match error {
                        LifecycleError::Store(error) => error,
                        // The plugin was changed concurrently: its circuits are settled again later.
                        _ => StoreError::Conflict,
                    });
                }
            }
        }
        Ok(all)
    }
}

fn settle_circuit(
    tx: &mut WriteTx<'_>,
    tripped: &TrippedCircuit,
    back: &RollbackFn,
    tell: &NotifyFn,
    now: i64,
) -> Result<Option<QuarantineOutcome>, LifecycleError> {
    let Some(row) = tx.reader().plugins().get(&tripped.plugin)? else { return Ok(None) };
    // The plugin was changed meanwhile.
    if row.state != PluginState::Enabled || row.generation != tripped.number {
        return Ok(None);
    }
    let by = Actor::system("plugins");
    let new = swapped_at(&tx.reader(), &row.id, now)?.is_some_and(|at| now.saturating_sub(at) < ROLLBACK_WINDOW_MS);
    let failed = row.current.version.clone();
    let settled = match back(&row) {
        Some(before) if new => {
            let reason = format!("{failed} failed soon after it was installed: {}", tripped.reason);
            let back_to = Some(before.current.version.clone());
            // `previous` is empty, so that nobody rolls back to the version that failed.
            let state = PluginState::Enabled;
            let row = PluginRow {
                previous: None,
                checkpoint: None,
                state,
                reason: Some(reason.clone()),
                changed_by: by,
                ..before
            };
            save_plugin_row(tx, row, now)?;
            QuarantineOutcome { plugin: tripped.plugin.clone(), failed, back_to, reason, previous: None }
        }
        previous if tripped.too_often => {
            let reason = format!("it failed too often within an hour: {}", tripped.reason);
            let state = PluginState::Quarantined;
            save_plugin_row(tx, PluginRow { state, reason: Some(reason.clone()), changed_by: by, ..row }, now)?;
            let previous = previous.map(|previous| previous.current.version);
            QuarantineOutcome { plugin: tripped.plugin.clone(), failed, back_to: None, reason, previous }
        }
        _ => return Ok(None),
    };
    tracing::error!(
        plugin = settled.plugin,
        version = settled.failed,
        back_to = settled.back_to,
        reason = settled.reason,
        "a plugin keeps failing: it is no longer called"
    );
    tell(tx, &settled, now)?;
    Ok(Some(settled))
}
