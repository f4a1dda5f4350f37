//! A line on the terminal that says how far it is.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How often it is written anew.
const REFRESH_INTERVAL: Duration = Duration::from_millis(200);

/// On a terminal, a line that is written over; elsewhere nothing.
pub struct Progress {
    shown: Option<Instant>,
    terminal: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// Progress of which nothing was shown yet.
    pub fn new() -> Self {
        Self { shown: None, terminal: std::io::stderr().is_terminal() }
    }

    /// `doing` `n` of something.
    pub fn show_count(&mut self, doing: &str, n: u64) {
        if self.terminal && self.shown.is_none_or(|at| at.elapsed() >= REFRESH_INTERVAL) {
            self.shown = Some(Instant::now());
            let _ = write!(std::io::stderr(), "\r\x1b[K{doing}: {n}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
