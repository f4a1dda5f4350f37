//! Transactions that begin anew when another one was faster.

use cairn_plugin::{Error, Result, transaction};

/// How often a transaction is begun at most.
const ATTEMPTS: u32 = 8;

/// Runs `work` in a transaction, again where another transaction got in its way: nothing of the first try is left then.
///
/// # Errors
/// That of `work`, or what the host says.
pub(crate) fn run_transaction<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    let mut attempt = 1;
    loop {
        match transaction(&work) {
            Err(error) if attempt < ATTEMPTS && is_passing(&error) => attempt += 1,
            result => return result,
        }
    }
}

/// Whether another try may end otherwise. A transaction that ran out of time is not among these: the host ends a call that goes on after that.
fn is_passing(error: &Error) -> bool {
    ["lock", "unique", "version"].iter().any(|kind| error.is_conflict(kind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin::Conflict;

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
