//! The example plugin `bookings` as a whole: places that many want at once, the waiting list, what people are told, and their calendars.

use crate::routes::refusal_status;
use crate::test_project::{TestProject, full_access, refusal_parts};
use cairn_content::{ContentError, RefusalKind};
use cairn_notify::PartialTemplate;
use cairn_plugin_host::routes::{RouteError, RouteRequest, RouteResponse};
use cairn_query::Access;
use cairn_store::events::{Actor, EventFilter};
use cairn_store::notify::MailState;
use chrono::TimeDelta;
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime, EventLike};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) const EVENT: &str = "plugin::bookings.event";
pub(crate) const BOOKING: &str = "plugin::bookings.booking";

/// An event with so many places, three days after the world begins.
pub(crate) async fn create_event(project: &TestProject, places: i64) -> String {
    let event = json!({
        "title": "Concert, with “tea”", "startsAt": "2025-01-04T18:00:00.000Z", "endsAt": "2025-01-04T20:00:00.000Z",
        "location": "Hall 1", "places": places,
    });
    document_id(&project.create(EVENT, event).await.unwrap())
}

pub(crate) fn document_id(document: &Json) -> String {
    document["documentId"].as_str().unwrap().to_owned()
}

/// Books a place as a visitor who sends the form to `book`.
async fn book_place(project: &TestProject, event: &str, n: usize) -> Result<Json, RouteError> {
    let wish = json!({ "name": format!("Guest {n}"), "email": format!("guest{n}@example.com"), "language": "nl" });
    let request = public_request("POST", &format!("bookings/book/{event}"), &wish.to_string(), n);
    let answer = send_request(project, request).await?;
    assert_eq!(answer.status, 201);
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

fn public_request(method: &str, path: &str, body: &str, n: usize) -> RouteRequest {
    RouteRequest {
        method: method.into(),
        path: format!("/api/{path}"),
        query: Vec::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.into(),
        file: None,
        client: Some(format!("203.0.113.{}", n % 250)),
        actor: Arc::new(Actor::public()),
        access: Arc::new(Access::none()).into(),
        locale: "en".into(),
    }
}

async fn send_request(project: &TestProject, request: RouteRequest) -> Result<RouteResponse, RouteError> {
    let path = request.path.trim_start_matches("/api/").to_owned();
    let segments: Vec<&str> = path.split('/').collect();
    let route_match =
        project.plugins.find_route(&request.method, &segments).unwrap_or_else(|others| panic!("{path}: {others:?}"));
    project.plugins.handle_request(route_match, request).await
}

/// The secret of a booking.
fn booking_token(project: &TestProject, booking: &str) -> String {
    project.private_attribute(BOOKING, booking, "token").as_str().unwrap().to_owned()
}

/// All bookings that are stored.
pub(crate) async fn all_bookings(project: &TestProject) -> Vec<Json> {
    project.find_all(BOOKING).await
}

fn count_states(bookings: &[Json]) -> BTreeMap<&str, usize> {
    let mut states = BTreeMap::new();
    for booking in bookings {
        *states.entry(booking["state"].as_str().unwrap()).or_default() += 1;
    }
    states
}

fn confirmed_count(project: &TestProject, event: &str) -> Json {
    let access = full_access();
    let response = project.content.find_one(project.request_context(&access, EVENT, ""), event).unwrap();
    let mut body: Json = serde_json::from_slice(&response.body).unwrap();
    body["data"]["confirmed"].take()
}

/// Makes a booking as a client does: told to try again later, it does.
async fn create_with_retries(project: &TestProject, wish: Json) -> Json {
    for _ in 0..300 {
        match project.create(BOOKING, wish.clone()).await {
            Ok(booking) => return booking,
            Err(ContentError::Refused(refusal)) if refusal.kind == RefusalKind::Unavailable => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("a minute of being told to try again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn concurrent_bookings_fill_places_then_the_waiting_list() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let event = create_event(&project, 20).await;
    let wish =
        |n: usize| json!({ "name": format!("Guest {n}"), "email": format!("guest{n}@example.com"), "event": event });
    let created = futures_util::future::join_all((0..100).map(|n| create_with_retries(&project, wish(n)))).await;
    assert_eq!(created.len(), 100);
    let all = all_bookings(&project).await;
    assert_eq!(count_states(&all), BTreeMap::from([("confirmed", 20), ("waiting", 80)]));
    assert_eq!(confirmed_count(&project, &event), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn concurrent_route_bookings_send_one_mail_each() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let event = create_event(&project, 20).await;
    let answers = futures_util::future::join_all((0..100).map(|n| book_with_retries(&project, &event, n))).await;
    let messages: Vec<&str> = answers.iter().map(|answer| answer["state"].as_str().unwrap()).collect();
    assert_eq!(messages.iter().filter(|state| **state == "confirmed").count(), 20);
    let all = all_bookings(&project).await;
    assert_eq!(count_states(&all), BTreeMap::from([("confirmed", 20), ("waiting", 80)]));
    assert_eq!(confirmed_count(&project, &event), 20);

    project.engine.run_until_idle().await.unwrap();
    let mails = project.mails();
    assert_eq!(mails.len(), 100, "{:?}", mails.iter().map(|m| &m.mail.template).collect::<BTreeSet<_>>());
    let addresses: BTreeSet<&str> = mails.iter().map(|m| m.mail.to_address.as_str()).collect();
    assert_eq!(addresses.len(), 100);
    let count_mails = |template: &str| mails.iter().filter(|m| m.mail.template == template).count();
    assert_eq!((count_mails("plugin:bookings:confirmed"), count_mails("plugin:bookings:waiting")), (20, 80));

    // Every event once more: nobody hears twice.
    let all = EventFilter::default();
    for consumer in ["plugin:bookings:bookings", "plugin:bookings:events"] {
        let now = project.now_ms();
        let all = all.clone();
        let replayed = project.content.store().write(move |tx| {
            cairn_events::admin::replay_events(tx, consumer, &all, &Actor::system("test"), now)
                .map_err(|e| panic!("{e}"))
        });
        assert!(replayed.await.unwrap_or_else(|e: cairn_store::StoreError| panic!("{e}")) > 0);
    }
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(project.mails().len(), 100);
    assert_eq!(count_states(&all_bookings(&project).await), BTreeMap::from([("confirmed", 20), ("waiting", 80)]));
}

/// Where the database asked to begin anew the plugin says so, and whoever books tries again.
async fn book_with_retries(project: &TestProject, event: &str, n: usize) -> Json {
    for _ in 0..300 {
        match book_place(project, event, n).await {
            Ok(answer) => return answer,
            Err(RouteError::Refused(no)) if no.kind == RefusalKind::Conflict => {
                tokio::time::sleep(Duration::from_millis(20)).await
            }
            Err(RouteError::Refused(no)) if no.kind != RefusalKind::Unavailable => panic!("{n}: {no:?}"),
            Err(RouteError::Refused(_) | RouteError::Paused(_) | RouteError::Busy(_)) => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            Err(other) => panic!("{n}: {other:?}"),
        }
    }
    panic!("{n} was never heard")
}

#[tokio::test(flavor = "multi_thread")]
async fn booking_mails_use_the_language_of_the_guest() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let event = create_event(&project, 1).await;
    book_place(&project, &event, 1).await.unwrap();
    let english = json!({ "name": "Ann <b>", "email": "ann@example.com", "event": event });
    project.create(BOOKING, english).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let mails = project.mails();
    let [dutch, english] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((dutch.state, dutch.mail.locale.as_str()), (MailState::Test, "nl"));
    let mail = dutch.rendered.as_ref().unwrap();
    assert_eq!(mail.subject, "Uw plaats bij Concert, with “tea”");
    // 18:00 in UTC is 19:00 in Amsterdam in January.
    assert!(mail.text.contains("4 januari 2025 om 19:00") && mail.text.contains("Hall 1"), "{}", mail.text);
    assert!(mail.html.contains("<!doctype html>") && mail.html.contains("uw plaats is bevestigd"), "{}", mail.html);
    let rendered_mail = english.rendered.as_ref().unwrap();
    assert_eq!(rendered_mail.subject, "Waiting list for Concert, with “tea”");
    assert!(
        rendered_mail.text.contains("Hello Ann <b>,") && rendered_mail.text.contains("4 January 2025 at 19:00"),
        "{}",
        rendered_mail.text
    );
    assert!(rendered_mail.html.contains("Hello Ann &lt;b&gt;,"), "{}", rendered_mail.html);
}

#[tokio::test(flavor = "multi_thread")]
async fn freed_places_pass_to_the_longest_waiting_booking() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let event = create_event(&project, 1).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(document_id(&book_place(&project, &event, n).await.unwrap()));
        project.clock.advance(TimeDelta::seconds(1));
    }
    let state = |all: &[Json], which: usize| {
        all.iter().find(|b| b["documentId"] == ids[which]).map(|b| b["state"].clone()).unwrap()
    };
    assert_eq!(count_states(&all_bookings(&project).await), BTreeMap::from([("confirmed", 1), ("waiting", 2)]));
    let token = booking_token(&project, &ids[0]);
    let cancel = || send_request(&project, public_request("POST", &format!("bookings/cancel/{token}"), "", 0));
    assert_eq!(cancel().await.unwrap().status, 200);
    let all = all_bookings(&project).await;
    assert_eq!(
        (state(&all, 0), state(&all, 1), state(&all, 2)),
        (json!("cancelled"), json!("confirmed"), json!("waiting"))
    );
    // Once more: nothing is freed twice.
    assert_eq!(cancel().await.unwrap().status, 200);
    assert_eq!(
        count_states(&all_bookings(&project).await),
        BTreeMap::from([("cancelled", 1), ("confirmed", 1), ("waiting", 1)])
    );
    assert_eq!(confirmed_count(&project, &event), 1);
    project.engine.run_until_idle().await.unwrap();
    let sent_mails: Vec<(String, String)> =
        project.mails().into_iter().map(|m| (m.mail.to_address, m.mail.template)).collect();
    assert!(sent_mails.contains(&("guest1@example.com".into(), "plugin:bookings:confirmed".into())), "{sent_mails:?}");
    // More places: the last one who waits gets one, and is told.
    project.update(EVENT, &event, json!({ "places": 2 })).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    assert_eq!(count_states(&all_bookings(&project).await), BTreeMap::from([("cancelled", 1), ("confirmed", 2)]));
    let sent_mails: Vec<(String, String)> =
        project.mails().into_iter().map(|m| (m.mail.to_address, m.mail.template)).collect();
    assert!(sent_mails.contains(&("guest2@example.com".into(), "plugin:bookings:confirmed".into())), "{sent_mails:?}");
    // Fewer places than are taken.
    let (message, details) = refusal_parts(project.update(EVENT, &event, json!({ "places": 1 })).await.unwrap_err());
    assert!(message.contains("More places than this are taken"), "{message} {details}");
}

#[tokio::test(flavor = "multi_thread")]
async fn booking_feed_is_a_valid_calendar_of_one_person() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let (first, second) = (create_event(&project, 5).await, create_event(&project, 0).await);
    let booking = document_id(&book_place(&project, &first, 7).await.unwrap());
    book_place(&project, &second, 7).await.unwrap();
    book_place(&project, &first, 8).await.unwrap();
    let token = booking_token(&project, &booking);
    let feed = |token: &str| send_request(&project, public_request("GET", &format!("bookings/feed/{token}"), "", 0));
    let answer = feed(&token).await.unwrap();
    assert!(answer.headers.contains(&("content-type".into(), "text/calendar; charset=utf-8".into())));
    let text = String::from_utf8(answer.body.clone()).unwrap();
    let calendar: Calendar = text.parse().unwrap_or_else(|e| panic!("{e}: {text}"));
    let events: Vec<_> = calendar.events().collect();
    assert_eq!(events.len(), 2, "{text}");
    for entry in &events {
        assert_eq!(entry.get_summary(), Some("Concert, with “tea”"), "{text}");
        assert_eq!(entry.get_location(), Some("Hall 1"));
        let Some(DatePerhapsTime::DateTime(CalendarDateTime::Utc(start))) = entry.get_start() else { panic!("{text}") };
        assert_eq!(start.to_rfc3339(), "2025-01-04T18:00:00+00:00");
    }
    let states: BTreeSet<&str> = events.iter().filter_map(|entry| entry.property_value("STATUS")).collect();
    assert_eq!(states, BTreeSet::from(["CONFIRMED", "TENTATIVE"]));
    assert!(!text.contains("Guest 8"));
    // A token that is none, and one of nobody.
    for token in ["x", &"A".repeat(43)] {
        assert_eq!(refusal_status(&feed(token).await.unwrap_err()), Some((404, "Not Found")), "{token}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_bookings_are_refused_without_mail() {
    let project = TestProject::with_guests(&["bookings"]).await;
    let event = create_event(&project, 1).await;
    for (path, body) in [
        (format!("bookings/book/{event}"), "{}"),
        (format!("bookings/book/{event}"), "no json"),
        (format!("bookings/book/{event}"), r#"{"name":"Ann","email":"nobody"}"#),
        ("bookings/book/nothing".to_owned(), r#"{"name":"Ann","email":"ann@example.com"}"#),
    ] {
        let refused = send_request(&project, public_request("POST", &path, body, 1)).await.unwrap_err();
        assert!(matches!(refusal_status(&refused), Some((400 | 404, _))), "{path} {body}: {refused:?}");
    }
    let no_event = json!({ "name": "Ann", "email": "ann@example.com" });
    let (message, _) = refusal_parts(project.create(BOOKING, no_event).await.unwrap_err());
    assert!(message.contains("Choose the event"), "{message}");
    project.engine.run_until_idle().await.unwrap();
    assert_eq!((all_bookings(&project).await.len(), project.mails().len()), (0, 0));
    // The plugin's templates have all that a mail needs.
    for (path, content) in crate::test_project::installed_guest("bookings").files.iter_below("templates/") {
        let template =
            PartialTemplate::parse(std::str::from_utf8(content).unwrap()).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(template.subject.is_some() && template.text.is_some() && template.html.is_some(), "{path}");
    }
}
