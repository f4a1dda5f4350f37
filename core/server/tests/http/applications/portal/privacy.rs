//! One person's data: nothing of a customer who was erased is left but what accounts are kept for, and that has no name.

use super::PortalFixture;
use crate::applications::person::{count_records, erase_person, find_source};

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_erased_but_for_their_accounts() {
    let fixture = PortalFixture::new().await;
    let (anna, bram) = (fixture.add_customer("anna").await, fixture.add_customer("bram").await);
    let (annas, brams) = (fixture.add_vehicle("anna").await, fixture.add_vehicle("bram").await);
    fixture.rate(&anna, &annas.id, "MARK-anna says").await.expect_status(201);
    fixture.rate(&bram, &brams.id, "MARK-bram says").await.expect_status(201);
    let counted = count_records(&fixture.server, "portal", "ANNA@example.com").await;
    assert_eq!(counted.values().sum::<u64>(), 8, "{counted:?}");
    let (erasure, stayed) = erase_person(&fixture.server, "anna@example.com").await;
    assert!(find_source(&erasure, "portal")["erased"].as_u64().unwrap() >= 8, "{erasure}");
    let kinds: Vec<&str> = stayed.iter().filter_map(|record| record["kind"].as_str()).collect();
    assert!(kinds.contains(&"Document") && kinds.contains(&"Payment"), "{stayed:?}");
    assert!(count_records(&fixture.server, "portal", "anna@example.com").await.is_empty());
    // The number of a contract is kept with it; the file is the maker's own.
    let texts: Vec<(String, String)> = fixture.server.dump_content().await;
    for (name, text) in texts.iter().filter(|(name, _)| name.contains("portal")) {
        let text = text.replace("\"number\":\"MARK-anna\"", "").replace("MARK-anna.txt", "");
        assert!(!text.contains("anna@example.com") && !text.contains("MARK-anna says"), "{name}: {text}");
    }
    // Data of other customers stays.
    let counted = count_records(&fixture.server, "portal", "bram@example.com").await;
    assert_eq!(counted.values().sum::<u64>(), 8, "{counted:?}");
    let me = bram.get("/api/portal/me").await.expect_status(200);
    assert_eq!(me.data()["timeline"].as_array().unwrap().len(), 1, "{}", me.text());
    fixture.assert_no_call_failed().await;
}
