//! `cargo xtask bench --searches`: how long a knowledge base of 10,000 articles takes to answer visitors, over HTTP.
//!
//! The articles are made of those of the relevance bench, and the queries are its queries: what customers type.

use super::options::Args;
use crate::api::{Api, encode_query};
use crate::build::Profile;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, wasm};
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// Articles of the knowledge base.
const ARTICLES: usize = 10_000;
/// Requests of each case before those that count.
const WARMUP_REQUESTS: usize = 20;
/// Requests of each case that count.
const MEASURED_REQUESTS: usize = 400;
/// How long the index may take to be built.
const INDEX_TIMEOUT: Duration = Duration::from_secs(120);
/// Of the server's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";

/// Request that is measured, and its goal.
struct SearchCase {
    name: &'static str,
    /// Goal for the 95th percentile: milliseconds at most.
    target: f64,
    /// The path of a request for a text.
    path: fn(&str) -> String,
}

const CASES: [SearchCase; 4] = [
    SearchCase {
        name: "search, counted",
        target: 20.0,
        path: |text| format!("/api/kb/search?q={}", encode_query(text)),
    },
    SearchCase {
        name: "search, second page",
        target: 20.0,
        path: |text| format!("/api/kb/search?page=2&q={}", encode_query(text)),
    },
    // Few articles have the last word: those with some of the words are looked for as well.
    SearchCase {
        name: "search with few hits",
        target: 20.0,
        path: |text| format!("/api/kb/search?page=2&q={}", encode_query(&format!("{text} 4711"))),
    },
    SearchCase {
        name: "suggestions",
        target: 10.0,
        path: |text| format!("/api/kb/suggest?q={}", encode_query(&unfinished(text))),
    },
];

/// Measures all cases. Returns an error if the server cannot be set up or does not answer.
pub(super) fn run(args: &Args) -> Result<()> {
    wasm::build_components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    let project = paths::scratch_folder("bench-searches")?;
    let command = ServerCommand {
        binary,
        listen: free_address()?,
        env: Vec::new(),
        log: Some(project.join("cairn.log")),
        project,
    };
    let server = start_server(&command)?;
    let bench = paths::repository_root().join("core/search/benches/relevance");
    let read = |name: &str| -> Result<Vec<Value>> { Ok(serde_json::from_str(&fs::read_to_string(bench.join(name))?)?) };
    let articles = read("articles.nl.json")?;
    let queries = read("queries.nl.json")?;
    let queries: Vec<&str> = queries.iter().filter_map(|query| query["q"].as_str()).collect();
    load_articles(&Api::new(&server.base, Some(TOKEN)), &articles)?;
    let visitor = Api::new(&server.base, None);
    wait_for_index(&visitor)?;
    println!("{ARTICLES} articles, {MEASURED_REQUESTS} requests each, one at a time");
    for SearchCase { name, target, path } in CASES {
        let mut times = Vec::with_capacity(MEASURED_REQUESTS);
        for (n, text) in queries.iter().cycle().take(WARMUP_REQUESTS + MEASURED_REQUESTS).enumerate() {
            let (path, began) = (path(text), Instant::now());
            visitor.get(&path)?.into_data(&path)?;
            if n >= WARMUP_REQUESTS {
                times.push(began.elapsed());
            }
        }
        times.sort_unstable();
        let percentile = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        println!(
            "{name:22} p50 {:6.1} ms   p95 {:6.1} ms   target of p95 {target:4.1} ms",
            percentile(50),
            percentile(95)
        );
    }
    server.stop()
}

/// A server with the knowledge base, whose routes have no limits that one visitor reaches.
fn start_server(command: &ServerCommand) -> Result<ServerProcess> {
    let settings = command.project.join("settings.json");
    let token = json!({ "name": "bench", "type": "full-access", "token": TOKEN });
    let locales = json!({ "default": "nl", "available": ["nl", "en"] });
    fs::write(&settings, json!({ "locales": locales, "apiTokens": [token] }).to_string())?;
    command.apply_settings(&settings)?;
    let package = pack_plugin(&command.binary, "plugins/knowledge-base", None, |manifest| raise_rates(&manifest))?;
    install_package(&command.binary, &command.project, &package, &["--unsigned"])?;
    command.start()
}

/// A manifest whose routes have no limits that one visitor reaches.
pub(super) fn raise_rates(manifest: &str) -> String {
    let raise = |line: &str| match line.starts_with("rate = ") {
        true => "rate = { per = \"ip\", limit = 100000, every = \"1m\" }\n".to_owned(),
        false => format!("{line}\n"),
    };
    manifest.lines().map(raise).collect()
}

/// Publishes the articles: each has the text of one of the sample and the text of another.
fn load_articles(api: &Api, sample: &[Value]) -> Result<()> {
    for n in 0..ARTICLES {
        let (first, second) = (&sample[n % sample.len()], &sample[(n * 7 + n / sample.len()) % sample.len()]);
        let text = |article: &Value, field: &str| article[field].as_str().unwrap_or_default().to_owned();
        let article = json!({ "data": {
            "title": format!("{} {n}", text(first, "title")),
            "slug": format!("article-{n}"),
            "language": "nl",
            "tags": text(first, "tags"),
            "body": format!("{}\n\n{}", text(first, "body"), text(second, "body")),
        } });
        api.send(Method::POST, "/api/kb/articles", &article)?.into_data("an article")?;
    }
    Ok(())
}

/// Waits until a search is answered: the first ones find an index that is being built.
fn wait_for_index(visitor: &Api) -> Result<()> {
    let began = Instant::now();
    loop {
        let answer = visitor.get("/api/kb/search?q=auto")?;
        match answer.status {
            200 => return Ok(()),
            503 if began.elapsed() < INDEX_TIMEOUT => thread::sleep(Duration::from_millis(500)),
            status => bail!("the search: status {status}, {}", answer.body),
        }
    }
}

/// A text whose last word is cut off after three letters at least, as it is while somebody types.
fn unfinished(text: &str) -> String {
    let letters = text.chars().count();
    text.chars().take((letters * 3 / 4).max(3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_the_manifest_are_raised() {
        let manifest = fs::read_to_string(paths::repository_root().join("plugins/knowledge-base/plugin.toml")).unwrap();
        let raised = raise_rates(&manifest);
        let rates = |text: &str| text.lines().filter(|line| line.starts_with("rate = ")).count();
        assert_eq!(rates(&raised), rates(&manifest));
        let route = raised.split("name = \"search\"\n").nth(1).unwrap();
        assert!(route.contains("limit = 100000"), "{route}");
    }

    #[test]
    fn texts_are_cut_as_they_are_typed() {
        assert_eq!(unfinished("aanbetaling"), "aanbetal");
        assert_eq!(unfinished("f22"), "f22");
    }
}
