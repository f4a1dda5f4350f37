//! Messages from plugins to people: templates, mails, notices, texts; and what they count and record: working time, the audit log. By the
//! guest `teller`, whose route does what it is asked.

use crate::test_project::TestProject;
use cairn_events::audit::{AuditLogCheck, verify_log};
use cairn_plugin_host::routes::{RouteError, RouteRequest};
use cairn_query::Access;
use cairn_settings::{apply_settings, parse_settings};
use cairn_store::events::Actor;
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use std::sync::Arc;

pub(crate) async fn call_teller(project: &TestProject, body: Json) -> Result<Json, RouteError> {
    let request = RouteRequest {
        method: "POST".into(),
        path: "/api/teller/ask".into(),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.to_string().into(),
        file: None,
        client: None,
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    };
    let route_match = project.plugins.find_route("POST", &["teller", "ask"]).unwrap();
    let answer = project.plugins.handle_request(route_match, request).await?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

/// The message of a refusal.
pub(crate) async fn call_refused(project: &TestProject, body: Json) -> (u16, String) {
    match call_teller(project, body.clone()).await {
        Err(RouteError::Refused(no)) => (no.kind.status(), format!("{} {}", no.message, no.details)),
        other => panic!("{body}: {other:?}"),
    }
}

pub(crate) fn mail_request(key: &str, to: &[&str]) -> Json {
    json!({ "do": "send", "key": key, "to": to, "template": "hello", "model": { "name": "Ann" }, "locale": "nl" })
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_rendered_in_the_nearest_language() {
    let project = TestProject::with_guests(&["teller"]).await;
    let model = json!({ "name": "<b>Ann</b>" });
    let render_request =
        |locale: &str| json!({ "do": "render", "template": "hello", "model": model, "locale": locale });
    let dutch = call_teller(&project, render_request("nl-BE")).await.unwrap();
    assert_eq!(dutch["subject"], "Hallo <b>Ann</b>");
    assert_eq!(dutch["text"], "Beste <b>Ann</b>, van Example.");
    assert_eq!(dutch["html"], "<p>Beste &lt;b&gt;Ann&lt;/b&gt;, van Example.</p>");
    assert_eq!(call_teller(&project, render_request("fr")).await.unwrap()["subject"], "Hello <b>Ann</b>");
    let inline = json!({ "do": "render", "inline": "{{name}} & co", "model": model, "locale": "nl" });
    let filled = call_teller(&project, inline).await.unwrap();
    assert_eq!((&filled["subject"], &filled["text"]), (&Json::Null, &json!("<b>Ann</b> & co")));
    assert_eq!(filled["html"], "&lt;b&gt;Ann&lt;/b&gt; & co");
    let parts = json!({ "subject": "Re: {{name}}", "text": "x" }).to_string();
    let filled = call_teller(&project, json!({ "do": "render", "inline": parts, "model": model, "locale": "nl" }))
        .await
        .unwrap();
    assert_eq!((&filled["subject"], &filled["html"]), (&json!("Re: <b>Ann</b>"), &Json::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_and_endless_templates_are_refused() {
    let project = TestProject::with_guests(&["teller"]).await;
    let inline = |source: &str| json!({ "do": "render", "inline": source, "model": { "many": (0..20_000).collect::<Vec<_>>() }, "locale": "nl" });
    for (source, expected) in [
        ("{{nobody}}", "there is no variable nobody"),
        ("{{#if x}}", "template"),
        ("{{{many}}}", "two braces"),
        ("{{> x}}", "partials"),
        ("{{#each many}}{{#each ../many}}{{/each}}{{/each}}", "steps"),
        ("{{#each many}}{{#each ../many}}xxxxxxxxxx{{/each}}{{/each}}", "steps"),
        ("", "empty"),
    ] {
        let (status, message) = call_refused(&project, inline(source)).await;
        assert!(status == 400 && message.contains(expected), "{source}: {status} {message}");
    }
    let unknown = json!({ "do": "render", "template": "../hello", "model": {}, "locale": "nl" });
    assert_eq!(call_refused(&project, unknown).await.0, 404);
    for (model, locale, expected) in [
        (json!([]), "nl", "object"),
        (json!({}), "../nl", "locale"),
        (json!({ "a": "x".repeat(300_000) }), "nl", "KiB"),
    ] {
        let (status, message) =
            call_refused(&project, json!({ "do": "render", "template": "hello", "model": model, "locale": locale }))
                .await;
        assert!(status == 400 && message.contains(expected), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_sent_once_per_key_and_recipient() {
    let project = TestProject::with_guests(&["teller"]).await;
    let mut first = mail_request("k1", &["ann@example.com", "bart@example.com"]);
    first["cc"] = json!(["cees@example.com", "Ann@example.com"]);
    first["headers"] = json!([["X-Booking", "b1"]]);
    first["replyTo"] = json!("desk@example.com");
    let ids = call_teller(&project, first.clone()).await.unwrap();
    assert_eq!(ids.as_array().unwrap().len(), 3);
    assert_eq!(call_teller(&project, first).await.unwrap(), ids, "the same key, the same mails");
    project.engine.run_until_idle().await.unwrap();
    let mails = project.mails();
    assert_eq!(mails.len(), 3);
    for row in &mails {
        assert_eq!(
            (row.state, row.mail.template.as_str()),
            (MailState::Test, "plugin:teller:hello"),
            "{:?}",
            row.error
        );
        let rendered_mail = row.rendered.as_ref().unwrap();
        assert_eq!(rendered_mail.subject, "Hallo Ann");
        assert!(
            rendered_mail.text.starts_with("Beste Ann, van Example.") && rendered_mail.html.contains("<!doctype html>")
        );
        let header = |name: &str| {
            let headers = row.headers.as_ref().unwrap().as_array().unwrap();
            headers.iter().find(|h| h[0] == name).map(|h| h[1].as_str().unwrap().to_owned())
        };
        assert_eq!(header("To").as_deref(), Some("ann@example.com, bart@example.com"));
        assert_eq!(header("Cc").as_deref(), Some("cees@example.com, Ann@example.com"));
        assert_eq!(header("X-Booking").as_deref(), Some("b1"));
        assert_eq!(header("Reply-To").as_deref(), Some("desk@example.com"));
        // The sender is the operator's, whatever a plugin says.
        assert!(header("From").unwrap().contains("cairn@localhost"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_secrets_are_stored_apart_and_sent_with_the_mail() {
    let project = TestProject::with_guests(&["teller"]).await;
    let with = |key: &str, secrets: Json| {
        // HTML writes it in other letters.
        let mut request = mail_request(key, &["ann@example.com"]);
        request["model"] = json!({ "name": "to<k>en-12345678" });
        request["headers"] = json!([["X-Confirm", "code to<k>en-12345678"]]);
        request["secrets"] = secrets;
        request
    };
    call_teller(&project, with("s1", json!(["to<k>en-12345678"]))).await.unwrap();
    let store = project.content.store();
    let row = project.mails().remove(0);
    let stored = row.mail.data.to_string();
    assert!(!stored.contains("12345678") && stored.contains("Beste •••, van Example."), "{stored}");
    assert!(stored.contains("code •••"), "{stored}");
    let apart = store.read(|r| r.mails().get_secret(row.id)).unwrap().unwrap().to_string();
    assert!(apart.contains("Beste to<k>en-12345678, van Example."), "{apart}");
    project.engine.run_until_idle().await.unwrap();
    // Kept in place of being sent: it is the mail.
    let row = project.mails().remove(0);
    assert_eq!(row.state, MailState::Test, "{:?}", row.error);
    assert!(row.rendered.unwrap().text.contains("to<k>en-12345678"));
    assert_eq!(store.read(|r| r.mails().get_secret(row.id)).unwrap(), None);
    for (n, invalid_secrets) in
        [json!(["short"]), json!(["x".repeat(2_001)]), json!(vec!["long enough"; 21])].iter().enumerate()
    {
        let (status, message) = call_refused(&project, with(&format!("w{n}"), invalid_secrets.clone())).await;
        assert!(status == 400 && message.contains("secret"), "{message}");
    }
    assert_eq!(project.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_of_rolled_back_transactions_are_not_sent() {
    let project = TestProject::with_guests(&["teller"]).await;
    let undone = |key: &str| {
        let mut mail = mail_request(key, &["ann@example.com"]);
        mail["undone"] = json!(true);
        mail
    };
    for n in 0..10 {
        call_teller(&project, undone(&format!("u{n}"))).await.unwrap();
    }
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.mails().len(), 0);
    assert!(call_teller(&project, mail_request("u1", &["ann@example.com"])).await.is_ok(), "the key was not used");
}

#[tokio::test(flavor = "multi_thread")]
async fn mails_are_limited_to_the_granted_hourly_number() {
    let project = TestProject::with_guests(&["teller"]).await;
    for n in 0..5 {
        call_teller(&project, mail_request(&format!("k{n}"), &["ann@example.com"])).await.unwrap();
    }
    assert_eq!(call_refused(&project, mail_request("k5", &["ann@example.com"])).await.0, 503);
    // A mail that was already sent is not counted again.
    call_teller(&project, mail_request("k1", &["ann@example.com"])).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.mails().len(), 5);
    project.clock.advance(TimeDelta::hours(1));
    call_teller(&project, mail_request("k5", &["ann@example.com"])).await.unwrap();
    // More at once than an hour has: none of them.
    let many: Vec<String> = (0..6).map(|n| format!("a{n}@example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(call_refused(&project, mail_request("many", &many)).await.0, 503);
    assert_eq!(project.mails().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_mails_are_refused_with_their_field() {
    let project = TestProject::with_guests(&["teller"]).await;
    for (field, value, expected) in [
        ("to", json!([]), "is required"),
        ("to", json!(["nobody"]), "e-mail address"),
        ("to", json!(["ann@example.com\r\nBcc: eve@example.com"]), "line breaks"),
        ("bcc", json!(["Ann <ann@example.com>"]), "e-mail address"),
        ("replyTo", json!("x"), "e-mail address"),
        ("headers", json!([["Bcc", "eve@example.com"]]), "not a permitted header"),
        ("headers", json!([["From", "boss@example.com"]]), "not a permitted header"),
        ("headers", json!([["X-A", "a\r\nBcc: eve@example.com"]]), "single line"),
        ("key", json!(""), "a key must have"),
        ("key", json!("x".repeat(300)), "a key must have"),
        ("attachments", json!(["file"]), "file \"file\" not found"),
        ("attachments", json!(vec!["file"; 11]), "at most 10"),
        ("locale", json!(""), "locale"),
        ("inline", json!("no subject"), "subject"),
        ("inline", json!("{\"subject\":\"s\",\"html\":\"h\"}"), "text"),
    ] {
        let mut mail = mail_request("k", &["ann@example.com"]);
        mail[field] = value;
        let (status, message) = call_refused(&project, mail).await;
        assert!(status == 400 && message.contains(expected), "{field}: {status} {message}");
    }
    let many: Vec<String> = (0..60).map(|n| format!("a{n}@example.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(call_refused(&project, mail_request("k", &many)).await.0, 400);
    assert_eq!(project.mails().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_reach_users_and_roles_once() {
    let project = TestProject::with_guests(&["teller"]).await;
    let added = ["ann", "bart", "cees"].map(|name| {
        let roles = if name == "cees" { vec!["editor".to_owned()] } else { vec!["sales".to_owned()] };
        (format!("{name}@example.com"), roles)
    });
    let ids = project
        .content
        .store()
        .write(move |tx| {
            let mut one = |(email, roles): &(String, Vec<String>)| {
                tx.admin_users().create(email, "", roles, "2025-01-01T00:00:00.000Z")
            };
            added.iter().map(&mut one).collect::<Result<Vec<i64>, cairn_store::StoreError>>()
        })
        .await
        .unwrap();
    let notice = |key: &str, to: Json| json!({ "do": "notify", "key": key, "to": to, "title": "Deal won", "text": "€ 5,00", "link": "/admin/plugins/crm/deals" });
    let to_all = json!(["role:sales", ids[0].to_string(), ids[2].to_string(), "role:nobody", "999999"]);
    call_teller(&project, notice("k1", to_all.clone())).await.unwrap();
    call_teller(&project, notice("k1", to_all)).await.unwrap();
    for id in &ids {
        let rows = project.content.store().read(|r| r.notifications().list(*id, false, None, None, 10)).unwrap();
        assert_eq!(rows.len(), 1, "{id}");
        let notification = &rows[0].notification;
        assert_eq!(
            (notification.kind.as_str(), &notification.data["title"], &notification.data["excerpt"]),
            ("plugin-notice", &json!("Deal won"), &json!("€ 5,00"))
        );
        assert_eq!(notification.link.as_ref().unwrap()["path"], "/admin/plugins/crm/deals");
    }
    for (field, value, expected) in [
        ("to", json!([]), "1 to 100"),
        ("to", json!(["ann@example.com"]), "is not a recipient"),
        ("to", json!(["role:"]), "is not a recipient"),
        ("title", json!(""), "requires a title"),
        ("title", json!("x".repeat(201)), "200"),
        ("text", json!("a\u{0}b"), "control"),
        ("link", json!("https://evil.example/admin/"), "path of the admin"),
        ("link", json!("/admin/../api"), "path of the admin"),
    ] {
        let mut invalid_notice = notice("k9", json!(["role:sales"]));
        invalid_notice[field] = value;
        let (status, message) = call_refused(&project, invalid_notice).await;
        assert!(status == 400 && message.contains(expected), "{field}: {status} {message}");
    }
    call_teller(&project, notice("k2", json!(["role:sales"]))).await.unwrap();
    assert_eq!(call_refused(&project, notice("k3", json!(["role:sales"]))).await.0, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_times_and_money_are_formatted_by_locale() {
    let project = TestProject::with_guests(&["teller"]).await;
    let translate = |key: &str, locale: &str, arguments: Json| json!({ "do": "translate", "key": key, "locale": locale, "arguments": arguments });
    for (request, answer) in [
        (translate("places", "nl-BE", json!({ "n": 1, "name": "Ann" })), "1 plaats voor Ann"),
        (translate("places", "nl", json!({ "n": 1_200, "name": "Ann" })), "1.200 plaatsen voor Ann"),
        (translate("places", "fr", json!({ "n": 1_200, "name": "Ann" })), "1,200 places for Ann"),
        (translate("only", "nl", json!({})), "English only"),
        (translate("broken", "en", json!({ "n": 1 })), "{n, plural}"),
        (translate("nothing", "nl", json!({})), "nothing"),
        (translate("places", "nl", json!("no object")), "{n} plaatsen voor {name}"),
        (
            json!({ "do": "instant", "at": 1_795_287_900_000_i64, "locale": "nl", "zone": "Europe/Amsterdam", "style": "long" }),
            "21 november 2026 om 20:05",
        ),
        (json!({ "do": "money", "amount": "1234.5", "currency": "EUR", "locale": "nl" }), "€\u{a0}1.234,50"),
    ] {
        assert_eq!(call_teller(&project, request.clone()).await.unwrap(), answer, "{request}");
    }
    assert_eq!(
        call_teller(&project, json!({ "do": "site" })).await.unwrap(),
        json!(["Example", "https://example.org"])
    );
    assert_eq!(call_teller(&project, json!({ "do": "locales" })).await.unwrap(), json!([["en", true]]));
    for request in [
        json!({ "do": "instant", "at": 0, "locale": "nl", "zone": "Mars", "style": "long" }),
        json!({ "do": "instant", "at": i64::MAX, "locale": "nl", "zone": "UTC", "style": "long" }),
        json!({ "do": "money", "amount": "1e9", "currency": "EUR", "locale": "nl" }),
    ] {
        assert_eq!(call_refused(&project, request).await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn local_times_follow_the_rules_of_their_zone() {
    let project = TestProject::with_guests(&["teller"]).await;
    let ask = |request: Json| {
        let mut request = request;
        request["zone"] = request.get("zone").cloned().unwrap_or(json!("Europe/Amsterdam"));
        request
    };
    let local = ask(json!({ "do": "local", "at": [1_768_464_000_000_i64, 1_784_098_800_000_i64] }));
    assert_eq!(call_teller(&project, local).await.unwrap(), json!(["2026-01-15T09:00:00", "2026-07-15T09:00:00"]));
    // In the gap of spring, and the first of both in autumn.
    let instants = ask(json!({ "do": "instants", "local": ["2026-03-29T02:30", "2026-10-25T02:30"] }));
    let expected = json!([1_774_747_800_000_i64, 1_792_888_200_000_i64]);
    assert_eq!(call_teller(&project, instants).await.unwrap(), expected);
    let plus = ask(json!({ "do": "plus", "at": 1_768_464_000_000_i64, "durations": ["P6M", "PT24H"] }));
    let expected = json!([1_784_098_800_000_i64, 1_768_464_000_000_i64 + 86_400_000]);
    assert_eq!(call_teller(&project, plus).await.unwrap(), expected);
    for (request, path) in [
        (json!({ "do": "local", "at": [0], "zone": "Europe/Atlantis" }), json!(["zone"])),
        (json!({ "do": "local", "at": [0, i64::MAX] }), json!(["at", "1"])),
        (json!({ "do": "instants", "local": ["2026-03-29T09:30", "noon"] }), json!(["local", "1"])),
        (json!({ "do": "instants", "local": vec!["2026-03-29T09:30"; 1_001] }), json!(["local"])),
        (json!({ "do": "plus", "at": 0, "durations": ["P1D", "P"] }), json!(["durations", "1"])),
        (json!({ "do": "plus", "at": i64::MIN, "durations": ["P1D"] }), json!(["start"])),
    ] {
        let (status, message) = call_refused(&project, ask(request)).await;
        assert!(status == 400 && message.contains(&format!("\"path\":{path}")), "{path}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn public_files_have_addresses_that_change_with_their_content() {
    let project = TestProject::with_guests(&["teller"]).await;
    let url = call_teller(&project, json!({ "do": "public-url", "path": "note.txt" })).await.unwrap();
    let url = url.as_str().unwrap();
    let digest = url.strip_prefix("/plugins/teller/1.0.0/note.txt?v=").unwrap();
    assert!(digest.len() == 20 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{url}");
    let file = project.plugins.find_public_file("teller", "1.0.0", "note.txt").unwrap();
    assert_eq!((file.digest.as_str(), file.media_type), (digest, "text/plain; charset=utf-8"));
    for path in ["", "other.txt", "/note.txt", "../plugin.toml", "NOTE.txt", "public/note.txt"] {
        let (status, message) = call_refused(&project, json!({ "do": "public-url", "path": path })).await;
        assert_eq!(status, 404, "{path}: {message}");
        assert_eq!(project.plugins.find_public_file("teller", "1.0.0", path), None, "{path}");
    }
    for (plugin, version) in [("teller", "1.0.1"), ("teller", "1.0"), ("other", "1.0.0")] {
        assert_eq!(project.plugins.find_public_file(plugin, version, "note.txt"), None, "{plugin} {version}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn working_time_follows_the_current_calendar() {
    let project = TestProject::with_guests(&["teller"]).await;
    let open = json!({ "do": "open", "calendar": "office", "at": 1_735_725_600_000_i64 });
    let (status, _) = call_refused(&project, open.clone()).await;
    assert_eq!(status, 404);
    let set = async |file: Json| {
        let settings = parse_settings(&file.to_string(), project.content.registry(), &|_| None)
            .unwrap_or_else(|e| panic!("{e:?}"));
        apply_settings(&project.access, settings).await.unwrap()
    };
    let hours = json!(["09:00-17:00"]);
    let office = json!({ "zone": "Europe/Amsterdam", "hours": { "wednesday": hours, "thursday": hours } });
    assert_eq!(set(json!({ "calendars": { "office": office } })).await, ["calendar office: added"]);
    // Wednesday 1 January 2025, 11:00 there.
    assert_eq!(call_teller(&project, open.clone()).await.unwrap(), true);
    let hour = 3_600_000_i64;
    let add = json!({ "do": "add", "calendar": "office", "at": 1_735_725_600_000_i64, "amount": 8 * hour });
    assert_eq!(call_teller(&project, add).await.unwrap(), 1_735_725_600_000_i64 + 24 * hour);
    let between = json!({ "do": "between", "calendar": "office", "at": 1_735_725_600_000_i64, "to": 1_735_725_600_000_i64 + 48 * hour });
    assert_eq!(call_teller(&project, between).await.unwrap(), 14 * hour);
    let backwards = json!({ "do": "between", "calendar": "office", "at": 1, "to": 0 });
    assert_eq!(call_refused(&project, backwards).await.0, 400);
    // A holiday, from now on.
    let mut office = office;
    office["holidays"] = json!([{ "date": "01-01" }]);
    assert_eq!(set(json!({ "calendars": { "office": office } })).await, ["calendar office: changed"]);
    assert_eq!(call_teller(&project, open.clone()).await.unwrap(), false);
    assert_eq!(set(json!({ "calendars": null })).await, ["calendar office: removed"]);
    assert_eq!(call_refused(&project, open).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_committed_audit_entries_are_in_the_chain() {
    let project = TestProject::with_guests(&["teller"]).await;
    let append = |document: &str, action: &str, n: i64| json!({ "do": "append", "type": "plugin::teller.deal", "document": document, "action": action, "detail": { "n": n } });
    call_teller(&project, append("d1", "deal.won", 1)).await.unwrap();
    call_teller(&project, append("d2", "deal.won", 2)).await.unwrap();
    let mut undone = append("d1", "deal.lost", 3);
    undone["undone"] = json!(true);
    call_teller(&project, undone).await.unwrap();
    call_teller(&project, append("d1", "deal.paid", 4)).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let trail = json!({ "do": "trail", "type": "plugin::teller.deal", "document": "d1", "after": 0 });
    let entries = call_teller(&project, trail.clone()).await.unwrap();
    let all: Vec<_> =
        entries.as_array().unwrap().iter().map(|e| (e["action"].clone(), e["detail"]["n"].clone())).collect();
    assert_eq!(all, [(json!("deal.won"), json!(1)), (json!("deal.paid"), json!(4))]);
    assert_eq!((&entries[0]["actor"], &entries[0]["chain"]), (&json!("public"), &json!(32)));
    let mut rest = trail;
    rest["after"] = entries[0]["n"].clone();
    assert_eq!(call_teller(&project, rest).await.unwrap().as_array().unwrap().len(), 1);
    let store = project.content.store();
    assert!(matches!(verify_log(store, None).unwrap(), AuditLogCheck::Intact { entries: 3.., .. }));
    for (field, value) in [
        ("action", json!("")),
        ("action", json!("Deal Won")),
        ("action", json!("x".repeat(65))),
        ("document", json!("")),
        ("detail", json!("x".repeat(70_000))),
    ] {
        let mut invalid_entry = append("d1", "deal.won", 1);
        invalid_entry[field] = value;
        assert_eq!(call_refused(&project, invalid_entry).await.0, 400, "{field}");
    }
}
