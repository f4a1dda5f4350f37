//! Pictures made as a URL says: size, part, orientation, colours, and what does not come along.

use crate::fixture::{encode_picture, quartered, with_metadata, with_orientation};
use cairn_assets::{EncodedPicture, Transform, render_picture};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::io::Write;

/// Renders a file with the transform of a query.
pub(crate) fn render(bytes: &[u8], content_type: &str, query: &str) -> Option<EncodedPicture> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    render_picture(file.path(), content_type, &Transform::parse(query).unwrap()).unwrap()
}

/// Renders a picture with the transform of a query, and decodes the result.
fn render_and_decode(image: &DynamicImage, query: &str) -> DynamicImage {
    let picture = render(&encode_picture(image, ImageFormat::Png), "image/png", query).unwrap();
    image::load_from_memory(&picture.bytes).unwrap()
}

/// A hundred columns and fifty rows that tell where they were: red counts columns, green rows.
fn chart() -> DynamicImage {
    RgbImage::from_fn(100, 50, |x, y| Rgb([x as u8 * 2, y as u8 * 4, 0])).into()
}

/// The column and row of the original that is seen at a place, as parts of the result's sides.
fn origin(image: &DynamicImage, x: f64, y: f64) -> (f64, f64) {
    let image = image.to_rgb8();
    let at = |part: f64, side: u32| ((part * f64::from(side)) as u32).min(side - 1);
    let [red, green, _] = image.get_pixel(at(x, image.width()), at(y, image.height())).0;
    (f64::from(red) / 2.0, f64::from(green) / 4.0)
}

fn is_near(found: (f64, f64), expected: (f64, f64)) -> bool {
    (found.0 - expected.0).abs() < 3.0 && (found.1 - expected.1).abs() < 3.0
}

#[test]
fn transform_sizes_follow_the_query() {
    for (query, size) in [
        ("format=png", (100, 50)),
        ("w=50&format=png", (50, 25)),
        ("h=10&format=png", (20, 10)),
        ("w=4096&h=4096&format=png", (100, 50)),
        ("w=30&h=30&format=png", (30, 15)),
        ("w=30&h=30&fit=cover&format=png", (30, 30)),
        ("w=300&h=10&fit=cover&format=png", (300, 10)),
        ("crop=0.5,0,0.5,1&format=png", (50, 50)),
        ("crop=0.1,0.1,0.0001,0.0001&format=png", (1, 1)),
        ("crop=0,0,0.5,1&w=10&format=png", (10, 10)),
    ] {
        let image = render_and_decode(&chart(), query);
        assert_eq!((image.width(), image.height()), size, "{query}");
    }
}

#[test]
fn crop_and_focal_point_select_the_visible_part() {
    for (query, middle) in [
        ("format=png", (50.0, 25.0)),
        ("crop=0.5,0,0.5,0.5&format=png", (75.0, 12.5)),
        ("w=50&h=50&fit=cover&format=png", (50.0, 25.0)),
        ("w=50&h=50&fit=cover&fx=0&format=png", (25.0, 25.0)),
        ("w=50&h=50&fit=cover&fx=1&format=png", (75.0, 25.0)),
        ("w=50&h=50&fit=cover&fx=0.4&format=png", (40.0, 25.0)),
        ("w=100&h=20&fit=cover&fy=0.9&format=png", (50.0, 40.0)),
        // The focal point is one of the whole picture, and may lie outside of the crop.
        ("crop=0.5,0,0.5,1&w=25&h=50&fit=cover&fx=0&format=png", (62.5, 25.0)),
        ("crop=0.5,0,0.5,1&w=25&h=50&fit=cover&fx=0.75&format=png", (75.0, 25.0)),
    ] {
        let found = origin(&render_and_decode(&chart(), query), 0.5, 0.5);
        assert!(is_near(found, middle), "{query}: {found:?} instead of {middle:?}");
    }
}

#[test]
fn crops_apply_to_the_oriented_picture() {
    let jpeg = encode_picture(&quartered(600, 300), ImageFormat::Jpeg);
    // The visible position of the red quarter.
    for (orientation, red) in
        [(1, "0,0"), (2, "0.5,0"), (3, "0.5,0.5"), (4, "0,0.5"), (5, "0,0"), (6, "0.5,0"), (7, "0.5,0.5"), (8, "0,0.5")]
    {
        let bytes = with_orientation(&jpeg, orientation);
        for corner in ["0,0", "0.5,0", "0,0.5", "0.5,0.5"] {
            let query = format!("crop={corner},0.5,0.5&w=60&format=png");
            let picture = render(&bytes, "image/jpeg", &query).unwrap();
            let upright = orientation < 5;
            assert_eq!((picture.width, picture.height), if upright { (60, 30) } else { (60, 120) }, "{orientation}");
            let image = image::load_from_memory(&picture.bytes).unwrap().to_rgb8();
            assert!(image.dimensions() == (picture.width, picture.height), "{orientation}");
            let pixel = image.get_pixel(picture.width / 2, picture.height / 2).0;
            assert_eq!(pixel[0] > 128, corner == red, "orientation {orientation}, {corner}: {pixel:?}");
        }
    }
}

#[test]
fn every_output_format_contains_the_picture() {
    let source = encode_picture(&quartered(400, 200), ImageFormat::Png);
    for (format, kind) in [
        ("jpeg", Some(ImageFormat::Jpeg)),
        ("png", Some(ImageFormat::Png)),
        ("webp", Some(ImageFormat::WebP)),
        ("avif", None),
    ] {
        let picture = render(&source, "image/png", &format!("w=200&format={format}")).unwrap();
        assert_eq!((picture.content_type, picture.width, picture.height), (&*format!("image/{format}"), 200, 100));
        let Some(kind) = kind else {
            assert_eq!(&picture.bytes[4..12], b"ftypavif");
            // The box `ispe` has the size of an AVIF.
            let at = picture.bytes.windows(4).position(|name| name == b"ispe").unwrap() + 8;
            assert_eq!(picture.bytes[at..at + 8], [0, 0, 0, 200, 0, 0, 0, 100]);
            continue;
        };
        let image = image::load_from_memory_with_format(&picture.bytes, kind).unwrap().to_rgb8();
        let (red, blue) = (image.get_pixel(50, 25).0, image.get_pixel(150, 75).0);
        assert!(red[0] > 230 && red[2] < 30 && blue[0] < 30 && blue[2] > 230, "{format}: {red:?} {blue:?}");
    }
}

#[test]
fn lower_quality_yields_smaller_files() {
    let source =
        encode_picture(&chart().resize_exact(200, 100, image::imageops::FilterType::Triangle), ImageFormat::Png);
    for format in ["jpeg", "webp", "avif"] {
        let bytes = |q| render(&source, "image/png", &format!("format={format}&q={q}")).unwrap().bytes.len();
        let sizes = [1, 50, 100].map(bytes);
        assert!(sizes.is_sorted() && sizes[0] < sizes[2], "{format}: {sizes:?}");
    }
}

#[test]
fn transforms_drop_all_metadata() {
    let secret = b"52.0907 N 5.1214 E";
    let source = with_metadata(&encode_picture(&quartered(300, 200), ImageFormat::Jpeg), secret);
    assert!(source.windows(secret.len()).any(|part| part == secret));
    for format in ["jpeg", "png", "webp", "avif"] {
        let picture = render(&source, "image/jpeg", &format!("format={format}")).unwrap();
        for trace in [secret.as_slice(), b"Exif", b"http://ns.adobe.com", b"EXIF", b"eXIf", b"XMP "] {
            assert!(!picture.bytes.windows(trace.len()).any(|part| part == trace), "{format}");
        }
    }
}

#[test]
fn transparency_is_white_in_jpeg_and_retained_elsewhere() {
    let image: DynamicImage = RgbaImage::from_fn(80, 40, |x, _| match x {
        0..40 => Rgba([255, 0, 0, 0]),
        _ => Rgba([0, 0, 0, 128]),
    })
    .into();
    let jpeg = render_and_decode(&image, "format=jpeg&q=95").to_rgb8();
    assert!(jpeg.get_pixel(10, 20).0.iter().all(|part| *part > 250), "{:?}", jpeg.get_pixel(10, 20));
    assert!(jpeg.get_pixel(70, 20).0.iter().all(|part| part.abs_diff(127) < 5), "{:?}", jpeg.get_pixel(70, 20));
    for query in ["format=png", "format=webp"] {
        let buffer = render_and_decode(&image, query).to_rgba8();
        assert_eq!((buffer.get_pixel(10, 20).0[3], buffer.get_pixel(70, 20).0[3]), (0, 128), "{query}");
    }
    // An opaque picture needs no alpha channel.
    let opaque = DynamicImage::ImageRgba8(RgbaImage::from_pixel(9, 9, Rgba([1, 2, 3, 255])));
    assert!(!render_and_decode(&opaque, "format=png").color().has_alpha());
}

#[test]
fn deep_and_grey_pictures_render_with_eight_bits() {
    let grey = DynamicImage::ImageLuma16(chart().to_luma16());
    for image in
        [grey.clone(), DynamicImage::ImageRgb16(chart().to_rgb16()), DynamicImage::ImageLumaA16(grey.to_luma_alpha16())]
    {
        for format in ["png", "jpeg", "webp"] {
            let buffer = render_and_decode(&image, &format!("format={format}")).to_luma8();
            let expected = image.to_luma8();
            for (x, y) in [(5, 5), (50, 25), (95, 45)] {
                assert!(buffer.get_pixel(x, y).0[0].abs_diff(expected.get_pixel(x, y).0[0]) < 6, "{format}");
            }
        }
    }
    assert_eq!(render_and_decode(&grey, "format=png").color(), image::ColorType::L8);
}

/// A profile of a display that is like sRGB but swaps red and green.
fn swapping_profile() -> Vec<u8> {
    let mut profile = moxcms::ColorProfile::new_srgb();
    std::mem::swap(&mut profile.red_colorant, &mut profile.green_colorant);
    profile.encode().unwrap()
}

fn with_profile(image: &RgbImage, profile: Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_icc_profile(profile).unwrap();
    encoder.encode_image(image).unwrap();
    bytes
}

#[test]
fn colour_profiles_are_converted_to_srgb() {
    let red = RgbImage::from_pixel(32, 32, Rgb([220, 20, 20]));
    let source = with_profile(&red, swapping_profile());
    for format in ["png", "jpeg", "webp"] {
        let picture = render(&source, "image/jpeg", &format!("format={format}&q=95")).unwrap();
        let [r, g, _] = image::load_from_memory(&picture.bytes).unwrap().to_rgb8().get_pixel(9, 9).0;
        assert!(r < 60 && g > 180, "{format}: {r} {g}");
    }
}

#[test]
fn invalid_colour_profiles_are_ignored() {
    let red = RgbImage::from_pixel(32, 32, Rgb([220, 20, 20]));
    let mut header_only = vec![0; 128];
    header_only[16..20].copy_from_slice(b"RGB ");
    header_only[36..40].copy_from_slice(b"acsp");
    let mut cut = swapping_profile();
    cut.truncate(200);
    let mut grey = moxcms::ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let of_kind = |kind: &[u8; 4], mut profile: Vec<u8>| {
        profile[16..20].copy_from_slice(kind);
        profile
    };
    let cmyk = of_kind(b"CMYK", swapping_profile());
    for profile in [header_only, cut, grey.clone(), cmyk, of_kind(b"RGB ", std::mem::take(&mut grey)), vec![0xff; 500]]
    {
        let picture = render(&with_profile(&red, profile), "image/jpeg", "format=png").unwrap();
        let [r, g, _] = image::load_from_memory(&picture.bytes).unwrap().to_rgb8().get_pixel(9, 9).0;
        assert!(r > 200 && g < 40, "{r} {g}");
    }
}

#[test]
fn undecodable_files_yield_no_rendition() {
    for (bytes, content_type) in [
        (b"hello".as_slice(), "text/plain"),
        (b"<svg/>", "image/svg+xml"),
        (b"", "image/png"),
        (b"GIF89a", "image/gif"),
        (&encode_picture(&quartered(300, 300), ImageFormat::Png)[..500], "image/png"),
    ] {
        assert_eq!(render(bytes, content_type, "w=10"), None, "{content_type}");
    }
}

#[test]
fn extreme_proportions_are_rendered() {
    for (width, height) in [(1, 1), (1, 30_000), (30_000, 1), (3, 2)] {
        let source = encode_picture(&quartered(width, height), ImageFormat::Png);
        for query in [
            "format=webp",
            "w=1&format=jpeg",
            "h=1&format=png",
            "w=4096&h=1&fit=cover&format=webp",
            "w=1&h=4096&fit=cover&fx=1&fy=0&format=png",
            "w=700&h=700&fit=cover&format=jpeg",
            "w=1&h=1&fit=cover&format=avif",
            "crop=0.9999,0,0.0001,1&format=webp",
            "crop=0,0.9999,1,0.0001&w=5&h=7&fit=cover&format=webp",
        ] {
            let picture = render(&source, "image/png", query).unwrap_or_else(|| panic!("{width}×{height} {query}"));
            assert!(
                (1..=4096).contains(&picture.width) && (1..=4096).contains(&picture.height),
                "{width}×{height} {query}"
            );
        }
    }
}
