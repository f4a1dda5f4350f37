//! PDFs that plugins inspect, draw and write on, by the guest `teller`.

use crate::pdf::{call_teller, inline_request, make_pdf};
use crate::test_project::{TestProject, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_package::Grants;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// Two pages of different sizes.
const SOURCE: &str = "#set page(width: 200pt, height: 100pt, margin: 20pt)\nOne\n#pagebreak()\n#set page(width: 100pt, height: 200pt)\nTwo";

/// A picture of one red pixel.
pub(crate) const PIXEL: &str = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301\
                     0100c9fe92ef0000000049454e44ae426082";

async fn keep_picture(project: &TestProject) -> Json {
    let request = json!({ "do": "keep-bytes", "name": "red.png", "type": "image/png", "hex": PIXEL });
    call_teller(project, request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pdfs_are_inspected_with_page_sizes_and_hash() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pdf = make_pdf(&project, inline_request(SOURCE)).await;
    let found = call_teller(&project, json!({ "do": "inspect", "file": pdf.id })).await.unwrap();
    let sha256 = Sha256::digest(project.read_file(&pdf.id)).to_vec();
    assert_eq!(
        found,
        json!({ "pages": [[200.0, 100.0], [100.0, 200.0]], "sha256": sha256, "form": "FormKind::None", "signatures": 0, "final": false })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_drawn_into_files_of_the_plugin() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pdf = make_pdf(&project, inline_request(SOURCE)).await;
    let request = json!({ "do": "draw", "file": pdf.id, "page": 2, "width": 150 });
    let picture = call_teller(&project, request).await.unwrap();
    let bytes = project.read_file(picture.as_str().unwrap());
    let size = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    assert!(bytes.starts_with(b"\x89PNG"));
    assert_eq!((size(16), size(20)), (150, 300));
    // The picture can be put into another PDF, as every file of the plugin.
    let values = json!([{ "page": 1, "box": [100, 0, 50, 100], "value": { "image": picture } }]);
    make_pdf(&project, json!({ "do": "place", "file": pdf.id, "values": values })).await;
    for (page, width, expected) in [
        (0, 100, "page: the PDF has no page 0: its pages are 1 to 2"),
        (3, 100, "page: the PDF has no page 3"),
        (1, 15, "width: a picture has a width of 16 to 2000 pixels"),
        (1, 2_001, "width: "),
    ] {
        let request = json!({ "do": "draw", "file": pdf.id, "page": page, "width": width });
        let message = call_teller(&project, request).await.unwrap_err();
        assert!(message.contains(expected), "{page} {width}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_placed_on_pages() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pdf = make_pdf(&project, inline_request(SOURCE)).await;
    let picture = keep_picture(&project).await;
    // More of them than a call may name files: the picture is sent once.
    let mut values = vec![json!({ "page": 1, "box": [20, 60, 150, 20], "value": { "image": picture } }); 120];
    values.push(json!({ "page": 2, "box": [10, 150, 80, 20], "value": "Zoë €5" }));
    values.push(json!({ "page": 2, "box": [10, 180, 10, 10], "value": true }));
    let placed = make_pdf(&project, json!({ "do": "place", "file": pdf.id, "values": values })).await;
    assert!(placed.text().contains("Zoë €5"), "{}", placed.text());
    assert_eq!(placed.info("Pages"), "2");
    assert_eq!(call_teller(&project, json!({ "do": "inspect", "file": pdf.id })).await.unwrap()["pages"][1][1], 200.0);
    for (value, expected) in [
        (json!({ "page": 3, "box": [0, 0, 10, 10], "value": "x" }), "values[1].page: the PDF has no page 3"),
        (
            json!({ "page": 1, "box": [195, 0, 10, 10], "value": "x" }),
            "values[1].box: 195, 0, 10 × 10 is not on the page",
        ),
        (json!({ "page": 1, "box": [0, 0, 0, 10], "value": "x" }), "values[1].box: width and height must be above 0"),
        (json!({ "page": 1, "box": [null, 0, 10, 10], "value": "x" }), "values[1].box: left, top, width and height"),
        (json!({ "page": 1, "box": [0, 0, 10, 10], "value": { "image": "nobody" } }), "not found"),
        (json!({ "page": 1, "box": [0, 0, 10, 10], "value": "x".repeat(10_001) }), "values[1].value: a text can have"),
    ] {
        let values = json!([{ "page": 1, "box": [0, 0, 10, 10], "value": "good" }, value]);
        let request = json!({ "do": "place", "file": pdf.id, "values": values });
        let message = call_teller(&project, request).await.unwrap_err();
        assert!(message.contains(expected), "{value}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_pdfs_are_drawn_but_not_written_on() {
    let project = TestProject::with_guests(&["teller"]).await;
    let sealed = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/tests/seals/sealed.pdf")).unwrap();
    let hex: String = sealed.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = json!({ "do": "keep-bytes", "name": "sealed.pdf", "type": "application/pdf", "hex": hex });
    let file = call_teller(&project, request).await.unwrap();
    let found = call_teller(&project, json!({ "do": "inspect", "file": file })).await.unwrap();
    assert!(found["signatures"].as_u64().unwrap() >= 1 && found["form"] == "FormKind::AcroForm", "{found}");
    call_teller(&project, json!({ "do": "draw", "file": file, "page": 1, "width": 100 })).await.unwrap();
    let message = call_teller(&project, json!({ "do": "place", "file": file, "values": [] })).await.unwrap_err();
    assert!(message.contains("file is signed"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn page_functions_require_a_grant_and_a_pdf() {
    let project = TestProject::with_guests(&["teller"]).await;
    let request =
        json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7 and nothing" });
    let garbage = call_teller(&project, request).await.unwrap();
    let requests = |file: &Json| {
        [
            json!({ "do": "inspect", "file": file }),
            json!({ "do": "draw", "file": file, "page": 1, "width": 100 }),
            json!({ "do": "place", "file": file, "values": [] }),
        ]
    };
    for request in requests(&garbage) {
        let message = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(message.starts_with("invalid: ") && message.contains("cannot be read"), "{request}: {message}");
    }
    for request in requests(&json!("nobody")) {
        assert!(call_teller(&project, request).await.unwrap_err().starts_with("not found"));
    }
    let installed = installed_guest("teller");
    let filter = installed.grants.list().iter().filter(|g| g.scope.capability().as_str() != "pdf.fill");
    let grants = Grants::from(filter.cloned().collect::<Vec<_>>());
    let ran = project.plugins.replace_running(vec![InstalledPlugin { grants, number: 2, ..installed }]);
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    for request in requests(&garbage) {
        let message = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(message.starts_with("denied: pdf.fill is not granted"), "{request}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_of_templates_are_located_and_texts_of_people_are_none() {
    let project = TestProject::with_guests(&["teller"]).await;
    let source = "#import \"/cairn.typ\": field\n#set page(width: 200pt, height: 100pt, margin: 20pt)\n#json(\"/data.json\").name\n\n\
                  #field(\"sign:1\", width: 90pt, height: 30pt)";
    let mut request = inline_request(source);
    request["model"] = json!({ "name": "{{sign:2}} #sign:3" });
    let pdf = make_pdf(&project, request).await;
    let fields = call_teller(&project, json!({ "do": "locate", "file": pdf.id })).await.unwrap();
    let of_template: Vec<&Json> =
        fields.as_array().unwrap().iter().filter(|field| field[0].as_str().unwrap().starts_with('#')).collect();
    assert_eq!(of_template.len(), 1, "{fields}");
    assert_eq!((&of_template[0][0], &of_template[0][1]), (&json!("#sign:1"), &json!(1)));
    assert_eq!((&of_template[0][2][2], &of_template[0][2][3]), (&json!(90.0), &json!(30.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_take_too_much_are_refused_with_their_reason() {
    let project = TestProject::with_guests(&["teller"]).await;
    let nested =
        [b"%PDF-1.7\n1 0 obj\n".to_vec(), b"[".repeat(5_000), b"]".repeat(5_000), b"\nendobj\n".to_vec()].concat();
    let hex: String = nested.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = json!({ "do": "keep-bytes", "name": "a.pdf", "type": "application/pdf", "hex": hex });
    let file = call_teller(&project, request).await.unwrap();
    for request in [
        json!({ "do": "inspect", "file": file }),
        json!({ "do": "locate", "file": file }),
        json!({ "do": "draw", "file": file, "page": 1, "width": 100 }),
        json!({ "do": "merge", "files": [file], "name": "b.pdf" }),
        json!({ "do": "place", "file": file, "values": [] }),
        json!({ "do": "verify", "file": file }),
    ] {
        let message = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(message.starts_with("invalid: ") && message.contains("too complex to be read"), "{request}: {message}");
    }
}
