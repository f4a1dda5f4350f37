//! The example plugin `nightly-report`, in Python: nights by a clock that is moved by hand.
//!
//! One test, in steps: tests are processes of their own, and each would compile the component, for seconds.

use crate::pdf::TestPdf;
use crate::test_project::{TestProject, full_access, installed_guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

const NEWS: &str = "api::news.news";
const ODD: &str = "*Bold* #panic() $x$ \\ “é” Łódź {{mark}}";

async fn publish(project: &TestProject, title: &str, summary: &str) {
    create_news(project, "status=published", title, summary).await;
}

async fn create_news(project: &TestProject, status: &str, title: &str, summary: &str) {
    let access = full_access();
    let data = json!({ "title": title, "summary": summary, "body": "x" });
    let context = project.request_context(&access, NEWS, status);
    project.content.create(context, Some(json!({ "data": data }))).await.unwrap();
}

/// Lets a day go by, and everything that is due be done.
async fn advance_one_day(project: &TestProject) {
    project.clock.advance(TimeDelta::days(1));
    project.engine.run_until_idle().await.unwrap();
}

/// With these settings.
async fn run_with_settings(project: &TestProject, number: i64, settings: Json) {
    let installed = installed_guest("nightly-report");
    let mut all = installed.settings.clone();
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let ran = project.plugins.replace_running(vec![InstalledPlugin { settings: all, number, ..installed }]);
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    project.engine.set_handlers("plugins", project.plugins.job_handlers());
    project.plugins.declare_schedules().await.unwrap();
}

/// The PDF that goes with the last mail, and what the mail says.
fn last_report(project: &TestProject) -> (TestPdf, String, String) {
    let row = project.mails().pop().unwrap();
    assert_eq!(row.state, MailState::Test, "{:?}", row.error);
    let [file] = &row.mail.data["written"]["attachments"].as_array().unwrap()[..] else { panic!("{}", row.mail.data) };
    assert_eq!(file["mediaType"], "application/pdf");
    let pdf = TestPdf::from_blob(project, file["object"].as_str().unwrap());
    let mail = row.rendered.unwrap();
    (pdf, mail.subject, mail.text)
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn nightly_report_mails_publications_once() {
        let project = TestProject::with_guests(&["nightly-report"]).await;
        project.plugins.declare_schedules().await.unwrap();
        // A report without recipients is not sent.
        publish(&project, "Before anybody listened", "").await;
        advance_one_day(&project).await;
        assert_eq!(project.mails().len(), 0);

        run_with_settings(&project, 2, json!({ "recipients": ["ann@example.com", "bart@example.com"] })).await;
        create_news(&project, "status=draft", "A draft", "").await;
        publish(&project, ODD, "Second\nline").await;
        publish(&project, "Plain", "").await;
        advance_one_day(&project).await;
        assert_eq!(project.mails().len(), 2, "one for each address");
        let (pdf, subject, text) = last_report(&project);
        let pdf_text = pdf.text();
        assert_eq!(subject, "Published: 2");
        assert!(text.contains("2 items were published from 2025-01-0"), "{text}");
        assert!(pdf_text.contains(ODD) && pdf_text.contains("Second line") && pdf_text.contains("Plain"), "{pdf_text}");
        assert!(!pdf_text.contains("A draft") && !pdf_text.contains("Before anybody"), "{pdf_text}");
        assert_eq!((pdf.info("Title"), pdf.info("Pages")), ("Published".into(), "1".into()));

        // The same night once more, as where a job comes again.
        let at = project.content.store().read(|r| r.recurring_jobs().list()).unwrap()[0].last.unwrap();
        let job = NewJob {
            name: "plugin:nightly-report:report".into(),
            key: None,
            duplicate: DuplicatePolicy::Keep,
            lane: None,
            payload: json!({ "scheduledFor": at }),
            due: 0,
        };
        project.engine.enqueue(job).await.unwrap();
        project.engine.run_until_idle().await.unwrap();
        assert_eq!(project.mails().len(), 2);

        // A day without publications sends no report.
        advance_one_day(&project).await;
        assert_eq!(project.mails().len(), 2);

        // Many, in Dutch.
        run_with_settings(&project, 3, json!({ "recipients": ["ann@example.com"], "locale": "nl" })).await;
        for n in 0..150 {
            publish(&project, &format!("Bericht {n}"), "").await;
        }
        advance_one_day(&project).await;
        assert_eq!(project.mails().len(), 3);
        let (pdf, subject, _) = last_report(&project);
        assert_eq!((subject.as_str(), pdf.info("Title")), ("Gepubliceerd: 150", "Gepubliceerd".into()));
        assert!(pdf.text().contains("Er zijn 150 berichten gepubliceerd") && pdf.text().contains("Bericht 149"));
        assert!(pdf.info("Pages").parse::<u32>().unwrap() > 3);

        // The setting `whenNothing` sends a report even on such a day.
        run_with_settings(&project, 4, json!({ "recipients": ["ann@example.com"], "whenNothing": true })).await;
        advance_one_day(&project).await;
        assert_eq!(project.mails().len(), 4);
        assert!(last_report(&project).0.text().contains("Nothing was published."));
    }
}
