//! Memory: growing until the host says no, one giant block, a giant text across the border.

use cairn_plugin::bindings::{log, random};
use std::hint::black_box;

const MIB: usize = 1 << 20;

/// Runs the trial, if it is one of these.
pub(crate) fn run(trial: &str) -> Option<String> {
    match trial {
        "memory" => Some(format!("grew to {} MiB", grow())),
        "memory-hold" => {
            let mut blocks = Vec::new();
            loop {
                // Aborts by itself where it is refused.
                blocks.push(black_box(vec![1_u8; MIB]));
            }
        }
        "giant-block" => {
            let mut block: Vec<u8> = Vec::new();
            let refused = block.try_reserve_exact(1 << 30).is_err();
            Some(if refused { "refused".to_owned() } else { "leak: 1 GiB".to_owned() })
        }
        "giant-text" => {
            let text = "x".repeat(largest());
            log::emit(log::Level::Info, &text, &[]);
            Some(format!("{} MiB logged", text.len() / MIB))
        }
        "giant-random" => Some(format!("{} bytes", random::bytes(u32::MAX).len())),
        _ => None,
    }
}

/// Grows and touches a block at a time until refused, then gives all of it back. Returns the MiB it had.
fn grow() -> usize {
    let mut blocks: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut block = Vec::new();
        if block.try_reserve_exact(MIB).is_err() {
            return blocks.len();
        }
        block.resize(MIB, 1);
        blocks.push(black_box(block));
    }
}

/// The largest block that can be had, up to 1 GiB.
pub(crate) fn largest() -> usize {
    let mut size = 1 << 30;
    while size > MIB {
        if Vec::<u8>::new().try_reserve_exact(size).is_ok() {
            return size;
        }
        size /= 2;
    }
    size
}
