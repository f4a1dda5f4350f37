//! Report of a panic. It ends the call as a trap, and a trap has no text: so the message goes to the log first.

use crate::bindings::log::{Level, Scalar, emit};
use std::panic::PanicHookInfo;

/// Has panics of this call reported. Called first in every export; cheap, since each call is an instance of its own.
pub(crate) fn report() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(tell));
}

#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "natively panics are the test runner's"))]
fn tell(panic: &PanicHookInfo<'_>) {
    let message = panic.payload_as_str().unwrap_or("panic without a message");
    let place = panic.location().map(|at| ("at".to_owned(), Scalar::Text(at.to_string())));
    emit(Level::Error, &format!("panic: {message}"), &place.into_iter().collect::<Vec<_>>());
}
