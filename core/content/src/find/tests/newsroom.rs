//! Documents of types that lead to each other by every kind of attribute, half of them hidden by a policy.

use crate::RequestContext;
use crate::files::{FileInfo, Upload};
use crate::testing::{ContentFixture, full_access, incoming_text};
use cairn_assets::{BlobStore, FolderStore, UploadLimits};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// A word in every text of the documents that the policies hide, and in no other.
pub(super) const HIDDEN: &str = "concealed";

const USER: &str = "plugin::users-permissions.user";
const AUTHOR: &str = "api::author.author";
const ARTICLE: &str = "api::article.article";
const TAG: &str = "api::tag.tag";

fn label(hidden: bool, what: &str, n: usize) -> String {
    format!("{} {what} {n}", if hidden { HIDDEN } else { "shown" })
}

fn relation(kind: &str, target: &str) -> Json {
    json!({ "type": "relation", "relation": kind, "target": target })
}

fn relation_with(kind: &str, target: &str, side: &str, other: &str) -> Json {
    json!({ "type": "relation", "relation": kind, "target": target, side: other })
}

fn media(multiple: bool) -> Json {
    json!({ "type": "media", "multiple": multiple })
}

fn types() -> [(&'static str, Json); 3] {
    let localized = |kind: &str| json!({ "type": kind, "pluginOptions": { "i18n": { "localized": true } } });
    let article = json!({
        "title": localized("string"), "rank": localized("integer"), "owner": relation("oneToOne", USER),
        "author": relation_with("manyToOne", AUTHOR, "inversedBy", "articles"),
        "tags": relation_with("manyToMany", TAG, "inversedBy", "articles"),
        "cover": media(false), "gallery": media(true),
        "seo": { "type": "component", "component": "meta.seo", "repeatable": false },
        "parts": { "type": "dynamiczone", "components": ["block.note", "block.link"] },
    });
    let author = json!({
        "name": { "type": "string" }, "photo": media(false), "account": relation("oneToOne", USER),
        "articles": relation_with("oneToMany", ARTICLE, "mappedBy", "author"),
    });
    let tag = json!({
        "name": { "type": "string" }, "articles": relation_with("manyToMany", ARTICLE, "mappedBy", "tags"),
        "parent": relation_with("manyToOne", TAG, "inversedBy", "children"),
        "children": relation_with("oneToMany", TAG, "mappedBy", "parent"),
    });
    let i18n = json!({ "i18n": { "localized": true } });
    let drafts = json!({ "draftAndPublish": true });
    [
        (
            "article",
            json!({ "kind": "collectionType", "options": drafts, "pluginOptions": i18n, "attributes": article }),
        ),
        ("author", json!({ "kind": "collectionType", "attributes": author })),
        ("tag", json!({ "kind": "collectionType", "attributes": tag })),
    ]
}

fn components() -> [(&'static str, Json); 3] {
    let text = || json!({ "type": "string" });
    [
        ("meta.seo", json!({ "title": text(), "image": media(false), "expert": relation("oneToOne", AUTHOR) })),
        ("block.note", json!({ "text": text(), "image": media(false), "writer": relation("oneToOne", AUTHOR) })),
        ("block.link", json!({ "label": text(), "tag": relation("oneToOne", TAG) })),
    ]
}

/// The documents that articles link to.
struct Targets {
    rng: StdRng,
    files: Vec<String>,
    users: Vec<String>,
    authors: Vec<String>,
    tags: Vec<String>,
}

fn pick(rng: &mut StdRng, all: &[String]) -> Json {
    json!(all[rng.random_range(0..all.len())])
}

impl Targets {
    fn article(&mut self, hidden: bool, n: usize) -> Json {
        let Self { rng, files, users, authors, tags } = self;
        let mut file = || json!({ "documentId": pick(rng, files) });
        let (cover, image, inner, gallery) = (file(), file(), file(), [file(), file()]);
        json!({
            "title": label(hidden, "article", n), "rank": n, "cover": cover, "gallery": gallery,
            "author": pick(rng, authors), "tags": [pick(rng, tags)], "owner": pick(rng, users),
            "seo": { "title": label(hidden, "seo", n), "image": image, "expert": pick(rng, authors) },
            "parts": [
                {
                    "__component": "block.note", "text": label(hidden, "note", n), "image": inner,
                    "writer": pick(rng, authors),
                },
                { "__component": "block.link", "label": label(hidden, "link", n), "tag": pick(rng, tags) },
            ],
        })
    }
}

/// A project with all of them. Drafts, publications and translations of an article differ in whether they are hidden.
pub(super) async fn open_newsroom() -> (ContentFixture, tempfile::TempDir) {
    let (p, dir) = (ContentFixture::new(&types(), &components()).await, tempfile::tempdir().unwrap());
    let mut targets = Targets {
        rng: StdRng::seed_from_u64(7),
        files: add_files(&p, dir.path()).await,
        users: add_users(&p).await,
        authors: Vec::new(),
        tags: Vec::new(),
    };
    for n in 0..6 {
        let hidden = n % 2 == 0;
        let photo = json!({ "documentId": targets.files[n] });
        let account = pick(&mut targets.rng, &targets.users);
        let author = json!({ "name": label(hidden, "author", n), "photo": photo, "account": account });
        targets.authors.push(p.create("authors", author).await);
        let parent = targets.tags.last().cloned();
        targets.tags.push(p.create("tags", json!({ "name": label(hidden, "tag", n), "parent": parent })).await);
    }
    for n in 0..16 {
        let id = p.create("articles", targets.article(n % 2 == 0, n)).await;
        if n % 3 == 0 {
            p.update("articles?locale=nl", &id, targets.article(n % 4 == 0, n)).await;
        }
        if n % 4 < 2 {
            p.update("articles?status=draft", &id, targets.article(n % 4 == 0, n)).await;
        }
    }
    (p, dir)
}

async fn add_files(p: &ContentFixture, folder: &std::path::Path) -> Vec<String> {
    let (access, mut files) = (full_access(), Vec::new());
    let blobs: Arc<dyn BlobStore> = Arc::new(FolderStore::open(&folder.join("uploads")).unwrap());
    for n in 0..6 {
        let name = format!("{}.txt", label(n % 2 == 0, "file", n));
        let upload = Upload { incoming: incoming_text(folder, &name), info: FileInfo::default() };
        let (context, limits) = (p.request_context(&access, "tags", ""), UploadLimits { max_bytes: 1_000 });
        files.extend(p.content.add_files(&context, blobs.clone(), limits, vec![upload], None).await.unwrap());
    }
    files
}

async fn add_users(p: &ContentFixture) -> Vec<String> {
    let (access, mut users) = (full_access(), Vec::new());
    for n in 0..4 {
        let name = label(n % 2 == 0, "user", n).replace(' ', "-");
        let email = format!("{name}@example.com");
        let body = json!({ "username": name, "email": email, "password": "Passw0rd!", "role": 1 });
        let content_type = p.content.registry().user_type().id;
        let context = RequestContext { content_type, ..p.request_context(&access, "tags", "") };
        let created = p.content.create_user(context, body.as_object().unwrap().clone()).await.unwrap();
        let created: Json = serde_json::from_slice(&created.body).unwrap();
        users.push(created["documentId"].as_str().unwrap().to_owned());
    }
    users
}
