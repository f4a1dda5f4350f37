//! Networks and stores that fail: nothing half written stays, nothing half read passes for whole, all ends in time.

use super::proxy::{Fault, Proxy, Request};
use super::{content, isolated_bucket, key, options, read};
use cairn_assets::{AssetError, BlobSource, BlobStore, ByteRange, S3, S3Options};
use std::time::{Duration, Instant};

/// Above the sum of what four attempts and their pauses take with the timeout below.
const BOUND: Duration = Duration::from_secs(25);

/// The place as it is, and as it is seen through faults.
struct FaultyBucket {
    direct: S3,
    through: S3,
    proxy: Proxy,
}

fn open_faulty_bucket(rule: impl FnMut(&Request) -> Option<Fault> + Send + 'static) -> Option<FaultyBucket> {
    let (direct, options) = isolated_bucket(&options()?);
    let endpoint = options.endpoint.clone().expect("an endpoint");
    let proxy = Proxy::new(endpoint.trim_start_matches("http://"), rule);
    let through = S3Options {
        endpoint: Some(format!("http://{}", proxy.address)),
        request_timeout: Duration::from_secs(2),
        ..options
    };
    Some(FaultyBucket { direct, through: S3::new(through).unwrap(), proxy })
}

/// A fault for the first requests of a method.
fn first(times: usize, method: &'static str, fault: Fault) -> impl FnMut(&Request) -> Option<Fault> + Send {
    let mut remaining = times;
    move |request| {
        let hit = request.method == method && remaining > 0;
        remaining -= usize::from(hit);
        hit.then(|| fault.clone())
    }
}

fn always(method: &'static str, fault: Fault) -> impl FnMut(&Request) -> Option<Fault> + Send {
    first(usize::MAX, method, fault)
}

fn assert_in_time<T>(work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    assert!(start.elapsed() < BOUND, "took {:?}", start.elapsed());
    result
}

fn single_and_multipart_contents() -> [Vec<u8>; 2] {
    [content(100_000), content(super::PART as usize + 100_000)]
}

#[test]
fn transient_faults_are_retried() {
    let slow = Fault::Wait(Duration::from_secs(4));
    for fault in [Fault::Refuse(500), Fault::Refuse(503), Fault::Refuse(429), Fault::Reset, slow, Fault::CutUp(10)] {
        for bytes in single_and_multipart_contents() {
            for method in ["PUT", "HEAD", "GET"] {
                let Some(f) = open_faulty_bucket(first(2, method, fault.clone())) else { return };
                assert_in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap();
                assert!(read(&f.direct, "a").unwrap() == bytes, "{fault:?}");
                assert!(assert_in_time(|| read(&f.through, "a")).unwrap() == bytes, "{fault:?}");
                assert!(f.proxy.count(method) >= 3, "{fault:?}: {:?}", f.proxy.recorded_requests());
            }
        }
    }
}

#[test]
fn failed_writes_leave_nothing() {
    let slow = Fault::Wait(Duration::from_secs(30));
    for fault in [Fault::Refuse(500), Fault::Refuse(429), Fault::Refuse(403), Fault::Reset, slow, Fault::CutUp(70_000)]
    {
        for bytes in single_and_multipart_contents() {
            let Some(f) = open_faulty_bucket(always("PUT", fault.clone())) else { return };
            let failed = assert_in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap_err();
            let away = !matches!(fault, Fault::Refuse(403));
            assert_eq!(matches!(failed, AssetError::Unavailable { .. }), away, "{fault:?}: {failed:?}");
            assert!(!f.direct.exists(&key("a")).unwrap(), "{fault:?}");
            assert!(f.direct.list(None, 9).unwrap().is_empty(), "{fault:?}");
            let in_parts = bytes.len() > super::PART as usize;
            let aborted =
                f.proxy.recorded_requests().iter().any(|r| r.method == "DELETE" && r.target.contains("uploadId="));
            assert_eq!(aborted, in_parts, "{fault:?}: {:?}", f.proxy.recorded_requests());
        }
    }
}

#[test]
fn failed_writes_preserve_the_old_blob() {
    for fault in [Fault::Refuse(500), Fault::Reset] {
        let Some(f) = open_faulty_bucket(always("PUT", fault)) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(b"old")).unwrap();
        assert_in_time(|| f.through.put(&key("a"), BlobSource::Bytes(b"new"))).unwrap_err();
        assert_eq!(read(&f.direct, "a").unwrap(), b"old");
    }
}

#[test]
fn writes_applied_despite_an_error_are_detected() {
    let Some(f) = open_faulty_bucket(always("PUT", Fault::Deny(500))) else { return };
    assert_in_time(|| f.through.put(&key("a"), BlobSource::Bytes(b"there"))).unwrap();
    assert_eq!(read(&f.direct, "a").unwrap(), b"there");
    // The same with the last request of an upload in parts.
    let bytes = content(super::PART as usize + 1);
    let complete = |request: &Request| request.method == "POST" && request.target.contains("uploadId=");
    let Some(f) = open_faulty_bucket(move |request| complete(request).then_some(Fault::Deny(500))) else { return };
    assert_in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap();
    assert!(read(&f.direct, "a").unwrap() == bytes);
}

#[test]
fn blobs_with_a_wrong_etag_are_removed() {
    let wrong_etag = "\"00000000000000000000000000000000\"";
    let Some(f) = open_faulty_bucket(always("PUT", Fault::Etag(wrong_etag))) else { return };
    let failed = f.through.put(&key("a"), BlobSource::Bytes(b"abc")).unwrap_err();
    let message = format!("{failed:?}");
    assert!(message.contains("differs") && message.contains("was removed"), "{message}");
    assert!(!f.direct.exists(&key("a")).unwrap());

    let wrong_etag = "\"00000000000000000000000000000000-2\"";
    let complete = |request: &Request| request.method == "POST" && request.target.contains("uploadId=");
    let Some(f) = open_faulty_bucket(move |request| complete(request).then_some(Fault::Etag(wrong_etag))) else {
        return;
    };
    let bytes = content(super::PART as usize + 1);
    let failed = f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap_err();
    assert!(format!("{failed:?}").contains("was removed"), "{failed:?}");
    assert!(!f.direct.exists(&key("a")).unwrap());
}

#[test]
fn opaque_etags_are_verified_by_reading_back() {
    for bytes in single_and_multipart_contents() {
        let opaque = |request: &Request| {
            let has_etag = request.method == "PUT" || request.target.contains("uploadId=");
            (has_etag && !request.target.contains("partNumber=")).then_some(Fault::Etag("\"opaque\""))
        };
        let Some(f) = open_faulty_bucket(opaque) else { return };
        f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        assert_eq!(f.proxy.count("GET"), 1);
        assert!(read(&f.direct, "a").unwrap() == bytes);
        // The store returns other bytes than were sent.
        let Some(f) =
            open_faulty_bucket(move |request| opaque(request).or((request.method == "GET").then_some(Fault::Spoil)))
        else {
            return;
        };
        let failed = f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap_err();
        assert!(format!("{failed:?}").contains("reading it back"), "{failed:?}");
        assert!(!f.direct.exists(&key("a")).unwrap());
    }
}

#[test]
fn interrupted_downloads_resume() {
    let bytes = content(300_000);
    for fault in [Fault::CutDown(100_000), Fault::CutDown(0), Fault::Stall(100_000, Duration::from_secs(4))] {
        let Some(f) = open_faulty_bucket(first(1, "GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        assert!(assert_in_time(|| read(&f.through, "a")).unwrap() == bytes, "{fault:?}");
        assert_eq!(f.proxy.count("GET"), 2);
        let Some(f) = open_faulty_bucket(first(1, "GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        let mut part = Vec::new();
        let range = ByteRange { start: 1000, end: 250_000 };
        f.through.open(&key("a"), Some(range)).unwrap().unwrap().body.read_to_end(&mut part).unwrap();
        assert!(part == bytes[1000..=250_000], "{fault:?}");
    }
}

#[test]
fn truncated_downloads_fail() {
    for fault in [Fault::CutDown(1000), Fault::Stall(1000, Duration::from_secs(30))] {
        let Some(f) = open_faulty_bucket(always("GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&content(300_000))).unwrap();
        let mut found = Vec::new();
        let mut blob = f.through.open(&key("a"), None).unwrap().unwrap();
        let failed = assert_in_time(|| blob.body.read_to_end(&mut found)).expect_err("an error");
        assert!(failed.to_string().contains("bytes are missing"), "{failed}");
        assert!(found.len() <= 4000 && f.proxy.count("GET") == 4, "{fault:?}: {}", found.len());
    }
}

#[test]
fn blobs_replaced_during_a_download_are_not_mixed() {
    let Some(f) = open_faulty_bucket(first(1, "GET", Fault::CutDown(1000))) else { return };
    f.direct.put(&key("a"), BlobSource::Bytes(&content(300_000))).unwrap();
    let mut blob = f.through.open(&key("a"), None).unwrap().unwrap();
    f.direct.put(&key("a"), BlobSource::Bytes(&[7; 300_000])).unwrap();
    let failed = blob.body.read_to_end(&mut Vec::new()).expect_err("an error");
    assert!(failed.to_string().contains("meantime"), "{failed}");
}
