//! Time, stack and life: endless work, deep recursion, ends of all kinds.

use cairn_plugin::bindings::{clock, log};
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    match trial {
        "loop" => spin(),
        "spin-in-calls" => loop {
            black_box(clock::now());
        },
        "sleep" => std::thread::sleep(Duration::from_secs(3_600)),
        "slow" => slow(Duration::from_millis(200)),
        "clock-steps" => return Some(clock_steps()),
        "recursion" => return Some(format!("depth {}", deep(0))),
        "panic" => panic!("a message with \"quotes\", \u{1b}[31mcolour\u{1b}[0m and\na second line"),
        "unreachable" => std::process::abort(),
        "exit" => std::process::exit(0),
        "panic-in-span" => {
            let _span = log::Span::new("open", &Vec::new());
            panic!("with a span open");
        }
        _ => return None,
    }
    Some("ok".to_owned())
}

fn spin() {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

/// Work that ends, but not soon: for time-outs that are not far off.
pub(crate) fn slow(span: Duration) {
    // Cairn's own clock takes a call for each look, and the number of calls is limited.
    let began = Instant::now();
    while began.elapsed() < span {
        for n in 0..100_000_u32 {
            black_box(n);
        }
    }
}

/// The smallest step that its clocks take, what the time of day has beyond whole milliseconds, and whether it gets a thread to count in.
#[expect(clippy::disallowed_methods, reason = "it measures the very clock that the host gives it")]
fn clock_steps() -> String {
    let (began, mut previous_instant, mut smallest) = (Instant::now(), Instant::now(), u128::MAX);
    while began.elapsed() < Duration::from_millis(200) {
        let now = Instant::now();
        let step = now.duration_since(previous_instant).as_nanos();
        if step > 0 {
            (smallest, previous_instant) = (smallest.min(step), now);
        }
    }
    let beyond = SystemTime::now().duration_since(UNIX_EPOCH).map_or(u32::MAX, |time| time.subsec_nanos() % 1_000_000);
    let thread = std::thread::Builder::new().spawn(|| ()).is_ok();
    format!("a step of {smallest} ns, {beyond} ns beyond, a thread: {thread}")
}

/// Not a tail call: each level keeps its buffer.
fn deep(level: u64) -> u64 {
    let buffer = black_box([u8::try_from(level % 251).unwrap_or(0); 256]);
    // Never true, but the compiler cannot know.
    if black_box(level) == u64::MAX {
        return level;
    }
    deep(level + 1) + u64::from(black_box(buffer)[7] & 1)
}
