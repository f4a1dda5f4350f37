//! Large JPEGs, which are not decoded whole: what is made of them is what would be made of all their pixels.

use crate::fixture::{UploadFixture, encode_picture};
use crate::transforms::render;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Picture with the features of photographs: gradients, waves, edges and noise; no two corners alike.
fn photograph(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let waves = ((u * 90.0).sin() * (v * 70.0).cos()) * 25.0 + (state >> 24) as f32 / 25.0;
        let wall = u > 0.55 && v > 0.45 && (x / 40 + y / 30) % 2 == 0;
        let base = if wall { [150.0, 70.0, 50.0] } else { [200.0 * u, 60.0 + 120.0 * v, 200.0 - 120.0 * u] };
        Rgb(base.map(|part: f32| (part + waves) as u8))
    })
}

fn jpeg(image: &RgbImage, sampling: SamplingFactor, progressive: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(progressive);
    encoder.encode(image, image.width() as u16, image.height() as u16, ColorType::Rgb).unwrap();
    bytes
}

/// How like each other two pictures are, in decibels; above 40 or so the eye sees no difference.
fn similarity_db(one: &DynamicImage, other: &DynamicImage) -> f64 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    let (one, other) = (one.to_rgb8(), other.to_rgb8());
    let squares: f64 = one.iter().zip(other.iter()).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    10.0 * (255.0 * 255.0 * one.len() as f64 / squares.max(1e-9)).log10()
}

#[test]
fn variants_of_large_jpegs_match_full_decoding() {
    let original = photograph(2400, 1600);
    let jpeg = jpeg(&original, SamplingFactor::F_2_2, false);
    let uploads = UploadFixture::new();
    let file = uploads.ingest("a.jpg", None, &jpeg).unwrap();
    assert_eq!((file.width, file.height, file.keys.len()), (Some(2400), Some(1600), 5));
    let dynamic_image = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap();
    for key in &file.keys[1..] {
        let variant = image::load_from_memory(&uploads.read(key)).unwrap();
        let expected =
            dynamic_image.resize_exact(variant.width(), variant.height(), image::imageops::FilterType::Lanczos3);
        let likeness = similarity_db(&variant, &expected);
        // Variants are encoded once more, in lower quality.
        assert!(likeness > 30.0, "{key}: {likeness:.1} dB");
    }
}

#[test]
fn large_grey_and_cmyk_jpegs_have_correct_colours() {
    let grey = DynamicImage::from(photograph(1600, 1200)).to_luma8();
    let bytes = encode_picture(&DynamicImage::from(grey.clone()), ImageFormat::Jpeg);
    let made_of_grey = render(&bytes, "image/jpeg", "w=200&format=png").unwrap();
    let dynamic_image = image::load_from_memory(&made_of_grey.bytes).unwrap();
    let expected = DynamicImage::from(grey).resize_exact(200, 150, image::imageops::FilterType::Lanczos3);
    assert!(similarity_db(&dynamic_image, &expected) > 38.0);

    let mut inks = Vec::new();
    let pixels: Vec<u8> = (0..1600 * 1200).flat_map(|_| [0, 255, 255, 0]).collect();
    Encoder::new(&mut inks, 90).encode(&pixels, 1600, 1200, ColorType::Cmyk).unwrap();
    let red = render(&inks, "image/jpeg", "w=200&format=png").unwrap();
    let [red, green, blue] = image::load_from_memory(&red.bytes).unwrap().to_rgb8().get_pixel(9, 9).0;
    assert!(red > 200 && green < 60 && blue < 60, "{red} {green} {blue}");
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::{jpeg, photograph, similarity_db};
    use crate::fixture::{encode_picture, with_orientation};
    use crate::transforms::render;
    use image::ImageFormat;
    use jpeg_encoder::SamplingFactor;

    #[test]
    fn transforms_of_large_jpegs_match_full_decoding() {
        let original = photograph(1603, 1201);
        for (sampling, progressive) in
            [(SamplingFactor::F_1_1, false), (SamplingFactor::F_2_2, false), (SamplingFactor::F_2_2, true)]
        {
            let plain = jpeg(&original, sampling, progressive);
            for orientation in [1, 6] {
                let jpeg = with_orientation(&plain, orientation);
                // The same pixels as seen, in a format that is always decoded whole.
                let mut dynamic_image = image::load_from_memory_with_format(&plain, ImageFormat::Jpeg).unwrap();
                dynamic_image.apply_orientation(image::metadata::Orientation::from_exif(orientation).unwrap());
                let lossless = encode_picture(&dynamic_image, ImageFormat::Png);
                for query in [
                    "w=800&format=png",
                    "w=300&format=png",
                    "w=100&format=png",
                    "w=200&h=200&fit=cover&fx=0.1&fy=0.9&format=png",
                    "crop=0.5,0.25,0.4,0.6&w=150&format=png",
                    "crop=0.3,0.3,0.05,0.05&w=20&h=10&fit=cover&format=png",
                    "w=1500&format=png",
                ] {
                    let [scaled, full] =
                        [(&jpeg, "image/jpeg"), (&lossless, "image/png")].map(|(bytes, content_type)| {
                            image::load_from_memory(&render(bytes, content_type, query).unwrap().bytes).unwrap()
                        });
                    let likeness = similarity_db(&scaled, &full);
                    assert!(likeness > 44.0, "{query}, orientation {orientation}, {sampling:?}: {likeness:.1} dB");
                }
            }
        }
    }

    #[test]
    fn truncated_or_damaged_large_jpegs_do_not_panic() {
        let complete = jpeg(&photograph(1400, 1000), SamplingFactor::F_2_2, false);
        for part in 0..16 {
            let cut = &complete[..complete.len() * part / 16];
            render(cut, "image/jpeg", "w=100");
            let mut damaged = complete.clone();
            let at = complete.len() * part / 16;
            damaged[at..at + 40].fill(0xff);
            render(&damaged, "image/jpeg", "w=100");
        }
    }
}
