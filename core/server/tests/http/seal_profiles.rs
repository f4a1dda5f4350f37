//! Keys and certificates that seal PDFs: handed in, shown without the key, removed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::TestServer;
use serde_json::{Value as Json, json};
use std::path::Path;

const AT: &str = "/admin/api/seal-profiles";
const PASSWORD: &str = "a password of some length";

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../seals/tests/openssl").join(name)).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(bytes(name)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn seal_profiles_are_stored_and_keys_never_returned() {
    let server = TestServer::start().await;
    assert_eq!(*server.get(AT).await.expect_status(200).data(), json!([]));
    let file = json!({ "pkcs12": STANDARD.encode(bytes("modern.p12")), "password": "geheim" });
    let answer = server.put(&format!("{AT}/contracts"), file.clone()).await.expect_status(200);
    let view = answer.data();
    for (key, expected) in [
        ("name", json!("contracts")),
        ("subject", json!("O=Donkervoort, CN=Seals")),
        ("issuer", json!("O=Donkervoort, CN=Seals")),
        ("algorithm", json!("RSA 2048")),
        ("certificates", json!(1)),
        ("usedBy", json!([])),
    ] {
        assert_eq!(view[key], expected, "{key}");
    }
    assert_eq!(view["fingerprint"].as_str().unwrap().len(), 64);
    // A second certificate replaces the first.
    let other = json!({ "certificates": text("p384/certificate.pem"), "key": text("p384/key.pem") });
    server.put(&format!("{AT}/contracts"), other).await.expect_status(200);
    let encrypted = json!({ "certificates": text("rsa-encrypted/certificate.pem"), "key": text("rsa-encrypted/key.pem"), "password": "geheim" });
    server.put(&format!("{AT}/invoices"), encrypted).await.expect_status(200);
    let list = server.get(AT).await.expect_status(200);
    let algorithms: Vec<&Json> = list.data().as_array().unwrap().iter().map(|one| &one["algorithm"]).collect();
    assert_eq!(algorithms, ["ECDSA P-384", "RSA 2048"]);
    assert!(!list.text().contains("PRIVATE"));
    // The database does not contain the plain key.
    let rows = server.app.access.store().read(|r| r.seal_profiles().list()).unwrap();
    let key: String = text("p384/key.pem").lines().filter(|line| !line.starts_with('-')).collect();
    assert!(rows.iter().all(|row| !row.key.contains(&key[..40]) && !row.certificates.contains(&key[..40])));
    // The audit log says who did what with which certificate.
    server.run_until_idle().await;
    let log = server.get("/admin/api/audit?action=seal-profile.set").await.expect_status(200);
    assert_eq!(log.data().as_array().unwrap().len(), 3);
    assert_eq!(log.data()[0]["details"]["certificate"], list.data()[1]["fingerprint"]);
    assert!(!log.text().contains("PRIVATE") && !log.text().contains("geheim"));
    server.delete(&format!("{AT}/contracts")).await.expect_status(204);
    server.delete(&format!("{AT}/contracts")).await.expect_status(404);
    assert_eq!(server.get(AT).await.data().as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_seal_profiles_report_the_field() {
    let server = TestServer::start().await;
    let file = STANDARD.encode(bytes("legacy.p12"));
    let (certificates, key) = (text("rsa/certificate.pem"), text("rsa/key.pem"));
    for (name, body, field) in [
        ("Contracts", json!({ "pkcs12": file, "password": "geheim" }), "name"),
        ("a--b", json!({ "pkcs12": file, "password": "geheim" }), "name"),
        ("a", json!({ "pkcs12": file, "password": "wrong" }), "password"),
        ("a", json!({ "pkcs12": file }), "password"),
        ("a", json!({ "pkcs12": "%" }), "pkcs12"),
        ("a", json!({ "pkcs12": STANDARD.encode("x") }), "pkcs12"),
        ("a", json!({ "pkcs12": STANDARD.encode(vec![0x30; 300 << 10]) }), "pkcs12"),
        ("a", json!({ "pkcs12": file, "password": "geheim", "key": key }), "pkcs12"),
        ("a", json!({}), "pkcs12"),
        ("a", json!({ "key": key }), "certificates"),
        ("a", json!({ "certificates": certificates }), "key"),
        ("a", json!({ "certificates": text("p384/certificate.pem"), "key": key }), "certificates"),
        ("a", json!({ "certificates": certificates, "key": text("rsa-encrypted/key.pem") }), "password"),
    ] {
        let refused = server.put(&format!("{AT}/{name}"), body.clone()).await.expect_status(400);
        assert_eq!(refused.details()["errors"][0]["path"], json!([field]), "{body}: {}", refused.text());
    }
    server.put(&format!("{AT}/a"), json!({ "pkcs12": 1 })).await.expect_status(400);
    server.put(&format!("{AT}/a"), json!({ "pkcs": "x" })).await.expect_status(400);
    assert_eq!(*server.get(AT).await.data(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn seal_profile_routes_require_a_permission() {
    let server = TestServer::start().await;
    server
        .apply_settings(json!({
            "adminRoles": { "keeper": { "actions": ["settings.seals"] }, "other": { "actions": ["plugins.manage"] } },
            "adminUsers": (["keeper", "other"].map(|role| {
                json!({ "email": format!("{role}@example.com"), "password": PASSWORD, "roles": [role] })
            })),
        }))
        .await;
    let keeper = server.sign_in_admin("keeper@example.com", PASSWORD).await;
    let other = server.sign_in_admin("other@example.com", PASSWORD).await;
    let file = json!({ "pkcs12": STANDARD.encode(bytes("modern.p12")), "password": "geheim" });
    for refused in
        [other.get(AT).await, other.put(&format!("{AT}/a"), file.clone()).await, other.delete(&format!("{AT}/a")).await]
    {
        assert_eq!(refused.expect_status(403).details()["action"], "settings.seals");
    }
    server.public_client().get(AT).await.expect_status(401);
    keeper.put(&format!("{AT}/a"), file).await.expect_status(200);
    keeper.get(AT).await.expect_status(200);
    keeper.delete(&format!("{AT}/a")).await.expect_status(204);
}
