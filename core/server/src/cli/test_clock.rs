//! `CAIRN_TEST_CLOCK`: the time at which the clock of a program under test starts.

use cairn_access::MovableClock;
use cairn_app::OperatorError;
use std::sync::Arc;

const VARIABLE: &str = "CAIRN_TEST_CLOCK";

/// True in builds for tests and development. A released binary has no clock that somebody could move.
const HAS_MOVABLE_CLOCK: bool = cfg!(debug_assertions);

/// The clock that the variable asks for; `None` where it is not set.
///
/// # Errors
/// If the value is not an instant, or this build has no such clock.
pub(super) fn read_test_clock() -> Result<Option<Arc<MovableClock>>, OperatorError> {
    let Some(value) = std::env::var_os(VARIABLE) else { return Ok(None) };
    if !HAS_MOVABLE_CLOCK {
        return Err(OperatorError(format!("{VARIABLE} is for builds for tests; this is a release: unset it")));
    }
    let time = value.to_str().and_then(|value| value.parse().ok());
    let time =
        time.ok_or_else(|| OperatorError(format!("{VARIABLE} must be an instant such as 2027-03-01T09:00:00Z")))?;
    tracing::warn!(%time, "the clock is set by {VARIABLE}, and whoever reaches this server can move it");
    Ok(Some(Arc::new(MovableClock::starting_at(time))))
}
