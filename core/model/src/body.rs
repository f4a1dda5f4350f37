//! The body of a write before its values are validated: which keys it may have, and which documents it refers to.

mod keys;
mod references;

pub use crate::links::RelationError;
pub use keys::{KeyError, check_keys};
pub use references::{DocumentReference, find_references};
