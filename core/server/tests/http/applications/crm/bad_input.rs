//! Inquiries, moves and answers that come at the wrong place or moment.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::crm::{CONTENT, PASSWORD, rows, send_inquiry, server_with_crm};
    use crate::applications::{TwoTenants, assert_unknown};
    use crate::plugins::PLUGINS;
    use cairn_testkit::TestClient;
    use chrono::TimeDelta;
    use serde_json::{Value as Json, json};
    use std::collections::BTreeSet;
    use std::time::Duration;

    /// A deal of an inquiry.
    async fn create_deal(public: &TestClient, team: &TestClient) -> (String, String) {
        let lead = send_inquiry(public, "Sanne", "sanne@example.nl").await.expect_status(201);
        let lead = lead.data()["documentId"].as_str().unwrap().to_owned();
        let deal = team.post(&format!("/api/crm/qualify/{lead}"), json!({})).await.expect_status(201);
        let deal = deal.data()["deal"].as_str().unwrap().to_owned();
        (lead, deal)
    }

    async fn find_stage(team: &TestClient, key: &str) -> Json {
        let query = format!("filters[pipeline][key]=bruiloften&filters[key]={key}");
        rows(team, "stage", &query).await[0]["documentId"].clone()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_of_another_tenant_are_unknown() {
        let tenants = TwoTenants::start("crm").await;
        let (ours, public) = (&tenants.ours, tenants.ours.without_token());
        let form = json!({ "key": "bruiloft", "pipeline": "bruiloften", "answer": "full" });
        let values = json!({ "values": { "perMinute": 1000, "forms": [form] } });
        ours.put(&format!("{PLUGINS}/crm/settings"), values).await.expect_status(200);
        let (lead, deal) = create_deal(&public, ours).await;
        let empty = || json!({});
        let decision = json!({ "stage": find_stage(ours, "evaluatie").await, "reason": "Ours" });
        let of_lead = [
            ("POST", "/api/crm/qualify/ID", empty()),
            ("POST", "/api/crm/spam/ID", empty()),
            ("GET", "/admin/api/content/plugin::crm.lead/ID", empty()),
        ];
        let of_deal = [
            ("POST", "/admin/api/plugin-routes/crm/override/ID", decision),
            ("GET", "/admin/api/content/plugin::crm.deal/ID", empty()),
        ];
        assert_unknown(&tenants.theirs, &lead, &of_lead).await;
        assert_unknown(&tenants.theirs, &deal, &of_deal).await;
        let change = json!({ "data": { "title": "Ours" } });
        let of_program = [("GET", "/api/crm/deals/ID", empty()), ("PUT", "/api/crm/deals/ID", change)];
        assert_unknown(&tenants.program, &deal, &of_program).await;
        assert!(rows(&tenants.theirs, "lead", "").await.is_empty());
        assert_eq!(rows(ours, "lead", "").await.len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_of_two_moves_at_once_counts() {
        let server = server_with_crm().await;
        let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
        let eva = server.sign_in_admin("eva@example.com", PASSWORD).await;
        let (_, deal) = create_deal(&server.public_client(), &bart).await;
        let path = format!("{CONTENT}deal/{deal}");
        let seen = bart.get(&path).await.expect_status(200).header("cairn-version").to_owned();
        let (offerte, lead) = (find_stage(&bart, "offerte").await, find_stage(&bart, "nieuwe-lead").await);
        let change = async |client: &TestClient, stage: &Json, reason: &str| {
            let body = json!({ "data": { "stage": { "set": [stage] }, "moveReason": reason } });
            let request = client.request("PUT", &path).header("if-match", format!("\"{seen}\"")).json(&body);
            client.send(request).await
        };
        let (forward, back) = tokio::join!(change(&bart, &offerte, ""), change(&eva, &lead, "A mistake"));
        let statuses = BTreeSet::from([forward.status, back.status]);
        assert_eq!(statuses, BTreeSet::from([200, 409]), "{} {}", forward.text(), back.text());
        server.run_until_idle().await;
        let deals = rows(&bart, "deal", "populate[stage]=true").await;
        assert_eq!(deals[0]["stageHistory"].as_array().unwrap().len(), 2, "{deals:?}");
        let moved = if forward.status == 200 { "offerte" } else { "nieuwe-lead" };
        assert_eq!(deals[0]["stage"]["key"], moved);
        assert_eq!(rows(&bart, "quote", "").await.len(), usize::from(forward.status == 200));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn clock_that_is_set_back_loses_and_repeats_nothing() {
        let server = server_with_crm().await;
        let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
        let public = server.public_client();
        let lead = send_inquiry(&public, "Sanne", "sanne@example.nl").await.expect_status(201);
        let lead = lead.data()["documentId"].as_str().unwrap().to_owned();
        server.run_until_idle().await;
        server.clock.advance(TimeDelta::minutes(-5));
        server.run_until_idle().await;
        // The lead is from five minutes ahead: the same inquiry again is part of it, and another one a lead of its own.
        let again = send_inquiry(&public, "Sanne", "sanne@example.nl").await.expect_status(200);
        assert_eq!(again.data()["result"], "merged", "{}", again.text());
        send_inquiry(&public, "Tom", "tom@example.nl").await.expect_status(201);
        let call = json!({ "data": { "kind": "call", "subject": "Called", "lead": lead } });
        bart.post(&format!("{CONTENT}activity"), call).await.expect_status(201);
        let answered = rows(&bart, "lead", "filters[name]=Sanne").await;
        assert_eq!(
            (&answered[0]["slaState"], &answered[0]["responseSeconds"]),
            (&json!("met"), &json!(0)),
            "{answered:?}"
        );
        // Timers of the answered lead are gone, and those of the other are due two hours after it came.
        server.run_until_idle().await;
        server.advance_clock(Duration::from_secs(2 * 3_600));
        server.run_until_idle().await;
        let states: Vec<Json> =
            rows(&bart, "lead", "sort=name:asc").await.iter().map(|lead| lead["slaState"].clone()).collect();
        assert_eq!(states, ["met", "breached"]);
        let calls = server.get(&format!("{PLUGINS}/crm/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_that_is_switched_off_lets_nothing_through_and_goes_on() {
        let server = server_with_crm().await;
        let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
        let public = server.public_client();
        let (lead, deal) = create_deal(&public, &bart).await;
        send_inquiry(&public, "Tom", "tom@example.nl").await.expect_status(201);
        let gereed = find_stage(&bart, "project-gereed").await;
        server.run_until_idle().await;
        server.post(&format!("{PLUGINS}/crm/disable"), json!({})).await.expect_status(200);

        send_inquiry(&public, "Late", "late@example.nl").await.expect_status(503);
        bart.post(&format!("/api/crm/qualify/{lead}"), json!({})).await.expect_status(503);
        // The rules of the plugin still hold: a deal cannot skip its deposit while nothing checks it.
        let won = json!({ "data": { "stage": { "set": [gereed] } } });
        for client in [&bart, &*server] {
            let refused = client.put(&format!("{CONTENT}deal/{deal}"), won.clone()).await.expect_status(503);
            assert_eq!(refused.details()["code"], "plugin_not_running", "{}", refused.text());
        }
        // Response times go on while the plugin is off.
        server.advance_clock(Duration::from_secs(3 * 3_600));
        server.run_until_idle().await;
        let bart = server.sign_in_admin("bart@example.com", PASSWORD).await;
        let waiting = rows(&bart, "lead", "filters[name]=Tom").await;
        assert_eq!(waiting[0]["slaState"], "running", "{waiting:?}");

        server.post(&format!("{PLUGINS}/crm/enable"), json!({})).await.expect_status(200);
        server.run_until_idle().await;
        let late = rows(&bart, "lead", "filters[name]=Tom").await;
        assert_eq!(late[0]["slaState"], "breached", "{late:?}");
        assert_eq!(rows(&bart, "lead", "").await.len(), 2);
        bart.put(&format!("{CONTENT}deal/{deal}"), won).await.expect_status(400);
        send_inquiry(&public, "Late", "late@example.nl").await.expect_status(201);
        server.run_until_idle().await;
        let mails = server.get("/admin/api/mails?limit=100").await.expect_status(200);
        let to: Vec<&Json> = mails.data().as_array().unwrap().iter().map(|mail| &mail["to"]).collect();
        assert_eq!(to.iter().filter(|to| **to == "tom@example.nl").count(), 1, "{to:?}");
        assert_eq!(to.iter().filter(|to| **to == "late@example.nl").count(), 1, "{to:?}");
    }
}
