//! Promises of every store, checked on any of them.

use super::{PART, content, key, read};
use cairn_assets::{BlobSource, BlobStore, ByteRange};

/// Everything, in a store that is empty; leaves it so.
pub(crate) fn check_store(store: &dyn BlobStore) {
    check_write_read_replace_and_delete(store);
    check_sizes_around_a_part(store);
    check_ranges(store);
    check_listings(store);
    check_unreadable_sources(store);
    assert!(store.list(None, 1).unwrap().is_empty());
}

fn check_write_read_replace_and_delete(store: &dyn BlobStore) {
    assert_eq!(read(store, "a.txt"), None);
    assert!(!store.exists(&key("a.txt")).unwrap());
    assert!(!store.delete(&key("a.txt")).unwrap());
    store.put(&key("a.txt"), BlobSource::Bytes(b"one")).unwrap();
    assert_eq!(read(store, "a.txt").unwrap(), b"one");
    store.put(&key("a.txt"), BlobSource::Bytes(b"two two")).unwrap();
    assert_eq!(read(store, "a.txt").unwrap(), b"two two");
    assert!(store.exists(&key("a.txt")).unwrap());
    store.put(&key("empty"), BlobSource::Bytes(b"")).unwrap();
    assert_eq!(read(store, "empty").unwrap(), b"");
    for name in ["a.txt", "empty"] {
        assert!(store.delete(&key(name)).unwrap());
        assert!(!store.delete(&key(name)).unwrap());
        assert!(!store.exists(&key(name)).unwrap());
    }
}

fn check_sizes_around_a_part(store: &dyn BlobStore) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("source");
    let part = PART as usize;
    for length in [part - 1, part, part + 1, 2 * part, 2 * part + 12_345] {
        let bytes = content(length);
        std::fs::write(&file, &bytes).unwrap();
        store.put(&key("large"), BlobSource::File(&file)).unwrap();
        assert!(read(store, "large").unwrap() == bytes, "{length} bytes of a file");
    }
    let bytes = content(part + 7);
    store.put(&key("large"), BlobSource::Bytes(&bytes)).unwrap();
    assert!(read(store, "large").unwrap() == bytes);
    assert!(store.delete(&key("large")).unwrap());
}

fn check_ranges(store: &dyn BlobStore) {
    let chunk = 64 * 1024;
    let bytes = content(3 * chunk + 100);
    store.put(&key("r"), BlobSource::Bytes(&bytes)).unwrap();
    let last_byte = bytes.len() - 1;
    for (start, end) in [
        (0, 0),
        (0, last_byte),
        (1, chunk),
        (chunk - 1, chunk),
        (chunk, 2 * chunk - 1),
        (2 * chunk + 5, 3 * chunk + 5),
        (last_byte, last_byte),
        (last_byte - 9, last_byte + 1000),
        (3, usize::MAX),
        (bytes.len(), bytes.len() + 5),
        (bytes.len() + 100_000, usize::MAX),
    ] {
        let mut blob =
            store.open(&key("r"), Some(ByteRange { start: start as u64, end: end as u64 })).unwrap().unwrap();
        let mut found = Vec::new();
        blob.body.read_to_end(&mut found).unwrap();
        assert_eq!(blob.length, bytes.len() as u64);
        let expected = &bytes[start.min(bytes.len())..end.saturating_add(1).min(bytes.len())];
        assert!(found == expected, "{start}-{end}: {} of {} bytes", found.len(), expected.len());
    }
    store.put(&key("r"), BlobSource::Bytes(b"")).unwrap();
    let mut blob = store.open(&key("r"), Some(ByteRange { start: 0, end: 9 })).unwrap().unwrap();
    assert_eq!((blob.length, blob.body.read(&mut [0; 9]).unwrap()), (0, 0));
    assert!(store.open(&key("absent"), Some(ByteRange { start: 0, end: 9 })).unwrap().is_none());
    assert!(store.delete(&key("r")).unwrap());
}

fn check_listings(store: &dyn BlobStore) {
    let names: Vec<String> = (0..12).map(|n| format!("{}{n:02}", if n < 6 { "a-" } else { "a_" })).collect();
    for (n, name) in names.iter().enumerate().rev() {
        store.put(&key(name), BlobSource::Bytes(&content(n * 10_000))).unwrap();
    }
    for limit in [1, 5, 12, 99] {
        let mut keys = Vec::new();
        loop {
            let page = store.list(keys.last(), limit).unwrap();
            assert!(page.len() <= limit);
            let Some(_) = page.last() else { break };
            for listed in page {
                assert_eq!(listed.length, keys.len() as u64 * 10_000, "{}", listed.key);
                keys.push(listed.key);
            }
        }
        assert_eq!(keys.iter().map(|key| key.as_str()).collect::<Vec<_>>(), names);
    }
    assert!(store.list(Some(&key("b")), 5).unwrap().is_empty());
    for name in &names {
        assert!(store.delete(&key(name)).unwrap());
    }
}

fn check_unreadable_sources(store: &dyn BlobStore) {
    let folder = tempfile::tempdir().unwrap();
    store.put(&key("kept"), BlobSource::Bytes(b"old")).unwrap();
    for missing in [folder.path().join("missing"), folder.path().to_owned()] {
        assert!(store.put(&key("kept"), BlobSource::File(&missing)).is_err());
        assert!(store.put(&key("new"), BlobSource::File(&missing)).is_err());
    }
    assert_eq!(read(store, "kept").unwrap(), b"old");
    assert!(!store.exists(&key("new")).unwrap());
    assert!(store.delete(&key("kept")).unwrap());
}
