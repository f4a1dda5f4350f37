//! One person's data: what was signed stays as evidence with its trail, what nobody signed goes, and a draft loses its recipient.

use super::{CONTENT, SigningSite};
use crate::applications::person::{count_records, erase_person, find_source};
use serde_json::{Value as Json, json};

/// The envelopes that there are, by title.
async fn titles(site: &SigningSite) -> Vec<String> {
    let found = site.bart.get(&format!("{CONTENT}envelope?sort=title:asc")).await.expect_status(200);
    found.text_column("title")
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_envelopes_stay_as_evidence_and_all_else_goes() {
    let site = SigningSite::start().await;
    let signed = site.draft(json!({ "title": "A signed" })).await;
    site.send(&signed).await;
    site.sign_as_ann(&signed).await.expect_status(200);
    site.bart.post(&format!("/api/esign/void/{signed}"), json!({ "reason": "Changed" })).await.expect_status(200);
    let unsigned = site.draft(json!({ "title": "B unsigned" })).await;
    site.send(&unsigned).await;
    site.bart.post(&format!("/api/esign/void/{unsigned}"), json!({ "reason": "Changed" })).await.expect_status(200);
    let open = site.draft(json!({ "title": "C open" })).await;
    site.send(&open).await;
    let draft = site.draft(json!({ "title": "D draft" })).await;
    site.server.run_until_idle().await;
    let counted = count_records(&site.server, "esign", "Ann@example.com").await;
    assert_eq!((counted["Envelope"], counted["Recipient"]), (4, 4), "{counted:?}");
    assert!(counted["Entry of the audit trail"] >= 2, "{counted:?}");

    let (erasure, stayed) = erase_person(&site.server, "ann@example.com").await;
    assert!(find_source(&erasure, "esign")["erased"].as_u64().unwrap() > 5, "{erasure}");
    let stayed: Vec<&Json> = stayed.iter().filter(|one| one["source"] == "plugin:esign").collect();
    let facts: Vec<_> = stayed.iter().map(|one| (one["title"].as_str().unwrap(), one["until"].is_string())).collect();
    assert_eq!(facts, [("A signed", true), ("C open", false)], "{stayed:?}");
    assert_eq!(titles(&site).await, ["A signed", "C open", "D draft"]);
    // The trail of what was signed is whole.
    assert!(site.events(&signed).await.contains(&"signed".to_owned()));
    let people: Vec<String> = site.envelope(&draft).await["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|recipient| recipient["email"].as_str().unwrap().to_owned())
        .collect();
    assert!(!people.contains(&"ann@example.com".to_owned()) && people.len() == 2, "{people:?}");
    // Files of an envelope that nobody signed are deleted, also from the trash.
    let trash = site.server.get("/admin/api/assets?trash=true").await;
    assert!(!trash.text().contains("B unsigned"), "{}", trash.text());
}
