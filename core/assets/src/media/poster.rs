//! A picture of a film, taken by a program of the operator's: `ffmpeg`.
//!
//! Decoders of films are C. The program is given the one file, told which container that is (it would otherwise follow
//! a playlist to other files) and which decoders it may use, and runs as `limited.rs` says. What it writes is decoded
//! by the same decoder as an upload.

use super::bounded_reader::BoundedReader;
use super::limited_program::{self, ProgramLimits};
use super::{MediaContainer, detect_container, media_facts};
use crate::{AssetError, EncodedPicture, image};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// Longest side of a poster in pixels.
const POSTER_SIDE: u32 = 1280;

/// Limits of ffmpeg. A frame of 4096×2160 pixels takes some 300 MB with its references.
const FFMPEG_LIMITS: ProgramLimits = ProgramLimits { memory: 2 << 30, time: Duration::from_secs(20), output: 16 << 20 };

/// The decoders of films that browsers and cameras write. Most attacks on ffmpeg are through those of old games.
const ALLOWED_DECODERS: &str =
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg4,h263,mjpeg,prores,theora";

/// How far into a film the picture is taken: films begin in black. A tenth of it, at most so many seconds.
const MAX_OFFSET_SECONDS: f64 = 10.0;

/// A picture of a film as a JPEG of at most 1280 pixels, taken by `tool`, the path of an `ffmpeg`. `None` for what is
/// no MP4, MOV, WebM or Matroska film, and for one the program can make nothing of. Blocks, up to 40 seconds. Fails with [`AssetError::Io`]
/// if the file cannot be read or the program cannot be started.
pub fn take_poster(path: &Path, content_type: &str, tool: &Path) -> Result<Option<EncodedPicture>, AssetError> {
    if !content_type.starts_with("video/") {
        return Ok(None);
    }
    let path = path.canonicalize().map_err(AssetError::io("open a video"))?;
    let head =
        BoundedReader::open(&path).and_then(|mut file| file.read_head()).map_err(AssetError::io("read a video"))?;
    let demuxer = match detect_container(&head) {
        Some(MediaContainer::Mp4) => "mov",
        Some(MediaContainer::Matroska) => "matroska",
        Some(MediaContainer::Sound(_)) | None => return Ok(None),
    };
    let milliseconds = media_facts(&path, content_type).and_then(|facts| facts.duration_ms).unwrap_or(0);
    let at = (milliseconds as f64 / 10_000.0).min(MAX_OFFSET_SECONDS);
    let take = |seconds: f64| -> Result<Option<Vec<u8>>, AssetError> {
        let ran = limited_program::run_program(tool, &ffmpeg_arguments(&path, demuxer, seconds), FFMPEG_LIMITS)?;
        Ok((ran.succeeded && !ran.output.is_empty()).then_some(ran.output))
    };
    let frame = match take(at)? {
        None if at > 0.0 => take(0.0)?,
        taken => taken,
    };
    match frame {
        Some(png) => image::jpeg_preview(&png, POSTER_SIDE),
        None => Ok(None),
    }
}

fn ffmpeg_arguments(path: &Path, demuxer: &str, seconds: f64) -> Vec<OsString> {
    let scale =
        format!("scale=w=min({POSTER_SIDE}\\,iw):h=min({POSTER_SIDE}\\,ih):force_original_aspect_ratio=decrease");
    let seconds = format!("{seconds:.3}");
    let mut file = OsString::from("file:");
    file.push(path);
    let before = ["-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1", "-protocol_whitelist", "file"];
    let input = ["-f", demuxer, "-codec_whitelist", ALLOWED_DECODERS, "-ss", &seconds, "-i"];
    let output = ["-map", "0:v:0", "-frames:v", "1", "-vf", &scale, "-threads", "1", "-c:v", "png"];
    let target = ["-f", "image2pipe", "pipe:1"];
    let before = before.into_iter().chain(input).map(OsString::from);
    before.chain([file]).chain(output.into_iter().chain(target).map(OsString::from)).collect()
}
