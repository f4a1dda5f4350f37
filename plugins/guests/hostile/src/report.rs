//! How a trial ended, in one word a test can look for.

use cairn_plugin::{Error, Result};

/// `denied`, `invalid`, `not-found` and so on, with the host's text.
pub(crate) fn error(error: &Error) -> String {
    let kind = match error {
        Error::Invalid(_) => "invalid",
        Error::Denied(_) => "denied",
        Error::NotFound(_) => "not-found",
        Error::Conflict(_) => "conflict",
        Error::Exhausted(_) => "exhausted",
        Error::Unavailable(_) => "unavailable",
        Error::Internal(_) => "internal",
    };
    format!("{kind}: {}", error.describe())
}

/// Formats the result of a call that has to be refused by rights: anything else than an error is a leak.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Ok(got) => format!("leak: {got:?}"),
        Err(failed) => error(&failed),
    }
}

/// Formats the result of a call that may or may not be allowed, but has to end well.
pub(crate) fn ended<T>(result: Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(failed) => error(&failed),
    }
}

/// Repeats a call until the host says no, and tells how often it said yes.
pub(crate) fn until_refused<T>(times: u64, mut call: impl FnMut(u64) -> Result<T>) -> String {
    for n in 0..times {
        if let Err(failed) = call(n) {
            return format!("after {n}: {}", error(&failed));
        }
    }
    format!("after {times}: ok")
}
