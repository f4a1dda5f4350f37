//! Signing in, staying signed in, and signing out.

use crate::common::{AccessFixture, PASSWORD, credentials, home_ip, to_response};
use cairn_model::ErrorKind;
use cairn_store::events::Actor;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

async fn try_sign_in(fixture: &AccessFixture, identifier: &str, password: &str) -> (u16, &'static str, String) {
    to_response(fixture.access.sign_in(&credentials(identifier, password), home_ip(), Actor::public()).await)
}

const WRONG: &str = "Invalid identifier or password";

#[tokio::test(flavor = "multi_thread")]
async fn users_sign_in_by_name_or_by_address() {
    let fixture = AccessFixture::new().await;
    let id = fixture.add_user("reader").await;
    for identifier in ["reader", "reader@example.com", "Reader@Example.COM"] {
        let signed_in = fixture.sign_in(identifier).await;
        assert_eq!(signed_in.user.document_id, id);
        assert!(signed_in.refresh_token.is_none());
        assert!(fixture.caller(&signed_in.jwt).await.is_ok());
    }
    let wrong_credentials = (400, "ValidationError", WRONG.to_owned());
    assert_eq!(try_sign_in(&fixture, "Reader", PASSWORD).await, wrong_credentials, "case counts in names");
    assert_eq!(try_sign_in(&fixture, "reader", "wrong").await, wrong_credentials);
    assert_eq!(try_sign_in(&fixture, "unknown", "wrong").await, wrong_credentials);
    assert_eq!(try_sign_in(&fixture, "reader", "a\0b").await.0, 400);
    assert_eq!(try_sign_in(&fixture, "reader", &"x".repeat(1_000_000)).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_fields_are_reported_together() {
    let fixture = AccessFixture::new().await;
    let details = |body: Json| {
        let access = fixture.access.clone();
        async move {
            let e = access.sign_in(&body, home_ip(), Actor::public()).await.unwrap_err();
            (e.message(), e.details())
        }
    };
    let required = |name: &str| json!({"path": [name], "message": format!("{name} is a required field"), "name": "ValidationError"});
    assert_eq!(
        details(json!({"identifier": "known"})).await,
        ("password is a required field".into(), json!({"errors": [required("password")]}))
    );
    for empty in [json!({}), json!([]), Json::Null] {
        assert_eq!(
            details(empty).await,
            ("2 errors occurred".into(), json!({"errors": [required("identifier"), required("password")]}))
        );
    }
    let (message, details) = details(json!({"identifier": {"$ne": ""}, "password": 12345})).await;
    assert_eq!(message, "2 errors occurred");
    assert!(!details.to_string().contains("\"value\":12345"), "a password is in no answer: {details}");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_error_requires_the_right_password() {
    let fixture = AccessFixture::new().await;
    let id = fixture.add_user("blocked").await;
    fixture.block(&id).await;
    let blocked_error = (400, "ApplicationError", "Your account has been blocked by an administrator".to_owned());
    assert_eq!(try_sign_in(&fixture, "blocked", PASSWORD).await, blocked_error);
    assert_eq!(try_sign_in(&fixture, "blocked", "wrong").await.2, WRONG);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_reject_even_the_right_password() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    // Failures count together whatever the case of the address, and whatever else the body contains.
    for identifier in ["ann@example.com", "ANN@example.com", "ann@example.com", "Ann@Example.com", "aNN@example.com"] {
        let body = json!({"identifier": identifier, "password": "wrong", "email": identifier});
        assert_eq!(to_response(fixture.access.sign_in(&body, home_ip(), Actor::public()).await).2, WRONG);
    }
    let body = credentials("Ann@example.com", PASSWORD);
    let locked = fixture.access.sign_in(&body, home_ip(), Actor::public()).await.unwrap_err();
    assert_eq!(locked.kind(), ErrorKind::TooMany);
    assert!(matches!(locked, cairn_access::AuthError::TooMany { retry_after_s: 900 }));
    let elsewhere = "198.51.100.1".parse().unwrap();
    assert!(
        fixture.access.sign_in(&credentials("ann", PASSWORD), elsewhere, Actor::public()).await.is_ok(),
        "no lock-out from afar"
    );
    fixture.advance_clock(TimeDelta::minutes(15));
    assert!(fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_do_not_tell_that_a_name_and_an_address_are_one_account() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    // Of an account, and of none: the same answers.
    for (address, name) in [("ann@example.com", "ann"), ("nobody@example.com", "nobody")] {
        for _ in 0..5 {
            assert_eq!(try_sign_in(&fixture, address, "wrong").await.0, 400, "{address}");
        }
        assert_eq!(try_sign_in(&fixture, address, "wrong").await.0, 429, "{address}");
        for _ in 0..5 {
            assert_eq!(try_sign_in(&fixture, name, "wrong").await.2, WRONG, "{name}");
        }
        assert_eq!(try_sign_in(&fixture, name, "wrong").await.0, 429, "{name}");
    }
    // A success by one name is one for the account.
    fixture.advance_clock(TimeDelta::minutes(15));
    for _ in 0..5 {
        try_sign_in(&fixture, "ann@example.com", "wrong").await;
    }
    assert!(fixture.access.sign_in(&credentials("ann", PASSWORD), home_ip(), Actor::public()).await.is_ok());
    assert!(
        fixture.access.sign_in(&credentials("ann@example.com", PASSWORD), home_ip(), Actor::public()).await.is_ok()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_rate_limited_unless_switched_off() {
    let fixture = AccessFixture::new().await;
    for _ in 0..5 {
        assert_eq!(try_sign_in(&fixture, "nobody", "wrong").await.0, 400);
    }
    assert_eq!(try_sign_in(&fixture, " NOBODY ", "wrong").await.0, 429);
    fixture.apply(&json!({"auth": {"signInRateLimit": false}})).await;
    for _ in 0..6 {
        assert_eq!(try_sign_in(&fixture, "nobody", "wrong").await.0, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_that_session_only() {
    let fixture = AccessFixture::new().await;
    fixture.add_user("ann").await;
    let (phone, laptop) = (fixture.sign_in("ann").await.jwt, fixture.sign_in("ann").await.jwt);
    let caller = fixture.caller(&phone).await.unwrap();
    fixture.access.sign_out(&caller).await.unwrap();
    assert_eq!(to_response(fixture.caller(&phone).await).2, "Missing or invalid credentials");
    assert!(fixture.caller(&laptop).await.is_ok());
    assert_eq!(to_response(fixture.access.sign_out(&fixture.access.public_caller()).await).0, 401);
}

async fn fixture_with_refresh_tokens() -> (AccessFixture, cairn_access::auth::SignedIn) {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"sessions": "refresh"}})).await;
    fixture.add_user("ann").await;
    let signed_in = fixture.sign_in("ann").await;
    (fixture, signed_in)
}

async fn refresh(
    fixture: &AccessFixture,
    token: &str,
) -> Result<cairn_access::auth::SignedIn, cairn_access::AuthError> {
    fixture.access.refresh_session(&json!({"refreshToken": token})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_tokens_extend_a_session_up_to_30_days() {
    let (fixture, first) = fixture_with_refresh_tokens().await;
    fixture.advance_clock(TimeDelta::minutes(11));
    assert_eq!(to_response(fixture.caller(&first.jwt).await).0, 401, "10 minutes");
    let second = refresh(&fixture, first.refresh_token.as_deref().unwrap()).await.unwrap();
    assert!(fixture.caller(&second.jwt).await.is_ok());
    fixture.advance_clock(TimeDelta::days(29));
    let third = refresh(&fixture, second.refresh_token.as_deref().unwrap()).await.unwrap();
    fixture.advance_clock(TimeDelta::days(1));
    assert_eq!(to_response(refresh(&fixture, third.refresh_token.as_deref().unwrap()).await).0, 401, "30 days in all");
}

#[tokio::test(flavor = "multi_thread")]
async fn reused_refresh_token_ends_the_session() {
    let (fixture, first) = fixture_with_refresh_tokens().await;
    let old = first.refresh_token.unwrap();
    let second = refresh(&fixture, &old).await.unwrap();
    let third = refresh(&fixture, second.refresh_token.as_deref().unwrap()).await.unwrap();
    // The oldest: two generations back.
    assert_eq!(to_response(refresh(&fixture, &old).await), (401, "UnauthorizedError", "Invalid refresh token".into()));
    assert_eq!(to_response(refresh(&fixture, third.refresh_token.as_deref().unwrap()).await).0, 401);
    assert_eq!(to_response(fixture.caller(&third.jwt).await).0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_concurrent_refreshes_succeeds() {
    let (fixture, first) = fixture_with_refresh_tokens().await;
    let token = first.refresh_token.unwrap();
    let tries: Vec<_> = (0..8)
        .map(|_| {
            let (access, body) = (fixture.access.clone(), json!({"refreshToken": token}));
            tokio::spawn(async move { access.refresh_session(&body).await.is_ok() })
        })
        .collect();
    let mut won = 0;
    for t in tries {
        won += usize::from(t.await.unwrap());
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_refresh_tokens_are_rejected() {
    let (fixture, signed_in) = fixture_with_refresh_tokens().await;
    let token = signed_in.refresh_token.clone().unwrap();
    assert_eq!(to_response(fixture.caller(&token).await).0, 401, "no access token");
    let (text, mac) = token.rsplit_once('.').unwrap();
    let (session, _) = text.rsplit_once('.').unwrap();
    for bad in [format!("{session}.7.{mac}"), signed_in.jwt, format!("{session}.0."), "x".into(), "..".into()] {
        assert_eq!(to_response(refresh(&fixture, &bad).await).0, 401, "{bad}");
    }
    assert_eq!(
        to_response(fixture.access.refresh_session(&json!({})).await),
        (400, "BadRequestError", "Missing refresh token".into())
    );
    assert_eq!(to_response(fixture.access.refresh_session(&json!({"refreshToken": [token]})).await).0, 400);
    assert!(refresh(&fixture, &token).await.is_ok(), "forged ones did not end the session");
    fixture.apply(&json!({"auth": {"sessions": null}})).await;
    assert_eq!(to_response(refresh(&fixture, &token).await).0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocked_users_cannot_refresh() {
    let (fixture, signed_in) = fixture_with_refresh_tokens().await;
    fixture.block(&signed_in.user.document_id).await;
    assert_eq!(to_response(refresh(&fixture, signed_in.refresh_token.as_deref().unwrap()).await).0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn debug_output_contains_no_secrets() {
    let (_world, signed_in) = fixture_with_refresh_tokens().await;
    let text = format!("{signed_in:?}");
    for secret in
        [&signed_in.jwt, signed_in.refresh_token.as_ref().unwrap(), signed_in.user.password_hash.as_ref().unwrap()]
    {
        assert!(!text.contains(secret.as_str()));
    }
}
