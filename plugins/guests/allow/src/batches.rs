//! The job `many`, in batches and alone. Each that is done counts `many/<n>` up, each call `many-calls/batch` or `many-calls/alone`.

use crate::Allow;
use cairn_plugin::bindings::kv;
use cairn_plugin::{BatchJobs, Call, Outcome, Result, Task};
use serde::Deserialize;
use std::time::Duration;

/// The number of a job, and how it is to end.
#[derive(Deserialize)]
struct Payload {
    n: u32,
    /// `again` (once), `retry`, `dead` or `trap`; in batches alone `few` (an outcome is missing), `endless` and `broken` (a trap); or
    /// nothing.
    #[serde(default)]
    end: String,
}

impl BatchJobs for Allow {
    fn run_many(_call: &Call, tasks: &[Task]) -> Vec<Outcome> {
        match run_all("batch", tasks) {
            Ok(outcomes) => outcomes,
            Err(error) => tasks.iter().map(|_| Outcome::of(Err(error.clone()))).collect(),
        }
    }
}

/// The same for one job, outside of batches.
pub(crate) fn run_alone(task: &Task) -> Result<Outcome> {
    Ok(run_all("alone", std::slice::from_ref(task))?.pop().unwrap_or(Outcome::DONE))
}

fn run_all(by: &str, tasks: &[Task]) -> Result<Vec<Outcome>> {
    kv::increment(&format!("many-calls/{by}"), 1, None)?;
    let (mut outcomes, mut done) = (Vec::with_capacity(tasks.len()), Vec::new());
    for task in tasks {
        let payload: Payload = task.payload()?;
        let in_batch = by == "batch";
        let outcome = match payload.end.as_str() {
            "again" if task.checkpoint.is_none() => Outcome::again(&1, Duration::ZERO)?,
            "retry" => Outcome::Retry(("asked for".to_owned(), None)),
            "dead" => Outcome::Dead("asked for".to_owned()),
            "trap" => panic!("the payload asked for a trap"),
            "broken" if in_batch => panic!("the payload asked for a trap in batches"),
            "endless" if in_batch => loop {
                std::hint::spin_loop();
            },
            "few" if in_batch => continue,
            _ => Outcome::DONE,
        };
        if outcome == Outcome::DONE {
            done.push(format!("many/{}", payload.n));
        }
        outcomes.push(outcome);
    }
    // Written whatever becomes of the others: where one fails, the host undoes it.
    let before = kv::get(&done)?;
    let counted = done.into_iter().zip(before).map(|(key, before)| {
        let count = before.and_then(|entry| String::from_utf8(entry.value).ok()?.parse::<u32>().ok()).unwrap_or(0) + 1;
        kv::PutEntry { key, value: count.to_string().into_bytes(), expires_in: None, expect_revision: None }
    });
    kv::put(&counted.collect::<Vec<_>>())?;
    Ok(outcomes)
}
