//! Plugins that a request calls: those with a policy for what it can show.

use super::PolicyFixture;

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
