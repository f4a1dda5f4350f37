//! Renditions on disk: over a restart, damaged, full, or gone.

use crate::fixture::{RenditionFixture, disk_usage, key, parse_transform, wait_until};
use cairn_assets::{AssetError, RenditionCache};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// All of it was in memory: opened again, nothing is.
async fn reopen(place: &RenditionFixture, derived: RenditionCache, max_bytes: u64) -> RenditionCache {
    let bytes = derived.bytes_on_disk();
    drop(derived);
    let derived = place.open(max_bytes);
    wait_until(|| derived.bytes_on_disk() == bytes.min(max_bytes)).await;
    derived
}

#[tokio::test(flavor = "multi_thread")]
async fn renditions_survive_a_restart() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    let mut before = Vec::new();
    for format in ["jpeg", "png", "webp", "avif"] {
        before.push(place.rendition(&derived, &format!("w=20&format={format}")).await);
    }
    fs::write(place.cache_folder().join(".making-0123456789abcdef-x"), b"half").unwrap();
    fs::write(place.cache_folder().join("README"), b"of somebody else").unwrap();

    let derived = reopen(&place, derived, 1 << 20).await;
    for (format, before) in ["jpeg", "png", "webp", "avif"].into_iter().zip(before) {
        assert_eq!(place.rendition(&derived, &format!("w=20&format={format}")).await, before);
    }
    assert_eq!((place.fetch_count(), place.cached_files().len()), (4, 5));
    assert_eq!(fs::read(place.cache_folder().join("README")).unwrap(), b"of somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn renditions_are_found_before_the_folder_is_scanned() {
    let place = RenditionFixture::new();
    place.rendition(&place.open(1 << 20), "w=20").await;
    for _ in 0..20 {
        // Asked at once, mostly before the thread that looks through the folder has run.
        assert_eq!(place.rendition(&place.open(1 << 20), "w=20").await.width, 20);
    }
    assert_eq!(place.fetch_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn smaller_quota_applies_after_a_restart() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    for width in 1..=20 {
        place.rendition(&derived, &format!("w={width}")).await;
    }
    assert_eq!(derived.bytes_on_disk(), 20 * 4096);
    let derived = reopen(&place, derived, 5 * 4096).await;
    wait_until(|| place.cached_files().len() == 5).await;
    assert!(disk_usage(&place.cache_folder()) <= 5 * 4096);
    // The newest stayed.
    place.rendition(&derived, "w=20").await;
    assert_eq!(place.fetch_count(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn least_recently_used_renditions_are_evicted_first() {
    let place = RenditionFixture::new();
    let derived = place.open(4 * 4096);
    for query in ["w=1", "w=2", "w=3", "w=4", "w=1", "w=5", "w=1", "w=6"] {
        place.rendition(&derived, query).await;
    }
    assert_eq!((place.fetch_count(), place.cached_files().len()), (6, 4));
    let derived = reopen(&place, derived, 4 * 4096).await;
    for query in ["w=1", "w=4", "w=5", "w=6"] {
        place.rendition(&derived, query).await;
    }
    assert_eq!(place.fetch_count(), 6);
    place.rendition(&derived, "w=2").await;
    assert_eq!(place.fetch_count(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_rendition_files_are_rendered_again() {
    let place = RenditionFixture::new();
    let rendition = place.rendition(&place.open(1 << 20), "w=20&format=jpeg").await;
    let file = place.cached_files().remove(0);
    let complete = fs::read(&file).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..16).map(|part| complete[..complete.len() * part / 16].to_vec()).collect();
    for at in (0..complete.len()).step_by(37).chain(0..40) {
        let mut flipped = complete.clone();
        flipped[at] ^= 0x10;
        damaged.push(flipped);
    }
    damaged.push([complete.as_slice(), b"more"].concat());
    damaged.push(vec![0; complete.len()]);
    for (number, bytes) in damaged.iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        assert_eq!(place.rendition(&place.open(1 << 20), "w=20&format=jpeg").await, rendition, "{number}");
        assert_eq!((place.fetch_count(), fs::read(&file).unwrap()), (number + 2, complete.clone()), "{number}");
    }

    // A rendition under the name of another does not count.
    place.rendition(&place.open(1 << 20), "w=30&format=jpeg").await;
    let other = place.cached_files().into_iter().find(|path| *path != file).unwrap();
    fs::copy(&file, &other).unwrap();
    assert_eq!(place.rendition(&place.open(1 << 20), "w=30&format=jpeg").await.width, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_rendition_files_are_rendered_again() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    place.rendition(&derived, "w=20").await;
    let derived = reopen(&place, derived, 1 << 20).await;
    fs::remove_file(place.cached_files().remove(0)).unwrap();
    place.rendition(&derived, "w=20").await;
    assert_eq!((place.fetch_count(), place.cached_files().len(), derived.bytes_on_disk()), (2, 1, 4096));
}

#[tokio::test(flavor = "multi_thread")]
async fn renditions_work_without_a_cache_folder() {
    let place = RenditionFixture::new();
    let derived = place.open(1 << 20);
    place.rendition(&derived, "w=10").await;
    fs::remove_dir_all(place.cache_folder()).unwrap();
    fs::write(place.cache_folder(), b"a file in its place").unwrap();
    for width in 10..20 {
        assert_eq!(place.rendition(&derived, &format!("w={width}")).await.width, width);
    }
    // Renditions are in memory for a while.
    place.rendition(&derived, "w=19").await;
    assert_eq!(place.fetch_count(), 10);
    assert!(matches!(RenditionCache::open(&place.cache_folder(), 1, 1, 1), Err(AssetError::Io { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn zero_quota_stores_nothing() {
    let place = RenditionFixture::new();
    let derived = place.open(0);
    assert_eq!(place.rendition(&derived, "w=10").await.width, 10);
    assert!(place.cached_files().is_empty());
}

/// A file system of so many kB, which is gone when this is dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(folder: PathBuf, kilobytes: u32) -> Option<SmallDisk> {
        fs::create_dir_all(&folder).unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&folder).output().ok()?;
        mount.status.success().then_some(SmallDisk(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_disk_does_not_fail_renditions() {
    let place = RenditionFixture::with_source_size(300, 300);
    let Some(_disk) = SmallDisk::mount(place.cache_folder(), 256) else {
        eprintln!("skipped: only root may mount a small disk");
        return;
    };
    let derived = RenditionCache::open(&place.cache_folder(), 1 << 30, 2, 10).unwrap();
    for width in 250..300 {
        let result =
            derived.get_or_make("a", &key(), &parse_transform(&format!("w={width}&format=png")), place.fetch()).await;
        assert_eq!(result.unwrap().unwrap().width, width);
    }
    assert!(fs::read_dir(place.cache_folder()).unwrap().count() <= 1);
    // Renditions that could not be written do not count.
    assert!(derived.bytes_on_disk() <= 256 << 10, "{}", derived.bytes_on_disk());
}
