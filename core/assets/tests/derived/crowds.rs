//! Many who ask at once.

use crate::folders::{Place, key, on_disk, until, wanted};
use cairn_assets::{AssetError, BlobKey, RenditionCache, SourceFile};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_who_want_the_same_get_one_that_is_made_once() {
    let place = Arc::new(Place::new());
    // No more than one may wait, and yet nobody is turned away.
    let derived = RenditionCache::open(&place.folder(), 1 << 20, 1, 1).unwrap();
    let mut all = JoinSet::new();
    for number in 0..1000 {
        let (place, derived) = (Arc::clone(&place), derived.clone());
        // The same in other words.
        let query = ["w=50&format=jpeg", "format=jpeg&w=050", "w=50&fx=0.3&format=jpeg&q=80"][number % 3];
        all.spawn(async move { place.made(&derived, query).await });
    }
    let mut made = all.join_all().await;
    made.dedup();
    assert_eq!((made.len(), made[0].width, made[0].height, made[0].content_type), (1, 50, 38, "image/jpeg"));
    assert_eq!(image::load_from_memory(&made[0].bytes).unwrap().width(), 50);
    assert_eq!((place.fetched(), place.kept().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_nothing() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    for scope in ["a", "b", "a", "b", ""] {
        derived.get_or_make(scope, &key(), &wanted("w=10"), place.fetch()).await.unwrap().unwrap();
    }
    assert_eq!((place.fetched(), place.kept().len()), (3, 3));
    derived.remove_source("a", &key());
    assert_eq!(place.kept().len(), 2);
    place.made(&derived, "w=10").await;
    assert_eq!(place.fetched(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_takes_nothing_from_the_others() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    let (go, gone) = mpsc::channel::<()>();
    let (started, starts) = mpsc::channel();
    let fetch = place.fetch();
    let first = {
        let derived = derived.clone();
        tokio::spawn(async move {
            let slow = move || {
                started.send(()).unwrap();
                gone.recv().unwrap();
                fetch()
            };
            derived.get_or_make("a", &key(), &wanted("w=10"), slow).await
        })
    };
    tokio::task::spawn_blocking(move || starts.recv().unwrap()).await.unwrap();
    let (source, same) = (key(), wanted("w=10"));
    let second = derived.get_or_make("a", &source, &same, || panic!("it is being fetched"));
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    assert_eq!(second.await.unwrap().unwrap().width, 10);
    assert_eq!(place.fetched(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_full_says_so_at_once() {
    let place = Place::new();
    let derived = RenditionCache::open(&place.folder(), 1 << 20, 2, 3).unwrap();
    place.made(&derived, "w=100").await;

    let (go, gone) = mpsc::channel::<()>();
    let gone = Arc::new(std::sync::Mutex::new(gone));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for width in 1..=5 {
        let (derived, fetch, gone) = (derived.clone(), place.fetch(), Arc::clone(&gone));
        let (running, most) = (Arc::clone(&running), Arc::clone(&most));
        all.spawn(async move {
            let slow = move || {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                while gone.lock().unwrap().recv_timeout(Duration::from_millis(1)).is_err() {}
                running.fetch_sub(1, Ordering::SeqCst);
                fetch()
            };
            derived.get_or_make("a", &key(), &wanted(&format!("w={width}")), slow).await
        });
    }
    until(|| running.load(Ordering::SeqCst) == 2).await;
    // The three others may not have taken their places yet: whoever comes in between may.
    tokio::time::sleep(Duration::from_millis(200)).await;

    let start = Instant::now();
    for width in 10..60 {
        let refused = place.get(&derived, &format!("w={width}")).await;
        assert!(matches!(refused, Err(AssetError::Busy)), "{refused:?}");
    }
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    assert!(AssetError::Busy.to_string().contains("try again"));
    // What is there needs no place.
    assert_eq!(place.made(&derived, "w=100").await.width, 100);

    (0..5).for_each(|_| go.send(()).unwrap());
    for made in all.join_all().await {
        assert!(made.unwrap().is_some());
    }
    assert_eq!(most.load(Ordering::SeqCst), 2);
    // And it goes on as before.
    assert_eq!(place.made(&derived, "w=10").await.width, 10);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_sizes_stays_within_the_quota() {
    const QUOTA: u64 = 1 << 20;
    // A small source: what is made is nothing, that it is kept is the point.
    let place = Arc::new(Place::with(16, 16));
    let derived = RenditionCache::open(&place.folder(), QUOTA, 2, 5000).unwrap();
    let mut all = JoinSet::new();
    let mut refused = 0;
    for width in 1..=5000 {
        let query = format!("w={width}&format=jpeg");
        if cairn_assets::Transform::parse(&query).is_err() {
            refused += 1;
            continue;
        }
        let (place, derived) = (Arc::clone(&place), derived.clone());
        all.spawn(async move { place.made(&derived, &query).await.width });
    }
    let mut most = 0;
    let mut answered = 0;
    while let Some(width) = all.join_next().await {
        assert!(width.unwrap() > 0);
        answered += 1;
        if answered % 16 == 0 {
            // A look takes its time: what goes and what comes in its place meanwhile may both be counted, in one look but hardly in each.
            let looks = [(); 4].map(|()| on_disk(&place.folder()));
            most = most.max(looks.into_iter().min().unwrap_or_default());
        }
    }
    assert_eq!((refused, answered, place.fetched()), (5000 - 4096, 4096, 4096));
    assert!(most > QUOTA / 2 && most <= QUOTA, "{most}");
    assert!(derived.bytes_on_disk() <= QUOTA && on_disk(&place.folder()) <= QUOTA);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_picture_is_not_tried_again_and_again() {
    let mut place = Place::new();
    std::fs::write(place.source(), b"no picture").unwrap();
    let derived = place.open(1 << 20);
    for _ in 0..100 {
        assert_eq!(place.get(&derived, "w=10").await.unwrap(), None);
    }
    assert_eq!(place.fetched(), 1);

    // Of a type that is never one, no transform is tried.
    place.content_type = "text/plain";
    let other = BlobKey::parse("other.txt").unwrap();
    for width in 1..100 {
        let wanted = wanted(&format!("w={width}"));
        assert_eq!(derived.get_or_make("a", &other, &wanted, place.fetch()).await.unwrap(), None);
    }
    assert_eq!(place.fetched(), 2);
    assert!(place.kept().is_empty());

    // Nor of one that is too large.
    place.content_type = "image/png";
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0".to_vec();
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..]);
    png.extend_from_slice(&crc.sum().to_be_bytes());
    png.extend_from_slice(b"\0\0\0\x01IDATx\0\0\0\0");
    std::fs::write(place.source(), png).unwrap();
    let bomb = BlobKey::parse("bomb.png").unwrap();
    for width in 1..100 {
        let refused = derived.get_or_make("a", &bomb, &wanted(&format!("w={width}")), place.fetch()).await;
        assert!(matches!(refused, Err(AssetError::TooManyPixels { pixels: 3_600_000_000, .. })), "{refused:?}");
    }
    assert_eq!(place.fetched(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_to_fetch_are_told_and_tried_again() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    assert_eq!(derived.get_or_make("a", &key(), &wanted("w=10"), || Ok(None)).await.unwrap(), None);
    let away = || Err(AssetError::Unavailable { action: "read a file", why: "the bucket is away".to_owned() });
    let failed = derived.get_or_make("a", &key(), &wanted("w=10"), away).await.unwrap_err();
    assert_eq!(failed.to_string(), "could not read a file: the bucket is away");
    let panicked = derived.get_or_make("a", &key(), &wanted("w=10"), || panic!("fetch")).await.unwrap_err();
    assert!(matches!(panicked, AssetError::Unavailable { .. }), "{panicked}");
    assert_eq!(place.made(&derived, "w=10").await.width, 10);
    assert_eq!(place.fetched(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_temporary_source_is_removed() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    let copy = tempfile::NamedTempFile::new().unwrap().into_temp_path();
    std::fs::copy(place.source(), &copy).unwrap();
    let path = copy.to_path_buf();
    let fetch = move || Ok(Some(SourceFile::temporary(copy, "image/png".to_owned())));
    assert!(derived.get_or_make("a", &key(), &wanted("w=10"), fetch).await.unwrap().is_some());
    assert!(!path.exists());
}
