//! Films, sound and documents: what is to be known of them without playing them, and a picture to show for them.
//!
//! Three kinds of trust. What containers of films and sound say is read here, by readers that never take more of a file
//! than they are allowed. PDFs are read by a library that sets no limits, and films are decoded by a program in C:
//! both only ever run in a process of their own, which is given little memory, little time and nothing else, see
//! [`DocumentHelper`] and [`take_poster`].

mod bounded_reader;
mod document;
mod id3;
pub mod limited_program;
mod matroska;
mod mp4;
mod poster;
mod sound;
mod tag_guard;

pub use document::{DocumentFacts, DocumentHelper, document_helper};
pub use poster::take_poster;

use bounded_reader::BoundedReader;
use serde::{Deserialize, Serialize};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Longest title that is kept, in characters.
const MAX_TITLE_CHARS: usize = 200;

/// Facts about a film, a sound or a document. Unknown ones are `None`, and left out of JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MediaFacts {
    /// How long it plays, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// Width in pixels as seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels as seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// `h264`, `hevc`, `av1`, `vp9` and the like; of a codec without a common name what the file calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub video_codec: Option<String>,
    /// `aac`, `opus`, `mp3` and the like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_codec: Option<String>,
    /// Pictures in a second, on average, to a thousandth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<f64>,
    /// How many channels the sound has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channels: Option<u32>,
    /// Samples of sound in a second, in each channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    /// How many pages a document has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The title that is written in the file; at most 200 characters, none of them a control character.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

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

/// A title as it may be shown; `None` where nothing is left.
fn clean_title(text: &str) -> Option<String> {
    let title: String = text.chars().filter(|c| !c.is_control()).take(MAX_TITLE_CHARS).collect();
    let title = title.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

/// Normalizes a file's own name of a codec that has no common name: at most 32 plain characters, in lower case.
fn codec_name(text: &str) -> Option<String> {
    let plain = text.chars().filter(|c| c.is_ascii_alphanumeric() || "-_./".contains(*c));
    let name: String = plain.take(32).collect::<String>().to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

/// A rate that a film may have, to a thousandth.
fn frame_rate(rate: f64) -> Option<f64> {
    (rate.is_finite() && (0.01..=1000.0).contains(&rate)).then(|| (rate * 1000.0).round() / 1000.0)
}

/// A number of something in a second, or of channels, as a container tells it: nought is as good as not told.
fn nonzero_fact(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

/// A duration in milliseconds. What a file tells may be anything; a film is no longer than a year.
fn to_milliseconds(seconds: f64) -> Option<u64> {
    (seconds.is_finite() && seconds > 0.0 && seconds < 366.0 * 86_400.0).then(|| (seconds * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_codec_names_are_sanitised() {
        assert_eq!(clean_title(" a\u{0}b\r\n\u{1b}c "), Some("abc".to_owned()));
        assert_eq!(clean_title(" \n"), None);
        assert_eq!(clean_title(&"é".repeat(1000)).unwrap().chars().count(), 200);
        assert_eq!(codec_name("<b>A_X/y"), Some("ba_x/y".to_owned()));
        assert_eq!(codec_name("\u{0} é"), None);
    }

    #[test]
    fn impossible_frame_rates_and_durations_are_ignored() {
        assert_eq!(frame_rate(29.970_029), Some(29.97));
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(frame_rate(rate), None);
        }
        assert_eq!(to_milliseconds(1.2345), Some(1235));
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(to_milliseconds(seconds), None);
        }
    }

    #[test]
    fn media_facts_serialise_only_known_values() {
        let facts = MediaFacts { duration_ms: Some(5), frame_rate: Some(25.0), ..MediaFacts::default() };
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"{"durationMs":5,"frameRate":25.0}"#);
        assert_eq!(serde_json::from_str::<MediaFacts>(&json).unwrap(), facts);
    }
}
