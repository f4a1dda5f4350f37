//! Pictures of films, where there is an ffmpeg.

use crate::sample_file;
use cairn_assets::{AssetError, take_poster};
use cairn_testkit::extend_limit;
use image::ImageFormat;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where the program is; tells why nothing is tested where it is not.
fn find_ffmpeg() -> Option<PathBuf> {
    let found = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].map(PathBuf::from).into_iter().find(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: there is no ffmpeg in /usr/bin or /usr/local/bin");
    }
    found
}

/// A program of a few lines in its place.
fn script_program(lines: &str) -> tempfile::TempPath {
    let mut file = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o700)).tempfile().unwrap();
    write!(file, "#!/bin/sh\n{lines}\n").unwrap();
    file.into_temp_path()
}

#[test]
fn films_have_posters() {
    let Some(tool) = find_ffmpeg() else { return };
    for (name, content_type, size) in [
        ("film.mp4", "video/mp4", (96, 64)),
        ("fragments.mp4", "video/mp4", (96, 64)),
        ("upright.mov", "video/quicktime", (64, 96)),
        ("film.webm", "video/webm", (96, 64)),
        ("film.mkv", "video/x-matroska", (96, 64)),
        ("recorded.webm", "video/webm", (96, 64)),
    ] {
        let encoded_picture =
            take_poster(&sample_file(name), content_type, &tool).unwrap().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(
            (encoded_picture.width, encoded_picture.height, encoded_picture.content_type),
            (size.0, size.1, "image/jpeg"),
            "{name}"
        );
        let image = image::load_from_memory_with_format(&encoded_picture.bytes, ImageFormat::Jpeg).unwrap().to_rgb8();
        let bright = image.pixels().filter(|pixel| pixel.0.iter().any(|part| *part > 60)).count();
        assert!(bright * 3 > image.pixels().len(), "{name} is a picture of something");
    }
    assert_eq!(take_poster(&sample_file("sound.m4a"), "video/mp4", &tool).unwrap(), None);
    assert_eq!(take_poster(&sample_file("sound.mp3"), "audio/mpeg", &tool).unwrap(), None);
}

#[test]
fn truncated_films_cause_no_poster_errors() {
    let Some(tool) = find_ffmpeg() else { return };
    let complete = fs::read(sample_file("film.mp4")).unwrap();
    for part in [0, 1, 4, 12, 15] {
        let mut cut = tempfile::NamedTempFile::new().unwrap();
        cut.write_all(&complete[..complete.len() * part / 16]).unwrap();
        take_poster(cut.path(), "video/mp4", &tool).unwrap();
    }
}

/// A playlist that is called a film would have ffmpeg open what it names.
#[test]
fn playlists_named_as_films_have_no_poster() {
    let Some(tool) = find_ffmpeg() else { return };
    let film = sample_file("film.mp4");
    for bytes in [
        format!("#EXTM3U\n#EXTINF:1,\nfile://{}\n#EXT-X-ENDLIST\n", film.display()),
        format!("ffconcat version 1.0\nfile '{}'\n", film.display()),
        // Behind the bytes of another container.
        format!("\0\0\0\u{8}free#EXTM3U\n#EXTINF:1,\nfile://{}\n#EXT-X-ENDLIST\n", film.display()),
    ] {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes.as_bytes()).unwrap();
        assert_eq!(take_poster(file.path(), "video/mp4", &tool).unwrap(), None);
    }
}

#[test]
fn file_names_are_never_program_arguments() {
    let Some(tool) = find_ffmpeg() else { return };
    let folder = tempfile::tempdir().unwrap();
    for name in ["-i", "a b;c $(touch x) `y` .mp4", "http:a.mp4", "é%03d.mp4"] {
        let path = folder.path().join(name);
        fs::copy(sample_file("film.mp4"), &path).unwrap();
        assert!(take_poster(&path, "video/mp4", &tool).unwrap().is_some(), "{name}");
    }
}

#[test]
fn failing_programs_yield_no_poster() {
    for lines in ["exit 1", "echo no picture", "yes", "kill -9 $$", "exit 0"] {
        let tool = script_program(lines);
        assert_eq!(take_poster(&sample_file("film.mp4"), "video/mp4", &tool).unwrap(), None, "{lines}");
    }
    let missing = take_poster(&sample_file("film.mp4"), "video/mp4", Path::new("/nonexistent/ffmpeg"));
    assert!(matches!(missing, Err(AssetError::Io { .. })));
    let missing = take_poster(Path::new("/nonexistent/film.mp4"), "video/mp4", Path::new("/bin/true"));
    assert!(matches!(missing, Err(AssetError::Io { .. })));
}

#[test]
fn large_posters_are_scaled_down_and_huge_ones_dropped() {
    let large = tempfile::Builder::new().suffix(".png").tempfile().unwrap();
    for (width, height, expected) in [(1600, 800, Some((1280, 640))), (3000, 3000, None)] {
        image::RgbImage::new(width, height).save(large.path()).unwrap();
        let tool = script_program(&format!("cat {}", large.path().display()));
        let picture = take_poster(&sample_file("film.mp4"), "video/mp4", &tool).unwrap();
        assert_eq!(picture.map(|poster| (poster.width, poster.height)), expected);
    }
}

/// Takes as long as the limit: run by `cargo test -- --ignored`.
#[test]
#[ignore = "takes 40 seconds"]
fn hanging_poster_programs_are_killed() {
    let tool = script_program("sleep 600");
    let start = Instant::now();
    assert_eq!(take_poster(&sample_file("film.mp4"), "video/mp4", &tool).unwrap(), None);
    assert!(start.elapsed() < extend_limit(Duration::from_secs(60)));
}
