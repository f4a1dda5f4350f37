//! Real servers that are written to while somebody else changes the content types: a command, or another node. No write is refused, and
//! none is stored twice.

use crate::killed::{ServerProcess, run_cairn};
use cairn_testkit::{ADMIN_TOKEN, FULL_TOKEN, SchemaBuilder, TestProject};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;

/// Clients that write at the same time.
const WRITERS: usize = 8;

/// The type that is written to, with some more attributes than its title.
fn note(more: usize) -> SchemaBuilder {
    let mut attributes = json!({ "title": { "type": "string", "required": true } });
    for n in 0..more {
        attributes[format!("more{n}")] = json!({ "type": "string" });
    }
    SchemaBuilder::collection("note", attributes)
}

/// Clients that create entries one after another until they are told to stop. They return the titles that were accepted, and what was
/// answered to others.
struct Writers {
    stopped: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<(Vec<String>, Vec<String>)>>,
}

impl Writers {
    fn start(bases: &[&str]) -> Self {
        let stopped = Arc::new(AtomicBool::new(false));
        let write = |n: usize| {
            let (stopped, url) = (stopped.clone(), format!("{}/api/notes", bases[n % bases.len()]));
            async move {
                let (client, mut accepted, mut refused) = (reqwest::Client::new(), Vec::new(), Vec::new());
                for k in 0.. {
                    if stopped.load(Ordering::Acquire) {
                        break;
                    }
                    let title = format!("note {n}-{k}");
                    let body = json!({ "data": { "title": title } }).to_string();
                    let request = client.post(&url).bearer_auth(FULL_TOKEN).header("content-type", "application/json");
                    let response = request.body(body).send().await.unwrap();
                    match response.status().as_u16() {
                        201 => accepted.push(title),
                        _ => refused.push(response.text().await.unwrap()),
                    }
                }
                (accepted, refused)
            }
        };
        let tasks = (0..WRITERS).map(|n| tokio::spawn(write(n))).collect();
        Self { stopped, tasks }
    }

    async fn stop(self) -> (Vec<String>, Vec<String>) {
        self.stopped.store(true, Ordering::Release);
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        for task in self.tasks {
            let (more, others) = task.await.unwrap();
            accepted.extend(more);
            refused.extend(others);
        }
        (accepted, refused)
    }
}

/// The titles of all entries, sorted.
async fn stored_titles(serving: &ServerProcess) -> Vec<String> {
    let (client, mut titles) = (reqwest::Client::new(), Vec::new());
    for page in 1.. {
        let url = format!("{}/api/notes?pagination[pageSize]=100&pagination[page]={page}", serving.base());
        let body = client.get(url).bearer_auth(FULL_TOKEN).send().await.unwrap().text().await.unwrap();
        let body: Json = serde_json::from_str(&body).unwrap();
        let entries = body["data"].as_array().unwrap();
        titles.extend(entries.iter().map(|entry| entry["title"].as_str().unwrap().to_owned()));
        if entries.len() < 100 {
            break;
        }
    }
    titles.sort();
    titles
}

/// Compares what was accepted with what is there.
async fn assert_nothing_was_lost(writers: Writers, serving: &ServerProcess) {
    let (mut accepted, refused) = writers.stop().await;
    assert!(refused.is_empty(), "{} of {} refused: {}", refused.len(), accepted.len() + refused.len(), refused[0]);
    accepted.sort();
    assert_eq!(stored_titles(serving).await, accepted);
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_wait_while_a_command_changes_the_content_types() {
    for project in TestProject::on_every_database() {
        let mut project = project.with_type(note(0));
        run_cairn(&project, &["apply", "-"], &project.settings_json());
        let serving = ServerProcess::start(&project).await;
        let writers = Writers::start(&[serving.base()]);
        for more in 1..=3 {
            project = project.with_type(note(more));
            let command = tokio::task::spawn_blocking(move || {
                run_cairn(&project, &["schema", "apply"], "");
                project
            });
            project = command.await.unwrap();
        }
        assert_nothing_was_lost(writers, &serving).await;
        // The server has the latest of them.
        let entry = json!({ "data": { "title": "last", "more2": "there" } }).to_string();
        let request = reqwest::Client::new().post(format!("{}/api/notes", serving.base())).bearer_auth(FULL_TOKEN);
        let response = request.header("content-type", "application/json").body(entry).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 201, "{}", response.text().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_to_one_node_wait_while_another_changes_the_content_types() {
    for project in TestProject::on_every_database() {
        // A SQLite database is served by a single process.
        if !project.database().is_postgres() {
            continue;
        }
        let project = project.with_type(note(0));
        run_cairn(&project, &["apply", "-"], &project.settings_json());
        let (one, other) = (ServerProcess::start(&project).await, ServerProcess::start(&project).await);
        let writers = Writers::start(&[one.base(), other.base()]);
        let file = project.path().join("content-types/api/note/content-types/note/schema.json");
        let mut schema: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for more in 1..=3 {
            schema["attributes"][format!("more{more}")] = json!({ "type": "string" });
            let proposal = json!({ "contentTypes": { "api::note.note": schema } }).to_string();
            let request = reqwest::Client::new().post(format!("{}/admin/api/content-types/apply", one.base()));
            let request = request.bearer_auth(ADMIN_TOKEN).header("content-type", "application/json").body(proposal);
            let response = request.send().await.unwrap();
            assert_eq!(response.status().as_u16(), 200, "{}", response.text().await.unwrap());
        }
        assert_nothing_was_lost(writers, &other).await;
    }
}
