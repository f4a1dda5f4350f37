//! New passwords: changed, reset, and what they end.

use crate::common::{AccessFixture, PASSWORD, credentials, home_ip, to_response};
use cairn_access::auth::CodePurpose;
use cairn_store::events::Actor;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

const NEW: &str = "An0ther one";

fn change_body(current: &str, password: &str, confirmation: &str) -> Json {
    json!({"currentPassword": current, "password": password, "passwordConfirmation": confirmation})
}

fn reset_body(code: impl Into<Json>) -> Json {
    json!({"code": code.into(), "password": NEW, "passwordConfirmation": NEW})
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_ends_all_sessions_but_the_new_one() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let (a, b) = (fixture.sign_in("ann").await.jwt, fixture.sign_in("ann").await.jwt);
    let caller = fixture.caller(&a).await.unwrap();
    let signed_in = fixture.access.change_password(&caller, &change_body(PASSWORD, NEW, NEW), home_ip()).await.unwrap();
    assert_eq!((to_response(fixture.caller(&a).await).0, to_response(fixture.caller(&b).await).0), (401, 401));
    assert!(fixture.caller(&signed_in.jwt).await.is_ok());
    assert_eq!(
        to_response(fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await).0,
        400
    );
    assert!(fixture.access.sign_in(&credentials("ann", NEW), home_ip(), Actor::public()).await.is_ok());
}

/// Whoever has registered with somebody's address does not keep them out by changing the password again and again.
#[tokio::test(flavor = "multi_thread")]
async fn password_change_ends_codes_only_of_a_verified_address() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let change = async |from: &str, to: &str| {
        let caller = {
            let signed_in =
                fixture.access.sign_in(&credentials("ann", from), home_ip(), Actor::public()).await.unwrap();
            fixture.caller(&signed_in.jwt).await.unwrap()
        };
        fixture.access.change_password(&caller, &change_body(from, to, to), home_ip()).await.unwrap();
    };
    let draw = || fixture.access.create_code("ann@example.com", CodePurpose::ResetPassword);
    let code = draw().await.unwrap().unwrap();
    change(PASSWORD, "An0ther of theirs").await;
    fixture.access.reset_password(&reset_body(code), home_ip()).await.unwrap();
    let code = draw().await.unwrap().unwrap();
    change(NEW, PASSWORD).await;
    assert_eq!(to_response(fixture.access.reset_password(&reset_body(code), home_ip()).await).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_errors_match_the_contract() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let caller = fixture.caller(&fixture.sign_in("ann").await.jwt).await.unwrap();
    let try_change = async |body: Json| to_response(fixture.access.change_password(&caller, &body, home_ip()).await);
    let invalid = |message: &str| (400, "ValidationError", message.to_owned());
    assert_eq!(try_change(change_body("wrong", NEW, NEW)).await, invalid("The provided current password is invalid"));
    assert_eq!(try_change(change_body(PASSWORD, NEW, "other")).await, invalid("Passwords do not match"));
    assert_eq!(try_change(json!({})).await, invalid("3 errors occurred"));
    assert_eq!(
        try_change(change_body(PASSWORD, PASSWORD, PASSWORD)).await,
        invalid("Your new password must be different than your current password")
    );
    let long = "x".repeat(1025);
    assert_eq!(try_change(change_body(PASSWORD, &long, &long)).await.0, 400);
    let e = fixture.access.change_password(&caller, &change_body(PASSWORD, NEW, "other"), home_ip()).await.unwrap_err();
    assert_eq!(
        e.details(),
        json!({"errors": [{"path": ["passwordConfirmation"], "message": "Passwords do not match", "name": "ValidationError"}]})
    );
    assert!(
        fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await.is_ok(),
        "nothing changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_code_sets_a_password_once() {
    let fixture = AccessFixture::new().await;
    let ann = fixture.add_user("ann").await;
    let jwt = fixture.sign_in("ann").await.jwt;
    let code = fixture.access.create_code("ann@example.com", CodePurpose::ResetPassword).await.unwrap().unwrap();
    assert_eq!(code.len(), 43, "256 bits");
    assert!(!fixture.is_stored_in_clear(&code), "only its hash is stored");
    let is_verified = || fixture.user(&ann).email_verified;
    assert!(!is_verified());
    let signed_in = fixture.access.reset_password(&reset_body(code.as_str()), home_ip()).await.unwrap();
    assert!(fixture.caller(&signed_in.jwt).await.is_ok());
    assert!(is_verified());
    assert_eq!(to_response(fixture.caller(&jwt).await).0, 401, "all earlier sessions ended");
    assert!(fixture.access.sign_in(&credentials("ann", NEW), home_ip(), Actor::public()).await.is_ok());
    let response = to_response(fixture.access.reset_password(&reset_body(code), home_ip()).await);
    assert_eq!(response, (400, "ValidationError", "Incorrect code provided".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_expire_are_replaced_and_serve_one_purpose() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let code = async |purpose| fixture.access.create_code("ann", purpose).await.unwrap().unwrap();
    let try_reset =
        async |code: String| to_response(fixture.access.reset_password(&reset_body(code), home_ip()).await).2;
    let old = code(CodePurpose::ResetPassword).await;
    let new = code(CodePurpose::ResetPassword).await;
    assert_eq!(try_reset(old).await, "Incorrect code provided");
    assert_eq!(try_reset(code(CodePurpose::ConfirmEmail).await).await, "Incorrect code provided");
    fixture.advance_clock(TimeDelta::minutes(30));
    assert_eq!(try_reset(new).await, "Incorrect code provided");
    assert_eq!(fixture.access.create_code("nobody", CodePurpose::ResetPassword).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_reset_codes_are_rejected() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"signInRateLimit": false}})).await;
    fixture.add_user("ann").await;
    let good = fixture.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
    let (prefix, upper) = (&good[..10], good.to_uppercase());
    for bad in [
        json!({}),
        json!({"$gt": 0}),
        json!([good]),
        json!(null),
        json!(0),
        json!(""),
        json!(prefix),
        json!(upper),
        json!(format!("{good}\0")),
        json!("%00"),
        json!({"$startsWith": prefix}),
    ] {
        let (status, name, _) = to_response(fixture.access.reset_password(&reset_body(bad.clone()), home_ip()).await);
        assert_eq!((status, name), (400, "ValidationError"), "{bad}");
    }
    assert!(fixture.access.reset_password(&reset_body(good), home_ip()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn forgot_password_responses_do_not_reveal_users() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        assert!(fixture.access.forgot_password(&json!({"email": email}), home_ip()).await.is_ok());
        let result = fixture.access.send_email_confirmation(&json!({"email": email}), home_ip()).await;
        assert_eq!(result.unwrap(), email);
    }
    let response = to_response(fixture.access.forgot_password(&json!({"email": "nope"}), home_ip()).await);
    assert_eq!(response, (400, "ValidationError", "email must be a valid email".into()));
    // Linear, whatever is sent.
    let long = format!("{}@", "a.".repeat(200_000));
    assert_eq!(to_response(fixture.access.forgot_password(&json!({"email": long}), home_ip()).await).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_in_requires_a_confirmed_address() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"registration": {"confirmByMail": true}}})).await;
    let id = fixture.add_user("ann").await;
    let doc = id.clone();
    fixture.store.write(move |tx| tx.users().set_confirmed(&doc, false, "2025-01-01T10:00:00.000Z")).await.unwrap();
    let response = to_response(fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await);
    assert_eq!(response, (400, "ApplicationError", "Your account email is not confirmed".into()));
    assert_eq!(
        to_response(fixture.access.confirm_email(&json!({"confirmation": "x"}), home_ip()).await).2,
        "Invalid token"
    );
    let code = fixture.access.create_code("ann", CodePurpose::ConfirmEmail).await.unwrap().unwrap();
    fixture.access.confirm_email(&json!({"confirmation": code}), home_ip()).await.unwrap();
    assert!(fixture.user(&id).confirmed);
    // The person who follows the link need not be the one who chose the password.
    assert!(!fixture.user(&id).email_verified);
    assert!(fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await.is_ok());
    assert_eq!(to_response(fixture.access.confirm_email(&json!({"confirmation": code}), home_ip()).await).0, 400);
}
