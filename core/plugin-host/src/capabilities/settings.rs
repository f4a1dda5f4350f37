//! `settings`

use crate::bindings::host::settings::Host;
use crate::state::State;

impl Host for State {
    async fn get(&mut self) -> wasmtime::Result<String> {
        self.sure_call()?;
        Ok(self.generation.settings.to_string())
    }
}
