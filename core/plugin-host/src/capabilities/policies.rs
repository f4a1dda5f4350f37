//! `policies`: forgetting answers, with the commit of what changed them.

use crate::bindings::host::policies::Host;
use crate::bindings::types::Error;
use crate::faults::{invalid, of_content};
use crate::policies::invalidate;
use crate::state::{State, charged};
use cairn_plugin_package::Capability;

/// Most keys of one call.
const KEYS: usize = 1_000;
/// Longest key, in bytes.
const KEY: usize = 512;

impl Host for State {
    async fn invalidate(&mut self, keys: Vec<String>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::Policies)? {
            return Ok(Err(error));
        }
        if keys.len() > KEYS {
            return Ok(Err(invalid(
                "keys",
                "too-many",
                format!("{} keys in one call; the limit is {KEYS}", keys.len()),
            )));
        }
        if let Some(i) = keys.iter().position(|key| key.is_empty() || key.len() > KEY) {
            return Ok(Err(invalid(&format!("keys[{i}]"), "key", format!("a key must have 1 to {KEY} bytes"))));
        }
        if keys.is_empty() {
            return Ok(Ok(()));
        }
        if let Err(error) = charged(self.budget.write(1))? {
            return Ok(Err(error));
        }
        let (plugin, now) = (self.generation.id().to_owned(), State::now(self));
        Ok(self.write(move |tx| invalidate(tx, &plugin, &keys, now).map_err(|e| of_content(e.into()))).await)
    }
}
