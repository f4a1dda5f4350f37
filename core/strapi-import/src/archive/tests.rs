use super::*;
use std::io::Write;

const KEY: &str = "fixture-key";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The paths of an archive's members, or the message why it is refused.
fn read_paths(bytes: Vec<u8>, key: Option<&str>) -> Result<Vec<String>, String> {
    let source = move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
    let archive = Archive::new(Arc::new(source), key).unwrap();
    let mut paths = Vec::new();
    let walked = archive.walk(&mut |member| {
        paths.push(member.path.to_owned());
        Ok(())
    });
    walked.map(|()| paths).map_err(|e| e.to_string())
}

fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in members {
        let mut header = tar::Header::new_ustar();
        // Unlike `set_path`, this takes any path.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

#[test]
fn archives_of_strapi_are_read_in_every_form() {
    let compressed = fixture("export.tar.gz");
    let paths = read_paths(compressed.clone(), None).unwrap();
    assert!(paths.contains(&"entities/entities_00001.jsonl".to_owned()), "{paths:?}");
    assert_eq!(paths.last().map(String::as_str), Some("metadata.json"));
    let mut plain = Vec::new();
    MultiGzDecoder::new(&compressed[..]).read_to_end(&mut plain).unwrap();
    assert_eq!(read_paths(plain, None).unwrap(), paths);
    let encrypted = read_paths(fixture("export.tar.gz.enc"), Some(KEY)).unwrap();
    assert_eq!(encrypted.len(), paths.len());
}

#[test]
fn encrypted_archives_need_their_key() {
    let message = read_paths(fixture("export.tar.gz.enc"), None).unwrap_err();
    assert!(message.contains("give its key"), "{message}");
    let message = read_paths(fixture("export.tar.gz.enc"), Some("another")).unwrap_err();
    assert!(message.contains("the key is wrong"), "{message}");
}

#[test]
fn truncated_and_damaged_archives_are_refused() {
    let whole = fixture("export.tar.gz");
    for length in [0, 1, 10, 1000, whole.len() / 2, whole.len() - 9, whole.len() - 1] {
        assert!(read_paths(whole[..length].to_vec(), None).is_err(), "{length}");
    }
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0xff;
    assert!(read_paths(flipped, None).is_err());
    let encrypted = fixture("export.tar.gz.enc");
    for length in [1, 512, encrypted.len() - 16, encrypted.len() - 1] {
        assert!(read_paths(encrypted[..length].to_vec(), Some(KEY)).is_err(), "{length}");
    }
}

#[test]
fn members_without_a_place_are_refused_by_name() {
    for path in [
        "../etc/passwd",
        "/etc/passwd",
        "assets/uploads/../../x",
        "assets/uploads/",
        "assets/uploads/.x",
        "other.txt",
        "a/b/c.jsonl",
    ] {
        let message = read_paths(tar_of(&[(path, b"x")]), None).unwrap_err();
        assert!(message.contains("does not belong in an archive"), "{path}: {message}");
    }
    let mut link = tar::Header::new_ustar();
    link.set_path("assets/uploads/link").unwrap();
    link.set_entry_type(EntryType::Symlink);
    link.set_size(0);
    link.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&link, &b""[..]).unwrap();
    let message = read_paths(builder.into_inner().unwrap(), None).unwrap_err();
    assert!(message.contains("Symlink"), "{message}");
}

#[test]
fn data_that_expand_too_much_are_refused() {
    let zeros = vec![0; 80 << 20];
    let message = read_paths(gzip(&tar_of(&[("assets/uploads/bomb", &zeros)])), None).unwrap_err();
    assert!(message.contains("expands to more than"), "{message}");
}

#[test]
fn lines_that_are_too_long_are_refused() {
    let long = vec![b'x'; (64 << 20) + 10];
    let bytes = tar_of(&[("entities/entities_00001.jsonl", &long)]);
    let source = move || Ok(Box::new(Cursor::new(bytes.clone())) as Box<dyn Read + Send>);
    let archive = Archive::new(Arc::new(source), None).unwrap();
    let error = archive.walk(&mut |member| visit_lines(member, &mut |_, _| Ok(()))).unwrap_err();
    assert!(error.to_string().contains("entities_00001.jsonl, line 1"), "{error}");
}
