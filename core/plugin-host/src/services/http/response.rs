//! Reading an answer, within bounds: of what comes over the line and of what it unpacks to.

use super::exchange_error::{ExchangeError, request_error};
use crate::contract::bindings::types::Error;
use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that all answers to the requests of one call of the host may have together.
const MAX_TOTAL_BYTES: usize = 32 << 20;
/// Bytes of headers of one answer that are handed over.
const MAX_HEADER_BYTES: usize = 64 << 10;

/// Bytes that all answers of one call of the host may still have.
pub(crate) struct ResponseBudget(AtomicUsize);

impl ResponseBudget {
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(MAX_TOTAL_BYTES))
    }

    fn take_bytes(&self, bytes: usize) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// The names and values of headers, as text.
pub(super) fn header_pairs(headers: &HeaderMap, decoded: bool) -> Result<Vec<(String, String)>, ExchangeError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > MAX_HEADER_BYTES {
        return Err(ExchangeError::Failed(format!(
            "the response headers have {bytes} bytes; the limit is {MAX_HEADER_BYTES}"
        )));
    }
    // Headers that describe the bytes on the connection do not describe the body that the plugin gets.
    let line = |name: &str| {
        matches!(name, "connection" | "keep-alive" | "transfer-encoding")
            || (decoded && matches!(name, "content-encoding" | "content-length"))
    };
    let headers = headers.iter().filter(|(name, _)| !line(name.as_str()));
    Ok(headers
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect())
}

/// Reads a body, unpacked where it is packed. `most`: its bytes, packed and unpacked. Answers whether it was packed.
pub(super) async fn read_body(
    mut response: Response,
    most: usize,
    room: &ResponseBudget,
) -> Result<(Vec<u8>, bool), ExchangeError> {
    let too_large = || ExchangeError::Refused(Error::Exhausted("response-bytes".to_owned()));
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let packed = match response.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"identity" | b"") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(_) => {
            return Err(ExchangeError::Failed(
                "the response uses a content encoding that was not requested".to_owned(),
            ));
        }
    };
    let into = BoundedBuffer { bytes: Vec::new(), limit: most, room };
    let mut body =
        if packed { BodyDecoder::Packed(Box::new(MultiGzDecoder::new(into))) } else { BodyDecoder::Plain(into) };
    let mut read = 0_usize;
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => return Err(request_error(&error)),
        };
        read = read.saturating_add(chunk.len());
        // A part of an archive may be as long as one likes and unpack to nothing.
        if read > most {
            return Err(too_large());
        }
        let result = match &mut body {
            BodyDecoder::Plain(into) => into.write_all(&chunk),
            BodyDecoder::Packed(decoder) => decoder.write_all(&chunk),
        };
        result.map_err(|error| unreadable_body(&error))?;
    }
    let bytes = match body {
        BodyDecoder::Plain(into) => into.bytes,
        // A response to HEAD has no body to decompress.
        BodyDecoder::Packed(_) if read == 0 => Vec::new(),
        BodyDecoder::Packed(decoder) => decoder.finish().map_err(|error| unreadable_body(&error))?.bytes,
    };
    Ok((bytes, packed))
}

enum BodyDecoder<'r> {
    Plain(BoundedBuffer<'r>),
    Packed(Box<MultiGzDecoder<BoundedBuffer<'r>>>),
}

/// Collects bytes until there are too many.
struct BoundedBuffer<'r> {
    bytes: Vec<u8>,
    limit: usize,
    room: &'r ResponseBudget,
}

impl Write for BoundedBuffer<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(part.len()) > self.limit || !self.room.take_bytes(part.len()) {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unreadable_body(error: &io::Error) -> ExchangeError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => ExchangeError::Refused(Error::Exhausted("response-bytes".to_owned())),
        _ => ExchangeError::Failed("the response body could not be decompressed".to_owned()),
    }
}
