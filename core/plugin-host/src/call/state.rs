//! The state of one call of a plugin: its caller, its limits, its transaction.

use crate::call::ambient::{InteractiveTransaction, TransactionStepError, in_current_transaction};
use crate::call::caller_access::CallerAccess;
use crate::call::limits::{BudgetMeasure, CallBudget, CallLimits, ChargeResult, StopReason};
use crate::call::memory::CallMemory;
use crate::call::request_file::CallFile;
use crate::call::totals::ProcessTotals;
use crate::contract::bindings::types::{Actor, Error};
use crate::contract::guest_errors;
use crate::contract::host_error::HostResult;
use crate::contract::plugin_export::PluginExport;
use crate::definition::plugin_definition::PluginDefinition;
use crate::services::entropy::Entropy;
use cairn_content::{Content, ContentError};
use cairn_store::plugins::NewLog;
use cairn_store::{Reader, StoreError, WriteTx};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::ResourceLimiter;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};

/// The context in which a plugin is called.
#[derive(Debug, Clone)]
pub(crate) struct CallContext {
    pub(crate) export: PluginExport,
    /// Name of the hook, subscription, job or route in the manifest.
    pub(crate) name: Arc<str>,
    /// Id that is unique per attempt.
    pub(crate) id: String,
    /// Key that is equal across attempts.
    pub(crate) key: String,
    pub(crate) actor: Actor,
    /// Access of the actor; `None`: the actor is Cairn itself, and has no permissions that could be used.
    pub(crate) access: Option<CallerAccess>,
    pub(crate) locale: String,
    pub(crate) attempt: u32,
}

/// The transaction that calls of the host join.
pub(crate) enum AmbientTransaction {
    /// None; each write has a transaction of its own.
    None,
    /// The one that the guest is called in, on this thread.
    Inside,
    /// The one that the guest has opened, with savepoints in it.
    Open(Arc<InteractiveTransaction>),
}

/// The data of a call's engine store.
pub(crate) struct CallState {
    pub(crate) definition: Arc<PluginDefinition>,
    pub(crate) context: CallContext,
    pub(crate) budget: CallBudget,
    pub(crate) ambient: AmbientTransaction,
    pub(crate) table: ResourceTable,
    /// Lines that it has logged so far.
    pub(crate) logs: Vec<NewLog>,
    /// Memory that it has.
    pub(crate) memory: CallMemory,
    /// Where it reports what it measures.
    pub(crate) totals: Arc<ProcessTotals>,
    /// Source of its random numbers.
    pub(crate) entropy: Entropy,
    /// The body of the request that it is for, where that is a file.
    pub(crate) request_file: Option<CallFile>,
    /// True if everything that it stores is rolled back afterwards; nothing is sent either.
    pub(crate) dry_run: bool,
    /// The time that it sees in place of the present, in milliseconds: it runs in a rehearsal.
    pub(crate) rehearsed_at: Option<i64>,
    began: Instant,
    wasi: Option<WasiCtx>,
}

impl CallState {
    pub(crate) fn new(
        definition: Arc<PluginDefinition>,
        call_context: CallContext,
        limits: CallLimits,
        ambient: AmbientTransaction,
        memory: CallMemory,
        totals: Arc<ProcessTotals>,
    ) -> Self {
        let chance = definition.host_context().entropy_for(call_context.export, &call_context.name);
        Self {
            definition,
            context: call_context,
            budget: CallBudget::new(limits),
            ambient,
            table: ResourceTable::new(),
            logs: Vec::new(),
            memory,
            totals,
            entropy: chance,
            request_file: None,
            dry_run: false,
            rehearsed_at: None,
            began: Instant::now(),
            wasi: None,
        }
    }

    pub(crate) fn content(&self) -> &Content {
        self.definition.content()
    }

    /// The time that the plugin sees, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.rehearsed_at.unwrap_or_else(|| self.definition.now())
    }

    /// Milliseconds since the call began.
    pub(crate) fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Begins a call of the host.
    pub(crate) fn host_call(&mut self) -> HostResult<()> {
        to_guest_charge(self.budget.charge_host_call())
    }

    /// As [`Self::host_call`], for functions that cannot fail.
    pub(crate) fn infallible_call(&mut self) -> wasmtime::Result<()> {
        match self.budget.charge_host_call()? {
            Ok(()) => Ok(()),
            Err(measure) => Err(StopReason::Exhausted(measure).into()),
        }
    }

    /// Runs `op` in the present transaction, or in a new one.
    pub(crate) async fn with_transaction<R: Send + 'static>(
        &mut self,
        op: impl Fn(&mut WriteTx<'_>) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            AmbientTransaction::Inside => in_current_transaction(|tx| run_nested(tx, &op))
                .unwrap_or_else(|| Err(guest_errors::internal_error("no transaction is open here"))),
            AmbientTransaction::Open(conversation) => {
                let result = conversation.clone().run(move |tx| run_nested(tx, &op)).await;
                result.unwrap_or_else(|broken| Err(self.transaction_step_error(broken)))
            }
            AmbientTransaction::None => {
                let op = Arc::new(op);
                self.content()
                    .store()
                    .write(move |tx| op(tx).map_err(GuestError))
                    .await
                    .map_err(|GuestError(error)| error)
            }
        }
    }

    /// Reads in the present transaction, or from a snapshot.
    pub(crate) async fn with_reader<R: Send + 'static>(
        &mut self,
        op: impl FnOnce(&Reader<'_>) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            AmbientTransaction::Inside => in_current_transaction(|tx| op(&tx.reader()))
                .unwrap_or_else(|| Err(guest_errors::internal_error("no transaction is open here"))),
            AmbientTransaction::Open(conversation) => {
                let result = conversation.clone().run(move |tx| op(&tx.reader())).await;
                result.unwrap_or_else(|broken| Err(self.transaction_step_error(broken)))
            }
            AmbientTransaction::None => {
                self.content().store().read(move |r| op(r).map_err(GuestError)).map_err(|GuestError(error)| error)
            }
        }
    }

    /// Adds time spent waiting for other transactions.
    pub(crate) fn add_wait(&mut self, time: Duration) {
        self.budget.add_wait(time);
        if let AmbientTransaction::Open(conversation) = &self.ambient {
            conversation.extend_deadline(time);
        }
    }

    pub(crate) fn transaction_step_error(&mut self, broken: TransactionStepError) -> Error {
        match broken {
            TransactionStepError::TimedOut => Error::Exhausted(self.budget.expire_transaction().as_str().to_owned()),
            TransactionStepError::Ended => guest_errors::from_content_error(StoreError::Conflict.into()),
        }
    }
}

/// Runs a part of a transaction in a savepoint, rolled back where it fails: the guest may continue.
fn run_nested<R>(tx: &mut WriteTx<'_>, op: &dyn Fn(&mut WriteTx<'_>) -> Result<R, Error>) -> Result<R, Error> {
    tx.run_nested(|tx| op(tx).map_err(GuestError)).map_err(|GuestError(error)| error)
}

/// An error for the guest, on its way through the store.
struct GuestError(Error);

impl From<StoreError> for GuestError {
    fn from(error: StoreError) -> Self {
        Self(guest_errors::from_content_error(ContentError::Store(error)))
    }
}

/// Converts an exhausted budget to an error for the guest.
pub(crate) fn to_guest_charge(charged: ChargeResult) -> HostResult<()> {
    let within = charged.map_err(wasmtime::Error::from)?;
    Ok(within.map_err(|measure: BudgetMeasure| Error::Exhausted(measure.as_str().to_owned()))?)
}

impl ResourceLimiter for CallState {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow_linear(current, desired))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.undo_growth();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow_table(current, desired))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.undo_growth();
        Ok(())
    }
}

impl WasiView for CallState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (definition, chance) = (&self.definition, &mut self.entropy);
        let rehearsed_at = self.rehearsed_at;
        let wasi = self.wasi.get_or_insert_with(|| {
            let mut wasi = WasiCtxBuilder::new();
            let wall_clock = PluginWallClock { definition: definition.clone(), rehearsed_at };
            wasi.wall_clock(wall_clock).monotonic_clock(PluginMonotonicClock(self.began));
            if let Some(seed) = chance.hash_seed() {
                wasi.insecure_random_seed(seed);
            }
            wasi.build()
        });
        WasiCtxView { ctx: wasi, table: &mut self.table }
    }
}

/// The plugin's clock for `wasi:clocks`.
struct PluginWallClock {
    definition: Arc<PluginDefinition>,
    rehearsed_at: Option<i64>,
}

impl HostWallClock for PluginWallClock {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        let now = self.rehearsed_at.unwrap_or_else(|| self.definition.now());
        Duration::from_millis(u64::try_from(now).unwrap_or_default())
    }
}

struct PluginMonotonicClock(Instant);

impl HostMonotonicClock for PluginMonotonicClock {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        // In whole milliseconds: too coarse to observe the work of others.
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or_default().saturating_mul(1_000_000)
    }
}
