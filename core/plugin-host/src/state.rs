//! The state of one call of a plugin: its caller, its limits, its transaction.

use crate::ambient::{Broken, Conversation, inside};
use crate::bindings::types::{Actor, Error};
use crate::chance::Chance;
use crate::faults;
use crate::generation::Generation;
use crate::limits::{Budget, Charged, Export, Limits, Measure, Stop};
use crate::memory::CallMemory;
use crate::policies::CallerAccess;
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
pub(crate) struct Asked {
    pub(crate) export: Export,
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
pub(crate) enum Ambient {
    /// None; each write has a transaction of its own.
    None,
    /// The one that the guest is called in, on this thread.
    Inside,
    /// The one that the guest has opened, with savepoints in it.
    Open(Arc<Conversation>),
}

/// The data of a call's engine store.
pub(crate) struct State {
    pub(crate) generation: Arc<Generation>,
    pub(crate) asked: Asked,
    pub(crate) budget: Budget,
    pub(crate) ambient: Ambient,
    pub(crate) table: ResourceTable,
    /// Lines that it has logged so far.
    pub(crate) logs: Vec<NewLog>,
    /// Memory that it has.
    pub(crate) memory: CallMemory,
    /// Source of its random numbers.
    pub(crate) chance: Chance,
    /// Whether everything that it stores is rolled back afterwards; nothing is sent either.
    pub(crate) rehearsed: bool,
    began: Instant,
    wasi: Option<WasiCtx>,
}

impl State {
    pub(crate) fn new(generation: Arc<Generation>, asked: Asked, limits: Limits, ambient: Ambient) -> Self {
        let chance = generation.ground().chance(asked.export, &asked.name);
        let memory = CallMemory::new(limits.memory, generation.memory.clone(), generation.runtime.memory().clone());
        Self {
            generation,
            asked,
            budget: Budget::new(limits),
            ambient,
            table: ResourceTable::new(),
            logs: Vec::new(),
            memory,
            chance,
            rehearsed: false,
            began: Instant::now(),
            wasi: None,
        }
    }

    pub(crate) fn content(&self) -> &Content {
        self.generation.content()
    }

    /// The time that the plugin sees, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.generation.now()
    }

    /// Milliseconds since the call began.
    pub(crate) fn elapsed(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Begins a call of the host. The outer error ends the guest, the inner one is returned to it.
    pub(crate) fn host_call(&mut self) -> wasmtime::Result<Result<(), Error>> {
        charged(self.budget.host_call())
    }

    /// As [`Self::host_call`], for functions that cannot fail.
    pub(crate) fn sure_call(&mut self) -> wasmtime::Result<()> {
        match self.budget.host_call()? {
            Ok(()) => Ok(()),
            Err(measure) => Err(Stop::Exhausted(measure).into()),
        }
    }

    /// Runs `op` in the present transaction, or in a new one.
    pub(crate) async fn write<R: Send + 'static>(
        &mut self,
        op: impl Fn(&mut WriteTx<'_>) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            Ambient::Inside => {
                inside(|tx| nested(tx, &op)).unwrap_or_else(|| Err(faults::internal("no transaction is open here")))
            }
            Ambient::Open(conversation) => {
                let done = conversation.clone().run(move |tx| nested(tx, &op)).await;
                done.unwrap_or_else(|broken| Err(self.broken(broken)))
            }
            Ambient::None => {
                let op = Arc::new(op);
                self.content().store().write(move |tx| op(tx).map_err(Told)).await.map_err(|Told(error)| error)
            }
        }
    }

    /// Reads in the present transaction, or from a snapshot.
    pub(crate) async fn read<R: Send + 'static>(
        &mut self,
        op: impl FnOnce(&Reader<'_>) -> Result<R, Error> + Send + 'static,
    ) -> Result<R, Error> {
        match &self.ambient {
            Ambient::Inside => {
                inside(|tx| op(&tx.reader())).unwrap_or_else(|| Err(faults::internal("no transaction is open here")))
            }
            Ambient::Open(conversation) => {
                let done = conversation.clone().run(move |tx| op(&tx.reader())).await;
                done.unwrap_or_else(|broken| Err(self.broken(broken)))
            }
            Ambient::None => self.content().store().read(move |r| op(r).map_err(Told)).map_err(|Told(error)| error),
        }
    }

    /// Adds time spent waiting for other transactions.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.budget.wait(time);
        if let Ambient::Open(conversation) = &self.ambient {
            conversation.waited(time);
        }
    }

    pub(crate) fn broken(&mut self, broken: Broken) -> Error {
        match broken {
            Broken::TooLong => Error::Exhausted(self.budget.too_long().as_str().to_owned()),
            Broken::Ended => faults::of_content(StoreError::Conflict.into()),
        }
    }
}

/// Runs a part of a transaction in a savepoint, rolled back where it fails: the guest may continue.
fn nested<R>(tx: &mut WriteTx<'_>, op: &dyn Fn(&mut WriteTx<'_>) -> Result<R, Error>) -> Result<R, Error> {
    tx.nested(|tx| op(tx).map_err(Told)).map_err(|Told(error)| error)
}

/// An error for the guest, on its way through the store.
struct Told(Error);

impl From<StoreError> for Told {
    fn from(error: StoreError) -> Self {
        Self(faults::of_content(ContentError::Store(error)))
    }
}

/// Converts an exhausted budget to an error for the guest.
pub(crate) fn charged(charged: Charged) -> wasmtime::Result<Result<(), Error>> {
    Ok(charged?.map_err(|measure: Measure| Error::Exhausted(measure.as_str().to_owned())))
}

impl ResourceLimiter for State {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow(current, desired))
    }

    fn memory_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.did_not_grow();
        Ok(())
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.memory.grow_table(current, desired))
    }

    fn table_grow_failed(&mut self, _: wasmtime::Error) -> wasmtime::Result<()> {
        self.memory.did_not_grow();
        Ok(())
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let (generation, chance) = (&self.generation, &mut self.chance);
        let wasi = self.wasi.get_or_insert_with(|| {
            let mut wasi = WasiCtxBuilder::new();
            wasi.wall_clock(Wall(generation.clone())).monotonic_clock(Elapsed(self.began));
            if let Some(seed) = chance.mixing() {
                wasi.insecure_random_seed(seed);
            }
            wasi.build()
        });
        WasiCtxView { ctx: wasi, table: &mut self.table }
    }
}

/// The plugin's clock for `wasi:clocks`.
struct Wall(Arc<Generation>);

impl HostWallClock for Wall {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now()).unwrap_or_default())
    }
}

struct Elapsed(Instant);

impl HostMonotonicClock for Elapsed {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        // No finer than a millisecond: nobody else's work can be told by it.
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or_default().saturating_mul(1_000_000)
    }
}
