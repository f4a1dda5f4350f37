//! Blobs as objects in a bucket, of Amazon or of anything else that speaks S3.
//!
//! The SDK asks again by itself where that may help (5xx, 429, timeouts, lost connections). What it leaves open is done
//! here: whether all has arrived as it was sent (`transfer`), and whether all has come back (`body`).

mod body;
mod errors;
mod options;
mod transfer;

pub use options::{S3Options, StoreEncryption};

use crate::{AssetError, Blob, BlobKey, BlobSource, BlobStore, ByteRange, ListedBlob};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction, RetryConfig};
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::{Builder, tls::Provider};
use body::ObjectBody;
use errors::to_asset_error;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::runtime::Runtime;

/// Most objects that the store returns in a page of a listing.
const LIST_PAGE_SIZE: i32 = 1000;
const TOO_MANY_REQUESTS: u16 = 429;

/// A place in a bucket. Clones, and places [below](S3::in_folder) it, share connections.
///
/// Its methods must not be called from asynchronous code: they block, and panic there.
#[derive(Clone)]
pub struct S3 {
    shared: Arc<S3Connection>,
    prefix: String,
}

struct S3Connection {
    client: Client,
    options: S3Options,
    sse: Option<ServerSideEncryption>,
    sse_key: Option<String>,
    /// Only `None` while it is dropped.
    runtime: Option<Runtime>,
}

impl Drop for S3Connection {
    fn drop(&mut self) {
        // The shutdown does not wait, so that the connection may be dropped in asynchronous code too.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A request that whoever has it may make without credentials, until it expires.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedAccess {
    /// Where to. Whoever knows it may use it: it belongs into no log.
    pub url: String,
    /// Headers that have to be sent as they are.
    pub headers: Vec<(String, String)>,
}

/// Without the signature.
impl fmt::Debug for PresignedAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presigned").field("headers", &self.headers).finish_non_exhaustive()
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Where it is: `s3://bucket/prefix/`.
impl fmt::Display for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.shared.options.bucket, self.prefix)
    }
}

impl S3 {
    /// Gets ready; no request is made yet. Fails with [`AssetError::Io`] if the thread for connections cannot be started.
    pub fn new(options: S3Options) -> Result<S3, AssetError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("cairn-s3")
            .enable_all()
            .build()
            .map_err(AssetError::io("start the client of the object store"))?;
        let credentials = Credentials::builder()
            .access_key_id(&options.access_key_id)
            .secret_access_key(&options.secret_access_key)
            .provider_name("cairn")
            .build();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(options.connect_timeout)
            .operation_attempt_timeout(options.request_timeout)
            .build();
        let retries = RetryConfig::standard()
            .with_max_attempts(options.attempts)
            .with_initial_backoff(Duration::from_millis(200))
            .with_max_backoff(Duration::from_secs(5));
        let mut config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https())
            .region(Region::new(options.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(options.path_style)
            .timeout_config(timeouts)
            .retry_config(retries)
            .retry_classifier(TooManyRequests)
            // Amazon's newer checksums are unknown to some stores; stored files are compared by their MD5.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            // A reader may take its time; how long the store may is watched in `body`.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(options.endpoint.clone());
        let (sse, sse_key) = match &options.sse {
            None => (None, None),
            Some(StoreEncryption::Aes256) => (Some(ServerSideEncryption::Aes256), None),
            Some(StoreEncryption::Kms { key }) => (Some(ServerSideEncryption::AwsKms), key.clone()),
        };
        let prefix = options.prefix.clone();
        let client = Client::from_conf(config.build());
        Ok(S3 { shared: Arc::new(S3Connection { client, options, sse, sse_key, runtime: Some(runtime) }), prefix })
    }

    /// A folder of this place, with the same connections.
    pub fn in_folder(&self, folder: &BlobKey) -> S3 {
        S3 { shared: self.shared.clone(), prefix: format!("{}{folder}/", self.prefix) }
    }

    /// Checks that the bucket is there and may be listed.
    ///
    /// # Errors
    /// [`AssetError::Io`], [`AssetError::Unavailable`].
    pub fn check_bucket(&self) -> Result<(), AssetError> {
        self.list(None, 1).map(drop)
    }

    /// A link to a blob, without looking whether there is one. `content_type` and `disposition` are what it is sent with. Fails with
    /// [`AssetError::Io`] if `expires` is longer than a week.
    pub fn presign_get(
        &self,
        key: &BlobKey,
        expires: Duration,
        content_type: Option<&str>,
        disposition: Option<&str>,
    ) -> Result<PresignedAccess, AssetError> {
        let action = "create a link to a file";
        let request = self.client().get_object().bucket(self.bucket()).key(self.object_name(key));
        let request = request
            .set_response_content_type(content_type.map(str::to_owned))
            .set_response_content_disposition(disposition.map(str::to_owned));
        self.run_blocking(request.presigned(presigning_config(action, expires)?))
            .map(from_presigned)
            .map_err(to_asset_error(action, self.bucket()))
    }

    /// A link that takes one file of exactly that many bytes by PUT, and where an MD5 is named, exactly that file. Fails with
    /// [`AssetError::Io`] if `expires` is longer than a week.
    pub fn presign_put(
        &self,
        key: &BlobKey,
        expires: Duration,
        length: u64,
        content_md5: Option<&[u8; 16]>,
    ) -> Result<PresignedAccess, AssetError> {
        use base64::prelude::{BASE64_STANDARD, Engine};
        let action = "create a link for an upload";
        let request = self.client().put_object().bucket(self.bucket()).key(self.object_name(key));
        let request = request
            .content_length(i64::try_from(length).unwrap_or(i64::MAX))
            .set_content_md5(content_md5.map(|md5| BASE64_STANDARD.encode(md5)))
            .set_server_side_encryption(self.shared.sse.clone())
            .set_ssekms_key_id(self.shared.sse_key.clone());
        self.run_blocking(request.presigned(presigning_config(action, expires)?))
            .map(from_presigned)
            .map_err(to_asset_error(action, self.bucket()))
    }

    fn client(&self) -> &Client {
        &self.shared.client
    }

    fn bucket(&self) -> &str {
        &self.shared.options.bucket
    }

    fn object_name(&self, key: &BlobKey) -> String {
        format!("{}{key}", self.prefix)
    }

    fn run_blocking<T>(&self, work: impl Future<Output = T>) -> T {
        self.shared.runtime.as_ref().expect("it is there until it is dropped").block_on(work)
    }

    /// Gets the store's information about an object; `None` when there is none.
    async fn head_object(&self, action: &'static str, name: &str) -> Result<Option<ObjectInfo>, AssetError> {
        match self.client().head_object().bucket(self.bucket()).key(name).send().await {
            Ok(output) => Ok(Some(ObjectInfo {
                length: output.content_length().and_then(|n| n.try_into().ok()),
                etag: output.e_tag().map(str::to_owned),
                modified: output.last_modified().copied(),
            })),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(None),
            Err(e) => Err(to_asset_error(action, self.bucket())(e)),
        }
    }

    async fn remove_object(&self, name: &str) -> Result<(), AssetError> {
        let removed = self.client().delete_object().bucket(self.bucket()).key(name).send().await;
        removed.map(drop).map_err(to_asset_error("remove a file", self.bucket()))
    }
}

/// Metadata of an object, as the store returns it.
#[derive(Debug, PartialEq)]
struct ObjectInfo {
    length: Option<u64>,
    etag: Option<String>,
    modified: Option<DateTime>,
}

impl BlobStore for S3 {
    fn put(&self, key: &BlobKey, source: BlobSource<'_>) -> Result<(), AssetError> {
        self.run_blocking(transfer::write_object(self, &self.object_name(key), source))
    }

    fn open(&self, key: &BlobKey, range: Option<ByteRange>) -> Result<Option<Blob>, AssetError> {
        self.run_blocking(ObjectBody::open_object(self, self.object_name(key), range))
    }

    fn list(&self, after: Option<&BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, AssetError> {
        self.run_blocking(self.list_pages(after, limit))
    }

    fn delete(&self, key: &BlobKey) -> Result<bool, AssetError> {
        let name = self.object_name(key);
        self.run_blocking(async {
            if self.head_object("look up a file", &name).await?.is_none() {
                return Ok(false);
            }
            self.remove_object(&name).await?;
            Ok(true)
        })
    }

    fn exists(&self, key: &BlobKey) -> Result<bool, AssetError> {
        Ok(self.run_blocking(self.head_object("look up a file", &self.object_name(key)))?.is_some())
    }
}

impl S3 {
    async fn list_pages(&self, after: Option<&BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, AssetError> {
        let mut listed: Vec<ListedBlob> = Vec::new();
        let mut next = None;
        while listed.len() < limit {
            let request = self.client().list_objects_v2().bucket(self.bucket()).max_keys(LIST_PAGE_SIZE);
            // Objects in folders below the prefix are not Cairn's.
            let page = request
                .delimiter("/")
                .prefix(&self.prefix)
                .set_start_after(after.map(|key| self.object_name(key)))
                .set_continuation_token(next)
                .send()
                .await
                .map_err(to_asset_error("list the files", self.bucket()))?;
            for object in page.contents() {
                let name = object.key().and_then(|name| name.strip_prefix(&self.prefix));
                let Some(key) = name.and_then(|name| BlobKey::parse(name).ok()) else { continue };
                // Stores may ignore `start_after`.
                if after.is_none_or(|after| key > *after) {
                    let length = object.size().and_then(|n| n.try_into().ok()).unwrap_or_default();
                    listed.push(ListedBlob { key, length, modified: object.last_modified().and_then(to_system_time) });
                }
            }
            next = page.next_continuation_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        listed.truncate(limit);
        Ok(listed)
    }
}

fn to_system_time(at: &DateTime) -> Option<SystemTime> {
    SystemTime::try_from(*at).ok()
}

fn presigning_config(action: &'static str, expires: Duration) -> Result<PresigningConfig, AssetError> {
    PresigningConfig::expires_in(expires).map_err(|e| AssetError::io(action)(io::Error::other(e)))
}

fn from_presigned(request: PresignedRequest) -> PresignedAccess {
    let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    PresignedAccess { url: request.uri().to_owned(), headers }
}

/// Has a 429 asked again, whatever else the answer says: the SDK goes by the codes that Amazon sends.
#[derive(Debug)]
struct TooManyRequests;

impl ClassifyRetry for TooManyRequests {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response() {
            Some(answer) if answer.status().as_u16() == TOO_MANY_REQUESTS => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "too many requests"
    }
}
