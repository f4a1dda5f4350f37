//! JPEG: segments up to the first scan, of which those stay that the pixels need, and what follows up to the end of the picture.
//!
//! From the first scan on a marker may be one that damage made of pixels. Nothing is taken out there: what a segment that is none of the
//! pixels' says is overwritten by zeros, so that whoever reads on finds everything where it was.

use super::exif;
use super::output::RewriteOutput;
use super::source::FileReader;
use super::walk::WalkResult;
use std::io;

/// A JFIF segment without a preview: marker, length, name, version, density, and a preview of no size.
const JFIF_SEGMENT_BYTES: u64 = 18;

/// An Adobe segment: marker, length, name, version, flags, and how the colours are meant.
const ADOBE_SEGMENT_BYTES: u64 = 16;

const ICC_PREFIX: &[u8] = b"ICC_PROFILE\0";

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    let mut orientation_exif = find_orientation_exif(file)?;
    file.seek_to(2)?;
    out.copy(0, 2)?;
    let mut frame = false;
    while let Some(segment) = JpegSegment::next(file)? {
        let JpegSegment { marker, start, end } = segment;
        match marker {
            // The end, before any picture; or a marker that may not be here, and that readers take in different ways: as nothing, as one
            // with a segment, or as the end.
            0 | 0x01 | 0xd0..=0xd9 => break,
            0xe1 if file.read_up_to(exif::EXIF_PREFIX.len())? == exif::EXIF_PREFIX => {
                // The first of them; readers take the last, whose orientation this is.
                if let Some(exif) = orientation_exif.take() {
                    let exif_segment = [&[0xff, 0xe1][..], &(exif.len() as u16 + 2).to_be_bytes(), &exif].concat();
                    file.seek_to(start)?;
                    match file.read_up_to(exif_segment.len())? == exif_segment
                        && start + exif_segment.len() as u64 == end
                    {
                        true => out.copy(start, end)?,
                        false => out.put(&exif_segment)?,
                    }
                }
            }
            0xe0..=0xef | 0xfe => copy_application_segment(file, out, segment)?,
            // Reserved: nobody's.
            0x02..=0xbf => {}
            _ => {
                frame |= matches!(marker, 0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc));
                out.copy(start, end)?;
                if marker == 0xda {
                    file.seek_to(end)?;
                    copy_scans(file, out, end)?;
                    return Ok(if frame { WalkResult::Complete } else { WalkResult::NoPicture });
                }
            }
        }
        file.seek_to(end)?;
    }
    Ok(WalkResult::NoPicture)
}

/// A marker with its segment.
#[derive(Clone, Copy)]
struct JpegSegment {
    marker: u8,
    start: u64,
    end: u64,
}

impl JpegSegment {
    /// The next segment before the scans, over whatever stands between; the place that is read next is where its content begins.
    fn next(file: &mut FileReader) -> io::Result<Option<JpegSegment>> {
        if !file.skip_past(0xff)? {
            return Ok(None);
        }
        // A marker may have any number of fill bytes before it.
        let Some(marker) = file.read_past_run(0xff)? else { return Ok(None) };
        let start = file.position() - 2;
        if matches!(marker, 0 | 0x01 | 0xd0..=0xd9) {
            return Ok(Some(JpegSegment { marker, start, end: file.position() }));
        }
        let Some(length) = file.read_array()?.map(u16::from_be_bytes) else { return Ok(None) };
        let end = file.offset_after(u64::from(length).saturating_sub(2));
        Ok(Some(JpegSegment { marker, start, end }))
    }
}

/// Copies of an application's segment or a comment only what the pixels need: how they are coloured.
fn copy_application_segment(
    file: &mut FileReader,
    out: &mut dyn RewriteOutput,
    segment: JpegSegment,
) -> io::Result<()> {
    let JpegSegment { marker, start, end } = segment;
    file.seek_to(start + 4)?;
    let name = file.read_up_to(ICC_PREFIX.len())?;
    let has_name = |known: &[u8]| name.starts_with(known);
    match marker {
        0xe0 if has_name(b"JFIF\0") && end > start + JFIF_SEGMENT_BYTES => {
            // A preview in it may show what the picture no longer does.
            out.put(&[0xff, 0xe0, 0, 16])?;
            out.copy(start + 4, start + JFIF_SEGMENT_BYTES - 2)?;
            out.put(&[0, 0])
        }
        0xee if has_name(b"Adobe") && end > start + ADOBE_SEGMENT_BYTES => {
            out.put(&[0xff, 0xee, 0, 14])?;
            out.copy(start + 4, start + ADOBE_SEGMENT_BYTES)
        }
        0xe0 if has_name(b"JFIF\0") || has_name(b"AVI1\0") => out.copy(start, end),
        0xe2 if has_name(ICC_PREFIX) => out.copy(start, end),
        0xee if has_name(b"Adobe") => out.copy(start, end),
        _ => Ok(()),
    }
}

/// From the first scan, which begins at the next place, to the end of the picture. What stands behind that goes.
fn copy_scans(file: &mut FileReader, out: &mut dyn RewriteOutput, from: u64) -> io::Result<()> {
    let mut copied = from;
    while file.skip_past(0xff)? {
        let Some(marker) = file.read_past_run(0xff)? else { break };
        match marker {
            0xd9 => return out.copy(copied, file.position()),
            0xc0..=0xcf | 0xda..=0xef | 0xfe => {}
            _ => continue,
        }
        let Some(length) = file.read_array()?.map(u16::from_be_bytes) else { break };
        let (start, end) = (file.position(), file.offset_after(u64::from(length).saturating_sub(2)));
        if matches!(marker, 0xe0..=0xef | 0xfe) {
            let content = file.read_up_to(usize::try_from(end - start).unwrap_or_default())?;
            if content.iter().any(|byte| *byte != 0) {
                out.copy(copied, start)?;
                out.fill(0, end - start)?;
                copied = end;
            }
        }
        file.seek_to(end)?;
    }
    out.copy(copied, file.length())
}

/// EXIF that turns the picture as the file's does: of several, readers take the last before the scans.
fn find_orientation_exif(file: &mut FileReader) -> io::Result<Option<Vec<u8>>> {
    file.seek_to(2)?;
    let mut orientation_exif = None;
    while let Some(JpegSegment { marker, end, .. }) = JpegSegment::next(file)? {
        match marker {
            0 | 0x01 | 0xd0..=0xda => break,
            0xe1 => {
                let start = file.position();
                let is_exif = file.read_up_to(exif::EXIF_PREFIX.len())? == exif::EXIF_PREFIX;
                if is_exif && end > file.position() {
                    file.seek_to(start)?;
                    orientation_exif = exif::read_orientation_only(file, end)?;
                }
            }
            _ => {}
        }
        file.seek_to(end)?;
    }
    Ok(orientation_exif)
}
