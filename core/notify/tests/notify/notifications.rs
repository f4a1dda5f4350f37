//! Telling admin users: in the admin and by mail, as each prefers.

use crate::common::World;
use cairn_notify::{Kind, Notification, NotificationTarget, notify, preferences};
use cairn_store::StoreError;
use cairn_store::notify::MailState;
use serde_json::{Value as Json, json};

fn mention(to: &[i64], key: &str) -> Notification {
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

async fn tell(world: &World, n: Notification) {
    let now = world.now();
    world.write(move |tx| notify(tx, &n, now)).await;
}

async fn prefer(world: &World, user: i64, body: Json) {
    let (changes, now) = (preferences::parse_changes(&body).unwrap(), world.now());
    world.write(move |tx| preferences::apply_changes(tx, user, &changes, now).map_err(|e| panic!("{e}"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_call_tells_in_the_admin_and_by_mail() {
    for world in World::every().await {
        let (ann, eve) = (world.admin("ann@example.com").await, world.admin("eve@example.com").await);
        // Named twice, and one who is not there.
        tell(&world, mention(&[ann, ann, 999], "comment:1")).await;
        world.run().await;
        let rows = world.store.read(|r| r.notifications(ann, false, None, None, 10)).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].notification.data, json!({ "title": "Spring", "actor": "Bart", "excerpt": "Look <here>" }));
        assert_eq!(world.store.read(|r| r.unread_notifications(eve)).unwrap(), 0);
        let mails = world.mails();
        assert_eq!(mails.len(), 1);
        let (mail, said) = (&mails[0], mails[0].rendered.as_ref().unwrap());
        assert_eq!((mail.state, mail.mail.to_address.as_str()), (MailState::Test, "ann@example.com"));
        assert_eq!(said.subject, "Bart mentioned you: Spring");
        let link = "https://cms.example.com/admin/content/api::article.article/abc?locale=nl";
        assert!(said.text.contains(link) && said.html.contains(&link.replace('=', "&#x3D;")), "{}", said.text);
        assert!(said.html.contains("Look &lt;here&gt;") && said.text.contains("Look <here>"));
        let headers = mail.headers.as_ref().unwrap().to_string();
        for header in ["List-Unsubscribe", "List-Unsubscribe=One-Click", "auto-generated", "Message-ID"] {
            assert!(headers.contains(header), "{header}: {headers}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_tells_nobody_twice_and_a_failed_write_tells_nobody() {
    for world in World::every().await {
        let ann = world.admin("ann@example.com").await;
        for key in ["a", "a", "b", &"long".repeat(100), &"long".repeat(100)] {
            tell(&world, mention(&[ann], key)).await;
        }
        let now = world.now();
        let failed = world.store.write(move |tx| {
            notify(tx, &mention(&[ann], "c"), now)?;
            Err::<(), _>(StoreError::Conflict)
        });
        assert!(failed.await.is_err());
        world.run().await;
        assert_eq!(world.store.read(|r| r.unread_notifications(ann)).unwrap(), 3);
        assert_eq!(world.states(), [MailState::Test; 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn preferences_decide_per_kind_and_channel() {
    for world in World::every().await {
        let ann = world.admin("ann@example.com").await;
        prefer(
            &world,
            ann,
            json!({ "locale": "nl-BE", "kinds": { "mention": { "mail": "off" }, "assigned": { "inApp": "off" } } }),
        )
        .await;
        tell(&world, mention(&[ann], "a")).await;
        let assigned = Notification { kind: Kind::Assigned, ..mention(&[ann], "b") };
        tell(&world, assigned.clone()).await;
        world.run().await;
        let rows = world.store.read(|r| r.notifications(ann, false, None, None, 10)).unwrap();
        let kinds: Vec<&str> = rows.iter().map(|r| r.notification.kind.as_str()).collect();
        assert_eq!(kinds, ["mention"]);
        let mails = world.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].rendered.as_ref().unwrap().subject, "Aan jou toegewezen: Spring");
        // Null is the default again; what is not named stays.
        prefer(&world, ann, json!({ "locale": null, "kinds": { "mention": { "mail": null } } })).await;
        let shown = world.store.read(|r| preferences::preferences_json(r, ann)).unwrap().unwrap();
        let of = |kind: &str| shown["kinds"].as_array().unwrap().iter().find(|k| k["kind"] == kind).unwrap().clone();
        assert_eq!(of("mention")["levels"], json!({ "inApp": "now", "mail": "now" }));
        assert_eq!(of("assigned")["levels"]["inApp"], "off");
        assert_eq!(of("assigned")["defaults"]["inApp"], "now");
        assert_eq!(world.store.read(|r| preferences::preferences_json(r, 999)).unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_read_one_by_one_or_all() {
    for world in World::every().await {
        let (ann, eve) = (world.admin("ann@example.com").await, world.admin("eve@example.com").await);
        for key in ["a", "b", "c", "d"] {
            tell(&world, mention(&[ann, eve], key)).await;
        }
        let list = |unread, before, limit| {
            let rows = world.store.read(|r| r.notifications(ann, unread, None, before, limit)).unwrap();
            rows.iter().map(|r| r.id).collect::<Vec<_>>()
        };
        let all = list(false, None, 10);
        assert_eq!(all.len(), 4);
        assert_eq!([list(false, None, 2), list(false, Some(all[1]), 10)].concat(), all);
        let (first, at) = (all[3], world.now());
        assert!(world.write(move |tx| tx.read_notification(ann, first, Some(at))).await);
        assert!(!world.write(move |tx| tx.read_notification(eve, first, Some(at))).await, "hers are others");
        assert_eq!(list(true, None, 10), all[..3]);
        // Read again later: the first time counts.
        world.write(move |tx| tx.read_notification(ann, first, Some(at + 5))).await;
        let row = world.store.read(|r| r.notifications(ann, false, None, None, 10)).unwrap().pop().unwrap();
        assert_eq!(row.read_at, Some(at));
        assert!(world.write(move |tx| tx.read_notification(ann, first, None)).await);
        assert_eq!(list(true, None, 10), all);
        let up_to = all[1];
        assert_eq!(world.write(move |tx| tx.read_notifications(ann, Some(up_to), at)).await, 3);
        assert_eq!(list(true, None, 10), all[..1]);
        assert_eq!(world.write(move |tx| tx.read_notifications(ann, None, at)).await, 1);
        assert_eq!(world.store.read(|r| r.unread_notifications(eve)).unwrap(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_a_mail_ends_its_kind_once_it_is_confirmed() {
    for world in World::every().await {
        let ann = world.admin("ann@example.com").await;
        tell(&world, mention(&[ann], "a")).await;
        world.run().await;
        let text = world.mails()[0].rendered.as_ref().unwrap().text.clone();
        let token = text.split("/admin/unsubscribe/").nth(1).unwrap().trim().to_owned();
        let page = world.notifier.unsubscribe_page(&token).unwrap().unwrap();
        assert_eq!((page.admin_user, page.topic, page.done, page.language), (ann, "mention", false, "en"));
        // Looking changes nothing.
        tell(&world, mention(&[ann], "b")).await;
        assert_eq!(world.mails().len(), 2);
        for _ in 0..2 {
            assert!(world.notifier.unsubscribe_by_token(&token).await.unwrap().unwrap().done);
        }
        tell(&world, mention(&[ann], "c")).await;
        assert_eq!(world.mails().len(), 2);
        assert_eq!(world.store.read(|r| r.unread_notifications(ann)).unwrap(), 3, "in the admin it goes on");
        let other = Notification { kind: Kind::Assigned, ..mention(&[ann], "d") };
        tell(&world, other).await;
        assert_eq!(world.mails().len(), 3, "of other kinds too");
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
            assert_eq!(world.notifier.unsubscribe_by_token(bad).await.unwrap(), None, "{bad}");
        }
    }
}
