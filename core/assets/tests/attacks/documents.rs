//! Files that a browser would run if they were served the way their sender wants: stored as they are, and harmless in the way they
//! are served, whatever they are called.

use crate::{FORMATS, ResourceUsage, encode_picture, noise};
use cairn_assets::{
    AssetError, FolderStore, IncomingFile, MediaTools, MetadataPolicy, ServeHeaders, StoredFile, UploadLimits,
    prepare_file, serve_headers,
};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use image::ImageFormat;
use std::fs;
use std::io::Write;

/// Every extension with every type an attacker might choose.
const EXTENSIONS: [&str; 16] =
    ["svg", "svgz", "png", "jpg", "gif", "html", "xhtml", "mhtml", "txt", "md", "mp4", "mp3", "js", "css", "pdf", ""];
const DECLARED: [Option<&str>; 9] = [
    None,
    Some("image/png"),
    Some("image/svg+xml"),
    Some("text/html"),
    Some("text/plain"),
    Some("video/mp4"),
    Some("multipart/related"),
    Some("application/octet-stream"),
    Some("image/png;\r\ncontent-disposition: inline"),
];

fn store_as(bytes: &[u8], name: &str, declared: Option<&str>) -> Result<StoredFile, AssetError> {
    let folder = tempfile::tempdir().unwrap();
    let mut temp = tempfile::NamedTempFile::new().unwrap();
    temp.write_all(bytes).unwrap();
    let incoming = IncomingFile {
        file_name: name.to_owned(),
        given_name: None,
        declared_mime: declared.map(str::to_owned),
        temp: temp.into_temp_path(),
        sha256: None,
        replaces: None,
    };
    let store = FolderStore::open(folder.path()).unwrap();
    let mut prepared =
        prepare_file(incoming, &UploadLimits { max_bytes: 1 << 30 }, &MediaTools::default(), MetadataPolicy::Keep)?;
    let original = prepared.objects.remove(0);
    let key = original.key.clone();
    original.store_in(&store)?;
    assert_eq!(fs::read(folder.path().join(key.as_str())).unwrap(), bytes, "the original is as it was sent");
    Ok(prepared.file)
}

/// A browser runs nothing of what is served like this: a download, or shown as a type that holds no scripts.
fn assert_harmless(headers: &ServeHeaders, why: &str) {
    assert_eq!(headers.content_type_options, "nosniff", "{why}");
    assert_eq!(headers.content_security_policy, "sandbox; default-src 'none'", "{why}");
    match &headers.content_disposition {
        Some(disposition) => assert!(disposition.starts_with("attachment;"), "{why}: {disposition}"),
        None => {
            let served = headers.content_type.as_str();
            let passive = ["image/", "audio/", "video/"].iter().any(|kind| served.starts_with(kind));
            assert!((passive && !served.contains("svg")) || served.starts_with("text/plain"), "{why}: {served}");
        }
    }
}

fn assert_harmless_by_any_name(bytes: &[u8], description: &str) {
    for ext in EXTENSIONS {
        for declared in DECLARED {
            let name = if ext.is_empty() { "a".to_owned() } else { format!("a.{ext}") };
            let file = store_as(bytes, &name, declared).unwrap();
            let headers = serve_headers(&file.mime, &file.ext, &file.name);
            assert_harmless(&headers, &format!("{description} as {name}, {declared:?}"));
        }
    }
}

#[test]
fn active_documents_are_harmless_under_any_name() {
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY a{n} \"{}\">", format!("&a{};", n - 1).repeat(10))).collect();
    let mhtml = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n\
                 Content-Type: text/html\r\n\r\n<script>alert(1)</script>\r\n--x--\r\n";
    let wide = |text: &str| [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let gzipped = {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>").unwrap();
        packer.finish().unwrap()
    };
    let svg = |inside: &str| format!("<svg xmlns='http://www.w3.org/2000/svg'{inside}</svg>").into_bytes();
    let spent = ResourceUsage::measure();
    for (subject, bytes) in [
        ("a script in SVG", svg("><script>alert(1)</script>")),
        ("SVG that runs when it is loaded", svg(" onload='alert(1)'>")),
        (
            "HTML in SVG",
            svg("><foreignObject><body xmlns='http://www.w3.org/1999/xhtml' onload='alert(1)'/></foreignObject>"),
        ),
        ("SVG of another site", svg("><image href='http://evil.example/a'/><use href='http://evil.example/a#b'/>")),
        ("SVG behind a comment", [b"<!-- a -->".to_vec(), svg(" onload='alert(1)'>")].concat()),
        ("SVG that reads a file", {
            let start = "<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>";
            [start.as_bytes().to_vec(), svg("><text>&x;</text>")].concat()
        }),
        ("a billion laughs", {
            let start = format!("<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a0 \"ha\">{laughs}]>");
            [start.into_bytes(), svg("><text>&a9;</text>")].concat()
        }),
        ("packed SVG", gzipped),
        ("SVG of two-byte characters", wide("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")),
        ("HTML", b"<!doctype html><script>alert(1)</script>".to_vec()),
        ("HTML after white space", [vec![b' '; 4000], b"<script>alert(1)</script>".to_vec()].concat()),
        ("HTML after more than is looked at", [vec![b'\n'; 5000], b"<script>alert(1)</script>".to_vec()].concat()),
        ("HTML after text", b"hello <img src=x onerror=alert(1)>".to_vec()),
        ("HTML with a byte order mark", b"\xef\xbb\xbf<html onload=alert(1)>".to_vec()),
        ("HTML of two-byte characters", wide("<script>alert(1)</script>")),
        ("HTML in UTF-7", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-".to_vec()),
        (
            "XHTML",
            b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>"
                .to_vec(),
        ),
        ("XML with a style sheet", b"<?xml version='1.0'?><?xml-stylesheet href='javascript:alert(1)'?><a/>".to_vec()),
        (
            "XML with a script of another name",
            b"<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>".to_vec(),
        ),
        ("MHTML", mhtml.as_bytes().to_vec()),
        ("a script", b"alert(document.cookie)".to_vec()),
        ("a style sheet", b"body{background:url(javascript:alert(1))}".to_vec()),
        ("PDF with a script", b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj".to_vec()),
        ("PDF after HTML", b"<html>%PDF-1.7".to_vec()),
        ("a picture that is a script", b"GIF89a/*\0\0\0\0\0\0*/=1;alert(document.domain)//;".to_vec()),
        ("a web assembly", b"\0asm\x01\0\0\0".to_vec()),
        ("an archive with a page", b"PK\x03\x04\x14\0\0\0\0\0<html><script>alert(1)</script>".to_vec()),
        ("nothing", Vec::new()),
    ] {
        assert_harmless_by_any_name(&bytes, subject);
    }
    // The picture that is a script says it is ten thousand pixels wide.
    spent.assert_at_most_within(128, 60);
}

#[test]
fn pictures_with_embedded_html_are_harmless_under_any_name() {
    let page = b"<html><script>alert(1)</script></html>";
    let spent = ResourceUsage::measure();
    for format in FORMATS {
        let mut bytes = encode_picture(&noise(20, 10), format);
        bytes.extend_from_slice(page);
        assert_harmless_by_any_name(&bytes, &format!("{format:?} before HTML"));
        let file = store_as(&bytes, "a.html", Some("text/html")).unwrap();
        assert_eq!(file.mime, format.to_mime_type(), "it is what it begins with");
    }
    let png = encode_picture(&noise(20, 10), ImageFormat::Png);
    let text = crate::chunk(b"tEXt", &[b"a\0", page.as_slice()].concat());
    let with_text = [&png[..33], &text, &png[33..]].concat();
    assert_harmless_by_any_name(&with_text, "PNG around HTML");
    spent.assert_at_most_within(16, 60);
}

/// An archive of one file of so many zeros; never opened here.
fn zip(megabytes: usize, name: &str) -> Vec<u8> {
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::best());
    for _ in 0..megabytes {
        packer.write_all(&[0; 1 << 20]).unwrap();
    }
    let data = packer.finish().unwrap();
    let sizes = [(data.len() as u32).to_le_bytes(), ((megabytes << 20) as u32).to_le_bytes()].concat();
    let lengths = [(name.len() as u16).to_le_bytes(), [0; 2]].concat();
    let about = [b"\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0".as_slice(), &sizes, &lengths].concat();
    let local = [b"PK\x03\x04".as_slice(), &about, name.as_bytes(), &data].concat();
    let listed = [b"PK\x01\x02\x14\0".as_slice(), &about, &[0; 14], name.as_bytes()].concat();
    let end = [
        b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(),
        &(listed.len() as u32).to_le_bytes(),
        &(local.len() as u32).to_le_bytes(),
        &[0; 2],
    ];
    [local, listed, end.concat()].concat()
}

#[test]
fn archives_are_never_opened() {
    let bomb = zip(1024, "../../../../tmp/cairn-canary");
    // A million entries that all lie in the same place.
    let listed = [b"PK\x01\x02".as_slice(), &[0; 42]].concat().repeat(1_000_000);
    let overlapping = [b"PK\x03\x04".as_slice(), &[0; 26], &listed].concat();
    let spent = ResourceUsage::measure();
    for (bytes, name, mime) in [
        (&bomb, "a.zip", "application/zip"),
        (&bomb, "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (&bomb, "a.png", "application/zip"),
        (&overlapping, "a.zip", "application/zip"),
    ] {
        let file = store_as(bytes, name, None).unwrap();
        assert_eq!((file.mime.as_str(), &file.formats), (mime, &None), "{name}");
        assert_harmless(&serve_headers(&file.mime, &file.ext, &file.name), name);
    }
    spent.assert_at_most(120);
    assert!(!std::path::Path::new("/tmp/cairn-canary").exists());
}

#[test]
fn truncated_files_are_served_harmlessly() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script><rect width='9' height='9'/></svg>";
    let glb =
        [b"glTF\x02\0\0\0\x40\0\0\0\x2c\0\0\0JSON{\"asset\":{\"version\":\"2.0\"}}".as_slice(), &[b' '; 30]].concat();
    let spent = ResourceUsage::measure();
    for (name, complete) in [
        ("a.svg", svg.to_vec()),
        ("a.glb", glb),
        ("a.zip", zip(1, "a")),
        ("a.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF".to_vec()),
        ("a.avif", [b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".as_slice(), &[7; 100]].concat()),
        ("a.woff2", [b"wOF2\0\x01\0\0".as_slice(), &[7; 100]].concat()),
        ("a.docx", zip(1, "[Content_Types].xml")),
        ("a.mp4", [b"\0\0\0\x18ftypisom\0\0\0\0isommp42".as_slice(), &[7; 100]].concat()),
    ] {
        for part in 0..=16 {
            let file = store_as(&complete[..complete.len() * part / 16], name, None).unwrap();
            assert_eq!((file.width, &file.formats), (None, &None), "{name} {part}/16");
            assert_harmless(&serve_headers(&file.mime, &file.ext, &file.name), &format!("{name} {part}/16"));
        }
    }
    spent.assert_at_most(16);
}
