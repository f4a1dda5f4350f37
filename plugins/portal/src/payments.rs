//! Payments of a vehicle: parts of the contract's amount, and when they are due.

pub(crate) mod changes;
pub(crate) mod overdue;
pub(crate) mod plan;
