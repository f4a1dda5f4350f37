//! MP4 and MOV, HEIC and AVIF.

use super::*;
use crate::media::media_facts;

fn media_box(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), name.as_slice(), content].concat()
}

/// One of those that `tests/media/make.sh` made.
pub(super) fn film(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/media/files/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn handler(kind: &[u8; 4]) -> Vec<u8> {
    media_box(b"hdlr", &[&[0; 8], kind.as_slice(), &[0; 13]].concat())
}

#[test]
fn film_location_is_removed_and_title_remains() {
    let with = |name: &[u8; 4], before: &[u8]| media_box(name, &[before, SECRET].concat());
    let keys = media_box(b"meta", &[handler(b"mdta"), with(b"keys", b""), with(b"ilst", b"")].concat());
    let xmp = b"\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac";
    let user = media_box(
        b"udta",
        &[with(b"\xa9xyz", b"\0\x25\0\0"), with(b"loci", &[0; 4]), with(b"\xa9mak", b""), with(b"XMP_", b"")].concat(),
    );
    let itunes =
        media_box(b"meta", &[vec![0; 4], handler(b"mdir"), media_box(b"ilst", &with(b"\xa9xyz", b""))].concat());
    let track = media_box(b"trak", &[user.clone(), keys.clone()].concat());
    let inside = [user, keys.clone(), media_box(b"udta", &itunes), track, with(b"uuid", xmp)].concat();
    for name in ["film.mp4", "upright.mov"] {
        let film = film(name);
        let at = film.windows(4).position(|name| name == b"moov").unwrap() - 4;
        let length = u32::from_be_bytes(film[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(at + length, film.len(), "what is added moves nothing");
        let moov = media_box(b"moov", &[&film[at + 8..], &inside].concat());
        let original = [&film[..at], &moov, &with(b"uuid", xmp), &keys].concat();
        let new = strip_secrets(&original);
        assert_eq!(new.len(), original.len());
        assert_eq!(new[..at + 8], original[..at + 8]);
        let read_facts = |bytes: &[u8]| {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            file.write_all(bytes).unwrap();
            media_facts(file.path(), "video/mp4").unwrap()
        };
        assert_eq!(read_facts(&new), read_facts(&film));
        assert_eq!(read_facts(&new).title.as_deref(), Some("Kite"));
    }
    assert_eq!(strip(&film("film.mp4")).unwrap(), None);
}

/// A picture of three items, each in two pieces, its own in the middle. `index`: the version of the table of places.
pub(super) fn heic(version: u8, overlap: bool) -> Vec<u8> {
    let info = |version: u8, item: u32, kind: &[u8; 4], rest: &[u8]| {
        let number = if version == 3 { item.to_be_bytes().to_vec() } else { (item as u16).to_be_bytes().to_vec() };
        media_box(b"infe", &[&[version, 0, 0, 0][..], &number, &[0, 0], kind, b"\0", rest].concat())
    };
    let infos =
        [info(2, 1, b"Exif", b""), info(3, 2, b"hvc1", b""), info(2, 3, b"mime", b"application/rdf+xml\0")].concat();
    let infos = media_box(b"iinf", &[&[0, 0, 0, 0, 0, 3][..], &infos].concat());
    let start = media_box(b"ftyp", b"heic\0\0\0\0");
    let table = |at: u32| {
        let item = |item: u32, pieces: &[(u32, u32)]| {
            let mut bytes =
                if version == 2 { item.to_be_bytes().to_vec() } else { (item as u16).to_be_bytes().to_vec() };
            if version > 0 {
                bytes.extend_from_slice(&[0, 0]);
            }
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(&at.to_be_bytes());
            bytes.extend_from_slice(&(pieces.len() as u16).to_be_bytes());
            for (offset, length) in pieces {
                bytes.extend_from_slice(&[offset.to_be_bytes(), length.to_be_bytes()].concat());
            }
            bytes
        };
        let count = if version == 2 { vec![0, 0, 0, 3] } else { vec![0, 3] };
        let picture = if overlap { (0, 300) } else { (100, 100) };
        let items = [item(1, &[(0, 100)]), item(2, &[picture]), item(3, &[(200, 40), (240, 60)])].concat();
        media_box(b"iloc", &[&[version, 0, 0, 0, 0x44, 0x40][..], &count, &items].concat())
    };
    let exif = [b"\0\0\0\0".as_slice(), SECRET, &[1; 100]].concat();
    let xmp = [&[b'<'; 20], SECRET, &[b'>'; 100]].concat();
    let data = media_box(b"mdat", &[&exif[..100], &[0xab; 100], &xmp[..100]].concat());
    let all = |at: u32| {
        let meta = media_box(b"meta", &[vec![0; 4], handler(b"pict"), infos.clone(), table(at)].concat());
        [start.clone(), meta].concat()
    };
    let at = all(0).len() as u32 + 8;
    [all(at), data].concat()
}

#[test]
fn exif_and_xmp_items_of_heic_are_overwritten() {
    for version in [0, 1, 2] {
        let original = heic(version, false);
        let new = strip_secrets(&original);
        let data = original.len() - 300;
        assert_eq!(new[..data], original[..data], "places stay");
        assert_eq!(new[data + 100..data + 200], [0xab; 100], "the picture stays");
        assert!(new[data..].starts_with(b"\0\0\0\0MM\0\x2a"));
        assert!(new[data + 200..].starts_with(b"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>  "));
    }
    // Bytes that the picture needs stay, whatever else refers to them.
    let original = heic(0, true);
    assert_eq!(strip(&original).unwrap(), None);
}

#[test]
fn malformed_item_tables_and_too_many_edits_are_rejected() {
    let original = heic(0, false);
    let places = original.windows(4).position(|name| name == b"iloc").unwrap();
    let with = |at: usize, byte: u8| {
        let mut bytes = original.clone();
        bytes[places + at] = byte;
        strip(&bytes)
    };
    // Widths that are none, and more items than there are.
    for (at, byte) in [(8, 0xff), (8, 0x4f), (9, 0xf0), (10, 0xff)] {
        assert!(matches!(with(at, byte), Err(AssetError::InseparableMetadata)), "{at} {byte}");
    }
    let many = [media_box(b"ftyp", b"isom\0\0\0\0"), media_box(b"uuid", b"JpgTiffExif->JP2").repeat(200_000)].concat();
    assert!(matches!(strip(&many), Err(AssetError::InseparableMetadata)));
    let many =
        [media_box(b"ftyp", b"isom\0\0\0\0"), media_box(b"moov", &media_box(b"free", b"").repeat(300_000))].concat();
    assert_eq!(strip(&many).unwrap(), None);
}

#[test]
fn metadata_boxes_of_jpeg_xl_and_jpeg_2000_are_removed() {
    for (start, name, before) in [
        (b"JXL ", b"Exif", b"\0\0\0\0".as_slice()),
        (b"JXL ", b"brob", b"xml "),
        (b"JXL ", b"xml ", b"<?xpacket"),
        (b"jP  ", b"uuid", b"JpgTiffExif->JP2"),
    ] {
        let original = [
            media_box(start, b"\r\n\x87\n"),
            media_box(name, &[before, SECRET].concat()),
            media_box(b"jxlc", b"pixels"),
        ]
        .concat();
        let new = strip_secrets(&original);
        assert!(new.len() == original.len() && new.ends_with(b"jxlcpixels"));
    }
}
