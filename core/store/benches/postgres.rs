//! PostgreSQL seen from a client: reads of one and of 25 articles, a write, and eight readers at once, directly and through a proxy that
//! adds a millisecond each way. Prints processor time of this process and the median latency of each case.
//! `CAIRN_TEST_DATABASE_URL=postgres://… cargo bench -p cairn-store --bench postgres`

use cairn_model::Value;
use cairn_query::{Access, Action, Query, QueryLimits, QueryRequest};
use cairn_store::content::NewDocumentRow;
use cairn_store::{Database, Store, StoreError, StoreOptions, WriteTx};
use std::collections::HashMap;
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

type AnyError = Box<dyn Error>;

const ARTICLES: u64 = 200;
const READERS: u32 = 8;
const AT: &str = "2025-01-01T10:00:00.000Z";
/// Length of a tick of `/proc/self/stat`.
const TICK_MS: f64 = 10.0;
const PROXY_DELAY: Duration = Duration::from_millis(1);

/// Numbers the documents that are written.
static NEXT_DOCUMENT: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<(), AnyError> {
    let Ok(url) = std::env::var("CAIRN_TEST_DATABASE_URL") else {
        report("CAIRN_TEST_DATABASE_URL is not set: nothing to measure");
        return Ok(());
    };
    let rounds = std::env::var("CAIRN_BENCH_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let schema = format!("bench_{}", std::process::id());
    let direct = open_store(&url, &schema)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for _ in 0..ARTICLES {
        runtime.block_on(direct.write(insert_article))?;
    }
    measure_cases("direct", &direct, &runtime, rounds)?;
    let proxied = open_store(&through_proxy(&url)?, &schema)?;
    measure_cases("1 ms proxy", &proxied, &runtime, rounds / 10)?;
    drop((direct, proxied));
    Database::parse(&with_schema(&url, &schema), Path::new("."))?.erase()?;
    Ok(())
}

#[allow(clippy::print_stdout)]
fn report(line: &str) {
    println!("{line}");
}

fn with_schema(url: &str, schema: &str) -> String {
    format!("{url}{}schema={schema}", if url.contains('?') { '&' } else { '?' })
}

fn open_store(url: &str, schema: &str) -> Result<Store, AnyError> {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model");
    let loaded =
        cairn_model::load::load_project(&model).map_err(|p| format!("{} problems in the sample model", p.len()))?;
    let database = Database::parse(&with_schema(url, schema), Path::new("."))?;
    Ok(Store::open(StoreOptions { database }, Arc::new(loaded.registry))?)
}

fn measure_cases(link: &str, store: &Store, runtime: &tokio::runtime::Runtime, rounds: u32) -> Result<(), AnyError> {
    let access = Access::full();
    let registry = store.registry();
    let content_type = registry.by_route("articles").ok_or("no articles in the sample model")?.id;
    let plan = |action, query: &str| -> Result<_, AnyError> {
        let limits = QueryLimits::default();
        let request = QueryRequest {
            registry,
            access: &access,
            content_type,
            action,
            default_locale: "en",
            limits,
            lenient: false,
        };
        let planned = cairn_query::plan_query(&request, &Query::from_text(query))?;
        let stamp = store.counters().stamp(&planned.touched);
        Ok((store.compile_plan(&planned.plan, "en"), stamp))
    };
    let (one, _) = plan(Action::FindOne, "")?;
    let read_one = |n: u64| {
        let id = format!("article{}", n % ARTICLES);
        store.read(|r| r.entries().write_one(&one, &id, &mut Vec::with_capacity(4 << 10))).map(drop)
    };
    let page = "pagination[pageSize]=25&pagination[withCount]=false";
    let (list, list_stamp) = plan(Action::Find, page)?;
    let read_list =
        |_: u64| store.read(|r| r.entries().write_list(&list, list_stamp, &mut Vec::with_capacity(64 << 10))).map(drop);
    let (populated, populated_stamp) = plan(Action::Find, &format!("{page}&populate=*"))?;
    let read_populated = |_: u64| {
        store.read(|r| r.entries().write_list(&populated, populated_stamp, &mut Vec::with_capacity(64 << 10))).map(drop)
    };
    let write = |_: u64| runtime.block_on(store.write(insert_article));

    measure(link, "read 1 row", 1, rounds, read_one)?;
    measure(link, "read 25 rows", 1, rounds, read_list)?;
    measure(link, "read 25 rows, populate all", 1, rounds / 4, read_populated)?;
    measure(link, "write 1 article", 1, rounds / 4, write)?;
    measure(link, "8 readers of 25 rows", READERS, rounds / 4, read_list)?;
    Ok(())
}

/// Runs a case on so many threads, after a tenth of the rounds to warm up.
fn measure(
    link: &str,
    case: &str,
    threads: u32,
    rounds: u32,
    run: impl Fn(u64) -> Result<(), StoreError> + Sync,
) -> Result<(), AnyError> {
    let run_rounds = |rounds: u32| -> Result<Vec<Duration>, StoreError> {
        (0..u64::from(rounds))
            .map(|n| {
                let begin = Instant::now();
                run(n).map(|()| begin.elapsed())
            })
            .collect()
    };
    let run_threads = |rounds: u32| -> Result<Vec<Duration>, AnyError> {
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| run_rounds(rounds))).collect();
            let mut all = Vec::new();
            for thread in running {
                all.extend(thread.join().map_err(|_| "a reader panicked")??);
            }
            Ok(all)
        })
    };
    run_threads(rounds / 10)?;
    let before = processor_ms()?;
    let mut times = run_threads(rounds)?;
    let processor = (processor_ms()? - before) / times.len() as f64;
    times.sort_unstable();
    let median = times[times.len() / 2].as_secs_f64() * 1_000.0;
    report(&format!("{link:<12} {case:<28} cpu {processor:.4} ms   p50 {median:.3} ms"));
    Ok(())
}

/// Processor time of this process: fields 14 and 15 of `/proc/self/stat`, in ticks.
fn processor_ms() -> Result<f64, AnyError> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: f64 = after_name.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
    Ok(ticks * TICK_MS)
}

fn insert_article(tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
    let missing = || StoreError::Schema("no articles in the sample model".to_owned());
    let registry = tx.registry();
    let content_type = registry.by_route("articles").ok_or_else(missing)?;
    let n = NEXT_DOCUMENT.fetch_add(1, Ordering::Relaxed);
    let mut row = NewDocumentRow {
        id: 0,
        document_id: format!("article{n}"),
        locale: String::new(),
        published: true,
        created_at: AT.to_owned(),
        updated_at: AT.to_owned(),
        published_at: Some(AT.to_owned()),
        version: 0,
        values: vec![Value::Null; content_type.attributes.len()],
        to_one: HashMap::new(),
    };
    for (name, value) in [
        ("title", Value::Text(format!("Title {n}"))),
        ("slug", Value::Text(format!("title-{n}"))),
        ("body", Value::Text("Lorem ipsum dolor sit amet. ".repeat(16))),
        ("views", Value::Int(n as i64)),
        ("price", Value::Text("9.5".to_owned())),
        ("issuedOn", Value::Text("2024-05-06".to_owned())),
    ] {
        row.values[content_type.attributes.get(name).map(|(id, _)| id).ok_or_else(missing)?] = value;
    }
    tx.documents().insert_row(content_type.id, &row).map(drop)
}

/// The URL of a proxy to the same server, which holds each packet back for [`PROXY_DELAY`].
fn through_proxy(url: &str) -> Result<String, AnyError> {
    let (_, rest) = url.rsplit_once('@').ok_or("the URL has no user")?;
    let server = rest.split(['/', '?']).next().unwrap_or_default().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let target = server.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&target) else { continue };
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            if let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) {
                forward(from, to);
            }
            forward(server, client);
        }
    });
    Ok(url.replacen(&format!("@{server}"), &format!("@{address}"), 1))
}

fn forward(mut from: TcpStream, mut to: TcpStream) {
    let (sender, receiver) = channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        for (due, bytes) in receiver {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&bytes).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        let mut buffer = [0; 64 << 10];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            if sender.send((Instant::now() + PROXY_DELAY, buffer[..n].to_vec())).is_err() {
                break;
            }
        }
    });
}
