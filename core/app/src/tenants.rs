//! The tenants of a process: which are declared, which host belongs to which, which are open.
//!
//! The default tenant is always open, and where no other is declared the host is not looked at. The others are opened by their first
//! request, and closed when they have been idle for a while or others need the room.

mod apply;
mod backup_task;
mod backups;
mod follow;
mod host;
mod model;
mod plugins;
mod slot;

pub use apply::apply_to_tenants;
pub use backup_task::{BackupTask, BackupTaskRun};
pub use backups::{BackupTaskError, BackupsHandle};
pub use follow::follow_changes;
pub use model::{ModelError, ModelHandle, ModelProposal};
pub use plugins::{InstallOrder, PluginChangeError, PluginsHandle};
pub use slot::{TenantSlot, TenantUnavailable};

use crate::operator_error::OperatorError;
use crate::tenant::{DeclaredIdentity, Tenant};
use crate::wiring::ProcessContext;
use arc_swap::ArcSwap;
use cairn_access::{DEFAULT_TENANT, RateLimits, is_tenant_name};
use cairn_store::system::TenantRow;
use cairn_store::{Store, StoreError};
use http::Request;
use parking_lot::{Mutex, RwLock};
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::{OwnedRwLockReadGuard, Semaphore, SemaphorePermit, watch};
use tokio::task::JoinHandle;

/// Tenants that are opened at a time: each takes a core for some milliseconds, which requests of open tenants need too.
const MAX_CONCURRENT_OPENINGS: usize = 4;

/// How long a write waits for content types that another process has changed. Components of plugins may have to be compiled for them.
const MAX_OUTDATED_WAIT: Duration = Duration::from_secs(20);

/// The tenant that a request is for.
#[derive(Clone)]
pub enum RequestTarget {
    /// The default tenant, which is always open.
    Default,
    /// Another one, which may have to be opened.
    Slot(Arc<TenantSlot>),
}

impl RequestTarget {
    /// The tenant's name, where it is not the default one.
    pub fn tenant_name(&self) -> Option<Arc<str>> {
        match self {
            Self::Default => None,
            Self::Slot(slot) => Some(slot.name.clone()),
        }
    }
}

/// Why a request is for no tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutingError {
    /// It names no host, more than one, or an invalid one.
    BadHost,
    /// No tenant has that host.
    NoTenant,
}

/// All tenants of the process, open or closed.
pub struct Tenants {
    ground: ProcessContext,
    /// Replaced when the content types change.
    default: ArcSwap<Tenant>,
    default_limits: Arc<RateLimits>,
    /// Background work of the default tenant, while the process serves.
    behind_default: Mutex<Option<JoinHandle<()>>>,
    /// Held by each request for reading, and for writing while the content types change.
    pass: Arc<tokio::sync::RwLock<()>>,
    /// Wakes whoever follows other processes: a request has found that one has changed the content types.
    outdated_found: tokio::sync::Notify,
    /// When it was noticed that another process has changed the content types, until they are loaded.
    outdated_since: Mutex<Option<tokio::time::Instant>>,
    /// Wakes requests that wait for the content types of another process.
    reopened: tokio::sync::Notify,
    /// Permits one change of the content types at a time.
    changing: tokio::sync::Mutex<()>,
    /// True if the host decides on the tenant.
    many: AtomicBool,
    directory: RwLock<Arc<HostDirectory>>,
    /// By id: tenants in service, and those out of service that a request still uses.
    slots: Mutex<HashMap<i64, Arc<TenantSlot>>>,
    /// Held while rows are read and applied, so that an older reading never replaces a newer one.
    refreshing: Mutex<()>,
    /// Held while a tenant to close is searched for.
    making_room: Mutex<()>,
    turns: Semaphore,
    openings: AtomicU64,
    uses: AtomicU64,
    /// The running or last task on backups, by tenant.
    runs: backup_task::BackupTaskRuns,
    /// Set while the process serves: signals when it stops.
    stopped: OnceLock<watch::Receiver<bool>>,
}

/// Directory of the tenants by host. Replaced as a whole.
#[derive(Default)]
struct HostDirectory {
    /// `None` stands for the default tenant.
    hosts: HashMap<Box<str>, Option<Arc<TenantSlot>>>,
    /// True if the default tenant is served at its own hosts alone.
    default_is_named: bool,
    in_service: Vec<Arc<TenantSlot>>,
}

impl Tenants {
    /// Opens the default tenant, and reads which others are declared.
    pub(crate) async fn new(ground: ProcessContext) -> Result<Arc<Self>, OperatorError> {
        let limits = Arc::new(RateLimits::new(ground.clock.clone()));
        let default = Arc::new(ground.open_tenant(DEFAULT_TENANT, Arc::default(), limits.clone()).await?);
        let tenants = Self {
            ground,
            default: ArcSwap::from(default),
            default_limits: limits,
            behind_default: Mutex::default(),
            pass: Arc::default(),
            outdated_found: tokio::sync::Notify::new(),
            outdated_since: Mutex::default(),
            reopened: tokio::sync::Notify::new(),
            changing: tokio::sync::Mutex::default(),
            many: AtomicBool::new(false),
            directory: RwLock::default(),
            slots: Mutex::default(),
            refreshing: Mutex::default(),
            making_room: Mutex::default(),
            turns: Semaphore::new(MAX_CONCURRENT_OPENINGS),
            openings: AtomicU64::new(0),
            uses: AtomicU64::new(1),
            runs: backup_task::BackupTaskRuns::default(),
            stopped: OnceLock::new(),
        };
        tenants.refresh_directory().map_err(|e| OperatorError(format!("cannot read the tenants: {e}")))?;
        Ok(Arc::new(tenants))
    }

    /// Starts background work: for the default tenant now, for others when they are opened.
    pub fn start_background(&self, stopped: watch::Receiver<bool>) {
        if self.stopped.set(stopped).is_ok() {
            *self.behind_default.lock() = self.spawn_background(&self.default_tenant());
        }
    }

    /// Waits for the background work of the default tenant to end.
    pub async fn wait_for_background(&self) {
        let behind = self.behind_default.lock().take();
        if let Some(behind) = behind {
            let _ = behind.await;
        }
    }

    /// Returns a guard to hold while a request is answered.
    pub async fn acquire_pass(&self) -> OwnedRwLockReadGuard<()> {
        self.pass.clone().read_owned().await
    }

    /// Waits while another process's change of the content types is being loaded for a target, which would refuse every write: until
    /// [`MAX_OUTDATED_WAIT`] after it was noticed. Returns at once where there is none, and where it could not be loaded in that time.
    pub async fn wait_while_outdated(&self, target: &RequestTarget) {
        let is_outdated = || match target {
            RequestTarget::Default => self.default_tenant().content.store().is_outdated(),
            RequestTarget::Slot(slot) => slot.peek().is_some_and(|tenant| tenant.content.store().is_outdated()),
        };
        if !is_outdated() {
            return;
        }
        let until = *self.outdated_since.lock().get_or_insert_with(tokio::time::Instant::now) + MAX_OUTDATED_WAIT;
        self.outdated_found.notify_one();
        let wait = async {
            loop {
                let mut reopened = std::pin::pin!(self.reopened.notified());
                // Waiting begins before the check, so that a notification between the two is not missed.
                reopened.as_mut().enable();
                if !is_outdated() {
                    return;
                }
                reopened.await;
            }
        };
        let _ = tokio::time::timeout_at(until, wait).await;
    }

    /// The tenant of a target, where it is open.
    pub fn find_open(&self, target: &RequestTarget) -> Option<Arc<Tenant>> {
        match target {
            RequestTarget::Default => Some(self.default_tenant()),
            RequestTarget::Slot(slot) => slot.peek(),
        }
    }

    pub(super) fn spawn_background(&self, tenant: &Arc<Tenant>) -> Option<JoinHandle<()>> {
        let stopped = self.stopped.get()?.clone();
        let engine = crate::background::run_engine(Arc::downgrade(tenant), stopped);
        Some(tokio::spawn(Store::run_in_background(engine)))
    }

    /// The tenant that every installation has. A change of the content types replaces it.
    pub fn default_tenant(&self) -> Arc<Tenant> {
        self.default.load_full()
    }

    pub(crate) fn process_context(&self) -> &ProcessContext {
        &self.ground
    }

    /// The tenant of a request, by its host. One look-up; none where there is only the default tenant.
    pub fn resolve_target<B>(&self, request: &Request<B>, peer: IpAddr) -> Result<RequestTarget, RoutingError> {
        if !self.many.load(Ordering::Acquire) {
            return Ok(RequestTarget::Default);
        }
        let host = host::request_host(&self.ground.config, request.uri(), request.headers(), peer);
        let host = host.ok_or(RoutingError::BadHost)?;
        let directory = self.directory.read();
        match directory.hosts.get(host.as_str()) {
            Some(Some(slot)) => Ok(RequestTarget::Slot(slot.clone())),
            Some(None) => Ok(RequestTarget::Default),
            None if directory.default_is_named => Err(RoutingError::NoTenant),
            None => Ok(RequestTarget::Default),
        }
    }

    /// The tenant with that name, opened if need be.
    pub(crate) async fn by_name(self: &Arc<Self>, name: &str) -> Option<Arc<Tenant>> {
        if name == DEFAULT_TENANT {
            return Some(self.default_tenant());
        }
        let slot = self.find_slot(name)?;
        slot.open(self).await.ok()
    }

    /// The slot of a tenant in service.
    fn find_slot(&self, name: &str) -> Option<Arc<TenantSlot>> {
        self.directory.read().in_service.iter().find(|slot| *slot.name == *name).cloned()
    }

    pub(crate) fn in_service_count(&self) -> usize {
        self.directory.read().in_service.len()
    }

    pub(crate) fn open_tenants(&self) -> Vec<Arc<Tenant>> {
        self.slots.lock().values().filter_map(|slot| slot.peek()).collect()
    }

    /// Logs problems with the content types of tenants in service.
    pub(crate) fn check_types(&self) {
        let directory = self.directory.read().clone();
        for slot in &directory.in_service {
            if let Err(e) = self.ground.tenant_registry(&slot.name) {
                tracing::error!(tenant = &*slot.name, error = %e, "cannot open this tenant");
            }
        }
    }

    pub(crate) fn opening_count(&self) -> u64 {
        self.openings.load(Ordering::Relaxed)
    }

    pub(super) fn count_opening(&self) {
        self.openings.fetch_add(1, Ordering::Relaxed);
    }

    /// Reads which tenants are declared, and applies the changes.
    pub(crate) fn refresh_directory(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.refreshing.lock();
        let rows = self.default_tenant().content.store().read(|r| r.tenants().list())?;
        let mut directory = HostDirectory::default();
        let mut slots = self.slots.lock();
        for row in rows.into_iter().filter(|row| row.active) {
            let identity = DeclaredIdentity {
                display_name: row.display_name.as_deref().map(Into::into),
                host: row.hosts.first().map(|host| host.as_str().into()),
            };
            let slot = if row.name == DEFAULT_TENANT {
                directory.default_is_named = !row.hosts.is_empty();
                self.default_tenant().declared.set(identity);
                None
            } else if is_tenant_name(&row.name) {
                let slot = slots.entry(row.id).or_insert_with(|| self.new_slot(&row));
                slot.declared.set(identity);
                directory.in_service.push(slot.clone());
                Some(slot.clone())
            } else {
                // A name becomes a path: one that apply would have refused is not followed.
                tracing::error!(id = row.id, "a tenant has an invalid name; it is skipped");
                continue;
            };
            for host in row.hosts {
                directory.hosts.insert(host.into(), slot.clone());
            }
        }
        let in_service: HashSet<i64> = directory.in_service.iter().map(|slot| slot.id).collect();
        for slot in slots.values() {
            slot.in_service.store(in_service.contains(&slot.id), Ordering::Release);
        }
        drop(slots);
        let many = directory.default_is_named || !directory.in_service.is_empty();
        *self.directory.write() = Arc::new(directory);
        self.many.store(many, Ordering::Release);
        Ok(())
    }

    fn new_slot(&self, row: &TenantRow) -> Arc<TenantSlot> {
        Arc::new(TenantSlot::new(row.id, &row.name, &self.ground.clock))
    }

    /// Closes tenants that have been idle for a while, and the longest idle ones beyond the limit; forgets those that are out of service.
    pub(crate) fn close_idle(&self) {
        let idle_limit = i64::try_from(self.ground.config.tenants.idle_seconds.saturating_mul(1_000));
        let idle_limit = idle_limit.unwrap_or(i64::MAX);
        let now = self.ground.clock.now().timestamp_millis();
        for slot in self.all_slots() {
            let out_of_service = !slot.in_service.load(Ordering::Acquire);
            let closed = match slot.is_open() {
                true => (slot.idle_ms(now) >= idle_limit || out_of_service) && slot.close(),
                false => !slot.occupies_room(),
            };
            if closed && out_of_service {
                let mut slots = self.slots.lock();
                // The slot may have returned to service meanwhile.
                if !slot.in_service.load(Ordering::Acquire) {
                    slots.remove(&slot.id);
                }
            } else if closed {
                slot.prune_limits();
            }
        }
        self.close_beyond(self.ground.config.tenants.max_open);
    }

    /// Closes the longest idle tenants until there is room for those being opened.
    pub(super) fn make_room(&self) {
        self.close_beyond(self.ground.config.tenants.max_open);
    }

    /// True if one more tenant can be opened without closing one.
    pub(super) fn has_room(&self) -> bool {
        self.all_slots().iter().filter(|slot| slot.occupies_room()).count() + 1 < self.ground.config.tenants.max_open
    }

    fn close_beyond(&self, max: usize) {
        let _one_at_a_time = self.making_room.lock();
        let mut slots = self.all_slots();
        let mut occupied = slots.iter().filter(|slot| slot.occupies_room()).count();
        if occupied <= max.max(1) {
            return;
        }
        slots.retain(|slot| slot.is_open());
        slots.sort_by_key(|slot| slot.last_use());
        for slot in slots {
            if occupied <= max.max(1) {
                return;
            }
            if slot.close() {
                occupied -= 1;
            }
        }
    }

    fn all_slots(&self) -> Vec<Arc<TenantSlot>> {
        self.slots.lock().values().cloned().collect()
    }

    /// Waits for a permit to open a tenant.
    pub(super) async fn wait_for_turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// The sequence number of a use: the higher the later.
    pub(super) fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Ordering::Relaxed)
    }
}
