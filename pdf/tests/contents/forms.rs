//! Forms whose fields are filled: what is made a part of the page is what readers show.

use crate::support::{extract_text, refused_problems, run_program, run_task};
use cairn_pdf_protocol::{Answer, SealPlace, Task, Value, ValuePlacement};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};

/// A field of a form: its value, and the text of its drawing.
struct FormField {
    entries: Dictionary,
    drawing: Option<&'static str>,
}

fn text_field(value: Option<&[u8]>, drawing: Option<&'static str>) -> FormField {
    let mut entries = dictionary! { "FT" => "Tx" };
    if let Some(value) = value {
        entries.set("V", Object::string_literal(value.to_vec()));
    }
    FormField { entries, drawing }
}

/// A form with one field under the other.
fn build_form(fields: Vec<FormField>, need_appearances: bool) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let (pages, page) = (document.new_object_id(), document.new_object_id());
    let font = document.add_object(
        dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica", "Encoding" => "WinAnsiEncoding" },
    );
    let mut widgets: Vec<Object> = Vec::new();
    for (n, FormField { mut entries, drawing }) in fields.into_iter().enumerate() {
        let bottom = 700 - 40 * n as i64;
        entries.set("Type", "Annot");
        entries.set("Subtype", "Widget");
        entries.set("T", Object::string_literal(format!("field{n}")));
        entries.set("Rect", vec![50.into(), bottom.into(), 350.into(), (bottom + 20).into()]);
        if let Some(text) = drawing {
            let form = dictionary! {
                "Type" => "XObject", "Subtype" => "Form", "BBox" => vec![0.into(), 0.into(), 300.into(), 20.into()],
                "Resources" => dictionary! { "Font" => dictionary! { "F" => font } },
            };
            let content = format!("/Tx BMC q BT /F 10 Tf 2 5 Td ({text}) Tj ET Q EMC").into_bytes();
            let form = document.add_object(Stream::new(form, content));
            entries.set("AP", dictionary! { "N" => form });
        }
        widgets.push(document.add_object(entries).into());
    }
    let body = dictionary! {
        "Type" => "Page", "Parent" => pages, "Annots" => widgets.clone(),
        "MediaBox" => vec![0.into(), 0.into(), 400.into(), 800.into()],
    };
    document.objects.insert(page, body.into());
    document.objects.insert(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 }.into());
    let mut form = dictionary! { "Fields" => widgets };
    if need_appearances {
        form.set("NeedAppearances", true);
    }
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "AcroForm" => form });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn flatten(pdf: &[u8]) -> Vec<u8> {
    run_task(&Task::PlaceValues { values: vec![] }, &[pdf])
}

#[test]
fn values_are_shown_where_drawings_are_old_or_empty() {
    let fields = || {
        vec![
            text_field(Some(b"fifteen"), Some("five")),
            text_field(Some(b"nothing-drawn"), Some("")),
            text_field(Some(b"no-drawing"), None),
            text_field(Some(b"same text"), Some("same text")),
            text_field(Some(b""), Some("taken-out")),
        ]
    };
    for need_appearances in [true, false] {
        let text = extract_text(&flatten(&build_form(fields(), need_appearances)));
        for shown in ["fifteen", "nothing-drawn", "no-drawing", "same text"] {
            assert_eq!(text.matches(shown).count(), 1, "{shown} {need_appearances}: {text}");
        }
        assert!(!text.contains("taken-out") && text.split_whitespace().all(|word| word != "five"), "{text}");
    }
}

#[test]
fn drawings_of_fields_without_a_value_stay_unless_readers_draw_them_anew() {
    let form = |need_appearances| build_form(vec![text_field(None, Some("printed"))], need_appearances);
    assert!(extract_text(&flatten(&form(false))).contains("printed"));
    assert!(!extract_text(&flatten(&form(true))).contains("printed"));
}

#[test]
fn drawings_without_letters_are_gone_too_where_readers_draw_fields_anew() {
    // A picture of a text has no letters that are read.
    let form = |value: Option<&'static [u8]>, need_appearances| {
        let bytes = build_form(vec![text_field(value, Some("drawn"))], need_appearances);
        let mut document = Document::load_mem(&bytes).unwrap();
        for object in document.objects.values_mut() {
            if let Object::Stream(stream) = object {
                stream.set_content(b"/Tx BMC 0 0 100 20 re f EMC".to_vec());
            }
        }
        let mut bytes = Vec::new();
        document.save_to(&mut bytes).unwrap();
        bytes
    };
    let draw = |pdf: &[u8]| run_program(&Task::DrawPage { page: 1, width: 400 }, &[pdf]).1;
    let empty = draw(&build_form(vec![], true));
    for value in [None, Some(b"".as_slice())] {
        assert!(draw(&form(value, true)) == empty && draw(&flatten(&form(value, true))) == empty, "{value:?}");
        assert!(draw(&flatten(&form(value, false))) != empty, "{value:?}");
    }
}

#[test]
fn formats_and_lists_keep_their_drawing() {
    let mut amount = text_field(Some(b"1500"), Some("EUR 1.500,00"));
    amount.entries.set("AA", dictionary! { "F" => dictionary! { "S" => "JavaScript" } });
    let mut stale = text_field(Some(b"2500"), Some("EUR 1.500,00"));
    stale.entries.set("AA", dictionary! { "F" => dictionary! { "S" => "JavaScript" } });
    let list = FormField {
        entries: dictionary! { "FT" => "Ch", "V" => Object::string_literal("green") },
        drawing: Some("red green blue"),
    };
    let mut cents = text_field(Some(b"1700"), Some("EUR 17,00"));
    cents.entries.set("AA", dictionary! { "F" => dictionary! { "S" => "JavaScript" } });
    let mut word = text_field(Some(b"Ja"), Some("Nee"));
    word.entries.set("AA", dictionary! { "F" => dictionary! { "S" => "JavaScript" } });
    let text = extract_text(&flatten(&build_form(vec![amount, stale, list, cents, word], false)));
    assert_eq!(text.matches("EUR 1.500,00").count(), 1, "{text}");
    assert!(text.contains("2500") && text.contains("red green blue"), "{text}");
    assert!(text.contains("1700") && !text.contains("17,00"), "{text}");
    assert!(text.contains("Ja") && !text.contains("Nee"), "{text}");
}

#[test]
fn values_are_read_in_the_encoding_of_pdf() {
    let fields = vec![
        text_field(Some(b"\xa0 25 \x85 \x8dx\x8e"), None),
        text_field(Some(b"\x95\xf3d"), None),
        text_field(Some(b"\xff\xfe\xac\x20\x41\x01"), None),
    ];
    let text = extract_text(&flatten(&build_form(fields, false)));
    for shown in ["€ 25 – “x”", "Łód", "€Ł"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[test]
fn pictures_of_pages_show_what_is_sealed() {
    let draw = |pdf: &[u8]| match run_program(&Task::DrawPage { page: 1, width: 400 }, &[pdf]) {
        (Answer::Picture, png) => png,
        other => panic!("{:?}", other.0),
    };
    let form = build_form(vec![text_field(Some(b"fifteen"), Some("five"))], true);
    assert!(draw(&form) == draw(&flatten(&form)));
    assert!(draw(&form) != draw(&flatten(&build_form(vec![text_field(Some(b"five"), Some("five"))], true))));
}

#[test]
fn forms_that_readers_draw_anew_are_flattened_before_they_are_sealed() {
    let place = SealPlace {
        field: None,
        name: "Cairn".into(),
        reason: String::new(),
        location: None,
        at: 0,
        room: 5_000,
        final_seal: false,
    };
    let form = build_form(vec![text_field(Some(b"fifteen"), Some("five"))], true);
    let problems = refused_problems(&Task::ReserveSeal(place.clone()), &[&form]);
    assert!(problems[0].message.contains("NeedAppearances"), "{problems:?}");
    let (answer, _) = run_program(&Task::ReserveSeal(place), &[&flatten(&form)]);
    assert!(matches!(answer, Answer::Reserved { .. }), "{answer:?}");
}

#[test]
fn filled_fields_show_what_they_are_filled_with() {
    let form = build_form(vec![text_field(Some(b"fifteen"), Some("five"))], true);
    let value = ValuePlacement { page: 1, place: (50.0, 400.0, 200.0, 20.0), value: Value::Text("signed".into()) };
    let text = extract_text(&run_task(&Task::PlaceValues { values: vec![value] }, &[&form]));
    assert!(text.contains("fifteen") && text.contains("signed"), "{text}");
}
