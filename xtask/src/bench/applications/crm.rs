//! The CRM: the board of a pipeline with 10,000 deals, what its rules cost each change of a deal, and a burst of forms.

use super::load::{MEASURED_REQUESTS, load, print_times, time_requests};
use super::server::{BenchServer, read_id};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// Forms that are sent at once: as many as one address may send in a minute.
const FORMS: usize = 1_000;
/// Longest time until the last of their leads is there.
const LEADS_TIMEOUT: Duration = Duration::from_secs(120);
/// Deals of the pipeline.
const DEALS: usize = 10_000;
const DEAL: &str = "/admin/api/content/plugin::crm.deal";
/// Stages that a deal may be put into at once; most deals are in the first.
const STAGES: [&str; 3] = ["kwalificatie", "nieuwe-lead", "offerte"];

/// Measures it. Returns an error if the server cannot be set up or does not answer.
pub(super) fn run(binary: &Path) -> Result<()> {
    let bench = BenchServer::start(binary, "plugins/crm", "crm", Vec::new(), &[])?;
    let rows = |path: &str| -> Result<Vec<Value>> {
        let found = bench.root.get(path)?.into_data(path)?;
        Ok(found.as_array().context("a list")?.clone())
    };
    let pipelines = rows("/admin/api/content/plugin::crm.pipeline?filters[key]=bruiloften")?;
    let pipeline = read_id(pipelines.first().context("the pipeline")?)?;
    let path = format!(
        "/admin/api/content/plugin::crm.stage?filters[pipeline][documentId]={pipeline}&pagination[pageSize]=30"
    );
    let all = rows(&path)?;
    let stages: Result<Vec<String>> =
        STAGES.iter().map(|key| read_id(all.iter().find(|stage| stage["key"] == *key).context("a stage")?)).collect();
    let stages = stages?;
    load(DEALS, |n| {
        let stage = &stages[if n % 50 == 0 { 2 } else { usize::from(n % 3 == 0) }];
        let deal = json!({ "data": {
            "title": format!("Guest {n} – 2028-06-20"), "pipeline": pipeline, "stage": stage, "currency": "EUR",
            "eventDate": format!("2028-{:02}-{:02}", 1 + n % 12, 1 + n % 28), "amount": (n % 5_000) as f64 + 0.5, "ownerName": "Bart",
        } });
        bench.program.send(Method::POST, "/api/crm/deals", &deal)?.into_data("a deal").map(drop)
    })?;
    println!("CRM, {DEALS} deals, {MEASURED_REQUESTS} requests each, one at a time");

    // The requests are those of the admin: the page, the names of the columns, and the first cards of one of them.
    let column = |stage: &str| {
        format!(
            "{DEAL}?filters[$and][0][$and][0][pipeline][documentId][$eq]={pipeline}&filters[$and][0][$and][1][status][$ne]=lost\
             &filters[$and][1][stage][documentId][$eq]={stage}&sort[0]=eventDate:asc&sort[1]=createdAt:asc&fields[0]=title\
             &fields[1]=eventDate&fields[2]=amount&fields[3]=ownerName&pagination[page]=1&pagination[pageSize]=25"
        )
    };
    let cards = |path: &str| -> Result<()> {
        let found = bench.root.get(path)?;
        anyhow::ensure!(
            found.body["data"].as_array().is_some_and(|cards| cards.len() == 25),
            "25 cards: {}",
            found.body
        );
        Ok(())
    };
    let open_page = || -> Result<()> {
        let path = "/admin/api/plugins/crm/views/board";
        bench.root.send(Method::POST, path, &json!({ "parameters": {} }))?.into_data(path).map(drop)
    };
    let names = "/admin/api/content/plugin::crm.stage?fields[0]=name&sort[0]=name:asc&pagination[pageSize]=30";
    let largest = column(&stages[0]);
    print_times("the page", &time_requests(MEASURED_REQUESTS, |_| open_page())?, "");
    print_times("cards of the largest column", &time_requests(MEASURED_REQUESTS, |_| cards(&largest))?, "");
    let first_cards = time_requests(MEASURED_REQUESTS, |_| {
        open_page()?;
        bench.root.get(names)?.into_data(names)?;
        cards(&largest)
    })?;
    print_times("page, columns and first cards", &first_cards, "target of p95 50.00 ms");
    // A change of any deal makes the server count the column anew.
    let deals = rows(&format!("{DEAL}?fields[0]=title&pagination[pageSize]=100"))?;
    let ids: Result<Vec<String>> = deals.iter().map(read_id).collect();
    let ids = ids?;
    let change = |n: usize| -> Result<()> {
        let path = format!("/api/crm/deals/{}", ids[n % ids.len()]);
        let data = json!({ "data": { "title": format!("Guest, changed {n}") } });
        bench.program.send(Method::PUT, &path, &data)?.into_data("a change").map(drop)
    };
    print_times("a change of a deal", &time_requests(MEASURED_REQUESTS, change)?, "");
    let after = time_requests(MEASURED_REQUESTS, |n| {
        change(n)?;
        cards(&largest)
    })?;
    print_times("a change, then the cards", &after, "");
    bench.print_calls(&[("deals", 0.15), ("board", 50.0)])?;
    measure_burst(&bench)?;
    bench.server.stop()
}

/// Sends forms at once, each over a connection of its own, and waits for their leads. Returns an error if one of them is refused or lost.
fn measure_burst(bench: &BenchServer) -> Result<()> {
    bench.set_up(&json!({ "perMinute": FORMS, "forms": [{ "key": "burst", "pipeline": "bruiloften" }] }))?;
    let send = |n: usize| -> Result<Duration> {
        let form =
            json!({ "name": format!("Visitor {n}"), "email": format!("visitor{n}@example.nl"), "message": "Hello" });
        let began = Instant::now();
        bench.visitor.send(Method::POST, "/api/crm/intake/burst", &form)?.into_data("a form")?;
        Ok(began.elapsed())
    };
    let began = Instant::now();
    let mut times = thread::scope(|scope| {
        let send = &send;
        let visitors: Vec<_> = (0..FORMS).map(|n| scope.spawn(move || send(n))).collect();
        let times =
            visitors.into_iter().map(|visitor| visitor.join().map_err(|_| anyhow::anyhow!("a visitor ended"))?);
        times.collect::<Result<Vec<Duration>>>()
    })?;
    times.sort_unstable();
    let leads = "/admin/api/content/plugin::crm.lead?filters[form]=burst&pagination[pageSize]=1&fields[0]=name";
    let count = || Ok::<_, anyhow::Error>(bench.root.get(leads)?.body["meta"]["pagination"]["total"].as_u64());
    while count()? != Some(FORMS as u64) {
        anyhow::ensure!(began.elapsed() < LEADS_TIMEOUT, "{:?} leads of {FORMS} forms", count()?);
        thread::sleep(Duration::from_millis(100));
    }
    let (half, last) = (times[FORMS / 2], times[FORMS - 1]);
    println!(
        "{FORMS} forms at once: answered p50 {half:.2?}, the last {last:.2?}; all leads after {:.2?}",
        began.elapsed()
    );
    Ok(())
}
