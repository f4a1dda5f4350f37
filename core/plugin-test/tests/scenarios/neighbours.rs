//! Plugins that run beside the one under test.

use crate::{load_plugin, run_text};

async fn run_teller(text: &str) -> Result<(), String> {
    run_text(&load_plugin("plugins/guests/teller"), text, true).await
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_run_with_their_types_hooks_routes_and_jobs() {
    let text = r#"
plugins = [{ folder = "../allow" }, "../policy"]

[content-roles.public]
permissions = { "plugin::policy.page" = ["find"] }

[[step]]
create = "plugin::allow.note"
data = { title = "hello" }
expect = { loud = "HELLO" }

[[step]]
request = "POST /api/allow/echo/word"
expect = { parameters = [["word", "word"]] }

[[step]]
request = "POST /api/allow/enqueue"
status = 202
body = { name = "steps", key = "k", payload = { name = "t" } }

[[step]]
jobs = "allow/steps"
count = 1
expect = [{ state = "done" }]

[[step]]
jobs = "steps"
count = 0

[[step]]
create = "plugin::policy.page"
data = { title = "For members" }

[[step]]
read = "plugin::policy.page"
count = 0
"#;
    assert_eq!(run_teller(text).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_neighbours_fail_the_scenario_unless_expected() {
    let trap = "plugins = [\"../allow\"]\n[[step]]\nrequest = \"GET /api/allow/error/trap\"\nstatus = 502\n";
    let error = run_teller(trap).await.unwrap_err();
    assert!(error.contains("a call failed: allow/route:error, trap"), "{error}");
    assert!(error.contains("failed = \"allow/route:error\""), "{error}");
    let expected = format!("{trap}[[step]]\nfailed = \"allow/route:error\"\ncount = 1\n");
    assert_eq!(run_teller(&expected).await, Ok(()));
    let dead = "plugins = [\"../allow\"]\n[[step]]\nrequest = \"POST /api/allow/enqueue\"\nstatus = 202\n\
        body = { name = \"unsteady\", key = \"k\", payload = { end = \"dead\" } }\n";
    let error = run_teller(dead).await.unwrap_err();
    assert!(error.contains("if this is expected, add: failed = \"allow/job:unsteady\""), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_that_cannot_run_are_reported() {
    for (plugins, part) in [
        ("[\"../nowhere\"]", "plugins: ../nowhere: "),
        ("[\"../teller\"]", "plugins: ../teller: the plugin teller already runs in this test"),
        ("[\"../allow\", \"../allow\"]", "the plugin allow already runs in this test"),
        ("[\"../../guests\"]", "plugins: ../../guests: "),
        ("[{ folder = \"../allow\", choices = { colours = [\"red\"] } }]", "the plugin allow: "),
        ("[{ folder = \"../allow\", secrets = { none = \"0123456789abcdef\" } }]", "none"),
    ] {
        let error = run_teller(&format!("plugins = {plugins}\n[[step]]\nmails = \"*\"\n")).await.unwrap_err();
        assert!(error.contains(part), "{plugins}: {error}");
    }
}
