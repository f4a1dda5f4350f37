//! Why a request to another host has no response.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::denied_error;
use cairn_events::outbound::BlockedAddressError;
use std::error::Error as _;

/// Why there is no response.
#[derive(Debug)]
pub(crate) enum ExchangeError {
    /// The request was refused, with an error for the plugin.
    Refused(Error),
    /// There was no valid response; the reason is for the plugin's log. Trying again later may help.
    Failed(String),
}

/// Describes a failure without the address, which may contain a secret.
pub(super) fn request_error(error: &reqwest::Error) -> ExchangeError {
    let mut cause = error.source();
    let mut root_cause = None;
    while let Some(e) = cause {
        if let Some(refused) = e.downcast_ref::<BlockedAddressError>() {
            return ExchangeError::Refused(denied_error(refused.to_string()));
        }
        root_cause = Some(e.to_string());
        cause = e.source();
    }
    let subject = match error {
        e if e.is_timeout() => return ExchangeError::Failed("the connection timed out".to_owned()),
        e if e.is_connect() => "cannot connect",
        _ => "no response",
    };
    ExchangeError::Failed(
        root_cause.map_or_else(|| subject.to_owned(), |root_cause| format!("{subject}: {root_cause}")),
    )
}
