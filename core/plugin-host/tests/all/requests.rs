//! Requests and secrets of a plugin that was granted both.

use crate::hostile::report;
use crate::outside::Outside;
use crate::world::{World, guest};
use cairn_plugin_host::secrets::{self, SecretError, SecretState};
use std::time::{Duration, Instant};

const SECRET: &str = "swordfish-42";
/// Of "message", as Python's `hmac` has them: SHA-1, SHA-256, SHA-512.
const TAGS: &str = "8cd0f48ee8070042a9538efc3434ef8b26af11a3 c4eedb73ef02c2b5720d89e56dfceac781e16f908787f56a2eb4844a0db5e1a9 0e88bea50695ad1c5d315c808b05ca4db6aa1cd60c4c79c0360bf7a04b3e65fd55842cda0e8f02c3488f2c572042cd25a2bf23789d84a34f7012dba17d0b3b82";

async fn world(outside: &Outside) -> World {
    World::with(&["hostile"], outside.way()).await.0
}

async fn set(world: &World, value: &str) -> Result<(), SecretError> {
    secrets::set_secret(&world.access, &guest("hostile").manifest, "key", value, |_| Ok(())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_used_by_name_and_read_by_nobody() {
    let outside = Outside::start().await;
    let world = world(&outside).await;
    let manifest = guest("hostile").manifest;
    assert_eq!(report(&world, "secret-set").await, "false");
    for name in ["secret-sign", "http-secret-granted"] {
        let told = report(&world, name).await;
        assert!(told.starts_with("not-found: ") && told.contains("not set"), "{told}");
    }
    assert_eq!(outside.requests(), 0);
    set(&world, SECRET).await.unwrap();
    assert_eq!(report(&world, "secret-set").await, "true");
    assert_eq!(report(&world, "secret-sign").await, format!("ok: {TAGS}"));
    assert_eq!(report(&world, "secret-verify").await, "ok: [true, false, false, false, false]");
    assert_eq!(report(&world, "http-secret-granted").await, "ok: 200 you sent Bearer ************");
    // In the database it is not readable either.
    let sealed = world.content.store().read(|r| r.plugin_secret("hostile", "key")).unwrap().unwrap();
    assert!(!sealed.contains(SECRET));
    let listed = secrets::list_secrets(&world.access, &manifest).unwrap();
    assert!(matches!(&listed[..], [SecretState { name, set_at: Some(_), declared: true }] if name == "key"));
    assert!(secrets::remove_secret(&world.access, "hostile", "key", |_| Ok(())).await.unwrap());
    assert!(!secrets::remove_secret(&world.access, "hostile", "key", |_| Ok(())).await.unwrap());
    assert_eq!(report(&world, "secret-set").await, "false");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_manifest_declares_can_be_set() {
    let outside = Outside::start().await;
    let world = world(&outside).await;
    let unknown =
        secrets::set_secret(&world.access, &guest("hostile").manifest, "kye", SECRET, |_| Ok(())).await.unwrap_err();
    assert!(unknown.to_string().contains("declares key"), "{unknown}");
    let none =
        secrets::set_secret(&world.access, &guest("allow").manifest, "key", SECRET, |_| Ok(())).await.unwrap_err();
    assert!(none.to_string().contains("declares none"), "{none}");
    for bad in ["", "abc", &"x".repeat(9_000)] {
        assert!(matches!(set(&world, bad).await, Err(SecretError::Length(_))));
    }
    // Sealed for one name it opens for no other.
    set(&world, SECRET).await.unwrap();
    let sealed = world.content.store().read(|r| r.plugin_secret("hostile", "key")).unwrap().unwrap();
    assert!(world.access.unseal("plugin:hostile:other", &sealed).is_err());
    assert!(world.access.unseal("plugin:allow:key", &sealed).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_and_go_within_bounds() {
    let outside = Outside::start().await;
    let world = world(&outside).await;
    set(&world, SECRET).await.unwrap();
    assert_eq!(report(&world, "http-post").await, "ok: 200 5 bytes");
    // More than a route may send: none of them is.
    let before = outside.requests();
    assert_eq!(report(&world, "http-flood").await, "0 of 10000 answered");
    let told = report(&world, "http-in-transaction").await;
    assert!(told.starts_with("denied: ") && told.contains("transaction"), "{told}");
    assert_eq!(outside.requests(), before);
    // Whoever does not answer takes no more than the call has, and the plugin is told while there is time.
    let began = Instant::now();
    assert_eq!(report(&world, "http-forever").await, "unavailable: unavailable");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_kept_as_files_and_files_are_sent() {
    let outside = Outside::start().await;
    let world = world(&outside).await;
    set(&world, SECRET).await.unwrap();
    let kept = report(&world, "http-keep").await;
    assert!(kept.starts_with("ok: 200 report.txt text/plain 32 ") && kept.ends_with("gone: true"), "{kept}");
    assert_eq!(report(&world, "http-file").await, "ok: 200 17 bytes");
}
