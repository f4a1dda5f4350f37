//! Tests of registration: the input that it refuses, and the user that it hands on.

use crate::common::{AccessFixture, home_ip, to_response};
use serde_json::{Value as Json, json};

fn body(username: &str, email: &str) -> Json {
    json!({"username": username, "email": email, "password": "Passw0rd!"})
}

async fn try_registration(fixture: &AccessFixture, body: Json) -> (u16, &'static str, String) {
    to_response(fixture.access.prepare_registration(&body, home_ip()).await)
}

fn invalid(message: &str) -> (u16, &'static str, String) {
    (400, "ValidationError", message.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn prepared_user_has_the_default_role() {
    let fixture = AccessFixture::new().await;
    let new = fixture.access.prepare_registration(&body("Reader", "Reader@Example.com"), home_ip()).await.unwrap();
    assert_eq!((new.username.as_str(), new.email.as_str(), new.confirmed), ("Reader", "reader@example.com", true));
    let role = fixture.store.read(|r| r.roles().get_by_document(&new.role)).unwrap().unwrap();
    assert_eq!((role.id, role.kind.as_str()), (1, "authenticated"));
    assert!(new.password_hash.starts_with("$argon2id$"));
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_errors_match_the_contract_in_text_and_order() {
    let fixture = AccessFixture::new().await;
    assert_eq!(try_registration(&fixture, json!({})).await, invalid("3 errors occurred"));
    let e = fixture.access.prepare_registration(&json!({}), home_ip()).await.unwrap_err();
    let required = |name: &str| json!({"path": [name], "message": format!("{name} is a required field"), "name": "ValidationError"});
    assert_eq!(e.details(), json!({"errors": [required("email"), required("username"), required("password")]}));

    let e = fixture
        .access
        .prepare_registration(&json!({"username": "x", "email": "bad", "password": "1"}), home_ip())
        .await;
    let e = e.unwrap_err();
    assert_eq!(e.message(), "email must be a valid email");
    assert_eq!(
        e.details(),
        json!({"errors": [{"path": ["email"], "message": "email must be a valid email", "name": "ValidationError", "value": "bad"}]})
    );
    assert_eq!(
        try_registration(&fixture, body("x", "x@example.com")).await,
        invalid("username must be at least 3 characters")
    );

    let mut extended_body = body("extra", "extra@example.com");
    extended_body["confirmed"] = json!(true);
    extended_body["role"] = json!(1);
    assert_eq!(try_registration(&fixture, extended_body).await, invalid("Invalid parameters: confirmed, role"));
    for key in ["id", "documentId", "provider", "resetPasswordToken", "blocked", "__proto__"] {
        let mut extended_body = body("extra", "extra@example.com");
        extended_body[key] = json!("x");
        assert_eq!(try_registration(&fixture, extended_body).await, invalid(&format!("Invalid parameters: {key}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_usernames_and_addresses_are_rejected() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"signInRateLimit": false}})).await;
    fixture.add_user("twice").await;
    let taken_error = (400, "ApplicationError", "Email or Username are already taken".to_owned());
    for (username, email) in [
        ("twice", "other@example.com"),
        ("other", "twice@example.com"),
        ("other", "TWICE@example.com"),
        ("twice@example.com", "other@example.com"),
        ("Twice@Example.com", "other@example.com"),
    ] {
        assert_eq!(try_registration(&fixture, body(username, email)).await, taken_error, "{username} {email}");
    }
    assert_eq!(try_registration(&fixture, body("Twice", "other@example.com")).await.0, 200, "case counts in names");
}

#[tokio::test(flavor = "multi_thread")]
async fn registration_can_be_closed_or_require_confirmation() {
    let fixture = AccessFixture::new().await;
    fixture.apply(&json!({"auth": {"registration": {"confirmByMail": true}}})).await;
    let new = fixture.access.prepare_registration(&body("reader", "reader@example.com"), home_ip()).await.unwrap();
    assert!(!new.confirmed);
    fixture.apply(&json!({"auth": {"registration": {"open": false}}})).await;
    let closed = (400, "ApplicationError", "Register action is currently disabled".to_owned());
    assert_eq!(try_registration(&fixture, body("reader", "reader@example.com")).await, closed);
}
