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
            let last_seal = seals.last().unwrap();
            assert_eq!(last_seal.covers, Some((start, end, reserved.len() as u64)));
            assert!(
                last_seal.covers_whole_file && last_seal.problems.is_empty() && last_seal.doubts.is_empty(),
                "{last_seal:?}"
            );
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
        // The earlier signature is unchanged.
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
    let document = Document::load_mem(&sealed).unwrap();
    let page = document.page_iter().next().unwrap();
    let content = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().as_reference().unwrap();
    let changed = Stream::new(dictionary! {}, b"0 0 1 1 re f".to_vec());
    let seals = read_seals(&update_pdf(&sealed, |update| drop(update.objects.insert(content, changed.into()))));
    assert!(seals[0].problems[0].contains("DocMDP 1"), "{seals:?}");
    assert!(!seals[0].covers_whole_file);
}

/// The PDF with an incremental update.
fn update_pdf(pdf: &[u8], change: impl FnOnce(&mut Document)) -> Vec<u8> {
    let document = Document::load_mem(pdf).unwrap();
    let mut update = lopdf::IncrementalDocument::create_from(pdf.to_vec(), document);
    change(&mut update.new_document);
    let mut bytes = Vec::new();
    update.save_to(&mut bytes).unwrap();
    bytes
}

/// The PDF with another field in its form and on its first page.
fn add_field(pdf: &[u8], field: Object) -> Vec<u8> {
    let document = Document::load_mem(pdf).unwrap();
    let page = document.page_iter().next().unwrap();
    let annotations = document.get_dictionary(page).unwrap().get(b"Annots").unwrap().as_reference().unwrap();
    let form = document.catalog().unwrap().get(b"AcroForm").unwrap().as_reference().unwrap();
    let fields = document.get_dictionary(form).unwrap().get(b"Fields").unwrap().as_reference().unwrap();
    update_pdf(pdf, |update| {
        let added = update.add_object(field);
        for list in [annotations, fields] {
            let mut items = document.get_object(list).unwrap().as_array().unwrap().clone();
            items.push(added.into());
            update.objects.insert(list, items.into());
        }
    })
}

/// The PDF with other bytes in place of the last that are like these.
fn replace_last(pdf: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = pdf.windows(from.len()).rposition(|part| part == from.as_bytes());
    let mut changed = pdf.to_vec();
    changed[at.expect(from)..][..to.len()].copy_from_slice(to.as_bytes());
    changed
}

/// The signature of a field of the PDF: where it is, and what it says.
fn signature_of(pdf: &[u8], field: &str) -> (lopdf::ObjectId, Object) {
    let document = Document::load_mem(pdf).unwrap();
    let named = |object: &&Object| {
        let name = object.as_dict().ok().and_then(|dict| dict.get(b"T").ok()?.as_str().ok());
        name == Some(field.as_bytes())
    };
    let id = document.objects.values().find(named).unwrap().as_dict().unwrap().get(b"V").unwrap();
    let id = id.as_reference().unwrap();
    (id, document.get_object(id).unwrap().clone())
}

#[test]
fn later_fields_that_could_cover_the_page_are_doubted() {
    let first = reserve(&lopdf_pdf(false, |_| {}), &place(None));
    let again = reserve(&first, &place(None));
    let doubt_of = |pdf: &[u8]| {
        let seals = read_seals(pdf);
        let first = seals.iter().find(|seal| seal.field == "Seal1").unwrap();
        assert!(first.problems.is_empty(), "{first:?}");
        first.doubts.join("; ")
    };
    assert_eq!(doubt_of(&again), "");
    // A signature of its own does not permit a field to be seen, to be another annotation, to act, or to have no name.
    for (from, to, expected) in [
        ("/Rect[0 0 0 0]", "/Rect[0 0 9 9]", "a visible signature field was added on page 1"),
        ("/Subtype/Widget", "/Subtype/Square", "is not a later signature"),
        ("/F 132", "/AA 13", "is not a later signature"),
        ("/F 132", "/A 132", "is not a later signature"),
        ("/T(Seal2)", "/U(Seal2)", "is not a later signature"),
    ] {
        let doubt = doubt_of(&replace_last(&again, from, to));
        assert!(
            doubt.starts_with("the document was changed after this signature: ") && doubt.contains(expected),
            "{to}: {doubt}"
        );
    }
    // An empty field, and one with a signature that is none.
    let drawn = |name: &str| {
        dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "T" => Object::string_literal(name),
            "Rect" => vec![0.into(), 0.into(), 300.into(), 200.into()],
        }
    };
    let mut claimed = drawn("claimed");
    claimed.set("V", dictionary! { "Type" => "Sig", "Contents" => Object::string_literal("no") });
    let mut invisible = drawn("invisible");
    invisible.set("Rect", vec![Object::Integer(0); 4]);
    for field in [drawn("empty"), claimed, invisible] {
        let doubt = doubt_of(&add_field(&first, field.clone().into()));
        assert!(doubt.contains("is not a later signature"), "{field:?}: {doubt}");
    }
}

#[test]
fn empty_fields_and_marks_are_signed_in_their_place() {
    let first = reserve(&lopdf_pdf(false, |_| {}), &place(None));
    let signed = reserve(&first, &place(Some("notary")));
    let seals = read_seals(&signed);
    assert!(seals[0].doubts.is_empty() && seals[0].problems.is_empty(), "{seals:?}");
    for (from, to) in [("/Rect[10 10 90 40]", "/Rect[10 10 90 99]"), ("/T(notary)", "/T(notery)"), ("/F 4", "/F 8")] {
        let seals = read_seals(&replace_last(&signed, from, to));
        assert!(seals[0].doubts[0].contains("changed after this signature: object"), "{to}: {seals:?}");
    }
    // Drawn in, but not signed.
    let document = Document::load_mem(&first).unwrap();
    let is_notary = |object: &Object| {
        object.as_dict().is_ok_and(|dict| dict.get(b"T").is_ok_and(|t| t.as_str().is_ok_and(|t| t == b"notary")))
    };
    let (id, field) = document.objects.iter().find(|(_, object)| is_notary(object)).unwrap();
    let drawn = update_pdf(&first, |update| {
        let form = update.add_object(Stream::new(dictionary! { "Subtype" => "Form" }, b"0 0 9 9 re f".to_vec()));
        let mut field = field.as_dict().unwrap().clone();
        field.set("AP", dictionary! { "N" => form });
        update.objects.insert(*id, field.into());
    });
    let seals = read_seals(&drawn);
    assert!(seals[0].doubts[0].contains("changed after this signature: object"), "{seals:?}");
    // A mark of the signed page is a place for a seal that can be seen; the rest of the page is not.
    for pdf in [typst_pdf(), reserve(&typst_pdf(), &place(None))] {
        let first = reserve(&pdf, &place(None));
        let signed = reserve(&first, &place(Some("sign:buyer")));
        let seals = read_seals(&signed);
        let earlier = &seals[..seals.len() - 1];
        assert!(earlier.iter().all(|seal| seal.doubts.is_empty() && seal.problems.is_empty()), "{seals:?}");
        // The new rectangle is written in the same length, and is as large as the page.
        let at = signed.windows(6).rposition(|part| part == b"/Rect[").unwrap() + 6;
        let length = signed[at..].iter().position(|byte| *byte == b']').unwrap();
        let mut moved = signed.clone();
        moved[at..at + length].copy_from_slice(format!("{:<length$}", "0 0 280 160").as_bytes());
        let seals = read_seals(&moved);
        assert!(seals[0].doubts[0].contains("a visible signature field was added on page 1"), "{seals:?}");
    }
}

#[test]
fn fields_with_the_signature_of_another_are_problems() {
    let sealed = reserve(&lopdf_pdf(false, |_| {}), &place(None));
    let (id, signature) = signature_of(&sealed, "Seal1");
    let boss = |signature: Object| {
        dictionary! {
            "Type" => "Annot", "Subtype" => "Widget", "FT" => "Sig", "T" => Object::string_literal("boss"),
            "Rect" => vec![Object::Integer(0); 4], "V" => signature,
        }
    };
    for shared in [id.into(), signature] {
        let seals = read_seals(&add_field(&sealed, boss(shared).into()));
        assert_eq!(seals.len(), 2);
        assert!(seals.iter().all(|seal| seal.problems == ["another field has the same signature"]), "{seals:?}");
    }
    // The field that has it is made empty, so that only the other one claims it.
    let document = Document::load_mem(&sealed).unwrap();
    let has_it = |object: &Object| object.as_dict().is_ok_and(|dict| dict.get(b"V").is_ok_and(|v| *v == id.into()));
    let (field, dict) = document.objects.iter().find(|(_, object)| has_it(object)).unwrap();
    let moved = update_pdf(&add_field(&sealed, boss(id.into()).into()), |update| {
        let mut dict = dict.as_dict().unwrap().clone();
        dict.remove(b"V");
        update.objects.insert(*field, dict.into());
    });
    let seals = read_seals(&moved);
    assert!(seals.len() == 1 && seals[0].field == "boss", "{seals:?}");
    assert!(seals[0].problems[0].contains("does not have this signature in this field"), "{seals:?}");
}

#[test]
fn other_document_information_is_doubted() {
    let with_info = lopdf_pdf(false, |document| {
        let info = document.add_object(dictionary! { "Title" => Object::string_literal("Contract") });
        document.trailer.set("Info", info);
    });
    let changed = |pdf: &[u8], key: &str, text: &str| {
        let document = Document::load_mem(pdf).unwrap();
        let known = document.trailer.get(b"Info").ok().map(|info| document.dereference(info).unwrap().1);
        let mut info = known.map(|info| info.as_dict().unwrap().clone()).unwrap_or_default();
        info.set(key, Object::string_literal(text));
        let changed = update_pdf(pdf, |update| {
            let info = update.add_object(info);
            update.trailer.set("Info", info);
        });
        read_seals(&changed).remove(0)
    };
    for pdf in [lopdf_pdf(false, |_| {}), with_info] {
        let sealed = reserve(&pdf, &place(None));
        let seal = changed(&sealed, "Title", "Another contract");
        let expected = "the document was changed after this signature: it has other document information";
        assert_eq!(seal.doubts, [expected], "{seal:?}");
        let seal = changed(&sealed, "ModDate", "D:20250101");
        assert!(seal.doubts.is_empty() && seal.problems.is_empty(), "{seal:?}");
    }
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

/// Tests that take long: `cargo xtask test --full`.
mod full {
    #[test]
    fn ten_thousand_changed_pdfs_do_not_make_it_fail() {
        // The stack is as large as that of the program itself.
        let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(|| super::mutate_pdfs(10_000));
        worker.unwrap().join().unwrap();
    }
}
