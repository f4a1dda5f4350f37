//! Pages that are inspected, drawn and written on: by the program as Cairn starts it, and read by programs of others (Poppler's).

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod support;

use cairn_pdf_protocol::{Answer, FormKind, Inspection, ProblemCode, Task, Value, ValuePlacement};
use hayro::vello_cpu::Pixmap;
use lopdf::{Document, Object, dictionary};
use std::io::Cursor;
use std::process::Command;
use support::{
    TempFile, extract_text, refused_problems, render_template, run_poppler, run_program, run_task, sample_form,
    word_position,
};

fn inspect(pdf: &[u8]) -> Inspection {
    match run_program(&Task::Inspect, &[pdf]).0 {
        Answer::Inspection(found) => found,
        other => panic!("{other:?}"),
    }
}

fn draw_page(pdf: &[u8], page: u32, width: u32) -> Picture {
    match run_program(&Task::DrawPage { page, width }, &[pdf]) {
        (Answer::Picture, png) => Picture::from_png(&png),
        other => panic!("{:?}", other.0),
    }
}

fn place(page: u32, place: (f64, f64, f64, f64), value: Value) -> ValuePlacement {
    ValuePlacement { page, place, value }
}

fn place_task(values: Vec<ValuePlacement>) -> Task {
    Task::PlaceValues { values }
}

/// The first problem of a task: its code, its path and its message.
fn refused(task: &Task, blobs: &[&[u8]]) -> (Option<ProblemCode>, String, String) {
    let problem = refused_problems(task, blobs).remove(0);
    (problem.code, problem.path.unwrap_or_default(), problem.message)
}

fn saved(mut document: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

/// A picture of a page.
struct Picture {
    width: usize,
    height: usize,
    /// Red, green and blue of each pixel.
    pixels: Vec<u8>,
}

impl Picture {
    fn from_ppm(bytes: &[u8]) -> Self {
        let mut fields = bytes.splitn(4, |byte| byte.is_ascii_whitespace());
        assert_eq!(fields.next().unwrap(), b"P6");
        let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().unwrap();
        let (width, height) = (number(), number());
        let rest = fields.next().unwrap();
        let pixels = rest.strip_prefix(b"255\n").unwrap().to_vec();
        assert_eq!(pixels.len(), width * height * 3);
        Self { width, height, pixels }
    }

    fn from_png(png: &[u8]) -> Self {
        let decoded = Pixmap::from_png(Cursor::new(png)).unwrap();
        let (width, height) = (usize::from(decoded.width()), usize::from(decoded.height()));
        // Pages are opaque.
        let pixels = decoded.data().iter().flat_map(|pixel| {
            assert_eq!(pixel.a, 255);
            [pixel.r, pixel.g, pixel.b]
        });
        Self { width, height, pixels: pixels.collect() }
    }

    /// A page as Poppler draws it, so many pixels a point.
    fn by_poppler(pdf: &[u8], page: u32, scale: f64) -> Self {
        let file = TempFile::with_bytes(pdf);
        let (page, resolution) = (page.to_string(), (72.0 * scale).to_string());
        let mut command = Command::new("pdftoppm");
        command.args(["-cropbox", "-f", &page, "-l", &page, "-r", &resolution]);
        let ran = command.arg(&file.0).output().unwrap();
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        Self::from_ppm(&ran.stdout)
    }

    fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        self.pixels[at..at + 3].try_into().unwrap()
    }

    /// Left, top, right and bottom of all that is not white.
    fn ink(&self) -> (usize, usize, usize, usize) {
        let mut ink = (usize::MAX, usize::MAX, 0, 0);
        for y in 0..self.height {
            for x in (0..self.width).filter(|x| self.pixel(*x, y).iter().any(|part| *part < 200)) {
                ink = (ink.0.min(x), ink.1.min(y), ink.2.max(x), ink.3.max(y));
            }
        }
        ink
    }
}

/// Checks that a page is drawn as Poppler draws it, to a few pixels.
fn assert_drawn_as_by_poppler(pdf: &[u8], page: u32, what: &str) {
    let (width, _) = inspect(pdf).pages[page as usize - 1];
    let ours = draw_page(pdf, page, 600);
    let theirs = Picture::by_poppler(pdf, page, 600.0 / width);
    let sizes = [(ours.width, ours.height), (theirs.width, theirs.height)];
    let near = |a: usize, b: usize, most: usize| a.abs_diff(b) <= most;
    assert!(near(ours.width, theirs.width, 1) && near(ours.height, theirs.height, 1), "{what}: {sizes:?}");
    let (one, other) = (ours.ink(), theirs.ink());
    let same = near(one.0, other.0, 3) && near(one.1, other.1, 3) && near(one.2, other.2, 3) && near(one.3, other.3, 3);
    assert!(same, "{what}: {one:?} is not {other:?}");
}

#[test]
fn text_is_read_page_by_page() {
    let source =
        "= Quote 2026-0001\n#table(columns: 2, [Ann de Vries], [€ 1.250,00])\n#pagebreak()\nFile *affluent* offices";
    let (answer, _) = run_program(&Task::ReadText, &[&render_template(source)]);
    let expected = ["Quote 2026-0001\nAnn de Vries € 1.250,00", "File affluent offices"];
    assert_eq!(answer, Answer::Text { pages: expected.map(str::to_owned).to_vec() });
    // Text that is drawn onto a page is a part of its text.
    let value = place(1, (20.0, 20.0, 200.0, 20.0), Value::Text("Signed by Ann".into()));
    let filled = run_task(&place_task(vec![value]), &[&render_template("Contract")]);
    let (answer, _) = run_program(&Task::ReadText, &[&filled]);
    let Answer::Text { pages } = answer else { panic!("{answer:?}") };
    assert!(pages.len() == 1 && pages[0].contains("Contract") && pages[0].contains("Signed by Ann"), "{pages:?}");
}

#[test]
fn inspection_has_displayed_page_sizes_and_the_form() {
    let source = "#set page(width: 200pt, height: 100.5pt)\nA\n#set page(width: 300pt)\nB";
    let nothing = Inspection {
        pages: vec![(200.0, 100.5), (300.0, 100.5)],
        form: FormKind::None,
        signatures: 0,
        final_seal: false,
    };
    assert_eq!(inspect(&render_template(source)), nothing);
    // The form's crop box is smaller than its media box.
    for (rotate, size) in [(0, (280.0, 170.0)), (90, (170.0, 280.0)), (180, (280.0, 170.0)), (-90, (170.0, 280.0))] {
        let found = inspect(&sample_form(rotate));
        assert_eq!((found.pages, found.form), (vec![size], FormKind::AcroForm), "{rotate}");
    }
    let mut document = Document::load_mem(&sample_form(0)).unwrap();
    let form = document.catalog_mut().unwrap().get_mut(b"AcroForm").unwrap().as_dict_mut().unwrap();
    form.set("XFA", Object::string_literal("<xdp/>"));
    assert_eq!(inspect(&saved(document)).form, FormKind::Xfa);
}

#[test]
fn inspection_counts_signatures_and_finds_the_final_seal() {
    let mut document = Document::load_mem(&render_template("= A")).unwrap();
    let parameters = dictionary! { "Type" => "TransformParams", "P" => 1, "V" => "1.2" };
    let reference = dictionary! { "TransformMethod" => "DocMDP", "TransformParams" => parameters };
    let signature = document.add_object(dictionary! {
        "Type" => "Sig", "ByteRange" => vec![0.into(); 4], "Contents" => Object::string_literal("x"),
        "Reference" => vec![reference.into()],
    });
    let found = inspect(&saved(document.clone()));
    assert_eq!((found.signatures, found.final_seal), (1, false));
    document.catalog_mut().unwrap().set("Perms", dictionary! { "DocMDP" => signature });
    let signed = saved(document);
    let found = inspect(&signed);
    assert_eq!((found.signatures, found.final_seal), (1, true));
    // A signed file can be drawn, but not changed.
    assert!(draw_page(&signed, 1, 100).height > 100);
    let (code, _, message) = refused(&place_task(vec![]), &[&signed]);
    assert!(code == Some(ProblemCode::Signed) && message.contains("is signed"), "{message}");
}

#[test]
fn unusable_files_are_refused_with_their_reason() {
    let whole = render_template("= A\n#lorem(50)");
    let mut empty = Document::load_mem(&whole).unwrap();
    let pages = empty.catalog().unwrap().get(b"Pages").unwrap().as_reference().unwrap();
    empty.get_dictionary_mut(pages).unwrap().set("Kids", Vec::<Object>::new());
    let mut many = Document::load_mem(&whole).unwrap();
    let page = many.page_iter().next().unwrap();
    let page = many.get_dictionary(page).unwrap().clone();
    let kids: Vec<Object> = (0..5_001).map(|_| many.add_object(page.clone()).into()).collect();
    many.get_dictionary_mut(pages).unwrap().set("Kids", kids);
    let file = TempFile::with_bytes(&whole);
    let locked = file.0.with_extension("locked");
    let mut command = Command::new("qpdf");
    command.args(["--encrypt", "user", "owner", "256", "--"]).arg(&file.0).arg(&locked);
    assert!(command.status().unwrap().success());
    let encrypted = std::fs::read(&locked).unwrap();
    std::fs::remove_file(&locked).unwrap();
    let tasks = [Task::Inspect, Task::ReadText, Task::DrawPage { page: 1, width: 100 }, place_task(vec![])];
    for (file, code, expected) in [
        (b"".as_slice(), ProblemCode::Damaged, "cannot be read"),
        (b"%PDF-1.7 and nothing", ProblemCode::Damaged, "cannot be read"),
        (&whole[..whole.len() / 2], ProblemCode::Damaged, "cannot be read"),
        (&[0; 10_000], ProblemCode::Damaged, "cannot be read"),
        (&encrypted, ProblemCode::Encrypted, "is encrypted"),
        (&saved(empty), ProblemCode::NoPages, "has no pages"),
        (&saved(many), ProblemCode::TooManyPages, "has more than 5000 pages"),
    ] {
        for task in &tasks {
            let (found, path, message) = refused(task, &[file]);
            assert!(found == Some(code) && path.is_empty() && message.contains(expected), "{task:?}: {message}");
        }
    }
    for task in &tasks {
        assert!(refused(task, &[]).2.contains("a PDF is required"), "{task:?}");
    }
}

#[test]
fn pages_are_drawn_as_they_are_displayed() {
    for rotate in [0, 90, 180, 270] {
        let form = sample_form(rotate);
        // The fields' texts are all that is there: they are annotations.
        assert_drawn_as_by_poppler(&form, 1, &format!("{rotate}"));
    }
    let source =
        "#set page(width: 200pt, height: 100pt, margin: 20pt)\nA\n#pagebreak()\n#set page(fill: red)\n#h(80pt)B";
    let pdf = render_template(source);
    let picture = draw_page(&pdf, 2, 50);
    assert_eq!((picture.width, picture.height, picture.pixel(1, 1)), (50, 25, [255, 65, 54]));
    assert_eq!(draw_page(&pdf, 1, 50).pixel(1, 1), [255, 255, 255]);
}

#[test]
fn missing_pages_and_unusable_widths_are_refused() {
    let pdf = render_template("A\n#pagebreak()\nB");
    for page in [0, 3, u32::MAX] {
        let (code, path, message) = refused(&Task::DrawPage { page, width: 100 }, &[&pdf]);
        assert_eq!((code, path.as_str()), (Some(ProblemCode::Page), "page"), "{message}");
        assert!(message.contains(&format!("no page {page}: its pages are 1 to 2")), "{message}");
    }
    for width in [0, 15, 2_001, u32::MAX] {
        let (code, path, message) = refused(&Task::DrawPage { page: 1, width }, &[&pdf]);
        assert!(code == Some(ProblemCode::Width) && path == "width" && message.contains("16 to 2000"), "{message}");
    }
    let high = render_template("#set page(width: 10pt, height: 1000pt, margin: 0pt)\n#hide[a]");
    let (code, _, message) = refused(&Task::DrawPage { page: 1, width: 100 }, &[&high]);
    assert!(code == Some(ProblemCode::Width) && message.contains("ask for a width of at most 50"), "{message}");
    assert_eq!(draw_page(&high, 1, 50).height, 5_000);
    let flat = render_template("#set page(width: 5000pt, height: 10pt, margin: 0pt)\n#hide[a]");
    assert_eq!(draw_page(&flat, 1, 16).height, 1);
}

#[test]
fn values_are_placed_where_pages_display_them() {
    for rotate in [0, 90, 180, 270] {
        let form = sample_form(rotate);
        let (width, height) = inspect(&form).pages[0];
        let at = (width - 110.0, height - 30.0, 100.0, 20.0);
        let placed = run_task(&place_task(vec![place(1, at, Value::Text("Zoë-€5".into()))]), &[&form]);
        let (left, top) = word_position(&placed, "Zoë-€5");
        let within = |n: f64, from: f64, length: f64| n > from - 2.0 && n < from + length;
        assert!(within(left, at.0, at.2) && within(top, at.1, at.3), "{rotate}: {left} {top}");
        // The form's fields are still shown, but are no longer fields.
        let text = extract_text(&placed);
        assert!(["before", "ticked", "shown"].iter().all(|shown| text.contains(shown)), "{rotate}: {text}");
        let found = inspect(&placed);
        assert_eq!((found.form, found.pages), (FormKind::None, vec![(width, height)]), "{rotate}");
        assert_drawn_as_by_poppler(&placed, 1, &format!("{rotate}"));
    }
}

#[test]
fn placed_pictures_keep_proportions_and_transparency() {
    let source = render_template(
        "#set page(width: 100pt, height: 100pt, fill: rgb(0, 0, 255))\n#hide[a]\n#pagebreak()\n#hide[b]",
    );
    // Two by one: a red pixel beside one that cannot be seen.
    let png: &[u8] = include_bytes!("red-and-clear.png");
    let values = vec![
        place(1, (20.0, 20.0, 40.0, 40.0), Value::Image(1)),
        place(2, (0.0, 0.0, 100.0, 100.0), Value::Image(1)),
        place(2, (80.0, 80.0, 20.0, 20.0), Value::Checked(true)),
        place(2, (0.0, 90.0, 20.0, 10.0), Value::Checked(false)),
    ];
    let placed = run_task(&place_task(values), &[&source, png]);
    let (red, blue) = ([255, 0, 0], [0, 0, 255]);
    for page in [draw_page(&placed, 1, 100), Picture::by_poppler(&placed, 1, 1.0)] {
        // 40 points wide and 20 high, in the middle of its box.
        assert_eq!(
            [page.pixel(25, 40), page.pixel(25, 25), page.pixel(25, 55), page.pixel(55, 40)],
            [red, blue, blue, blue]
        );
    }
    let page = draw_page(&placed, 2, 100);
    assert_eq!(
        [page.pixel(10, 50), page.pixel(10, 10), page.pixel(70, 50), page.pixel(5, 95)],
        [red, blue, blue, blue]
    );
    // The tick.
    let dark = |x: usize, y: usize| page.pixel(x, y).iter().all(|part| *part < 60);
    assert!((80..100).any(|x| (80..100).any(|y| dark(x, y))));
    // The file has it once.
    let listed = run_poppler("pdfimages", &["-list"], &placed);
    let objects: Vec<&str> = listed
        .lines()
        .filter(|line| line.contains(" image   "))
        .filter_map(|line| line.split_whitespace().nth(10))
        .collect();
    assert!(objects.len() == 2 && objects[0] == objects[1], "{listed}");
}

#[test]
fn values_that_cannot_be_placed_are_named_by_their_index() {
    let pdf = render_template("#set page(width: 200pt, height: 100pt)\n#hide[a]");
    let good = || place(1, (0.0, 0.0, 200.0, 100.0), Value::Checked(true));
    for (bad, code, part, expected) in [
        (place(0, good().place, good().value), ProblemCode::Page, "page", "no page 0: it has one page"),
        (place(2, good().place, good().value), ProblemCode::Page, "page", "no page 2"),
        (
            place(1, (150.0, 0.0, 60.0, 10.0), good().value),
            ProblemCode::Box,
            "box",
            "not on the page, which is 200.00 × 100.00",
        ),
        (place(1, (-5.0, 0.0, 60.0, 10.0), good().value), ProblemCode::Box, "box", "not on the page"),
        (place(1, (0.0, 0.0, 0.0, 10.0), good().value), ProblemCode::Box, "box", "must be above 0"),
        (place(1, (0.0, 0.0, 10.0, -1.0), good().value), ProblemCode::Box, "box", "must be above 0"),
    ] {
        let (found, path, message) = refused(&place_task(vec![good(), bad]), &[&pdf]);
        assert_eq!((found, path), (Some(code), format!("values[1].{part}")), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let png: &[u8] = include_bytes!("red-and-clear.png");
    let picture = |number| place(1, good().place, Value::Image(number));
    let (code, path, message) = refused(&place_task(vec![good(), picture(1), picture(2)]), &[&pdf, png, b"no picture"]);
    assert_eq!((code, path.as_str()), (Some(ProblemCode::Value), "values[2].value"), "{message}");
    let cut = &png[..png.len() - 20];
    let (code, path, message) = refused(&place_task(vec![picture(2), picture(1)]), &[&pdf, cut, png]);
    assert_eq!((code, path.as_str()), (Some(ProblemCode::Value), "values[1].value"), "{message}");
    assert!(refused(&place_task(vec![picture(7)]), &[&pdf]).2.contains("picture 7 not found"));
}

#[test]
fn values_of_fields_without_an_appearance_stay() {
    // Readers are to draw these values themselves: many programs write forms that way.
    let mut document = Document::load_mem(&sample_form(0)).unwrap();
    let widgets: Vec<_> = document
        .objects
        .iter()
        .filter(|(_, object)| {
            object
                .as_dict()
                .is_ok_and(|dict| dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|n| n == b"Widget"))
        })
        .map(|(id, _)| *id)
        .collect();
    for id in &widgets {
        document.get_dictionary_mut(*id).unwrap().remove(b"AP");
    }
    let named = |document: &Document, name: &str| {
        let is_named = |id: &&lopdf::ObjectId| {
            let title = document.get_dictionary(**id).and_then(|dict| dict.get(b"T")).and_then(Object::as_str);
            title.is_ok_and(|title| title == name.as_bytes())
        };
        *widgets.iter().find(is_named).unwrap()
    };
    let (name, other) = (named(&document, "name"), named(&document, "other"));
    document.get_dictionary_mut(name).unwrap().set("V", Object::string_literal("Zorro"));
    let choice = document.get_dictionary_mut(other).unwrap();
    choice.set("FT", "Ch");
    choice.set("V", Object::string_literal("nl"));
    let pair = vec![Object::string_literal("nl"), Object::string_literal("Dutch")];
    choice.set("Opt", vec![Object::from(pair)]);
    let form = saved(document);
    let places = [("name", (20.0, 20.0)), ("tick", (20.0, 70.0)), ("choice", (20.0, 120.0))];
    for task in [
        place_task(vec![place(1, (200.0, 5.0, 60.0, 12.0), Value::Text("placed".into()))]),
        Task::Fill { fields: Vec::new() },
    ] {
        let flat = run_task(&task, &[&form]);
        let text = extract_text(&flat);
        assert!(text.contains("Zorro") && text.contains("Dutch"), "{text}");
        let (left, top) = word_position(&flat, "Zorro");
        let (_, (x, y)) = places[0];
        assert!(left > x - 2.0 && left < x + 100.0 && top > y - 2.0 && top < y + 20.0, "{left} {top}");
        let page = draw_page(&flat, 1, 280);
        let ((_, (x, y)), dark) = (places[1], |x: usize, y: usize| page.pixel(x, y).iter().all(|part| *part < 90));
        let (x, y) = (x as usize, y as usize);
        assert!((x..x + 100).any(|x| (y..y + 20).any(|y| dark(x, y))), "the tick");
        assert_eq!(inspect(&flat).form, FormKind::None);
    }
}

#[test]
fn pages_that_are_too_large_are_named() {
    let mut document = Document::load_mem(&render_template("#hide[a]\n#pagebreak()\n#hide[b]")).unwrap();
    let pages: Vec<_> = document.get_pages().into_values().collect();
    let media_box: Vec<Object> = vec![0.into(), 0.into(), 2_000_000.into(), 1_000_000.into()];
    document.get_dictionary_mut(pages[1]).unwrap().set("MediaBox", media_box);
    let pdf = saved(document);
    let tick = |page| place(page, (10.0, 10.0, 20.0, 20.0), Value::Checked(true));
    let (code, path, message) = refused(&place_task(vec![tick(1), tick(2)]), &[&pdf]);
    assert_eq!((code, path.as_str()), (Some(ProblemCode::Page), "values[1].page"), "{message}");
    assert!(message.contains("2000000 × 1000000"), "{message}");
    // The other page of that file takes values.
    assert_eq!(inspect(&run_task(&place_task(vec![tick(1)]), &[&pdf])).pages.len(), 2);
}

#[test]
fn only_pictures_are_placed_as_pictures() {
    let pdf = render_template("#set page(width: 200pt, height: 100pt)\n#hide[a]");
    let png: &[u8] = include_bytes!("red-and-clear.png");
    let picture = |number| place(1, (0.0, 0.0, 100.0, 100.0), Value::Image(number));
    let svg: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>";
    for (other, expected) in [(pdf.as_slice(), "a PDF is not a picture"), (svg, "not a PNG or JPEG")] {
        let (code, path, message) = refused(&place_task(vec![picture(1), picture(2)]), &[&pdf, png, other]);
        assert_eq!((code, path.as_str()), (Some(ProblemCode::Value), "values[1].value"), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}
