//! Host functions for plugins: one file per interface of the contract. Each checks the grant first.

mod audit;
mod calendar;
mod clock;
mod data;
pub(crate) mod events;
pub(crate) mod files;
mod groups;
mod hourly_rate;
mod http;
mod i18n;
mod jobs;
mod kv;
mod log;
mod mail;
mod pdf;
mod people;
pub(crate) mod policies;
mod preview;
mod public_files;
mod random;
mod search;
mod secrets;
mod settings;
mod signatures;
mod templates;
mod users;
mod zones;

use crate::call::state::CallState;
use crate::contract::bindings::types::{self, Error};
use crate::contract::guest_errors;
use crate::contract::host_error::{HostError, HostResult};
use cairn_plugin_package::Capability;

impl types::Host for CallState {
    fn convert_error(&mut self, error: HostError) -> wasmtime::Result<Error> {
        match error {
            HostError::Told(error) => Ok(error),
            HostError::Trap(error) => Err(error),
        }
    }
}

impl CallState {
    /// Begins a host call of a capability that must be granted.
    pub(crate) fn granted_call(&mut self, capability: Capability) -> HostResult<()> {
        self.host_call()?;
        match self.definition.has_grant(capability) {
            true => Ok(()),
            false => Err(guest_errors::denied_error(format!("{} is not granted", capability.as_str())).into()),
        }
    }

    /// Refuses what no rollback undoes, in a call for a preview as somebody else. `action`: such as `send requests`.
    pub(crate) fn refuse_in_preview(&self, action: &str) -> Result<(), Error> {
        match self.rehearsed_at {
            Some(_) => {
                Err(guest_errors::denied_error(format!("a call for a preview as somebody else cannot {action}")))
            }
            None => Ok(()),
        }
    }
}
