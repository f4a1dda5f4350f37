//! From a project folder to a running application: the model, the database, rights, files.

use crate::App;
use crate::cache::ResponseCache;
use crate::config::{Config, ConfigError};
use cairn_access::{AccessControl, Clock, Passwords, SecretKey};
use cairn_assets::Folder;
use cairn_content::Content;
use cairn_model::Registry;
use cairn_store::{Database, Options, Store};
use std::sync::Arc;
use std::time::Duration;

/// Temporary files older than this are of an upload that never ended.
const ABANDONED: Duration = Duration::from_secs(3_600);

/// Why a project cannot be opened, in words for whoever started it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        Self(e.to_string())
    }
}

/// Loads the model of a project; every problem of every file is in the failure.
pub(crate) fn load_model(config: &Config) -> Result<Arc<Registry>, Failure> {
    match cairn_model::load::load(&config.project) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                tracing::warn!("{warning}");
            }
            Ok(Arc::new(loaded.registry))
        }
        Err(problems) => {
            let list: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
            Err(Failure(format!(
                "the content types have {} problem{}; nothing was changed:\n{}",
                list.len(),
                if list.len() == 1 { "" } else { "s" },
                list.join("\n")
            )))
        }
    }
}

/// Opens the database and what stands on it.
pub(crate) async fn open(
    config: &Config,
    registry: Arc<Registry>,
    clock: Arc<dyn Clock>,
) -> Result<AccessControl, Failure> {
    let database = config.database()?;
    let shown = match &database {
        Database::Sqlite(path) => path.display().to_string(),
        Database::Postgres(options) => format!("{options:?}"),
    };
    let opened = tokio::task::spawn_blocking(move || Store::open(Options { database }, registry)).await;
    let store = opened.map_err(|e| Failure(e.to_string()))?.map_err(|e| Failure(format!("{shown}: {e}")))?;
    let given = std::env::var("CAIRN_SECRET_KEY").ok();
    let secret = SecretKey::load(given.as_deref(), &config.data()).map_err(|e| Failure(e.to_string()))?;
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    AccessControl::open(store, &secret, "default", Passwords::new(cores), clock)
        .await
        .map_err(|e| Failure(format!("{shown}: {e}")))
}

/// The application of a project.
pub async fn build(config: Config, clock: Arc<dyn Clock>) -> Result<Arc<App>, Failure> {
    let registry = load_model(&config)?;
    let access = open(&config, registry, clock.clone()).await?;
    let uploads = config.assets_path()?;
    let assets = Folder::open(&uploads).map_err(|e| Failure(format!("{}: {e}", uploads.display())))?;
    if let Err(e) = assets.remove_abandoned((clock.now() - ABANDONED).into()) {
        tracing::warn!(error = %e, "abandoned uploads could not be removed");
    }
    let cache = ResponseCache::new(config.cache.response_mib);
    Ok(Arc::new(App { content: Content::new(access.clone()), access, assets: Arc::new(assets), cache, config }))
}
