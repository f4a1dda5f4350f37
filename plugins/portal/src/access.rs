//! People who see a vehicle: owners, and delegates with a scope and an end.

pub(crate) mod accounts;
pub(crate) mod audience;
pub(crate) mod changes;
pub(crate) mod invitations;
pub(crate) mod seen;
pub(crate) mod transfer;
