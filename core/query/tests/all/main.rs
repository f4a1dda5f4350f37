//! The planner against a sample model (`tests/model`) and, where it is at hand, the recorded conformance suite.

mod cases;
mod common;
mod conformance;
mod permissions;
mod policies;
mod properties;
mod render;
