//! Mails of plugins with an event for calendars, and with files of others; by the guest `teller`.

use crate::files::upload;
use crate::host_functions::{call_refused, call_teller, mail_request};
use crate::test_project::{TestProject, installed_guest, plugin_folder};
use cairn_notify::{EventTime, InvitationMethod, find_invitation};
use cairn_plugin_host::InstalledPlugin;
use cairn_plugin_package::{Grants, Manifest};
use cairn_store::events::{Actor, ActorKind};
use cairn_store::notify::MailState;
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn invitation_request(to: &[&str], invitation: Json) -> Json {
    let mut request = mail_request("", to);
    request["do"] = json!("invite");
    request["invitation"] = invitation;
    request
}

fn concert(sequence: u32) -> Json {
    json!({
        "uid": "b1@example.com", "sequence": sequence, "start": 1_798_797_600_000_i64, "end": 1_798_804_800_000_i64,
        "summary": "Concert", "description": "Code 12345678\nat the door", "location": "Hall 1",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_are_sent_once_per_uid_sequence_and_method() {
    let project = TestProject::with_guests(&["teller"]).await;
    let to = ["ann@example.com", "bart@example.com"];
    let ids = call_teller(&project, invitation_request(&to, concert(0))).await.unwrap();
    assert_eq!(ids.as_array().unwrap().len(), 2);
    // Again, with other texts: the same mails.
    let mut repeated = invitation_request(&to, concert(0));
    repeated["invitation"]["summary"] = json!("Recital");
    repeated["inline"] = json!("{\"subject\":\"s\",\"text\":\"t\"}");
    assert_eq!(call_teller(&project, repeated).await.unwrap(), ids);
    let mut cancelled = concert(1);
    cancelled["method"] = json!("cancel");
    call_teller(&project, invitation_request(&to, cancelled)).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let mails = project.mails();
    let states: Vec<MailState> = mails.iter().map(|mail| mail.state).collect();
    assert_eq!(states, [MailState::Test; 4], "{:?}", mails[0].error);
    let sent: Vec<(String, u32, InvitationMethod)> = mails
        .iter()
        .map(|row| find_invitation(&row.mail.data).unwrap())
        .map(|invitation| (invitation.summary, invitation.sequence, invitation.method))
        .collect();
    let concert = |sequence, method| ("Concert".to_owned(), sequence, method);
    let (first, second) = (concert(0, InvitationMethod::Request), concert(1, InvitationMethod::Cancel));
    assert_eq!(sent, [first.clone(), first, second.clone(), second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn invitations_of_whole_days_have_secrets_too() {
    let project = TestProject::with_guests(&["teller"]).await;
    let mut fair = concert(0);
    (fair["firstDay"], fair["lastDay"]) = (json!("2027-02-27"), json!("2027-02-28"));
    let mut request = invitation_request(&["ann@example.com"], fair);
    request["secrets"] = json!(["12345678"]);
    call_teller(&project, request).await.unwrap();
    let row = project.mails().remove(0);
    let shown = find_invitation(&row.mail.data).unwrap();
    assert_eq!(shown.description.as_deref(), Some("Code •••\nat the door"));
    let (first_day, last_day) = ("2027-02-27".to_owned(), "2027-02-28".to_owned());
    assert_eq!(shown.time, EventTime::AllDay { first_day, last_day });
    let secret = project.content.store().read(|r| r.mails().get_secret(row.id)).unwrap().unwrap();
    assert_eq!(find_invitation(&secret).unwrap().description.as_deref(), Some("Code 12345678\nat the door"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_invitations_are_refused_with_their_field() {
    let project = TestProject::with_guests(&["teller"]).await;
    for (field, value) in [
        ("uid", json!("")),
        ("uid", json!("a\r\nATTENDEE:mailto:eve@example.com")),
        ("summary", json!("a\r\nBcc: eve@example.com")),
        ("summary", json!("x".repeat(501))),
        ("description", json!("a\u{0}b")),
        ("location", json!("a\nb")),
        ("start", json!(i64::MAX)),
        ("end", json!(1_798_797_600_000_i64)),
        ("first-day", json!("tomorrow")),
        ("last-day", json!("2027-01-01")),
    ] {
        let mut invitation = concert(0);
        match field {
            "first-day" => invitation["firstDay"] = value,
            "last-day" => (invitation["firstDay"], invitation["lastDay"]) = (json!("2027-01-02"), value),
            _ => invitation[field] = value,
        }
        let (status, message) = call_refused(&project, invitation_request(&["ann@example.com"], invitation)).await;
        assert!(
            status == 400 && message.contains(&format!(r#"["messages","0","invitation","{field}"]"#)),
            "{field}: {message}"
        );
    }
    // A message with an invitation cannot have a key of its own.
    let mut named = invitation_request(&["ann@example.com"], concert(0));
    named["key"] = json!("k1");
    let (status, message) = call_refused(&project, named).await;
    assert!(status == 400 && message.contains(r#"["messages","0","key"]"#), "{message}");
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.mails().len(), 0);
}

fn plugin_actor(id: &str) -> Actor {
    Actor { kind: ActorKind::Plugin, id: Some(id.to_owned()), ..Actor::public() }
}

fn with_file(key: &str, file: &str) -> Json {
    let mut request = mail_request(key, &["ann@example.com"]);
    request["attachments"] = json!([file]);
    request
}

/// `teller`, which may also read articles with these fields.
fn teller_that_reads(fields: &str, number: i64) -> InstalledPlugin {
    let manifest = std::fs::read_to_string(plugin_folder("teller").join("plugin.toml")).unwrap();
    let grant = format!(
        "[[grant]]\nuse = \"data.read\"\ntypes = [\"api::article.article\"]\nfields = [{fields}]\nreason = \"Reads.\"\n"
    );
    let manifest = Manifest::parse(&format!("{manifest}\n{grant}")).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let grants = Grants::from_manifest(&manifest);
    InstalledPlugin { grants, manifest: Arc::new(manifest), number, ..installed_guest("teller") }
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_are_files_that_the_plugin_may_see() {
    let project = TestProject::with_guests(&["teller"]).await;
    let public = upload(&project, Actor::public(), false).await;
    call_teller(&project, with_file("public", &public)).await.unwrap();
    let mine = upload(&project, plugin_actor("teller"), true).await;
    call_teller(&project, with_file("own", &mine)).await.unwrap();
    // A private file of an editor, and one of another plugin: as if they did not exist, also once a document has them.
    let private = [upload(&project, Actor::public(), true).await, upload(&project, plugin_actor("allow"), true).await];
    for file in &private {
        let (status, message) = call_refused(&project, with_file("private", file)).await;
        assert!(status == 400 && message.contains("not found"), "{message}");
        let article = json!({ "title": "a", "cover": { "documentId": file } });
        project.create("api::article.article", article).await.unwrap();
        assert_eq!(call_refused(&project, with_file("private", file)).await.0, 400);
    }
    // A file is hidden if its document is readable but its field is not.
    for (number, fields, visible) in [(2, "\"title\"", false), (3, "\"title\", \"cover\"", true)] {
        for answer in project.plugins.replace_running(vec![teller_that_reads(fields, number)]) {
            answer.unwrap();
        }
        for (n, file) in private.iter().enumerate() {
            match visible {
                true => drop(call_teller(&project, with_file(&format!("seen{n}"), file)).await.unwrap()),
                false => assert_eq!(call_refused(&project, with_file("private", file)).await.0, 400),
            }
        }
    }
    project.engine.run_until_idle().await.unwrap();
    let mails = project.mails();
    assert_eq!(mails.len(), 4);
    for row in &mails {
        assert_eq!(row.state, MailState::Test, "{:?}", row.error);
        assert_eq!(row.mail.data["written"]["attachments"][0]["name"], "notes.txt");
    }
}
