//! The library at scale, on both databases: the plan of each page, and its duration. `CAIRN_LIBRARY_FILES` sets the number of files (200000
//! for figures, with `--nocapture`); without it few are enough to see that every statement runs.

use super::*;
use crate::{Database, Store, StoreOptions};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;

/// A store on SQLite, and one on PostgreSQL if it is available.
fn stores() -> Vec<(Store, Database, tempfile::TempDir)> {
    let open = |make: &dyn Fn(&std::path::Path) -> Database| {
        let folder = tempfile::tempdir().unwrap();
        let types = folder.path().join("content-types/api/page/content-types/page");
        std::fs::create_dir_all(&types).unwrap();
        let schema = json!({
            "kind": "collectionType", "collectionName": "pages", "info": { "singularName": "page", "pluralName": "pages", "displayName": "Page" },
            "attributes": { "cover": { "type": "media", "multiple": false }, "gallery": { "type": "media", "multiple": true } },
        });
        std::fs::write(types.join("schema.json"), schema.to_string()).unwrap();
        let registry = Arc::new(cairn_model::load::load_project(folder.path()).unwrap().registry);
        let database = make(folder.path());
        (Store::open(StoreOptions { database: database.clone() }, registry).unwrap(), database, folder)
    };
    let mut all = vec![open(&|folder| Database::Sqlite(folder.join("cairn.db")))];
    if let Ok(url) = std::env::var("CAIRN_TEST_DATABASE_URL") {
        all.push(open(&|folder| {
            Database::parse(&format!("{url}?schema=t_library_{:x}", rand::random::<u64>()), folder).unwrap()
        }));
    }
    all
}

/// Adds files: every tenth a video, every thousandth a model, every hundredth used, in a hundred folders.
async fn fill(store: &Store, files: i64) {
    let postgres = store.database_kind() == "PostgreSQL";
    let numbers = match postgres {
        true => format!("SELECT generate_series(1, {files}) AS n"),
        false => {
            format!("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {files}) SELECT n FROM c")
        }
    };
    let id = |n: &str| {
        if postgres { format!("'d' || lpad(CAST({n} AS text), 8, '0')") } else { format!("printf('d%08d', {n})") }
    };
    let truth = |test: &str| if postgres { test.to_owned() } else { format!("CASE WHEN {test} THEN 1 ELSE 0 END") };
    let time = if postgres {
        "TIMESTAMPTZ '2026-01-01' + n * INTERVAL '1 second'"
    } else {
        "strftime('%Y-%m-%dT%H:%M:%fZ', 1767225600 + n, 'unixepoch')"
    };
    let formats = json!({ "thumbnail": { "url": "/uploads/thumbnail.webp", "more": "x".repeat(1_500) } });
    let cast = if postgres { "json" } else { "text" };
    let batch = [
        format!(
            "INSERT INTO files (document_id, locale, _status, created_at, updated_at, name, alternative_text, hash, mime, size, url, provider, formats)
             SELECT {}, '', 1, {time}, {time}, 'picture ' || (n * 7919 % {files}) || '.jpg', CASE WHEN n % 3 = 0 THEN NULL ELSE 'what it shows ' || n END,
               'h' || n, 'image/jpeg', 1, '/uploads/h' || n || '.jpg', 'local', CAST('{formats}' AS {cast}) FROM ({numbers}) s", id("n")
        ),
        format!(
            "INSERT INTO cairn_assets (document_id, number, sha256, bytes, kind, folder, private, added_at, added_by)
             SELECT {}, 1, 's' || (n % ({files} - 10)), n * 31 % 1000000, CASE WHEN n % 1000 = 0 THEN 'model' WHEN n % 10 = 0 THEN 'video' ELSE 'image' END,
               n % 100, {}, 1767225600000 + n * 1000, '{{\"kind\":\"admin\"}}' FROM ({numbers}) s", id("n"), truth("n % 5000 = 0")
        ),
        format!("INSERT INTO cairn_asset_tags (document_id, tag) SELECT {}, 'common' FROM ({numbers}) s WHERE n % 4 = 0", id("n")),
        format!("INSERT INTO cairn_asset_tags (document_id, tag) SELECT {}, 'rare' FROM ({numbers}) s WHERE n % 9999 = 1", id("n")),
        format!("INSERT INTO cairn_asset_texts (document_id, locale, alternative_text) SELECT {}, 'nl', 'wat het toont ' || n FROM ({numbers}) s WHERE n % 2 = 0", id("n")),
        format!(
            "INSERT INTO pages (document_id, locale, _status, created_at, updated_at, cover)
             SELECT {}, '', 1, {time}, {time}, {} FROM ({numbers}) s WHERE n % 2 = 0", id("n"), id("n")
        ),
        format!("INSERT INTO pages_gallery_lnk (owner_id, target, pos, inv_pos) SELECT n, {}, n, n FROM ({numbers}) s WHERE n % 100 = 0", id("n")),
        if postgres { "ANALYZE files; ANALYZE cairn_assets; ANALYZE cairn_asset_tags; ANALYZE cairn_asset_texts; ANALYZE pages; ANALYZE pages_gallery_lnk".to_owned() } else { String::from("SELECT 1") },
    ];
    for sql in batch {
        store.write(move |tx| tx.conn.execute_batch("filling a test", &sql)).await.unwrap();
    }
}

fn page(sort: AssetSort, descending: bool, from: Option<(serde_json::Value, &str)>) -> AssetPage {
    AssetPage { sort, descending, from: from.map(|(key, id)| (key, id.to_owned())), backwards: false, limit: 51 }
}

#[tokio::test(flavor = "multi_thread")]
async fn library_pages_are_listed_for_every_filter() {
    let requested_files = std::env::var("CAIRN_LIBRARY_FILES").ok().and_then(|n| n.parse::<i64>().ok());
    let files = requested_files.unwrap_or(2_000);
    for (store, database, _folder) in stores() {
        fill(&store, files).await;
        let f = AssetFilter::default;
        let word = |w: &str| vec![w.to_owned()];
        let middle = format!("d{:08}", files / 2);
        let half = json!(1_767_225_600_000_i64 + files / 2 * 1000);
        let newest = || page(AssetSort::Added, true, None);
        for (name, filter, page) in [
            ("newest", f(), newest()),
            ("newest, from the middle", f(), page(AssetSort::Added, true, Some((half, &middle)))),
            ("largest", f(), page(AssetSort::Bytes, true, None)),
            ("by name", f(), page(AssetSort::Name, false, None)),
            ("by name, from the middle", f(), page(AssetSort::Name, false, Some((json!("picture 5"), &middle)))),
            ("last changed", f(), page(AssetSort::Updated, true, None)),
            ("a folder", AssetFilter { folders: Some(vec![7]), ..f() }, newest()),
            ("a folder by name", AssetFilter { folders: Some(vec![7]), ..f() }, page(AssetSort::Name, false, None)),
            ("ten folders", AssetFilter { folders: Some((1..=10).collect()), ..f() }, newest()),
            ("a common kind", AssetFilter { kinds: word("image"), ..f() }, newest()),
            ("a rare kind", AssetFilter { kinds: word("model"), ..f() }, newest()),
            ("a common tag", AssetFilter { tags: word("common"), ..f() }, newest()),
            ("a rare tag", AssetFilter { tags: word("rare"), ..f() }, newest()),
            ("private", AssetFilter { private: Some(true), ..f() }, newest()),
            ("without alternative text", AssetFilter { without_alternative: Some(None), ..f() }, newest()),
            ("without one in a locale", AssetFilter { without_alternative: Some(Some("nl".into())), ..f() }, newest()),
            ("unused", AssetFilter { unused: true, ..f() }, newest()),
            ("trash", AssetFilter { trash: true, ..f() }, newest()),
            ("a common word", AssetFilter { words: word("picture"), ..f() }, newest()),
            ("a rare word", AssetFilter { words: word("picture 1234.jpg"), ..f() }, newest()),
            ("a rare word of a locale", AssetFilter { words: word("toont 12346"), ..f() }, newest()),
            ("no such word", AssetFilter { words: word("nowhere"), ..f() }, newest()),
        ] {
            let run = || store.read(|r| r.assets().list(&filter, &page)).map(|files| files.len());
            let found = run();
            // Few files are found in time whatever way is taken.
            assert!(requested_files.is_some() || found.is_ok(), "{name}: {found:?}");
            if requested_files.is_some() {
                let mut fastest = f64::MAX;
                for _ in 0..5 {
                    let start = Instant::now();
                    let _ = run();
                    fastest = fastest.min(start.elapsed().as_secs_f64() * 1e3);
                }
                eprintln!("{}: {name}: {found:?} files, {fastest:.1} ms", store.database_kind());
                for line in explain_page(&store, &filter, &page) {
                    eprintln!("      {line}");
                }
            }
        }
        let documents: Vec<String> = (1..=100).map(|n| format!("d{n:08}")).collect();
        let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
        let timed = |name: &str, run: &dyn Fn() -> usize| {
            let start = Instant::now();
            let n = run();
            if requested_files.is_some() {
                eprintln!("{}: {name}: {n}, {:.1} ms", store.database_kind(), start.elapsed().as_secs_f64() * 1e3);
            }
            n
        };
        assert_eq!(
            timed("usages of 100 files", &|| store
                .read(|r| r.documents().find_usages(r.registry().file_type().id, &documents, 1_000))
                .unwrap()
                .len()),
            51
        );
        timed("counts of folders", &|| store.read(|r| r.folders().count_files()).unwrap().len());
        timed("tags", &|| store.read(|r| r.tags().list()).unwrap().len());
        timed("duplicates", &|| store.read(|r| r.assets().list_duplicates("", 50)).unwrap().len());
        timed("tags of 100 files", &|| store.read(|r| r.tags().find_for_assets(&documents)).unwrap().len());
        drop(store);
        database.erase().unwrap();
    }
}

fn explain_page(store: &Store, filter: &AssetFilter, page: &AssetPage) -> Vec<String> {
    let explain = if store.database_kind() == "PostgreSQL" { "EXPLAIN" } else { "EXPLAIN QUERY PLAN" };
    let column = if store.database_kind() == "PostgreSQL" { 0 } else { 3 };
    store
        .read(|r| {
            r.assets().with_page(filter, page, |sql, params| {
                r.conn.query_all("explaining", &format!("{explain} {sql}"), params, |row| row.get::<String>(column))
            })
        })
        .unwrap()
}
