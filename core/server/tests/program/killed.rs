//! The real server, killed in the midst of what a plugin does: at each thing that a handler of events and a job ask of the host. What is there
//! after the next start is what an undisturbed run leaves.

use cairn_access::{Clock, SystemClock};
use cairn_server::config::Config;
use cairn_store::events::{DeliveryState, JobState};
use cairn_store::plugins::KvPut;
use cairn_store::{Store, StoreError, StoreOptions};
use cairn_testkit::{FULL_TOKEN, TestProject, extend_limit};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The consumer and the job of the guest.
const CONSUMER: &str = "plugin:stepper:tasks";
const WORK: &str = "plugin:stepper:work";
const TALLY: &str = "plugin:stepper:tally";
/// Number of jobs that are done in batches, and how many of them are done when the server is killed.
const TALLIES: u32 = 400;
const KILLED_AFTER: [i64; 3] = [60, 150, 240];
/// Before the first thing that the handler of events asks, and so on; then those of the job.
const PLACES: [u32; 12] = [1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 16, 17];
/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(90);

pub(crate) fn cairn(project: &TestProject) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    command
        .env("CAIRN_PROJECT", project.path())
        .env("CAIRN_LOG", "error")
        .env("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    command
}

pub(crate) fn run_cairn(project: &TestProject, args: &[&str], input: &str) -> String {
    let mut command = cairn(project);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
    }
}

/// The project with a guest installed. `additions` stand at the end of its manifest.
pub(crate) fn project_with_guest(project: TestProject, guest: &str, additions: &str) -> TestProject {
    run_cairn(&project, &["apply", "-"], &project.settings_json());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = project.path().join("author");
    copy(&root.join("plugins/guests").join(guest), &folder);
    let manifest = std::fs::read_to_string(folder.join("plugin.toml")).unwrap();
    std::fs::write(folder.join("plugin.toml"), format!("{manifest}\n{additions}")).unwrap();
    let component = root.join(format!("target/plugins/{guest}.wasm"));
    std::fs::copy(&component, folder.join("plugin.wasm"))
        .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
    let (folder, out) = (folder.display().to_string(), project.path().display().to_string());
    let packed = run_cairn(&project, &["plugin", "pack", &folder, "--out", &out], "");
    run_cairn(&project, &["plugin", "install", packed.trim(), "--unsigned", "--yes"], "");
    project
}

/// The database of a project, opened beside the server.
fn store(project: &TestProject) -> Store {
    let mut config = Config::load(&project.path(), &|_| None).unwrap();
    config.database.url = project.database().is_postgres().then(|| project.database().url().to_owned());
    let loaded = cairn_model::load::load_project(&project.path()).unwrap();
    Store::open(StoreOptions { database: config.tenant_database("default").unwrap() }, Arc::new(loaded.registry))
        .unwrap()
}

/// A server that is running.
pub(crate) struct ServerProcess {
    child: Child,
    base: String,
}

impl ServerProcess {
    pub(crate) async fn start(project: &TestProject) -> Self {
        Self::start_with(project, &[]).await
    }

    /// Starts a server with these variables in its environment.
    pub(crate) async fn start_with(project: &TestProject, environment: &[(&str, &str)]) -> Self {
        Self::start_logging(project, environment, Stdio::inherit()).await
    }

    /// Does the same, with the log sent to `log`.
    pub(crate) async fn start_logging(project: &TestProject, environment: &[(&str, &str)], log: Stdio) -> Self {
        // Free a moment ago; nobody else here takes one twice.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = cairn(project);
        command.envs(environment.iter().copied());
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().unwrap();
        let serving = Self { child, base: format!("http://127.0.0.1:{port}") };
        let began = Instant::now();
        while reqwest::get(format!("{}/_health", serving.base)).await.is_err() {
            assert!(began.elapsed() < extend_limit(PATIENCE), "it does not serve");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        serving
    }

    /// The address it serves at.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// SIGKILL: it ends nothing of what it does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    async fn create_task(&self) {
        let request = reqwest::Client::new()
            .post(format!("{}/api/stepper/tasks", self.base))
            .bearer_auth(FULL_TOKEN)
            .header("content-type", "application/json")
            .body(json!({ "data": { "title": "one" } }).to_string());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says where the guest waits.
async fn set_pause_point(store: &Store, place: Option<u32>) {
    set_number(store, "pause", place).await;
}

/// Sets a number that the guest reads, or deletes it.
async fn set_number(store: &Store, key: &'static str, number: Option<u32>) {
    let now = SystemClock.now().timestamp_millis();
    store
        .write(move |tx| match number {
            Some(number) => {
                let value = number.to_string().into_bytes();
                let kv_put = KvPut { key: key.into(), value, expires_at: None, expect: None };
                tx.plugin_kv().put("stepper", &[kv_put], now).map(drop)
            }
            None => tx.plugin_kv().delete("stepper", &[key], now).map(drop),
        })
        .await
        .map_err(|e: StoreError| e.to_string())
        .unwrap();
}

/// True if the handler of events is in its transaction, or a job is being done.
async fn is_plugin_working(store: &Store) -> bool {
    let running = store.read(|r| r.jobs().count_by_state()).unwrap();
    if running.iter().any(|(name, state, _)| name == WORK && *state == JobState::Running) {
        return true;
    }
    // On SQLite nobody else writes meanwhile; on PostgreSQL the consumer's row is held.
    let look = store.write(|tx| Ok::<_, StoreError>(tx.consumers().lock(&[CONSUMER])?.is_empty()));
    tokio::time::timeout(Duration::from_millis(40), look).await.map_or(true, |locked| locked.unwrap_or(true))
}

/// Waits until the guest waits: something takes longer than anything that it does.
async fn wait_until_paused(store: &Store, place: u32) {
    let (began, mut since) = (Instant::now(), None::<Instant>);
    loop {
        assert!(began.elapsed() < extend_limit(PATIENCE), "it does not come to place {place}");
        match (is_plugin_working(store).await, since) {
            (true, Some(from)) if from.elapsed() > Duration::from_millis(150) => return,
            (true, None) => since = Some(Instant::now()),
            (false, _) => since = None,
            _ => {}
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until nothing is to be done any more, and tells all that was done.
async fn wait_until_settled(store: &Store) -> Json {
    let began = Instant::now();
    loop {
        // A server that was killed may have left that to the next one: on PostgreSQL events get their places after the commit.
        store.place_events().await.unwrap();
        let (jobs, entries, deliveries, counts) = store
            .read(|r| {
                let now = SystemClock.now().timestamp_millis();
                let keys = r.plugin_kv().list_keys("stepper", "", None, 100, now)?;
                let names: Vec<&str> =
                    keys.iter().map(String::as_str).filter(|key| !key.starts_with("done/")).collect();
                let entries = r.plugin_kv().get_entries("stepper", &names, now)?;
                let entries: Vec<(String, String)> = entries
                    .into_iter()
                    .flatten()
                    .map(|entry| (entry.key, String::from_utf8_lossy(&entry.value).into_owned()))
                    .collect();
                let logs = r.events().list(
                    &cairn_store::events::EventFilter { name: Some("stepper.task.begun".into()), ..Default::default() },
                    None,
                    100,
                )?;
                Ok::<_, StoreError>((
                    r.jobs().count_by_state()?,
                    (entries, keys.len()),
                    r.deliveries().count_by_state()?,
                    logs.len(),
                ))
            })
            .unwrap();
        let job_counts: Vec<(String, i64)> = jobs
            .into_iter()
            .filter(|(name, ..)| name == WORK)
            .map(|(_, state, n)| (state.as_str().to_owned(), n))
            .collect();
        let waiting = deliveries.iter().any(|(name, state, _)| name == CONSUMER && *state != DeliveryState::Discarded);
        if job_counts == [("done".to_owned(), 1)] && !waiting {
            let titles = |uid: &str| store.counters().row_count(store.registry().by_uid(uid).unwrap().id);
            return json!({
                "jobs": job_counts, "entries": entries, "events": counts,
                "tasks": titles("plugin::stepper.task"), "logs": titles("plugin::stepper.log"),
            });
        }
        assert!(began.elapsed() < extend_limit(PATIENCE), "it does not end: {job_counts:?} {deliveries:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Returns the state that an undisturbed run leaves.
async fn run_undisturbed(project: TestProject) -> Json {
    let project = project_with_guest(project, "stepper", "");
    let serving = ServerProcess::start(&project).await;
    serving.create_task().await;
    let opened = store(&project);
    wait_until_settled(&opened).await;
    drop((serving, opened));
    // Counted by whoever opens it.
    wait_until_settled(&store(&project)).await
}

async fn run_killed_at(project: TestProject, place: u32) -> Json {
    let project = project_with_guest(project, "stepper", "");
    {
        let opened = store(&project);
        set_pause_point(&opened, Some(place)).await;
        let mut serving = ServerProcess::start(&project).await;
        serving.create_task().await;
        wait_until_paused(&opened, place).await;
        serving.kill();
        set_pause_point(&opened, None).await;
    }
    let serving = ServerProcess::start(&project).await;
    wait_until_settled(&store(&project)).await;
    drop(serving);
    wait_until_settled(&store(&project)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_server_applies_each_plugin_effect_once() {
    let count = TestProject::on_every_database().len();
    for database in 0..count {
        let project = || TestProject::on_every_database().swap_remove(database);
        let undisturbed = run_undisturbed(project()).await;
        assert_eq!((&undisturbed["logs"], &undisturbed["events"]), (&json!(2), &json!(1)), "{undisturbed}");
        for place in PLACES {
            let after = run_killed_at(project(), place).await;
            assert_eq!(after, undisturbed, "killed at place {place} of database {database}");
        }
    }
}

/// Number of jobs in batches that are done.
fn count_tallied(store: &Store) -> i64 {
    let counts = store.read(|r| r.jobs().count_by_state()).unwrap();
    counts.iter().filter(|(name, state, _)| name == TALLY && *state == JobState::Done).map(|(.., count)| count).sum()
}

/// Waits until so many jobs in batches are done.
async fn wait_until_tallied(store: &Store, count: i64) {
    let began = Instant::now();
    while count_tallied(store) < count {
        assert!(began.elapsed() < extend_limit(PATIENCE), "{} of {count} jobs are done", count_tallied(store));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// How often each job was counted, by its key, and how many batches there were.
fn read_tallies(store: &Store) -> (Vec<(String, String)>, u32) {
    let now = SystemClock.now().timestamp_millis();
    store
        .read(|r| {
            let keys = r.plugin_kv().list_keys("stepper", "tally/", None, 1_000, now)?;
            let mut names: Vec<&str> = keys.iter().map(String::as_str).collect();
            names.push("batches");
            let entries = r.plugin_kv().get_entries("stepper", &names, now)?;
            let text = |value: Vec<u8>| String::from_utf8(value).unwrap();
            let mut counts: Vec<(String, String)> =
                entries.into_iter().flatten().map(|entry| (entry.key, text(entry.value))).collect();
            let batches = counts.iter().position(|(key, _)| key == "batches").expect("no batch was ever stored");
            let batches = counts.remove(batches).1.parse().unwrap();
            Ok::<_, StoreError>((counts, batches))
        })
        .unwrap()
}

/// Batches take nearly all of the time, so a kill comes in the midst of one.
#[tokio::test(flavor = "multi_thread")]
async fn killed_server_runs_each_batched_job_once() {
    for project in TestProject::on_every_database() {
        let project = project_with_guest(project, "stepper", "");
        set_number(&store(&project), "tallies", Some(TALLIES)).await;
        for (round, killed_after) in KILLED_AFTER.into_iter().enumerate() {
            let opened = store(&project);
            let mut serving = ServerProcess::start(&project).await;
            if round == 0 {
                serving.create_task().await;
            }
            wait_until_tallied(&opened, killed_after).await;
            serving.kill();
            assert!(count_tallied(&opened) < i64::from(TALLIES), "it was killed when all was done");
        }
        let opened = store(&project);
        let serving = ServerProcess::start(&project).await;
        wait_until_tallied(&opened, i64::from(TALLIES)).await;
        drop(serving);
        let (counts, batches) = read_tallies(&opened);
        assert_eq!(counts.len(), TALLIES as usize);
        assert!(counts.iter().all(|(_, count)| count == "1"), "{counts:?}");
        assert!(batches > 1 && batches < TALLIES / 2, "{batches} batches");
    }
}
