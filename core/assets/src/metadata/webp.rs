//! WebP: chunks in a RIFF file. Lengths of what stands around them are written before them, so that what goes is counted first.

use super::exif;
use super::output::RewriteOutput;
use super::source::FileReader;
use super::walk::WalkResult;
use std::io;

/// Chunks of pixels, colours and movement. All others go, in the file and in its frames.
const KEPT_CHUNKS: [&[u8; 4]; 7] = [b"VP8X", b"ICCP", b"ANIM", b"ANMF", b"ALPH", b"VP8 ", b"VP8L"];

/// Those that may stand in a frame.
const FRAME_CHUNKS: [&[u8; 4]; 3] = [b"ALPH", b"VP8 ", b"VP8L"];

/// In the flags of `VP8X`: that there is EXIF, or XMP.
const HAS_EXIF: u8 = 8;
const HAS_XMP: u8 = 4;

/// Length of the header before the chunks of the frame in an `ANMF`, in bytes.
const FRAME_HEADER_BYTES: u64 = 16;

/// A chunk: its name, where it begins, what it says its length is, and where the next one begins.
#[derive(Clone, Copy)]
struct WebpChunk {
    name: [u8; 4],
    start: u64,
    length: u32,
    end: u64,
}

impl WebpChunk {
    /// The next one; the place that is read next is where its content begins.
    fn next(file: &mut FileReader) -> io::Result<Option<WebpChunk>> {
        let start = file.position();
        let Some(name) = file.read_array()? else { return Ok(None) };
        let Some(length) = file.read_array()?.map(u32::from_le_bytes) else { return Ok(None) };
        let end = file.offset_after(u64::from(length) + u64::from(length & 1));
        Ok(Some(WebpChunk { name, start, length, end }))
    }
}

/// Plan of a rewrite, made before anything is written.
#[derive(Default)]
struct RewritePlan {
    /// How many bytes go, and how many come.
    removed: u64,
    added: u64,
    /// Chunk of the EXIF data that stays; `None` if none does.
    turned: Option<Vec<u8>>,
    picture: bool,
}

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    file.seek_to(4)?;
    let Some(length) = file.read_array()?.map(u32::from_le_bytes) else { return Ok(WalkResult::NoPicture) };
    const HEADER: u64 = 12;
    let end = file.length().min(u64::from(length) + 8);
    file.seek_to(HEADER)?;
    let plan = make_plan(file, end)?;
    if !plan.picture {
        return Ok(WalkResult::NoPicture);
    }

    out.copy(0, 4)?;
    write_length(out, 4, length, plan.removed, plan.added)?;
    out.copy(8, HEADER)?;
    file.seek_to(HEADER)?;
    let mut turned = plan.turned;
    while file.position() < end
        && let Some(chunk) = WebpChunk::next(file)?
    {
        match &chunk.name {
            b"VP8X" => copy_canvas(file, out, chunk, turned.is_some())?,
            b"ANMF" => copy_frame(file, out, chunk)?,
            b"EXIF" => {
                if let Some(turned) = turned.take() {
                    file.seek_to(chunk.start)?;
                    match file.read_up_to(turned.len())? == turned && chunk.start + turned.len() as u64 == chunk.end {
                        true => out.copy(chunk.start, chunk.end)?,
                        false => out.put(&turned)?,
                    }
                }
            }
            name if KEPT_CHUNKS.contains(&name) => out.copy(chunk.start, chunk.end)?,
            _ => {}
        }
        file.seek_to(chunk.end)?;
    }
    Ok(WalkResult::Complete)
}

fn make_plan(file: &mut FileReader, end: u64) -> io::Result<RewritePlan> {
    let mut plan = RewritePlan::default();
    // Readers take the first EXIF there is.
    let mut exif_seen = false;
    while file.position() < end {
        let start = file.position();
        let Some(chunk) = WebpChunk::next(file)? else {
            // Less than a chunk has.
            plan.removed += end.saturating_sub(start);
            break;
        };
        plan.picture |= matches!(&chunk.name, b"VP8 " | b"VP8L" | b"ANMF");
        if &chunk.name == b"ANMF" {
            plan.removed += count_removed_bytes(file, chunk)?;
        } else if !KEPT_CHUNKS.contains(&&chunk.name) {
            plan.removed += chunk.end.min(end) - chunk.start;
            if &chunk.name == b"EXIF" && !exif_seen {
                exif_seen = true;
                let content_end = file.offset_after(u64::from(chunk.length));
                let orientation_exif = exif::read_orientation_only(file, content_end)?;
                plan.turned = orientation_exif.map(|orientation_exif| {
                    [b"EXIF", &(orientation_exif.len() as u32).to_le_bytes()[..], &orientation_exif].concat()
                });
                plan.added = plan.turned.as_ref().map_or(0, |turned| turned.len() as u64);
            }
        }
        file.seek_to(chunk.end)?;
    }
    Ok(plan)
}

/// A length that is less by what goes; as it was where nothing does.
fn write_length(out: &mut dyn RewriteOutput, at: u64, length: u32, removed: u64, added: u64) -> io::Result<()> {
    let new = (u64::from(length) + added).saturating_sub(removed);
    match u32::try_from(new) {
        Ok(new) if new != length => out.put(&new.to_le_bytes()),
        _ => out.copy(at, at + 4),
    }
}

/// `VP8X` without what is gone.
fn copy_canvas(file: &mut FileReader, out: &mut dyn RewriteOutput, chunk: WebpChunk, turned: bool) -> io::Result<()> {
    let content = file.position();
    let Some([flags]) = file.read_array()? else { return out.copy(chunk.start, chunk.end) };
    let new_flags = flags & !(HAS_EXIF | HAS_XMP) | if turned { HAS_EXIF } else { 0 };
    if new_flags == flags {
        return out.copy(chunk.start, chunk.end);
    }
    out.copy(chunk.start, content)?;
    out.put(&[new_flags])?;
    out.copy(content + 1, chunk.end)
}

/// How many bytes of a frame go.
fn count_removed_bytes(file: &mut FileReader, frame: WebpChunk) -> io::Result<u64> {
    let mut removed = 0;
    file.seek_to(file.offset_after(FRAME_HEADER_BYTES).min(frame.end))?;
    while file.position() < frame.end {
        let start = file.position();
        match WebpChunk::next(file)? {
            Some(chunk) if FRAME_CHUNKS.contains(&&chunk.name) => file.seek_to(chunk.end.min(frame.end))?,
            Some(chunk) => {
                removed += chunk.end.min(frame.end) - start;
                file.seek_to(chunk.end.min(frame.end))?;
            }
            None => {
                removed += frame.end - start;
                break;
            }
        }
    }
    Ok(removed)
}

fn copy_frame(file: &mut FileReader, out: &mut dyn RewriteOutput, frame: WebpChunk) -> io::Result<()> {
    let removed = count_removed_bytes(file, frame)?;
    if removed == 0 {
        return out.copy(frame.start, frame.end);
    }
    out.copy(frame.start, frame.start + 4)?;
    write_length(out, frame.start + 4, frame.length, removed, 0)?;
    file.seek_to(frame.start + 8)?;
    let chunks = file.offset_after(FRAME_HEADER_BYTES).min(frame.end);
    out.copy(frame.start + 8, chunks)?;
    file.seek_to(chunks)?;
    while file.position() < frame.end
        && let Some(chunk) = WebpChunk::next(file)?
    {
        let end = chunk.end.min(frame.end);
        if FRAME_CHUNKS.contains(&&chunk.name) {
            out.copy(chunk.start, end)?;
        }
        file.seek_to(end)?;
    }
    Ok(())
}
