//! Preferences of customers: which mails of the portal they get, in which language, and when.

pub(crate) mod changes;
pub(crate) mod delivery;
pub(crate) mod model;
pub(crate) mod quiet_hours;
