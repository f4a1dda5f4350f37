//! Several calls that happen together or not at all.

use crate::Result;
use crate::bindings::data::Transaction;

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
