//! Uploads into a real folder: what is stored, what is said of it, and what is left when something goes wrong.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod animations;
mod failures;
mod files;
mod fixture;
mod large;
mod names;
mod pictures;
mod transforms;
