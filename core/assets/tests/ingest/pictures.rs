//! Sizes, variants and orientation of pictures.

use crate::fixture::{
    UploadFixture, animated_png, animated_webp, encode_picture, gif, png, quartered, with_metadata, with_orientation,
};
use crate::transforms::render;
use cairn_assets::IncomingFile;
use image::{DynamicImage, GenericImageView, ImageFormat, Rgba, RgbaImage};
use serde_json::{Value, json};

fn format<'a>(formats: &'a Option<Value>, name: &str) -> &'a Value {
    &formats.as_ref().unwrap()[name]
}

fn size(format: &Value) -> (u64, u64) {
    (format["width"].as_u64().unwrap(), format["height"].as_u64().unwrap())
}

#[test]
fn small_pictures_have_a_size_and_no_formats() {
    let uploads = UploadFixture::new();
    let bytes = png(40, 30);
    let file = uploads.ingest("tiny.png", Some("image/png"), &bytes).unwrap();
    assert_eq!((file.width, file.height, &file.formats), (Some(40), Some(30), &None));
    assert_eq!((file.name.as_str(), file.ext.as_str(), file.mime.as_str()), ("tiny.png", ".png", "image/png"));
    assert_eq!(file.url, format!("/uploads/{}.png", file.hash));
    assert_eq!(file.keys, [format!("{}.png", file.hash)]);
    assert_eq!(uploads.stored_names(), file.keys);
    assert_eq!(uploads.read(&file.keys[0]), bytes);
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn large_picture_formats_match_the_contract() {
    let uploads = UploadFixture::new();
    let file = uploads.ingest("big.png", Some("image/png"), &png(800, 600)).unwrap();
    let formats = file.formats.as_ref().unwrap().as_object().unwrap();
    assert_eq!(formats.keys().collect::<Vec<_>>(), ["thumbnail", "small", "medium"]);
    let hash = &file.hash;
    for (name, width, height) in [("thumbnail", 208, 156), ("small", 500, 375), ("medium", 750, 563)] {
        let bytes = uploads.read(&format!("{name}_{hash}.png"));
        let expected = json!({
            "name": format!("{name}_big.png"),
            "hash": format!("{name}_{hash}"),
            "ext": ".png",
            "mime": "image/png",
            "path": null,
            "width": width,
            "height": height,
            "size": (bytes.len() as f64 / 10.0).round() / 100.0,
            "sizeInBytes": bytes.len(),
            "url": format!("/uploads/{name}_{hash}.png"),
        });
        assert_eq!(formats[name], expected);
        assert_eq!(formats[name].to_string(), expected.to_string(), "order of keys");
        let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Png).unwrap();
        assert_eq!(picture.dimensions(), (width, height));
    }
    let mut keys = file.keys.clone();
    keys.sort();
    assert_eq!(uploads.stored_names(), keys);
}

#[test]
fn variants_have_the_format_of_the_original() {
    let uploads = UploadFixture::new();
    for (ext, kind) in [
        ("png", ImageFormat::Png),
        ("jpg", ImageFormat::Jpeg),
        ("gif", ImageFormat::Gif),
        ("webp", ImageFormat::WebP),
        ("tiff", ImageFormat::Tiff),
        ("bmp", ImageFormat::Bmp),
    ] {
        let file = uploads.ingest(&format!("a.{ext}"), None, &encode_picture(&quartered(1200, 400), kind)).unwrap();
        assert_eq!(file.mime, kind.to_mime_type());
        for (name, expected) in [("thumbnail", (245, 82)), ("small", (500, 167)), ("large", (1000, 333))] {
            let format = format(&file.formats, name);
            assert_eq!(size(format), expected, "{ext} {name}");
            let bytes = uploads.read(&format!("{name}_{}.{ext}", file.hash));
            assert_eq!(image::guess_format(&bytes).unwrap(), kind);
            let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
            let (red, blue) = (picture.get_pixel(5, 5).0, picture.get_pixel(picture.width() - 5, 5).0);
            assert!(red[0] > 200 && red[2] < 60, "{ext} {name} {red:?}");
            assert!(blue[0] < 60 && blue[2] > 200, "{ext} {name} {blue:?}");
        }
    }
}

#[test]
fn variants_preserve_colour_type_and_transparency() {
    let uploads = UploadFixture::new();
    let clear: DynamicImage = RgbaImage::from_pixel(300, 300, Rgba([9, 8, 7, 0])).into();
    for image in [
        clear.clone(),
        DynamicImage::ImageRgba16(clear.to_rgba16()),
        DynamicImage::ImageLuma8(clear.to_luma8()),
        DynamicImage::ImageLumaA16(clear.to_luma_alpha16()),
    ] {
        let file = uploads.ingest("a.png", None, &encode_picture(&image, ImageFormat::Png)).unwrap();
        let thumbnail = image::load_from_memory(&uploads.read(&format!("thumbnail_{}.png", file.hash))).unwrap();
        assert_eq!(thumbnail.color(), image.color());
        assert_eq!(thumbnail.to_rgba8().get_pixel(70, 70).0[3], image.to_rgba8().get_pixel(70, 70).0[3]);
    }
}

#[test]
fn thumbnail_of_an_animation_is_its_first_frame() {
    let bytes = gif(&[[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]]);
    let uploads = UploadFixture::new();
    let file = uploads.ingest("a.gif", Some("image/gif"), &bytes).unwrap();
    assert_eq!(uploads.read(&format!("{}.gif", file.hash)), bytes);
    let thumbnail = image::load_from_memory(&uploads.read(&format!("thumbnail_{}.gif", file.hash))).unwrap();
    assert_eq!(thumbnail.to_rgb8().get_pixel(10, 10).0, [255, 0, 0]);
}

#[test]
fn exif_orientation_applies_to_sizes_and_variants() {
    let uploads = UploadFixture::new();
    let jpeg = encode_picture(&quartered(600, 300), ImageFormat::Jpeg);
    // The visible position of the red quarter: its middle, in quarters of width and height.
    for (orientation, upright, red) in [
        (1, true, (1, 1)),
        (2, true, (3, 1)),
        (3, true, (3, 3)),
        (4, true, (1, 3)),
        (5, false, (1, 1)),
        (6, false, (3, 1)),
        (7, false, (3, 3)),
        (8, false, (1, 3)),
    ] {
        let file = uploads.ingest("a.jpg", Some("image/jpeg"), &with_orientation(&jpeg, orientation)).unwrap();
        let (size_seen, thumbnail_seen) = if upright { ((600, 300), (245, 123)) } else { ((300, 600), (78, 156)) };
        assert_eq!((file.width, file.height), (Some(size_seen.0), Some(size_seen.1)), "{orientation}");
        assert_eq!(size(format(&file.formats, "thumbnail")), thumbnail_seen, "{orientation}");
        let bytes = uploads.read(&format!("thumbnail_{}.jpg", file.hash));
        let picture = image::load_from_memory(&bytes).unwrap().to_rgb8();
        assert_eq!((u64::from(picture.width()), u64::from(picture.height())), thumbnail_seen);
        for (x, y) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
            let pixel = picture.get_pixel(picture.width() * x / 4, picture.height() * y / 4).0;
            assert_eq!(pixel[0] > 128, (x, y) == red, "orientation {orientation} at {x},{y}: {pixel:?}");
        }
    }
}

#[test]
fn invalid_orientations_are_ignored() {
    let uploads = UploadFixture::new();
    let jpeg = encode_picture(&quartered(60, 30), ImageFormat::Jpeg);
    for orientation in [0, 9, 255] {
        let file = uploads.ingest("a.jpg", None, &with_orientation(&jpeg, orientation)).unwrap();
        assert_eq!((file.width, file.height), (Some(60), Some(30)));
    }
}

#[test]
fn colour_animation_and_alpha_are_detected() {
    let uploads = UploadFixture::new();
    let clear = DynamicImage::from(RgbaImage::from_pixel(20, 10, Rgba([0, 128, 0, 200])));
    let opaque = DynamicImage::from(RgbaImage::from_pixel(20, 10, Rgba([0, 128, 0, 255])));
    let (red, blue) = ([255, 0, 0, 255], [0, 0, 255, 255]);
    for (bytes, colour, animated, alpha) in [
        (png(800, 600), "#0000ff", false, false),
        (encode_picture(&clear, ImageFormat::Png), "#008000", false, true),
        (encode_picture(&opaque, ImageFormat::WebP), "#008000", false, false),
        (encode_picture(&clear, ImageFormat::WebP), "#008000", false, true),
        (gif(&[red]), "#ff0000", false, false),
        (gif(&[blue, red]), "#0000ff", true, false),
        (gif(&[[0; 4], blue]), "#ffffff", true, true),
        (animated_webp(&[red, blue]), "#ff0000", true, false),
        (animated_png(), "#0000ff", true, false),
    ] {
        let file = uploads.ingest("a", None, &bytes).unwrap();
        let facts = (file.colour.as_deref(), file.animated, file.alpha);
        assert_eq!(facts, (Some(colour), Some(animated), Some(alpha)), "{}", file.mime);
        let placeholder = file.placeholder.clone().unwrap();
        assert!((8..40).contains(&placeholder.len()), "{placeholder}");
    }
    let text = uploads.ingest("a.txt", None, b"hello").unwrap();
    assert_eq!((&text.placeholder, &text.colour, text.animated, text.alpha), (&None, &None, None, None));
}

#[test]
fn transforms_of_animations_show_the_first_frame() {
    let (red, blue) = ([255, 0, 0, 255], [0, 0, 255, 255]);
    for (bytes, content_type) in [(gif(&[red, blue]), "image/gif"), (animated_webp(&[red, blue]), "image/webp")] {
        let picture = render(&bytes, content_type, "w=8&format=png").unwrap();
        let image = image::load_from_memory(&picture.bytes).unwrap().to_rgb8();
        let [r, _, b] = image.get_pixel(4, 4).0;
        assert!(r > 240 && b < 15, "{content_type}: {r} {b}");
    }
}

/// Bytes that were hashed while they arrived are not hashed again, unless some are removed.
#[test]
fn only_pictures_with_metadata_are_rewritten() {
    let uploads = UploadFixture::new();
    let arrived = "0".repeat(64);
    let store = |bytes: &[u8]| {
        let incoming = IncomingFile { sha256: Some(arrived.clone()), ..uploads.incoming("a.jpg", None, bytes) };
        uploads.store(incoming, 1 << 20).unwrap()
    };
    let plain = encode_picture(&quartered(40, 30), ImageFormat::Jpeg);
    assert_eq!(store(&plain).sha256, arrived);
    assert_eq!(store(&with_orientation(&plain, 6)).sha256, arrived);
    let marked = store(&with_metadata(&with_orientation(&plain, 6), b"by Anna, at home"));
    assert_ne!(marked.sha256, arrived);
    assert_eq!((marked.bytes, marked.width), (plain.len() as u64 + 36, Some(30)));
    assert_eq!(uploads.read(&marked.keys[0]), with_orientation(&plain, 6));
}
