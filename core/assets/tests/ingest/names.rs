//! Names as attackers and ordinary people write them.

use crate::fixture::{UploadFixture, png};
use cairn_assets::AssetError;
use proptest::prelude::*;

#[test]
fn file_names_with_folders_stay_in_the_upload_folder() {
    let uploads = UploadFixture::new();
    for (file_name, name, stem, ext) in [
        ("../../evil.png", "evil.png", "evil_", ".png"),
        ("..\\..\\evil.png", "evil.png", "evil_", ".png"),
        ("/etc/cron.d/evil", "evil", "evil_", ".png"),
        ("%2e%2e%2fevil.png", "%2e%2e%2fevil.png", "2e_2e_2fevil_", ".png"),
        ("....//evil.png", "evil.png", "evil_", ".png"),
        ("CON.png", "CON.png", "con_", ".png"),
        ("evil.png.", "evil.png.", "evil_png_", ".png"),
        (".htaccess", ".htaccess", "htaccess_", ".png"),
        ("Grüße aus Köln.PNG", "Grüße aus Köln.PNG", "gr_e_aus_k_ln_", ".png"),
        ("日本語.png", "日本語.png", "file_", ".png"),
        ("e\u{301}vil.png", "e\u{301}vil.png", "e_vil_", ".png"),
    ] {
        let file = uploads.ingest(file_name, Some("image/png"), &png(300, 300)).unwrap();
        assert_eq!(file.name, name, "{file_name}");
        assert!(file.hash.starts_with(stem) && file.hash.len() == stem.len() + 10, "{file_name}: {}", file.hash);
        assert_eq!(file.ext, ext, "{file_name}");
        assert!(file.keys.iter().all(|key| uploads.stored_names().contains(key)));
    }
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn invalid_file_names_are_rejected() {
    let uploads = UploadFixture::new();
    for file_name in ["", "..", "a/..", "../", "a\0.png", "a\r\nb.png"] {
        let refused = uploads.ingest(file_name, Some("image/png"), &png(40, 30));
        assert!(matches!(refused, Err(AssetError::BadName { .. })), "{file_name:?}");
    }
    assert!(uploads.stored_names().is_empty());
    assert!(uploads.files_outside().is_empty());
}

#[test]
fn long_file_names_are_cut() {
    let uploads = UploadFixture::new();
    let file = uploads.ingest(&format!("{}.png", "x".repeat(300)), None, &png(300, 300)).unwrap();
    assert_eq!((file.name.len(), file.ext.as_str()), (255, ".png"));
    assert!(file.name.ends_with("x.png"));
    assert_eq!(file.hash.len(), 111);
}

#[test]
fn given_name_replaces_the_name_but_not_the_extension() {
    let uploads = UploadFixture::new();
    let mut incoming = uploads.incoming("a.png", Some("image/png"), &png(300, 300));
    incoming.given_name = Some("renamed.png".to_owned());
    let file = uploads.store(incoming, 1 << 20).unwrap();
    assert_eq!(file.name, "renamed.png");
    assert!(file.hash.starts_with("renamed_") && file.ext == ".png");
    assert_eq!(file.formats.as_ref().unwrap()["thumbnail"]["name"], "thumbnail_renamed.png");

    let mut incoming = uploads.incoming("a.png", Some("image/png"), &png(40, 30));
    incoming.given_name = Some("evil.html".to_owned());
    let file = uploads.store(incoming, 1 << 20).unwrap();
    assert!(file.hash.starts_with("evil_html_") && file.ext == ".png");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn any_name_is_stored_in_the_folder_or_rejected(sent in "\\PC{0,30}|.{0,300}|[a-z./\\\\%]{0,12}", mime in ".{0,20}") {
        let uploads = UploadFixture::new();
        match uploads.ingest(&sent, Some(&mime), b"bytes") {
            Ok(file) => prop_assert_eq!(uploads.stored_names(), file.keys),
            Err(AssetError::BadName { .. }) => prop_assert!(uploads.stored_names().is_empty()),
            Err(other) => prop_assert!(false, "{}", other),
        }
        prop_assert!(uploads.files_outside().is_empty());
    }
}
