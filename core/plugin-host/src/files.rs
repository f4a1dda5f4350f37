//! Where files of a tenant are kept, as far as plugins reach them.

use cairn_assets::BlobStore;
use std::sync::Arc;

/// The files of a tenant. Cloning is cheap.
#[derive(Clone)]
pub struct FileStore {
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) max_bytes: u64,
    pub(crate) site: Arc<dyn Fn() -> String + Send + Sync>,
}

impl FileStore {
    /// `max_bytes`: the largest file that may be uploaded. `site`: where the tenant's site is, `https://www.example.org`, without a slash at its
    /// end: links to files begin with it.
    pub fn new(blobs: Arc<dyn BlobStore>, max_bytes: u64, site: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { blobs, max_bytes, site: Arc::new(site) }
    }
}
