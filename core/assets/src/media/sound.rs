//! Sound in containers of its own, read by `lofty`.

use super::reading::Reading;
use super::{Facts, known, milliseconds, title};
use lofty::config::ParseOptions;
use lofty::file::{AudioFile, FileType, TaggedFileExt};
use lofty::probe::Probe;
use lofty::tag::Accessor;

/// Most bytes that are read of sound: tags are kept while they are read, some of them twice. Pictures in tags are stepped over, and
/// a file whose other tags are longer has no facts.
const MAX_BYTES: u64 = 12 << 20;

/// What kind of sound the first bytes of a file show.
pub(super) fn kind(head: &[u8]) -> Option<FileType> {
    match FileType::from_buffer(head) {
        Some(kind) => Some(kind),
        // A tag may stand before, longer than what is looked at; nearly all that begin with one are MP3.
        None if head.starts_with(b"ID3") => Some(FileType::Mpeg),
        None => None,
    }
}

pub(super) fn facts(file: Reading, kind: FileType) -> Option<Facts> {
    let options = ParseOptions::new().read_cover_art(false);
    // Tags that are broken are no reason to know nothing.
    let file = Probe::with_file_type(file.at_most(MAX_BYTES), kind).options(options).read().ok()?;
    let properties = file.properties();
    let told = file.primary_tag().or_else(|| file.first_tag()).and_then(|tag| title(&tag.title()?));
    Some(Facts {
        duration_ms: milliseconds(properties.duration().as_secs_f64()),
        audio_codec: codec(kind).map(str::to_owned),
        channels: properties.channels().map(u32::from).and_then(known),
        sample_rate: properties.sample_rate().and_then(known),
        title: told,
        ..Facts::default()
    })
}

fn codec(kind: FileType) -> Option<&'static str> {
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
