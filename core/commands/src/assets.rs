//! `cairn assets`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_app::OperatorError;
use cairn_app::backup::{Progress, adopt_files};
use cairn_app::upload_storage::UploadStorage;
use cairn_app::wiring::ProcessContext;
use cairn_assets::{AssetError, BlobKey, BlobStore, S3};
use cairn_store::assets::BlobClaim;
use cairn_store::{Store, StoreError};
use clap::Subcommand;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::time::SystemTime;

/// Objects listed at a time.
const BLOB_PAGE_SIZE: usize = 1_000;

/// Arguments of `cairn assets`.
#[derive(Debug, clap::Args)]
pub struct AssetsArgs {
    #[command(subcommand)]
    command: AssetsCommand,
}

#[derive(Debug, Subcommand)]
enum AssetsCommand {
    /// Compare every stored object with its hash; lists missing and damaged objects, and exits with 1 if there are any
    Verify {
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Copy every object to another folder or bucket, also while the server is running. Objects that already exist there are skipped, so you
    /// can repeat the command: run it again after you stop the server, before you change [assets] url
    Migrate {
        /// The destination: file:<path> or s3://<bucket>/<prefix>?…, as in [assets] url
        #[arg(long, value_name = "URL")]
        to: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Encrypt every object with the first key of [assets.encryption], unless it already is
    Rotate {
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl AssetsArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            AssetsCommand::Verify { tenant, project } => {
                let (context, store) = open_store(&tenant, &project).await?;
                let blobs = context.upload_storage(tenant.name())?.open(&context.config, SystemTime::UNIX_EPOCH)?;
                run_blocking(move || verify_blobs(&store, &*blobs)).await
            }
            AssetsCommand::Migrate { to, tenant, project } => {
                let (context, store) = open_store(&tenant, &project).await?;
                let from = context.upload_storage(tenant.name())?;
                let target = uploads_at(&context, &to, tenant.name())?;
                if from.to_string() == target.to_string() {
                    return Err(OperatorError(format!("{to}: this is where the files already are")));
                }
                let (from, target) = (from.open_raw()?, target.open_raw()?);
                run_blocking(move || migrate_blobs(&store, &*from, &*target)).await?;
                print_line(format_args!(
                    "Now stop the server, run this command once more, and start the server with [assets] url = {to:?}"
                ));
                Ok(())
            }
            AssetsCommand::Rotate { tenant, project } => {
                let (context, store) = open_store(&tenant, &project).await?;
                let name = tenant.name();
                if context.config.assets.encryption_keys()?.is_none() {
                    return Err(OperatorError("[assets.encryption] has no keys: add a key to encrypt with".into()));
                }
                let plain = context.upload_storage(name)?.open_raw()?;
                let encrypted = context.upload_storage(name)?.open(&context.config, SystemTime::UNIX_EPOCH)?;
                let uploads = context.upload_storage(name)?;
                let config = context.config.clone();
                run_blocking(move || {
                    rotate_keys(&store, &*plain, &*encrypted, &|key| uploads.needs_rotation(&config, key))
                })
                .await
            }
        }
    }
}

/// The database of a tenant, its files from before taken over.
async fn open_store(tenant: &TenantNameArgs, project: &ProjectArgs) -> Result<(ProcessContext, Store), OperatorError> {
    let context = project.load_context()?;
    let access = tenant.open_filled(&context).await?;
    adopt_files(&context, &access, tenant.name()).await?;
    Ok((context, access.store().clone()))
}

/// Where the files of a tenant are below another URL, with the credentials that are configured.
fn uploads_at(context: &ProcessContext, url: &str, tenant: &str) -> Result<UploadStorage, OperatorError> {
    let mut config = (*context.config).clone();
    config.assets.url = Some(url.to_owned());
    let bucket = config.assets.s3_options()?.map(S3::new).transpose().map_err(|e| OperatorError(e.to_string()))?;
    UploadStorage::for_tenant(&config, bucket.as_ref(), tenant)
}

async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OperatorError> + Send + 'static,
) -> Result<T, OperatorError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| OperatorError(e.to_string()))?
}

/// Calls `each` with every object that a file has.
fn for_each_blob(
    store: &Store,
    doing: &str,
    mut each: impl FnMut(&BlobClaim) -> Result<(), OperatorError>,
) -> Result<u64, OperatorError> {
    let (mut progress, mut after, mut n) = (Progress::new(), String::new(), 0);
    loop {
        let page = store
            .read(|r| r.blobs().list_stored(&after, BLOB_PAGE_SIZE as i64))
            .map_err(|e: StoreError| OperatorError(e.to_string()))?;
        let Some(last_blob) = page.last() else { return Ok(n) };
        after.clone_from(&last_blob.key);
        for blob in &page {
            each(blob)?;
            n += 1;
            progress.show_count(doing, n);
        }
    }
}

/// Finds the problem of an object; `None`: there is none.
fn find_blob_problem(blobs: &dyn BlobStore, blob: &BlobClaim) -> Result<Option<String>, OperatorError> {
    let key = BlobKey::parse(&blob.key).map_err(|e| OperatorError(e.to_string()))?;
    let mut opened = match blobs.open(&key, None) {
        Ok(Some(opened)) => opened,
        Ok(None) => return Ok(Some("missing".into())),
        // An unreachable store says nothing about its objects.
        Err(e @ AssetError::Unavailable { .. }) => return Err(OperatorError(e.to_string())),
        Err(AssetError::Io { source, .. }) => return Ok(Some(source.to_string())),
        Err(e) => return Ok(Some(e.to_string())),
    };
    let mut hash = Sha256::new();
    match io::copy(&mut opened.body, &mut hash) {
        Err(e) => return Ok(Some(e.to_string())),
        Ok(length) if length != blob.length => {
            return Ok(Some(format!("it has {length} bytes instead of {}", blob.length)));
        }
        Ok(_) => {}
    }
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    // Objects of older versions are named after their files.
    let is_hash = blob.key.len() == 64 && blob.key.bytes().all(|b| b.is_ascii_hexdigit());
    Ok((is_hash && found != blob.key).then(|| "its content has changed since it was uploaded".to_owned()))
}

fn verify_blobs(store: &Store, blobs: &dyn BlobStore) -> Result<(), OperatorError> {
    let mut bad = 0u64;
    let mut out = io::stdout().lock();
    let n = for_each_blob(store, "objects read", |blob| {
        if let Some(problem) = find_blob_problem(blobs, blob)? {
            bad += 1;
            let _ = writeln!(out, "WRONG {}: {problem}", blob.key);
        }
        Ok(())
    })?;
    drop(out);
    if bad > 0 {
        return Err(OperatorError(format!(
            "{bad} of {n} objects are missing or damaged: restore them from a backup with `cairn restore`"
        )));
    }
    print_line(format_args!("ok    {n} objects, all unchanged since upload"));
    Ok(())
}

fn migrate_blobs(store: &Store, from: &dyn BlobStore, to: &dyn BlobStore) -> Result<(), OperatorError> {
    let (mut copied, mut bytes, mut missing) = (0u64, 0u64, 0u64);
    let blob_error = |key: &BlobKey, e: AssetError| match e {
        AssetError::Io { action, source } => {
            OperatorError(format!("{key}: could not {action}: {source}; run the command again to continue"))
        }
        e => OperatorError(format!("{key}: {e}; run the command again to continue")),
    };
    let n = for_each_blob(store, "objects", |blob| {
        let key = BlobKey::parse(&blob.key).map_err(|e| OperatorError(e.to_string()))?;
        let Some(mut source) = from.open(&key, None).map_err(|e| blob_error(&key, e))? else {
            print_line(format_args!("missing: {key}"));
            missing += 1;
            return Ok(());
        };
        // An object never changes: one of the same length is the same, and what is put is verified.
        if to
            .open(&key, None)
            .map_err(|e| blob_error(&key, e))?
            .is_some_and(|existing| existing.length == source.length)
        {
            return Ok(());
        }
        let folder = to.staging_folder().unwrap_or_else(std::env::temp_dir);
        let failed = |e: io::Error| OperatorError(format!("{key}: {e}; run the command again to continue"));
        let mut temp =
            tempfile::Builder::new().prefix(cairn_assets::STAGED_PREFIX).tempfile_in(folder).map_err(failed)?;
        let length = io::copy(&mut source.body, temp.as_file_mut()).map_err(failed)?;
        to.put_temp_file(&key, temp.into_temp_path()).map_err(|e| blob_error(&key, e))?;
        copied += 1;
        bytes += length;
        Ok(())
    })?;
    print_line(format_args!("{copied} of {n} objects copied ({bytes} bytes), the others already existed"));
    if missing > 0 {
        return Err(OperatorError(format!("{missing} objects are missing from the source; run `cairn assets verify`")));
    }
    Ok(())
}

fn rotate_keys(
    store: &Store,
    plain: &dyn BlobStore,
    encrypted: &dyn BlobStore,
    needed: &dyn Fn(&BlobKey) -> Result<Option<bool>, OperatorError>,
) -> Result<(), OperatorError> {
    let mut rotated = 0u64;
    let n = for_each_blob(store, "objects", |blob| {
        let key = BlobKey::parse(&blob.key).map_err(|e| OperatorError(e.to_string()))?;
        let Some(is_encrypted) = needed(&key)? else { return Ok(()) };
        let from = if is_encrypted { encrypted } else { plain };
        let blob_error = |e: AssetError| match e {
            AssetError::Io { action, source } => OperatorError(format!("{key}: could not {action}: {source}")),
            e => OperatorError(format!("{key}: {e}")),
        };
        // An object is encrypted again only if its content is still what was uploaded.
        if let Some(problem) = find_blob_problem(from, blob)? {
            return Err(OperatorError(format!("{key}: {problem}; it was left unchanged")));
        }
        let Some(mut source) = from.open(&key, None).map_err(blob_error)? else { return Ok(()) };
        let mut temp = tempfile::NamedTempFile::new().map_err(|e| OperatorError(format!("{key}: {e}")))?;
        io::copy(&mut source.body, temp.as_file_mut()).map_err(|e| OperatorError(format!("{key}: {e}")))?;
        encrypted.put_temp_file(&key, temp.into_temp_path()).map_err(blob_error)?;
        rotated += 1;
        Ok(())
    })?;
    print_line(format_args!("{rotated} of {n} objects re-encrypted"));
    Ok(())
}
