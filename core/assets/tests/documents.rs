//! PDFs, read by a process of their own: this program, started again.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program of tests")]

use cairn_assets::{AssetError, DocumentFacts, DocumentHelper, document_helper};
use cairn_testkit::extend_limit;
use flate2::write::ZlibEncoder;
use image::ImageFormat;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const AS_HELPER: &str = "read-document";

/// A name and what it does.
type Test = (&'static str, fn());

const TESTS: [Test; 9] = [
    ("first_page_is_rendered_with_facts", first_page_is_rendered_with_facts),
    ("page_boxes_of_any_size_are_rendered_or_ignored", page_boxes_of_any_size_are_rendered_or_ignored),
    ("other_files_yield_no_document_facts", other_files_yield_no_document_facts),
    ("truncated_documents_are_read_in_bounded_time", truncated_documents_are_read_in_bounded_time),
    ("damaged_documents_are_read_in_bounded_time", damaged_documents_are_read_in_bounded_time),
    ("compressed_streams_use_bounded_memory", compressed_streams_use_bounded_memory),
    ("cyclic_documents_are_read_in_bounded_time", cyclic_documents_are_read_in_bounded_time),
    ("scripts_and_links_have_no_effect", scripts_and_links_have_no_effect),
    ("failing_helpers_yield_no_first_page", failing_helpers_yield_no_first_page),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, path] = arguments.as_slice()
        && first == AS_HELPER
    {
        return match document_helper(Path::new(path), &mut std::io::stdout().lock()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    if arguments.iter().any(|argument| argument == "--list") {
        TESTS.iter().for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let filters: Vec<_> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for (name, test) in TESTS {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            let start = Instant::now();
            test();
            println!("test {name} ... ok ({:.1} s)", start.elapsed().as_secs_f64());
        }
    }
    ExitCode::SUCCESS
}

fn helper() -> DocumentHelper {
    DocumentHelper::new(std::env::current_exe().unwrap(), vec![AS_HELPER.into()])
}

/// Reads the facts of a document; fails when that takes long.
fn read_pdf(pdf: &[u8]) -> Option<DocumentFacts> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let start = Instant::now();
    let facts = helper().read_document(file.path(), "application/pdf").unwrap();
    assert!(start.elapsed() < extend_limit(Duration::from_secs(25)), "{:?}", start.elapsed());
    if let Some(page) = facts.as_ref().and_then(|found| found.first_page.as_ref()) {
        assert!((1..=1000).contains(&page.width) && (1..=1000).contains(&page.height));
        assert_eq!(page.content_type, "image/jpeg");
    }
    facts
}

/// A document of these objects, numbered from 1; the first is the catalog, `extra` goes into the trailer.
fn pdf(objects: &[Vec<u8>], extra: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        bytes.extend_from_slice(object);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for place in places {
        bytes.extend_from_slice(format!("{place:010} 00000 n \n").as_bytes());
    }
    let size = objects.len() + 1;
    bytes.extend_from_slice(
        format!("trailer <</Size {size} /Root 1 0 R {extra}>>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
    );
    bytes
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let start = format!("<<{entries} /Length {}>>\nstream\n", data.len());
    [start.as_bytes(), data, b"\nendstream"].concat()
}

/// Two pages in this box, the first with this drawn on it; object 5 is its title.
fn document(page_box: &str, content: &[u8]) -> Vec<u8> {
    pdf(
        &[
            b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
            b"<</Type /Pages /Kids [3 0 R 6 0 R] /Count 2>>".to_vec(),
            format!(
                "<</Type /Page /Parent 2 0 R /MediaBox [{page_box}] /Contents 4 0 R \
                 /Resources <</Font <</F1 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>>>"
            )
            .into_bytes(),
            stream("", content),
            b"<</Title (Kite\\041)>>".to_vec(),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_vec(),
        ],
        "/Info 5 0 R",
    )
}

const DRAWN: &[u8] = b"1 0 0 rg 0 0 200 50 re f 0 0 1 rg BT /F1 60 Tf 10 60 Td (Kite) Tj ET";

fn first_page_is_rendered_with_facts() {
    let facts = read_pdf(&document("0 0 200 100", DRAWN)).unwrap();
    assert_eq!((facts.facts.pages, facts.facts.title.as_deref()), (Some(2), Some("Kite!")));
    let page = facts.first_page.unwrap();
    assert_eq!((page.width, page.height), (1000, 500));
    let image = image::load_from_memory_with_format(&page.bytes, ImageFormat::Jpeg).unwrap().to_rgb8();
    assert!(image.get_pixel(500, 400).0[0] > 200 && image.get_pixel(500, 400).0[1] < 60, "red below");
    assert!(image.get_pixel(990, 10).0.iter().all(|part| *part > 240), "white where nothing is");
    let letters = image.pixels().filter(|pixel| pixel.0[2] > 150 && pixel.0[0] < 100).count();
    assert!(letters > 2000, "the text has a font: {letters} pixels");
}

fn page_boxes_of_any_size_are_rendered_or_ignored() {
    for (page_box, size) in [
        ("0 0 595 842", Some((707, 1000))),
        ("0 0 14400 14400", Some((1000, 1000))),
        ("0 0 1000000 1", Some((1000, 1))),
        ("0 0 1 1", Some((1000, 1000))),
        ("-100 -100 100 0", Some((1000, 500))),
    ] {
        let facts = read_pdf(&document(page_box, DRAWN)).unwrap();
        assert_eq!(facts.first_page.map(|page| (page.width, page.height)), size, "{page_box}");
    }
    for page_box in ["0 0 0 0", "1e38 1e38 3e38 3e38", "a b c d", "0 0 -1 0.0000001"] {
        read_pdf(&document(page_box, DRAWN));
    }
}

fn other_files_yield_no_document_facts() {
    assert_eq!(read_pdf(b""), None);
    assert_eq!(read_pdf(b"%PDF-1.7"), None);
    assert_eq!(read_pdf(b"<html>"), None);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&document("0 0 9 9", DRAWN)).unwrap();
    assert_eq!(helper().read_document(file.path(), "text/html").unwrap(), None);
    let missing = helper().read_document(Path::new("/nonexistent"), "application/pdf");
    assert!(matches!(missing, Err(AssetError::Io { .. })));
}

fn truncated_documents_are_read_in_bounded_time() {
    let complete = document("0 0 200 100", DRAWN);
    for part in 0..16 {
        read_pdf(&complete[..complete.len() * part / 16]);
    }
}

fn damaged_documents_are_read_in_bounded_time() {
    let complete = document("0 0 200 100", DRAWN);
    for (number, at) in (0..complete.len()).step_by(11).enumerate() {
        let mut damaged = complete.clone();
        damaged[at] = [b'0', b'9', b'<', b'(', 0xff][number % 5];
        read_pdf(&damaged);
    }
}

/// Peak memory of the largest process that this one has waited for, in kB.
fn peak_child_memory_kb() -> u64 {
    use nix::sys::resource::{UsageWho, getrusage};
    u64::try_from(getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss()).unwrap()
}

fn compressed_streams_use_bounded_memory() {
    let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..4096 {
        packer.write_all(&[b' '; 1 << 20]).unwrap();
    }
    let bomb = packer.finish().unwrap();
    let objects = |content: Vec<u8>, resources: &str| {
        let page = format!("<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R {resources}>>");
        vec![
            b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec(),
            page.into_bytes(),
            content,
        ]
    };
    // Four gigabytes to draw; the process ends before it has unpacked them.
    let content = objects(stream("/Filter /FlateDecode", &bomb), "");
    let facts = read_pdf(&pdf(&content, "")).unwrap();
    assert_eq!((facts.facts.pages, facts.first_page), (Some(1), None));
    // A picture of so many pixels.
    let mut picture = objects(stream("", b"q 200 0 0 100 0 0 cm /I Do Q"), "/Resources <</XObject <</I 5 0 R>>>>");
    picture.push(stream(
        "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 8 /ColorSpace /DeviceRGB \
         /Filter /FlateDecode",
        &bomb,
    ));
    read_pdf(&pdf(&picture, ""));
    // A table of objects.
    let mut table = b"%PDF-1.7\n".to_vec();
    let start = table.len();
    table.extend_from_slice(b"1 0 obj\n");
    table.extend_from_slice(&stream("/Type /XRef /Size 99999999 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode", &bomb));
    table.extend_from_slice(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    read_pdf(&table);
    let largest = peak_child_memory_kb();
    println!("the largest helper took {} MB", largest / 1000);
    assert!(largest < 1_700_000, "{largest} kB");
}

fn cyclic_documents_are_read_in_bounded_time() {
    let catalog = b"<</Type /Catalog /Pages 2 0 R>>".to_vec();
    // Pages that are their own parents.
    read_pdf(&pdf(&[catalog.clone(), b"<</Type /Pages /Kids [2 0 R 2 0 R] /Count 2>>".to_vec()], ""));
    // More pages than there can be.
    let claimed = read_pdf(&pdf(&[catalog.clone(), b"<</Type /Pages /Kids [] /Count 2000000000>>".to_vec()], ""));
    assert!(claimed.is_none_or(|found| found.facts.pages.is_none_or(|pages| pages < 10)));
    // A form that draws itself, and one that draws the next twice, forty times over.
    let form = |number: usize| {
        let entries =
            format!("/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources <</XObject <</X {number} 0 R>>>>");
        stream(&entries, b"/X Do /X Do")
    };
    for last_number in [4, 44] {
        let page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R \
                     /Resources <</XObject <</X 5 0 R>>>>>>";
        let pages = b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec();
        let mut objects = vec![catalog.clone(), pages, page.to_vec(), stream("", b"/X Do")];
        objects.extend((5..=last_number).map(|number| form(number + 1)));
        objects.push(form(5));
        read_pdf(&pdf(&objects, ""));
    }
    // Arrays in arrays.
    let deep = [vec![b'['; 200_000], vec![b']'; 200_000]].concat();
    read_pdf(&pdf(&[catalog, deep], ""));
}

fn scripts_and_links_have_no_effect() {
    let canary = tempfile::tempdir().unwrap();
    let file = canary.path().join("canary");
    let action = format!(
        "<</Type /Catalog /Pages 2 0 R /OpenAction <</S /JavaScript /JS (app.alert\\(1\\))>> \
         /AA <</WC <</S /Launch /F ({})>>>>>>",
        file.display()
    );
    let facts = read_pdf(&pdf(
        &[
            action.into_bytes(),
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec(),
            b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R>>".to_vec(),
            // A stream whose data are in another file.
            format!("<</Length 0 /F (/etc/passwd) /FFilter [] /URI ({})>>\nstream\n\nendstream", file.display())
                .into_bytes(),
        ],
        "",
    ));
    let page = facts.unwrap().first_page.unwrap();
    let image = image::load_from_memory(&page.bytes).unwrap().to_rgb8();
    assert!(image.pixels().all(|pixel| pixel.0.iter().all(|part| *part > 250)), "nothing is drawn");
    assert!(!file.exists());
}

fn failing_helpers_yield_no_first_page() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&document("0 0 200 100", DRAWN)).unwrap();
    for script in ["exit 1", "exit 0", "echo hello", "yes", "kill -11 $$", "printf '\\002\\000\\000\\000{}x'"] {
        let helper = DocumentHelper::new("/bin/sh".into(), vec!["-c".into(), script.into()]);
        let facts = helper.read_document(file.path(), "application/pdf").unwrap();
        assert!(facts.is_none_or(|found| found.first_page.is_none()), "{script}");
    }
    let missing = DocumentHelper::new("/nonexistent".into(), Vec::new());
    assert!(matches!(missing.read_document(file.path(), "application/pdf"), Err(AssetError::Io { .. })));
    assert!(fs::metadata(file.path()).is_ok());
}
