//! A tenant's own words.

use crate::common::World;
use crate::once::mail;
use cairn_notify::{NotifyError, PartChanges, send_mail};
use cairn_store::events::Actor;
use cairn_store::notify::{MailState, RenderedMail, TemplateRow};
use serde_json::{Map, json};

fn root() -> Actor {
    Actor::admin(1, "root@example.com")
}

fn subject(text: &str) -> PartChanges {
    PartChanges { subject: Some(text.into()), ..PartChanges::default() }
}

async fn sent(world: &World, key: &str, locale: Option<&str>) -> RenderedMail {
    let mut mail = mail(key, "ann@example.com");
    mail.locale = locale.map(Into::into);
    let now = world.now();
    let id = world.store.write(move |tx| send_mail(tx, &mail, now)).await.unwrap().unwrap();
    world.run().await;
    let row = world.store.read(|r| r.mail(id)).unwrap().unwrap();
    assert_eq!(row.state, MailState::Test);
    row.rendered.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_own_template_holds_in_its_locale_until_it_is_reset() {
    for world in World::every().await {
        let n = &world.notifier;
        let set = n.set_template("test", "nl", subject("Proefmail van {{site.name}}"), root()).await.unwrap();
        assert!(set.own.is_some() && set.parts.text.contains("Dit is een test"), "the other parts stay");
        assert_eq!(sent(&world, "a", Some("nl")).await.subject, "Proefmail van Donkervoort");
        assert_eq!(sent(&world, "b", Some("nl-BE")).await.subject, "Proefmail van Donkervoort", "its language");
        assert_eq!(sent(&world, "c", None).await.subject, "Test mail from Donkervoort", "the tenant's own locale");
        n.reset_template("test", "nl", root()).await.unwrap();
        assert!(matches!(n.reset_template("test", "nl", root()).await, Err(NotifyError::NotFound)));
        assert_eq!(sent(&world, "d", Some("nl")).await.subject, "Testmail van Donkervoort");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_and_changes_nothing() {
    let world = World::every().await.remove(0);
    let n = &world.notifier;
    let refused = n.set_template("test", "nl", subject("{{site.nmae}}"), root()).await.unwrap_err().to_string();
    assert!(refused.starts_with("subject: ") && refused.contains("nmae"), "{refused}");
    for (name, locale) in [("nothing", "nl"), ("test", "../x"), ("test", ""), ("layout", "nl")] {
        assert!(n.set_template(name, locale, subject("x"), root()).await.is_err(), "{name} {locale}");
    }
    assert_eq!(world.store.read(|r| r.mail_templates()).unwrap(), []);
    let data: Map<_, _> = json!({ "title": "Mine <b>", "nothing": 1 }).as_object().unwrap().clone();
    let html = PartChanges { html: Some("<i>{{title}}</i>".into()), ..PartChanges::default() };
    let mail = n.preview_template("mention", "nl", html, &data).unwrap();
    assert_eq!(mail.subject, "Bart noemde je: Mine <b>");
    assert!(mail.html.contains("<i>Mine &lt;b&gt;</i>") && mail.html.contains("Donkervoort"));
    assert!(n.preview_template("mention", "nl", subject("{{#if}}"), &data).is_err());
}

/// One that a newer version would refuse, or that a restore brought.
#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_cannot_be_filled_costs_no_mail() {
    let world = World::every().await.remove(0);
    let parts = RenderedMail { subject: "{{gone}}".into(), text: "x".into(), html: "x".into() };
    let row = TemplateRow { name: "test".into(), locale: "en".into(), parts, updated_at: 0, updated_by: "x".into() };
    world.write(move |tx| tx.set_mail_template(&row)).await;
    assert_eq!(sent(&world, "a", None).await.subject, "Test mail from Donkervoort");
}
