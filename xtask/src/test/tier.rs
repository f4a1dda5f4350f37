//! How much of the tests is run.

/// How much of the tests is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tier {
    /// Tests by which the product is known to work: run on every commit.
    Gate,
    /// Everything: run for what a change touches, and before a release.
    Full,
}

impl Tier {
    /// The profile of `.config/nextest.toml` for tests on SQLite.
    pub(super) fn sqlite_profile(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Full => "full",
        }
    }

    /// Rounds of the crash test on each database.
    pub(super) fn crash_rounds(self) -> u32 {
        match self {
            Self::Gate => 4,
            Self::Full => 10,
        }
    }
}
