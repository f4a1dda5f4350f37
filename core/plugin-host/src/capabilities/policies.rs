//! `policies`: forgetting answers, with the commit of what changed them.

use crate::bindings::host::policies::Host;
use crate::bindings::types::Error;
use crate::guest_errors::{from_content_error, invalid_field};
use crate::policies::invalidate_answers;
use crate::state::{CallState, to_guest_charge};
use cairn_plugin_package::Capability;

/// Most keys of one call.
const MAX_KEYS: usize = 1_000;
/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 512;

impl Host for CallState {
    async fn invalidate(&mut self, keys: Vec<String>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::Policies)? {
            return Ok(Err(error));
        }
        if keys.len() > MAX_KEYS {
            return Ok(Err(invalid_field(
                "keys",
                "too-many",
                format!("{} keys in one call; the limit is {MAX_KEYS}", keys.len()),
            )));
        }
        if let Some(i) = keys.iter().position(|key| key.is_empty() || key.len() > MAX_KEY_BYTES) {
            return Ok(Err(invalid_field(
                &format!("keys[{i}]"),
                "key",
                format!("a key must have 1 to {MAX_KEY_BYTES} bytes"),
            )));
        }
        if keys.is_empty() {
            return Ok(Ok(()));
        }
        if let Err(error) = to_guest_charge(self.budget.charge_writes(1))? {
            return Ok(Err(error));
        }
        let (plugin, now) = (self.generation.id().to_owned(), CallState::now(self));
        Ok(self
            .with_transaction(move |tx| {
                invalidate_answers(tx, &plugin, &keys, now).map_err(|e| from_content_error(e.into()))
            })
            .await)
    }
}
