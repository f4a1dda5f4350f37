//! How the server is, as two areas of the admin API say it.

use crate::error::WireError;
use crate::openapi::response_types::Time;
use cairn_app::{Tenant, node};
use cairn_notify::MailMode;
use cairn_store::events::{ConsumerState, DeliveryState, JobState};
use serde::Serialize;
use std::time::Instant;
use utoipa::ToSchema;

/// A database that takes longer for its smallest answer is slow, in milliseconds.
const SLOW_DATABASE_MS: f64 = 250.0;
/// A disk with less room is nearly full: bytes, and a share of it.
const LOW_DISK_BYTES: u64 = 1 << 30;
const LOW_DISK_SHARE: f64 = 0.05;
/// Events that a consumer may be behind without being a matter of concern.
const MAX_EVENT_LAG: i64 = 10_000;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    version: &'static str,
    /// Name and version of the runtime of plugins, such as `wasmtime 48.0.8`: advisories name it.
    plugin_runtime: &'static str,
    started_at: Time,
    /// Memory of the process, in bytes; `null` where the system does not tell.
    memory_bytes: Option<u64>,
    database: DatabaseHealth,
    storage: StorageHealth,
    mail: MailHealth,
    jobs: JobsHealth,
    webhooks: WebhooksHealth,
    events: EventsHealth,
    /// Checks that somebody should look at, and those that are as they should be.
    checks: Vec<HealthCheck>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct DatabaseHealth {
    kind: DatabaseKind,
    /// Time of its smallest answer, in milliseconds.
    answers_ms: f64,
    size_bytes: Option<i64>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum DatabaseKind {
    Sqlite,
    Postgres,
}

/// Where files are. Of the disk that the project is on, where they are there.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StorageHealth {
    kind: StorageKind,
    free_bytes: Option<u64>,
    total_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StorageKind {
    Disk,
    S3,
}

#[derive(Debug, Serialize, ToSchema)]
struct MailHealth {
    /// False: mails are kept and shown, not sent.
    configured: bool,
    waiting: i64,
    failed: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct JobsHealth {
    waiting: i64,
    running: i64,
    failed: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct WebhooksHealth {
    enabled: usize,
    /// Cairn stopped sending to them.
    disabled: usize,
    /// Their last deliveries did not go well.
    failing: usize,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct EventsHealth {
    /// Deliveries that were given up.
    dead_letters: i64,
    /// Events that the slowest consumer has before it.
    furthest_behind: i64,
    /// Consumers that somebody stopped.
    paused: usize,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthCheck {
    code: HealthCode,
    level: HealthLevel,
    /// Of how many things it is told.
    count: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
enum HealthCode {
    #[serde(rename = "database.slow")]
    DatabaseSlow,
    #[serde(rename = "disk.low")]
    DiskLow,
    #[serde(rename = "mail.unset")]
    MailUnset,
    #[serde(rename = "mail.failed")]
    MailFailed,
    #[serde(rename = "jobs.failed")]
    JobsFailed,
    #[serde(rename = "webhooks.disabled")]
    WebhooksDisabled,
    #[serde(rename = "webhooks.failing")]
    WebhooksFailing,
    #[serde(rename = "deadLetters")]
    DeadLetters,
    #[serde(rename = "events.behind")]
    EventsBehind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HealthLevel {
    Ok,
    /// It will become a problem, or limits something.
    Warning,
    /// Something does not work.
    Problem,
}

/// Returns the checks that are not OK, for somebody to look at.
///
/// # Errors
/// Errors of the store.
pub fn find_open_checks(tenant: &Tenant) -> Result<Vec<HealthCheck>, WireError> {
    Ok(load_health(tenant)?.checks.into_iter().filter(|check| check.level != HealthLevel::Ok).collect())
}

/// Looks at what the health of a tenant is made of.
///
/// # Errors
/// Errors of the store.
pub fn load_health(tenant: &Tenant) -> Result<Health, WireError> {
    let store = tenant.content.store();
    let started = Instant::now();
    let last_event = store.read(|r| r.events().last_position())?;
    let answers_ms = started.elapsed().as_secs_f64() * 1e3;
    let (jobs, mails, deliveries, consumers, webhooks, size) = store.read(|r| {
        Ok::<_, cairn_store::StoreError>((
            r.jobs().count_by_state()?,
            r.mails().count_by_state()?,
            r.deliveries().count_by_state()?,
            r.consumers().list()?,
            r.webhooks().list()?,
            r.database_size()?,
        ))
    })?;
    let of_jobs = |expected| jobs.iter().filter(|(_, state, _)| *state == expected).map(|(.., n)| n).sum();
    let of_mails = |expected: &str| mails.iter().filter(|(state, _)| state == expected).map(|(_, n)| n).sum();
    let behind = consumers.iter().filter(|c| c.state == ConsumerState::Active).map(|c| last_event - c.position);
    let health = Health {
        version: env!("CARGO_PKG_VERSION"),
        plugin_runtime: cairn_plugin_host::RUNTIME_VERSION,
        started_at: Time(node::process_started_ms()),
        memory_bytes: resident_memory(),
        database: DatabaseHealth {
            kind: if store.is_shared() { DatabaseKind::Postgres } else { DatabaseKind::Sqlite },
            answers_ms,
            size_bytes: size,
        },
        storage: storage_health(tenant),
        mail: MailHealth {
            configured: tenant.notifier.mode() == MailMode::Smtp,
            waiting: of_mails("waiting"),
            failed: of_mails("failed"),
        },
        jobs: JobsHealth {
            waiting: of_jobs(JobState::Waiting),
            running: of_jobs(JobState::Running),
            failed: of_jobs(JobState::Dead),
        },
        webhooks: WebhooksHealth {
            enabled: webhooks.iter().filter(|w| w.webhook.enabled).count(),
            disabled: webhooks.iter().filter(|w| !w.webhook.enabled && w.webhook.disabled_reason.is_some()).count(),
            failing: webhooks.iter().filter(|w| w.webhook.enabled && w.failing_since.is_some()).count(),
        },
        events: EventsHealth {
            dead_letters: deliveries.iter().filter(|(_, s, _)| *s == DeliveryState::Dead).map(|(.., n)| n).sum(),
            furthest_behind: behind.max().unwrap_or(0).max(0),
            paused: consumers.iter().filter(|c| c.state != ConsumerState::Active).count(),
        },
        checks: Vec::new(),
    };
    Ok(Health { checks: list_checks(&health), ..health })
}

/// Everything that is looked at, what is wrong first.
fn list_checks(health: &Health) -> Vec<HealthCheck> {
    use HealthCode::*;
    use HealthLevel::{Problem, Warning};
    let many = |n: usize| n as i64;
    let low = health
        .storage
        .free_bytes
        .zip(health.storage.total_bytes)
        .is_some_and(|(free, total)| free < LOW_DISK_BYTES || (free as f64) < total as f64 * LOW_DISK_SHARE);
    let all = [
        (DatabaseSlow, Warning, health.database.answers_ms > SLOW_DATABASE_MS, None),
        (DiskLow, Problem, low, None),
        (MailUnset, Warning, !health.mail.configured, None),
        (MailFailed, Problem, health.mail.failed > 0, Some(health.mail.failed)),
        (JobsFailed, Problem, health.jobs.failed > 0, Some(health.jobs.failed)),
        (WebhooksDisabled, Problem, health.webhooks.disabled > 0, Some(many(health.webhooks.disabled))),
        (WebhooksFailing, Warning, health.webhooks.failing > 0, Some(many(health.webhooks.failing))),
        (DeadLetters, Problem, health.events.dead_letters > 0, Some(health.events.dead_letters)),
        (EventsBehind, Warning, health.events.furthest_behind > MAX_EVENT_LAG, Some(health.events.furthest_behind)),
    ];
    let mut checks: Vec<HealthCheck> = all
        .into_iter()
        .map(|(code, level, exists, count)| match exists {
            true => HealthCheck { code, level, count },
            false => HealthCheck { code, level: HealthLevel::Ok, count: None },
        })
        .collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.level as u8));
    checks
}

fn storage_health(tenant: &Tenant) -> StorageHealth {
    let kind = match tenant.config.assets.url.as_deref() {
        Some(url) if url.starts_with("s3:") => StorageKind::S3,
        _ => StorageKind::Disk,
    };
    // The disk of the data folder: on it are the database of a project without a server for it, and files on their way.
    let disk = nix::sys::statvfs::statvfs(&tenant.config.project).ok();
    let bytes = |blocks: u64| disk.as_ref().map(|disk| blocks.saturating_mul(disk.fragment_size()));
    StorageHealth {
        kind,
        free_bytes: disk.as_ref().and_then(|disk| bytes(disk.blocks_available())),
        total_bytes: disk.as_ref().and_then(|disk| bytes(disk.blocks())),
    }
}

/// The resident memory of the process, where the system has `/proc`.
fn resident_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib * 1024)
}
