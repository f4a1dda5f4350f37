//! The program as Cairn starts it: a task in a file, an answer at its output. What it makes is read by programs of others (Poppler's).

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod support;

use cairn_pdf_protocol::{Answer, Attached, FieldBox, Filled, Profile, Render, Source, Task, Value};
use lopdf::{Document, Object, dictionary};
use std::process::Command;
use support::{
    TempFile, extract_text, refused_problems, render_task, render_template, run_poppler, run_program, run_task,
    sample_form, word_position,
};

fn locate_fields(pdf: &[u8]) -> Vec<FieldBox> {
    match run_program(&Task::Locate, &[pdf]).0 {
        Answer::Fields { fields } => fields,
        other => panic!("{other:?}"),
    }
}

fn fill_task(fields: &[(&str, Value)]) -> Task {
    let one = |(name, value): &(&str, Value)| Filled { name: (*name).to_owned(), value: value.clone() };
    Task::Fill { fields: fields.iter().map(one).collect() }
}

#[test]
fn templates_read_only_their_own_sources() {
    let files = ["/main.typ", "/sub/part.typ", "/data.json"];
    let main =
        "#import \"sub/part.typ\": part\n#part #json(\"/data.json\").a #sys.inputs.locale #datetime.today().display()";
    let pdf =
        run_task(&render_task(&files, Profile::Pdf), &[main.as_bytes(), b"#let part = [Part]", b"{\"a\":\"*b*\"}"]);
    let shown = extract_text(&pdf);
    assert!(shown.contains("Part *b* nl 2025-01-01"), "{shown}");
    for source in
        ["#read(\"/etc/passwd\")", "#read(\"../x\")", "#import \"@preview/a:1.0.0\": b", "#image(\"/proc/self/exe\")"]
    {
        let problems = refused_problems(&render_task(&["/main.typ"], Profile::Pdf), &[source.as_bytes()]);
        assert_eq!((problems[0].file.as_deref(), problems[0].at.is_some()), (Some("/main.typ"), true), "{problems:?}");
    }
}

#[test]
fn rendering_is_deterministic_and_sets_the_creation_date() {
    let source = "#set document(title: \"T\", author: \"A\")\n= A {{b}} 日\n#lorem(300)";
    let (one, other) = (render_template(source), render_template(source));
    assert!(one == other);
    let info = run_poppler("pdfinfo", &["-isodates"], &one);
    assert!(
        info.contains("CreationDate:    2025-01-01T10:00:00Z") && info.contains("Creator:         Cairn"),
        "{info}"
    );
}

#[test]
fn template_errors_report_file_line_and_column() {
    let at = |source: &str| {
        let problems = refused_problems(&render_task(&["/main.typ"], Profile::Pdf), &[source.as_bytes()]);
        (problems[0].at, problems[0].message.clone())
    };
    assert_eq!(at("a\n  #nobody"), (Some((2, 4)), "unknown variable: nobody".into()));
    assert_eq!(at("#let f() = panic(\"no\")\n\n#f()").0, Some((1, 12)));
    let files = ["/main.typ", "/data.json"];
    let problems =
        refused_problems(&render_task(&files, Profile::Pdf), &[b"#json(\"/data.json\")", b"{\n\"a\": nope}"]);
    assert!(
        problems[0].file.as_deref() == Some("/data.json") && problems[0].at.is_some_and(|at| at.0 == 2),
        "{problems:?}"
    );
    let problems = refused_problems(&render_task(&["/main.typ"], Profile::Pdf), &[b"\xff\xfe"]);
    assert!(problems[0].message.contains("UTF-8"), "{problems:?}");
}

#[test]
fn pdf_a_output_declares_its_profile_and_embeds_fonts() {
    for (profile, part) in [(Profile::PdfA2b, "2"), (Profile::PdfA3b, "3")] {
        let pdf = run_task(&render_task(&["/main.typ"], profile), &[b"= Kept"]);
        let bytes = String::from_utf8_lossy(&pdf).into_owned();
        assert!(bytes.contains(&format!("<pdfaid:part>{part}</pdfaid:part>")), "{part}");
        assert!(bytes.contains("/OutputIntents") && bytes.contains("<pdfaid:conformance>B</pdfaid:conformance>"));
        // The used fonts are embedded.
        let fonts = run_poppler("pdffonts", &[], &pdf);
        assert!(fonts.lines().count() > 2 && fonts.lines().skip(2).all(|font| font.contains(" yes yes ")), "{fonts}");
        // The letter U+10FFFF is in no font.
        let problems = refused_problems(&render_task(&["/main.typ"], profile), &["\u{10ffff}".as_bytes()]);
        assert!(!problems.is_empty());
    }
}

#[test]
fn attachments_get_unique_safe_names() {
    let attach = |name: &str| Some(Attached { name: name.into(), media_type: "text/plain".into() });
    let names = ["a.txt", "a.txt", "../a.txt", "..", "x\"); #panic(\"é"];
    let mut sources = vec![Source { path: "/main.typ".into(), attach: None }];
    sources
        .extend(names.iter().enumerate().map(|(i, name)| Source { path: format!("/files/{i}"), attach: attach(name) }));
    let paper = Render { main: "/main.typ".into(), sources, profile: Profile::PdfA3b, locale: "nl".into(), at: 0 };
    let pdf = run_task(&Task::Render(paper), &[b"= A // ends in a comment", b"0", b"1", b"2", b"3", b"4"]);
    let listed = run_poppler("pdfdetach", &["-list"], &pdf);
    for name in ["a.txt", "2-a.txt", ".._a.txt", "file", "x\"); #panic(\"é"] {
        assert!(listed.contains(&format!(": {name}\n")), "{name}: {listed}");
    }
}

#[test]
fn form_fields_are_located_on_rotated_pages() {
    let places = |rotate| -> Vec<_> {
        locate_fields(&sample_form(rotate)).into_iter().map(|f| (f.name, f.page, f.place)).collect()
    };
    let of = |name: &str, place| (name.to_owned(), 1, place);
    assert_eq!(
        places(0),
        [
            of("buyer.name", (20.0, 20.0, 100.0, 20.0)),
            of("agreed", (20.0, 70.0, 100.0, 20.0)),
            of("other", (20.0, 120.0, 100.0, 20.0)),
        ]
    );
    assert!(places(90).contains(&of("buyer.name", (130.0, 20.0, 20.0, 100.0))), "{:?}", places(90));
    assert!(places(180).contains(&of("buyer.name", (160.0, 130.0, 100.0, 20.0))), "{:?}", places(180));
    assert!(places(-90).contains(&of("buyer.name", (20.0, 160.0, 20.0, 100.0))), "{:?}", places(-90));
}

#[test]
fn filled_forms_are_flattened() {
    for rotate in [0, 90, 180, 270] {
        let source = sample_form(rotate);
        let place = locate_fields(&source).into_iter().find(|f| f.name == "buyer.name").unwrap().place;
        let filled = run_task(&fill_task(&[("buyer.name", Value::Text("Łódź".into()))]), &[&source]);
        let shown = extract_text(&filled);
        // Fields that were not filled show what they did.
        assert!(shown.contains("Łódź") && shown.contains("shown") && shown.contains("ticked"), "{rotate}: {shown}");
        assert!(!shown.contains("before"), "{rotate}: {shown}");
        assert_eq!(locate_fields(&filled), [], "{rotate}");
        let (left, top) = word_position(&filled, "Łódź");
        let within = |n: f64, from: f64, length: f64| n > from - 2.0 && n < from + length + 2.0;
        assert!(within(left, place.0, place.2) && within(top, place.1, place.3), "{rotate}: {left} {top} in {place:?}");
    }
}

#[test]
fn marks_are_filled_with_texts_ticks_and_pictures() {
    let source = render_template(
        "#set page(width: 10cm, height: 6cm)\nName: {{name}} {{name}}\n\n{{tick}} {{picture}} {{empty}}",
    );
    let marks: Vec<String> = locate_fields(&source).into_iter().map(|field| field.name).collect();
    assert_eq!(marks, ["name", "name", "tick", "picture", "empty"]);
    let picture =
        b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><rect width=\"9\" height=\"9\"/></svg>";
    let long = format!("{} end", "word ".repeat(400));
    let fields = [
        ("name", Value::Text("A\nB <&> \"q\" #x \\".into())),
        ("tick", Value::Checked(true)),
        ("picture", Value::Image(1)),
        ("empty", Value::Checked(false)),
    ];
    let filled = run_task(&fill_task(&fields), &[&source, picture]);
    assert!(extract_text(&filled).contains("<&>"), "{}", extract_text(&filled));
    // However long it is, it is cut at the end of its place, and nothing else happens.
    run_task(&fill_task(&[("name", Value::Text(long))]), &[&source]);
    let problems = refused_problems(&fill_task(&[("picture", Value::Image(1))]), &[&source, b"no picture"]);
    assert!(problems[0].file.is_none(), "{problems:?}");
    assert!(
        refused_problems(&fill_task(&[("picture", Value::Image(7))]), &[&source])[0]
            .message
            .contains("picture 7 not found")
    );
    let problems =
        refused_problems(&fill_task(&[("nobody", Value::Checked(true)), ("none", Value::Checked(true))]), &[&source]);
    assert_eq!((problems.len(), problems[0].hints[0].as_str()), (2, "available fields: empty, name, picture, tick"));
}

#[test]
fn merged_pdfs_retain_their_fields_under_unique_names() {
    let (one, other) = (sample_form(0), sample_form(90));
    let whole = run_task(&Task::Merge, &[&one, &render_template("= Between"), &other, &one]);
    let info = run_poppler("pdfinfo", &[], &whole);
    assert!(info.contains("Pages:           4"), "{info}");
    assert!(extract_text(&whole).contains("Between"));
    let fields = locate_fields(&whole);
    let of = |page: u32| fields.iter().filter(|f| f.page == page).map(|f| f.name.as_str()).collect::<Vec<_>>();
    assert_eq!(of(1), ["buyer.name", "agreed", "other"]);
    assert!(of(3).contains(&"buyer-2.name") && of(4).contains(&"buyer-3.name"), "{fields:?}");
    // A merged file can be filled.
    let filled = run_task(&fill_task(&[("buyer-2.name", Value::Text("second".into()))]), &[&whole]);
    assert!(extract_text(&filled).contains("second"));
}

#[test]
fn invalid_and_signed_pdfs_are_refused() {
    let whole = render_template("= A\n#lorem(50)");
    let cut = &whole[..whole.len() / 2];
    for broken in [b"".as_slice(), b"%PDF-1.7", b"no pdf", cut, &[0; 10_000]] {
        for task in [Task::Locate, fill_task(&[]), Task::Merge] {
            let problems = refused_problems(&task, &[broken]);
            assert!(problems[0].message.contains("cannot be read"), "{task:?}: {problems:?}");
        }
    }
    let mut signed = Document::load_mem(&whole).unwrap();
    signed.add_object(
        dictionary! { "Type" => "Sig", "ByteRange" => vec![0.into(); 4], "Contents" => Object::string_literal("x") },
    );
    let mut bytes = Vec::new();
    signed.save_to(&mut bytes).unwrap();
    for task in [fill_task(&[]), Task::Merge] {
        assert!(refused_problems(&task, &[&bytes])[0].message.contains("is signed"));
    }
    assert_eq!(locate_fields(&bytes), []);
    assert!(refused_problems(&Task::Merge, &[])[0].message.contains("at least one PDF"));
}

#[test]
fn circular_documents_do_not_hang() {
    let mut document = Document::load_mem(&sample_form(0)).unwrap();
    let pages = document.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    let page = document.page_iter().next().unwrap();
    document.get_dictionary_mut(pages).unwrap().set("Kids", vec![page.into(), pages.into(), page.into()]);
    document.get_dictionary_mut(pages).unwrap().set("Parent", pages);
    document.get_dictionary_mut(page).unwrap().remove(b"MediaBox");
    let widget =
        document.get_dictionary(page).unwrap().get(b"Annots").unwrap().as_array().unwrap()[0].as_reference().unwrap();
    document.get_dictionary_mut(widget).unwrap().set("Parent", widget);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    let draw = Task::DrawPage { page: 1, width: 100 };
    for task in [
        Task::Locate,
        fill_task(&[]),
        Task::Merge,
        Task::Inspect,
        Task::ReadText,
        draw,
        Task::PlaceValues { values: vec![] },
    ] {
        // The program ends, whatever it makes of the file.
        run_program(&task, &[&bytes]);
    }
}

#[test]
fn invalid_task_files_fail() {
    let run = |path: &std::path::Path| Command::new(env!("CARGO_BIN_EXE_cairn-pdf")).arg(path).output().unwrap();
    let file = TempFile::with_bytes(b"\xff\xff\xff\xff");
    for path in [file.0.as_path(), std::path::Path::new("/nonexistent")] {
        let ran = run(path);
        assert!(!ran.status.success() && ran.stdout.is_empty());
    }
    assert_eq!(Command::new(env!("CARGO_BIN_EXE_cairn-pdf")).output().unwrap().status.code(), Some(2));
}
