//! Addresses that get no mail, and the reports that say so.

use crate::common::World;
use crate::once::mail;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_notify::{NotifyError, ReportSignature, send_mail};
use cairn_store::events::Actor;
use cairn_store::notify::MailState;
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

fn sign(world: &World, id: &str, timestamp: &str, body: &[u8]) -> String {
    let secret = world.notifier.bounce_secret();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn report(world: &World, body: &Json) -> Result<usize, NotifyError> {
    let (body, timestamp) = (body.to_string(), (world.now() / 1_000).to_string());
    let signature = format!("v1,AAAA {}", sign(world, "e1", &timestamp, body.as_bytes()));
    let signature = ReportSignature { id: "e1", timestamp: &timestamp, signature: &signature };
    world.notifier.record_bounces(signature, body.as_bytes()).await
}

async fn send(world: &World, key: &str, to: &str) {
    let (mail, now) = (mail(key, to), world.now());
    world.store.write(move |tx| send_mail(tx, &mail, now)).await.unwrap();
    world.run().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_address_gets_no_mail_until_it_is_cleared() {
    for world in World::every().await {
        let body = json!({ "events": [
            { "type": "bounce", "address": "Gone@Example.com", "detail": "no such\r\nuser" },
            { "type": "complaint", "address": "angry@example.com" },
        ]});
        assert_eq!(report(&world, &body).await.unwrap(), 2);
        assert_eq!(
            report(&world, &json!({ "events": [{ "type": "bounce", "address": "gone@example.com" }] })).await.unwrap(),
            0
        );
        let rows = world.store.read(|r| r.suppressions("", 10)).unwrap();
        let shown: Vec<(&str, &str)> = rows.iter().map(|s| (s.address.as_str(), s.reason.as_str())).collect();
        assert_eq!(shown, [("angry@example.com", "complaint"), ("gone@example.com", "bounce")]);
        assert_eq!(rows[1].detail.as_deref(), Some("no such  user"));
        send(&world, "a", "gone@example.com").await;
        assert_eq!(world.states(), [MailState::Suppressed]);
        assert!(world.mails()[0].error.as_ref().unwrap().contains("bounce"));
        let root = Actor::admin(1, "root@example.com");
        world.notifier.clear_suppression("GONE@example.com", root.clone()).await.unwrap();
        assert!(matches!(
            world.notifier.clear_suppression("gone@example.com", root.clone()).await,
            Err(NotifyError::NotFound)
        ));
        // The one that was not sent is sent after all.
        world.notifier.resend_mail(world.mails()[0].id, root.clone()).await.unwrap();
        world.run().await;
        assert_eq!(world.states(), [MailState::Test]);
        assert!(world.notifier.resend_mail(world.mails()[0].id, root.clone()).await.is_err());
        world.notifier.suppress_address("no@example.com", Some("asked us".into()), root.clone()).await.unwrap();
        assert!(
            world.notifier.suppress_address("no", None, root).await.unwrap_err().to_string().starts_with("address: ")
        );
        send(&world, "b", "no@example.com").await;
        assert_eq!(world.states()[1], MailState::Suppressed);
        let events = world.store.read(|r| r.events(&Default::default(), None, 100)).unwrap();
        assert!(!format!("{events:?}").contains("gone@example.com"), "addresses are in no log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_has_a_signature_and_a_form() {
    let world = World::every().await.remove(0);
    let body = br#"{"events":[{"type":"bounce","address":"a@example.com"}]}"#;
    let now = (world.now() / 1_000).to_string();
    let good = sign(&world, "id", &now, body);
    let old = (world.now() / 1_000 - 400).to_string();
    let old_signature = sign(&world, "id", &old, body);
    for (id, timestamp, signature, given) in [
        ("id", now.as_str(), "", &body[..]),
        ("id", "", &good, body),
        ("id", "9223372036854775807", &good, body),
        ("other", &now, &good, body),
        ("id", &now, &good[3..], body),
        ("id", &now, &good, b"{}"),
        ("id", &old, &old_signature, body),
    ] {
        let refused = world.notifier.record_bounces(ReportSignature { id, timestamp, signature }, given).await;
        assert!(matches!(refused, Err(NotifyError::Signature(_))), "{id} {timestamp} {signature}");
    }
    for (body, field) in [
        (json!([]), ""),
        (json!({ "events": [{ "type": "shrug", "address": "a@example.com" }] }), "events[0].type"),
        (json!({ "events": [{ "type": "bounce", "address": "a\r\nb" }] }), "events[0].address"),
        (json!({ "events": [{ "type": "bounce" }] }), "events[0]"),
        (json!({ "events": vec![json!({ "type": "bounce", "address": "a@example.com" }); 1_001] }), "events"),
    ] {
        match report(&world, &body).await {
            Err(NotifyError::Invalid(told)) => assert_eq!(told.0[0].0, field, "{told}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(world.store.read(|r| r.suppressions("", 10)).unwrap(), []);
}
