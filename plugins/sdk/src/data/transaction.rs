//! Several calls that happen together or not at all.

use crate::bindings::data::Transaction;
use crate::{Error, Result};

/// How often a transaction is begun at most.
const ATTEMPTS: u32 = 8;

/// Runs `work` in a transaction: all that it stores, by whatever module, is there when it returns `Ok` and nothing of it when it
/// returns an error. Inside another one it is a part that can fail alone.
///
/// The network and PDFs are out of reach meanwhile. Hooks, event handlers and lifecycle steps need none: they run in one.
///
/// # Errors
/// That of `work`, or what the host says when it begins or commits.
pub fn transaction<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let open = Transaction::begin()?;
    let value = work()?;
    Transaction::commit(open)?;
    Ok(value)
}

/// Runs `work` in a [`transaction`], again where another transaction got in its way: nothing of the first try is left then.
///
/// # Errors
/// That of `work`, or what the host says.
pub fn run_transaction<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match transaction(&work) {
            Err(error) if attempt < ATTEMPTS && is_passing(&error) => attempt += 1,
            result => return result,
        }
    }
}

/// True if another try may end otherwise. A transaction that ran out of time is not among these: the host ends a call that goes on after that.
fn is_passing(error: &Error) -> bool {
    ["lock", "unique", "version"].iter().any(|kind| error.is_conflict(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Conflict;

    #[test]
    fn only_what_passes_is_tried_again() {
        let conflict =
            |kind: &str| Error::Conflict(Conflict { kind: kind.into(), existing: None, message: String::new() });
        for kind in ["lock", "unique", "version"] {
            assert!(is_passing(&conflict(kind)), "{kind}");
        }
        for error in [conflict("state"), Error::Exhausted("transaction-time".into()), Error::NotFound(String::new())] {
            assert!(!is_passing(&error), "{error:?}");
        }
    }
}
