//! Invitations of users: a code by which somebody chooses their first password, once.

use crate::common::{AccessFixture, credentials, home_ip, to_response};
use cairn_access::auth::CodePurpose;
use cairn_store::events::Actor;
use cairn_store::system::NewUser;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

const NEW: &str = "An0ther one";

/// The one answer to every code that is not valid.
fn not_valid() -> (u16, &'static str, String) {
    let message = "This invitation is not valid any more: it was used, has expired, or was replaced by a newer one. \
                   Request a new one with your e-mail address, or sign in if you have chosen a password already";
    (400, "ValidationError", message.to_owned())
}

/// A user without a password, whose address is not confirmed.
async fn add_invited(fixture: &AccessFixture, name: &'static str) -> String {
    let write = move |tx: &mut cairn_store::WriteTx<'_>| {
        let role = tx.reader().roles().get_by_type("authenticated")?.map(|role| role.document_id);
        let email = format!("{name}@example.com");
        let user =
            NewUser { username: name, email: &email, password_hash: "", confirmed: false, role: role.as_deref() };
        tx.users().create(&user, "2025-01-01T10:00:00.000Z")
    };
    fixture.store.write(write).await.unwrap()
}

async fn draw_code(fixture: &AccessFixture, name: &str) -> String {
    fixture.access.create_code(name, CodePurpose::Invitation).await.unwrap().unwrap()
}

async fn accept(fixture: &AccessFixture, body: &Json) -> (u16, &'static str, String) {
    to_response(fixture.access.accept_user_invitation(body, home_ip(), Actor::public()).await)
}

fn body(code: impl Into<Json>) -> Json {
    json!({ "code": code.into(), "password": NEW })
}

#[tokio::test(flavor = "multi_thread")]
async fn invitation_sets_the_first_password_once_and_confirms_the_address() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"registration": {"confirmByMail": true}}})).await;
    let ann = add_invited(&fixture, "ann").await;
    let code = draw_code(&fixture, "ann").await;
    assert_eq!(code.len(), 43, "256 bits");
    assert!(!fixture.is_stored_in_clear(&code), "only its hash is stored");
    // Looking at it uses nothing up.
    assert!(fixture.access.is_invitation_valid(&code, home_ip()).unwrap());
    assert!(!fixture.access.is_invitation_valid("x", home_ip()).unwrap());
    let accepted = fixture.access.accept_user_invitation(&body(code.as_str()), home_ip(), Actor::public()).await;
    assert!(fixture.caller(&accepted.unwrap().jwt).await.is_ok());
    assert!(fixture.user(&ann).confirmed && fixture.user(&ann).email_verified);
    assert!(fixture.access.sign_in(&credentials("ann", NEW), home_ip(), Actor::public()).await.is_ok());
    assert_eq!(accept(&fixture, &body(code)).await, not_valid());
    assert!(fixture.access.sign_in(&credentials("ann", NEW), home_ip(), Actor::public()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_used_replaced_and_expired_codes_get_one_answer() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"signInRateLimit": false}})).await;
    add_invited(&fixture, "ann").await;
    let old = draw_code(&fixture, "ann").await;
    let new = draw_code(&fixture, "ann").await;
    assert_eq!(accept(&fixture, &body(old)).await, not_valid());
    assert_eq!(accept(&fixture, &body("x".repeat(43))).await, not_valid());
    let reset = fixture.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    assert_eq!(accept(&fixture, &body(reset)).await, not_valid());
    fixture.advance_clock(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert!(fixture.access.is_invitation_valid(&new, home_ip()).unwrap());
    fixture.advance_clock(TimeDelta::seconds(1));
    assert_eq!(accept(&fixture, &body(new)).await, not_valid());
    // Invitations last as long as the settings say.
    fixture.apply(&json!({"auth": {"invitationDays": 1}})).await;
    let short = draw_code(&fixture, "ann").await;
    fixture.advance_clock(TimeDelta::days(1));
    assert_eq!(accept(&fixture, &body(short)).await, not_valid());
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bodies_and_passwords_leave_the_code_valid() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"signInRateLimit": false, "passwordMinLength": 10}})).await;
    add_invited(&fixture, "ann").await;
    let code = draw_code(&fixture, "ann").await;
    for bad in [json!({}), json!({"$gt": 0}), json!([code]), json!(null), json!(0), json!(""), json!(&code[..10])] {
        let (status, name, message) = accept(&fixture, &body(bad.clone())).await;
        assert_eq!((status, name), (400, "ValidationError"), "{bad}");
        assert!(!message.contains(&code), "{message}");
    }
    for bad in ["", "short", "x\0yyyyyyyyy", &"x".repeat(73), &"x".repeat(100_000)] {
        let refused = accept(&fixture, &json!({"code": code, "password": bad})).await;
        assert_eq!(refused.0, 400, "{refused:?}");
    }
    let different = json!({"code": code, "password": NEW, "passwordConfirmation": "other"});
    assert_eq!(accept(&fixture, &different).await.2, "Passwords do not match");
    let right = json!({"code": code, "password": NEW, "passwordConfirmation": NEW});
    assert_eq!(accept(&fixture, &right).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_who_accept_at_once_sets_the_password() {
    let fixture = std::sync::Arc::new(AccessFixture::new().await);
    add_invited(&fixture, "ann").await;
    let code = draw_code(&fixture, "ann").await;
    let tries: Vec<_> = (0..8)
        .map(|i| {
            let (fixture, code) = (fixture.clone(), code.clone());
            let body = json!({"code": code, "password": format!("password {i}")});
            tokio::spawn(async move { accept(&fixture, &body).await })
        })
        .collect();
    let mut accepted = Vec::new();
    for (i, one) in tries.into_iter().enumerate() {
        match one.await.unwrap() {
            (200, ..) => accepted.push(i),
            other => assert_eq!(other, not_valid()),
        }
    }
    assert_eq!(accepted.len(), 1);
    let password = format!("password {}", accepted[0]);
    assert!(fixture.access.sign_in(&credentials("ann", &password), home_ip(), Actor::public()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_users_cannot_accept() {
    let fixture = AccessFixture::new().await;
    let ann = add_invited(&fixture, "ann").await;
    let code = draw_code(&fixture, "ann").await;
    fixture.block(&ann).await;
    let refused = accept(&fixture, &body(code)).await;
    assert_eq!((refused.0, refused.1), (400, "ApplicationError"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_and_requests_are_limited() {
    let fixture = AccessFixture::new().await;
    let mut statuses = Vec::new();
    for _ in 0..31 {
        statuses.push(accept(&fixture, &body("x".repeat(43))).await.0);
    }
    assert_eq!((statuses.iter().filter(|status| **status == 400).count(), statuses[30]), (30, 429));
    let mut answers = Vec::new();
    for _ in 0..31 {
        let body = json!({"email": "nobody@example.com"});
        answers.push(to_response(fixture.access.request_invitation(&body, home_ip()).await).0);
    }
    assert_eq!((answers.iter().filter(|status| **status == 200).count(), answers[30]), (30, 429));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_need_an_address_and_a_language_that_is_one() {
    let fixture = AccessFixture::new().await;
    for (bad, message) in [
        (json!({}), "email is a required field"),
        (json!({"email": "nope"}), "email must be a valid email"),
        (
            json!({"email": "a@b.example", "language": "../x"}),
            "language must be the code of a language, such as nl or nl-BE",
        ),
        (
            json!({"email": "a@b.example", "language": 7}),
            "language must be the code of a language, such as nl or nl-BE",
        ),
    ] {
        let answer = to_response(fixture.access.request_invitation(&bad, home_ip()).await);
        assert_eq!(answer, (400, "ValidationError", message.to_owned()), "{bad}");
    }
}
