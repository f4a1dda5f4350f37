//! A plugin that can be stopped in the midst of its work: before each thing that its handlers ask of the host they wait for a while, where the entry
//! `pause` names that place. A test kills the server meanwhile, and compares what is there afterwards with what an undisturbed run leaves.

use cairn_plugin::bindings::{clock, data, events, jobs, kv as raw};
use cairn_plugin::{Ack, Authority, BatchJobs, Call, Event, Events, Jobs, Outcome, Result, Status, Task, kv};
use serde_json::json;
use std::hint::black_box;

struct Stepper;

cairn_plugin::export!(Stepper: events, jobs, batch_jobs);

/// For how long it waits, in milliseconds: less than a handler of events may take.
const PAUSE: u64 = 380;

/// Time that a tally takes, in milliseconds: a kill comes in the midst of many.
const TALLY_TIME: u64 = 1;

/// Waits, where `wanted` names this place.
fn pause(wanted: Option<u32>, place: u32) {
    if wanted == Some(place) {
        spend(PAUSE);
    }
}

/// Lets so many milliseconds go by. It asks the host for the time now and then, and for nothing else.
fn spend(time: u64) {
    let began = clock::elapsed();
    while clock::elapsed().saturating_sub(began) < time {
        for turn in 0..1_000_000_u32 {
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
    enqueue_tallies(kv::get::<u32>("tallies")?.unwrap_or(0))
}

impl Jobs for Stepper {
    fn run(call: &Call, task: &Task) -> Result<Outcome> {
        match task.name.as_str() {
            "tally" => tally_alone(&call.idempotency_key, task)?,
            _ => work(&call.idempotency_key)?,
        }
        Ok(Outcome::DONE)
    }
}

impl BatchJobs for Stepper {
    fn run_many(_call: &Call, tasks: &[Task]) -> Vec<Outcome> {
        let done = raw::increment("batches", 1, None).and_then(|_| tasks.iter().try_for_each(tally));
        tasks.iter().map(|_| Outcome::of(done.clone().map(|()| Outcome::DONE))).collect()
    }
}

/// Enqueues as many jobs as a test asked for, to be done in batches.
fn enqueue_tallies(count: u32) -> Result<()> {
    let tally = |n: u32| jobs::Job {
        name: "tally".to_owned(),
        payload: "{}".to_owned(),
        due: None,
        key: Some(n.to_string()),
        on_duplicate: jobs::Duplicate::Refuse,
        lane: None,
    };
    if count == 0 {
        return Ok(());
    }
    jobs::enqueue(&(0..count).map(tally).collect::<Vec<_>>()).map(drop)
}

/// Counts a job, in the transaction of its batch or of its own.
fn tally(task: &Task) -> Result<()> {
    spend(TALLY_TIME);
    raw::increment(&format!("tally/{}", task.key.as_deref().unwrap_or_default()), 1, None).map(drop)
}

/// Counts a job outside of batches, with a note that it was counted.
fn tally_alone(key: &str, task: &Task) -> Result<()> {
    let open = data::Transaction::begin()?;
    let note = format!("done/{key}");
    if kv::get::<bool>(&note)?.is_none() {
        tally(task)?;
        kv::put(&note, &true)?;
    }
    data::Transaction::commit(open)
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
