//! Reads of the content API as somebody, and requests of accounts and tokens.

use crate::{load_plugin, root, run_text};
use cairn_plugin_test::TestPlugin;

const PAGES: &str = r#"
[content-roles.member]
permissions = { "plugin::policy.page" = ["find", "findOne"] }

[content-roles.limited.permissions."plugin::policy.page"]
find = { where = { title = { "$startsWith" = "A" } }, fields = ["title"] }

[content-roles.public]
permissions = { "plugin::policy.page" = ["find"] }

[[api-tokens]]
name = "reports"
type = "read-only"

[[api-tokens]]
name = "old"
type = "full-access"
expiresAt = "2026-01-05T10:00:00Z"

[[step]]
create = "plugin::users-permissions.user"
data = { username = "ann", email = "Ann@example.com", password = "Passw0rd!", role = "member" }
as = "ann"

[[step]]
create = "plugin::users-permissions.user"
data = { username = "bob", email = "bob@example.com", password = "Passw0rd!", role = "limited" }
as = "bob"

[[step]]
create = "page"
data = { title = "A public page", audience = "public", owner = "nobody" }

[[step]]
create = "page"
data = { title = "A page of Ann", owner = "{ann}" }
as = "anns"

[[step]]
create = "page"
data = { title = "B page of Bob", owner = "{bob}" }
as = "bobs"
"#;

async fn run_pages(steps: &str) -> Result<(), String> {
    run_text(&load_plugin("plugins/guests/policy"), &format!("{PAGES}{steps}"), false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_have_the_rights_of_their_caller() {
    let steps = r#"
[[step]]
read = "/api/policy/pages?sort=title"
by = "ann@example.com"
count = 2
expect = { data = [{ title = "A page of Ann" }, { title = "A public page", owner = "nobody" }], meta = { pagination = { total = 2 } } }
as = "seen"

[[step]]
read = "/api/policy/pages/{seen.data.0}"
by = "{ann.email}"
expect = { data = { title = "A page of Ann" } }

[[step]]
read = "page"
id = "{bobs}"
by = "ann@example.com"
status = 404

# Read policy, row condition and fields of a role.
[[step]]
read = "page"
by = "bob@example.com"
count = 1
expect = { data = [{ title = "A public page" }] }

[[step]]
read = "page"
query = "filters[owner]=nobody"
by = "bob@example.com"
status = 400

[[step]]
read = "page"
id = "{bobs}"
by = "bob@example.com"
status = 403
expect = { error = { message = "Forbidden" } }

[[step]]
read = "page"
token = "reports"
count = 3

[[step]]
read = "page"
count = 1

[[step]]
read = "page"
id = "{anns}"
status = 403

[[step]]
read = "page"
token = "old"
count = 3

[[step]]
advance = "2h"

[[step]]
read = "page"
token = "old"
status = 401
"#;
    assert_eq!(run_pages(steps).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn unexpected_reads_are_reported_with_their_reason() {
    for (steps, parts) in [
        ("read = \"page\"\nby = \"bob@example.com\"\ncount = 7", &["found 1, not 7"][..]),
        ("read = \"page\"\nid = \"{bobs}\"\nby = \"bob@example.com\"", &["403, not 200", "whose role is limited"]),
        ("read = \"page\"\nby = \"eve@example.com\"", &["there is no account eve@example.com"]),
        ("read = \"page\"\ntoken = \"nightly\"", &["there is no API token nightly", "[[api-tokens]]"]),
        ("read = \"thing\"", &["content type plugin::policy.thing not found"]),
        ("read = \"plugin::users-permissions.user\"", &["has no address of its own in the content API"]),
        ("read = \"/api/pages\"", &["no content type is at /api/pages", "/api/policy/pages"]),
        ("read = \"/api/policy/pages/a/b\"", &["no content type is at"]),
        (
            "update = \"plugin::users-permissions.user\"\nid = \"{ann}\"\ndata = { role = \"chief\" }",
            &["there is no role chief", "[content-roles.chief]", "member"],
        ),
        (
            "update = \"plugin::users-permissions.user\"\nid = \"{ann}\"\ndata = { blocked = true }\n[[step]]\nread = \"page\"\nby = \"ann@example.com\"",
            &["ann@example.com cannot sign in", "blocked"],
        ),
    ] {
        let error = run_pages(&format!("[[step]]\n{steps}\n")).await.unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{steps}: {error}");
    }
    let echo = "[[step]]\nread = \"/api/allow/read-notes\"\n";
    let error = run_text(&load_plugin("plugins/guests/allow"), echo, true).await.unwrap_err();
    assert!(error.contains("is a route of the plugin: write request = \"GET /api/allow/read-notes\""), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_fields_are_not_read() {
    let text = r#"
[content-roles.public]
permissions = { "plugin::allow.note" = ["find"] }

[[step]]
create = "note"
data = { title = "hello", secret = "sesame" }

[[step]]
read = "note"
take = { secret = { pattern = "sesame" } }
"#;
    let allow = load_plugin("plugins/guests/allow");
    let error = run_text(&allow, text, true).await.unwrap_err();
    assert!(error.contains("`take.secret`"), "{error}");
    let filter = text
        .replace("take = { secret = { pattern = \"sesame\" } }", "query = \"filters[secret]=sesame\"\nstatus = 400");
    assert_eq!(run_text(&allow, &filter, true).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_sent_by_accounts_with_their_groups() {
    let text = r#"
[content-roles.member]
permissions = { "plugin::users-permissions.user" = ["me"] }

[[api-tokens]]
name = "robot"
type = "full-access"

[[step]]
create = "plugin::users-permissions.user"
data = { username = "ann", email = "ann@example.com", password = "Passw0rd!", role = "member" }
as = "ann"

[[step]]
request = "POST /api/teller/ask"
body = { do = "set-groups", user = "{ann}", groups = ["teller:testers"] }

[[step]]
request = "POST /api/teller/ask"
user = "ann@example.com"
body = { do = "list-groups", user = "{ann}" }
expect = ["teller:testers"]

[[step]]
request = "POST /api/teller/ask"
token = "robot"
body = { do = "list-groups", user = "{ann}" }
"#;
    let teller: TestPlugin = load_plugin("plugins/guests/teller");
    assert_eq!(run_text(&teller, text, true).await, Ok(()));
    let error = run_text(&teller, &text.replace("token = \"robot\"", "token = \"other\""), true).await.unwrap_err();
    assert!(error.contains("there is no API token other"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_need_the_permissions_of_their_routes() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = std::fs::read_to_string(root().join("plugins/guests/teller/plugin.toml")).unwrap();
    let route = "path = \"/ask\"\nauth = \"none\"";
    assert!(manifest.contains(route));
    let permission = "\n[[permission]]\nname = \"ask.anything\"\ntitle = \"Ask anything\"\n";
    let mixed = "path = \"/ask\"\nauth = [\"user\", \"token\", \"admin\"]\npermission = \"ask.anything\"";
    std::fs::write(folder.path().join("plugin.toml"), manifest.replace(route, mixed) + permission).unwrap();
    let teller = TestPlugin::with_component(folder.path(), &root().join("target/plugins/teller.wasm")).unwrap();
    let text = r#"
[content-roles.member]
permissions = { "plugin::teller" = ["ask.anything"] }

[[api-tokens]]
name = "robot"
type = "custom"
permissions = { "plugin::teller" = ["ask.anything"] }

[[api-tokens]]
name = "reader"
type = "read-only"

[[step]]
create = "plugin::users-permissions.user"
data = { username = "ann", email = "ann@example.com", password = "Passw0rd!", role = "member" }

[[step]]
request = "POST /api/teller/ask"
user = "ann@example.com"
body = { do = "locales" }

[[step]]
request = "POST /api/teller/ask"
token = "robot"
body = { do = "locales" }

[[step]]
request = "POST /api/teller/ask"
auth = "admin"
body = { do = "locales" }

[[step]]
request = "POST /api/teller/ask"
body = { do = "locales" }
status = 401

[[step]]
request = "POST /api/teller/ask"
auth = "user"
body = { do = "locales" }
status = 403

[[step]]
request = "POST /api/teller/ask"
token = "reader"
body = { do = "locales" }
status = 403
expect = { error = { message = { contains = "Ask anything" }, details = { action = "plugin::teller.ask.anything" } } }
"#;
    assert_eq!(run_text(&teller, text, true).await, Ok(()));
    let without = text.replacen("[\"ask.anything\"]", "[\"ask.nothing\"]", 1);
    let error = run_text(&teller, &without, true).await.unwrap_err();
    assert!(error.contains("the status is 403, not 200"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_receive_bodies_as_files() {
    let text = r#"
[[step]]
request = "POST /api/teller/receive?keep=letter.txt"
headers = { content-type = "text/plain" }
body = "Dear all, hello."
as = "received"
expect = { bytes = 16, type = "text/plain", first = "Dear all", last = ", hello." }

[[step]]
file = "{received.kept}"
bytes = 16
"#;
    assert_eq!(run_text(&load_plugin("plugins/guests/teller"), text, true).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_settings_of_a_test_are_reported_with_their_section() {
    for (settings, part) in [
        ("[calendars.office]\nzone = \"Mars\"\nhours = {}\n", "[calendars]: office.zone: expected a time zone"),
        ("[calendars.office]\nzone = \"UTC\"\nhours = {}\nopen = true\n", "[calendars]: office.open: "),
        (
            "[content-roles.member]\npermissions = { \"api::none.none\" = [\"find\"] }\n",
            "[content-roles]: member.permissions",
        ),
        ("[content-roles.\"no role\"]\n", "[content-roles]: "),
        ("[[api-tokens]]\nname = \"a\"\ntype = \"all\"\n", "[[api-tokens]]: [0].type: "),
        ("[[api-tokens]]\nname = \"a\"\ntype = \"read-only\"\ntoken = \"0123456789abcdef\"\n", "leave out `token`"),
        ("seal-profiles = [\"No name\"]\n", "seal-profiles: \"No name\" is not the name of a sealing profile"),
    ] {
        let text = format!("{settings}[[step]]\nmails = \"*\"\n");
        let error = run_text(&load_plugin("plugins/guests/policy"), &text, true).await.unwrap_err();
        assert!(error.contains(part), "{settings}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clock_and_calendars_are_those_of_the_test() {
    // 2026-03-27T16:00 in Amsterdam, and two hours of working time later: the Tuesday after a Monday that is a holiday.
    let text = r#"
clock = "2026-03-27T16:00:00+01:00"

[calendars.workshop]
zone = "Europe/Amsterdam"
hours = { monday = ["09:00-17:00"], tuesday = ["09:00-17:00"], friday = ["09:00-17:00"] }
holidays = [{ date = "2026-03-30" }]

[[step]]
request = "POST /api/teller/ask"
body = { do = "add", calendar = "workshop", at = 1774623600000, amount = 7200000 }
expect = 1774944000000

[[step]]
request = "POST /api/teller/ask"
body = { do = "open", calendar = "workshop", at = 1774623600000 }
expect = true

[[step]]
request = "POST /api/teller/ask"
body = { do = "open", calendar = "office", at = 1774623600000 }
status = 404

[[step]]
create = "plugin::users-permissions.user"
data = { username = "ann", email = "ann@example.com", password = "Passw0rd!" }
expect = { createdAt = "2026-03-27T15:00:00.000Z" }
"#;
    assert_eq!(run_text(&load_plugin("plugins/guests/teller"), text, false).await, Ok(()));
}
