//! The real server, killed in the midst of a change of the content types: at each file that it writes. The next start finds all of the change
//! or nothing of it, in the files and in the database.

use crate::killed::{ServerProcess, run_cairn};
use cairn_testkit::{ADMIN_TOKEN, FULL_TOKEN, SchemaBuilder, TestProject, extend_limit};
use serde_json::{Map, Value as Json, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Number of types that the change adds, and of components.
const ADDED: usize = 6;
/// Longest that a file is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A moment that can be seen from outside.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// The change is noted.
    Noted,
    /// So many of its files are written beside the others.
    Staged(usize),
    /// So many of its files are in place.
    InPlace(usize),
    /// The answer has come.
    Answered,
}

fn type_file(n: usize) -> String {
    format!("content-types/api/added{n}/content-types/added{n}/schema.json")
}

fn component_file(n: usize) -> String {
    format!("content-types/components/parts/part{n}.json")
}

/// Adds types that have components, and drops one that has no content.
fn change() -> Json {
    let (mut types, mut components) = (Map::new(), Map::new());
    for n in 0..ADDED {
        let schema = json!({
            "kind": "collectionType", "collectionName": format!("added{n}s"),
            "info": { "singularName": format!("added{n}"), "pluralName": format!("added{n}s"), "displayName": "Added" },
            "attributes": { "part": { "type": "component", "component": format!("parts.part{n}") } },
        });
        types.insert(format!("api::added{n}.added{n}"), schema);
        let part = json!({ "info": { "displayName": "Part" }, "attributes": { "line": { "type": "string" } } });
        components.insert(format!("parts.part{n}"), part);
    }
    json!({ "contentTypes": types, "components": components })
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

fn is_staged(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".cairn-"))
}

fn added_files(project: &Path) -> usize {
    (0..ADDED).flat_map(|n| [type_file(n), component_file(n)]).filter(|path| project.join(path).is_file()).count()
}

impl Moment {
    fn has_come(self, project: &Path) -> bool {
        match self {
            Moment::Noted => project.join("data/schema-change.json").exists(),
            Moment::Staged(n) => {
                let staged = files(&project.join("content-types")).iter().filter(|path| is_staged(path)).count();
                staged >= n || added_files(project) > 0
            }
            Moment::InPlace(n) => added_files(project) >= n,
            Moment::Answered => false,
        }
    }
}

/// Starts a server, changes its content types, and kills it at that moment.
async fn kill_at(project: &TestProject, moment: Moment) {
    let mut serving = ServerProcess::start(project).await;
    let request = reqwest::Client::new()
        .post(format!("{}/admin/api/content-types/apply", serving.base()))
        .bearer_auth(ADMIN_TOKEN)
        .header("content-type", "application/json")
        .body(change().to_string());
    let answer = tokio::spawn(request.send());
    let (path, began) = (project.path(), Instant::now());
    while !moment.has_come(&path) && !answer.is_finished() {
        assert!(began.elapsed() < extend_limit(PATIENCE), "{moment:?} does not come");
        // Pauses would be longer than the moment that this loop waits for.
        tokio::task::yield_now().await;
    }
    serving.kill();
    if let Ok(Ok(answer)) = answer.await {
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_schema_changes_are_made_whole_or_not_at_all() {
    let staged = [1, ADDED, 2 * ADDED].map(Moment::Staged);
    let in_place = [1, 2, ADDED, 2 * ADDED - 1, 2 * ADDED].map(Moment::InPlace);
    let moments = [Moment::Noted].into_iter().chain(staged).chain(in_place).chain([Moment::Answered]);
    let count = TestProject::on_every_database().len();
    let mut outcomes = Vec::new();
    for moment in moments {
        for database in 0..count {
            let note = SchemaBuilder::collection("note", json!({ "title": { "type": "string" } }));
            let project = TestProject::on_every_database().swap_remove(database).with_type(note);
            run_cairn(&project, &["apply", "-"], &project.settings_json());
            kill_at(&project, moment).await;
            // The next start, then any command.
            let serving = ServerProcess::start(&project).await;
            let path = project.path();
            let added = added_files(&path);
            assert!(added == 0 || added == 2 * ADDED, "{moment:?}, database {database}: {added} files");
            let listed = reqwest::Client::new().get(format!("{}/api/added0s", serving.base())).bearer_auth(FULL_TOKEN);
            let status = listed.send().await.unwrap().status().as_u16();
            assert_eq!(status, if added == 0 { 404 } else { 200 }, "{moment:?}, database {database}");
            drop(serving);
            assert_eq!(
                run_cairn(&project, &["schema", "check"], ""),
                "content types and database match\n",
                "{moment:?}"
            );
            assert!(!path.join("data/schema-change.json").exists(), "{moment:?}");
            assert!(!files(&path.join("content-types")).iter().any(|path| is_staged(path)), "{moment:?}");
            assert!(added > 0 || !path.join("content-types/api/added0").exists(), "{moment:?}: empty folders");
            outcomes.push(added > 0);
        }
    }
    assert!(outcomes.contains(&true) && outcomes.contains(&false), "{outcomes:?}");
}
