//! Writing: an article with a component and a zone is made and published, through the whole use-case and to the disk,
//! by one client and by eight at once (who share commits); also without events, and without history, to tell what these
//! cost. `cargo bench -p cairn-content`; on the PostgreSQL of `CAIRN_BENCH_DATABASE_URL` where that is set, in a schema of its own.
//! With `CAIRN_BENCH_CREATES` one client makes that number of articles and nothing is timed, for profilers: instructions of one create
//! are the difference between two such numbers (`valgrind --tool=callgrind`)

use cairn_access::{AccessControl, Passwords, SecretKey, SystemClock};
use cairn_content::{Content, RecordingLevel, RequestContext};
use cairn_model::TypeId;
use cairn_query::{Access, Query};
use cairn_store::{Database, Store, StoreOptions};
use serde_json::{Value as Json, json};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use tokio::task::JoinSet;

const VARIANTS: [(&str, RecordingLevel); 3] = [
    ("create", RecordingLevel::All),
    ("create without events", RecordingLevel::History),
    ("create, rows alone", RecordingLevel::Nothing),
];
const ROUNDS: usize = 25;
/// Articles that each client makes in a round.
const ARTICLES: usize = 100;

/// Every article has a slug of its own.
static MADE: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model");
    let loaded =
        cairn_model::load::load_project(&model).map_err(|p| format!("{} problems in the sample model", p.len()))?;
    let schema = format!("write_{:x}", std::process::id());
    let url = std::env::var("CAIRN_BENCH_DATABASE_URL")
        .map_or_else(|_| "sqlite:cairn.db".to_owned(), |url| format!("{url}?schema={schema}"));
    let database = Database::parse(&url, folder.path())?;
    let store = Store::open(StoreOptions { database }, Arc::new(loaded.registry))?;
    let articles = store.registry().by_route("articles").ok_or("no articles in the sample model")?.id;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let secret = SecretKey::load(None, folder.path())?;
    let open = AccessControl::open(store, &secret, "default", Passwords::new(1), Arc::new(SystemClock));
    let content = Content::new(runtime.block_on(open)?);
    runtime.block_on(create(&content, articles))?;
    if let Ok(number) = std::env::var("CAIRN_BENCH_CREATES") {
        for _ in 0..number.parse()? {
            runtime.block_on(create(&content, articles))?;
        }
        return Ok(());
    }

    let mut out = std::io::stdout().lock();
    for clients in [1, 8] {
        // Variants alternate in every round, so that other load on the machine affects all of them.
        let mut took: Vec<Vec<f64>> = vec![Vec::new(); VARIANTS.len()];
        for _ in 0..ROUNDS {
            for (times, (_, level)) in took.iter_mut().zip(VARIANTS) {
                times.push(runtime.block_on(round(&content.clone().with_recording(level), articles, clients))?);
            }
        }
        let medians: Vec<f64> = took.iter_mut().map(|times| median(times)).collect();
        for ((name, _), time) in VARIANTS.iter().zip(&medians) {
            let share = 100.0 * (time / medians[0]);
            let each = 1_000.0 / time;
            writeln!(out, "{clients} at once  {name:32}{time:8.3} ms for each  {each:7.0}/s  {share:4.0} %")?;
        }
    }
    Ok(())
}

/// Milliseconds for each article while `clients` write.
async fn round(content: &Content, articles: TypeId, clients: usize) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let mut all = JoinSet::new();
    for _ in 0..clients {
        let content = content.clone();
        all.spawn(async move {
            for _ in 0..ARTICLES {
                if create(&content, articles).await.is_err() {
                    return false;
                }
            }
            true
        });
    }
    if all.join_all().await.contains(&false) {
        return Err("an article was not made".into());
    }
    Ok(start.elapsed().as_secs_f64() * 1_000.0 / (clients * ARTICLES) as f64)
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn create(content: &Content, articles: TypeId) -> Result<(), cairn_content::ContentError> {
    let access = Arc::new(Access::full());
    let actor = Arc::new(cairn_store::events::Actor::public());
    let context = RequestContext {
        access: &access,
        content_type: articles,
        query: Query::empty(),
        default_locale: "en",
        actor: &actor,
    };
    content.create(context, Some(article(MADE.fetch_add(1, Ordering::Relaxed)))).await.map(drop)
}

/// The load test's article, on the sample model.
fn article(n: u64) -> Json {
    json!({ "data": {
        "title": format!("Bench {n}"),
        "slug": format!("bench-{n}"),
        "body": "# Bench\n\nOne article written by the load test.",
        "views": 1,
        "price": 9.5,
        "issuedOn": "2024-05-06",
        "featured": false,
        "seo": { "metaTitle": "Bench", "noIndex": true },
        "sections": [
            { "__component": "block.quote", "text": "A quote." },
            { "__component": "block.hero", "heading": "Some text." },
        ],
    } })
}
