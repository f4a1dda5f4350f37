//! A plugin that sets timers by the thousand, and counts how late each of them is: the bench of timers asks for it.

use cairn_plugin::bindings::{jobs, kv as raw};
use cairn_plugin::{BatchJobs, Call, Instant, Jobs, Outcome, Request, Response, Result, Routes, Task, time};
use serde::Deserialize;
use std::collections::BTreeMap;

struct Timers;

cairn_plugin::export!(Timers: routes, jobs, batch_jobs);

/// Prefix of the counters: behind it is a lag in milliseconds, with so many digits that keys sort as lags do.
const LAG: &str = "lag/";
/// Lags are rounded down to these steps, in milliseconds: up to the first number by the second.
const STEPS: [(i64, i64); 3] = [(1_000, 10), (10_000, 100), (i64::MAX, 1_000)];
/// Most keys of one call.
const PAGE: u32 = 500;

/// Timers to set: `count` of them, due one after another from `first` on, `every` milliseconds.
#[derive(Deserialize)]
struct TimerSeries {
    /// Job that each of them runs.
    job: String,
    first: Instant,
    every: f64,
    count: u32,
    /// Number of the first of them.
    from: u32,
}

impl Routes for Timers {
    fn handle(_call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "set" => set_timers(&request.json()?),
            "forget" => forget_lags(),
            _ => Response::json(200, &read_lags()?),
        }
    }
}

impl Jobs for Timers {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        count_lags(std::slice::from_ref(task))?;
        Ok(Outcome::DONE)
    }
}

impl BatchJobs for Timers {
    fn run_many(_call: &Call, tasks: &[Task]) -> Vec<Outcome> {
        let counted = count_lags(tasks);
        tasks.iter().map(|_| Outcome::of(counted.clone().map(|()| Outcome::DONE))).collect()
    }
}

fn set_timers(series: &TimerSeries) -> Result<Response> {
    let timer = |n: u32| jobs::Job {
        name: series.job.clone(),
        payload: "{}".to_owned(),
        due: Some(series.first + (f64::from(n) * series.every) as i64),
        key: Some((series.from + n).to_string()),
        on_duplicate: jobs::Duplicate::Refuse,
        lane: None,
    };
    jobs::enqueue(&(0..series.count).map(timer).collect::<Vec<_>>())?;
    Ok(Response::empty(204))
}

/// Counts each timer once, by how late it is.
fn count_lags(tasks: &[Task]) -> Result<()> {
    let now = time::now();
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for task in tasks {
        *counts.entry(format!("{LAG}{:08}", round_lag(now - task.due))).or_default() += 1;
    }
    counts.iter().try_for_each(|(key, count)| raw::increment(key, *count, None).map(drop))
}

fn round_lag(lag: i64) -> i64 {
    let lag = lag.max(0);
    let step = STEPS.iter().find(|(limit, _)| lag < *limit).map_or(1, |(_, step)| *step);
    lag - lag % step
}

/// How many timers were how late, by milliseconds.
fn read_lags() -> Result<BTreeMap<i64, i64>> {
    let mut lags = BTreeMap::new();
    let mut after = None;
    loop {
        let keys = raw::list_keys(LAG, after.as_deref(), PAGE)?;
        let entries = raw::get(&keys)?;
        for entry in entries.into_iter().flatten() {
            let count = String::from_utf8(entry.value).ok().and_then(|value| value.parse().ok()).unwrap_or(0);
            lags.insert(entry.key.trim_start_matches(LAG).parse().unwrap_or(0), count);
        }
        match keys.last() {
            Some(last) if keys.len() == PAGE as usize => after = Some(last.clone()),
            _ => return Ok(lags),
        }
    }
}

fn forget_lags() -> Result<Response> {
    loop {
        let keys = raw::list_keys(LAG, None, PAGE)?;
        if keys.is_empty() {
            return Ok(Response::empty(204));
        }
        raw::delete(&keys)?;
    }
}
