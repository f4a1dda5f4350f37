//! The daily mail.

use crate::common::TestTenant;
use cairn_notify::{Kind, Notification, notify, preferences};
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

fn due_notification(to: i64, title: &str) -> Notification {
    let data = json!({ "title": title, "due": "2026-03-03" });
    Notification { kind: Kind::Due, to: vec![to], data, once_key: format!("due:{title}"), link: None }
}

async fn send_notification(tenant: &TestTenant, n: Notification) {
    let now = tenant.now_ms();
    tenant.write(move |tx| notify(tx, &n, now)).await;
}

async fn set_preferences(tenant: &TestTenant, user: i64, body: Json) {
    let (changes, now) = (preferences::parse_changes(&body).unwrap(), tenant.now_ms());
    tenant.write(move |tx| preferences::apply_changes(tx, user, &changes, now).map_err(|e| panic!("{e}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_are_sent_at_eight_in_the_readers_time_zone() {
    for tenant in TestTenant::on_every_database().await {
        // The clock is at 06:30 UTC: 07:30 in Amsterdam, 01:30 in New York.
        let (ann, bob) = (tenant.create_admin("ann@example.com").await, tenant.create_admin("bob@example.com").await);
        set_preferences(&tenant, ann, json!({ "zone": "Europe/Amsterdam", "locale": "nl" })).await;
        set_preferences(&tenant, bob, json!({ "zone": "America/New_York" })).await;
        for user in [ann, bob] {
            send_notification(&tenant, due_notification(user, "Contract")).await;
            send_notification(&tenant, due_notification(user, "Brochure <new>")).await;
            send_notification(&tenant, due_notification(user, "Contract")).await;
        }
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 0);
        tenant.advance_clock(TimeDelta::minutes(31));
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1, "{mails:#?}");
        let rendered_mail = mails[0].rendered.as_ref().unwrap();
        assert_eq!(
            (mails[0].mail.to_address.as_str(), rendered_mail.subject.as_str()),
            ("ann@example.com", "2 meldingen van Donkervoort")
        );
        assert!(
            rendered_mail.text.contains("- Deadline: Contract\n- Deadline: Brochure <new>"),
            "{}",
            rendered_mail.text
        );
        assert!(rendered_mail.html.contains("<li>Deadline: Brochure &lt;new&gt;</li>"), "{}", rendered_mail.html);
        tenant.advance_clock(TimeDelta::hours(6));
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].mail.to_address, "bob@example.com");
        // A day without notifications has no digest; the next digest has one line.
        tenant.advance_clock(TimeDelta::days(1));
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 2);
        send_notification(&tenant, due_notification(ann, "Last")).await;
        tenant.advance_clock(TimeDelta::days(1));
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 3);
        assert_eq!(mails[2].rendered.as_ref().unwrap().subject, "1 melding van Donkervoort");
        assert_eq!(tenant.mail_states(), [MailState::Test; 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_days_are_combined_into_one_digest() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let ann = tenant.create_admin("ann@example.com").await;
    send_notification(&tenant, due_notification(ann, "A")).await;
    tenant.advance_clock(TimeDelta::days(5));
    tenant.run_engine().await;
    assert_eq!(tenant.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_are_not_sent_after_they_are_switched_off() {
    for tenant in TestTenant::on_every_database().await {
        let ann = tenant.create_admin("ann@example.com").await;
        send_notification(&tenant, due_notification(ann, "A")).await;
        set_preferences(&tenant, ann, json!({ "kinds": { "due": { "mail": "off" } } })).await;
        tenant.advance_clock(TimeDelta::days(1));
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 0);
        assert_eq!(tenant.store.read(|r| r.digests().list_entries(ann, 10)).unwrap(), [], "it does not wait for ever");
        // By the link of a digest: all that comes in digests.
        set_preferences(&tenant, ann, json!({ "kinds": { "due": { "mail": "digest" } } })).await;
        send_notification(&tenant, due_notification(ann, "B")).await;
        tenant.advance_clock(TimeDelta::days(1));
        tenant.run_engine().await;
        let text = tenant.mails()[0].rendered.as_ref().unwrap().text.clone();
        let token = text.split("/admin/unsubscribe/").nth(1).unwrap().trim().to_owned();
        tenant.notifier.unsubscribe_by_token(&token).await.unwrap().unwrap();
        let rows = tenant.store.read(|r| r.notification_preferences().list(ann)).unwrap();
        let off: Vec<&str> = rows.iter().filter(|p| p.level == "off").map(|p| p.kind.as_str()).collect();
        assert_eq!(off, ["comment", "due"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_digests_are_truncated_with_a_count() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let ann = tenant.create_admin("ann@example.com").await;
    for i in 0..60 {
        send_notification(&tenant, due_notification(ann, &format!("T{i}"))).await;
    }
    tenant.advance_clock(TimeDelta::days(1));
    tenant.run_engine().await;
    let mails = tenant.mails();
    let mail = mails[0].rendered.as_ref().unwrap();
    assert_eq!(mail.subject, "60 notifications from Donkervoort");
    assert!(
        mail.text.contains("T49") && !mail.text.contains("T50") && mail.text.contains("And 10 more"),
        "{}",
        mail.text
    );
}
