//! Writing: an article with a component and a zone is made and published, through the whole use-case and to the disk,
//! by one client and by eight at once (who share commits); also without events, and without history, to tell what these
//! cost. `cargo bench -p cairn-content`; on the PostgreSQL of `CAIRN_BENCH_DATABASE_URL` where that is set, in a schema of its own

use cairn_access::{AccessControl, Passwords, SecretKey, SystemClock};
use cairn_content::{Ask, Content, Kept};
use cairn_model::TypeId;
use cairn_query::Access;
use cairn_store::{Database, Options, Store};
use criterion::{Criterion, Throughput};
use serde_json::{Value as Json, json};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;

/// Every article has a slug of its own.
static MADE: AtomicU64 = AtomicU64::new(0);

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../query/tests/model");
    let loaded = cairn_model::load::load(&model).map_err(|p| format!("{} problems in the sample model", p.len()))?;
    let schema = format!("write_{:x}", std::process::id());
    let url = std::env::var("CAIRN_BENCH_DATABASE_URL")
        .map_or_else(|_| "sqlite:cairn.db".to_owned(), |url| format!("{url}?schema={schema}"));
    let database = Database::parse(&url, folder.path())?;
    let store = Store::open(Options { database }, Arc::new(loaded.registry))?;
    let articles = store.registry().by_route("articles").ok_or("no articles in the sample model")?.id;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build()?;
    let secret = SecretKey::load(None, folder.path())?;
    let open = AccessControl::open(store, &secret, "default", Passwords::new(1), Arc::new(SystemClock));
    let content = Content::new(runtime.block_on(open)?);
    runtime.block_on(create(&content, articles))?;

    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(5))
        .sample_size(50)
        .configure_from_args();
    for (name, kept) in
        [("create", Kept::All), ("create without events", Kept::History), ("create, rows alone", Kept::Nothing)]
    {
        let content = content.clone().keeping(kept);
        let mut group = criterion.benchmark_group(name);
        for clients in [1_u64, 8] {
            group.throughput(Throughput::Elements(clients));
            group.bench_function(format!("{clients} at once"), |b| {
                b.to_async(&runtime).iter(|| async {
                    let mut all = JoinSet::new();
                    for _ in 0..clients {
                        let content = content.clone();
                        all.spawn(async move { create(&content, articles).await.is_ok() });
                    }
                    let done = all.join_all().await;
                    assert!(done.into_iter().all(|made| made), "an article was not made");
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
    Ok(())
}

async fn create(content: &Content, articles: TypeId) -> Result<(), cairn_content::ContentError> {
    let access = Arc::new(Access::full());
    let actor = Arc::new(cairn_store::events::Actor::public());
    let ask = Ask { access: &access, content_type: articles, query: "", default_locale: "en", actor: &actor };
    content.create(ask, Some(article(MADE.fetch_add(1, Ordering::Relaxed)))).await.map(drop)
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
