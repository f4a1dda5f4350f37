//! What lies on disk: over a restart, damaged, full, or gone.

use crate::folders::{Place, key, on_disk, until, wanted};
use cairn_assets::{AssetError, RenditionCache};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// All of it was in memory: opened again, nothing is.
async fn reopened(place: &Place, derived: RenditionCache, max_bytes: u64) -> RenditionCache {
    let bytes = derived.bytes_on_disk();
    drop(derived);
    let derived = place.open(max_bytes);
    until(|| derived.bytes_on_disk() == bytes.min(max_bytes)).await;
    derived
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_what_was_made() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    let mut before = Vec::new();
    for format in ["jpeg", "png", "webp", "avif"] {
        before.push(place.made(&derived, &format!("w=20&format={format}")).await);
    }
    fs::write(place.folder().join(".making-0123456789abcdef-x"), b"half").unwrap();
    fs::write(place.folder().join("README"), b"of somebody else").unwrap();

    let derived = reopened(&place, derived, 1 << 20).await;
    for (format, before) in ["jpeg", "png", "webp", "avif"].into_iter().zip(before) {
        assert_eq!(place.made(&derived, &format!("w=20&format={format}")).await, before);
    }
    assert_eq!((place.fetched(), place.kept().len()), (4, 5));
    assert_eq!(fs::read(place.folder().join("README")).unwrap(), b"of somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_is_found_before_all_of_the_folder_is_known() {
    let place = Place::new();
    place.made(&place.open(1 << 20), "w=20").await;
    for _ in 0..20 {
        // Asked at once, mostly before the thread that looks through the folder has run.
        assert_eq!(place.made(&place.open(1 << 20), "w=20").await.width, 20);
    }
    assert_eq!(place.fetched(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_smaller_quota_holds_after_a_restart() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    for width in 1..=20 {
        place.made(&derived, &format!("w={width}")).await;
    }
    assert_eq!(derived.bytes_on_disk(), 20 * 4096);
    let derived = reopened(&place, derived, 5 * 4096).await;
    until(|| place.kept().len() == 5).await;
    assert!(on_disk(&place.folder()) <= 5 * 4096);
    // The newest stayed.
    place.made(&derived, "w=20").await;
    assert_eq!(place.fetched(), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_asked_for_the_longest_goes_first() {
    let place = Place::new();
    let derived = place.open(4 * 4096);
    for query in ["w=1", "w=2", "w=3", "w=4", "w=1", "w=5", "w=1", "w=6"] {
        place.made(&derived, query).await;
    }
    assert_eq!((place.fetched(), place.kept().len()), (6, 4));
    let derived = reopened(&place, derived, 4 * 4096).await;
    for query in ["w=1", "w=4", "w=5", "w=6"] {
        place.made(&derived, query).await;
    }
    assert_eq!(place.fetched(), 6);
    place.made(&derived, "w=2").await;
    assert_eq!(place.fetched(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_made_anew() {
    let place = Place::new();
    let made = place.made(&place.open(1 << 20), "w=20&format=jpeg").await;
    let file = place.kept().remove(0);
    let whole = fs::read(&file).unwrap();
    let mut damaged: Vec<Vec<u8>> = (0..16).map(|part| whole[..whole.len() * part / 16].to_vec()).collect();
    for at in (0..whole.len()).step_by(37).chain(0..40) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        damaged.push(flipped);
    }
    damaged.push([whole.as_slice(), b"more"].concat());
    damaged.push(vec![0; whole.len()]);
    for (number, bytes) in damaged.iter().enumerate() {
        fs::write(&file, bytes).unwrap();
        assert_eq!(place.made(&place.open(1 << 20), "w=20&format=jpeg").await, made, "{number}");
        assert_eq!((place.fetched(), fs::read(&file).unwrap()), (number + 2, whole.clone()), "{number}");
    }

    // One picture under the name of another is none.
    place.made(&place.open(1 << 20), "w=30&format=jpeg").await;
    let other = place.kept().into_iter().find(|path| *path != file).unwrap();
    fs::copy(&file, &other).unwrap();
    assert_eq!(place.made(&place.open(1 << 20), "w=30&format=jpeg").await.width, 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_somebody_removed_is_made_anew() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    place.made(&derived, "w=20").await;
    let derived = reopened(&place, derived, 1 << 20).await;
    fs::remove_file(place.kept().remove(0)).unwrap();
    place.made(&derived, "w=20").await;
    assert_eq!((place.fetched(), place.kept().len(), derived.bytes_on_disk()), (2, 1, 4096));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_pictures_are_made_all_the_same() {
    let place = Place::new();
    let derived = place.open(1 << 20);
    place.made(&derived, "w=10").await;
    fs::remove_dir_all(place.folder()).unwrap();
    fs::write(place.folder(), b"a file in its place").unwrap();
    for width in 10..20 {
        assert_eq!(place.made(&derived, &format!("w={width}")).await.width, width);
    }
    // And are in memory for a while.
    place.made(&derived, "w=19").await;
    assert_eq!(place.fetched(), 10);
    assert!(matches!(RenditionCache::open(&place.folder(), 1, 1, 1), Err(AssetError::Io { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_of_nothing_keeps_nothing() {
    let place = Place::new();
    let derived = place.open(0);
    assert_eq!(place.made(&derived, "w=10").await.width, 10);
    assert!(place.kept().is_empty());
}

/// A file system of so many kB, which is gone when this is dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(folder: PathBuf, kilobytes: u32) -> Option<Disk> {
        fs::create_dir_all(&folder).unwrap();
        let size = format!("size={kilobytes}k");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(&folder).output().ok()?;
        mount.status.success().then_some(Disk(folder))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_no_failure() {
    let place = Place::with(300, 300);
    let Some(_disk) = Disk::mount(place.folder(), 256) else {
        eprintln!("skipped: only root may mount a small disk");
        return;
    };
    let derived = RenditionCache::open(&place.folder(), 1 << 30, 2, 10).unwrap();
    for width in 250..300 {
        let made = derived.get_or_make("a", &key(), &wanted(&format!("w={width}&format=png")), place.fetch()).await;
        assert_eq!(made.unwrap().unwrap().width, width);
    }
    assert!(fs::read_dir(place.folder()).unwrap().count() <= 1);
    // What is not there does not count.
    assert!(derived.bytes_on_disk() <= 256 << 10, "{}", derived.bytes_on_disk());
}
