//! "Forgot password" and "confirm your address": mailed, and nobody is told whether there is such an account.

use crate::common::TestTenant;
use cairn_access::auth::MAIL_JOB;
use cairn_notify::SEND_MAIL_JOB;
use cairn_store::events::JobState;
use cairn_store::notify::MailState;
use cairn_store::system::NewUser;
use chrono::TimeDelta;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

async fn create_user(tenant: &TestTenant, name: &'static str, confirmed: bool) -> String {
    tenant
        .write(move |tx| {
            let email = format!("{name}@example.com");
            let user = NewUser { username: name, email: &email, password_hash: "x", confirmed, role: None };
            tx.users().create(&user, "2026-01-01T00:00:00.000Z")
        })
        .await
}

/// The code in a mail.
fn extract_code(text: &str, before: &str) -> String {
    text.split(before).nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_links_work_once() {
    for tenant in TestTenant::on_every_database().await {
        tenant.apply_json(&json!({ "locales": { "default": "nl", "available": ["nl"] }, "mail": { "fromName": "Donkervoort", "from": "post@donkervoort.example" } })).await;
        create_user(&tenant, "ann", true).await;
        tenant.access.forgot_password(&json!({ "email": "ANN@example.com" }), HOME).await.unwrap();
        tenant.run_engine().await;
        let mails = tenant.mails();
        let mail = mails[0].rendered.as_ref().unwrap();
        assert_eq!(
            (mails[0].state, mail.subject.as_str()),
            (MailState::Test, "Kies een nieuw wachtwoord voor Donkervoort")
        );
        let headers = mails[0].headers.as_ref().unwrap().to_string();
        assert!(headers.contains("post@donkervoort.example") && !headers.contains("List-Unsubscribe"), "{headers}");
        let code = extract_code(&mail.text, "https://cms.example.com/reset-password?code=");
        let body = json!({ "code": code, "password": "new password", "passwordConfirmation": "new password" });
        tenant.access.reset_password(&body, HOME).await.unwrap();
        assert!(tenant.access.reset_password(&body, HOME).await.is_err(), "once");
        assert!(!format!("{:?}", tenant.jobs(SEND_MAIL_JOB, JobState::Done)).contains(&code), "a job holds no code");
        assert_eq!(mails[0].mail.data, json!({ "username": "ann", "minutes": 30 }), "nor what a backup takes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_requests_do_not_reveal_accounts() {
    for tenant in TestTenant::on_every_database().await {
        create_user(&tenant, "ann", true).await;
        let blocked = create_user(&tenant, "blocked", true).await;
        tenant.write(move |tx| tx.users().set_blocked(&blocked, true, "2026-01-01T00:00:00.000Z")).await;
        for email in ["ann@example.com", "nobody@example.com", "blocked@example.com"] {
            tenant.access.forgot_password(&json!({ "email": email }), HOME).await.unwrap();
        }
        // The same work each: one job, whoever it is.
        assert_eq!(tenant.jobs(MAIL_JOB, JobState::Waiting).len(), 3);
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!(mails[0].mail.to_address, "ann@example.com");
        // Asked again and again: one mail a minute, and the link in it stays good.
        for _ in 0..3 {
            tenant.access.forgot_password(&json!({ "email": "ann@example.com" }), HOME).await.unwrap();
            tenant.run_engine().await;
        }
        assert_eq!(tenant.mails().len(), 1);
        tenant.advance_clock(TimeDelta::minutes(2));
        tenant.access.forgot_password(&json!({ "email": "ann@example.com" }), HOME).await.unwrap();
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn confirmation_links_confirm_the_address() {
    for tenant in TestTenant::on_every_database().await {
        tenant.apply_json(&json!({ "auth": { "resetPasswordUrl": "https://portal.example.com/reset?lang=nl" } })).await;
        let ann = create_user(&tenant, "ann", false).await;
        create_user(&tenant, "bob", true).await;
        for email in ["ann@example.com", "bob@example.com"] {
            tenant.access.send_email_confirmation(&json!({ "email": email }), HOME).await.unwrap();
        }
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1, "who is confirmed gets none");
        let mail = mails[0].rendered.as_ref().unwrap();
        let code = extract_code(&mail.text, "https://cms.example.com/api/auth/email-confirmation?confirmation=");
        tenant.access.confirm_email(&json!({ "confirmation": code }), HOME).await.unwrap();
        assert!(tenant.store.read(|r| r.users().get_by_document(&ann)).unwrap().unwrap().confirmed);
        // A page of the front end.
        tenant.access.forgot_password(&json!({ "email": "ann@example.com" }), HOME).await.unwrap();
        tenant.run_engine().await;
        let text = tenant.mails()[1].rendered.as_ref().unwrap().text.clone();
        assert!(text.contains("https://portal.example.com/reset?lang=nl&code="), "{text}");
    }
}
