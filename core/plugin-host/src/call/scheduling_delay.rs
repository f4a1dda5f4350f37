//! How long a thread was ready to run while the processors ran others. On a busy machine that can be most of what a call takes, and it is not
//! the call's own.

use std::time::Duration;

/// The delay of the thread that it was created on, from then on. It is zero where the operating system does not tell: only Linux does.
#[derive(Debug)]
pub(crate) struct SchedulingDelay {
    known: Option<Duration>,
}

impl SchedulingDelay {
    /// Begins now, on this thread. Costs about a microsecond.
    pub(crate) fn start() -> Self {
        Self { known: read_delay() }
    }

    /// The delay since the last call of this, or since it was created.
    pub(crate) fn take(&mut self) -> Duration {
        let now = read_delay();
        let added = now.zip(self.known).map_or(Duration::ZERO, |(now, known)| now.saturating_sub(known));
        self.known = now.or(self.known);
        added
    }
}

/// The delay of this thread since it began.
#[cfg(target_os = "linux")]
fn read_delay() -> Option<Duration> {
    use std::fs::File;
    use std::os::unix::fs::FileExt;

    thread_local! {
        /// Belongs to the thread that opens it.
        static STATISTICS: Option<File> = File::open("/proc/thread-self/schedstat").ok();
    }
    let mut buffer = [0; 96];
    let length = STATISTICS.with(|file| file.as_ref()?.read_at(&mut buffer, 0).ok())?;
    parse_delay(str::from_utf8(buffer.get(..length)?).ok()?)
}

#[cfg(not(target_os = "linux"))]
fn read_delay() -> Option<Duration> {
    None
}

/// The second of the numbers that the kernel shows: nanoseconds of running, nanoseconds of waiting for a processor, and time slices.
#[cfg(any(target_os = "linux", test))]
fn parse_delay(statistics: &str) -> Option<Duration> {
    statistics.split_whitespace().nth(1)?.parse().ok().map(Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_number_is_the_delay() {
        assert_eq!(parse_delay("2187563 72202 13\n"), Some(Duration::from_nanos(72_202)));
        for malformed in ["", "1", "1 x 2", "1 -2 3"] {
            assert_eq!(parse_delay(malformed), None, "{malformed}");
        }
    }

    /// More threads that compute than there are processors: each waits for a part of the time.
    #[cfg(target_os = "linux")]
    #[test]
    fn threads_that_share_a_processor_are_delayed() {
        use std::time::Instant;

        let count = 4 * std::thread::available_parallelism().map_or(1, usize::from);
        let compute = |_| {
            std::thread::spawn(|| {
                let (mut delay, began) = (SchedulingDelay::start(), Instant::now());
                while began.elapsed() < Duration::from_millis(300) {}
                let (first, second) = (delay.take(), delay.take());
                assert!(second < first, "{second:?} after {first:?}: a delay is told once");
                first
            })
        };
        let threads: Vec<_> = (0..count).map(compute).collect();
        let delays: Vec<Duration> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let total: Duration = delays.iter().sum();
        assert!(total > Duration::from_millis(300), "{delays:?}");
        let mut idle = SchedulingDelay::start();
        std::thread::sleep(Duration::from_millis(50));
        assert!(idle.take() < Duration::from_secs(5));
    }
}
