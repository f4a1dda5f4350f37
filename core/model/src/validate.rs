//! Validation of values: request JSON to typed values ([`cast`]), the rules of a schema on typed values ([`check`]), and the values that an
//! update leaves out ([`merge`]). Messages and their order are those of the contract (CONTRACT.md, 13 and 14).

mod cast;
mod check;
mod condition;
mod error;
mod merge;

pub use cast::{Cast, CastMode, cast};
pub use check::{check, unique_error};
pub(crate) use condition::check_rule;
pub use error::FieldError;
pub(crate) use error::{At, float_json, print_float, print_number};
pub use merge::{ForeignComponent, merge};
