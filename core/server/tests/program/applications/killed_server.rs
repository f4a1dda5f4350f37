//! The program with an application in it, killed with SIGKILL and started again while requests are sent to it.

use super::mail_receiver::MailReceiver;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::{Clock, SystemClock, format_iso};
use cairn_testkit::{FULL_TOKEN, TestProject, extend_limit};
use chrono::{DateTime, TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the end of a story has to stay as it is.
const QUIET: Duration = Duration::from_secs(2);
/// Latest moments of the two kills of a step, in milliseconds: while a request is worked on, and while what follows from it is done.
const KILL_MILLIS: [u64; 2] = [150, 900];
/// Where the pages of the application are.
pub(super) const SITE: &str = "https://apps.example.com";
/// Somebody of the team who may do everything.
pub(super) const ROOT: &str = "root@example.com";
const PASSWORD: &str = "a password of some length";
/// The time at which the program's clock starts.
const TEST_CLOCK: &str = "CAIRN_TEST_CLOCK";

/// An application and how it is set up.
pub(super) struct Application {
    /// Its folder below `plugins/`.
    pub(super) folder: &'static str,
    /// The id of its plugin.
    pub(super) id: &'static str,
    pub(super) settings: Json,
    /// Variables of the environment that it needs.
    pub(super) environment: Vec<(&'static str, String)>,
}

/// A request, which is sent as often as it takes.
#[derive(Debug, Clone)]
pub(super) struct StepRequest {
    method: &'static str,
    path: String,
    token: Option<String>,
    body: Option<Json>,
}

impl StepRequest {
    pub(super) fn post(path: impl Into<String>, body: Json) -> Self {
        Self { method: "POST", path: path.into(), token: None, body: Some(body) }
    }

    pub(super) fn put(path: impl Into<String>, body: Json) -> Self {
        Self { method: "PUT", ..Self::post(path, body) }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), token: None, body: None }
    }

    /// The same, of somebody who is signed in.
    pub(super) fn by(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }
}

/// The response to a request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) bytes: Vec<u8>,
}

impl Answer {
    /// The `data` of its body.
    pub(super) fn data(&self) -> Json {
        let body: Json = serde_json::from_slice(&self.bytes).unwrap_or(Json::Null);
        body["data"].clone()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Sends requests to a server that may be gone. It is a copy of what the server's own has, for requests side by side.
#[derive(Clone)]
pub(super) struct PatientClient {
    base: String,
    http: reqwest::Client,
}

impl PatientClient {
    async fn try_send(&self, request: &StepRequest) -> Result<Answer, reqwest::Error> {
        let address = format!("{}{}", self.base, request.path);
        let mut sent = self.http.request(request.method.parse().unwrap(), address);
        if request.method != "GET" && request.path.starts_with("/admin/api/content/") {
            // Like a script that accepts any version.
            sent = sent.header("if-match", "*");
        }
        if let Some(token) = &request.token {
            sent = sent.bearer_auth(token);
        }
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        let response = sent.send().await?;
        Ok(Answer { status: response.status().as_u16(), bytes: response.bytes().await?.to_vec() })
    }

    /// Sends a request until the server answers it, and that it is ready.
    pub(super) async fn send(&self, request: &StepRequest) -> Answer {
        let began = Instant::now();
        loop {
            let outcome = self.try_send(request).await;
            match outcome {
                Ok(answer) if answer.status != 503 => return answer,
                outcome => assert!(began.elapsed() < extend_limit(PATIENCE), "{request:?}: {outcome:?}"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Sends a request until it is answered with one of those statuses.
    pub(super) async fn expect(&self, request: &StepRequest, accepted: &[u16]) -> Answer {
        let answer = self.send(request).await;
        assert!(accepted.contains(&answer.status), "{request:?}: {} {}", answer.status, answer.text());
        answer
    }
}

/// A running program, its project and its mailboxes.
pub(super) struct KilledServer {
    project: TestProject,
    pub(super) receiver: MailReceiver,
    environment: Vec<(&'static str, String)>,
    listen: String,
    client: PatientClient,
    child: Option<Child>,
    /// Chooses the moments of kills; without it there are none.
    random: Option<StdRng>,
    root_token: String,
}

pub(super) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl KilledServer {
    /// Installs an application into a new project and serves it. With a seed, every step is disturbed by kills.
    pub(super) async fn start(application: Application, seed: Option<u64>) -> Self {
        let root = json!({ "email": ROOT, "password": PASSWORD, "roles": ["super-admin", "Sales"] });
        let project = TestProject::newsroom()
            .with_settings("adminRoles", json!({ "Sales": { "actions": [], "permissions": {} } }))
            .with_settings("adminUsers", json!([root]));
        // Free a moment ago; nobody else here takes one twice.
        let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let client = PatientClient { base: format!("http://{listen}"), http: reqwest::Client::new() };
        let random = seed.map(StdRng::seed_from_u64);
        let receiver = MailReceiver::start().await;
        let environment = application.environment;
        let mut server =
            Self { project, receiver, environment, listen, client, child: None, random, root_token: String::new() };
        let settings = server.project.settings_json();
        server.run_command(&["apply", "-"], &settings);
        server.install(application.folder);
        server.serve().await;
        server.sign_in_root().await;
        let path = format!("/admin/api/plugins/{}/settings", application.id);
        let values = json!({ "values": application.settings });
        server.client.expect(&StepRequest::put(path, values).by(&server.root_token), &[200]).await;
        server
    }

    async fn sign_in_root(&mut self) {
        let sign_in = json!({ "email": ROOT, "password": PASSWORD, "token": true });
        let session = self.client.expect(&StepRequest::post("/admin/api/login", sign_in), &[200]).await;
        self.root_token = session.data()["token"].as_str().unwrap().to_owned();
    }

    /// Moves the program's clock to a later time. What is due by then is done while the program is killed, and has been done at the end. For
    /// applications with [`start_clock_at`] in their environment.
    pub(super) async fn pass_time_until(&mut self, time: DateTime<Utc>) {
        let at = format_iso(time);
        self.client.expect(&StepRequest::post("/_test/clock", json!({ "at": at })), &[204]).await;
        // The clock of the next start begins at this time.
        self.environment.retain(|(name, _)| *name != TEST_CLOCK);
        self.environment.push((TEST_CLOCK, at));
        for longest in KILL_MILLIS {
            self.kill_repeatedly(1, longest).await;
        }
        // Sessions do not last for months.
        self.sign_in_root().await;
        self.wait_for("the end of what is due", async || self.list_open_work().await.is_empty().then_some(())).await;
    }

    /// The time that the program's clock shows, or showed when it was last moved.
    fn now(&self) -> DateTime<Utc> {
        let moved = self.environment.iter().find(|(name, _)| *name == TEST_CLOCK);
        moved.map_or_else(|| SystemClock.now(), |(_, at)| at.parse().unwrap())
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
        if self.project.database().is_postgres() {
            command.env("CAIRN_DATABASE_URL", self.project.database().url());
        }
        command
            .args(args)
            .env("CAIRN_PROJECT", self.project.path())
            .env("CAIRN_LOG", "error")
            .env("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .env("CAIRN_SMTP_URL", self.receiver.url())
            .env("CAIRN_MAIL_FROM", "Cairn <post@example.com>")
            .env("CAIRN_PUBLIC_URL", SITE)
            .env("CAIRN_PLUGINS_PDF", repository().join("target/tools/cairn-pdf"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command of the program. Returns what it wrote to standard output.
    pub(super) fn run_command(&self, args: &[&str], input: &str) -> String {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that reads nothing may be gone already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Installs the application of a folder, without limits that one address reaches.
    fn install(&self, folder: &str) {
        let author = self.project.path().join("author");
        copy_folder(&repository().join("plugins").join(folder), &author);
        let manifest = std::fs::read_to_string(author.join("plugin.toml")).unwrap();
        let raised: String = manifest.lines().map(raise_rate).collect();
        std::fs::write(author.join("plugin.toml"), raised).unwrap();
        let component = repository().join(format!("target/plugins/{folder}.wasm"));
        std::fs::copy(&component, author.join("plugin.wasm"))
            .unwrap_or_else(|e| panic!("{}: {e}; `cargo xtask wasm` makes it", component.display()));
        let (author, out) = (author.display().to_string(), self.project.path().display().to_string());
        let packed = self.run_command(&["plugin", "pack", &author, "--out", &out], "");
        self.run_command(&["plugin", "install", packed.trim(), "--unsigned", "--yes"], "");
    }

    async fn serve(&mut self) {
        let child = self.command(&["serve", "--listen", &self.listen]).stdout(Stdio::null()).spawn().unwrap();
        self.child = Some(child);
        self.client.expect(&StepRequest::get("/_health"), &[204]).await;
    }

    /// SIGKILL: it ends nothing of what it does.
    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Kills the program so much later, and starts it again.
    async fn kill_after(&mut self, delay: Duration) {
        tokio::time::sleep(delay).await;
        self.kill();
        self.serve().await;
    }

    /// Returns true if this run is disturbed.
    pub(super) fn is_disturbed(&self) -> bool {
        self.random.is_some()
    }

    /// Kills the program that often, each time after at most so many milliseconds. Undisturbed runs go on without.
    pub(super) async fn kill_repeatedly(&mut self, times: u32, longest_millis: u64) {
        for _ in 0..times {
            let Some(random) = &mut self.random else { return };
            let delay = random.random_range(0..=longest_millis);
            self.kill_after(Duration::from_millis(delay)).await;
        }
    }

    /// A client for requests side by side.
    pub(super) fn client(&self) -> PatientClient {
        self.client.clone()
    }

    /// The token of somebody of the team who may do everything.
    pub(super) fn root(&self) -> &str {
        &self.root_token
    }

    /// Sends a request while the program is killed: within it, and within what follows from it. Then sends it once more, as somebody does who got
    /// no answer; it is accepted with one of those statuses.
    pub(super) async fn step(&mut self, request: StepRequest, accepted: &[u16]) -> Answer {
        for longest in KILL_MILLIS {
            if self.is_disturbed() {
                let (client, sent) = (self.client(), request.clone());
                let sending = tokio::spawn(async move { drop(client.try_send(&sent).await) });
                self.kill_repeatedly(1, longest).await;
                sending.await.unwrap();
            }
        }
        self.client.expect(&request, accepted).await
    }

    /// Documents of a content type, as the team sees them.
    pub(super) async fn rows(&self, uid: &str, query: &str) -> Vec<Json> {
        let path = format!("/admin/api/content/{uid}?pagination[pageSize]=100&{query}");
        let answer = self.client.expect(&StepRequest::get(path).by(&self.root_token), &[200]).await;
        answer.data().as_array().unwrap().clone()
    }

    /// Creates a document, as the team does. Returns its id.
    pub(super) async fn create(&self, uid: &str, data: Json) -> String {
        let path = format!("/admin/api/content/{uid}");
        let request = StepRequest::post(path, json!({ "data": data })).by(&self.root_token);
        let created = self.client.expect(&request, &[201]).await.data();
        created["documentId"].as_str().unwrap().to_owned()
    }

    /// Creates a user of the content API and signs them in. Returns their token.
    pub(super) async fn create_user(&self, name: &str) -> String {
        let roles = self.client.expect(&StepRequest::get("/api/users-permissions/roles").by(FULL_TOKEN), &[200]).await;
        let roles: Json = serde_json::from_slice(&roles.bytes).unwrap();
        let mut roles = roles["roles"].as_array().unwrap().iter();
        let role = roles.find(|role| role["type"] == "authenticated").unwrap()["id"].clone();
        let user = json!({
            "username": name, "email": format!("{name}@example.com"), "password": PASSWORD, "role": role, "emailVerified": true,
        });
        self.client.expect(&StepRequest::post("/api/users", user).by(FULL_TOKEN), &[201]).await;
        let sign_in = json!({ "identifier": name, "password": PASSWORD });
        let session = self.client.expect(&StepRequest::post("/api/auth/local", sign_in), &[200]).await;
        let session: Json = serde_json::from_slice(&session.bytes).unwrap();
        session["jwt"].as_str().unwrap().to_owned()
    }

    /// Uploads a file to the media library. Returns its id.
    pub(super) async fn upload(&self, name: &str, mime: &str, bytes: Vec<u8>) -> Json {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str(mime).unwrap();
        let form = reqwest::multipart::Form::new().part("files", part);
        let request = self.client.http.post(format!("{}/api/upload", self.client.base)).bearer_auth(FULL_TOKEN);
        let uploaded: Json = request.multipart(form).send().await.unwrap().json().await.unwrap();
        uploaded[0]["id"].clone()
    }

    /// Imports the key and certificate that contracts are sealed with.
    pub(super) async fn import_seal(&self) {
        let file = repository().join("core/seals/tests/openssl/modern.p12");
        let file = json!({ "pkcs12": STANDARD.encode(std::fs::read(file).unwrap()), "password": "geheim" });
        let request = StepRequest::put("/admin/api/seal-profiles/contracts", file).by(&self.root_token);
        self.client.expect(&request, &[200]).await;
    }

    /// Waits until there is something.
    pub(super) async fn wait_for<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(began.elapsed() < extend_limit(PATIENCE), "{what} does not come");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// How often each event of the plugin happened.
    pub(super) async fn count_events(&self, prefix: &str) -> Json {
        let path = format!("/admin/api/events?name={prefix}.*&limit=100");
        let events = self.client.expect(&StepRequest::get(path).by(&self.root_token), &[200]).await.data();
        let mut counts = json!({});
        for event in events.as_array().unwrap() {
            let name = event["name"].as_str().unwrap();
            counts[name] = json!(counts[name].as_u64().unwrap_or_default() + 1);
        }
        counts
    }

    /// Subjects of the mails to an address, each mail once: one that is sent again has the same `Message-ID`.
    pub(super) fn mails_to(&self, address: &str) -> Vec<String> {
        let mails = self.receiver.mails_to(address);
        let mails: BTreeSet<(String, String)> = mails
            .iter()
            .map(|mail| {
                let id = mail.raw.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
                (mail.subject().to_owned(), id.to_owned())
            })
            .collect();
        mails.into_iter().map(|(subject, _)| subject).collect()
    }

    /// Events that wait for a consumer, and jobs that are due or under way.
    async fn list_open_work(&self) -> Vec<Json> {
        let consumers =
            self.client.expect(&StepRequest::get("/admin/api/consumers").by(&self.root_token), &[200]).await;
        let mut open: Vec<Json> = consumers.data().as_array().unwrap().clone();
        open.retain(|consumer| consumer["lag"] != 0 || consumer["waiting"] != 0 || consumer["dead"] != 0);
        let soon = self.now() + TimeDelta::minutes(2);
        for state in ["waiting", "running", "dead"] {
            let path = format!("/admin/api/jobs?state={state}&limit=100");
            let jobs = self.client.expect(&StepRequest::get(path).by(&self.root_token), &[200]).await.data();
            let due = |job: &Json| job["due"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap() < soon;
            let of_application = |job: &Json| {
                let name = job["name"].as_str().unwrap();
                name.starts_with("plugin:") || name.starts_with("mail")
            };
            open.extend(jobs.as_array().unwrap().iter().filter(|job| of_application(job) && due(job)).cloned());
        }
        open
    }

    /// Waits until nothing is left to be done, and tells how the story ended, which stays so for a while.
    pub(super) async fn settle(&self, tell: impl AsyncFn() -> Json) -> Json {
        let began = Instant::now();
        let (mut last_state, mut since) = (Json::Null, Instant::now());
        loop {
            let open = self.list_open_work().await;
            let now = tell().await;
            if !open.is_empty() || now != last_state {
                (last_state, since) = (now, Instant::now());
            } else if since.elapsed() > QUIET {
                return last_state;
            }
            assert!(began.elapsed() < extend_limit(PATIENCE * 2), "it does not end: {open:?} {last_state}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for KilledServer {
    fn drop(&mut self) {
        self.kill();
        if !std::thread::panicking() {
            self.run_command(&["doctor"], "");
        }
    }
}

/// The part of an application's environment that starts the program's clock at a time.
pub(super) fn start_clock_at(time: DateTime<Utc>) -> (&'static str, String) {
    (TEST_CLOCK, format_iso(time))
}

/// Seeds of the runs that are disturbed: that of the environment alone, where it names one.
pub(super) fn list_seeds(count: u64) -> Vec<u64> {
    match std::env::var("SEED").ok().map(|seed| seed.parse().unwrap()) {
        Some(seed) => vec![seed],
        None => (1..=count).collect(),
    }
}

fn raise_rate(line: &str) -> String {
    match line.starts_with("rate = ") {
        true => "rate = { per = \"ip\", limit = 100000, every = \"1m\" }\n".to_owned(),
        false => format!("{line}\n"),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_folder(&path, &place) } else { std::fs::copy(&path, &place).map(drop).unwrap() }
    }
}
