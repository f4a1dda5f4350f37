//! Sound.

use crate::pictures::deflated;
use crate::{MOST, counting};
use cairn_assets::{MediaFacts, media_facts};
use std::io::Write;

const LONG: usize = 100 << 20;

/// Reads what a file says of itself, and fails where that took more memory than it may.
#[track_caller]
fn read_within_memory(why: &str, bytes: &[u8], content_type: &str) -> Option<MediaFacts> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let (facts, peak) = counting::measure_peak(|| media_facts(file.path(), content_type));
    assert!(peak <= MOST, "{why}: {} MiB", peak >> 20);
    facts
}

/// Seven bits a byte.
fn synchsafe(number: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (number >> shift & 0x7f) as u8)
}

/// A frame of MPEG sound, so that there is some behind the tag.
fn mpeg() -> Vec<u8> {
    let mut frame = vec![0xff, 0xfb, 0x90, 0x64];
    frame.resize(417, 0);
    frame.repeat(20)
}

fn id3(frames: &[u8]) -> Vec<u8> {
    [b"ID3\x04\0\0".as_slice(), &synchsafe(frames.len()), frames, &mpeg()].concat()
}

fn frame(name: &[u8; 4], flags: [u8; 2], data: &[u8]) -> Vec<u8> {
    [name.as_slice(), &synchsafe(data.len()), &flags, data].concat()
}

#[test]
fn long_or_many_id3_frames_use_bounded_memory() {
    let text = |length: usize| [&[3][..], &vec![b'a'; length]].concat();
    for (why, frames) in [
        ("a long text", frame(b"TIT2", [0, 0], &text(LONG))),
        ("long texts", frame(b"TIT2", [0, 0], &text(1 << 20)).repeat(100)),
        ("many texts", frame(b"TXXX", [0, 0], b"\x03a\0b").repeat(5_000_000)),
        ("a long picture", frame(b"APIC", [0, 0], &[b"\0image/png\0\x03\0".as_slice(), &vec![0; LONG]].concat())),
        ("long private data", frame(b"PRIV", [0, 0], &[b"a\0".as_slice(), &vec![0; LONG]].concat())),
    ] {
        read_within_memory(why, &id3(&frames), "audio/mpeg");
    }
}

/// A tag whose frames say that they are compressed, and unfold to a hundred times as much as may be.
fn bomb(version: u8) -> Vec<u8> {
    let text = deflated(400 << 20);
    // How long it is when unfolded; then compressed, and in the later version with that length.
    let content = [&[0, 0, 4, 0][..], &text].concat();
    let flags = if version == 3 { [0, 0x80] } else { [0, 9] };
    let length = |length: usize| if version == 3 { (length as u32).to_be_bytes() } else { synchsafe(length) };
    let frame = |name: &[u8; 4], flags: [u8; 2], content: &[u8]| {
        [name.as_slice(), &length(content.len()), &flags, content].concat()
    };
    let title = frame(b"TIT2", flags, &content);
    // The chapter contains a compressed frame too.
    let chapter = frame(b"CHAP", [0, 0], &[b"a\0".as_slice(), &[0; 16], &title].concat());
    let frames = [title.clone(), chapter].concat();
    [b"ID3".as_slice(), &[version, 0, 0], &synchsafe(frames.len()), &frames].concat()
}

#[test]
fn compressed_id3_tags_are_not_expanded() {
    let (pair, long) = (|tag: &[u8]| [tag, tag].concat(), |length: usize| (length as u32).to_be_bytes());
    for version in [3, 4] {
        let tag = bomb(version);
        let facts =
            read_within_memory("MP3", &[tag.as_slice(), &mpeg()].concat(), "audio/mpeg").expect("the sound is there");
        assert_eq!((facts.audio_codec.as_deref(), facts.channels, facts.title), (Some("mp3"), Some(2), None));
        read_within_memory("two tags", &[pair(&tag).as_slice(), &mpeg()].concat(), "audio/mpeg");
        read_within_memory("a tag behind noughts", &[&[0; 500][..], &tag, &mpeg()].concat(), "audio/mpeg");
        read_within_memory("a tag in between", &[b"anything".as_slice(), &tag, &mpeg()].concat(), "audio/mpeg");
        read_within_memory("AAC", &[tag.as_slice(), b"\xff\xf1\x50\x80\x02\x1f\xfc", &[0; 400]].concat(), "audio/aac");
        let info = [b"fLaC\x80\0\0\x22".as_slice(), &[1; 34], &[0; 64]].concat();
        read_within_memory("FLAC", &[tag.as_slice(), &info].concat(), "audio/flac");
        read_within_memory("Monkey's Audio", &[tag.as_slice(), b"MAC ", &[0; 200]].concat(), "audio/ape");
        read_within_memory("Musepack", &[tag.as_slice(), b"MPCK", &[0; 200]].concat(), "audio/x-musepack");
        for name in [b"id3 ", b"ID3 "] {
            let chunk = [name.as_slice(), &(tag.len() as u32).to_le_bytes(), &tag, &[0][..tag.len() % 2]].concat();
            let media_facts = read_within_memory("WAV", &wav(&chunk), "audio/wav").expect("the sound is there");
            assert_eq!((media_facts.audio_codec.as_deref(), media_facts.sample_rate), (Some("pcm"), Some(44_100)));
            let chunk = [name.as_slice(), &long(tag.len()), &tag, &[0][..tag.len() % 2]].concat();
            let common =
                [b"COMM".as_slice(), &long(18), &[0, 1, 0, 0, 0, 9, 0, 16], b"\x40\x0e\xac\x44\0\0\0\0\0\0"].concat();
            let body = [b"AIFF".as_slice(), &common, &chunk, b"SSND\0\0\0\x08\0\0\0\0\0\0\0\0"].concat();
            read_within_memory("AIFF", &[b"FORM".as_slice(), &long(body.len()), &body].concat(), "audio/aiff");
        }
    }
}

/// A WAV with more chunks than it needs.
fn wav(chunks: &[u8]) -> Vec<u8> {
    let format =
        [b"fmt \x10\0\0\0\x01\0\x01\0".as_slice(), &44_100_u32.to_le_bytes(), &[0; 4], &[2, 0, 16, 0]].concat();
    let body = [b"WAVE".as_slice(), &format, chunks, b"data\x04\0\0\0\0\0\0\0"].concat();
    [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
}

#[test]
fn flac_blocks_and_wav_chunks_use_bounded_memory() {
    let block = |kind: u8, data: &[u8]| [&[kind][..], &(data.len() as u32).to_be_bytes()[1..], data].concat();
    let info = [0_u8; 34];
    let vendor = |comments: &[u8], number: u32| [&0_u32.to_le_bytes()[..], &number.to_le_bytes(), comments].concat();
    let comment = [&3_u32.to_le_bytes()[..], b"a=b"].concat();
    let flac = |blocks: &[u8]| [b"fLaC".as_slice(), &block(0, &info), blocks, &block(0x81, &[0; 16])].concat();
    read_within_memory("long pictures", &flac(&block(6, &vec![0; 15 << 20]).repeat(6)), "audio/flac");
    read_within_memory("long padding", &flac(&block(1, &vec![0; 15 << 20]).repeat(6)), "audio/flac");
    read_within_memory("comments that are not there", &flac(&block(4, &vendor(&[], u32::MAX))), "audio/flac");
    read_within_memory("many comments", &flac(&block(4, &vendor(&comment.repeat(2_000_000), 2_000_000))), "audio/flac");
    let list = [b"INFOINAM".as_slice(), &(LONG as u32 - 12).to_le_bytes(), &vec![b'a'; LONG - 12]].concat();
    read_within_memory(
        "a long list",
        &wav(&[b"LIST".as_slice(), &(list.len() as u32).to_le_bytes(), &list].concat()),
        "audio/wav",
    );
    let tag = id3(&frame(b"TIT2", [0, 0], &[&[3][..], &vec![b'a'; LONG]].concat()));
    read_within_memory(
        "a long tag",
        &wav(&[b"id3 ".as_slice(), &(tag.len() as u32).to_le_bytes(), &tag].concat()),
        "audio/wav",
    );
}
