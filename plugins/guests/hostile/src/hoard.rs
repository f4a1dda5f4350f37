//! Keeping more and more, and keeping others waiting.

use crate::report::{ended, error, until_refused};
use cairn_plugin::bindings::{data, events, jobs, kv};
use cairn_plugin::{Authority, Event};
use serde_json::json;
use std::time::Duration;

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    Some(match trial {
        "hoard-bytes" => until_refused(100, |n| kv::put(&[entry(&format!("hoard{n}"), 100 << 10)])),
        "hoard-less" => ended(kv::put(&[entry("hoard0", 10)])),
        "hoard-keys" => until_refused(100, |n| kv::increment(&format!("counter{n}"), 1, None)),
        "hoard-delete" => match kv::list_keys("", None, 1_000).and_then(|keys| kv::delete(&keys)) {
            Ok(n) => format!("ok: {n}"),
            Err(failed) => error(&failed),
        },
        "hoard-documents" => until_refused(100, |n| {
            let create = data::Create {
                content_type: "plugin::hostile.trial".into(),
                data: json!({ "title": format!("t{n}"), "kind": "none" }).to_string(),
                locale: None,
                status: data::Status::Published,
            };
            data::write(&[data::WriteOp::Create(create)], Authority::Plugin)
        }),
        "hoard-jobs" => until_refused(100, |n| jobs::enqueue(&[crate::flood::job(&n.to_string())])),
        "hoard-files" => until_refused(100, |_| {
            cairn_plugin::bindings::files::create("hoard.txt", "text/plain", &vec![b'x'; 100 << 10])
        }),
        "hoard-slow-jobs" => until_refused(100, |n| {
            let job =
                jobs::Job { payload: json!({ "trial": "slow" }).to_string(), ..crate::flood::job(&format!("slow{n}")) };
            jobs::enqueue(&[job])
        }),
        // Polite: it ends before its time is over, and commits.
        "hold-writer" => match data::Transaction::begin() {
            Ok(open) => {
                let written = kv::increment("held", 1, None);
                crate::burn::slow(Duration::from_millis(430));
                ended(written.and_then(|_| data::Transaction::commit(open)))
            }
            Err(failed) => error(&failed),
        },
        "hoard-events" => until_refused(100, |_| events::publish(&[crate::forge::asked("none")])),
        _ => return None,
    })
}

fn entry(key: &str, bytes: usize) -> kv::PutEntry {
    kv::PutEntry { key: key.to_owned(), value: vec![7; bytes], expires_in: None, expect_revision: None }
}

/// Publishes what wakes it again, as often as the trial says: `echo-1`. Whether it did.
pub(crate) fn echoed(trial: &str, events: &[Event]) -> bool {
    let Some(times) = trial.strip_prefix("echo-").and_then(|times| times.parse::<usize>().ok()) else { return false };
    events.iter().all(|_| (0..times).all(|_| events::publish(&[crate::forge::asked(trial)]).is_ok()))
}
