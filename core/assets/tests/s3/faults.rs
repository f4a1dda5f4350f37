//! Networks and stores that fail: nothing half written stays, nothing half read passes for whole, all ends in time.

use super::proxy::{Fault, Proxy, Request};
use super::{content, key, options, place, read};
use cairn_assets::{AssetError, BlobSource, BlobStore, ByteRange, S3, S3Options};
use std::time::{Duration, Instant};

/// Above the sum of what four attempts and their pauses take with the timeout below.
const BOUND: Duration = Duration::from_secs(25);

/// The place as it is, and as it is seen through faults.
struct Faulty {
    direct: S3,
    through: S3,
    proxy: Proxy,
}

fn faulty(rule: impl FnMut(&Request) -> Option<Fault> + Send + 'static) -> Option<Faulty> {
    let (direct, options) = place(&options()?);
    let endpoint = options.endpoint.clone().expect("an endpoint");
    let proxy = Proxy::new(endpoint.trim_start_matches("http://"), rule);
    let through = S3Options {
        endpoint: Some(format!("http://{}", proxy.address)),
        request_timeout: Duration::from_secs(2),
        ..options
    };
    Some(Faulty { direct, through: S3::new(through).unwrap(), proxy })
}

/// A fault for the first requests of a method.
fn first(times: usize, method: &'static str, fault: Fault) -> impl FnMut(&Request) -> Option<Fault> + Send {
    let mut left = times;
    move |request| {
        let hit = request.method == method && left > 0;
        left -= usize::from(hit);
        hit.then(|| fault.clone())
    }
}

fn always(method: &'static str, fault: Fault) -> impl FnMut(&Request) -> Option<Fault> + Send {
    first(usize::MAX, method, fault)
}

fn in_time<T>(work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let result = work();
    assert!(begun.elapsed() < BOUND, "took {:?}", begun.elapsed());
    result
}

fn whole_and_in_parts() -> [Vec<u8>; 2] {
    [content(100_000), content(super::PART as usize + 100_000)]
}

#[test]
fn what_passes_is_tried_again() {
    let slow = Fault::Wait(Duration::from_secs(4));
    for fault in [Fault::Refuse(500), Fault::Refuse(503), Fault::Refuse(429), Fault::Reset, slow, Fault::CutUp(10)] {
        for bytes in whole_and_in_parts() {
            for method in ["PUT", "HEAD", "GET"] {
                let Some(f) = faulty(first(2, method, fault.clone())) else { return };
                in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap();
                assert!(read(&f.direct, "a").unwrap() == bytes, "{fault:?}");
                assert!(in_time(|| read(&f.through, "a")).unwrap() == bytes, "{fault:?}");
                assert!(f.proxy.count(method) >= 3, "{fault:?}: {:?}", f.proxy.seen());
            }
        }
    }
}

#[test]
fn a_write_that_fails_leaves_nothing() {
    let slow = Fault::Wait(Duration::from_secs(30));
    for fault in [Fault::Refuse(500), Fault::Refuse(429), Fault::Refuse(403), Fault::Reset, slow, Fault::CutUp(70_000)]
    {
        for bytes in whole_and_in_parts() {
            let Some(f) = faulty(always("PUT", fault.clone())) else { return };
            let failed = in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap_err();
            let away = !matches!(fault, Fault::Refuse(403));
            assert_eq!(matches!(failed, AssetError::Unavailable { .. }), away, "{fault:?}: {failed:?}");
            assert!(!f.direct.exists(&key("a")).unwrap(), "{fault:?}");
            assert!(f.direct.list(None, 9).unwrap().is_empty(), "{fault:?}");
            let in_parts = bytes.len() > super::PART as usize;
            let aborted = f.proxy.seen().iter().any(|r| r.method == "DELETE" && r.target.contains("uploadId="));
            assert_eq!(aborted, in_parts, "{fault:?}: {:?}", f.proxy.seen());
        }
    }
}

#[test]
fn a_write_that_fails_keeps_what_was_there() {
    for fault in [Fault::Refuse(500), Fault::Reset] {
        let Some(f) = faulty(always("PUT", fault)) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(b"old")).unwrap();
        in_time(|| f.through.put(&key("a"), BlobSource::Bytes(b"new"))).unwrap_err();
        assert_eq!(read(&f.direct, "a").unwrap(), b"old");
    }
}

#[test]
fn a_write_that_was_carried_out_and_denied_is_found() {
    let Some(f) = faulty(always("PUT", Fault::Deny(500))) else { return };
    in_time(|| f.through.put(&key("a"), BlobSource::Bytes(b"there"))).unwrap();
    assert_eq!(read(&f.direct, "a").unwrap(), b"there");
    // The same with the last request of an upload in parts.
    let bytes = content(super::PART as usize + 1);
    let complete = |request: &Request| request.method == "POST" && request.target.contains("uploadId=");
    let Some(f) = faulty(move |request| complete(request).then_some(Fault::Deny(500))) else { return };
    in_time(|| f.through.put(&key("a"), BlobSource::Bytes(&bytes))).unwrap();
    assert!(read(&f.direct, "a").unwrap() == bytes);
}

#[test]
fn a_wrong_hash_removes_what_arrived() {
    let wrong = "\"00000000000000000000000000000000\"";
    let Some(f) = faulty(always("PUT", Fault::Etag(wrong))) else { return };
    let failed = f.through.put(&key("a"), BlobSource::Bytes(b"abc")).unwrap_err();
    let told = format!("{failed:?}");
    assert!(told.contains("differs") && told.contains("was removed"), "{told}");
    assert!(!f.direct.exists(&key("a")).unwrap());

    let wrong = "\"00000000000000000000000000000000-2\"";
    let complete = |request: &Request| request.method == "POST" && request.target.contains("uploadId=");
    let Some(f) = faulty(move |request| complete(request).then_some(Fault::Etag(wrong))) else { return };
    let bytes = content(super::PART as usize + 1);
    let failed = f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap_err();
    assert!(format!("{failed:?}").contains("was removed"), "{failed:?}");
    assert!(!f.direct.exists(&key("a")).unwrap());
}

#[test]
fn without_a_hash_it_is_read_again() {
    for bytes in whole_and_in_parts() {
        let opaque = |request: &Request| {
            let answered = request.method == "PUT" || request.target.contains("uploadId=");
            (answered && !request.target.contains("partNumber=")).then_some(Fault::Etag("\"opaque\""))
        };
        let Some(f) = faulty(opaque) else { return };
        f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        assert_eq!(f.proxy.count("GET"), 1);
        assert!(read(&f.direct, "a").unwrap() == bytes);
        // What comes back is not what was sent.
        let Some(f) = faulty(move |request| opaque(request).or((request.method == "GET").then_some(Fault::Spoil)))
        else {
            return;
        };
        let failed = f.through.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap_err();
        assert!(format!("{failed:?}").contains("reading it back"), "{failed:?}");
        assert!(!f.direct.exists(&key("a")).unwrap());
    }
}

#[test]
fn a_download_goes_on_where_it_broke_off() {
    let bytes = content(300_000);
    for fault in [Fault::CutDown(100_000), Fault::CutDown(0), Fault::Stall(100_000, Duration::from_secs(4))] {
        let Some(f) = faulty(first(1, "GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        assert!(in_time(|| read(&f.through, "a")).unwrap() == bytes, "{fault:?}");
        assert_eq!(f.proxy.count("GET"), 2);
        let Some(f) = faulty(first(1, "GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&bytes)).unwrap();
        let mut part = Vec::new();
        let range = ByteRange { start: 1000, end: 250_000 };
        f.through.open(&key("a"), Some(range)).unwrap().unwrap().body.read_to_end(&mut part).unwrap();
        assert!(part == bytes[1000..=250_000], "{fault:?}");
    }
}

#[test]
fn an_early_end_is_never_the_end() {
    for fault in [Fault::CutDown(1000), Fault::Stall(1000, Duration::from_secs(30))] {
        let Some(f) = faulty(always("GET", fault.clone())) else { return };
        f.direct.put(&key("a"), BlobSource::Bytes(&content(300_000))).unwrap();
        let mut found = Vec::new();
        let mut blob = f.through.open(&key("a"), None).unwrap().unwrap();
        let failed = in_time(|| blob.body.read_to_end(&mut found)).expect_err("an error");
        assert!(failed.to_string().contains("bytes are missing"), "{failed}");
        assert!(found.len() <= 4000 && f.proxy.count("GET") == 4, "{fault:?}: {}", found.len());
    }
}

#[test]
fn a_file_that_is_replaced_meanwhile_is_not_mixed() {
    let Some(f) = faulty(first(1, "GET", Fault::CutDown(1000))) else { return };
    f.direct.put(&key("a"), BlobSource::Bytes(&content(300_000))).unwrap();
    let mut blob = f.through.open(&key("a"), None).unwrap().unwrap();
    f.direct.put(&key("a"), BlobSource::Bytes(&[7; 300_000])).unwrap();
    let failed = blob.body.read_to_end(&mut Vec::new()).expect_err("an error");
    assert!(failed.to_string().contains("meantime"), "{failed}");
}
