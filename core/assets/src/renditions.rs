//! A cache of renditions of pictures, on disk up to a quota and the most used of them in memory, so that each is made once.
//!
//! A request is answered from memory, else from disk, else the picture is made. However many requests for the same picture arrive at
//! once, it is looked up and made once, by a separate task: a caller that goes away takes nothing from the others. The number of
//! pictures that are made at a time is limited, and so is the number that may wait; further requests fail at once, because a queue that
//! grows without end helps nobody.
//!
//! Everything in the cache may be lost without harm, so nothing here insists on it: a damaged file is made anew, and a disk that is full or
//! broken only means that pictures are not cached.

mod file;
mod index;
mod name;

use crate::{AssetError, BlobKey, EncodedPicture, Transform, image, render_picture};
use bytes::Bytes;
use file::RenditionFiles;
use index::RenditionIndex;
use moka::sync::Cache;
use name::RenditionName;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempPath;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Memory that cached pictures may take together, in bytes.
const MEMORY_BYTES: u64 = 32 << 20;

/// Largest picture that is cached in memory, in bytes: one of the largest must not push out a thousand thumbnails.
const MAX_BYTES_IN_MEMORY: usize = 1 << 20;

/// Approximate memory of a cached picture besides its bytes.
const OVERHEAD_BYTES: usize = 256;

/// How long a failure is remembered.
const FAILURE_RETENTION: Duration = Duration::from_secs(60);

/// Number of failures that are remembered.
const MAX_FAILURES: u64 = 10_000;

/// A cache of renditions. Cheap to clone: all clones are the same cache.
#[derive(Clone)]
pub struct RenditionCache {
    shared: Arc<RenditionCacheInner>,
}

/// A rendition, made now or earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendition {
    /// Content of the encoded picture.
    pub bytes: Bytes,
    /// MIME type of `bytes`.
    pub content_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// A source as a file on this machine.
#[derive(Debug)]
pub struct SourceFile {
    file: SourcePath,
    content_type: String,
}

#[derive(Debug)]
enum SourcePath {
    Kept(PathBuf),
    Temporary(TempPath),
}

impl SourceFile {
    /// A file that is not deleted. `content_type` is its known type, without parameters.
    pub fn permanent(path: PathBuf, content_type: String) -> SourceFile {
        SourceFile { file: SourcePath::Kept(path), content_type }
    }

    /// A file that is deleted once the picture has been made.
    pub fn temporary(path: TempPath, content_type: String) -> SourceFile {
        SourceFile { file: SourcePath::Temporary(path), content_type }
    }

    fn path(&self) -> &Path {
        match &self.file {
            SourcePath::Kept(path) => path,
            SourcePath::Temporary(path) => path,
        }
    }
}

/// The result for all who wait for the same picture; the error is shared because it cannot be cloned.
type RenditionResult = Result<Option<Rendition>, Arc<AssetError>>;

/// Why nothing can be made, for later requests.
#[derive(Debug, Clone, Copy)]
enum RenditionFailure {
    NoPicture,
    TooManyPixels { pixels: u64, limit: u64 },
    UnresizableAnimation,
}

struct RenditionCacheInner {
    files: RenditionFiles,
    index: Mutex<RenditionIndex>,
    /// Held while files and index change together. Otherwise many writers could have room made for them in the index before any file is
    /// deleted, and a file evicted before it is written would stay on disk, unknown to the index.
    disk_changes: Mutex<()>,
    /// True if the index contains all files that an earlier process left.
    scanned: AtomicBool,
    memory: Cache<RenditionName, Rendition>,
    failures: Cache<RenditionName, RenditionFailure>,
    flights: Mutex<HashMap<RenditionName, watch::Receiver<Option<RenditionResult>>>>,
    /// A permit for each picture that is being made or waits for that.
    places: Arc<Semaphore>,
    /// A permit for each picture that is being made.
    workers: Arc<Semaphore>,
}

impl RenditionCache {
    /// Opens a cache in a folder of its own, creating it where it is missing. Files of an earlier process are found again, by a thread that
    /// this starts; those it left incomplete are deleted.
    ///
    /// `max_bytes` is the space that the files may take on disk together; `workers` is the number of pictures made at once and `max_waiting`
    /// how many may wait for that, both at least one. Making pictures takes memory, see [`render_picture`]. Fails with [`AssetError::Io`]
    /// if the folder cannot be created, or the thread not started.
    pub fn open(
        folder: &Path,
        max_bytes: u64,
        workers: usize,
        max_waiting: usize,
    ) -> Result<RenditionCache, AssetError> {
        let workers = workers.clamp(1, Semaphore::MAX_PERMITS / 2);
        let max_waiting = max_waiting.clamp(1, Semaphore::MAX_PERMITS / 2);
        let weight = |_: &RenditionName, rendition: &Rendition| {
            u32::try_from(rendition.bytes.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX)
        };
        let shared = Arc::new(RenditionCacheInner {
            files: RenditionFiles::open(folder)?,
            index: Mutex::new(RenditionIndex::new(max_bytes)),
            disk_changes: Mutex::default(),
            scanned: AtomicBool::new(false),
            memory: Cache::builder().max_capacity(MEMORY_BYTES).weigher(weight).build(),
            failures: Cache::builder().max_capacity(MAX_FAILURES).time_to_live(FAILURE_RETENTION).build(),
            flights: Mutex::default(),
            places: Arc::new(Semaphore::new(workers + max_waiting)),
            workers: Arc::new(Semaphore::new(workers)),
        });
        let scanning = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("scan-derived".to_owned())
            .spawn(move || scanning.scan_folder())
            .map_err(AssetError::io("start the cleanup of renditions"))?;
        Ok(RenditionCache { shared })
    }

    /// The requested picture, from the cache or made now; `None` where there is no source, or none that can be decoded.
    ///
    /// `scope` separates tenants: nothing is shared between two. `source` is the key of a blob whose bytes never change.
    /// `fetch` gets that blob as a file and may block; it is called only when the picture has to be made, at most once for all
    /// who request it at the same time.
    ///
    /// # Errors
    /// [`AssetError::Busy`] when the queue is full, and the errors of [`render_picture`] and of `fetch`. Those who requested it at the same time
    /// get an error with the same message.
    pub async fn get_or_make(
        &self,
        scope: &str,
        source: &BlobKey,
        transform: &Transform,
        fetch: impl FnOnce() -> Result<Option<SourceFile>, AssetError> + Send + 'static,
    ) -> Result<Option<Rendition>, AssetError> {
        let name = RenditionName::new(scope, source, transform);
        if let Some(outcome) = self.shared.lookup_memory(&name) {
            return outcome;
        }
        let mut receiver = self.join_task(name, transform, fetch);
        let outcome = match receiver.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match outcome {
            Some(Ok(rendition)) => Ok(rendition),
            Some(Err(error)) => Err(error.to_copy()),
            None => Err(given_up()),
        }
    }

    /// Deletes all renditions of a source. A picture that is being made of it at this moment is still cached. Blocks.
    pub fn remove_source(&self, scope: &str, source: &BlobKey) {
        let of_source = RenditionName::of_source(scope, source);
        let _changing = self.shared.disk_changes.lock();
        let names = self.shared.index.lock().remove_source(&of_source);
        for name in &names {
            self.shared.memory.invalidate(name);
            self.shared.files.remove(name);
        }
    }

    /// The space that the files take on disk, in bytes; too low until those of an earlier process have been found.
    pub fn bytes_on_disk(&self) -> u64 {
        self.shared.index.lock().total_bytes()
    }

    /// Waits for the picture along with the first who requested it, or becomes the first.
    fn join_task(
        &self,
        name: RenditionName,
        requested: &Transform,
        fetch: impl FnOnce() -> Result<Option<SourceFile>, AssetError> + Send + 'static,
    ) -> watch::Receiver<Option<RenditionResult>> {
        let mut flights = self.shared.flights.lock();
        if let Some(existing) = flights.get(&name) {
            return existing.clone();
        }
        let (tell, receiver) = watch::channel(None);
        flights.insert(name, receiver.clone());
        drop(flights);
        let flight = RenditionTask { shared: Arc::clone(&self.shared), name };
        let transform = requested.clone();
        tokio::spawn(async move {
            let outcome = flight.run_task(transform, fetch).await;
            // Gone before anybody is told: who comes next finds what is kept, or tries anew.
            drop(flight);
            tell.send_replace(Some(outcome));
        });
        receiver
    }
}

/// A picture that is being looked up or made. Dropping it, even in a panic, lets the next request try.
struct RenditionTask {
    shared: Arc<RenditionCacheInner>,
    name: RenditionName,
}

impl Drop for RenditionTask {
    fn drop(&mut self) {
        self.shared.flights.lock().remove(&self.name);
    }
}

impl RenditionTask {
    async fn run_task(
        &self,
        transform: Transform,
        fetch: impl FnOnce() -> Result<Option<SourceFile>, AssetError> + Send + 'static,
    ) -> RenditionResult {
        let (shared, name) = (&self.shared, self.name);
        // A flight for the same rendition may have ended between the lookup in memory and the start of this one.
        if let Some(outcome) = shared.lookup_memory(&name) {
            return outcome.map_err(Arc::new);
        }
        if shared.may_be_on_disk(&name) {
            let reader = Arc::clone(shared);
            if let Ok(Some(rendition)) = tokio::task::spawn_blocking(move || reader.read_from_disk(&name)).await {
                return Ok(Some(rendition));
            }
        }
        let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
            return Err(Arc::new(AssetError::Busy));
        };
        let Ok(worker) = Arc::clone(&shared.workers).acquire_owned().await else {
            return Err(Arc::new(AssetError::Busy));
        };
        let permits = (place, worker);
        let maker = Arc::clone(shared);
        let making = tokio::task::spawn_blocking(move || maker.make_rendition(name, &transform, fetch, permits));
        making.await.unwrap_or_else(|_| Err(given_up())).map_err(Arc::new)
    }
}

fn given_up() -> AssetError {
    AssetError::Unavailable { action: "create a rendition", why: "creating it was abandoned".to_owned() }
}

impl RenditionCacheInner {
    /// Looks a picture up in the memory cache, failures included; `None` if nothing is cached.
    fn lookup_memory(&self, name: &RenditionName) -> Option<Result<Option<Rendition>, AssetError>> {
        if let Some(rendition) = self.memory.get(name) {
            // A rendition that is read from memory counts as used on disk too, so that it is not evicted there.
            self.index.lock().mark_used(name);
            return Some(Ok(Some(rendition)));
        }
        match self.failures.get(name).or_else(|| self.failures.get(&name.source_name()))? {
            RenditionFailure::NoPicture => Some(Ok(None)),
            RenditionFailure::UnresizableAnimation => Some(Err(AssetError::UnresizableAnimation)),
            RenditionFailure::TooManyPixels { pixels, limit } => Some(Err(AssetError::TooManyPixels { pixels, limit })),
        }
    }

    fn may_be_on_disk(&self, name: &RenditionName) -> bool {
        !self.scanned.load(Ordering::Acquire) || self.index.lock().contains_name(name)
    }

    /// Reads a picture from disk. A damaged one is deleted, and made anew by the caller.
    fn read_from_disk(&self, name: &RenditionName) -> Option<Rendition> {
        let Some(rendition) = self.files.read(name) else {
            let _changing = self.disk_changes.lock();
            self.index.lock().remove(name);
            self.files.remove(name);
            return None;
        };
        if !self.index.lock().mark_used(name) {
            // Left by an earlier process, and not found yet.
            let _changing = self.disk_changes.lock();
            let evicted = self.index.lock().insert(*name, self.files.disk_size(&rendition));
            self.remove_all(&evicted);
        }
        self.insert_in_memory(name, &rendition);
        Some(rendition)
    }

    fn make_rendition(
        &self,
        name: RenditionName,
        requested: &Transform,
        fetch: impl FnOnce() -> Result<Option<SourceFile>, AssetError>,
        permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    ) -> Result<Option<Rendition>, AssetError> {
        let Some(source) = fetch()? else { return Ok(None) };
        let result = render_picture(source.path(), &source.content_type, requested);
        let decodable = image::can_decode(&source.content_type);
        drop(source);
        drop(permits);
        match result {
            Ok(Some(EncodedPicture { bytes, content_type, width, height })) => {
                let rendition = Rendition { bytes: bytes.into(), content_type, width, height };
                self.write_to_disk(&name, &rendition);
                self.insert_in_memory(&name, &rendition);
                Ok(Some(rendition))
            }
            Ok(None) => {
                // A transform that fails says nothing about others of the picture; a type that is no picture fails for all.
                let failed_name = if decodable { name } else { name.source_name() };
                self.failures.insert(failed_name, RenditionFailure::NoPicture);
                Ok(None)
            }
            Err(AssetError::TooManyPixels { pixels, limit }) => {
                self.failures.insert(name.source_name(), RenditionFailure::TooManyPixels { pixels, limit });
                Err(AssetError::TooManyPixels { pixels, limit })
            }
            Err(AssetError::UnresizableAnimation) => {
                self.failures.insert(name, RenditionFailure::UnresizableAnimation);
                Err(AssetError::UnresizableAnimation)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a picture after making room for it, so that the quota is never exceeded. A failure is only logged.
    fn write_to_disk(&self, name: &RenditionName, rendition: &Rendition) {
        let size = self.files.disk_size(rendition);
        let _changing = self.disk_changes.lock();
        let evicted = {
            let mut index = self.index.lock();
            if !index.can_hold(size) {
                return;
            }
            index.insert(*name, size)
        };
        self.remove_all(&evicted);
        if let Err(error) = self.files.write(name, rendition) {
            tracing::warn!(%error, "cannot save a rendition");
            self.index.lock().remove(name);
        }
    }

    fn insert_in_memory(&self, name: &RenditionName, rendition: &Rendition) {
        if rendition.bytes.len() <= MAX_BYTES_IN_MEMORY {
            self.memory.insert(*name, rendition.clone());
        }
    }

    fn remove_all(&self, names: &[RenditionName]) {
        for name in names {
            self.files.remove(name);
        }
    }

    /// Finds the files of an earlier process; they count as older than everything this one made.
    fn scan_folder(&self) {
        let found = match self.files.scan() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "cannot read the folder of renditions");
                return;
            }
        };
        let _changing = self.disk_changes.lock();
        let evicted = self.index.lock().insert_oldest(found);
        self.remove_all(&evicted);
        self.scanned.store(true, Ordering::Release);
    }
}
