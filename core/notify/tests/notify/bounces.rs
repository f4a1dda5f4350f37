//! Addresses that get no mail, and the reports that say so.

use crate::common::TestTenant;
use crate::exactly_once::test_mail;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_notify::{NotifyError, ReportSignature, send_mail};
use cairn_store::events::Actor;
use cairn_store::notify::MailState;
use hmac::{Hmac, Mac};
use serde_json::{Value as Json, json};
use sha2::Sha256;

fn sign_report(tenant: &TestTenant, id: &str, timestamp: &str, body: &[u8]) -> String {
    let secret = tenant.notifier.bounce_secret();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

async fn send_report(tenant: &TestTenant, body: &Json) -> Result<usize, NotifyError> {
    let (body, timestamp) = (body.to_string(), (tenant.now_ms() / 1_000).to_string());
    let signature = format!("v1,AAAA {}", sign_report(tenant, "e1", &timestamp, body.as_bytes()));
    let signature = ReportSignature { id: "e1", timestamp: &timestamp, signature: &signature };
    tenant.notifier.record_bounces(signature, body.as_bytes()).await
}

async fn send_and_run(tenant: &TestTenant, key: &str, to: &str) {
    let (mail, now) = (test_mail(key, to), tenant.now_ms());
    tenant.store.write(move |tx| send_mail(tx, &mail, now)).await.unwrap();
    tenant.run_engine().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reported_addresses_are_suppressed_until_cleared() {
    for tenant in TestTenant::on_every_database().await {
        let body = json!({ "events": [
            { "type": "bounce", "address": "Gone@Example.com", "detail": "no such\r\nuser" },
            { "type": "complaint", "address": "angry@example.com" },
        ]});
        assert_eq!(send_report(&tenant, &body).await.unwrap(), 2);
        assert_eq!(
            send_report(&tenant, &json!({ "events": [{ "type": "bounce", "address": "gone@example.com" }] }))
                .await
                .unwrap(),
            0
        );
        let rows = tenant.store.read(|r| r.mail_suppressions().list("", 10)).unwrap();
        let suppressed: Vec<(&str, &str)> = rows.iter().map(|s| (s.address.as_str(), s.reason.as_str())).collect();
        assert_eq!(suppressed, [("angry@example.com", "complaint"), ("gone@example.com", "bounce")]);
        assert_eq!(rows[1].detail.as_deref(), Some("no such  user"));
        send_and_run(&tenant, "a", "gone@example.com").await;
        assert_eq!(tenant.mail_states(), [MailState::Suppressed]);
        assert!(tenant.mails()[0].error.as_ref().unwrap().contains("bounce"));
        let root = Actor::admin(1, "root@example.com");
        tenant.notifier.clear_suppression("GONE@example.com", root.clone()).await.unwrap();
        assert!(matches!(
            tenant.notifier.clear_suppression("gone@example.com", root.clone()).await,
            Err(NotifyError::NotFound)
        ));
        // The one that was not sent is sent after all.
        tenant.notifier.resend_mail(tenant.mails()[0].id, root.clone()).await.unwrap();
        tenant.run_engine().await;
        assert_eq!(tenant.mail_states(), [MailState::Test]);
        assert!(tenant.notifier.resend_mail(tenant.mails()[0].id, root.clone()).await.is_err());
        tenant.notifier.suppress_address("no@example.com", Some("asked us".into()), root.clone()).await.unwrap();
        assert!(
            tenant.notifier.suppress_address("no", None, root).await.unwrap_err().to_string().starts_with("address: ")
        );
        send_and_run(&tenant, "b", "no@example.com").await;
        assert_eq!(tenant.mail_states()[1], MailState::Suppressed);
        let events = tenant.store.read(|r| r.events().list(&Default::default(), None, 100)).unwrap();
        assert!(!format!("{events:?}").contains("gone@example.com"), "addresses are in no log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bounce_reports_require_a_valid_signature_and_form() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let body = br#"{"events":[{"type":"bounce","address":"a@example.com"}]}"#;
    let now = (tenant.now_ms() / 1_000).to_string();
    let good = sign_report(&tenant, "id", &now, body);
    let old = (tenant.now_ms() / 1_000 - 400).to_string();
    let old_signature = sign_report(&tenant, "id", &old, body);
    for (id, timestamp, signature, payload) in [
        ("id", now.as_str(), "", &body[..]),
        ("id", "", &good, body),
        ("id", "9223372036854775807", &good, body),
        ("other", &now, &good, body),
        ("id", &now, &good[3..], body),
        ("id", &now, &good, b"{}"),
        ("id", &old, &old_signature, body),
    ] {
        let refused = tenant.notifier.record_bounces(ReportSignature { id, timestamp, signature }, payload).await;
        assert!(matches!(refused, Err(NotifyError::Signature(_))), "{id} {timestamp} {signature}");
    }
    for (body, field) in [
        (json!([]), ""),
        (json!({ "events": [{ "type": "shrug", "address": "a@example.com" }] }), "events[0].type"),
        (json!({ "events": [{ "type": "bounce", "address": "a\r\nb" }] }), "events[0].address"),
        (json!({ "events": [{ "type": "bounce" }] }), "events[0]"),
        (json!({ "events": vec![json!({ "type": "bounce", "address": "a@example.com" }); 1_001] }), "events"),
    ] {
        match send_report(&tenant, &body).await {
            Err(NotifyError::Invalid(fields)) => assert_eq!(fields.0[0].0, field, "{fields}"),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(tenant.store.read(|r| r.mail_suppressions().list("", 10)).unwrap(), []);
}
