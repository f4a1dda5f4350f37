//! Everything that a customer sees, in one response.

pub(crate) mod actions;
pub(crate) mod me;
pub(crate) mod pages;
pub(crate) mod parts;
pub(crate) mod vehicle;
