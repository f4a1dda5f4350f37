//! Links with which the owner of a vehicle shows others its delivery: photos and a message, and nothing that says whose it is.

pub(crate) mod changes;
mod creation;
mod delivery;
mod links;

pub(crate) use creation::create_share;
pub(crate) use delivery::respond_shared;
pub(crate) use links::{end_links, list_shares, revoke_as_staff, revoke_share};
