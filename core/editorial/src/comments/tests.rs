use super::{CommentThread, CommentView, MAX_ANSWERS, MAX_TEXT_CHARS, field_path};
use crate::notices::{Notice, NoticeConsumer, NoticeSender, NoticeSubject};
use crate::review::ReviewSync;
use crate::testing::{EditorialFixture, assert_refused};
use cairn_content::Result;
use cairn_events::TransactionalConsumer;
use cairn_store::editorial::DocumentKey;
use cairn_store::{StoreError, WriteTx};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::sync::Arc;

impl EditorialFixture {
    async fn add_comment_as(&self, user: &str, d: &DocumentKey, comment: Json) -> Result<CommentView> {
        let input = crate::read_input(comment)?;
        self.desk.write_comment(&self.admin_caller(user), &self.actor(user), d.clone(), input).await
    }

    fn comment_threads(&self, d: &DocumentKey, resolved: Option<bool>) -> Vec<CommentThread> {
        self.desk.list_comments(d, resolved, None, 100).unwrap().0
    }
}

/// A notifier that records its notices.
#[derive(Default)]
struct RecordingSender(Mutex<Vec<Notice>>);

impl NoticeSender for RecordingSender {
    fn notify(&self, _: &mut WriteTx<'_>, notice: &Notice, _: i64) -> Result<(), StoreError> {
        self.0.lock().push(notice.clone());
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn comment_threads_can_be_answered_resolved_and_edited() {
    let office = EditorialFixture::open().await;
    let d = office.create_draft("ed", "contracts", json!({ "title": "Sale" })).await;
    let first = office.add_comment_as("ed", &d, json!({ "text": " Is this right? ", "path": "title" })).await.unwrap();
    assert_eq!(
        (first.text.as_deref(), first.path.as_deref(), first.author.name.as_deref()),
        (Some("Is this right?"), Some("title"), Some("ed@example.com"))
    );
    let second = office.add_comment_as("law", &d, json!({ "text": "No", "thread": first.id })).await.unwrap();
    assert_eq!(second.path.as_deref(), Some("title"), "an answer is about what its thread is about");
    let resolve = async |user: &str, id: i64, yes: bool| {
        office.desk.resolve_comment(&office.admin_caller(user), &office.actor(user), id, yes).await
    };
    let resolved = resolve("mia", first.id, true).await.unwrap();
    assert_eq!(resolved.resolved_by.as_deref(), Some("mia@example.com"));
    assert_refused(resolve("mia", second.id, true).await, "Only the first comment of a thread");
    assert_eq!((office.comment_threads(&d, Some(true)).len(), office.comment_threads(&d, Some(false)).len()), (1, 0));
    // A reply opens the thread again.
    office.add_comment_as("ed", &d, json!({ "text": "Why?", "thread": first.id })).await.unwrap();
    let comment_threads = office.comment_threads(&d, Some(false));
    assert_eq!(comment_threads[0].answers.len(), 2);
    resolve("mia", first.id, true).await.unwrap();
    resolve("mia", first.id, false).await.unwrap();
    assert_eq!(office.comment_threads(&d, None)[0].comment.resolved_at, None);
    // Of one's own.
    let edit = async |user: &str, id: i64, text: &str| {
        let input = crate::read_input(json!({ "text": text })).unwrap();
        office.desk.edit_comment(&office.admin_caller(user), &office.actor(user), id, input).await
    };
    assert_refused(edit("ed", second.id, "Yes").await, "Only the author");
    assert_refused(edit("root", second.id, "Yes").await, "Only the author");
    let edited = edit("law", second.id, "Not quite").await.unwrap();
    assert!(edited.text.as_deref() == Some("Not quite") && edited.edited_at.is_some());
    let delete = async |user: &str, id: i64| {
        office.desk.delete_comment(&office.admin_caller(user), &office.actor(user), id).await
    };
    assert_refused(delete("ed", second.id).await, "Only the author");
    // A deleted comment with replies keeps its place, without a text.
    delete("ed", first.id).await.unwrap();
    let comment_threads = office.comment_threads(&d, None);
    let thread = &comment_threads[0];
    assert!(thread.comment.deleted && thread.comment.text.is_none());
    assert_eq!(thread.answers[0].text.as_deref(), Some("Not quite"));
    let thread_json = json!(thread);
    assert!(thread_json["text"].is_null() && thread_json["answers"][0]["text"] == "Not quite", "{thread_json}");
    assert_refused(delete("ed", first.id).await, "Comment not found");
    assert_refused(edit("ed", first.id, "back").await, "Comment not found");
    delete("root", second.id).await.unwrap();
    assert_eq!(office.comment_threads(&d, None)[0].answers.len(), 1);
    // Comments are deleted with the document.
    let other = office.create_draft("ed", "contracts", json!({ "title": "Other" })).await;
    office.add_comment_as("ed", &other, json!({ "text": "stays" })).await.unwrap();
    office.delete(&d).await;
    office.deliver_events(ReviewSync).await;
    assert_eq!((office.comment_threads(&d, None).len(), office.comment_threads(&other, None).len()), (0, 1));
    assert_refused(office.add_comment_as("ed", &d, json!({ "text": "x" })).await, "Document not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_comments_are_rejected() {
    let office = EditorialFixture::open().await;
    let d = office.create_draft("ed", "contracts", json!({ "title": "Sale" })).await;
    let other = office.create_draft("ed", "contracts", json!({ "title": "Other" })).await;
    let other_comment = office.add_comment_as("ed", &other, json!({ "text": "x" })).await.unwrap();
    for (bad, part) in [
        (json!({ "text": "" }), "must have text"),
        (json!({ "text": " \n " }), "must have text"),
        (json!({ "text": "x".repeat(MAX_TEXT_CHARS + 1) }), "at most 10000"),
        (json!({ "text": "a\u{0}b" }), "plain text"),
        (json!({ "text": "a\u{1b}[31m" }), "plain text"),
        (json!({ "text": "x", "path": "titel" }), "\"titel\" does not exist"),
        (json!({ "text": "x", "path": "title.x" }), "\"x\" does not exist"),
        (json!({ "text": "x", "thread": other_comment.id }), "Thread not found on this document"),
        (json!({ "text": "x", "thread": 999 }), "Thread not found"),
        (json!({ "text": "@[nobody@example.com]" }), "does not match any admin user"),
        (json!({ "text": "@[99]" }), "does not match any admin user"),
        (json!({ "text": (0..21).map(|n| format!("@[{n}]")).collect::<String>() }), "at most 20 people"),
        (json!({ "text": "x", "html": true }), "html"),
        (json!({}), "text"),
    ] {
        assert_refused(office.add_comment_as("ed", &d, bad).await, part);
    }
    // Plain text stays what it is.
    let script = "<script>alert(1)</script> & \"quotes\"\n{{x}}";
    assert_eq!(office.add_comment_as("ed", &d, json!({ "text": script })).await.unwrap().text.as_deref(), Some(script));
    let token = cairn_access::AdminCaller { id: None, ..office.admin_caller("ed") };
    let input = crate::read_input(json!({ "text": "x" })).unwrap();
    assert_refused(
        office.desk.write_comment(&token, &office.actor("ed"), d.clone(), input).await,
        "API tokens cannot use this",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_to_a_thread_are_limited() {
    let office = EditorialFixture::open().await;
    let d = office.create_draft("ed", "contracts", json!({ "title": "Sale" })).await;
    let first = office.add_comment_as("ed", &d, json!({ "text": "x" })).await.unwrap();
    for _ in 0..MAX_ANSWERS {
        office.add_comment_as("ed", &d, json!({ "text": "x", "thread": first.id })).await.unwrap();
    }
    assert_refused(
        office.add_comment_as("ed", &d, json!({ "text": "x", "thread": first.id })).await,
        "at most 200 replies",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn mentioned_assigned_and_needed_people_are_notified() {
    let office = EditorialFixture::with_workflow().await;
    let (sender, d) = (
        Arc::new(RecordingSender::default()),
        office.create_draft("ed", "contracts", json!({ "title": "Sale" })).await,
    );
    let notices = Arc::new(NoticeConsumer::new(sender.clone()));
    let hear = async || {
        office.deliver_events(SharedConsumer(notices.clone())).await;
        std::mem::take(&mut *sender.0.lock())
    };
    hear().await;
    let (law, mia) = (office.user_id("law"), office.user_id("mia"));
    let first = office
        .add_comment_as("ed", &d, json!({ "text": format!("@[law@example.com] and @[{mia}], look") }))
        .await
        .unwrap();
    assert_eq!(first.mentions, [law, mia]);
    let found = hear().await;
    let mention = found.iter().find(|n| n.about == NoticeSubject::Mentioned).unwrap();
    assert_eq!(
        (&mention.to, &mention.data["title"], &mention.data["actor"]),
        (&vec![law, mia], &json!("Sale"), &json!("ed@example.com"))
    );
    assert_eq!(mention.document.as_ref(), Some(&d));
    // Changed, only who is new is told; who answers tells those in the thread.
    let input = crate::read_input(json!({ "text": "@[law@example.com] @[max@example.com]" })).unwrap();
    office.desk.edit_comment(&office.admin_caller("ed"), &office.actor("ed"), first.id, input).await.unwrap();
    office.add_comment_as("law", &d, json!({ "text": "I do", "thread": first.id })).await.unwrap();
    let found = hear().await;
    let last_notice = |about: NoticeSubject| found.iter().rev().find(|n| n.about == about).unwrap().clone();
    assert_eq!(last_notice(NoticeSubject::Mentioned).to, [office.user_id("max")]);
    assert_eq!(last_notice(NoticeSubject::Answered).to, [office.user_id("ed")]);
    // Assigned and asked for.
    let input = crate::read_input(json!({ "users": [mia] })).unwrap();
    office.desk.assign_people(&office.admin_caller("ed"), &office.actor("ed"), d.clone(), input).await.unwrap();
    office.move_to("ed", &d, "legal review").await.unwrap();
    let found = hear().await;
    let last_notice = |about: NoticeSubject| found.iter().rev().find(|n| n.about == about).unwrap().clone();
    assert_eq!(last_notice(NoticeSubject::Assigned).to, [mia]);
    // The approval of marketing names no stage: it is asked for in the one before publishing, as that of legal is.
    let asked = |role: &str| {
        let mut needed = found.iter().filter(|n| n.about == NoticeSubject::ApprovalNeeded && n.data["role"] == role);
        needed.next().unwrap().to.clone()
    };
    assert_eq!(asked("legal"), [law, office.user_id("lee")]);
    assert!(asked("marketing").contains(&mia));
    // Notices have distinct keys.
    let mut keys: Vec<&str> = found.iter().map(|n| n.once_key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), found.len());
}

/// A consumer that several owners share.
#[derive(Clone)]
struct SharedConsumer(Arc<NoticeConsumer>);

impl cairn_events::Consumer for SharedConsumer {
    fn name(&self) -> &str {
        self.0.name()
    }
}

impl TransactionalConsumer for SharedConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[cairn_store::events::Event]) -> Result<(), StoreError> {
        self.0.apply_events(tx, events)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn field_paths_are_validated() {
    let office = EditorialFixture::open().await;
    let ct = office.desk.content_type(crate::testing::CONTRACT_UID).unwrap();
    let check = |path: &str| field_path::check_path(office.desk.registry(), ct, path);
    for good in ["title", "parts", "parts.0", "parts.12.text", "parts.text", "seo", "seo.text"] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        ".",
        "title.0",
        "seo.0.text",
        "parts.x",
        "parts.0.x",
        "parts.0.text.y",
        "documentId",
        "parts.-1",
        &"a.".repeat(30),
        &"x".repeat(400),
    ] {
        assert!(check(bad).is_err(), "{bad}");
    }
}
