//! Vehicles that are asked for at the wrong place.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::portal::CONTENT;
    use crate::applications::{TwoTenants, assert_unknown};
    use serde_json::json;

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_of_another_tenant_are_unknown() {
        let tenants = TwoTenants::start("portal").await;
        let order = json!({ "orderNo": "1", "title": "Ours", "owner": { "email": "anna@example.com" } });
        let sent = tenants.ours.post("/api/portal/orders", order.clone()).await.expect_status(201);
        let vehicle = sent.data()["vehicle"].as_str().unwrap().to_owned();
        let by_id = [
            ("GET", "/admin/api/content/plugin::portal.vehicle/ID", json!({})),
            ("PUT", "/admin/api/content/plugin::portal.vehicle/ID", json!({ "data": { "title": "Theirs" } })),
        ];
        assert_unknown(&tenants.theirs, &vehicle, &by_id).await;
        assert_unknown(&tenants.program, &vehicle, &[("GET", "/api/portal/vehicles/ID", json!({}))]).await;
        // The same number there is another order.
        let report = json!({ "id": "1", "orderNo": "1", "step": "ontwerp", "state": "done" });
        tenants.program.post("/api/portal/steps", report).await.expect_status(404);
        tenants.program.post("/api/portal/orders", order).await.expect_status(201);
        let kept = tenants.ours.get(&format!("{CONTENT}vehicle/{vehicle}")).await.expect_status(200);
        assert_eq!((&kept.data()["title"], &kept.data()["step"]), (&json!("Ours"), &json!("ontwerp")));
    }
}
