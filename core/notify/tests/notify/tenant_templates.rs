//! A tenant's own words.

use crate::common::TestTenant;
use crate::exactly_once::test_mail;
use cairn_notify::{NotifyError, PartChanges, send_mail};
use cairn_store::events::Actor;
use cairn_store::notify::{MailState, RenderedMail, TemplateRow};
use serde_json::{Map, json};

fn root_actor() -> Actor {
    Actor::admin(1, "root@example.com")
}

fn subject_change(text: &str) -> PartChanges {
    PartChanges { subject: Some(text.into()), ..PartChanges::default() }
}

async fn send_and_read(tenant: &TestTenant, key: &str, locale: Option<&str>) -> RenderedMail {
    let mut mail = test_mail(key, "ann@example.com");
    mail.locale = locale.map(Into::into);
    let now = tenant.now_ms();
    let id = tenant.store.write(move |tx| send_mail(tx, &mail, now)).await.unwrap().unwrap();
    tenant.run_engine().await;
    let row = tenant.store.read(|r| r.mails().get(id)).unwrap().unwrap();
    assert_eq!(row.state, MailState::Test);
    row.rendered.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tenant_templates_apply_to_their_locale_until_reset() {
    for tenant in TestTenant::on_every_database().await {
        let n = &tenant.notifier;
        let set =
            n.set_template("test", "nl", subject_change("Proefmail van {{site.name}}"), root_actor()).await.unwrap();
        assert!(set.own.is_some() && set.parts.text.contains("Dit is een test"), "the other parts stay");
        assert_eq!(send_and_read(&tenant, "a", Some("nl")).await.subject, "Proefmail van Donkervoort");
        assert_eq!(
            send_and_read(&tenant, "b", Some("nl-BE")).await.subject,
            "Proefmail van Donkervoort",
            "its language"
        );
        assert_eq!(
            send_and_read(&tenant, "c", None).await.subject,
            "Test mail from Donkervoort",
            "the tenant's own locale"
        );
        n.reset_template("test", "nl", root_actor()).await.unwrap();
        assert!(matches!(n.reset_template("test", "nl", root_actor()).await, Err(NotifyError::NotFound)));
        assert_eq!(send_and_read(&tenant, "d", Some("nl")).await.subject, "Testmail van Donkervoort");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_templates_are_refused_and_change_nothing() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let n = &tenant.notifier;
    let refused =
        n.set_template("test", "nl", subject_change("{{site.nmae}}"), root_actor()).await.unwrap_err().to_string();
    assert!(refused.starts_with("subject: ") && refused.contains("nmae"), "{refused}");
    for (name, locale) in [("nothing", "nl"), ("test", "../x"), ("test", ""), ("layout", "nl")] {
        assert!(n.set_template(name, locale, subject_change("x"), root_actor()).await.is_err(), "{name} {locale}");
    }
    assert_eq!(tenant.store.read(|r| r.mail_templates().list()).unwrap(), []);
    let data: Map<_, _> = json!({ "title": "Mine <b>", "nothing": 1 }).as_object().unwrap().clone();
    let html = PartChanges { html: Some("<i>{{title}}</i>".into()), ..PartChanges::default() };
    let mail = n.preview_template("mention", "nl", html, &data).unwrap();
    assert_eq!(mail.subject, "Bart noemde je: Mine <b>");
    assert!(mail.html.contains("<i>Mine &lt;b&gt;</i>") && mail.html.contains("Donkervoort"));
    assert!(n.preview_template("mention", "nl", subject_change("{{#if}}"), &data).is_err());
}

/// One that a newer version would refuse, or that a restore brought.
#[tokio::test(flavor = "multi_thread")]
async fn templates_that_fail_fall_back_to_the_built_in_one() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let parts = RenderedMail { subject: "{{gone}}".into(), text: "x".into(), html: "x".into() };
    let row = TemplateRow { name: "test".into(), locale: "en".into(), parts, updated_at: 0, updated_by: "x".into() };
    tenant.write(move |tx| tx.mail_templates().save(&row)).await;
    assert_eq!(send_and_read(&tenant, "a", None).await.subject, "Test mail from Donkervoort");
}
