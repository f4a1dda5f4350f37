//! MP4, MOV and M4A: boxes within boxes (ISO/IEC 14496-12). Only the boxes of the few fields that are reported are read; the tables of
//! samples, which may have any length, are skipped.

use super::bounded_reader::BoundedReader;
use super::facts::{MediaFacts, clean_title, codec_name, frame_rate, nonzero_fact, to_milliseconds};

/// Largest number of boxes that are read in one file.
const MAX_BOXES: u32 = 100_000;

/// Longest title that is read, in bytes.
const MAX_TITLE_BYTES: u64 = 1024;

/// Longest description of a codec that is read, in bytes.
const MAX_ENTRY_BYTES: usize = 4096;

/// Sizes of the fixed parts of sample descriptions for pictures and sound, their boxes' headers included.
const VISUAL_BYTES: usize = 86;
const AUDIO_BYTES: usize = 36;

/// A box: its name, and where its content begins and ends.
#[derive(Debug, Clone, Copy)]
struct Mp4Box {
    name: [u8; 4],
    start: u64,
    end: u64,
}

struct BoxReader<'a> {
    file: &'a mut BoundedReader,
    left: u32,
}

/// The facts about a track.
#[derive(Default)]
struct TrackFacts {
    kind: [u8; 4],
    facts: MediaFacts,
    seconds: Option<f64>,
}

pub(super) fn mp4_facts(file: &mut BoundedReader) -> Option<MediaFacts> {
    let end = file.length();
    let mut boxes = BoxReader { file, left: MAX_BOXES };
    let film = boxes.find_box(0, end, b"moov")?;
    let mut facts = MediaFacts::default();
    let mut at = film.start;
    let mut longest: Option<f64> = None;
    while let Some(part) = boxes.next_box(&mut at, film.end) {
        match &part.name {
            b"mvhd" => facts.duration_ms = boxes.read_duration(part).and_then(to_milliseconds),
            b"mvex" => {
                // Of a film in fragments, `mvhd` tells nothing.
                let fragments = boxes.find_box(part.start, part.end, b"mehd");
                let fragments = fragments.and_then(|part| boxes.fragments_duration(part, film));
                facts.duration_ms = facts.duration_ms.or(fragments.and_then(to_milliseconds));
            }
            b"trak" => {
                let track = boxes.read_track(part).unwrap_or_default();
                longest = longest.into_iter().chain(track.seconds).reduce(f64::max);
                facts.add_track(track);
            }
            b"udta" | b"meta" => facts.title = facts.title.take().or_else(|| boxes.read_title(part)),
            _ => {}
        }
    }
    facts.duration_ms = facts.duration_ms.or(longest.and_then(to_milliseconds));
    Some(facts)
}

impl MediaFacts {
    /// Adds the facts about a track: the first of each kind counts.
    fn add_track(&mut self, track: TrackFacts) {
        let TrackFacts { kind, facts, .. } = track;
        if &kind == b"vide" && self.video_codec.is_none() {
            self.video_codec = facts.video_codec;
            (self.width, self.height, self.frame_rate) = (facts.width, facts.height, facts.frame_rate);
        } else if &kind == b"soun" && self.audio_codec.is_none() {
            self.audio_codec = facts.audio_codec;
            (self.channels, self.sample_rate) = (facts.channels, facts.sample_rate);
        }
    }
}

impl BoxReader<'_> {
    /// The box that begins at `at`, which is then moved to the next one. `None` at the end, and where there is no box.
    fn next_box(&mut self, at: &mut u64, end: u64) -> Option<Mp4Box> {
        self.left = self.left.checked_sub(1)?;
        let start = *at;
        if start.checked_add(8)? > end {
            return None;
        }
        let [a, b, c, d, name @ ..] = self.file.read_at::<8>(start)?;
        let (header, size) = match u32::from_be_bytes([a, b, c, d]) {
            // To the end.
            0 => (8, end - start),
            1 => (16, u64::from_be_bytes(self.file.read_at(start + 8)?)),
            size => (8, u64::from(size)),
        };
        if size < header {
            return None;
        }
        // A file that breaks off may still tell what stands before.
        let next = start.checked_add(size)?.min(end);
        *at = next;
        Some(Mp4Box { name, start: (start + header).min(next), end: next })
    }

    /// The first box of this name between two offsets.
    fn find_box(&mut self, start: u64, end: u64, name: &[u8; 4]) -> Option<Mp4Box> {
        let mut at = start;
        loop {
            let part = self.next_box(&mut at, end)?;
            if part.name == *name {
                return Some(part);
            }
        }
    }

    /// The box at the end of a path of names.
    fn find_path(&mut self, from: Mp4Box, path: &[&[u8; 4]]) -> Option<Mp4Box> {
        path.iter().try_fold(from, |part, name| self.find_box(part.start, part.end, name))
    }

    /// Four bytes of a box, at an offset from its beginning.
    fn read_u32(&mut self, part: Mp4Box, offset: u64) -> Option<u32> {
        let at = part.start + offset;
        (at + 4 <= part.end).then(|| self.file.read_at(at).map(u32::from_be_bytes))?
    }

    /// Eight bytes of a box.
    fn read_u64(&mut self, part: Mp4Box, offset: u64) -> Option<u64> {
        Some(u64::from(self.read_u32(part, offset)?) << 32 | u64::from(self.read_u32(part, offset + 4)?))
    }

    /// The duration in seconds; `mvhd` and `mdhd` begin alike: version, two times, units in a second, and the duration in units.
    fn read_duration(&mut self, part: Mp4Box) -> Option<f64> {
        let wide = self.read_u32(part, 0)? >> 24 == 1;
        let (scale, duration) = if wide {
            (self.read_u32(part, 20)?, self.read_u64(part, 24)?)
        } else {
            (self.read_u32(part, 12)?, u64::from(self.read_u32(part, 16)?))
        };
        // A duration of all ones means that it is unknown.
        let unknown = if wide { u64::MAX } else { u64::from(u32::MAX) };
        (scale > 0 && duration > 0 && duration != unknown).then(|| duration as f64 / f64::from(scale))
    }

    fn fragments_duration(&mut self, part: Mp4Box, film: Mp4Box) -> Option<f64> {
        let header = self.find_box(film.start, film.end, b"mvhd")?;
        let scale = match self.read_u32(header, 0)? >> 24 {
            1 => self.read_u32(header, 20)?,
            _ => self.read_u32(header, 12)?,
        };
        let duration = match self.read_u32(part, 0)? >> 24 {
            1 => self.read_u64(part, 4)?,
            _ => u64::from(self.read_u32(part, 4)?),
        };
        (scale > 0).then(|| duration as f64 / f64::from(scale))
    }

    fn read_track(&mut self, track: Mp4Box) -> Option<TrackFacts> {
        let media = self.find_box(track.start, track.end, b"mdia")?;
        let handler = self.find_box(media.start, media.end, b"hdlr")?;
        let kind = self.read_u32(handler, 8)?.to_be_bytes();
        let seconds = self.find_box(media.start, media.end, b"mdhd").and_then(|part| self.read_duration(part));
        let mut track_facts = TrackFacts { kind, seconds, facts: MediaFacts::default() };
        let Some(table) = self.find_path(media, &[b"minf", b"stbl"]) else { return Some(track_facts) };
        let entry = self.find_box(table.start, table.end, b"stsd").and_then(|part| {
            // Version and number of entries stand before the first.
            let length = usize::try_from(part.end - part.start).unwrap_or(MAX_ENTRY_BYTES).min(MAX_ENTRY_BYTES);
            self.file.up_to(part.start + 8, length.saturating_sub(8)).ok()
        });
        let entry = entry.unwrap_or_default();
        match &kind {
            b"vide" => {
                let turned =
                    self.find_box(track.start, track.end, b"tkhd").is_some_and(|header| self.is_turned(header));
                track_facts.facts.video_codec = video_codec(&entry);
                let size = (read_u16(&entry, 32).and_then(nonzero_fact), read_u16(&entry, 34).and_then(nonzero_fact));
                (track_facts.facts.width, track_facts.facts.height) = if turned { (size.1, size.0) } else { size };
                let frames = self.count_samples(table).filter(|frames| *frames > 1);
                let rate = frames.zip(seconds).map(|(frames, seconds)| f64::from(frames) / seconds);
                track_facts.facts.frame_rate = rate.and_then(frame_rate);
            }
            b"soun" => {
                track_facts.facts.audio_codec = audio_codec(&entry);
                // Of AAC it is written in two places, and here many write 2 whatever it is.
                track_facts.facts.channels =
                    aac_channels(&entry).or_else(|| read_u16(&entry, 24)).and_then(nonzero_fact);
                track_facts.facts.sample_rate = read_u16(&entry, 32).and_then(nonzero_fact);
            }
            _ => {}
        }
        Some(track_facts)
    }

    /// The number of samples of a track.
    fn count_samples(&mut self, table: Mp4Box) -> Option<u32> {
        let mut at = table.start;
        loop {
            let part = self.next_box(&mut at, table.end)?;
            if matches!(&part.name, b"stsz" | b"stz2") {
                return self.read_u32(part, 8);
            }
        }
    }

    /// True if pictures are shown rotated by a quarter turn, as phones held upright record them: the matrix of a `tkhd` exchanges the axes.
    fn is_turned(&mut self, header: Mp4Box) -> bool {
        let matrix = match self.read_u32(header, 0).map(|word| word >> 24) {
            Some(1) => 52,
            _ => 40,
        };
        let parts = [0, 4, 12, 16].map(|offset| self.read_u32(header, matrix + offset));
        matches!(parts, [Some(0), Some(1..), Some(1..), Some(0)])
    }

    /// The title, which iTunes and QuickTime write in different ways.
    fn read_title(&mut self, part: Mp4Box) -> Option<String> {
        let meta = if &part.name == b"meta" { Some(part) } else { self.find_box(part.start, part.end, b"meta") };
        if let Some(mut meta) = meta {
            // In MP4 four bytes stand before the first box, in MOV none.
            if self.read_u32(meta, 4) != Some(u32::from_be_bytes(*b"hdlr")) {
                meta.start = (meta.start + 4).min(meta.end);
            }
            if let Some(data) = self.find_path(meta, &[b"ilst", b"\xa9nam", b"data"]) {
                return self.read_text(data, 8);
            }
        }
        let name = self.find_box(part.start, part.end, b"\xa9nam")?;
        self.read_text(name, 4)
    }

    /// The text of a box after so many bytes.
    fn read_text(&mut self, part: Mp4Box, offset: u64) -> Option<String> {
        let length = (part.end - part.start).checked_sub(offset)?.min(MAX_TITLE_BYTES);
        let bytes = self.file.up_to(part.start + offset, usize::try_from(length).ok()?).ok()?;
        clean_title(&String::from_utf8_lossy(&bytes))
    }
}

/// Two bytes of a sample description.
fn read_u16(entry: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(*entry.get(at..)?.first_chunk()?)))
}

fn video_codec(entry: &[u8]) -> Option<String> {
    let name = encrypted_description(entry, VISUAL_BYTES).or(entry.get(4..8))?;
    let common = match name {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" => "h264",
        b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => "hevc",
        b"vvc1" | b"vvi1" => "vvc",
        b"av01" => "av1",
        b"vp08" => "vp8",
        b"vp09" => "vp9",
        b"mp4v" => "mpeg4",
        b"s263" | b"h263" => "h263",
        b"jpeg" | b"mjpa" | b"mjpb" => "mjpeg",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "prores",
        other => return codec_name(&String::from_utf8_lossy(other)),
    };
    Some(common.to_owned())
}

fn audio_codec(entry: &[u8]) -> Option<String> {
    let name = encrypted_description(entry, AUDIO_BYTES).or(entry.get(4..8))?;
    let common = match name {
        b"mp4a" => match object_type(entry) {
            Some(0x69 | 0x6b) => "mp3",
            Some(0xdd) => "vorbis",
            _ => "aac",
        },
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"alac" => "alac",
        b".mp3" | b"mp3 " => "mp3",
        b"ac-3" => "ac3",
        b"ec-3" => "eac3",
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw " => "pcm",
        other => return codec_name(&String::from_utf8_lossy(other)),
    };
    Some(common.to_owned())
}

/// The codec of an encrypted track: `sinf` holds a `frma`, which holds the name.
fn encrypted_description(entry: &[u8], fixed: usize) -> Option<&[u8]> {
    if !matches!(entry.get(4..8)?, b"encv" | b"enca") {
        return None;
    }
    let rest = entry.get(fixed..)?;
    let at = rest.windows(4).position(|name| name == b"frma")?;
    rest.get(at + 4..at + 8)
}

/// The kind of sound in an `mp4a`: the first byte of its decoder's description.
fn object_type(entry: &[u8]) -> Option<u8> {
    decoder_description(entry)?.first().copied()
}

/// The number of channels in the configuration of an AAC decoder: four bits after those of the kind and the rate.
fn aac_channels(entry: &[u8]) -> Option<u32> {
    let description = decoder_description(entry)?;
    if description.first() != Some(&0x40) {
        return None;
    }
    let configuration = find_descriptor(description.get(13..)?, 5)?;
    let bits = configuration.iter().take(6).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let bits = bits << (64 - 8 * configuration.len().clamp(1, 6));
    // A rate that is none of the usual ones is written out behind its four bits.
    let before = if bits >> 55 & 15 == 15 { 9 + 24 } else { 9 };
    match bits << before >> 60 {
        channels @ 1..=6 => u32::try_from(channels).ok(),
        7 => Some(8),
        _ => None,
    }
}

/// The description of the decoder in the `esds` of a sample description.
fn decoder_description(entry: &[u8]) -> Option<&[u8]> {
    let at = entry.windows(4).position(|name| name == b"esds")?;
    // Version and flags stand before.
    let stream = find_descriptor(entry.get(at + 8..)?, 3)?;
    let flags = *stream.get(2)?;
    // The flags say which optional fields follow: another stream, an address, a clock.
    let address = if flags & 0x40 != 0 { usize::from(*stream.get(3)?) + 1 } else { 0 };
    let optional_length = usize::from(flags & 0x80 != 0) * 2 + address + usize::from(flags & 0x20 != 0) * 2;
    find_descriptor(stream.get(3 + optional_length..)?, 4)
}

/// The content of a descriptor of this kind, after its length of one to four bytes, which is not needed.
fn find_descriptor(bytes: &[u8], kind: u8) -> Option<&[u8]> {
    let (first, rest) = bytes.split_first()?;
    let length = rest.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    (*first == kind).then(|| rest.get(length + 1..))?
}
