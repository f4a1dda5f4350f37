//! Files: the plugin's own, and those of the media library that it may see. Large ones stay with the host: what is passed on is an id.

use crate::bindings::files as raw;
use crate::{Error, FileId, Result, time};
use std::time::Duration;

pub use raw::Info;

/// Bytes that are read at a time.
const PIECE: u32 = 256 << 10;

/// Returns the metadata of a file; none where there is none that the plugin may see.
///
/// # Errors
/// What the host says.
pub fn stat(id: &str) -> Result<Option<Info>> {
    Ok(raw::stat(&[id.to_owned()])?.pop().flatten())
}

/// Stores a file of the plugin's own. Not in hooks or event handlers, nor in an open transaction.
///
/// # Errors
/// What the host says: `Exhausted` where a call has stored too much.
pub fn create(name: &str, media_type: &str, content: &[u8]) -> Result<FileId> {
    raw::create(name, media_type, content)
}

/// Stores the body of the request, where it came as a file ([`Request::file`](crate::Request::file)), as a file of the plugin's own, and
/// returns its new id. Not in an open transaction.
///
/// # Errors
/// `NotFound` where the id is not that of this request's body; `Exhausted` where the plugin may store no more.
pub fn keep(id: &str, name: &str, media_type: &str) -> Result<FileId> {
    raw::keep(id, name, media_type)
}

/// A part of a file; fewer bytes than were asked for at its end, and where the host hands over no more at a time.
///
/// # Errors
/// `NotFound` where there is none that the plugin may see.
pub fn read(id: &str, offset: u64, length: u32) -> Result<Vec<u8>> {
    raw::read(id, offset, length)
}

/// All bytes of a file, piece by piece.
///
/// # Errors
/// As [`read`]; `Invalid` where it has more than `most` bytes.
pub fn read_all(id: &str, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let piece = read(id, bytes.len() as u64, PIECE)?;
        if piece.is_empty() {
            return Ok(bytes);
        }
        if bytes.len() + piece.len() > most {
            return Err(Error::field("", "too-large", format!("the file has more than {most} bytes")));
        }
        bytes.extend_from_slice(&piece);
    }
}

/// An address that is good for so long: seven days at most. A public file's own address, which has no end.
///
/// # Errors
/// `NotFound` where there is none that the plugin may see.
pub fn link(id: &str, valid_for: Duration) -> Result<String> {
    raw::link(id, time::millis(valid_for))
}

/// Puts files of the plugin's own into the trash: all of them or none.
///
/// # Errors
/// `Denied` where one is somebody else's, `NotFound` where there is none that the plugin may see.
pub fn delete(ids: &[FileId]) -> Result<()> {
    raw::delete(ids)
}
