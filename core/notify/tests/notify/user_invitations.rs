//! Invitations of users of the content API: who gets one, in which language, and where the link leads.

use crate::common::TestTenant;
use cairn_access::auth::{MAIL_JOB, enqueue_invitation};
use cairn_notify::{PartChanges, SEND_MAIL_JOB};
use cairn_store::events::{Actor, JobState};
use cairn_store::notify::MailState;
use cairn_store::system::NewUser;
use chrono::TimeDelta;
use serde_json::json;
use std::net::{IpAddr, Ipv4Addr};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// A user; without a password where `password_hash` is empty.
async fn create_user(tenant: &TestTenant, name: &'static str, password_hash: &'static str) -> String {
    tenant
        .write(move |tx| {
            let email = if name.contains('@') { name.to_owned() } else { format!("{name}@example.com") };
            let user = NewUser { username: name, email: &email, password_hash, confirmed: false, role: None };
            tx.users().create(&user, "2026-01-01T00:00:00.000Z")
        })
        .await
}

async fn invite(tenant: &TestTenant, user: &str, language: Option<&'static str>) -> bool {
    let (user, now) = (user.to_owned(), tenant.now_ms());
    let is_sent = tenant.write(move |tx| {
        let user = tx.reader().users().get_by_document(&user)?.unwrap();
        enqueue_invitation(tx, &user, language, &Actor::public(), now)
    });
    let is_sent = is_sent.await;
    tenant.run_engine().await;
    is_sent
}

fn extract_code(text: &str, before: &str) -> String {
    let rest = text.split(before).nth(1).unwrap_or_else(|| panic!("no link in {text}"));
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_mails_a_link_in_the_language_that_was_chosen() {
    for tenant in TestTenant::on_every_database().await {
        let ann = create_user(&tenant, "ann", "").await;
        assert!(invite(&tenant, &ann, Some("nl")).await);
        let mails = tenant.mails();
        let mail = mails[0].rendered.as_ref().unwrap();
        assert_eq!((mails[0].state, mail.subject.as_str()), (MailState::Test, "Je hebt een account bij Donkervoort"));
        assert!(mail.text.contains("Hallo ann,") && mail.text.contains("binnen 7 dagen"), "{}", mail.text);
        let code = extract_code(&mail.text, "https://cms.example.com/invitation?code=");
        assert!(mail.html.contains(&code), "{}", mail.html);
        assert!(!format!("{:?}", tenant.jobs(SEND_MAIL_JOB, JobState::Done)).contains(&code), "a job holds no code");
        assert_eq!(mails[0].mail.data, json!({ "username": "ann", "days": 7 }), "nor what a backup takes");
        assert!(tenant.access.is_invitation_valid(&code, HOME).unwrap());
        // A new invitation replaces the first.
        tenant.advance_clock(TimeDelta::minutes(2));
        assert!(invite(&tenant, &ann, None).await);
        let second = tenant.mails()[1].rendered.clone().unwrap();
        assert_eq!(second.subject, "You have an account at Donkervoort");
        let newer = extract_code(&second.text, "https://cms.example.com/invitation?code=");
        assert!(!tenant.access.is_invitation_valid(&code, HOME).unwrap());
        let accepted = json!({ "code": newer, "password": "a password" });
        tenant.access.accept_user_invitation(&accepted, HOME, Actor::public()).await.unwrap();
        // A user with a password is not invited.
        assert!(!invite(&tenant, &ann, None).await);
        assert_eq!(tenant.mails().len(), 2);
    }
}

/// Whoever registers with somebody's address chooses the name, and with it what a mail of the site would say.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_greeted_by_the_name_that_somebody_has_registered_with() {
    for tenant in TestTenant::on_every_database().await {
        let user = create_user(&tenant, "evil.example", "x").await;
        assert!(invite(&tenant, &user, None).await);
        let mail = tenant.mails()[0].rendered.clone().unwrap();
        assert!(mail.text.starts_with("Hello,") && !mail.text.contains("evil"), "{}", mail.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_days_are_those_of_the_settings() {
    for tenant in TestTenant::on_every_database().await {
        let page = "https://portal.example.com/welcome?lang=nl";
        tenant.apply_json(&json!({ "auth": { "invitationUrl": page, "invitationDays": 1 } })).await;
        let user = create_user(&tenant, "info@example.org", "").await;
        invite(&tenant, &user, None).await;
        let mail = tenant.mails()[0].rendered.clone().unwrap();
        assert!(mail.text.contains("within 1 day:"), "{}", mail.text);
        assert!(mail.text.starts_with("Hello,"), "nobody is greeted by an address: {}", mail.text);
        let code = extract_code(&mail.text, "https://portal.example.com/welcome?lang=nl&code=");
        tenant.advance_clock(TimeDelta::days(1));
        assert!(!tenant.access.is_invitation_valid(&code, HOME).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_another_invitation_do_not_reveal_accounts() {
    for tenant in TestTenant::on_every_database().await {
        create_user(&tenant, "ann", "").await;
        create_user(&tenant, "has-password", "x").await;
        let blocked = create_user(&tenant, "blocked", "").await;
        tenant.write(move |tx| tx.users().set_blocked(&blocked, true, "2026-01-01T00:00:00.000Z")).await;
        for name in ["ann", "nobody", "has-password", "blocked"] {
            let body = json!({ "email": format!("{name}@example.com"), "language": "nl" });
            tenant.access.request_invitation(&body, HOME).await.unwrap();
        }
        // The same work each: one job, whoever it is.
        assert_eq!(tenant.jobs(MAIL_JOB, JobState::Waiting).len(), 4);
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1);
        assert_eq!((mails[0].mail.to_address.as_str(), mails[0].mail.locale.as_str()), ("ann@example.com", "nl"));
        // Asked again and again: one mail an hour, and the link in it stays valid.
        let code = extract_code(&mails[0].rendered.as_ref().unwrap().text, "https://cms.example.com/invitation?code=");
        for _ in 0..3 {
            tenant.access.request_invitation(&json!({ "email": "ann@example.com" }), HOME).await.unwrap();
            tenant.run_engine().await;
        }
        assert_eq!(tenant.mails().len(), 1);
        tenant.advance_clock(TimeDelta::hours(1));
        tenant.access.request_invitation(&json!({ "email": "ann@example.com" }), HOME).await.unwrap();
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 2);
        assert!(tenant.access.is_invitation_valid(&code, HOME).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_have_their_own_text_of_the_invitation() {
    for tenant in TestTenant::on_every_database().await {
        let own = PartChanges {
            subject: Some("Welkom, {{username}}".into()),
            text: Some("Kies hier: {{url}}".into()),
            html: Some("<p><a href=\"{{url}}\">Kies</a></p>".into()),
        };
        tenant.notifier.set_template("invitation", "nl", own, Actor::admin(1, "root@example.com")).await.unwrap();
        let ann = create_user(&tenant, "ann", "").await;
        invite(&tenant, &ann, Some("nl-BE")).await;
        let mail = tenant.mails()[0].rendered.clone().unwrap();
        assert_eq!(mail.subject, "Welkom, ann");
        assert!(mail.text.contains("Kies hier: https://cms.example.com/invitation?code="), "{}", mail.text);
    }
}
