//! Effects that happen once, although events and jobs come at least once.

use crate::{Result, kv};
use std::time::Duration;

/// As long as the host keeps events by default, and a day: nothing is delivered again after that.
const REMEMBERED: Duration = Duration::from_secs(31 * 24 * 3_600);

/// Runs `work` unless it has run for this `id` before: an event's id, or whatever names the effect. None where it has.
///
/// The id is kept in the same transaction as what `work` stores, so that both are there or neither: call it where one is open,
/// as in an event handler. Ids are remembered for 31 days.
///
/// # Errors
/// That of `work`, after which the transaction has to fail too; or what the host says.
pub fn once<T>(id: &str, work: impl FnOnce() -> Result<T>) -> Result<Option<T>> {
    if kv::put_new(&format!("once/{id}"), &true, REMEMBERED)? { work().map(Some) } else { Ok(None) }
}
