//! Files that break off, lie, or are made to be read for ever: each has an answer, soon and in little memory.

use crate::sample_file;
use cairn_assets::media_facts;
use cairn_testkit::extend_limit;
use std::fs;
use std::io::Write;
use std::time::{Duration, Instant};

const ALL: [&str; 13] = [
    "film.mp4",
    "fragments.mp4",
    "upright.mov",
    "sound.m4a",
    "film.webm",
    "film.mkv",
    "recorded.webm",
    "sound.mp3",
    "sound.wav",
    "sound.flac",
    "sound.ogg",
    "sound.opus",
    "film.webm",
];

/// Peak memory of this process in kB.
fn peak_memory_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Reads it as film and as sound; fails when that takes long, or much memory.
fn read_facts(bytes: &[u8], why: &str) -> Option<cairn_assets::MediaFacts> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let (start, before) = (Instant::now(), peak_memory_kb());
    let facts = media_facts(file.path(), "video/mp4");
    assert_eq!(facts, media_facts(file.path(), "audio/mpeg"), "{why}");
    assert!(start.elapsed() < extend_limit(Duration::from_secs(10)), "{why}: {:?}", start.elapsed());
    assert!(peak_memory_kb() - before < 80_000, "{why}: {} kB more", peak_memory_kb() - before);
    if let Some(title) = facts.as_ref().and_then(|found| found.title.as_deref()) {
        assert!(title.chars().count() <= 200 && !title.chars().any(char::is_control), "{why}");
    }
    facts
}

#[test]
fn truncated_media_is_read_in_bounded_time_and_memory() {
    for name in ALL {
        let complete = fs::read(sample_file(name)).unwrap();
        for part in 0..=16 {
            read_facts(&complete[..complete.len() * part / 16], &format!("{name} {part}/16"));
        }
    }
}

#[test]
fn damaged_media_is_read_in_bounded_time_and_memory() {
    let mut state = 7_u32;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize
    };
    for name in ALL {
        let complete = fs::read(sample_file(name)).unwrap();
        for round in 0..150 {
            let mut bytes = complete.clone();
            for _ in 0..1 + round % 8 {
                // Most of what is read stands at either end.
                let near = random() % 600;
                let at = match round % 3 {
                    0 => near,
                    1 => bytes.len() - 1 - near,
                    _ => random() % bytes.len(),
                };
                bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random() as u8][random() % 6];
            }
            read_facts(&bytes, &format!("{name} {round}"));
        }
    }
}

fn mp4_box(name: &[u8; 4], inside: &[u8]) -> Vec<u8> {
    [&(inside.len() as u32 + 8).to_be_bytes(), name.as_slice(), inside].concat()
}

#[test]
fn malformed_mp4_boxes_yield_no_duration() {
    let start = mp4_box(b"ftyp", b"isom\0\0\0\0");
    let many = mp4_box(b"free", b"").repeat(1_000_000);
    let tracks = mp4_box(b"trak", &mp4_box(b"mdia", &mp4_box(b"hdlr", b"\0\0\0\0\0\0\0\0vide"))).repeat(100_000);
    let mut deep = Vec::new();
    for _ in 0..1000 {
        deep = mp4_box(b"moov", &deep);
    }
    let header = |scale: u32, duration: u32| {
        mp4_box(b"mvhd", &[&[0; 12], scale.to_be_bytes().as_slice(), &duration.to_be_bytes()].concat())
    };
    for (why, rest) in [
        ("a million boxes", many.clone()),
        ("a million boxes in one", mp4_box(b"moov", &many)),
        ("a hundred thousand tracks", mp4_box(b"moov", &tracks)),
        ("a thousand boxes in each other", deep),
        ("a box of no size", b"\0\0\0\0moov".to_vec()),
        ("a box smaller than its header", b"\0\0\0\x07moov".to_vec()),
        ("a box larger than all files", [b"\0\0\0\x01moov".as_slice(), &[0xff; 8]].concat()),
        ("a box of minus one", b"\xff\xff\xff\xffmoov".to_vec()),
        ("no time in a second", mp4_box(b"moov", &header(0, 5))),
        ("all the time there is", mp4_box(b"moov", &header(1, u32::MAX - 1))),
    ] {
        let facts = read_facts(&[start.as_slice(), &rest].concat(), why);
        assert!(facts.is_none_or(|found| found.duration_ms.is_none()), "{why}");
    }
    let media_facts = read_facts(&[start, mp4_box(b"moov", &header(1000, 2500))].concat(), "a header").unwrap();
    assert_eq!(media_facts.duration_ms, Some(2500));
}

#[test]
fn malformed_matroska_is_read_in_bounded_time_and_memory() {
    let start = [0x1a, 0x45, 0xdf, 0xa3, 0x80];
    let segment = [0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let tracks = |inside: &[u8]| {
        let length = (inside.len() as u64 | 1 << 56).to_be_bytes();
        [&[0x16, 0x54, 0xae, 0x6b], length.as_slice(), inside].concat()
    };
    for (why, rest) in [
        ("a million empty elements", [0xec, 0x80].repeat(1_000_000)),
        ("clusters without end", [0x1f, 0x43, 0xb6, 0x75, 0xff].repeat(500_000)),
        ("blocks without end", [0xa3, 0x84, 0x81, 0x7f, 0xff, 0].repeat(500_000)),
        ("a million tracks", tracks(&[0xae, 0x80].repeat(1_000_000))),
        (
            "tracks larger than all files",
            [0x16, 0x54, 0xae, 0x6b, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe].to_vec(),
        ),
        ("an element without a name", vec![0; 1000]),
        ("an unknown one without an end", vec![0xec, 0xff, 0, 0, 0]),
    ] {
        read_facts(&[start.as_slice(), &segment, &rest].concat(), why);
    }
}

#[test]
fn malformed_audio_is_read_in_bounded_time_and_memory() {
    let id3 = [b"ID3\x04\0\0\x7f\x7f\x7f\x7f".as_slice(), &[b'T'; 100_000]].concat();
    let wav = {
        let chunk = [b"junk\0\0\0\0".as_slice()].concat().repeat(1_000_000);
        [b"RIFF\xff\xff\xff\xffWAVE".as_slice(), &chunk].concat()
    };
    let comment = [b"fLaC\x84\xff\xff\xff".as_slice(), &[0xff; 100_000]].concat();
    let pages = {
        let page = [b"OggS\0\x02".as_slice(), &[0; 20], &[1, 8], b"OpusHead"].concat();
        page.repeat(100_000)
    };
    let zeros = [b"\xff\xfb\x90\x64".as_slice(), &vec![0; 50_000_000]].concat();
    for (why, bytes) in [
        ("a tag larger than the file", id3),
        ("a million chunks", wav),
        ("a comment larger than the file", comment),
        ("a hundred thousand pages", pages),
        ("a frame and nothing", zeros),
    ] {
        read_facts(&bytes, why);
    }
}
