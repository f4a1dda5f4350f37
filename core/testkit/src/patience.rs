//! How long a test waits before it gives up.

use std::time::Duration;

/// Factor by which tests wait longer than they would have to on a quiet machine. `cargo xtask test` sets it.
const VARIABLE: &str = "CAIRN_TEST_PATIENCE";

/// A limit for a quiet machine, as long as it is to be on this one: `CAIRN_TEST_PATIENCE` times as long, where that is set.
///
/// For limits only, such as how long something may take to arrive. A test that passes does not wait for its limit, so patience costs
/// nothing.
pub fn extend_limit(limit: Duration) -> Duration {
    limit.saturating_mul(read_factor(std::env::var(VARIABLE).ok().as_deref()))
}

/// The factor that a text names: a whole number from 1 on, and 1 where it is none.
fn read_factor(text: Option<&str>) -> u32 {
    text.and_then(|text| text.trim().parse().ok()).map_or(1, |factor: u32| factor.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_is_a_whole_number_from_1_on() {
        assert_eq!(
            [Some("5"), Some(" 12 "), Some("0"), Some("-3"), Some("x"), None].map(read_factor),
            [5, 12, 1, 1, 1, 1]
        );
    }
}
