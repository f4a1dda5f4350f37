//! Files with a few bytes changed, cut off or put together: they never end anything, and a picture that could be seen is seen as it was.

use super::*;
use proptest::prelude::*;

/// What happens to a file: bytes that are others, bytes that go or come, and where it breaks off.
#[derive(Debug, Clone)]
struct Damage {
    changed: Vec<(prop::sample::Index, u8)>,
    moved: Option<(prop::sample::Index, usize, bool)>,
    cut: Option<prop::sample::Index>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![Just(0), Just(0xff), Just(0xe1), Just(0xda), Just(0xd9), Just(1), Just(0x80), any::<u8>()];
    let changed = prop::collection::vec((any::<prop::sample::Index>(), byte), 0..6);
    let moved = prop::option::weighted(0.3, (any::<prop::sample::Index>(), 1..40_usize, any::<bool>()));
    let cut = prop::option::weighted(0.2, any::<prop::sample::Index>());
    (changed, moved, cut).prop_map(|(changed, moved, cut)| Damage { changed, moved, cut })
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    for (at, byte) in &damage.changed {
        // Most of what matters stands at the beginning.
        let most = if byte & 1 == 0 { bytes.len() } else { bytes.len().min(400) };
        bytes[at.index(most)] = *byte;
    }
    if let Some((at, length, comes)) = &damage.moved {
        let at = at.index(bytes.len());
        let end = (at + length).min(bytes.len());
        if *comes {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        } else {
            bytes.drain(at..end);
        }
    }
    if let Some(at) = damage.cut {
        bytes.truncate(at.index(bytes.len()) + 1);
    }
    bytes
}

#[track_caller]
fn check(bytes: &[u8], format: ImageFormat) -> Result<(), TestCaseError> {
    match cleaned(bytes) {
        Ok(Some(new)) => {
            if let Some((pixels, ..)) = seen(bytes, format) {
                let after = seen(&new, format);
                prop_assert!(after.is_some(), "nothing is seen any more");
                prop_assert!(after.unwrap().0 == pixels, "something else is seen");
            }
        }
        Ok(None) | Err(AssetError::InseparableMetadata) => {}
        Err(other) => prop_assert!(false, "{other:?}"),
    }
    Ok(())
}

proptest! {
    #[test]
    fn jpegs(damage in damage(), progressive: bool) {
        check(&damaged(jpegs::photograph(progressive), &damage), ImageFormat::Jpeg)?;
    }

    #[test]
    fn pngs(damage in damage()) {
        check(&damaged(others::png(6), &damage), ImageFormat::Png)?;
    }

    #[test]
    fn webps(damage in damage()) {
        check(&damaged(others::still_webp(&exif(true, 6)), &damage), ImageFormat::WebP)?;
    }

    #[test]
    fn gifs(damage in damage()) {
        check(&damaged(others::gif(), &damage), ImageFormat::Gif)?;
    }

    #[test]
    fn tiffs(damage in damage(), little: bool, raw: bool) {
        let more: &[_] = if raw { &[(50_706, 1, 4, 0)] } else { &[] };
        check(&damaged(tiffs::photograph(little, more), &damage), ImageFormat::Tiff)?;
    }

    #[test]
    fn items_and_films(damage in damage(), version in 0..3_u8) {
        let _ = cleaned(&damaged(films::heic(version, false), &damage));
        let _ = cleaned(&damaged(films::film("upright.mov"), &damage));
    }

    #[test]
    fn whatever_begins_like_a_picture(
        start in prop::sample::select(vec![
            b"\xff\xd8\xff".as_slice(), b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\x01\0\0WEBP", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08",
            b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let result = cleaned(&[start, &rest].concat());
        prop_assert!(matches!(result, Ok(_) | Err(AssetError::InseparableMetadata)), "{:?}", result);
    }
}
