//! `cargo xtask crash`: SIGKILL during writes, again and again, on one growing database.
//!
//! On PostgreSQL the server is killed in every other round, in the rounds between PostgreSQL itself: Cairn has to return 503 meanwhile and
//! to continue by itself as soon as its database is back.
//!
//! Clients write documents whose parts have to agree, and record what was acknowledged. After each kill the server is started again and
//! everything acknowledged has to exist, as it was written, and nothing by halves. A write that was in progress at the kill may exist
//! or not, complete in either case.

mod client;
mod document;
mod verify;

use crate::api::Api;
use crate::build::Profile;
use crate::database::{DATABASE_VARIABLE, Database};
use crate::postgres::{Cluster, Durability};
use crate::server::{ServerCommand, free_address};
use crate::{build, paths};
use anyhow::{Context, Result, bail};
use client::CrashClient;
use rand::Rng;
use serde_json::{Value, json};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use ureq::http::Method;
use verify::CrashFindings;

/// Number of clients that write at the same time, by default.
pub(crate) const DEFAULT_CLIENTS: usize = 6;
/// How long a restart after a kill may take, from the start of the process to the first 204.
const MAX_RESTART_TIME: Duration = Duration::from_secs(2);
/// How long it may take until requests succeed again once PostgreSQL accepts connections.
const MAX_RECOVERY_TIME: Duration = Duration::from_secs(5);
/// How long recovery is waited for.
const RECOVERY_PATIENCE: Duration = Duration::from_secs(60);
/// How long a round writes before the kill, in milliseconds.
const WRITE_MS: std::ops::RangeInclusive<u64> = 20..=400;
/// Rounds between two runs of `cairn doctor`, which reads the whole database.
const DOCTOR_INTERVAL_ROUNDS: u32 = 25;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of kills
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// Number of concurrent clients
    #[arg(long, default_value_t = DEFAULT_CLIENTS)]
    clients: usize,
    /// The database to write to
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// Use the debug build
    #[arg(long)]
    debug: bool,
    /// Use this binary instead of building one
    #[arg(long, conflicts_with = "debug")]
    binary: Option<PathBuf>,
}

/// Builds the server and runs the rounds. Returns an error if a write was lost or is incomplete, a restart was slow, or
/// the server misbehaved.
pub(crate) fn run(args: Args) -> Result<()> {
    let binary = match args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_server(Profile::new(!args.debug))?,
    };
    run_rounds(&binary, args.database, args.rounds, args.clients)?.check_limits()
}

/// Runs the rounds with that binary on that database and prints the results. How long restarts may take is for the caller to check: it says
/// something of an optimised build on a quiet machine. Returns the same errors as [`run`] otherwise.
pub(crate) fn run_rounds(binary: &Path, database: Database, rounds: u32, clients: usize) -> Result<SlowestTimes> {
    let cluster = match database {
        Database::Sqlite => None,
        Database::Postgres => Some(Cluster::throw_away(Durability::Full)?),
    };
    let project = paths::scratch_folder("crash")?;
    println!("crash: {database}, project {}", project.display());
    let boot = prepare_project(binary.to_owned(), project, cluster.as_ref())?;
    let token = boot.env[0].1.clone();
    let mut server = boot.start()?;
    let api = || Api::new(&server_base(&boot), Some(&token));
    let topics = make_topics(&api())?;
    let mut clients: Vec<CrashClient> = (0..clients).map(CrashClient::new).collect();
    let mut findings = CrashFindings::default();
    let mut slowest = SlowestTimes::default();
    let mut completed = 0;
    for round in 1..=rounds {
        let describe_round = || format!("round {round}");
        match &cluster {
            Some(cluster) if round % 2 == 0 => {
                write_until_killed(&mut clients, &topics, api, || cluster.crash())?;
                without_database(&api()).with_context(describe_round)?;
                cluster.start().with_context(describe_round)?;
                slowest.recovery =
                    slowest.recovery.max(wait_until_recovered(&api(), &topics[0]).with_context(describe_round)?);
            }
            _ => {
                write_until_killed(&mut clients, &topics, api, || server.kill())?;
                server = boot.start().with_context(describe_round)?;
                slowest.restart = slowest.restart.max(server.ready_after);
            }
        }
        verify::verify_round(&api(), &mut clients, &mut findings).with_context(describe_round)?;
        if round % DOCTOR_INTERVAL_ROUNDS == 0 {
            boot.run_doctor()?;
            println!("crash: {round} rounds, {findings}, {slowest}");
        }
        completed = round;
        if !findings.is_clean() {
            break;
        }
    }
    if findings.is_clean() {
        verify::verify_everything(&api(), &mut clients, &mut findings)?;
    }
    server.stop()?;
    boot.run_doctor()?;
    println!("crash: {completed} of {rounds} rounds, {findings}, {slowest}");
    if !findings.is_clean() {
        bail!("writes were lost or half written; the project is {}", boot.project.display());
    }
    Ok(slowest)
}

/// The longest times until requests succeeded again.
#[derive(Default)]
pub(crate) struct SlowestTimes {
    restart: Duration,
    recovery: Duration,
}

impl SlowestTimes {
    fn check_limits(&self) -> Result<()> {
        if self.restart > MAX_RESTART_TIME {
            bail!("a restart took {} ms; {} ms are allowed", self.restart.as_millis(), MAX_RESTART_TIME.as_millis());
        }
        if self.recovery > MAX_RECOVERY_TIME {
            bail!("a recovery took {} ms; {} ms are allowed", self.recovery.as_millis(), MAX_RECOVERY_TIME.as_millis());
        }
        Ok(())
    }
}

impl fmt::Display for SlowestTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slowest restart {} ms", self.restart.as_millis())?;
        if !self.recovery.is_zero() {
            write!(f, ", slowest recovery of the database {} ms", self.recovery.as_millis())?;
        }
        Ok(())
    }
}

/// Checks that without its database the server returns 503 to reads and writes, with `Retry-After`.
fn without_database(api: &Api) -> Result<()> {
    let body = json!({ "data": { "name": "never written" } });
    for (subject, answer) in [
        ("a read", api.get(&format!("/api/topics?filters[name]={:08x}", rand::random::<u32>()))?),
        ("a write", api.send(Method::POST, "/api/topics", &body)?),
    ] {
        if answer.status != 503 || !answer.retry_after {
            let header = if answer.retry_after { "with" } else { "without" };
            bail!("{subject} without a database: status {} {header} Retry-After, {}", answer.status, answer.body);
        }
    }
    Ok(())
}

/// Waits until the server reads and writes again, and returns how long that took.
fn wait_until_recovered(api: &Api, topic: &str) -> Result<Duration> {
    let started = Instant::now();
    let body = json!({ "data": { "name": "topic 0" } });
    loop {
        let read = api.get(&format!("/api/topics?filters[name]={:08x}", rand::random::<u32>()))?;
        let write = api.send(Method::PUT, &format!("/api/topics/{topic}"), &body)?;
        match [&read, &write].into_iter().find(|answer| !answer.is_ok()) {
            None => return Ok(started.elapsed()),
            Some(answer) if answer.status != 503 || started.elapsed() > RECOVERY_PATIENCE => {
                bail!("after the database came back: status {}, {}", answer.status, answer.body)
            }
            Some(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn server_base(boot: &ServerCommand) -> String {
    format!("http://{}", boot.listen)
}

fn prepare_project(binary: PathBuf, project: PathBuf, cluster: Option<&Cluster>) -> Result<ServerCommand> {
    let token: String = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
    paths::copy_dir(&paths::repository_root().join("xtask/crash-project"), &project)?;
    let log = Some(project.join("cairn.log"));
    let mut env = vec![("CRASH_TOKEN".to_owned(), token)];
    env.extend(cluster.map(|cluster| (DATABASE_VARIABLE.to_owned(), cluster.socket_url("crash"))));
    let boot = ServerCommand { binary, listen: free_address()?, env, log, project };
    boot.apply_settings(&boot.project.join("settings.json"))?;
    Ok(boot)
}

/// Creates the documents that relations point at; they are never changed.
fn make_topics(api: &Api) -> Result<Vec<String>> {
    (0..8)
        .map(|i| {
            let body = json!({ "data": { "name": format!("topic {i}") } });
            let topic = api.send(Method::POST, "/api/topics", &body)?.into_data("topic")?;
            Ok(topic["documentId"].as_str().context("a topic without documentId")?.to_owned())
        })
        .collect()
}

/// Lets the clients write for a moment, and kills the server or its database meanwhile.
fn write_until_killed(
    clients: &mut [CrashClient],
    topics: &[String],
    api: impl Fn() -> Api,
    kill: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let (killed, acknowledged) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                // A new one each round: connections of the round before lead to a dead process.
                let api = api();
                let (killed, acknowledged) = (&killed, &acknowledged);
                scope.spawn(move || client.write_until_killed(&api, topics, killed, acknowledged))
            })
            .collect();
        let started = Instant::now();
        std::thread::sleep(Duration::from_millis(rand::rng().random_range(WRITE_MS)));
        // On a slow machine the first write may take longer, and a kill before it would test nothing.
        while acknowledged.load(Ordering::SeqCst) == 0 && started.elapsed() < RECOVERY_PATIENCE {
            std::thread::sleep(Duration::from_millis(2));
        }
        killed.store(true, Ordering::SeqCst);
        kill()?;
        for worker in workers {
            worker.join().unwrap_or_else(|_| bail!("a client panicked"))?;
        }
        Ok(())
    })
}

/// The `data` list of a response.
fn fetch_list(api: &Api, path: &str) -> Result<Vec<Value>> {
    match api.get(path)?.into_data(path)? {
        Value::Array(list) => Ok(list),
        other => bail!("{path}: expected a list, found {other}"),
    }
}
