//! Sound in containers of its own, read by `lofty`, but for ID3v2 tags ([`id3`]).
//!
//! [`id3`]: super::id3

use super::bounded_reader::BoundedReader;
use super::facts::{MediaFacts, clean_title, nonzero_fact, to_milliseconds};
use super::id3;
use super::tag_guard::TagGuard;
use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::probe::Probe;
use lofty::tag::Accessor;
use std::io;
use std::path::Path;

/// Most bytes that are read of sound: tags are kept while they are read, some of them twice. Pictures in tags are stepped over.
const MAX_SOUND_BYTES: u64 = 12 << 20;

/// Detects the type of sound by the first bytes of a file.
pub(super) fn detect_kind(head: &[u8]) -> Option<FileType> {
    match FileType::from_buffer(head) {
        Some(kind) => Some(kind),
        // A tag may stand before, longer than what is looked at; nearly all that begin with one are MP3.
        None if head.starts_with(b"ID3") => Some(FileType::Mpeg),
        None => None,
    }
}

pub(super) fn sound_facts(path: &Path, kind: FileType) -> Option<MediaFacts> {
    let sound = match read_sound(path, 0, kind, true).ok()? {
        ReadOutcome::Complete(sound) => sound,
        ReadOutcome::MetTag(at) => {
            let tag = id3::read_tag(&mut BoundedReader::open(path).ok()?, at)?;
            // Behind a tag that stands first the file begins anew; over others `lofty` steps.
            let start = if at == 0 { tag.end } else { 0 };
            let rest = match read_sound(path, start, kind, at == 0).ok()? {
                ReadOutcome::MetTag(_) => read_sound(path, start, kind, false).ok()?,
                whole => whole,
            };
            let ReadOutcome::Complete(sound) = rest else { return None };
            let title = tag.title.or_else(|| find_title(&sound));
            return Some(to_facts(&sound, kind, title));
        }
    };
    let title = find_title(&sound);
    Some(to_facts(&sound, kind, title))
}

/// Outcome of reading a file.
enum ReadOutcome {
    Complete(TaggedFile),
    /// There is an ID3v2 tag.
    MetTag(u64),
}

/// Reads a file from a place on, with the tags that are none of ID3v2, or without any.
fn read_sound(path: &Path, start: u64, kind: FileType, tags: bool) -> io::Result<ReadOutcome> {
    let options = ParseOptions::new().read_cover_art(false).read_tags(tags);
    let file = BoundedReader::open(path)?.at_most(MAX_SOUND_BYTES);
    let inspector = BoundedReader::open(path)?.at_most(MAX_SOUND_BYTES);
    let (guarded, sighting) = TagGuard::new(file, inspector, start, !tags)?;
    let outcome = Probe::with_file_type(guarded, kind).options(options).read();
    match sighting.position() {
        Some(at) => Ok(ReadOutcome::MetTag(at)),
        None => outcome.map(ReadOutcome::Complete).map_err(io::Error::other),
    }
}

/// The title in the tags that were read.
fn find_title(sound: &TaggedFile) -> Option<String> {
    sound.primary_tag().or_else(|| sound.first_tag()).and_then(|tag| clean_title(&tag.title()?))
}

fn to_facts(sound: &TaggedFile, kind: FileType, title: Option<String>) -> MediaFacts {
    let properties = sound.properties();
    MediaFacts {
        duration_ms: to_milliseconds(properties.duration().as_secs_f64()),
        audio_codec: codec_of_kind(kind).map(str::to_owned),
        channels: properties.channels().map(u32::from).and_then(nonzero_fact),
        sample_rate: properties.sample_rate().and_then(nonzero_fact),
        title,
        ..MediaFacts::default()
    }
}

fn codec_of_kind(kind: FileType) -> Option<&'static str> {
    match kind {
        FileType::Aac => Some("aac"),
        FileType::Aiff | FileType::Wav => Some("pcm"),
        FileType::Ape => Some("ape"),
        FileType::Flac => Some("flac"),
        FileType::Mpeg => Some("mp3"),
        FileType::Mpc => Some("musepack"),
        FileType::Opus => Some("opus"),
        FileType::Vorbis => Some("vorbis"),
        FileType::Speex => Some("speex"),
        FileType::WavPack => Some("wavpack"),
        _ => None,
    }
}
