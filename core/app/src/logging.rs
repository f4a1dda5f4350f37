//! Logs go to stderr: JSON lines, or readable text on a terminal.

use std::io::{self, IsTerminal};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging at a level such as `info` or `info,cairn_server=debug`; a malformed level is reported, and `info` is used.
pub fn start_logging(level: &str) {
    let filter = EnvFilter::try_new(with_server_crates(level));
    let problem = filter.as_ref().err().map(ToString::to_string);
    let filter = filter.unwrap_or_else(|_| EnvFilter::new("info"));
    // A second start (several servers in one test process) keeps the first.
    if io::stderr().is_terminal() {
        let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        let _ = builder.with_target(false).try_init();
    } else {
        let _ = json_lines(filter, io::stderr).try_init();
    }
    if let Some(problem) = problem {
        tracing::warn!(problem, "log.level (CAIRN_LOG) is malformed; using info");
    }
}

/// Crates that were once part of `cairn_server`.
const SERVER_CRATES: [&str; 7] = [
    "cairn_app",
    "cairn_commands",
    "cairn_http",
    "cairn_content_api",
    "cairn_editing_api",
    "cairn_administration_api",
    "cairn_router",
];

/// The level, with what it says of `cairn_server` said of the crates that were once part of it too.
fn with_server_crates(level: &str) -> String {
    let mut directives = Vec::new();
    for directive in level.split(',') {
        let Some(rest) = directive.trim().strip_prefix("cairn_server") else { continue };
        if rest.is_empty() || rest.starts_with(['=', ':', '[']) {
            directives.extend(SERVER_CRATES.map(|name| format!("{name}{rest}")));
        }
    }
    // The level itself comes last: its own directives for these crates take precedence.
    directives.push(level.to_owned());
    directives.join(",")
}

/// Writes each event as a line of JSON, whatever it contains.
fn json_lines<W>(filter: EnvFilter, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer).json();
    builder.flatten_event(true).with_current_span(false).with_span_list(false).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;
    use std::sync::{Arc, Mutex};

    /// A buffer that its clones share.
    #[derive(Clone, Default)]
    struct SharedBuffer(Arc<Mutex<Vec<u8>>>);

    impl io::Write for SharedBuffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn server_level_covers_the_crates_of_the_server() {
        let debug = "cairn_app=debug,cairn_commands=debug,cairn_http=debug,cairn_content_api=debug,cairn_editing_api=debug,\
                     cairn_administration_api=debug,cairn_router=debug,info,cairn_server=debug";
        assert_eq!(with_server_crates("info,cairn_server=debug"), debug);
        for level in ["info", "warn,cairn_store=debug", "cairn_servers=debug", ""] {
            assert_eq!(with_server_crates(level), level);
        }
        assert!(EnvFilter::try_new(with_server_crates("info,cairn_server=loud")).is_err());
    }

    #[test]
    fn logged_text_cannot_forge_lines_or_fields() {
        let buffer = SharedBuffer::default();
        let writer = buffer.clone();
        let forged = "a\r\n{\"level\":\"INFO\",\"forged\":true}\u{1b}[2J\u{2028}\0\",\"forged\":true,\"x\":\"";
        tracing::subscriber::with_default(json_lines(EnvFilter::new("info"), move || writer.clone()), || {
            tracing::warn!(path = forged, error = %forged, list = ?[forged], "told of {forged}");
        });
        let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.trim_end().chars().all(|c| !c.is_control()), "{text:?}");
        let line: Json = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["path"], &line["error"], &line["forged"]), (&forged.into(), &forged.into(), &Json::Null));
        assert_eq!((&line["level"], &line["message"]), (&"WARN".into(), &format!("told of {forged}").into()));
    }
}
