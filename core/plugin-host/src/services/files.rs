//! Where the files of a tenant are stored, as far as plugins can access them.

use cairn_assets::{BlobKey, BlobStore};
use std::io::{self, Read};
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

    /// Reads whole objects by their keys, for mails that files are attached to. `None`: it is not there. Blocks.
    pub fn object_reader(&self) -> impl Fn(&str) -> io::Result<Option<Vec<u8>>> + Send + Sync + use<> {
        let blobs = self.blobs.clone();
        move |key| {
            let key = BlobKey::parse(key).map_err(io::Error::other)?;
            let Some(mut opened) = blobs.open(&key, None).map_err(io::Error::other)? else { return Ok(None) };
            let mut bytes = Vec::new();
            opened.body.read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        }
    }
}
