//! `cargo xtask crash`: SIGKILL during writes, again and again, on one growing data folder.
//!
//! Clients write documents whose parts have to agree and remember what was acknowledged. After each kill the server
//! is started again and everything acknowledged has to be there, as it was written, and nothing half. What was under
//! way at the kill may be there or not, whole either way.

mod client;
mod document;
mod verify;

use crate::api::Api;
use crate::server::{Boot, free_address};
use crate::{build, paths};
use anyhow::{Context, Result, bail};
use client::Client;
use rand::Rng;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::http::Method;
use verify::Findings;

/// Clients that write at the same time, unless told otherwise.
pub(crate) const CLIENTS: usize = 6;
/// What a restart after a kill may take, from the start of the process to the first 204.
const RESTART: Duration = Duration::from_secs(2);
/// How long a round writes before the kill, in milliseconds.
const WRITING: std::ops::RangeInclusive<u64> = 20..=400;
/// Rounds between two runs of `cairn doctor`, which reads the whole database.
const DOCTOR: u32 = 25;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often to kill
    #[arg(long, default_value_t = 200)]
    rounds: u32,
    /// How many clients write at the same time
    #[arg(long, default_value_t = CLIENTS)]
    clients: usize,
    /// Use the debug build
    #[arg(long)]
    debug: bool,
    /// Use this binary instead of building one
    #[arg(long, conflicts_with = "debug")]
    binary: Option<PathBuf>,
}

/// Builds and runs the rounds.
///
/// # Errors
/// When a write was lost or is half there, a restart was slow, or the server misbehaved.
pub(crate) fn run(args: Args) -> Result<()> {
    let binary = match args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::server(!args.debug)?,
    };
    rounds(&binary, args.rounds, args.clients)
}

/// Runs the rounds with that binary and prints what came of them.
///
/// # Errors
/// As [`run`].
pub(crate) fn rounds(binary: &std::path::Path, rounds: u32, clients: usize) -> Result<()> {
    let project = paths::scratch("crash")?;
    println!("crash: project {}", project.display());
    let boot = prepare(binary.to_owned(), project)?;
    let token = boot.env[0].1.clone();
    let mut server = boot.start()?;
    let api = || Api::new(&server_base(&boot), Some(&token));
    let topics = make_topics(&api())?;
    let mut clients: Vec<Client> = (0..clients).map(Client::new).collect();
    let mut findings = Findings::default();
    let mut slowest = Duration::ZERO;
    let mut done = 0;
    for round in 1..=rounds {
        write_until_killed(&mut clients, &topics, api, || server.kill())?;
        server = boot.start().with_context(|| format!("round {round}"))?;
        slowest = slowest.max(server.ready_after);
        verify::round(&api(), &mut clients, &mut findings).with_context(|| format!("round {round}"))?;
        if round % DOCTOR == 0 {
            boot.doctor()?;
            println!("crash: {round} rounds, {findings}, slowest restart {} ms", slowest.as_millis());
        }
        done = round;
        if !findings.clean() {
            break;
        }
    }
    if findings.clean() {
        verify::everything(&api(), &mut clients, &mut findings)?;
    }
    server.stop()?;
    boot.doctor()?;
    println!("crash: {done} of {rounds} rounds, {findings}, slowest restart {} ms", slowest.as_millis());
    if !findings.clean() {
        bail!("writes are lost or half there; the data is in {}", boot.project.display());
    }
    if slowest > RESTART {
        bail!("a restart took {} ms; {} ms are allowed", slowest.as_millis(), RESTART.as_millis());
    }
    Ok(())
}

fn server_base(boot: &Boot) -> String {
    format!("http://{}", boot.listen)
}

fn prepare(binary: PathBuf, project: PathBuf) -> Result<Boot> {
    let token: String = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
    paths::copy_dir(&paths::root().join("xtask/crash-project"), &project)?;
    let log = Some(project.join("cairn.log"));
    let env = vec![("CRASH_TOKEN".to_owned(), token)];
    let boot = Boot { binary, listen: free_address()?, env, log, project };
    boot.apply(&boot.project.join("settings.json"))?;
    Ok(boot)
}

/// The documents that relations point at; they are never changed.
fn make_topics(api: &Api) -> Result<Vec<String>> {
    (0..8)
        .map(|i| {
            let body = json!({ "data": { "name": format!("topic {i}") } });
            let topic = api.send(Method::POST, "/api/topics", &body)?.data("topic")?;
            Ok(topic["documentId"].as_str().context("a topic without documentId")?.to_owned())
        })
        .collect()
}

/// Lets the clients write for a moment and kills the server under them.
fn write_until_killed(
    clients: &mut [Client],
    topics: &[String],
    api: impl Fn() -> Api,
    kill: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let killed = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                // A new one each round: connections of the round before lead to a dead process.
                let api = api();
                let killed = &killed;
                scope.spawn(move || client.write(&api, topics, killed))
            })
            .collect();
        std::thread::sleep(Duration::from_millis(rand::rng().random_range(WRITING)));
        killed.store(true, Ordering::SeqCst);
        kill()?;
        for worker in workers {
            worker.join().unwrap_or_else(|_| bail!("a client panicked"))?;
        }
        Ok(())
    })
}

/// The `data` list of an answer.
fn list(api: &Api, path: &str) -> Result<Vec<Value>> {
    match api.get(path)?.data(path)? {
        Value::Array(list) => Ok(list),
        other => bail!("{path}: no list but {other}"),
    }
}
