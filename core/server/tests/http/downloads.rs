//! Files as clients download them: every way to a file, every kind of file, compressed or not, whole or in parts.

use crate::pictures::png;
use crate::plugins::responses::install_teller;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value as Json, json};
use std::io::Read;

/// Name, type as it is sent, and whether the type is compressed on the way.
const KINDS: [(&str, &str, bool); 10] = [
    ("film.mp4", "video/mp4", false),
    ("sound.mp3", "audio/mpeg", false),
    ("archive.zip", "application/zip", false),
    ("document.pdf", "application/pdf", false),
    ("font.woff2", "font/woff2", false),
    ("picture.png", "image/png", false),
    ("table.csv", "text/csv", true),
    ("text.txt", "text/plain", true),
    ("data.json", "application/json", true),
    ("drawing.svg", "image/svg+xml", true),
];
const ENCODINGS: [&str; 5] = ["", "identity", "gzip", "br", "br;q=0.5, gzip"];

/// An address of a file, or a request that a plugin answers with it.
enum Door {
    Address(String),
    Plugin(String),
}

impl Door {
    async fn ask(&self, client: &TestClient, headers: &[(&str, &str)]) -> TestResponse {
        let mut request = match self {
            Self::Address(address) => client.request("GET", address),
            Self::Plugin(file) => client.request("POST", "/api/teller/ask").json(&json!({ "file": file })),
        };
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        client.send(request).await
    }
}

/// Bytes that the server takes for a file of that name.
fn content(name: &str) -> Vec<u8> {
    let text = "one line like the others, so that it is worth compressing\n".repeat(40);
    match name {
        "picture.png" => png(400, 300),
        "drawing.svg" => format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><!--{text}--></svg>").into_bytes(),
        "data.json" => json!({ "text": text }).to_string().into_bytes(),
        "archive.zip" => [b"PK\x03\x04", text.as_bytes()].concat(),
        "document.pdf" => [b"%PDF-1.4\n", text.as_bytes()].concat(),
        "font.woff2" => [b"wOF2", text.as_bytes()].concat(),
        _ => text.into_bytes(),
    }
}

async fn upload(server: &TestServer, name: &str, mime: &str, info: Json) -> Json {
    let part = Part::bytes(content(name)).file_name(name.to_owned()).mime_str(mime).unwrap();
    let form = Form::new().part("files", part).text("fileInfo", info.to_string());
    server.send(server.request("POST", "/api/upload").multipart(form)).await.expect_status(201).body[0].clone()
}

fn decode(response: &TestResponse) -> Vec<u8> {
    if response.header("content-encoding") != "gzip" {
        return response.bytes.clone();
    }
    let mut decoded = Vec::new();
    flate2::read::GzDecoder::new(&*response.bytes).read_to_end(&mut decoded).unwrap();
    decoded
}

/// Asks for a file in every encoding, whole and in parts, and by what is known of it.
async fn check_door(client: &TestClient, door: &Door, what: &str, is_compressed: bool) {
    let plain = door.ask(client, &[]).await.expect_status(200);
    let (bytes, strong) = (plain.bytes.clone(), plain.header("etag").to_owned());
    let length = bytes.len();
    assert!(strong.starts_with('"'), "{what}: {strong}");
    for accepted in ENCODINGS {
        let encoding = match accepted {
            "" | "identity" => "",
            "br" => "br",
            _ => "gzip",
        };
        let encoding = if is_compressed { encoding } else { "" };
        let ask = async |headers: &[(&str, &str)]| {
            let headers = [&[("accept-encoding", accepted)][..], headers].concat();
            let response = door.ask(client, &headers).await;
            let is_marked = response.header("vary").to_lowercase().contains("accept-encoding");
            assert_eq!(is_marked, is_compressed, "{what} {headers:?}: {:?}", response.headers);
            response
        };
        // Several parts at once are answered with the whole.
        for range in ["", "bytes=0-4,8-9", "lines=1-2"] {
            let whole = ask(&[("range", range)]).await.expect_status(200);
            assert_eq!(whole.header("content-encoding"), encoding, "{what} {accepted}");
            let etag = whole.header("etag").to_owned();
            if encoding.is_empty() {
                assert_eq!(
                    (whole.header("content-length"), &etag),
                    (&*length.to_string(), &strong),
                    "{what} {accepted}"
                );
                assert_eq!(whole.header("accept-ranges"), "bytes", "{what} {accepted}");
            } else {
                assert_eq!(etag, format!("W/{strong}"), "{what} {accepted}");
                assert!(whole.bytes.len() < length, "{what} {accepted}");
            }
            if encoding != "br" {
                assert!(decode(&whole) == bytes, "{what} {accepted}");
            }
            // A client that has this form gets 304, with the same ETag.
            let known = ask(&[("if-none-match", &etag)]).await.expect_status(304);
            assert_eq!(known.header("etag"), etag, "{what} {accepted}");
            // A form that was compressed is never continued with a part of the other one.
            let continued = ask(&[("range", "bytes=10-"), ("if-range", &etag)]).await;
            assert_eq!(continued.status, if encoding.is_empty() { 206 } else { 200 }, "{what} {accepted}");
        }
        for (range, from, to) in
            [("bytes=10-19", 10, 19), ("bytes=-5", length - 5, length - 1), ("bytes=0-", 0, length - 1)]
        {
            let part = ask(&[("range", range), ("if-range", &strong)]).await.expect_status(206);
            assert_eq!(part.header("content-range"), format!("bytes {from}-{to}/{length}"), "{what} {accepted}");
            assert_eq!(part.header("content-length"), (to - from + 1).to_string(), "{what} {accepted}");
            assert_eq!((part.header("content-encoding"), part.header("etag")), ("", &*strong), "{what} {accepted}");
            assert!(part.bytes == bytes[from..=to], "{what} {accepted}");
        }
        let beyond = ask(&[("range", &format!("bytes={length}-"))]).await.expect_status(416);
        assert_eq!(beyond.header("content-range"), format!("bytes */{length}"), "{what} {accepted}");
        let other = ask(&[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await.expect_status(200);
        assert!(other.header("content-range").is_empty(), "{what} {accepted}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_files_go_out_as_they_are_and_text_has_a_validator_of_its_own() {
    let server = TestServer::start().await;
    install_teller(&server).await;
    let public = server.public_client();
    for (name, mime, is_compressed) in KINDS {
        let file = upload(&server, name, mime, json!({})).await;
        let document = file["documentId"].as_str().unwrap().to_owned();
        let private = upload(&server, name, mime, json!({ "private": true })).await;
        let url = |file: &Json| file["url"].as_str().unwrap().to_owned();
        for (way, door) in [
            ("public", Door::Address(url(&file))),
            ("private", Door::Address(url(&private))),
            ("plugin", Door::Plugin(document)),
        ] {
            // A request by this route is a call of the plugin, to which the kinds are alike.
            if way == "plugin" && !matches!(name, "film.mp4" | "table.csv") {
                continue;
            }
            let first = door.ask(&public, &[]).await.expect_status(200);
            assert!(first.header("content-type").starts_with(mime), "{name}: {}", first.header("content-type"));
            check_door(&public, &door, &format!("{way} {name}"), is_compressed).await;
        }
        // A picture that is made of another one.
        if mime == "image/png" {
            for (way, address) in [
                ("rendition", format!("{}?w=320&format=webp", url(&file))),
                ("private rendition", format!("{}&w=320&format=png", url(&private))),
            ] {
                check_door(&public, &Door::Address(address), way, false).await;
            }
        }
    }
}
