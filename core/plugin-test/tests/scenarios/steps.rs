//! Scenarios with a built plugin that behaves, and with what it does not stand.

use crate::{load_plugin, root, run_text};
use cairn_plugin_host::PluginHost;
use cairn_plugin_test::scenario::Scenario;
use cairn_plugin_test::{HarnessOptions, TestPlugin, budgets};
use std::path::Path;

fn load_allow() -> TestPlugin {
    let component = root().join("target/plugins/allow.wasm");
    TestPlugin::with_component(&root().join("plugins/guests/allow"), &component).unwrap_or_else(|e| panic!("{e}"))
}

async fn run_allow(text: &str, calm: bool) -> Result<(), String> {
    run_text(&load_allow(), text, calm).await
}

const NOTES: &str = r#"
[[step]]
create = "note"
data = { title = "hello" }
as = "note"
expect = { title = "hello", loud = "HELLO" }

[[step]]
update = "note"
id = "{note}"
data = { title = "bad" }
refused = { path = "title", message = "This title is not allowed." }

[[step]]
rows = "note"
query = "filters[title]=hello"
expect = [{ documentId = "{note}", title = "hello" }]

[[step]]
request = "POST /api/allow/echo/word?a=1"
body = { id = "{note}" }
expect = { parameters = [["word", "word"]], query = [["a", "1"]] }

[[step]]
request = "GET /api/allow/error/denied"
status = 403

[[step]]
delete = "note"
id = "{note}"

[[step]]
rows = "note"
count = 0
"#;

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_drive_hooks_routes_and_queries() {
    assert_eq!(run_allow(NOTES, false).await, Ok(()));
    assert_eq!(run_allow(NOTES, true).await, Ok(()));
}

const PEOPLE: &str = r#"
[[step]]
create = "note"
data = { title = "a", email = "Ann@Example.com" }
[[step]]
create = "note"
data = { title = "contract", email = "ann@example.com" }
[[step]]
create = "note"
data = { title = "b", email = "ann@example.com" }
[[step]]
create = "note"
data = { title = "c", email = "bob@example.com" }

[[step]]
report-person = "ANN@example.com"
count = 3
expect = [{ kind = "Note", title = "a", data = { title = "a" } }, { title = "contract" }, { title = "b" }]

[[step]]
erase-person = "ann@example.com"
expect = { erased = 2, retained = [{ reason = "A contract requires it", until = "2100-01-01T00:00:00.000Z" }] }

[[step]]
rows = "note"
query = "sort=title"
expect = [{ title = "c" }, { title = "contract" }]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_report_and_erase_a_person() {
    let component = root().join("target/plugins/people.wasm");
    let plugin = TestPlugin::with_component(&root().join("plugins/guests/people"), &component).unwrap();
    assert_eq!(run_text(&plugin, PEOPLE, true).await, Ok(()));
    // A plugin without personal data causes an error.
    let error = run_allow("[[step]]\nreport-person = \"ann@example.com\"\n", true).await.unwrap_err();
    assert!(error.contains("takes no part"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn injected_faults_repeat_events_without_partial_effects() {
    let two = |expected: u32| {
        format!(
            "[[step]]\ncreate = \"note\"\ndata = {{ title = \"a\" }}\n[[step]]\ncreate = \"note\"\ndata = {{ title = \"b\" }}\n\
             [[step]]\nkept = \"events/notes\"\nexpect = {expected}\n"
        )
    };
    assert_eq!(run_allow(&two(2), true).await, Ok(()));
    // The two events are let through twice each; attempts that were cut off leave nothing.
    assert_eq!(run_allow(&two(4), false).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_interrupted_at_any_call_have_all_or_no_effects() {
    let steps = |rows: u32| {
        format!(
            "[[step]]\nrequest = \"POST /api/allow/enqueue\"\nstatus = 202\n\
             body = {{ name = \"steps\", key = \"k\", payload = {{ name = \"whole\", transaction = true }} }}\n\
             [[step]]\nrows = \"log\"\nquery = \"filters[by]=steps\"\ncount = {rows}\n\
             [[step]]\njobs = \"steps\"\ncount = 1\nexpect = [{{ state = \"done\" }}]\n"
        )
    };
    assert_eq!(run_allow(&steps(1), true).await, Ok(()));
    // Twice whole, because it was killed once after its last commit; never in part.
    assert_eq!(run_allow(&steps(2), false).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn delayed_jobs_run_when_the_clock_advances() {
    let text = "[[step]]\nrequest = \"POST /api/allow/enqueue\"\nstatus = 202\n\
        body = { name = \"steps\", key = \"k\", payload = { name = \"t\" } }\n\
        [[step]]\nrows = \"log\"\nquery = \"filters[about][$endsWith]=later\"\ncount = 0\n\
        [[step]]\nadvance = \"59m\"\n[[step]]\nrows = \"log\"\nquery = \"filters[about][$endsWith]=later\"\ncount = 0\n\
        [[step]]\nadvance = \"2m\"\n[[step]]\nrows = \"log\"\nquery = \"filters[about][$endsWith]=later\"\ncount = 1\n";
    assert_eq!(run_allow(text, true).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_run_when_the_clock_advances() {
    // Every working day at eight in Amsterdam; the clock begins there on a Monday at ten.
    let text = "[[step]]\nadvance = \"21h\"\n[[step]]\njobs = \"tick\"\ncount = 0\n\
        [[step]]\nadvance = \"2h\"\n[[step]]\njobs = \"tick\"\ncount = 1\nexpect = [{ state = \"done\" }]\n\
        [[step]]\nadvance = \"144h\"\n[[step]]\njobs = \"tick\"\ncount = 5\n";
    assert_eq!(run_allow(text, true).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_expectations_are_reported_with_their_step() {
    let run_failing = |text: &str| {
        let text = text.to_owned();
        async move { run_allow(&text, false).await.unwrap_err() }
    };
    let create = "[[step]]\ncreate = \"note\"\ndata = { title = \"x\" }\n";
    let message = run_failing(&format!("{create}expect = {{ loud = \"y\" }}\n")).await;
    assert_eq!(message, "step 1 (create note): loud is \"X\", not \"y\"");
    let error = run_failing(&format!("{create}refused = true\n")).await;
    assert!(error.contains("it was not refused"), "{error}");
    let error = run_failing(&format!("{create}[[step]]\nrows = \"note\"\ncount = 2\n")).await;
    assert_eq!(error, "step 2 (rows note): found 1, not 2");
    let error = run_failing("[[step]]\nrows = \"nothing\"\n").await;
    assert!(
        error.contains("content type plugin::allow.nothing not found; existing content types: plugin::allow."),
        "{error}"
    );
    let error = run_failing("[[step]]\nrequest = \"GET /api/allow/nowhere\"\n").await;
    assert!(error.contains("the plugin has no route at /api/allow/nowhere"), "{error}");
    let error = run_failing("[[step]]\nrequest = \"GET /api/allow/echo/x\"\n").await;
    assert!(error.contains("supports POST, not GET"), "{error}");
    let error = run_failing("[[step]]\nlogs = \"never said\"\n").await;
    assert!(error.contains("no log line contains this text"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_calls_fail_the_scenario_unless_expected() {
    let trap = "[[step]]\nrequest = \"GET /api/allow/error/trap\"\nstatus = 502\n";
    let message = run_allow(trap, false).await.unwrap_err();
    assert!(
        message.contains("a call failed: route:error, trap") && message.contains("failed = \"route:error\""),
        "{message}"
    );
    assert!(message.contains("\nthe plugin logged (error): ") && message.contains("asked for a trap"), "{message}");
    // A step that was not as expected comes with what the plugin logged.
    let message = run_allow("[[step]]\nrequest = \"GET /api/allow/error/trap\"\n", false).await.unwrap_err();
    assert!(message.starts_with("step 1 (request GET /api/allow/error/trap): the status is 502, not 200"), "{message}");
    assert!(message.contains("\nthe plugin logged (error): ") && message.contains("asked for a trap"), "{message}");
    assert_eq!(run_allow(&format!("{trap}[[step]]\nfailed = \"route:error\"\ncount = 1\n"), false).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_jobs_fail_the_scenario_unless_expected() {
    let dies = "[[step]]\nrequest = \"POST /api/allow/enqueue\"\nstatus = 202\n\
        body = { name = \"unsteady\", key = \"k\", payload = { end = \"dead\" } }\n";
    let message = run_allow(dies, true).await.unwrap_err();
    assert!(message.contains("a job died: job:unsteady (key \"k\"): asked for"), "{message}");
    assert!(message.contains("if this is expected, add: failed = \"job:unsteady\""), "{message}");
    assert_eq!(run_allow(dies, false).await.unwrap_err(), message);
    for expectation in [
        "[[step]]\nfailed = \"job:unsteady\"\ncount = 1\n",
        "[[step]]\njobs = \"unsteady\"\nexpect = [{ state = \"dead\", error = \"asked for\" }]\n",
    ] {
        assert_eq!(run_allow(&format!("{dies}{expectation}"), false).await, Ok(()), "{expectation}");
    }
    // A step that finds something else says why that may be.
    let error = run_allow(&format!("{dies}[[step]]\nrows = \"log\"\ncount = 1\n"), true).await.unwrap_err();
    assert!(error.starts_with("step 2 (rows log): found 0, not 1\na job died: job:unsteady"), "{error}");
    // Looking at jobs of the name says nothing of what becomes of them.
    let error = run_allow(&format!("{dies}[[step]]\njobs = \"unsteady\"\ncount = 1\n"), true).await.unwrap_err();
    assert!(error.contains("a job died"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_see_private_fields_and_name_response_parts() {
    let text = r#"
[[step]]
create = "note"
data = { title = "hello", secret = "sesame" }
as = "note"
expect = { secret = "sesame" }

[[step]]
rows = "note"
query = "filters[secret]=sesame"
expect = [{ secret = "sesame" }]
as = "all"
take = { word = { pattern = "ses([a-z]+)" } }

[[step]]
request = "POST https://site.test/api/allow/echo/{word}?a={all.0.title}"
body = { id = "{all.0}" }
expect = { parameters = [["word", "ame"]], query = [["a", "hello"]], body = { contains = "{note}" } }
"#;
    assert_eq!(run_allow(text, false).await, Ok(()));
    let missing_link =
        "[[step]]\nrequest = \"POST /api/allow/echo/x\"\ntake = { link = { link = \"https://site.test/c/\" } }\n";
    let message = run_allow(missing_link, true).await.unwrap_err();
    assert!(message.contains("`take.link`: there is no link that begins with \"https://site.test/c/\""), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unexpected_views_fail_the_scenario_with_a_reason() {
    let component = root().join("target/plugins/policy.wasm");
    let policy =
        TestPlugin::with_component(&root().join("plugins/guests/policy"), &component).unwrap_or_else(|e| panic!("{e}"));
    let message = run_text(&policy, "[[step]]\nview = \"nowhere\"\n", true).await.unwrap_err();
    assert!(message.contains("the plugin has no view \"nowhere\"; it has "), "{message}");
    let error = run_text(&policy, "[[step]]\nview = \"board\"\nby = \"nobody@example.com\"\n", true).await.unwrap_err();
    assert!(error.contains("there is no admin user nobody@example.com"), "{error}");
    let right = "[[step]]\nview = \"pages\"\nblocks = [{ kind = \"table\", columns = [{ field = \"title\" }] }]\n\
        [[step]]\nact = \"pages/forget\"\nvalues = { user = \"1\" }\nexpect = { notice = \"forgotten\" }\n\
        [[step]]\nact = \"pages/close\"\nrefused = { status = 404 }\n";
    assert_eq!(run_text(&policy, right, false).await, Ok(()));
    for (step, part) in [
        ("view = \"pages\"\nblocks = [{ kind = \"kanban\" }]", "no block of the view matches {\"kind\":\"kanban\"}"),
        (
            "view = \"pages\"\nblocks = [{ kind = \"table\", type = \"x\" }]",
            "closest match: type is \"plugin::policy.page\"",
        ),
        ("view = \"pages\"\nrefused = true", "it was not refused"),
        ("act = \"pages/close\"", "it was refused: 404 Not Found"),
        ("act = \"pages/forget\"\nblocks = [{ kind = \"table\" }]", "the response has no view"),
        ("act = \"pages\"", "act must name the view and the action of its button"),
        ("view = \"pages\"\nrefused = true\nas = \"x\"", "view is either refused or returns a response"),
    ] {
        let error = run_text(&policy, &format!("[[step]]\n{step}\n"), true).await.unwrap_err();
        assert!(error.contains(part), "{step}: {error}");
    }
    let error =
        run_text(&policy, "[roles.Desk]\nactions = [\"fly\"]\n[[step]]\nmails = \"*\"\n", true).await.unwrap_err();
    assert!(error.contains("[roles]: ") && error.contains("unknown action"), "{error}");
}

/// Readers of pages for documents: with all rights, with those to some documents, without the permission for the page.
const PAGE_READERS: &str = r#"
[roles.Desk]
actions = ["plugin::policy.pages.read"]
[roles.Desk.permissions."plugin::policy.page"]
findOne = { where = { audience = { "$eq" = "public" } } }

[roles.Visitor]
permissions = { "plugin::policy.page" = ["findOne"] }

[[admin]]
email = "desk@example.com"
roles = ["Desk"]

[[admin]]
email = "visitor@example.com"
roles = ["Visitor"]

[[step]]
create = "page"
data = { title = "Open", audience = "public" }
as = "open"

[[step]]
create = "page"
data = { title = "Closed" }
as = "closed"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_documents_are_requested_with_one() {
    let steps = r#"
[[step]]
view = "page"
by = "desk@example.com"
locale = "nl"
document = { type = "page", id = "{open}" }
blocks = [
  { kind = "header", title = "Pagina" },
  { kind = "fields", document = { documentId = "{open}" }, fields = ["title", { field = "audience" }, { field = "owner", format = "user" }] },
]

[[step]]
act = "page/forget"
document = { type = "page", id = "{closed}" }
expect = { notice = "forgotten" }

[[step]]
view = "page"
by = "desk@example.com"
document = { type = "page", id = "{closed}" }
refused = { status = 404 }

[[step]]
view = "page"
by = "visitor@example.com"
document = { type = "page", id = "{open}" }
refused = { status = 403 }

[[step]]
view = "page"
document = { type = "page", id = "nothere" }
refused = { status = 404 }

[[step]]
view = "page"
refused = { status = 400, path = "document" }

[[step]]
view = "page"
document = { type = "trap", id = "{open}" }
refused = { status = 400, path = "document.contentType" }

# The document of a row on the page.
[[step]]
act = "page/forget"
document = { type = "trap", id = "{open}" }
expect = { notice = "forgotten" }
"#;
    let policy = load_plugin("plugins/guests/policy");
    assert_eq!(run_text(&policy, &format!("{PAGE_READERS}{steps}"), true).await, Ok(()));
    let closed =
        "\n[[step]]\nview = \"page\"\nby = \"desk@example.com\"\ndocument = { type = \"page\", id = \"{closed}\" }\n";
    let error = run_text(&policy, &format!("{PAGE_READERS}{closed}"), true).await.unwrap_err();
    assert!(error.contains("it was refused: 404 Not Found"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn same_calls_use_the_same_fuel() {
    let measure_fuel = |text: &'static str| async move {
        let host = PluginHost::with_fuel_meter(root().join("target/plugins/metered"));
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("test.toml");
        std::fs::write(&file, text).unwrap();
        let terms = HarnessOptions { seed: 7, ..HarnessOptions::default() };
        Scenario::from_file(&file).unwrap().run(&host, &load_allow(), &terms).await.unwrap_or_else(|e| panic!("{e}"));
        budgets::from_measurements(&host.peak_fuel(), "allow")
    };
    let (first, second) = (measure_fuel(NOTES).await, measure_fuel(NOTES).await);
    assert!(first.contains_key("prepare:amend") && first["route:echo"] > 0, "{first:?}");
    assert_eq!(budgets::compare_budgets(&first, &second), Vec::<String>::new());
}

#[test]
fn missing_component_is_reported_with_the_build_command() {
    let error = TestPlugin::from_folder(&root().join("plugins/guests/allow")).err().unwrap();
    assert!(error.0.contains("plugin.wasm") && error.0.contains("cairn plugin build"), "{error}");
    assert!(TestPlugin::from_folder(Path::new("/nowhere")).is_err());
}
