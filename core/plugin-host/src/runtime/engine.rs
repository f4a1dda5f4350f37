//! The engine that all plugins of a process run in, and their compiled code.

use crate::call::memory::MemoryBudget;
use crate::call::meter::{CallFuel, FuelMeter};
use crate::call::state::CallState;
use crate::call::totals::{CallTotals, PluginMetric, ProcessTotals};
use crate::call::turns::ProcessTurns;
use crate::definition::load_error::LoadError;
use cairn_plugin_package::Manifest;
use parking_lot::Mutex;
use rayon::{ThreadPool, ThreadPoolBuilder};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::num::NonZero;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::runtime::{EnterGuard, Handle};
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

#[cfg(test)]
mod tests;

/// Name and version of the engine, as advisories name it.
pub const RUNTIME_VERSION: &str = "wasmtime 48.0.8";

/// How precisely deadlines are enforced.
pub(crate) const TICK: Duration = Duration::from_millis(1);
/// Largest component, in bytes; one written in Python has 18 MB.
const MAX_COMPONENT_BYTES: usize = 64 << 20;
/// Number of calls that the engine has room for: as many as there are turns.
const MAX_CONCURRENT_CALLS: u32 = crate::call::turns::MAX_CALLS as u32;
/// Largest number of memories of a component: each call has room for all of them, so that every turn has an instance.
const MAX_MEMORIES: u32 = 4;
/// Largest number of core instances and tables of a component: one made of Python has more than 30 core instances.
const MAX_CORE_INSTANCES: u32 = 40;
const MAX_TABLES: u32 = 20;
/// Memory of a call that is restored in place for the next one, in bytes: handing it back to the kernel and faulting it in again costs more.
/// Where the kernel tells which pages were written to (Linux 6.7), only these are restored.
const RESIDENT_MEMORY_BYTES: usize = 1 << 20;
/// Largest size of a guest's own stack, in bytes.
const MAX_WASM_STACK_BYTES: usize = 512 << 10;
/// Size of the whole stack, in bytes: besides the guest's it holds the host's functions, the database's included,
/// and the hooks that they trigger.
const ASYNC_STACK_BYTES: usize = 8 << 20;

/// Runs the plugins of a process. Costs nothing until the first one runs; cloning is cheap.
#[derive(Clone)]
pub struct PluginHost {
    start: Arc<Mutex<HostState>>,
    totals: Arc<ProcessTotals>,
    limits: HostLimits,
}

/// Limits that all plugins of a process share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostLimits {
    /// Memory that calls of all plugins may have together, in bytes.
    pub memory: usize,
    /// Memory that calls of one plugin of a tenant may have together, in bytes: the default, and the most that a manifest may ask for.
    pub plugin_memory: usize,
}

impl Default for HostLimits {
    /// 1 GiB for all plugins, and half of it for one.
    fn default() -> Self {
        Self { memory: 1 << 30, plugin_memory: 512 << 20 }
    }
}

/// Compiled code of a component. While somebody holds it, a plugin with this component starts without compiling.
pub struct CompiledComponent(
    #[expect(dead_code, reason = "held for those who look for the same code")] Arc<InstancePre<CallState>>,
);

enum HostState {
    /// The folder for compiled code, and whether calls are measured.
    NotStarted(PathBuf, bool),
    Running(Runtime),
}

impl PluginHost {
    /// `cache`: a folder that only this process writes to; created when it does not exist.
    pub fn new(cache: PathBuf) -> Self {
        Self::not_started(cache, false)
    }

    /// As [`Self::new`], and counts the instructions of calls, which makes them slower by a third. Deadlines are ten times as long: the
    /// count shows what a call takes, whatever else the machine does. For tests.
    pub fn with_fuel_meter(cache: PathBuf) -> Self {
        Self::not_started(cache, true)
    }

    fn not_started(cache: PathBuf, metered: bool) -> Self {
        let start = Arc::new(Mutex::new(HostState::NotStarted(cache, metered)));
        Self { start, totals: Arc::default(), limits: HostLimits::default() }
    }

    /// Sets other limits; must be called before the first plugin runs.
    #[must_use]
    pub fn with_limits(self, limits: HostLimits) -> Self {
        Self { limits, ..self }
    }

    /// Bytes of memory that calls of plugins have together at this moment, and the peak so far.
    pub fn memory_usage(&self) -> (usize, usize) {
        match &*self.start.lock() {
            HostState::Running(runtime) => (runtime.memory().used(), runtime.memory().peak()),
            HostState::NotStarted(..) => (0, 0),
        }
    }

    /// Totals of the calls of all plugins of this process, by plugin, export and name.
    pub fn call_totals(&self) -> Vec<CallTotals> {
        self.totals.call_totals()
    }

    /// The metrics that plugins of this process have measured themselves.
    pub fn plugin_metrics(&self) -> Vec<PluginMetric> {
        self.totals.plugin_metrics()
    }

    pub(crate) fn totals(&self) -> &ProcessTotals {
        &self.totals
    }

    /// The most expensive calls since the start; empty where calls are not measured.
    pub fn peak_fuel(&self) -> Vec<CallFuel> {
        match &*self.start.lock() {
            HostState::Running(runtime) => runtime.meter().map(FuelMeter::peak_fuel).unwrap_or_default(),
            HostState::NotStarted(..) => Vec::new(),
        }
    }

    /// Compiles a component before the plugin starts, so that nobody waits for it then. Blocks, for minutes where the component is large and
    /// the machine busy. Returns an error if it is not a component, or imports what the host does not offer.
    pub fn compile(&self, wasm: &[u8]) -> Result<CompiledComponent, LoadError> {
        self.runtime()?.load_component(wasm).map(CompiledComponent)
    }

    /// The runtime, started if need be. Returns an error if the machine cannot run plugins.
    pub(crate) fn runtime(&self) -> Result<Runtime, LoadError> {
        let mut start = self.start.lock();
        let (cache, metered) = match &*start {
            HostState::Running(runtime) => return Ok(runtime.clone()),
            HostState::NotStarted(cache, metered) => (cache.clone(), *metered),
        };
        let runtime = Runtime::start(cache, metered, self.totals.clone(), self.limits)?;
        *start = HostState::Running(runtime.clone());
        Ok(runtime)
    }
}

/// The engine. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Runtime(Arc<Inner>);

struct Inner {
    engine: Engine,
    linker: Linker<CallState>,
    cache: PathBuf,
    /// Components in memory: tenants with the same plugin share its code.
    loaded: Mutex<HashMap<String, Weak<InstancePre<CallState>>>>,
    ticker: Ticker,
    meter: Option<FuelMeter>,
    totals: Arc<ProcessTotals>,
    turns: ProcessTurns,
    memory: Arc<MemoryBudget>,
    limits: HostLimits,
    /// Threads that compile: one fewer than there are cores, so that requests are answered meanwhile.
    compilers: ThreadPool,
    /// The runtime that timers of guests belong to; `None` in a program without one.
    timers: Option<Handle>,
}

impl Runtime {
    fn start(cache: PathBuf, metered: bool, totals: Arc<ProcessTotals>, limits: HostLimits) -> Result<Self, LoadError> {
        let engine = Engine::new(&engine_config(true, metered)).or_else(|error| {
            // A machine that limits address space: slower, and no less safe.
            tracing::warn!(%error, "cannot reserve memory for plugins; each call allocates its own");
            Engine::new(&engine_config(false, metered))
        });
        let engine = engine.map_err(LoadError::from_engine_error)?;
        let linker = build_linker(&engine).map_err(LoadError::from_engine_error)?;
        let ticker = Ticker::start(engine.clone()).map_err(|e| LoadError::from_engine_error(e.into()))?;
        let meter = metered.then(FuelMeter::default);
        let (loaded, turns) = (Mutex::default(), ProcessTurns::default());
        let memory = Arc::new(MemoryBudget::new(limits.memory));
        let timers = Handle::try_current().ok();
        let compilers = start_compilers()?;
        let inner =
            Inner { engine, linker, cache, loaded, ticker, meter, totals, turns, memory, limits, compilers, timers };
        Ok(Self(Arc::new(inner)))
    }

    /// The limits on calls that run at the same time.
    pub(crate) fn turns(&self) -> &ProcessTurns {
        &self.0.turns
    }

    /// The memory that calls of all plugins have together.
    pub(crate) fn memory(&self) -> &Arc<MemoryBudget> {
        &self.0.memory
    }

    /// The memory that calls of one plugin may have together.
    pub(crate) fn plugin_memory_budget(&self, manifest: &Manifest) -> MemoryBudget {
        let limit = self.0.limits.plugin_memory;
        let requested =
            manifest.limits.total_memory.map_or(limit, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        MemoryBudget::new(requested.min(limit))
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The meter; `None` where calls are not measured.
    pub(crate) fn meter(&self) -> Option<&FuelMeter> {
        self.0.meter.as_ref()
    }

    /// The totals of all calls.
    pub(crate) fn totals(&self) -> &Arc<ProcessTotals> {
        &self.0.totals
    }

    /// Returns a guard during which guests can begin to wait on this thread, which need not be one of the asynchronous runtime: inside a
    /// transaction that is an error of theirs.
    pub(crate) fn enter_timers(&self) -> Option<EnterGuard<'_>> {
        self.0.timers.as_ref().map(Handle::enter)
    }

    /// Returns a guard during which deadlines advance.
    pub(crate) fn hold_ticker(&self) -> TickerGuard<'_> {
        self.0.ticker.hold()
    }

    /// Compiles a component, or loads it from the cache, and links it to the host's functions. Blocks, for
    /// seconds where the component is large. Returns an error if it is not a component, or imports what the host does not offer.
    pub(crate) fn load_component(&self, wasm: &[u8]) -> Result<Arc<InstancePre<CallState>>, LoadError> {
        if wasm.len() > MAX_COMPONENT_BYTES {
            return Err(LoadError::TooLarge { bytes: wasm.len(), most: MAX_COMPONENT_BYTES });
        }
        let key = self.cache_key(wasm);
        if let Some(loaded) = self.0.loaded.lock().get(&key).and_then(Weak::upgrade) {
            return Ok(loaded);
        }
        let component = self.compile_cached(wasm, &key)?;
        let bound = self.0.linker.instantiate_pre(&component).map_err(|e| LoadError::Imports(format!("{e:#}")))?;
        let bound = Arc::new(bound);
        let mut loaded = self.0.loaded.lock();
        loaded.retain(|_, weak| weak.strong_count() > 0);
        loaded.insert(key, Arc::downgrade(&bound));
        Ok(bound)
    }

    fn compile_cached(&self, wasm: &[u8], key: &str) -> Result<Component, LoadError> {
        let place = self.0.cache.join(format!("{key}.cwasm"));
        if place.is_file() {
            // SAFETY of what follows: the file is native code that this engine has written itself, into a folder of the node's own; its name
            // is a hash of what it was made of, of the engine's version and of its settings.
            #[expect(unsafe_code, reason = "compiled code is only ever taken from the node's own cache")]
            let cached = unsafe { Component::deserialize_file(&self.0.engine, &place) };
            match cached {
                Ok(component) => return Ok(component),
                Err(error) => {
                    tracing::warn!(%error, "the cached machine code of a plugin is not usable; compiling it again")
                }
            }
        }
        let compiled = self.0.compilers.install(|| Component::new(&self.0.engine, wasm));
        let compiled = compiled.map_err(|e| LoadError::NoComponent(format!("{e:#}")))?;
        if let Err(error) = self.store_compiled(&compiled, &place) {
            tracing::warn!(%error, "the machine code of a plugin could not be cached; the next start compiles it again");
        }
        Ok(compiled)
    }

    fn store_compiled(&self, component: &Component, place: &Path) -> std::io::Result<()> {
        let bytes = component.serialize().map_err(std::io::Error::other)?;
        // Native code that is run as it is: nobody else writes there.
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.0.cache)?;
        // Two that compile the same write the same.
        let temp_path = place.with_extension(format!("{:016x}", rand::random::<u64>()));
        std::fs::write(&temp_path, bytes)?;
        std::fs::rename(&temp_path, place)
    }

    fn cache_key(&self, wasm: &[u8]) -> String {
        // Covers version, target, settings and features of the processor.
        struct CompatibilityHasher(Sha256);
        impl Hasher for CompatibilityHasher {
            fn finish(&self) -> u64 {
                0
            }
            fn write(&mut self, bytes: &[u8]) {
                self.0.update(bytes);
            }
        }
        let mut parts = CompatibilityHasher(Sha256::new());
        self.0.engine.precompile_compatibility_hash().hash(&mut parts);
        parts.0.update(wasm);
        parts.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Starts the threads that compile components.
fn start_compilers() -> Result<ThreadPool, LoadError> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let pool = ThreadPoolBuilder::new()
        .num_threads(cores.saturating_sub(1).max(1))
        .thread_name(|i| format!("cairn-compile-{i}"))
        .build();
    pool.map_err(|error| LoadError::Engine(error.to_string()))
}

fn engine_config(pooled: bool, metered: bool) -> Config {
    let mut config = Config::new();
    config.consume_fuel(metered);
    config.wasm_component_model(true);
    config.epoch_interruption(true);
    config.max_wasm_stack(MAX_WASM_STACK_BYTES);
    config.async_stack_size(ASYNC_STACK_BYTES);
    if pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(MAX_CONCURRENT_CALLS)
            .total_core_instances(MAX_CONCURRENT_CALLS * MAX_CORE_INSTANCES)
            .total_memories(MAX_CONCURRENT_CALLS * MAX_MEMORIES)
            .total_tables(MAX_CONCURRENT_CALLS * MAX_TABLES)
            .total_stacks(MAX_CONCURRENT_CALLS)
            .max_core_instances_per_component(MAX_CORE_INSTANCES)
            .max_memories_per_component(MAX_MEMORIES)
            .max_tables_per_component(MAX_TABLES)
            .table_elements(50_000)
            .max_component_instance_size(4 << 20)
            .max_core_instance_size(4 << 20)
            .max_memory_size(256 << 20)
            .linear_memory_keep_resident(RESIDENT_MEMORY_BYTES)
            .table_keep_resident(16 << 10)
            .pagemap_scan(Enabled::Auto);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// The functions that a component may import; each call decides what it may then do.
fn build_linker(engine: &Engine) -> wasmtime::Result<Linker<CallState>> {
    use wasmtime_wasi::cli::{WasiCli, WasiCliView};
    use wasmtime_wasi::p2::bindings::{cli, random};
    use wasmtime_wasi::random::{WasiRandom, WasiRandomView};
    let mut linker = Linker::new(engine);
    let l = &mut linker;
    crate::contract::bindings::imports::Imports::add_to_linker::<CallState, wasmtime::component::HasSelf<CallState>>(
        l,
        |state| state,
    )?;
    // Standard libraries of guest languages import WASI: clocks and randomness of the plugin, an empty environment, and printed output. Files,
    // sockets and `wasi:http` are not linked.
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(l)?;
    random::insecure::add_to_linker::<CallState, WasiRandom>(l, CallState::random)?;
    random::insecure_seed::add_to_linker::<CallState, WasiRandom>(l, CallState::random)?;
    cli::exit::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::environment::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::terminal_input::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::terminal_output::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::terminal_stdin::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::terminal_stdout::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    cli::terminal_stderr::add_to_linker::<CallState, WasiCli>(l, CallState::cli)?;
    Ok(linker)
}

/// Advances the engine's epoch while calls run; sleeps while none does.
struct Ticker {
    running: Arc<AtomicUsize>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    fn start(engine: Engine) -> std::io::Result<Self> {
        let (running, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stop) = (running.clone(), ended.clone());
        let thread = thread::Builder::new().name("cairn-plugins".into()).spawn(move || {
            while !stop.load(Ordering::Acquire) {
                if count.load(Ordering::Acquire) == 0 {
                    thread::park();
                } else {
                    thread::sleep(TICK);
                    engine.increment_epoch();
                }
            }
        })?;
        Ok(Self { running, ended, thread: Some(thread) })
    }

    fn hold(&self) -> TickerGuard<'_> {
        if self.running.fetch_add(1, Ordering::AcqRel) == 0 {
            self.wake();
        }
        TickerGuard(self)
    }

    fn wake(&self) {
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
        self.wake();
        if let Some(thread) = self.thread.take() {
            // The thread ends within a tick; a panic in it is ignored.
            let _ = thread.join();
        }
    }
}

/// Guard for a running call.
pub(crate) struct TickerGuard<'a>(&'a Ticker);

impl Drop for TickerGuard<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::AcqRel);
    }
}
