//! Animations in other sizes: the same movement, in every format that has any, and none of what would take too long.

use crate::fixture::{UploadFixture, animated_png, animated_webp, gif};
use crate::transforms::render;
use cairn_assets::{AssetError, EncodedPicture, Transform, render_picture};
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, Frames, Rgba, RgbaImage};
use std::io::{Cursor, Write};

const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const CLEAR: [u8; 4] = [0; 4];

/// A frame of one colour: rectangle (left, top, width, height), delay in hundredths of a second, and what becomes of it.
type GifFrame = ((u16, u16, u16, u16), [u8; 4], u16, gif::DisposalMethod);

use gif::DisposalMethod::{Background, Keep, Previous};

fn encode_gif((width, height): (u16, u16), repeat: gif::Repeat, frames: &[GifFrame]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &[]).unwrap();
    encoder.set_repeat(repeat).unwrap();
    for ((left, top, width, height), colour, delay, dispose) in frames {
        let mut pixels = colour.repeat(usize::from(*width) * usize::from(*height));
        let mut frame = gif::Frame::from_rgba_speed(*width, *height, &mut pixels, 30);
        (frame.left, frame.top, frame.delay, frame.dispose) = (*left, *top, *delay, *dispose);
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// An animation as a browser plays it.
struct DecodedAnimation {
    frames: Vec<RgbaImage>,
    /// In milliseconds.
    delays: Vec<u32>,
    /// How often; 0: for ever.
    plays: u32,
}

impl DecodedAnimation {
    fn decode(bytes: &[u8], content_type: &str) -> DecodedAnimation {
        let plays = match content_type {
            "image/gif" => {
                let mut decoder = gif::DecodeOptions::new().read_info(Cursor::new(bytes)).unwrap();
                while decoder.next_frame_info().unwrap().is_some() {}
                match decoder.repeat() {
                    gif::Repeat::Infinite => 0,
                    gif::Repeat::Finite(repeats) => u32::from(repeats) + 1,
                }
            }
            "image/webp" => match image_webp::WebPDecoder::new(Cursor::new(bytes)).unwrap().loop_count() {
                image_webp::LoopCount::Forever => 0,
                image_webp::LoopCount::Times(n) => n.get().into(),
            },
            _ => {
                png::Decoder::new(Cursor::new(bytes)).read_info().unwrap().info().animation_control().unwrap().num_plays
            }
        };
        let frames: Frames<'_> = match content_type {
            "image/gif" => GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames(),
            "image/webp" => WebPDecoder::new(Cursor::new(bytes)).unwrap().into_frames(),
            _ => PngDecoder::new(Cursor::new(bytes)).unwrap().apng().unwrap().into_frames(),
        };
        let frames = frames.collect_frames().unwrap();
        let delay = |frame: &image::Frame| {
            let (numerator, denominator) = frame.delay().numer_denom_ms();
            (numerator + denominator / 2) / denominator
        };
        DecodedAnimation {
            delays: frames.iter().map(delay).collect(),
            frames: frames.into_iter().map(image::Frame::into_buffer).collect(),
            plays,
        }
    }

    fn of(picture: &EncodedPicture) -> DecodedAnimation {
        let played = DecodedAnimation::decode(&picture.bytes, picture.content_type);
        assert_eq!(played.size(), (picture.width, picture.height));
        played
    }

    fn size(&self) -> (u32, u32) {
        let size = self.frames[0].dimensions();
        assert!(self.frames.iter().all(|frame| frame.dimensions() == size));
        size
    }

    /// The colour at a place of a frame, as parts of its sides.
    fn colour(&self, frame: usize, x: f64, y: f64) -> [u8; 4] {
        let frame = &self.frames[frame];
        let at = |part: f64, side: u32| (part * f64::from(side)) as u32;
        frame.get_pixel(at(x, frame.width()), at(y, frame.height())).0
    }

    fn assert_colours(&self, x: f64, y: f64, expected: &[[u8; 4]], why: &str) {
        assert_eq!(self.frames.len(), expected.len(), "{why}");
        for (at, expected) in expected.iter().enumerate() {
            let found = self.colour(at, x, y);
            let near = found[3].abs_diff(expected[3]) < 8
                && (expected[3] == 0 || found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) < 24));
            assert!(near, "{why}, frame {at}: {found:?} and not {expected:?}");
        }
    }
}

fn try_render(bytes: &[u8], content_type: &str, query: &str) -> Result<Option<EncodedPicture>, AssetError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    render_picture(file.path(), content_type, &Transform::parse(query).unwrap())
}

fn assert_unresizable(bytes: &[u8], content_type: &str, why: &str) {
    for query in ["w=10", "w=10&format=gif"] {
        let result = try_render(bytes, content_type, query);
        assert!(matches!(result, Err(AssetError::UnresizableAnimation)), "{why}, {query}: {result:?}");
    }
}

#[test]
fn frames_delays_and_loops_stay_in_other_sizes() {
    let whole = (0, 0, 600, 400);
    let frames = [(whole, RED, 5, Keep), ((0, 0, 300, 400), GREEN, 120, Keep), ((300, 0, 300, 400), BLUE, 7, Keep)];
    for (repeat, plays) in [(gif::Repeat::Infinite, 0), (gif::Repeat::Finite(0), 1), (gif::Repeat::Finite(4), 5)] {
        let source = encode_gif((600, 400), repeat, &frames);
        for (query, content_type, size) in [
            ("w=300", "image/webp", (300, 200)),
            ("w=320&format=gif", "image/gif", (320, 213)),
            ("w=100&h=100&fit=cover", "image/webp", (100, 100)),
            ("crop=0,0,1,0.5&w=61&format=gif", "image/gif", (61, 20)),
        ] {
            let picture = render(&source, "image/gif", query).unwrap();
            assert_eq!(picture.content_type, content_type);
            let played = DecodedAnimation::of(&picture);
            assert_eq!(
                (played.size(), played.plays, &played.delays[..]),
                (size, plays, &[50, 1200, 70][..]),
                "{query}"
            );
            played.assert_colours(0.2, 0.5, &[RED, GREEN, GREEN], query);
            played.assert_colours(0.8, 0.5, &[RED, RED, BLUE], query);
        }
    }
}

/// As browsers show them: what is said to last a hundredth of a second or less lasts ten.
#[test]
fn delays_that_browsers_ignore_are_written_as_they_are_played() {
    let whole = (0, 0, 20, 20);
    let source = encode_gif(
        (20, 20),
        gif::Repeat::Infinite,
        &[(whole, RED, 0, Keep), (whole, BLUE, 1, Keep), (whole, GREEN, 2, Keep), (whole, RED, u16::MAX, Keep)],
    );
    for query in ["w=10", "w=10&format=gif"] {
        let played = DecodedAnimation::of(&render(&source, "image/gif", query).unwrap());
        assert_eq!(played.delays, [100, 100, 20, 655_350], "{query}");
    }
}

#[test]
fn frames_go_the_way_they_say() {
    let (whole, middle) = ((0, 0, 60, 60), (20, 20, 20, 20));
    let corner = (0, 0, 10, 10);
    for (disposal, after) in [(Keep, BLUE), (Background, CLEAR), (Previous, RED)] {
        let source = encode_gif(
            (60, 60),
            gif::Repeat::Infinite,
            &[(whole, RED, 9, Keep), (middle, BLUE, 9, disposal), (corner, GREEN, 9, Keep)],
        );
        for query in ["w=30", "w=30&format=gif", "w=60", "w=60&format=gif"] {
            let why = format!("{disposal:?}, {query}");
            let played = DecodedAnimation::of(&render(&source, "image/gif", query).unwrap());
            played.assert_colours(0.5, 0.5, &[RED, BLUE, after], &why);
            played.assert_colours(0.9, 0.9, &[RED, RED, RED], &why);
            played.assert_colours(0.05, 0.05, &[RED, RED, GREEN], &why);
        }
    }
}

#[test]
fn transparency_comes_and_goes() {
    let (left, right) = ((0, 0, 30, 60), (30, 0, 30, 60));
    let source = encode_gif(
        (60, 60),
        gif::Repeat::Infinite,
        &[(left, RED, 9, Background), (right, BLUE, 9, Background), (left, GREEN, 9, Keep), (right, RED, 9, Keep)],
    );
    for query in ["w=30", "w=30&format=gif"] {
        let played = DecodedAnimation::of(&render(&source, "image/gif", query).unwrap());
        played.assert_colours(0.2, 0.5, &[RED, CLEAR, GREEN, GREEN], query);
        played.assert_colours(0.8, 0.5, &[CLEAR, BLUE, CLEAR, RED], query);
    }
    let still = render(&source, "image/gif", "w=30&format=png").unwrap();
    assert_eq!(image::load_from_memory(&still.bytes).unwrap().to_rgba8().get_pixel(25, 15), &Rgba(CLEAR));
}

#[test]
fn frames_beyond_the_picture_are_cut_off() {
    let source = encode_gif(
        (40, 40),
        gif::Repeat::Infinite,
        &[((0, 0, 900, 900), RED, 9, Keep), ((20, 20, 500, 1), BLUE, 9, Keep), ((300, 300, 5, 5), GREEN, 9, Keep)],
    );
    let played = DecodedAnimation::of(&render(&source, "image/gif", "w=40&format=gif").unwrap());
    assert_eq!(played.size(), (40, 40));
    played.assert_colours(0.75, 0.5, &[RED, BLUE, BLUE], "a frame that is wider");
    played.assert_colours(0.75, 0.9, &[RED, RED, RED], "frames elsewhere");
}

#[test]
fn animated_webps_and_pngs_move_too() {
    let apng = {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 40, 20);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_animated(3, 2).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.set_frame_delay(1, 4).unwrap();
        writer.write_image_data(&RED.repeat(800)).unwrap();
        // Half transparent over the left half, which is then as it was.
        writer.set_frame_dimension(20, 20).unwrap();
        writer.set_blend_op(png::BlendOp::Over).unwrap();
        writer.set_dispose_op(png::DisposeOp::Previous).unwrap();
        writer.write_image_data(&[0, 0, 255, 128].repeat(400)).unwrap();
        writer.set_dispose_op(png::DisposeOp::None).unwrap();
        writer.set_blend_op(png::BlendOp::Source).unwrap();
        writer.set_frame_position(20, 0).unwrap();
        writer.write_image_data(&CLEAR.repeat(400)).unwrap();
        writer.finish().unwrap();
        bytes
    };
    let webp = render(&apng, "image/png", "w=40&q=95").unwrap();
    for (bytes, content_type) in [(&apng, "image/png"), (&webp.bytes, "image/webp")] {
        for query in ["w=20", "w=20&format=gif"] {
            let why = format!("{content_type}, {query}");
            let played = DecodedAnimation::of(&render(bytes, content_type, query).unwrap());
            assert_eq!((played.size(), played.plays, &played.delays[..]), ((20, 10), 2, &[250, 250, 250][..]), "{why}");
            played.assert_colours(0.2, 0.5, &[RED, [127, 0, 128, 255], RED], &why);
            played.assert_colours(0.8, 0.5, &[RED, RED, CLEAR], &why);
        }
    }
    let played = DecodedAnimation::of(&render(&animated_webp(&[RED, BLUE]), "image/webp", "w=8").unwrap());
    assert_eq!((played.size(), &played.delays[..]), ((8, 8), &[100, 100][..]));
    played.assert_colours(0.5, 0.5, &[RED, BLUE], "WebP");
    let played = DecodedAnimation::of(&render(&animated_png(), "image/png", "w=5").unwrap());
    assert_eq!((played.frames.len(), played.plays), (2, 0));
}

#[test]
fn variants_move_but_for_the_thumbnail() {
    let uploads = UploadFixture::new();
    let whole = (0, 0, 1200, 600);
    let frames = [(whole, RED, 30, Keep), ((0, 0, 600, 600), GREEN, 40, Keep), ((600, 0, 600, 600), BLUE, 50, Keep)];
    let source = encode_gif((1200, 600), gif::Repeat::Finite(2), &frames);
    let webp = render(&source, "image/gif", "w=1200").unwrap().bytes;
    let apng = {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 1200, 600);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_animated(3, 3).unwrap();
        let mut writer = encoder.write_header().unwrap();
        let played = DecodedAnimation::decode(&source, "image/gif");
        for (frame, delay) in played.frames.iter().zip([300, 400, 500]) {
            writer.set_frame_delay(delay, 1000).unwrap();
            writer.write_image_data(frame).unwrap();
        }
        writer.finish().unwrap();
        bytes
    };
    for (name, content_type, bytes) in
        [("a.gif", "image/gif", source), ("a.webp", "image/webp", webp), ("a.png", "image/png", apng)]
    {
        let file = uploads.ingest(name, Some(content_type), &bytes).unwrap();
        assert_eq!((file.animated, &file.widths[..]), (Some(true), &[320, 480, 640, 768, 960][..]), "{name}");
        for (variant, size) in [("small", (500, 250)), ("medium", (750, 375)), ("large", (1000, 500))] {
            let key = file.keys.iter().find(|key| key.starts_with(variant)).unwrap();
            let played = DecodedAnimation::decode(&uploads.read(key), content_type);
            assert_eq!((played.size(), played.plays, &played.delays[..]), (size, 3, &[300, 400, 500][..]), "{key}");
            played.assert_colours(0.25, 0.5, &[RED, GREEN, GREEN], key);
            played.assert_colours(0.75, 0.5, &[RED, RED, BLUE], key);
        }
        let thumbnail = file.keys.iter().find(|key| key.starts_with("thumbnail")).unwrap();
        let still = image::load_from_memory(&uploads.read(thumbnail)).unwrap().to_rgba8();
        assert_eq!(still.dimensions(), (245, 123));
        assert_ne!(still.get_pixel(60, 60).0[0], 0, "{name}");
    }
}

/// Animations that take too long are offered only in their own size, and in the sizes that do not.
#[test]
fn large_animations_have_fewer_sizes() {
    let uploads = UploadFixture::new();
    let frames: Vec<GifFrame> =
        (0..150).map(|n| ((n, 0, 2, 2), if n % 2 == 0 { RED } else { BLUE }, 4, Keep)).collect();
    let file = uploads.ingest("a.gif", None, &encode_gif((1400, 700), gif::Repeat::Infinite, &frames)).unwrap();
    let variants: Vec<&str> = file.keys.iter().filter_map(|key| key.split_once('_')).map(|(name, _)| name).collect();
    assert_eq!((file.animated, &file.widths[..]), (Some(true), &[320, 480, 640][..]));
    assert!(variants.contains(&"thumbnail") && variants.contains(&"small"), "{variants:?}");
    assert!(!variants.contains(&"large"), "{variants:?}");
    let source = encode_gif((1400, 700), gif::Repeat::Infinite, &frames);
    assert_eq!(DecodedAnimation::of(&render(&source, "image/gif", "w=320").unwrap()).frames.len(), 150);
    assert!(matches!(try_render(&source, "image/gif", "w=1280"), Err(AssetError::UnresizableAnimation)));
    assert!(render(&source, "image/gif", "w=1280&format=avif").is_some());
}

#[test]
fn animations_beyond_the_limits_are_not_resized() {
    let gif_of =
        |size, place, count: usize| encode_gif(size, gif::Repeat::Infinite, &vec![(place, RED, 0, Previous); count]);
    let one = (0, 0, 1, 1);
    assert_unresizable(&gif_of((10, 10), one, 1_001), "image/gif", "too many frames");
    assert!(render(&gif_of((20, 20), one, 1_000), "image/gif", "w=10").is_some());
    assert_unresizable(&gif_of((5_000, 5_000), one, 2), "image/gif", "too large");
    assert_unresizable(&gif_of((3_000, 3_000), one, 30), "image/gif", "too many pixels");
    // A frame that claims to be far larger than the picture, and has no pixels.
    let mut wide = gif_of((10, 10), one, 2);
    let frame = wide.iter().rposition(|byte| *byte == 0x2c).unwrap();
    wide[frame + 5..frame + 9].fill(0xff);
    assert_unresizable(&wide, "image/gif", "a frame of 65,535 by 65,535");
    // The first frames are there, and the last one breaks off.
    let whole = gif(&[RED, BLUE, GREEN]);
    assert_unresizable(&whole[..whole.len() - 40], "image/gif", "broken off");
    // A GIF without its last byte is displayed by every browser.
    assert_eq!(DecodedAnimation::of(&render(&whole[..whole.len() - 1], "image/gif", "w=10").unwrap()).frames.len(), 3);

    // A frame whose picture is larger than the frame.
    let mut webp = animated_webp(&[RED, BLUE]);
    let frame = webp.windows(4).rposition(|name| name == b"ANMF").unwrap();
    webp[frame + 14] = 7;
    assert_unresizable(&webp, "image/webp", "a picture larger than its frame");
    let webp = animated_webp(&[RED; 1_001]);
    assert_unresizable(&webp, "image/webp", "too many frames");

    let announced = {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 10, 10);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_animated(9, 0).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[0, 0, 255].repeat(100)).unwrap();
        writer.write_image_data(&[0, 255, 255].repeat(100)).unwrap();
        drop(writer);
        bytes
    };
    assert_unresizable(&announced, "image/png", "fewer frames than it announces");
    for missing in [1, 50, 100] {
        let apng = animated_png();
        // Cut short anywhere, it is a still picture or none: never a panic, never half of it.
        let _ = try_render(&apng[..apng.len() - missing], "image/png", "w=5");
    }
}
