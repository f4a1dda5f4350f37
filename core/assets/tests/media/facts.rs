//! Facts in whole files of films and sound.

use crate::sample_file;
use cairn_assets::{MediaFacts, media_facts};
use cairn_testkit::extend_limit;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

/// Facts of films as `make.sh` makes them.
fn film_facts(video: &str, audio: Option<&str>, channels: Option<u32>) -> MediaFacts {
    MediaFacts {
        duration_ms: Some(1500),
        width: Some(96),
        height: Some(64),
        video_codec: Some(video.to_owned()),
        audio_codec: audio.map(str::to_owned),
        frame_rate: Some(20.0),
        channels,
        sample_rate: audio.map(|_| 48_000),
        title: Some("Kite".to_owned()),
        ..MediaFacts::default()
    }
}

fn sound_facts(codec: &str, sample_rate: u32) -> MediaFacts {
    MediaFacts {
        duration_ms: Some(1500),
        audio_codec: Some(codec.to_owned()),
        channels: Some(1),
        sample_rate: Some(sample_rate),
        title: Some("Kite".to_owned()),
        ..MediaFacts::default()
    }
}

/// Equal but for what containers and codecs add at the end of sound.
fn assert_facts_match(name: &str, facts: Option<MediaFacts>, expected: &MediaFacts) {
    let mut media_facts = facts.unwrap_or_else(|| panic!("{name}: nothing is known"));
    let (milliseconds, expected_ms) = (media_facts.duration_ms.unwrap_or(0), expected.duration_ms.unwrap_or(0));
    assert!(milliseconds.abs_diff(expected_ms) <= 110, "{name}: {milliseconds} ms");
    media_facts.duration_ms = expected.duration_ms;
    assert_eq!(media_facts, *expected, "{name}");
}

#[test]
fn film_facts_match_the_sample_files() {
    for (name, content_type, expected) in [
        ("film.mp4", "video/mp4", film_facts("h264", Some("aac"), Some(2))),
        (
            "upright.mov",
            "video/quicktime",
            MediaFacts { width: Some(64), height: Some(96), ..film_facts("h264", None, None) },
        ),
        ("film.webm", "video/webm", film_facts("vp9", Some("opus"), Some(1))),
        ("film.mkv", "video/x-matroska", film_facts("h264", Some("vorbis"), Some(1))),
        // A film by its bytes, whatever it is called.
        ("film.webm", "video/mp4", film_facts("vp9", Some("opus"), Some(1))),
    ] {
        assert_facts_match(name, media_facts(&sample_file(name), content_type), &expected);
    }
}

#[test]
fn films_without_header_duration_have_facts() {
    let recorded = media_facts(&sample_file("recorded.webm"), "video/webm").unwrap();
    assert_eq!(recorded.duration_ms, Some(1450), "the time of its last frame");
    assert_eq!((recorded.width, recorded.video_codec.as_deref()), (Some(96), Some("vp8")));
    let fragments = media_facts(&sample_file("fragments.mp4"), "video/mp4").unwrap();
    assert_eq!((fragments.width, fragments.audio_codec.as_deref()), (Some(96), Some("aac")));
}

#[test]
fn sound_facts_match_the_sample_files() {
    for (name, content_type, expected) in [
        ("sound.m4a", "audio/mp4", sound_facts("aac", 48_000)),
        ("sound.mp3", "audio/mpeg", sound_facts("mp3", 48_000)),
        ("sound.wav", "audio/wav", sound_facts("pcm", 8000)),
        ("sound.flac", "audio/flac", sound_facts("flac", 8000)),
        ("sound.ogg", "audio/ogg", sound_facts("vorbis", 48_000)),
        ("sound.opus", "application/ogg", sound_facts("opus", 48_000)),
    ] {
        assert_facts_match(name, media_facts(&sample_file(name), content_type), &expected);
    }
}

#[test]
fn other_files_have_no_media_facts() {
    for content_type in ["text/plain", "image/png", "application/pdf", "application/octet-stream", ""] {
        assert_eq!(media_facts(&sample_file("film.mp4"), content_type), None, "{content_type}");
    }
    let mut text = tempfile::NamedTempFile::new().unwrap();
    text.write_all(b"<html>").unwrap();
    assert_eq!(media_facts(text.path(), "video/mp4"), None);
    assert_eq!(media_facts(&sample_file("missing.mp4"), "video/mp4"), None);
}

/// A film of two gigabytes whose `moov` stands at the end, as cameras write it.
#[test]
fn long_films_are_not_read_to_the_end() {
    let film = fs::read(sample_file("film.mp4")).unwrap();
    // The boxes of the small film: `ftyp`, `free`, `mdat`, `moov`.
    let at = film.windows(4).position(|name| name == b"moov").unwrap() - 4;
    let length = u32::from_be_bytes(film[at..at + 4].try_into().unwrap()) as usize;
    let mut long = tempfile::NamedTempFile::new().unwrap();
    long.write_all(b"\0\0\0\x10ftypisom\0\0\0\0").unwrap();
    let size: u64 = 2 << 30;
    long.write_all(&[b"\0\0\0\x01mdat".as_slice(), &size.to_be_bytes()].concat()).unwrap();
    // A hole: takes no room, but reading it takes as long as any.
    long.seek(SeekFrom::Start(16 + size)).unwrap();
    long.write_all(&film[at..at + length]).unwrap();

    let read_before = read_bytes();
    let start = Instant::now();
    let facts = media_facts(long.path(), "video/mp4").unwrap();
    assert_eq!((facts.duration_ms, facts.width), (Some(1500), Some(96)));
    assert!(start.elapsed() < extend_limit(Duration::from_secs(10)), "{:?}", start.elapsed());
    assert!(read_bytes() - read_before < 20 << 20);
}

/// Number of bytes that this process has read by system calls; the other tests read little beside.
fn read_bytes() -> u64 {
    let figures = fs::read_to_string("/proc/self/io").unwrap();
    figures.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

#[test]
fn empty_files_have_no_media_facts() {
    let empty = tempfile::NamedTempFile::new().unwrap();
    File::create(empty.path()).unwrap();
    assert_eq!(media_facts(empty.path(), "audio/mpeg"), None);
}
