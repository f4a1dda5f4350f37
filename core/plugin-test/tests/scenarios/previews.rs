//! Requests and reads for previews: a time of their own, and nothing of what they store remains.

use crate::{load_plugin, run_text};

async fn run_hostile(steps: &str) -> Result<(), String> {
    run_text(&load_plugin("plugins/guests/hostile"), steps, false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn request_for_a_preview_has_its_time_and_stores_nothing() {
    let steps = r#"
[[step]]
request = "GET /api/hostile/page/seen"
preview = { at = "2027-03-01T09:00:00+01:00" }
expect = { now = 1803888000000, preview = 1803888000000, actor = "anonymous" }

[[step]]
request = "GET /api/hostile/page/seen"
preview = { at = "2027-03-01T09:00:00+01:00" }
auth = "user"
expect = { actor = { user = "1" } }

[[step]]
request = "GET /api/hostile/page/seen"
expect = { now = 1767603600000 }

[[step]]
request = "GET /api/hostile/page/preview-store"
preview = { at = "2027-03-01T09:00:00+01:00" }
expect = { report = "ok; ok; ok; ok; ok; ok; ok; looked 12; documents 1; counted 1" }

[[step]]
rows = "trial"
count = 0

[[step]]
jobs = "any"
count = 0

[[step]]
request = "GET /api/hostile/page/preview-escape"
preview = { at = "2027-03-01T09:00:00+01:00" }
expect = { report = { contains = "a call for a preview as somebody else cannot send requests" } }

[[step]]
request = "GET /api/hostile/page/preview-store"
expect = { report = "ok; ok; ok; ok; ok; ok; ok; looked 12; documents 1; counted 1" }

[[step]]
kept = "looked"
expect = 12
"#;
    assert_eq!(run_hostile(steps).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn call_that_fails_in_a_preview_is_reported() {
    let step = |trial: &str, at: &str| {
        format!("[[step]]\nrequest = \"GET /api/hostile/page/{trial}\"\npreview = {{ at = \"{at}\" }}\n")
    };
    let failed = run_hostile(&step("panic", "2027-03-01T09:00:00+01:00")).await.unwrap_err();
    assert!(failed.contains("the call failed in the preview: "), "{failed}");
    assert!(failed.contains("a message with"), "{failed}");
    let past = run_hostile(&step("seen", "2026-01-05T08:59:59Z")).await.unwrap_err();
    assert!(past.contains("the time of the preview is in the past"), "{past}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_for_a_preview_go_by_its_time_and_stay_those_of_their_caller() {
    let steps = r#"
[content-roles.member.permissions."plugin::policy.page"]
find = { where = { createdAt = { "$lte" = "2027-01-01T00:00:00.000Z", "$lt" = "$now" } } }
findOne = { where = { createdAt = { "$lt" = "$now" } } }

[[step]]
create = "plugin::users-permissions.user"
data = { username = "ann", email = "ann@example.com", password = "Passw0rd!", role = "member" }
as = "ann"

[[step]]
create = "page"
data = { title = "A page of Ann", owner = "{ann}" }
as = "page"

[[step]]
create = "page"
data = { title = "A page of Bob", owner = "bob" }
as = "bobs"

[[step]]
read = "page"
by = "ann@example.com"
count = 0

[[step]]
read = "page"
query = "sort=title"
by = "ann@example.com"
preview = { at = "2026-01-05T10:00:01+01:00" }
expect = { data = [{ documentId = "{page}" }], meta = { pagination = { total = 1 } } }
count = 1

[[step]]
read = "/api/policy/pages/{page}"
by = "ann@example.com"
preview = { at = "2036-01-05T10:00:01Z" }
expect = { data = { title = "A page of Ann" } }

[[step]]
read = "/api/policy/pages/{bobs}"
by = "ann@example.com"
preview = { at = "2036-01-05T10:00:01Z" }
status = 404

[[step]]
read = "page"
preview = { at = "2036-01-05T10:00:01Z" }
status = 403
"#;
    let policy = load_plugin("plugins/guests/policy");
    assert_eq!(run_text(&policy, steps, false).await, Ok(()));
    let past = "[[step]]\nread = \"page\"\npreview = { at = \"2026-01-05T08:59:59Z\" }\n";
    let past = run_text(&policy, past, false).await.unwrap_err();
    assert!(past.contains("the time of the preview is in the past"), "{past}");
}
