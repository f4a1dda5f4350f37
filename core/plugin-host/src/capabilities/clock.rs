//! `clock`

use crate::bindings::host::clock::Host;
use crate::state::State;

impl Host for State {
    async fn now(&mut self) -> wasmtime::Result<i64> {
        self.sure_call()?;
        Ok(State::now(self))
    }

    async fn elapsed(&mut self) -> wasmtime::Result<u64> {
        self.sure_call()?;
        Ok(State::elapsed(self))
    }
}
