//! One call of a plugin: a fresh instance, a deadline that includes host calls, and the outcome.

use crate::call::ambient::{InteractiveTransaction, TransactionTimeouts, enter_transaction};
use crate::call::error::CallError;
use crate::call::limits::{CallLimits, StopReason};
use crate::call::memory::CallMemory;
use crate::call::meter;
use crate::call::state::{AmbientTransaction, CallContext, CallState};
use crate::call::turns::NoTurn;
use crate::contract::bindings::types::Call;
use crate::contract::plugin_export::PluginExport;
use crate::runtime::engine::TICK;
use crate::runtime::generation::Generation;
use cairn_content::ContentError;
use cairn_store::WriteTx;
use cairn_store::plugins::NewLog;
use futures_util::FutureExt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::Instrument;
use wasmtime::{AsContextMut, Store, UpdateDeadline};

/// How long a rehearsed call may take: on SQLite nobody else can write meanwhile.
pub(crate) const DRY_RUN_DEADLINE: Duration = Duration::from_secs(2);

/// How long it runs on even if others wait.
const DRY_RUN_CONTENDED_AFTER: Duration = Duration::from_millis(500);

/// The outcome of a call.
pub(crate) struct CallOutcome<T> {
    pub(crate) result: Result<T, CallError>,
    pub(crate) logs: Vec<NewLog>,
    /// Time without waiting for other transactions, or for a processor where that moved the deadline on.
    pub(crate) took: Duration,
}

impl<T> CallOutcome<T> {
    /// The outcome of a call that did not begin, because there was no turn for it.
    fn not_started(turn: NoTurn) -> Self {
        Self { result: Err(CallError::no_turn(turn)), logs: Vec::new(), took: Duration::ZERO }
    }
}

/// Returns the call as the guest sees it.
pub(crate) fn guest_call(context: &CallContext, limits: &CallLimits, now: i64) -> Call {
    let remaining = i64::try_from(limits.deadline.as_millis()).unwrap_or(i64::MAX);
    Call {
        id: context.id.clone(),
        idempotency_key: context.key.clone(),
        actor: context.actor.clone(),
        locale: context.locale.clone(),
        attempt: context.attempt,
        deadline: now.saturating_add(remaining),
    }
}

/// Calls a guest inside a transaction, on this thread. Host functions return at once there, so the guest never waits. In a rehearsal the guest
/// sees its time, and sends nothing.
pub(crate) fn call_in_transaction<T>(
    generation: &Arc<Generation>,
    call_context: CallContext,
    limits: CallLimits,
    tx: &mut WriteTx<'_>,
    run: impl AsyncFnOnce(&mut Store<CallState>, Call) -> wasmtime::Result<T>,
) -> CallOutcome<T> {
    // Held until the instance is gone. Nobody who waits for this very transaction holds what is waited for here.
    let _turn = match generation.runtime.turns().take_for_transaction() {
        Ok(turn) => turn,
        Err(none) => return CallOutcome::not_started(none),
    };
    let (began, span) = (Instant::now(), call_span(generation, &call_context));
    let _entered = span.enter();
    let limits = metered_limits(generation, limits);
    let _ticking = generation.runtime.hold_ticker();
    let _timers = generation.runtime.enter_timers();
    let rehearsed_at = tx.rehearsed_time();
    let call = guest_call(&call_context, &limits, rehearsed_at.unwrap_or_else(|| generation.now()));
    let mut store = new_store(generation, call_context, limits, AmbientTransaction::Inside);
    store.data_mut().rehearsed_at = rehearsed_at;
    store.data_mut().dry_run = rehearsed_at.is_some();
    // The deadline is short, and a busy machine may run other threads for longer than that: the time of other threads is not counted.
    store.data_mut().budget.count_running_time();
    store.set_epoch_deadline(epoch_ticks(limits.deadline));
    // The deadline may have moved on meanwhile, by what was waited for others.
    store.epoch_deadline_callback(|mut store| match store.data_mut().budget.remaining_time() {
        None => Err(StopReason::Deadline.into()),
        Some(remaining) => Ok(UpdateDeadline::Continue(epoch_ticks(remaining))),
    });
    let polled = enter_transaction(tx, || run(&mut store, call).now_or_never());
    let result = match polled {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(guest_failure(&error, store.data(), &limits)),
        None => Err(CallError::guest_error("it waited inside a transaction, where waiting is not allowed")),
    };
    collect_outcome(generation, store, result, began)
}

/// Calls a guest outside transactions: it gives way to others while it runs.
pub(crate) async fn call_outside_transaction<T>(
    generation: &Arc<Generation>,
    call_context: CallContext,
    limits: CallLimits,
    run: impl AsyncFnOnce(&mut Store<CallState>, Call) -> wasmtime::Result<T>,
) -> CallOutcome<T> {
    let limits = metered_limits(generation, limits);
    // Held until the instance is gone, also where who waits for the call goes away.
    let _turn = match generation.turns.take(generation.runtime.turns(), call_context.export, limits.deadline).await {
        Ok(turn) => turn,
        Err(none) => return CallOutcome::not_started(none),
    };
    let span = call_span(generation, &call_context);
    run_guest(generation, call_context, limits, AmbientTransaction::None, run).instrument(span).await
}

/// Calls a guest as [`call_outside_transaction`], in a transaction that is always rolled back: nothing that it stores remains, and it sends
/// nothing. It has [`DRY_RUN_DEADLINE`] at most. Returns an error if no transaction could be begun.
pub(crate) async fn dry_run_call<T>(
    generation: &Arc<Generation>,
    call_context: CallContext,
    limits: CallLimits,
    run: impl AsyncFnOnce(&mut Store<CallState>, Call) -> wasmtime::Result<T>,
) -> Result<CallOutcome<T>, ContentError> {
    let deadline = limits.deadline.min(DRY_RUN_DEADLINE);
    let limits = metered_limits(generation, CallLimits { deadline, transaction: deadline, ..limits });
    // The turn is taken before the transaction begins: a call that has a turn may be waiting for the write lock.
    let _turn = match generation.turns.take(generation.runtime.turns(), call_context.export, limits.deadline).await {
        Ok(turn) => turn,
        Err(none) => return Ok(CallOutcome::not_started(none)),
    };
    // The transaction contains the whole call, so it has more time until contention ends it than one that a call opens.
    let lasts = TransactionTimeouts::new(limits.others_wait.max(DRY_RUN_CONTENDED_AFTER), limits.transaction);
    let conversation = InteractiveTransaction::open(generation.content().store(), generation.id(), lasts).await?;
    // Dropped with the call, and never committed: what a guest begins in it is a part of it.
    let ambient = AmbientTransaction::Open(Arc::new(conversation));
    let span = call_span(generation, &call_context);
    Ok(run_guest(generation, call_context, limits, ambient, run).instrument(span).await)
}

async fn run_guest<T>(
    generation: &Arc<Generation>,
    call_context: CallContext,
    limits: CallLimits,
    ambient: AmbientTransaction,
    run: impl AsyncFnOnce(&mut Store<CallState>, Call) -> wasmtime::Result<T>,
) -> CallOutcome<T> {
    let began = Instant::now();
    let _ticking = generation.runtime.hold_ticker();
    let call = guest_call(&call_context, &limits, generation.now());
    let rehearsed = matches!(ambient, AmbientTransaction::Open(_));
    let mut store = new_store(generation, call_context, limits, ambient);
    store.data_mut().dry_run = rehearsed;
    let turns = generation.turns.computing(generation.runtime.turns());
    let computing = turns.clone();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(computing.clone().next()))));
    let until = tokio::time::Instant::from_std(store.data().budget.deadline());
    let ran = {
        let mut running = pin!(run(&mut store, call));
        let running = poll_fn(|context| {
            let polled = running.as_mut().poll(context);
            if polled.is_pending() {
                turns.give_back();
            }
            polled
        });
        tokio::time::timeout_at(until, running).await
    };
    let result = match ran {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(guest_failure(&error, store.data(), &limits)),
        Err(_) => Err(CallError::deadline_passed(limits.deadline)),
    };
    collect_outcome(generation, store, result, began)
}

/// The tracing span of a call.
fn call_span(generation: &Generation, context: &CallContext) -> tracing::Span {
    tracing::debug_span!(
        "plugin call",
        plugin = generation.id(),
        export = context.export.as_str(),
        name = &*context.name,
        call = context.id
    )
}

/// The limits of a call; with more time where instructions are counted.
fn metered_limits(generation: &Generation, limits: CallLimits) -> CallLimits {
    match generation.runtime.meter() {
        Some(_) => CallLimits { deadline: limits.deadline.saturating_mul(meter::METERED_DEADLINE_FACTOR), ..limits },
        None => limits,
    }
}

fn new_store(
    generation: &Arc<Generation>,
    call_context: CallContext,
    limits: CallLimits,
    ambient: AmbientTransaction,
) -> Store<CallState> {
    let runtime = &generation.runtime;
    let memory = CallMemory::new(limits.memory, generation.memory.clone(), runtime.memory().clone());
    let totals = runtime.totals().clone();
    let state = CallState::new(generation.definition.clone(), call_context, limits, ambient, memory, totals);
    let mut store = Store::new(runtime.engine(), state);
    store.limiter(|state| state);
    if generation.runtime.meter().is_some() {
        // `set_fuel` fails only in an engine without metering.
        let _ = store.set_fuel(meter::INITIAL_FUEL);
    }
    store
}

fn guest_failure(error: &wasmtime::Error, state: &CallState, limits: &CallLimits) -> CallError {
    let last_message = state.logs.last().map(|line| line.message.as_str());
    CallError::from_trap(error, limits, state.memory.limit_hit(), last_message)
}

fn collect_outcome<T>(
    generation: &Generation,
    mut store: Store<CallState>,
    result: Result<T, CallError>,
    began: Instant,
) -> CallOutcome<T> {
    if let (Some(meter), Ok(remaining)) = (generation.runtime.meter(), store.get_fuel()) {
        let state = store.data();
        meter.record_fuel(generation.id(), &state.context, meter::INITIAL_FUEL.saturating_sub(remaining));
    }
    let logs = std::mem::take(&mut store.as_context_mut().data_mut().logs);
    let state = store.data();
    let took = began.elapsed().saturating_sub(state.budget.time_waited());
    let context = &state.context;
    if !state.dry_run {
        let (memory, host_calls) = (state.memory.linear_bytes(), state.budget.host_calls());
        generation.runtime.totals().record_cost(generation.id(), context.export, &context.name, memory, host_calls);
    }
    tracing::debug!(
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        outcome = result.as_ref().err().map_or("answered", |failure| failure.kind.as_str()),
        host_calls = state.budget.host_calls(),
        memory = state.memory.linear_bytes(),
        "plugin called"
    );
    CallOutcome { result, logs, took }
}

fn epoch_ticks(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(TICK.as_micros())).unwrap_or(u64::MAX).max(1)
}

/// A unique id for a call.
pub(crate) fn new_call_id(export: PluginExport) -> String {
    format!("{}-{:016x}", export.as_str(), rand::random::<u64>())
}

/// The limits of a plugin's calls: the defaults, with the memory that its manifest requests.
pub(crate) fn call_limits(generation: &Generation, export: PluginExport) -> CallLimits {
    let limits = CallLimits::for_export(export);
    let requested = usize::try_from(generation.manifest.limits.memory).unwrap_or(usize::MAX);
    let others_wait = generation.manifest.limits.transaction;
    CallLimits {
        memory: requested.clamp(1 << 20, CallLimits::for_export(PluginExport::Job).memory),
        others_wait,
        transaction: limits.transaction.max(others_wait),
        ..limits
    }
}
