//! The multipart body of an upload, part by part: files go to temporary files as they arrive, and are gone with the
//! [`Form`] that names them, or when its reading is given up half-way.
//!
//! What a sender may do is bounded on every side: bytes per file and in all, parts, bytes of a text, bytes in memory
//! (part headers without end), silence, and the least speed.

use crate::error::WireError;
use crate::extract::json;
use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use cairn_assets::Incoming;
use cairn_content::{FileInfo, LinkRequest, Upload};
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value as Json;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::time::{Instant, timeout};

/// Most parts of a body.
const MAX_PARTS: usize = 100;
/// Largest text part in bytes.
pub(super) const MAX_TEXT: usize = 64 * 1024;
/// All of a body may be as large as this many of the largest files.
const FILES_WORTH: u64 = 5;
/// Given to the parser at a time.
const PIECE: usize = 64 * 1024;
/// Most bytes that the parser may hold back: boundaries and the headers of a part.
const MAX_HELD: usize = 4 * PIECE;
/// The longest silence.
const SILENCE: Duration = Duration::from_secs(30);
/// The least speed in bytes per second, after the first [`SILENCE`].
const LEAST_SPEED: u64 = 1024;

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Form {
    files: Vec<File>,
    infos: Vec<Json>,
    reference: String,
    row: String,
    attribute: String,
}

#[derive(Debug)]
struct File {
    incoming: Incoming,
    size: u64,
}

impl Form {
    /// Reads a body. `folder` takes the temporary files. `texts_only`: a file is a mistake.
    pub(super) async fn read(
        headers: &HeaderMap,
        body: Body,
        max_bytes: u64,
        folder: &Path,
        texts_only: bool,
    ) -> Result<Self, WireError> {
        let most = max_bytes.saturating_mul(FILES_WORTH).saturating_add((MAX_PARTS * MAX_TEXT) as u64);
        let announced = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<u64>().ok());
        if announced.is_some_and(|length| length > most) {
            return Err(too_large(most));
        }
        let pace = Pace::new(most);
        let mut request = Request::new(Body::from_stream(pieces(body, pace.seen.clone())));
        let kind = headers.get(CONTENT_TYPE).cloned().unwrap_or_else(|| HeaderValue::from_static(""));
        request.headers_mut().insert(CONTENT_TYPE, kind);
        // Limits are kept here, part by part.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut multipart = Multipart::from_request(request, &()).await.map_err(|e| WireError::validation(e.body_text()))?;

        let mut form = Self::default();
        let mut parts = 0;
        while let Some(mut field) = pace.wait(multipart.next_field()).await? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(WireError::too_large(format!("The body has more than {MAX_PARTS} parts")));
            }
            match (field.name().unwrap_or_default(), field.file_name().map(str::to_owned)) {
                ("files", Some(name)) if texts_only && !name.is_empty() => {
                    return Err(WireError::validation(
                        "The contents of a file cannot be replaced: upload a new file, and delete this one",
                    ));
                }
                ("files", Some(name)) => {
                    let file = file(&mut field, name, max_bytes, folder, &pace).await?;
                    // What a browser sends for an input without a file.
                    if file.size > 0 || !file.incoming.file_name.is_empty() {
                        form.files.push(file);
                    }
                }
                ("fileInfo", _) => {
                    let text = text(&mut field, &pace).await?;
                    if !text.is_empty() {
                        let info = json::parse(text.as_bytes());
                        form.infos.push(info.map_err(|_| WireError::validation("fileInfo is no valid JSON"))?);
                    }
                }
                ("ref", _) => form.reference = text(&mut field, &pace).await?,
                ("refId", _) => form.row = text(&mut field, &pace).await?,
                ("field", _) => form.attribute = text(&mut field, &pace).await?,
                _ => while pace.wait(field.chunk()).await?.is_some() {},
            }
        }
        Ok(form)
    }

    /// The files with what is said about each, and where they go.
    pub(super) fn into_uploads(mut self) -> Result<(Vec<Upload>, Option<LinkRequest>), WireError> {
        // As in Strapi, one file with nothing in it is none.
        if matches!(self.files.as_slice(), [File { size: 0, .. }]) {
            self.files.clear();
        }
        let files = std::mem::take(&mut self.files);
        let link = LinkRequest {
            content_type: std::mem::take(&mut self.reference),
            row: std::mem::take(&mut self.row),
            attribute: std::mem::take(&mut self.attribute),
        };
        let named = [("ref", &link.content_type), ("refId", &link.row), ("field", &link.attribute)];
        let missing = named.iter().find(|(_, value)| value.is_empty());
        let link = match missing {
            None => Some(link),
            Some(_) if named.iter().all(|(_, value)| value.is_empty()) => None,
            Some((name, _)) => {
                return Err(WireError::validation(format!("ref, refId and field belong together: {name} is missing")));
            }
        };
        let mut infos = self.into_infos()?.into_iter();
        let uploads = files.into_iter().map(|file| Upload { incoming: file.incoming, info: infos.next().unwrap_or_default() });
        Ok((uploads.collect(), link))
    }

    /// What is said about each file, in their order.
    pub(super) fn into_infos(self) -> Result<Vec<FileInfo>, WireError> {
        self.infos.into_iter().try_fold(Vec::new(), |mut all, info| {
            all.extend(infos(Some(info))?);
            Ok(all)
        })
    }
}

/// `fileInfo`: an object, a list of them, or either as JSON in a string.
pub(super) fn infos(given: Option<Json>) -> Result<Vec<FileInfo>, WireError> {
    let given = match given {
        Some(Json::String(text)) => {
            json::parse(text.as_bytes()).map_err(|_| WireError::validation("fileInfo is no valid JSON"))?
        }
        Some(other) => other,
        None => return Ok(Vec::new()),
    };
    let list = match given {
        Json::Array(list) => list,
        one => vec![one],
    };
    let parse = |info: Json| if info.is_null() { Ok(FileInfo::default()) } else { Ok(FileInfo::parse(&info)?) };
    list.into_iter().map(parse).collect()
}

/// Writes a part to a temporary file.
async fn file(field: &mut Field<'_>, name: String, max_bytes: u64, folder: &Path, pace: &Pace) -> Result<File, WireError> {
    let declared_mime = field.content_type().map(str::to_owned);
    let (file, temp) = tempfile::Builder::new().prefix("cairn-upload-").tempfile_in(folder).map_err(disk)?.into_parts();
    let mut writer = BufWriter::with_capacity(PIECE, tokio::fs::File::from_std(file));
    let mut size = 0;
    while let Some(chunk) = pace.wait(field.chunk()).await? {
        size += chunk.len() as u64;
        if size > max_bytes {
            return Err(WireError::too_large(format!("A file is larger than {max_bytes} bytes")));
        }
        writer.write_all(&chunk).await.map_err(disk)?;
    }
    writer.flush().await.map_err(disk)?;
    Ok(File { incoming: Incoming { file_name: name, given_name: None, declared_mime, temp }, size })
}

async fn text(field: &mut Field<'_>, pace: &Pace) -> Result<String, WireError> {
    let mut all = Vec::new();
    while let Some(chunk) = pace.wait(field.chunk()).await? {
        if all.len() + chunk.len() > MAX_TEXT {
            return Err(WireError::too_large(format!("A text is larger than {MAX_TEXT} bytes")));
        }
        all.extend_from_slice(&chunk);
    }
    String::from_utf8(all).map_err(|_| WireError::validation("A text is not valid UTF-8"))
}

fn disk(e: io::Error) -> WireError {
    match e.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!(cause = %e, "there is no room for an upload");
            let message = "There is no room for the file at the moment";
            WireError::new(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailableError", message)
        }
        _ => WireError::internal(format!("writing an upload to a temporary file: {e}")),
    }
}

fn too_large(most: u64) -> WireError {
    WireError::too_large(format!("The body is larger than {most} bytes"))
}

/// What has come of a body.
#[derive(Debug, Default)]
struct Seen {
    /// Bytes in all.
    bytes: AtomicU64,
    /// Bytes since the parser last had something to show.
    held: AtomicUsize,
}

/// Waits for the sender, within limits.
struct Pace {
    seen: Arc<Seen>,
    start: Instant,
    most: u64,
}

impl Pace {
    fn new(most: u64) -> Self {
        Self { seen: Arc::default(), start: Instant::now(), most }
    }

    /// The next thing the parser shows. Whatever it cannot make sense of is the sender's mistake.
    async fn wait<T>(&self, next: impl Future<Output = Result<Option<T>, MultipartError>>) -> Result<Option<T>, WireError> {
        let slow = || WireError::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutError", "The body came too slowly");
        let next = timeout(SILENCE, next).await.map_err(|_| slow())?;
        let next = next.map_err(|e| WireError::validation(format!("The multipart body cannot be read: {}", e.body_text())))?;
        self.seen.held.store(0, Ordering::Relaxed);
        let bytes = self.seen.bytes.load(Ordering::Relaxed);
        if bytes > self.most {
            return Err(too_large(self.most));
        }
        let late = self.start.elapsed().saturating_sub(SILENCE).as_secs();
        if late > 0 && next.is_some() && bytes / LEAST_SPEED < late { Err(slow()) } else { Ok(next) }
    }
}

/// A body in pieces, counted. The parser takes all it can get before it looks at any of it, so after every piece there
/// is a pause.
fn pieces(body: Body, seen: Arc<Seen>) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
    let mut body = body.into_data_stream();
    let mut rest = Bytes::new();
    let mut pause = false;
    stream::poll_fn(move |cx| {
        if std::mem::take(&mut pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while rest.is_empty() {
            match Pin::new(&mut body).poll_next_unpin(cx) {
                Poll::Ready(Some(Ok(data))) => rest = data,
                other => return other,
            }
        }
        let piece = rest.split_to(rest.len().min(PIECE));
        seen.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
        if seen.held.fetch_add(piece.len(), Ordering::Relaxed) > MAX_HELD {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::other("the headers of a part are too long")))));
        }
        pause = true;
        Poll::Ready(Some(Ok(piece)))
    })
}
