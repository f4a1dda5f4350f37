//! Files with a few bytes changed, cut off or put together: they never end anything, and a picture that could be seen is seen as it was.

use super::*;
use proptest::prelude::*;

/// Damage to a file: bytes that are changed, removed or inserted, and where it breaks off.
#[derive(Debug, Clone)]
struct Damage {
    changed: Vec<(prop::sample::Index, u8)>,
    moved: Option<(prop::sample::Index, usize, bool)>,
    cut: Option<prop::sample::Index>,
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![Just(0), Just(0xff), Just(0xe1), Just(0xda), Just(0xd9), Just(1), Just(0x80), any::<u8>()];
    let changed = prop::collection::vec((any::<prop::sample::Index>(), byte), 0..6);
    let moved = prop::option::weighted(0.3, (any::<prop::sample::Index>(), 1..40_usize, any::<bool>()));
    let cut = prop::option::weighted(0.2, any::<prop::sample::Index>());
    (changed, moved, cut).prop_map(|(changed, moved, cut)| Damage { changed, moved, cut })
}

fn apply_damage(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    for (at, byte) in &damage.changed {
        // Most of what matters stands at the beginning.
        let limit = if byte & 1 == 0 { bytes.len() } else { bytes.len().min(400) };
        bytes[at.index(limit)] = *byte;
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
fn check_stripping(bytes: &[u8], format: ImageFormat) -> Result<(), TestCaseError> {
    match strip(bytes) {
        Ok(Some(new)) => {
            if let Some((pixels, ..)) = decode(bytes, format) {
                let after = decode(&new, format);
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
    fn stripping_damaged_jpegs_preserves_their_pixels(damage in any_damage(), progressive: bool) {
        check_stripping(&apply_damage(jpegs::photograph(progressive), &damage), ImageFormat::Jpeg)?;
    }

    #[test]
    fn stripping_damaged_pngs_preserves_their_pixels(damage in any_damage()) {
        check_stripping(&apply_damage(others::png(6), &damage), ImageFormat::Png)?;
    }

    #[test]
    fn stripping_damaged_webps_preserves_their_pixels(damage in any_damage()) {
        check_stripping(&apply_damage(others::still_webp(&camera_exif(true, 6)), &damage), ImageFormat::WebP)?;
    }

    #[test]
    fn stripping_damaged_gifs_preserves_their_pixels(damage in any_damage()) {
        check_stripping(&apply_damage(others::gif(), &damage), ImageFormat::Gif)?;
    }

    #[test]
    fn stripping_damaged_tiffs_preserves_their_pixels(damage in any_damage(), little: bool, raw: bool) {
        let extra_tags: &[_] = if raw { &[(50_706, 1, 4, 0)] } else { &[] };
        check_stripping(&apply_damage(tiffs::photograph(little, extra_tags), &damage), ImageFormat::Tiff)?;
    }

    #[test]
    fn stripping_damaged_heic_and_films_does_not_panic(damage in any_damage(), version in 0..3_u8) {
        let _ = strip(&apply_damage(films::heic(version, false), &damage));
        let _ = strip(&apply_damage(films::film("upright.mov"), &damage));
    }

    #[test]
    fn random_bytes_after_a_signature_are_stripped_or_rejected(
        start in prop::sample::select(vec![
            b"\xff\xd8\xff".as_slice(), b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\x01\0\0WEBP", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08",
            b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", b"\0\0\0\x10ftypheic\0\0\0\0",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let result = strip(&[start, &rest].concat());
        prop_assert!(matches!(result, Ok(_) | Err(AssetError::InseparableMetadata)), "{:?}", result);
    }
}
