//! An object on its way here. A connection that breaks off is taken up again where it broke; an end before the end is
//! an error.

use super::errors::to_asset_error;
use super::{S3, to_system_time};
use crate::{AssetError, Blob, ByteRange};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use std::io::{self, ErrorKind, Read};
use std::time::Duration;

const OPEN_ACTION: &str = "open a file";
/// Connections after the first that one reading may use up.
const MAX_RECONNECTS: u32 = 3;
/// Before such a connection.
const RECONNECT_PAUSE: Duration = Duration::from_millis(200);
const RANGE_NOT_SATISFIABLE: u16 = 416;
const PRECONDITION_FAILED: u16 = 412;

/// Remaining bytes of an object, or of a range of it.
pub(super) struct ObjectBody {
    s3: S3,
    name: String,
    etag: Option<String>,
    /// The next byte, and the one behind the last.
    at: u64,
    end: u64,
    stream: ByteStream,
    /// Bytes that have been received and not yet been read.
    here: bytes::Bytes,
    again: u32,
}

impl ObjectBody {
    /// As [`crate::BlobStore::open`].
    pub(super) async fn open_object(
        s3: &S3,
        name: String,
        range: Option<ByteRange>,
    ) -> Result<Option<Blob>, AssetError> {
        let range_header = range.map(|range| match i64::try_from(range.end) {
            Ok(end) => format!("bytes={}-{end}", range.start),
            Err(_) => format!("bytes={}-", range.start),
        });
        let output = match request_object(s3, &name, range_header, None).await {
            Ok(output) => output,
            Err(e) if status_code(&e) == Some(RANGE_NOT_SATISFIABLE) => return behind_the_end(s3, &name).await,
            Err(e) if e.as_service_error().is_some_and(|e| e.is_no_such_key()) => return Ok(None),
            Err(e) => return Err(to_asset_error(OPEN_ACTION, s3.bucket())(e)),
        };
        let (at, end, length) = answered_range(&output, range).map_err(AssetError::io(OPEN_ACTION))?;
        let modified = output.last_modified().and_then(to_system_time);
        let etag = output.e_tag().map(str::to_owned);
        let body = ObjectBody {
            s3: s3.clone(),
            name,
            etag,
            at,
            end,
            stream: output.body,
            here: bytes::Bytes::new(),
            again: 0,
        };
        Ok(Some(Blob { body: Box::new(body), length, modified }))
    }

    /// Waits for more bytes; some, unless it fails.
    async fn read_more(&mut self) -> io::Result<()> {
        loop {
            let next = tokio::time::timeout(self.s3.shared.options.request_timeout, self.stream.try_next()).await;
            let broke = match next {
                Ok(Ok(Some(bytes))) if bytes.len() as u64 > self.end - self.at => {
                    return Err(io::Error::other("the object store sent more data than the file contains"));
                }
                Ok(Ok(Some(bytes))) if bytes.is_empty() => continue,
                Ok(Ok(Some(bytes))) => {
                    self.here = bytes;
                    return Ok(());
                }
                Ok(Ok(None)) => (ErrorKind::UnexpectedEof, "ended too early"),
                Ok(Err(_)) => (ErrorKind::UnexpectedEof, "was interrupted"),
                Err(_) => (ErrorKind::TimedOut, "stalled"),
            };
            self.resume_read(broke).await?;
        }
    }

    /// Goes on where a connection broke off, in the same object.
    async fn resume_read(&mut self, (kind, broke): (ErrorKind, &str)) -> io::Result<()> {
        let missing = self.end - self.at;
        let failed =
            |why: &str| Err(io::Error::new(kind, format!("the download {broke}; {missing} bytes are missing{why}")));
        self.again += 1;
        if self.again > MAX_RECONNECTS || self.etag.is_none() {
            return failed("");
        }
        tokio::time::sleep(RECONNECT_PAUSE * self.again).await;
        let range = ByteRange { start: self.at, end: self.end - 1 };
        let range_header = Some(format!("bytes={}-{}", range.start, range.end));
        match request_object(&self.s3, &self.name, range_header, self.etag.clone()).await {
            Ok(output) => {
                let (at, end, _) = answered_range(&output, Some(range))?;
                if (at, end) != (self.at, self.end) || output.e_tag() != self.etag.as_deref() {
                    return failed(": the file has changed in the meantime");
                }
                self.stream = output.body;
                Ok(())
            }
            Err(e) if status_code(&e) == Some(PRECONDITION_FAILED) => failed(": the file was replaced in the meantime"),
            Err(e) => failed(&format!(": {}", to_asset_error(OPEN_ACTION, self.s3.bucket())(e))),
        }
    }
}

impl Read for ObjectBody {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.end || out.is_empty() {
            return Ok(0);
        }
        if self.here.is_empty() {
            let s3 = self.s3.clone();
            s3.run_blocking(self.read_more())?;
        }
        let n = out.len().min(self.here.len());
        out[..n].copy_from_slice(&self.here.split_to(n));
        self.at += n as u64;
        Ok(n)
    }
}

async fn request_object(
    s3: &S3,
    name: &str,
    range: Option<String>,
    etag: Option<String>,
) -> Result<GetObjectOutput, SdkError<GetObjectError, aws_sdk_s3::config::http::HttpResponse>> {
    let request = s3.client().get_object().bucket(s3.bucket()).key(name);
    request.set_range(range).set_if_match(etag).send().await
}

fn status_code<E: ProvideErrorMetadata>(error: &SdkError<E, aws_sdk_s3::config::http::HttpResponse>) -> Option<u16> {
    error.raw_response().map(|answer| answer.status().as_u16())
}

/// A range that begins behind the end has no bytes.
async fn behind_the_end(s3: &S3, name: &str) -> Result<Option<Blob>, AssetError> {
    let Some(info) = s3.head_object(OPEN_ACTION, name).await? else { return Ok(None) };
    let modified = info.modified.as_ref().and_then(to_system_time);
    Ok(Some(Blob { body: Box::new(io::empty()), length: info.length.unwrap_or_default(), modified }))
}

/// The first byte of an answer, the one behind its last, and the length of the whole object.
fn answered_range(output: &GetObjectOutput, range: Option<ByteRange>) -> io::Result<(u64, u64, u64)> {
    let range_error = || io::Error::other("the object store sent a different part of the file than requested");
    let content_length = output.content_length().and_then(|n| u64::try_from(n).ok()).ok_or_else(range_error)?;
    let Some(range) = range else { return Ok((0, content_length, content_length)) };
    let (first_byte, last_byte, length) = output.content_range().and_then(content_range).ok_or_else(range_error)?;
    let is_requested = first_byte == range.start && last_byte == range.end.min(length.saturating_sub(1));
    if is_requested && last_byte >= first_byte && last_byte - first_byte + 1 == content_length {
        Ok((first_byte, last_byte + 1, length))
    } else {
        Err(range_error())
    }
}

/// `bytes 0-9/100`.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, length) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first_byte, last_byte) = range.split_once('-')?;
    Some((first_byte.parse().ok()?, last_byte.parse().ok()?, length.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object_response(length: i64, range: Option<&str>) -> GetObjectOutput {
        GetObjectOutput::builder().content_length(length).set_content_range(range.map(str::to_owned)).build()
    }

    #[test]
    fn responses_with_another_range_are_rejected() {
        let some_range = |start, end| Some(ByteRange { start, end });
        let took = |length, range, byte_range| answered_range(&object_response(length, range), byte_range).ok();
        assert_eq!(took(10, None, None), Some((0, 10, 10)));
        assert_eq!(took(3, Some("bytes 2-4/10"), some_range(2, 4)), Some((2, 5, 10)));
        assert_eq!(took(8, Some("bytes 2-9/10"), some_range(2, u64::MAX)), Some((2, 10, 10)));
        assert_eq!(took(10, None, some_range(2, 4)), None);
        assert_eq!(took(2, Some("bytes 2-3/10"), some_range(2, 4)), None);
        assert_eq!(took(3, Some("bytes 1-3/10"), some_range(2, 4)), None);
        assert_eq!(took(2, Some("bytes 2-4/10"), some_range(2, 4)), None);
        assert_eq!(took(3, Some("bytes 2-4/*"), some_range(2, 4)), None);
    }
}
