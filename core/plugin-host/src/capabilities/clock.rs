//! `clock`

use crate::call::state::CallState;
use crate::contract::bindings::host::clock::Host;

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
