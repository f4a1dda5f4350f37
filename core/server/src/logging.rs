//! Logs go to stderr: JSON lines, or readable text on a terminal.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging at a level such as `info` or `info,cairn_server=debug`; a malformed level is told, and info is used.
pub(crate) fn start(level: &str) {
    let filter = EnvFilter::try_new(level);
    let wrong = filter.as_ref().err().map(ToString::to_string);
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start (several servers in one test process) keeps the first.
    let _ = if std::io::stderr().is_terminal() {
        builder.with_target(false).try_init()
    } else {
        builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
    };
    if let Some(wrong) = wrong {
        tracing::warn!(wrong, "log.level (CAIRN_LOG) is malformed; using info");
    }
}
