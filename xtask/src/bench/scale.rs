//! `cargo xtask bench --scale`: the same requests on 2,000 entries and on many, side by side.
//!
//! Both servers run at the same time and are asked alternately, one request at a time, so that whatever else the machine
//! does meets both. The many are copies of the 2,000 with components, zones and relations, made by the store's bulk path.

use super::connection::Connection;
use super::options::Args;
use super::table::markdown_table;
use crate::build::Profile;
use crate::database::{DATABASE_VARIABLE, Database};
use crate::postgres::{Cluster, Durability};
use crate::process::{cargo_command, run_checked};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{build, paths, prerequisites};
use anyhow::{Context, Result, bail};
use rand::Rng;
use rand::seq::IndexedRandom;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Entries of the small side: what the shared bench's seeder makes.
const SMALL_ENTRIES: u64 = 2_000;
/// Entries of a page.
const PAGE_SIZE: u64 = 25;
/// Documents that single entries are read and published from.
const SAMPLED_DOCUMENTS: usize = 200;
/// Requests of each case before those that count, and those that count, on each side.
const WARMUP_REQUESTS: usize = 20;
const MEASURED_REQUESTS: usize = 400;
/// A case ends earlier where it has taken this long on one side.
const MAX_CASE_TIME: Duration = Duration::from_secs(10);

/// Request that is measured, and its goal.
struct ScaleCase {
    name: &'static str,
    /// How much slower than on the small side the median may be.
    asked: FigureGoal,
    request: fn(&ScaleSide, &mut rand::rngs::ThreadRng) -> (&'static str, String, String),
}

/// Goal for a figure.
enum FigureGoal {
    /// At most so many times the median of the small side.
    Times(f64),
    /// At most so many milliseconds.
    Millis(f64),
    /// Nothing: for information.
    Nothing,
}

const SCALE_CASES: [ScaleCase; 10] = [
    ScaleCase {
        name: "one by documentId",
        asked: FigureGoal::Times(2.0),
        request: |side, rng| get_request(format!("/{}", side.random_document(rng))),
    },
    ScaleCase {
        name: "first page",
        asked: FigureGoal::Times(2.0),
        request: |_, _| get_request(format!("?{}", page_query(1))),
    },
    ScaleCase {
        name: "two filters and a sort, indexed (c)",
        asked: FigureGoal::Times(2.0),
        request: |_, _| {
            get_request(format!(
                "?filters[featured][$eq]=true&filters[views][$gte]=5000&sort=views:desc&{}",
                page_query(1)
            ))
        },
    },
    ScaleCase {
        name: "four attributes populated (d)",
        asked: FigureGoal::Times(2.0),
        request: |_, _| {
            get_request(format!(
                "?populate[0]=author&populate[1]=categories&populate[2]=seo&populate[3]=blocks&{}",
                page_query(1)
            ))
        },
    },
    ScaleCase {
        name: "total",
        asked: FigureGoal::Times(2.0),
        request: |_, _| get_request("?pagination[pageSize]=1&fields[0]=slug".into()),
    },
    ScaleCase {
        name: "total of a filter not asked before",
        asked: FigureGoal::Nothing,
        request: |_, rng| {
            let (from, to) = (rng.random_range(0..5_000), rng.random_range(5_000..10_000));
            get_request(format!(
                "?filters[featured][$eq]=true&filters[views][$between]={from}&filters[views][$between]={to}&pagination[pageSize]=1"
            ))
        },
    },
    ScaleCase {
        name: "a page in the middle",
        asked: FigureGoal::Nothing,
        request: |side, _| get_request(format!("?{}", page_query(side.entries / PAGE_SIZE / 2))),
    },
    ScaleCase {
        name: "page 20,000 (small side: the last)",
        asked: FigureGoal::Millis(100.0),
        request: |side, _| get_request(format!("?{}", page_query((side.entries / PAGE_SIZE).min(20_000)))),
    },
    ScaleCase {
        name: "publish one entry",
        asked: FigureGoal::Times(1.5),
        request: |side, rng| {
            let body = serde_json::json!({ "data": { "summary": format!("{:x}", rng.random::<u64>()) } });
            ("PUT", format!("/api/articles/{}", side.random_document(rng)), body.to_string())
        },
    },
    ScaleCase {
        name: "create one entry",
        asked: FigureGoal::Nothing,
        request: |_, rng| {
            let mark = format!("{:x}", rng.random::<u64>());
            let body = serde_json::json!({ "data": {
                "title": "Scale", "slug": format!("scale-{mark}"), "views": 1, "seo": { "metaTitle": mark },
                "blocks": [{ "__component": "blocks.quote", "text": "A quote.", "by": "Someone" }],
            } });
            ("POST", "/api/articles".into(), body.to_string())
        },
    },
];

fn get_request(rest: String) -> (&'static str, String, String) {
    // Brackets and blanks in a request line are nothing that every proxy would pass on; this is none.
    ("GET", format!("/api/articles{rest}"), String::new())
}

fn page_query(page: u64) -> String {
    format!("pagination[page]={page}&pagination[pageSize]={PAGE_SIZE}")
}

/// Builds both sides, measures and prints the table. Returns an error if a step fails, or a figure is not what it has to be.
pub(super) fn run(args: &Args) -> Result<()> {
    let Some(bench) = paths::shared_folder("bench") else {
        println!("left out: bench/ is neither in $CAIRN_SHARED nor in ../shared");
        return Ok(());
    };
    if args.entries < SMALL_ENTRIES {
        bail!("--entries: must be at least {SMALL_ENTRIES}");
    }
    prerequisites::require_tools(&[prerequisites::NODE])?;
    let binary = match &args.binary {
        Some(binary) => binary.canonicalize().with_context(|| binary.display().to_string())?,
        None => build::build_server(Profile::Release)?,
    };
    let cluster = match args.database {
        Database::Sqlite => None,
        // Full durability is what operators have, so durable writes are measured.
        Database::Postgres => Some(Cluster::throw_away(Durability::Full)?),
    };
    let scratch = paths::scratch_folder("scale")?;
    let mut sides = Vec::new();
    for entries in [SMALL_ENTRIES, args.entries] {
        let project = scratch.join(format!("{entries}-{}", sides.len()));
        let url = cluster.as_ref().map(|cluster| format!("{}?schema=side_{}", cluster.url(), sides.len()));
        sides.push(ScaleSide::build_side(&bench, &binary, &project, url, entries)?);
    }
    let rows = SCALE_CASES.iter().map(|case| Ok((case, measure_case(case, &sides)?))).collect::<Result<Vec<_>>>()?;
    let missed = print_table(&rows, args);
    for side in sides {
        side.server.stop()?;
    }
    // Gigabytes that nobody looks at again.
    std::fs::remove_dir_all(&scratch)?;
    if missed > 0 {
        bail!("{missed} figures missed their targets");
    }
    Ok(())
}

/// A server with its entries.
struct ScaleSide {
    server: ServerProcess,
    token: String,
    entries: u64,
    documents: Vec<String>,
}

impl ScaleSide {
    fn build_side(bench: &Path, binary: &Path, project: &Path, url: Option<String>, entries: u64) -> Result<Self> {
        paths::copy_dir(&bench.join("content-types"), &project.join("content-types"))?;
        let token: String = rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut env = vec![("BENCH_TOKEN".to_owned(), token.clone())];
        // The work itself, not what is remembered of it.
        env.push(("CAIRN_RESPONSE_CACHE".to_owned(), "off".to_owned()));
        env.extend(url.clone().map(|url| (DATABASE_VARIABLE.to_owned(), url)));
        let boot = ServerCommand {
            binary: binary.to_owned(),
            project: project.to_owned(),
            listen: free_address()?,
            env,
            log: Some(project.join("cairn.log")),
        };
        boot.apply_settings(&bench.join("cairn-settings.json"))?;
        let server = boot.start()?;
        run_checked(Command::new("node").arg(bench.join("seed.mjs")).env("BASE", &server.base).env("TOKEN", &token))?;
        let mut side = Self { server, token, entries, documents: Vec::new() };
        if entries > SMALL_ENTRIES {
            side.server.stop()?;
            let started = Instant::now();
            grow_entries(project, url.as_deref(), entries)?;
            println!("scale: {entries} entries after {:.0} s", started.elapsed().as_secs_f64());
            side.server = boot.start()?;
            println!("scale: ready after {} ms", side.server.ready_after.as_millis());
        }
        side.documents = side.some_documents()?;
        Ok(side)
    }

    fn connect(&self) -> Result<Connection> {
        Connection::open(self.server.base.trim_start_matches("http://"), &self.token)
    }

    fn random_document(&self, rng: &mut impl Rng) -> &str {
        self.documents.choose(rng).map_or("", String::as_str)
    }

    /// Documents from all over the table.
    fn some_documents(&self) -> Result<Vec<String>> {
        let mut connection = self.connect()?;
        let mut found = Vec::new();
        while found.len() < SAMPLED_DOCUMENTS {
            let page = rand::rng().random_range(1..=self.entries / 10);
            let path = format!("/api/articles?fields[0]=slug&pagination[page]={page}&pagination[pageSize]=10");
            let list: Value = serde_json::from_slice(&connection.time_request("GET", &path, "")?.1)?;
            let total = &list["meta"]["pagination"]["total"];
            if total.as_u64() != Some(self.entries) {
                bail!("{total} entries instead of {}", self.entries);
            }
            let entries = list["data"].as_array().into_iter().flatten();
            found.extend(entries.filter_map(|entry| entry["documentId"].as_str()).map(str::to_owned));
        }
        Ok(found)
    }
}

/// Copies of the entries that are there, by the store's bulk path.
fn grow_entries(project: &Path, url: Option<&str>, entries: u64) -> Result<()> {
    let mut grow = cargo_command();
    grow.args(["run", "--quiet", "--release", "--package", "cairn-store", "--example", "grow", "--"]);
    grow.arg(project).args(["api::article.article", &entries.to_string()]).args(url);
    run_checked(&mut grow)
}

/// Median and 99th percentile, in milliseconds.
#[derive(Clone, Copy)]
struct CaseFigures {
    p50: f64,
    p99: f64,
}

impl CaseFigures {
    fn from_times(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |share: usize| {
            times.get((times.len() * share / 100).min(times.len() - 1)).map_or(0.0, |t| t.as_secs_f64() * 1e3)
        };
        Self { p50: at(50), p99: at(99) }
    }
}

/// A case on both sides, alternately.
fn measure_case(case: &ScaleCase, sides: &[ScaleSide]) -> Result<Vec<CaseFigures>> {
    let mut rng = rand::rng();
    let mut connections = sides.iter().map(ScaleSide::connect).collect::<Result<Vec<_>>>()?;
    let mut times = vec![Vec::new(); sides.len()];
    let mut spent = vec![Duration::ZERO; sides.len()];
    for round in 0..WARMUP_REQUESTS + MEASURED_REQUESTS {
        if spent.iter().any(|spent| *spent > MAX_CASE_TIME) && times.iter().all(|times| times.len() > WARMUP_REQUESTS) {
            break;
        }
        for (i, side) in sides.iter().enumerate() {
            let (method, path, body) = (case.request)(side, &mut rng);
            let (took, _) = connections[i].time_request(method, &path, &body).with_context(|| case.name)?;
            spent[i] += took;
            if round >= WARMUP_REQUESTS {
                times[i].push(took);
            }
        }
    }
    Ok(times.into_iter().map(CaseFigures::from_times).collect())
}

/// Prints the table; how many figures are not what they have to be.
fn print_table(rows: &[(&ScaleCase, Vec<CaseFigures>)], args: &Args) -> usize {
    let mut lines = String::new();
    let mut missed = 0;
    for (case, figures) in rows {
        let [small, large] = figures[..] else { continue };
        let ratio = large.p50 / small.p50;
        let (goal, good) = match case.asked {
            FigureGoal::Times(most) => (format!("{most}x"), ratio <= most),
            FigureGoal::Millis(most) => (format!("{most} ms"), large.p50 <= most),
            FigureGoal::Nothing => (String::new(), true),
        };
        missed += usize::from(!good);
        let mark = if good { "" } else { " **missed**" };
        lines += &format!(
            "{}\t{:.3}\t{:.3}\t{:.3}\t{:.3}\t{ratio:.2}x\t{goal}{mark}\n",
            case.name, small.p50, small.p99, large.p50, large.p99
        );
    }
    let (small, large) = (format!("{SMALL_ENTRIES}: p50 ms"), format!("{}: p50 ms", args.entries));
    println!("\n# {}, one request at a time, response cache off", args.database);
    print!("{}", markdown_table(&["case", &small, "p99", &large, "p99", "p50 grows", "asked"], &lines));
    missed
}
