//! Services elsewhere, mails and chance, as tests say and see them.

use crate::{HOST, load_example, load_plugin, root, run_text};
use cairn_plugin_test::{
    HarnessOptions, RequestCaller, Service, TestCaller, TestHarness, TestPlugin, TestRequest, TestResponse,
};
use serde_json::{Value as Json, json};

const NEWS: &str = r#"
settings = { minimumWords = 3 }
secrets = { service-key = "sesame-42" }

[[step]]
create = "api::news.news"
query = "status=draft"
data = { title = "New factory", body = "We open a second factory." }
as = "news"

[[step]]
publish = "api::news.news"
id = "{news}"
"#;

async fn run_enrich(steps: &str) -> Result<(), String> {
    run_text(&load_example("enrich"), &format!("{NEWS}{steps}"), false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_without_a_fake_service_are_reported() {
    let message = run_enrich("[[step]]\nrows = \"enrichment\"\ncount = 0\n").await.unwrap_err();
    assert!(message.contains("a request to enrich.example.com") && message.contains("[[http]]"), "{message}");
    let elsewhere = "[[step]]\nhttp = \"GET https://enrich.example.com/v1/*\"\n[[step]]\nrows = \"enrichment\"\n";
    // The job has run already when the step comes, so it is asked again.
    let error = run_enrich(&format!("{elsewhere}[[step]]\nadvance = \"1h\"\n")).await.unwrap_err();
    assert!(error.contains("POST https://enrich.example.com/v1/texts"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_scenario_settings_are_reported() {
    let plugin = load_example("enrich");
    let step = "[[step]]\nmails = \"*\"\ncount = 0\n";
    for (text, message) in [
        ("secrets = { key = \"sesame\" }\n", "has no secret \"key\"; its plugin.toml declares service-key"),
        ("secrets = { service-key = \"x\" }\n", "4 to"),
        (
            "[[admin]]\nemail = \"a@example.com\"\n[[admin]]\nemail = \"A@example.com\"\n",
            "the admin user a@example.com",
        ),
        ("[[http]]\non = \"GET https://a_b/\"\n", "a_b"),
        ("[[http]]\non = \"GET file:///etc/passwd\"\n", "file:///etc/passwd"),
    ] {
        let error = run_text(&plugin, &format!("{text}{step}"), true).await.unwrap_err();
        assert!(error.contains(message), "{text}: {error}");
    }
    assert_eq!(run_text(&plugin, step, true).await, Ok(()));
}

/// The address of a chat. Nothing of it below its host, and not the host, may be seen by the plugin.
const CHAT: &str = "https://hooks.example.com/services/T0AB12CD3/Swordfish-98765?sig=a%2Fb-secret";

#[tokio::test(flavor = "multi_thread")]
async fn messages_reach_an_address_that_the_plugin_never_sees() {
    let text = format!(
        r#"
secrets = {{ team-chat = "{CHAT}" }}

[[http]]
on = "POST https://hooks.example.com/services/*"
answer = {{ status = 429, body = "slow down, {CHAT}" }}

[[step]]
request = "POST /api/teller/ask"
body = {{ do = "chat", secret = "team-chat", body = {{ text = "Sold" }} }}
expect = {{ status = 429, body = "slow down, {}" }}

[[step]]
requests = "POST https://hooks.example.com/*"
count = 1
expect = [{{ url = "{CHAT}", body = {{ text = "Sold" }} }}]
"#,
        "*".repeat(CHAT.len())
    );
    assert_eq!(run_text(&load_plugin("plugins/guests/teller"), &text, true).await, Ok(()));
    let invalid = text.replace("https://hooks.example.com/services/T0", "http://hooks.example.com/services/T0");
    let error = run_text(&load_plugin("plugins/guests/teller"), &invalid, true).await.unwrap_err();
    assert!(error.contains("must begin with https://") && !error.contains("Swordfish"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_a_secret_address_do_not_tell_it() {
    let terms = HarnessOptions { hosts: ["hooks.example.com".to_owned()].into(), ..HarnessOptions::default() };
    let harness = TestHarness::open(&HOST, &load_plugin("plugins/guests/teller"), &terms).await;
    let harness = harness.unwrap_or_else(|e| panic!("{e}"));
    let ask = async |asked: Json| -> (u16, String) {
        let request = TestRequest {
            method: "POST".into(),
            address: "/api/teller/ask".into(),
            headers: Vec::new(),
            body: asked.to_string().into_bytes(),
            caller: RequestCaller::Content(TestCaller::Public),
            preview: None,
        };
        let TestResponse { status, body } = harness.send_request(request).await.unwrap_or_else(|e| panic!("{e}"));
        (status, body.to_string())
    };
    let chat = |secret: &str| json!({ "do": "chat", "secret": secret, "body": {} });
    assert_eq!(ask(chat("team-chat")).await.0, 404, "it is not set");
    harness.set_secret("team-chat", CHAT).await.unwrap_or_else(|e| panic!("{e}"));
    harness.set_secret("other-chat", CHAT).await.unwrap_or_else(|e| panic!("{e}"));
    let mut answers = Vec::new();
    for (asked, expected) in [
        // Declared and set, but not granted.
        (chat("other-chat"), 403),
        (chat("nothing"), 403),
        (json!({ "do": "chat", "url": CHAT, "body": {} }), 403),
        (json!({ "do": "chat", "url": "secret:team-chat/more", "body": {} }), 400),
        (json!({ "do": "chat", "url": "secret:team-chat?a=b", "body": {} }), 400),
        (json!({ "do": "chat", "url": "secret://team-chat", "body": {} }), 400),
        (json!({ "do": "chat", "secret": "team-chat", "header": "team-chat", "body": {} }), 403),
    ] {
        let (status, body) = ask(asked.clone()).await;
        assert_eq!(status, expected, "{asked}: {body}");
        answers.push(body);
    }
    assert!(harness.sent_requests("* https://hooks.example.com/*").unwrap_or_else(|e| panic!("{e}")).is_empty());
    // A closed connection gives no readable response; the reason is in the log, which is written afterwards.
    let broken = json!({ "on": "POST https://hooks.example.com/services/*", "fail": "close" });
    let service: Service = serde_json::from_value(broken).unwrap();
    harness.add_service(&service).unwrap_or_else(|e| panic!("{e}"));
    let (status, body) = ask(chat("team-chat")).await;
    assert_eq!(status, 503, "{body}");
    answers.push(body);
    harness.run_until_idle().await.unwrap_or_else(|e| panic!("{e}"));
    let logs = harness.plugin_logs().unwrap_or_else(|e| panic!("{e}"));
    assert!(logs.iter().any(|line| line.log.message.contains("a request failed")), "{logs:?}");
    answers.extend(logs.iter().map(|line| format!("{line:?}")));
    answers.extend(harness.failed_calls().unwrap_or_else(|e| panic!("{e}")).iter().map(|call| format!("{call:?}")));
    for answer in answers.iter().filter(|answer| !answer.contains(&format!("\"{CHAT}\""))) {
        for part in ["Swordfish", "T0AB12CD3", "hooks.example.com"] {
            assert!(!answer.contains(part), "{answer}");
        }
    }
    harness.close().await.unwrap_or_else(|e| panic!("{e}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_keys_of_the_scenario_sign() {
    let step =
        "[[step]]\nrequest = \"POST /api/teller/ask\"\nbody = { do = \"sign\", key = \"receipts\", data = \"a\" }\n";
    let run = |keys: &str, expect: &str| {
        let text = format!("{keys}\n{step}{expect}\n");
        async move { run_text(&load_plugin("plugins/guests/teller"), &text, true).await }
    };
    assert_eq!(run("signing-keys = [\"receipts\"]", "expect = { algorithm = \"es256\" }").await, Ok(()));
    assert_eq!(run("", "status = 404").await, Ok(()));
    let error = run("signing-keys = [\"recipes\"]", "status = 404").await.unwrap_err();
    assert!(error.contains("declares receipts, letters, contracts"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unexpected_mails_are_reported() {
    let booked = "[[step]]\ncreate = \"event\"\ndata = { title = \"Concert\", startsAt = \"2026-01-08T18:00:00.000Z\", places = 1 }\nas = \"event\"\n\
         [[step]]\ncreate = \"booking\"\ndata = { name = \"Ann\", email = \"ann@example.com\", event = \"{event}\" }\n";
    let run = |steps: &str| {
        let text = format!("{booked}{steps}");
        async move { run_text(&load_example("bookings"), &text, false).await }
    };
    assert_eq!(run("[[step]]\nmails = \"ann@example.com\"\ncount = 1\n").await, Ok(()));
    let message =
        run("[[step]]\nmails = \"*\"\nexpect = [{ text = { contains = \"Hello Bob\" } }]\n").await.unwrap_err();
    assert!(
        message.contains("[0].text is \"Hello Ann") && message.contains("which does not contain \"Hello Bob\""),
        "{message}"
    );
    let error = run("[[step]]\nmails = \"bob@example.com\"\ncount = 1\n").await.unwrap_err();
    assert_eq!(error, "step 3 (mails bob@example.com): found 0, not 1");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_reach_the_admin_users_of_the_scenario() {
    let notify_step = |key: &str, to: &str| {
        format!(
            "[[step]]\nrequest = \"POST /api/teller/ask\"\nbody = {{ do = \"notify\", key = \"{key}\", to = [\"{to}\"], title = \"Sold\", text = \"for 5\", link = \"/admin/plugins/teller/deals\" }}\n"
        )
    };
    let text = format!(
        "[[admin]]\nemail = \"Ann@example.com\"\nroles = [\"Sales\"]\n[[admin]]\nemail = \"bob@example.com\"\n{}{}\
         [[step]]\nnotices = \"ann@example.com\"\nexpect = [{{ to = \"ann@example.com\", title = \"Sold\", text = \"for 5\", link = \"/admin/plugins/teller/deals\" }}]\n\
         [[step]]\nnotices = \"bob@example.com\"\ncount = 0\n[[step]]\nnotices = \"*\"\ncount = 1\n",
        notify_step("k1", "role:Sales"),
        notify_step("k1", "role:Sales"),
    );
    let component = root().join("target/plugins/teller.wasm");
    let teller =
        TestPlugin::with_component(&root().join("plugins/guests/teller"), &component).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(run_text(&teller, &text, false).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn admin_users_of_the_scenario_are_found_by_plugins() {
    let text = "[[admin]]\nemail = \"bart@example.com\"\nname = \"Bart de Vries\"\nroles = [\"Sales\"]\n[[admin]]\nemail = \"desk@example.com\"\n\
         [[step]]\nrequest = \"POST /api/teller/ask\"\nbody = { do = \"people\", by = \"names\", entries = [\"vries\"], limit = 10 }\n\
         expect = { people = [{ id = \"1\", name = \"Bart de Vries\", roles = [\"Sales\"], active = true }] }\n\
         [[step]]\nrequest = \"POST /api/teller/ask\"\nbody = { do = \"people\", by = \"ids\", entries = [\"2\", \"3\"], limit = 10 }\n\
         expect = { people = [{ id = \"2\", active = true }] }\n";
    let component = root().join("target/plugins/teller.wasm");
    let teller =
        TestPlugin::with_component(&root().join("plugins/guests/teller"), &component).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(run_text(&teller, text, false).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_mailed_and_accepted_once() {
    let invite = "[[step]]\nrequest = \"POST /api/teller/ask\"\nbody = { do = \"invite-user\", email = \"ann@example.com\", name = \"Ann\" }\n";
    let text = format!(
        "{invite}expect = {{ outcome = \"created\" }}\nas = \"invited\"\n{invite}expect = {{ outcome = \"already-sent\" }}\n\
         [[step]]\nmails = \"ann@example.com\"\ncount = 1\ntake = {{ invitation = {{ link = \"https://site.test/invitation\" }} }}\n\
         [[step]]\naccept-invitation = \"https://site.test/invitation?code=wrong\"\nrefused = true\n\
         [[step]]\naccept-invitation = \"{{invitation}}\"\nexpect = \"{{invited.user}}\"\n\
         [[step]]\naccept-invitation = \"{{invitation}}\"\nrefused = true\n\
         [[step]]\nrows = \"plugin::users-permissions.user\"\nexpect = [{{ username = \"Ann\", confirmed = true }}]\n\
         {invite}expect = {{ outcome = \"has-password\" }}\n[[step]]\nmails = \"*\"\ncount = 1\n"
    );
    let component = root().join("target/plugins/teller.wasm");
    let teller =
        TestPlugin::with_component(&root().join("plugins/guests/teller"), &component).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(run_text(&teller, &text, false).await, Ok(()));
    let error = run_text(&teller, "[[step]]\naccept-invitation = \"a\"\n", false).await.unwrap_err();
    assert!(error.contains("is not the link of an invitation"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn same_seed_gives_a_guest_the_same_random_numbers() {
    let component = root().join("target/plugins/allow-ts.wasm");
    let folder = root().join("plugins/guests/allow-ts");
    let plugin = TestPlugin::with_component(&folder, &component).unwrap_or_else(|e| panic!("{e}"));
    let drawn = async |seed: u64| -> String {
        let terms = HarnessOptions { seed, ..HarnessOptions::default() };
        let harness = TestHarness::open(&HOST, &plugin, &terms).await.unwrap_or_else(|e| panic!("{e}"));
        let request = TestRequest {
            method: "GET".into(),
            address: "/api/allow-ts/engine".into(),
            headers: Vec::new(),
            body: Vec::new(),
            caller: RequestCaller::Content(TestCaller::Public),
            preview: None,
        };
        let TestResponse { status, body } = harness.send_request(request).await.unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(status, 200);
        harness.close().await.unwrap_or_else(|e| panic!("{e}"));
        body.to_string()
    };
    let (first, repeated, other) = (drawn(7).await, drawn(7).await, drawn(8).await);
    assert_eq!(first, repeated);
    assert_ne!(first, other);
    assert!(first.contains("\"random\":[0."), "{first}");
}
