//! Messages with arguments, days, times, and amounts of money, formatted for a language, and the local times of zones. Pure: the data of
//! languages (CLDR, by ICU4X) and of time zones is part of the program.
//!
//! An unknown locale is treated as its language, and an unknown language as none in particular: nothing here fails
//! because of where somebody lives.

mod day;
mod instant;
mod locale;
mod message;
mod money;
mod zone;

pub use day::format_day;
pub use instant::{STYLES, format_instant};
pub use message::{MessageProblem, format_message};
pub use money::format_money;
pub use zone::{add_duration, to_instant, to_local};

/// An argument that cannot be formatted, and the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct FormatError {
    /// Name of the argument: `locale`, `zone`, `style`, `at`, `day`, `amount`, `currency`, `local`, `start` or `duration`.
    pub field: &'static str,
    /// Description of the problem, and what is expected.
    pub problem: String,
}

impl FormatError {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}
