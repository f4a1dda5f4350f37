//! One call of a plugin: a fresh instance, a deadline that includes host calls, and the outcome.

use crate::ambient::{Conversation, Span, within};
use crate::bindings::types::Call;
use crate::engine::TICK;
use crate::error::Failure;
use crate::generation::Generation;
use crate::limits::{Export, Limits, Stop};
use crate::meter;
use crate::state::{Ambient, Asked, State};
use crate::turns::NoTurn;
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
pub(crate) const REHEARSAL: Duration = Duration::from_secs(2);

/// How long it runs on even if others wait.
const REHEARSED_ALONE: Duration = Duration::from_millis(500);

/// The outcome of a call.
pub(crate) struct Ended<T> {
    pub(crate) result: Result<T, Failure>,
    pub(crate) logs: Vec<NewLog>,
    /// Time without waiting for other transactions.
    pub(crate) took: Duration,
}

impl<T> Ended<T> {
    /// The outcome of a call that did not begin, because there was no turn for it.
    fn without(turn: NoTurn) -> Self {
        Self { result: Err(Failure::no_turn(turn)), logs: Vec::new(), took: Duration::ZERO }
    }
}

/// What a guest sees of its call.
pub(crate) fn told(asked: &Asked, limits: &Limits, now: i64) -> Call {
    let left = i64::try_from(limits.deadline.as_millis()).unwrap_or(i64::MAX);
    Call {
        id: asked.id.clone(),
        idempotency_key: asked.key.clone(),
        actor: asked.actor.clone(),
        locale: asked.locale.clone(),
        attempt: asked.attempt,
        deadline: now.saturating_add(left),
    }
}

/// Calls a guest inside a transaction, on this thread. Host functions return at once there, so the guest never waits.
pub(crate) fn inside<T>(
    generation: &Arc<Generation>,
    asked: Asked,
    limits: Limits,
    tx: &mut WriteTx<'_>,
    run: impl AsyncFnOnce(&mut Store<State>, Call) -> wasmtime::Result<T>,
) -> Ended<T> {
    // Held until the instance is gone. Nobody who waits for this very transaction holds what is waited for here.
    let _turn = match generation.runtime.turns().inside() {
        Ok(turn) => turn,
        Err(none) => return Ended::without(none),
    };
    let (began, span) = (Instant::now(), span(generation, &asked));
    let _entered = span.enter();
    let limits = stretched(generation, limits);
    let _ticking = generation.runtime.ticking();
    let call = told(&asked, &limits, generation.now());
    let mut store = store(generation, asked, limits, Ambient::Inside);
    store.set_epoch_deadline(ticks(limits.deadline));
    // The deadline may have moved on meanwhile, by what was waited for others.
    store.epoch_deadline_callback(|store| {
        let left = store.data().budget.until().saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(Stop::Deadline.into()),
            false => Ok(UpdateDeadline::Continue(ticks(left))),
        }
    });
    let done = within(tx, || run(&mut store, call).now_or_never());
    let result = match done {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(failed(&error, store.data(), &limits)),
        None => Err(Failure::error("it waited inside a transaction, where waiting is not allowed")),
    };
    ended(store, result, began)
}

/// Calls a guest outside transactions: it gives way to others while it runs.
pub(crate) async fn beside<T>(
    generation: &Arc<Generation>,
    asked: Asked,
    limits: Limits,
    run: impl AsyncFnOnce(&mut Store<State>, Call) -> wasmtime::Result<T>,
) -> Ended<T> {
    let limits = stretched(generation, limits);
    // Held until the instance is gone, also where who waits for the call goes away.
    let _turn = match generation.turns.take(generation.runtime.turns(), asked.export, limits.deadline).await {
        Ok(turn) => turn,
        Err(none) => return Ended::without(none),
    };
    let span = span(generation, &asked);
    aside(generation, asked, limits, Ambient::None, run).instrument(span).await
}

/// Calls a guest as [`beside`], in a transaction that is always rolled back: nothing that it stores remains, and it sends
/// nothing. It has [`REHEARSAL`] at most.
///
/// # Errors
/// Where no transaction could be begun.
pub(crate) async fn rehearsed<T>(
    generation: &Arc<Generation>,
    asked: Asked,
    limits: Limits,
    run: impl AsyncFnOnce(&mut Store<State>, Call) -> wasmtime::Result<T>,
) -> Result<Ended<T>, ContentError> {
    let deadline = limits.deadline.min(REHEARSAL);
    let limits = stretched(generation, Limits { deadline, transaction: deadline, ..limits });
    // Before its transaction: others may have theirs and wait for it.
    let _turn = match generation.turns.take(generation.runtime.turns(), asked.export, limits.deadline).await {
        Ok(turn) => turn,
        Err(none) => return Ok(Ended::without(none)),
    };
    // All of the call is in it: it has more time until others count than a transaction that a call opens.
    let lasts = Span::new(limits.others_wait.max(REHEARSED_ALONE), limits.transaction);
    let conversation = Conversation::open(generation.content().store(), generation.id(), lasts).await?;
    // Dropped with the call, and never committed: what a guest begins in it is a part of it.
    let ambient = Ambient::Open(Arc::new(conversation));
    let span = span(generation, &asked);
    Ok(aside(generation, asked, limits, ambient, run).instrument(span).await)
}

async fn aside<T>(
    generation: &Arc<Generation>,
    asked: Asked,
    limits: Limits,
    ambient: Ambient,
    run: impl AsyncFnOnce(&mut Store<State>, Call) -> wasmtime::Result<T>,
) -> Ended<T> {
    let began = Instant::now();
    let _ticking = generation.runtime.ticking();
    let call = told(&asked, &limits, generation.now());
    let rehearsed = matches!(ambient, Ambient::Open(_));
    let mut store = store(generation, asked, limits, ambient);
    store.data_mut().rehearsed = rehearsed;
    let turns = generation.turns.computing(generation.runtime.turns());
    let computing = turns.clone();
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| Ok(UpdateDeadline::YieldCustom(1, Box::pin(computing.clone().next()))));
    let until = tokio::time::Instant::from_std(store.data().budget.until());
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
        Ok(Err(error)) => Err(failed(&error, store.data(), &limits)),
        Err(_) => Err(Failure::deadline(limits.deadline)),
    };
    ended(store, result, began)
}

/// The tracing span of a call.
fn span(generation: &Generation, asked: &Asked) -> tracing::Span {
    tracing::debug_span!(
        "plugin call",
        plugin = generation.id(),
        export = asked.export.as_str(),
        name = &*asked.name,
        call = asked.id
    )
}

/// The limits of a call; with more time where instructions are counted.
fn stretched(generation: &Generation, limits: Limits) -> Limits {
    match generation.runtime.meter() {
        Some(_) => Limits { deadline: limits.deadline.saturating_mul(meter::PATIENCE), ..limits },
        None => limits,
    }
}

fn store(generation: &Arc<Generation>, asked: Asked, limits: Limits, ambient: Ambient) -> Store<State> {
    let mut store = Store::new(generation.runtime.engine(), State::new(generation.clone(), asked, limits, ambient));
    store.limiter(|state| state);
    if generation.runtime.meter().is_some() {
        // Only an engine that does not measure refuses it.
        let _ = store.set_fuel(meter::FULL);
    }
    store
}

fn failed(error: &wasmtime::Error, state: &State, limits: &Limits) -> Failure {
    let said = state.logs.last().map(|line| line.message.as_str());
    Failure::of(error, limits, state.memory.refused(), said)
}

fn ended<T>(mut store: Store<State>, result: Result<T, Failure>, began: Instant) -> Ended<T> {
    if let (Some(meter), Ok(left)) = (store.data().generation.runtime.meter(), store.get_fuel()) {
        let state = store.data();
        meter.count(state.generation.id(), &state.asked, meter::FULL.saturating_sub(left));
    }
    let logs = std::mem::take(&mut store.as_context_mut().data_mut().logs);
    let state = store.data();
    let took = began.elapsed().saturating_sub(state.budget.waited());
    let (generation, asked) = (&state.generation, &state.asked);
    if !state.rehearsed {
        let (memory, host_calls) = (state.memory.linear(), state.budget.host_calls());
        generation.runtime.totals().cost(generation.id(), asked.export, &asked.name, memory, host_calls);
    }
    tracing::debug!(
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        outcome = result.as_ref().err().map_or("answered", |failure| failure.kind.as_str()),
        host_calls = state.budget.host_calls(),
        memory = state.memory.linear(),
        "plugin called"
    );
    Ended { result, logs, took }
}

fn ticks(time: Duration) -> u64 {
    u64::try_from(time.as_micros().div_ceil(TICK.as_micros())).unwrap_or(u64::MAX).max(1)
}

/// A unique id for a call.
pub(crate) fn new_id(export: Export) -> String {
    format!("{}-{:016x}", export.as_str(), rand::random::<u64>())
}
