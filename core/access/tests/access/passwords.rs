//! New passwords: changed, reset, and what they end.

use crate::common::{PASSWORD, World, credentials, home, seen};
use cairn_access::auth::CodePurpose;
use cairn_store::events::Actor;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

const NEW: &str = "An0ther one";

fn change(current: &str, password: &str, again: &str) -> Json {
    json!({"currentPassword": current, "password": password, "passwordConfirmation": again})
}

fn reset(code: impl Into<Json>) -> Json {
    json!({"code": code.into(), "password": NEW, "passwordConfirmation": NEW})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_ends_all_sessions_but_the_new_one() {
    let world = World::new().await;
    world.add_user("ann").await;
    let (a, b) = (world.sign_in("ann").await.jwt, world.sign_in("ann").await.jwt);
    let caller = world.caller(&a).await.unwrap();
    let signed_in = world.access.change_password(&caller, &change(PASSWORD, NEW, NEW), home()).await.unwrap();
    assert_eq!((seen(world.caller(&a).await).0, seen(world.caller(&b).await).0), (401, 401));
    assert!(world.caller(&signed_in.jwt).await.is_ok());
    assert_eq!(seen(world.access.sign_in(&credentials("ann", PASSWORD), home(), Actor::public()).await).0, 400);
    assert!(world.access.sign_in(&credentials("ann", NEW), home(), Actor::public()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_refused_in_the_contracts_words() {
    let world = World::new().await;
    world.add_user("ann").await;
    let caller = world.caller(&world.sign_in("ann").await.jwt).await.unwrap();
    let told = async |body: Json| seen(world.access.change_password(&caller, &body, home()).await);
    let invalid = |message: &str| (400, "ValidationError", message.to_owned());
    assert_eq!(told(change("wrong", NEW, NEW)).await, invalid("The provided current password is invalid"));
    assert_eq!(told(change(PASSWORD, NEW, "other")).await, invalid("Passwords do not match"));
    assert_eq!(told(json!({})).await, invalid("3 errors occurred"));
    assert_eq!(
        told(change(PASSWORD, PASSWORD, PASSWORD)).await,
        invalid("Your new password must be different than your current password")
    );
    let long = "x".repeat(1025);
    assert_eq!(told(change(PASSWORD, &long, &long)).await.0, 400);
    let e = world.access.change_password(&caller, &change(PASSWORD, NEW, "other"), home()).await.unwrap_err();
    assert_eq!(
        e.details(),
        json!({"errors": [{"path": ["passwordConfirmation"], "message": "Passwords do not match", "name": "ValidationError"}]})
    );
    assert!(
        world.access.sign_in(&credentials("ann", PASSWORD), home(), Actor::public()).await.is_ok(),
        "nothing changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_sets_a_password_once() {
    let world = World::new().await;
    world.add_user("ann").await;
    let jwt = world.sign_in("ann").await.jwt;
    let code = world.access.create_code("ann@example.com", CodePurpose::ResetPassword).await.unwrap().unwrap();
    assert_eq!(code.len(), 43, "256 bits");
    assert!(!world.is_on_disk(&code), "only its hash is stored");
    let signed_in = world.access.reset_password(&reset(code.as_str()), home()).await.unwrap();
    assert!(world.caller(&signed_in.jwt).await.is_ok());
    assert_eq!(seen(world.caller(&jwt).await).0, 401, "all earlier sessions ended");
    assert!(world.access.sign_in(&credentials("ann", NEW), home(), Actor::public()).await.is_ok());
    let again = seen(world.access.reset_password(&reset(code), home()).await);
    assert_eq!(again, (400, "ValidationError", "Incorrect code provided".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_expire_are_replaced_and_are_for_one_purpose() {
    let world = World::new().await;
    world.add_user("ann").await;
    let code = async |purpose| world.access.create_code("ann", purpose).await.unwrap().unwrap();
    let told = async |code: String| seen(world.access.reset_password(&reset(code), home()).await).2;
    let old = code(CodePurpose::ResetPassword).await;
    let new = code(CodePurpose::ResetPassword).await;
    assert_eq!(told(old).await, "Incorrect code provided");
    assert_eq!(told(code(CodePurpose::ConfirmEmail).await).await, "Incorrect code provided");
    world.after(TimeDelta::minutes(30));
    assert_eq!(told(new).await, "Incorrect code provided");
    assert_eq!(world.access.create_code("nobody", CodePurpose::ResetPassword).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_code_is_refused() {
    let world = World::new().await;
    world.apply(&json!({"auth": {"signInRateLimit": false}})).await;
    world.add_user("ann").await;
    let good = world.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
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
        let (status, name, _) = seen(world.access.reset_password(&reset(bad.clone()), home()).await);
        assert_eq!((status, name), (400, "ValidationError"), "{bad}");
    }
    assert!(world.access.reset_password(&reset(good), home()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn forgotten_passwords_are_answered_alike() {
    let world = World::new().await;
    world.add_user("ann").await;
    for email in ["ann@example.com", "nobody@example.com"] {
        assert!(world.access.forgot_password(&json!({"email": email}), home()).await.is_ok());
        let sent = world.access.send_email_confirmation(&json!({"email": email}), home()).await;
        assert_eq!(sent.unwrap(), email);
    }
    let told = seen(world.access.forgot_password(&json!({"email": "nope"}), home()).await);
    assert_eq!(told, (400, "ValidationError", "email must be a valid email".into()));
    // Linear, whatever is sent.
    let long = format!("{}@", "a.".repeat(200_000));
    assert_eq!(seen(world.access.forgot_password(&json!({"email": long}), home()).await).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_confirmed_before_one_signs_in() {
    let world = World::new().await;
    world.apply(&json!({"auth": {"registration": {"confirmByMail": true}}})).await;
    let id = world.add_user("ann").await;
    let doc = id.clone();
    world.store.write(move |tx| tx.set_user_confirmed(&doc, false, "2025-01-01T10:00:00.000Z")).await.unwrap();
    let told = seen(world.access.sign_in(&credentials("ann", PASSWORD), home(), Actor::public()).await);
    assert_eq!(told, (400, "ApplicationError", "Your account email is not confirmed".into()));
    assert_eq!(seen(world.access.confirm_email(&json!({"confirmation": "x"}), home()).await).2, "Invalid token");
    let code = world.access.create_code("ann", CodePurpose::ConfirmEmail).await.unwrap().unwrap();
    world.access.confirm_email(&json!({"confirmation": code}), home()).await.unwrap();
    assert!(world.user(&id).confirmed);
    assert!(world.access.sign_in(&credentials("ann", PASSWORD), home(), Actor::public()).await.is_ok());
    assert_eq!(seen(world.access.confirm_email(&json!({"confirmation": code}), home()).await).0, 400);
}
