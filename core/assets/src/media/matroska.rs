//! WebM and Matroska: elements in elements (RFC 8794, RFC 9559). Read are the few that describe the file and its tracks;
//! where a recorder could not know the length in advance, the time of the last block tells it.

use super::bounded_reader::BoundedReader;
use super::facts::{MediaFacts, clean_title, codec_name, frame_rate, nonzero_fact, to_milliseconds};

/// Most elements that are looked at in one file: some hours of a browser's recording.
const MAX_ELEMENTS: u32 = 400_000;

/// Longest description of a file or of its tracks that is read, in bytes.
const MAX_DESCRIPTION_BYTES: u64 = 4 << 20;

/// Most tracks that are looked at.
const MAX_TRACKS: usize = 64;

const EBML_HEADER: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const CLUSTER_TIME: u32 = 0xe7;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

/// Where an element's data begin, and how many there are; `None` where that is to be found out.
struct Element {
    id: u32,
    start: u64,
    length: Option<u64>,
}

pub(super) fn matroska_facts(file: &mut BoundedReader) -> Option<MediaFacts> {
    let end = file.length();
    let mut facts = MediaFacts::default();
    let mut scale = 1_000_000;
    let mut described = (false, false);
    let (mut cluster_time, mut last_block_time) = (0_u64, 0_u64);
    let mut at = 0;
    for _ in 0..MAX_ELEMENTS {
        if described == (true, true) && facts.duration_ms.is_some() {
            break;
        }
        let Some(Element { id, start, length }) = read_element(file, at, end) else { break };
        let within = length.unwrap_or(u64::MAX).min(end.saturating_sub(start));
        let next = start.checked_add(within)?;
        at = match id {
            SEGMENT | BLOCK_GROUP => start,
            // Of no use where the length is known, and often nine tenths of the file.
            CLUSTER if length.is_none() || facts.duration_ms.is_none() => start,
            INFO if within <= MAX_DESCRIPTION_BYTES => {
                let data = file.up_to(start, usize::try_from(within).ok()?).ok()?;
                scale = read_info(&data, &mut facts);
                described.0 = true;
                next
            }
            TRACKS if within <= MAX_DESCRIPTION_BYTES => {
                let data = file.up_to(start, usize::try_from(within).ok()?).ok()?;
                iter_elements(&data)
                    .filter(|(id, _)| *id == 0xae)
                    .take(MAX_TRACKS)
                    .for_each(|(_, data)| read_track(data, &mut facts));
                described.1 = true;
                next
            }
            CLUSTER_TIME => {
                cluster_time = parse_unsigned(&file.up_to(start, usize::try_from(within.min(8)).ok()?).ok()?);
                next
            }
            BLOCK | SIMPLE_BLOCK => {
                let [_, high, low] = file.read_at(start)?;
                let behind = i64::from(i16::from_be_bytes([high, low]));
                last_block_time = last_block_time.max(cluster_time.saturating_add_signed(behind));
                next
            }
            EBML_HEADER => next,
            _ if length.is_some() => next,
            // Elements other than segments and clusters must state their length.
            _ => break,
        };
    }
    if facts.duration_ms.is_none() {
        facts.duration_ms = to_milliseconds(last_block_time as f64 * scale as f64 / 1e9);
    }
    described.1.then_some(facts)
}

/// The element at a place.
fn read_element(file: &mut BoundedReader, at: u64, end: u64) -> Option<Element> {
    if at >= end {
        return None;
    }
    let head = file.up_to(at, 12).ok()?;
    let (id, id_bytes) = parse_id(&head)?;
    let (length, length_bytes) = parse_length(head.get(id_bytes..)?)?;
    Some(Element { id, start: at + (id_bytes + length_bytes) as u64, length })
}

/// An element's name, its marker bit included, and how many bytes it takes.
fn parse_id(bytes: &[u8]) -> Option<(u32, usize)> {
    let count = bytes.first()?.leading_zeros() as usize + 1;
    if count > 4 {
        return None;
    }
    let id = bytes.get(..count)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    Some((id, count))
}

/// A length without its marker bit, and how many bytes it takes; all ones mean that it is not known.
fn parse_length(bytes: &[u8]) -> Option<(Option<u64>, usize)> {
    let count = bytes.first()?.leading_zeros() as usize + 1;
    let bytes = bytes.get(..count).filter(|_| count <= 8)?;
    let all = bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    let ones = (1_u64 << (7 * count)) - 1;
    let length = all & ones;
    Some(((length != ones).then_some(length), count))
}

/// The elements in the data of another, as far as they are whole.
fn iter_elements(mut data: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let (id, id_bytes) = parse_id(data)?;
        let (length, length_bytes) = parse_length(data.get(id_bytes..)?)?;
        let start = id_bytes + length_bytes;
        let end = start.checked_add(usize::try_from(length?).ok()?)?;
        let found = data.get(start..end)?;
        data = data.get(end..)?;
        Some((id, found))
    })
}

fn parse_unsigned(data: &[u8]) -> u64 {
    data.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn parse_float(data: &[u8]) -> Option<f64> {
    match data.len() {
        4 => Some(f64::from(f32::from_be_bytes(data.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(data.try_into().ok()?)),
        _ => None,
    }
}

fn parse_text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).trim_end_matches('\0').to_owned()
}

/// Takes over what is said of the file, and returns how many nanoseconds a unit of its times has.
fn read_info(data: &[u8], facts: &mut MediaFacts) -> u64 {
    let mut scale = 1_000_000;
    let mut duration = None;
    for (id, data) in iter_elements(data) {
        match id {
            0x2a_d7b1 => scale = parse_unsigned(data),
            0x4489 => duration = parse_float(data),
            0x7ba9 => facts.title = clean_title(&parse_text(data)),
            _ => {}
        }
    }
    facts.duration_ms = duration.and_then(|duration| to_milliseconds(duration * scale as f64 / 1e9));
    scale
}

/// Takes over what a track tells: of each kind the first counts.
fn read_track(data: &[u8], facts: &mut MediaFacts) {
    let (mut kind, mut codec, mut nanoseconds) = (0, String::new(), 0);
    let (mut video, mut audio) = (&[][..], &[][..]);
    for (id, data) in iter_elements(data) {
        match id {
            0x83 => kind = parse_unsigned(data),
            0x86 => codec = parse_text(data),
            0x23_e383 => nanoseconds = parse_unsigned(data),
            0xe0 => video = data,
            0xe1 => audio = data,
            _ => {}
        }
    }
    match kind {
        1 if facts.video_codec.is_none() => {
            facts.video_codec = common_name(&codec);
            facts.frame_rate = frame_rate(1e9 / nanoseconds as f64);
            (facts.width, facts.height) = video_size(video);
        }
        2 if facts.audio_codec.is_none() => {
            facts.audio_codec = common_name(&codec);
            facts.channels = Some(1);
            for (id, data) in iter_elements(audio) {
                match id {
                    0x9f => facts.channels = u32::try_from(parse_unsigned(data)).ok().and_then(nonzero_fact),
                    0xb5 => {
                        facts.sample_rate =
                            parse_float(data).filter(|rate| (1.0..1e7).contains(rate)).map(|rate| rate as u32)
                    }
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Width and height as shown, where that is told in pixels, else as stored.
fn video_size(video: &[u8]) -> (Option<u32>, Option<u32>) {
    let (mut stored, mut displayed, mut unit) = ((None, None), (None, None), 0);
    for (id, data) in iter_elements(video) {
        let number = || u32::try_from(parse_unsigned(data)).ok().and_then(nonzero_fact);
        match id {
            0xb0 => stored.0 = number(),
            0xba => stored.1 = number(),
            0x54b0 => displayed.0 = number(),
            0x54ba => displayed.1 = number(),
            0x54b2 => unit = parse_unsigned(data),
            _ => {}
        }
    }
    if unit == 0 { (displayed.0.or(stored.0), displayed.1.or(stored.1)) } else { stored }
}

fn common_name(codec: &str) -> Option<String> {
    let common = match codec {
        "V_VP8" => "vp8",
        "V_VP9" => "vp9",
        "V_AV1" => "av1",
        "V_MPEG4/ISO/AVC" => "h264",
        "V_MPEGH/ISO/HEVC" => "hevc",
        "V_THEORA" => "theora",
        "V_MJPEG" => "mjpeg",
        "V_PRORES" => "prores",
        "A_OPUS" => "opus",
        "A_VORBIS" => "vorbis",
        "A_FLAC" => "flac",
        "A_ALAC" => "alac",
        "A_MPEG/L3" => "mp3",
        "A_AC3" => "ac3",
        "A_EAC3" => "eac3",
        codec if codec.starts_with("V_MPEG4/ISO/") => "mpeg4",
        codec if codec.starts_with("A_AAC") => "aac",
        codec if codec.starts_with("A_PCM/") => "pcm",
        other => return codec_name(other.trim_start_matches("V_").trim_start_matches("A_")),
    };
    Some(common.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_lengths_of_one_to_eight_bytes_are_parsed() {
        assert_eq!(parse_id(&[0xa3, 0]), Some((0xa3, 1)));
        assert_eq!(parse_id(&[0x1a, 0x45, 0xdf, 0xa3]), Some((EBML_HEADER, 4)));
        assert_eq!(parse_id(&[0x08, 0, 0, 0, 0]), None);
        assert_eq!(parse_id(&[0x1a, 0x45]), None);
        assert_eq!(parse_length(&[0x81]), Some((Some(1), 1)));
        assert_eq!(parse_length(&[0x40, 0x02]), Some((Some(2), 2)));
        assert_eq!(parse_length(&[0xff]), Some((None, 1)));
        assert_eq!(parse_length(&[0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Some((None, 8)));
        assert_eq!(parse_length(&[0x00; 9]), None);
        assert_eq!(parse_length(&[]), None);
    }
}
