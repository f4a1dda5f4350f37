//! How fast one consumer gets through a full outbox: one inside the database (the audit log), one outside that does nothing.
//! `cargo bench -p cairn-events`

use cairn_access::SystemClock;
use cairn_events::audit::AuditConsumer;
use cairn_events::{Consumer, DeliveryFailure, Engine, EngineSetup, ExternalConsumer, Subscriber};
use cairn_store::events::{Actor, Event, NewEvent};
use cairn_store::{Database, Store, StoreError, StoreOptions};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

const EVENTS: u64 = 50_000;
const DOCUMENTS: u64 = 500;
/// Events written in one transaction while the outbox is filled.
const FILLED: u64 = 1_000;

struct Nothing(AtomicU64);

impl Consumer for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }
    fn receives_past_events(&self) -> bool {
        true
    }
}

impl ExternalConsumer for Nothing {
    fn deliver_event<'a>(&'a self, _: &'a Event, _: i64) -> BoxFuture<'a, Result<(), DeliveryFailure>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        async { Ok(()) }.boxed()
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let url = std::env::var("CAIRN_BENCH_DATABASE_URL").ok();
    for name in ["audit log", "outside"] {
        let folder = tempfile::tempdir()?;
        let schema = format!("drain_{:x}", rand::random::<u32>());
        let url = url.as_ref().map_or_else(|| "sqlite:cairn.db".to_owned(), |url| format!("{url}?schema={schema}"));
        let registry = cairn_model::load::load_project(folder.path()).map_err(|_| "no model")?.registry;
        let database = Database::parse(&url, folder.path())?;
        let store = Store::open(StoreOptions { database }, Arc::new(registry))?;
        runtime.block_on(fill(&store))?;
        let subscriber = match name {
            "outside" => Subscriber::External(Arc::new(Nothing(AtomicU64::new(0)))),
            _ => Subscriber::Transactional(Arc::new(AuditConsumer)),
        };
        let setup = EngineSetup {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            subscribers: vec![subscriber],
            handlers: Vec::new(),
            node: "test:run".into(),
            quiet: Vec::new(),
        };
        let engine = Engine::new(setup);
        let started = Instant::now();
        runtime.block_on(engine.run_until_idle())?;
        let took = started.elapsed().as_secs_f64();
        let consumers = store.read(|r| r.consumers().list())?;
        assert!(consumers.iter().all(|c| c.position >= EVENTS as i64), "{consumers:?}");
        eprintln!(
            "{name}, {}: {EVENTS} events in {took:.2} s, {:.0} events/s",
            store.database_kind(),
            EVENTS as f64 / took
        );
    }
    Ok(())
}

async fn fill(store: &Store) -> Result<(), StoreError> {
    for part in 0..EVENTS / FILLED {
        store
            .write(move |tx| {
                (0..FILLED).try_for_each(|n| {
                    let document = (part * FILLED + n) % DOCUMENTS;
                    let event = NewEvent {
                        name: "cairn.document.updated".into(),
                        key: format!("d{document}"),
                        content_type: Some("api::article.article".into()),
                        document_id: Some(format!("d{document}")),
                        locale: None,
                        status: Some("draft".into()),
                        data: serde_json::json!({ "version": n, "changed": ["title", "body"] }),
                    };
                    tx.events().emit(&Actor::admin(1, "ed@example.com"), &event, 1_800_000_000_000)
                })
            })
            .await?;
    }
    Ok(())
}
