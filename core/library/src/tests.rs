//! Folders, lists, texts, tags, bulk changes, duplicates and usages against a real database.

use crate::testing::{LibraryFixture, assert_refused, expect_refusal, to_json};
use crate::{AssetUsageView, DuplicateAssetsView};
use cairn_content::RefusalKind;
use serde_json::{Value as Json, json};

const PNG: &[u8] = b"not a picture, and nobody minds";

#[tokio::test(flavor = "multi_thread")]
async fn folders_form_a_tree_of_limited_depth() {
    let p = LibraryFixture::open().await;
    let (a, by) = (p.make_folder("A", 0).await, p.actor());
    let b = p.make_folder("B", a).await;
    let c = p.make_folder("C", b).await;
    let make = |input: Json| p.library.create_folder(&by, crate::read_input(input).unwrap());
    for (input, part) in [
        (json!({ "name": " " }), "1 to 200 characters"),
        (json!({ "name": "x/y" }), "without \"/\""),
        (json!({ "name": "x", "parent": 99 }), "Folder 99 not found"),
    ] {
        assert_refused(make(input).await, part);
    }
    let twice = expect_refusal(make(json!({ "name": "A" })).await);
    assert_eq!(twice.kind, RefusalKind::Conflict);
    assert_eq!(twice.details["errors"][0]["path"], json!(["name"]));
    let elsewhere = make(json!({ "name": "A", "parent": c, "private": true })).await.unwrap();
    assert_eq!((elsewhere.private, elsewhere.parent), (true, c));
    let d = elsewhere.id;
    assert!(make(json!({ "name": "in private", "parent": d })).await.unwrap().private);
    let names: Vec<&str> = elsewhere.path.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["A", "B", "C", "A"]);
    let change = |id: i64, input: Json| p.library.change_folder(&by, id, crate::read_input(input).unwrap());
    for inside in [a, b, c, d] {
        assert_refused(change(a, json!({ "parent": inside })).await, "cannot be moved into itself");
    }
    assert_eq!(change(c, json!({ "parent": null, "name": "C2" })).await.unwrap().path.len(), 1);
    assert_refused(change(c, json!({ "name": "A" })).await, "A folder named \"A\" already exists here");
    assert_refused(change(99, json!({ "name": "A" })).await, "Folder not found");
    // The limit of depth holds for new folders and for moved ones.
    let mut at = c;
    for level in 2..=crate::MAX_DEPTH {
        at = p.make_folder(&format!("level {level}"), at).await;
    }
    assert_refused(make(json!({ "name": "x", "parent": at })).await, "20 levels");
    assert_refused(change(c, json!({ "parent": a })).await, "20 levels");
    let messages = p.event_names().await;
    assert_eq!((messages[0].as_str(), messages.last().unwrap().as_str()), ("folder.created", "folder.created"));
    assert!(messages.contains(&"folder.updated".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_setting_is_inherited_from_the_nearest_folder() {
    let p = LibraryFixture::open().await;
    let by = p.actor();
    let make = async |input: Json| p.library.create_folder(&by, crate::read_input(input).unwrap()).await.unwrap().id;
    let keeps = make(json!({ "name": "A", "keepsMetadata": true })).await;
    let inside = make(json!({ "name": "B", "parent": keeps })).await;
    let not = make(json!({ "name": "C", "parent": inside, "keepsMetadata": false })).await;
    let deepest = make(json!({ "name": "D", "parent": not, "keepsMetadata": null })).await;
    let retains_metadata = |folder: i64| {
        // The setting that uploads follow is the one that is displayed.
        let stored = p.store().read(|r| r.folders().retains_metadata(folder)).unwrap();
        let view = p.library.get_folder(folder).is_ok_and(|view| view.metadata_kept);
        assert_eq!(view, stored, "{folder}");
        stored
    };
    assert_eq!([keeps, inside, not, deepest, 0, 99].map(retains_metadata), [true, true, false, false, false, false]);
    let change = |id: i64, input: Json| p.library.change_folder(&by, id, crate::read_input(input).unwrap());
    change(not, json!({ "keepsMetadata": null })).await.unwrap();
    assert_eq!([keeps, inside, not, deepest].map(retains_metadata), [true; 4]);
    // Elsewhere it is as it is there.
    change(inside, json!({ "parent": 0, "private": true })).await.unwrap();
    assert_eq!([keeps, inside, not, deepest].map(retains_metadata), [true, false, false, false]);
    assert!(crate::read_input::<crate::ChangeFolder>(json!({ "keepsMetadata": 1 })).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_deleted_empty_or_recursively() {
    let p = LibraryFixture::open().await;
    let (a, by) = (p.make_folder("A", 0).await, p.actor());
    let b = p.make_folder("B", a).await;
    let (one, two) = (p.add_file("one.txt", b"1").await, p.add_file("two.txt", b"2").await);
    p.bulk(json!({ "action": "move", "ids": [one], "folder": b })).await.unwrap();
    p.bulk(json!({ "action": "move", "ids": [two], "folder": a })).await.unwrap();
    let folder = p.library.get_folder(a).unwrap();
    assert_eq!((folder.files, folder.files_below, folder.folders), (1, 2, 1), "{folder:?}");
    let full = expect_refusal(p.library.delete_folder(&by, a, false).await);
    assert_eq!((full.kind, &full.details["files"]), (RefusalKind::Application, &json!(2)));
    assert!(full.message.contains("recursive=true"), "{}", full.message);
    let deleted = p.library.delete_folder(&by, a, true).await.unwrap();
    assert_eq!(deleted.trashed.len(), 2);
    assert!(p.library.list_folders().unwrap().0.is_empty());
    assert!(p.listed_documents(json!({})).is_empty());
    let empty = p.make_folder("A", 0).await;
    p.library.delete_folder(&by, empty, false).await.unwrap();
    assert_refused(p.library.delete_folder(&by, empty, false).await, "Folder not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn file_pages_are_consecutive_in_every_order() {
    let p = LibraryFixture::open().await;
    for (name, size) in [("b.txt", 3), ("a.png", 3), ("d.txt", 1), ("c.txt", 9), ("e.txt", 2)] {
        p.add_file(name, &vec![b'x'; size]).await;
    }
    for (sort, expected) in [
        ("addedAt", ["e.txt", "c.txt", "d.txt", "a.png", "b.txt"]),
        ("addedAt:asc", ["b.txt", "a.png", "d.txt", "c.txt", "e.txt"]),
        ("updatedAt:asc", ["b.txt", "a.png", "d.txt", "c.txt", "e.txt"]),
        ("name", ["a.png", "b.txt", "c.txt", "d.txt", "e.txt"]),
        ("name:desc", ["e.txt", "d.txt", "c.txt", "b.txt", "a.png"]),
    ] {
        for limit in 1..=6 {
            let (mut listed, mut after, mut pages) = (Vec::new(), None, Vec::new());
            loop {
                let mut params = json!({ "sort": sort, "limit": limit });
                if let Some(after) = &after {
                    params["after"] = json!(after);
                }
                let (files, cursors) = p.library.list_files(&crate::read_input(params).unwrap()).unwrap();
                let names: Vec<String> = files.into_iter().map(|f| f.name.unwrap()).collect();
                listed.extend(names.clone());
                assert_eq!(cursors.before.is_none(), after.is_none());
                pages.push((names, cursors.before));
                after = cursors.after;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(listed, expected, "{sort} {limit}");
            // The pages are the same in the other direction.
            for window in pages.windows(2).rev() {
                let params = json!({ "sort": sort, "limit": limit, "before": window[1].1 });
                assert_eq!(p.listed_documents(params), window[0].0, "{sort} {limit}");
            }
        }
    }
    let bytes = p.listed_documents(json!({ "sort": "bytes" }));
    assert_eq!((bytes[0].as_str(), bytes[4].as_str()), ("c.txt", "d.txt"));
    let cursor = p.library.list_files(&crate::read_input(json!({ "limit": 1 })).unwrap()).unwrap().1.after;
    for params in [
        json!({ "after": cursor, "sort": "name" }),
        json!({ "after": "zz" }),
        json!({ "after": "ü" }),
        json!({ "sort": "size" }),
        json!({ "sort": "name:up" }),
        json!({ "kind": "picture" }),
        json!({ "recursive": true }),
        json!({ "missing": "caption" }),
        json!({ "missing": "alt", "locale": "fr" }),
        json!({ "locale": "nl" }),
        json!({ "search": "x".repeat(201) }),
        json!({ "before": cursor, "after": cursor }),
    ] {
        let refusal = expect_refusal(p.library.list_files(&crate::read_input(params.clone()).unwrap()));
        assert_eq!(refusal.kind, RefusalKind::Validation, "{params}");
        assert!(refusal.details["errors"][0]["path"].is_array(), "{params}");
    }
    assert_refused(p.library.list_files(&crate::read_input(json!({ "folder": 7 })).unwrap()), "Folder 7 not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_filtered_and_searched() {
    let p = LibraryFixture::open().await;
    let (launch, logo, terms) = (
        p.add_file("launch pad.png", PNG).await,
        p.add_file("logo_100%.png", b"2").await,
        p.add_file("terms.txt", b"3").await,
    );
    let press = p.make_folder("Press", 0).await;
    let old = p.make_folder("Old", press).await;
    p.bulk(json!({ "action": "move", "ids": [launch], "folder": old })).await.unwrap();
    p.bulk(json!({ "action": "move", "ids": [logo], "folder": press })).await.unwrap();
    p.bulk(json!({ "action": "tag", "ids": [launch, terms], "tags": ["Rocket", "Public relations"] })).await.unwrap();
    p.bulk(json!({ "action": "private", "ids": [terms], "private": true })).await.unwrap();
    p.change(&launch, json!({ "alternativeText": "A rocket on its pad" })).await.unwrap();
    p.change(&logo, json!({ "texts": { "nl": { "alternativeText": "Het beeldmerk van Łódź" } } })).await.unwrap();
    for (params, expected) in [
        (json!({ "folder": 0 }), vec!["terms.txt"]),
        (json!({ "folder": press }), vec!["logo_100%.png"]),
        (json!({ "folder": press, "recursive": true }), vec!["launch pad.png", "logo_100%.png"]),
        (json!({ "folder": 0, "recursive": true }), vec!["launch pad.png", "logo_100%.png", "terms.txt"]),
        (json!({ "kind": "image" }), vec!["launch pad.png", "logo_100%.png"]),
        (json!({ "kind": "video,document" }), vec!["terms.txt"]),
        (json!({ "tag": "rocket" }), vec!["launch pad.png", "terms.txt"]),
        (json!({ "tag": "rocket,public relations", "kind": "image" }), vec!["launch pad.png"]),
        (json!({ "tag": "none" }), vec![]),
        (json!({ "private": true }), vec!["terms.txt"]),
        (json!({ "private": false }), vec!["launch pad.png", "logo_100%.png"]),
        (json!({ "search": "PAD launch" }), vec!["launch pad.png"]),
        (json!({ "search": "rocket" }), vec!["launch pad.png", "terms.txt"]),
        (json!({ "search": "beeldmerk" }), vec!["logo_100%.png"]),
        (json!({ "search": "ŁÓDŹ Beeldmerk" }), vec!["logo_100%.png"]),
        (json!({ "search": "100%" }), vec!["logo_100%.png"]),
        (json!({ "search": "o_1" }), vec!["logo_100%.png"]),
        (json!({ "search": "l_g" }), vec![]),
        (json!({ "missing": "alt" }), vec!["logo_100%.png"]),
        (json!({ "missing": "alt", "locale": "en" }), vec!["logo_100%.png"]),
        (json!({ "missing": "alt", "locale": "nl" }), vec!["launch pad.png"]),
        (json!({ "trash": true }), vec![]),
        (json!({ "unused": true }), vec!["launch pad.png", "logo_100%.png", "terms.txt"]),
    ] {
        for sort in ["name", "addedAt:asc"] {
            let mut params = params.clone();
            params["sort"] = sort.into();
            assert_eq!(p.listed_documents(params.clone()), expected, "{params}");
        }
    }
    let file = p.library.list_files(&crate::read_input(json!({ "search": "launch" })).unwrap()).unwrap().0.remove(0);
    let file = to_json(file);
    assert_eq!(file["tags"], json!(["Public relations", "Rocket"]));
    assert_eq!(
        (&file["folder"]["name"], &file["kind"], &file["addedBy"]["name"]),
        (&json!("Old"), &json!("image"), &json!("anna@example.com"))
    );
    assert_eq!(file["addedAt"], "2026-06-01T10:00:01.000Z");
}

#[tokio::test(flavor = "multi_thread")]
async fn file_texts_are_changed_per_locale() {
    let p = LibraryFixture::open().await;
    let id = p.add_file("a.png", PNG).await;
    let folder = p.make_folder("F", 0).await;
    let changed = p
        .change(&id, json!({
            "name": "b.png", "folder": folder, "tags": ["One", "two", "ONE"], "private": true, "focalPoint": { "x": 10, "y": 90.5 },
            "caption": "Caption", "texts": { "en": { "alternativeText": "Picture" }, "nl": { "alternativeText": "Plaatje", "caption": "Onderschrift" } },
        }))
        .await
        .unwrap();
    let changed = to_json(changed);
    assert_eq!(
        (&changed["name"], &changed["folder"]["id"], &changed["private"]),
        (&json!("b.png"), &json!(folder), &json!(true))
    );
    assert_eq!((&changed["tags"], &changed["focalPoint"]), (&json!(["One", "two"]), &json!({ "x": 10, "y": 90.5 })));
    assert_eq!((&changed["alternativeText"], &changed["caption"]), (&json!("Picture"), &json!("Caption")));
    assert_eq!(
        changed["texts"],
        json!({
            "en": { "alternativeText": "Picture", "caption": "Caption" },
            "nl": { "alternativeText": "Plaatje", "caption": "Onderschrift" },
        })
    );
    // Omitted texts stay, null removes them; a change that changes nothing emits no event.
    let messages = p.event_names().await;
    let changed =
        p.change(&id, json!({ "texts": { "nl": { "caption": null } }, "alternativeText": null })).await.unwrap();
    let changed = to_json(changed);
    assert_eq!(
        (&changed["texts"]["nl"]["alternativeText"], &changed["texts"]["nl"]["caption"]),
        (&json!("Plaatje"), &Json::Null)
    );
    assert_eq!((&changed["alternativeText"], &changed["caption"]), (&json!(""), &json!("Caption")));
    p.change(
        &id,
        json!({ "texts": { "nl": { "alternativeText": "Plaatje" } }, "tags": ["one", "TWO"], "folder": folder }),
    )
    .await
    .unwrap();
    assert_eq!(p.event_names().await.len(), messages.len() + 1);
    let changed = p
        .change(&id, json!({ "folder": null, "tags": [], "texts": { "nl": { "alternativeText": "" } } }))
        .await
        .unwrap();
    let changed = to_json(changed);
    assert_eq!((&changed["folder"], &changed["tags"]), (&Json::Null, &json!([])));
    for (change, path) in [
        (json!({ "texts": { "fr": { "caption": "x" } } }), json!(["texts", "fr"])),
        (json!({ "texts": { "en": { "caption": "x" } }, "caption": "y" }), json!(["texts", "en", "caption"])),
        (json!({ "texts": { "nl": { "caption": "a\u{7}" } } }), json!(["texts", "nl", "caption"])),
        (json!({ "folder": 99 }), json!(["folder"])),
        (json!({ "tags": ["ok", "a,b"] }), json!(["tags", "1"])),
        (json!({ "name": " " }), json!(["name"])),
        (json!({ "focalPoint": { "x": 101, "y": 0 } }), json!(["focalPoint"])),
    ] {
        let refusal = expect_refusal(p.change(&id, change.clone()).await);
        assert_eq!(refusal.details["errors"][0]["path"], path, "{change}: {refusal:?}");
    }
    assert_refused(p.change(&id, json!({ "colour": "red" })).await, "colour");
    assert_refused(p.change("nothere", json!({})).await, "File not found");
    assert_refused(p.library.get_file("nothere").map(drop), "File not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_can_be_renamed_merged_and_deleted() {
    let p = LibraryFixture::open().await;
    let (a, b, c) = (p.add_file("a.txt", b"a").await, p.add_file("b.txt", b"b").await, p.add_file("c.txt", b"c").await);
    p.bulk(json!({ "action": "tag", "ids": [a, b], "tags": ["rockets"] })).await.unwrap();
    p.bulk(json!({ "action": "tag", "ids": [b, c], "tags": ["Raketten"] })).await.unwrap();
    let tags = || p.library.list_tags().unwrap().into_iter().map(|t| (t.tag, t.files)).collect::<Vec<_>>();
    assert_eq!(tags(), [("Raketten".to_owned(), 2), ("rockets".to_owned(), 2)]);
    let by = p.actor();
    let renamed = p.library.rename_tag(&by, "rockets", "Rockets").await.unwrap();
    assert_eq!(to_json(renamed), json!({ "tag": "Rockets", "files": 2, "merged": false }));
    let merged = p.library.rename_tag(&by, "raketten", "rockets").await.unwrap();
    assert_eq!(to_json(merged), json!({ "tag": "Rockets", "files": 2, "merged": true }));
    assert_eq!(tags(), [("Rockets".to_owned(), 3)]);
    assert_refused(p.library.rename_tag(&by, "none", "x").await, "Tag not found");
    assert_refused(p.library.rename_tag(&by, "rockets", "x,y").await, "without commas");
    let deleted = to_json(p.library.delete_tag(&by, "ROCKETS").await.unwrap());
    assert_eq!(deleted["files"], 3);
    assert!(tags().is_empty());
    p.bulk(deleted["undo"][0].clone()).await.unwrap();
    assert_eq!(tags(), [("Rockets".to_owned(), 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_changes_are_atomic_and_can_be_undone() {
    let p = LibraryFixture::open().await;
    let (a, b, c) = (p.add_file("a.txt", b"a").await, p.add_file("b.txt", b"b").await, p.add_file("c.txt", b"c").await);
    let (f, g) = (p.make_folder("F", 0).await, p.make_folder("G", 0).await);
    p.bulk(json!({ "action": "move", "ids": [a], "folder": f })).await.unwrap();
    p.bulk(json!({ "action": "tag", "ids": [a], "tags": ["x"] })).await.unwrap();
    p.bulk(json!({ "action": "private", "ids": [c], "private": true })).await.unwrap();
    let state = || {
        let (files, _) = p.library.list_files(&crate::read_input(json!({ "sort": "name" })).unwrap()).unwrap();
        files.into_iter().map(|f| (f.folder, f.tags, f.private)).collect::<Vec<_>>()
    };
    let before = state();
    for (bulk, changed) in [
        (json!({ "action": "move", "ids": [a, b, c, a], "folder": g }), 3),
        (json!({ "action": "move", "ids": [a, b], "folder": f }), 1),
        (json!({ "action": "tag", "ids": [a, b, c], "tags": ["X", "y"] }), 3),
        (json!({ "action": "untag", "ids": [a, b, c], "tags": ["x", "nothing"] }), 1),
        (json!({ "action": "private", "ids": [a, b, c], "private": true }), 2),
    ] {
        let outcome = to_json(p.bulk(bulk.clone()).await.unwrap());
        assert_eq!(outcome["changed"], changed, "{bulk}");
        assert_ne!(state(), before, "{bulk}");
        for undo in outcome["undo"].as_array().unwrap() {
            p.bulk(undo.clone()).await.unwrap();
        }
        assert_eq!(state(), before, "{bulk}");
    }
    let messages = p.event_names().await;
    let none = expect_refusal(p.bulk(json!({ "action": "move", "ids": [a, "no", b, "nor this"], "folder": g })).await);
    assert_eq!(none.details["errors"][0]["path"], json!(["ids", "1"]));
    assert_eq!(none.details["errors"].as_array().unwrap().len(), 2);
    assert_refused(p.bulk(json!({ "action": "move", "ids": [a], "folder": 99 })).await, "Folder 99 not found");
    assert_refused(p.bulk(json!({ "action": "tag", "ids": [a], "tags": [] })).await, "1 to 20");
    assert_refused(p.bulk(json!({ "action": "tag", "ids": [], "tags": ["x"] })).await, "1 to 1000");
    assert_refused(p.bulk(json!({ "action": "trash", "ids": [a, "no"] })).await, "1 of the 2");
    let many: Vec<String> = (0..1001).map(|i| i.to_string()).collect();
    assert_refused(p.bulk(json!({ "action": "trash", "ids": many })).await, "1 to 1000");
    assert_eq!(state(), before);
    assert_eq!(p.event_names().await.len(), messages.len());
    assert_eq!(p.bulk(json!({ "action": "trash", "ids": [a, c] })).await.unwrap().changed, 2);
    assert_eq!(p.listed_documents(json!({})), ["b.txt"]);
    assert!(crate::read_input::<crate::BulkAction>(json!({ "action": "burn", "ids": [] })).is_err());
    assert!(crate::read_input::<crate::BulkAction>(json!({ "action": "trash", "ids": [], "folder": 1 })).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicate_files_are_grouped() {
    let p = LibraryFixture::open().await;
    for (name, bytes) in [
        ("a.txt", "same"),
        ("b.txt", "same"),
        ("c.txt", "other"),
        ("d.txt", "more"),
        ("e.txt", "more"),
        ("f.txt", "more"),
    ] {
        p.add_file(name, bytes.as_bytes()).await;
    }
    let (groups, after) = p.library.list_duplicates("", None).unwrap();
    let names = |g: &DuplicateAssetsView| g.files.iter().map(|f| f.name.clone().unwrap()).collect::<Vec<_>>();
    let mut all: Vec<_> = groups.iter().map(names).collect();
    all.sort();
    assert_eq!(all, [vec!["a.txt", "b.txt"], vec!["d.txt", "e.txt", "f.txt"]]);
    assert!(after.is_none());
    let (first, after) = p.library.list_duplicates("", Some(1)).unwrap();
    let (second, _) = p.library.list_duplicates(&after.unwrap(), Some(1)).unwrap();
    assert_eq!([&first[..], &second[..]].concat(), groups);
    let largest_group = groups.iter().find(|g| names(g).len() == 3).unwrap();
    assert_eq!((largest_group.bytes, largest_group.wasted, largest_group.files[0].duplicates), (4, 8, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn usages_are_found_at_every_depth_in_every_version() {
    let p = LibraryFixture::open().await;
    let (one, two, none) =
        (p.add_file("one.png", PNG).await, p.add_file("two.png", b"2").await, p.add_file("none.png", b"3").await);
    let (n, m) = (p.row_number(&one), p.row_number(&two));
    let url = p.library.get_file(&one).unwrap().asset.url.unwrap();
    let page = p
        .create("pages?status=draft", json!({
            "title": "Draft", "cover": n, "gallery": [m, n], "body": format!("See ![it]({url})"),
            "seo": { "title": "s", "picture": n },
            "zone": [
                { "__component": "a.seo", "picture": m },
                { "__component": "a.figure", "text": format!("<img src=\"{url}\">"), "pictures": [m, n], "seo": { "picture": n } },
            ],
        }))
        .await;
    p.update(
        "pages?locale=nl",
        &page,
        json!({ "title": "Gepubliceerd", "cover": n,
        "story": [{ "type": "paragraph", "children": [{ "type": "text", "text": url }] }] }),
    )
    .await;
    let note = p.create("notes", json!({ "name": "Note", "file": m })).await;
    let (usages, complete) = p.library.list_usages(&[&one], true).unwrap();
    assert!(complete);
    let short = |u: &AssetUsageView| {
        let u = to_json(u);
        let s = |k: &str| u[k].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {} {}", s("locale"), s("status"), s("path"), s("kind"), s("title"))
    };
    let mut usage_lines: Vec<String> = usages.iter().map(short).collect();
    usage_lines.sort();
    assert_eq!(
        usage_lines,
        [
            "en draft body text Draft",
            "en draft cover link Draft",
            "en draft gallery link Draft",
            "en draft seo.picture link Draft",
            "en draft zone.1.pictures link Draft",
            "en draft zone.1.seo.picture link Draft",
            "en draft zone.1.text text Draft",
            "nl draft cover link Gepubliceerd",
            "nl draft story text Gepubliceerd",
            "nl published cover link Gepubliceerd",
            "nl published story text Gepubliceerd",
        ]
    );
    assert!(usages.iter().all(|u| u.document_id == page && u.content_type == "api::page.page" && u.file == one));
    let (both, _) = p.library.list_usages(&[&two, &none], false).unwrap();
    let mut usage_lines: Vec<String> = both.iter().map(short).collect();
    usage_lines.sort();
    assert_eq!(
        usage_lines,
        [
            "- published file link Note",
            "en draft gallery link Draft",
            "en draft zone.0.picture link Draft",
            "en draft zone.1.pictures link Draft",
        ]
    );
    assert!(both.iter().any(|u| u.document_id == note && u.content_type == "api::note.note"));
    assert_eq!(p.listed_documents(json!({ "unused": true })), ["none.png"]);
    let file = p.library.get_file(&two).unwrap();
    assert_eq!((file.usages.len(), file.more_usages), (4, false));
    assert_refused(p.library.list_usages(&["nothere"], true), "not found");
}
