//! The multipart body of an upload, part by part: files are written to temporary files as they arrive, which are deleted with the [`MultipartForm`]
//! that names them, or when reading is aborted.
//!
//! Every aspect of an upload is limited: bytes per file and in all, parts, bytes of a text, bytes in memory (part headers without end),
//! silence, and the lowest speed.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Request};
use cairn_assets::{Arrival, IncomingFile};
use cairn_content::{FileInfo, LinkRequest, Upload};
use cairn_http::error::WireError;
use cairn_http::extract::body::{too_large_error, too_slow_error};
use cairn_http::extract::body_file::{FileWriter, MAX_SILENCE, announced_length, disk_error, is_too_slow};
use cairn_http::extract::json;
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value as Json;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::Poll;
use tokio::time::{Instant, timeout};

/// Largest number of parts of a body.
const MAX_PARTS: usize = 100;
/// Largest text part, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 64 * 1024;
/// Limit on a whole body, in files of the largest size.
const MAX_BODY_FILES: u64 = 5;
/// Bytes that the parser is given at a time.
const PARSER_CHUNK_BYTES: usize = 64 * 1024;
/// Most bytes that the parser may retain: boundaries and the headers of a part.
const MAX_HELD_BYTES: usize = 4 * PARSER_CHUNK_BYTES;

/// The parsed body of an upload.
#[derive(Debug, Default)]
pub(super) struct MultipartForm {
    files: Vec<FormFile>,
    infos: Vec<Json>,
    reference: String,
    row: String,
    attribute: String,
}

#[derive(Debug)]
struct FormFile {
    incoming: IncomingFile,
    size: u64,
}

impl MultipartForm {
    /// Reads a body. `folder`: the folder for temporary files.
    pub(super) async fn from_body(
        headers: &HeaderMap,
        body: Body,
        max_bytes: u64,
        folder: &Path,
    ) -> Result<Self, WireError> {
        let limit = max_bytes.saturating_mul(MAX_BODY_FILES).saturating_add((MAX_PARTS * MAX_TEXT_BYTES) as u64);
        if announced_length(headers).is_some_and(|length| length > limit) {
            return Err(too_large_error(limit));
        }
        let pace = BodyPacer::new(limit);
        let mut request = Request::new(Body::from_stream(counted_chunks(body, pace.seen.clone())));
        let kind = headers.get(CONTENT_TYPE).cloned().unwrap_or_else(|| HeaderValue::from_static(""));
        request.headers_mut().insert(CONTENT_TYPE, kind);
        // Limits are kept here, part by part.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut multipart =
            Multipart::from_request(request, &()).await.map_err(|e| WireError::validation(e.body_text()))?;

        let mut form = Self::default();
        let mut parts = 0;
        while let Some(mut field) = pace.wait_for(multipart.next_field()).await? {
            parts += 1;
            if parts > MAX_PARTS {
                return Err(WireError::too_large(format!("The body has more than {MAX_PARTS} parts")));
            }
            match (field.name().unwrap_or_default(), field.file_name().map(str::to_owned)) {
                ("files", Some(name)) => {
                    let file = receive_file(&mut field, name, max_bytes, folder, &pace).await?;
                    // Browsers send an empty part for an input without a file.
                    if file.size > 0 || !file.incoming.file_name.is_empty() {
                        form.files.push(file);
                    }
                }
                ("fileInfo", _) => {
                    let text = read_text(&mut field, &pace).await?;
                    if !text.is_empty() {
                        let info = json::parse_json(text.as_bytes());
                        form.infos.push(info.map_err(|_| WireError::validation("fileInfo is not valid JSON"))?);
                    }
                }
                ("ref", _) => form.reference = read_text(&mut field, &pace).await?,
                ("refId", _) => form.row = read_text(&mut field, &pace).await?,
                ("field", _) => form.attribute = read_text(&mut field, &pace).await?,
                _ => while pace.wait_for(field.chunk()).await?.is_some() {},
            }
        }
        Ok(form)
    }

    /// The files with their information, and the entry to link them to.
    pub(super) fn into_uploads(mut self) -> Result<(Vec<Upload>, Option<LinkRequest>), WireError> {
        let files = self.take_files();
        let link = LinkRequest {
            content_type: std::mem::take(&mut self.reference),
            row: std::mem::take(&mut self.row),
            attribute: std::mem::take(&mut self.attribute),
        };
        let fields = [("ref", &link.content_type), ("refId", &link.row), ("field", &link.attribute)];
        let missing = fields.iter().find(|(_, value)| value.is_empty());
        let link = match missing {
            None => Some(link),
            Some(_) if fields.iter().all(|(_, value)| value.is_empty()) => None,
            Some((name, _)) => {
                return Err(WireError::validation(format!(
                    "ref, refId and field must be given together: {name} is missing"
                )));
            }
        };
        let mut infos = self.into_infos()?.into_iter();
        let uploads = files.into_iter().map(|incoming| Upload { incoming, info: infos.next().unwrap_or_default() });
        Ok((uploads.collect(), link))
    }

    /// The files, and the information about each.
    pub(super) fn into_parts(mut self) -> Result<(Vec<IncomingFile>, Vec<FileInfo>), WireError> {
        Ok((self.take_files(), self.into_infos()?))
    }

    fn take_files(&mut self) -> Vec<IncomingFile> {
        // A single empty file counts as none, as in Strapi.
        if matches!(self.files.as_slice(), [FormFile { size: 0, .. }]) {
            self.files.clear();
        }
        std::mem::take(&mut self.files).into_iter().map(|file| file.incoming).collect()
    }

    /// The information about each file, in their order.
    fn into_infos(self) -> Result<Vec<FileInfo>, WireError> {
        self.infos.into_iter().try_fold(Vec::new(), |mut all, info| {
            all.extend(parse_file_infos(Some(info))?);
            Ok(all)
        })
    }
}

/// `fileInfo`: an object, a list of them, or either as JSON in a string.
pub(super) fn parse_file_infos(value: Option<Json>) -> Result<Vec<FileInfo>, WireError> {
    let input = match value {
        Some(Json::String(text)) => {
            json::parse_json(text.as_bytes()).map_err(|_| WireError::validation("fileInfo is not valid JSON"))?
        }
        Some(other) => other,
        None => return Ok(Vec::new()),
    };
    let list = match input {
        Json::Array(list) => list,
        one => vec![one],
    };
    let parse = |info: Json| if info.is_null() { Ok(FileInfo::default()) } else { Ok(FileInfo::parse(&info)?) };
    list.into_iter().map(parse).collect()
}

/// Writes a part to a temporary file.
async fn receive_file(
    field: &mut Field<'_>,
    name: String,
    max_bytes: u64,
    folder: &Path,
    pace: &BodyPacer,
) -> Result<FormFile, WireError> {
    let declared_mime = field.content_type().map(str::to_owned);
    let mut writer = FileWriter::new(Arrival::new(folder).map_err(disk_error)?);
    let size = match receive_chunks(field, max_bytes, pace, &mut writer).await {
        Ok(size) => size,
        Err(refused) => {
            // The temporary file is gone before the answer is.
            let _ = writer.finish_writing().await;
            return Err(refused);
        }
    };
    let (temp, sha256) = writer.finish_writing().await.map_err(disk_error)?.finish();
    let incoming =
        IncomingFile { file_name: name, given_name: None, declared_mime, temp, sha256: Some(sha256), replaces: None };
    Ok(FormFile { incoming, size })
}

async fn receive_chunks(
    field: &mut Field<'_>,
    max_bytes: u64,
    pace: &BodyPacer,
    writer: &mut FileWriter,
) -> Result<u64, WireError> {
    let mut size = 0;
    while let Some(chunk) = pace.wait_for(field.chunk()).await? {
        size += chunk.len() as u64;
        if size > max_bytes {
            return Err(WireError::too_large(format!("A file can have at most {max_bytes} bytes")));
        }
        writer.push(chunk).await.map_err(disk_error)?;
    }
    Ok(size)
}

async fn read_text(field: &mut Field<'_>, pace: &BodyPacer) -> Result<String, WireError> {
    let mut all = Vec::new();
    while let Some(chunk) = pace.wait_for(field.chunk()).await? {
        if all.len() + chunk.len() > MAX_TEXT_BYTES {
            return Err(WireError::too_large(format!("A text field can have at most {MAX_TEXT_BYTES} bytes")));
        }
        all.extend_from_slice(&chunk);
    }
    String::from_utf8(all).map_err(|_| WireError::validation("A text field is not valid UTF-8"))
}

/// The progress of a body.
#[derive(Debug, Default)]
struct BodyProgress {
    /// Bytes received in all.
    bytes: AtomicU64,
    /// Bytes received since the parser last returned something.
    held: AtomicUsize,
}

/// Waits for the sender, within limits.
struct BodyPacer {
    seen: Arc<BodyProgress>,
    start: Instant,
    most: u64,
}

impl BodyPacer {
    fn new(limit: u64) -> Self {
        Self { seen: Arc::default(), start: Instant::now(), most: limit }
    }

    /// The next value from the parser. What it cannot parse is the sender's mistake.
    async fn wait_for<T>(
        &self,
        next: impl Future<Output = Result<Option<T>, MultipartError>>,
    ) -> Result<Option<T>, WireError> {
        let next = timeout(MAX_SILENCE, next).await.map_err(|_| too_slow_error())?;
        let next = next.map_err(|e| match self.seen.held.load(Ordering::Relaxed) {
            held if held > MAX_HELD_BYTES => WireError::validation("The headers of a part are too long"),
            _ => WireError::validation(format!("The multipart body cannot be read: {}", e.body_text())),
        })?;
        self.seen.held.store(0, Ordering::Relaxed);
        let bytes = self.seen.bytes.load(Ordering::Relaxed);
        if bytes > self.most {
            return Err(too_large_error(self.most));
        }
        if next.is_some() && is_too_slow(self.start, bytes) { Err(too_slow_error()) } else { Ok(next) }
    }
}

/// Counts a body and hands it on in small pieces. The parser takes all it can get before it looks at any of it, so
/// there is a pause after every piece.
fn counted_chunks(
    body: Body,
    progress: Arc<BodyProgress>,
) -> impl Stream<Item = Result<Bytes, axum::Error>> + Send + 'static {
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
        let piece = rest.split_to(rest.len().min(PARSER_CHUNK_BYTES));
        progress.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
        if progress.held.fetch_add(piece.len(), Ordering::Relaxed) + piece.len() > MAX_HELD_BYTES {
            return Poll::Ready(Some(Err(axum::Error::new(io::Error::other("incomplete part headers")))));
        }
        pause = true;
        Poll::Ready(Some(Ok(piece)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;
    use std::time::Duration;
    use tempfile::TempDir;

    const KIND: &str = "multipart/form-data; boundary=XX";
    /// By another program, of the 70,000 bytes below.
    const SHA256_OF_CONTENT: &str = "9dc177c2fde29dea8e7c29f7ddf147b7c449c99d049c62f3aac0a5933ecf76a3";

    fn part(head: &str, content: &[u8]) -> Vec<u8> {
        [b"--XX\r\nContent-Disposition: form-data; ", head.as_bytes(), b"\r\n\r\n", content, b"\r\n"].concat()
    }

    fn end() -> Vec<u8> {
        b"--XX--\r\n".to_vec()
    }

    /// A body that comes in frames of that many bytes.
    fn frames(all: Vec<u8>, size: usize) -> Body {
        let list: Vec<_> = all.chunks(size).map(|c| Ok::<_, io::Error>(Bytes::copy_from_slice(c))).collect();
        Body::from_stream(stream::iter(list))
    }

    struct Case {
        dir: TempDir,
    }

    impl Case {
        fn new() -> Self {
            Self { dir: tempfile::tempdir().unwrap() }
        }

        async fn read(&self, kind: &str, body: Body) -> Result<MultipartForm, WireError> {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_str(kind).unwrap())]);
            MultipartForm::from_body(&headers, body, 100_000, self.dir.path()).await
        }

        async fn parts(&self, parts: &[Vec<u8>]) -> Result<MultipartForm, WireError> {
            self.read(KIND, Body::from(parts.concat())).await
        }

        /// Status of a refusal, after which no temporary file may be left.
        async fn rejection_status(&self, kind: &str, body: Body) -> u16 {
            let status = self.read(kind, body).await.expect_err("refused").into_response().status();
            assert_eq!(self.temporary_file_count(), 0);
            status.as_u16()
        }

        fn temporary_file_count(&self) -> usize {
            std::fs::read_dir(self.dir.path()).unwrap().count()
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn form_parsing_does_not_depend_on_frame_sizes() {
        let content: Vec<u8> = (0..70_000_u32).map(|n| (n % 251) as u8).collect();
        let body = [
            part("name=\"fileInfo\"", br#"[{"name":"one"},null]"#),
            part("name=\"files\"; filename=\"a.png\"\r\nContent-Type: image/png", &content),
            part("name=\"other\"; filename=\"b.png\"", b"not asked for"),
            part("name=\"files\"; filename=\"\"", b""),
            part("name=\"files\"; filename=\"c.txt\"", b""),
            part("name=\"fileInfo\"", br#"{"caption":"three"}"#),
            part("name=\"ref\"", b"api::book.book"),
            part("name=\"refId\"", b"7"),
            part("name=\"field\"", b"cover"),
            part("name=\"path\"", b"/x"),
            end(),
        ]
        .concat();
        let case = Case::new();
        for size in [1, 3, 1_000, 60_000, body.len()] {
            let form = case.read(KIND, frames(body.clone(), size)).await.unwrap();
            assert_eq!(form.files.iter().map(|f| f.size).collect::<Vec<_>>(), [70_000, 0]);
            let (uploads, link) = form.into_uploads().unwrap();
            let first = &uploads[0];
            assert_eq!(
                (first.incoming.file_name.as_str(), first.incoming.declared_mime.as_deref()),
                ("a.png", Some("image/png"))
            );
            assert_eq!(std::fs::read(&first.incoming.temp).unwrap(), content);
            assert_eq!(first.incoming.sha256.as_deref(), Some(SHA256_OF_CONTENT));
            assert_eq!(first.info.name.as_deref(), Some("one"));
            assert_eq!(uploads[1].info, FileInfo::default());
            let link = link.unwrap();
            assert_eq!([link.content_type.as_str(), &link.row, &link.attribute], ["api::book.book", "7", "cover"]);
            drop(uploads);
            assert_eq!(case.temporary_file_count(), 0);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn malformed_multipart_bodies_are_rejected() {
        let case = Case::new();
        let half = part("name=\"files\"; filename=\"a\"", b"x");
        let complete_body = [half.clone(), end()].concat();
        for (kind, body) in [
            ("multipart/form-data", complete_body.clone()),
            ("multipart/form-data; boundary=", complete_body.clone()),
            ("multipart/form-data; boundary=YY", complete_body.clone()),
            (KIND, Vec::new()),
            (KIND, b"{}".to_vec()),
            (KIND, half.clone()),
            (KIND, complete_body[..complete_body.len() - 6].to_vec()),
            (KIND, half[..half.len() - 3].to_vec()),
            (KIND, b"--XX\r\nno header\r\n\r\nx\r\n--XX--".to_vec()),
            (KIND, [b"--XX\r\n".to_vec(), b"A: b\r\n".repeat(50), b"\r\nx\r\n--XX--".to_vec()].concat()),
            (KIND, [part("name=\"fileInfo\"", b"{"), end()].concat()),
            (KIND, [part("name=\"ref\"", b"\xff"), end()].concat()),
        ] {
            assert_eq!(
                case.rejection_status(kind, Body::from(body.clone())).await,
                400,
                "{kind} {:?}",
                String::from_utf8_lossy(&body)
            );
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn file_text_part_and_body_limits_are_enforced() {
        let case = Case::new();
        let file = |n| part("name=\"files\"; filename=\"a\"", &vec![0; n]);
        let ends = |parts: &[Vec<u8>]| Body::from([parts.concat(), end()].concat());
        assert!(case.parts(&[file(100_000), end()]).await.is_ok());
        assert_eq!(case.rejection_status(KIND, ends(&[file(1), file(100_001)])).await, 413);
        assert_eq!(
            case.rejection_status(KIND, ends(&[part("name=\"fileInfo\"", &vec![b' '; MAX_TEXT_BYTES + 1])])).await,
            413
        );
        assert!(case.parts(&[part("name=\"x\"", b"").repeat(100), end()]).await.is_ok());
        assert_eq!(case.rejection_status(KIND, ends(&vec![part("name=\"x\"", b""); 101])).await, 413);
        // The limit is for the whole body, ignored parts included.
        let limit = 100_000 * MAX_BODY_FILES as usize + MAX_PARTS * MAX_TEXT_BYTES;
        let ignored = part("name=\"other\"; filename=\"a\"", &vec![0; limit]);
        assert_eq!(case.rejection_status(KIND, ends(&[ignored])).await, 413);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn endless_part_headers_and_preambles_are_rejected() {
        let case = Case::new();
        let start = b"--XX\r\nContent-Disposition: form-data; name=\"".to_vec();
        let endless = stream::iter([Ok::<_, io::Error>(Bytes::from(start))])
            .chain(stream::repeat_with(|| Ok(Bytes::from_static(&[b'a'; 10_000]))));
        assert_eq!(case.rejection_status(KIND, Body::from_stream(endless)).await, 400);
        let preamble = stream::repeat_with(|| Ok::<_, io::Error>(Bytes::from_static(&[b'a'; 10_000])));
        assert_eq!(case.rejection_status(KIND, Body::from_stream(preamble)).await, 400);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn interrupted_uploads_leave_no_temporary_files() {
        let case = Case::new();
        let start = Bytes::from(part("name=\"files\"; filename=\"a\"", &[0; 50_000]));
        let broken = stream::iter([Ok(start.clone()), Err(io::Error::other("gone"))]);
        assert_eq!(case.rejection_status(KIND, Body::from_stream(broken)).await, 400);
        // The server gives up on the request as a whole.
        let silent = stream::iter([Ok::<_, io::Error>(start)]).chain(stream::pending());
        let reading = case.read(KIND, Body::from_stream(silent));
        assert!(timeout(Duration::from_millis(200), reading).await.is_err());
        assert_eq!(case.temporary_file_count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn silent_and_slow_bodies_time_out() {
        let case = Case::new();
        let start = Bytes::from(part("name=\"fileInfo\"", b"{"));
        let silent = stream::iter([Ok::<_, io::Error>(start.clone())]).chain(stream::pending());
        assert_eq!(case.rejection_status(KIND, Body::from_stream(silent)).await, 408);
        let drip = stream::iter([Ok::<_, io::Error>(start)]).chain(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            Some((Ok(Bytes::from_static(b"x")), ()))
        }));
        let began = Instant::now();
        assert_eq!(case.rejection_status(KIND, Body::from_stream(drip)).await, 408);
        assert!(began.elapsed() < Duration::from_secs(45));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn empty_file_input_yields_only_file_infos() {
        let case = Case::new();
        let texts =
            [part("name=\"files\"; filename=\"\"", b""), part("name=\"fileInfo\"", b"{\"caption\":\"c\"}"), end()];
        let (files, infos) = case.parts(&texts).await.unwrap().into_parts().unwrap();
        assert_eq!((files.len(), infos[0].caption.as_deref()), (0, Some("c")));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn single_empty_file_is_ignored() {
        let case = Case::new();
        let empty = part("name=\"files\"; filename=\"a\"", b"");
        let form = case.parts(&[empty.clone(), end()]).await.unwrap();
        assert!(form.into_uploads().unwrap().0.is_empty());
        let form = case.parts(&[empty.clone(), empty, end()]).await.unwrap();
        assert_eq!(form.into_uploads().unwrap().0.len(), 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn incomplete_entry_link_is_rejected() {
        let case = Case::new();
        let form = case
            .parts(&[part("name=\"ref\"", b"api::book.book"), part("name=\"field\"", b"cover"), end()])
            .await
            .unwrap();
        let refused = form.into_uploads().unwrap_err();
        assert!(format!("{refused:?}").contains("refId is missing"));
    }

    #[test]
    fn file_info_accepts_objects_lists_and_json_text() {
        let captions = |value: Json| {
            let infos = parse_file_infos(Some(value)).map_err(|e| e.into_response().status().as_u16())?;
            Ok::<_, u16>(infos.into_iter().map(|i| i.caption.unwrap_or_default()).collect::<Vec<_>>())
        };
        let one = serde_json::json!({ "caption": "c" });
        assert_eq!(captions(one.clone()), Ok(vec!["c".into()]));
        assert_eq!(captions(serde_json::json!([one, null])), Ok(vec!["c".into(), "".into()]));
        assert_eq!(captions(Json::String("[{\"caption\":\"c\"}]".into())), Ok(vec!["c".into()]));
        assert_eq!(captions(Json::String("{".into())), Err(400));
        assert_eq!(captions(serde_json::json!(5)), Err(400));
        assert_eq!(captions(serde_json::json!([{ "caption": 5 }])), Err(400));
    }
}
