//! Rules for new passwords, the same at every door that sets one.

use super::sign_in::{jwt, register, server, sign_in};
use cairn_access::auth::CodePurpose;
use cairn_testkit::{TestClient, TestResponse};
use serde_json::json;

async fn change(client: &TestClient, current: &str, password: &str) -> TestResponse {
    let body = json!({"currentPassword": current, "password": password, "passwordConfirmation": password});
    client.post("/api/auth/change-password", body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn short_and_long_passwords_are_refused_at_every_door() {
    let server = server().await;
    let public = server.public_client();
    let ann = register(&public, "ann", "123456").await.expect_status(200);
    let path = format!("/api/users/{}", ann.body["user"]["id"]);
    let session = server.with_token(&jwt(&ann));
    let (long, longest) = ("é".repeat(37), "é".repeat(36));
    for (password, message) in [
        ("12345", "password must be at least 6 characters"),
        ("ééééé", "password must be at least 6 characters"),
        (long.as_str(), "Password must be less than 73 bytes"),
    ] {
        let code = server.app.access.create_code("ann", CodePurpose::ResetPassword).await.unwrap().unwrap();
        let reset = json!({"code": code, "password": password, "passwordConfirmation": password});
        let user = json!({"username": "bob", "email": "bob@example.com", "password": password, "role": 1});
        for refused in [
            register(&public, "bob", password).await,
            change(&session, "123456", password).await,
            public.post("/api/auth/reset-password", reset).await,
            server.post("/api/users", user).await,
            server.put(&path, json!({"password": password})).await,
        ] {
            let refused = refused.expect_error(400, message);
            let error = &refused.details()["errors"][0];
            assert_eq!((&error["path"], error.get("value")), (&json!(["password"]), None));
            assert!(!refused.text().contains(password), "{}", refused.text());
        }
    }
    sign_in(&public, "ann", "123456").await.expect_status(200);
    change(&session, "123456", &longest).await.expect_status(200);
    sign_in(&public, "ann", &longest).await.expect_status(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_can_require_longer_passwords() {
    const ADMIN_PASSWORD: &str = "a password of some length";
    let server = server().await;
    let public = server.public_client();
    let ann = register(&public, "ann", "123456").await.expect_status(200);
    let admin = json!({"email": "root@example.com", "password": ADMIN_PASSWORD, "roles": ["super-admin"]});
    server.apply_settings(json!({"auth": {"passwordMinLength": 10}, "adminUsers": [admin]})).await;
    // Passwords that are stored already stay valid.
    sign_in(&public, "ann", "123456").await.expect_status(200);
    let message = "password must be at least 10 characters";
    register(&public, "bob", "123456789").await.expect_error(400, message);
    change(&server.with_token(&jwt(&ann)), "123456", "123456789").await.expect_error(400, message);
    let root = server.sign_in_admin("root@example.com", ADMIN_PASSWORD).await;
    let own = |password: &str| json!({"currentPassword": ADMIN_PASSWORD, "password": password});
    let refused = root.post("/admin/api/me/password", own("123456789")).await;
    refused.expect_error(400, "password must have at least 10 characters and at most 1024 bytes");
    for invalid in [json!(5), json!(65), json!("10"), json!(6.5)] {
        let refused = root.put("/admin/api/settings/auth", json!({"passwordMinLength": invalid})).await;
        assert_eq!(refused.expect_status(400).details()["errors"][0]["path"], json!(["passwordMinLength"]));
    }
    let reset = root.put("/admin/api/settings/auth", json!({"passwordMinLength": null})).await.expect_status(200);
    assert_eq!(reset.data()["passwordMinLength"], 6);
    register(&public, "bob", "123456").await.expect_status(200);
    root.post("/admin/api/me/password", own("1234567")).await.expect_status(400);
}
