//! `clock`

use crate::bindings::host::clock::Host;
use crate::state::CallState;

impl Host for CallState {
    async fn now(&mut self) -> wasmtime::Result<i64> {
        self.infallible_call()?;
        Ok(CallState::now(self))
    }

    async fn elapsed(&mut self) -> wasmtime::Result<u64> {
        self.infallible_call()?;
        Ok(CallState::elapsed(self))
    }
}
