//! Envelopes that end otherwise, and those that wait for what an operator has to do.

use super::{CONTENT, SigningSite, build_pdf, create, get_page, run_on, sealed_pdfs, send_form};
use cairn_testkit::TestResponse;
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn declined_and_voided_envelopes_close_their_links() {
    let site = SigningSite::start().await;
    let public = site.server.public_client();
    let declined = site.draft(json!({ "senderEmail": "sender@example.com" })).await;
    site.send(&declined).await;
    let link = site.link("ann@example.com");
    let asked = send_form(&public, &format!("{link}/decline"), "reason=+").await.expect_status(400);
    assert!(asked.text().contains("Geef aan waarom"), "{}", asked.text());
    let decline = format!("{link}/decline");
    let (one, two) =
        tokio::join!(send_form(&public, &decline, "reason=Te+duur"), send_form(&public, &decline, "reason=Te+duur"),);
    // Clients of both requests are redirected to the page, which says that the envelope has ended.
    assert_eq!([one.status, two.status], [410, 410], "{}", one.text());
    site.server.run_until_idle().await;
    let told = site.receiver.mails_to("sender@example.com");
    assert_eq!((told.len(), told[0].text().contains("Te duur")), (1, true), "{told:?}");
    assert_eq!(site.events(&declined).await, ["sent", "linkSent", "linkSent", "declined"]);
    send_form(&public, &format!("{link}/sign"), "typed=Ann&consent=yes").await.expect_status(409);

    let voided = site.draft(json!({})).await;
    site.send(&voided).await;
    let link = site.link("ann@example.com");
    send_form(&public, &format!("{link}/open"), "").await.expect_status(200);
    site.bart.post(&format!("/api/esign/void/{voided}"), json!({})).await.expect_status(400);
    site.bart.post(&format!("/api/esign/void/{voided}"), json!({ "reason": "Wrong price" })).await.expect_status(200);
    site.server.run_until_idle().await;
    get_page(&public, &link).await.expect_status(410);
    public.get(&format!("{link}/page/1")).await.expect_status(404);
    send_form(&public, &format!("{link}/sign"), "typed=Ann&consent=yes").await.expect_status(409);
    let told = site.receiver.mails_to("ann@example.com");
    assert!(told.iter().any(|mail| mail.text().contains("Wrong price")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_that_cannot_be_signed_are_refused_with_the_reason() {
    let site = SigningSite::start().await;
    let envelope = create(&site.bart, "envelope", json!({ "title": "Odd" })).await;
    let plain = build_pdf(1);
    let encrypt = ["--encrypt", "geheim", "geheim", "256", "--"];
    let encrypted = std::env::temp_dir().join(format!("esign-{}.pdf", std::process::id()));
    run_on(&plain, "qpdf", &encrypt, &[encrypted.to_str().unwrap()]);
    let bytes = std::fs::read(&encrypted).unwrap();
    std::fs::remove_file(encrypted).unwrap();
    for (pdf, words) in [(bytes, "password"), (build_pdf(0), "no pages")] {
        let upload = site.bart.request("PUT", &format!("/api/esign/draft/{envelope}/document"));
        let upload = upload.header("content-type", "application/pdf").body(pdf);
        check_refusal(&site.bart.send(upload).await, words);
    }
    // A file chosen by hand from the media library stops the envelope from being sent.
    let large = [plain.as_slice(), &vec![b'%'; 9 << 20]].concat();
    let file = site.server.upload_file("large.pdf", "application/pdf", &large).await.expect_status(201);
    let chosen = json!({ "data": { "document": file.body[0]["id"] } });
    site.bart.put(&format!("{CONTENT}envelope/{envelope}"), chosen).await.expect_status(200);
    site.server.run_until_idle().await;
    assert_eq!(site.envelope(&envelope).await["documentProblem"], "too-large");
    check_refusal(&site.bart.post(&format!("/api/esign/send/{envelope}"), json!({})).await, "larger than 8 MB");
}

fn check_refusal(response: &TestResponse, words: &str) {
    assert_eq!(response.status, 400, "{words}: {}", response.text());
    let problem = &response.details()["errors"][0];
    assert_eq!(problem["path"], json!(["document"]), "{}", response.text());
    assert!(problem["message"].as_str().unwrap().contains(words), "{words}: {}", response.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn envelope_waits_for_its_seal_and_for_a_plugin_that_is_off() {
    let site = SigningSite::start().await;
    let envelope = site.draft(json!({})).await;
    site.send(&envelope).await;
    // A missing key stops further envelopes, and people who can import one are notified of those that are out.
    let another = site.draft(json!({})).await;
    site.server.delete("/admin/api/seal-profiles/contracts").await.expect_status(204);
    let refused = site.bart.post(&format!("/api/esign/send/{another}"), json!({})).await.expect_status(409);
    assert!(refused.text().contains("has not imported a key"), "{}", refused.text());
    let root = site.server.super_admin().await;
    // In steps, so that nobody is signed out.
    for _ in 0..4 {
        site.server.advance_clock(Duration::from_secs(6 * 3_600));
        site.server.run_until_idle().await;
        site.envelope(&envelope).await;
        root.get("/admin/api/me").await.expect_status(200);
    }
    let notices = root.get("/admin/api/notifications").await;
    assert!(notices.text().contains("cannot be sealed"), "{}", notices.text());
    let signed = site.sign_as_ann(&envelope).await.expect_status(200);
    assert!(signed.text().contains("Je hebt getekend op"), "{}", signed.text());
    site.server.run_until_idle().await;

    // The plugin is switched off in the middle: nothing is lost.
    let link = site.link("bart@example.com");
    let public = site.server.public_client();
    site.server.post("/admin/api/plugins/esign/disable", json!({})).await.expect_status(200);
    get_page(&public, &link).await.expect_status(503);
    site.server.post("/admin/api/plugins/esign/enable", json!({})).await.expect_status(200);
    get_page(&public, &link).await.expect_status(200);
    site.sign_as_bart().await;

    // The profile to seal with is missing: the team reads what to do, and the signers get nothing half done.
    let waiting = site.envelope(&envelope).await;
    assert_eq!(waiting["status"], "completing", "{waiting}");
    assert!(waiting["problem"].as_str().unwrap().contains("contracts"), "{waiting}");
    assert!(sealed_pdfs(&site.receiver.mails_to("ann@example.com")).is_empty());
    site.import_seal().await;
    site.server.advance_clock(Duration::from_secs(2 * 3_600));
    site.server.run_until_idle().await;
    let done = site.envelope(&envelope).await;
    assert_eq!((&done["status"], &done["problem"]), (&json!("completed"), &serde_json::Value::Null), "{done}");
    assert_eq!(sealed_pdfs(&site.receiver.mails_to("ann@example.com")).len(), 1);
}
