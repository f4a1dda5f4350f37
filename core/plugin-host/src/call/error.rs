//! Failures of calls.

use crate::call::limits::{CallLimits, StopReason};
use crate::call::memory::MemoryLimitHit;
use crate::call::turns::NoTurn;
use cairn_store::plugins::CallFailure;
use std::time::Duration;
use wasmtime::{PoolConcurrencyLimitError, Trap, WasmBacktrace};

/// A call that failed: it returned nothing, not even an error of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// Class of the failure, for records and metrics.
    pub kind: CallFailure,
    /// Description for administrators; never shown to clients of the plugin.
    pub message: String,
    /// Backtrace of the guest, where there is one.
    pub backtrace: Option<String>,
    /// Set where there was no room for the call beside others, through no fault of the plugin: when to try again. It is neither recorded as
    /// a failed call nor counted by the circuit breaker.
    pub busy: Option<Duration>,
}

/// When to try again where there was no memory: other calls are over by then, or soon.
const MEMORY_RETRY_AFTER: Duration = Duration::from_secs(1);

impl CallError {
    fn new(kind: CallFailure, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), backtrace: None, busy: None }
    }

    pub(crate) fn invalid_output(message: impl Into<String>) -> Self {
        Self::new(CallFailure::Output, message)
    }

    pub(crate) fn guest_error(message: impl Into<String>) -> Self {
        Self::new(CallFailure::Error, message)
    }

    pub(crate) fn deadline_passed(after: Duration) -> Self {
        Self::new(CallFailure::Deadline, format!("it was stopped after {} ms", after.as_millis()))
    }

    /// The failure of a call that was not made because too many others were running.
    pub(crate) fn no_turn(NoTurn { waited, retry_after: again }: NoTurn) -> Self {
        let message = format!("too many calls at the same time: it could not start within {} ms", waited.as_millis());
        Self { busy: Some(again), ..Self::new(CallFailure::Exhausted, message) }
    }

    /// The failure for what ended a guest. `refused`: more memory was refused to it. `last_log`: what it logged last, most likely a panic.
    pub(crate) fn from_trap(
        error: &wasmtime::Error,
        limits: &CallLimits,
        refused: Option<MemoryLimitHit>,
        last_log: Option<&str>,
    ) -> Self {
        if error.downcast_ref::<PoolConcurrencyLimitError>().is_some() {
            // Turns are fewer than what the engine has room for: nobody's fault but the host's.
            tracing::error!(%error, "the plugin engine has no capacity for a scheduled call");
            return Self {
                busy: Some(MEMORY_RETRY_AFTER),
                ..Self::new(CallFailure::Exhausted, "Cairn has no capacity for it at the moment")
            };
        }
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string).filter(|b| !b.is_empty());
        let (kind, message) = match (error.downcast_ref::<StopReason>(), error.downcast_ref::<Trap>()) {
            (Some(StopReason::Deadline), _) | (_, Some(Trap::Interrupt)) => {
                return Self { backtrace, ..Self::deadline_passed(limits.deadline) };
            }
            (Some(stop @ StopReason::Exhausted(_)), _) => (CallFailure::Exhausted, stop.to_string()),
            _ if refused.is_some() => return Self { backtrace, ..Self::out_of_memory(refused, limits) },
            (_, Some(trap)) => {
                let text = last_log.map(|last_log| format!(" after it logged: {last_log}")).unwrap_or_default();
                (CallFailure::Trap, format!("{trap}{text}"))
            }
            (_, None) => (CallFailure::Trap, error.root_cause().to_string()),
        };
        Self { backtrace, ..Self::new(kind, message) }
    }

    /// The failure after more memory was refused: the plugin's own where it wanted more than one call may have, else a temporary one.
    fn out_of_memory(refused: Option<MemoryLimitHit>, limits: &CallLimits) -> Self {
        let (scope, bytes) = match refused {
            Some(MemoryLimitHit::Plugin(bytes)) => ("all calls of the plugin", bytes),
            Some(MemoryLimitHit::Process(bytes)) => ("all plugins", bytes),
            Some(MemoryLimitHit::Call) | None => {
                let message = format!("it exceeded its {} MiB of memory", limits.memory >> 20);
                return Self::new(CallFailure::Memory, message);
            }
        };
        let message = format!("{scope} together exceeded {} MiB of memory", bytes >> 20);
        Self { busy: Some(MEMORY_RETRY_AFTER), ..Self::new(CallFailure::Memory, message) }
    }
}
