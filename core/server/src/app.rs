//! What every request may need, built once.

use crate::cache::ResponseCache;
use crate::config::Config;
use cairn_access::AccessControl;
use cairn_assets::Folder;
use cairn_content::Content;
use std::sync::Arc;

/// The running application (one tenant).
pub struct App {
    /// Content.
    pub content: Content,
    /// Callers and their rights.
    pub access: AccessControl,
    /// Files.
    pub assets: Arc<Folder>,
    /// Whole answers of public reads.
    pub(crate) cache: ResponseCache,
    /// Settings of the process.
    pub config: Config,
}
