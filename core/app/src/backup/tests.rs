//! Archives that nobody should trust.

use super::archive::ArchiveWriter;
use super::*;
use cairn_model::change::Snapshot;
use cairn_store::transfer::{CellKind, DumpColumn};
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Seek, Write};
use std::time::Instant;
use tar::{EntryType, Header};

/// A file with these bytes.
fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// Verifies a damaged backup and returns the error.
fn verify_error(bytes: &[u8]) -> String {
    match verify_backup(&file(bytes)) {
        Ok(_) => panic!("it is taken for sound"),
        Err(e) => e.to_string(),
    }
}

/// A tar of these members in a sealed gzip stream: sound but for what is in it.
fn gzip_with_trailer(tar: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(tar).unwrap();
    let mut bytes = gz.finish().unwrap();
    let hash = Sha256::new_with_prefix(&bytes);
    bytes.extend(checksum_trailer::encode_trailer(&hash));
    bytes
}

fn member(name: &[u8], kind: EntryType, size: u64, content: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_entry_type(kind);
    header.set_cksum();
    let mut tar = header.as_bytes().to_vec();
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
    tar
}

fn table() -> DumpTable {
    let column = |name: &str, kind| DumpColumn { name: name.into(), kind };
    DumpTable {
        name: "things".into(),
        columns: vec![column("id", CellKind::Integer), column("t", CellKind::Text)],
        next: Some(3),
    }
}

/// A backup with one table of two rows and two files, changed before it is sealed.
fn backup(change: impl FnOnce(&mut BackupManifest)) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Vec::new());
    let model = Snapshot::empty();
    writer.add_member(MODEL_PATH, model.to_json().as_bytes()).unwrap();
    writer.add_member(&table_part_path(0, &table(), 0), b"[1,\"a\"]\n").unwrap();
    writer.add_member(&table_part_path(0, &table(), 1), b"[2,\"b\"]\n").unwrap();
    let long = format!("{FILES_PREFIX}{}.png", "x".repeat(150));
    writer.add_member(&format!("{FILES_PREFIX}a.txt"), &b"a file ".repeat(200)).unwrap();
    writer.add_member(&long, &[7; 1_500]).unwrap();
    let mut manifest = BackupManifest {
        format: FORMAT_VERSION,
        cairn: "0".into(),
        tenant: "default".into(),
        created_at: "2025-01-01T10:00:00.000Z".into(),
        database: "SQLite".into(),
        model: model.hash(),
        migrations: Vec::new(),
        next_instance: 1,
        tables: vec![TableRowCount { table: table(), rows: 2 }],
        left_out: Vec::new(),
        missing_files: Vec::new(),
        members: writer.members().to_vec(),
    };
    change(&mut manifest);
    writer.add_member(MANIFEST_PATH, &serde_json::to_vec(&manifest).unwrap()).unwrap();
    writer.finish().unwrap()
}

#[test]
fn intact_backup_is_valid_and_readable_by_other_programs() {
    let bytes = backup(|_| {});
    let verified = verify_backup(&file(&bytes)).unwrap();
    let names: Vec<_> = verified.manifest.files().map(|(name, m)| (name.len(), m.size)).collect();
    assert_eq!(names, [(5, 1_400), (154, 1_500)]);
    // External programs read the backup as one archive.
    let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(&bytes[..]));
    let paths: Vec<_> = archive.entries().unwrap().map(|e| e.unwrap().path().unwrap().display().to_string()).collect();
    assert_eq!((paths.len(), paths.last().unwrap().as_str()), (7, "SHA256"));
    assert!(paths[4].ends_with("xxx.png") && paths[4].len() > 100);
}

#[test]
fn changing_any_byte_is_detected() {
    let bytes = backup(|_| {});
    for i in 0..bytes.len() {
        for flip in [1u8, 0x80] {
            let mut bytes = bytes.clone();
            bytes[i] ^= flip;
            let message = verify_error(&bytes);
            assert!(
                message.contains("damaged") || message.contains("backup") || message.contains("intact"),
                "{i}: {message}"
            );
        }
    }
}

#[test]
fn truncated_or_extended_backups_are_rejected() {
    let bytes = backup(|_| {});
    for length in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        verify_error(&bytes[..length]);
    }
    let mut longer = bytes.clone();
    longer.push(0);
    verify_error(&longer);
    let mut between = bytes[..bytes.len() - checksum_trailer::TRAILER_BYTES].to_vec();
    between.extend_from_slice(b"more");
    let hash = Sha256::new_with_prefix(&between);
    between.extend(checksum_trailer::encode_trailer(&hash));
    assert!(verify_error(&between).contains("there is extra data at the end"));
}

#[test]
fn manifest_that_disagrees_with_the_members_is_rejected() {
    let error_after = |change: fn(&mut BackupManifest)| verify_error(&backup(change));
    let newer = error_after(|m| m.format = 2);
    assert!(newer.contains("format 2") && newer.contains("reads format 1"), "{newer}");
    assert!(error_after(|m| m.members[1].sha256 = "0".repeat(64)).contains("tables/000-things/00000.jsonl is damaged"));
    assert!(error_after(|m| m.members[3].size += 1).contains("files/a.txt is damaged"));
    assert!(error_after(|m| drop(m.members.pop())).contains("it is not in the manifest"));
    assert!(error_after(|m| m.members.swap(3, 4)).contains("out of place"));
    assert!(error_after(|m| m.tables[0].rows = 3).contains("2 rows instead of 3"));
    assert!(error_after(|m| m.tables.clear()).contains("out of place"));
    assert!(error_after(|m| m.model = "0".repeat(64)).contains("model.json is damaged"));
    let extra = |m: &mut BackupManifest| {
        m.members.push(BackupMember { path: "files/b".into(), size: 0, sha256: String::new() })
    };
    assert!(error_after(extra).contains("files/b is damaged: it is missing"));
}

#[test]
fn members_with_unexpected_paths_or_types_are_rejected() {
    for (name, kind) in [
        ("../files/a.txt", EntryType::Regular),
        ("files/../../a.txt", EntryType::Regular),
        ("/etc/passwd", EntryType::Regular),
        ("files//a", EntryType::Regular),
        ("files/.hidden", EntryType::Regular),
        ("files/a/b", EntryType::Regular),
        ("files/A.txt", EntryType::Regular),
        ("files/a\\b", EntryType::Regular),
        ("files/", EntryType::Regular),
        ("tables/../x.jsonl", EntryType::Regular),
        ("tables/a/b/c.jsonl", EntryType::Regular),
        ("tables/a/.jsonl", EntryType::Regular),
        ("else", EntryType::Regular),
        ("files/a", EntryType::Symlink),
        ("files/a", EntryType::Link),
        ("files/a", EntryType::Directory),
        ("files/a", EntryType::Char),
        ("files/a", EntryType::Fifo),
        ("files/a", EntryType::GNUSparse),
        ("files/a", EntryType::XHeader),
        ("files/a", EntryType::XGlobalHeader),
        ("files/a", EntryType::GNULongLink),
    ] {
        let message = verify_error(&gzip_with_trailer(&member(name.as_bytes(), kind, 0, b"")));
        assert!(message.contains("does not belong in a backup"), "{name}: {message}");
    }
    // A long name is no way around.
    let mut tar = member(b"././@LongLink", EntryType::GNULongName, 13, b"../../../etc\0");
    tar.extend(member(b"files/a", EntryType::Regular, 0, b""));
    assert!(verify_error(&gzip_with_trailer(&tar)).contains("does not belong in a backup"));
    let long = vec![b'a'; 100_000];
    let tar = member(b"././@LongLink", EntryType::GNULongName, long.len() as u64, &long);
    assert!(verify_error(&gzip_with_trailer(&tar)).contains("does not belong in a backup"));
    let invalid = member(b"files/\xff\xfe", EntryType::Regular, 0, b"");
    assert!(verify_error(&gzip_with_trailer(&invalid)).contains("does not belong in a backup"));
}

/// The sizes that an archive states cost nothing; what it unpacks to is never held.
#[test]
fn false_sizes_and_compression_bombs_are_rejected() {
    for size in [u64::from(u32::MAX), 1 << 40, (1 << 63) - 1, u64::MAX] {
        for name in ["files/a", "model.json", "manifest.json", "tables/000-a/00000.jsonl"] {
            verify_error(&gzip_with_trailer(&member(name.as_bytes(), EntryType::Regular, size, b"short")));
        }
    }
    // 300 MB of zeros in 300 kB.
    let zeros = vec![0; 300 << 20];
    let start = Instant::now();
    let bomb = gzip_with_trailer(&member(b"manifest.json", EntryType::Regular, zeros.len() as u64, &zeros));
    assert!(bomb.len() < 1 << 20);
    let packed = start.elapsed();
    assert!(verify_error(&bomb).contains("manifest.json is damaged: its declared size is"));
    drop(zeros);
    assert!(start.elapsed() < packed * 10);
}

#[test]
fn files_that_are_not_backups_are_rejected() {
    for bytes in [&b""[..], b"x", &[0; 5_000], &b"SQLite format 3\0".repeat(300), &gzip_with_trailer(b"")] {
        let message = verify_error(bytes);
        assert!(message.contains("not a Cairn backup") || message.contains("no manifest"), "{message}");
    }
    let mut json = ArchiveWriter::new(Vec::new());
    json.add_member(MANIFEST_PATH, b"{}").unwrap();
    assert!(verify_error(&json.finish().unwrap()).contains("manifest.json is damaged"));
}
