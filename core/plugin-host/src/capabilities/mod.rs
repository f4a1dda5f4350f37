//! Host functions for plugins: one file per interface of the contract. Each checks the grant first.

pub(crate) mod audit;
pub(crate) mod calendar;
pub(crate) mod clock;
pub(crate) mod data;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod http;
pub(crate) mod i18n;
pub(crate) mod jobs;
pub(crate) mod kv;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod pdf;
pub(crate) mod policies;
pub(crate) mod random;
pub(crate) mod search;
pub(crate) mod secrets;
pub(crate) mod settings;
pub(crate) mod templates;

use crate::bindings::types::{self, Error};
use crate::guest_errors;
use crate::state::CallState;
use cairn_plugin_package::Capability;

impl types::Host for CallState {}

impl CallState {
    /// Begins a host call of a capability that must be granted.
    pub(crate) fn granted_call(&mut self, capability: Capability) -> wasmtime::Result<Result<(), Error>> {
        if let Err(exhausted) = self.host_call()? {
            return Ok(Err(exhausted));
        }
        Ok(match self.generation.has_grant(capability) {
            true => Ok(()),
            false => Err(guest_errors::denied_error(format!("{} is not granted", capability.as_str()))),
        })
    }
}
