//! Reminders of the example plugin `bookings`, by a clock that is moved by hand.

use crate::bookings::{BOOKING, EVENT, event, id};
use crate::world::World;
use chrono::TimeDelta;
use serde_json::json;

/// Lets time go by, and everything that is due be done.
async fn later(world: &World, by: TimeDelta) {
    world.clock.advance(by);
    world.engine.run_until_idle().await.unwrap();
}

fn reminders(world: &World) -> usize {
    world.mails().iter().filter(|m| m.mail.template == "plugin:bookings:reminder").count()
}

/// Somebody has a place at an event that begins 80 hours from now.
async fn booked(world: &World) -> (String, String) {
    let event = event(world, 5).await;
    let booking = json!({ "name": "Ann", "email": "ann@example.com", "event": event });
    let booking = id(&world.create(BOOKING, booking).await.unwrap());
    world.engine.run_until_idle().await.unwrap();
    (event, booking)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_goes_out_a_day_before_and_once() {
    let world = World::of(&["bookings"]).await;
    booked(&world).await;
    later(&world, TimeDelta::minutes(55 * 60 + 59)).await;
    assert_eq!(reminders(&world), 0);
    later(&world, TimeDelta::minutes(1)).await;
    assert_eq!(reminders(&world), 1);
    let mail = world.mails().pop().unwrap().rendered.unwrap();
    assert_eq!(mail.subject, "Soon: Concert, with “tea”");
    later(&world, TimeDelta::days(10)).await;
    assert_eq!(reminders(&world), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_moved_takes_its_reminders_with_it() {
    let world = World::of(&["bookings"]).await;
    let (event, _) = booked(&world).await;
    world.update(EVENT, &event, json!({ "startsAt": "2025-01-10T18:00:00.000Z", "endsAt": null })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    later(&world, TimeDelta::days(4)).await;
    assert_eq!(reminders(&world), 0, "it was due by the old time");
    later(&world, TimeDelta::days(4) + TimeDelta::hours(8)).await;
    assert_eq!(reminders(&world), 1);
    // Moved again after it went out: the new time is reminded of as well.
    world.update(EVENT, &event, json!({ "startsAt": "2025-01-20T18:00:00.000Z" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    later(&world, TimeDelta::days(10)).await;
    assert_eq!(reminders(&world), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cancels_is_not_reminded_and_neither_is_who_waits() {
    let world = World::of(&["bookings"]).await;
    let (event, booking) = booked(&world).await;
    world.update(EVENT, &event, json!({ "places": 1 })).await.unwrap();
    let waiting = json!({ "name": "Bart", "email": "bart@example.com", "event": event });
    world.create(BOOKING, waiting).await.unwrap();
    world.update(EVENT, &event, json!({ "waitingList": false })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    world.update(BOOKING, &booking, json!({ "state": "cancelled" })).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    later(&world, TimeDelta::hours(56)).await;
    let to: Vec<String> = world
        .mails()
        .into_iter()
        .filter(|m| m.mail.template == "plugin:bookings:reminder")
        .map(|m| m.mail.to_address)
        .collect();
    // Bart moved up when Ann went.
    assert_eq!(to, ["bart@example.com"]);
}
