//! Films, sound and documents: what is to be known of them without playing them, and a picture to show for them.
//!
//! Three kinds of trust. What containers of films and sound say is read here, by readers that never take more of a file
//! than they are allowed. PDFs are read by a library that sets no limits, and films are decoded by a program in C:
//! both only ever run in a process of their own, which is given little memory, little time and nothing else, see
//! [`DocumentHelper`] and [`take_poster`].

mod bounded_reader;
mod document;
mod facts;
mod id3;
pub mod limited_program;
mod matroska;
mod mp4;
mod poster;
mod sound;
mod tag_guard;

pub use document::{DocumentFacts, DocumentHelper, document_helper};
pub use facts::MediaFacts;
pub use poster::take_poster;

use bounded_reader::BoundedReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Reads the facts in the container of a film or of sound; `None` for a file of another type or one that cannot be read.
/// `content_type` is what the file is known to be; which container it is, its first bytes tell.
///
/// Known are MP4, MOV and M4A, WebM and Matroska, MP3, AAC, WAV, AIFF, FLAC, and Ogg with Opus, Vorbis or Speex. For
/// PDF see [`DocumentHelper`]. Reads some kilobytes, wherever they stand in the file. Blocks.
pub fn media_facts(path: &Path, content_type: &str) -> Option<MediaFacts> {
    let plays = ["audio/", "video/"].iter().any(|kind| content_type.starts_with(kind));
    if !plays && content_type != "application/ogg" {
        return None;
    }
    // The readers return errors for all bad input that is known; see `guarded` of the pictures.
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut file = BoundedReader::open(path).ok()?;
        match detect_container(&file.read_head().ok()?)? {
            MediaContainer::Mp4 => mp4::mp4_facts(&mut file),
            MediaContainer::Matroska => matroska::matroska_facts(&mut file),
            MediaContainer::Sound(kind) => sound::sound_facts(path, kind),
        }
    }));
    match read {
        Ok(facts) => facts.filter(|facts| *facts != MediaFacts::default()),
        Err(_) => {
            tracing::error!("a video or audio parser panicked; storing the file without its properties");
            None
        }
    }
}

/// Container format of a file, detected by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum MediaContainer {
    Mp4,
    Matroska,
    Sound(lofty::file::FileType),
}

fn detect_container(head: &[u8]) -> Option<MediaContainer> {
    if head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]) {
        return Some(MediaContainer::Matroska);
    }
    // Old MOV files have no `ftyp`.
    if let Some(b"ftyp" | b"moov" | b"mdat" | b"wide" | b"free" | b"skip") = head.get(4..8) {
        return Some(MediaContainer::Mp4);
    }
    sound::detect_kind(head).map(MediaContainer::Sound)
}
