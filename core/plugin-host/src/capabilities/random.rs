//! `random`

use crate::bindings::host::random::Host;
use crate::limits::{Measure, Stop};
use crate::state::State;

/// Most bytes at a time.
const MOST: u32 = 64 << 10;

impl Host for State {
    async fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.sure_call()?;
        if count > MOST {
            return Err(Stop::Exhausted(Measure::Output).into());
        }
        Ok(self.chance.bytes(count as usize))
    }

    async fn new_id(&mut self) -> wasmtime::Result<String> {
        self.sure_call()?;
        Ok(self.chance.id())
    }
}
