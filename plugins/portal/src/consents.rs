//! Consents of customers, and the ledger of them: lines are added, and none is ever changed.

pub(crate) mod changes;
pub(crate) mod ledger;
pub(crate) mod model;
pub(crate) mod purposes;
