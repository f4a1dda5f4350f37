//! Files that an entry needs as they are.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn files_that_an_entry_needs_stay_as_they_are() {
    let p = FilesFixture::new().await;
    let access = full_access();
    let context = p.request_context(&access, "");
    let limits = UploadLimits { max_bytes: 1_000 };
    let ids = p.try_add_files(&access, vec![p.upload("contract.txt", json!({}))], None).await.unwrap();
    let values = json!({ "title": "Sale", "state": "draft", "sketches": [ids[0]] });
    let note = p.save_entry("notes", "", None, values).await;
    let id = note["documentId"].as_str().unwrap();

    // A draft holds nothing.
    p.content.replace_file(&context, p.blobs.clone(), limits, &ids[0], p.upload("a.txt", json!({}))).await.unwrap();
    p.save_entry("notes", "", Some(id), json!({ "state": "final" })).await;
    let refusals = [
        p.content.delete_file(&context, &ids[0]).await.unwrap_err(),
        p.content
            .replace_file(&context, p.blobs.clone(), limits, &ids[0], p.upload("b.txt", json!({})))
            .await
            .unwrap_err(),
        p.content.restore_file_version(&context, &ids[0], 1).await.unwrap_err(),
    ];
    for refusal in refusals {
        let ContentError::Refused(refusal) = refusal else { panic!("{refusal:?}") };
        assert_eq!(refusal.kind, RefusalKind::Conflict);
        assert!(
            refusal.message.contains("contract.txt") && refusal.message.contains("the Note \"Sale\""),
            "{refusal:?}"
        );
        assert_eq!(refusal.details["documentId"], note["documentId"]);
    }
    assert_eq!(p.read_object(&ids[0]).as_deref(), Some("a.txt"));
    // The texts of a file are not part of what was signed.
    let info = FileInfo::parse(&json!({ "caption": "ours" })).unwrap();
    p.content.update_file(&context, &ids[0], info).await.unwrap().unwrap();

    p.save_entry("notes", "", Some(id), json!({ "state": "draft" })).await;
    p.content.delete_file(&context, &ids[0]).await.unwrap().unwrap();
}
