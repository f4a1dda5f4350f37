//! Pictures that are kept: made once, found again, within their quota, and never in anybody's way.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod concurrency;
mod disk;
mod fixture;
