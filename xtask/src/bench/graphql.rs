//! `cargo xtask bench --graphql`: a query of four relations beside the same REST request, on the content types of the conformance suite. By the
//! processor time of the server, with the cache of responses off. With `--compare` in turns with a Strapi that has the GraphQL plugin:
//! `core/server/tests/graphql-contract/record.sh install` puts it into `$CONTRACT`.

use super::options::Args;
use super::table::markdown_table;
use crate::api::Api;
use crate::build::{self, Profile};
use crate::paths;
use crate::process::run_checked;
use crate::server::{ServerCommand, ServerProcess, free_address, read_processor_time};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use ureq::http::Method;

/// Turns of each kind of request; the median counts.
const TURNS: usize = 7;
/// Requests of a turn. Processor time is counted in hundredths of a second, which must be little beside it.
const CAIRN_REQUESTS: u32 = 1_000;
const STRAPI_REQUESTS: u32 = 60;
/// Requests before each turn.
const WARM_UP: u32 = 20;
/// Entries of a page.
const PAGE: usize = 25;
/// Most that a query may cost beside the REST request, and how much less than Strapi's it has to.
const MOST_OF_REST: f64 = 1.3;
const LEAST_OF_STRAPI: f64 = 30.0;
/// Of Cairn's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";
const STRAPI_PORT: &str = "1457";

const FIELDS: &str = "documentId title pages genre { documentId name } writers { documentId name } related { documentId title } reviews { documentId text }";

/// How the entries are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QueryForm {
    Rest,
    /// With the condition as a variable, as clients send it: the document is the same each time.
    Variables,
    /// With the condition in the document, which is another one each time.
    Literals,
}

const ALL: [QueryForm; 3] = [QueryForm::Rest, QueryForm::Variables, QueryForm::Literals];

impl QueryForm {
    fn name(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Variables => "GraphQL, one document",
            Self::Literals => "GraphQL, a new document each time",
        }
    }
}

/// A server that is asked.
struct Peer {
    name: &'static str,
    api: Api,
    pid: u32,
    requests: u32,
    /// Makes each condition another one: what depends on the request alone is not remembered.
    sent: i64,
}

/// Measures Cairn, and Strapi with `--compare`. Returns an error if a server cannot be set up, or the costs are beyond the targets.
pub(super) fn run(args: &Args) -> Result<()> {
    let Some(conformance) = paths::shared_folder("conformance") else {
        println!("left out: GraphQL (conformance/ is neither in $CAIRN_SHARED nor in ../shared)");
        return Ok(());
    };
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_server(Profile::Release)?,
    };
    let strapi = args.compare.then(|| StrapiPeer::start(&conformance)).transpose()?;
    let server = start_cairn(&conformance, binary)?;
    let mut peers = vec![Peer {
        name: "Cairn",
        api: Api::new(&server.base, Some(TOKEN)),
        pid: server.pid(),
        requests: CAIRN_REQUESTS,
        sent: 0,
    }];
    if let Some(strapi) = &strapi {
        peers.push(strapi.peer()?);
    }
    let mut costs: Vec<[Vec<f64>; 3]> = Vec::new();
    for peer in &mut peers {
        fill(&peer.api).with_context(|| peer.name)?;
        costs.push(Default::default());
    }
    for _ in 0..TURNS {
        for (peer, costs) in peers.iter_mut().zip(&mut costs) {
            for (form, costs) in ALL.into_iter().zip(costs) {
                costs.push(run_turn(peer, form)?);
            }
        }
    }
    let medians: Vec<[f64; 3]> = costs.into_iter().map(|costs| costs.map(median)).collect();
    let mut rows = String::new();
    for (peer, costs) in peers.iter().zip(&medians) {
        for (form, cost) in ALL.into_iter().zip(costs) {
            rows += &format!("{}, {}\t{cost:.3}\t{:.2}\n", peer.name, form.name(), cost / costs[0]);
        }
    }
    print!("{}", markdown_table(&["", "processor time of a request in ms", "beside REST"], &rows));
    server.stop()?;
    drop(strapi);
    check(&medians)
}

/// Compares the costs with the targets.
fn check(medians: &[[f64; 3]]) -> Result<()> {
    let [cairn, others @ ..] = medians else { bail!("nothing was measured") };
    let of_rest = cairn[1] / cairn[0];
    ensure!(of_rest <= MOST_OF_REST, "a query costs {of_rest:.2}x the REST request; the target is {MOST_OF_REST}x");
    for strapi in others {
        let less = strapi[1] / cairn[1];
        println!("Strapi's GraphQL costs {less:.1}x as much");
        ensure!(less >= LEAST_OF_STRAPI, "the target is {LEAST_OF_STRAPI}x");
    }
    Ok(())
}

fn start_cairn(conformance: &Path, binary: PathBuf) -> Result<ServerProcess> {
    let project = paths::scratch_folder("bench-graphql")?;
    paths::copy_dir(&conformance.join("src"), &project.join("src"))?;
    let settings = project.join("settings.json");
    let tokens = json!({ "apiTokens": [{ "name": "bench", "type": "full-access", "token": TOKEN }] });
    std::fs::write(&settings, tokens.to_string())?;
    let command = ServerCommand {
        binary,
        listen: free_address()?,
        env: vec![("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned())],
        log: Some(project.join("cairn.log")),
        project,
    };
    command.apply_settings(&settings)?;
    command.start()
}

/// A Strapi in `$CONTRACT`; stopped when dropped.
struct StrapiPeer {
    setup: PathBuf,
    contract: PathBuf,
}

impl StrapiPeer {
    fn start(conformance: &Path) -> Result<Self> {
        let contract = std::env::var_os("CONTRACT").map(PathBuf::from);
        let contract = contract.context("set CONTRACT to the folder of graphql-contract/record.sh install")?;
        ensure!(
            contract.join("app/node_modules/@strapi/plugin-graphql").is_dir(),
            "no Strapi with the GraphQL plugin in {}: core/server/tests/graphql-contract/record.sh install",
            contract.display()
        );
        let peer = Self { setup: conformance.join("setup.sh"), contract };
        run_checked(&mut peer.verb_command("fresh"))?;
        Ok(peer)
    }

    fn verb_command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.setup);
        command.arg(verb).env("CONTRACT", &self.contract).env("PORT", STRAPI_PORT);
        command
    }

    fn peer(&self) -> Result<Peer> {
        let read = |name: &str| super::read_word(&self.contract.join(name));
        Ok(Peer {
            name: "Strapi",
            api: Api::new(&format!("http://127.0.0.1:{STRAPI_PORT}"), Some(&read("full.token")?)),
            pid: read("strapi.pid")?.parse()?,
            requests: STRAPI_REQUESTS,
            sent: 0,
        })
    }
}

impl Drop for StrapiPeer {
    fn drop(&mut self) {
        if let Err(error) = run_checked(&mut self.verb_command("stop")) {
            eprintln!("xtask: {error:#}");
        }
    }
}

/// Creates a hundred books, each with a genre, two writers, three related books and three reviews.
fn fill(api: &Api) -> Result<()> {
    let create = |path: &str, data: Value| -> Result<Value> {
        let created = api.send(Method::POST, path, &json!({ "data": data }))?.into_data(path)?;
        Ok(created["documentId"].clone())
    };
    let create_all = |count: usize, path: &str, data: &dyn Fn(usize) -> Value| -> Result<Vec<Value>> {
        (0..count).map(|n| create(path, data(n))).collect()
    };
    let genres =
        create_all(5, "/api/genres", &|n| json!({ "name": format!("Genre {n}"), "slug": format!("genre-{n}") }))?;
    let writers = create_all(10, "/api/writers", &|n| json!({ "name": format!("Writer {n}") }))?;
    let mut books: Vec<Value> = Vec::new();
    for n in 0..100 {
        let data = json!({
            "title": format!("Book {n:03}"), "pages": 4_900 + n, "genre": genres[n % genres.len()],
            "writers": [writers[n % writers.len()], writers[(n + 3) % writers.len()]],
            "related": books[books.len().saturating_sub(3)..],
        });
        books.push(create("/api/books?status=published", data)?);
        for number in 0..3 {
            let data = json!({ "headline": format!("Review {number}"), "stars": 3, "text": format!("Text {number}"), "book": books[n] });
            create("/api/reviews?status=published", data)?;
        }
    }
    Ok(())
}

/// Sends the requests of a turn; the processor time of each in milliseconds.
fn run_turn(peer: &mut Peer, form: QueryForm) -> Result<f64> {
    for _ in 0..WARM_UP {
        ask(peer, form)?;
    }
    let before = read_processor_time(peer.pid)?;
    for _ in 0..peer.requests {
        ask(peer, form)?;
    }
    let took: Duration = read_processor_time(peer.pid)? - before;
    Ok(took.as_secs_f64() * 1e3 / f64::from(peer.requests))
}

fn ask(peer: &mut Peer, form: QueryForm) -> Result<()> {
    peer.sent -= 1;
    let (api, least) = (&peer.api, peer.sent);
    let query = |definition: &str, condition: &str| {
        format!(
            "query{definition} {{ books(filters: {{ pages: {{ gt: {condition} }} }}, sort: \"title\", pagination: {{ pageSize: {PAGE} }}) {{ {FIELDS} }} }}"
        )
    };
    let body = match form {
        QueryForm::Rest => {
            let answer = api.get(&format!(
                "/api/books?filters[pages][$gt]={least}&sort=title&pagination[pageSize]={PAGE}&fields[0]=title&fields[1]=pages\
                 &populate[genre][fields][0]=name&populate[writers][fields][0]=name&populate[related][fields][0]=title\
                 &populate[reviews][fields][0]=text"
            ))?;
            return check_page(&answer.body["data"], &answer.body);
        }
        QueryForm::Variables => json!({ "query": query("($least: Int)", "$least"), "variables": { "least": least } }),
        QueryForm::Literals => json!({ "query": query("", &least.to_string()) }),
    };
    let answer = api.send(Method::POST, "/graphql", &body)?;
    check_page(&answer.body["data"]["books"], &answer.body)
}

fn check_page(books: &Value, body: &Value) -> Result<()> {
    let is_page = books.as_array().is_some_and(|books| {
        books.len() == PAGE && books[5]["related"].as_array().is_some_and(|related| related.len() == 3)
    });
    ensure!(is_page, "a page of books with their relations: {body}");
    Ok(())
}

fn median(mut costs: Vec<f64>) -> f64 {
    costs.sort_by(f64::total_cmp);
    costs[costs.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_beyond_the_targets_are_errors() {
        assert!(check(&[[1.0, 1.3, 2.0]]).is_ok());
        assert!(check(&[[1.0, 1.31, 1.0]]).is_err());
        assert!(check(&[[1.0, 1.0, 1.0], [9.0, 31.0, 31.0]]).is_ok());
        assert!(check(&[[1.0, 1.0, 1.0], [9.0, 29.0, 31.0]]).is_err());
        assert!(check(&[]).is_err());
    }
}
