//! Bodies that are written to temporary files as they arrive.

use super::body::{too_large_error, too_slow_error};
use crate::error::WireError;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use cairn_assets::Arrival;
use cairn_model::ErrorKind;
use http_body_util::BodyExt;
use std::io;
use std::path::Path;
use std::time::Duration;
use tempfile::TempPath;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};

/// Bytes that are written at a time.
const WRITE_BATCH_BYTES: usize = 1 << 20;
/// Longest time without a byte from the sender.
pub const MAX_SILENCE: Duration = Duration::from_secs(30);
/// Lowest speed, in bytes per second, after the first [`MAX_SILENCE`].
const MIN_BYTES_PER_SECOND: u64 = 1024;

/// A body in a temporary file, which is deleted when this is dropped.
#[derive(Debug)]
pub struct BodyFile {
    /// The file.
    pub temp: TempPath,
    /// Its size, in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// Writes a body of at most `limit` bytes to a temporary file in that folder.
///
/// # Errors
/// 413 as soon as it is larger, 408 where it is sent too slowly, 400 where it breaks off. The temporary file is gone then.
pub async fn receive_body(headers: &HeaderMap, body: Body, limit: u64, folder: &Path) -> Result<BodyFile, WireError> {
    if announced_length(headers).is_some_and(|length| length > limit) {
        return Err(too_large_error(limit));
    }
    let mut writer = FileWriter::new(Arrival::new(folder).map_err(disk_error)?);
    let received = receive_frames(body, limit, &mut writer).await;
    // Also of what is refused: the temporary file is gone before the answer is sent.
    let written = writer.finish_writing().await;
    let bytes = received?;
    let (temp, sha256) = written.map_err(disk_error)?.finish();
    Ok(BodyFile { temp, bytes, sha256 })
}

async fn receive_frames(mut body: Body, limit: u64, writer: &mut FileWriter) -> Result<u64, WireError> {
    let (start, mut bytes) = (Instant::now(), 0);
    while let Some(frame) = timeout(MAX_SILENCE, body.frame()).await.map_err(|_| too_slow_error())? {
        let frame = frame.map_err(|_| WireError::validation("The body could not be read"))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len() as u64;
        if bytes > limit {
            return Err(too_large_error(limit));
        }
        if is_too_slow(start, bytes) {
            return Err(too_slow_error());
        }
        writer.push(data).await.map_err(disk_error)?;
    }
    Ok(bytes)
}

/// The length that the headers announce.
pub fn announced_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// True if a body that began at `start` comes slower than anybody may send one.
pub fn is_too_slow(start: Instant, bytes: u64) -> bool {
    let late = start.elapsed().saturating_sub(MAX_SILENCE).as_secs();
    late > 0 && bytes / MIN_BYTES_PER_SECOND < late
}

/// Writes and hashes one batch while the next one arrives. No thread waits for the sender.
pub struct FileWriter {
    state: WriterState,
    held: Vec<Bytes>,
    bytes: usize,
}

enum WriterState {
    Idle(Arrival),
    Busy(JoinHandle<io::Result<Arrival>>),
    Failed,
}

impl FileWriter {
    /// A writer of what arrives, at the end of a file that is there.
    pub fn new(arrival: Arrival) -> Self {
        Self { state: WriterState::Idle(arrival), held: Vec::new(), bytes: 0 }
    }

    /// Takes a piece, and writes what has gathered.
    ///
    /// # Errors
    /// The first error of a write, also of one before.
    pub async fn push(&mut self, chunk: Bytes) -> io::Result<()> {
        self.bytes += chunk.len();
        self.held.push(chunk);
        if self.bytes >= WRITE_BATCH_BYTES { self.write_batch().await } else { Ok(()) }
    }

    /// Waits for the previous batch, and starts to write what is buffered.
    async fn write_batch(&mut self) -> io::Result<()> {
        let mut arrival = self.wait_idle().await?;
        let chunks = std::mem::take(&mut self.held);
        self.bytes = 0;
        self.state = WriterState::Busy(spawn_blocking(move || {
            chunks.iter().try_for_each(|chunk| arrival.write(chunk))?;
            Ok(arrival)
        }));
        Ok(())
    }

    async fn wait_idle(&mut self) -> io::Result<Arrival> {
        match std::mem::replace(&mut self.state, WriterState::Failed) {
            WriterState::Idle(arrival) => Ok(arrival),
            WriterState::Busy(task) => task.await?,
            WriterState::Failed => Err(io::Error::other("an earlier part could not be written")),
        }
    }

    /// Waits until everything is written.
    pub async fn finish_writing(mut self) -> io::Result<Arrival> {
        self.write_batch().await?;
        self.wait_idle().await
    }
}

/// The response where a temporary file cannot be written.
pub fn disk_error(e: io::Error) -> WireError {
    match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!(cause = %e, "there is not enough space for an upload");
            let message = "There is currently not enough space for the file";
            WireError::new(ErrorKind::Unavailable, message)
        }
        _ => WireError::internal(format!("writing an upload to a temporary file: {e}")),
    }
}
