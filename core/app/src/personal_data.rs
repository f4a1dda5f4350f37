//! One person's data: all that a tenant has about an e-mail address, reported and erased. Cairn's own data and those of every plugin that
//! exports `privacy` are sources; each is asked a page or a step at a time.
//!
//! A report stores nothing. An erasure is a row with the state of every source; a step changes it in the transaction of what it erases, so
//! whoever continues after an interruption begins where it was. Plugins come before Cairn's own data: they may need the account to find theirs.

mod account;
mod archive;
mod core_sources;
mod erasure;
mod erasure_job;
mod jobs;
mod person;
mod progress;
mod records;
mod report;
mod source;
mod texts;

pub use archive::ArchiveSummary;
pub use erasure::{ErasureView, RetainedPage, StartedErasure};
pub(crate) use erasure_job::ErasureJob;
pub use progress::{SourceProgress, SourceState};
pub use report::SourceSummary;
pub use texts::source_name;

use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_plugin_host::Plugins;
use cairn_store::StoreError;
use cairn_store::plugins::PluginState;
use source::{CoreSource, Source};
use std::sync::{Arc, Weak};

/// The personal data of a tenant; see the module. Cloning is cheap.
#[derive(Clone)]
pub struct PersonalData {
    content: Content,
    access: AccessControl,
    /// Not held: the tenant decides how long its plugins live.
    plugins: Weak<Plugins>,
}

/// Why nothing was reported or erased.
#[derive(Debug, thiserror::Error)]
pub enum PersonalDataError {
    /// It is no e-mail address.
    #[error("{0:?} is not an e-mail address")]
    InvalidAddress(String),
    /// The data of that person are being erased already, by the erasure with that id.
    #[error("the data of this person are being erased already")]
    AlreadyRunning(i64),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The archive cannot be written.
    #[error("the archive cannot be written: {0}")]
    Archive(#[from] std::io::Error),
}

impl PersonalData {
    /// The personal data of a tenant with these plugins.
    pub(crate) fn new(content: Content, access: AccessControl, plugins: &Arc<Plugins>) -> Self {
        Self { content, access, plugins: Arc::downgrade(plugins) }
    }

    fn now_ms(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    fn running_plugins(&self) -> Result<Arc<Plugins>, StoreError> {
        self.plugins.upgrade().ok_or(StoreError::Closed)
    }

    /// All holders of personal data, in the order in which they are asked: plugins that have or may have data, then Cairn itself.
    fn list_sources(&self) -> Result<Vec<Source>, StoreError> {
        let rows = self.access.store().read(|r| r.plugins().list())?;
        // A plugin that was never enabled has no data; one that was uninstalled may have left some.
        let plugins = rows.into_iter().filter(|row| row.state != PluginState::Installed).map(|row| row.id);
        let core = CoreSource::ALL.into_iter().map(Source::Core);
        Ok(plugins.map(Source::Plugin).chain(core).collect())
    }
}
