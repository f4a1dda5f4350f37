//! Far too many calls, far too large arguments, things left open.

use crate::report::{ended, until_refused};
use cairn_plugin::Authority;
use cairn_plugin::bindings::{clock, data, events, jobs, kv, log, random};
use serde_json::json;
use std::hint::black_box;

const MILLION: u64 = 1_000_000;

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    Some(match trial {
        "log-flood" => unrefusable(|n| log::emit(log::Level::Error, &format!("line {n}"), &[])),
        "clock-flood" => unrefusable(|_| {
            black_box(clock::now());
        }),
        "id-flood" => unrefusable(|_| {
            black_box(random::new_id());
        }),
        "metric-flood" => unrefusable(|n| log::counter(&format!("m{n}"), 1, &[("label".into(), n.to_string())])),
        "log-fields" => {
            let field = |n: u32| (format!("field{n}"), log::Scalar::Text("x".repeat(1_000)));
            log::emit(log::Level::Info, "many fields", &(0..10_000).map(field).collect::<Vec<_>>());
            "ok".to_owned()
        }
        "log-control" => {
            log::emit(log::Level::Error, "a\r\n{\"level\":\"INFO\",\"forged\":true}\u{1b}[2J", &[]);
            "ok".to_owned()
        }
        "span-leak" => {
            let open: Vec<_> = (0..100_000).map(|n| log::Span::new(&format!("span{n}"), &Vec::new())).collect();
            let count = open.len();
            std::mem::forget(open);
            format!("{count} open")
        }
        "data-flood" => until_refused(MILLION, |_| {
            data::read(&[data::ReadOp::Count(crate::rows::query("plugin::hostile.trial"))], Authority::Plugin)
                .pop()
                .unwrap_or(Ok(data::Found::Count(0)))
        }),
        "kv-flood" => until_refused(MILLION, |n| kv::increment(&format!("key{n}"), 1, None)),
        "kv-huge" => {
            let value = vec![0_u8; 32 << 20];
            ended(kv::put(&[kv::PutEntry { key: "huge".into(), value, expires_in: None, expect_revision: None }]))
        }
        "kv-long-key" => ended(kv::increment(&"k".repeat(1 << 20), 1, None)),
        "kv-overflow" => until_refused(3, |_| kv::increment("overflow", i64::MAX, None)),
        "transaction-nest" => {
            let mut open = Vec::new();
            let report = until_refused(10_000, |_| data::Transaction::begin().map(|one| open.push(one)));
            while let Some(inner) = open.pop() {
                drop(inner);
            }
            report
        }
        "transaction-leak" => until_refused(10, |_| data::Transaction::begin().map(std::mem::forget)),
        "transaction-order" => wrong_order(),
        "transaction-late-commit" => late(data::Transaction::commit),
        "transaction-late-write" => late(|open| {
            let written = kv::increment("late", 1, None);
            drop(open);
            written.map(drop)
        }),
        "scan-leak" => until_refused(10_000, |_| {
            data::Scan::open(&crate::rows::query("plugin::hostile.trial"), Authority::Plugin).map(std::mem::forget)
        }),
        "job-flood" => until_refused(MILLION, |n| jobs::enqueue(&[job(&n.to_string())])),
        "job-list" => ended(jobs::enqueue(&(0..100_000).map(|n| job(&n.to_string())).collect::<Vec<_>>())),
        "event-flood" => until_refused(MILLION, |n| events::publish(&[event(&n.to_string(), "none")])),
        "event-huge" => ended(events::publish(&[event("huge", &"x".repeat(20 << 20))])),
        _ => return None,
    })
}

/// A million calls that have no way to say no: only a budget ends them.
fn unrefusable(mut call: impl FnMut(u64)) -> String {
    (0..MILLION).for_each(&mut call);
    format!("after {MILLION}: ok")
}

/// Closes an outer transaction before the one inside it.
fn wrong_order() -> String {
    let outer = data::Transaction::begin();
    let inner = data::Transaction::begin();
    match (outer, inner) {
        (Ok(outer), Ok(inner)) => {
            let first = ended(data::Transaction::commit(outer));
            let second = ended(data::Transaction::commit(inner));
            format!("outer {first}; inner {second}")
        }
        (outer, inner) => format!("outer {}; inner {}", ended(outer), ended(inner)),
    }
}

/// Goes on with a transaction whose time is over.
fn late(then: impl FnOnce(data::Transaction) -> cairn_plugin::Result<()>) -> String {
    match data::Transaction::begin() {
        Ok(open) => {
            std::thread::sleep(std::time::Duration::from_millis(1_500));
            ended(then(open))
        }
        failed => ended(failed),
    }
}

pub(crate) fn job(key: &str) -> jobs::Job {
    jobs::Job {
        name: "any".into(),
        payload: json!({ "trial": "none" }).to_string(),
        due: None,
        key: Some(key.into()),
        on_duplicate: jobs::Duplicate::Keep,
        lane: None,
    }
}

fn event(key: &str, trial: &str) -> events::Outgoing {
    events::Outgoing { key: key.into(), ..crate::forge::asked(trial) }
}
