//! One person's data: a lead, a contact and a deal go or lose their name, and a quote that was sent stays.

use super::quotes::{offer, press, quotes_of, server_that_sends_quotes};
use super::{PASSWORD, rows};
use crate::applications::person::{count_records, erase_person, find_source};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn people_are_erased_and_their_quotes_stay_for_the_tax_authority() {
    let (server, _receiver) = server_that_sends_quotes().await;
    let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
    let deal = offer(&server, &bart, "Sanne de Vries", "Sanne@example.nl").await;
    let tom = offer(&server, &bart, "Tom Bakker", "tom@example.nl").await;
    let quote = quotes_of(&bart, &deal).await[0]["documentId"].as_str().unwrap().to_owned();
    press(&bart, "send", &quote, json!({})).await.expect_status(200);
    server.run_until_idle().await;
    let counted = count_records(&server, "crm", "SANNE@example.nl").await;
    for kind in ["Contact", "Lead", "Deal", "Quote"] {
        assert_eq!(counted.get(kind), Some(&1), "{counted:?}");
    }
    assert!(counted["Activity"] >= 1, "{counted:?}");

    let (erasure, stayed) = erase_person(&server, "sanne@example.nl").await;
    assert!(find_source(&erasure, "crm")["erased"].as_u64().unwrap() >= 4, "{erasure}");
    let quotes: Vec<_> = stayed.iter().filter(|one| one["source"] == "plugin:crm").collect();
    assert_eq!(quotes.len(), 1, "{stayed:?}");
    assert_eq!((&quotes[0]["kind"], &quotes[0]["until"]), (&json!("Quote"), &json!("2034-01-01T00:00:00.000Z")));
    assert!(quotes[0]["reason"].as_str().unwrap().contains("tax authority"), "{stayed:?}");
    // The quote is as it was sent; everything else about her is gone, and nothing about anybody else.
    let sent = rows(&bart, "quote", "filters[status]=sent").await;
    assert_eq!(
        (sent.len(), &sent[0]["documentId"], &sent[0]["sentTo"]),
        (1, &json!(quote), &json!("Sanne@example.nl"))
    );
    for (name, left) in [("lead", 1), ("contact", 1), ("contact-key", 1)] {
        assert_eq!(rows(&bart, name, "").await.len(), left, "{name}");
    }
    let deals = rows(&bart, "deal", "populate[contact]=true&sort=title:asc").await;
    let anonymous = deals.iter().find(|deal| deal["documentId"] != tom.as_str()).unwrap();
    assert_eq!((deals.len(), &anonymous["title"], &anonymous["contact"]), (2, &json!("Erased"), &json!(null)));
    let counted = count_records(&server, "crm", "sanne@example.nl").await;
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("Quote".to_owned(), 1)]);
    assert_eq!(count_records(&server, "crm", "tom@example.nl").await["Contact"], 1);
    // The history of what lost its name does not have it either.
    let path =
        format!("/admin/api/history?type=plugin::crm.deal&documentId={}", anonymous["documentId"].as_str().unwrap());
    assert_eq!(server.get(&path).await.expect_status(200).data(), &json!([]));
}
