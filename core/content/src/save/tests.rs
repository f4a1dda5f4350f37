//! Writes against a real database: what a document's versions share, and the effects of writing one on others.

use super::*;
use crate::body::CastOptions;
use crate::read_scope::ReadScope;
use crate::testing::{ContentFixture, expect_refusal, full_access};
use crate::{Precondition, RefusalKind};
use cairn_query::{Access, AccessRule, Action};
use serde_json::{Value as Json, json};
use std::sync::Arc;

fn relation(kind: &str, target: &str, side: &[(&str, &str)]) -> Json {
    let mut relation = json!({ "type": "relation", "relation": kind, "target": format!("api::{target}.{target}") });
    for (word, attribute) in side {
        relation[*word] = json!(attribute);
    }
    relation
}

fn localized(mut attribute: Json, localized: bool) -> Json {
    attribute["pluginOptions"] = json!({ "i18n": { "localized": localized } });
    attribute
}

fn schema(draft_publish: bool, in_locales: bool, attributes: Json) -> Json {
    json!({ "kind": "collectionType", "options": { "draftAndPublish": draft_publish },
            "pluginOptions": { "i18n": { "localized": in_locales } }, "attributes": attributes })
}

/// Localized pages with and without drafts, whose title, `own` and `author` differ between locales.
async fn project_with_pages() -> ContentFixture {
    let page = |name: &str| {
        json!({
            "title": localized(json!({ "type": "string" }), true),
            "own": localized(json!({ "type": "string" }), true),
            "rank": localized(json!({ "type": "integer", "default": 5, "required": true }), false),
            "code": localized(json!({ "type": "string", "unique": true }), false),
            "seo": localized(json!({ "type": "component", "component": "a.seo" }), false),
            "tags": localized(relation("manyToMany", "tag", &[]), false),
            "editor": localized(relation("oneToOne", "author", &[("inversedBy", name)]), false),
            "author": localized(relation("manyToOne", "author", &[("inversedBy", &format!("{name}s"))]), true),
            "reader": localized(relation("manyToOne", "author", &[("inversedBy", &format!("{name}sRead"))]), false),
        })
    };
    let mut author = json!({ "name": { "type": "string" } });
    for name in ["page", "leaf"] {
        author[name] = relation("oneToOne", name, &[("mappedBy", "editor")]);
        author[format!("{name}s")] = relation("oneToMany", name, &[("mappedBy", "author")]);
        author[format!("{name}sRead")] = relation("oneToMany", name, &[("mappedBy", "reader")]);
    }
    let mut home = schema(true, true, json!({ "title": localized(json!({ "type": "string" }), true) }));
    home["kind"] = json!("singleType");
    ContentFixture::new(
        &[
            ("page", schema(true, true, page("page"))),
            ("leaf", schema(false, true, page("leaf"))),
            ("author", schema(false, false, author)),
            ("tag", schema(false, false, json!({ "name": { "type": "string" } }))),
            ("home", home),
        ],
        &[("a.seo", json!({ "text": { "type": "string" }, "list": { "type": "json" } }))],
    )
    .await
}

/// Articles of categories, with a profile, children and comments.
async fn project_with_articles() -> ContentFixture {
    let article = json!({
        "title": { "type": "string" },
        "owner": { "type": "string" },
        "category": relation("manyToOne", "category", &[("inversedBy", "articles")]),
        "parent": relation("manyToOne", "article", &[("inversedBy", "children")]),
        "children": relation("oneToMany", "article", &[("mappedBy", "parent")]),
        "profile": relation("oneToOne", "profile", &[("inversedBy", "article")]),
        "related": relation("manyToMany", "article", &[("inversedBy", "relatedBy")]),
        "relatedBy": relation("manyToMany", "article", &[("mappedBy", "related")]),
        "comments": { "type": "relation", "relation": "morphMany", "target": "api::comment.comment", "morphBy": "subject" },
    });
    let category = json!({ "name": { "type": "string" },
        "articles": relation("oneToMany", "article", &[("mappedBy", "category")]) });
    let profile = json!({ "name": { "type": "string" },
        "article": relation("oneToOne", "article", &[("mappedBy", "profile")]) });
    let comment = json!({ "text": { "type": "string" }, "subject": { "type": "relation", "relation": "morphToOne" } });
    let define_type = |name, drafts, attributes| (name, schema(drafts, false, attributes));
    ContentFixture::new(
        &[
            define_type("article", true, article),
            define_type("category", true, category),
            define_type("profile", false, profile),
            define_type("comment", true, comment),
        ],
        &[],
    )
    .await
}

/// `name` in each version: en draft, en published, nl draft, nl published.
fn values_in_versions(p: &ContentFixture, route: &str, id: &str, name: &str) -> Vec<Json> {
    let versions = ["locale=en&status=draft", "locale=en", "locale=nl&status=draft", "locale=nl"];
    versions.iter().map(|v| p.get(&format!("{route}?{v}"), id)[name].clone()).collect()
}

/// The titles or names of a populated relation.
fn related_names(p: &ContentFixture, target: &str, id: &str, attribute: &str) -> Vec<String> {
    let and = if target.contains('?') { '&' } else { '?' };
    let view = p.get(&format!("{target}{and}populate={attribute}"), id)[attribute].clone();
    let list = match view {
        Json::Array(list) => list,
        Json::Null => Vec::new(),
        one => vec![one],
    };
    let name = |e: &Json| ["name", "title", "text"].iter().find_map(|k| e[*k].as_str().map(str::to_owned));
    list.iter().filter_map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn defaults_do_not_overwrite_shared_attributes() {
    let p = project_with_pages().await;
    for route in ["pages", "leafs"] {
        let id = p.create(route, json!({ "title": "a", "rank": 1, "seo": { "text": "s" }, "code": route })).await;
        let nl = p.update(&format!("{route}?locale=nl&populate=seo"), &id, json!({ "title": "b" })).await;
        assert_eq!((&nl["rank"], &nl["code"], &nl["seo"]["text"]), (&json!(1), &json!(route), &json!("s")), "{route}");
        assert_eq!(values_in_versions(&p, route, &id, "rank"), [1, 1, 1, 1]);
        // The sent value takes precedence, even if it is the default.
        p.update(&format!("{route}?locale=fr"), &id, json!({ "rank": 5 })).await;
        assert_eq!(values_in_versions(&p, route, &id, "rank"), [5, 5, 5, 5]);
        p.update(&format!("{route}?locale=de"), &id, json!({ "code": null, "seo": null })).await;
        assert_eq!(values_in_versions(&p, route, &id, "code"), [Json::Null, Json::Null, Json::Null, Json::Null]);
        assert_eq!(p.get(&format!("{route}?populate=seo"), &id)["seo"], Json::Null);
    }
    // In a draft it is drafts that change.
    let id = p.create("pages", json!({ "rank": 1 })).await;
    p.update("pages?locale=nl&status=draft", &id, json!({ "rank": 2 })).await;
    assert_eq!(values_in_versions(&p, "pages", &id, "rank"), [json!(2), json!(1), json!(2), Json::Null]);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_locales_inherit_shared_links() {
    let p = project_with_pages().await;
    let mut tags = Vec::new();
    for name in ["a", "b", "c"] {
        tags.push(p.create("tags", json!({ "name": name })).await);
    }
    for route in ["pages", "leafs"] {
        let create_document = async || p.create(route, json!({ "tags": [tags[0], tags[1]] })).await;
        let list_tags = |id: &str, locale: &str| related_names(&p, &format!("{route}?locale={locale}"), id, "tags");
        let id = create_document().await;
        p.update(&format!("{route}?locale=nl"), &id, json!({ "title": "x" })).await;
        assert_eq!(list_tags(&id, "nl"), ["a", "b"]);
        let id = create_document().await;
        p.update(&format!("{route}?locale=nl"), &id, json!({ "tags": [tags[2]] })).await;
        assert_eq!(
            (list_tags(&id, "nl"), list_tags(&id, "en")),
            (vec!["c".to_owned()], vec!["c".to_owned()]),
            "{route}"
        );
        let id = create_document().await;
        let change = json!({ "connect": [tags[2]], "disconnect": [tags[0]] });
        p.update(&format!("{route}?locale=nl"), &id, json!({ "tags": change })).await;
        assert_eq!(list_tags(&id, "nl"), ["b", "c"]);
        assert_eq!(list_tags(&id, "en"), ["b", "c"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unchanged_versions_are_not_written() {
    let p = project_with_pages().await;
    let id = p.create("pages", json!({ "seo": { "text": "s", "list": [1] }, "rank": 1 })).await;
    p.update("pages?locale=nl", &id, json!({})).await;
    let before = p.rows("pages", &id).await;
    p.advance_clock(10);
    p.update("pages?locale=nl", &id, json!({ "title": "x" })).await;
    let after = p.rows("pages", &id).await;
    let en = |rows: &[DocumentRow]| rows.iter().filter(|r| r.locale == "en").cloned().collect::<Vec<_>>();
    assert_eq!(en(&before), en(&after));
    // The ids of components in the other locale's draft stand, so that an editor there can save.
    let seo = p.get("pages?status=draft&populate=seo", &id)["seo"]["id"].clone();
    p.update("pages", &id, json!({ "seo": { "id": seo, "text": "t" } })).await;
    let nl = p.get("pages?locale=nl&populate=seo", &id);
    assert_eq!((&nl["seo"]["text"], &nl["seo"]["list"]), (&json!("t"), &json!([1])));
    assert_ne!(nl["seo"]["id"], p.get("pages?populate=seo", &id)["seo"]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_conflicts_in_another_locale_reject_the_save() {
    let p = project_with_pages().await;
    for route in ["pages", "leafs"] {
        // Taken in Dutch only.
        p.create(&format!("{route}?locale=nl"), json!({ "code": format!("{route}-1") })).await;
        let id = p.create(route, json!({ "code": format!("{route}-2"), "title": "a" })).await;
        p.update(&format!("{route}?locale=nl"), &id, json!({ "title": "b" })).await;
        let before = p.rows(route, &id).await;
        let duplicate = json!({ "code": format!("{route}-1"), "title": "c" });
        let (kind, message, details) = expect_refusal(p.update_as(&full_access(), route, &id, duplicate).await);
        assert_eq!((kind, message.as_str()), (RefusalKind::Validation, "This attribute must be unique"));
        assert_eq!(details["errors"][0]["path"], json!(["code"]));
        assert_eq!(p.rows(route, &id).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_to_one_links_leave_their_previous_owner() {
    let p = project_with_articles().await;
    let profile = p.create("profiles", json!({ "name": "p" })).await;
    let first = p.create("articles", json!({ "title": "first", "profile": profile })).await;
    let second = p.create("articles?status=draft", json!({ "title": "second", "profile": profile })).await;
    let has = |id: &str, status: &str| related_names(&p, &format!("articles?status={status}"), id, "profile").len();
    // Taken in the drafts; what is published stays until the second is.
    assert_eq!((has(&first, "draft"), has(&first, "published"), has(&second, "draft")), (0, 1, 1));
    p.update("articles", &second, json!({})).await;
    assert_eq!((has(&first, "draft"), has(&first, "published")), (0, 0));
    assert_eq!((has(&second, "draft"), has(&second, "published")), (1, 1));
    // From the other side, in both versions at once.
    p.update("profiles", &profile, json!({ "article": first })).await;
    assert_eq!((has(&first, "draft"), has(&first, "published")), (1, 1));
    assert_eq!((has(&second, "draft"), has(&second, "published")), (0, 0));
    // Publishing takes the profile back.
    p.update("articles", &second, json!({ "profile": profile })).await;
    assert_eq!((has(&first, "draft"), has(&first, "published")), (0, 0));
    assert_eq!(related_names(&p, "profiles", &profile, "article"), ["second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_one_to_one_links_move_in_every_locale() {
    let p = project_with_pages().await;
    let author = p.create("authors", json!({ "name": "a" })).await;
    let editor =
        |route: &str, id: &str, locale: &str| related_names(&p, &format!("{route}?locale={locale}"), id, "editor");
    for route in ["pages", "leafs"] {
        let first = p.create(route, json!({ "editor": author })).await;
        p.update(&format!("{route}?locale=nl"), &first, json!({})).await;
        assert_eq!(editor(route, &first, "nl"), ["a"]);
        let second = p.create(route, json!({ "editor": author })).await;
        for locale in ["en", "nl"] {
            assert_eq!(editor(route, &first, locale), [""; 0], "{route} {locale}");
        }
        assert_eq!(editor(route, &second, "en"), ["a"]);
        // A third document has the author in a locale that only the other version of the first is in.
        let dutch = p.create(&format!("{route}?locale=nl"), json!({})).await;
        p.update(&format!("{route}?locale=nl"), &dutch, json!({ "editor": author })).await;
        p.update(&format!("{route}?locale=nl"), &first, json!({})).await;
        p.update(route, &first, json!({ "editor": author })).await;
        assert_eq!((editor(route, &dutch, "nl").len(), editor(route, &first, "nl").len()), (0, 1), "{route}");
        // From the other side.
        p.update("authors", &author, json!({ route.trim_end_matches('s'): second })).await;
        for locale in ["en", "nl"] {
            assert_eq!(editor(route, &first, locale), [""; 0], "{route} {locale}");
        }
        assert_eq!(editor(route, &second, "en"), ["a"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inverse_side_changes_only_the_requested_links() {
    let p = project_with_articles().await;
    let category = p.create("categorys", json!({ "name": "c" })).await;
    let a = p.create("articles", json!({ "title": "a", "category": category })).await;
    let b = p.create("articles", json!({ "title": "b" })).await;
    let c = p.create("articles", json!({ "title": "c" })).await;
    let listed = |status: &str| related_names(&p, &format!("categorys?status={status}"), &category, "articles");
    // The draft of `a` leaves the category; adding `b` does not undo that.
    p.update("articles?status=draft", &a, json!({ "category": null })).await;
    p.update("categorys", &category, json!({ "articles": { "connect": [b] } })).await;
    assert_eq!((listed("draft"), listed("published")), (vec!["b".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
    // In a draft: only drafts change, and the published order stays.
    let before = json!({ "connect": [{ "documentId": c, "position": { "before": b } }] });
    p.update("categorys?status=draft", &category, json!({ "articles": before })).await;
    assert_eq!(listed("draft"), ["c", "b"]);
    assert_eq!(listed("published"), ["a", "b"]);
    p.update("categorys?status=draft", &category, json!({ "articles": { "disconnect": [b] } })).await;
    assert_eq!((listed("draft"), listed("published")), (vec!["c".to_owned()], vec!["a".to_owned(), "b".to_owned()]));
    // Published, with positions: both have the order, and documents that are not listed are removed from both.
    p.update("categorys", &category, json!({ "articles": [b, c] })).await;
    assert_eq!(
        (listed("draft"), listed("published")),
        (vec!["b".to_owned(), "c".into()], vec!["b".into(), "c".into()])
    );
    let start = json!({ "connect": [{ "documentId": a, "position": { "start": true } }] });
    p.update("categorys", &category, json!({ "articles": start })).await;
    assert_eq!(listed("draft"), ["a", "b", "c"]);
    assert_eq!(listed("published"), ["a", "b", "c"]);
    p.update("categorys", &category, json!({ "articles": { "disconnect": [b] } })).await;
    assert_eq!(
        (listed("draft"), listed("published")),
        (vec!["a".to_owned(), "c".into()], vec!["a".into(), "c".into()])
    );
    // A draft only, published later.
    let d = p.create("articles?status=draft", json!({ "title": "d" })).await;
    p.update("categorys", &category, json!({ "articles": { "connect": [d] } })).await;
    assert_eq!((listed("draft").len(), listed("published").len()), (3, 2));
    p.update("articles", &d, json!({})).await;
    assert_eq!(listed("published"), ["a", "c", "d"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn inverse_side_preserves_the_order_of_the_owning_side() {
    let p = project_with_articles().await;
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        ids.push(p.create("articles", json!({ "title": title })).await);
    }
    let target = p.create("articles", json!({ "title": "t" })).await;
    p.update("articles", &ids[0], json!({ "related": [ids[2], ids[1]] })).await;
    p.update("articles", &target, json!({ "relatedBy": [ids[0], ids[1]] })).await;
    for status in ["draft", "published"] {
        let related = |id: &str| related_names(&p, &format!("articles?status={status}"), id, "related");
        assert_eq!(related(&ids[0]), ["c", "b", "t"], "{status}");
        assert_eq!(related(&ids[1]), ["t"]);
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &target, "relatedBy"), ["a", "b"]);
    }
    p.update("articles?status=draft", &target, json!({ "relatedBy": { "disconnect": [ids[0]] } })).await;
    assert_eq!(related_names(&p, "articles?status=draft", &ids[0], "related"), ["c", "b"]);
    assert_eq!(related_names(&p, "articles", &ids[0], "related"), ["c", "b", "t"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_removes_links_the_draft_does_not_have() {
    let p = project_with_articles().await;
    let mut ids = Vec::new();
    for title in ["a", "b", "c"] {
        ids.push(p.create("articles", json!({ "title": title })).await);
    }
    let category = p.create("categorys", json!({ "name": "c" })).await;
    let id = p.create("articles", json!({ "related": ids, "category": category })).await;
    p.update("articles?status=draft", &id, json!({ "related": { "disconnect": [ids[1]] }, "category": null })).await;
    assert_eq!(related_names(&p, "articles", &id, "related"), ["a", "b", "c"]);
    p.update("articles", &id, json!({ "title": "x" })).await;
    for status in ["draft", "published"] {
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &id, "related"), ["a", "c"]);
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &id, "category"), [""; 0]);
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &ids[1], "relatedBy"), [""; 0]);
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &ids[2], "relatedBy"), ["x"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_can_be_their_own_children() {
    let p = project_with_articles().await;
    let id = p.create("articles", json!({ "title": "a" })).await;
    p.update("articles", &id, json!({ "children": [id] })).await;
    for status in ["draft", "published"] {
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &id, "parent"), ["a"], "{status}");
        assert_eq!(related_names(&p, &format!("articles?status={status}"), &id, "children"), ["a"], "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn morph_to_one_links_have_one_target() {
    let p = project_with_articles().await;
    let first = p.create("articles", json!({ "title": "first" })).await;
    let second = p.create("articles", json!({ "title": "second" })).await;
    let subject = json!({ "__type": "api::article.article", "documentId": first });
    let comment = p.create("comments", json!({ "text": "c", "subject": subject })).await;
    p.update("articles", &second, json!({ "comments": { "connect": [comment] } })).await;
    for status in ["draft", "published"] {
        let comments = |id: &str| related_names(&p, &format!("articles?status={status}"), id, "comments");
        assert_eq!((comments(&first).len(), comments(&second).len()), (0, 1), "{status}");
        assert_eq!(related_names(&p, &format!("comments?status={status}"), &comment, "subject"), ["second"]);
    }
    p.update("articles", &second, json!({ "comments": [] })).await;
    for status in ["draft", "published"] {
        assert_eq!(related_names(&p, &format!("comments?status={status}"), &comment, "subject"), [""; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inverse_side_of_localized_types_uses_the_request_locale() {
    let p = project_with_pages().await;
    let author = p.create("authors", json!({ "name": "a" })).await;
    for route in ["pages", "leafs"] {
        let id = p.create(route, json!({ "title": "en" })).await;
        p.update(&format!("{route}?locale=nl"), &id, json!({ "title": "nl" })).await;
        let count_related = |attribute: &str| {
            let versions = ["locale=en&status=draft", "locale=en", "locale=nl&status=draft", "locale=nl"];
            versions.map(|v| related_names(&p, &format!("{route}?{v}"), &id, attribute).len())
        };
        p.update("authors?locale=nl", &author, json!({ route: [id] })).await;
        assert_eq!(count_related("author"), [0, 0, 1, 1], "{route}");
        p.update("authors", &author, json!({ route: [id] })).await;
        assert_eq!(count_related("author"), [1, 1, 1, 1]);
        p.update("authors", &author, json!({ route: [] })).await;
        assert_eq!(count_related("author"), [0, 0, 1, 1]);
        // Shared attributes are linked in all locales.
        let read = format!("{route}Read");
        p.update("authors", &author, json!({ read.as_str(): [id] })).await;
        assert_eq!(count_related("reader"), [1, 1, 1, 1]);
        p.update("authors", &author, json!({ read.as_str(): { "disconnect": [id] } })).await;
        assert_eq!(count_related("reader"), [0, 0, 0, 0]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_saves_create_a_single_type_once() {
    let p = Arc::new(project_with_pages().await);
    let tries: Vec<_> = (0..12)
        .map(|i| {
            let p = p.clone();
            let target = ["home", "home?locale=nl", "home?status=draft"][i % 3];
            tokio::spawn(async move {
                let created = p.update_as(&full_access(), target, "", json!({ "title": i.to_string() })).await.unwrap();
                created["documentId"].as_str().unwrap().to_owned()
            })
        })
        .collect();
    let mut ids = Vec::new();
    for t in tries {
        ids.push(t.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1);
    assert_eq!(p.rows("home", &ids[0]).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_deleted_before_the_transaction_are_rejected() {
    let p = project_with_articles().await;
    let profile = p.create("profiles", json!({})).await;
    let access = full_access();
    let context = p.request_context(&access, "articles", "");
    let data = json!({ "profile": profile }).as_object().cloned().unwrap();
    let found = p.content.resolve_related(ReadScope::Snapshot(p.content.store()), &context, &data, "en").unwrap();
    let mode = cairn_model::validate::CastMode { rules: cairn_model::validate::CastRules::Draft, create: true };
    let casting = CastOptions { mode, references: &found, unique_in: None, inherits: false };
    let cast_input = p.content.cast_body(context.content_type, &data, casting).await.unwrap();
    p.delete_as(&full_access(), "profiles", &profile).await.unwrap();
    let save = CheckedSave {
        target: WriteTarget::New,
        action: Action::Create,
        locale: String::new(),
        link_locale: "en".into(),
        publish: true,
        input: cast_input,
        precondition: Precondition::None,
    };
    let (_, message, _) = expect_refusal(p.content.save(&context, save, None).await.map(|s| s.document_id));
    assert_eq!(message, format!("Document with id \"{profile}\", locale \"null\" not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_apply_to_the_written_locale() {
    let p = project_with_pages().await;
    let condition = Some(json!({ "own": "me" }));
    let me = p.access_to(&[Action::Find, Action::Update, Action::Delete].map(|a| ("pages", a, condition.clone())));
    let id = p.create("pages", json!({ "own": "you", "title": "a", "rank": 1 })).await;
    p.update("pages?locale=nl", &id, json!({ "own": "me", "title": "b" })).await;
    let before = p.rows("pages", &id).await;
    let kind = |(kind, _, _): (RefusalKind, String, Json)| kind;
    let update = async |target: &str, data: Json| p.update_as(&me, target, &id, data).await;
    assert_eq!(kind(expect_refusal(update("pages", json!({ "title": "x" })).await)), RefusalKind::NotFound);
    // The caller may neither change what all locales share through their own, nor give that version away.
    assert_eq!(kind(expect_refusal(update("pages?locale=nl", json!({ "rank": 2 })).await)), RefusalKind::Forbidden);
    assert_eq!(kind(expect_refusal(update("pages?locale=nl", json!({ "own": "you" })).await)), RefusalKind::Forbidden);
    assert_eq!(kind(expect_refusal(p.delete_as(&me, "pages", &id).await)), RefusalKind::NotFound);
    assert_eq!(kind(expect_refusal(p.delete_as(&me, "pages?locale=*", &id).await)), RefusalKind::NotFound);
    assert_eq!(p.rows("pages", &id).await, before);
    // The write is refused even if the version would be theirs afterwards.
    let or_seven = Some(json!({ "$or": [{ "own": "me" }, { "rank": 7 }] }));
    let access = p.access_to(&[("pages", Action::Update, or_seven)]);
    let result = p.update_as(&access, "pages?locale=nl", &id, json!({ "rank": 7 })).await;
    assert_eq!(kind(expect_refusal(result)), RefusalKind::Forbidden);
    assert_eq!(p.rows("pages", &id).await, before);
    update("pages?locale=nl", json!({ "title": "c" })).await.unwrap();
    p.delete_as(&me, "pages?locale=nl", &id).await.unwrap();
    // The caller's version is gone: a new locale of their own gives no access to the others.
    let other = update("pages?locale=fr", json!({ "own": "me" })).await;
    assert_eq!(kind(expect_refusal(other)), RefusalKind::NotFound);
    let all = p.create("pages", json!({ "own": "me" })).await;
    p.update_as(&me, "pages?locale=nl", &all, json!({ "own": "me", "rank": 3 })).await.unwrap();
    p.delete_as(&me, "pages?locale=*", &all).await.unwrap();
    assert!(p.rows("pages", &all).await.is_empty());
    // A document that never existed is refused like a hidden one.
    assert_eq!(kind(expect_refusal(p.delete_as(&me, "pages?locale=*", "nothing").await)), RefusalKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_use_the_published_version_without_a_draft() {
    let p = project_with_articles().await;
    let me = p.access_to(&[Action::Update, Action::Delete].map(|a| ("articles", a, Some(json!({ "owner": "me" })))));
    for (owner, may) in [("me", true), ("you", false)] {
        let id = p.create("articles", json!({ "title": "a", "owner": owner })).await;
        // The version is as it was before the type had drafts.
        let (ct, document) = (p.type_id("articles"), id.clone());
        p.write(move |tx| {
            let row = tx.reader().documents().get_row(ct, &document, "", true)?.unwrap();
            tx.documents().delete_versions(ct, &document, None)?;
            tx.documents().insert_row(ct, &row)?;
            Ok(())
        })
        .await;
        assert_eq!(p.update_as(&me, "articles", &id, json!({ "title": "b" })).await.is_ok(), may);
        let id = p.create("articles", json!({ "title": "a", "owner": owner })).await;
        let document = id.clone();
        p.write(move |tx| {
            let row = tx.reader().documents().get_row(ct, &document, "", true)?.unwrap();
            tx.documents().delete_versions(ct, &document, None)?;
            tx.documents().insert_row(ct, &row)?;
            Ok(())
        })
        .await;
        assert_eq!(p.delete_as(&me, "articles", &id).await.is_ok(), may);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_use_the_draft_if_there_is_one() {
    let p = project_with_articles().await;
    let me = p.access_to(&[Action::Update, Action::Delete].map(|a| ("articles", a, Some(json!({ "owner": "me" })))));
    let id = p.create("articles", json!({ "owner": "me" })).await;
    p.update("articles?status=draft", &id, json!({ "owner": "you" })).await;
    let before = p.rows("articles", &id).await;
    assert_eq!(
        expect_refusal(p.update_as(&me, "articles", &id, json!({ "owner": "me" })).await).0,
        RefusalKind::NotFound
    );
    assert_eq!(expect_refusal(p.delete_as(&me, "articles", &id).await).0, RefusalKind::NotFound);
    assert_eq!(p.rows("articles", &id).await, before);
    p.update("articles?status=draft", &id, json!({ "owner": "me" })).await;
    p.delete_as(&me, "articles", &id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn links_cannot_move_documents_across_a_condition() {
    let p = project_with_articles().await;
    let condition = Some(json!({ "category": { "name": "mine" } }));
    let me = p.access_to(&[
        ("categorys", Action::Find, None),
        ("categorys", Action::Update, None),
        ("articles", Action::Find, None),
        ("articles", Action::Update, condition),
    ]);
    let category = p.create("categorys", json!({ "name": "mine" })).await;
    let own = p.create("articles", json!({ "title": "own", "category": category })).await;
    let free = p.create("articles", json!({ "title": "free" })).await;
    for change in [json!({ "connect": [free] }), json!({ "disconnect": [own] }), json!([free]), json!([])] {
        let changed = p.update_as(&me, "categorys", &category, json!({ "articles": change })).await;
        assert_eq!(expect_refusal(changed).0, RefusalKind::Forbidden, "{change}");
        assert_eq!(related_names(&p, "categorys", &category, "articles"), ["own"]);
    }
    // A list of attributes that may be changed is not enough either for the other side alone.
    let mut masked = Access::clone(&me);
    let title = p.content.by_route("articles").unwrap().attributes.get("title").unwrap().0;
    let rule = AccessRule { condition: None, fields: Some(Arc::new([title].into())) };
    Arc::make_mut(&mut masked.rules).insert((p.type_id("articles"), Action::Update), rule);
    let changed = p.update_as(&Arc::new(masked), "categorys", &category, json!({ "articles": [own, free] })).await;
    assert_eq!(expect_refusal(changed).0, RefusalKind::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn required_shared_attributes_can_be_omitted_in_new_locales() {
    let attributes = json!({
        "title": localized(json!({ "type": "string", "required": true }), true),
        "sort": localized(json!({ "type": "string", "required": true }), false),
        "seo": localized(json!({ "type": "component", "component": "a.seo", "required": true }), false),
    });
    let seo = json!({ "text": { "type": "string" } });
    for drafts in [false, true] {
        let thing = schema(drafts, true, attributes.clone());
        let p = ContentFixture::new(&[("thing", thing)], &[("a.seo", seo.clone())]).await;
        let id = p.create("things", json!({ "title": "a", "sort": "s", "seo": { "text": "t" } })).await;
        let (_, message, _) = expect_refusal(p.update_as(&full_access(), "things?locale=nl", &id, json!({})).await);
        assert!(message.starts_with("title must be"), "{message}");
        let nl = p.update("things?locale=nl&populate=seo", &id, json!({ "title": "b" })).await;
        assert_eq!((&nl["sort"], &nl["seo"]["text"]), (&json!("s"), &json!("t")));
        // A new locale may not empty them.
        let emptied = p.update_as(&full_access(), "things?locale=fr", &id, json!({ "title": "c", "sort": null })).await;
        assert_eq!(expect_refusal(emptied).0, RefusalKind::Validation);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_cannot_change_documents_without_update_permission() {
    let p = project_with_articles().await;
    let condition = Some(json!({ "owner": "me" }));
    let me = p.access_to(&[
        ("categorys", Action::Find, None),
        ("categorys", Action::Update, None),
        ("profiles", Action::Find, None),
        ("articles", Action::Find, None),
        ("articles", Action::Create, condition.clone()),
        ("articles", Action::Update, condition),
    ]);
    let category = p.create("categorys", json!({ "name": "c" })).await;
    let profile = p.create("profiles", json!({ "name": "p" })).await;
    let own = p.create("articles", json!({ "title": "own", "owner": "me" })).await;
    let other = p
        .create("articles", json!({ "title": "other", "owner": "you", "category": category, "profile": profile }))
        .await;
    let free = p.create("articles", json!({ "title": "free", "owner": "you" })).await;
    let update = async |target: &str, id: &str, data: Json| p.update_as(&me, target, id, data).await;
    for (target, id, data) in [
        ("categorys", &category, json!({ "articles": { "connect": [free] } })),
        ("categorys", &category, json!({ "articles": { "disconnect": [other] } })),
        ("categorys?status=draft", &category, json!({ "articles": [own] })),
        ("categorys", &category, json!({ "articles": null })),
        ("articles", &own, json!({ "children": [free] })),
        ("articles", &own, json!({ "relatedBy": [free] })),
        ("articles", &own, json!({ "profile": profile })),
        ("articles?status=draft", &own, json!({ "profile": profile })),
    ] {
        let before = (p.rows("articles", &other).await, p.rows("articles", &free).await);
        let (kind, _, _) = expect_refusal(update(target, id, data.clone()).await);
        assert_eq!(kind, RefusalKind::Forbidden, "{data}");
        assert_eq!((p.rows("articles", &other).await, p.rows("articles", &free).await), before);
    }
    let (kind, _, _) = expect_refusal(p.create_as(&me, "articles", json!({ "owner": "me", "profile": profile })).await);
    assert_eq!(kind, RefusalKind::Forbidden);
    // Unchanged links may be named, and the caller's own articles may be changed.
    update("categorys", &category, json!({ "articles": [other, own] })).await.unwrap();
    update("categorys", &category, json!({ "articles": { "disconnect": [own] } })).await.unwrap();
    p.update("articles", &other, json!({ "profile": null })).await;
    update("articles", &own, json!({ "profile": profile })).await.unwrap();
    assert_eq!(related_names(&p, "categorys", &category, "articles"), ["other"]);

    // A caller who may only create articles cannot take anything from existing ones.
    let maker = p.access_to(&[("articles", Action::Create, None), ("profiles", Action::Find, None)]);
    let taking = json!({ "title": "x", "profile": profile });
    assert_eq!(expect_refusal(p.create_as(&maker, "articles", taking.clone()).await).0, RefusalKind::Forbidden);
    p.update("articles", &own, json!({ "profile": null })).await;
    p.create_as(&maker, "articles", taking).await.unwrap();
}
