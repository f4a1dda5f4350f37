//! Surveys: questions that owners are asked once something has happened to their vehicle.

pub(crate) mod changes;
pub(crate) mod closing;
pub(crate) mod model;
pub(crate) mod questions;
pub(crate) mod responses;
pub(crate) mod results;
pub(crate) mod triggers;
