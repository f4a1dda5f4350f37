//! Reading an answer, within bounds: of what comes over the line and of what it unpacks to.

use super::exchange::NotSent;
use crate::bindings::types::Error;
use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that all answers to the requests of one call of the host may have together.
const TOGETHER: usize = 32 << 20;
/// Bytes of headers of one answer that are handed over.
const HEADERS: usize = 64 << 10;

/// What all answers of one call of the host may still have.
pub(crate) struct Room(AtomicUsize);

impl Room {
    pub(crate) fn new() -> Self {
        Self(AtomicUsize::new(TOGETHER))
    }

    fn take(&self, bytes: usize) -> bool {
        self.0.fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// The names and values of headers, as text.
pub(super) fn shown(headers: &HeaderMap, decoded: bool) -> Result<Vec<(String, String)>, NotSent> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > HEADERS {
        return Err(NotSent::Failed(format!("the response headers have {bytes} bytes; the limit is {HEADERS}")));
    }
    // What holds of the bytes on the line does not hold of those that are handed over.
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
pub(super) async fn read(mut response: Response, most: usize, room: &Room) -> Result<(Vec<u8>, bool), NotSent> {
    let too_large = || NotSent::Refused(Error::Exhausted("response-bytes".to_owned()));
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let packed = match response.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"identity" | b"") => false,
        Some(b"gzip" | b"x-gzip") => true,
        Some(_) => {
            return Err(NotSent::Failed("the response uses a content encoding that was not requested".to_owned()));
        }
    };
    let into = Collected { bytes: Vec::new(), most, room };
    let mut body = if packed { Body::Packed(Box::new(MultiGzDecoder::new(into))) } else { Body::Plain(into) };
    let mut read = 0_usize;
    loop {
        let chunk = match response.chunk().await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(error) => return Err(super::exchange::failed(&error)),
        };
        read = read.saturating_add(chunk.len());
        // A part of an archive may be as long as one likes and unpack to nothing.
        if read > most {
            return Err(too_large());
        }
        let written = match &mut body {
            Body::Plain(into) => into.write_all(&chunk),
            Body::Packed(decoder) => decoder.write_all(&chunk),
        };
        written.map_err(|error| unreadable(&error))?;
    }
    let bytes = match body {
        Body::Plain(into) => into.bytes,
        // Nothing came, as of an answer to HEAD.
        Body::Packed(_) if read == 0 => Vec::new(),
        Body::Packed(decoder) => decoder.finish().map_err(|error| unreadable(&error))?.bytes,
    };
    Ok((bytes, packed))
}

enum Body<'r> {
    Plain(Collected<'r>),
    Packed(Box<MultiGzDecoder<Collected<'r>>>),
}

/// Collects bytes until there are too many.
struct Collected<'r> {
    bytes: Vec<u8>,
    most: usize,
    room: &'r Room,
}

impl Write for Collected<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len().saturating_add(part.len()) > self.most || !self.room.take(part.len()) {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn unreadable(error: &io::Error) -> NotSent {
    match error.kind() {
        io::ErrorKind::FileTooLarge => NotSent::Refused(Error::Exhausted("response-bytes".to_owned())),
        _ => NotSent::Failed("the response body could not be decompressed".to_owned()),
    }
}
