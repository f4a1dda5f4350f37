//! The daily mail.

use crate::common::World;
use cairn_notify::{Kind, Notification, notify, preferences};
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

fn due(to: i64, title: &str) -> Notification {
    let data = json!({ "title": title, "due": "2026-03-03" });
    Notification { kind: Kind::Due, to: vec![to], data, once_key: format!("due:{title}"), link: None }
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
async fn a_digest_comes_at_eight_in_the_readers_zone() {
    for world in World::every().await {
        // It is 06:30 in UTC: 07:30 in Amsterdam, 01:30 in New York.
        let (ann, bob) = (world.admin("ann@example.com").await, world.admin("bob@example.com").await);
        prefer(&world, ann, json!({ "zone": "Europe/Amsterdam", "locale": "nl" })).await;
        prefer(&world, bob, json!({ "zone": "America/New_York" })).await;
        for user in [ann, bob] {
            tell(&world, due(user, "Contract")).await;
            tell(&world, due(user, "Brochure <new>")).await;
            tell(&world, due(user, "Contract")).await;
        }
        world.run().await;
        assert_eq!(world.mails().len(), 0);
        world.wait(TimeDelta::minutes(31));
        world.run().await;
        let mails = world.mails();
        assert_eq!(mails.len(), 1, "{mails:#?}");
        let said = mails[0].rendered.as_ref().unwrap();
        assert_eq!(
            (mails[0].mail.to_address.as_str(), said.subject.as_str()),
            ("ann@example.com", "2 meldingen van Donkervoort")
        );
        assert!(said.text.contains("- Deadline: Contract\n- Deadline: Brochure <new>"), "{}", said.text);
        assert!(said.html.contains("<li>Deadline: Brochure &lt;new&gt;</li>"), "{}", said.html);
        world.wait(TimeDelta::hours(6));
        world.run().await;
        let mails = world.mails();
        assert_eq!(mails.len(), 2);
        assert_eq!(mails[1].mail.to_address, "bob@example.com");
        // Nothing new, no mail; then one line.
        world.wait(TimeDelta::days(1));
        world.run().await;
        assert_eq!(world.mails().len(), 2);
        tell(&world, due(ann, "Last")).await;
        world.wait(TimeDelta::days(1));
        world.run().await;
        let mails = world.mails();
        assert_eq!(mails.len(), 3);
        assert_eq!(mails[2].rendered.as_ref().unwrap().subject, "1 melding van Donkervoort");
        assert_eq!(world.states(), [MailState::Test; 3]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_were_missed_are_made_up_for_by_one_mail() {
    let world = World::every().await.remove(0);
    let ann = world.admin("ann@example.com").await;
    tell(&world, due(ann, "A")).await;
    world.wait(TimeDelta::days(5));
    world.run().await;
    assert_eq!(world.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_switches_it_off_is_not_told_after_all() {
    for world in World::every().await {
        let ann = world.admin("ann@example.com").await;
        tell(&world, due(ann, "A")).await;
        prefer(&world, ann, json!({ "kinds": { "due": { "mail": "off" } } })).await;
        world.wait(TimeDelta::days(1));
        world.run().await;
        assert_eq!(world.mails().len(), 0);
        assert_eq!(world.store.read(|r| r.digest(ann, 10)).unwrap(), [], "it does not wait for ever");
        // By the link of a digest: all that comes in digests.
        prefer(&world, ann, json!({ "kinds": { "due": { "mail": "digest" } } })).await;
        tell(&world, due(ann, "B")).await;
        world.wait(TimeDelta::days(1));
        world.run().await;
        let text = world.mails()[0].rendered.as_ref().unwrap().text.clone();
        let token = text.split("/admin/unsubscribe/").nth(1).unwrap().trim().to_owned();
        world.notifier.unsubscribe_by_token(&token).await.unwrap().unwrap();
        let said = world.store.read(|r| r.preferences(ann)).unwrap();
        let off: Vec<&str> = said.iter().filter(|p| p.level == "off").map(|p| p.kind.as_str()).collect();
        assert_eq!(off, ["comment", "due"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_digest_is_cut_and_says_so() {
    let world = World::every().await.remove(0);
    let ann = world.admin("ann@example.com").await;
    for i in 0..60 {
        tell(&world, due(ann, &format!("T{i}"))).await;
    }
    world.wait(TimeDelta::days(1));
    world.run().await;
    let mails = world.mails();
    let said = mails[0].rendered.as_ref().unwrap();
    assert_eq!(said.subject, "60 notifications from Donkervoort");
    assert!(
        said.text.contains("T49") && !said.text.contains("T50") && said.text.contains("And 10 more"),
        "{}",
        said.text
    );
}
