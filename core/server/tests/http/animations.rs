//! Animations over HTTP: whatever a browser accepts, it gets a picture that moves.

use cairn_testkit::{TestProject, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::io::Cursor;

/// `Accept` of browsers for images: Chrome, Firefox, Safari, one that knows no WebP; then of a tool and of nobody.
const ACCEPTING_WEBP: [&str; 3] = [
    "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    "image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
];
const ACCEPTING_GIF: [&str; 3] = ["image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", "*/*", ""];

/// A GIF of so many frames; each moves a square by two pixels.
pub(crate) fn animated_gif(width: u16, height: u16, frames: u16) -> Vec<u8> {
    let palette = [255, 255, 255, 0, 0, 255];
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).unwrap();
    encoder.set_repeat(gif::Repeat::Infinite).unwrap();
    for frame in 0..frames {
        let at = usize::from(frame * 2 % width);
        let row: Vec<u8> = (0..usize::from(width)).map(|x| u8::from(x.abs_diff(at) < 20)).collect();
        let pixels = row.repeat(usize::from(height));
        let mut frame = gif::Frame::from_indexed_pixels(width, height, pixels, None);
        frame.delay = 8;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

/// How many frames a response has, and its size.
fn count_frames(response: &TestResponse) -> (u32, (u32, u32)) {
    let bytes = &response.bytes;
    match response.header("content-type") {
        "image/webp" => {
            let decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).unwrap();
            (if decoder.is_animated() { decoder.num_frames() } else { 1 }, decoder.dimensions())
        }
        "image/gif" => {
            let mut options = gif::DecodeOptions::new();
            options.skip_frame_decoding(true);
            let mut decoder = options.read_info(Cursor::new(bytes)).unwrap();
            let mut frames = 0;
            while decoder.next_frame_info().unwrap().is_some() {
                frames += 1;
            }
            (frames, (decoder.width().into(), decoder.height().into()))
        }
        other => panic!("{other} does not move"),
    }
}

/// The sizes that are offered of an uploaded file.
async fn read_srcset(server: &TestServer, file: &Json) -> Json {
    let article = json!({ "title": "Moving", "cover": file["id"] });
    let id = server.create_entry("/api/articles", article).await.expect_status(201).document_id();
    let query = format!("/api/articles/{id}?populate[cover][fields]=url,srcset");
    server.get(&query).await.expect_status(200).body["data"]["cover"]["srcset"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn animations_move_in_every_offered_size() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    let public = server.public_client();
    let uploaded = server.upload_file("a.gif", "image/gif", &animated_gif(700, 350, 12)).await;
    let file = uploaded.expect_status(201).body[0].clone();
    let url = file["url"].as_str().unwrap();
    let srcset = read_srcset(&server, &file).await;
    let widths: Vec<&Json> = srcset.as_array().unwrap().iter().map(|source| &source["width"]).collect();
    assert_eq!(widths, [320, 480, 640, 700]);

    let accepted = ACCEPTING_WEBP.map(|accept| (accept, "image/webp"));
    for (accept, kind) in accepted.into_iter().chain(ACCEPTING_GIF.map(|accept| (accept, "image/gif"))) {
        for width in [320, 480] {
            let path = format!("{url}?w={width}");
            let answer = public.get_with(&path, ("accept", accept)).await.expect_status(200);
            assert_eq!(
                (answer.header("content-type"), answer.header("vary").contains("Accept")),
                (kind, true),
                "{accept}"
            );
            assert_eq!(count_frames(&answer), (12, (width, width / 2)), "{accept}");
            let again = public.get_with(&path, ("if-none-match", answer.header("etag"))).await;
            assert!(kind != "image/gif" || again.status == 304, "{accept}: {}", again.status);
        }
    }
    // A format without movement is a still picture for those who name it.
    for (format, kind) in [("jpeg", "image/jpeg"), ("png", "image/png"), ("avif", "image/avif")] {
        let answer = public.get(&format!("{url}?w=320&format={format}")).await.expect_status(200);
        assert_eq!(answer.header("content-type"), kind);
    }
    let formats = file["formats"].as_object().unwrap();
    assert_eq!(formats.keys().collect::<Vec<_>>(), ["thumbnail", "small"]);
    let small = public.get(formats["small"]["url"].as_str().unwrap()).await.expect_status(200);
    assert_eq!(count_frames(&small), (12, (500, 250)));
    let thumbnail = public.get(formats["thumbnail"]["url"].as_str().unwrap()).await.expect_status(200);
    assert_eq!(count_frames(&thumbnail), (1, (245, 123)));
}

/// Better too large than without its movement.
#[tokio::test(flavor = "multi_thread")]
async fn animations_beyond_the_limits_are_delivered_in_their_own_size() {
    let server = TestServer::start_with(TestProject::newsroom()).await;
    let public = server.public_client();
    // A picture of 1000 by 1000, and frames of one pixel.
    let mut bytes = b"GIF89a\xe8\x03\xe8\x03\x80\0\0\0\0\0\xff\xff\xff".to_vec();
    bytes.extend_from_slice(&b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".repeat(100_000));
    bytes.push(b';');
    let file = server.upload_file("a.gif", "image/gif", &bytes).await.expect_status(201).body[0].clone();
    let url = file["url"].as_str().unwrap();
    assert_eq!(file["formats"].as_object().unwrap().keys().collect::<Vec<_>>(), ["thumbnail"]);
    assert_eq!(read_srcset(&server, &file).await, json!([{ "width": 1000, "url": url }]));
    let original = public.get(url).await.expect_status(200);
    for query in ["w=320", "w=320&format=webp", "w=320&format=gif"] {
        let answer = public.get_with(&format!("{url}?{query}"), ("accept", ACCEPTING_WEBP[0])).await.expect_status(200);
        assert_eq!(answer.header("content-type"), "image/gif", "{query}");
        assert_eq!((answer.header("etag"), answer.bytes == bytes), (original.header("etag"), true), "{query}");
        let again = public.get_with(&format!("{url}?{query}"), ("if-none-match", answer.header("etag"))).await;
        assert_eq!(again.status, 304, "{query}");
    }
    let still = public.get(&format!("{url}?w=320&format=jpeg")).await.expect_status(200);
    assert_eq!(still.header("content-type"), "image/jpeg");
}
