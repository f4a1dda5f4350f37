//! Production: five steps, in their order.

pub(crate) mod changes;
pub(crate) mod reports;
pub(crate) mod steps;
