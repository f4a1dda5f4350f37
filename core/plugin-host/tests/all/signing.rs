//! Signatures with keys of the operator, by the guest `teller`, verified by openssl: by name, by its grant only, and never readable.

use crate::routes::{response_json, route_request, send_request};
use crate::test_project::{TestProject, installed_guest, root};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cairn_plugin_host::routes::RouteError;
use cairn_plugin_host::signing_keys::{self, PublicSigningKey, SigningKeyError, SigningKeyState};
use cairn_plugin_host::{InstalledPlugin, secrets};
use cairn_plugin_package::{Grants, Scope};
use serde_json::{Value as Json, json};
use std::process::Command;

async fn call_teller(project: &TestProject, body: Json) -> Result<Json, (u16, String)> {
    let request = route_request("POST", "teller/ask", &[], &body.to_string());
    match send_request(project, "teller/ask", request).await {
        Ok(answer) => Ok(response_json(&answer)),
        Err(RouteError::Refused(no)) => Err((no.kind.status(), format!("{} {}", no.message, no.details))),
        Err(other) => panic!("{body}: {other:?}"),
    }
}

fn sign_request(key: &str, data: &str) -> Json {
    json!({ "do": "sign", "key": key, "data": data })
}

async fn generate(project: &TestProject, name: &str) -> PublicSigningKey {
    let manifest = installed_guest("teller").manifest;
    signing_keys::generate_key(&project.access, &manifest, name, |_| Ok(())).await.unwrap()
}

async fn import(project: &TestProject, name: &str, pem: &str) -> Result<PublicSigningKey, SigningKeyError> {
    let manifest = installed_guest("teller").manifest;
    signing_keys::import_key(&project.access, &manifest, name, pem, |_| Ok(())).await
}

fn list(project: &TestProject) -> Vec<SigningKeyState> {
    signing_keys::list_keys(&project.access, &installed_guest("teller").manifest).unwrap()
}

fn rsa_pem() -> String {
    std::fs::read_to_string(root().join("core/seals/tests/openssl/rsa/key.pem")).unwrap()
}

/// A number of an ECDSA signature in DER: positive, without leading zeros.
fn der_integer(bytes: &[u8]) -> Vec<u8> {
    let mut number: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if number.first().is_none_or(|first| *first >= 0x80) {
        number.insert(0, 0);
    }
    [vec![2, u8::try_from(number.len()).unwrap()], number].concat()
}

/// True if openssl verifies a signature by a public key in PEM.
fn openssl_verifies(pem: &str, algorithm: &str, data: &[u8], signature: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let signature = match algorithm {
        "rs256" => signature.to_vec(),
        // openssl has them in DER.
        _ => {
            let (r, s) = signature.split_at(32);
            let numbers = [der_integer(r), der_integer(s)].concat();
            [vec![0x30, u8::try_from(numbers.len()).unwrap()], numbers].concat()
        }
    };
    for (name, content) in [("key", pem.as_bytes()), ("signature", &signature), ("data", data)] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let mut openssl = Command::new("openssl");
    openssl.current_dir(folder.path()).args(["dgst", "-sha256", "-verify", "key", "-signature", "signature", "data"]);
    openssl.output().unwrap().status.success()
}

fn decode(text: &Json) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_are_verified_by_openssl() {
    let project = TestProject::with_guests(&["teller"]).await;
    let made = generate(&project, "receipts").await;
    let imported = import(&project, "letters", &rsa_pem()).await.unwrap();
    for (name, algorithm, key) in [("receipts", "es256", &made), ("letters", "rs256", &imported)] {
        let signed = call_teller(&project, sign_request(name, "Sold, for 5")).await.unwrap();
        assert_eq!((&signed["algorithm"], &signed["kid"]), (&json!(algorithm), &json!(key.kid)));
        let signature = decode(&signed["bytes"]);
        assert!(openssl_verifies(&key.pem, algorithm, b"Sold, for 5", &signature), "{name}");
        assert!(!openssl_verifies(&key.pem, algorithm, b"Sold, for 6", &signature), "{name}");
        let jwk = call_teller(&project, json!({ "do": "jwk", "key": name })).await.unwrap();
        assert_eq!(jwk, key.jwk);
        // A token of it: header, claims and signature.
        let claims = json!({ "sub": "ann", "exp": 1_735_729_200 });
        let token = call_teller(&project, json!({ "do": "jwt", "key": name, "claims": claims })).await.unwrap();
        let token = token.as_str().unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let (header, payload) = signed.split_once('.').unwrap();
        let parse = |part: &str| serde_json::from_slice::<Json>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        assert_eq!(parse(header), json!({ "alg": jwk["alg"], "kid": key.kid, "typ": "JWT" }));
        assert_eq!(parse(payload), claims);
        assert!(openssl_verifies(&key.pem, algorithm, signed.as_bytes(), &decode(&json!(signature))), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_keys_leave_their_public_halves() {
    let project = TestProject::with_guests(&["teller"]).await;
    let first = generate(&project, "receipts").await;
    let signed = call_teller(&project, sign_request("receipts", "a")).await.unwrap();
    let second = generate(&project, "receipts").await;
    assert_ne!(first.kid, second.kid);
    assert_eq!(call_teller(&project, sign_request("receipts", "a")).await.unwrap()["kid"], second.kid.as_str());
    let set = call_teller(&project, json!({ "do": "jwk-set", "key": "receipts" })).await.unwrap();
    assert_eq!(set, json!({ "keys": [second.jwk, first.jwk] }));
    // Signatures of the earlier key are still verified.
    assert!(openssl_verifies(&first.pem, "es256", b"a", &decode(&signed["bytes"])));
    let state = list(&project).remove(0);
    assert_eq!(state.current.as_ref().map(|key| &key.kid), Some(&second.kid));
    assert!(state.usable && state.earlier.len() == 1 && state.earlier[0].retired_at.is_some());
    // Private halves of earlier keys are deleted, and only the last of many keys stay.
    for _ in 0..12 {
        generate(&project, "receipts").await;
    }
    let rows = project.content.store().read(|r| r.plugin_signing_keys().list("teller", "receipts")).unwrap();
    assert_eq!(rows.len(), 11);
    assert!(rows[0].private_key.is_some() && rows[1..].iter().all(|row| row.private_key.is_none()));
    // A key that is imported again is one key.
    let imported = import(&project, "letters", &rsa_pem()).await.unwrap();
    assert_eq!(import(&project, "letters", &rsa_pem()).await.unwrap().kid, imported.kid);
    let letters = list(&project).remove(1);
    assert!(letters.usable && letters.earlier.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_granted_keys_that_are_set_sign() {
    let project = TestProject::with_guests(&["teller"]).await;
    for request in [
        sign_request("receipts", "a"),
        json!({ "do": "jwk", "key": "receipts" }),
        json!({ "do": "jwk-set", "key": "receipts" }),
        json!({ "do": "jwt", "key": "receipts", "claims": {} }),
    ] {
        assert_eq!(call_teller(&project, request).await.unwrap_err().0, 404);
    }
    generate(&project, "receipts").await;
    generate(&project, "contracts").await;
    // Declared and set, but not granted; and names that are none.
    for name in ["contracts", "other", "", "Receipts", "receipts "] {
        for action in ["sign", "jwk", "jwk-set"] {
            let refused = call_teller(&project, json!({ "do": action, "key": name, "data": "a" })).await.unwrap_err();
            assert_eq!(refused.0, 403, "{action} {name}: {}", refused.1);
        }
    }
    let long = |times: u32| json!({ "do": "sign", "key": "receipts", "data": "x".repeat(1 << 10), "times": times });
    assert!(call_teller(&project, long(1 << 10)).await.is_ok());
    assert_eq!(call_teller(&project, long((1 << 10) + 1)).await.unwrap_err().0, 400);
    // A signature is not undone with a transaction.
    let undone = json!({ "do": "sign", "key": "receipts", "data": "a", "undone": true });
    assert_eq!(call_teller(&project, undone).await.unwrap_err().0, 403);
    // Gone while it is used.
    assert!(signing_keys::remove_key(&project.access, "teller", "receipts", |_| Ok(())).await.unwrap());
    assert!(!signing_keys::remove_key(&project.access, "teller", "receipts", |_| Ok(())).await.unwrap());
    assert_eq!(call_teller(&project, sign_request("receipts", "a")).await.unwrap_err().0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_without_the_grant_cannot_sign() {
    let project = TestProject::with_guests(&["teller"]).await;
    generate(&project, "receipts").await;
    let installed = installed_guest("teller");
    let list: Vec<_> =
        installed.grants.list().iter().filter(|g| !matches!(g.scope, Scope::Signing { .. })).cloned().collect();
    let narrowed = InstalledPlugin { grants: Grants::from(list), number: 2, ..installed };
    for outcome in project.plugins.replace_running(vec![narrowed]) {
        outcome.unwrap();
    }
    assert_eq!(call_teller(&project, sign_request("receipts", "a")).await.unwrap_err().0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_keys_cannot_be_read() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pem = rsa_pem();
    import(&project, "letters", &pem).await.unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let row = project.content.store().read(|r| r.plugin_signing_keys().current("teller", "letters")).unwrap().unwrap();
    let sealed = row.private_key.unwrap();
    for part in body.as_bytes().chunks(32).map(|part| std::str::from_utf8(part).unwrap()) {
        assert!(!sealed.contains(part) && !row.public_key.contains("\"d\""));
    }
    // Sealed for one name it opens for no other, and is no secret.
    let opened = project.access.unseal("plugin-signing-key:teller:letters", &sealed).unwrap();
    assert_eq!(STANDARD.decode(&opened).unwrap(), STANDARD.decode(&body).unwrap());
    for purpose in ["plugin-signing-key:teller:receipts", "plugin-signing-key:allow:letters", "plugin:teller:letters"] {
        assert!(project.access.unseal(purpose, &sealed).is_err(), "{purpose}");
    }
    let state = list(&project).into_iter().find(|state| state.name == "letters").unwrap();
    assert!(!format!("{state:?}").contains(&body[..32]));
    let secrets = secrets::list_secrets(&project.access, &installed_guest("teller").manifest).unwrap();
    assert!(secrets.iter().all(|secret| secret.name != "letters"));
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_another_tenant_do_not_open() {
    let (project, other) = (TestProject::with_guests(&["teller"]).await, TestProject::with_guests(&["teller"]).await);
    generate(&project, "receipts").await;
    assert_eq!(call_teller(&other, sign_request("receipts", "a")).await.unwrap_err().0, 404);
    // A row that came from elsewhere, as in a copy of a database.
    let row = project.content.store().read(|r| r.plugin_signing_keys().current("teller", "receipts")).unwrap().unwrap();
    let copied = other.content.store().write(move |tx| {
        let sealed = row.private_key.as_deref().unwrap_or_default();
        tx.plugin_signing_keys().set("teller", "receipts", &row.kid, &row.public_key, sealed, 1)
    });
    copied.await.unwrap();
    assert_eq!(call_teller(&other, sign_request("receipts", "a")).await.unwrap_err().0, 404);
    assert!(!list(&other)[0].usable && list(&other)[0].current.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_keys_are_not_imported() {
    let project = TestProject::with_guests(&["teller"]).await;
    let unusable = import(&project, "receipts", &rsa_pem()).await.unwrap_err();
    assert!(unusable.to_string().contains("P-256"), "{unusable}");
    let unknown = import(&project, "other", &rsa_pem()).await.unwrap_err();
    assert!(unknown.to_string().contains("declares receipts, letters, contracts"), "{unknown}");
    let manifest = installed_guest("allow").manifest;
    let none = signing_keys::generate_key(&project.access, &manifest, "receipts", |_| Ok(())).await.unwrap_err();
    assert!(none.to_string().contains("declares none"), "{none}");
    assert!(list(&project).iter().all(|state| state.current.is_none() && !state.usable));
}
