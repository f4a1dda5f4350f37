//! Many who ask at once.

use crate::fixture::{RenditionFixture, disk_usage, disk_usage_while_changing, key, parse_transform, wait_until};
use cairn_assets::{AssetError, BlobKey, RenditionCache, SourceFile};
use cairn_testkit::extend_limit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_identical_requests_render_once() {
    let place = Arc::new(RenditionFixture::new());
    // At most one request may wait, and yet no request is refused: identical ones share a rendition.
    let derived = RenditionCache::open(&place.cache_folder(), 1 << 20, 1, 1).unwrap();
    let mut all = JoinSet::new();
    for number in 0..1000 {
        let (place, derived) = (Arc::clone(&place), derived.clone());
        // The same in other words.
        let query = ["w=50&format=jpeg", "format=jpeg&w=050", "w=50&fx=0.3&format=jpeg&q=80"][number % 3];
        all.spawn(async move { place.rendition(&derived, query).await });
    }
    let mut renditions = all.join_all().await;
    renditions.dedup();
    assert_eq!(
        (renditions.len(), renditions[0].width, renditions[0].height, renditions[0].content_type),
        (1, 50, 38, "image/jpeg")
    );
    assert_eq!(image::load_from_memory(&renditions[0].bytes).unwrap().width(), 50);
    assert_eq!((place.fetch_count(), place.cached_files().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_do_not_share_renditions() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    for scope in ["a", "b", "a", "b", ""] {
        derived.get_or_make(scope, &key(), &parse_transform("w=10"), place.fetch()).await.unwrap().unwrap();
    }
    assert_eq!((place.fetch_count(), place.cached_files().len()), (3, 3));
    derived.remove_source("a", &key());
    assert_eq!(place.cached_files().len(), 2);
    place.rendition(&derived, "w=10").await;
    assert_eq!(place.fetch_count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_requests_do_not_affect_other_waiters() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    let (go, receiver) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let fetch = place.fetch();
    let first = {
        let derived = derived.clone();
        tokio::spawn(async move {
            let slow = move || {
                started.send(()).unwrap();
                receiver.recv().unwrap();
                fetch()
            };
            derived.get_or_make("a", &key(), &parse_transform("w=10"), slow).await
        })
    };
    tokio::task::spawn_blocking(move || starts.recv().unwrap()).await.unwrap();
    let (source, same) = (key(), parse_transform("w=10"));
    let second = derived.get_or_make("a", &source, &same, || panic!("it is being fetched"));
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    assert_eq!(second.await.unwrap().unwrap().width, 10);
    assert_eq!(place.fetch_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn full_queue_rejects_requests_immediately() {
    let place = RenditionFixture::new();
    let derived = RenditionCache::open(&place.cache_folder(), 1 << 20, 2, 3).unwrap();
    place.rendition(&derived, "w=100").await;

    let (go, receiver) = mpsc::channel::<()>();
    let go_receiver = Arc::new(std::sync::Mutex::new(receiver));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for width in 1..=5 {
        let (derived, fetch, task_receiver) = (derived.clone(), place.fetch(), Arc::clone(&go_receiver));
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        all.spawn(async move {
            let slow = move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                while task_receiver.lock().unwrap().recv_timeout(Duration::from_millis(1)).is_err() {}
                running.fetch_sub(1, Ordering::SeqCst);
                fetch()
            };
            derived.get_or_make("a", &key(), &parse_transform(&format!("w={width}")), slow).await
        });
    }
    wait_until(|| running.load(Ordering::SeqCst) == 2).await;
    // The three others may not have taken their places yet: whoever comes in between may.
    tokio::time::sleep(Duration::from_millis(200)).await;

    let start = Instant::now();
    for width in 10..60 {
        let refused = place.request_rendition(&derived, &format!("w={width}")).await;
        assert!(matches!(refused, Err(AssetError::Busy)), "{refused:?}");
    }
    assert!(start.elapsed() < extend_limit(Duration::from_secs(10)), "{:?}", start.elapsed());
    assert!(AssetError::Busy.to_string().contains("try again"));
    // A cached rendition needs no place in the queue.
    assert_eq!(place.rendition(&derived, "w=100").await.width, 100);

    (0..5).for_each(|_| go.send(()).unwrap());
    for result in all.join_all().await {
        assert!(result.unwrap().is_some());
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    // The cache works as before.
    assert_eq!(place.rendition(&derived, "w=10").await.width, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_sizes_stay_within_the_quota() {
    const QUOTA: u64 = 1 << 20;
    // A small source: what is made is nothing, that it is kept is the point.
    let place = Arc::new(RenditionFixture::with_source_size(16, 16));
    let derived = RenditionCache::open(&place.cache_folder(), QUOTA, 2, 5000).unwrap();
    let widths: Vec<u32> = (1..=5000).collect();
    let (mut refused, mut rendered, mut most) = (0, 0, 0);
    for round in widths.chunks(250) {
        let mut all = JoinSet::new();
        for width in round {
            let query = format!("w={width}&format=jpeg");
            if cairn_assets::Transform::parse(&query).is_err() {
                refused += 1;
                continue;
            }
            let (place, derived) = (Arc::clone(&place), derived.clone());
            all.spawn(async move { place.rendition(&derived, &query).await.width });
        }
        while let Some(width) = all.join_next().await {
            assert!(width.unwrap() > 0);
            rendered += 1;
            if rendered % 16 == 0 {
                most = most.max(disk_usage_while_changing(&place.cache_folder()));
            }
        }
        most = most.max(disk_usage(&place.cache_folder()));
        assert!(most <= QUOTA, "{most}");
    }
    assert_eq!((refused, rendered, place.fetch_count()), (5000 - 4096, 4096, 4096));
    assert!(most > QUOTA / 2, "{most}");
    assert!(derived.bytes_on_disk() <= QUOTA && disk_usage(&place.cache_folder()) <= QUOTA);
}

#[tokio::test(flavor = "multi_thread")]
async fn undecodable_sources_are_fetched_only_once() {
    let mut place = RenditionFixture::new();
    std::fs::write(place.source(), b"no picture").unwrap();
    let derived = place.open(1 << 20);
    for _ in 0..100 {
        assert_eq!(place.request_rendition(&derived, "w=10").await.unwrap(), None);
    }
    assert_eq!(place.fetch_count(), 1);

    // Of a type that is never one, no transform is tried.
    place.content_type = "text/plain";
    let other = BlobKey::parse("other.txt").unwrap();
    for width in 1..100 {
        let transform = parse_transform(&format!("w={width}"));
        assert_eq!(derived.get_or_make("a", &other, &transform, place.fetch()).await.unwrap(), None);
    }
    assert_eq!(place.fetch_count(), 2);
    assert!(place.cached_files().is_empty());

    // Transforms of a picture that is too large are not tried either.
    place.content_type = "image/png";
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0".to_vec();
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..]);
    png.extend_from_slice(&crc.sum().to_be_bytes());
    png.extend_from_slice(b"\0\0\0\x01IDATx\0\0\0\0");
    std::fs::write(place.source(), png).unwrap();
    let bomb = BlobKey::parse("bomb.png").unwrap();
    for width in 1..100 {
        let refused = derived.get_or_make("a", &bomb, &parse_transform(&format!("w={width}")), place.fetch()).await;
        assert!(matches!(refused, Err(AssetError::TooManyPixels { pixels: 3_600_000_000, .. })), "{refused:?}");
    }
    assert_eq!(place.fetch_count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_failures_are_reported_and_retried() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    assert_eq!(derived.get_or_make("a", &key(), &parse_transform("w=10"), || Ok(None)).await.unwrap(), None);
    let away = || Err(AssetError::Unavailable { action: "read a file", why: "the bucket is away".to_owned() });
    let failed = derived.get_or_make("a", &key(), &parse_transform("w=10"), away).await.unwrap_err();
    assert_eq!(failed.to_string(), "could not read a file: the bucket is away");
    let panicked = derived.get_or_make("a", &key(), &parse_transform("w=10"), || panic!("fetch")).await.unwrap_err();
    assert!(matches!(panicked, AssetError::Unavailable { .. }), "{panicked}");
    assert_eq!(place.rendition(&derived, "w=10").await.width, 10);
    assert_eq!(place.fetch_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_sources_are_removed() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    let copy = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::copy(place.source(), &copy).unwrap();
    let path = copy.to_path_buf();
    let fetch = move || Ok(Some(SourceFile::temporary(copy, "image/png".to_owned())));
    assert!(derived.get_or_make("a", &key(), &parse_transform("w=10"), fetch).await.unwrap().is_some());
    assert!(!path.exists());
}
