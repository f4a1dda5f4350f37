//! The steps of a long chore, a line each: what is done, how long it usually takes, how long it took. What the programs of a step say goes
//! into a file.

use crate::process;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

/// Lines of the log that a failed step shows.
const SHOWN_LINES: usize = 40;

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

    /// The end of the log, and where all of it is.
    fn describe_log(&self) -> String {
        let Some(log) = &self.log else { return String::new() };
        let text = fs::read_to_string(log).unwrap_or_default();
        format!("\n{}\n    all of it: {}", last_lines(&text, SHOWN_LINES), log.display())
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
    fn end_of_a_log_is_shown_indented() {
        assert_eq!(last_lines("one\ntwo\nthree\n", 2), "    two\n    three");
        assert_eq!(last_lines("", 2), "");
    }
}
