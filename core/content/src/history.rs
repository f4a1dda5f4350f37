//! The history of documents: what every save left, and the way back.

mod record;
mod snapshot;

pub(crate) use record::{Made, record, record_deleted};
#[cfg(test)]
mod tests;
