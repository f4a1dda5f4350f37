//! The steps of a long chore, a line each: what is done, how far it has come, how long it took. What the programs of a step say goes into a
//! file.

use crate::process;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// Lines of the log that a failed step shows.
const SHOWN_LINES: usize = 40;
/// How often the line of a step that compiles says how far it has come.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

/// How the steps of a chore are shown.
pub(crate) struct Steps {
    /// `None` if everything is shown.
    log: Option<PathBuf>,
}

impl Steps {
    /// Steps whose programs write into a log of that name in the target folder, or to the terminal if everything is to be shown. Returns an
    /// error if the log cannot be written.
    pub(crate) fn new(name: &str, verbose: bool) -> Result<Self> {
        if verbose {
            return Ok(Self { log: None });
        }
        let log = crate::paths::target_folder().join(name);
        File::create(&log).with_context(|| log.display().to_string())?;
        process::write_output_to(&log)?;
        Ok(Self { log: Some(log) })
    }

    /// Runs a step. `hint` says how long it takes, or what it waits for. Returns the step's error, after the end of what its programs said.
    pub(crate) fn run<T>(&self, title: &str, hint: &str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
        print!("{title}{hint} … ");
        if self.log.is_none() {
            println!();
        }
        std::io::stdout().flush()?;
        let started = Instant::now();
        let result = step();
        match &result {
            Ok(_) => println!("{:.1} s", started.elapsed().as_secs_f64()),
            Err(_) => println!("failed{}", self.describe_log()),
        }
        result
    }

    /// Runs a step that has cargo compile up to `crates` crates. On a terminal its line says how many are done, and for how long it has been
    /// compiling: no estimate, since the last crates are by far the largest. Returns the same errors as [`Self::run`].
    pub(crate) fn run_compilation<T>(
        &self,
        title: &str,
        crates: Option<usize>,
        step: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let (Some(log), true) = (&self.log, std::io::stdout().is_terminal()) else {
            return self.run(title, "", step);
        };
        let already = count_compiled(log);
        let (finished, is_running) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let progress = scope.spawn(move || {
                let started = Instant::now();
                while is_running.recv_timeout(PROGRESS_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    let done = count_compiled(log).saturating_sub(already);
                    // To the start of the line, and nothing left of what stood there.
                    print!("\r\x1b[K{title} … {} ", describe_progress(done, crates, started.elapsed()));
                    let _ = std::io::stdout().flush();
                }
            });
            self.run(title, "", || {
                let result = step();
                drop(finished);
                let _ = progress.join();
                print!("\r\x1b[K{title} … ");
                result
            })
        })
    }

    /// The end of the log, and where all of it is.
    fn describe_log(&self) -> String {
        let Some(log) = &self.log else { return String::new() };
        let text = fs::read_to_string(log).unwrap_or_default();
        format!("\n{}\n    all of it: {}", last_lines(&text, SHOWN_LINES), log.display())
    }
}

/// The crates that cargo has begun to compile, by its log.
fn count_compiled(log: &Path) -> usize {
    let text = fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.trim_start().starts_with("Compiling ")).count()
}

/// How far a compilation has come, as "412 of up to 780 crates, 3 min 20 s".
fn describe_progress(done: usize, crates: Option<usize>, elapsed: Duration) -> String {
    let (minutes, seconds) = (elapsed.as_secs() / 60, elapsed.as_secs() % 60);
    let time = if minutes == 0 { format!("{seconds} s") } else { format!("{minutes} min {seconds} s") };
    match crates {
        _ if done == 0 => time,
        Some(crates) if crates >= done => format!("{done} of up to {crates} crates, {time}"),
        _ => format!("{done} crates, {time}"),
    }
}

/// The last lines of a text, indented.
fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let shown: Vec<String> =
        lines[lines.len().saturating_sub(count)..].iter().map(|line| format!("    {line}")).collect();
    shown.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_what_is_known() {
        let (short, long) = (Duration::from_secs(9), Duration::from_secs(200));
        assert_eq!(describe_progress(0, Some(780), short), "9 s");
        assert_eq!(describe_progress(412, Some(780), long), "412 of up to 780 crates, 3 min 20 s");
        assert_eq!(describe_progress(412, None, long), "412 crates, 3 min 20 s");
        // More than was counted: the count was wrong.
        assert_eq!(describe_progress(800, Some(780), short), "800 crates, 9 s");
    }

    #[test]
    fn end_of_a_log_is_shown_indented() {
        assert_eq!(last_lines("one\ntwo\nthree\n", 2), "    two\n    three");
        assert_eq!(last_lines("", 2), "");
    }
}
