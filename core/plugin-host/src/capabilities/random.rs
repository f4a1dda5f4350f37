//! `random`

use crate::call::limits::{BudgetMeasure, StopReason};
use crate::call::state::CallState;
use crate::contract::bindings::host::random::Host;

/// Most bytes at a time.
const MAX_BYTES: u32 = 64 << 10;

impl Host for CallState {
    async fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.infallible_call()?;
        if count > MAX_BYTES {
            return Err(StopReason::Exhausted(BudgetMeasure::Output).into());
        }
        Ok(self.entropy.random_bytes(count as usize))
    }

    async fn new_id(&mut self) -> wasmtime::Result<String> {
        self.infallible_call()?;
        Ok(self.entropy.document_id())
    }
}
