//! Deadlines for the work of a thread on its connection: one request must not occupy a core, or the writer.

use std::cell::Cell;
use std::time::Instant;

thread_local! {
    /// Time at which the statement that runs on this thread is stopped.
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Instructions of SQLite between two looks at the clock.
const INSTRUCTIONS_PER_CHECK: i32 = 50_000;

/// Stops statements of a connection at the deadline of the thread that runs them.
pub(super) fn stop_statements_at_deadline(conn: &rusqlite::Connection) {
    conn.progress_handler(
        INSTRUCTIONS_PER_CHECK,
        Some(|| DEADLINE.get().is_some_and(|deadline| Instant::now() > deadline)),
    );
}

/// Runs `work` on this thread with a deadline (`None`: without one), and restores the one before afterwards, also if it panics.
pub(crate) fn run_until<R>(deadline: Option<Instant>, work: impl FnOnce() -> R) -> R {
    struct Restore(Option<Instant>);
    impl Drop for Restore {
        fn drop(&mut self) {
            DEADLINE.set(self.0);
        }
    }
    let _restore = Restore(DEADLINE.replace(deadline));
    work()
}
