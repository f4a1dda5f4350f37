//! GIF: blocks, of which frames and what says how they follow each other stay.

use super::output::RewriteOutput;
use super::source::FileReader;
use super::walk::WalkResult;
use std::io;

/// Applications whose blocks say how a picture moves or is coloured.
const KEPT_APPLICATIONS: [&[u8; 11]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

/// Signature, screen, and what follows them.
const HEADER_BYTES: u64 = 13;

pub(super) fn walk(file: &mut FileReader, out: &mut dyn RewriteOutput) -> io::Result<WalkResult> {
    file.seek_to(HEADER_BYTES - 3)?;
    let Some([flags, _, _]) = file.read_array()? else { return Ok(WalkResult::NoPicture) };
    let colours = file.offset_after(color_table_bytes(flags));
    out.copy(0, colours)?;
    file.seek_to(colours)?;
    let mut picture = false;
    loop {
        let start = file.position();
        let Some([kind]) = file.read_array()? else { break };
        let is_copied = match kind {
            b'!' => {
                let Some([label]) = file.read_array()? else { break };
                match label {
                    // How the next frame is shown, or text that is one.
                    0xf9 | 0x01 => true,
                    0xff => {
                        let name = file.read_up_to(12)?;
                        let is_stored = name.split_first().is_some_and(|(length, name)| {
                            *length == 11 && KEPT_APPLICATIONS.iter().any(|known| known.as_slice() == name)
                        });
                        file.seek_to(start + 2)?;
                        is_stored
                    }
                    _ => false,
                }
            }
            b',' => {
                picture = true;
                let Some([_, _, _, _, _, _, _, _, flags]) = file.read_array()? else { break };
                // A table of colours, and how wide codes are at first.
                file.seek_to(file.offset_after(color_table_bytes(flags) + 1))?;
                true
            }
            // The end. What else may stand here no reader knows.
            b';' => {
                out.copy(start, file.position())?;
                break;
            }
            _ => break,
        };
        skip_blocks(file)?;
        if is_copied {
            out.copy(start, file.position())?;
        }
    }
    Ok(if picture { WalkResult::Complete } else { WalkResult::NoPicture })
}

/// How many bytes a table of colours has.
fn color_table_bytes(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Goes behind blocks, the last of which is empty.
fn skip_blocks(file: &mut FileReader) -> io::Result<()> {
    while let Some([length]) = file.read_array()?
        && length > 0
    {
        file.seek_to(file.offset_after(u64::from(length)))?;
    }
    Ok(())
}
