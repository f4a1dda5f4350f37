//! The look of the site, as plugins and their templates know it, by the guest `teller`.

use crate::files::upload_file;
use crate::host_functions::call_teller;
use crate::pdf::{inline_request, make_pdf};
use crate::pdf_pages::PIXEL;
use crate::test_project::TestProject;
use cairn_settings::{apply_settings, parse_settings};
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};

async fn set_theme(project: &TestProject, theme: Json) {
    let file = json!({ "theme": theme }).to_string();
    let settings = parse_settings(&file, project.content.registry(), &|_| None).unwrap_or_else(|e| panic!("{e:?}"));
    apply_settings(&project.access, settings).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_and_mail_templates_have_the_look_of_the_site() {
    let project = TestProject::with_guests(&["teller"]).await;
    let look = async || call_teller(&project, json!({ "do": "look" })).await.unwrap();
    let source = "{{site.accent}} {{site.onAccent}} {{#if site.logo}}{{site.logo}}{{else}}none{{/if}} {{site.zone}} {{site.locale}}";
    let rendered = async || {
        let request = json!({ "do": "render", "inline": source, "model": {}, "locale": "nl" });
        call_teller(&project, request).await.unwrap()["text"].take()
    };
    assert_eq!(look().await, json!(["#1f4b99", "#ffffff", null, "UTC", "en"]));
    assert_eq!(rendered().await, "#1f4b99 #ffffff none UTC en");
    let theme = json!({ "accent": "#FFD400", "logo": "/uploads/logo.png", "zone": "Europe/Amsterdam" });
    set_theme(&project, theme).await;
    let logo = "https://example.org/uploads/logo.png";
    assert_eq!(look().await, json!(["#ffd400", "#000000", logo, "Europe/Amsterdam", "en"]));
    assert_eq!(rendered().await, format!("#ffd400 #000000 {logo} Europe/Amsterdam en"));
    set_theme(&project, json!({ "logo": "https://cdn.example.com/logo.svg", "zone": null })).await;
    assert_eq!(look().await, json!(["#ffd400", "#000000", "https://cdn.example.com/logo.svg", "UTC", "en"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pdf_templates_read_the_look_and_draw_the_logo() {
    let project = TestProject::with_guests(&["teller"]).await;
    let source = "#let site = json(\"/site.json\")\n#site.name #site.accent #site.zone #site.logo\n\
                  #if site.logo != none { image(site.logo) }";
    let text = async || make_pdf(&project, inline_request(source)).await.text().trim().to_owned();
    assert_eq!(text().await, "Example #1f4b99 UTC");
    let pixel: Vec<u8> =
        (0..PIXEL.len()).step_by(2).map(|at| u8::from_str_radix(&PIXEL[at..at + 2], 16).unwrap()).collect();
    for (private, expected) in [(false, "Example #1f4b99 UTC /site-logo.png"), (true, "Example #1f4b99 UTC")] {
        let file = upload_file(&project, Actor::public(), private, ("logo.png", "image/png"), &pixel).await;
        let blobs = project.content.store().read(|r| {
            let asset = r.assets().get_many(&[&*file])?.remove(0);
            r.assets().list_blobs(&file, asset.number)
        });
        let name = blobs.unwrap().into_iter().find(|blob| blob.variant.is_empty()).unwrap().name;
        set_theme(&project, json!({ "logo": format!("/uploads/{name}") })).await;
        let pdf = make_pdf(&project, inline_request(source)).await;
        assert_eq!(pdf.text().trim(), expected);
        // A heading of two lines, then one for each picture.
        assert_eq!(pdf.run_poppler("pdfimages", &["-list"]).lines().count(), if private { 2 } else { 3 });
    }
    // A logo of another site is not fetched, and one that is gone is none.
    for logo in ["https://cdn.example.com/logo.png", "/uploads/gone.png"] {
        set_theme(&project, json!({ "logo": logo })).await;
        assert_eq!(text().await, "Example #1f4b99 UTC", "{logo}");
    }
}
