//! Reduces EXIF to the picture's orientation.

use super::source::FileReader;
use image::metadata::Orientation;
use std::io;

/// First bytes of EXIF in a JPEG, and of what some programs write in other formats too.
pub(super) const EXIF_PREFIX: &[u8] = b"Exif\0\0";

/// Longest EXIF that is read for the orientation, in bytes; the decoders of pixels take no longer one.
const MAX_EXIF_BYTES: u64 = 1 << 20;

/// EXIF with the orientation, and nothing else.
pub(super) type MinimalExif = [u8; 26];

/// Reads the EXIF between the current position and `end`, and reduces it to the orientation; `None` where it does not rotate the picture.
/// With the prefix where it has one.
pub(super) fn read_orientation_only(file: &mut FileReader, end: u64) -> io::Result<Option<Vec<u8>>> {
    let length = end.saturating_sub(file.position());
    if length > MAX_EXIF_BYTES {
        return Ok(None);
    }
    let bytes = file.read_up_to(usize::try_from(length).unwrap_or_default())?;
    let (prefix, exif): (&[u8], _) = match bytes.strip_prefix(EXIF_PREFIX) {
        Some(exif) => (EXIF_PREFIX, exif),
        None => (&[], bytes.as_slice()),
    };
    Ok(keep_orientation(exif).map(|turned| [prefix, &turned].concat()))
}

/// Reduces EXIF to the orientation.
pub(super) fn keep_orientation(exif: &[u8]) -> Option<MinimalExif> {
    let orientation = Orientation::from_exif_chunk(exif).filter(|found| *found != Orientation::NoTransforms)?;
    Some(minimal_exif(orientation))
}

/// A header, one directory with one entry, and no other directory.
fn minimal_exif(orientation: Orientation) -> MinimalExif {
    let mut exif = *b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    exif[19] = orientation.to_exif();
    exif
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_orientation_is_retained() {
        for value in 2..=8 {
            let turned = keep_orientation(&minimal_exif(Orientation::from_exif(value).unwrap())).unwrap();
            assert_eq!(Orientation::from_exif_chunk(&turned).map(Orientation::to_exif), Some(value));
        }
        assert_eq!(keep_orientation(&minimal_exif(Orientation::NoTransforms)), None);
        for broken in [&b""[..], b"II*\0", b"MM\0\x2a\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"] {
            assert_eq!(keep_orientation(broken), None);
        }
    }
}
