//! Jobs: `steps` calls the host for each thing it can store, in a transaction or not, and fails where it is told to; `slices`
//! is cut into short calls; `leaf` and `tick` (a schedule) leave one log document; `many` counts, alone and in batches.

use crate::host::{self, LOG};
use crate::{Allow, batches};
use cairn_plugin::bindings::{data, events, jobs, kv};
use cairn_plugin::{Authority, Call, Jobs, Outcome, Result, Task, time};
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

impl Jobs for Allow {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            "steps" => steps(&task.payload()?),
            "slices" => slices(task),
            "unsteady" => Ok(unsteady(call, &task.payload()?)),
            "many" => batches::run_alone(task),
            "leaf" | "tick" => {
                host::log(&task.name, task.key.as_deref().unwrap_or_default(), Authority::Plugin)?;
                Ok(Outcome::DONE)
            }
            other => Ok(Outcome::Dead(format!("no such job: {other}"))),
        }
    }
}

/// How `steps` is to go.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Steps {
    /// Marks what this run leaves behind.
    name: String,
    /// All steps in one transaction, or each on its own.
    transaction: bool,
    /// `commit` (the transaction is dropped open), `trap` (after the last step) or nothing.
    fail: String,
}

impl Default for Steps {
    fn default() -> Self {
        Self { name: "steps".to_owned(), transaction: true, fail: String::new() }
    }
}

fn steps(steps: &Steps) -> Result<Outcome> {
    let transaction = if steps.transaction { Some(data::Transaction::begin()?) } else { None };
    let there = host::count(LOG, &json!({ "about": { "$eq": steps.name } }), Authority::Plugin)?;
    host::log("steps", &steps.name, Authority::Plugin)?;
    jobs::enqueue(&[job("leaf", &steps.name, Duration::ZERO), job("leaf", &format!("{}/later", steps.name), HOUR)])?;
    let value = there.to_string().into_bytes();
    kv::put(&[kv::PutEntry { key: format!("steps/{}", steps.name), value, expires_in: None, expect_revision: None }])?;
    let data = json!({ "name": steps.name, "there": there }).to_string();
    events::publish(&[events::Outgoing {
        name: "allow.steps.counted".to_owned(),
        key: steps.name.clone(),
        data,
        version: 1,
    }])?;
    assert!(steps.fail != "trap", "the payload asked for a trap");
    match transaction {
        Some(open) if steps.fail == "commit" => drop(open),
        Some(open) => data::Transaction::commit(open)?,
        None => {}
    }
    Ok(Outcome::Done(Some(json!({ "there": there }).to_string())))
}

const HOUR: Duration = Duration::from_secs(3_600);

fn job(name: &str, key: &str, after: Duration) -> jobs::Job {
    let due = time::now().saturating_add_unsigned(time::millis(after));
    jobs::Job {
        name: name.to_owned(),
        payload: "{}".to_owned(),
        due: (!after.is_zero()).then_some(due),
        key: Some(key.to_owned()),
        on_duplicate: jobs::Duplicate::Replace,
        lane: None,
    }
}

/// As many short calls as the payload's `slices` says; the checkpoint counts them.
fn slices(task: &Task) -> Result<Outcome> {
    #[derive(Deserialize)]
    struct Payload {
        slices: u32,
    }
    let wanted = task.payload::<Payload>()?.slices;
    let done = task.checkpoint::<u32>()?.unwrap_or(0) + 1;
    host::log("slices", &done.to_string(), Authority::Plugin)?;
    if done < wanted { Outcome::again(&done, Duration::ZERO) } else { Ok(Outcome::DONE) }
}

/// How `unsteady` is to end: `retry` (until the third attempt), `dead`, `trap` or done.
#[derive(Deserialize)]
struct End {
    end: String,
}

fn unsteady(call: &Call, end: &End) -> Outcome {
    match end.end.as_str() {
        "retry" if call.attempt < 3 => Outcome::Retry(("asked for".to_owned(), Some(10))),
        "dead" => Outcome::Dead("asked for".to_owned()),
        "trap" => panic!("the payload asked for a trap"),
        _ => Outcome::DONE,
    }
}
