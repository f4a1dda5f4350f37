//! The journey with 10,000 customers: what its read policy adds to a list, and how long 24 months take to be simulated.

use super::load::{MEASURED_REQUESTS, WARMUP_REQUESTS, load, print_times, time_requests};
use super::server::{BenchServer, PASSWORD, read_id};
use crate::api::Api;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;
use ureq::http::Method;

/// Customers, each with a journey of their own.
const CUSTOMERS: usize = 10_000;
/// Documents of either list: items that the policy decides about, and notes that no policy decides about.
const DOCUMENTS: usize = 50;
/// How many of a customer's first requests are measured.
const FIRST_REQUESTS: usize = 200;
/// The content type that no policy decides about, with the fields of an item that are listed.
const NOTE: &str = "content-types/api/note/content-types/note/schema.json";

/// Measures it. Returns an error if the server cannot be set up or does not answer.
pub(super) fn run(binary: &Path) -> Result<()> {
    // First what the work costs, without the cache of responses.
    let env = vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())];
    let note = json!({
        "kind": "collectionType", "collectionName": "notes", "info": { "singularName": "note", "pluralName": "notes", "displayName": "Note" },
        "options": { "draftAndPublish": true }, "attributes": { "title": { "type": "string" }, "body": { "type": "text" } },
    });
    let bench = BenchServer::start(binary, "plugins/journey", "journey", env, &[(NOTE, note)])?;
    let role = json!({ "permissions": {
        "plugin::journey.item": ["find", "findOne"], "api::note.note": ["find", "findOne"], "plugin::users-permissions.user": ["me"],
    } });
    let path = "/admin/api/content-roles/authenticated";
    bench.root.send(Method::PUT, path, &role)?.into_data(path)?;
    let began = Instant::now();
    fill(&bench)?;
    println!(
        "journey, {CUSTOMERS} customers, set up in {:.0} s; requests one at a time",
        began.elapsed().as_secs_f64()
    );

    let customers: Result<Vec<Api>> = (0..=WARMUP_REQUESTS + FIRST_REQUESTS).map(|n| sign_in(&bench, n)).collect();
    let customers = customers?;
    let list = |customer: &Api, plural: &str| -> Result<()> {
        let path = format!("/api/{plural}?fields[0]=title&sort=title&pagination[pageSize]=25");
        let found = customer.get(&path)?.into_data(&path)?;
        anyhow::ensure!(found.as_array().is_some_and(|rows| rows.len() == 25), "25 documents: {found}");
        Ok(())
    };
    let compare = |name: &str| -> Result<()> {
        // In turns, so that whatever else the machine does meets both.
        let mut sides = Vec::new();
        for _ in 0..5 {
            let without = time_requests(MEASURED_REQUESTS, |_| list(&customers[0], "notes"))?;
            let with = time_requests(MEASURED_REQUESTS, |_| list(&customers[0], "journey/items"))?;
            sides.push((with.p50 / without.p50, without, with));
        }
        sides.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (ratio, without, with) = &sides[sides.len() / 2];
        print_times(&format!("{name} without a policy"), without, "");
        print_times("the same with its policy", with, &format!("{:.0} % more", (ratio - 1.0) * 100.0));
        Ok(())
    };
    compare("a list")?;
    let first = time_requests(FIRST_REQUESTS, |n| list(&customers[n + 1], "journey/items"))?;
    print_times("a customer's first list", &first, "");
    bench.print_calls(&[("evaluate", 1.0), ("policies", 1.0), ("", 1.0)])?;

    let request =
        json!({ "definition": "klantreis", "anchor": "2026-01-15T10:00", "until": "2028-01-15T10:00", "onTime": true });
    let simulated = time_requests(20, |_| {
        bench.root.send(Method::POST, "/api/journey/simulate", &request)?.into_data("the simulation").map(drop)
    })?;
    print_times("24 months simulated", &simulated, "target 60 s");
    let bench = bench.restart(Vec::new())?;
    compare("a cached list")?;
    println!("target: 10 % more for a cached list");
    bench.server.stop()
}

/// Creates customers with their journeys, and what they read.
fn fill(bench: &BenchServer) -> Result<()> {
    let path = "/admin/api/content/plugin::journey.phase?filters[key]=orderbevestiging";
    let phases = bench.root.get(path)?.into_data(path)?;
    let phase = read_id(&phases[0])?;
    for n in 0..DOCUMENTS {
        let item = json!({ "data": { "title": format!("Item {n}"), "body": "Of the first phase.", "kind": "message", "phases": [phase] } });
        bench.program.send(Method::POST, "/api/journey/items", &item)?.into_data("an item")?;
        let note = json!({ "data": { "title": format!("Note {n}"), "body": "Of no phase." } });
        bench.program.send(Method::POST, "/api/notes", &note)?.into_data("a note")?;
    }
    let roles = bench.program.get("/api/users-permissions/roles")?.body;
    let mut roles = roles["roles"].as_array().context("roles")?.iter();
    let role = roles.find(|role| role["type"] == "authenticated").context("the role")?["id"].clone();
    load(CUSTOMERS, |n| {
        let user = customer(n);
        let body = json!({
            "username": user, "email": format!("{user}@example.com"), "password": PASSWORD, "role": role, "emailVerified": true,
        });
        let created = bench.program.send(Method::POST, "/api/users", &body)?;
        anyhow::ensure!(created.status == 201, "a user: {}", created.body);
        let order = json!({
            "definition": "klantreis", "customer": user, "title": format!("Car {n}"), "mailOptOut": true, "phase": "orderbevestiging",
        });
        bench.root.send(Method::POST, "/api/journey/start", &order)?.into_data("a journey").map(drop)
    })
}

fn customer(n: usize) -> String {
    format!("customer{n:05}")
}

fn sign_in(bench: &BenchServer, n: usize) -> Result<Api> {
    let body = json!({ "identifier": customer(n), "password": PASSWORD });
    let session: Value = bench.visitor.send(Method::POST, "/api/auth/local", &body)?.body;
    let token = session["jwt"].as_str().with_context(|| format!("no token: {session}"))?;
    Ok(Api::new(&bench.server.base, Some(token)))
}
