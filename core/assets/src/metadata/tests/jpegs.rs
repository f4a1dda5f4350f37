//! JPEG.

use super::*;
use jpeg_encoder::{ColorType, Encoder};

pub(super) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// A JPEG with a colour profile, behind its first two bytes.
fn plain_jpeg(progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_progressive(progressive);
    encoder.set_restart_interval(3);
    encoder.add_icc_profile(&profile()).unwrap();
    let picture = picture().into_rgb8();
    encoder.encode(&picture, 40, 24, ColorType::Rgb).unwrap();
    bytes.drain(..2);
    bytes
}

/// Segments of metadata that cameras and programs put before the pixels.
fn metadata_segments() -> Vec<u8> {
    let with_secret = |name: &[u8]| [name, SECRET].concat();
    [
        segment(0xe1, &[b"Exif\0\0".as_slice(), &camera_exif(true, 6)].concat()),
        segment(0xe1, &with_secret(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>")),
        segment(0xe1, &[&with_secret(b"http://ns.adobe.com/xmp/extension/\0")[..], &[0; 40]].concat()),
        segment(0xe2, &with_secret(b"MPF\0")),
        segment(0xe0, &with_secret(b"JFXX\0\x13")),
        segment(0xed, &with_secret(b"Photoshop 3.0\08BIM\x04\x04")),
        segment(0xeb, &with_secret(b"JP")),
        segment(0xee, &with_secret(b"Adobe\0\x64\0\0\0\0\x01")),
        segment(0xfe, SECRET),
        segment(0x42, SECRET),
    ]
    .concat()
}

pub(super) fn photograph(progressive: bool) -> Vec<u8> {
    let plain = plain_jpeg(progressive);
    // A second picture, as phones write it behind the first, with what that says.
    let behind = [b"\xff\xd8".as_slice(), &metadata_segments(), &plain].concat();
    [b"\xff\xd8".as_slice(), &metadata_segments(), &plain, &behind, SECRET].concat()
}

#[test]
fn personal_metadata_is_removed_from_jpegs() {
    for progressive in [false, true] {
        let original = photograph(progressive);
        let new = strip_secrets(&original);
        let (before, after) = (decode(&original, ImageFormat::Jpeg).unwrap(), decode(&new, ImageFormat::Jpeg).unwrap());
        assert_eq!(before, after);
        assert_eq!((after.1, after.2), (Orientation::Rotate90, Some(profile())));
        // The profile, the orientation, how the colours are meant; and the picture as it was.
        let plain = plain_jpeg(progressive);
        assert_eq!(new.len(), 2 + 36 + 16 + plain.len());
        assert!(contains_bytes(&new, &plain[plain.len() - 300..]));
    }
}

#[test]
fn jpegs_without_metadata_are_not_rewritten() {
    for progressive in [false, true] {
        assert_eq!(strip(&[b"\xff\xd8".as_slice(), &plain_jpeg(progressive)].concat()).unwrap(), None);
    }
    // EXIF that turns the picture and says nothing else, as it is left here.
    let turned = super::super::exif::keep_orientation(&camera_exif(false, 3)).unwrap();
    let turned = segment(0xe1, &[b"Exif\0\0".as_slice(), &turned].concat());
    assert_eq!(strip(&[b"\xff\xd8".as_slice(), &turned, &plain_jpeg(false)].concat()).unwrap(), None);
}

#[test]
fn exif_is_removed_when_orientation_is_normal_or_invalid() {
    for orientation in [0, 1, 9, 300] {
        let exif = segment(0xe1, &[b"Exif\0\0".as_slice(), &camera_exif(true, orientation)].concat());
        let new = strip_secrets(&[b"\xff\xd8".as_slice(), &exif, &plain_jpeg(false)].concat());
        assert_eq!(new, [b"\xff\xd8".as_slice(), &plain_jpeg(false)].concat(), "{orientation}");
    }
}

#[test]
fn jfif_preview_is_removed_and_density_remains() {
    let plain = plain_jpeg(false);
    let at = plain.windows(5).position(|name| name == b"JFIF\0").unwrap();
    let mut jfif = plain[at..at + 14].to_vec();
    (jfif[12], jfif[13]) = (3, 4);
    jfif.extend_from_slice(SECRET);
    let original = [b"\xff\xd8".as_slice(), &segment(0xe0, &jfif), &plain[at + 14..]].concat();
    assert_eq!(strip_secrets(&original), [b"\xff\xd8".as_slice(), &plain].concat());
}

/// Readers skip what no segment says, and so must not find it there.
#[test]
fn malformed_segments_cannot_hide_metadata() {
    let exif = [b"Exif\0\0".as_slice(), &camera_exif(true, 6)].concat();
    let (plain, scans) = (plain_jpeg(false), plain_jpeg(true));
    let length = |length: u16| [b"\xff\xe1".as_slice(), &length.to_be_bytes(), &exif].concat();
    let right = exif.len() as u16 + 2;
    let all = |segment: &[u8]| [b"\xff\xd8".as_slice(), segment, &plain].concat();
    for (why, original) in [
        ("fill bytes", all(&[b"\xff\xff\xff\xff".as_slice(), &length(right)].concat())),
        ("something before", all(&[&segment(0xdd, &[0, 0])[..], b"any bytes", &length(right)].concat())),
        ("a marker that is nobody's", all(&segment(0x02, &exif))),
        ("cut off", {
            let complete = all(&length(right));
            complete[..complete.len() - 100].to_vec()
        }),
    ] {
        let new = strip(&original).unwrap_or_else(|error| panic!("{why}: {error}")).unwrap_or_else(|| panic!("{why}"));
        assert!(!contains_bytes(&new, SECRET), "{why}");
    }
    // Between scans, where nothing is taken out.
    let scan = scans.windows(2).rposition(|marker| marker == [0xff, 0xda]).unwrap();
    let original =
        [b"\xff\xd8".as_slice(), &scans[..scan], &length(right), &segment(0xfe, SECRET), &scans[scan..]].concat();
    let new = strip_secrets(&original);
    assert_eq!(new.len(), original.len());
    assert_eq!(decode(&new, ImageFormat::Jpeg).unwrap().0, decode(&original, ImageFormat::Jpeg).unwrap().0);
    // A segment in which the whole picture is: nobody shows it, and somebody may read it.
    for original in [
        all(&length(u16::MAX)),
        [b"\xff\xd8".as_slice(), &length(right), b"\xff\xd9"].concat(),
        // Lengths that are too short, so that the preview in the EXIF begins another picture.
        all(&length(20)),
        all(&length(0)),
        all(&length(2)),
        // Markers that may not be there: some readers take them for segments.
        all(&[b"\xff\xd3".as_slice(), &length(right)].concat()),
        all(&[b"\xff\xd8".as_slice(), &length(right)].concat()),
        all(&[b"\xff\x01".as_slice(), &length(right)].concat()),
        all(&[&segment(0xdd, &[0, 0])[..], b"\xff\0", &length(right)].concat()),
    ] {
        assert!(matches!(strip(&original), Err(AssetError::InseparableMetadata)));
    }
    // Files without a picture or traces of metadata are kept.
    for plain in [b"\xff\xd8\xff".as_slice(), b"\xff\xd8\xff\xe0 and so on", b"\xff\xd8\xff\xd9"] {
        assert_eq!(strip(plain).unwrap(), None);
    }
}

#[test]
fn millions_of_comment_segments_are_removed() {
    let many = [b"\xff\xd8".as_slice(), &segment(0xfe, b"x").repeat(2_000_000), &plain_jpeg(false)].concat();
    assert_eq!(strip(&many).unwrap().unwrap(), [b"\xff\xd8".as_slice(), &plain_jpeg(false)].concat());
}
