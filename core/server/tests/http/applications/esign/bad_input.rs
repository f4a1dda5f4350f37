//! Envelopes and answers that come at the wrong place or moment.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::esign::{CONTENT, SigningSite, build_pdf, create, sealed_pdfs, send_form};
    use crate::applications::{TwoTenants, assert_unknown};
    use chrono::TimeDelta;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[tokio::test(flavor = "multi_thread")]
    async fn ids_of_another_tenant_are_unknown() {
        let tenants = TwoTenants::start("esign").await;
        let ours = &tenants.ours;
        let envelope = create(ours, "envelope", json!({ "title": "Sales contract" })).await;
        let upload = ours.request("PUT", &format!("/api/esign/draft/{envelope}/document?name=contract.pdf"));
        ours.send(upload.header("content-type", "application/pdf").body(build_pdf(1))).await.expect_status(200);
        let empty = || json!({});
        let of_team = [
            ("POST", "/api/esign/send/ID", empty()),
            ("POST", "/api/esign/approve/ID", empty()),
            ("POST", "/api/esign/void/ID", json!({ "reason": "Ours" })),
            ("POST", "/api/esign/extend/ID", empty()),
            ("POST", "/api/esign/remind/ID", empty()),
            ("POST", "/api/esign/retry/ID", empty()),
            ("GET", "/api/esign/audit/ID", empty()),
            ("GET", "/api/esign/draft/ID", empty()),
            ("GET", "/api/esign/draft/ID/page/1", empty()),
            ("PUT", "/api/esign/draft/ID/fields", json!({ "fields": [] })),
            ("GET", "/admin/api/content/plugin::esign.envelope/ID", empty()),
        ];
        assert_unknown(&tenants.theirs, &envelope, &of_team).await;
        let change = json!({ "data": { "title": "Ours" } });
        let of_program = [("GET", "/api/esign/envelopes/ID", empty()), ("PUT", "/api/esign/envelopes/ID", change)];
        assert_unknown(&tenants.program, &envelope, &of_program).await;
        let events = ours.get(&format!("/api/esign/audit/{envelope}")).await.expect_status(200);
        assert_eq!(events.data()["events"], json!([]));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_of_two_decisions_at_once_counts() {
        let site = SigningSite::start().await;
        let envelope = site.draft(json!({})).await;
        let send = format!("/api/esign/send/{envelope}");
        let (one, other) = tokio::join!(site.bart.post(&send, json!({})), site.bart.post(&send, json!({})));
        let statuses = BTreeSet::from([one.status, other.status]);
        assert_eq!(statuses, BTreeSet::from([200, 409]), "{} {}", one.text(), other.text());
        site.server.run_until_idle().await;
        // Signed and withdrawn at the same moment: the trail has one of them.
        let link = site.link("ann@example.com");
        let public = site.server.public_client();
        send_form(&public, &format!("{link}/open"), "").await.expect_status(200);
        let (answers, sign) = (site.ann_answers(&envelope).await, format!("{link}/sign"));
        let (void, reason) = (format!("/api/esign/void/{envelope}"), json!({ "reason": "Wrong price" }));
        let (signed, voided) = tokio::join!(send_form(&public, &sign, &answers), site.bart.post(&void, reason));
        assert_eq!(voided.status, 200, "{}", voided.text());
        site.server.run_until_idle().await;
        let events = site.events(&envelope).await;
        // A signature that came first was given, and one that came second was not.
        let given = events.iter().filter(|event| *event == "signed").count();
        assert_eq!(events.last().map(String::as_str), Some("voided"), "{events:?}");
        assert!(given == 1 || matches!(signed.status, 409 | 410), "{given} {}", signed.text());
        send_form(&public, &sign, &answers).await.expect_status(409);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn clock_that_is_set_back_leaves_the_trail_intact() {
        let site = SigningSite::start().await;
        let envelope = site.draft(json!({})).await;
        site.send(&envelope).await;
        site.server.clock.advance(TimeDelta::hours(-2));
        site.server.run_until_idle().await;
        site.sign_as_ann(&envelope).await.expect_status(200);
        site.server.run_until_idle().await;
        site.server.clock.advance(TimeDelta::minutes(-30));
        site.sign_as_bart().await;
        site.server.run_until_idle().await;
        let done = site.envelope(&envelope).await;
        assert_eq!(done["status"], "completed", "{done}");
        let events = site.events(&envelope).await;
        let expected =
            ["sent", "linkSent", "linkSent", "viewed", "signed", "linkSent", "viewed", "signed", "completed"];
        assert_eq!(events, expected);
        for name in ["ann", "bart", "office"] {
            assert_eq!(sealed_pdfs(&site.receiver.mails_to(&format!("{name}@example.com"))).len(), 1, "{name}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn envelope_of_a_plugin_that_is_off_stays_as_it_was_sent() {
        let site = SigningSite::start().await;
        let envelope = site.draft(json!({})).await;
        site.send(&envelope).await;
        let link = site.link("ann@example.com");
        let public = site.server.public_client();
        send_form(&public, &format!("{link}/open"), "").await.expect_status(200);
        let answers = site.ann_answers(&envelope).await;
        site.server.post("/admin/api/plugins/esign/disable", json!({})).await.expect_status(200);
        for path in ["", "/pdf", "/page/1"] {
            public.get(&format!("{link}{path}")).await.expect_status(503);
        }
        send_form(&public, &format!("{link}/sign"), &answers).await.expect_status(503);
        site.bart.post(&format!("/api/esign/void/{envelope}"), json!({ "reason": "x" })).await.expect_status(503);
        // The plugin is off, so writes are not checked. A change made now is not what the signers agreed to: it is never sealed.
        let changed = json!({ "data": { "title": "Another contract" } });
        let written = site.bart.put(&format!("{CONTENT}envelope/{envelope}"), changed).await;
        site.server.post("/admin/api/plugins/esign/enable", json!({})).await.expect_status(200);
        let signed = send_form(&public, &format!("{link}/sign"), &answers).await;
        let expected = if written.status == 200 { 409 } else { 200 };
        assert_eq!(signed.status, expected, "{} {}", written.text(), signed.text());
    }
}
