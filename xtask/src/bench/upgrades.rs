//! `cargo xtask bench --upgrades`: what others notice while a plugin with content types is installed, upgraded and rolled back: by the admin, by
//! the command line beside a running server, and on another node of the same database.

use super::options::Args;
use super::table::markdown_table;
use crate::api::{Api, ApiAnswer};
use crate::build::Profile;
use crate::database::DATABASE_VARIABLE;
use crate::plugin_package::{install_package, pack_changed_plugin};
use crate::postgres::{self, Cluster, Durability};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, wasm};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// The plugin, by its id and folder.
const PLUGIN: (&str, &str) = ("crm", "plugins/crm");
/// Its crate.
const CRATE: &str = "crm";
/// Requests that take longer than this are counted.
const SLOW: Duration = Duration::from_secs(1);
/// How long the load goes on before and after what is measured.
const MARGIN: Duration = Duration::from_secs(1);
/// Of the server's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";
const ROOT: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";

/// Measures all of it and prints a table. Returns an error if a server cannot be set up, or the plugin cannot be installed.
pub(super) fn run(args: &Args) -> Result<()> {
    wasm::build_crates(&[CRATE])?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    let packages = (1..=3).map(|step| pack_version(&binary, step)).collect::<Result<Vec<_>>>()?;
    let mut rows = String::new();
    measure_one_server(&binary, &packages, &mut rows)?;
    match postgres::check_available() {
        Ok(()) => measure_two_nodes(&binary, &packages, &mut rows)?,
        Err(error) => println!("left out: two nodes ({error:#})"),
    }
    let head = ["others' requests meanwhile", "it took", "requests", "refused", "longer than 1 s", "slowest"];
    print!("{}", markdown_table(&head, &rows));
    Ok(())
}

/// The package of a version: each has one content type more than the one before.
fn pack_version(binary: &Path, step: usize) -> Result<PathBuf> {
    let package = pack_changed_plugin(binary, PLUGIN.1, None, |folder| {
        let manifest = folder.join("plugin.toml");
        let text = fs::read_to_string(&manifest)?;
        let version = text.lines().find(|line| line.starts_with("version = ")).context("no version")?;
        fs::write(&manifest, text.replacen(version, &format!("version = \"90.{step}.0\""), 1))?;
        for n in 1..=step {
            let added = folder.join(format!("content-types/added{n}"));
            fs::create_dir_all(&added)?;
            let schema = json!({
                "kind": "collectionType", "collectionName": format!("crm_added{n}s"),
                "info": { "singularName": format!("added{n}"), "pluralName": format!("added{n}s"), "displayName": "Added" },
                "options": { "draftAndPublish": false }, "attributes": { "title": { "type": "string" } },
            });
            fs::write(added.join("schema.json"), schema.to_string())?;
        }
        Ok(())
    })?;
    // The next version is packed in the same place.
    let own = paths::scratch_folder(&format!("bench-upgrades-package-{step}"))?;
    let place = own.join(package.file_name().context("a package without a name")?);
    fs::rename(&package, &place)?;
    Ok(place)
}

/// One server on SQLite.
fn measure_one_server(binary: &Path, packages: &[PathBuf], rows: &mut String) -> Result<()> {
    let command = create_project(binary, "bench-upgrades", Vec::new())?;
    let server = command.start()?;
    let admin = Api::new(&server.base, None).sign_in(ROOT, PASSWORD)?;
    let mut measure =
        |title: &str, change: &mut dyn FnMut() -> Result<()>| measure_change(title, &server, rows, change);
    measure("first installation, in the admin", &mut || install_in_admin(&admin, &packages[0]))?;
    measure("upgrade, in the admin", &mut || install_in_admin(&admin, &packages[1]))?;
    measure("upgrade, by the command line", &mut || {
        install_package(binary, &command.project, &packages[2], &["--unsigned"])?;
        wait_for_version(&admin, 3)
    })?;
    measure("rollback, in the admin", &mut || {
        let path = format!("/admin/api/plugins/{}/rollback", PLUGIN.0);
        admin.send(Method::POST, &path, &json!({}))?.into_data("the rollback").map(drop)
    })?;
    server.stop()
}

/// Two nodes on PostgreSQL: one is upgraded, the other has the load.
fn measure_two_nodes(binary: &Path, packages: &[PathBuf], rows: &mut String) -> Result<()> {
    let cluster = Cluster::throw_away(Durability::Full)?;
    let command = create_project(binary, "bench-upgrades-nodes", vec![(DATABASE_VARIABLE.to_owned(), cluster.url())])?;
    let one = command.start()?;
    let other = ServerCommand { listen: free_address()?, ..command.clone() }.start()?;
    let admin = Api::new(&one.base, None).sign_in(ROOT, PASSWORD)?;
    let there = Api::new(&other.base, None).sign_in(ROOT, PASSWORD)?;
    for (step, package) in (1..).zip(packages) {
        let title = if step == 1 { "first installation, on another node" } else { "upgrade, on another node" };
        measure_change(title, &other, rows, &mut || {
            install_in_admin(&admin, package)?;
            wait_for_version(&there, step)
        })?;
    }
    other.stop()?;
    one.stop()
}

/// A project with one content type, whose administrator signs in as often as they like.
fn create_project(binary: &Path, name: &str, env: Vec<(String, String)>) -> Result<ServerCommand> {
    let project = paths::scratch_folder(name)?;
    let folder = project.join("content-types/api/note/content-types/note");
    fs::create_dir_all(&folder)?;
    let note = json!({
        "kind": "collectionType", "collectionName": "notes",
        "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "options": { "draftAndPublish": false }, "attributes": { "title": { "type": "string" } },
    });
    fs::write(folder.join("schema.json"), note.to_string())?;
    let settings = project.join("settings.json");
    let token = json!({ "name": "bench", "type": "full-access", "token": TOKEN });
    let root = json!({ "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] });
    let content = json!({ "auth": { "signInRateLimit": false }, "apiTokens": [token], "adminUsers": [root] });
    fs::write(&settings, content.to_string())?;
    let log = Some(project.join("cairn.log"));
    let command = ServerCommand { binary: binary.to_owned(), listen: free_address()?, env, log, project };
    command.apply_settings(&settings)?;
    Ok(command)
}

/// Sends a package as the admin does, and agrees to all that it asks for.
fn install_in_admin(admin: &Api, package: &Path) -> Result<()> {
    let staged = admin.send_bytes("/admin/api/plugins/packages", fs::read(package)?)?.into_data("sending a package")?;
    let grants: Vec<usize> = (0..staged["grants"].as_array().map_or(0, Vec::len)).collect();
    let consent = json!({ "digest": staged["digest"], "grants": grants, "unsigned": true });
    admin.send(Method::POST, "/admin/api/plugins", &consent)?.into_data("installing a package").map(drop)
}

/// Waits until a node runs a version.
fn wait_for_version(admin: &Api, step: usize) -> Result<()> {
    let (path, wanted) = (format!("/admin/api/plugins/{}", PLUGIN.0), format!("90.{step}.0"));
    let began = Instant::now();
    loop {
        let answer = admin.get(&path)?;
        let plugin = &answer.body["data"];
        if plugin["version"] == *wanted && plugin["running"] == true {
            return Ok(());
        }
        anyhow::ensure!(began.elapsed() < Duration::from_secs(120), "{wanted} does not run: {}", answer.body);
        thread::sleep(Duration::from_millis(20));
    }
}

/// Makes a change while others use the server, and adds what they noticed to the table.
fn measure_change(
    title: &str,
    server: &ServerProcess,
    rows: &mut String,
    change: &mut dyn FnMut() -> Result<()>,
) -> Result<()> {
    println!("{title}");
    let stopped = AtomicBool::new(false);
    let (took, experience) = thread::scope(|scope| {
        let clients: Vec<_> = USES.iter().map(|client| scope.spawn(|| use_server(server, *client, &stopped))).collect();
        thread::sleep(MARGIN);
        let began = Instant::now();
        let changed = change();
        let took = began.elapsed();
        thread::sleep(MARGIN);
        stopped.store(true, Ordering::Release);
        let mut experience = Experience::default();
        for client in clients {
            experience.add(&client.join().map_err(|_| anyhow::anyhow!("a client ended"))??);
        }
        changed.map(|()| (took, experience))
    })?;
    let Experience { requests, refused, slow, slowest, refusals } = experience;
    for refusal in refusals {
        println!("  refused: {refusal}");
    }
    rows.push_str(&format!(
        "{title}\t{:.1} s\t{requests}\t{refused}\t{slow}\t{:.0} ms\n",
        took.as_secs_f64(),
        slowest.as_secs_f64() * 1e3
    ));
    Ok(())
}

/// The experience of one client.
#[derive(Default)]
struct Experience {
    requests: usize,
    refused: usize,
    slow: usize,
    slowest: Duration,
    /// The first refused requests with their answers.
    refusals: Vec<String>,
}

impl Experience {
    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.refused += other.refused;
        self.slow += other.slow;
        self.slowest = self.slowest.max(other.slowest);
        self.refusals.extend_from_slice(&other.refusals);
    }
}

/// A request that one client repeats; the number of each request tells them apart.
type Use = fn(&Api, usize) -> Result<ApiAnswer>;

/// The requests of the clients, by the names that refusals are printed under.
const USES: [(&str, Use); 4] = [
    ("a list that is cached", |api, _| api.get("/api/notes?sort=title&pagination[pageSize]=5")),
    ("a list that is not", |api, n| {
        api.get(&format!("/api/notes?filters[title][$ne]=note%20{n}&pagination[pageSize]=5"))
    }),
    ("a create", |api, n| api.send(Method::POST, "/api/notes", &json!({ "data": { "title": format!("note {n}") } }))),
    ("a sign-in", |api, _| {
        let body: Value = json!({ "email": ROOT, "password": PASSWORD, "token": true });
        api.send(Method::POST, "/admin/api/login", &body)
    }),
];

/// Number of refusals of each client that are printed.
const PRINTED_REFUSALS: usize = 5;

fn use_server(server: &ServerProcess, (name, client): (&str, Use), stopped: &AtomicBool) -> Result<Experience> {
    let api = Api::new(&server.base, Some(TOKEN));
    let mut experience = Experience::default();
    while !stopped.load(Ordering::Acquire) {
        let began = Instant::now();
        let answer = client(&api, experience.requests)?;
        let took = began.elapsed();
        experience.requests += 1;
        experience.slow += usize::from(took > SLOW);
        experience.slowest = experience.slowest.max(took);
        if answer.status >= 400 {
            experience.refused += 1;
            if experience.refusals.len() < PRINTED_REFUSALS {
                experience.refusals.push(format!("{name}: {} {}", answer.status, answer.body));
            }
        }
    }
    Ok(experience)
}
