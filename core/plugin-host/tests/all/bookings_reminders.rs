//! Reminders of the example plugin `bookings`, by a clock that is moved by hand.

use crate::bookings::{BOOKING, EVENT, create_event, document_id};
use crate::test_project::TestProject;
use chrono::TimeDelta;
use serde_json::json;

/// Lets time go by, and everything that is due be done.
async fn advance_and_run(project: &TestProject, by: TimeDelta) {
    project.clock.advance(by);
    project.engine.run_until_idle().await.unwrap();
}

fn count_reminders(project: &TestProject) -> usize {
    project.mails().iter().filter(|m| m.mail.template == "plugin:bookings:reminder").count()
}

/// Somebody has a place at an event that begins 80 hours from now.
async fn create_booking(project: &TestProject) -> (String, String) {
    let event = create_event(project, 5).await;
    let booking = json!({ "name": "Ann", "email": "ann@example.com", "event": event });
    let booking = document_id(&project.create(BOOKING, booking).await.unwrap());
    project.engine.run_until_idle().await.unwrap();
    (event, booking)
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_sent_once_a_day_before_the_event() {
    let project = TestProject::with_guests(&["bookings"]).await;
    create_booking(&project).await;
    advance_and_run(&project, TimeDelta::minutes(55 * 60 + 59)).await;
    assert_eq!(count_reminders(&project), 0);
    advance_and_run(&project, TimeDelta::minutes(1)).await;
    assert_eq!(count_reminders(&project), 1);
    let mail = project.mails().pop().unwrap().rendered.unwrap();
    assert_eq!(mail.subject, "Soon: Concert, with “tea”");
    advance_and_run(&project, TimeDelta::days(10)).await;
    assert_eq!(count_reminders(&project), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_events_move_their_reminders() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let (event, _) = create_booking(&project).await;
    project.update(EVENT, &event, json!({ "startsAt": "2025-01-10T18:00:00.000Z", "endsAt": null })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    advance_and_run(&project, TimeDelta::days(4)).await;
    assert_eq!(count_reminders(&project), 0, "it was due by the old time");
    advance_and_run(&project, TimeDelta::days(4) + TimeDelta::hours(8)).await;
    assert_eq!(count_reminders(&project), 1);
    // Moved again after it went out: the new time is reminded of as well.
    project.update(EVENT, &event, json!({ "startsAt": "2025-01-20T18:00:00.000Z" })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    advance_and_run(&project, TimeDelta::days(10)).await;
    assert_eq!(count_reminders(&project), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_confirmed_bookings_are_reminded() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let (event, booking) = create_booking(&project).await;
    project.update(EVENT, &event, json!({ "places": 1 })).await.unwrap();
    let waiting_booking = json!({ "name": "Bart", "email": "bart@example.com", "event": event });
    project.create(BOOKING, waiting_booking).await.unwrap();
    project.update(EVENT, &event, json!({ "waitingList": false })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    project.update(BOOKING, &booking, json!({ "state": "cancelled" })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    advance_and_run(&project, TimeDelta::hours(56)).await;
    let to: Vec<String> = project
        .mails()
        .into_iter()
        .filter(|m| m.mail.template == "plugin:bookings:reminder")
        .map(|m| m.mail.to_address)
        .collect();
    // Bart moved up when Ann went.
    assert_eq!(to, ["bart@example.com"]);
}
