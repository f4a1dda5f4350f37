//! `preview`: the preview as somebody else that a call is for.

use crate::call::state::CallState;
use crate::contract::bindings::host::preview::{Host, Preview};

impl Host for CallState {
    async fn current(&mut self) -> wasmtime::Result<Option<Preview>> {
        self.infallible_call()?;
        Ok(self.rehearsed_at.map(|at| Preview { at }))
    }
}
