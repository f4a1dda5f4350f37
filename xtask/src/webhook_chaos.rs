//! `cargo xtask storm`: thousands of events to a receiver that fails, hangs, drops and repeats, while Cairn is killed at random.
//!
//! In the end the receiver has every event that was committed and no other, each document's in their order; and the audit log,
//! which is an effect inside, has each once.

mod check;
mod receiver;
mod writers;

use crate::api::Api;
use crate::build::Profile;
use crate::database::{DATABASE_VARIABLE, Database};
use crate::postgres::{Cluster, Durability};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths};
use anyhow::{Context, Result, bail};
use rand::Rng;
use receiver::ChaosReceiver;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use ureq::http::Method;
use writers::Writers;

/// Admin user who looks at what has come of it.
const ADMIN_EMAIL: &str = "storm@example.com";

/// The webhook's name.
const WEBHOOK_NAME: &str = "storm";
/// How long everything may take to arrive once nothing is written any more.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(600);

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Number of events
    #[arg(long, default_value_t = 10_000)]
    events: usize,
    /// Number of kills
    #[arg(long, default_value_t = 50)]
    kills: usize,
    /// Number of concurrent clients
    #[arg(long, default_value_t = 6)]
    clients: usize,
    /// The database to write to
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Database,
    /// Use the release build
    #[arg(long)]
    release: bool,
    /// Use this binary instead of building one
    #[arg(long, conflicts_with = "release")]
    binary: Option<PathBuf>,
}

/// Builds, writes, kills, waits and compares. Returns an error if an event was lost, came out of order, or came though
/// it was not committed.
pub(crate) fn run(args: Args) -> Result<()> {
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_server(Profile::new(args.release))?,
    };
    let cluster = match args.database {
        Database::Sqlite => None,
        Database::Postgres => Some(Cluster::throw_away(Durability::Full)?),
    };
    let project = paths::scratch_folder("storm")?;
    println!("storm: {}, project {}", args.database, project.display());
    let receiver = ChaosReceiver::start()?;
    let boot = prepare_project(binary, project, cluster.as_ref(), &receiver)?;
    let token = boot.env[0].1.clone();
    let api = || Api::new(&format!("http://{}", boot.listen), Some(&token));
    let mut server = boot.start()?;
    let started = Instant::now();
    let mut writers = Writers::new(args.clients);
    for kill in 1..=args.kills {
        let goal = args.events * kill / (args.kills + 1);
        writers.write_until(&api, goal, || {
            std::thread::sleep(Duration::from_millis(rand::rng().random_range(0..150)));
            server.kill()
        })?;
        server = boot.start().with_context(|| format!("kill {kill}"))?;
        if kill % 10 == 0 {
            println!(
                "storm: {kill} kills, {} events acknowledged, {} requests received",
                writers.acknowledged_writes(),
                receiver.request_count()
            );
        }
    }
    writers.write_until(&api, args.events, || Ok(()))?;
    println!("storm: all events written in {} s; waiting for the deliveries", started.elapsed().as_secs());
    let admin = api().sign_in(ADMIN_EMAIL, &token)?;
    server = wait_until_drained(&admin, server)?;
    let report = check::compare_logs(&admin, &receiver);
    server.stop()?;
    boot.run_doctor()?;
    let report = report?;
    println!("storm: {report}, in {} s", started.elapsed().as_secs());
    report.into_result(args.events, &boot.project)
}

fn prepare_project(
    binary: PathBuf,
    project: PathBuf,
    cluster: Option<&Cluster>,
    receiver: &ChaosReceiver,
) -> Result<ServerCommand> {
    let token: String = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let schema = json!({
        "kind": "collectionType", "collectionName": "notes", "options": { "draftAndPublish": false },
        "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "attributes": { "n": { "type": "integer" }, "mark": { "type": "string" } },
    });
    write_json(&project.join("content-types/api/note/content-types/note/schema.json"), &schema)?;
    let settings = json!({
        "apiTokens": [{ "name": "storm", "type": "full-access", "token": "${STORM_TOKEN}" }],
        "adminUsers": [{ "email": ADMIN_EMAIL, "password": "${STORM_TOKEN}", "roles": ["super-admin"] }],
        "webhooks": [{ "name": WEBHOOK_NAME, "url": receiver.url(), "events": ["entry.create", "entry.update"] }],
    });
    write_json(&project.join("settings.json"), &settings)?;
    let mut env =
        vec![("STORM_TOKEN".to_owned(), token), ("CAIRN_WEBHOOKS_ALLOW_PRIVATE".to_owned(), "127.0.0.1".to_owned())];
    env.extend(cluster.map(|cluster| (DATABASE_VARIABLE.to_owned(), cluster.socket_url("storm"))));
    let log = Some(project.join("cairn.log"));
    let boot = ServerCommand { binary, listen: free_address()?, env, log, project };
    boot.apply_settings(&boot.project.join("settings.json"))?;
    Ok(boot)
}

fn write_json(path: &Path, json: &Value) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, json.to_string()).with_context(|| path.display().to_string())
}

/// Waits until every consumer is through with everything. What failed is retried at once: its pauses are not what is looked at.
fn wait_until_drained(api: &Api, server: ServerProcess) -> Result<ServerProcess> {
    let started = Instant::now();
    loop {
        let consumers = api.get("/admin/api/consumers")?.into_data("the consumers")?;
        let list = consumers.as_array().cloned().unwrap_or_default();
        let left = |c: &Value| ["lag", "waiting", "dead"].iter().filter_map(|key| c[key].as_i64()).sum::<i64>();
        let open: Vec<&Value> = list.iter().filter(|c| left(c) > 0).collect();
        if open.is_empty() {
            return Ok(server);
        }
        if let Some(stopped) = list.iter().find(|c| c["state"] != "active") {
            bail!("a consumer was stopped: {stopped}");
        }
        if started.elapsed() > DRAIN_TIMEOUT {
            bail!("after {} s there are still undelivered events: {open:?}", DRAIN_TIMEOUT.as_secs());
        }
        for consumer in open {
            let name = consumer["name"].as_str().unwrap_or_default();
            api.send(Method::POST, &format!("/admin/api/consumers/{name}/deliveries/retry"), &json!({}))?;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

impl ChaosReceiver {
    fn request_count(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }
}
