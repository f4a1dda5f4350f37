//! Why a plugin is not loaded, and how a call of one fails.

use crate::limits::{Limits, Stop};
use cairn_store::plugins::CallFailure;
use std::time::Duration;
use wasmtime::{Trap, WasmBacktrace};

/// Why a plugin cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The machine cannot run plugins at all.
    #[error("plugins cannot be run here: {0}")]
    Engine(String),
    /// The component is larger than any may be.
    #[error("the component has {bytes} bytes; at most {most} are allowed")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        most: usize,
    },
    /// It is none, or a broken one.
    #[error("plugin.wasm is no component that this version of Cairn runs: {0}")]
    NoComponent(String),
    /// It imports what there is not.
    #[error("plugin.wasm imports what Cairn does not offer: {0}")]
    Imports(String),
    /// The manifest says that it exports something that it does not.
    #[error("plugin.toml has {section}, but plugin.wasm does not export {export}: {why}")]
    Export {
        /// The section of the manifest.
        section: &'static str,
        /// The interface.
        export: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A text or a template of the package.
    #[error("{file}: {problem}")]
    Words {
        /// Its path in the package.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The manifest does not fit the content types.
    #[error("plugin.toml:{line}: {message}")]
    Manifest {
        /// From 1.
        line: u32,
        /// What is wrong, and what to write.
        message: String,
    },
}

impl LoadError {
    pub(crate) fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(format!("{error:#}"))
    }
}

/// A call that failed: not an answer that says no, but none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The class.
    pub kind: CallFailure,
    /// For whoever looks after the plugin; never for its clients.
    pub message: String,
    /// Where in the guest, if that is known.
    pub backtrace: Option<String>,
}

impl Failure {
    pub(crate) fn output(message: impl Into<String>) -> Self {
        Self { kind: CallFailure::Output, message: message.into(), backtrace: None }
    }

    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self { kind: CallFailure::Error, message: message.into(), backtrace: None }
    }

    pub(crate) fn deadline(after: Duration) -> Self {
        let message = format!("it was stopped after {} ms", after.as_millis());
        Self { kind: CallFailure::Deadline, message, backtrace: None }
    }

    /// Of what ended a guest. `refused`: it wanted more memory than it may have. `said`: what it logged last, a panic most likely.
    pub(crate) fn of(error: &wasmtime::Error, limits: &Limits, refused: bool, said: Option<&str>) -> Self {
        let backtrace = error.downcast_ref::<WasmBacktrace>().map(ToString::to_string).filter(|b| !b.is_empty());
        let (kind, message) = match (error.downcast_ref::<Stop>(), error.downcast_ref::<Trap>()) {
            (Some(Stop::Deadline), _) | (_, Some(Trap::Interrupt)) => {
                return Self { backtrace, ..Self::deadline(limits.deadline) };
            }
            (Some(stop @ Stop::Exhausted(_)), _) => (CallFailure::Exhausted, stop.to_string()),
            _ if refused => {
                (CallFailure::Memory, format!("it wanted more than its {} MiB of memory", limits.memory >> 20))
            }
            (_, Some(trap)) => {
                let said = said.map(|said| format!(" after it said: {said}")).unwrap_or_default();
                (CallFailure::Trap, format!("{trap}{said}"))
            }
            (_, None) => (CallFailure::Trap, error.root_cause().to_string()),
        };
        Self { kind, message, backtrace }
    }
}
