//! The example plugin `nightly-report`, in Python: nights by a clock that is moved by hand.
//!
//! One test, in steps: tests are processes of their own, and each would compile the component, for seconds.

use crate::pdf::Made;
use crate::world::{World, full, guest};
use cairn_plugin_host::InstalledPlugin;
use cairn_store::events::{DuplicatePolicy, NewJob};
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use serde_json::{Value as Json, json};

const NEWS: &str = "api::news.news";
const ODD: &str = "*Bold* #panic() $x$ \\ “é” Łódź {{mark}}";

async fn publish(world: &World, title: &str, summary: &str) {
    write(world, "status=published", title, summary).await;
}

async fn write(world: &World, status: &str, title: &str, summary: &str) {
    let access = full();
    let data = json!({ "title": title, "summary": summary, "body": "x" });
    let ask = world.ask(&access, NEWS, status);
    world.content.create(ask, Some(json!({ "data": data }))).await.unwrap();
}

/// Lets a day go by, and everything that is due be done.
async fn night(world: &World) {
    world.clock.advance(TimeDelta::days(1));
    world.engine.run_until_idle().await.unwrap();
}

/// With these settings.
async fn set(world: &World, number: i64, settings: Json) {
    let installed = guest("nightly-report");
    let mut all = installed.settings.clone();
    all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
    let ran = world.plugins.replace_running(vec![InstalledPlugin { settings: all, number, ..installed }]);
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    world.engine.set_handlers("plugins", world.plugins.job_handlers());
    world.plugins.declare_schedules().await.unwrap();
}

/// The PDF that goes with the last mail, and what the mail says.
fn last(world: &World) -> (Made, String, String) {
    let row = world.mails().pop().unwrap();
    assert_eq!(row.state, MailState::Test, "{:?}", row.error);
    let [file] = &row.mail.data["written"]["attachments"].as_array().unwrap()[..] else { panic!("{}", row.mail.data) };
    assert_eq!(file["mediaType"], "application/pdf");
    let made = Made::of_object(world, file["object"].as_str().unwrap());
    let said = row.rendered.unwrap();
    (made, said.subject, said.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_night_is_told_once_with_what_was_published() {
    let world = World::of(&["nightly-report"]).await;
    world.plugins.declare_schedules().await.unwrap();
    // Nobody is named: nobody hears anything.
    publish(&world, "Before anybody listened", "").await;
    night(&world).await;
    assert_eq!(world.mails().len(), 0);

    set(&world, 2, json!({ "recipients": ["ann@example.com", "bart@example.com"] })).await;
    write(&world, "status=draft", "A draft", "").await;
    publish(&world, ODD, "Second\nline").await;
    publish(&world, "Plain", "").await;
    night(&world).await;
    assert_eq!(world.mails().len(), 2, "one for each address");
    let (pdf, subject, text) = last(&world);
    let shown = pdf.text();
    assert_eq!(subject, "Published: 2");
    assert!(text.contains("2 items were published from 2025-01-0"), "{text}");
    assert!(shown.contains(ODD) && shown.contains("Second line") && shown.contains("Plain"), "{shown}");
    assert!(!shown.contains("A draft") && !shown.contains("Before anybody"), "{shown}");
    assert_eq!((pdf.info("Title"), pdf.info("Pages")), ("Published".into(), "1".into()));

    // The same night once more, as where a job comes again.
    let at = world.content.store().read(|r| r.recurring_jobs()).unwrap()[0].last.unwrap();
    let job = NewJob {
        name: "plugin:nightly-report:report".into(),
        key: None,
        duplicate: DuplicatePolicy::Keep,
        lane: None,
        payload: json!({ "scheduledFor": at }),
        due: 0,
    };
    world.engine.enqueue(job).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    assert_eq!(world.mails().len(), 2);

    // Nothing was published since: nobody hears of that.
    night(&world).await;
    assert_eq!(world.mails().len(), 2);

    // Many, in Dutch.
    set(&world, 3, json!({ "recipients": ["ann@example.com"], "locale": "nl" })).await;
    for n in 0..150 {
        publish(&world, &format!("Bericht {n}"), "").await;
    }
    night(&world).await;
    assert_eq!(world.mails().len(), 3);
    let (pdf, subject, _) = last(&world);
    assert_eq!((subject.as_str(), pdf.info("Title")), ("Gepubliceerd: 150", "Gepubliceerd".into()));
    assert!(pdf.text().contains("Er zijn 150 berichten gepubliceerd") && pdf.text().contains("Bericht 149"));
    assert!(pdf.info("Pages").parse::<u32>().unwrap() > 3);

    // And where the settings say so, of nothing as well.
    set(&world, 4, json!({ "recipients": ["ann@example.com"], "whenNothing": true })).await;
    night(&world).await;
    assert_eq!(world.mails().len(), 4);
    assert!(last(&world).0.text().contains("Nothing was published."));
}
