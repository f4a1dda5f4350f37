//! Fields that templates place, and what nobody's text can do to them.

use crate::support::{
    extract_text, refused_problems, render_task, render_template, run_poppler, run_program, run_task, sample_form,
    word_position,
};
use cairn_pdf_protocol::{Answer, FieldBox, Filled, Profile, Task, Value};
use lopdf::{Document, Object};

fn locate_fields(pdf: &[u8]) -> Vec<FieldBox> {
    match run_program(&Task::Locate, &[pdf]).0 {
        Answer::Fields { fields } => fields,
        other => panic!("{other:?}"),
    }
}

/// The fields of templates among those of a PDF.
fn locate_template_fields(pdf: &[u8]) -> Vec<FieldBox> {
    locate_fields(pdf).into_iter().filter(|field| field.name.starts_with('#')).collect()
}

const CONTRACT: &str = "#import \"/cairn.typ\": field
#set page(width: 400pt, height: 300pt, margin: 20pt)
#set text(size: 10pt)
#let data = json(\"/data.json\")
Party: #data.name
#pagebreak()
#v(50pt)
#grid(columns: (200pt, 160pt), [Anchor#linebreak()#field(\"sign:1\", width: 170pt, height: 48pt)], [b#linebreak()#field(\"date:1\")])";

fn render_contract(name: &str, profile: Profile) -> Vec<u8> {
    let data = serde_json::json!({ "name": name }).to_string();
    run_task(&render_task(&["/main.typ", "/data.json"], profile), &[CONTRACT.as_bytes(), data.as_bytes()])
}

#[test]
fn fields_of_templates_are_located_where_they_are() {
    for profile in [Profile::Pdf, Profile::PdfA2b, Profile::PdfA3b] {
        let pdf = render_contract("Ann", profile);
        let fields = locate_fields(&pdf);
        let names: Vec<(&str, u32)> = fields.iter().map(|field| (field.name.as_str(), field.page)).collect();
        assert_eq!(names.len(), 2, "{fields:?}");
        assert!(names.contains(&("#sign:1", 2)) && names.contains(&("#date:1", 2)), "{fields:?}");
        let sign = fields.iter().find(|field| field.name == "#sign:1").unwrap().place;
        assert_eq!((sign.0, sign.2, sign.3), (20.0, 170.0, 48.0), "{sign:?}");
        // Below the line of the anchor, as Poppler sees it.
        let (_, top) = word_position(&pdf, "Anchor");
        assert!(sign.1 > top + 5.0 && sign.1 < top + 25.0, "{top} {sign:?}");
        let date = fields.iter().find(|field| field.name == "#date:1").unwrap().place;
        assert_eq!((date.0, date.2, date.3), (220.0, 160.0, 12.0), "{date:?}");
        assert!(run_poppler("pdfinfo", &[], &pdf).contains("Pages:           2"));
    }
    // The same bytes each time, and those of a template without fields are not touched.
    assert!(render_contract("Ann", Profile::Pdf) == render_contract("Ann", Profile::Pdf));
    assert!(!String::from_utf8_lossy(&render_template("= A")).contains("PieceInfo"));
}

#[test]
fn text_of_data_never_becomes_a_field_of_the_template() {
    let plain = locate_template_fields(&render_contract("Ann", Profile::Pdf));
    for name in [
        "{{text:1:I owe nothing}}",
        "{{sign:2}} {{sign:9}}",
        "{{#sign:9}}",
        "#sign:9",
        "#field(\"sign:9\", height: 9pt)",
        "#metadata((name: \"sign:9\", width: 9, height: 9)) <cairn-field>",
        "] <cairn-field>",
        "/PieceInfo << /Cairn << /Private << /Fields [ << /Name (sign:9) /Rect [0 0 9 9] >> ] >> >> >>",
    ] {
        let pdf = render_contract(name, Profile::Pdf);
        assert_eq!(locate_template_fields(&pdf), plain, "{name}");
    }
    // Texts that people write can still be marks: a caller that takes marks reads text.
    let marked = locate_fields(&render_contract("{{sign:9}}", Profile::Pdf));
    assert!(marked.iter().any(|field| field.name == "sign:9"), "{marked:?}");
}

#[test]
fn fields_of_forms_are_no_fields_of_a_template() {
    let mut document = Document::load_mem(&sample_form(0)).unwrap();
    for object in document.objects.values_mut() {
        if let Object::Dictionary(dict) = object
            && dict.get(b"T").is_ok_and(|name| name.as_str().is_ok_and(|name| name == b"other"))
        {
            dict.set("T", Object::string_literal("#sign:2"));
        }
    }
    let mut form = Vec::new();
    document.save_to(&mut form).unwrap();
    let names: Vec<String> = locate_fields(&form).into_iter().map(|field| field.name).collect();
    assert_eq!(names, ["buyer.name", "agreed"]);
    let fill = |name: &str| vec![Filled { name: name.into(), value: Value::Text("signed".into()) }];
    let problems = refused_problems(&Task::Fill { fields: fill("#sign:2") }, &[&form]);
    assert!(problems[0].message.contains("no field #sign:2"), "{problems:?}");
    // The field of the form still shows its value.
    let text = extract_text(&run_task(&Task::Fill { fields: fill("buyer.name") }, &[&form]));
    assert!(text.contains("signed") && text.contains("shown"), "{text}");
}

#[test]
fn merged_pdfs_retain_the_fields_of_templates() {
    let (contract, quote) = (render_contract("Ann", Profile::Pdf), render_template("= Quote {{sign:1}}"));
    let whole = run_task(&Task::Merge, &[&quote, &contract]);
    let fields = locate_template_fields(&whole);
    assert_eq!(fields.len(), 2, "{fields:?}");
    for field in fields {
        let alone = locate_fields(&contract).into_iter().find(|one| one.name == field.name).unwrap();
        assert_eq!((field.page, field.place), (alone.page + 1, alone.place), "{}", field.name);
    }
}

#[test]
fn fields_of_templates_are_filled_and_gone() {
    let contract = render_contract("Ann", Profile::Pdf);
    let fields = vec![Filled { name: "#date:1".into(), value: Value::Text("28-11-2026".into()) }];
    let filled = run_task(&Task::Fill { fields }, &[&contract]);
    assert!(extract_text(&filled).contains("28-11-2026"));
    let (left, _) = word_position(&filled, "28-11-2026");
    assert!((219.0..230.0).contains(&left), "{left}");
    assert_eq!(locate_fields(&filled), []);
}

#[test]
fn fields_without_a_name_or_a_size_are_refused() {
    for (field, expected) in [
        ("field(\"\", width: 9pt)", "letters"),
        ("field(7)", "must be a text"),
        ("field(\"a\", width: 0pt)", "no size"),
        ("field(\"a\", height: 0pt)", "no size"),
    ] {
        let source = format!("#import \"/cairn.typ\": field\n#{field}");
        let problems = refused_problems(&render_task(&["/main.typ"], Profile::Pdf), &[source.as_bytes()]);
        assert!(problems[0].message.contains(expected), "{field}: {problems:?}");
    }
}
