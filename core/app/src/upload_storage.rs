//! The location of a tenant's files: a folder, or a folder in the bucket that all tenants share.

use crate::config::Config;
use crate::operator_error::OperatorError;
use cairn_assets::{AssetError, BlobKey, BlobStore, EncryptedStore, FolderStore, S3};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// Blobs listed at a time.
const BLOB_PAGE_SIZE: usize = 1000;

/// The location of a tenant's files.
#[derive(Clone)]
pub enum UploadStorage {
    /// A folder on this machine.
    Folder(PathBuf),
    /// The tenant's prefix in a bucket that all tenants share.
    Bucket(S3),
}

impl fmt::Display for UploadStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(bucket) => bucket.fmt(f),
        }
    }
}

impl UploadStorage {
    /// The location of a tenant's files; `bucket`: the configured one, `None` where files are in folders.
    pub fn for_tenant(config: &Config, bucket: Option<&S3>, tenant: &str) -> Result<Self, OperatorError> {
        match bucket {
            None => Ok(Self::Folder(config.tenant_assets_path(tenant)?)),
            Some(bucket) => {
                let tenant = BlobKey::parse(tenant).map_err(|e| OperatorError(e.to_string()))?;
                Ok(Self::Bucket(bucket.in_folder(&tenant)))
            }
        }
    }

    /// Opens it, encrypted where keys are configured, and removes what interrupted uploads left behind before `abandoned`. Blocks.
    pub fn open(self, config: &Config, abandoned: SystemTime) -> Result<Arc<dyn BlobStore>, OperatorError> {
        let (keys, scratch) = (config.assets.encryption_keys()?, std::env::temp_dir());
        Ok(match (self, keys) {
            (Self::Folder(path), keys) => {
                let folder = FolderStore::open(&path).map_err(|e| OperatorError(format!("{}: {e}", path.display())))?;
                if let Err(e) = folder.remove_abandoned(abandoned) {
                    tracing::warn!(error = %e, "abandoned uploads could not be removed");
                }
                match keys {
                    None => Arc::new(folder),
                    Some(keys) => Arc::new(EncryptedStore::new(folder, keys, scratch)),
                }
            }
            (Self::Bucket(bucket), None) => Arc::new(bucket),
            (Self::Bucket(bucket), Some(keys)) => Arc::new(EncryptedStore::new(bucket, keys, scratch)),
        })
    }

    /// Opens it without encryption: objects are read and written as they are stored. Blocks.
    pub fn open_raw(self) -> Result<Arc<dyn BlobStore>, OperatorError> {
        Ok(match self {
            Self::Folder(path) => {
                Arc::new(FolderStore::open(&path).map_err(|e| OperatorError(format!("{}: {e}", path.display())))?)
            }
            Self::Bucket(bucket) => Arc::new(bucket),
        })
    }

    /// True if an object has to be encrypted again: `Some(true)` where it is encrypted with another key than the first, `Some(false)` where
    /// it is not encrypted at all. `None`: it need not be, or it does not exist. Blocks.
    pub fn needs_rotation(&self, config: &Config, key: &BlobKey) -> Result<Option<bool>, OperatorError> {
        let Some(keys) = config.assets.encryption_keys()? else { return Ok(None) };
        let scratch = std::env::temp_dir();
        let needed = match self.clone() {
            Self::Folder(path) => {
                FolderStore::open(&path).and_then(|f| EncryptedStore::new(f, keys, scratch).rotation_state(key))
            }
            Self::Bucket(bucket) => EncryptedStore::new(bucket, keys, scratch).rotation_state(key),
        };
        needed.map_err(|e| OperatorError(format!("{self}: {e}")))
    }

    /// Deletes all files for good. It is no error when they are gone already. Blocks.
    pub fn erase(&self) -> Result<(), OperatorError> {
        let erase_error = |e: &dyn fmt::Display| OperatorError(format!("{self} cannot be deleted: {e}"));
        match self {
            Self::Folder(path) => match std::fs::remove_dir_all(path) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(erase_error(&e)),
                _ => Ok(()),
            },
            Self::Bucket(bucket) => empty_bucket(bucket).map_err(|e| erase_error(&e)),
        }
    }
}

fn empty_bucket(bucket: &S3) -> Result<(), AssetError> {
    loop {
        let page = bucket.list(None, BLOB_PAGE_SIZE)?;
        if page.is_empty() {
            return Ok(());
        }
        for blob in page {
            bucket.delete(&blob.key)?;
        }
    }
}
