//! `cargo xtask bench --callers`: a list that each of many signed-in callers may see a part of, against the same list for the public. By the
//! processor time of the server, and the times of the clients; with the cache of responses and without it.

use super::options::Args;
use crate::api::Api;
use crate::build::{self, Profile};
use crate::paths;
use crate::server::{ServerCommand, ServerProcess, free_address};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// Callers, and the groups that they are in.
const CALLERS: usize = 1_000;
const GROUPS: usize = 20;
/// Entries that one group sees: a page.
const ENTRIES_PER_GROUP: usize = 25;
/// Requests of each turn: each caller sends some. Processor time is counted in hundredths of a second, which must be little beside it.
const REQUESTS: usize = 10 * CALLERS;
/// Turns of both sides; the median counts.
const TURNS: usize = 9;
/// Of the server's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";
const PASSWORD: &str = "a password of some length";
const LIST: &str = "/api/notes?sort=title&pagination[pageSize]=25";

/// The cost of each request of a turn.
#[derive(Clone, Copy)]
struct TurnCost {
    processor: Duration,
    median: Duration,
}

/// Measures both. Returns an error if the server cannot be set up or does not answer.
pub(super) fn run(args: &Args) -> Result<()> {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    let project = paths::scratch_folder("bench-callers")?;
    let mut command = ServerCommand {
        binary,
        listen: free_address()?,
        env: Vec::new(),
        log: Some(project.join("cairn.log")),
        project,
    };
    write_project(&command)?;
    let server = command.start()?;
    let public = Api::new(&server.base, None);
    let callers = fill(&server)?;
    println!("{CALLERS} callers in {GROUPS} groups, {REQUESTS} requests a turn, one at a time");
    compare("cached", &server, &public, &callers, "1.10x, cached")?;
    server.stop()?;
    command.env = vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())];
    let server = command.start()?;
    compare("from the database", &server, &public, &callers, "1 ms more, from the database")?;
    server.stop()
}

/// Notes of groups, users who are in one, and roles that see the notes of the caller's group; the public sees those of the first.
fn write_project(command: &ServerCommand) -> Result<()> {
    let text = json!({ "type": "string", "index": true });
    let note = json!({
        "kind": "collectionType", "collectionName": "notes", "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "attributes": { "title": text, "body": { "type": "text" }, "team": text },
        "options": { "cairn": { "indexes": [["team", "title"]] } },
    });
    let user =
        json!({ "kind": "collectionType", "collectionName": "up_users", "info": {}, "attributes": { "team": text } });
    for (path, schema) in [
        ("content-types/api/note/content-types/note/schema.json", note),
        ("content-types/extensions/users-permissions/content-types/user/schema.json", user),
    ] {
        let file = command.project.join(path);
        fs::create_dir_all(file.parent().context("a file in the project")?)?;
        fs::write(file, schema.to_string())?;
    }
    let role = |team: &str| json!({ "permissions": { "api::note.note": { "find": { "where": { "team": team } } } } });
    let settings = json!({
        "auth": { "signInRateLimit": false },
        "apiTokens": [{ "name": "bench", "type": "full-access", "token": TOKEN }],
        "roles": { "authenticated": role("$user.team"), "public": role(&team(0)) },
    });
    let file = command.project.join("settings.json");
    fs::write(&file, settings.to_string())?;
    command.apply_settings(&file)
}

fn team(n: usize) -> String {
    format!("team{:02}", n % GROUPS)
}

/// Creates the notes and the callers; the callers, signed in.
fn fill(server: &ServerProcess) -> Result<Vec<Api>> {
    let program = Api::new(&server.base, Some(TOKEN));
    for n in 0..GROUPS * ENTRIES_PER_GROUP {
        let data = json!({ "title": format!("Note {n:04}"), "body": "A note of one group.", "team": team(n) });
        program.send(Method::POST, "/api/notes", &json!({ "data": data }))?.into_data("a note")?;
    }
    let roles = program.get("/api/users-permissions/roles")?.body;
    let mut roles = roles["roles"].as_array().context("roles")?.iter();
    let role = roles.find(|role| role["type"] == "authenticated").context("the role")?["id"].clone();
    let sign_in = |n: usize| -> Result<String> {
        let name = format!("caller{n:04}");
        let email = format!("{name}@example.com");
        let user = json!({ "username": name, "email": email, "password": PASSWORD, "role": role, "team": team(n) });
        let created = program.send(Method::POST, "/api/users", &user)?;
        ensure!(created.status == 201, "a user: {}", created.body);
        let body = json!({ "identifier": email, "password": PASSWORD });
        let session: Value = program.send(Method::POST, "/api/auth/local", &body)?.body;
        Ok(session["jwt"].as_str().with_context(|| format!("no token: {session}"))?.to_owned())
    };
    let public = Api::new(&server.base, None);
    (0..CALLERS).map(|n| Ok(public.with_token(&sign_in(n)?))).collect()
}

/// Compares the callers with the public, in turns, so that whatever else the machine does meets both.
fn compare(name: &str, server: &ServerProcess, public: &Api, callers: &[Api], target: &str) -> Result<()> {
    let public_turn = || run_turn(server, |_| public);
    let callers_turn = || run_turn(server, |n| &callers[n % callers.len()]);
    // The first turns fill the caches.
    public_turn()?;
    callers_turn()?;
    let mut turns = (0..TURNS).map(|_| Ok((public_turn()?, callers_turn()?))).collect::<Result<Vec<_>>>()?;
    turns.sort_by_key(|(_, callers)| callers.processor);
    let (public, callers) = turns[TURNS / 2];
    let show = |whose: &str, cost: TurnCost| {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        println!(
            "{name:20} {whose:8} processor {:7.1} µs   median {:7.1} µs",
            micros(cost.processor),
            micros(cost.median)
        );
    };
    show("public", public);
    show("callers", callers);
    let ratio = callers.processor.as_secs_f64() / public.processor.as_secs_f64();
    let more = callers.median.as_secs_f64() * 1e3 - public.median.as_secs_f64() * 1e3;
    println!("{name:20} callers need {ratio:.2}x the processor time, and {more:.3} ms more   target {target}");
    Ok(())
}

/// Sends the requests of a turn.
fn run_turn<'a>(server: &ServerProcess, sender: impl Fn(usize) -> &'a Api) -> Result<TurnCost> {
    let before = server.processor_time()?;
    let mut times = Vec::with_capacity(REQUESTS);
    for n in 0..REQUESTS {
        let began = Instant::now();
        let found = sender(n).get(LIST)?.into_data(LIST)?;
        times.push(began.elapsed());
        ensure!(found.as_array().is_some_and(|notes| notes.len() == ENTRIES_PER_GROUP), "a page of notes: {found}");
    }
    times.sort_unstable();
    let processor = (server.processor_time()? - before) / u32::try_from(REQUESTS)?;
    Ok(TurnCost { processor, median: times[REQUESTS / 2] })
}
