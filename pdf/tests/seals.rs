//! Room for seals, and reading them, as Cairn asks the program for them. The signatures themselves are made by the server, and tested there.

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

use cairn_pdf_protocol::{Answer, Profile, ReadSeal, Render, SealPlace, Source, Task, read_answer, write_task};
use lopdf::{Document, Object, Stream, dictionary};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of this test's own, gone with it.
struct TempFile(PathBuf);

impl TempFile {
    fn with_bytes(bytes: &[u8]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("seals-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn run_program(task: &Task, pdf: &[u8]) -> (Answer, Vec<u8>) {
    let mut bytes = Vec::new();
    write_task(&mut bytes, task, &[pdf]).unwrap();
    let file = TempFile::with_bytes(&bytes);
    let ran = Command::new(env!("CARGO_BIN_EXE_cairn-pdf")).env_clear().arg(&file.0).output().unwrap();
    assert!(ran.status.success(), "{:?} {}", ran.status, String::from_utf8_lossy(&ran.stderr));
    let (answer, pdf) = read_answer(&ran.stdout).unwrap();
    (answer, pdf.to_vec())
}

fn place(field: Option<&str>) -> SealPlace {
    SealPlace {
        field: field.map(str::to_owned),
        name: "CN=Seals".into(),
        reason: "Contract (17) é".into(),
        location: Some("Lelystad".into()),
        at: 1_735_725_600_000,
        room: 2_000,
        final_seal: false,
    }
}

/// The PDF with room for a seal, which begins with what it was, and whose seal covers all but that room.
fn reserve(pdf: &[u8], place: &SealPlace) -> Vec<u8> {
    match run_program(&Task::ReserveSeal(place.clone()), pdf) {
        (Answer::Reserved { hole: (start, end) }, reserved) => {
            assert!(reserved.starts_with(pdf));
            let hole = &reserved[start as usize..end as usize];
            assert_eq!(hole, [b"<", "0".repeat(2 * place.room as usize).as_bytes(), b">"].concat());
            let file = TempFile::with_bytes(&reserved);
            let ran = Command::new("qpdf").arg("--check").arg(&file.0).output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            let seals = read_seals(&reserved);
            let last = seals.last().unwrap();
            assert_eq!(last.covers, Some((start, end, reserved.len() as u64)));
            assert!(last.covers_whole_file && last.problems.is_empty() && last.doubts.is_empty(), "{last:?}");
            reserved
        }
        other => panic!("{:?}", other.0),
    }
}

fn read_seals(pdf: &[u8]) -> Vec<ReadSeal> {
    match run_program(&Task::ReadSeals, pdf).0 {
        Answer::Seals { seals } => seals,
        other => panic!("{other:?}"),
    }
}

fn refusal(task: &Task, pdf: &[u8]) -> String {
    match run_program(task, pdf) {
        (Answer::Refused { problems }, _) => problems[0].message.clone(),
        other => panic!("{:?}", other.0),
    }
}

fn typst_pdf() -> Vec<u8> {
    let source = "#set page(width: 10cm, height: 6cm)\nBuyer: {{sign:buyer}}\n#pagebreak()\nEnd";
    let sources = vec![Source { path: "/main.typ".into(), attach: None }];
    let render = Render {
        main: "/main.typ".into(),
        sources,
        profile: Profile::PdfA2b,
        locale: "nl".into(),
        at: 1_735_725_600_000,
    };
    run_program(&Task::Render(render), source.as_bytes()).1
}

/// A PDF with one page, with what a test changes about it. `modern`: with object streams and a cross-reference stream.
fn lopdf_pdf(modern: bool, change: impl Fn(&mut Document)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let content = document.add_object(Stream::new(dictionary! {}, b"0 0 9 9 re f".to_vec()));
    let annotations = document.add_object(Object::Array(Vec::new()));
    let page = document.add_object(
        dictionary! { "Type" => "Page", "Parent" => pages, "Contents" => content, "Annots" => annotations },
    );
    let tree = dictionary! {
        "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1,
        "MediaBox" => vec![0.into(), 0.into(), 300.into(), 200.into()],
    };
    document.objects.insert(pages, tree.into());
    let field = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "T" => Object::string_literal("notary"), "F" => 4,
        "Rect" => vec![10.into(), 10.into(), 90.into(), 40.into()],
    });
    document.objects.insert(annotations, vec![Object::Reference(field)].into());
    let fields = document.add_object(Object::Array(vec![field.into()]));
    let form = document.add_object(dictionary! { "Fields" => fields });
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AcroForm" => form });
    document.trailer.set("Root", catalog);
    change(&mut document);
    let mut bytes = Vec::new();
    if modern { document.save_modern(&mut bytes) } else { document.save_to(&mut bytes) }.unwrap();
    bytes
}

#[test]
fn room_is_made_in_pdfs_of_all_forms() {
    let minimal = lopdf_pdf(false, |_| {});
    let cut = minimal.strip_suffix(b"\n").unwrap_or(&minimal);
    for (name, pdf) in [
        ("typst", typst_pdf()),
        ("table", minimal.clone()),
        ("stream", lopdf_pdf(true, |_| {})),
        ("no line break at the end", cut.to_vec()),
        ("updated before", reserve(&minimal, &place(None))),
    ] {
        let reserved = reserve(&pdf, &place(None));
        let seal = read_seals(&reserved).pop().unwrap();
        assert_eq!(seal.sub_filter, "ETSI.CAdES.detached", "{name}");
        assert_eq!((seal.claimed_at, seal.claimed_name.as_deref()), (Some(1_735_725_600_000), Some("CN=Seals")));
        assert_eq!((seal.reason.as_deref(), seal.final_seal), (Some("Contract (17) é"), false), "{name}");
        // What was signed before is as it was.
        let again = reserve(&reserved, &place(None));
        let seals = read_seals(&again);
        let first = &seals[seals.len() - 2];
        assert!(!first.covers_whole_file && first.doubts.is_empty() && first.problems.is_empty(), "{name}: {first:?}");
        assert_eq!(first.notes, ["later additions are further signatures and data to verify them only"], "{name}");
    }
}

/// A hybrid PDF: a table for old readers, and a stream beside it with an object that they do not see, the annotations of the page.
fn hybrid_pdf() -> Vec<u8> {
    let mut bytes = b"%PDF-1.5\n".to_vec();
    let mut offsets = Vec::new();
    for (i, body) in [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots 4 0 R>>",
    ]
    .iter()
    .enumerate()
    {
        offsets.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n{body}\nendobj\n", i + 1).as_bytes());
    }
    let container = bytes.len();
    let hidden = "4 0 [<</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>]";
    let stream =
        format!("5 0 obj\n<</Type/ObjStm/N 1/First 4/Length {}>>\nstream\n{hidden}\nendstream\nendobj\n", hidden.len());
    bytes.extend_from_slice(stream.as_bytes());
    let xref_stream = bytes.len();
    bytes.extend_from_slice(b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 2]/Index[4 3]/Root 1 0 R/Length 21>>\nstream\n");
    for (kind, place) in [(2_u8, 5_usize), (1, container), (1, xref_stream)] {
        bytes.push(kind);
        bytes.extend_from_slice(&(place as u32).to_be_bytes());
        bytes.extend_from_slice(&[0, 0]);
    }
    bytes.extend_from_slice(b"\nendstream\nendobj\n");
    let table = bytes.len();
    bytes.extend_from_slice(b"xref\n0 7\n0000000004 65535 f \n");
    offsets.iter().for_each(|at| bytes.extend_from_slice(format!("{at:010} 00000 n \n").as_bytes()));
    bytes.extend_from_slice(b"0000000005 00000 f \n0000000006 00000 f \n0000000000 00000 f \n");
    let trailer = format!("trailer\n<</Size 7/Root 1 0 R/XRefStm {xref_stream}>>\nstartxref\n{table}\n%%EOF\n");
    bytes.extend_from_slice(trailer.as_bytes());
    bytes
}

#[test]
fn hidden_objects_of_hybrid_pdfs_are_retained() {
    let hybrid = hybrid_pdf();
    let reserved = reserve(&hybrid, &place(None));
    let document = Document::load_mem(&reserved).unwrap();
    let annotations = document.get_object((4, 0)).unwrap().as_array().unwrap();
    assert_eq!(annotations.len(), 2, "{annotations:?}");
    let seals = read_seals(&reserve(&reserved, &place(None)));
    assert!(seals.len() == 2 && seals[0].doubts.is_empty() && seals[0].problems.is_empty(), "{seals:?}");
}

#[test]
fn signature_fields_and_marks_are_used() {
    for modern in [false, true] {
        let pdf = lopdf_pdf(modern, |_| {});
        let reserved = reserve(&pdf, &place(Some("notary")));
        assert_eq!(read_seals(&reserved)[0].field, "notary");
        let task = Task::ReserveSeal(place(Some("notary")));
        assert_eq!(refusal(&task, &reserved), "the field notary is signed already");
        // Signing a field that was there leaves an earlier seal intact.
        let first = reserve(&pdf, &place(None));
        let seals = read_seals(&reserve(&first, &place(Some("notary"))));
        assert!(seals.len() == 2 && seals[0].doubts.is_empty() && seals[0].problems.is_empty(), "{seals:?}");
    }
    let shown = reserve(&typst_pdf(), &place(Some("sign:buyer")));
    let file = TempFile::with_bytes(&shown);
    let text = Command::new("pdftotext").arg(&file.0).arg("-").output().unwrap();
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("CN=Seals") && text.contains("Contract (17) é") && text.contains("2025-01-01"), "{text}");
    assert_eq!(refusal(&Task::ReserveSeal(place(Some("nobody"))), &shown), "the PDF has no field nobody");
}

#[test]
fn pdfs_that_cannot_be_sealed_are_refused() {
    let form_with_xfa = lopdf_pdf(false, |document| {
        let catalog = document.catalog_mut().unwrap();
        catalog.set(
            "AcroForm",
            dictionary! { "XFA" => Object::string_literal("<xdp/>"), "Fields" => Vec::<Object>::new() },
        );
    });
    let without_pages = lopdf_pdf(false, |document| {
        let pages = document.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
        document.get_dictionary_mut(pages).unwrap().set("Kids", Vec::<Object>::new());
    });
    let sealed = reserve(&lopdf_pdf(false, |_| {}), &SealPlace { final_seal: true, ..place(None) });
    let minimal = lopdf_pdf(false, |_| {});
    let behind_junk = [b"junk\n", &minimal[..]].concat();
    let at = minimal.windows(9).rposition(|part| part == b"startxref").unwrap();
    let damaged = [&minimal[..at], b"startxref\n5\n%%EOF\n"].concat();
    for (pdf, expected) in [
        (&form_with_xfa, "XFA"),
        (&without_pages, "has no pages"),
        (&sealed, "final seal"),
        (&behind_junk, "bytes before its PDF header"),
        (&damaged, "damaged cross-reference table"),
        (&b"no pdf".to_vec(), "cannot be read"),
    ] {
        let message = refusal(&Task::ReserveSeal(place(None)), pdf);
        assert!(message.contains(expected), "{expected}: {message}");
    }
    let signed = reserve(&minimal, &place(None));
    let task = Task::ReserveSeal(SealPlace { final_seal: true, ..place(None) });
    assert!(refusal(&task, &signed).contains("must be its first signature"));
    let too_large = Task::ReserveSeal(SealPlace { room: 1 << 30, ..place(None) });
    assert!(refusal(&too_large, &minimal).contains("too large"));
}

#[test]
fn changes_that_a_final_seal_forbids_are_problems() {
    let sealed = reserve(&lopdf_pdf(false, |_| {}), &SealPlace { final_seal: true, ..place(None) });
    assert!(read_seals(&sealed)[0].final_seal);
    let update = |id: (u32, u16), object: Object| {
        let document = Document::load_mem(&sealed).unwrap();
        let mut update = lopdf::IncrementalDocument::create_from(sealed.clone(), document);
        update.new_document.objects.insert(id, object);
        let mut bytes = Vec::new();
        update.save_to(&mut bytes).unwrap();
        read_seals(&bytes)
    };
    let document = Document::load_mem(&sealed).unwrap();
    let page = document.page_iter().next().unwrap();
    let content = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().as_reference().unwrap();
    let seals = update(content, Stream::new(dictionary! {}, b"0 0 1 1 re f".to_vec()).into());
    assert!(seals[0].problems[0].contains("DocMDP 1"), "{seals:?}");
    assert!(!seals[0].covers_whole_file);
}

/// Changes PDFs at random: they are read or refused, and nothing panics. In this process, which is quicker by far.
fn mutate_pdfs(rounds: u64) {
    let sealed = reserve(&lopdf_pdf(false, |_| {}), &place(None));
    let modern = reserve(&lopdf_pdf(true, |_| {}), &place(Some("notary")));
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for round in 0..rounds {
        let mut bytes = if round % 2 == 0 { sealed.clone() } else { modern.clone() };
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] ^= 1 << random(8),
                1 => bytes[at] = random(256) as u8,
                2 => drop(bytes.drain(at..(at + random(50)).min(bytes.len()))),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let task = if round % 3 == 0 { Task::ReserveSeal(place(None)) } else { Task::ReadSeals };
        let mut file = Vec::new();
        write_task(&mut file, &task, &[bytes]).unwrap();
        cairn_pdf_program::answer_task(&file, &mut Vec::new()).unwrap();
    }
}

#[test]
fn some_changed_pdfs_do_not_make_it_fail() {
    mutate_pdfs(60);
}

/// What takes long: `cargo xtask test --full`.
mod full {
    #[test]
    fn ten_thousand_changed_pdfs_do_not_make_it_fail() {
        // As much as the program itself has.
        let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(|| super::mutate_pdfs(10_000));
        worker.unwrap().join().unwrap();
    }
}
