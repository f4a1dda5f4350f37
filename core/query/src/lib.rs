//! The query language: REST parameters and row conditions → checked [`Plan`]s. Owns [`Access`]. Pure.

pub mod access;
pub mod plan;

pub use access::*;
pub use plan::*;
