//! The slot of one tenant: closed, being opened by one request while the others wait, or open.

use super::Tenants;
use crate::tenant::{Tenant, TenantDeclaration};
use cairn_access::{Clock, RateLimits};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long until a tenant that did not open is tried again; until then requests fail at once.
const OPEN_RETRY_DELAY: Duration = Duration::from_secs(1);

/// The error for a tenant that does not open at the moment; the log has the reason.
#[derive(Debug, Clone, Copy)]
pub struct TenantUnavailable;

/// The slot of a tenant, open or not.
pub struct TenantSlot {
    /// Id of the tenant's row: a tenant that was deleted and declared again has another slot.
    pub id: i64,
    /// Unique name; does not change.
    pub name: Arc<str>,
    /// Shared with the open tenant, so that a change of the declaration reaches it.
    pub declared: Arc<TenantDeclaration>,
    /// Outlives the open tenant: closing it must not forget rate limits.
    limits: Arc<RateLimits>,
    current: RwLock<Option<Arc<Tenant>>>,
    /// Held while it is opened; contains the time of the last failure.
    opening: Arc<tokio::sync::Mutex<Option<Instant>>>,
    /// True if it is in service, so that requests reach it.
    pub(super) in_service: AtomicBool,
    /// Last use, in the order of all requests.
    used: AtomicU64,
    idle: Mutex<IdleState>,
    /// True if changes of other processes are being looked for.
    pub(super) looking: AtomicBool,
    /// While it is closed: when its next work is due, in milliseconds; 0 where that is not known.
    due: AtomicI64,
}

fn tenant_due(tenant: Option<&Tenant>) -> i64 {
    tenant.map_or(0, |tenant| tenant.engine.next_due())
}

/// How long a tenant has been idle.
struct IdleState {
    used: u64,
    since_ms: i64,
}

impl TenantSlot {
    pub(super) fn new(id: i64, name: &str, clock: &Arc<dyn Clock>) -> Self {
        Self {
            id,
            name: name.into(),
            declared: Arc::default(),
            limits: Arc::new(RateLimits::new(clock.clone())),
            current: RwLock::default(),
            opening: Arc::default(),
            in_service: AtomicBool::new(true),
            used: AtomicU64::new(0),
            idle: Mutex::new(IdleState { used: 0, since_ms: 0 }),
            looking: AtomicBool::new(false),
            due: AtomicI64::new(0),
        }
    }

    /// The tenant, if it is open. Does not count as a use.
    pub(super) fn peek(&self) -> Option<Arc<Tenant>> {
        self.current.read().clone()
    }

    pub(super) fn is_open(&self) -> bool {
        self.current.read().is_some()
    }

    /// True if it is open, or about to be.
    pub(super) fn occupies_room(&self) -> bool {
        self.is_open() || self.opening.try_lock().is_err()
    }

    /// The tenant, if it is open.
    pub fn get_if_open(&self, tenants: &Tenants) -> Option<Arc<Tenant>> {
        let tenant = self.peek()?;
        self.used.store(tenants.next_use(), Ordering::Relaxed);
        Some(tenant)
    }

    /// The tenant, opened if need be: by one request, while others wait for it.
    pub async fn open(self: &Arc<Self>, tenants: &Arc<Tenants>) -> Result<Arc<Tenant>, TenantUnavailable> {
        if let Some(tenant) = self.get_if_open(tenants) {
            return Ok(tenant);
        }
        let mut failed = self.opening.clone().lock_owned().await;
        if let Some(tenant) = self.get_if_open(tenants) {
            return Ok(tenant);
        }
        if failed.is_some_and(|at| at.elapsed() < OPEN_RETRY_DELAY) {
            return Err(TenantUnavailable);
        }
        let (slot, tenants) = (self.clone(), tenants.clone());
        // A task of its own: a client that goes away meanwhile must not leave half an opening behind, and a second one
        // beside it.
        let opening = tokio::spawn(async move {
            let _turn = tenants.wait_for_turn().await;
            tenants.make_room();
            tenants.count_opening();
            match tenants.process_context().open_tenant(&slot.name, slot.declared.clone(), slot.limits.clone()).await {
                Ok(tenant) => {
                    let tenant = Arc::new(tenant);
                    *failed = None;
                    slot.used.store(tenants.next_use(), Ordering::Relaxed);
                    *slot.current.write() = Some(tenant.clone());
                    tenants.spawn_background(&tenant);
                    tracing::debug!(tenant = &*slot.name, "opened");
                    Ok(tenant)
                }
                Err(e) => {
                    tracing::error!(tenant = &*slot.name, error = %e, "cannot open a tenant; it is retried");
                    *failed = Some(Instant::now());
                    Err(TenantUnavailable)
                }
            }
        });
        opening.await.unwrap_or_else(|e| {
            tracing::error!(tenant = &*self.name, error = %e, "opening a tenant failed");
            Err(TenantUnavailable)
        })
    }

    /// The last use, in the order of all requests.
    pub fn last_use(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Closes it even while it is in use: the next request opens it on another model.
    pub(super) fn force_close(&self) {
        let open = self.current.write().take();
        if let Some(open) = open {
            open.retired.store(true, Ordering::Release);
            open.live.close();
            self.due.store(tenant_due(Some(&open)), Ordering::Release);
        }
    }

    /// Closes it unless a request uses it, or work that a request began. Whether it is closed now.
    pub(super) fn close(&self) -> bool {
        let mut current = self.current.write();
        // Requests cannot get another handle while this lock is held.
        match &*current {
            None => return true,
            Some(tenant) if Arc::strong_count(tenant) > 1 || tenant.is_busy() => return false,
            Some(_) => {}
        }
        self.due.store(tenant_due(current.as_deref()), Ordering::Release);
        *current = None;
        drop(current);
        tracing::debug!(tenant = &*self.name, "closed");
        true
    }

    /// True if it is closed with work that is due by `now`: a job, or an event to deliver.
    pub(super) fn is_due(&self, now: i64) -> bool {
        self.due.load(Ordering::Acquire) <= now && !self.occupies_room()
    }

    /// As [`Self::is_due`], for work that was already due at `then`.
    pub(super) fn is_due_since(&self, then: i64) -> bool {
        (1..=then).contains(&self.due.load(Ordering::Acquire)) && !self.occupies_room()
    }

    /// Records that it has nothing to do until it is opened.
    pub(super) fn clear_due(&self) {
        self.due.store(i64::MAX, Ordering::Release);
    }

    /// How long it has been idle, as far as occasional checks can tell.
    pub(super) fn idle_ms(&self, now_ms: i64) -> i64 {
        let mut idle = self.idle.lock();
        let used = self.last_use();
        if idle.used != used {
            *idle = IdleState { used, since_ms: now_ms };
        }
        now_ms - idle.since_ms
    }

    /// Drops expired entries that stay in memory for a closed tenant.
    pub(super) fn prune_limits(&self) {
        self.limits.prune();
    }
}
