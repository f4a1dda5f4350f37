//! Others who use a server while a plugin is busy: they read lists and write entries at a steady pace, so that what is measured is how long
//! an answer takes and not how many there are. All of it shares the machine, the load itself as well.

use super::connection::Connection;
use crate::paths;
use crate::plugin_package::install_package;
use crate::server::{ServerCommand, ServerProcess, free_address};
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Others who read, and who write.
const READER_COUNT: usize = 4;
const WRITER_COUNT: usize = 2;
/// Between two requests of one of them.
const READ_PAUSE: Duration = Duration::from_millis(5);
const WRITE_PAUSE: Duration = Duration::from_millis(15);
/// Entries that lists are read from.
const ARTICLE_COUNT: usize = 500;
/// The token of the servers that are started here, on scratch projects.
pub(super) const SCRATCH_TOKEN: &str = "bench-0123456789abcdef0123456789abcdef";

/// A project with entries and a plugin, in a scratch folder of that name.
pub(super) fn prepare_project(binary: &Path, name: &str, package: &Path) -> Result<PathBuf> {
    let project = paths::scratch_folder(name)?;
    paths::copy_dir(
        &paths::repository_root().join("core/query/tests/model/content-types"),
        &project.join("content-types"),
    )?;
    let settings = project.join("settings.json");
    fs::write(
        &settings,
        json!({ "apiTokens": [{ "name": "bench", "type": "full-access", "token": SCRATCH_TOKEN }] }).to_string(),
    )?;
    server_command(binary, &project)?.apply_settings(&settings)?;
    install_package(binary, &project, package, &["--unsigned"])?;
    let server = server_command(binary, &project)?.start()?;
    let mut connection = Connection::open(server_address(&server), SCRATCH_TOKEN)?;
    for n in 0..ARTICLE_COUNT {
        connection.time_request("POST", "/api/articles", &article_body(n))?;
    }
    drop(connection);
    server.stop()?;
    Ok(project)
}

/// A server of a scratch project, without a cache of responses.
pub(super) fn server_command(binary: &Path, project: &Path) -> Result<ServerCommand> {
    Ok(ServerCommand {
        binary: binary.to_owned(),
        project: project.to_owned(),
        listen: free_address()?,
        env: vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())],
        log: Some(project.join("cairn.log")),
    })
}

pub(super) fn server_address(server: &ServerProcess) -> &str {
    server.base.trim_start_matches("http://")
}

fn article_body(n: usize) -> String {
    json!({ "data": { "title": format!("Article {n}") } }).to_string()
}

/// Percentiles of times, in milliseconds.
pub(super) struct TimePercentiles {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

impl TimePercentiles {
    fn from_times(mut times: Vec<Duration>) -> Result<Self> {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).map(|time| time.as_secs_f64() * 1e3);
        let (p50, p99) = at(50).zip(at(99)).context("nothing was measured")?;
        Ok(Self { p50, p99 })
    }
}

/// Latencies that others noticed.
pub(super) struct Latencies {
    pub(super) reads: TimePercentiles,
    pub(super) writes: TimePercentiles,
}

/// Reads and writes of others, for so long.
pub(super) fn run_others(server: &ServerProcess, span: Duration) -> Result<Latencies> {
    let until = Instant::now() + span;
    let kinds = [
        ("GET", "/api/articles?pagination[pageSize]=10&sort=title", READER_COUNT, READ_PAUSE),
        ("POST", "/api/articles", WRITER_COUNT, WRITE_PAUSE),
    ];
    let [reads, writes] = kinds.map(|(method, path, many, pause)| {
        let each = (0..many).map(|n| {
            let address = server_address(server).to_owned();
            thread::spawn(move || send_at_pace(&address, method, path, pause, n, until))
        });
        each.collect::<Vec<JoinHandle<Result<Vec<Duration>>>>>()
    });
    let all = |threads: Vec<JoinHandle<Result<Vec<Duration>>>>| {
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
        }
        TimePercentiles::from_times(times)
    };
    Ok(Latencies { reads: all(reads)?, writes: all(writes)? })
}

/// One of them, on a connection of its own.
fn send_at_pace(
    address: &str,
    method: &str,
    path: &str,
    pause: Duration,
    n: usize,
    until: Instant,
) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address, SCRATCH_TOKEN)?;
    // Clients start at different moments.
    thread::sleep(pause.mul_f64(n as f64 / READER_COUNT.max(WRITER_COUNT) as f64));
    let body = if method == "POST" { article_body(n) } else { String::new() };
    let mut times = Vec::new();
    while Instant::now() < until {
        times.push(connection.time_request(method, path, &body)?.0);
        thread::sleep(pause);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_computed_from_unsorted_times() {
        let times: Vec<Duration> = (1..=1_000).rev().map(Duration::from_millis).collect();
        let TimePercentiles { p50, p99 } = TimePercentiles::from_times(times).unwrap();
        assert_eq!((p50, p99), (501.0, 991.0));
        assert!(TimePercentiles::from_times(Vec::new()).is_err());
    }
}
