//! A plugin that can be stopped in the midst of its work: before each thing that its handlers ask of the host they wait for a while, where the entry
//! `pause` names that place. A test kills the server meanwhile, and compares what is there afterwards with what an undisturbed run leaves.

use cairn_plugin::bindings::{clock, data, events, jobs, kv as raw};
use cairn_plugin::{Ack, Authority, Call, Event, Events, Jobs, Outcome, Result, Status, Task, kv};
use serde_json::json;
use std::hint::black_box;

struct Stepper;

cairn_plugin::export!(Stepper: events, jobs);

/// For how long it waits, in milliseconds: less than a handler of events may take.
const PAUSE: u64 = 380;

/// Waits, where `wanted` names this place. It asks the host for the time now and then, and for nothing else.
fn pause(wanted: Option<u32>, place: u32) {
    if wanted != Some(place) {
        return;
    }
    let began = clock::elapsed();
    while clock::elapsed().saturating_sub(began) < PAUSE {
        for turn in 0..2_000_000_u32 {
            black_box(turn);
        }
    }
}

fn log(title: &str) -> Result<()> {
    let create = data::Create {
        content_type: "plugin::stepper.log".to_owned(),
        data: json!({ "title": title }).to_string(),
        locale: None,
        status: Status::Published,
    };
    data::write(&[data::WriteOp::Create(create)], Authority::Plugin).map(drop)
}

impl Events for Stepper {
    fn handle(_call: &Call, _subscription: &str, events: &[Event]) -> Vec<Ack> {
        events.iter().map(|event| Ack::of(begun(event))).collect()
    }
}

/// Places 1 to 5, in the transaction that the position moves in.
fn begun(event: &Event) -> Result<()> {
    let at = kv::get::<u32>("pause")?;
    pause(at, 1);
    raw::increment("events", 1, None)?;
    pause(at, 2);
    log("begun")?;
    pause(at, 3);
    jobs::enqueue(&[jobs::Job {
        name: "work".to_owned(),
        payload: "{}".to_owned(),
        due: None,
        key: Some(event.key.clone()),
        on_duplicate: jobs::Duplicate::Refuse,
        lane: None,
    }])?;
    pause(at, 4);
    events::publish(&[events::Outgoing {
        name: "stepper.task.begun".to_owned(),
        key: event.key.clone(),
        data: "{}".to_owned(),
        version: 1,
    }])?;
    pause(at, 5);
    Ok(())
}

impl Jobs for Stepper {
    fn run(call: &Call, _task: &Task) -> Result<Outcome> {
        work(&call.idempotency_key)?;
        Ok(Outcome::DONE)
    }
}

/// Places 11 to 17: what it does is in one transaction with the note that it was done, so that to be called again does nothing.
fn work(key: &str) -> Result<()> {
    let at = kv::get::<u32>("pause")?;
    pause(at, 11);
    let open = data::Transaction::begin()?;
    pause(at, 12);
    let note = format!("done/{key}");
    if kv::get::<bool>(&note)?.is_some() {
        return Ok(());
    }
    pause(at, 13);
    raw::increment("jobs", 1, None)?;
    pause(at, 14);
    log("worked")?;
    pause(at, 15);
    kv::put(&note, &true)?;
    pause(at, 16);
    data::Transaction::commit(open)?;
    pause(at, 17);
    Ok(())
}
