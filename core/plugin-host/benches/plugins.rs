//! Costs of plugins: a hook that allows, one whose `when` does not match, a subscriber, jobs alone and in batches, a swap while requests
//! come, a thousand of them. `cargo bench -p cairn-plugin-host`, after `cargo xtask wasm`; on the PostgreSQL of
//! `CAIRN_BENCH_DATABASE_URL` where that is set, in schemas of its own.

use cairn_access::{AccessControl, Passwords, SecretKey, SystemClock};
use cairn_content::{Content, ContentError, DocumentChange, HookAction, Hooks, RequestContext};
use cairn_events::{Engine, EngineSetup};
use cairn_plugin_host::routes::RouteRequest;
use cairn_plugin_host::{HostContext, InstalledPlugin, PluginHost, Plugins};
use cairn_plugin_package::package::PackageFiles;
use cairn_plugin_package::{Choices, Grants, Manifest};
use cairn_query::{Access, Query};
use cairn_store::events::{Actor, DuplicatePolicy, NewJob};
use cairn_store::{Database, Store, StoreError, StoreOptions};
use serde_json::{Map, Value as Json, json};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Calls of each kind in one round, and rounds: kinds alternate, so that whatever else the machine does meets all of them.
const CALLS: usize = 500;
const ROUNDS: usize = 20;
const EVENTS: usize = 20_000;
const JOBS: usize = 10_000;
const MANY: usize = 1_000;

const PLAIN: &str = "plugin::allow.plain";
const CHECKED: &str = "plugin::allow.checked";
const PREPARED: &str = "plugin::allow.prepared";
const NOTE: &str = "plugin::allow.note";

/// The guest that most of it is about, and the one in TypeScript: their hooks have the same names.
const ALLOW: &str = "allow";
const ALLOW_TS: &str = "allow-ts";

/// A project with one of the guests.
struct Ready {
    content: Content,
    plugins: Arc<Plugins>,
    engine: Arc<Engine>,
    host: PluginHost,
    control: AccessControl,
    access: Arc<Access>,
    actor: Arc<Actor>,
    _folder: TempDir,
}

fn main() -> Outcome<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        hooks(&ready(ALLOW).await?, ALLOW, "").await?;
        hooks(&ready(ALLOW_TS).await?, ALLOW_TS, ", TypeScript").await?;
        writes(&ready(ALLOW).await?).await?;
        events(&ready(ALLOW).await?).await?;
        jobs(&ready(ALLOW).await?).await?;
        swaps(&ready(ALLOW).await?).await?;
        many(&ready(ALLOW).await?)
    })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn installed(guest: &str, manifest: &str, number: i64) -> Outcome<InstalledPlugin> {
    let manifest = Manifest::parse(manifest).map_err(|problems| format!("{problems:?}"))?;
    let component = root().join(format!("target/plugins/{guest}.wasm"));
    let component =
        std::fs::read(&component).map_err(|e| format!("{}: {e}; `cargo xtask wasm`", component.display()))?;
    Ok(InstalledPlugin {
        grants: Grants::from_manifest(&manifest),
        manifest: Arc::new(manifest),
        component: component.into(),
        files: Arc::new(PackageFiles::new()),
        settings: json!({}),
        choices: Choices::default(),
        number,
    })
}

fn manifest(guest: &str) -> Outcome<String> {
    Ok(std::fs::read_to_string(root().join("plugins/guests").join(guest).join("plugin.toml"))?)
}

async fn ready(name: &str) -> Outcome<Ready> {
    let folder = tempfile::tempdir()?;
    let guest = root().join("plugins/guests").join(name);
    let plugin = folder.path().join("plugins").join(name);
    for entry in std::fs::read_dir(guest.join("content-types"))? {
        let entry = entry?;
        let to = plugin.join("content-types").join(entry.file_name());
        std::fs::create_dir_all(&to)?;
        std::fs::copy(entry.path().join("schema.json"), to.join("schema.json"))?;
    }
    std::fs::copy(guest.join("plugin.toml"), plugin.join("plugin.toml"))?;
    let loaded = cairn_model::load::load_project(folder.path()).map_err(|p| format!("{p:?}"))?;
    let schema = format!("plugins_{:x}", rand::random::<u32>());
    let url = std::env::var("CAIRN_BENCH_DATABASE_URL")
        .map_or_else(|_| "sqlite:cairn.db".to_owned(), |url| format!("{url}?schema={schema}"));
    let store =
        Store::open(StoreOptions { database: Database::parse(&url, folder.path())? }, Arc::new(loaded.registry))?;
    let secret = SecretKey::load(None, folder.path())?;
    let access = AccessControl::open(store, &secret, "default", Passwords::new(1), Arc::new(SystemClock)).await?;
    let host = PluginHost::new(folder.path().join("compiled"));
    let plugins = Plugins::new(host.clone());
    let content = Content::new(access.clone()).with_hooks(plugins.content_hooks());
    plugins.set_host_context(HostContext::new(content.clone(), access.clone()));
    for answer in plugins.replace_running(vec![installed(name, &manifest(name)?, 1)?]) {
        answer?;
    }
    let engine = Engine::new(EngineSetup {
        store: content.store().clone(),
        clock: Arc::new(SystemClock),
        subscribers: Vec::new(),
        handlers: Vec::new(),
        node: "bench:1".into(),
        quiet: Vec::new(),
    });
    Ok(Ready {
        content,
        plugins,
        engine,
        host,
        control: access,
        access: Arc::new(Access::full()),
        actor: Arc::new(Actor::public()),
        _folder: folder,
    })
}

/// The hooks alone, as a write asks them: without what the write itself costs.
async fn hooks(ready: &Ready, guest: &str, language: &str) -> Outcome<()> {
    const KINDS: [(&str, &str, &str); 4] = [
        ("no hook", PLAIN, "title"),
        ("a hook whose `when` does not match", NOTE, "loud"),
        ("`prepare` that allows", PREPARED, "title"),
        ("`before` that allows", CHECKED, "title"),
    ];
    let of_guest = |uid: &str| uid.replace("plugin::allow.", &format!("plugin::{guest}."));
    let hooks = ready.plugins.content_hooks();
    let mut took: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        for ((_, uid, changed), times) in KINDS.iter().zip(&mut took) {
            let asking = Asking { ready, uid: &of_guest(uid), changed };
            times.extend(if *uid == CHECKED { asking.inside(&hooks).await? } else { asking.early(&hooks).await? });
        }
    }
    for ((name, ..), times) in KINDS.iter().zip(&mut took) {
        say(&format!("hook     {:36} {}", format!("{name}{language}"), spread(times)))?;
    }
    Ok(())
}

struct Asking<'a> {
    ready: &'a Ready,
    uid: &'a str,
    changed: &'a str,
}

impl Asking<'_> {
    fn change(&self) -> Outcome<DocumentChange<'_>> {
        let content_type = self.ready.content.registry().by_uid(self.uid).ok_or("no such type")?;
        let values = |title: &str| Map::from_iter([("title".to_owned(), Json::from(title))]);
        Ok(DocumentChange {
            action: HookAction::Update,
            content_type,
            document_id: Some("a0b1c2d3e4f5a6b7c8d9e0f1"),
            locale: "",
            before: Some(values("before")),
            after: Some(values("after")),
            changed: vec![self.changed.to_owned()],
            actor: &self.ready.actor,
            access: Some(&self.ready.access),
        })
    }

    async fn early(&self, hooks: &Arc<dyn Hooks>) -> Outcome<Vec<Duration>> {
        let mut times = Vec::with_capacity(CALLS);
        for _ in 0..CALLS {
            let change = self.change()?;
            let started = Instant::now();
            if hooks.has_prepare_hooks(change.content_type.id, change.action) {
                hooks.prepare(change, &|_| Ok(())).await?;
            }
            times.push(started.elapsed());
        }
        Ok(times)
    }

    async fn inside(&self, hooks: &Arc<dyn Hooks>) -> Outcome<Vec<Duration>> {
        let (ready, hooks) = (self.ready, hooks.clone());
        let (actor, access, content) = (ready.actor.clone(), ready.access.clone(), ready.content.clone());
        let changed = self.changed.to_owned();
        let document_change = self.change()?;
        let (before, after, id) =
            (document_change.before.clone(), document_change.after.clone(), document_change.content_type.id);
        let work = move |tx: &mut cairn_store::WriteTx<'_>| -> Result<Vec<Duration>, ContentError> {
            let mut times = Vec::with_capacity(CALLS);
            for _ in 0..CALLS {
                let change = DocumentChange {
                    action: HookAction::Update,
                    content_type: content.registry().get(id),
                    document_id: Some("a0b1c2d3e4f5a6b7c8d9e0f1"),
                    locale: "",
                    before: before.clone(),
                    after: after.clone(),
                    changed: vec![changed.clone()],
                    actor: &actor,
                    access: Some(&access),
                };
                let started = Instant::now();
                if hooks.has_before_hooks(id, change.action) {
                    hooks.before(tx, change, &|_, _| Ok(()))?;
                }
                times.push(started.elapsed());
            }
            Ok(times)
        };
        Ok(ready.content.store().write(work).await?)
    }
}

/// Whole creations, to the disk.
async fn writes(ready: &Ready) -> Outcome<()> {
    let kinds = [("no hook", PLAIN), ("`prepare` that allows", PREPARED), ("`before` that allows", CHECKED)];
    let mut took: [Vec<Duration>; 3] = Default::default();
    for n in 0..ROUNDS * 50 {
        for ((_, uid), times) in kinds.iter().zip(&mut took) {
            let started = Instant::now();
            create(ready, uid, n).await?;
            times.push(started.elapsed());
        }
    }
    for ((name, _), times) in kinds.iter().zip(&mut took) {
        say(&format!("creation {name:36} {}", spread(times)))?;
    }
    Ok(())
}

async fn create(ready: &Ready, uid: &str, n: usize) -> Result<(), ContentError> {
    let content_type = ready.content.registry().by_uid(uid).ok_or(StoreError::Closed)?.id;
    let context = RequestContext {
        access: &ready.access,
        content_type,
        query: Query::empty(),
        default_locale: "en",
        actor: &ready.actor,
    };
    ready.content.create(context, Some(json!({ "data": { "title": format!("Bench {n}") } }))).await.map(drop)
}

/// A full outbox, heard by a subscription that keeps a count, and by one that writes a document for each event.
async fn events(ready: &Ready) -> Outcome<()> {
    for (name, uid) in [("tally", PLAIN), ("notes", NOTE)] {
        let subscribers: Vec<_> =
            ready.plugins.subscribers().into_iter().filter(|s| s.consumer().name().ends_with(name)).collect();
        assert_eq!(subscribers.len(), 1, "allow has one subscription called {name}");
        ready.engine.set_subscribers("plugins", subscribers);
        // From here on it hears.
        ready.engine.run_until_idle().await?;
        let mut created = 0;
        while created < EVENTS {
            let mut all = tokio::task::JoinSet::new();
            for n in created..(created + 64).min(EVENTS) {
                let (content, access, actor) = (ready.content.clone(), ready.access.clone(), ready.actor.clone());
                all.spawn(async move {
                    let content_type = content.registry().by_uid(uid).ok_or(StoreError::Closed)?.id;
                    let context = RequestContext {
                        access: &access,
                        content_type,
                        query: Query::empty(),
                        default_locale: "en",
                        actor: &actor,
                    };
                    content.create(context, Some(json!({ "data": { "title": format!("Event {n}") } }))).await.map(drop)
                });
            }
            created += all.len();
            for result in all.join_all().await {
                result?;
            }
        }
        let since = Instant::now();
        ready.engine.run_until_idle().await?;
        let took = since.elapsed().as_secs_f64();
        say(&format!("events   {name:36} {EVENTS} in {took:.2} s, {:.0}/s", EVENTS as f64 / took))?;
    }
    Ok(())
}

/// Timers that are all due, done one by one and in batches, and how long other writes wait meanwhile.
async fn jobs(ready: &Ready) -> Outcome<()> {
    for (name, batch, number) in [("one by one", None, 2), ("in batches", Some(200), 3)] {
        let manifest = manifest(ALLOW)?;
        let mut plugin = installed(ALLOW, &manifest, number)?;
        let mut changed = (*plugin.manifest).clone();
        changed.jobs.iter_mut().filter(|job| job.name == "many").for_each(|job| job.batch = batch);
        plugin.manifest = Arc::new(changed);
        for answer in ready.plugins.replace_running(vec![plugin]) {
            answer?;
        }
        ready.engine.set_handlers("plugins", ready.plugins.job_handlers());
        let due = ready.engine.now();
        let enqueue = move |tx: &mut cairn_store::WriteTx<'_>| -> Result<(), StoreError> {
            (0..JOBS).try_for_each(|n| tx.jobs().enqueue(&timer(n, due), due).map(drop))
        };
        ready.content.store().write(enqueue).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let waits = tokio::spawn(write_until(ready.content.store().clone(), stop.clone()));
        let since = Instant::now();
        ready.engine.run_until_idle().await?;
        let took = since.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        let mut waits = waits.await??;
        say(&format!("jobs     {name:36} {JOBS} in {took:.2} s, {:.0}/s", JOBS as f64 / took))?;
        say(&format!("jobs     {:36} {}", format!("other writes, {name}"), spread(&mut waits)))?;
    }
    Ok(())
}

fn timer(n: usize, due: i64) -> NewJob {
    NewJob {
        name: "plugin:allow:many".to_owned(),
        key: Some(n.to_string()),
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "n": n }),
        due,
    }
}

/// Writes of somebody else, with pauses, until they are to stop: how long each took.
async fn write_until(store: Store, stop: Arc<AtomicBool>) -> Result<Vec<Duration>, StoreError> {
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let started = Instant::now();
        store.write(|tx| tx.settings().set("bench", &json!(1))).await?;
        times.push(started.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(times)
}

/// Requests without a pause while the plugin is replaced again and again.
async fn swaps(ready: &Ready) -> Outcome<()> {
    let (stop, answered, failed) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (plugins, stop, answered, failed) = (ready.plugins.clone(), stop.clone(), answered.clone(), failed.clone());
        clients.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let well = match plugins.find_route("POST", &["allow", "echo", "x"]) {
                    Ok(route_match) => {
                        plugins.handle_request(route_match, request()).await.is_ok_and(|answer| answer.status == 200)
                    }
                    Err(_) => false,
                };
                (if well { &answered } else { &failed }).fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let (started, manifest) = (Instant::now(), manifest(ALLOW)?);
    let mut number = 1;
    while started.elapsed() < Duration::from_secs(5) {
        number += 1;
        let (plugins, next) = (ready.plugins.clone(), installed(ALLOW, &manifest, number)?);
        for answer in tokio::task::spawn_blocking(move || plugins.replace_running(vec![next])).await? {
            answer?;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::Relaxed);
    clients.join_all().await;
    let rate = answered.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    let failed = failed.load(Ordering::Relaxed);
    say(&format!("swaps    {} in 5 s, {rate:.0} requests/s meanwhile, {failed} failed", number - 1))
}

fn request() -> RouteRequest {
    RouteRequest {
        method: "POST".into(),
        path: "/api/allow/echo/x".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: b"{}".to_vec(),
        file: None,
        client: None,
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    }
}

/// Memory of many plugins that nobody calls, and how long it takes to have them.
fn many(ready: &Ready) -> Outcome<()> {
    let plugin = |n: usize| {
        let route = "[[route]]\nname = \"echo\"\nmethod = \"POST\"\npath = \"/echo/{word}\"\nauth = \"none\"\n";
        let text = format!(
            "[plugin]\nid = \"p{n}\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"P {n}\"\nlicense = \"MIT\"\n\n{route}"
        );
        installed(ALLOW, &text, 1)
    };
    // The engine, and the code of the one component, are there already.
    let plugins = Plugins::new(ready.host.clone());
    plugins.set_host_context(HostContext::new(ready.content.clone(), ready.control.clone()));
    let before = resident()?;
    let all: Vec<InstalledPlugin> = (0..MANY).map(plugin).collect::<Outcome<_>>()?;
    let started = Instant::now();
    for answer in plugins.replace_running(all) {
        answer?;
    }
    let (took, after) = (started.elapsed(), resident()?);
    let each = after.saturating_sub(before) / MANY;
    say(&format!(
        "many     {MANY} plugins loaded in {:.2} s, {} KiB of memory for each ({} MiB before, {} MiB after)",
        took.as_secs_f64(),
        each >> 10,
        before >> 20,
        after >> 20
    ))
}

/// Bytes of this process that are in memory.
fn resident() -> Outcome<usize> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: usize = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib << 10)
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)].as_secs_f64() * 1e6;
    format!("p50 {:8.1} µs   p99 {:8.1} µs", at(50), at(99))
}

fn say(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout().lock(), "{line}")?)
}
