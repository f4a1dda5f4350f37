//! Requests that come at once, and again.

use super::{CONTENT, PortalFixture};
use futures_util::future::join_all;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_at_once_counts_once() {
    let fixture = PortalFixture::new().await;
    let anna = fixture.add_customer("anna").await;

    // Eight copies of an order create one vehicle and one access.
    let answers = join_all((0..8).map(|_| fixture.order("F22-1", "anna"))).await;
    let new = answers.iter().filter(|answer| answer.status == 201).count();
    let known = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!((new, known), (1, 7), "{:?}", answers.iter().map(|answer| answer.text()).collect::<Vec<_>>());
    fixture.server.run_until_idle().await;
    let root = fixture.server.super_admin().await;
    for kind in ["vehicle", "access"] {
        let rows = root.get(&format!("{CONTENT}{kind}")).await.expect_status(200);
        assert_eq!(rows.data().as_array().unwrap().len(), 1, "{kind}: {}", rows.text());
    }
    let vehicle = answers[0].data()["vehicle"].as_str().unwrap().to_owned();

    // Six payments of 300 do not fit into a contract of 1,000, but three do.
    let payment = json!({ "data": { "vehicle": [vehicle], "title": "Part", "amount": 300, "dueOn": "2026-12-01" } });
    let path = format!("{CONTENT}payment");
    let answers = join_all((0..6).map(|_| root.post(&path, payment.clone()))).await;
    let stored = answers.iter().filter(|answer| answer.status == 201).count();
    let refused = answers.iter().filter(|answer| answer.status == 400).count();
    assert_eq!((stored, refused), (3, 3), "{:?}", answers.iter().map(|answer| answer.text()).collect::<Vec<_>>());

    // Six copies of a report count once, and so do six ratings.
    let report = json!({ "id": "mes-1", "orderNo": "F22-1", "step": "ontwerp", "state": "done" });
    let answers = join_all((0..6).map(|_| fixture.server.post("/api/portal/steps", report.clone()))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 202).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
    let answers = join_all((0..6).map(|n| fixture.rate(&anna, &vehicle, if n % 2 == 0 { "a" } else { "b" }))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 5);
    let rows = root.get(&format!("{CONTENT}rating")).await.expect_status(200);
    assert_eq!(rows.data().as_array().unwrap().len(), 1, "{}", rows.text());
    fixture.assert_no_call_failed().await;
}
