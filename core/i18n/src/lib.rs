//! Texts with places to fill in, times, and amounts of money, as people of a language write them. Pure: the data of languages (CLDR, by
//! ICU4X) and of zones is in the program.
//!
//! A locale that nothing is known of is served as its language, and that as no language in particular: nothing here fails because of
//! where somebody lives.

mod instant;
mod locale;
mod message;
mod money;

pub use instant::{STYLES, instant};
pub use message::{MessageProblem, message};
pub use money::money;

/// Something that cannot be written: which argument, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct Unwritable {
    /// `locale`, `zone`, `style`, `at`, `amount` or `currency`.
    pub field: &'static str,
    /// What is wrong, and what is expected.
    pub problem: String,
}

impl Unwritable {
    fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { field, problem: problem.into() }
    }
}
