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

use crate::{AssetError, Key, Transform, Transformed, image, transform};
use bytes::Bytes;
use file::Files;
use index::Index;
use moka::sync::Cache;
use name::Name;
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
const LONGEST_IN_MEMORY: usize = 1 << 20;

/// Approximate memory of a cached picture besides its bytes.
const OVERHEAD_BYTES: usize = 256;

/// How long a failure is remembered.
const FAILURES_LAST: Duration = Duration::from_secs(60);

/// Number of failures that are remembered.
const MAX_FAILURES: u64 = 10_000;

/// A cache of renditions. Cheap to clone: all clones are the same cache.
#[derive(Clone)]
pub struct Derived {
    shared: Arc<Shared>,
}

/// A rendition, made now or earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
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
pub struct Fetched {
    file: Local,
    content_type: String,
}

#[derive(Debug)]
enum Local {
    Kept(PathBuf),
    Temporary(TempPath),
}

impl Fetched {
    /// A file that is not deleted. `content_type` is its known type, without parameters.
    pub fn kept(path: PathBuf, content_type: String) -> Fetched {
        Fetched { file: Local::Kept(path), content_type }
    }

    /// A file that is deleted once the picture has been made.
    pub fn temporary(path: TempPath, content_type: String) -> Fetched {
        Fetched { file: Local::Temporary(path), content_type }
    }

    fn path(&self) -> &Path {
        match &self.file {
            Local::Kept(path) => path,
            Local::Temporary(path) => path,
        }
    }
}

/// The result for all who wait for the same picture; the error is shared because it cannot be cloned.
type Outcome = Result<Option<Made>, Arc<AssetError>>;

/// Why nothing can be made, for later requests.
#[derive(Debug, Clone, Copy)]
enum Failure {
    NoPicture,
    TooManyPixels { pixels: u64, limit: u64 },
}

struct Shared {
    files: Files,
    index: Mutex<Index>,
    /// Whether the index contains all files that an earlier process left.
    scanned: AtomicBool,
    memory: Cache<Name, Made>,
    failures: Cache<Name, Failure>,
    flights: Mutex<HashMap<Name, watch::Receiver<Option<Outcome>>>>,
    /// A permit for each picture that is being made or waits for that.
    places: Arc<Semaphore>,
    /// A permit for each picture that is being made.
    workers: Arc<Semaphore>,
}

impl Derived {
    /// Opens a cache in a folder of its own, creating it where it is missing. Files of an earlier process are found again, by a thread that
    /// this starts; those it left incomplete are deleted.
    ///
    /// `max_bytes` is the space that the files may take on disk together; `workers` is the number of pictures made at once and `waiting`
    /// how many may wait for that, both at least one. Making pictures takes memory, see [`transform`].
    ///
    /// # Errors
    /// [`AssetError::Io`] when the folder cannot be created, or the thread not started.
    pub fn open(folder: &Path, max_bytes: u64, workers: usize, waiting: usize) -> Result<Derived, AssetError> {
        let workers = workers.clamp(1, Semaphore::MAX_PERMITS / 2);
        let waiting = waiting.clamp(1, Semaphore::MAX_PERMITS / 2);
        let weight = |_: &Name, made: &Made| u32::try_from(made.bytes.len() + OVERHEAD_BYTES).unwrap_or(u32::MAX);
        let shared = Arc::new(Shared {
            files: Files::open(folder)?,
            index: Mutex::new(Index::new(max_bytes)),
            scanned: AtomicBool::new(false),
            memory: Cache::builder().max_capacity(MEMORY_BYTES).weigher(weight).build(),
            failures: Cache::builder().max_capacity(MAX_FAILURES).time_to_live(FAILURES_LAST).build(),
            flights: Mutex::default(),
            places: Arc::new(Semaphore::new(workers + waiting)),
            workers: Arc::new(Semaphore::new(workers)),
        });
        let scanning = Arc::clone(&shared);
        std::thread::Builder::new()
            .name("scan-derived".to_owned())
            .spawn(move || scanning.scan())
            .map_err(AssetError::io("start the cleanup of renditions"))?;
        Ok(Derived { shared })
    }

    /// The requested picture, from the cache or made now; `None` where there is no source, or none that can be decoded.
    ///
    /// `scope` separates tenants: nothing is shared between two. `source` is the key of a blob whose bytes never change.
    /// `fetch` gets that blob as a file and may block; it is called only when the picture has to be made, at most once for all
    /// who request it at the same time.
    ///
    /// # Errors
    /// [`AssetError::Busy`] when the queue is full, and the errors of [`transform`] and of `fetch`. Those who requested it at the same time
    /// get an error with the same message.
    pub async fn get(
        &self,
        scope: &str,
        source: &Key,
        wanted: &Transform,
        fetch: impl FnOnce() -> Result<Option<Fetched>, AssetError> + Send + 'static,
    ) -> Result<Option<Made>, AssetError> {
        let name = Name::new(scope, source, wanted);
        if let Some(outcome) = self.shared.known(&name) {
            return outcome;
        }
        let mut told = self.join(name, wanted, fetch);
        let outcome = match told.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone(),
            Err(_) => None,
        };
        match outcome {
            Some(Ok(made)) => Ok(made),
            Some(Err(error)) => Err(error.repeated()),
            None => Err(given_up()),
        }
    }

    /// Deletes all renditions of a source. A picture that is being made of it at this moment is still cached. Blocks.
    pub fn remove(&self, scope: &str, source: &Key) {
        let of_source = Name::of_source(scope, source);
        let names = self.shared.index.lock().take(&of_source);
        for name in &names {
            self.shared.memory.invalidate(name);
            self.shared.files.remove(name);
        }
    }

    /// The space that the files take on disk, in bytes; too low until those of an earlier process have been found.
    pub fn bytes_on_disk(&self) -> u64 {
        self.shared.index.lock().bytes()
    }

    /// Waits for the picture along with the first who requested it, or becomes the first.
    fn join(
        &self,
        name: Name,
        wanted: &Transform,
        fetch: impl FnOnce() -> Result<Option<Fetched>, AssetError> + Send + 'static,
    ) -> watch::Receiver<Option<Outcome>> {
        let mut flights = self.shared.flights.lock();
        if let Some(told) = flights.get(&name) {
            return told.clone();
        }
        let (tell, told) = watch::channel(None);
        flights.insert(name, told.clone());
        drop(flights);
        let flight = Flight { shared: Arc::clone(&self.shared), name };
        let wanted = wanted.clone();
        tokio::spawn(async move {
            let outcome = flight.run(wanted, fetch).await;
            // Gone before anybody is told: who comes next finds what is kept, or tries anew.
            drop(flight);
            tell.send_replace(Some(outcome));
        });
        told
    }
}

/// A picture that is being looked up or made. Dropping it, even in a panic, lets the next request try.
struct Flight {
    shared: Arc<Shared>,
    name: Name,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.shared.flights.lock().remove(&self.name);
    }
}

impl Flight {
    async fn run(
        &self,
        wanted: Transform,
        fetch: impl FnOnce() -> Result<Option<Fetched>, AssetError> + Send + 'static,
    ) -> Outcome {
        let (shared, name) = (&self.shared, self.name);
        // Another flight may have ended between the look into the memory and this one's start.
        if let Some(outcome) = shared.known(&name) {
            return outcome.map_err(Arc::new);
        }
        if shared.may_be_on_disk(&name) {
            let reader = Arc::clone(shared);
            if let Ok(Some(made)) = tokio::task::spawn_blocking(move || reader.read(&name)).await {
                return Ok(Some(made));
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
        let making = tokio::task::spawn_blocking(move || maker.make(name, &wanted, fetch, permits));
        making.await.unwrap_or_else(|_| Err(given_up())).map_err(Arc::new)
    }
}

fn given_up() -> AssetError {
    AssetError::Unavailable { action: "create a rendition", why: "creating it was abandoned".to_owned() }
}

impl Shared {
    /// What the memory cache knows of a picture.
    fn known(&self, name: &Name) -> Option<Result<Option<Made>, AssetError>> {
        if let Some(made) = self.memory.get(name) {
            // What is hot in memory must not grow old on disk.
            self.index.lock().touch(name);
            return Some(Ok(Some(made)));
        }
        match self.failures.get(name).or_else(|| self.failures.get(&name.source()))? {
            Failure::NoPicture => Some(Ok(None)),
            Failure::TooManyPixels { pixels, limit } => Some(Err(AssetError::TooManyPixels { pixels, limit })),
        }
    }

    fn may_be_on_disk(&self, name: &Name) -> bool {
        !self.scanned.load(Ordering::Acquire) || self.index.lock().holds(name)
    }

    /// Reads a picture from disk. A damaged one is deleted, and made anew by the caller.
    fn read(&self, name: &Name) -> Option<Made> {
        let Some(made) = self.files.read(name) else {
            self.index.lock().remove(name);
            self.files.remove(name);
            return None;
        };
        let evicted = self.index.lock().insert(*name, self.files.size(&made));
        self.remove_all(&evicted);
        self.remember(name, &made);
        Some(made)
    }

    fn make(
        &self,
        name: Name,
        wanted: &Transform,
        fetch: impl FnOnce() -> Result<Option<Fetched>, AssetError>,
        permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    ) -> Result<Option<Made>, AssetError> {
        let Some(source) = fetch()? else { return Ok(None) };
        let made = transform(source.path(), &source.content_type, wanted);
        let decodable = image::can_decode(&source.content_type);
        drop(source);
        drop(permits);
        match made {
            Ok(Some(Transformed { bytes, content_type, width, height })) => {
                let made = Made { bytes: bytes.into(), content_type, width, height };
                self.keep(&name, &made);
                self.remember(&name, &made);
                Ok(Some(made))
            }
            Ok(None) => {
                // One transform that fails must not stand for those that do not; a type that is no picture does.
                let of = if decodable { name } else { name.source() };
                self.failures.insert(of, Failure::NoPicture);
                Ok(None)
            }
            Err(AssetError::TooManyPixels { pixels, limit }) => {
                self.failures.insert(name.source(), Failure::TooManyPixels { pixels, limit });
                Err(AssetError::TooManyPixels { pixels, limit })
            }
            Err(error) => Err(error),
        }
    }

    /// Writes a picture after making room for it, so that the quota is never exceeded. A failure is only logged.
    fn keep(&self, name: &Name, made: &Made) {
        let size = self.files.size(made);
        let evicted = {
            let mut index = self.index.lock();
            if !index.takes(size) {
                return;
            }
            index.insert(*name, size)
        };
        self.remove_all(&evicted);
        if let Err(error) = self.files.write(name, made) {
            tracing::warn!(%error, "cannot save a rendition");
            self.index.lock().remove(name);
        }
    }

    fn remember(&self, name: &Name, made: &Made) {
        if made.bytes.len() <= LONGEST_IN_MEMORY {
            self.memory.insert(*name, made.clone());
        }
    }

    fn remove_all(&self, names: &[Name]) {
        for name in names {
            self.files.remove(name);
        }
    }

    /// Finds the files of an earlier process; they count as older than everything this one made.
    fn scan(&self) {
        let found = match self.files.scan() {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(%error, "cannot read the folder of renditions");
                return;
            }
        };
        let evicted = self.index.lock().insert_oldest(found);
        self.remove_all(&evicted);
        self.scanned.store(true, Ordering::Release);
    }
}
