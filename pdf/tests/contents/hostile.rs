//! Files that are protected, and files that are made to take all time and memory.

use crate::support::{
    TempFile, extract_text, refused_problems, render_template, run_poppler, run_program, run_task, sample_form,
};
use cairn_pdf_protocol::{Answer, ProblemCode, SealPlace, Task, Value, ValuePlacement};
use lopdf::{Dictionary, Document, Object, ObjectId, Stream, dictionary};
use std::process::Command;

/// The file as qpdf protects it.
fn protect(pdf: &[u8], user: &str, options: &[&str]) -> Vec<u8> {
    let (source, target) = (TempFile::with_bytes(pdf), TempFile::with_bytes(b""));
    let mut command = Command::new("qpdf");
    command.args(["--allow-weak-crypto", "--encrypt", user, "owner"]).args(options).arg("--").arg(&source.0);
    let ran = command.arg(&target.0).output().unwrap_or_else(|e| panic!("qpdf: {e}"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    std::fs::read(&target.0).unwrap()
}

/// Ways to protect a PDF: RC4 with 40 and 128 bits, AES with 128 and 256.
const PROTECTIONS: [&[&str]; 4] = [
    &["40", "--modify=n"],
    &["128", "--use-aes=n", "--modify=none"],
    &["128", "--use-aes=y", "--modify=none"],
    &["256", "--modify=none", "--print=none"],
];

fn seal_place() -> SealPlace {
    SealPlace {
        field: None,
        name: "Cairn".into(),
        reason: String::new(),
        location: None,
        at: 0,
        room: 5_000,
        final_seal: false,
    }
}

#[test]
fn pdfs_that_only_forbid_changes_are_opened() {
    let source = render_template("#set page(width: 10cm, height: 5cm)\nContract for José {{sign:1}}");
    for protection in PROTECTIONS {
        let protected = protect(&source, "", protection);
        assert!(run_poppler("pdfinfo", &[], &protected).contains("Encrypted:       yes"), "{protection:?}");
        let (answer, _) = run_program(&Task::Inspect, &[&protected]);
        assert!(matches!(answer, Answer::Inspection(_)), "{protection:?}: {answer:?}");
        match run_program(&Task::Locate, &[&protected]).0 {
            Answer::Fields { fields } => assert_eq!(fields[0].name, "sign:1", "{protection:?}"),
            other => panic!("{other:?}"),
        }
        let (answer, _) = run_program(&Task::DrawPage { page: 1, width: 200 }, &[&protected]);
        assert!(matches!(answer, Answer::Picture), "{protection:?}: {answer:?}");
        let value = ValuePlacement { page: 1, place: (60.0, 90.0, 100.0, 20.0), value: Value::Text("Signed".into()) };
        let task = Task::PlaceValues { values: vec![value] };
        for made in [run_task(&task, &[&protected]), run_task(&Task::Merge, &[&protected])] {
            assert!(run_poppler("pdfinfo", &[], &made).contains("Encrypted:       no"), "{protection:?}");
            assert!(extract_text(&made).contains("Contract for José"), "{protection:?}: {}", extract_text(&made));
            let (answer, _) = run_program(&Task::ReserveSeal(seal_place()), &[&made]);
            assert!(matches!(answer, Answer::Reserved { .. }), "{protection:?}: {answer:?}");
        }
        // A seal leaves the bytes as they are, and cannot be added to what is encrypted.
        for task in [Task::ReserveSeal(seal_place()), Task::ReadSeals] {
            let problem = refused_problems(&task, &[&protected]).remove(0);
            assert_eq!(problem.code, Some(ProblemCode::Encrypted), "{problem:?}");
            assert!(problem.message.contains("protected against changes"), "{problem:?}");
        }
    }
}

#[test]
fn forms_that_only_forbid_changes_are_flattened() {
    let protected = protect(&sample_form(0), "", &["256", "--modify=none"]);
    let flat = run_task(&Task::PlaceValues { values: vec![] }, &[&protected]);
    let text = extract_text(&flat);
    assert!(text.contains("before") && text.contains("ticked") && text.contains("shown"), "{text}");
}

#[test]
fn pdfs_that_need_a_password_are_refused_with_the_way_out() {
    let source = render_template("= Secret");
    for protection in PROTECTIONS {
        let protected = protect(&source, "secret", protection);
        for task in [Task::Inspect, Task::Locate, Task::Merge, Task::DrawPage { page: 1, width: 200 }] {
            let problem = refused_problems(&task, &[&protected]).remove(0);
            assert_eq!(problem.code, Some(ProblemCode::Encrypted), "{protection:?}: {problem:?}");
            assert!(problem.message.contains("needs a password"), "{problem:?}");
        }
    }
}

/// A document of one page, with this content and these drawings.
fn build_page(content: Stream, resources: Dictionary, change: impl FnOnce(&mut Document, ObjectId)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let (pages, page) = (document.new_object_id(), document.new_object_id());
    let content = document.add_object(content);
    let body = dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content, "Resources" => resources,
        "MediaBox" => vec![0.into(), 0.into(), 200.into(), 200.into()],
    };
    document.objects.insert(page, body.into());
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    document.trailer.set("Root", catalog);
    change(&mut document, page);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A stream of a few kilobytes that unpacks to as many bytes as asked for.
fn packed_stream(length: usize) -> Stream {
    let mut once = Stream::new(Dictionary::new(), vec![b' '; length]);
    once.compress().unwrap();
    let mut twice = Stream::new(Dictionary::new(), once.content);
    twice.compress().unwrap();
    let filter: Object = "FlateDecode".into();
    Stream::new(dictionary! { "Filter" => vec![filter.clone(), filter] }, twice.content)
}

/// The code with which each task refuses a file.
fn assert_too_complex(pdf: &[u8], tasks: &[Task], what: &str) {
    for task in tasks {
        let problem = refused_problems(task, &[pdf]).remove(0);
        assert_eq!(problem.code, Some(ProblemCode::TooComplex), "{what}, {task:?}: {problem:?}");
        assert!(problem.message.contains("too complex"), "{what}: {problem:?}");
    }
}

fn reading_tasks() -> [Task; 4] {
    [Task::Inspect, Task::Locate, Task::DrawPage { page: 1, width: 100 }, Task::ReadText]
}

#[test]
fn pages_that_unpack_to_too_much_are_refused() {
    let bomb = build_page(packed_stream(130 << 20), Dictionary::new(), |_, _| {});
    assert!(bomb.len() < 100_000);
    assert_too_complex(&bomb, &reading_tasks(), "content");
}

#[test]
fn pages_that_share_a_long_content_are_refused_at_once() {
    let bomb = build_page(packed_stream(8 << 20), Dictionary::new(), |document, page| {
        let kids: Vec<Object> = (0..200)
            .map(|_| {
                let another = document.get_dictionary(page).unwrap().clone();
                document.add_object(another).into()
            })
            .collect();
        let pages = document.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
        document.get_dictionary_mut(pages).unwrap().set("Kids", kids);
    });
    assert_too_complex(&bomb, &[Task::Inspect, Task::Locate, Task::ReadText], "pages");
}

#[test]
fn drawings_that_draw_each_other_many_times_are_refused() {
    let resources = |next: u32| dictionary! { "XObject" => dictionary! { "X" => (next, 0) } };
    let bomb = build_page(Stream::new(Dictionary::new(), b"/X Do".to_vec()), resources(100), |document, _| {
        for n in 100..130_u32 {
            let dict = dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "Resources" => resources(n + 1),
                "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
            };
            document.objects.insert((n, 0), Stream::new(dict, b"/X Do /X Do".to_vec()).into());
        }
        document.max_id = 200;
    });
    assert_too_complex(&bomb, &reading_tasks(), "drawings");
    // A drawing that draws itself is not drawn for ever either.
    let own = build_page(Stream::new(Dictionary::new(), b"/X Do".to_vec()), resources(100), |document, _| {
        let dict = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => resources(100),
            "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
        };
        document.objects.insert((100, 0), Stream::new(dict, b"/X Do".to_vec()).into());
        document.max_id = 200;
    });
    for task in reading_tasks() {
        let (answer, _) = run_program(&task, &[&own]);
        assert!(!matches!(answer, Answer::Refused { .. }), "{answer:?}");
    }
}

/// Adds a drawing of that number, with this content and these names of other drawings.
fn add_drawing(document: &mut Document, number: u32, content: &[u8], drawings: Dictionary) {
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Form", "Resources" => dictionary! { "XObject" => drawings },
        "BBox" => vec![0.into(), 0.into(), 9.into(), 9.into()],
    };
    document.objects.insert((number, 0), Stream::new(dict, content.to_vec()).into());
    document.max_id = document.max_id.max(number);
}

#[test]
fn drawings_are_counted_however_they_are_written() {
    let first = || dictionary! { "XObject" => dictionary! { "X" => (100, 0) } };
    // Operators need no white space, and a name can be written with escapes.
    for content in [b"/X Do/X Do/X Do".as_slice(), b"/#58 Do q/X Do Q[]0 d/X Do"] {
        let bomb = build_page(Stream::new(Dictionary::new(), b"/X Do".to_vec()), first(), |document, _| {
            for n in 100..120_u32 {
                add_drawing(document, n, content, dictionary! { "X" => (n + 1, 0) });
            }
        });
        assert_too_complex(&bomb, &reading_tasks(), "minified");
    }
    // The name in one stream, and what draws it in the next.
    let split = build_page(Stream::new(Dictionary::new(), b"/X".to_vec()), first(), |document, page| {
        let name = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().clone();
        let draw = document.add_object(Stream::new(Dictionary::new(), b"Do".to_vec()));
        document.get_dictionary_mut(page).unwrap().set("Contents", vec![name, draw.into()]);
        for n in 100..130_u32 {
            add_drawing(document, n, b"/X Do /X Do", dictionary! { "X" => (n + 1, 0) });
        }
    });
    assert_too_complex(&split, &reading_tasks(), "split");
}

#[test]
fn drawings_that_draw_themselves_several_times_are_refused() {
    let page = |change: fn(&mut Document)| {
        let resources = dictionary! { "XObject" => dictionary! { "X" => (100, 0) } };
        build_page(Stream::new(Dictionary::new(), b"/X Do".to_vec()), resources, |document, _| change(document))
    };
    let twice = page(|document| add_drawing(document, 100, b"/X Do /X Do", dictionary! { "X" => (100, 0) }));
    assert_too_complex(&twice, &reading_tasks(), "twice");
    let two_names = page(|document| {
        add_drawing(document, 100, b"/X Do /Y Do", dictionary! { "X" => (100, 0), "Y" => (100, 0) });
    });
    assert_too_complex(&two_names, &reading_tasks(), "two names");
    let by_others = page(|document| {
        add_drawing(document, 100, b"/X Do /Y Do", dictionary! { "X" => (101, 0), "Y" => (102, 0) });
        add_drawing(document, 101, b"/X Do", dictionary! { "X" => (100, 0) });
        add_drawing(document, 102, b"/X Do", dictionary! { "X" => (100, 0) });
    });
    assert_too_complex(&by_others, &reading_tasks(), "by others");
}

#[test]
fn drawings_that_are_also_reached_in_the_depth_are_counted_in_full() {
    let resources = dictionary! { "XObject" => dictionary! { "X" => (100, 0), "Y" => (149, 0) } };
    // The first way to the costly drawing ends where readers stop, the second does not.
    let bomb = build_page(Stream::new(Dictionary::new(), b"/X Do".to_vec()), resources, |document, page| {
        let first = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().clone();
        let second = document.add_object(Stream::new(Dictionary::new(), b"/Y Do".to_vec()));
        document.get_dictionary_mut(page).unwrap().set("Contents", vec![first, second.into()]);
        for n in 100..149_u32 {
            add_drawing(document, n, b"/X Do", dictionary! { "X" => (n + 1, 0) });
        }
        for n in 149..180_u32 {
            add_drawing(document, n, b"/X Do /X Do", dictionary! { "X" => (n + 1, 0) });
        }
    });
    assert_too_complex(&bomb, &reading_tasks(), "depth");
}

#[test]
fn drawings_of_annotations_are_counted() {
    let states = |kind: &'static str, in_states: bool| {
        build_page(Stream::new(Dictionary::new(), Vec::new()), Dictionary::new(), |document, page| {
            for n in 100..130_u32 {
                add_drawing(document, n, b"/X Do /X Do", dictionary! { "X" => (n + 1, 0) });
            }
            let normal: Object = match in_states {
                true => dictionary! { "Yes" => (100, 0) }.into(),
                false => (100, 0).into(),
            };
            let annotation = document.add_object(dictionary! {
                "Type" => "Annot", "Subtype" => kind, "FT" => "Tx", "V" => Object::string_literal("value"),
                "T" => Object::string_literal("field"), "AS" => "Yes", "AP" => dictionary! { "N" => normal },
                "Rect" => vec![0.into(), 0.into(), 9.into(), 9.into()],
            });
            document.get_dictionary_mut(page).unwrap().set("Annots", vec![annotation.into()]);
        })
    };
    for bomb in [states("Widget", false), states("Widget", true), states("Stamp", false)] {
        assert_too_complex(&bomb, &reading_tasks(), "annotation");
        assert_too_complex(&bomb, &[Task::PlaceValues { values: vec![] }], "annotation");
    }
}

#[test]
fn trees_of_pages_without_end_are_refused() {
    let tasks = [Task::Inspect, Task::Locate, Task::Merge, Task::DrawPage { page: 1, width: 100 }];
    let tree = |depth: u32, kids: usize| {
        build_page(Stream::new(Dictionary::new(), Vec::new()), Dictionary::new(), |document, page| {
            for n in 0..depth {
                let next: Object = if n + 1 == depth { page.into() } else { (100 + n + 1, 0).into() };
                let node = dictionary! { "Type" => "Pages", "Kids" => vec![next; kids], "Count" => 1 };
                document.objects.insert((100 + n, 0), node.into());
            }
            document.max_id = 100 + depth;
            document.catalog_mut().unwrap().set("Pages", (100, 0));
        })
    };
    assert_too_complex(&tree(1_000, 1), &tasks, "deep");
    assert_too_complex(&tree(20, 10), &tasks, "wide");
    let (answer, _) = run_program(&Task::Inspect, &[&tree(20, 1)]);
    assert!(matches!(answer, Answer::Inspection(_)), "{answer:?}");
}

#[test]
fn nested_objects_and_packed_objects_are_refused() {
    let source = build_page(Stream::new(Dictionary::new(), Vec::new()), Dictionary::new(), |_, _| {});
    let nested = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
    let at = source.windows(6).position(|window| window == b"endobj").unwrap();
    let bomb = [&source[..at], b"endobj\n90 0 obj\n", &nested, b"\n", &source[at..]].concat();
    assert_too_complex(&bomb, &[Task::Inspect, Task::Locate, Task::Merge], "nested");
    let packed = build_page(Stream::new(Dictionary::new(), Vec::new()), Dictionary::new(), |document, _| {
        let mut stream = Stream::new(
            // The writer of these tests leaves out streams of the right name.
            dictionary! { "Type" => "ObjStX", "N" => 1, "First" => 6 },
            [b"500 0 1".to_vec(), vec![b' '; 17 << 20]].concat(),
        );
        stream.compress().unwrap();
        document.add_object(stream);
    });
    let at = packed.windows(6).position(|window| window == b"ObjStX").unwrap();
    let packed = [&packed[..at], b"ObjStm", &packed[at + 6..]].concat();
    assert_too_complex(&packed, &[Task::Inspect, Task::Locate, Task::Merge], "packed");
}
