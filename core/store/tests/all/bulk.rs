//! Many documents at once are what one after the other would be.

use crate::fixture::StoreFixture;
use cairn_query::{Access, Action};
use cairn_store::StoreError;
use cairn_store::content::BulkDocument;

#[tokio::test(flavor = "multi_thread")]
async fn bulk_inserted_documents_are_complete() {
    let fixture = StoreFixture::newsroom();
    tokio::task::block_in_place(|| crate::newsroom::insert_newsroom(&fixture.store));
    let ct = fixture.registry().by_route("articles").unwrap().id;
    let future = fixture.store.write(move |tx| {
        let registry = tx.registry();
        let (authors, _) = registry.get(ct).attributes.get("authors").unwrap();
        let templates = tx.reader().documents().find_newest_rows(ct, 4)?;
        let mut documents = Vec::new();
        for i in 0..700 {
            let mut row = templates[i % 4].clone();
            let links = vec![(authors, tx.reader().links().find_owned(ct, authors, row.id)?)];
            row.document_id = format!("bulk{i:020}");
            let text = format!("tab\t back\\slash\nline\r \"quoted\" é 𝒳 {i}");
            row.values[registry.get(ct).attributes.get("title").unwrap().0] = cairn_model::Value::Text(text);
            documents.push(BulkDocument { row, links });
        }
        tx.documents().insert_bulk(ct, documents)?;
        // The next write gets numbers of its own.
        let mut row = templates[0].clone();
        row.document_id = "after".into();
        tx.documents().insert_row(ct, &row)
    });
    future.await.unwrap();
    for status in ["published", "draft"] {
        let query =
            format!("status={status}&filters[documentId][$startsWith]=bulk&populate=authors,category&sort=documentId");
        let planned = fixture.plan(&Access::full(), Action::Find, "articles", &query).unwrap();
        let (list, summary) = fixture.list_entries(&planned).unwrap();
        assert_eq!(summary.total, Some(700), "{status}");
        let first = &list[0];
        assert_eq!(first["title"], "tab\t back\\slash\nline\r \"quoted\" é 𝒳 0");
        assert_eq!(first["authors"][1]["documentId"], "a2");
        assert_eq!(first["category"]["documentId"], "c1");
    }
    let findings = fixture.store.check_integrity().unwrap();
    assert!(findings.is_empty(), "{findings:#?}");
    // A value twice is refused as a whole.
    let twice = fixture.store.write(move |tx| {
        let row = tx.reader().documents().find_newest_rows(ct, 1)?.remove(0);
        tx.documents().insert_bulk(ct, vec![BulkDocument { row, links: Vec::new() }])
    });
    assert!(matches!(twice.await, Err(StoreError::Unique)));
    assert!(fixture.store.check_integrity().unwrap().is_empty());
}
