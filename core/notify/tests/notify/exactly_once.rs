//! A mail is there if and only if the commit is, and once.

use crate::common::TestTenant;
use cairn_notify::{MailError, OutgoingMail, SEND_MAIL_JOB, send_mail, templates};
use cairn_store::events::{Actor, EventFilter, JobState, NewEvent};
use cairn_store::notify::MailState;
use cairn_store::{StoreError, WriteTx};
use chrono::TimeDelta;
use serde_json::json;

pub(crate) fn test_mail(key: &str, to: &str) -> OutgoingMail {
    OutgoingMail {
        once_key: key.into(),
        template: templates::TEST,
        locale: None,
        to: to.into(),
        to_name: None,
        reply_to: None,
        data: json!({}),
        secret: None,
        unsubscribe: None,
    }
}

/// Emits the event of a post, which stands for its entry, and sends a mail with its job.
fn emit_and_mail(tx: &mut WriteTx<'_>, i: usize, now: i64) -> Result<(), StoreError> {
    let event = NewEvent {
        name: "test.posted".into(),
        key: format!("entry {i}"),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data: json!({}),
    };
    tx.events().emit(&Actor::public(), &event, now)?;
    match send_mail(tx, &test_mail(&format!("post:{i}"), &format!("user{i}@example.com")), now) {
        Ok(_) => Ok(()),
        Err(MailError::Store(e)) => Err(e),
        Err(e) => panic!("{e}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writes_commit_event_and_mail_together() {
    for tenant in TestTenant::on_every_database().await {
        let now = tenant.now_ms();
        let mut tasks = tokio::task::JoinSet::new();
        for i in 0..100 {
            let store = tenant.store.clone();
            tasks.spawn(async move {
                store
                    .write(move |tx| {
                        emit_and_mail(tx, i, now)?;
                        // Every tenth fails at the very end: nothing of it stays.
                        if i % 10 == 9 { Err(StoreError::TooLarge) } else { Ok(()) }
                    })
                    .await
            });
        }
        let committed = tasks.join_all().await.into_iter().filter(Result::is_ok).count();
        assert_eq!(committed, 90);
        assert_eq!(tenant.jobs(SEND_MAIL_JOB, JobState::Waiting).len(), 90);
        assert_eq!(tenant.mails().len(), 90);
        tenant.run_engine().await;
        let posted = EventFilter { name: Some("test.posted".into()), ..EventFilter::default() };
        assert_eq!(tenant.store.read(|r| r.events().list(&posted, None, 1_000)).unwrap().len(), 90);
        assert_eq!(tenant.jobs(SEND_MAIL_JOB, JobState::Done).len(), 90);
        assert_eq!(tenant.mail_states(), [MailState::Test; 90]);
        // Repeated writes send nothing: their keys are used.
        for i in 0..100 {
            tenant.store.write(move |tx| emit_and_mail(tx, i, now)).await.unwrap();
        }
        assert_eq!(tenant.mails().len(), 100);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_mails_with_one_key_are_sent_once() {
    for tenant in TestTenant::on_every_database().await {
        let now = tenant.now_ms();
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let store = tenant.store.clone();
            tasks.spawn(async move { store.write(move |tx| emit_and_mail(tx, 7, now)).await });
        }
        assert!(tasks.join_all().await.iter().all(Result::is_ok));
        tenant.run_engine().await;
        assert_eq!(tenant.mail_states(), [MailState::Test]);
        assert_eq!(tenant.jobs(SEND_MAIL_JOB, JobState::Done).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_mail_fields_are_named_and_nothing_is_stored() {
    let tenant = TestTenant::on_every_database().await.remove(0);
    let now = tenant.now_ms();
    let valid_mail = || OutgoingMail {
        to_name: Some("Ann".into()),
        reply_to: Some("x@example.com".into()),
        ..test_mail("k", "ann@example.com")
    };
    for (bad, field) in [
        (OutgoingMail { to: "ann@example.com\r\nBcc: eve@example.com".into(), ..valid_mail() }, "to: "),
        (OutgoingMail { to: "ann".into(), ..valid_mail() }, "to: "),
        (OutgoingMail { to_name: Some("Ann\nBcc: eve@example.com".into()), ..valid_mail() }, "toName: "),
        (OutgoingMail { reply_to: Some("x@example.com\r\n\r\nBody".into()), ..valid_mail() }, "replyTo: "),
        (OutgoingMail { template: "nothing", ..valid_mail() }, "template: "),
    ] {
        let refused = tenant.store.write(move |tx| send_mail(tx, &bad, now)).await.unwrap_err();
        assert!(refused.to_string().starts_with(field), "{refused}");
    }
    assert_eq!(tenant.mails().len(), 0);
    assert_eq!(tenant.jobs(SEND_MAIL_JOB, JobState::Waiting).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_mails_are_emptied_then_deleted() {
    for tenant in TestTenant::on_every_database().await {
        let now = tenant.now_ms();
        tenant.store.write(move |tx| emit_and_mail(tx, 1, now)).await.unwrap();
        tenant.run_engine().await;
        let clean = |tenant: &TestTenant| {
            let job = cairn_store::events::NewJob {
                name: cairn_notify::CLEANUP.into(),
                key: None,
                duplicate: cairn_store::events::DuplicatePolicy::Keep,
                lane: None,
                payload: json!({}),
                due: tenant.now_ms(),
            };
            let engine = tenant.engine.clone();
            async move { engine.enqueue(job).await.unwrap() }
        };
        tenant.advance_clock(TimeDelta::days(31));
        clean(&tenant).await;
        tenant.run_engine().await;
        let mails = tenant.mails();
        assert_eq!(mails.len(), 1);
        assert!(mails[0].rendered.is_none() && mails[0].state == MailState::Test);
        tenant.store.write(move |tx| emit_and_mail(tx, 1, now)).await.unwrap();
        assert_eq!(tenant.mails().len(), 1, "its key is still known");
        tenant.advance_clock(TimeDelta::days(400));
        clean(&tenant).await;
        tenant.run_engine().await;
        assert_eq!(tenant.mails().len(), 0);
    }
}
