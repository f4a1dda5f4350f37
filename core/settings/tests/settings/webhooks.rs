//! `webhooks` of the settings file.

use crate::common::SettingsFixture;
use cairn_events::webhooks::{WebhookHeaders, WebhookSecrets};
use cairn_settings::{ApplyError, apply_settings};
use serde_json::{Value as Json, json};

/// A valid secret: `whsec_` and 32 bytes in Base64.
const SECRET: &str = "whsec_Y2FuYXJ5LTQ3MTEtY2FuYXJ5LTQ3MTEtY2FuYXJ5LTAx";
const OTHER: &str = "whsec_Y2FuYXJ5LTQ3MTItY2FuYXJ5LTQ3MTItY2FuYXJ5LTAx";
const TOKEN: &str = "Bearer canary-token-0815";

fn webhook_settings() -> Json {
    json!({ "webhooks": [{
        "name": "shop", "url": "https://shop.example/hook", "events": ["entry.publish", "entry.delete"],
        "types": ["api::vehicle.vehicle"], "condition": { "status": { "$eq": "on-sale" } },
        "headers": { "Authorization": TOKEN }, "secret": SECRET,
    }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_added_changed_and_removed_idempotently() {
    let world = SettingsFixture::new().await;
    assert_eq!(world.apply(&webhook_settings()).await, ["webhook shop: added"]);
    assert_eq!(world.apply(&webhook_settings()).await, Vec::<String>::new(), "idempotent");
    let row = world.store.read(|r| r.webhooks().list()).unwrap().remove(0);
    assert_eq!((row.webhook.url.as_str(), row.webhook.enabled, row.revision), ("https://shop.example/hook", true, 1));
    let consumers = world.store.read(|r| r.consumers().list()).unwrap();
    assert!(consumers.iter().any(|c| c.name == row.consumer_name()));
    let headers = WebhookHeaders::open(&world.access, row.webhook.headers.as_deref()).unwrap();
    assert_eq!(headers.iter().collect::<Vec<_>>(), [("Authorization", TOKEN)]);
    // Secrets cannot be read from the disk, nor are they printed.
    for canary in ["Y2FuYXJ5", "canary-token"] {
        assert!(!world.is_stored_in_clear(canary), "{canary}");
        let secrets = WebhookSecrets::open(&world.access, &row.webhook.secrets).unwrap();
        assert!(!format!("{headers:?}{secrets:?}{:?}", world.parse(&webhook_settings())).contains(canary));
    }
    // Members that the file leaves out stay; a new secret leaves the one before valid for a day.
    let change = json!({ "webhooks": [{ "name": "shop", "secret": OTHER, "headers": { "Authorization": true } }] });
    assert_eq!(world.apply(&change).await, ["webhook shop: changed"]);
    assert_eq!(world.apply(&change).await, Vec::<String>::new());
    let row = world.store.read(|r| r.webhooks().list()).unwrap().remove(0);
    let now = world.access.now().timestamp_millis();
    let secrets = WebhookSecrets::open(&world.access, &row.webhook.secrets).unwrap();
    assert_eq!((secrets.valid_at(now).count(), secrets.valid_at(now + 86_400_000).count()), (2, 1));
    assert_eq!(WebhookHeaders::open(&world.access, row.webhook.headers.as_deref()).unwrap(), headers);
    // Every change is told, by its parts.
    let events = world.store.read(|r| r.events().list_after(0, 100)).unwrap_or_default();
    let names: Vec<&str> = events.iter().map(|e| e.event.name.as_str()).filter(|n| n.contains("webhook")).collect();
    if !names.is_empty() {
        assert_eq!(names, ["cairn.webhook.created", "cairn.webhook.updated"]);
    }
    assert_eq!(world.apply(&json!({ "webhooks": [{ "name": "shop", "url": null }] })).await, ["webhook shop: removed"]);
    assert_eq!(world.apply(&json!({ "webhooks": [{ "name": "shop", "url": null }] })).await, Vec::<String>::new());
    world.apply(&webhook_settings()).await;
    assert_eq!(world.apply(&json!({ "webhooks": null })).await, ["webhook shop: removed"]);
    assert!(world.store.read(|r| r.webhooks().list()).unwrap().is_empty());
    assert!(world.store.read(|r| r.consumers().list()).unwrap().iter().all(|c| !c.name.starts_with("webhook:")));
}

#[tokio::test(flavor = "multi_thread")]
async fn webhook_problems_are_reported_together() {
    let world = SettingsFixture::new().await;
    let problems = world
        .parse(&json!({ "webhooks": [
            { "name": "a", "url": "gopher://x", "events": ["entry.made"], "types": ["api::no.no"], "colour": 1 },
            { "name": "a", "url": "https://u:secret-4711@x.example", "headers": { "Host": "x", "X-A": "a\r\nB: c", "x y": "z" } },
            { "url": "https://x.example", "secret": "secret-4711", "enabled": "yes", "events": [] },
            { "name": "b", "url": "http://x.example:25", "condition": 7, "headers": { "X": 1 } },
        ] }))
        .unwrap_err();
    let messages: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let all = messages.join("\n");
    for part in [
        "webhooks[0].colour: unknown key",
        "webhooks[0].url: must begin with https://",
        "webhooks[0].events[0]: expected one of entry.create",
        "webhooks[0].types[0]: api::no.no is not a content type",
        "webhooks[1].name: another webhook in the file already has this name",
        "webhooks[1].url: must not contain a user or a password",
        "webhooks[1].headers.Host: is set by Cairn",
        "webhooks[1].headers.X-A: must be one line",
        "webhooks[1].headers[\"x y\"]: is not a valid header name",
        "webhooks[2].name: is missing",
        "webhooks[2].secret: expected whsec_",
        "webhooks[2].enabled: expected true or false",
        "webhooks[2].events: must name at least one event",
        "webhooks[3].url: port 25",
        "webhooks[3].condition: expected an object",
        "webhooks[3].headers.X: expected a text",
    ] {
        assert!(all.contains(part), "{part} is not in:\n{all}");
    }
    assert!(!all.contains("secret-4711"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_do_not_fit_the_schema_change_nothing() {
    let world = SettingsFixture::new().await;
    for (webhook, part) in [
        (json!({ "name": "a" }), "webhooks[0].url: is missing"),
        (json!({ "name": "a", "url": "https://x.example", "condition": { "status": "x" } }), "webhooks[0].condition"),
        (
            json!({ "name": "a", "url": "https://x.example", "types": ["api::vehicle.vehicle"], "condition": { "no": 1 } }),
            "webhooks[0].condition: api::vehicle.vehicle",
        ),
        (
            json!({ "name": "a", "url": "https://x.example", "types": ["api::vehicle.vehicle"], "condition": { "status": "$user.id" } }),
            "$user.id",
        ),
        (json!({ "name": "a", "url": "https://x.example", "headers": { "X": true } }), "webhooks[0].headers: X"),
    ] {
        let settings = world.parse(&json!({ "webhooks": [webhook] })).unwrap();
        let ApplyError::Problems(problems) = apply_settings(&world.access, settings).await.unwrap_err() else {
            panic!()
        };
        assert!(problems.iter().any(|p| p.to_string().contains(part)), "{part}: {problems:?}");
    }
    assert!(world.store.read(|r| r.webhooks().list()).unwrap().is_empty());
}
