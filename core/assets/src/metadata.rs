//! Takes out of pictures and films what they tell of people: EXIF with place, serial numbers and previews, XMP, IPTC, comments.
//!
//! Nothing is encoded anew. A file is walked as its readers walk it, and written again with what its pixels need: of formats in which
//! everything has a length of its own ([`jpeg`], [`png`], [`webp`], [`gif`]) the rest is left out, of those in which places are written
//! down ([`tiff`], [`boxes`]) it is overwritten. What stays is listed, so that what nobody knows goes. A walk keeps nothing but the
//! place where it is, or lists that have an end, and a file of which nothing goes is not written.

mod boxes;
mod edits;
mod exif;
mod gif;
mod items;
mod jpeg;
mod output;
mod png;
mod ranges;
mod source;
#[cfg(test)]
mod tests;
mod tiff;
mod traces;
mod walk;
mod webp;

use crate::AssetError;
pub(crate) use output::StrippedFile;
use output::{ChangeDetector, FileWriter, RewriteOutput};
use source::FileReader;
use std::io;
use std::path::Path;
use walk::WalkResult;

/// Treatment of the metadata in a file about how it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetadataPolicy {
    /// It leaves the original before that is stored.
    Strip,
    /// The original is stored as it came.
    Keep,
}

/// The same picture or film without its metadata; `None` where it has none, and for what is neither. Blocks.
///
/// # Errors
/// [`AssetError::InseparableMetadata`] where there is some and it cannot be taken out; [`AssetError::Io`].
pub(crate) fn strip_metadata(path: &Path, content_type: &str, head: &[u8]) -> Result<Option<StrippedFile>, AssetError> {
    let Some(format) = Format::of(content_type, head) else { return Ok(None) };
    let failed = || AssetError::io("read an uploaded file");
    let mut file = FileReader::open(path).map_err(failed())?;
    let mut compared = ChangeDetector::default();
    match format.walk(&mut file, &mut compared).map_err(failed())? {
        WalkResult::Complete if !compared.has_changes(file.length()) => return Ok(None),
        WalkResult::Complete => {}
        WalkResult::Inseparable => return Err(AssetError::InseparableMetadata),
        // A file without a picture is shown by no reader, but its metadata may well be read.
        WalkResult::NoPicture => {
            let traces = traces::contains_traces(&mut file).map_err(failed())?;
            return if traces { Err(AssetError::InseparableMetadata) } else { Ok(None) };
        }
    }
    let writing = || AssetError::io("write an uploaded file without its metadata");
    let mut writer = FileWriter::new(path).map_err(writing())?;
    format.walk(&mut file, &mut writer).map_err(writing())?;
    writer.finish().map(Some)
}

/// Formats that are walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Jpeg,
    Png,
    WebP,
    Gif,
    Tiff,
    Boxes,
}

impl Format {
    /// By its first bytes, as whoever reads it later goes by; by its type where these say little.
    fn of(content_type: &str, head: &[u8]) -> Option<Format> {
        let boxes = matches!(head.get(4..8), Some(b"ftyp" | b"JXL " | b"jP  "));
        // Old films have no `ftyp`.
        let old_film = matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot"));
        Some(match head {
            [0xff, 0xd8, 0xff, ..] => Format::Jpeg,
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Format::Png,
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Format::Gif,
            [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Format::Tiff,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::WebP,
            _ if boxes || (old_film && content_type.starts_with("video/")) => Format::Boxes,
            _ => return None,
        })
    }

    /// Walks a file from its first byte to its last. The same file is walked in the same way every time.
    fn walk(self, file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
        match self {
            Format::Jpeg => jpeg::walk(file, out),
            Format::Png => png::walk(file, out),
            Format::WebP => webp::walk(file, out),
            Format::Gif => gif::walk(file, out),
            Format::Tiff => tiff::walk(file, out),
            Format::Boxes => boxes::walk(file, out),
        }
    }
}
