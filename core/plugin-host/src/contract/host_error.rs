//! How host functions fail: in a way that the guest is told, or by ending it.

use super::bindings::types::Error;

/// Why a host function failed.
#[derive(Debug)]
#[expect(unreachable_pub, reason = "the bindings name it in public")]
pub enum HostError {
    /// The guest is told, and goes on.
    Told(Error),
    /// The guest is ended.
    Trap(wasmtime::Error),
}

/// The result of a host function that can fail.
pub(crate) type HostResult<T> = Result<T, HostError>;

impl From<Error> for HostError {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

impl From<wasmtime::Error> for HostError {
    fn from(error: wasmtime::Error) -> Self {
        Self::Trap(error)
    }
}

impl From<wasmtime::component::ResourceTableError> for HostError {
    fn from(error: wasmtime::component::ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

/// Separates what ends the guest from what it is told: for lists of results, each of which is told by itself.
pub(crate) fn separate_trap<T>(result: HostResult<T>) -> wasmtime::Result<Result<T, Error>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(HostError::Told(error)) => Ok(Err(error)),
        Err(HostError::Trap(error)) => Err(error),
    }
}
