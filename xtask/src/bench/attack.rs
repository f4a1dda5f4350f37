//! `cargo xtask bench --under-attack`: what everybody else notices of a plugin that does its worst. A server with the hostile guest of
//! the tests is read from and written to by others, first in quiet and then while strangers have the plugin do one thing after another.
//!
//! Each attack has a server of its own, begun from the same files. Others send at a steady pace, so that what is measured is how long
//! an answer takes and not how many there are; all of it shares the machine, the load itself as well.

use super::connection::Connection;
use super::plugins::install;
use super::{Args, table};
use crate::api::Api;
use crate::build::Profile;
use crate::server::{Boot, Server, free_address};
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
const MOST_RATIO: f64 = 3.0;
/// Others who read, and who write.
const READERS: usize = 4;
const WRITERS: usize = 2;
/// Between two requests of one of them.
const READ_PAUSE: Duration = Duration::from_millis(5);
const WRITE_PAUSE: Duration = Duration::from_millis(15);
/// Before anything is measured, and between the first harm and the measurement.
const WARM_UP: Duration = Duration::from_secs(3);
/// Entries that lists are read from.
const ARTICLES: usize = 500;
/// The token of the servers that are started here, on scratch projects.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef";

/// Something that strangers have the plugin do, again and again.
struct Attack {
    name: &'static str,
    /// Paths below the plugin's routes, each asked by so many strangers at a time.
    requests: &'static [(&'static str, usize)],
    /// Between two requests of one of them.
    pause: Duration,
}

const AT_ONCE: Duration = Duration::ZERO;

const ATTACKS: [Attack; 9] = [
    Attack { name: "endless loops, till it is switched off", requests: &[("any/loop", 16)], pause: AT_ONCE },
    Attack { name: "computing for 200 ms, without end", requests: &[("any/slow", 16)], pause: AT_ONCE },
    Attack { name: "300 at once on a slow route", requests: &[("any/slow", 300)], pause: AT_ONCE },
    Attack { name: "memory to the limit", requests: &[("any/memory", 16)], pause: AT_ONCE },
    Attack { name: "transactions of 430 ms", requests: &[("any/hold-writer", 8)], pause: AT_ONCE },
    Attack {
        name: "values by key to the quota",
        requests: &[("any/hoard-bytes", 8), ("any/hoard-delete", 1)],
        pause: AT_ONCE,
    },
    Attack { name: "documents, one by one", requests: &[("any/hoard-documents", 8)], pause: AT_ONCE },
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
/// When a server does not start, somebody else is refused, or the slowest hundredth is more than [`MOST_RATIO`] times as slow.
pub(super) fn run(args: &Args) -> Result<()> {
    wasm::components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::server(Profile::Release)?,
    };
    let project = prepare(&binary)?;
    let (span, only) = (Duration::from_secs(u64::from(args.duration)), &args.cases);
    let (mut rows, mut slow) = (String::new(), Vec::new());
    for attack in ATTACKS.iter().filter(|attack| only.is_empty() || only.iter().any(|part| attack.name.contains(part)))
    {
        let own = paths::scratch("bench-attack-run")?;
        paths::copy_dir(&project, &own)?;
        let server = boot(&binary, &own)?.start()?;
        let (quiet, harmed, asked) = measure(&server, attack, span)?;
        server.stop()?;
        for (what, before, meanwhile) in
            [("reads", &quiet.reads, &harmed.reads), ("writes", &quiet.writes, &harmed.writes)]
        {
            let ratio = meanwhile.p99 / before.p99;
            rows += &format!(
                "{}\t{what}\t{:.1}\t{:.1}\t{:.1}\t{:.1}\t{ratio:.1}x\n",
                attack.name, before.p50, before.p99, meanwhile.p50, meanwhile.p99
            );
            if ratio > MOST_RATIO {
                slow.push(format!("{what} during {} ({ratio:.1}x)", attack.name));
            }
        }
        println!("{}: {} requests of other clients were answered, {} were rejected", attack.name, asked.0, asked.1);
    }
    print!(
        "{}",
        table(&["attack", "others'", "p50 ms", "p99 ms", "p50 attacked", "p99 attacked", "ratio of the p99"], &rows)
    );
    if !slow.is_empty() {
        bail!("slower by more than a factor of {MOST_RATIO}: {}", slow.join("; "));
    }
    Ok(())
}

/// A project with entries and the plugin, as every attack begins.
fn prepare(binary: &Path) -> Result<PathBuf> {
    let project = paths::scratch("bench-attack")?;
    paths::copy_dir(&paths::root().join("core/query/tests/model/content-types"), &project.join("content-types"))?;
    let settings = project.join("settings.json");
    fs::write(
        &settings,
        json!({ "apiTokens": [{ "name": "bench", "type": "full-access", "token": TOKEN }] }).to_string(),
    )?;
    boot(binary, &project)?.apply(&settings)?;
    // With as much memory as a manifest may ask for, and as many turns as one has that says nothing of them.
    install(binary, &project, "plugins/guests/hostile", |manifest| {
        manifest.replace("memory = \"64MiB\"\nconcurrency = 4", "memory = \"256MiB\"\nconcurrency = 8")
    })?;
    let server = boot(binary, &project)?.start()?;
    let mut connection = Connection::open(address(&server), TOKEN)?;
    for n in 0..ARTICLES {
        connection.time("POST", "/api/articles", &article(n))?;
    }
    drop(connection);
    server.stop()?;
    Ok(project)
}

fn boot(binary: &Path, project: &Path) -> Result<Boot> {
    Ok(Boot {
        binary: binary.to_owned(),
        project: project.to_owned(),
        listen: free_address()?,
        env: vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())],
        log: Some(project.join("cairn.log")),
    })
}

fn address(server: &Server) -> &str {
    server.base.trim_start_matches("http://")
}

fn article(n: usize) -> String {
    json!({ "data": { "title": format!("Article {n}") } }).to_string()
}

/// Percentiles of times, in milliseconds.
struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Percentiles {
    fn of(mut times: Vec<Duration>) -> Result<Self> {
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).map(|time| time.as_secs_f64() * 1e3);
        let (p50, p99) = at(50).zip(at(99)).context("nothing was measured")?;
        Ok(Self { p50, p99 })
    }
}

/// What others noticed.
struct Latencies {
    reads: Percentiles,
    writes: Percentiles,
}

/// In quiet, during the attack, and how many requests of it were answered with 2xx, and otherwise.
fn measure(server: &Server, attack: &Attack, span: Duration) -> Result<(Latencies, Latencies, (u64, u64))> {
    others(server, WARM_UP)?;
    let quiet = others(server, span)?;
    let strangers = Strangers::begin(server, attack);
    thread::sleep(WARM_UP);
    let harmed = others(server, span);
    let asked = strangers.end();
    Ok((quiet, harmed?, asked))
}

/// Reads and writes of others, for so long.
fn others(server: &Server, span: Duration) -> Result<Latencies> {
    let until = Instant::now() + span;
    let kinds = [
        ("GET", "/api/articles?pagination[pageSize]=10&sort=title", READERS, READ_PAUSE),
        ("POST", "/api/articles", WRITERS, WRITE_PAUSE),
    ];
    let [reads, writes] = kinds.map(|(method, path, many, pause)| {
        let each = (0..many).map(|n| {
            let address = address(server).to_owned();
            thread::spawn(move || pace(&address, method, path, pause, n, until))
        });
        each.collect::<Vec<JoinHandle<Result<Vec<Duration>>>>>()
    });
    let all = |threads: Vec<JoinHandle<Result<Vec<Duration>>>>| {
        let mut times = Vec::new();
        for thread in threads {
            times.extend(thread.join().map_err(|_| anyhow::anyhow!("a client panicked"))??);
        }
        Percentiles::of(times)
    };
    Ok(Latencies { reads: all(reads)?, writes: all(writes)? })
}

/// One of them, on a connection of its own.
fn pace(address: &str, method: &str, path: &str, pause: Duration, n: usize, until: Instant) -> Result<Vec<Duration>> {
    let mut connection = Connection::open(address, TOKEN)?;
    // Not all at the same moment.
    thread::sleep(pause.mul_f64(n as f64 / READERS.max(WRITERS) as f64));
    let body = if method == "POST" { article(n) } else { String::new() };
    let mut times = Vec::new();
    while Instant::now() < until {
        times.push(connection.time(method, path, &body)?.0);
        thread::sleep(pause);
    }
    Ok(times)
}

/// Those who have the plugin do it, until they are told to end.
struct Strangers {
    over: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    refused: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Strangers {
    fn begin(server: &Server, attack: &Attack) -> Self {
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
                        let ok = api.send(Method::POST, &path, &json!({})).is_ok_and(|answer| answer.ok());
                        if ok { &answered } else { &refused }.fetch_add(1, Ordering::Relaxed);
                        // Who is told to come again later is no load: not even strangers ask without a breath.
                        thread::sleep(if ok { pause } else { pause.max(Duration::from_millis(20)) });
                    }
                }));
            }
        }
        Self { over, answered, refused, threads }
    }

    fn end(self) -> (u64, u64) {
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
    fn a_hundredth_is_slower_than_p99() {
        let times: Vec<Duration> = (1..=1_000).rev().map(Duration::from_millis).collect();
        let Percentiles { p50, p99 } = Percentiles::of(times).unwrap();
        assert_eq!((p50, p99), (501.0, 991.0));
        assert!(Percentiles::of(Vec::new()).is_err());
    }
}
