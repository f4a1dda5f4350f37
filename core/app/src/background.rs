//! The background work of a tenant: its engine, and everything that receives events or runs jobs.
//!
//! This is the one place where consumers and job handlers are put together.

mod maintenance;
mod negation_report;

pub(crate) use negation_report::report_negations;

use crate::config::Config;
use crate::node::NodeIdentity;
use crate::personal_data::{ErasureJob, PersonalData};
use crate::tenant::Tenant;
use cairn_access::{AccessControl, Clock};
use cairn_assets::BlobStore;
use cairn_content::Content;
use cairn_editorial::owners::EscalationCheck;
use cairn_editorial::releases::Releases;
use cairn_editorial::review::ReviewSync;
use cairn_editorial::schedules::Schedules;
use cairn_editorial::{EditorialService, NoticeConsumer, NotificationSender};
use cairn_events::audit::AuditConsumer;
use cairn_events::{BatchConsumer, Cron, EndBatchHandler, Engine, EngineSetup, Housekeeping, JobHandler, Subscriber};
use cairn_library::resumable::ResumableUploads;
use cairn_licensing::{LicensingService, LicensingSweep};
use cairn_notify::Notifier;
use cairn_store::events::{CronRow, MissedRuns};
use cairn_store::{Store, StoreError};
use serde_json::json;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often the engine polls for work of other nodes and for what is due.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// How long commits are gathered before their events are processed.
const COMMIT_GATHER_TIME: Duration = Duration::from_millis(50);
/// How long running work may take to finish when the server stops; what has not finished is repeated by the next process.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Parts that the background work of a tenant is built from.
pub(crate) struct BackgroundContext<'a> {
    pub(crate) content: &'a Content,
    pub(crate) personal_data: &'a PersonalData,
    pub(crate) access: &'a AccessControl,
    pub(crate) clock: &'a Arc<dyn Clock>,
    pub(crate) schedules: &'a Schedules,
    pub(crate) releases: &'a Releases,
    pub(crate) resumable: &'a ResumableUploads,
    pub(crate) config: &'a Config,
    pub(crate) notifier: &'a Notifier,
    pub(crate) node: &'a NodeIdentity,
    pub(crate) assets: &'a Arc<dyn BlobStore>,
}

/// The engine of a tenant with all consumers and job handlers that every tenant has.
pub(crate) fn build_engine(parts: &BackgroundContext<'_>) -> Arc<Engine> {
    let (store, clock) = (parts.content.store().clone(), parts.clock.clone());
    let editorial_service = EditorialService::new(parts.content.clone(), parts.access.clone());
    let subscribers: Vec<Subscriber> = vec![
        Subscriber::Transactional(Arc::new(AuditConsumer)),
        Subscriber::Transactional(Arc::new(BatchConsumer)),
        Subscriber::Transactional(Arc::new(ReviewSync)),
        Subscriber::Transactional(Arc::new(NoticeConsumer::new(Arc::new(NotificationSender)))),
    ];
    let mut handlers: Vec<Arc<dyn JobHandler>> = vec![
        Arc::new(Housekeeping { store: store.clone(), clock: clock.clone() }),
        Arc::new(EndBatchHandler { store: store.clone(), clock: clock.clone() }),
        Arc::new(EscalationCheck::new(editorial_service)),
        Arc::new(LicensingSweep::new(LicensingService::new(parts.content.clone(), parts.access.clone()))),
        Arc::new(parts.schedules.clone()),
        Arc::new(parts.releases.clone()),
        Arc::new(maintenance::HistoryPurge {
            content: parts.content.clone(),
            kept: parts.config.history.history_retention(),
        }),
        Arc::new(maintenance::PresencePurge { content: parts.content.clone() }),
        Arc::new(maintenance::FilesSweep { content: parts.content.clone(), assets: parts.assets.clone() }),
        Arc::new(maintenance::ResumablePurge { resumable: parts.resumable.clone() }),
        Arc::new(ErasureJob { personal_data: parts.personal_data.clone() }),
    ];
    handlers.extend(parts.notifier.job_handlers());
    let quiet = RECURRING_JOBS.iter().filter(|(.., wakes)| !wakes).map(|(_, job, ..)| *job).collect();
    Engine::new(EngineSetup { store, clock, subscribers, handlers, node: parts.node.lease_holder(), quiet })
}

/// Jobs that recur in every tenant: name, handler, cron expression in UTC, and whether a closed tenant is opened for the job.
const RECURRING_JOBS: [(&str, &str, &str, bool); 7] = [
    ("cairn.housekeeping", "cairn.housekeeping", "17 * * * *", false),
    ("cairn.history.purge", "cairn.history.purge", "43 2 * * *", false),
    ("cairn.presence.purge", "cairn.presence.purge", "47 * * * *", false),
    ("cairn.files.sweep", "cairn.files.sweep", "11 4 * * *", false),
    ("cairn.resumable.purge", "cairn.resumable.purge", "53 * * * *", false),
    (cairn_notify::CLEANUP, cairn_notify::CLEANUP, "40 3 * * *", false),
    (cairn_licensing::SWEEP_JOB, cairn_licensing::SWEEP_JOB, "* * * * *", false),
];

/// Stores the recurring jobs that are missing or have changed, after releasing leases that a killed process left behind.
pub(crate) async fn declare_recurring_jobs(
    store: &Store,
    clock: &dyn Clock,
    node: &NodeIdentity,
) -> Result<(), StoreError> {
    // A SQLite file has one process: leases that exist at its start were left by a killed one.
    if !store.is_shared() && store.read(|r| r.consumers().has_leases())? {
        store.write(|tx| tx.consumers().release_leases()).await?;
    }
    // On a database with other nodes: what this one left.
    if store.is_shared()
        && node.is_alone()
        && store.read(|r| r.consumers().has_leases_of_node(&node.name, &node.run))?
    {
        let (name, run) = (node.name.clone(), node.run.clone());
        store.write(move |tx| tx.consumers().release_leases_of_node(&name, &run)).await?;
    }
    let rows: Vec<CronRow> = store.read(|r| r.recurring_jobs().list())?;
    let mut missing = Vec::new();
    for (name, job, cron, _) in RECURRING_JOBS {
        if rows.iter().any(|row| row.name == name && row.cron == cron && row.job == job) {
            continue;
        }
        let next = Cron::parse(cron, "UTC").ok().and_then(|c| c.next_after(clock.now())).map(cairn_events::unix_millis);
        missing.push(CronRow {
            name: name.into(),
            job: job.into(),
            payload: json!({}),
            cron: cron.into(),
            zone: "UTC".into(),
            missed: MissedRuns::Once,
            next,
            last: None,
            paused: false,
        });
    }
    if missing.is_empty() {
        return Ok(());
    }
    store.write(move |tx| missing.iter().try_for_each(|row| tx.recurring_jobs().save(row))).await
}

/// Runs a tenant's engine until the tenant is closed or the server stops. Holds the tenant open only while there is work.
pub(crate) async fn run_engine(tenant: Weak<Tenant>, mut stopped: watch::Receiver<bool>) {
    let Some(work) = tenant.upgrade().map(|t| t.content.store().work_notify()) else { return };
    let mut running = JoinSet::new();
    loop {
        // The sender may be dropped without a stop: the loop would never end, and `changed` would return at once in every round.
        if *stopped.borrow() || stopped.has_changed().is_err() {
            if let Some(open) = tenant.upgrade() {
                open.live.close();
            }
            break;
        }
        let Some(open) = tenant.upgrade().filter(|open| !open.retired.load(Ordering::Acquire)) else { break };
        if let Err(error) = open.follow_plugins().await
            && !open.content.store().is_outdated()
        {
            tracing::warn!(tenant = &*open.name, %error, "maintenance of plugins failed; it is retried");
        }
        let passed = match open.follow_webhooks() {
            Ok(()) => open.engine.run_pass(&mut running).await,
            Err(error) => Err(error),
        };
        match passed {
            // Work that has just ended may have enqueued more: the loop continues whatever the result.
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(tenant = &*open.name, %error, "background work was interrupted; it continues")
            }
        }
        drop(open);
        tokio::select! {
            // Many commits are followed up together: each pass costs commits of its own.
            () = work.notified() => tokio::time::sleep(COMMIT_GATHER_TIME).await,
            Some(_) = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            _ = stopped.changed() => {}
        }
    }
    let drained = tokio::time::timeout(SHUTDOWN_TIMEOUT, async { while running.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!("some work did not finish in time; it runs again after the next start");
    }
}
