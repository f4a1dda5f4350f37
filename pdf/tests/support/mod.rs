//! The program as Cairn starts it, and PDFs to give it.

use cairn_pdf_protocol::{Answer, Problem, Profile, Render, Source, Task, read_answer, write_task};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A file of this test's own, gone with it.
pub(crate) struct TempFile(pub(crate) PathBuf);

impl TempFile {
    pub(crate) fn with_bytes(bytes: &[u8]) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
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

pub(crate) fn run_program(task: &Task, blobs: &[&[u8]]) -> (Answer, Vec<u8>) {
    let mut bytes = Vec::new();
    write_task(&mut bytes, task, blobs).unwrap();
    let file = TempFile::with_bytes(&bytes);
    let ran = Command::new(env!("CARGO_BIN_EXE_cairn-pdf")).env_clear().arg(&file.0).output().unwrap();
    assert!(ran.status.success(), "{:?} {}", ran.status, String::from_utf8_lossy(&ran.stderr));
    let (answer, pdf) = read_answer(&ran.stdout).unwrap();
    (answer, pdf.to_vec())
}

/// The PDF of a task that can be done.
pub(crate) fn run_task(task: &Task, blobs: &[&[u8]]) -> Vec<u8> {
    let (answer, pdf) = run_program(task, blobs);
    assert!(matches!(answer, Answer::Pdf { .. }), "{answer:?}");
    pdf
}

/// Why a task cannot be done.
pub(crate) fn refused_problems(task: &Task, blobs: &[&[u8]]) -> Vec<Problem> {
    match run_program(task, blobs) {
        (Answer::Refused { problems }, pdf) if pdf.is_empty() => problems,
        other => panic!("{:?}", other.0),
    }
}

pub(crate) fn render_task(sources: &[&str], profile: Profile) -> Task {
    let sources = sources.iter().map(|path| Source { path: (*path).to_owned(), attach: None }).collect();
    Task::Render(Render { main: "/main.typ".into(), sources, profile, locale: "nl".into(), at: 1_735_725_600_000 })
}

/// A PDF of a template alone.
pub(crate) fn render_template(source: &str) -> Vec<u8> {
    run_task(&render_task(&["/main.typ"], Profile::Pdf), &[source.as_bytes()])
}

/// Runs a program of Poppler on a PDF, and returns its output.
pub(crate) fn run_poppler(program: &str, arguments: &[&str], pdf: &[u8]) -> String {
    let file = TempFile::with_bytes(pdf);
    let mut command = Command::new(program);
    command.args(arguments).arg(&file.0).args((program == "pdftotext").then_some("-"));
    let ran = command.output().unwrap_or_else(|e| panic!("{program}: {e}; it is in Debian's poppler-utils"));
    let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
    // Poppler expects something else than the standard where a tagged PDF says that nothing in it is doubtful.
    let told = errors.lines().filter(|line| !line.contains("Suspects object is wrong type"));
    assert!(ran.status.success() && told.count() == 0, "{program}: {errors}");
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

pub(crate) fn extract_text(pdf: &[u8]) -> String {
    run_poppler("pdftotext", &["-layout"], pdf)
}

/// Where Poppler sees a word: left and top of its box, in points, on a page as it is shown.
pub(crate) fn word_position(pdf: &[u8], word: &str) -> (f64, f64) {
    let all = run_poppler("pdftotext", &["-bbox", "-cropbox"], pdf);
    let line = all.lines().find(|line| line.contains(&format!(">{word}</word>"))).unwrap_or_else(|| panic!("{all}"));
    let number = |name: &str| {
        let rest = line.split_once(&format!("{name}=\"")).unwrap().1;
        rest.split('"').next().unwrap().parse::<f64>().unwrap()
    };
    (number("xMin"), number("yMin"))
}

/// A form with a text field `buyer.name`, a box to tick `agreed` that is ticked, and one that shows what it has. Turned by so much.
pub(crate) fn sample_form(rotate: i64) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let pages = document.new_object_id();
    let page = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let appearance = |document: &mut Document, text: &str| {
        let resources = dictionary! { "Font" => dictionary! { "F" => font } };
        let dict = dictionary! {
            "Type" => "XObject", "Subtype" => "Form", "Resources" => resources,
            "BBox" => vec![0.into(), 0.into(), 100.into(), 20.into()],
        };
        document.add_object(Stream::new(dict, format!("BT /F 10 Tf 2 5 Td ({text}) Tj ET").into_bytes()))
    };
    let (old, ticked) = (appearance(&mut document, "before"), appearance(&mut document, "ticked"));
    let shown = appearance(&mut document, "shown");
    let rectangle = |x: i64, y: i64| -> Object { vec![x.into(), y.into(), (x + 100).into(), (y + 20).into()].into() };
    let parent = document.new_object_id();
    let name = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "T" => Object::string_literal("name"), "Parent" => parent,
        "Rect" => rectangle(30, 150), "AP" => dictionary! { "N" => old },
    });
    let fields = dictionary! { "FT" => "Tx", "T" => Object::string_literal("buyer"), "Kids" => vec![name.into()] };
    document.objects.insert(parent, fields.into());
    let agreed = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Btn", "T" => Object::string_literal("agreed"),
        "Rect" => rectangle(30, 100), "AS" => "Yes", "AP" => dictionary! { "N" => dictionary! { "Yes" => ticked } },
    });
    let other = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Widget", "FT" => "Tx", "T" => Object::string_literal("other"),
        "Rect" => rectangle(30, 50), "AP" => dictionary! { "N" => shown },
    });
    // Leaves its matrix as nobody expects it.
    let content = document.add_object(Stream::new(Dictionary::new(), b"2 0 0 2 0 0 cm 1 0 0 rg".to_vec()));
    let body = dictionary! {
        "Type" => "Page", "Parent" => pages, "Contents" => content,
        "Annots" => vec![name.into(), agreed.into(), other.into()],
    };
    document.objects.insert(page, body.into());
    let tree = dictionary! {
        "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1, "Rotate" => rotate,
        "MediaBox" => vec![0.into(), 0.into(), 300.into(), 200.into()],
        "CropBox" => vec![10.into(), 20.into(), 290.into(), 190.into()],
    };
    document.objects.insert(pages, tree.into());
    let fields: Vec<Object> = vec![parent.into(), agreed.into(), other.into()];
    let catalog =
        dictionary! { "Type" => "Catalog", "Pages" => pages, "AcroForm" => dictionary! { "Fields" => fields } };
    let catalog = document.add_object(catalog);
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}
