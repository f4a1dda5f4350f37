//! Requirements on every store, tested on each: a folder, a bucket, and either with encryption. A bucket needs a server:
//! `CAIRN_TEST_S3_URL` and credentials, which `cargo xtask test s3` sets; without, its tests say that they are left out.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod errors;
mod faults;
mod links;
mod proxy;
mod suite;

use cairn_assets::{BlobKey, BlobStore, EncryptedStore, EncryptionKeys, FolderStore, S3, S3Options};
use proxy::Proxy;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// As small as S3 allows, so that tests need no large files.
const PART: u64 = 5 << 20;

fn key(name: &str) -> BlobKey {
    BlobKey::parse(name).unwrap()
}

/// Bytes that do not repeat at any power of two.
fn content(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 31 % 251) as u8).collect()
}

/// All of a blob; `None` when there is none.
fn read(store: &dyn BlobStore, name: &str) -> Option<Vec<u8>> {
    let mut blob = store.open(&key(name), None).unwrap()?;
    let mut bytes = Vec::new();
    blob.body.read_to_end(&mut bytes).unwrap();
    assert_eq!(blob.length, bytes.len() as u64);
    Some(bytes)
}

/// The server to test with, as it is seen through [`Proxy`]; `None` is said.
fn options() -> Option<S3Options> {
    static CLEAN: OnceLock<Proxy> = OnceLock::new();
    let Ok(url) = std::env::var("CAIRN_TEST_S3_URL") else {
        eprintln!("left out: CAIRN_TEST_S3_URL is not set");
        return None;
    };
    let var = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let (id, secret) = (var("CAIRN_ASSETS_S3_ACCESS_KEY_ID"), var("CAIRN_ASSETS_S3_SECRET_ACCESS_KEY"));
    let mut options = S3Options::parse(&url, &id, &secret).unwrap();
    options.part_bytes = PART;
    let server = options.endpoint.expect("an endpoint in CAIRN_TEST_S3_URL");
    let clean = CLEAN.get_or_init(|| Proxy::new(server.trim_start_matches("http://"), |_| None));
    options.endpoint = Some(format!("http://{}", clean.address));
    Some(options)
}

/// A place in the bucket that no other test has.
fn isolated_bucket(options: &S3Options) -> (S3, S3Options) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let options =
        S3Options { prefix: format!("{}t{}-{number}/", options.prefix, std::process::id()), ..options.clone() };
    (S3::new(options.clone()).unwrap(), options)
}

fn keys() -> EncryptionKeys {
    EncryptionKeys::parse(&["k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned()]).unwrap()
}

#[test]
fn folder_store_passes_the_suite() {
    let base = tempfile::tempdir().unwrap();
    suite::check_store(&FolderStore::open(base.path()).unwrap());
}

#[test]
fn encrypted_folder_store_passes_the_suite() {
    let (base, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    suite::check_store(&EncryptedStore::new(
        FolderStore::open(base.path()).unwrap(),
        keys(),
        scratch.path().to_owned(),
    ));
}

#[test]
fn s3_store_passes_the_suite() {
    let Some(options) = options() else { return };
    suite::check_store(&isolated_bucket(&options).0);
}

#[test]
fn encrypted_s3_store_passes_the_suite() {
    let Some(options) = options() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let (bucket, _) = isolated_bucket(&options);
    suite::check_store(&EncryptedStore::new(bucket.clone(), keys(), scratch.path().to_owned()));
    let encrypted = EncryptedStore::new(bucket.clone(), keys(), scratch.path().to_owned());
    let plain = content(200_000);
    encrypted.put(&key("secret"), cairn_assets::BlobSource::Bytes(&plain)).unwrap();
    let raw = read(&bucket, "secret").unwrap();
    assert!(!raw.windows(32).any(|part| part == &plain[..32]));
    bucket.put(&key("secret"), cairn_assets::BlobSource::Bytes(&raw[..raw.len() - 1])).unwrap();
    let failed = encrypted.open(&key("secret"), None).err().map(|e| format!("{e:?}"));
    assert!(failed.is_some_and(|e| e.contains("truncated")));
}

#[test]
fn tenants_do_not_see_each_others_blobs() {
    let Some(options) = options() else { return };
    let (bucket, _) = isolated_bucket(&options);
    let (one, two) = (bucket.in_folder(&key("one")), bucket.in_folder(&key("two")));
    one.put(&key("a"), cairn_assets::BlobSource::Bytes(b"1")).unwrap();
    assert_eq!(read(&two, "a"), None);
    assert!(two.list(None, 10).unwrap().is_empty());
    assert!(bucket.list(None, 10).unwrap().is_empty(), "what lies in folders below is not listed");
    assert_eq!(read(&one, "a").unwrap(), b"1");
    assert!(one.delete(&key("a")).unwrap());
}
