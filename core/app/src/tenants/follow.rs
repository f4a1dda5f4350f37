//! Applies what other processes change, and closes idle tenants.

use super::model::ModelError;
use super::{TenantSlot, Tenants};
use crate::tenant::Tenant;
use cairn_store::Store;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often changes of other processes are polled for.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(500);

/// How often a change of the content types is looked at that another process has just made: writes wait for it.
const OUTDATED_INTERVAL: Duration = Duration::from_millis(50);
/// How long it is looked at so often: a change that cannot be loaded by then may need another version of Cairn.
const OUTDATED_HURRY: Duration = Duration::from_secs(3);

/// How long after a start only requests open tenants.
const START_QUIET_TIME: Duration = Duration::from_secs(5);

/// How long due work of a closed tenant waits for room before another tenant is closed for it, in milliseconds.
const OVERDUE_MS: i64 = 5_000;

/// How often dropped content is checked for its expiry.
const TRASH_CHECK_INTERVAL: Duration = Duration::from_secs(3_600);

/// Runs until the server stops.
pub async fn follow_changes(tenants: Arc<Tenants>, mut stopped: watch::Receiver<bool>) {
    // Kept until it went well: a change is told once.
    let mut stale = false;
    // A failure that goes on is told once.
    let mut untold = true;
    // Plugins may have to be compiled for it, which takes minutes at worst: other changes are followed meanwhile.
    let mut adopting: Option<JoinHandle<Result<bool, ModelError>>> = None;
    let start = tokio::time::Instant::now();
    let mut emptied = start;
    let mut interval = FOLLOW_INTERVAL;
    loop {
        tokio::select! {
            () = tokio::time::sleep(interval) => {}
            () = tenants.outdated_found.notified(), if interval == FOLLOW_INTERVAL => {}
            _ = stopped.changed() => {
                if let Some(task) = adopting {
                    let _ = task.await;
                }
                return;
            }
        }
        stale |= follow_outside_changes(&tenants.default_tenant()).await;
        if stale {
            match tenants.refresh_directory() {
                Ok(()) => stale = false,
                Err(e) => tracing::error!(error = %e, "cannot read the tenants; the known ones stay in service"),
            }
        }
        let open = tenants.open_tenants();
        let outdated = std::iter::once(&tenants.default_tenant()).chain(&open).any(|t| t.content.store().is_outdated());
        drop(open);
        let since = outdated.then(|| *tenants.outdated_since.lock().get_or_insert_with(tokio::time::Instant::now));
        let is_new = since.is_some_and(|since| since.elapsed() < OUTDATED_HURRY);
        interval = if is_new { OUTDATED_INTERVAL } else { FOLLOW_INTERVAL };
        if let Some(task) = adopting.take_if(|task| task.is_finished()) {
            match task.await {
                Ok(Ok(_)) => untold = true,
                Ok(Err(e)) if std::mem::take(&mut untold) => {
                    tracing::error!(error = ?e, "cannot load the content types that another process has changed; it is retried");
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        if outdated && adopting.is_none() {
            let tenants = tenants.clone();
            adopting = Some(tokio::spawn(async move { tenants.adopt_model_change().await }));
        }
        for slot in tenants.all_slots() {
            check_slot(slot);
        }
        if emptied.elapsed() >= TRASH_CHECK_INTERVAL {
            emptied = tokio::time::Instant::now();
            empty_trash(&tenants);
        }
        tenants.close_idle();
        if start.elapsed() >= START_QUIET_TIME {
            wake_due_tenants(&tenants);
        }
    }
}

/// Empties the trash of all open tenants in the background. One that is opened later does so then.
fn empty_trash(tenants: &Tenants) {
    let now = cairn_access::format_iso(tenants.process_context().clock.now());
    let mut open = tenants.open_tenants();
    open.push(tenants.default_tenant());
    tokio::task::spawn_blocking(move || {
        for tenant in open {
            crate::wiring::empty_trash(tenant.content.store(), &now, &tenant.name);
        }
    });
}

/// Opens the tenants in service that have work to do, or that have not been looked at since the start: one at a time, where there is room.
fn wake_due_tenants(tenants: &Arc<Tenants>) {
    let now = tenants.process_context().clock.now().timestamp_millis();
    let mut due: Vec<Arc<TenantSlot>> = tenants.all_slots();
    due.retain(|slot| slot.in_service.load(Ordering::Acquire) && slot.is_due(now));
    // Overdue work may close another tenant to make room; work that can wait may not.
    let (urgent, other): (Vec<_>, Vec<_>) = due.into_iter().partition(|slot| slot.is_due_since(now - OVERDUE_MS));
    let room = usize::from(tenants.has_room());
    for slot in urgent.into_iter().chain(other.into_iter().take(room)) {
        let tenants = tenants.clone();
        tokio::spawn(async move {
            let database = tenants.process_context().databases.for_tenant(&slot.name);
            // A tenant that was never used has no database, and background work must not create one.
            let database_exists =
                tokio::task::spawn_blocking(move || database.is_ok_and(|d| d.exists().unwrap_or(false)));
            match database_exists.await {
                Ok(true) => drop(slot.open(&tenants).await),
                _ => slot.clear_due(),
            }
        });
    }
}

/// Checks an open tenant in the background, so that a slow one delays no other.
fn check_slot(slot: Arc<TenantSlot>) {
    if slot.is_open() && !slot.looking.swap(true, Ordering::AcqRel) {
        tokio::spawn(async move {
            if let Some(tenant) = slot.peek() {
                follow_outside_changes(&tenant).await;
            }
            slot.looking.store(false, Ordering::Release);
        });
    }
}

/// Applies changes of other processes; returns whether there were any.
async fn follow_outside_changes(tenant: &Tenant) -> bool {
    let name = &*tenant.name;
    match Store::run_in_background(tenant.content.store().detect_outside_changes()).await {
        Ok(false) => false,
        Ok(true) => {
            if let Err(e) = tenant.access.reload() {
                tracing::error!(tenant = name, error = %e, "cannot read changed settings; the previous ones stay in effect");
            }
            true
        }
        Err(e) => {
            tracing::warn!(tenant = name, error = %e, "checking for changes failed");
            false
        }
    }
}
