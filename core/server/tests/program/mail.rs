//! Requests and mails over HTTP and SMTP, by the program that is killed meanwhile. The mail server is npm's `smtp-server`; `cargo xtask
//! test mail` fetches it and runs these.

use cairn_testkit::{ADMIN_TOKEN, FULL_TOKEN, TestProject, extend_limit};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A process that ends with the value.
struct ChildProcess(Child);

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct SmtpServer {
    port: u16,
    said: Arc<Mutex<Vec<Json>>>,
    _running: ChildProcess,
}

impl SmtpServer {
    fn start() -> Self {
        let folder = std::env::var("CAIRN_SMTP_SERVER").expect("CAIRN_SMTP_SERVER: cargo xtask test mail");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../notify/tests/smtp-server.mjs");
        let mut node = Command::new("node");
        let mut child = node.arg(script).arg(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines_read = Arc::new(Mutex::new(Vec::<Json>::new()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Json = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let heard = lines_read.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        Self { port, said: lines_read, _running: ChildProcess(child) }
    }

    /// `Message-ID` and address of every mail that was taken, repeated ones too.
    fn received_mails(&self) -> Vec<(String, String)> {
        let events = self.said.lock().unwrap();
        let mails = events.iter().filter(|e| e["event"] == "mail");
        mails
            .map(|m| {
                let raw = m["raw"].as_str().unwrap();
                let id = raw.lines().find_map(|l| l.strip_prefix("Message-ID: ")).unwrap();
                (id.to_owned(), m["to"][0].as_str().unwrap().to_owned())
            })
            .collect()
    }
}

fn command(project: &TestProject, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn"));
    if project.database().is_postgres() {
        command.env("CAIRN_DATABASE_URL", project.database().url());
    }
    command.args(args).arg("--project").arg(project.path());
    command.env("CAIRN_LOG", "error").env("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    command
}

fn project(smtp: &SmtpServer) -> TestProject {
    let mail = format!("[mail]\nsmtp_url = \"smtp://127.0.0.1:{}\"\nfrom = \"Post <post@example.com>\"\n", smtp.port);
    let auth = json!({ "registration": { "open": true, "confirmByMail": true }, "signInRateLimit": false });
    let project = TestProject::newsroom().with_file("cairn.toml", &mail).with_settings("auth", auth);
    let mut apply = command(&project, &["apply", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    apply.stdin.take().unwrap().write_all(project.settings_json().as_bytes()).unwrap();
    assert!(apply.wait().unwrap().success());
    project
}

struct ServerProcess {
    running: ChildProcess,
    base: String,
    http: reqwest::Client,
}

impl ServerProcess {
    async fn start(project: &TestProject) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let child = command(project, &["serve", "--listen", &listen]).spawn().unwrap();
        let cairn =
            Self { running: ChildProcess(child), base: format!("http://{listen}"), http: reqwest::Client::new() };
        let start = Instant::now();
        while cairn.http.get(format!("{}/_health", cairn.base)).send().await.is_err() {
            assert!(start.elapsed() < extend_limit(Duration::from_secs(30)), "it does not serve");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        cairn
    }

    async fn get(&self, path: &str) -> Json {
        let token = if path.starts_with("/admin/api") { ADMIN_TOKEN } else { FULL_TOKEN };
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(token);
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Registers users side by side; the addresses of those who were told that it went well.
    fn register(&self, n: usize) -> tokio::task::JoinSet<Option<String>> {
        let mut tasks = tokio::task::JoinSet::new();
        for i in 0..n {
            let email = format!("user{i}@example.com");
            let body = json!({ "username": format!("user{i}"), "email": email, "password": "Passw0rd!" });
            let request = self.http.post(format!("{}/api/auth/local/register", self.base));
            let request = request.header("content-type", "application/json").body(body.to_string());
            tasks.spawn(async move {
                loop {
                    let status = request.try_clone().unwrap().send().await.ok()?.status();
                    // Hashing passwords takes its time: the server says when it is too busy.
                    if status != reqwest::StatusCode::TOO_MANY_REQUESTS {
                        return status.is_success().then_some(email);
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            });
        }
        tasks
    }

    /// All mails, as the admin API shows them.
    async fn mails(&self) -> Vec<Json> {
        let (mut all, mut before) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/admin/api/mails?limit=100{before}")).await;
            all.extend(page["data"].as_array().unwrap().clone());
            match page["meta"]["before"].as_i64() {
                Some(id) => before = format!("&before={id}"),
                None => return all,
            }
        }
    }

    /// Waits until as many mails were sent as there are users.
    async fn wait_until_settled(&self) -> (usize, Vec<Json>) {
        let start = Instant::now();
        loop {
            let users = usize::try_from(self.get("/api/users/count").await.as_u64().unwrap()).unwrap();
            let mails = self.mails().await;
            if mails.len() == users && mails.iter().all(|m| m["state"] == "sent") {
                return (users, mails);
            }
            assert!(
                start.elapsed() < extend_limit(Duration::from_secs(90)),
                "{users} users, {} mails: {mails:#?}",
                mails.len()
            );
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

fn addresses(mails: &[Json]) -> BTreeSet<String> {
    mails.iter().map(|m| m["to"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn hundred_concurrent_registrations_send_one_mail_each() {
    let smtp = SmtpServer::start();
    let project = project(&smtp);
    let cairn = ServerProcess::start(&project).await;
    let registered = cairn.register(100).join_all().await.into_iter().flatten().count();
    assert_eq!(registered, 100);
    let (users, mails) = cairn.wait_until_settled().await;
    assert_eq!((users, mails.len(), addresses(&mails).len()), (100, 100, 100));
    let received = smtp.received_mails();
    assert_eq!(received.len(), 100);
    assert_eq!(received.iter().map(|(_, to)| to.clone()).collect::<BTreeSet<_>>(), addresses(&mails));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn every_registration_has_one_mail_after_the_server_is_killed() {
    let smtp = SmtpServer::start();
    let project = project(&smtp);
    let mut cairn = ServerProcess::start(&project).await;
    let mut tasks = cairn.register(100);
    let mut confirmed = BTreeSet::new();
    while confirmed.len() < 40 {
        confirmed.extend(tasks.join_next().await.unwrap().unwrap());
    }
    cairn.running.0.kill().unwrap();
    confirmed.extend(tasks.join_all().await.into_iter().flatten());
    drop(cairn);
    let cairn = ServerProcess::start(&project).await;
    let (users, mails) = cairn.wait_until_settled().await;
    let mailed = addresses(&mails);
    assert!((40..100).contains(&users), "it was killed too late to show anything: {users}");
    assert_eq!((users, mails.len()), (mailed.len(), mailed.len()));
    assert!(confirmed.is_subset(&mailed), "who was told has an entry and a mail");
    // A mail that the server took as the process died is sent again, and is the same mail.
    let received: BTreeSet<(String, String)> = smtp.received_mails().into_iter().collect();
    assert_eq!(received.len(), users);
    assert_eq!(received.into_iter().map(|(_, to)| to).collect::<BTreeSet<_>>(), mailed);
    // The rest comes as if nothing had been.
    cairn.register(100).join_all().await;
    let (users, mails) = cairn.wait_until_settled().await;
    assert_eq!((users, mails.len()), (100, 100));
}
