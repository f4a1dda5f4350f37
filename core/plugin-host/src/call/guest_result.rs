//! Errors that guests return, told from failures of the guest.

use crate::call::error::CallError;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::is_host_reference;

/// Converts an error that a guest returned. A refusal is a result like others, and so is passing on an error of the host; a failure is what
/// the guest calls one, such as an exception that nothing caught, and an error of more bytes than the limit.
pub(crate) fn check_guest_error(error: Error, most: usize) -> Result<Error, CallError> {
    let of_text = |text: &String| text.len();
    let bytes = match &error {
        Error::Invalid(fields) => fields.iter().map(|e| e.path.len() + e.code.len() + e.message.len()).sum(),
        Error::Denied(text) | Error::NotFound(text) | Error::Exhausted(text) | Error::Internal(text) => of_text(text),
        Error::Conflict(conflict) => conflict.kind.len() + conflict.message.len(),
        Error::Unavailable(_) => 0,
    };
    match error {
        _ if bytes > most => {
            Err(CallError::invalid_output(format!("its error has {bytes} bytes; the limit is {most}")))
        }
        Error::Internal(text) if !is_host_reference(&text) => {
            Err(CallError::guest_error(format!("it returned an internal error: {text}")))
        }
        error => Ok(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::guest_errors::{conflict_error, denied_error, internal_error, invalid_field};

    #[test]
    fn host_errors_passed_on_are_not_plugin_failures() {
        let passed_on = internal_error("the database is away");
        assert!(matches!(&passed_on, Error::Internal(text) if is_host_reference(text)));
        assert!(check_guest_error(passed_on, 100).is_ok());
        for own in ["TypeError: x is undefined", "4542c165", "4542c165-0000000000000000", ""] {
            assert!(check_guest_error(Error::Internal(own.to_owned()), 100).is_err(), "{own}");
        }
        for no in [
            invalid_field("a", "b", "c"),
            denied_error("x"),
            conflict_error("state", "closed"),
            Error::Unavailable(None),
        ] {
            assert!(check_guest_error(no, 100).is_ok());
        }
        assert!(check_guest_error(invalid_field("a", "b", "c".repeat(100)), 100).is_err());
    }
}
