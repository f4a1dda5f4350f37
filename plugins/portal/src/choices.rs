//! Choices of a vehicle's configuration: proposed, confirmed, and locked at a deadline.

pub(crate) mod changes;
pub(crate) mod confirmation;
pub(crate) mod deadline;
pub(crate) mod decision;
