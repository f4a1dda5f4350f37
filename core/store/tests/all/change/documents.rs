//! Data about documents that is stored beside them follows their type to its new uid.

use super::nodes::{article, database, model};
use super::project::open;
use super::times;
use cairn_model::change::Answers;
use cairn_store::editorial::{DocumentKey, DraftToken, NewComment, NewOwner, NewSlot};
use cairn_store::events::Actor;
use cairn_testkit::TestDatabase;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn reviews_comments_owners_and_workflows_follow_a_renamed_type() {
    let folder = tempfile::tempdir().unwrap();
    for database_of_test in TestDatabase::all_kinds(folder.path()) {
        let database = database(&database_of_test);
        let attributes = || json!({ "title": { "type": "string" } });
        let old = article(&folder.path().join("a"), json!({}), attributes());
        let files = [("story", json!({ "renamedFrom": "api::article.article" }), attributes())];
        let new = model(&folder.path().join("b"), &files, &[]);
        let store = open(&database, &old).unwrap();
        let document_key =
            |uid: &str| DocumentKey { content_type: uid.into(), document_id: "a".into(), locale: String::new() };
        let before = document_key("api::article.article");
        let d = before.clone();
        store
            .write(move |tx| {
                tx.reviews().ensure(&d, "draft", DraftToken { draft: 1, version: 1 }, 7)?;
                let comment = NewComment {
                    document: d.clone(),
                    path: None,
                    instance: None,
                    thread: None,
                    admin_user: 1,
                    actor: Actor::public(),
                    text: "x".into(),
                    mentions: Vec::new(),
                };
                tx.comments().create(&comment, 7)?;
                let uid = d.content_type.clone();
                tx.content_owners().create(&NewOwner { content_type: uid.clone(), ..NewOwner::default() }, 7)?;
                tx.calendar().create_slot(&NewSlot { content_type: Some(uid.clone()), ..NewSlot::default() }, 7)?;
                let workflows =
                    json!({ "w": { "contentTypes": [uid, "api::other.other"], "stages": [{ "name": "draft" }] } });
                tx.settings().set("workflows", &workflows)
            })
            .await
            .unwrap();
        drop(store);
        let plan = database.schema_plan(&new, &Answers::default(), false).unwrap().plan;
        let answers = Answers { consent: Some(plan.hash()), ..Answers::default() };
        database.schema_apply(&new, &answers, &times()).unwrap();
        let store = open(&database, &new).unwrap();
        let after = document_key("api::story.story");
        store
            .read(|r| {
                assert!(r.reviews().get(&before)?.is_none() && r.reviews().get(&after)?.is_some());
                assert_eq!((r.comments().count(&before)?, r.comments().count(&after)?), (0, 1));
                assert_eq!(r.content_owners().list()?[0].owner.content_type, after.content_type);
                assert_eq!(r.calendar().list_slots(None, 1)?[0].slot.content_type.as_deref(), Some("api::story.story"));
                let workflows = r.settings().get("workflows")?.unwrap();
                assert_eq!(workflows["w"]["contentTypes"], json!(["api::story.story", "api::other.other"]));
                Ok::<_, cairn_store::StoreError>(())
            })
            .unwrap();
    }
}
