//! Reminders of the example plugin `bookings`, by a clock that is moved by hand.

use crate::bookings::{BOOKING, EVENT, create_event, document_id};
use crate::test_project::TestProject;
use chrono::TimeDelta;
use serde_json::json;

/// Lets time go by, and everything that is due be done.
async fn advance_and_run(world: &TestProject, by: TimeDelta) {
    world.clock.advance(by);
    world.engine.run_until_idle().await.unwrap();
}

fn count_reminders(world: &TestProject) -> usize {
    world.mails().iter().filter(|m| m.mail.template == "plugin:bookings:reminder").count()
}

/// Somebody has a place at an event that begins 80 hours from now.
async fn create_booking(world: &TestProject) -> (String, String) {
    let event = create_event(world, 5).await;
    let booking = json!({ "name": "Ann", "email": "ann@example.com", "event": event });
    let booking = document_id(&world.create(BOOKING, booking).await.unwrap());
    world.engine.run_until_idle().await.unwrap();
    (event, booking)
}

#[tokio::test(flavor = "multi_thread")]
async fn reminders_are_sent_once_a_day_before_the_event() {
    let world = TestProject::with_guests(&["bookings"]).await;
    create_booking(&world).await;
    advance_and_run(&world, TimeDelta::minutes(55 * 60 + 59)).await;
    assert_eq!(count_reminders(&world), 0);
    advance_and_run(&world, TimeDelta::minutes(1)).await;
    assert_eq!(count_reminders(&world), 1);
    let mail = world.mails().pop().unwrap().rendered.unwrap();
    assert_eq!(mail.subject, "Soon: Concert, with “tea”");
    advance_and_run(&world, TimeDelta::days(10)).await;
    assert_eq!(count_reminders(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn moved_events_move_their_reminders() {
    let world = TestProject::with_guests(&["bookings"]).await;
    let (event, _) = create_booking(&world).await;
    world.update(EVENT, &event, json!({ "startsAt": "2025-01-10T18:00:00.000Z", "endsAt": null })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    advance_and_run(&world, TimeDelta::days(4)).await;
    assert_eq!(count_reminders(&world), 0, "it was due by the old time");
    advance_and_run(&world, TimeDelta::days(4) + TimeDelta::hours(8)).await;
    assert_eq!(count_reminders(&world), 1);
    // Moved again after it went out: the new time is reminded of as well.
    world.update(EVENT, &event, json!({ "startsAt": "2025-01-20T18:00:00.000Z" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    advance_and_run(&world, TimeDelta::days(10)).await;
    assert_eq!(count_reminders(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_confirmed_bookings_are_reminded() {
    let world = TestProject::with_guests(&["bookings"]).await;
    let (event, booking) = create_booking(&world).await;
    world.update(EVENT, &event, json!({ "places": 1 })).await.unwrap();
    let waiting = json!({ "name": "Bart", "email": "bart@example.com", "event": event });
    world.create(BOOKING, waiting).await.unwrap();
    world.update(EVENT, &event, json!({ "waitingList": false })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    world.update(BOOKING, &booking, json!({ "state": "cancelled" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    advance_and_run(&world, TimeDelta::hours(56)).await;
    let to: Vec<String> = world
        .mails()
        .into_iter()
        .filter(|m| m.mail.template == "plugin:bookings:reminder")
        .map(|m| m.mail.to_address)
        .collect();
    // Bart moved up when Ann went.
    assert_eq!(to, ["bart@example.com"]);
}
