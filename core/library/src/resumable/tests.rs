//! Pieces: where they go on, what a crash leaves, who may send them.

use super::*;
use crate::testing::{LibraryFixture, MAX_FILE_BYTES};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

fn metadata_for(name: &str) -> UploadMetadata {
    UploadMetadata { filename: Some(name.into()), filetype: Some("text/plain".into()), ..UploadMetadata::default() }
}

async fn send_piece(p: &LibraryFixture, id: &str, offset: u64, bytes: &[u8]) -> ResumableResult<Option<PieceOutcome>> {
    let Some(mut piece) = p.resumable.begin_piece(&p.sender("a"), id, offset, None).await? else { return Ok(None) };
    piece.add(bytes).await?;
    piece.end(true).await.map(Some)
}

#[track_caller]
fn error_message<T: std::fmt::Debug>(result: ResumableResult<T>) -> String {
    result.unwrap_err().to_string()
}

fn count_piece_files(p: &LibraryFixture) -> usize {
    std::fs::read_dir(p.dir.path().join("pieces")).map_or(0, Iterator::count)
}

#[tokio::test(flavor = "multi_thread")]
async fn uploaded_pieces_become_a_file() {
    let p = LibraryFixture::open().await;
    let folder = p.make_folder("F", 0).await;
    let metadata = UploadMetadata {
        folder: Some(folder),
        caption: Some("c".into()),
        name: Some("n.txt".into()),
        ..metadata_for("a.txt")
    };
    let upload = p.resumable.begin(&p.sender("a"), 11, metadata.clone()).await.unwrap();
    assert_eq!((upload.offset, upload.state, &upload.metadata), (0, "open", &metadata));
    assert!(matches!(send_piece(&p, &upload.id, 3, b"x").await, Err(ResumableError::Offset(0))));
    let added = send_piece(&p, &upload.id, 0, b"hello ").await.unwrap().unwrap();
    assert_eq!((added.offset, &added.file), (6, &None));
    assert_eq!(p.resumable.state(&p.sender("a"), &upload.id).await.unwrap().offset, 6);
    assert!(
        error_message(send_piece(&p, &upload.id, 6, b"worlds").await).contains("created with a length of 11 bytes")
    );
    let added = send_piece(&p, &upload.id, 6, b"world").await.unwrap().unwrap();
    let file = added.file.unwrap();
    // The last piece again, and a look at it.
    assert_eq!(send_piece(&p, &upload.id, 6, b"world").await.unwrap(), None);
    let state = p.resumable.state(&p.sender("a"), &upload.id).await.unwrap();
    assert_eq!((state.offset, state.state, state.file.as_deref()), (11, "done", Some(file.as_str())));
    let view = p.library.get_file(&file).unwrap();
    let view = view.asset;
    assert_eq!((view.name.as_deref(), view.caption.as_deref(), view.bytes), (Some("n.txt"), Some("c"), 11));
    let stored = std::fs::read_dir(p.dir.path().join("uploads")).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read(stored.path()).unwrap(), b"hello world");
    assert_eq!(count_piece_files(&p), 0);
    p.resumable.end(&p.sender("a"), &upload.id).await.unwrap();
    assert!(p.resumable.state(&p.sender("a"), &upload.id).await.is_err());
    assert!(p.library.get_file(&file).is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_belong_to_one_sender_and_lock_while_sending() {
    let p = LibraryFixture::open().await;
    let upload = p.resumable.begin(&p.sender("a"), 4, metadata_for("a.txt")).await.unwrap();
    let b = p.sender("b");
    assert!(error_message(p.resumable.state(&b, &upload.id).await).contains("Upload not found"));
    assert!(
        error_message(p.resumable.begin_piece(&b, &upload.id, 0, None).await.map(|_| ())).contains("Upload not found")
    );
    assert!(error_message(p.resumable.end(&b, &upload.id).await).contains("Upload not found"));
    let piece = p.resumable.begin_piece(&p.sender("a"), &upload.id, 0, None).await.unwrap().unwrap();
    assert!(matches!(send_piece(&p, &upload.id, 0, b"x").await, Err(ResumableError::Locked)));
    assert!(matches!(p.resumable.end(&p.sender("a"), &upload.id).await, Err(ResumableError::Locked)));
    drop(piece);
    assert_eq!(send_piece(&p, &upload.id, 0, b"x").await.unwrap().unwrap().offset, 1);
    p.resumable.end(&p.sender("a"), &upload.id).await.unwrap();
    assert_eq!(count_piece_files(&p), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn offset_is_the_smaller_of_recorded_and_written_bytes() {
    let p = LibraryFixture::open().await;
    let upload = p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await.unwrap();
    send_piece(&p, &upload.id, 0, b"abc").await.unwrap();
    let path = p.dir.path().join("pieces").join(&upload.id);
    std::fs::write(&path, b"abcXXXXXXXXX").unwrap();
    assert_eq!(p.resumable.state(&p.sender("a"), &upload.id).await.unwrap().offset, 3);
    send_piece(&p, &upload.id, 3, b"de").await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"abcde");
    // A disk that forgot: what is there is what counts.
    std::fs::write(&path, b"ab").unwrap();
    assert_eq!(p.resumable.state(&p.sender("a"), &upload.id).await.unwrap().offset, 2);
    send_piece(&p, &upload.id, 2, b"cdef").await.unwrap();
    let stored = std::fs::read_dir(p.dir.path().join("uploads")).unwrap().next().unwrap().unwrap();
    assert_eq!(std::fs::read(stored.path()).unwrap(), b"abcdef");
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_completion_creates_the_file_once() {
    let p = LibraryFixture::open().await;
    let sender = p.sender("a");
    // The bytes are complete, and nothing else was done.
    let upload = p.resumable.begin(&sender, 3, metadata_for("a.txt")).await.unwrap();
    std::fs::create_dir_all(p.dir.path().join("pieces")).unwrap();
    std::fs::write(p.dir.path().join("pieces").join(&upload.id), b"abc").unwrap();
    let id = upload.id.clone();
    p.store().write(move |tx| tx.resumable_uploads().set_received(&id, 3, i64::MAX)).await.unwrap();
    let state = p.resumable.state(&sender, &upload.id).await.unwrap();
    assert_eq!((state.state, state.offset), ("done", 3));
    // The file was made, and nobody noted it.
    let upload = p.resumable.begin(&sender, 3, metadata_for("b.txt")).await.unwrap();
    std::fs::write(p.dir.path().join("pieces").join(&upload.id), b"abc").unwrap();
    let id = upload.id.clone();
    let mark = p.store().read(|r| r.history().last_id()).unwrap();
    p.store()
        .write(move |tx| {
            tx.resumable_uploads().set_received(&id, 3, i64::MAX)?;
            tx.resumable_uploads().mark_complete(&id, mark)
        })
        .await
        .unwrap();
    let request = format!("upload-{}", &upload.id[..16]);
    let created = p.resumable.add_file(&sender, &upload.id, &metadata_for("b.txt"), request).await.unwrap();
    let state = p.resumable.state(&sender, &upload.id).await.unwrap();
    assert_eq!(state.file, Some(created));
    // Two files, of the same bytes.
    assert_eq!(std::fs::read_dir(p.dir.path().join("uploads")).unwrap().count(), 1);
    assert_eq!(p.listed_documents(json!({})).len(), 2);
    assert_eq!(count_piece_files(&p), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn piece_checksums_are_verified() {
    let p = LibraryFixture::open().await;
    let upload = p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await.unwrap();
    let sum = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(<sha2::Sha256 as sha2::Digest>::digest(bytes)));
    let piece = async |offset, bytes: &[u8], header: &str, is_complete| {
        let checksum = Checksum::parse(header).unwrap();
        let piece = p.resumable.begin_piece(&p.sender("a"), &upload.id, offset, Some(checksum)).await.unwrap();
        let mut piece = piece.unwrap();
        piece.add(bytes).await.unwrap();
        piece.end(is_complete).await
    };
    assert!(matches!(piece(0, b"abc", &sum(b"abd"), true).await, Err(ResumableError::Mismatch)));
    // An end before the end tells nothing of the sum.
    assert_eq!(piece(0, b"ab", &sum(b"abc"), false).await.unwrap().offset, 0);
    assert_eq!(p.resumable.state(&p.sender("a"), &upload.id).await.unwrap().offset, 0);
    assert_eq!(piece(0, b"abc", &sum(b"abc"), true).await.unwrap().offset, 3);
    let sha1 = format!("sha1 {}", STANDARD.encode(<Sha1 as sha1::Digest>::digest(b"def")));
    assert!(piece(3, b"def", &sha1, true).await.unwrap().file.is_some());
    for bad in ["", "md5 abc", "sha1", "sha1 ???", "sha256 YWJj"] {
        assert!(Checksum::parse(bad).is_err(), "{bad}");
    }
}

use sha1::Sha1;

#[tokio::test(flavor = "multi_thread")]
async fn uploads_expire_and_their_number_is_limited() {
    let p = LibraryFixture::open().await;
    let upload = p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await.unwrap();
    send_piece(&p, &upload.id, 0, b"abc").await.unwrap();
    std::fs::write(p.dir.path().join("pieces/0123"), b"of nobody").unwrap();
    p.advance_by(20 * 3_600);
    // Going on puts the end off.
    send_piece(&p, &upload.id, 3, b"d").await.unwrap();
    p.advance_by(20 * 3_600);
    assert_eq!(p.resumable.purge().await.unwrap(), 0);
    assert_eq!(count_piece_files(&p), 1);
    p.advance_by(5 * 3_600);
    assert!(p.resumable.state(&p.sender("a"), &upload.id).await.is_err());
    assert_eq!(p.resumable.purge().await.unwrap(), 1);
    assert_eq!(count_piece_files(&p), 0);
    for _ in 0..MAX_OPEN_UPLOADS {
        p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await.unwrap();
    }
    assert!(
        error_message(p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await).contains("50 open uploads")
    );
    p.resumable.begin(&p.sender("b"), 6, metadata_for("a.txt")).await.unwrap();
    p.advance_by(25 * 3_600);
    p.resumable.begin(&p.sender("a"), 6, metadata_for("a.txt")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_uploads_are_rejected_at_begin_or_completion() {
    let p = LibraryFixture::open().await;
    let begin = async |length, metadata: UploadMetadata| p.resumable.begin(&p.sender("a"), length, metadata).await;
    assert!(error_message(begin(MAX_FILE_BYTES + 1, metadata_for("a.txt")).await).contains("A file can have at most"));
    assert!(error_message(begin(0, metadata_for("a.txt")).await).contains("at least one byte"));
    assert!(
        error_message(begin(1, UploadMetadata { folder: Some(9), ..metadata_for("a") }).await)
            .contains("Folder 9 not found")
    );
    let nobody = UploadSender { access: Arc::new(Access::none()), ..p.sender("a") };
    assert!(p.resumable.begin(&nobody, 1, metadata_for("a.txt")).await.is_err());
    // A name that no file may have is found when the file is made: the upload is gone then.
    let upload = begin(1, metadata_for("..")).await.unwrap();
    assert!(matches!(
        send_piece(&p, &upload.id, 0, b"x").await,
        Err(ResumableError::Content(ContentError::Refused(_)))
    ));
    assert!(error_message(p.resumable.state(&p.sender("a"), &upload.id).await).contains("Upload not found"));
    assert_eq!(count_piece_files(&p), 0);
}

#[test]
fn upload_metadata_is_parsed_from_its_header() {
    let b = |t: &str| STANDARD.encode(t);
    let header = format!(
        "filename {}, filetype {},alternativeText {},folder {},private {},is_confidential,other ???",
        b("wörld.txt"),
        b("text/plain"),
        b("alt"),
        b("0"),
        b("true")
    );
    assert!(UploadMetadata::parse(&header).is_err());
    let metadata = UploadMetadata::parse(header.trim_end_matches(",other ???")).unwrap();
    assert_eq!(
        (metadata.filename.as_deref(), metadata.folder, metadata.private),
        (Some("wörld.txt"), None, Some(true))
    );
    assert_eq!(UploadMetadata::from_json(&metadata.to_json()), metadata);
    for (key, value) in [("folder", "x"), ("private", "1"), ("filename", "a\nb")] {
        let e = UploadMetadata::parse(&format!("{key} {}", b(value))).unwrap_err().to_string();
        assert!(e.contains(key), "{e}");
    }
}
