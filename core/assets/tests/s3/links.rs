//! Links that need no credentials, used by a plain HTTP client.

use super::{content, isolated_bucket, key, options, read};
use cairn_assets::{BlobSource, BlobStore, PresignedAccess};
use md5::{Digest, Md5};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn client() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

/// The answer's status; `None` where the store hung up before it had read all.
fn send(link: &PresignedAccess, bytes: &[u8]) -> Option<u16> {
    let mut request = client().put(&link.url);
    for (name, value) in &link.headers {
        request = request.header(name, value);
    }
    request.send(bytes).ok().map(|answer| answer.status().as_u16())
}

/// S3 says 403, rclone 400.
fn is_refused(url: &str) -> bool {
    matches!(client().get(url).call().unwrap().status().as_u16(), 400 | 403)
}

#[test]
fn download_links_work_until_they_expire() {
    let Some(options) = options() else { return };
    let (bucket, options) = isolated_bucket(&options);
    bucket.put(&key("a.txt"), BlobSource::Bytes(b"text")).unwrap();
    let link = bucket.presign_get(&key("a.txt"), HOUR, Some("text/plain"), Some("attachment")).unwrap();
    let mut answer = client().get(&link.url).call().unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.headers()["content-disposition"], "attachment");
    assert_eq!(answer.body_mut().read_to_string().unwrap(), "text");
    // Forged and expired links are refused.
    let (first, _) = link.url.split_once("X-Amz-Signature=").unwrap();
    let forged = format!("{first}X-Amz-Signature={}", "0".repeat(64));
    assert!(is_refused(&forged));
    let short = bucket.presign_get(&key("a.txt"), Duration::from_secs(1), None, None).unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    assert!(is_refused(&short.url));
    assert!(bucket.presign_get(&key("a.txt"), HOUR * 24 * 8, None, None).is_err());
    assert!(!link.url.contains(&options.secret_access_key) && !format!("{link:?}").contains("Signature"));
}

#[test]
fn upload_links_accept_only_the_signed_file() {
    let Some(options) = options() else { return };
    let (bucket, _) = isolated_bucket(&options);
    let bytes = content(100_000);
    let md5: [u8; 16] = Md5::digest(&bytes).into();
    let link = bucket.presign_put(&key("up"), HOUR, bytes.len() as u64, Some(&md5)).unwrap();
    let mut other = bytes.clone();
    other[0] ^= 1;
    assert_ne!(send(&link, &other), Some(200), "another file");
    assert!(!bucket.exists(&key("up")).unwrap());
    assert_eq!(send(&link, &bytes), Some(200));
    assert!(read(&bucket, "up").unwrap() == bytes);
    let link = bucket.presign_put(&key("longer"), HOUR, 10, None).unwrap();
    let unlike = PresignedAccess { headers: Vec::new(), ..link.clone() };
    assert_ne!(send(&unlike, &bytes), Some(200), "a longer file");
    assert!(!bucket.exists(&key("longer")).unwrap());
    assert_eq!(send(&link, &bytes[..10]), Some(200));
}
