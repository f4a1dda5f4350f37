//! The body of a write before its values are looked at: which keys it may have, and which documents it names.

mod keys;
mod references;

pub use crate::links::RelationError;
pub use keys::{KeyError, check_keys};
pub use references::{Reference, references};
