//! `cargo xtask bench --under-attack`: what everybody else notices of a plugin that does its worst. A server with the hostile guest of
//! the tests is read from and written to by others, first in quiet and then while strangers have the plugin do one thing after another.
//!
//! Each attack has a server of its own, begun from the same files. Others send at a steady pace, so that what is measured is how long
//! an answer takes and not how many there are; all of it shares the machine, the load itself as well.

use super::connection::Connection;
use super::{Args, markdown_table};
use crate::api::Api;
use crate::build::Profile;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, wasm};
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use ureq::http::Method;

/// How much slower the slowest hundredth of answers may be.
const MAX_SLOWDOWN: f64 = 3.0;
/// Others who read, and who write.
const READER_COUNT: usize = 4;
const WRITER_COUNT: usize = 2;
/// Between two requests of one of them.
const READ_PAUSE: Duration = Duration::from_millis(5);
const WRITE_PAUSE: Duration = Duration::from_millis(15);
/// Before anything is measured, and between the first harm and the measurement.
const WARM_UP_TIME: Duration = Duration::from_secs(3);
/// Entries that lists are read from.
const ARTICLE_COUNT: usize = 500;
/// The token of the servers that are started here, on scratch projects.
const SCRATCH_TOKEN: &str = "bench-0123456789abcdef0123456789abcdef";

/// Something that strangers have the plugin do, again and again.
struct Attack {
    name: &'static str,
    /// Paths below the plugin's routes, each asked by so many strangers at a time.
    requests: &'static [(&'static str, usize)],
    /// Between two requests of one of them.
    pause: Duration,
}

const NO_PAUSE: Duration = Duration::ZERO;

const ATTACKS: [Attack; 9] = [
    Attack { name: "endless loops, till it is switched off", requests: &[("any/loop", 16)], pause: NO_PAUSE },
    Attack { name: "computing for 200 ms, without end", requests: &[("any/slow", 16)], pause: NO_PAUSE },
    Attack { name: "300 at once on a slow route", requests: &[("any/slow", 300)], pause: NO_PAUSE },
    Attack { name: "memory to the limit", requests: &[("any/memory", 16)], pause: NO_PAUSE },
    Attack { name: "transactions of 430 ms", requests: &[("any/hold-writer", 8)], pause: NO_PAUSE },
    Attack {
        name: "values by key to the quota",
        requests: &[("any/hoard-bytes", 8), ("any/hoard-delete", 1)],
        pause: NO_PAUSE,
    },
    Attack { name: "documents, one by one", requests: &[("any/hoard-documents", 8)], pause: NO_PAUSE },
    Attack {
        name: "events that wake themselves twice",
        requests: &[("ask/echo-2", 2)],
        pause: Duration::from_millis(100),
    },
    Attack {
        name: "jobs that compute for 200 ms",
        requests: &[("any/hoard-slow-jobs", 4)],
        pause: Duration::from_millis(50),
    },
];

/// Measures all of them, prints a table, and fails where others waited too long.
///
/// # Errors
/// When a server does not start, somebody else is refused, or the slowest hundredth is more than [`MAX_SLOWDOWN`] times as slow.
pub(super) fn run(args: &Args) -> Result<()> {
    wasm::build_components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    let project = prepare_project(&binary)?;
    let (span, only) = (Duration::from_secs(u64::from(args.duration)), &args.cases);
    let (mut rows, mut slow) = (String::new(), Vec::new());
    for attack in ATTACKS.iter().filter(|attack| only.is_empty() || only.iter().any(|part| attack.name.contains(part)))
    {
        let own = paths::scratch_folder("bench-attack-run")?;
        paths::copy_dir(&project, &own)?;
        let server = server_boot(&binary, &own)?.start()?;
        let (quiet, harmed, request_counts) = measure_attack(&server, attack, span)?;
        server.stop()?;
        for (subject, before, meanwhile) in
            [("reads", &quiet.reads, &harmed.reads), ("writes", &quiet.writes, &harmed.writes)]
        {
            let ratio = meanwhile.p99 / before.p99;
            rows += &format!(
                "{}\t{subject}\t{:.1}\t{:.1}\t{:.1}\t{:.1}\t{ratio:.1}x\n",
                attack.name, before.p50, before.p99, meanwhile.p50, meanwhile.p99
            );
            if ratio > MAX_SLOWDOWN {
                slow.push(format!("{subject} during {} ({ratio:.1}x)", attack.name));
            }
        }
        println!(
            "{}: {} requests of other clients were answered, {} were rejected",
            attack.name, request_counts.0, request_counts.1
        );
    }
    print!(
        "{}",
        markdown_table(
            &["attack", "others'", "p50 ms", "p99 ms", "p50 attacked", "p99 attacked", "ratio of the p99"],
            &rows
        )
    );
    if !slow.is_empty() {
        bail!("slower by more than a factor of {MAX_SLOWDOWN}: {}", slow.join("; "));
    }
    Ok(())
}

/// A project with entries and the plugin, as every attack begins.
fn prepare_project(binary: &Path) -> Result<PathBuf> {
    let project = paths::scratch_folder("bench-attack")?;
    paths::copy_dir(
        &paths::repository_root().join("core/query/tests/model/content-types"),
        &project.join("content-types"),
    )?;
    let settings = project.join("settings.json");
    fs::write(
        &settings,
        json!({ "apiTokens": [{ "name": "bench", "type": "full-access", "token": SCRATCH_TOKEN }] }).to_string(),
    )?;
    server_boot(binary, &project)?.apply_settings(&settings)?;
    // With as much memory as a manifest may ask for, and as many turns as one has that says nothing of them.
    let package = pack_plugin(binary, "plugins/guests/hostile", None, |manifest| {
        manifest.replace("memory = \"64MiB\"\nconcurrency = 4", "memory = \"256MiB\"\nconcurrency = 8")
    })?;
    install_package(binary, &project, &package, &["--unsigned"])?;
    let server = server_boot(binary, &project)?.start()?;
    let mut connection = Connection::open(server_address(&server), SCRATCH_TOKEN)?;
    for n in 0..ARTICLE_COUNT {
        connection.time_request("POST", "/api/articles", &article_body(n))?;
    }
    drop(connection);
    server.stop()?;
    Ok(project)
}

fn server_boot(binary: &Path, project: &Path) -> Result<ServerCommand> {
    Ok(ServerCommand {
        binary: binary.to_owned(),
        project: project.to_owned(),
        listen: free_address()?,
        env: vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())],
        log: Some(project.join("cairn.log")),
    })
}

fn server_address(server: &ServerProcess) -> &str {
    server.base.trim_start_matches("http://")
}

fn article_body(n: usize) -> String {
    json!({ "data": { "title": format!("Article {n}") } }).to_string()
}

/// Percentiles of times, in milliseconds.
struct TimePercentiles {
    p50: f64,
    p99: f64,
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
struct Latencies {
    reads: TimePercentiles,
    writes: TimePercentiles,
}

/// In quiet, during the attack, and how many requests of it were answered with 2xx, and otherwise.
fn measure_attack(
    server: &ServerProcess,
    attack: &Attack,
    span: Duration,
) -> Result<(Latencies, Latencies, (u64, u64))> {
    run_others(server, WARM_UP_TIME)?;
    let quiet = run_others(server, span)?;
    let strangers = AttackClients::start_clients(server, attack);
    thread::sleep(WARM_UP_TIME);
    let harmed = run_others(server, span);
    let request_counts = strangers.stop_clients();
    Ok((quiet, harmed?, request_counts))
}

/// Reads and writes of others, for so long.
fn run_others(server: &ServerProcess, span: Duration) -> Result<Latencies> {
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
    // Not all at the same moment.
    thread::sleep(pause.mul_f64(n as f64 / READER_COUNT.max(WRITER_COUNT) as f64));
    let body = if method == "POST" { article_body(n) } else { String::new() };
    let mut times = Vec::new();
    while Instant::now() < until {
        times.push(connection.time_request(method, path, &body)?.0);
        thread::sleep(pause);
    }
    Ok(times)
}

/// Those who have the plugin do it, until they are told to end.
struct AttackClients {
    over: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl AttackClients {
    fn start_clients(server: &ServerProcess, attack: &Attack) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (answered, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut threads = Vec::new();
        for (path, many) in attack.requests {
            for _ in 0..*many {
                let (over, answered, refused) = (over.clone(), answered.clone(), refused.clone());
                let pause = attack.pause;
                let (api, path) = (Api::new(&server.base, None), format!("/api/hostile/{path}"));
                threads.push(thread::spawn(move || {
                    while !over.load(Ordering::Acquire) {
                        let ok = api.send(Method::POST, &path, &json!({})).is_ok_and(|answer| answer.is_ok());
                        if ok { &answered } else { &refused }.fetch_add(1, Ordering::Relaxed);
                        // Who is told to come again later is no load: not even strangers ask without a breath.
                        thread::sleep(if ok { pause } else { pause.max(Duration::from_millis(20)) });
                    }
                }));
            }
        }
        Self { over, answered, refused, threads }
    }

    fn stop_clients(self) -> (u64, u64) {
        self.over.store(true, Ordering::Release);
        for thread in self.threads {
            let _ = thread.join();
        }
        (self.answered.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
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
