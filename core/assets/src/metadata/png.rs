//! PNG: chunks, of which those stay that the pixels need.

use super::exif;
use super::output::RewriteOutput;
use super::source::FileReader;
use super::walk::WalkResult;
use flate2::Crc;
use std::io;

/// Chunks that a reader may leave out (their first letter is small) and that say how the picture looks: transparency, colours,
/// brightness, size of its pixels, background, movement. All others of that kind go; those that no reader may leave out stay.
const KEPT_ANCILLARY_CHUNKS: [&[u8; 4]; 19] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"mDCv", b"cLLI", b"cLLi", b"sBIT", b"bKGD",
    b"hIST", b"pHYs", b"sPLT", b"sTER", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    const SIGNATURE: u64 = 8;
    file.seek_to(SIGNATURE)?;
    out.copy(0, SIGNATURE)?;
    let (mut picture, mut exif_stands, mut is_last, mut dropped) = (false, false, false, false);
    while !is_last {
        let start = file.position();
        let Some(length) = file.read_array()?.map(u32::from_be_bytes) else { break };
        let Some(name) = file.read_array::<4>()? else { break };
        // The checksum follows the content. A length that leads out of the file is the reader's to refuse.
        let (content, checksum, end) =
            (file.position(), file.offset_after(u64::from(length)), file.offset_after(u64::from(length) + 4));
        picture |= &name == b"IDAT";
        dropped = false;
        let needed = name[0] & 0x20 == 0;
        if needed || KEPT_ANCILLARY_CHUNKS.contains(&&name) {
            out.copy(start, end)?;
        } else if &name == b"eXIf" && !exif_stands {
            if let Some(orientation_exif) = exif::read_orientation_only(file, checksum)? {
                exif_stands = true;
                file.seek_to(content)?;
                match file.read_up_to(orientation_exif.len())? == orientation_exif
                    && orientation_exif.len() as u64 == u64::from(length)
                {
                    true => out.copy(start, end)?,
                    false => out.put(&encode_chunk(b"eXIf", &orientation_exif))?,
                }
            }
        } else {
            dropped = true;
        }
        file.seek_to(end)?;
        is_last = &name == b"IEND";
    }
    // A file that breaks off in what went: readers look for what follows the pixels, whatever it is.
    if dropped && !is_last {
        out.put(&encode_chunk(b"IEND", &[]))?;
    }
    Ok(if picture { WalkResult::Complete } else { WalkResult::NoPicture })
}

fn encode_chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(content);
    [&(content.len() as u32).to_be_bytes()[..], name, content, &crc.sum().to_be_bytes()].concat()
}
