//! JPEG.

use super::*;
use jpeg_encoder::{ColorType, Encoder};

pub(super) fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(content.len() as u16 + 2).to_be_bytes(), content].concat()
}

/// A JPEG with a colour profile, behind its first two bytes.
fn plain(progressive: bool) -> Vec<u8> {
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

/// What cameras and programs put before the pixels.
fn beside() -> Vec<u8> {
    let named = |name: &[u8]| [name, SECRET].concat();
    [
        segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(true, 6)].concat()),
        segment(0xe1, &named(b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>")),
        segment(0xe1, &[&named(b"http://ns.adobe.com/xmp/extension/\0")[..], &[0; 40]].concat()),
        segment(0xe2, &named(b"MPF\0")),
        segment(0xe0, &named(b"JFXX\0\x13")),
        segment(0xed, &named(b"Photoshop 3.0\08BIM\x04\x04")),
        segment(0xeb, &named(b"JP")),
        segment(0xee, &named(b"Adobe\0\x64\0\0\0\0\x01")),
        segment(0xfe, SECRET),
        segment(0x42, SECRET),
    ]
    .concat()
}

pub(super) fn photograph(progressive: bool) -> Vec<u8> {
    let plain = plain(progressive);
    // A second picture, as phones write it behind the first, with what that says.
    let behind = [b"\xff\xd8".as_slice(), &beside(), &plain].concat();
    [b"\xff\xd8".as_slice(), &beside(), &plain, &behind, SECRET].concat()
}

#[test]
fn what_tells_of_people_leaves_a_jpeg() {
    for progressive in [false, true] {
        let whole = photograph(progressive);
        let new = cleaned_of_secrets(&whole);
        let (before, after) = (seen(&whole, ImageFormat::Jpeg).unwrap(), seen(&new, ImageFormat::Jpeg).unwrap());
        assert_eq!(before, after);
        assert_eq!((after.1, after.2), (Orientation::Rotate90, Some(profile())));
        // The profile, the orientation, how the colours are meant; and the picture as it was.
        let plain = plain(progressive);
        assert_eq!(new.len(), 2 + 36 + 16 + plain.len());
        assert!(holds(&new, &plain[plain.len() - 300..]));
    }
}

#[test]
fn without_metadata_nothing_is_written() {
    for progressive in [false, true] {
        assert_eq!(cleaned(&[b"\xff\xd8".as_slice(), &plain(progressive)].concat()).unwrap(), None);
    }
    // EXIF that turns the picture and says nothing else, as it is left here.
    let turned = super::super::exif::keep_orientation(&exif(false, 3)).unwrap();
    let turned = segment(0xe1, &[b"Exif\0\0".as_slice(), &turned].concat());
    assert_eq!(cleaned(&[b"\xff\xd8".as_slice(), &turned, &plain(false)].concat()).unwrap(), None);
}

#[test]
fn a_picture_that_is_not_turned_has_no_exif() {
    for orientation in [0, 1, 9, 300] {
        let exif = segment(0xe1, &[b"Exif\0\0".as_slice(), &exif(true, orientation)].concat());
        let new = cleaned_of_secrets(&[b"\xff\xd8".as_slice(), &exif, &plain(false)].concat());
        assert_eq!(new, [b"\xff\xd8".as_slice(), &plain(false)].concat(), "{orientation}");
    }
}

#[test]
fn the_preview_of_jfif_goes_and_its_density_stays() {
    let plain = plain(false);
    let at = plain.windows(5).position(|name| name == b"JFIF\0").unwrap();
    let mut jfif = plain[at..at + 14].to_vec();
    (jfif[12], jfif[13]) = (3, 4);
    jfif.extend_from_slice(SECRET);
    let whole = [b"\xff\xd8".as_slice(), &segment(0xe0, &jfif), &plain[at + 14..]].concat();
    assert_eq!(cleaned_of_secrets(&whole), [b"\xff\xd8".as_slice(), &plain].concat());
}

/// Readers skip what no segment says, and so must not find it there.
#[test]
fn nothing_slips_through_a_malformed_segment() {
    let exif = [b"Exif\0\0".as_slice(), &exif(true, 6)].concat();
    let (plain, scans) = (plain(false), plain(true));
    let length = |length: u16| [b"\xff\xe1".as_slice(), &length.to_be_bytes(), &exif].concat();
    let right = exif.len() as u16 + 2;
    let all = |segment: &[u8]| [b"\xff\xd8".as_slice(), segment, &plain].concat();
    for (why, whole) in [
        ("fill bytes", all(&[b"\xff\xff\xff\xff".as_slice(), &length(right)].concat())),
        ("something before", all(&[&segment(0xdd, &[0, 0])[..], b"any bytes", &length(right)].concat())),
        ("a marker that is nobody's", all(&segment(0x02, &exif))),
        ("cut off", {
            let whole = all(&length(right));
            whole[..whole.len() - 100].to_vec()
        }),
    ] {
        let new = cleaned(&whole).unwrap_or_else(|error| panic!("{why}: {error}")).unwrap_or_else(|| panic!("{why}"));
        assert!(!holds(&new, SECRET), "{why}");
    }
    // Between scans, where nothing is taken out.
    let scan = scans.windows(2).rposition(|marker| marker == [0xff, 0xda]).unwrap();
    let whole =
        [b"\xff\xd8".as_slice(), &scans[..scan], &length(right), &segment(0xfe, SECRET), &scans[scan..]].concat();
    let new = cleaned_of_secrets(&whole);
    assert_eq!(new.len(), whole.len());
    assert_eq!(seen(&new, ImageFormat::Jpeg).unwrap().0, seen(&whole, ImageFormat::Jpeg).unwrap().0);
    // A segment in which the whole picture is: nobody shows it, and somebody may read it.
    for whole in [
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
        assert!(matches!(cleaned(&whole), Err(AssetError::InseparableMetadata)));
    }
    // What is no picture and says nothing is kept.
    for plain in [b"\xff\xd8\xff".as_slice(), b"\xff\xd8\xff\xe0 and so on", b"\xff\xd8\xff\xd9"] {
        assert_eq!(cleaned(plain).unwrap(), None);
    }
}

#[test]
fn segments_without_end_take_no_room() {
    let many = [b"\xff\xd8".as_slice(), &segment(0xfe, b"x").repeat(2_000_000), &plain(false)].concat();
    assert_eq!(cleaned(&many).unwrap().unwrap(), [b"\xff\xd8".as_slice(), &plain(false)].concat());
}
