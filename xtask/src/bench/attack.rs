//! `cargo xtask bench --under-attack`: what everybody else notices of a plugin that does its worst. A server with the hostile guest of
//! the tests is read from and written to by others, first in quiet and then while strangers have the plugin do one thing after another.
//!
//! Each attack has a server of its own, begun from the same files. Others send at a steady pace, so that what is measured is how long
//! an answer takes and not how many there are; all of it shares the machine, the load itself as well.

use super::options::Args;
use super::others::{self, Latencies, run_others, server_command};
use super::table::markdown_table;
use crate::api::Api;
use crate::build::Profile;
use crate::plugin_package::pack_plugin;
use crate::server::ServerProcess;
use crate::{build, paths, wasm};
use anyhow::{Result, bail};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use ureq::http::Method;

/// How much slower the slowest hundredth of answers may be.
const MAX_SLOWDOWN: f64 = 3.0;
/// Before anything is measured, and between the first harm and the measurement.
const WARM_UP_TIME: Duration = Duration::from_secs(3);

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
        let server = server_command(&binary, &own)?.start()?;
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
    // The plugin has as much memory as a manifest may request, and the default concurrency.
    let package = pack_plugin(binary, "plugins/guests/hostile", None, |manifest| {
        manifest.replace("memory = \"64MiB\"\nconcurrency = 4", "memory = \"256MiB\"\nconcurrency = 8")
    })?;
    others::prepare_project(binary, "bench-attack", &package)
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
                        // A refused client pauses too, because even strangers do not send requests without a pause.
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
