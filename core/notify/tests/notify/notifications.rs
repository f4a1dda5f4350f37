//! Telling admin users: in the admin and by mail, as each prefers.

use crate::common::TestTenant;
use cairn_notify::{Kind, Notification, NotificationTarget, notify, preferences};
use cairn_store::StoreError;
use cairn_store::notify::MailState;
use serde_json::{Value as Json, json};

fn mention_notification(to: &[i64], key: &str) -> Notification {
    Notification {
        kind: Kind::Mention,
        to: to.to_vec(),
        data: json!({ "title": "Spring", "actor": "Bart", "excerpt": "Look <here>", "unknown": 1 }),
        once_key: key.into(),
        link: Some(NotificationTarget::Document {
            content_type: "api::article.article".into(),
            document_id: "abc".into(),
            locale: Some("nl".into()),
        }),
    }
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
async fn notifications_reach_the_inbox_and_mail() {
    for tenant in TestTenant::on_every_database().await {
        let (ann, eve) = (tenant.create_admin("ann@example.com").await, tenant.create_admin("eve@example.com").await);
        // Named twice, and one who is not there.
        send_notification(&tenant, mention_notification(&[ann, ann, 999], "comment:1")).await;
        tenant.run_engine().await;
        let rows = tenant.store.read(|r| r.notifications().list(ann, false, None, None, 10)).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].notification.data, json!({ "title": "Spring", "actor": "Bart", "excerpt": "Look <here>" }));
        assert_eq!(tenant.store.read(|r| r.notifications().count_unread(eve)).unwrap(), 0);
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1);
        let (mail, rendered_mail) = (&mails[0], mails[0].rendered.as_ref().unwrap());
        assert_eq!((mail.state, mail.mail.to_address.as_str()), (MailState::Test, "ann@example.com"));
        assert_eq!(rendered_mail.subject, "Bart mentioned you: Spring");
        let link = "https://cms.example.com/admin/content/api::article.article/abc?locale=nl";
        assert!(
            rendered_mail.text.contains(link) && rendered_mail.html.contains(&link.replace('=', "&#x3D;")),
            "{}",
            rendered_mail.text
        );
        assert!(rendered_mail.html.contains("Look &lt;here&gt;") && rendered_mail.text.contains("Look <here>"));
        let headers = mail.headers.as_ref().unwrap().to_string();
        for header in ["List-Unsubscribe", "List-Unsubscribe=One-Click", "auto-generated", "Message-ID"] {
            assert!(headers.contains(header), "{header}: {headers}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_sent_once_per_key_and_only_on_commit() {
    for tenant in TestTenant::on_every_database().await {
        let ann = tenant.create_admin("ann@example.com").await;
        for key in ["a", "a", "b", &"long".repeat(100), &"long".repeat(100)] {
            send_notification(&tenant, mention_notification(&[ann], key)).await;
        }
        let now = tenant.now_ms();
        let failed = tenant.store.write(move |tx| {
            notify(tx, &mention_notification(&[ann], "c"), now)?;
            Err::<(), _>(StoreError::Conflict)
        });
        assert!(failed.await.is_err());
        tenant.run_engine().await;
        assert_eq!(tenant.store.read(|r| r.notifications().count_unread(ann)).unwrap(), 3);
        assert_eq!(tenant.mail_states(), [MailState::Test; 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_apply_per_kind_and_channel() {
    for tenant in TestTenant::on_every_database().await {
        let ann = tenant.create_admin("ann@example.com").await;
        set_preferences(
            &tenant,
            ann,
            json!({ "locale": "nl-BE", "kinds": { "mention": { "mail": "off" }, "assigned": { "inApp": "off" } } }),
        )
        .await;
        send_notification(&tenant, mention_notification(&[ann], "a")).await;
        let assigned = Notification { kind: Kind::Assigned, ..mention_notification(&[ann], "b") };
        send_notification(&tenant, assigned.clone()).await;
        tenant.run_engine().await;
        let rows = tenant.store.read(|r| r.notifications().list(ann, false, None, None, 10)).unwrap();
        let kinds: Vec<&str> = rows.iter().map(|r| r.notification.kind.as_str()).collect();
        assert_eq!(kinds, ["mention"]);
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].rendered.as_ref().unwrap().subject, "Aan jou toegewezen: Spring");
        // Null is the default again; what is not named stays.
        set_preferences(&tenant, ann, json!({ "locale": null, "kinds": { "mention": { "mail": null } } })).await;
        let view = tenant.store.read(|r| preferences::load_preferences(r, ann)).unwrap().unwrap();
        let view = serde_json::to_value(view).unwrap();
        let find_kind =
            |kind: &str| view["kinds"].as_array().unwrap().iter().find(|k| k["kind"] == kind).unwrap().clone();
        assert_eq!(find_kind("mention")["levels"], json!({ "inApp": "now", "mail": "now" }));
        assert_eq!(find_kind("assigned")["levels"]["inApp"], "off");
        assert_eq!(find_kind("assigned")["defaults"]["inApp"], "now");
        assert_eq!(tenant.store.read(|r| preferences::load_preferences(r, 999)).unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_marked_read_one_by_one_or_all() {
    for tenant in TestTenant::on_every_database().await {
        let (ann, eve) = (tenant.create_admin("ann@example.com").await, tenant.create_admin("eve@example.com").await);
        for key in ["a", "b", "c", "d"] {
            send_notification(&tenant, mention_notification(&[ann, eve], key)).await;
        }
        let list = |unread, before, limit| {
            let rows = tenant.store.read(|r| r.notifications().list(ann, unread, None, before, limit)).unwrap();
            rows.iter().map(|r| r.id).collect::<Vec<_>>()
        };
        let all = list(false, None, 10);
        assert_eq!(all.len(), 4);
        assert_eq!([list(false, None, 2), list(false, Some(all[1]), 10)].concat(), all);
        let (first, at) = (all[3], tenant.now_ms());
        assert!(tenant.write(move |tx| tx.notifications().mark_read(ann, first, Some(at))).await);
        assert!(!tenant.write(move |tx| tx.notifications().mark_read(eve, first, Some(at))).await, "hers are others");
        assert_eq!(list(true, None, 10), all[..3]);
        // Read again later: the first time counts.
        tenant.write(move |tx| tx.notifications().mark_read(ann, first, Some(at + 5))).await;
        let row = tenant.store.read(|r| r.notifications().list(ann, false, None, None, 10)).unwrap().pop().unwrap();
        assert_eq!(row.read_at, Some(at));
        assert!(tenant.write(move |tx| tx.notifications().mark_read(ann, first, None)).await);
        assert_eq!(list(true, None, 10), all);
        let up_to = all[1];
        assert_eq!(tenant.write(move |tx| tx.notifications().mark_all_read(ann, Some(up_to), at)).await, 3);
        assert_eq!(list(true, None, 10), all[..1]);
        assert_eq!(tenant.write(move |tx| tx.notifications().mark_all_read(ann, None, at)).await, 1);
        assert_eq!(tenant.store.read(|r| r.notifications().count_unread(eve)).unwrap(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unsubscribe_links_stop_one_kind_after_confirmation() {
    for tenant in TestTenant::on_every_database().await {
        let ann = tenant.create_admin("ann@example.com").await;
        send_notification(&tenant, mention_notification(&[ann], "a")).await;
        tenant.run_engine().await;
        let text = tenant.mails()[0].rendered.as_ref().unwrap().text.clone();
        let token = text.split("/admin/unsubscribe/").nth(1).unwrap().trim().to_owned();
        let page = tenant.notifier.unsubscribe_page(&token).unwrap().unwrap();
        assert_eq!((page.admin_user, page.topic, page.done, page.language), (ann, "mention", false, "en"));
        // Looking changes nothing.
        send_notification(&tenant, mention_notification(&[ann], "b")).await;
        assert_eq!(tenant.mails().len(), 2);
        for _ in 0..2 {
            assert!(tenant.notifier.unsubscribe_by_token(&token).await.unwrap().unwrap().done);
        }
        send_notification(&tenant, mention_notification(&[ann], "c")).await;
        assert_eq!(tenant.mails().len(), 2);
        assert_eq!(tenant.store.read(|r| r.notifications().count_unread(ann)).unwrap(), 3, "in the admin it goes on");
        let other = Notification { kind: Kind::Assigned, ..mention_notification(&[ann], "d") };
        send_notification(&tenant, other).await;
        assert_eq!(tenant.mails().len(), 3, "of other kinds too");
        let (head, mac) = token.split_once('.').unwrap();
        for bad in [
            "",
            ".",
            "x",
            head,
            &format!("{head}."),
            &format!("{head}.AAAA"),
            &format!("x{head}.{mac}"),
            &"a.".repeat(10_000),
        ] {
            assert_eq!(tenant.notifier.unsubscribe_by_token(bad).await.unwrap(), None, "{bad}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_about_erased_documents_are_deleted_and_no_others() {
    for tenant in TestTenant::on_every_database().await {
        let ann = tenant.create_admin("ann@example.com").await;
        // The first links to the document, the second names it in its key only, and the rest are about other documents.
        for (key, link) in [("a", "abc"), ("lead/xyz/new", "other"), ("b", "abcd"), ("lead/xyzabc", "other"), ("", "")]
        {
            let link = NotificationTarget::Document {
                content_type: "api::article.article".into(),
                document_id: link.into(),
                locale: None,
            };
            send_notification(&tenant, Notification { link: Some(link), ..mention_notification(&[ann], key) }).await;
        }
        assert_eq!(tenant.write(|tx| tx.notifications().delete_for_documents(&[])).await, 0);
        assert_eq!(tenant.write(|tx| tx.notifications().delete_for_documents(&["", "ab", "%", "nobody"])).await, 0);
        assert_eq!(tenant.write(|tx| tx.notifications().delete_for_documents(&["xyz", "abc"])).await, 2);
        let left = tenant.store.read(|r| r.notifications().list(ann, false, None, None, 10)).unwrap();
        let keys: Vec<&str> = left.iter().map(|row| row.notification.once_key.as_str()).collect();
        assert_eq!(keys, ["", "lead/xyzabc", "b"]);
    }
}
