//! `cargo xtask bench --applications`: how long the CRM, e-signing and the journey take for what people wait for, with as much in them as a large
//! installation has. Each has a server of its own.

mod crm;
mod esign;
mod journey;
mod mailbox;

use super::Args;
use super::searches::raise_rates;
use crate::api::Api;
use crate::build::Profile;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, wasm};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// Requests of a case before those that count.
const WARMUP_REQUESTS: usize = 20;
/// Requests of a case that count.
const MEASURED_REQUESTS: usize = 300;
/// Clients that fill a server.
const LOADERS: usize = 2;
/// Of the server's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";
const ROOT: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";

/// An application and the bench of it.
struct ApplicationBench {
    id: &'static str,
    run: fn(&Path) -> Result<()>,
}

const BENCHES: [ApplicationBench; 3] = [
    ApplicationBench { id: "crm", run: crm::run },
    ApplicationBench { id: "esign", run: esign::run },
    ApplicationBench { id: "journey", run: journey::run },
];

/// Measures those that are named, or all. Returns an error for an unknown name, or if a server cannot be set up or does not answer.
pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(unknown) = args.cases.iter().find(|case| BENCHES.iter().all(|bench| bench.id != **case)) {
        bail!("no bench {unknown}: use crm, esign or journey");
    }
    wasm::build_components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    for bench in BENCHES {
        if args.cases.is_empty() || args.cases.iter().any(|case| case == bench.id) {
            (bench.run)(&binary).with_context(|| bench.id)?;
        }
    }
    Ok(())
}

/// A server with an application in it, and those who use it.
struct BenchServer {
    server: ServerProcess,
    command: ServerCommand,
    /// The id of its plugin.
    id: &'static str,
    /// Somebody of the team who may do everything.
    root: Api,
    /// A program with a token for everything.
    program: Api,
    visitor: Api,
}

impl BenchServer {
    /// Starts a server with the plugin of that folder. `files`: further files of the project, by their paths.
    fn start(
        binary: &Path,
        folder: &str,
        id: &'static str,
        env: Vec<(String, String)>,
        files: &[(&str, Value)],
    ) -> Result<Self> {
        let project = paths::scratch_folder(&format!("bench-{id}"))?;
        for (path, content) in files {
            let file = project.join(path);
            fs::create_dir_all(file.parent().context("a file in the project")?)?;
            fs::write(file, content.to_string())?;
        }
        let command = ServerCommand {
            binary: binary.to_owned(),
            listen: free_address()?,
            env,
            log: Some(project.join("cairn.log")),
            project,
        };
        let settings = command.project.join("settings.json");
        let token = json!({ "name": "bench", "type": "full-access", "token": TOKEN });
        let root = json!({ "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] });
        let locales = json!({ "default": "en", "available": ["en", "nl"] });
        let auth = json!({ "signInRateLimit": false });
        let content = json!({ "locales": locales, "auth": auth, "apiTokens": [token], "adminUsers": [root] });
        fs::write(&settings, content.to_string())?;
        command.apply_settings(&settings)?;
        let package = pack_plugin(binary, folder, None, |manifest| raise_rates(&manifest))?;
        install_package(binary, &command.project, &package, &["--unsigned"])?;
        let server = command.start()?;
        let visitor = Api::new(&server.base, None);
        let root = visitor.sign_in(ROOT, PASSWORD)?;
        Ok(Self { id, root, program: Api::new(&server.base, Some(TOKEN)), visitor, server, command })
    }

    /// Starts the server anew with this environment, at the same address: everybody stays signed in.
    fn restart(self, env: Vec<(String, String)>) -> Result<Self> {
        self.server.stop()?;
        let command = ServerCommand { env, ..self.command };
        Ok(Self { server: command.start()?, command, ..self })
    }

    /// Changes the settings of the plugin.
    fn set_up(&self, values: &Value) -> Result<()> {
        let path = format!("/admin/api/plugins/{}/settings", self.id);
        self.root.send(Method::PUT, &path, &json!({ "values": values }))?.into_data("the settings").map(drop)
    }

    /// Prints how long the plugin's own calls took, by the server's count.
    fn print_calls(&self, wanted: &[(&str, f64)]) -> Result<()> {
        let path = format!("/admin/api/plugins/{}", self.id);
        let plugin = self.root.get(&path)?.into_data(&path)?;
        for call in plugin["health"]["calls"].as_array().context("calls of the plugin")? {
            let Some((_, target)) = wanted.iter().find(|(name, _)| call["name"] == *name) else { continue };
            println!(
                "{:30} p50 {:8.2} ms   p99 {:8.2} ms   {} calls   target of p50 {target:.2} ms",
                format!(
                    "{} {}",
                    call["export"].as_str().unwrap_or_default(),
                    call["name"].as_str().unwrap_or_default()
                ),
                call["p50Us"].as_f64().unwrap_or_default() / 1e3,
                call["p99Us"].as_f64().unwrap_or_default() / 1e3,
                call["calls"],
            );
        }
        Ok(())
    }
}

/// The id of a document in a response.
fn read_id(document: &Value) -> Result<String> {
    Ok(document["documentId"].as_str().with_context(|| format!("no documentId in {document}"))?.to_owned())
}

/// How long requests took.
struct Percentiles {
    p50: f64,
    p95: f64,
}

/// Sends requests one at a time and times them; the number of each tells them apart.
fn time_requests(count: usize, mut send: impl FnMut(usize) -> Result<()>) -> Result<Percentiles> {
    let mut times: Vec<Duration> = Vec::with_capacity(count);
    for n in 0..WARMUP_REQUESTS + count {
        let began = Instant::now();
        send(n)?;
        if n >= WARMUP_REQUESTS {
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    let percentile = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    Ok(Percentiles { p50: percentile(50), p95: percentile(95) })
}

fn print_times(name: &str, times: &Percentiles, target: &str) {
    println!("{name:30} p50 {:8.2} ms   p95 {:8.2} ms   {target}", times.p50, times.p95);
}

/// Runs something for each number below `count`, by several clients side by side.
fn load(count: usize, send: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let send = &send;
        let clients: Vec<_> =
            (0..LOADERS).map(|first| scope.spawn(move || (first..count).step_by(LOADERS).try_for_each(send))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| anyhow::anyhow!("a client ended"))?)
    })
}
