//! Signs of metadata, wherever they stand: for files whose structure cannot be followed.

use super::source::FileReader;
use memchr::memmem::Finder;
use std::io;

/// Signatures that metadata begins with in any format: EXIF, XMP, Photoshop's (IPTC among it), and EXIF as text in a PNG.
const SIGNATURES: [&[u8]; 6] =
    [b"Exif\0\0", b"eXIf", b"http://ns.adobe.com/xap/1.0/", b"<x:xmpmeta", b"Photoshop 3.0\0", b"Raw profile type"];

/// How much is searched at a time.
const WINDOW_BYTES: usize = 64 << 10;

/// True if any is in a file.
pub(super) fn contains_traces(file: &mut FileReader) -> io::Result<bool> {
    let finders = SIGNATURES.map(Finder::new);
    let overlap = SIGNATURES.iter().map(|signature| signature.len() - 1).max().unwrap_or_default();
    file.seek_to(0)?;
    let mut window = Vec::new();
    loop {
        let new = file.read_up_to(WINDOW_BYTES)?;
        if new.is_empty() {
            return Ok(false);
        }
        window.extend_from_slice(&new);
        if finders.iter().any(|signature| signature.find(&window).is_some()) {
            return Ok(true);
        }
        window.drain(..window.len().saturating_sub(overlap));
    }
}
