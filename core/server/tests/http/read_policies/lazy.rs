//! Plugins that a request calls: those with a policy for what it can show.

use super::PolicyFixture;
use serde_json::json;

impl PolicyFixture {
    /// How often the plugin was asked.
    async fn policy_calls(&self) -> u64 {
        let plugin = self.server.get("/admin/api/plugins/policy").await.expect_status(200);
        let calls = plugin.data()["health"]["calls"].as_array().unwrap().clone();
        calls.iter().filter(|call| call["export"] == "policy").filter_map(|call| call["calls"].as_u64()).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_run_only_for_types_a_request_can_return() {
    let aviary = PolicyFixture::new().await;
    let before = aviary.policy_calls().await;
    // Routes of a plugin that use nothing, or only the plugin's own rights; a page whose type has no policy and that populates nothing.
    let public = aviary.server.public_client();
    public.get("/api/allow/read-notes").await.expect_status(200);
    public.get("/api/allow/sleep?ms=1").await;
    public.get("/api/home").await.expect_status(200);
    public.get("/api/i18n/locales").await.expect_status(200);
    assert_eq!(aviary.policy_calls().await, before);
    // The same where they reach one.
    public.get("/api/home?populate=note").await.expect_status(200);
    assert_eq!(aviary.policy_calls().await, before + 1);
    // A route that reads as whoever asks: for the one type that it reads.
    public.get("/api/allow/read-notes?rights=caller").await.expect_status(200);
    assert_eq!(aviary.policy_calls().await, before + 2);
    for _ in 0..10 {
        public.get("/api/allow/read-notes?rights=caller").await.expect_status(200);
    }
    assert_eq!(aviary.policy_calls().await, before + 2);
}

/// Every list first asks for the policy of its own type, and then, only where its plan reaches another, for the others.
#[tokio::test(flavor = "multi_thread")]
async fn lists_by_their_own_fields_ask_only_for_the_policy_of_their_type() {
    let aviary = PolicyFixture::new().await;
    let own = [
        "",
        "?sort=title:desc,createdAt",
        "?sort[0]=title&sort[1]=documentId:asc&pagination[pageSize]=2",
        "?filters[title][$contains]=plain&filters[id][$gt]=0",
        "?filters[$or][0][title]=a&filters[$or][1][$not][body][$null]=true&fields[0]=title",
        // Related entries of the same type, and a text in the entries themselves.
        "?filters[$and][0][$not][related][title]=a",
        "?filters[box][note][title]=a",
        "?_q=plain",
    ];
    let leading = [
        "?sort=title,owner.username",
        "?sort[0][owner][username]=asc",
        "?filters[owner][username]=ann",
        "?filters[files][name]=plain.txt",
        "?populate=owner",
    ];
    for (n, query) in leading.into_iter().enumerate() {
        // The user is new, so their policies have not been requested yet.
        let name = format!("reader{n}");
        aviary.server.add_user(&name, "authenticated", json!({})).await;
        let credentials = json!({ "identifier": name, "password": "Passw0rd!" });
        let session = aviary.server.public_client().post("/api/auth/local", credentials).await.expect_status(200);
        let reader = aviary.server.with_token(session.body["jwt"].as_str().unwrap());
        let before = aviary.policy_calls().await;
        for query in own {
            let list = reader.get(&format!("/api/notes{query}")).await.expect_status(200);
            assert!(!list.body.to_string().contains("canary"), "{query}: {}", list.body);
        }
        assert_eq!(aviary.policy_calls().await, before + 1, "own fields");
        reader.get(&format!("/api/notes{query}")).await.expect_status(200);
        assert_eq!(aviary.policy_calls().await, before + 2, "{query}");
    }
}
