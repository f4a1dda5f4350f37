//! Nobody can link a private file to an entry who does not see it already.

use crate::testing::{ContentFixture, full_access, incoming_text};
use crate::{ContentError, FileInfo, RequestContext, Result, Upload};
use cairn_assets::{BlobStore, FolderStore, UploadLimits};
use cairn_query::{Access, Action};
use cairn_store::events::{Actor, ActorKind};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tempfile::TempDir;

/// A project with messages that customers write, and contracts, of which they read those that are signed.
struct Portal {
    project: ContentFixture,
    blobs: Arc<dyn BlobStore>,
    dir: TempDir,
}

fn actor_with(kind: ActorKind, id: &str) -> Arc<Actor> {
    Arc::new(Actor { kind, id: Some(id.to_owned()), ..Actor::public() })
}

impl Portal {
    async fn new() -> Self {
        let media = |private: bool| json!({ "type": "media", "multiple": true, "private": private });
        let message = json!({ "kind": "collectionType", "attributes": {
            "text": { "type": "text" }, "files": media(false), "one": { "type": "media", "multiple": false },
            "parts": { "type": "dynamiczone", "components": ["shared.open", "shared.closed"] } } });
        let contract = json!({ "kind": "collectionType", "options": { "draftAndPublish": true }, "attributes": {
            "state": { "type": "string" }, "text": { "type": "text" }, "papers": media(false), "inside": media(true),
            "parts": { "type": "dynamiczone", "components": ["shared.open", "shared.closed"] },
            "open": { "type": "component", "component": "shared.open" } } });
        let components = [
            ("shared.open", json!({ "scan": media(false), "picture": media(false) })),
            ("shared.closed", json!({ "scan": media(true) })),
        ];
        let project = ContentFixture::new(&[("message", message), ("contract", contract)], &components).await;
        let dir = tempfile::tempdir().unwrap();
        let blobs = Arc::new(FolderStore::open(&dir.path().join("uploads")).unwrap());
        Self { project, blobs, dir }
    }

    /// Access to write messages, and to read them and signed contracts.
    fn customer(&self, drafts: bool) -> Arc<Access> {
        let rights = [
            ("messages", Action::Create, None),
            ("messages", Action::Update, None),
            ("messages", Action::Find, None),
            ("contracts", Action::Find, Some(json!({ "state": "signed" }))),
        ];
        let access = (*self.project.access_to(&rights)).clone();
        Arc::new(Access { read_drafts: drafts, key: format!("customer {drafts}").into(), ..access })
    }

    /// Adds a file on behalf of an actor.
    async fn add_file(&self, actor: &Arc<Actor>, private: bool) -> String {
        let upload = Upload {
            incoming: incoming_text(self.dir.path(), "a.txt"),
            info: FileInfo { private: Some(private), ..FileInfo::default() },
        };
        let access = full_access();
        let context = RequestContext { actor, ..self.project.request_context(&access, "messages", "") };
        let limits = UploadLimits { max_bytes: 1_000 };
        self.project
            .content
            .add_files(&context, self.blobs.clone(), limits, vec![upload], None)
            .await
            .unwrap()
            .remove(0)
    }

    /// The numeric id of a file, by which clients refer to it.
    fn file_number(&self, file: &str) -> Json {
        let access = full_access();
        let context = self.project.request_context(&access, "messages", "");
        let response = self.project.content.find_file(&context, file).unwrap().unwrap();
        serde_json::from_slice::<Json>(&response.body).unwrap()["id"].clone()
    }

    /// Adds a contract that contains a file.
    async fn add_contract(&self, status: &str, mut data: Json, state: &str) -> String {
        data["state"] = json!(state);
        self.project.create(&format!("contracts?status={status}"), data).await
    }

    /// Sends a message with that data.
    async fn send_message(&self, access: &Arc<Access>, actor: &Arc<Actor>, data: Json) -> Result<String> {
        let context = RequestContext { actor, ..self.project.request_context(access, "messages", "") };
        self.project.content.create(context, Some(json!({ "data": data }))).await.map(|created| created.document_id)
    }

    /// True if a customer may send a file.
    async fn can_send(&self, access: &Arc<Access>, file: &str) -> bool {
        let file_lists = [json!([file]), json!([self.file_number(file)])];
        let mut results = Vec::new();
        for files in file_lists {
            results
                .push(self.send_message(access, &actor_with(ActorKind::User, "bob"), json!({ "files": files })).await);
        }
        match results.iter().map(Result::is_ok).collect::<Vec<_>>().as_slice() {
            [one, two] if one == two => *one,
            _ => panic!("{results:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_own_and_public_files_can_be_linked() {
    let p = Portal::new().await;
    let (bob, customer) = (actor_with(ActorKind::User, "bob"), p.customer(true));
    let staff = actor_with(ActorKind::Admin, "bob");
    for (file, may) in [
        (p.add_file(&bob, true).await, true),
        (p.add_file(&staff, false).await, true),
        (p.add_file(&staff, true).await, false),
        (p.add_file(&actor_with(ActorKind::User, "eve"), true).await, false),
        (p.add_file(&actor_with(ActorKind::Token, "bob"), true).await, false),
        (p.add_file(&Arc::new(Actor::public()), true).await, false),
    ] {
        assert_eq!(p.can_send(&customer, &file).await, may);
        // Tokens with full access, and admins.
        assert!(
            p.send_message(&full_access(), &actor_with(ActorKind::Token, "1"), json!({ "files": [file] }))
                .await
                .is_ok()
        );
        assert!(p.send_message(&customer, &staff, json!({ "files": [file] })).await.is_ok());
    }
    // The public owns no files.
    let (nobody, public_file) = (Arc::new(Actor::public()), p.add_file(&Arc::new(Actor::public()), true).await);
    assert!(p.send_message(&customer, &nobody, json!({ "files": [public_file] })).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_private_files_are_rejected_in_every_attribute() {
    let p = Portal::new().await;
    let (bob, customer) = (actor_with(ActorKind::User, "bob"), p.customer(true));
    let (own, foreign) = (p.add_file(&bob, true).await, p.add_file(&actor_with(ActorKind::User, "eve"), true).await);
    let ways = |file: &str| {
        [
            json!({ "one": file }),
            json!({ "files": { "connect": [file] } }),
            json!({ "files": { "set": [own, file] } }),
            json!({ "parts": [{ "__component": "shared.open", "picture": [file] }] }),
            json!({ "parts": [{ "__component": "shared.closed", "scan": [file] }] }),
        ]
    };
    let message_id = p.send_message(&customer, &bob, json!({ "text": "hello" })).await.unwrap();
    for (good, bad) in ways(&own).into_iter().zip(ways(&foreign)) {
        p.send_message(&customer, &bob, good).await.unwrap();
        let refused = p.send_message(&customer, &bob, bad.clone()).await.unwrap_err();
        let nowhere = p.send_message(&customer, &bob, json!({ "one": "nosuchfilenosuchfile0000" })).await.unwrap_err();
        // The error is the same as for a file that does not exist.
        let format_error = |e: ContentError, id: &str| format!("{e:?}").replace(id, "<id>");
        assert_eq!(format_error(refused, &foreign), format_error(nowhere, "nosuchfilenosuchfile0000"), "{bad}");
        let context = RequestContext { actor: &bob, ..p.project.request_context(&customer, "messages", "") };
        assert!(p.project.content.update(context, &message_id, Some(json!({ "data": bad })), None).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_readable_entries_can_be_linked() {
    let p = Portal::new().await;
    let staff = actor_with(ActorKind::Admin, "1");
    let (all, live) = (p.customer(true), p.customer(false));
    let open = |component: &str, attribute: &str, file: &str| json!({ "__component": component, attribute: [file] });
    for (nth, (status, state, sees_all, sees_live)) in [
        ("published", "signed", true, true),
        ("published", "open", false, false),
        ("draft", "signed", true, false),
        ("draft", "open", false, false),
    ]
    .into_iter()
    .enumerate()
    {
        let file = p.add_file(&staff, true).await;
        let data = match nth % 2 {
            0 => json!({ "papers": [file] }),
            _ => json!({ "open": { "scan": [file] } }),
        };
        p.add_contract(status, data, state).await;
        // A message that was sent makes the file visible to its readers from then on.
        assert_eq!(p.can_send(&live, &file).await, sees_live, "{status} {state}");
        assert_eq!(p.can_send(&all, &file).await, sees_all, "{status} {state}");
    }
    // A file shows nothing if only its name leads to it, or if it is in something hidden.
    for (place, may) in [
        ("papers", true),
        ("inside", false),
        ("scan", false),
        ("picture", true),
        ("component", true),
        ("text", false),
        ("message", false),
    ] {
        let file = p.add_file(&staff, true).await;
        let data = match place {
            "scan" => json!({ "parts": [open("shared.open", "scan", &file)] }),
            "picture" => json!({ "parts": [open("shared.open", "picture", &file)] }),
            "component" => json!({ "open": { "scan": [file] } }),
            "text" | "message" => {
                let asset = p.project.content.store().read(|r| r.assets().get(&file)).unwrap().unwrap();
                let access = full_access();
                let found = p.project.content.find_file(&p.project.request_context(&access, "messages", ""), &file);
                let file_json: Json = serde_json::from_slice(&found.unwrap().unwrap().body).unwrap();
                assert!(asset.private);
                let address = file_json["url"].as_str().unwrap().split('?').next().unwrap().to_owned();
                json!({ "text": format!("![a]({address})") })
            }
            place => json!({ place: [file] }),
        };
        if place == "message" {
            p.send_message(&all, &actor_with(ActorKind::User, "bob"), data).await.unwrap();
        } else {
            p.add_contract("published", data, "signed").await;
        }
        assert_eq!(p.can_send(&all, &file).await, may, "{place}");
    }
}
