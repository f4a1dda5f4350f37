//! Vehicles: how they come to be, and what of them people change.

pub(crate) mod cancellation;
pub(crate) mod changes;
pub(crate) mod creation;
pub(crate) mod orders;
pub(crate) mod resumption;
pub(crate) mod vin;
pub(crate) mod won_deals;
