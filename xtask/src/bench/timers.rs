//! `cargo xtask bench --timers`: how late 100,000 timers of a plugin are, with its jobs in batches and one by one, and what others notice
//! meanwhile.

use super::options::Args;
use super::others::{Latencies, SCRATCH_TOKEN, prepare_project, run_others, server_command};
use super::table::markdown_table;
use crate::api::Api;
use crate::build::Profile;
use crate::plugin_package::pack_plugin;
use crate::{build, paths, wasm};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use ureq::http::Method;

/// Timers of a case, and how many of them are set in one request.
const TIMERS: u32 = 100_000;
const TIMERS_PER_REQUEST: u32 = 1_000;
/// From the setting of the timers until the first is due: long enough to set them all.
const LEAD: Duration = Duration::from_secs(90);
/// Others use the server for at least so long while timers run.
const SHORTEST_LOAD: Duration = Duration::from_secs(5);
/// Between two looks at how many have run.
const POLL: Duration = Duration::from_millis(250);
/// Longest that the timers may take from the moment that the first is due.
const PATIENCE: Duration = Duration::from_secs(900);
/// How jobs run, and the job of the guest that runs so.
const MODES: [(&str, &str); 2] = [("in batches of 200", "ring"), ("one by one", "ring-alone")];

/// When the timers are due: over so long a time from the first on.
struct Case {
    name: &'static str,
    span: Duration,
}

const CASES: [Case; 2] = [
    Case { name: "due within a minute", span: Duration::from_secs(60) },
    Case { name: "all due at one instant", span: Duration::ZERO },
];

/// Measures all cases and prints a table. Returns an error if a server does not start, a timer does not run, or one runs twice.
pub(super) fn run(args: &Args) -> Result<()> {
    wasm::build_components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    let package = pack_plugin(&binary, "plugins/guests/timers", None, |manifest| manifest)?;
    let project = prepare_project(&binary, "bench-timers", &package)?;
    let mut rows = String::new();
    for case in &CASES {
        for (mode, job) in MODES {
            let own = paths::scratch_folder("bench-timers-run")?;
            paths::copy_dir(&project, &own)?;
            let row = measure_case(&binary, &own, case, job).with_context(|| format!("{}, {mode}", case.name))?;
            rows += &format!("{}\t{mode}\t{row}\n", case.name);
        }
    }
    let head = [
        "100,000 timers",
        "jobs",
        "lag p50 ms",
        "p99",
        "latest",
        "timers a second",
        "others' reads p99 ms",
        "meanwhile",
        "others' writes p99 ms",
        "meanwhile",
    ];
    print!("{}", markdown_table(&head, &rows));
    Ok(())
}

/// Measures one case on a server of its own. Returns what the table says of it.
fn measure_case(binary: &Path, project: &Path, case: &Case, job: &str) -> Result<String> {
    let server = server_command(binary, project)?.start()?;
    let api = Api::new(&server.base, Some(SCRATCH_TOKEN));
    let quiet = run_others(&server, Duration::from_secs(15))?;
    let first = set_timers(&api, case, job)?;
    let meanwhile = run_others(&server, case.span.max(SHORTEST_LOAD))?;
    let took = wait_for_timers(&api, first)?;
    let lags = read_lags(&api)?;
    server.stop()?;
    Ok(describe_run(&lags, took, [&quiet, &meanwhile]))
}

/// Sets the timers and waits until the first is due. Returns that moment.
fn set_timers(api: &Api, case: &Case, job: &str) -> Result<Instant> {
    let (began, now) = (Instant::now(), SystemTime::UNIX_EPOCH.elapsed()?);
    let due = (now + LEAD).as_secs_f64() * 1e3;
    let every = case.span.as_secs_f64() * 1e3 / f64::from(TIMERS);
    for from in (0..TIMERS).step_by(TIMERS_PER_REQUEST as usize) {
        let first = (due + f64::from(from) * every) as i64;
        let series = json!({
            "job": job, "first": first, "every": every, "count": TIMERS_PER_REQUEST, "from": from,
        });
        let answer = api.send(Method::POST, "/api/timers/set", &series)?;
        if !answer.is_ok() {
            bail!("timers from {from}: status {}, {}", answer.status, answer.body);
        }
    }
    let left = LEAD.checked_sub(began.elapsed()).context("the first timer was due before all were set")?;
    println!("{TIMERS} timers set in {:.1} s", began.elapsed().as_secs_f64());
    thread::sleep(left);
    Ok(Instant::now())
}

/// Waits until all timers have run. Returns how long that took from the moment that the first was due.
fn wait_for_timers(api: &Api, first: Instant) -> Result<Duration> {
    loop {
        let ran: i64 = read_lags(api)?.iter().map(|(_, count)| count).sum();
        if ran == i64::from(TIMERS) {
            return Ok(first.elapsed());
        }
        if ran > i64::from(TIMERS) || first.elapsed() > PATIENCE {
            bail!("{ran} runs of {TIMERS} timers after {:.0} s", first.elapsed().as_secs_f64());
        }
        thread::sleep(POLL);
    }
}

/// How many timers were how late, by rising milliseconds.
fn read_lags(api: &Api) -> Result<Vec<(i64, i64)>> {
    let lags = api.get("/api/timers/lags")?.into_data("the lags")?;
    let lags = lags.as_object().context("the lags")?.iter();
    let parse = |(lag, count): (&String, &Value)| Some((lag.parse().ok()?, count.as_i64()?));
    let mut lags: Vec<(i64, i64)> = lags.map(parse).collect::<Option<_>>().context("a lag is not a number")?;
    lags.sort_unstable();
    Ok(lags)
}

fn describe_run(lags: &[(i64, i64)], took: Duration, [quiet, meanwhile]: [&Latencies; 2]) -> String {
    let rate = f64::from(TIMERS) / took.as_secs_f64();
    format!(
        "{}\t{}\t{}\t{rate:.0}\t{:.1}\t{:.1}\t{:.1}\t{:.1}",
        find_percentile(lags, 50),
        find_percentile(lags, 99),
        lags.last().map_or(0, |(lag, _)| *lag),
        quiet.reads.p99,
        meanwhile.reads.p99,
        quiet.writes.p99,
        meanwhile.writes.p99,
    )
}

/// The lag that so many hundredths of the timers do not exceed.
fn find_percentile(lags: &[(i64, i64)], percent: i64) -> i64 {
    let wanted = lags.iter().map(|(_, count)| count).sum::<i64>() * percent / 100;
    let mut seen = 0;
    for (lag, count) in lags {
        seen += count;
        if seen >= wanted {
            return *lag;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_from_counted_lags() {
        let lags = [(0, 50), (10, 40), (20, 9), (500, 1)];
        let at = |percent| find_percentile(&lags, percent);
        assert_eq!((at(50), at(90), at(99), at(100)), (0, 10, 20, 500));
        assert_eq!(find_percentile(&[], 99), 0);
    }
}
