//! One person's data: a journey stays without a name, so that what was only for it is shown to nobody.

use super::{CONTENT, JourneyFixture};
use crate::applications::person::{count_records, erase_person, find_source};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn journeys_lose_their_customer_and_show_their_content_to_nobody() {
    let fixture = JourneyFixture::new().await;
    fixture.publish_item("Photos of Anna's car", "orderbevestiging", Some("anna")).await;
    let counted = count_records(&fixture.server, "journey", "ANNA@example.com").await;
    assert_eq!((counted["Journey"], counted["Phase"]), (1, 1), "{counted:?}");
    let journey = fixture.journey("anna").to_owned();
    let (erasure, _) = erase_person(&fixture.server, "anna@example.com").await;
    assert!(find_source(&erasure, "journey")["erased"].as_u64().unwrap() >= 2, "{erasure}");
    assert!(count_records(&fixture.server, "journey", "anna@example.com").await.is_empty());
    let path = format!("{CONTENT}journey/{journey}?populate=*");
    let left = fixture.manager.get(&path).await.expect_status(200).data().clone();
    assert_eq!(
        (&left["title"], &left["status"], &left["customer"]),
        (&json!("Erased"), &json!("cancelled"), &json!(null)),
        "{left}"
    );
    for kind in ["slot", "notice"] {
        let path = format!("{CONTENT}{kind}?filters[journey][documentId]={journey}");
        assert_eq!(fixture.manager.get(&path).await.expect_status(200).data(), &json!([]), "{kind}");
    }
    // The others go on, and see nothing of hers: not even somebody who is in her phase.
    fixture.move_to("bram", "orderbevestiging", "Back to the start").await.expect_status(200);
    let seen = fixture.content_of("bram").await;
    assert!(!seen.contains("Photos of Anna's car"), "{seen:?}");
    fixture.server.advance_clock(super::DAY * 60);
    fixture.server.run_until_idle().await;
    fixture.assert_no_call_failed().await;
}
