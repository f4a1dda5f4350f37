//! Speaking in others' names: events, jobs, secrets.

use crate::report::refused;
use cairn_plugin::bindings::{events, jobs, secrets};

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    let publish = |name: &str, data: &str, version: u32| {
        let event = events::Outgoing { name: name.into(), key: "k".into(), data: data.into(), version };
        refused(events::publish(&[event]))
    };
    let sign = |secret: &str| refused(secrets::sign(secret, secrets::Mac::HmacSha256, b"message"));
    Some(match trial {
        "forged-core-event" => publish("cairn.document.created", "{}", 1),
        "forged-plugin-event" => publish("allow.steps.counted", r#"{"name":"x","there":1}"#, 1),
        "undeclared-event" => publish("hostile.trial.unheard", "{}", 1),
        "event-version" => publish("hostile.trial.asked", r#"{"trial":"none"}"#, 2),
        "event-schema" => publish("hostile.trial.asked", r#"{"not":"a trial"}"#, 1),
        "event-malformed" => publish("hostile.trial.asked", "{\"half\":", 1),
        "undeclared-job" => enqueue("unheard"),
        "other-job" => enqueue("allow.leaf"),
        "core-job" => enqueue("cairn.mail"),
        "cancel-other-job" => {
            match jobs::cancel(&[("leaf".into(), "steps".into()), ("allow.leaf".into(), "steps".into())]) {
                Ok(0) => "ok: nothing there".to_owned(),
                other => refused(other),
            }
        }
        "narrow-other" => refused(events::narrow("notes", None)),
        "secret-other" => sign("other-key"),
        "secret-traversal" => sign("../allow/key"),
        "secret-empty" => sign(""),
        _ => return None,
    })
}

/// The plugin's own event, which has the subscription `any` run a trial.
pub(crate) fn asked(trial: &str) -> events::Outgoing {
    let data = serde_json::json!({ "trial": trial }).to_string();
    events::Outgoing { name: "hostile.trial.asked".into(), key: trial.chars().take(40).collect(), data, version: 1 }
}

fn enqueue(name: &str) -> String {
    refused(jobs::enqueue(&[jobs::Job {
        name: name.into(),
        payload: "{}".into(),
        due: None,
        key: None,
        on_duplicate: jobs::Duplicate::Keep,
        lane: None,
    }]))
}
