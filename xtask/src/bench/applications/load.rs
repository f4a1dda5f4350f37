//! Requests to an application: many of them to fill it, and one at a time to measure how long they take.

use anyhow::Result;
use std::thread;
use std::time::{Duration, Instant};

/// Requests of a case before those that count.
pub(super) const WARMUP_REQUESTS: usize = 20;
/// Requests of a case that count.
pub(super) const MEASURED_REQUESTS: usize = 300;
/// Clients that fill a server.
const LOADERS: usize = 2;

/// How long requests took.
pub(super) struct Percentiles {
    pub(super) p50: f64,
    pub(super) p95: f64,
}

/// Sends requests one at a time and times them; the number of each tells them apart.
pub(super) fn time_requests(count: usize, mut send: impl FnMut(usize) -> Result<()>) -> Result<Percentiles> {
    let mut times: Vec<Duration> = Vec::with_capacity(count);
    for n in 0..WARMUP_REQUESTS + count {
        let began = Instant::now();
        send(n)?;
        if n >= WARMUP_REQUESTS {
            times.push(began.elapsed());
        }
    }
    times.sort_unstable();
    let percentile = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    Ok(Percentiles { p50: percentile(50), p95: percentile(95) })
}

pub(super) fn print_times(name: &str, times: &Percentiles, target: &str) {
    println!("{name:30} p50 {:8.2} ms   p95 {:8.2} ms   {target}", times.p50, times.p95);
}

/// Runs something for each number below `count`, by several clients side by side.
pub(super) fn load(count: usize, send: impl Fn(usize) -> Result<()> + Sync) -> Result<()> {
    thread::scope(|scope| {
        let send = &send;
        let clients: Vec<_> =
            (0..LOADERS).map(|first| scope.spawn(move || (first..count).step_by(LOADERS).try_for_each(send))).collect();
        clients.into_iter().try_for_each(|client| client.join().map_err(|_| anyhow::anyhow!("a client ended"))?)
    })
}
