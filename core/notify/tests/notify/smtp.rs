//! Against a real mail server: npm's `smtp-server`, in a process of its own. `cargo xtask test mail` fetches it and runs these.

use crate::common::TestTenant;
use crate::exactly_once::test_mail;
use cairn_notify::{
    EventTime, Invitation, InvitationMethod, MailError, MailMode, MailOptions, Mailer, OutgoingMail, PartialTemplate,
    PluginMail, RedactedMail, SEND_MAIL_JOB, enqueue_plugin_mail, send_mail, templates,
};
use cairn_store::events::{Actor, JobState};
use cairn_store::notify::{MailState, SuppressionReason};
use cairn_testkit::extend_limit;
use chrono::TimeDelta;
use icalendar::{Calendar, Component};
use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A mail server of one test; gone with the value.
struct SmtpServer {
    child: Child,
    port: u16,
    said: Arc<Mutex<Vec<Json>>>,
}

impl SmtpServer {
    fn start(arguments: &[&str]) -> Self {
        let folder = std::env::var("CAIRN_SMTP_SERVER").unwrap_or_else(|_| {
            panic!("CAIRN_SMTP_SERVER names the folder that npm's smtp-server is in: cargo xtask test mail")
        });
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp-server.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(folder).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().unwrap();
        let lines_read = Arc::new(Mutex::new(Vec::<Json>::new()));
        let (lines, heard) = (BufReader::new(child.stdout.take().unwrap()).lines(), lines_read.clone());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                heard.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        let mut server = Self { child, port: 0, said: lines_read };
        server.wait_until(|s| !s.events_named("listening").is_empty());
        server.port = u16::try_from(server.events_named("listening")[0]["port"].as_u64().unwrap()).unwrap();
        server
    }

    fn events_named(&self, event: &str) -> Vec<Json> {
        self.said.lock().unwrap().iter().filter(|e| e["event"] == event).cloned().collect()
    }

    fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(start.elapsed() < extend_limit(Duration::from_secs(20)), "{:?}", self.said.lock().unwrap());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// All that arrived, whole, once there are so many: the server says so in a process of its own.
    fn received_mails(&self, count: usize) -> Vec<String> {
        self.wait_until(|s| s.events_named("mail").len() >= count);
        self.events_named("mail").iter().map(|m| m["raw"].as_str().unwrap().to_owned()).collect()
    }

    fn new_mailer(&self, url: &str, ca_file: Option<PathBuf>) -> Mailer {
        let smtp_url = Some(url.replace("PORT", &self.port.to_string()));
        Mailer::new(&MailOptions { smtp_url, from: Some("Post <post@example.com>".into()), mode: None, ca_file })
            .unwrap()
    }

    async fn test_tenant(&self) -> TestTenant {
        TestTenant::with_mailer(self.new_mailer("smtp://127.0.0.1:PORT", None)).await
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn send_and_run(tenant: &TestTenant, mail: OutgoingMail) {
    let now = tenant.now_ms();
    tenant.store.write(move |tx| send_mail(tx, &mail, now)).await.unwrap();
    tenant.run_engine().await;
}

fn plugin_mail(to: &str, parts: PartialTemplate) -> PluginMail {
    PluginMail {
        once_key: "w".into(),
        source: "plugin:crm:confirm".into(),
        locale: "en".into(),
        to: vec![to.to_owned()],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        parts,
        headers: Vec::new(),
        attachments: Vec::new(),
        invitation: None,
        visible: None,
    }
}

async fn send_plugin_mail(tenant: &TestTenant, mail: PluginMail) {
    let now = tenant.now_ms();
    let future = tenant.store.write(move |tx| {
        enqueue_plugin_mail(tx, &mail, now).map(drop).map_err(|error| match error {
            MailError::Store(error) => error,
            MailError::Field(problem) => panic!("{problem:?}"),
        })
    });
    future.await.unwrap();
    tenant.run_engine().await;
}

/// Runs until what was asked for has ended, moving the clock over pauses.
async fn run_past_pauses(tenant: &TestTenant) {
    for _ in 0..60 {
        tenant.run_engine().await;
        if tenant.jobs(SEND_MAIL_JOB, JobState::Waiting).is_empty() {
            return;
        }
        tenant.advance_clock(TimeDelta::minutes(2));
    }
    panic!("{:#?}", tenant.jobs(SEND_MAIL_JOB, JobState::Waiting));
}

/// Of a mail as it arrived; unfolded.
fn read_header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    let start = format!("{}: ", name.to_lowercase());
    head.split("\r\n").find(|line| line.to_lowercase().starts_with(&start)).map(|line| line[start.len()..].to_owned())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn mails_arrive_once_with_all_their_headers() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    assert_eq!(tenant.notifier.mode(), MailMode::Smtp);
    let mail = OutgoingMail {
        to_name: Some("Ånn “the boss”".into()),
        reply_to: Some("info@bücher.example".into()),
        template: "mention",
        data: json!({ "title": "Überraschung – 50 % ✓ 🎉", "actor": "Bärt", "excerpt": "日本語 <b>" }),
        unsubscribe: Some((1, "mention")),
        ..test_mail("a", "ann@bücher.example")
    };
    send_and_run(&tenant, mail).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent]);
    let (mails, row) = (server.received_mails(1), tenant.mails().remove(0));
    assert_eq!(mails.len(), 1);
    // The server shows domains as people write them.
    assert_eq!(server.events_named("mail")[0]["to"], json!(["ann@bücher.example"]));
    assert_eq!(server.events_named("mail")[0]["from"], "post@example.com");
    let find_header = |name| read_header(&mails[0], name).unwrap_or_else(|| panic!("{name}: {}", mails[0]));
    assert_eq!(find_header("Message-ID"), row.message_id.clone().unwrap());
    assert_eq!(find_header("Auto-Submitted"), "auto-generated");
    assert_eq!(find_header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(find_header("List-Unsubscribe").starts_with("<https://cms.example.com/admin/unsubscribe/"));
    assert_eq!(find_header("Reply-To"), "info@xn--bcher-kva.example");
    assert!(find_header("Subject").starts_with("=?utf-8?"), "{}", find_header("Subject"));
    assert!(
        find_header("To").contains("=?utf-8?") && find_header("To").ends_with("<ann@xn--bcher-kva.example>"),
        "{}",
        find_header("To")
    );
    assert!(find_header("Content-Type").starts_with("multipart/alternative"));
    assert!(mails[0].is_ascii());
    // The stored mail is the one that was sent.
    assert_eq!(row.rendered.unwrap().subject, "Bärt mentioned you: Überraschung – 50 % ✓ 🎉");
    assert_eq!(row.attempts, 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn temporary_rejections_are_retried_after_a_pause() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    send_and_run(&tenant, test_mail("a", "later-2@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Waiting]);
    assert!(tenant.mails()[0].error.as_ref().unwrap().contains("4.3.2 come back later"));
    // The retry does not come before its time.
    tenant.advance_clock(TimeDelta::seconds(5));
    tenant.run_engine().await;
    assert_eq!(server.events_named("rcpt").len(), 1);
    run_past_pauses(&tenant).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent]);
    assert_eq!(
        (server.received_mails(1).len(), server.events_named("rcpt").len(), tenant.mails()[0].attempts),
        (1, 3, 3)
    );
    assert_eq!(tenant.mails()[0].error, None);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn permanent_rejections_bounce_and_suppress_the_address() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    for (key, to) in
        [("a", "gone@example.com"), ("b", "full@example.com"), ("c", "plain@example.com"), ("d", "policy@example.com")]
    {
        send_and_run(&tenant, test_mail(key, to)).await;
    }
    assert_eq!(tenant.mail_states(), [MailState::Bounced, MailState::Bounced, MailState::Bounced, MailState::Failed]);
    assert!(tenant.mails()[0].error.as_ref().unwrap().contains("5.1.1 no such user"));
    assert!(tenant.mails()[3].error.as_ref().unwrap().contains("5.7.1 looks like spam"));
    let rows = tenant.store.read(|r| r.mail_suppressions().list("", 10)).unwrap();
    let suppressed: Vec<&str> = rows.iter().map(|s| s.address.as_str()).collect();
    assert_eq!(
        suppressed,
        ["full@example.com", "gone@example.com", "plain@example.com"],
        "spam says nothing of an address"
    );
    assert!(rows.iter().all(|s| s.reason == SuppressionReason::Bounce && s.mail.is_some()));
    let before = server.events_named("rcpt").len();
    send_and_run(&tenant, test_mail("e", "Gone@example.com")).await;
    assert_eq!(tenant.mail_states()[4], MailState::Suppressed);
    assert_eq!(server.events_named("rcpt").len(), before, "the server is not asked");
    assert!(tenant.jobs(SEND_MAIL_JOB, JobState::Dead).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn broken_connections_are_retried_with_the_same_message_id() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    send_and_run(&tenant, test_mail("a", "cut-2@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Waiting]);
    run_past_pauses(&tenant).await;
    assert_eq!((tenant.mail_states(), server.received_mails(1).len()), (vec![MailState::Sent], 1));
    // Taken, and lost on the way back: it is sent again, and is the same mail to whoever gets it.
    send_and_run(&tenant, test_mail("b", "lost-1@example.com")).await;
    run_past_pauses(&tenant).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent, MailState::Sent]);
    let ids: Vec<String> =
        server.received_mails(3)[1..].iter().map(|m| read_header(m, "Message-ID").unwrap()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(tenant.mails().iter().filter(|m| m.mail.once_key == "b").count(), 1);
    let dates: Vec<String> = server.received_mails(3)[1..].iter().map(|m| read_header(m, "Date").unwrap()).collect();
    assert_eq!(dates[0], dates[1]);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn unreachable_servers_are_retried_until_the_mail_fails() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    drop(server);
    send_and_run(&tenant, test_mail("a", "ann@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Waiting]);
    assert!(tenant.mails()[0].error.is_some());
    // For about a day; then somebody has to look.
    for _ in 0..40 {
        tenant.advance_clock(TimeDelta::hours(2));
        tenant.run_engine().await;
    }
    assert_eq!(tenant.mail_states(), [MailState::Failed]);
    assert_eq!(tenant.jobs(SEND_MAIL_JOB, JobState::Dead).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn sites_that_hold_mail_still_send_password_resets() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    tenant.apply_json(&json!({ "mail": { "held": true } })).await;
    let data = json!({ "title": "One", "actor": "Bert", "excerpt": "Look" });
    send_and_run(&tenant, OutgoingMail { template: "mention", data, ..test_mail("a", "ann@example.com") }).await;
    let secret = json!({ "url": "https://x.example/reset?code=x", "validUntil": tenant.now_ms() + 60_000 });
    let (template, data) = (templates::PASSWORD_RESET, json!({ "username": "ann", "minutes": 30 }));
    send_and_run(&tenant, OutgoingMail { template, data, secret: Some(secret), ..test_mail("b", "ben@example.com") })
        .await;
    assert_eq!(tenant.mail_states(), [MailState::Suppressed, MailState::Sent]);
    assert_eq!(server.events_named("mail")[0]["to"], json!(["ben@example.com"]));
    // The held mail can be read, and can be sent once the site no longer holds its mail.
    let row = tenant.mails().remove(0);
    assert!(row.rendered.is_some() && row.error.as_ref().unwrap().contains("holds its mail"), "{row:?}");
    tenant.apply_json(&json!({ "mail": { "held": null } })).await;
    tenant.notifier.resend_mail(row.id, Actor::public()).await.unwrap();
    tenant.run_engine().await;
    assert_eq!((tenant.mail_states()[0], server.received_mails(2).len()), (MailState::Sent, 2));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn secret_codes_exist_only_in_the_sent_mail() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    let secret = json!({ "url": "https://x.example/reset?code=TOPSECRETCODE", "validUntil": tenant.now_ms() + 60_000 });
    let reset = |to: &str| OutgoingMail {
        template: templates::PASSWORD_RESET,
        data: json!({ "username": "ann", "minutes": 30 }),
        secret: Some(secret.clone()),
        ..test_mail(to, to)
    };
    send_and_run(&tenant, reset("ann@example.com")).await;
    assert!(server.received_mails(1)[0].replace("=\r\n", "").contains("TOPSECRETCODE"));
    let row = tenant.mails().remove(0);
    assert!(!format!("{row:?}").contains("TOPSECRETCODE"));
    assert!(row.rendered.unwrap().text.contains("•••"));
    assert_eq!(tenant.store.read(|r| r.mails().get_secret(row.id)).unwrap(), None);
    // Secrets of plugins' mails are treated alike.
    let parts = |token: &str| PartialTemplate {
        subject: Some(format!("Confirm {token}")),
        text: Some(format!("Go to https://x.example/confirm/{token}")),
        html: None,
    };
    let headers = |token: &str| vec![("X-Confirm".to_owned(), token.to_owned())];
    let confirmation = PluginMail {
        headers: headers("TOPSECRETCODE"),
        visible: Some(RedactedMail { parts: parts("•••"), headers: headers("•••"), invitation: None }),
        ..plugin_mail("bart@example.com", parts("TOPSECRETCODE"))
    };
    send_plugin_mail(&tenant, confirmation).await;
    let arrived = server.received_mails(2)[1].replace("=\r\n", "");
    assert!(arrived.contains("X-Confirm: TOPSECRETCODE") && arrived.contains("/confirm/TOPSECRETCODE"), "{arrived}");
    let row = tenant.mails().remove(1);
    assert!(!format!("{row:?}").contains("TOPSECRETCODE"), "{row:?}");
    assert!(row.rendered.unwrap().subject.contains("•••"));
    assert_eq!(tenant.store.read(|r| r.mails().get_secret(row.id)).unwrap(), None);
    // A code that could not be sent in time is of no use.
    send_and_run(&tenant, reset("later-1@example.com")).await;
    let preview = tenant.notifier.preview_mail(tenant.mails()[2].id).unwrap().unwrap();
    assert!(!format!("{preview:?}").contains("TOPSECRETCODE"));
    tenant.advance_clock(TimeDelta::minutes(2));
    run_past_pauses(&tenant).await;
    assert_eq!((tenant.mail_states()[2], server.received_mails(2).len()), (MailState::Failed, 2));
    assert!(tenant.mails()[2].error.as_ref().unwrap().contains("had expired"));
    assert_eq!(tenant.store.read(|r| r.mails().get_secret(tenant.mails()[2].id)).unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn invitations_arrive_with_a_calendar_for_each_recipient() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    tenant.apply_json(&json!({ "mail": { "fromName": "The Hall", "from": "hall@example.com" } })).await;
    let parts = PartialTemplate { subject: Some("Your place".into()), text: Some("See you".into()), html: None };
    let invitation = Invitation {
        uid: "b1@example.com".into(),
        sequence: 0,
        method: InvitationMethod::Request,
        time: EventTime::Timed { start: 1_798_797_600_000, end: Some(1_798_804_800_000) },
        summary: "Concert, with tea".into(),
        description: Some("First line\nSecond line".into()),
        location: None,
    };
    let mail = PluginMail { bcc: vec!["carol@example.com".into()], ..plugin_mail("ann@example.com", parts) };
    let first = PluginMail { invitation: Some(invitation.clone()), ..mail.clone() };
    send_plugin_mail(&tenant, first.clone()).await;
    send_plugin_mail(&tenant, PluginMail { source: "plugin:crm:again".into(), ..first }).await;
    let cancelled = Invitation { sequence: 1, method: InvitationMethod::Cancel, ..invitation };
    send_plugin_mail(&tenant, PluginMail { invitation: Some(cancelled), ..mail }).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent; 4], "the same change once, whatever the template");
    server.received_mails(4);
    for (n, arrived) in server.events_named("mail").iter().enumerate() {
        let (raw, to, cancels) = (arrived["raw"].as_str().unwrap(), arrived["to"][0].as_str().unwrap(), n > 1);
        let method = if cancels { "CANCEL" } else { "REQUEST" };
        assert!(read_header(raw, "Content-Type").unwrap().starts_with("multipart/mixed"), "{raw}");
        let (_, part) =
            raw.split_once(&format!("Content-Type: text/calendar; method={method}; charset=utf-8")).unwrap();
        let (head, text) = part.split_once("\r\n\r\n").unwrap();
        let text = text.split("\r\n--").next().unwrap();
        // Lines that are as long as calendars may have them are too long for mails.
        let text = match head.contains("quoted-printable") {
            true => text.replace("=\r\n", "").replace("=3D", "="),
            false => text.to_owned(),
        };
        let calendar: Calendar = text.parse().unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(calendar.property_value("METHOD"), Some(method));
        let event = calendar.events().next().unwrap();
        assert_eq!((event.get_uid(), event.get_sequence()), (Some("b1@example.com"), Some(u32::from(cancels))));
        assert_eq!(event.get_summary(), Some("Concert, with tea"));
        assert_eq!(event.get_description(), Some("First line\nSecond line"));
        assert_eq!(event.property_value("ORGANIZER"), Some("mailto:hall@example.com"));
        // A hidden attendee is in their own calendar alone.
        let attendees = event.multi_properties()["ATTENDEE"].iter().map(|attendee| attendee.value());
        let expected = ["mailto:ann@example.com", "mailto:carol@example.com"];
        let count = if to == "ann@example.com" { 1 } else { 2 };
        assert!(attendees.eq(expected[..count].iter().copied()), "{raw}");
        assert_eq!(raw.matches("Content-Type: application/ics\r\n").count(), 1, "{raw}");
        assert_eq!(raw.matches("BEGIN:VCALENDAR").count(), 2, "{raw}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn unicode_addresses_require_a_server_with_smtputf8() {
    let (modern, old) = (SmtpServer::start(&[]), SmtpServer::start(&["--ascii"]));
    let tenant = modern.test_tenant().await;
    send_and_run(&tenant, test_mail("a", "δοκιμή@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent]);
    assert_eq!(modern.events_named("mail")[0]["to"], json!(["δοκιμή@example.com"]));
    let tenant = old.test_tenant().await;
    send_and_run(&tenant, test_mail("a", "δοκιμή@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Failed]);
    assert!(tenant.mails()[0].error.as_ref().unwrap().contains("SMTPUTF8"), "{:?}", tenant.mails()[0].error);
    assert_eq!(tenant.store.read(|r| r.mail_suppressions().list("", 10)).unwrap(), []);
}

/// A key and a certificate of `localhost`, signed by itself.
fn create_certificate(folder: &Path) -> (String, String) {
    let (key, cert) = (folder.join("key.pem"), folder.join("cert.pem"));
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
    openssl.args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]);
    openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"]).arg(&key).arg("-out").arg(&cert);
    assert!(openssl.stderr(Stdio::null()).status().unwrap().success());
    (key.display().to_string(), cert.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn required_tls_is_enforced_before_signing_in() {
    let folder = tempfile::tempdir().unwrap();
    let (key, cert) = create_certificate(folder.path());
    let server = SmtpServer::start(&["--tls", &key, &cert, "--auth", "cairn", "p@ss word"]);
    let url = "smtp://cairn:p%40ss%20word@localhost:PORT?tls=required";
    let tenant = TestTenant::with_mailer(server.new_mailer(url, Some(cert.clone().into()))).await;
    send_and_run(&tenant, test_mail("a", "ann@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Sent], "{:?}", tenant.mails()[0].error);
    let body = server.events_named("mail").remove(0);
    assert_eq!((body["secure"].clone(), body["user"].clone()), (json!(true), json!("cairn")));
    // A certificate that nobody vouches for: no mail, and no password.
    let tenant = TestTenant::with_mailer(server.new_mailer(url, None)).await;
    let before = server.events_named("auth").len();
    send_and_run(&tenant, test_mail("a", "ann@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Waiting]);
    assert_eq!(server.events_named("auth").len(), before);
    // A wrong password is the configuration's mistake: no address is suppressed for it.
    let tenant = TestTenant::with_mailer(
        server.new_mailer("smtp://cairn:geheim@localhost:PORT?tls=required", Some(cert.into())),
    )
    .await;
    send_and_run(&tenant, test_mail("a", "ann@example.com")).await;
    assert_eq!(tenant.mail_states(), [MailState::Waiting]);
    let row = tenant.mails().remove(0);
    assert!(row.error.as_ref().unwrap().contains("5.7.8") && !format!("{row:?}").contains("geheim"), "{:?}", row.error);
    assert_eq!(tenant.store.read(|r| r.mail_suppressions().list("", 10)).unwrap(), []);
    // A server without TLS is not spoken to where it is asked for.
    let plain = SmtpServer::start(&[]);
    let tenant = TestTenant::with_mailer(plain.new_mailer("smtp://localhost:PORT?tls=required", None)).await;
    send_and_run(&tenant, test_mail("a", "ann@example.com")).await;
    assert_eq!((tenant.mail_states(), plain.events_named("rcpt").len()), (vec![MailState::Waiting], 0));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs node: cargo xtask test mail"]
async fn two_hundred_mails_arrive_exactly_once() {
    let server = SmtpServer::start(&[]);
    let tenant = server.test_tenant().await;
    let now = tenant.now_ms();
    tenant
        .store
        .write(move |tx| {
            (0..200).try_for_each(|i| {
                send_mail(tx, &test_mail(&format!("m{i}"), &format!("u{i}@example.com")), now).map(drop)
            })
        })
        .await
        .unwrap();
    tenant.run_engine().await;
    assert_eq!(tenant.mail_states(), [MailState::Sent; 200]);
    assert_eq!(server.received_mails(200).len(), 200);
    let mut to: Vec<String> =
        server.events_named("mail").iter().map(|m| m["to"][0].as_str().unwrap().to_owned()).collect();
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 200);
}
