//! Articles that are asked for and changed at the wrong place or moment.

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use crate::applications::kb::{CONTENT, create_space, find_titles, publish_article, sign_in_customer};
    use crate::applications::{TwoTenants, assert_unknown, server_with_plugin};
    use crate::plugins::PLUGINS;
    use cairn_testkit::TestClient;
    use chrono::TimeDelta;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[tokio::test(flavor = "multi_thread")]
    async fn articles_of_another_tenant_are_unknown() {
        let tenants = TwoTenants::start("knowledge-base").await;
        let ours = tenants.server.with_host(crate::tenants::A);
        let space = create_space(&ours, "open", "public").await;
        let article = publish_article(&ours, &space, "Aanbetaling", "Je betaalt 25% vooraf.").await;
        create_space(&tenants.server.with_host(crate::tenants::B), "open", "public").await;
        tenants.server.run_until_idle().await;
        let theirs = tenants.theirs.without_token();
        for path in ["/api/kb/read/aanbetaling?space=open&locale=nl", "/api/kb/help/aanbetaling?space=open&locale=nl"] {
            theirs.get(path).await.expect_status(404);
        }
        assert!(find_titles(&theirs, "aanbetaling").await.is_empty());
        let empty = || json!({});
        let of_team = [
            ("GET", "/admin/api/content/plugin::kb.article/ID", empty()),
            ("POST", "/admin/api/content/plugin::kb.article/ID/actions/unpublish", empty()),
        ];
        assert_unknown(&tenants.theirs, &article, &of_team).await;
        let change = json!({ "data": { "title": "Ours" } });
        let of_program = [("GET", "/api/kb/articles/ID", empty()), ("PUT", "/api/kb/articles/ID", change)];
        assert_unknown(&tenants.program, &article, &of_program).await;
        ours.without_token().get("/api/kb/read/aanbetaling?space=open&locale=nl").await.expect_status(200);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_of_two_changes_at_once_counts() {
        let server = server_with_plugin("knowledge-base").await;
        let space = create_space(&server, "open", "public").await;
        let article = publish_article(&server, &space, "Licht huren", "Zo huur je licht.").await;
        let path = format!("{CONTENT}article/{article}");
        let seen = server.get(&path).await.expect_status(200).header("cairn-version").to_owned();
        let rename = async |client: &TestClient, title: &str| {
            let body = json!({ "data": { "title": title } });
            let request = client.request("PUT", &path).header("if-match", format!("\"{seen}\"")).json(&body);
            client.send(request).await
        };
        let (one, other) = tokio::join!(rename(&server, "Lampen huren"), rename(&server, "Spots huren"));
        let statuses = BTreeSet::from([one.status, other.status]);
        assert_eq!(statuses, BTreeSet::from([200, 409]), "{} {}", one.text(), other.text());
        // Two visitors who vote at once, each twice, are two votes.
        let (ann, tom) = (sign_in_customer(&server, "ann").await, sign_in_customer(&server, "tom").await);
        let vote = "/api/kb/read/licht-huren/vote?space=open&locale=nl";
        let helpful = || json!({ "helpful": true });
        let votes = tokio::join!(
            ann.post(vote, helpful()),
            tom.post(vote, helpful()),
            ann.post(vote, helpful()),
            tom.post(vote, helpful())
        );
        for vote in [votes.0, votes.1, votes.2, votes.3] {
            vote.expect_status(200);
        }
        let feedback = server.get(&format!("{CONTENT}feedback")).await.expect_status(200);
        assert_eq!(feedback.body["meta"]["pagination"]["total"], 2, "{}", feedback.text());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn clock_that_is_set_back_hides_nothing() {
        let server = server_with_plugin("knowledge-base").await;
        let space = create_space(&server, "open", "public").await;
        publish_article(&server, &space, "Licht huren", "Zo huur je licht.").await;
        server.run_until_idle().await;
        server.clock.advance(TimeDelta::days(-2));
        let public = server.public_client();
        assert_eq!(find_titles(&public, "licht").await, ["Licht huren"]);
        publish_article(&server, &space, "Geluid huren", "Zo huur je geluid.").await;
        server.run_until_idle().await;
        assert_eq!(find_titles(&public, "geluid").await, ["Geluid huren"]);
        let calls = server.get(&format!("{PLUGINS}/kb/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn plugin_that_is_switched_off_answers_nobody_and_goes_on() {
        let server = server_with_plugin("knowledge-base").await;
        let space = create_space(&server, "open", "public").await;
        publish_article(&server, &space, "Licht huren", "Zo huur je licht.").await;
        server.run_until_idle().await;
        let public = server.public_client();
        server.post(&format!("{PLUGINS}/kb/disable"), json!({})).await.expect_status(200);
        for path in
            ["search?locale=nl&q=licht", "suggest?locale=nl&q=licht", "read/licht-huren?locale=nl", "help?locale=nl"]
        {
            public.get(&format!("/api/kb/{path}")).await.expect_status(503);
        }
        // Articles cannot be written past the rules of the plugin: they would have neither a slug nor a place in the index.
        let made = json!({ "title": "Geluid huren", "body": "x", "language": "nl", "slug": "geluid-huren", "space": { "set": [space] } });
        server.post(&format!("{CONTENT}article"), json!({ "data": made })).await.expect_status(503);
        server.post(&format!("{PLUGINS}/kb/enable"), json!({})).await.expect_status(200);
        publish_article(&server, &space, "Geluid huren", "Zo huur je geluid.").await;
        server.run_until_idle().await;
        public.get("/api/kb/search?locale=nl&q=licht").await;
        let calls = server.get(&format!("{PLUGINS}/kb/calls")).await.expect_status(200);
        assert_eq!(calls.data(), &json!([]), "a call failed");
        assert_eq!(find_titles(&public, "licht").await, ["Licht huren"]);
        assert_eq!(find_titles(&public, "geluid").await, ["Geluid huren"]);
    }
}
